/** The flows of NAT gateways: exact, bounded, and each answer finds its sender. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import type { NatCounters } from '../../src/dataplane/flow/nat-counters.ts';
import type { NatGateway } from '../../src/dataplane/flow/nat-key.ts';
import {
  NatTable,
  NO_NAT_FLOW,
  NO_NAT_PORT,
  NO_NAT_ROOM,
} from '../../src/dataplane/flow/nat-table.ts';
import { ParsedFrame, type TrackedPacket } from '../../src/dataplane/parse.ts';
import {
  ICMP_ECHO_REPLY,
  ICMP_ECHO_REQUEST,
  ICMP_TIMESTAMP_REPLY,
  ICMP_TIMESTAMP_REQUEST,
} from '../../src/packet/icmp.ts';
import { ICMPV6_ECHO_REPLY, ICMPV6_ECHO_REQUEST } from '../../src/packet/icmpv6.ts';
import { IPPROTO_ICMP, IPPROTO_ICMPV6, IPPROTO_TCP, IPPROTO_UDP } from '../../src/packet/ipv4.ts';
import { TCP_ACK, TCP_FIN, TCP_RST, TCP_SYN } from '../../src/packet/tcp.ts';
import { type Ask, type ModelFlow, NatModel, type Outside } from './nat-model.ts';

const seed = Number(process.env['SEED'] ?? Date.now() % 0x7fffffff);
t.comment(`seed ${seed}`);

const NAT_1 = 0x0a00_0105;
const NAT_2 = 0x0a00_0106;
const GUEST = 0x0a00_0a0b;
const FAR = 0xc633_6407 | 0;
/** The last word of an address of family 6 stands behind the first ones of this. */
const GUEST_PREFIX = [0x2001_0db8, 0x0101, 0] as const;
const NAT64_PREFIX = [0x0064_ff9b, 0, 0] as const;
const HOST_PREFIX = [0x2001_0db8, 0xffff, 0] as const;
const MAPPED = [0, 0, 0xffff] as const;

function gateway(id: number, ...addresses: readonly number[]): NatGateway {
  // As in a program, where the addresses of all gateways are in one array.
  const all = Int32Array.of(-1, ...addresses, -1);
  return { id, addresses: all, addressStart: 1, addressCount: addresses.length };
}

const NAT = gateway(7, NAT_1);
const EGRESS_ONLY = gateway(8);

type Prefix = readonly [number, number, number];
/** An address by its last word, and a port. */
type End = readonly [prefix: Prefix, word: number, port: number];

function packet(protocol: number, source: End, destination: End, tcpFlags = 0): TrackedPacket {
  const [[s0, s1, s2], s3, sport] = source;
  const [[d0, d1, d2], d3, dport] = destination;
  const family = s0 === 0 ? 4 : 6;
  const fields = { family, protocol, s0, s1, s2, s3, d0, d1, d2, d3, sport, dport, tcpFlags };
  return Object.assign(new ParsedFrame(), fields);
}

const guest = (port: number, word = GUEST): End => [MAPPED, word, port];
const far = (port: number, word = FAR): End => [MAPPED, word, port];

/** The types of a query that stand in the place of a port, as the parser reads them. */
function query(type: number, source: End, destination: End, identifier: number): TrackedPacket {
  const protocol = source[0][0] === 0 ? IPPROTO_ICMP : IPPROTO_ICMPV6;
  const [prefix, word] = destination;
  return packet(protocol, [source[0], source[1], type << 8], [prefix, word, identifier]);
}

/** @returns the end that answers to the flow in a slot are sent to. */
function outsideOf(table: NatTable, slot: number): Outside {
  return { address: table.outsideWord(slot), port: table.outsidePort(slot) };
}

function outsideEnd(table: NatTable, slot: number): End {
  return [MAPPED, table.outsideWord(slot), table.outsidePort(slot)];
}

function insideOf(table: NatTable, slot: number): readonly number[] {
  return [0, 1, 2, 3].map((index) => table.insideWord(slot, index));
}

const udp = (source: End, destination: End) => packet(IPPROTO_UDP, source, destination);
const tcp = (source: End, destination: End, flags: number) =>
  packet(IPPROTO_TCP, source, destination, flags);

