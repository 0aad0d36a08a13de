/** The way to the services of the fabric and back: who asks, what is rewritten, what is refused. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { formatIpv4, type Ipv4Addr, ipv4FromWord } from '../../src/addr/ipv4.ts';
import { formatIpv6, ipv6FromWords, ipv6ToWords } from '../../src/addr/ipv6.ts';
import {
  API,
  FORWARDED_PEERS,
  METADATA,
  peerIpv4,
  peerIpv6,
  portOfPeer,
  RESOLVER,
  SERVICES_MAC,
  TIME,
  VPC_RESOLVER_ALIAS,
} from '../../src/addr/service-addresses.ts';
import { ForwardedSenders } from '../../src/dataplane/flow/forwarded-senders.ts';
import { explain } from '../../src/engine/explain/explain.ts';
import type { NeighborAdvertisementRepr } from '../../src/packet/ndp.ts';
import { TCP_ACK, TCP_SYN } from '../../src/packet/tcp.ts';
import { emitUdp, UDP_HEADER_SIZE } from '../../src/packet/udp.ts';
import { VNET_GSO_NONE, VNET_HEADER_SIZE } from '../../src/packet/vnet-header.ts';
import { icmpv6Frame } from '../../src/responders/icmpv6-frame.ts';
import { solicitation } from '../../src/responders/nd.ts';
import { dissect } from '../packet/dissect.ts';
import { type SuperFrameWay, superFrameParts } from '../packet/super-frames.ts';
import { type Bench, type Delivered, ip, type Outcome, subnetBlock } from './bench.ts';
import { ALL, FilterBench } from './filter-bench.ts';
import {
  arpFrame,
  type Ends,
  echoFrame,
  icmpFrame,
  ip6,
  ipv4Frame,
  ipv6Frame,
  tcpFrame,
  udpFrame,
} from './frames.ts';
import { injectSuper, segmentsOf, superFrameOn } from './super-frame.ts';

const seed = Number(process.env['SEED'] ?? Date.now() % 0x7fffffff);
t.comment(`seed ${seed}`);

const A = '2001:db8:0:101:';
const PORTS = [40_000, 80] as const;
const BACK = [80, 40_000] as const;
const SECOND_MS = 1000;

/** Two VPCs with the same blocks and the same addresses; groups and ACLs let nothing pass. */
function bench(): FilterBench {
  const made = new FilterBench();
  const block = made.ipv6();
  made.subnet('a', '10.0.1.0/24', subnetBlock(block, 1));
  made.subnet('six', null, subnetBlock(block, 2));
  made.acl('a');
  const nothing = made.group('nothing', [], []);
  const ipv6 = [`${A}:11`];
  made.host('r1', 'a', '10.0.1.11', { groups: [nothing], secondary: ['10.0.1.60'], ipv6 });
  made.host('r2', 'a', '10.0.1.12', { groups: [nothing], sourceDestCheck: false });
  made.host('s', 'six', null, { groups: [nothing], ipv6: ['2001:db8:0:102::11'] });
  made.subnet('b', '10.0.1.0/24', undefined, made.lab.vpc('10.0.0.0/16'));
  made.host('twin', 'b', '10.0.1.11');
  made.services();
  return made;
}

/** From a host to the API. */
function toApi(made: Bench, host: string, source: Ipv4Addr = made.address(host)): Ends {
  const link = { sourceMac: made.mac(host), destinationMac: made.routerMac(host) };
  return { ...link, source, destination: API.ipv4 };
}

/** What the services call a host. */
function peerOf(made: Bench, host: string, addr: Ipv4Addr = made.address(host)): Ipv4Addr {
  return ipv4FromWord(peerIpv4(made.portOf(host), addr));
}

/** From the API to a host, as the kernel of the services sends it. */
function fromApi(made: Bench, host: string, addr: Ipv4Addr = made.address(host)): Ends {
  const link = { sourceMac: SERVICES_MAC, destinationMac: SERVICES_MAC };
  return { ...link, source: API.ipv4, destination: peerOf(made, host, addr) };
}

