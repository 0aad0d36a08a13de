/** The flow table: the same with and without it, bounded, and true after every change. */
import assert from 'node:assert/strict';
import t from 'tap';
import { createRandom, type Random } from '../../scripts/mutate.ts';
import { ApiError } from '../../src/actions/api-error.ts';
import { MAC_BROADCAST } from '../../src/addr/mac.ts';
import { FlowTable } from '../../src/dataplane/flow/flow-table.ts';
import { ParsedFrame } from '../../src/dataplane/parse.ts';
import { FORWARD, REWRITE_MACS, Verdict } from '../../src/dataplane/verdict.ts';
import type { SubnetId } from '../../src/model/ids.ts';
import { networkAclOfSubnet } from '../../src/model/lookups/filters.ts';
import { TCP_ACK, TCP_FIN, TCP_RST, TCP_SYN } from '../../src/packet/tcp.ts';
import { ip, type Outcome } from './bench.ts';
import { ALL, FilterBench, type Rule } from './filter-bench.ts';
import { echoFrame, icmpFrame, ipv4Frame, tcpFrame, udpFrame } from './frames.ts';

const HOSTS = ['r1', 'r2', 'c', 'd'] as const;
const ADDRESSES = [
  '10.0.1.11',
  '10.0.1.12',
  '10.0.1.99',
  '10.0.2.20',
  '10.0.2.21',
  '192.0.2.10',
  '224.0.0.5',
];
const SERVICE = '192.0.2.10/32';
const PROTOCOLS = ['tcp', 'udp', 'icmp', '-1', '50'];
const FLAGS = [TCP_SYN, TCP_SYN | TCP_ACK, TCP_ACK, TCP_ACK, TCP_FIN | TCP_ACK, TCP_RST];

function bench(): FilterBench {
  const made = new FilterBench({ flowCapacity: 4096, connectionCapacity: 4096, openGroup: true });
  made.subnet('a', '10.0.1.0/24');
  made.subnet('b', '10.0.2.0/24');
  const near: Rule = { protocol: 'tcp', ports: [1, 2], cidr: '10.0.1.0/24' };
  const groups = [made.group('one', [near]), made.group('two', [near], [near])];
  made.host('r1', 'a', '10.0.1.11', { sourceDestCheck: false });
  made.host('r2', 'a', '10.0.1.12', { groups });
  made.host('c', 'b', '10.0.2.20', { groups });
  made.host('d', 'b', '10.0.2.21');
  made.entry(made.acl('b'), 'ingress', 1000, 'allow', ALL);
  made.entry(networkAclOf(made), 'egress', 1000, 'allow', ALL);
  return made;
}

/** The ACL of subnet b. */
function networkAclOf(made: FilterBench): string {
  return networkAclOfSubnet(made.lab.snapshot, made.subnetId('b') as SubnetId).networkAclId;
}

/** A frame from a random host to somebody, nobody or everybody; few ports, so that flows come back. */
function randomFrame(
  made: FilterBench,
  random: Random,
): { readonly from: string; readonly frame: Uint8Array } {
  const from = HOSTS[random(HOSTS.length)] ?? 'c';
  const others = HOSTS.map((host) => made.mac(host));
  const router = made.routerMac(from);
  const macs = [router, router, router, ...others, MAC_BROADCAST];
  const [primary] = made.eni(from).addresses;
  const ends = {
    sourceMac: random(20) === 0 ? made.mac('r2') : made.mac(from),
    destinationMac: macs[random(macs.length)] ?? MAC_BROADCAST,
    source: random(5) === 0 || primary === undefined ? ip('198.51.100.1') : primary,
    destination: ip(ADDRESSES[random(ADDRESSES.length)] ?? '10.0.1.11'),
  };
  const ports = [1 + random(2), 1 + random(2)] as const;
  const identification = 1 + random(3);
  const fragment =
    random(6) === 0
      ? { fragmentOffset: random(2) * 8, moreFragments: random(2) === 0, identification }
      : {};
  switch (random(5)) {
    case 0:
      return { from, frame: udpFrame(ends, ports, fragment) };
    case 1:
      return { from, frame: ipv4Frame(ends, 50, new Uint8Array(16), fragment) };
    case 2:
      return { from, frame: echoFrame(ends, random(2) ? 'echo-reply' : 'echo-request', ports[0]) };
    case 3: {
      const quote = udpFrame(
        { ...ends, source: ends.destination, destination: ends.source },
        ports,
      );
      const error = { kind: 'unreachable', code: 3, nextHopMtu: 0, pointer: 0 } as const;
      return { from, frame: icmpFrame(ends, { ...error, quote: quote.subarray(14) }) };
    }
    default:
      return { from, frame: tcpFrame(ends, ports, FLAGS[random(FLAGS.length)] ?? TCP_ACK) };
  }
}