t.test('an answer finds who asked, and nothing else comes in', async (t) => {
  const table = new NatTable(16);
  const slot = table.outbound(NAT, udp(guest(5000), far(53)), 0);
  t.ok(slot > 0);
  const outside = outsideEnd(table, slot);
  t.equal(outside[1], NAT_1);
  t.equal(table.inbound(NAT, udp(far(53), outside), 1), slot);
  t.same([...insideOf(table, slot), table.insidePort(slot)], [...MAPPED, GUEST, 5000]);
  t.equal(table.outbound(NAT, udp(guest(5000), far(53)), 2), slot, 'the flow keeps its port');
  const strays: readonly (readonly [string, NatGateway, TrackedPacket])[] = [
    ['another host', NAT, udp(far(53, FAR + 1), outside)],
    ['another port of the host', NAT, udp(far(54), outside)],
    ['another port of the gateway', NAT, udp(far(53), [MAPPED, NAT_1, outside[2] ^ 1])],
    ['another protocol', NAT, tcp(far(53), outside, TCP_SYN | TCP_ACK)],
    ['another gateway with the address', gateway(9, NAT_1), udp(far(53), outside)],
  ];
  for (const [what, at, stray] of strays) t.equal(table.inbound(at, stray, 3), NO_NAT_FLOW, what);
  t.equal(table.size, 1);
});

t.test('the port of a flow is its own, not that of the guest', async (t) => {
  const table = new NatTable(100);
  const ports = new Set<number>();
  for (let host = 1; host <= 50; host++) {
    ports.add(table.outsidePort(table.outbound(NAT, udp(guest(5000), far(53, host)), 0)));
  }
  t.ok(ports.size > 45, 'to each destination another one');
  t.notOk(ports.has(5000));
});

t.test('[NAT-1] an address has 55,000 flows to a destination, and each its own port', async (t) => {
  const two = gateway(7, NAT_1, NAT_2);
  const table = new NatTable(200_000);
  const seen = new Map<number, Set<number>>([
    [NAT_1, new Set()],
    [NAT_2, new Set()],
  ]);
  const open = (turn: number, to: End) =>
    table.outbound(two, tcp(guest(turn & 0xffff, GUEST + (turn >>> 16)), to, TCP_SYN), 0);
  for (let turn = 0; turn < 110_000; turn++) {
    const slot = open(turn, far(443));
    if (slot < 0) t.fail(`refused at ${turn}`);
    seen.get(table.outsideWord(slot))?.add(table.outsidePort(slot));
  }
  for (const ports of seen.values()) {
    t.equal(ports.size, 55_000);
    t.ok(Math.min(...ports) >= 1024 && Math.max(...ports) <= 65_535);
  }
  t.equal(open(110_000, far(443)), NO_NAT_PORT);
  t.equal(open(110_001, far(443)), NO_NAT_PORT);
  t.equal(table.countersOf(two.id).errorPortAllocation, 2);
  t.ok(open(110_000, far(444)) > 0, 'another port is another destination');
  t.ok(open(110_000, far(443, FAR + 1)) > 0, 'so is another host');
  t.ok(table.outbound(two, udp(guest(1), far(443)), 0) > 0, 'and another protocol');
  t.ok(table.outbound(gateway(8, NAT_1), tcp(guest(1), far(443), TCP_SYN), 0) > 0, 'or gateway');
  const esp = packet(50, guest(0), far(0));
  t.equal(table.outbound(two, esp, 0), NO_NAT_FLOW, 'there is no other protocol');
  t.equal(open(110_002, far(443)), NO_NAT_PORT);
  const closed = tcp(guest(5), far(443), TCP_RST);
  t.ok(table.outbound(two, closed, 1) > 0);
  t.equal(open(110_002, far(443)), NO_NAT_PORT, 'a closed one keeps its port for a moment');
  const late = tcp(guest(110_002 & 0xffff, GUEST + 1), far(443), TCP_SYN);
  t.ok(table.outbound(two, late, 10_001) > 0);
});