function only({ counter, delivered }: Outcome): Delivered {
  assert.equal(counter, 'forwarded');
  const [one] = delivered;
  assert(one !== undefined && delivered.length === 1);
  return one;
}

t.test('[LL-1] [UNF-1] a guest reaches the API past groups, ACLs and routes', async (t) => {
  const made = bench();
  const { to, frame } = only(made.inject('r1', tcpFrame(toApi(made, 'r1'), PORTS, TCP_SYN)));
  t.equal(to, 'services');
  const { ethernet, ip, upper } = dissect(frame);
  t.match(ethernet, { destination: SERVICES_MAC, source: made.routerMac('r1') });
  t.match(ip, { source: peerOf(made, 'r1'), destination: API.ipv4, ttl: 64 });
  t.match(upper, { sourcePort: 40_000, destinationPort: 80 }, 'its checksum right');
  const back = tcpFrame(fromApi(made, 'r1'), BACK, TCP_SYN | TCP_ACK);
  const answer = only(made.inject('services', back));
  t.equal(answer.to, 'r1');
  const parts = dissect(answer.frame);
  t.match(parts.ethernet, { destination: made.mac('r1'), source: made.routerMac('r1') });
  t.match(parts.ip, { source: API.ipv4, destination: made.address('r1') });
  t.match(parts.upper, { sourcePort: 80, destinationPort: 40_000 });
  const { hits } = made.state.flows;
  only(made.inject('r1', tcpFrame(toApi(made, 'r1'), PORTS, TCP_ACK)));
  only(made.inject('services', tcpFrame(fromApi(made, 'r1'), BACK, TCP_ACK)));
  t.equal(made.state.flows.hits, hits + 2, 'flows of both ways are known');
  t.equal(made.state.connections.size, 0, 'no connection is tracked');
});

t.test(
  '[IMDS-1] [NTP-1] metadata, the resolver and time are on the link of both families',
  async (t) => {
    const made = bench();
    for (const { ipv4, ipv6 } of [METADATA, RESOLVER, TIME, API]) {
      const ends = { ...toApi(made, 'r1'), destination: ipv4 };
      const there = only(made.inject('r1', udpFrame(ends, PORTS)));
      t.match(dissect(there.frame).ip, { source: peerOf(made, 'r1'), destination: ipv4 });
      const back = { ...fromApi(made, 'r1'), source: ipv4 };
      t.match(dissect(only(made.inject('services', udpFrame(back, BACK))).frame).ip, {
        source: ipv4,
        destination: made.address('r1'),
      });
      const link = { sourceMac: made.mac('r1'), destinationMac: made.routerMac('r1') };
      const more = { nextHeader: 17, payload: datagram() };
      const six = ipv6Frame(link, `${A}:11`, formatIpv6(ipv6), more);
      t.match(dissect(only(made.inject('r1', six)).frame).ip, { destination: ipv6 });
    }
  },
);

t.test(
  '[DNS-1] the resolver is at the base of the VPC plus two as well, and answers from there',
  async (t) => {
    const made = bench();
    const own = ip('10.0.0.2');
    for (const host of ['r1', 'twin']) {
      const there = udpFrame({ ...toApi(made, host), destination: own }, [40_000, 53]);
      const back = udpFrame({ ...fromApi(made, host), source: VPC_RESOLVER_ALIAS }, [53, 40_000]);
      for (const attempt of ['decided', 'remembered']) {
        const { frame } = only(made.inject(host, there));
        const asked = dissect(frame);
        t.match(asked.ip, { source: peerOf(made, host), destination: VPC_RESOLVER_ALIAS }, attempt);
        t.match(asked.upper, { destinationPort: 53 }, 'its checksum right');
        const answer = only(made.inject('services', back));
        t.equal(answer.to, host);
        t.match(
          dissect(answer.frame).ip,
          { source: own, destination: made.address(host) },
          attempt,
        );
      }
    }
    const alias = udpFrame({ ...toApi(made, 'r1'), destination: VPC_RESOLVER_ALIAS }, PORTS);
    t.equal(made.inject('r1', alias).counter, 'LINK_LOCAL_SERVICE_ABSENT', 'a name of the inside');
    const ping = made.inject('r1', echoFrame({ ...toApi(made, 'r1'), destination: own }));
    t.equal(ping.counter, 'LINK_LOCAL_SERVICE_ABSENT', 'it answers no echo');
  },
);

