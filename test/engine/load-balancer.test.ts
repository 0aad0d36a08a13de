/** Gateway Load Balancers in the fabric: what an appliance gets, what it may send back, and who gets which flow. */
import fc from 'fast-check';
import t from 'tap';
import { ETHERNET_HEADER_SIZE } from '../../src/packet/ethernet.ts';
import { GENEVE_HEADER_SIZE } from '../../src/packet/geneve.ts';
import { dissect } from '../packet/dissect.ts';
import { hasTshark, tsharkFields } from '../packet/tshark.ts';
import { BalancerBench, SERVER, type Wrapped, wrapped } from './balancer-bench.ts';
import { ip } from './bench.ts';
import { arrival } from './edge-bench.ts';
import { ACK, ALL, SYN, SYN_ACK } from './filter-bench.ts';
import { echoFrame, ip6, tcpFrame, udpFrame } from './frames.ts';
import { injectSuper, segmentsOf, superFrameOn } from './super-frame.ts';

const UDP_HEADER = 8;
/** Where the packet inside starts in the datagram that an appliance gets. */
const INSIDE = UDP_HEADER + GENEVE_HEADER_SIZE;
const TCP_IDLE_MS = 350_000;
const OTHER_IDLE_MS = 120_000;

const REBALANCE = {
  'target_failover.on_deregistration': 'rebalance',
  'target_failover.on_unhealthy': 'rebalance',
};

function sticky(type: string): Record<string, string> {
  return { 'stickiness.enabled': 'true', 'stickiness.type': type };
}

/** What a guest sends to a port of the server. */
function udp(made: BalancerBench, port: number): Uint8Array {
  return udpFrame(made.from('w1', made.address('w1'), SERVER), [40_000, port]);
}

function tcp(made: BalancerBench, port: number, flags = SYN): Uint8Array {
  return tcpFrame(made.from('w1', made.address('w1'), SERVER), [40_000, port], flags);
}

function knock(made: BalancerBench, frame: Uint8Array): Wrapped {
  return wrapped(made.inject('w1', frame));
}

/** @returns by appliance how many of the ports 1 to `count` went there. */
function spread(made: BalancerBench, count: number): Record<string, number> {
  const found: Record<string, number> = {};
  for (let port = 1; port <= count; port++) {
    const { to } = knock(made, udp(made, port));
    found[to] = (found[to] ?? 0) + 1;
  }
  return found;
}

t.test('[GWLB-1] an appliance gets the packet in Geneve with the ids of AWS', async (t) => {
  const made = new BalancerBench();
  const frame = udp(made, 53);
  const node = made.node;
  for (const attempt of ['decided', 'remembered']) {
    const got = knock(made, frame);
    t.equal(got.node, node, `${attempt}: from the node`);
    t.same(got.packet, frame.subarray(ETHERNET_HEADER_SIZE), 'the packet is untouched');
    const hex = Buffer.from(got.header).toString('hex');
    const id = made.endpoint.slice(-16);
    t.match(
      hex,
      new RegExp(
        `^0800080000000000010801 02${id}01080202[0-9a-f]{16}01080301[0-9a-f]{8}$`.replace(' ', ''),
      ),
    );
  }
});

t.test('[GWLB-1] tshark reads it so', { skip: !hasTshark }, async (t) => {
  const made = new BalancerBench();
  const [delivered] = made.inject('w1', udp(made, 53)).delivered;
  const fields = [
    'geneve.option.type',
    'geneve.proto_type',
    'ip.dst',
    'udp.dstport',
    'ip.checksum.status',
  ];
  const [row = []] = tsharkFields(t.testdir(), [delivered?.frame ?? new Uint8Array()], fields);
  t.match(row.slice(1), ['0x0800', /^10\.9\.1\.1[12],198\.51\.100\.10$/, '6081,53', '1,1']);
});