t.test('a flow that is idle for 350 seconds is gone', async (t) => {
  for (const protocol of [IPPROTO_TCP, IPPROTO_UDP]) {
    const table = new NatTable(16);
    // The clock of the frame path goes round.
    const start = 0x7fff_ffff - 100_000;
    const at = (ms: number) => (start + ms) | 0;
    const syn = packet(protocol, guest(5000), far(80), TCP_SYN);
    const more = packet(protocol, guest(5000), far(80), TCP_ACK);
    const slot = table.outbound(NAT, syn, at(0));
    const answer = packet(protocol, far(80), outsideEnd(table, slot), TCP_ACK);
    t.equal(table.inbound(NAT, answer, at(349_999)), slot);
    t.equal(table.outbound(NAT, more, at(349_999 + 349_999)), slot, 'each side keeps it');
    t.equal(table.inbound(NAT, answer, at(349_999 + 349_999 + 350_000)), NO_NAT_FLOW);
    t.equal(table.size, 0);
    if (protocol !== IPPROTO_TCP) continue;
    t.equal(table.outbound(NAT, more, at(1_100_000)), NO_NAT_FLOW, 'who goes on is reset');
    t.match(table.countersOf(NAT.id), { idleTimeoutCount: 1, activeConnectionCount: 0 });
    t.ok(table.outbound(NAT, syn, at(1_100_001)) > 0, 'who asks anew is not');
  }
});

t.test('only the first packet of a connection begins one', async (t) => {
  const table = new NatTable(16);
  for (const flags of [0, TCP_ACK, TCP_SYN | TCP_ACK, TCP_RST, TCP_FIN, TCP_SYN | TCP_FIN]) {
    t.equal(table.outbound(NAT, tcp(guest(1), far(80), flags), 0), NO_NAT_FLOW, `flags ${flags}`);
  }
  t.equal(table.countersOf(NAT.id).connectionAttemptCount, 0);
});

t.test('a connection is counted from its SYN to its end', async (t) => {
  const ends: readonly (readonly [string, (isReply: boolean) => number])[] = [
    ['FIN of both', () => TCP_FIN | TCP_ACK],
    ['RST from outside', (isReply) => (isReply ? TCP_RST : TCP_ACK)],
    ['RST from inside', (isReply) => (isReply ? TCP_ACK : TCP_RST)],
  ];
  for (const [what, flagsOf] of ends) {
    const table = new NatTable(16);
    const slot = table.outbound(NAT, tcp(guest(5000), far(80), TCP_SYN), 0);
    const outside = outsideEnd(table, slot);
    const counters: NatCounters = table.countersOf(NAT.id);
    t.match(counters, { connectionAttemptCount: 1, connectionEstablishedCount: 0 });
    table.inbound(NAT, tcp(far(80), outside, TCP_SYN | TCP_ACK), 1);
    table.outbound(NAT, tcp(guest(5000), far(80), TCP_ACK), 2);
    t.match(counters, { activeConnectionCount: 1, connectionEstablishedCount: 1 });
    table.outbound(NAT, tcp(guest(5000), far(80), flagsOf(false)), 100);
    table.inbound(NAT, tcp(far(80), outside, flagsOf(true)), 100);
    t.match(counters, { activeConnectionCount: 0 }, what);
    const last = tcp(guest(5000), far(80), TCP_ACK);
    t.equal(table.outbound(NAT, last, 10_099), slot, 'what is under way passes');
    t.equal(table.outbound(NAT, last, 10_100), NO_NAT_FLOW, 'for a moment');
    t.match(counters, { idleTimeoutCount: 0, connectionAttemptCount: 1 });
  }
});

t.test('a SYN opens a closed connection again', async (t) => {
  const table = new NatTable(16);
  const syn = tcp(guest(5000), far(80), TCP_SYN);
  const slot = table.outbound(NAT, syn, 0);
  table.inbound(NAT, tcp(far(80), outsideEnd(table, slot), TCP_RST | TCP_ACK), 1);
  t.equal(table.countersOf(NAT.id).activeConnectionCount, 0);
  t.equal(table.outbound(NAT, syn, 5000), slot);
  t.equal(table.outbound(NAT, tcp(guest(5000), far(80), TCP_ACK), 60_000), slot);
  t.match(table.countersOf(NAT.id), { activeConnectionCount: 1, connectionAttemptCount: 2 });
});