t.test('[DNS-5] a VPC without DNS support has no resolver, and all else', async (t) => {
  const made = bench();
  made.act('ModifyVpcAttribute', { VpcId: made.vpcId, EnableDnsSupport: { Value: false } });
  for (const destination of [ip('10.0.0.2'), RESOLVER.ipv4]) {
    const frame = udpFrame({ ...toApi(made, 'r1'), destination }, [40_000, 53]);
    t.match(made.inject('r1', frame), { counter: 'DNS_SUPPORT_DISABLED', delivered: [] });
    const next = udpFrame({ ...toApi(made, 'twin'), destination }, [40_000, 53]);
    only(made.inject('twin', next));
  }
  const link = { sourceMac: made.mac('r1'), destinationMac: made.routerMac('r1') };
  const more = { nextHeader: 17, payload: datagram() };
  const six = ipv6Frame(link, `${A}:11`, formatIpv6(RESOLVER.ipv6), more);
  t.equal(made.inject('r1', six).counter, 'DNS_SUPPORT_DISABLED');
  only(made.inject('r1', udpFrame({ ...toApi(made, 'r1'), destination: METADATA.ipv4 }, PORTS)));
});

t.test('guests with the same address in two VPCs are two to the services', async (t) => {
  const made = bench();
  for (const host of ['r1', 'twin']) {
    const { frame } = only(made.inject(host, udpFrame(toApi(made, host), PORTS)));
    const { ip } = dissect(frame);
    assert(ip !== null && typeof ip.source === 'number');
    t.equal(ip.source, peerOf(made, host));
    t.equal(only(made.inject('services', udpFrame(fromApi(made, host), BACK))).to, host);
  }
  t.equal(made.address('r1'), made.address('twin'));
  t.not(peerOf(made, 'r1'), peerOf(made, 'twin'));
});

t.test('portOfPeer tells the interface by the text of an address', async (t) => {
  const cases: readonly (readonly [string, number])[] = [
    ['64.0.1.11', 0],
    ['64.5.1.11', 5],
    ['95.255.1.11', 0x1fff],
    ['192.0.4.1', 1],
    ['192.255.255.255', 0x3fff],
    ['fd01::db8:0:101:0:0:11', 0],
    ['fd01:1fff:0:101::11', 0x1fff],
    ...(['10.0.1.11', '128.0.0.1', '63.255.0.0', '::1', 'fd00:ec2::80', 'x', ''] as const).map(
      (text) => [text, -1] as const,
    ),
  ];
  for (const [text, port] of cases) t.equal(portOfPeer(text), port, text);
});

t.test('[CHK-2] secondary addresses are a guest’s own, and answers find them', async (t) => {
  const made = bench();
  const other = ip('10.0.1.60');
  const { frame } = only(made.inject('r1', udpFrame(toApi(made, 'r1', other), PORTS)));
  t.match(dissect(frame).ip, { source: peerOf(made, 'r1', other) });
  const answer = only(made.inject('services', udpFrame(fromApi(made, 'r1', other), BACK)));
  t.match(dissect(answer.frame).ip, { destination: other });
});