/** Changes the model now and then; both benches get the same change, or the same refusal. */
function randomChange(benches: readonly FilterBench[], random: Random): void {
  const router = random(2) === 0 ? 'r1' : 'r2';
  const [kind, which, number] = [random(5), random(2), random(900)];
  const protocol = PROTOCOLS[random(PROTOCOLS.length)] ?? '-1';
  const cidr = ['0.0.0.0/0', '10.0.1.0/24', '10.0.2.20/32'][random(3)] ?? '0.0.0.0/0';
  const hasPorts = protocol === 'tcp' || protocol === 'udp';
  const rule: Rule = {
    protocol,
    cidr,
    ...(hasPorts ? { ports: [1, 1 + random(2)] as const } : {}),
  };
  const verb = random(2) === 0 ? 'Authorize' : 'Revoke';
  const direction = random(2) === 0 ? 'Ingress' : 'Egress';
  for (const made of benches) {
    const { eniId } = made.eni(router);
    const groupId = made.eni('c').groupIds[which] ?? '';
    try {
      if (kind === 0) {
        const SourceDestCheck = { Value: which === 0 };
        made.act('ModifyNetworkInterfaceAttribute', { NetworkInterfaceId: eniId, SourceDestCheck });
      } else if (kind === 1) {
        const RouteTableId = made.lab.mainTable(made.vpcId);
        made.act('ReplaceRoute', {
          RouteTableId,
          DestinationCidrBlock: SERVICE,
          NetworkInterfaceId: eniId,
        });
      } else if (kind === 2) {
        const acl = networkAclOf(made);
        const entry = {
          ...rule,
          protocol: { tcp: '6', udp: '17', icmp: '1' }[protocol] ?? protocol,
        };
        const isIcmp = entry.protocol === '1';
        const full: Rule = isIcmp ? { ...entry, ports: [-1, -1] } : entry;
        made.entry(acl, which === 0 ? 'ingress' : 'egress', 1 + number, 'deny', full);
      } else made.change(verb, direction, groupId, [rule]);
    } catch (error) {
      // What is refused is refused to both, and changes nothing.
      assert(error instanceof ApiError, String(error));
    }
  }
}

t.test(
  'Pipeline.decide gives the same bytes and verdicts with the flow table and without',
  async (t) => {
    const seed = Number(process.env['SEED'] ?? Date.now() % 0x7fffffff);
    t.comment(`seed ${seed}`);
    const random = createRandom(seed);
    const [cached, uncached] = [bench(), bench()];
    for (const made of [cached, uncached]) {
      made.act('CreateRoute', {
        RouteTableId: made.lab.mainTable(made.vpcId),
        DestinationCidrBlock: SERVICE,
        NetworkInterfaceId: made.eni('r1').eniId,
      });
    }
    const counters = new Map<string, number>();
    for (let count = 0; count < 16_000; count++) {
      if (random(250) === 0) randomChange([cached, uncached], random);
      const { from, frame } = randomFrame(cached, random);
      // Mostly a moment later; now and then so much that connections run out, and never within the
      // second to which timeouts are exact.
      const stepMs = random(200) === 0 ? 7000 * random(90) + 3500 : random(3);
      for (const made of [cached, uncached]) made.nowMs += stepMs;
      // A new generation for every frame: nothing is ever found.
      uncached.publish();
      const [a, b]: readonly Outcome[] = [cached.inject(from, frame), uncached.inject(from, frame)];
      counters.set(a?.counter ?? '', (counters.get(a?.counter ?? '') ?? 0) + 1);
      if (JSON.stringify(a) !== JSON.stringify(b)) t.same(a, b, `frame ${count}`);
    }
    t.comment(Object.fromEntries(counters));
    t.ok((counters.get('forwarded') ?? 0) > 1000, 'many frames were forwarded');
    t.ok((counters.get('ENI_SG_RULES_MISMATCH') ?? 0) > 10, 'some were refused by groups');
    t.ok(cached.state.flows.hits > 100, `${cached.state.flows.hits} hits`);
    t.equal(uncached.state.flows.hits, 0);
  },
);

t.test(
  'FlowTable keeps the flow that is used while others flood it, and never grows',
  async (t) => {
    const flows = new FlowTable(64);
    const frame = new ParsedFrame();
    const verdict = new Verdict();
    const established = (nowMs: number): boolean => {
      Object.assign(frame, { family: 4, s3: 1, d3: 2, sport: 179, dport: 40000 });
      return flows.lookup(0, frame, nowMs, verdict);
    };
    verdict.forward(3, REWRITE_MACS);
    established(0);
    flows.insert(0, frame, 0, verdict);
    let lost = 0;
    for (let nowMs = 1; nowMs < 20_000; nowMs++) {
      Object.assign(frame, { family: 4, s3: 77, d3: nowMs, sport: nowMs & 0xffff, dport: 80 });
      verdict.forward(9, REWRITE_MACS);
      if (!flows.lookup(1, frame, nowMs, verdict)) flows.insert(1, frame, nowMs, verdict);
      if (!established(nowMs)) lost++;
    }
    t.equal(lost, 0);
    t.same([verdict.kind, verdict.argument, verdict.rewrite], [FORWARD, 3, REWRITE_MACS]);
    t.equal(flows.size, 64);
    t.ok(flows.evictions > 10_000);
  },
);

t.test('FlowTable.use makes every flow of another generation a miss', async (t) => {
  const flows = new FlowTable(4);
  const frame = new ParsedFrame();
  const verdict = new Verdict();
  flows.insert(0, frame, 0, verdict);
  t.ok(flows.lookup(0, frame, 0, verdict));
  flows.use(2);
  t.notOk(flows.lookup(0, frame, 0, verdict));
  t.equal(flows.size, 0);
});