t.test('of ICMP requests go out and replies come in, by their identifier', async (t) => {
  const table = new NatTable(16);
  const slot = table.outbound(NAT, query(ICMP_ECHO_REQUEST, guest(0), far(0), 7), 0);
  t.equal(table.insidePort(slot), 7);
  const back = (type: number, identifier: number) =>
    query(type, far(0), [MAPPED, NAT_1, 0], identifier);
  const own = table.outsidePort(slot);
  t.equal(table.inbound(NAT, back(ICMP_ECHO_REPLY, own), 1), slot);
  t.equal(table.inbound(NAT, back(ICMP_ECHO_REQUEST, own), 1), NO_NAT_FLOW, 'it answers no ping');
  t.equal(table.inbound(NAT, back(ICMP_TIMESTAMP_REPLY, own), 1), NO_NAT_FLOW);
  t.equal(table.inbound(NAT, back(ICMP_ECHO_REPLY, own ^ 1), 1), NO_NAT_FLOW);
  const reply = query(ICMP_ECHO_REPLY, guest(0), far(0), 7);
  t.equal(table.outbound(NAT, reply, 1), NO_NAT_FLOW, 'to a question that nobody asked');
  const stamp = query(ICMP_TIMESTAMP_REQUEST, guest(0), far(0), 7);
  t.not(table.outbound(NAT, stamp, 1), slot);
});

t.test('an ICMP error finds the flow of the packet that it quotes', async (t) => {
  const table = new NatTable(16);
  const cases: readonly (readonly [
    string,
    TrackedPacket,
    (outside: End) => readonly [asSent: TrackedPacket, asGot: TrackedPacket],
  ])[] = [
    [
      'UDP',
      udp(guest(5000), far(53)),
      (outside) => [udp(outside, far(53)), udp(far(53), guest(5000))],
    ],
    [
      'TCP',
      tcp(guest(5000), far(80), TCP_SYN),
      (outside) => [tcp(outside, far(80), 0), tcp(far(80), guest(5000), 0)],
    ],
    [
      'ICMP',
      query(ICMP_ECHO_REQUEST, guest(0), far(0), 7),
      (outside) => [
        query(ICMP_ECHO_REQUEST, outside, far(0), outside[2]),
        query(ICMP_ECHO_REPLY, far(0), guest(0), 7),
      ],
    ],
  ];
  for (const [what, asked, quotes] of cases) {
    const slot = table.outbound(NAT, asked, 0);
    const [asSent, asGot] = quotes(outsideEnd(table, slot));
    t.equal(table.inboundError(NAT, asSent, 349_999), slot, `${what} from outside`);
    t.equal(table.outboundError(NAT, asGot, 349_999), slot, `${what} from inside`);
    t.equal(table.inboundError(NAT, asked, 1), NO_NAT_FLOW, 'no guest is known outside');
    t.equal(table.inboundError(NAT, asSent, 350_000), NO_NAT_FLOW, 'an error keeps nothing alive');
    t.equal(table.outboundError(NAT, asGot, 350_000), NO_NAT_FLOW);
  }
});

t.test('an egress-only gateway changes nothing, and lets answers in', async (t) => {
  const table = new NatTable(16);
  const near = (port: number): End => [GUEST_PREFIX, 0x11, port];
  const host = (port: number): End => [HOST_PREFIX, 0x22, port];
  t.equal(table.inbound(EGRESS_ONLY, tcp(host(80), near(5000), TCP_SYN), 0), NO_NAT_FLOW);
  const slot = table.outbound(EGRESS_ONLY, tcp(near(5000), host(80), TCP_SYN), 0);
  t.same(outsideOf(table, slot), { address: 0x11, port: 5000 });
  t.equal(table.inbound(EGRESS_ONLY, tcp(host(80), near(5000), TCP_SYN | TCP_ACK), 1), slot);
  t.equal(table.inbound(EGRESS_ONLY, tcp(host(81), near(5000), TCP_SYN | TCP_ACK), 1), NO_NAT_FLOW);
  t.equal(table.inboundError(EGRESS_ONLY, tcp(near(5000), host(80), 0), 1), slot);
  const ping = table.outbound(EGRESS_ONLY, query(ICMPV6_ECHO_REQUEST, near(0), host(0), 7), 1);
  t.equal(table.inbound(EGRESS_ONLY, query(ICMPV6_ECHO_REPLY, host(0), near(0), 7), 1), ping);
  t.equal(table.inbound(EGRESS_ONLY, query(ICMPV6_ECHO_REQUEST, host(0), near(0), 7), 1), -1);
  const esp = packet(50, near(0), host(0));
  const tunnel = table.outbound(EGRESS_ONLY, esp, 1);
  t.equal(table.inbound(EGRESS_ONLY, packet(50, host(0), near(0)), 1), tunnel, 'any protocol');
  for (let port = 0; port < 10; port++) table.outbound(EGRESS_ONLY, udp(near(port), host(53)), 1);
  t.equal(table.size, 13);
  t.equal(table.countersOf(EGRESS_ONLY.id).errorPortAllocation, 0);
});