t.test('a source that is not of the interface is refused', async (t) => {
  const made = bench();
  const spoofs: readonly (readonly [string, string])[] = [
    ['r1', '10.0.1.12'],
    ['r1', '192.0.2.1'],
    ['r1', '64.0.1.11'],
    ['twin', '10.0.1.12'],
  ];
  for (const [host, source] of spoofs) {
    const outcome = made.inject(host, udpFrame(toApi(made, host, ip(source)), PORTS));
    t.match(outcome, { counter: 'ENI_SOURCE_DEST_CHECK_RESTRICTION', delivered: [] }, source);
  }
  const link = { sourceMac: made.mac('r1'), destinationMac: made.routerMac('r1') };
  for (const source of [`${A}:12`, 'fe80::1', 'fd01::11']) {
    const frame = ipv6Frame(link, source, 'fd00:ec2::80', { nextHeader: 17, payload: datagram() });
    t.equal(made.inject('r1', frame).counter, 'ENI_SOURCE_DEST_CHECK_RESTRICTION', source);
  }
});

t.test('[IMDS-8] who has no check forwards for others, who count as it', async (t) => {
  const made = bench();
  const numbers = new Set<unknown>();
  for (const source of ['10.0.1.11', '192.0.2.1', '64.0.1.11', '198.51.100.7']) {
    const there = udpFrame(toApi(made, 'r2', ip(source)), PORTS);
    const first = dissect(only(made.inject('r2', there)).frame).ip;
    const { ip: again } = dissect(only(made.inject('r2', there)).frame);
    assert(first !== null && typeof first.source === 'number');
    t.same(again?.source, first.source, 'remembered');
    t.equal(portOfPeer(formatIpv4(first.source)), made.portOf('r2'), source);
    numbers.add(first.source);
    const back = udpFrame({ ...fromApi(made, 'r2'), destination: first.source }, BACK);
    const answer = only(made.inject('services', back));
    t.equal(answer.to, 'r2');
    t.match(dissect(answer.frame).ip, { source: API.ipv4, destination: ip(source) });
  }
  t.equal(numbers.size, 4);
  const [peer] = numbers as Set<Ipv4Addr>;
  const answer = udpFrame({ ...fromApi(made, 'r2'), destination: peer as Ipv4Addr }, BACK);
  made.act('ModifyNetworkInterfaceAttribute', {
    NetworkInterfaceId: made.eni('r2').eniId,
    SourceDestCheck: { Value: true },
  });
  t.equal(made.inject('services', answer).counter, 'NO_POSSIBLE_DESTINATION', 'checked again');
});

t.test('[IMDS-8] of those that a guest forwards for, the oldest is forgotten', async (t) => {
  const senders = new ForwardedSenders();
  const count = 100_000;
  for (let word = 1; word <= count; word++) senders.indexOf(3, word, word);
  const kept = new Set<number>();
  for (let index = 0; index < FORWARDED_PEERS; index++) kept.add(senders.wordOf(3, index));
  t.equal(kept.size, FORWARDED_PEERS, 'each place has one');
  t.ok(Math.min(...kept) > count - 8 * FORWARDED_PEERS, 'and it is a late one');
  t.equal(senders.wordOf(4, 0), 0);
});

/** Without a checksum, as IPv4 allows it, and IPv6 to tunnels. */
function datagram(): Uint8Array {
  const bytes = new Uint8Array(UDP_HEADER_SIZE);
  const [sourcePort, destinationPort] = PORTS;
  emitUdp({ sourcePort, destinationPort, payload: new Uint8Array(0) }, 0, bytes, 0);
  bytes.fill(0, 6);
  return bytes;
}

t.test('a datagram without a checksum stays without one', async (t) => {
  const made = bench();
  const { frame } = only(made.inject('r1', ipv4Frame(toApi(made, 'r1'), 17, datagram())));
  t.same([...frame.subarray(-2)], [0, 0]);
  t.match(dissect(frame).ip, { source: peerOf(made, 'r1') }, 'the header’s is right');
});

