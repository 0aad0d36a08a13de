/** What a rewrite leaves behind is the frame that another sender would have sent, to the last bit. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import type { Ipv4Addr } from '../../src/addr/ipv4.ts';
import { formatIpv6, type Ipv6Addr, ipv6FromWords, ipv6ToWords } from '../../src/addr/ipv6.ts';
import { type MacAddr, macHigh16, macLow32 } from '../../src/addr/mac.ts';
import { BalancerTable } from '../../src/dataplane/flow/balancer-table.ts';
import { ConnectionTable } from '../../src/dataplane/flow/connection-table.ts';
import { FlowTable } from '../../src/dataplane/flow/flow-table.ts';
import { ForwardedSenders } from '../../src/dataplane/flow/forwarded-senders.ts';
import { NatTable } from '../../src/dataplane/flow/nat-table.ts';
import { LayerContext } from '../../src/dataplane/layers/context.ts';
import { PARSED, ParsedFrame, parseFrame } from '../../src/dataplane/parse.ts';
import { rewriteFrame } from '../../src/dataplane/rewrite.ts';
import {
  REWRITE_DESTINATION,
  REWRITE_DESTINATION_PORT,
  REWRITE_MACS,
  REWRITE_SOURCE,
  REWRITE_SOURCE_PORT,
  REWRITE_TTL,
  Verdict,
} from '../../src/dataplane/verdict.ts';
import { addressSum4, addressSum6 } from '../../src/packet/checksum.ts';
import type { Icmpv6Repr } from '../../src/packet/icmpv6.ts';
import { TCP_ACK } from '../../src/packet/tcp.ts';
import { VNET_GSO_NONE, VNET_HEADER_SIZE } from '../../src/packet/vnet-header.ts';
import { icmpv6Frame } from '../../src/responders/icmpv6-frame.ts';
import {
  PLAIN,
  type SuperFrameParts,
  type SuperFrameWay,
  superFrame,
  superFrameParts,
} from '../packet/super-frames.ts';
import { ip } from './bench.ts';
import {
  type Ends,
  echoFrame,
  icmpFrame,
  ip6,
  ipv4Frame,
  ipv6Frame,
  tcpFrame,
  udpDatagram,
  udpFrame,
} from './frames.ts';
import { segmentsOf } from './super-frame.ts';

const seed = Number(process.env['SEED'] ?? Date.now() % 0x7fffffff);
t.comment(`seed ${seed}`);

const NEW_DESTINATION_MAC = 0x02bb_0000_0002 as MacAddr;
const NEW_SOURCE_MAC = 0x02bb_0000_0001 as MacAddr;
const NEW_LINK = { destinationMac: NEW_DESTINATION_MAC, sourceMac: NEW_SOURCE_MAC };

/** What a verdict changes; the words are unsigned. */
interface Change {
  readonly source?: number | undefined;
  readonly destination?: number | undefined;
  readonly sourcePort?: number | undefined;
  readonly destinationPort?: number | undefined;
  /** What gateways have said of the quote of an error. */
  readonly quotedSource?: number;
  readonly quotedDestination?: number;
  readonly ttl?: boolean | undefined;
}