t.test('a host of IPv4 answers a guest of IPv6', async (t) => {
  const table = new NatTable(16);
  const near = (port: number): End => [GUEST_PREFIX, 0x11, port];
  const host = (port: number): End => [NAT64_PREFIX, FAR, port];
  const slot = table.outbound(NAT, udp(near(5000), host(53)), 0);
  t.equal(table.inbound(NAT, udp(far(53), outsideEnd(table, slot)), 1), slot);
  t.same(insideOf(table, slot), [...GUEST_PREFIX, 0x11]);
  t.equal(table.outboundError(NAT, udp(host(53), near(5000)), 1), slot);
  const ping = table.outbound(NAT, query(ICMPV6_ECHO_REQUEST, near(0), host(0), 7), 1);
  const own = table.outsidePort(ping);
  t.equal(table.inbound(NAT, query(ICMP_ECHO_REPLY, far(0), [MAPPED, NAT_1, 0], own), 1), ping);
  t.not(table.outbound(NAT, udp(guest(5000), far(53)), 1), slot, 'a guest of IPv4 is another');
});

t.test('NatTable.touch knows a slot that has another flow by now', async (t) => {
  const table = new NatTable(1);
  const slot = table.outbound(NAT, udp(guest(1), far(53)), 0);
  const serial = table.serialOf(slot);
  t.ok(table.touch(slot, serial, false, 0, 349_999));
  t.ok(table.touch(slot, serial, true, 0, 699_998));
  t.notOk(table.touch(slot, serial, false, 0, 1_049_998));
  t.equal(table.outbound(NAT, udp(guest(2), far(53)), 1_049_998), slot);
  t.notOk(table.touch(slot, serial, false, 0, 1_049_999));
});

t.test('NatTable.touch counts what a packet changes', async (t) => {
  const table = new NatTable(4);
  const slot = table.outbound(NAT, tcp(guest(1), far(80), TCP_SYN), 0);
  const serial = table.serialOf(slot);
  const touch = (isReply: boolean, flags: number, ms: number) =>
    table.touch(slot, serial, isReply, flags, ms);
  t.ok(touch(true, TCP_SYN | TCP_ACK, 1));
  t.equal(table.countersOf(NAT.id).connectionEstablishedCount, 1);
  t.ok(touch(false, TCP_RST, 2));
  t.ok(touch(false, TCP_ACK, 10_001));
  t.notOk(touch(false, TCP_ACK, 10_002));
});

t.test('NatTable.expire frees what ran out, so many at a time', async (t) => {
  const table = new NatTable(16);
  for (let port = 1; port <= 5; port++) table.outbound(NAT, udp(guest(port), far(53)), port);
  t.equal(table.expire(16, 350_000), 0);
  t.equal(table.expire(2, 350_004), 2);
  t.equal(table.size, 3);
  t.equal(table.expire(16, 350_004), 2);
  t.equal(table.size, 1);
});