t.test('[SUB-5] over IPv6, also where there is no IPv4', async (t) => {
  const made = bench();
  for (const [host, own] of [
    ['r1', `${A}:11`],
    ['s', '2001:db8:0:102::11'],
  ] as const) {
    const link = { sourceMac: made.mac(host), destinationMac: made.routerMac(host) };
    const [, w1, w2, w3] = ipv6ToWords(ip6(own));
    const peer = ipv6FromWords(peerIpv6(made.portOf(host)), w1, w2, w3);
    const there = ipv6Frame(link, own, 'fd00:ec2::80', { nextHeader: 17, payload: datagram() });
    const { frame } = only(made.inject(host, there));
    t.match(dissect(frame).ip, { source: peer, destination: API.ipv6 });
    const services = { sourceMac: SERVICES_MAC, destinationMac: SERVICES_MAC };
    const more = { nextHeader: 17, payload: datagram() };
    const back = ipv6Frame(services, 'fd00:ec2::80', formatIpv6(peer), more);
    const answer = only(made.inject('services', back));
    t.equal(answer.to, host);
    t.match(dissect(answer.frame).ip, { source: API.ipv6, destination: ip6(own) });
  }
  const four = made.inject(
    's',
    udpFrame({ ...toApi(made, 'r1'), sourceMac: made.mac('s') }, PORTS),
  );
  t.equal(four.counter, 'IPV4_NOT_IN_SUBNET');
});

t.test('[ARP-6] [ND-1] the API answers on link with the router’s MAC', async (t) => {
  const made = bench();
  const arp = made.inject('r1', arpFrame(made.mac('r1'), made.address('r1'), API.ipv4));
  t.match(dissect(arp.delivered[0]?.frame ?? new Uint8Array(0)).arp, {
    senderMac: made.routerMac('r1'),
    senderAddr: API.ipv4,
  });
  const nd = made.inject('r1', solicitation(API.ipv6, made.mac('r1'), ip6(`${A}:11`)));
  const { upper } = dissect(nd.delivered[0]?.frame ?? new Uint8Array(0));
  t.equal((upper as NeighborAdvertisementRepr).targetLinkMac, made.routerMac('r1'));
});

t.test('[LL-1] what is no service is dropped in both ranges, whatever routes say', async (t) => {
  const made = bench();
  const ends = toApi(made, 'r1');
  const absent: Uint8Array[] = [
    udpFrame({ ...ends, destination: ip('169.254.169.81') }, PORTS),
    udpFrame({ ...ends, destination: ip('169.254.171.80') }, PORTS),
    echoFrame(ends),
    ipv4Frame(ends, 47, new Uint8Array(8)),
    ipv6Frame(ends, `${A}:11`, 'fd00:ec2::81'),
    ipv6Frame(ends, `${A}:11`, 'fd00:ec2:1::80'),
    ipv6Frame(ends, `${A}:11`, 'fd00:ec2::80'),
  ];
  for (const frame of absent) {
    t.match(made.inject('r1', frame), { counter: 'LINK_LOCAL_SERVICE_ABSENT', delivered: [] });
  }
});

t.test(
  'the services namespace reaches those who can ask, as the API, and nobody else',
  async (t) => {
    const made = bench();
    const back = fromApi(made, 'r1');
    const cases: readonly (readonly [what: string, counter: string, frame: Uint8Array])[] = [
      ['another source', 'SERVICES_STRAY', udpFrame({ ...back, source: ip('10.0.1.12') }, BACK)],
      ['ARP', 'SERVICES_STRAY', arpFrame(SERVICES_MAC, API.ipv4, API.ipv4)],
      ['no peer', 'TARGET_NOT_RUNNING', udpFrame({ ...back, destination: ip('10.0.1.11') }, BACK)],
      [
        'an empty port',
        'TARGET_NOT_RUNNING',
        udpFrame({ ...back, destination: ip('64.9.1.11') }, BACK),
      ],
      [
        'itself',
        'TARGET_NOT_RUNNING',
        udpFrame({ ...back, destination: peerOf(made, 'services', ip('10.0.1.11')) }, BACK),
      ],
      ['echo', 'TARGET_NOT_RUNNING', echoFrame(back)],
      [
        'an address of another interface',
        'NO_POSSIBLE_DESTINATION',
        udpFrame({ ...back, destination: peerOf(made, 'r1', ip('10.0.1.12')) }, BACK),
      ],
    ];
    for (const attempt of ['decided', 'remembered']) {
      for (const [what, counter, frame] of cases) {
        t.match(made.inject('services', frame), { counter, delivered: [] }, `${what}, ${attempt}`);
      }
    }
  },
);