/** @param bytes A frame behind its virtio header. @returns what the rewrite makes of it. */
function rewritten(bytes: Uint8Array, change: Change): Buffer {
  const context = new LayerContext({
    connections: new ConnectionTable(1),
    forwardedSenders: new ForwardedSenders(),
    natFlows: new NatTable(1),
    balancedFlows: new BalancerTable(1),
  });
  const { verdict } = context;
  context.bytes = bytes.slice();
  const size = bytes.length - VNET_HEADER_SIZE;
  assert.equal(parseFrame(context.bytes, VNET_HEADER_SIZE, size, context.frame), PARSED);
  verdict.rewrite =
    REWRITE_MACS |
    (change.source === undefined ? 0 : REWRITE_SOURCE) |
    (change.destination === undefined ? 0 : REWRITE_DESTINATION) |
    (change.sourcePort === undefined ? 0 : REWRITE_SOURCE_PORT) |
    (change.destinationPort === undefined ? 0 : REWRITE_DESTINATION_PORT) |
    (change.ttl === true ? REWRITE_TTL : 0);
  verdict.destHigh = macHigh16(NEW_DESTINATION_MAC);
  verdict.destLow = macLow32(NEW_DESTINATION_MAC) | 0;
  verdict.sourceHigh = macHigh16(NEW_SOURCE_MAC);
  verdict.sourceLow = macLow32(NEW_SOURCE_MAC) | 0;
  verdict.sourceWord = (change.source ?? 0) | 0;
  verdict.destinationWord = (change.destination ?? 0) | 0;
  if (change.quotedSource !== undefined) {
    context.translation.setQuotedSource(change.quotedSource | 0);
  }
  if (change.quotedDestination !== undefined) {
    context.translation.setQuotedDestination(change.quotedDestination | 0);
  }
  verdict.ports = ((change.sourcePort ?? 0) << 16) | (change.destinationPort ?? 0);
  rewriteFrame(context, VNET_HEADER_SIZE);
  return Buffer.from(context.bytes);
}

/** A frame as one sends it that has done all by itself. */
function whole(frame: Uint8Array): Buffer {
  return Buffer.concat([new Uint8Array(VNET_HEADER_SIZE), frame]);
}

const port = fc.integer({ min: 0, max: 0xffff });
const word = fc.integer({ min: 0, max: 0xffffffff });
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const change: fc.Arbitrary<Change> = fc.record({
  source: maybe(word),
  destination: maybe(word),
  sourcePort: maybe(port),
  destinationPort: maybe(port),
  ttl: fc.boolean(),
});

/** An IPv6 address with another first word. */
function moved(addr: Ipv6Addr, first: number | undefined): Ipv6Addr {
  const [own, w1, w2, w3] = ipv6ToWords(addr);
  return ipv6FromWords(first ?? own, w1, w2, w3);
}

const WAY: SuperFrameWay = {
  sourceMac: 0x02abcd00000a as MacAddr,
  destinationMac: 0x02abcd00000b as MacAddr,
  ipv4: [ip('10.0.1.11'), ip('198.51.100.7')],
  ipv6: [ip6('2001:db8:0:101::11'), ip6('2001:db8:ffff::7')],
};

/** The parts of the frame that a change is to make of another. */
function changed(parts: SuperFrameParts, ttl: number, by: Change): SuperFrameParts {
  const { tcp, udpPorts = [1, 2] } = parts;
  const [sourcePort, destinationPort] =
    tcp === null ? udpPorts : [tcp.sourcePort, tcp.destinationPort];
  const ports = [by.sourcePort ?? sourcePort, by.destinationPort ?? destinationPort] as const;
  return {
    ...parts,
    tcp: tcp === null ? null : { ...tcp, sourcePort: ports[0], destinationPort: ports[1] },
    udpPorts: ports,
    ttl: by.ttl === true ? ttl - 1 : ttl,
    way: {
      ...NEW_LINK,
      ipv4: [(by.source ?? WAY.ipv4[0]) as Ipv4Addr, (by.destination ?? WAY.ipv4[1]) as Ipv4Addr],
      ipv6: [moved(WAY.ipv6[0], by.source), moved(WAY.ipv6[1], by.destination)],
    },
  };
}

t.test('a rewritten frame is one sent under other addresses, ports and TTL', async () => {
  const ttl = fc.integer({ min: 1, max: 255 });
  const form = fc.constantFrom('super', 'pending', 'whole');
  fc.assert(
    fc.property(superFrameParts, form, ttl, change, (parts, form, ttl, by) => {
      const sent = { ...parts, options: new Uint8Array(0), way: WAY, ttl };
      const vnet = form === 'super' ? {} : { gsoType: VNET_GSO_NONE, gsoSize: 0 };
      const before = superFrame(sent, vnet);
      const after = superFrame(changed(sent, ttl, by), vnet);
      if (form !== 'whole') {
        assert.deepEqual(rewritten(before, by), Buffer.from(after));
        return;
      }
      const wanted = segmentsOf(after);
      segmentsOf(before).forEach((segment, index) => {
        assert.deepEqual(rewritten(whole(segment), by), whole(wanted[index] ?? segment));
      });
    }),
    { seed, numRuns: 500 },
  );
});