t.test('NatTable.retain forgets gateways, and addresses that they lost', async (t) => {
  const table = new NatTable(1000);
  const two = gateway(7, NAT_1, NAT_2);
  const near: End = [GUEST_PREFIX, 0x11, 5000];
  for (let port = 1; port <= 100; port++)
    table.outbound(two, tcp(guest(port), far(80), TCP_SYN), 0);
  const other = gateway(9, NAT_1);
  table.outbound(other, udp(guest(1), far(53)), 0);
  table.outbound(EGRESS_ONLY, udp(near, [HOST_PREFIX, 1, 53]), 0);
  table.retain(
    new Map([
      [7, new Set([NAT_2])],
      [8, new Set()],
    ]),
  );
  const left = table.countersOf(7).activeConnectionCount;
  t.ok(left > 10 && left < 90);
  t.equal(table.size, left + 1);
  t.equal(table.inbound(EGRESS_ONLY, udp([HOST_PREFIX, 1, 53], near), 1) > 0, true);
  t.equal(table.outbound(gateway(7, NAT_2), tcp(guest(1), far(80), TCP_SYN), 1) > 0, true);
  table.retain(new Map());
  t.equal(table.size, 0);
  t.equal(table.countersOf(7).connectionAttemptCount, 0);
});

t.test('a full table keeps those that were answered', async (t) => {
  const table = new NatTable(4);
  const answered = (port: number, ms: number) => {
    const slot = table.outbound(NAT, udp(guest(port), far(53)), ms);
    table.inbound(NAT, udp(far(53), outsideEnd(table, slot)), ms);
    return slot;
  };
  const kept = [answered(1, 0), answered(2, 1)];
  for (let port = 100; port < 200; port++) {
    t.ok(table.outbound(NAT, udp(guest(port), far(53)), port) > 0);
  }
  t.equal(table.size, 4);
  t.equal(table.evictions, 98);
  for (const [index, slot] of kept.entries()) {
    t.equal(table.outbound(NAT, udp(guest(index + 1), far(53)), 300), slot);
  }
  answered(3, 301);
  answered(4, 302);
  t.equal(table.outbound(NAT, udp(guest(5), far(53)), 303), NO_NAT_ROOM);
  t.equal(table.countersOf(NAT.id).packetsDropCount, 1);
  t.ok(table.outbound(NAT, udp(guest(5), far(53)), 350_301) > 0, 'until one runs out');
});

t.test('half a million flows are held, and each answer finds its sender', async (t) => {
  const count = 500_000;
  const table = new NatTable(count);
  const host = (flow: number) => far(443, FAR + (flow >>> 15));
  const from = (flow: number) => guest(flow & 0x7fff, GUEST + (flow >>> 15));
  for (let flow = 0; flow < count; flow++) {
    const slot = table.outbound(NAT, udp(from(flow), host(flow)), 0);
    if (slot < 0) t.fail(`refused at ${flow}`);
    const found = table.inbound(NAT, udp(host(flow), outsideEnd(table, slot)), 1);
    if (found !== slot) t.fail(`lost at ${flow}`);
  }
  t.equal(table.size, count);
  t.equal(table.evictions, 0);
  for (let flow = 0; flow < count; flow += 97) {
    const slot = table.outbound(NAT, udp(from(flow), host(flow)), 2);
    const same = table.insidePort(slot) === (flow & 0x7fff);
    if (slot < 0 || !same) t.fail(`forgotten: ${flow}`);
  }
  t.equal(table.expire(count, 350_002), count);
  t.equal(table.size, 0);
});

/** One of few gateways, of which two have an address in common, and one of each family. */
const GATEWAYS = [gateway(1, NAT_1, NAT_2), gateway(-2, NAT_1), gateway(3)] as const;
const FLAGS = [TCP_SYN, TCP_ACK, TCP_SYN | TCP_ACK, TCP_FIN | TCP_ACK, TCP_RST] as const;

const ask: fc.Arbitrary<Ask> = fc.record({
  gateway: fc.constantFrom(...GATEWAYS),
  protocol: fc.constantFrom(IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMP),
  inside: fc.integer({ min: 1, max: 3 }),
  insidePort: fc.integer({ min: 5000, max: 5002 }),
  far: fc.integer({ min: 1, max: 2 }),
  farPort: fc.constant(80),
});

type Step =
  | { readonly kind: 'out' | 'quote-in'; readonly ask: Ask; readonly flags: number }
  | { readonly kind: 'in' | 'touch' | 'quote-out'; readonly pick: number; readonly flags: number }
  | { readonly kind: 'stray'; readonly ask: Ask; readonly port: number }
  | { readonly kind: 'wait'; readonly ms: number };