t.test('[GWLB-2] what comes back goes on from the endpoint, as the guest sent it', async (t) => {
  const made = new BalancerBench();
  const elastic = made.elastic1;
  for (const attempt of ['decided', 'remembered']) {
    const out = arrival(made.giveBack(knock(made, udp(made, 53))));
    t.match(out, { to: 'server', ip: { source: elastic, destination: SERVER, ttl: 64 } }, attempt);
    t.match(out.upper, { sourcePort: 40_000, destinationPort: 53 });
  }
});

t.test(
  '[GWLB-2] [EDGE-3] what enters goes the same way, to the appliance that has the flow',
  async (t) => {
    const made = new BalancerBench();
    made.steerIngress('10.0.1.0/24');
    const elastic = made.elastic1;
    const own = made.address('w1');
    for (let port = 1; port <= 8; port++) {
      const there = knock(made, tcp(made, port));
      made.giveBack(there);
      const answer = tcpFrame(made.from('server', SERVER, elastic), [port, 40_000], ACK);
      const back = wrapped(made.inject('server', answer));
      t.equal(back.to, there.to, 'both ways by one appliance');
      t.same(back.header, there.header);
      const end = arrival(made.giveBack(back));
      t.match(end, { to: 'w1', ip: { source: SERVER, destination: own } });
    }
  },
);

t.test('[GWLB-2] an appliance sends back what it was given, or it is lost', async (t) => {
  const made = new BalancerBench();
  const given = knock(made, udp(made, 53));
  const other = given.to === 'a1' ? 'a2' : 'a1';
  const spoiled: readonly (readonly [string, number, string])[] = [
    ['version', UDP_HEADER, 'GENEVE_MALFORMED'],
    ['network', UDP_HEADER + 5, 'GENEVE_MALFORMED'],
    ['class of an option', UDP_HEADER + 8, 'GENEVE_MALFORMED'],
    ['type of an option', UDP_HEADER + 22, 'GENEVE_MALFORMED'],
    ['length of an option', UDP_HEADER + 35, 'GENEVE_MALFORMED'],
    ['endpoint', UDP_HEADER + 19, 'GENEVE_ENDPOINT_UNKNOWN'],
    ['attachment, first half', UDP_HEADER + 25, 'GENEVE_ENDPOINT_UNKNOWN'],
    ['attachment', UDP_HEADER + 31, 'GENEVE_ENDPOINT_UNKNOWN'],
    ['cookie', UDP_HEADER + 39, 'GENEVE_FLOW_UNKNOWN'],
    ['port of the packet', INSIDE + 20, 'GENEVE_FLOW_UNKNOWN'],
    ['version of the packet', INSIDE, 'BAD_IPV4_VERSION'],
  ];
  for (const [what, at, counter] of spoiled) {
    const change = (datagram: Uint8Array): void => {
      datagram[at] = (datagram[at] ?? 0) ^ 0xff;
    };
    t.match(made.giveBack(given, change), { counter, delivered: [] }, what);
  }
  t.match(made.giveBack({ ...given, to: other }), { counter: 'GENEVE_FLOW_UNKNOWN' }, 'another');
  t.equal(made.giveBack(given).counter, 'forwarded', 'and unspoiled it passes');
});

t.test('[GWLB-2] a datagram that ends in the header is malformed', async (t) => {
  const made = new BalancerBench();
  const given = knock(made, udp(made, 53));
  for (const size of [UDP_HEADER, UDP_HEADER + 12, INSIDE - 1]) {
    const cut = { ...given, datagram: given.datagram.slice(0, size) };
    t.equal(made.giveBack(cut).counter, 'GENEVE_MALFORMED', `${size} bytes`);
  }
  const empty = { ...given, datagram: given.datagram.slice(0, INSIDE) };
  t.equal(made.giveBack(empty).counter, 'TRUNCATED_IPV4');
});