t.test('a change of the model is a change for flows to the services', async (t) => {
  const made = bench();
  const frames = [
    udpFrame(toApi(made, 'r1', ip('10.0.1.60')), PORTS),
    udpFrame(fromApi(made, 'r1', ip('10.0.1.60')), BACK),
  ] as const;
  only(made.inject('r1', frames[0]));
  only(made.inject('services', frames[1]));
  made.act('UnassignPrivateIpAddresses', {
    NetworkInterfaceId: made.eni('r1').eniId,
    PrivateIpAddresses: ['10.0.1.60'],
  });
  t.equal(made.inject('r1', frames[0]).counter, 'ENI_SOURCE_DEST_CHECK_RESTRICTION');
  t.equal(made.inject('services', frames[1]).counter, 'NO_POSSIBLE_DESTINATION');
  const back = udpFrame(fromApi(made, 'r1'), BACK);
  only(made.inject('services', back));
  made.unplug('r1');
  t.equal(made.inject('services', back).counter, 'TARGET_NOT_RUNNING');
});

t.test(
  '[LL-2] an interface sends 1,024 packets a second to services, known flow or not',
  async (t) => {
    for (const flows of [1, 1024]) {
      const made = bench();
      const frameOf = (turn: number) =>
        udpFrame(toApi(made, 'r1'), [40_000 + (turn % flows), 80], {});
      for (let turn = 0; turn < 1024; turn++) only(made.inject('r1', frameOf(turn)));
      const late = made.inject('r1', frameOf(0));
      t.match(late, { counter: 'LINKLOCAL_ALLOWANCE_EXCEEDED', delivered: [] });
      only(made.inject('twin', udpFrame(toApi(made, 'twin'), PORTS)));
      only(made.inject('services', udpFrame(fromApi(made, 'r1'), BACK)));
      made.nowMs += SECOND_MS;
      only(made.inject('r1', frameOf(0)));
    }
  },
);

t.test('[LL-2] a super-frame is as many packets as it has segments', async (t) => {
  const made = bench();
  const bytes = () =>
    superFrameOn(wayToApi(made), { payload: new Uint8Array(12_800), gsoSize: 100, tcp: PLAIN_TCP });
  for (let turn = 0; turn < 8; turn++) only(injectSuper(made, 'r1', bytes()));
  t.equal(injectSuper(made, 'r1', bytes()).counter, 'LINKLOCAL_ALLOWANCE_EXCEEDED');
});

const PLAIN_TCP = {
  ...{ sourcePort: 40_000, destinationPort: 80, sequence: 1, acknowledgement: 1, flags: TCP_ACK },
  ...{ window: 500, urgentPointer: 0, options: new Uint8Array(0) },
};

/** From r1 to the API, by both families. */
function wayToApi(made: Bench): SuperFrameWay {
  return {
    sourceMac: made.mac('r1'),
    destinationMac: made.routerMac('r1'),
    ipv4: [made.address('r1'), API.ipv4],
    ipv6: [ip6(`${A}:11`), API.ipv6],
  };
}

/** The same, as the services see it. */
function wayFromPeer(made: Bench): SuperFrameWay {
  const [, w1, w2, w3] = ipv6ToWords(ip6(`${A}:11`));
  return {
    sourceMac: made.routerMac('r1'),
    destinationMac: SERVICES_MAC,
    ipv4: [peerOf(made, 'r1'), API.ipv4],
    ipv6: [ipv6FromWords(peerIpv6(made.portOf('r1')), w1, w2, w3), API.ipv6],
  };
}

function turned({ ipv4, ipv6, sourceMac, destinationMac }: SuperFrameWay): SuperFrameWay {
  return {
    sourceMac: destinationMac,
    destinationMac: sourceMac,
    ipv4: [ipv4[1], ipv4[0]],
    ipv6: [ipv6[1], ipv6[0]],
  };
}