const pick = fc.nat({ max: 1000 });
const flags = fc.constantFrom(...FLAGS);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('out' as const), ask, flags }) },
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constantFrom('in' as const, 'touch' as const), pick, flags }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('quote-in' as const), ask, flags }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('quote-out' as const), pick, flags }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('stray' as const),
      ask,
      port: fc.integer({ min: 1024, max: 65_535 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      ms: fc.constantFrom(1, 9_999, 10_000, 100_000, 349_999, 350_000),
    }),
  },
);

/** The table and the model, packet by packet. */
class Play {
  readonly #table: NatTable;
  readonly #model: NatModel;
  #nowMs = 0x7fff_ffff - 400_000;
  /** All that were ever there. */
  readonly #ever: ModelFlow[] = [];

  constructor(capacity: number, portLimit: number) {
    this.#table = new NatTable(capacity, portLimit);
    this.#model = new NatModel(capacity, portLimit);
  }

  take(step: Step): void {
    this.#model.tick(this.#nowMs);
    switch (step.kind) {
      case 'out':
        this.#send(step.ask, step.flags);
        break;
      case 'quote-in':
        this.#quoteIn(step.ask);
        break;
      case 'stray':
        this.#stray(step.ask, step.port);
        break;
      case 'wait':
        this.#nowMs += step.ms;
        break;
      default: {
        const flow = this.#ever[step.pick % this.#ever.length];
        if (flow !== undefined) this.#follow(step.kind, flow, step.flags);
      }
    }
  }