t.test(
  '[GWLB-2] whatever an appliance sends to a node meets one end, and nobody else’s flow',
  async (t) => {
    const made = new BalancerBench();
    const given = knock(made, udp(made, 53));
    const changes = fc.array(fc.tuple(fc.nat(INSIDE + 27), fc.integer({ min: 1, max: 255 })), {
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(changes, fc.nat(INSIDE + 28), (flips, size) => {
        // The bench checks that one counter of the appliance has moved.
        const outcome = made.giveBack(
          { ...given, datagram: given.datagram.slice(0, size) },
          (datagram) => {
            for (const [at, bits] of flips) datagram[at] = (datagram[at] ?? 0) ^ bits;
          },
        );
        for (const { to, frame } of outcome.delivered) {
          t.equal(to, 'server');
          t.match(dissect(frame, { skipChecksum: true }).upper, { destinationPort: 53 });
        }
      }),
      { numRuns: 500, seed: 6081 },
    );
  },
);

t.test('[GWLB-3] each flow of five sticks to one of all appliances', async (t) => {
  const made = new BalancerBench();
  const found = spread(made, 64);
  t.same(Object.keys(found).toSorted(), ['a1', 'a2']);
  t.ok(
    Object.values(found).every((count) => count >= 16),
    JSON.stringify(found),
  );
});

t.test('[GWLB-3] addresses and protocol, or addresses alone, can be what sticks', async (t) => {
  for (const stickiness of ['source_ip_dest_ip_proto', 'source_ip_dest_ip'] as const) {
    const made = new BalancerBench({ group: sticky(stickiness) });
    t.equal(Object.keys(spread(made, 32)).length, 1, stickiness);
  }
  const made = new BalancerBench({ group: sticky('source_ip_dest_ip') });
  for (let host = 1; host <= 16; host++) {
    const ends = made.from('w1', made.address('w1'), ip(`198.51.100.${host}`));
    const byUdp = knock(made, udpFrame(ends, [40_000, 53]));
    const byTcp = knock(made, tcpFrame(ends, [40_000, 80], SYN));
    t.equal(byTcp.to, byUdp.to, 'whatever the protocol');
  }
});

t.test('[GWLB-3] the echo and its answer are one flow', async (t) => {
  const made = new BalancerBench();
  made.steerIngress('10.0.1.0/24');
  const elastic = made.elastic1;
  const ends = made.from('w1', made.address('w1'), SERVER);
  for (let identifier = 1; identifier <= 8; identifier++) {
    const there = knock(made, echoFrame(ends, 'echo-request', identifier));
    const reply = echoFrame(made.from('server', SERVER, elastic), 'echo-reply', identifier);
    t.equal(wrapped(made.inject('server', reply)).to, there.to);
  }
});

/** What is on one appliance before it fails. */
function flowOn(
  made: BalancerBench,
  name: string,
  frame: (port: number) => Uint8Array,
): Uint8Array {
  for (let port = 1; port <= 64; port++) {
    const each = frame(port);
    if (knock(made, each).to === name) return each;
  }
  throw new Error(`no flow went to ${name}`);
}

t.test(
  '[GWLB-4] a flow that was idle is given anew: TCP after 350 s, others after 120 s',
  async (t) => {
    const kinds = [
      ['TCP', (made: BalancerBench) => (port: number) => tcp(made, port), TCP_IDLE_MS],
      ['UDP', (made: BalancerBench) => (port: number) => udp(made, port), OTHER_IDLE_MS],
    ] as const;
    for (const [name, frames, idleMs] of kinds) {
      const made = new BalancerBench();
      const flow = flowOn(made, 'a1', frames(made));
      made.health('a1', 'unhealthy');
      made.nowMs += idleMs - 1;
      t.equal(knock(made, flow).to, 'a1', `${name} is there`);
      made.nowMs += idleMs;
      t.equal(knock(made, flow).to, 'a2', `${name} is forgotten`);
    }
    const made = new BalancerBench({ tcpIdleSeconds: 6000 });
    const flow = flowOn(made, 'a1', (port) => tcp(made, port));
    made.health('a1', 'unhealthy');
    made.nowMs += 5_999_000;
    t.equal(knock(made, flow).to, 'a1', 'the listener may have TCP stay longer');
  },
);

t.test('[GWLB-4] what is in use is not idle, also where nobody decides any more', async (t) => {
  const made = new BalancerBench();
  made.steerIngress('10.0.1.0/24');
  made.giveBack(knock(made, tcp(made, 80)));
  const answer = tcpFrame(made.from('server', SERVER, made.elastic1), [80, 40_000], SYN_ACK);
  made.giveBack(wrapped(made.inject('server', answer)));
  const segment = tcp(made, 80, ACK);
  const first = knock(made, segment);
  for (let times = 1; times <= 3; times++) {
    made.nowMs += TCP_IDLE_MS - 1;
    t.same(knock(made, segment).header, first.header, 'the same flow');
  }
  made.nowMs += TCP_IDLE_MS;
  t.notSame(knock(made, segment).header, first.header, 'another flow, with another cookie');
});

t.test('[GWLB-5] packets of 8500 bytes pass, larger ones are lost without a word', async (t) => {
  const made = new BalancerBench();
  const ends = made.from('w1', made.address('w1'), SERVER);
  const sized = (size: number) =>
    udpFrame(ends, [40_000, 53], { dontFragment: true }, new Uint8Array(size - 28));
  t.equal(knock(made, sized(8500)).packet.length, 8500);
  t.match(made.inject('w1', sized(8501)), { counter: 'MTU_EXCEEDED', delivered: [] });
});

t.test('[GWLB-5] a super-frame is cut before it is wrapped, checksums complete', async (t) => {
  const made = new BalancerBench();
  const way = {
    sourceMac: made.mac('w1'),
    destinationMac: made.routerMac('w1'),
    ipv4: [made.address('w1'), SERVER] as const,
    ipv6: [ip6('2001:db8::1'), ip6('2001:db8::2')] as const,
  };
  const sent = superFrameOn(way, { gsoSize: 1460, payload: new Uint8Array(20_000).fill(7) });
  const { counter, delivered } = injectSuper(made, 'w1', sent);
  t.equal(counter, 'forwarded');
  const segments = segmentsOf(sent);
  t.equal(delivered.length, segments.length);
  delivered.forEach((each, index) => {
    const inner = each.frame.subarray(ETHERNET_HEADER_SIZE + 20 + INSIDE);
    t.same(inner, segments[index]?.subarray(ETHERNET_HEADER_SIZE));
  });
});

t.test('[MTU-4] behind the endpoint the guest is told of a packet that is too big', async (t) => {
  const made = new BalancerBench();
  const ends = made.from('w1', made.address('w1'), SERVER);
  const big = udpFrame(ends, [40_000, 53], { dontFragment: true }, new Uint8Array(4000));
  const outcome = made.giveBack(knock(made, big));
  t.match(outcome, { counter: 'answered', delivered: [{ to: 'w1' }] });
  t.match(dissect(outcome.delivered[0]?.frame ?? new Uint8Array()).upper, {
    kind: 'unreachable',
    nextHopMtu: 1500,
  });
});

t.test('[GWLB-7] flows stay with an appliance that fails, new ones go to the others', async (t) => {
  const made = new BalancerBench();
  const flow = flowOn(made, 'a1', (port) => udp(made, port));
  const failures = {
    unhealthy: () => made.health('a1', 'unhealthy'),
    draining: () => made.deregister('a1'),
  };
  for (const [state, fail] of Object.entries(failures)) {
    fail();
    t.equal(knock(made, flow).to, 'a1', `${state}: the flow stays`);
    t.equal(made.giveBack(knock(made, flow)).counter, 'forwarded', 'and comes back');
    t.same(Object.keys(spreadFrom(made, 100)), ['a2'], `${state}: new flows`);
  }
});

t.test('[GWLB-7] with rebalancing flows leave an appliance that fails', async (t) => {
  const made = new BalancerBench({ group: REBALANCE });
  const flow = flowOn(made, 'a1', (port) => udp(made, port));
  const given = knock(made, flow);
  made.health('a1', 'unhealthy');
  t.equal(knock(made, flow).to, 'a2');
  t.equal(made.giveBack(given).counter, 'GENEVE_FLOW_UNKNOWN', 'the failed one has it no more');
});

t.test('[GWLB-7] when none is healthy any takes flows; without any they are lost', async (t) => {
  const made = new BalancerBench();
  made.health('a1', 'unhealthy');
  made.health('a2', 'initial');
  t.same(Object.keys(spread(made, 32)).toSorted(), ['a1', 'a2']);
  made.deregister('a1');
  t.same(Object.keys(spreadFrom(made, 200)), ['a2'], 'but one that leaves takes none');
  made.act('StopInstances', { InstanceIds: [made.instanceId('a2')] });
  t.match(made.inject('w1', udp(made, 999)), { counter: 'GWLB_NO_TARGET', delivered: [] });
});

t.test(
  '[GWLB-8] an endpoint in the subnet that it serves never gets rid of a packet',
  async (t) => {
    const made = new BalancerBench();
    made.routeThrough('endpoints', '0.0.0.0/0');
    const outcome = made.giveBack(knock(made, udp(made, 53)));
    t.match(outcome, { counter: 'GWLB_ENDPOINT_LOOP', delivered: [] });
  },
);

t.test(
  '[GWLB-8] an answer that did not come by the balancer before is a flow of its own',
  async (t) => {
    const made = new BalancerBench();
    made.steerIngress('10.0.1.0/24');
    const elastic = made.elastic1;
    const unasked = udpFrame(made.from('server', SERVER, elastic), [53, 40_000]);
    const first = wrapped(made.inject('server', unasked));
    t.equal(knock(made, udp(made, 53)).to, first.to, 'who was first is asked both ways');
  },
);

t.test(
  '[GWLB-8] the network ACLs of endpoint and node are asked, and the groups of the appliance',
  async (t) => {
    const made = new BalancerBench();
    const given = knock(made, udp(made, 53));
    const closed = made.acl('endpoints');
    t.equal(
      made.inject('w1', udp(made, 53)).counter,
      'SUBNET_ACL_RESTRICTION',
      'into the endpoint',
    );
    made.entry(closed, 'ingress', 1, 'allow', ALL);
    t.equal(made.inject('w1', udp(made, 53)).counter, 'forwarded');
    t.equal(made.giveBack(given).counter, 'SUBNET_ACL_RESTRICTION', 'out of it');
    made.entry(closed, 'egress', 1, 'allow', ALL);
    t.equal(made.giveBack(given).counter, 'forwarded');
    const walled = made.acl('nodes');
    t.equal(made.inject('w1', udp(made, 53)).counter, 'SUBNET_ACL_RESTRICTION', 'out of the node');
    made.entry(walled, 'egress', 1, 'allow', ALL);
    t.equal(made.giveBack(knock(made, udp(made, 53))).counter, 'SUBNET_ACL_RESTRICTION', 'into it');
    made.entry(walled, 'ingress', 1, 'allow', ALL);
    t.equal(made.giveBack(given).counter, 'forwarded');
    made.closeDefaultGroup(made.securityVpc);
    t.equal(made.inject('w1', udp(made, 54)).counter, 'ENI_SG_RULES_MISMATCH', 'of the appliance');
  },
);

/** As `spread`, of 32 ports that were not asked for yet. */
function spreadFrom(made: BalancerBench, first: number): Record<string, number> {
  const found: Record<string, number> = {};
  for (let port = first; port < first + 32; port++) {
    const { to } = knock(made, udp(made, port));
    found[to] = (found[to] ?? 0) + 1;
  }
  return found;
}