const LINK = { sourceMac: WAY.sourceMac, destinationMac: WAY.destinationMac };
const NEAR: Ends = { ...LINK, source: WAY.ipv4[0], destination: WAY.ipv4[1] };
const NAT = ip('10.0.0.5');

/** The way of an answer. */
function back(ends: Ends): Ends {
  return { ...ends, source: ends.destination, destination: ends.source };
}

t.test('a datagram without a checksum stays so under another port', async (t) => {
  const bare = (ends: Ends, ports: readonly [number, number]) => {
    const datagram = udpDatagram(ports, new Uint8Array(3), 0);
    datagram.fill(0, 6, 8);
    return whole(ipv4Frame(ends, 17, datagram));
  };
  const found = rewritten(bare(NEAR, [5000, 53]), { source: NAT, sourcePort: 1024 });
  t.same(found, bare({ ...NEAR, ...NEW_LINK, source: NAT }, [1024, 53]));
});

t.test('the identifier of an ICMP query is its port', async (t) => {
  const far = { ...NEAR, ...NEW_LINK, source: NAT };
  t.same(
    rewritten(whole(echoFrame(NEAR, 'echo-request', 7)), { source: NAT, sourcePort: 60_001 }),
    whole(echoFrame(far, 'echo-request', 60_001)),
  );
  t.same(
    rewritten(whole(echoFrame({ ...back(NEAR), destination: NAT }, 'echo-reply', 60_001)), {
      destination: NEAR.source,
      destinationPort: 7,
    }),
    whole(echoFrame({ ...back(NEAR), ...NEW_LINK }, 'echo-reply', 7)),
  );
  const echo6 = (link: typeof LINK, identifier: number) =>
    whole(
      icmpv6Frame(
        { ...link, source: WAY.ipv6[0], destination: WAY.ipv6[1], hopLimit: 64 },
        { kind: 'echo-request', identifier, sequence: 9, payload: new Uint8Array(3) },
      ),
    );
  t.same(rewritten(echo6(LINK, 7), { sourcePort: 60_001 }), echo6(NEW_LINK, 60_001));
});

t.test('of a fragmented datagram the first piece has the ports', async (t) => {
  const datagram = (ends: Ends, ports: readonly [number, number]) =>
    udpDatagram(ports, new Uint8Array(24).fill(9), addressSum4(ends.source, ends.destination));
  const pieces = (ends: Ends, ports: readonly [number, number]) => [
    whole(ipv4Frame(ends, 17, datagram(ends, ports).subarray(0, 16), { moreFragments: true })),
    whole(ipv4Frame(ends, 17, datagram(ends, ports).subarray(16), { fragmentOffset: 16 })),
  ];
  const by = { source: NAT, sourcePort: 2000 };
  const wanted = pieces({ ...NEAR, ...NEW_LINK, source: NAT }, [2000, 53]);
  t.same(
    pieces(NEAR, [5000, 53]).map((piece) => rewritten(piece, by)),
    wanted,
  );
});

const UNREACHABLE = { kind: 'unreachable', code: 3, nextHopMtu: 0, pointer: 0 } as const;

/** Packets of one flow from its inside, under the address and port that its sender has. */
const QUOTES: readonly (readonly [
  what: string,
  of: (ends: Ends, ports: readonly [number, number]) => Uint8Array,
])[] = [
  ['UDP', (ends, ports) => udpFrame(ends, ports).subarray(14)],
  ['TCP', (ends, ports) => tcpFrame(ends, ports, TCP_ACK).subarray(14)],
  ['TCP, cut', (ends, ports) => tcpFrame(ends, ports, TCP_ACK).subarray(14, 14 + 28)],
  [
    'ICMP',
    (ends, [, port]) => {
      const kind = ends.source === NEAR.destination ? 'echo-reply' : 'echo-request';
      return echoFrame(ends, kind, port).subarray(14);
    },
  ],
];