t.test('a rewritten frame is the one that was sent under the other address', async (t) => {
  const made = bench();
  const forms = new Map<string, number>();
  fc.assert(
    fc.property(superFrameParts, fc.constantFrom('super', 'pending', 'whole'), (parts, form) => {
      made.nowMs += SECOND_MS;
      // Options that are none end at the parser.
      const sent = { ...parts, options: new Uint8Array(0) };
      const vnet = form === 'super' ? {} : { gsoType: VNET_GSO_NONE, gsoSize: 0 };
      const ways = [
        ['r1', wayToApi(made), wayFromPeer(made)],
        ['services', turned(wayFromPeer(made)), turned(wayToApi(made))],
      ] as const;
      for (const [from, before, after] of ways) {
        const given = superFrameOn(before, sent, vnet);
        const wanted = superFrameOn(after, sent, vnet);
        const each = form === 'whole' ? pairs(given, wanted) : [[given, wanted] as const];
        for (const [one, other] of each) {
          // Decided, then remembered.
          for (const attempt of [1, 2]) {
            const outcome = injectSuper(made, from, one);
            const { frame } = only(outcome);
            const found = Buffer.concat([outcome.virtioHeader, frame]);
            assert.deepEqual(found, Buffer.from(other), `${form} from ${from}, ${attempt}`);
          }
        }
      }
      forms.set(form, (forms.get(form) ?? 0) + 1);
    }),
    { seed, numRuns: 300 },
  );
  t.ok(made.state.flows.hits > made.state.flows.misses);
  t.equal(forms.size, 3);
});

/** Each segment with its checksum complete, before and after. */
function pairs(given: Uint8Array, wanted: Uint8Array): (readonly [Uint8Array, Uint8Array])[] {
  const plain = (bytes: Uint8Array) => Buffer.concat([new Uint8Array(VNET_HEADER_SIZE), bytes]);
  const after = segmentsOf(wanted);
  // Not all of a large one: its packets are more than a second allows.
  return segmentsOf(given)
    .slice(0, 8)
    .map((segment, index) => [plain(segment), plain(after[index] ?? segment)]);
}

t.test('pieces of a datagram follow their first one', async (t) => {
  const made = bench();
  const ends = toApi(made, 'r1');
  const whole = udpFrame(ends, PORTS, {}, new Uint8Array(24).fill(3));
  const transport = whole.subarray(34);
  const first = ipv4Frame(ends, 17, transport.subarray(0, 16), { moreFragments: true });
  const last = ipv4Frame(ends, 17, transport.subarray(16), { fragmentOffset: 16 });
  const wanted = udpFrame(
    { ...ends, source: peerOf(made, 'r1') },
    PORTS,
    {},
    new Uint8Array(24).fill(3),
  );
  for (const attempt of ['decided', 'remembered']) {
    const pieces = [first, last].map((frame) => only(made.inject('r1', frame)).frame.subarray(34));
    t.same(Buffer.concat(pieces), Buffer.from(wanted.subarray(34)), attempt);
  }
});

t.test('an ICMP error quotes what its receiver has sent', async (t) => {
  const made = bench();
  const [there, back] = [toApi(made, 'r1'), fromApi(made, 'r1')];
  const unreachable = { kind: 'unreachable', code: 3, nextHopMtu: 0, pointer: 0 } as const;
  const asked = udpFrame({ ...there, source: peerOf(made, 'r1') }, PORTS).subarray(14);
  const refusal = icmpFrame(back, { ...unreachable, quote: asked });
  const answered = udpFrame({ ...back, destination: made.address('r1') }, BACK).subarray(14);
  const complaint = icmpFrame(there, { ...unreachable, quote: answered });
  for (const attempt of ['decided', 'remembered']) {
    const toGuest = dissect(only(made.inject('services', refusal)).frame).upper;
    assert(toGuest !== null && 'quote' in toGuest, 'its checksum is wrong');
    t.same(Buffer.from(toGuest.quote), Buffer.from(udpFrame(there, PORTS).subarray(14)), attempt);
    const toServices = dissect(only(made.inject('r1', complaint)).frame).upper;
    assert(toServices !== null && 'quote' in toServices, 'its checksum is wrong');
    t.same(Buffer.from(toServices.quote), Buffer.from(udpFrame(back, BACK).subarray(14)), attempt);
  }
  const foreign = { ...unreachable, quote: udpFrame(toApi(made, 'r2'), PORTS).subarray(14) };
  const other = dissect(only(made.inject('r1', icmpFrame(there, foreign))).frame).upper;
  assert(other !== null && 'quote' in other, 'its checksum is wrong');
  t.same(Buffer.from(other.quote), Buffer.from(foreign.quote), 'the quote of another stays');
});