  /** Compares all that is left, and all that was counted. @returns what has happened at all. */
  finish(): readonly string[] {
    const seen = this.#table.evictions > 0 ? ['evictions'] : [];
    this.#model.tick(this.#nowMs);
    this.#table.expire(Number.MAX_SAFE_INTEGER, this.#nowMs | 0);
    assert.equal(this.#table.size, this.#model.flows.length);
    for (const { id } of GATEWAYS) {
      const model = this.#model;
      const counters = { ...this.#table.countersOf(id) };
      assert.deepEqual(counters, {
        activeConnectionCount: model.active(id),
        connectionAttemptCount: model.attempts.get(id) ?? 0,
        connectionEstablishedCount: model.established.get(id) ?? 0,
        errorPortAllocation: model.portErrors.get(id) ?? 0,
        idleTimeoutCount: model.timeouts.get(id) ?? 0,
        packetsDropCount: model.drops.get(id) ?? 0,
      });
      for (const [what, count] of Object.entries(counters)) if (count > 0) seen.push(what);
    }
    return seen;
  }

  #send(ask: Ask, flags: number): void {
    const tcpFlags = ask.protocol === IPPROTO_TCP ? flags : 0;
    const known = this.#model.find(ask);
    const wanted = known === undefined ? this.#model.refusal(ask, tcpFlags) : known.slot;
    const slot = this.#table.outbound(ask.gateway, outboundOf(ask, tcpFlags), this.#nowMs | 0);
    if (known !== undefined) {
      assert.equal(slot, known.slot);
      assert.deepEqual(outsideOf(this.#table, slot), { address: known.address, port: known.port });
      this.#model.count(known, false, tcpFlags, this.#nowMs);
    } else if (wanted < 0) assert.equal(slot, wanted);
    else {
      assert(slot > 0, `refused: ${slot}`);
      const serial = this.#table.serialOf(slot);
      this.#model.begin(ask, outsideOf(this.#table, slot), slot, serial, this.#nowMs);
      this.#ever.push(this.#model.flows.at(-1) as ModelFlow);
    }
  }

  /** A packet to, of or about a flow that was there once: maybe it is no more, or another has its place. */
  #follow(kind: 'in' | 'touch' | 'quote-out', flow: ModelFlow, flags: number): void {
    const tcpFlags = flow.protocol === IPPROTO_TCP ? flags : 0;
    const nowMs = this.#nowMs | 0;
    if (kind === 'touch') {
      const isKnown = this.#model.flows.includes(flow);
      const isReply = flags === (TCP_SYN | TCP_ACK);
      const isTouched = this.#table.touch(flow.slot, flow.serial, isReply, tcpFlags, nowMs);
      assert.equal(isTouched, isKnown);
      if (isKnown) this.#model.count(flow, isReply, tcpFlags, this.#nowMs);
      return;
    }
    const found = this.#model.findOutside(flow, flow);
    const slot =
      kind === 'in'
        ? this.#table.inbound(flow.gateway, inboundOf(flow, flow, tcpFlags), nowMs)
        : this.#table.inboundError(flow.gateway, sentOf(flow), nowMs);
    assert.equal(slot, found?.slot ?? NO_NAT_FLOW);
    if (found === undefined) return;
    assert.equal(this.#table.insideWord(slot, 3), found.inside);
    assert.equal(this.#table.insidePort(slot), found.insidePort);
    if (kind === 'in') this.#model.count(found, true, tcpFlags, this.#nowMs);
  }

  #quoteIn(ask: Ask): void {
    const outside = { address: ask.inside, port: ask.insidePort };
    const quoted = inboundOf(ask, outside, 0);
    const slot = this.#table.outboundError(ask.gateway, quoted, this.#nowMs | 0);
    assert.equal(slot, this.#model.find(ask)?.slot ?? NO_NAT_FLOW);
  }

  #stray(ask: Ask, port: number): void {
    const outside = { address: NAT_1, port };
    if (this.#model.findOutside(ask, outside) !== undefined) return;
    const stray = inboundOf(ask, outside, TCP_SYN);
    assert.equal(this.#table.inbound(ask.gateway, stray, this.#nowMs | 0), NO_NAT_FLOW);
  }
}

function endsOf({ gateway, protocol, far, farPort }: Ask, near: Outside): readonly [End, End] {
  const [nearPrefix, farPrefix] =
    gateway.addressCount === 0 ? [GUEST_PREFIX, HOST_PREFIX] : [MAPPED, MAPPED];
  const port = protocol === IPPROTO_ICMP ? 0 : farPort;
  return [
    [nearPrefix, near.address, near.port],
    [farPrefix, far, port],
  ];
}

/** A packet of the near end, under the address that is given. */
function leaving(ask: Ask, from: Outside, tcpFlags: number): TrackedPacket {
  const [near, host] = endsOf(ask, from);
  if (ask.protocol !== IPPROTO_ICMP) return packet(ask.protocol, near, host, tcpFlags);
  const type = ask.gateway.addressCount === 0 ? ICMPV6_ECHO_REQUEST : ICMP_ECHO_REQUEST;
  return query(type, near, host, from.port);
}

function outboundOf(ask: Ask, tcpFlags: number): TrackedPacket {
  return leaving(ask, { address: ask.inside, port: ask.insidePort }, tcpFlags);
}

/** The same as it left the gateway. */
function sentOf(flow: ModelFlow): TrackedPacket {
  return leaving(flow, flow, 0);
}

function inboundOf(ask: Ask, outside: Outside, tcpFlags: number): TrackedPacket {
  const [near, host] = endsOf(ask, outside);
  if (ask.protocol !== IPPROTO_ICMP) return packet(ask.protocol, host, near, tcpFlags);
  const type = ask.gateway.addressCount === 0 ? ICMPV6_ECHO_REPLY : ICMP_ECHO_REPLY;
  return query(type, host, near, outside.port);
}

t.test('NatTable is what a plain list would be, there and back', async (t) => {
  const sizes: readonly (readonly [capacity: number, portLimit: number])[] = [
    [1000, 4],
    [8, 1000],
    [12, 3],
    [1, 1],
  ];
  const seen = new Set<string>();
  for (const [capacity, portLimit] of sizes) {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200, size: 'max' }), (steps) => {
        const play = new Play(capacity, portLimit);
        for (const one of steps) play.take(one);
        for (const what of play.finish()) seen.add(what);
      }),
      { seed, numRuns: 150 },
    );
    t.pass(`${capacity} flows, ${portLimit} to a destination`);
  }
  const all = ['evictions', 'errorPortAllocation', 'idleTimeoutCount', 'packetsDropCount'];
  for (const what of all) t.ok(seen.has(what), what);
});