t.test('an ICMP error quotes the port that its receiver knows, whoever complains', async (t) => {
  const router = ip('203.0.113.1');
  const middlebox = ip('10.0.1.99');
  for (const [what, quoteOf] of QUOTES) {
    // Of ICMP both ports are the identifier.
    const ports = (own: number): readonly [number, number] =>
      what === 'ICMP' ? [0, own] : [own, 80];
    const turned = (own: number): readonly [number, number] =>
      what === 'ICMP' ? [0, own] : [80, own];
    const natted = { ...NEAR, source: NAT };
    for (const source of [NEAR.destination, router]) {
      const quote = quoteOf(natted, ports(60_001));
      const sent = icmpFrame({ ...LINK, source, destination: NAT }, { ...UNREACHABLE, quote });
      const there = { ...NEW_LINK, source, destination: NEAR.source };
      const wanted = icmpFrame(there, { ...UNREACHABLE, quote: quoteOf(NEAR, ports(7)) });
      const quotedSource = NEAR.source;
      const by = { destination: NEAR.source, quotedSource, destinationPort: 7 };
      t.same(rewritten(whole(sent), by), whole(wanted), `${what} to the inside`);
    }
    for (const source of [NEAR.source, middlebox]) {
      const ends = { ...LINK, source, destination: NEAR.destination };
      const quote = quoteOf(back(NEAR), turned(7));
      const sent = icmpFrame(ends, { ...UNREACHABLE, quote });
      const wanted = icmpFrame(
        { ...ends, ...NEW_LINK, source: NAT },
        { ...UNREACHABLE, quote: quoteOf(back(natted), turned(60_001)) },
      );
      const by = { source: NAT, quotedDestination: NAT, sourcePort: 60_001 };
      t.same(rewritten(whole(sent), by), whole(wanted), `${what} from the inside`);
    }
  }
});

t.test('so it does over IPv6, where the message covers the addresses', async (t) => {
  const outside = moved(WAY.ipv6[0], 0x2001_0db9);
  const quoteOf = (source: Ipv6Addr, sourcePort: number) => {
    const payload = udpDatagram(
      [sourcePort, 53],
      new Uint8Array(5),
      addressSum6(source, WAY.ipv6[1]),
    );
    const more = { nextHeader: 17, payload };
    return ipv6Frame(LINK, formatIpv6(source), formatIpv6(WAY.ipv6[1]), more).subarray(14);
  };
  const errorOn = (link: typeof LINK, destination: Ipv6Addr, quote: Uint8Array) => {
    const error: Icmpv6Repr = { kind: 'unreachable', code: 4, parameter: 0, quote };
    const way = { ...link, source: WAY.ipv6[1], destination, hopLimit: 64 };
    return whole(icmpv6Frame(way, error));
  };
  const [first] = ipv6ToWords(WAY.ipv6[0]);
  t.same(
    rewritten(errorOn(LINK, outside, quoteOf(outside, 60_001)), {
      destination: first,
      destinationPort: 5000,
    }),
    errorOn(NEW_LINK, WAY.ipv6[0], quoteOf(WAY.ipv6[0], 5000)),
  );
});

t.test('the TTL goes down by one, its checksum with it', async (t) => {
  for (const ttl of [1, 2, 64, 255]) {
    const sent = superFrame({ ...PLAIN, way: WAY, ttl });
    const wanted = superFrame({ ...PLAIN, way: { ...WAY, ...NEW_LINK }, ttl: ttl - 1 });
    t.same(rewritten(sent, { ttl: true }), Buffer.from(wanted), `${ttl}`);
  }
});

t.test('a known flow has its ports with it', async (t) => {
  const flows = new FlowTable(4);
  const [decided, known] = [new Verdict(), new Verdict()];
  decided.forward(3, REWRITE_MACS | REWRITE_SOURCE_PORT | REWRITE_DESTINATION_PORT | REWRITE_TTL);
  decided.ports = (60_001 << 16) | 53;
  const frame = new ParsedFrame();
  flows.insert(1, frame, 0, decided);
  t.ok(flows.lookup(1, frame, 1, known));
  t.match(known, { rewrite: decided.rewrite, ports: decided.ports });
});