t.test('so it does over IPv6, where the message covers the addresses', async (t) => {
  const made = bench();
  const [near, far] = [wayToApi(made), wayFromPeer(made)];
  const quoteOf = ({ ipv6: [source, destination], ...link }: SuperFrameWay) => {
    const more = { nextHeader: 17, payload: datagram() };
    return ipv6Frame(link, formatIpv6(source), formatIpv6(destination), more).subarray(14);
  };
  const errorOn = (way: SuperFrameWay, quote: Uint8Array) => {
    const [source, destination] = way.ipv6;
    const { sourceMac, destinationMac } = way;
    return icmpv6Frame(
      { sourceMac, destinationMac, source, destination, hopLimit: 64 },
      { kind: 'unreachable', code: 4, parameter: 0, quote },
    );
  };
  const cases = [
    ['r1', errorOn(near, quoteOf(turned(near))), errorOn(far, quoteOf(turned(far)))],
    ['services', errorOn(turned(far), quoteOf(far)), errorOn(turned(near), quoteOf(near))],
  ] as const;
  for (const [from, sent, wanted] of cases) {
    t.same(Buffer.from(only(made.inject(from, sent)).frame), Buffer.from(wanted), from);
  }
});

t.test('[FL-8] flows to services are in no flow log', async (t) => {
  const made = bench();
  made.act('CreateFlowLogs', {
    ResourceIds: [made.vpcId],
    ResourceType: 'VPC',
    TrafficType: 'ALL',
    LogGroupName: 'flows',
    DeliverLogsPermissionArn: 'arn:aws:iam::123456789012:role/flow-logs',
  });
  for (let turn = 0; turn < 1030; turn++) made.inject('r1', udpFrame(toApi(made, 'r1'), PORTS));
  only(made.inject('services', udpFrame(fromApi(made, 'r1'), BACK)));
  t.equal(made.state.flowLogs.take().words.length, 0);
});

t.test('explain says who answers', async (t) => {
  const made = bench();
  const question = (host: string, destination: Ipv4Addr) => ({
    eniId: made.eni(host).eniId,
    addresses: { family: 4 as const, source: made.address(host), destination },
    protocol: 6,
    port: 80,
  });
  const told = explain(made.lab.snapshot, made.program(), question('r1', API.ipv4));
  t.match(told, { isReachable: true, forward: { end: { kind: 'served' } }, return: null });
  t.match(told.forward.hops[0]?.steps.at(-1), {
    layer: 'fabric-services',
    outcome: 'answer',
    decision: { kind: 'service' },
  });
  const absent = explain(made.lab.snapshot, made.program(), question('r1', ip('169.254.169.250')));
  t.match(absent.forward.end, { kind: 'blocked', code: 'LINK_LOCAL_SERVICE_ABSENT' });
});

t.test('without the services namespace nothing listens', async (t) => {
  const made = new FilterBench();
  made.subnet('a', '10.0.1.0/24');
  made.host('r1', 'a', '10.0.1.11', { groups: [made.group('all', [ALL], [ALL])] });
  t.equal(
    made.inject('r1', udpFrame(toApi(made, 'r1'), PORTS)).counter,
    'LINK_LOCAL_SERVICE_ABSENT',
  );
});
