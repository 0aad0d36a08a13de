/** Packets between the IP versions: there and back, what errors say and quote, and what tshark reads. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { ipv6FromWords } from '../../src/addr/ipv6.ts';
import type { MacAddr } from '../../src/addr/mac.ts';
import { readU16, writeU16 } from '../../src/packet/bytes.ts';
import {
  ETHERNET_HEADER_SIZE,
  ETHERTYPE_IPV4,
  ETHERTYPE_IPV6,
  emitEthernet,
} from '../../src/packet/ethernet.ts';
import type { IcmpErrorRepr, IcmpRepr } from '../../src/packet/icmp.ts';
import type { Icmpv6ErrorRepr } from '../../src/packet/icmpv6.ts';
import {
  IPPROTO_ICMP,
  IPPROTO_ICMPV6,
  IPPROTO_TCP,
  IPPROTO_UDP,
  type Ipv4Repr,
  ipv4TotalLength,
} from '../../src/packet/ipv4.ts';
import { type Ipv6Repr, ipv6PayloadLength } from '../../src/packet/ipv6.ts';
import { NO_OTHER_FORM, toIpv4, toIpv6 } from '../../src/packet/siit.ts';
import { NAT64_PREFIX_WORD, NearEnd } from '../../src/packet/siit-header.ts';
import { UDP_CHECKSUM } from '../../src/packet/udp.ts';
import * as arbitrary from './arbitraries.ts';
import { dissect, reassemble, type UpperRepr } from './dissect.ts';
import { readVector } from './hex-file.ts';
import { hasTshark, tsharkFields } from './tshark.ts';

const seed = Number(process.env['SEED'] ?? Date.now() % 0x7fffffff);
t.comment(`seed ${seed}`);

/** Before a packet that is to become larger. */
const ROOM = 48;
const ID = 0x1234;
const NO_LINK = { destination: 0 as MacAddr, source: 0 as MacAddr };

/** The near end on both sides: a guest, and the gateway in its place. */
const GUEST = 0x2001_0db8_0000_0101_0000_0000_0000_0011n;
const GATEWAY = 0x0a00_0132;
const GUEST_PORT = 40_000;
const GATEWAY_PORT = 23_456;
const FAR = 0xc633_640a;
const FAR_6 = ipv6FromWords(NAT64_PREFIX_WORD, 0, 0, FAR | 0);

const near4 = Object.assign(new NearEnd(), { w3: GATEWAY, port: GATEWAY_PORT });
const near6 = Object.assign(new NearEnd(), {
  ...{ w0: 0x2001_0db8, w1: 0x0101, w2: 0, w3: 0x11 },
  port: GUEST_PORT,
});

const PLAIN_6 = { trafficClass: 0, flowLabel: 0, hopLimit: 64 };
const PLAIN_4 = {
  ...{ dscpEcn: 0, identification: 0, dontFragment: true, moreFragments: false },
  ...{ fragmentOffset: 0, ttl: 64, options: new Uint8Array(0) },
};

/** @returns a frame with the packet; its sizes and checksums are right. */
function frameOf(ip: Ipv4Repr | Ipv6Repr, upper: UpperRepr): Uint8Array {
  const etherType = 'ttl' in ip ? ETHERTYPE_IPV4 : ETHERTYPE_IPV6;
  const ethernet = { ...NO_LINK, etherType };
  const parts = { ethernet, arp: null, ip, upper, rest: new Uint8Array(0) };
  const size = reassemble(parts).length - ETHERNET_HEADER_SIZE - ('ttl' in ip ? 20 : 40);
  return reassemble({ ...parts, ip: { ...ip, payloadSize: size } }).slice();
}

function guestFrame(upper: UpperRepr, nextHeader: number, ip: Partial<Ipv6Repr> = {}): Uint8Array {
  const ends = { source: GUEST, destination: FAR_6 };
  return frameOf({ ...PLAIN_6, ...ends, nextHeader, payloadSize: 0, ...ip } as Ipv6Repr, upper);
}

function serverFrame(upper: UpperRepr, protocol: number, ip: Partial<Ipv4Repr> = {}): Uint8Array {
  const ends = { source: FAR, destination: GATEWAY };
  return frameOf({ ...PLAIN_4, ...ends, protocol, payloadSize: 0, ...ip } as Ipv4Repr, upper);
}

/** @returns the frame with the packet in the other version; null when it has no form there. */
function translated(frame: Uint8Array): Uint8Array | null {
  const bytes = new Uint8Array(ROOM + frame.length);
  bytes.set(frame, ROOM);
  const from = ROOM + ETHERNET_HEADER_SIZE;
  const isTo4 = readU16(frame, 12) === ETHERTYPE_IPV6;
  const ip = isTo4 ? toIpv4(bytes, from, near4, ID) : toIpv6(bytes, from, near6);
  if (ip === NO_OTHER_FORM) return null;
  const size = isTo4 ? ipv4TotalLength(bytes, ip) : 40 + ipv6PayloadLength(bytes, ip);
  const out = new Uint8Array(ETHERNET_HEADER_SIZE + size);
  emitEthernet({ ...NO_LINK, etherType: isTo4 ? ETHERTYPE_IPV4 : ETHERTYPE_IPV6 }, out, 0);
  out.set(bytes.subarray(ip, ip + size), ETHERNET_HEADER_SIZE);
  return out;
}

function inOtherForm(frame: Uint8Array): Uint8Array {
  const out = translated(frame);
  assert(out !== null, 'the packet has a form in the other version');
  return out;
}

const segment = arbitrary.tcp.map((upper) => ({ upper, protocol: IPPROTO_TCP }));
const datagram = arbitrary.udp.map((upper) => ({ upper, protocol: IPPROTO_UDP }));
const echo = fc
  .record({
    kind: fc.constantFrom('echo-request' as const, 'echo-reply' as const),
    identifier: fc.integer({ min: 0, max: 0xffff }),
    sequence: fc.integer({ min: 0, max: 0xffff }),
    payload: fc.uint8Array({ maxLength: 2000, size: 'max' }),
  })
  .map((upper) => ({ upper, protocol: IPPROTO_ICMPV6 }));
const sent = fc.oneof(segment, datagram, echo);
const octet = fc.integer({ min: 0, max: 255 });

/** What the near end sends with its own port. */
function fromGuest(upper: UpperRepr): UpperRepr {
  if ('identifier' in upper) return { ...upper, identifier: GUEST_PORT };
  return { ...upper, sourcePort: GUEST_PORT } as UpperRepr;
}

/** @returns the packet that the near end gets when the far one has sent the same. */
function mirrored(frame: Uint8Array): Uint8Array {
  const { ip, upper, ...rest } = dissect(frame);
  assert(ip !== null && upper !== null && 'ttl' in ip);
  const ports =
    'sourcePort' in upper
      ? { sourcePort: upper.destinationPort, destinationPort: upper.sourcePort }
      : {};
  const ends = { source: ip.destination, destination: ip.source };
  return reassemble({ ...rest, ip: { ...ip, ...ends }, upper: { ...upper, ...ports } }).slice();
}

t.test('[NAT-8] toIpv4 and toIpv6: there and back, all checksums right', async (t) => {
  fc.assert(
    fc.property(sent, octet, octet, ({ upper, protocol }, trafficClass, hopLimit) => {
      const own = fromGuest(upper);
      const frame = guestFrame(own, protocol, { trafficClass, hopLimit, flowLabel: 0xabcde });
      const out = inOtherForm(frame);
      // The checksums are checked on the way.
      const there = dissect(out);
      assert(there.upper !== null, 'the checksums are right');
      const size = out.length - ETHERNET_HEADER_SIZE;
      t.match(there.ip, { source: GATEWAY, destination: FAR, dscpEcn: trafficClass });
      t.match(there.ip, { ttl: hopLimit, dontFragment: size > 1260, options: { length: 0 } });
      t.match(there.ip, { identification: size > 1260 ? 0 : ID });
      const isEcho = 'identifier' in own;
      t.same(there.upper, { ...own, [isEcho ? 'identifier' : 'sourcePort']: GATEWAY_PORT });
      const back = dissect(inOtherForm(mirrored(out)));
      t.match(back.ip, { source: FAR_6, destination: GUEST, trafficClass, hopLimit, flowLabel: 0 });
      const swapped = isEcho
        ? own
        : { ...own, sourcePort: (own as { destinationPort: number }).destinationPort };
      t.same(back.upper, isEcho ? own : { ...swapped, destinationPort: GUEST_PORT });
    }),
    { seed },
  );
});

t.test('[NAT-8] toIpv4 and toIpv6 neither throw nor leave the packet, whatever it is', async () => {
  fc.assert(
    fc.property(fc.boolean(), fc.uint8Array({ minLength: 40, maxLength: 200 }), (is4, noise) => {
      const frame = new Uint8Array(ETHERNET_HEADER_SIZE + noise.length);
      writeU16(frame, 12, is4 ? ETHERTYPE_IPV4 : ETHERTYPE_IPV6);
      frame.set(noise, ETHERNET_HEADER_SIZE);
      frame[ETHERNET_HEADER_SIZE] = is4 ? 0x45 : 0x60;
      writeU16(frame, ETHERNET_HEADER_SIZE + (is4 ? 2 : 4), noise.length - (is4 ? 0 : 40));
      const out = translated(frame);
      assert(out === null || out.length <= frame.length + ROOM);
    }),
    { seed, numRuns: 2000 },
  );
});

t.test('[NAT-8] a datagram without a checksum gets one in IPv6, a fragment cannot', async (t) => {
  const upper = { sourcePort: 53, destinationPort: GATEWAY_PORT, payload: Buffer.from('vpclab') };
  const bare = (ip: Partial<Ipv4Repr>): Uint8Array => {
    const frame = serverFrame(upper, IPPROTO_UDP, ip);
    writeU16(frame, ETHERNET_HEADER_SIZE + 20 + UDP_CHECKSUM, 0);
    return frame;
  };
  const out = inOtherForm(bare({}));
  t.not(readU16(out, ETHERNET_HEADER_SIZE + 40 + UDP_CHECKSUM), 0);
  t.match(dissect(out).upper, { sourcePort: 53, destinationPort: GUEST_PORT });
  t.equal(translated(bare({ moreFragments: true })), null);
});

t.test(
  '[NAT-3] fragments of UDP keep identification, offset and order; ICMP has none',
  async (t) => {
    const upper = { sourcePort: 53, destinationPort: GATEWAY_PORT, payload: new Uint8Array(16) };
    for (const fragmentOffset of [0, 1480]) {
      for (const moreFragments of [true, false]) {
        if (fragmentOffset === 0 && !moreFragments) continue;
        const ip = { identification: 0xfedc, dontFragment: false, fragmentOffset, moreFragments };
        const out = inOtherForm(serverFrame(upper, IPPROTO_UDP, ip));
        t.match(dissect(out).ip, { nextHeader: 44, payloadSize: 8 + 24 });
        t.equal(readU16(out, ETHERNET_HEADER_SIZE + 42), fragmentOffset | (moreFragments ? 1 : 0));
        const back = inOtherForm(Uint8Array.from(out));
        t.match(dissect(back).ip, { ...ip, protocol: IPPROTO_UDP, payloadSize: 24 });
      }
    }
    const ping = { kind: 'echo-reply', identifier: 1, sequence: 1, payload: Buffer.from('1234') };
    const isCut = { dontFragment: false, moreFragments: true };
    t.equal(translated(serverFrame(ping as IcmpRepr, IPPROTO_ICMP, isCut)), null);
  },
);

/** What the near end has sent, as an error from outside quotes it; and what it has got, as its own does. */
const SENT_4 = inOtherForm(
  guestFrame(
    { sourcePort: GUEST_PORT, destinationPort: 53, payload: new Uint8Array(1400) },
    IPPROTO_UDP,
  ),
).subarray(ETHERNET_HEADER_SIZE);
const GOT_6 = inOtherForm(
  serverFrame(
    { sourcePort: 53, destinationPort: GATEWAY_PORT, payload: new Uint8Array(1400) },
    IPPROTO_UDP,
  ),
).subarray(ETHERNET_HEADER_SIZE);

const ROUTER = 0xcb00_7101;

function error4(error: Partial<IcmpErrorRepr>, size = 548): Uint8Array {
  const plain = { code: 0, nextHopMtu: 0, pointer: 0, quote: SENT_4.subarray(0, size) };
  return serverFrame({ ...plain, ...error } as IcmpErrorRepr, IPPROTO_ICMP, {
    source: ROUTER as Ipv4Repr['source'],
  });
}

function error6(error: Partial<Icmpv6ErrorRepr>): Uint8Array {
  const plain = { code: 0, parameter: 0, quote: GOT_6.subarray(0, 1232) };
  return guestFrame({ ...plain, ...error } as Icmpv6ErrorRepr, IPPROTO_ICMPV6);
}

t.test('[NAT-8] toIpv6 says errors as RFC 7915 4.2 has them', async (t) => {
  const unreachable = (code: number) => ({ kind: 'unreachable', code }) as const;
  const tooBig = (nextHopMtu: number) => ({ ...unreachable(4), nextHopMtu });
  const problem = (pointer: number) => ({ kind: 'parameter-problem', pointer }) as const;
  const rows: readonly (readonly [Partial<IcmpErrorRepr>, Partial<Icmpv6ErrorRepr> | null])[] = [
    ...[0, 1, 5, 6, 7, 8, 11, 12].map((code) => [unreachable(code), unreachable(0)] as const),
    ...[9, 10, 13, 15].map((code) => [unreachable(code), unreachable(1)] as const),
    [unreachable(2), { kind: 'parameter-problem', code: 1, parameter: 6 }],
    [unreachable(3), unreachable(4)],
    [unreachable(14), null],
    [tooBig(1400), { kind: 'packet-too-big', parameter: 1420 }],
    [tooBig(576), { kind: 'packet-too-big', parameter: 1280 }],
    // The router does not say: the plateau below the 1,428 bytes that it quotes the size of.
    [tooBig(0), { kind: 'packet-too-big', parameter: 1280 }],
    [{ kind: 'time-exceeded' }, { kind: 'time-exceeded', code: 0 }],
    [problem(0), { kind: 'parameter-problem', code: 0, parameter: 0 }],
    [problem(2), { kind: 'parameter-problem', parameter: 4 }],
    [problem(8), { kind: 'parameter-problem', parameter: 7 }],
    [problem(9), { kind: 'parameter-problem', parameter: 6 }],
    [problem(12), { kind: 'parameter-problem', parameter: 8 }],
    [problem(19), { kind: 'parameter-problem', parameter: 24 }],
    ...[4, 10, 20].map((pointer) => [problem(pointer), null] as const),
  ];
  for (const [said, wanted] of rows) {
    const out = translated(error4(said));
    const name = JSON.stringify(said);
    if (wanted === null) t.equal(out, null, name);
    else t.match(out && dissect(out).upper, wanted, name);
  }
});

t.test('[NAT-8] toIpv4 says errors as RFC 7915 5.2 has them', async (t) => {
  const unreachable = (code: number) => ({ kind: 'unreachable', code }) as const;
  const problem = (code: number, parameter: number) =>
    ({ kind: 'parameter-problem', code, parameter }) as const;
  const rows: readonly (readonly [Partial<Icmpv6ErrorRepr>, Partial<IcmpErrorRepr> | null])[] = [
    ...[0, 2, 3].map((code) => [unreachable(code), unreachable(1)] as const),
    [unreachable(1), unreachable(10)],
    [unreachable(4), unreachable(3)],
    [unreachable(5), null],
    [
      { kind: 'packet-too-big', parameter: 1400 },
      { ...unreachable(4), nextHopMtu: 1380 },
    ],
    [
      { kind: 'packet-too-big', parameter: 90_000 },
      { ...unreachable(4), nextHopMtu: 65_535 },
    ],
    [{ kind: 'time-exceeded' }, { kind: 'time-exceeded', code: 0 }],
    [problem(1, 6), unreachable(2)],
    [problem(0, 4), { kind: 'parameter-problem', pointer: 2 }],
    [problem(0, 23), { kind: 'parameter-problem', pointer: 12 }],
    [problem(0, 39), { kind: 'parameter-problem', pointer: 16 }],
    ...[2, 40].map((pointer) => [problem(0, pointer), null] as const),
    [problem(2, 0), null],
  ];
  for (const [said, wanted] of rows) {
    const out = translated(error6(said));
    const name = JSON.stringify(said);
    if (wanted === null) t.equal(out, null, name);
    else t.match(out && dissect(out).upper, wanted, name);
  }
});

/** @returns the packet that an error quotes, in a frame; its checksum is that of what was not cut off. */
function quotedIn(frame: Uint8Array): ReturnType<typeof dissect> {
  const { upper } = dissect(frame);
  assert(upper !== null && 'quote' in upper, 'no error');
  const out = new Uint8Array(ETHERNET_HEADER_SIZE + 2000);
  const etherType = (upper.quote[0] ?? 0) >>> 4 === 4 ? ETHERTYPE_IPV4 : ETHERTYPE_IPV6;
  emitEthernet({ ...NO_LINK, etherType }, out, 0);
  out.set(upper.quote, ETHERNET_HEADER_SIZE);
  // What was cut off was all zero.
  return dissect(out);
}

t.test('[NAT-8] an error quotes what its receiver has sent, and is not too large', async (t) => {
  const told = inOtherForm(error4({ kind: 'time-exceeded' }));
  const source = ipv6FromWords(NAT64_PREFIX_WORD, 0, 0, ROUTER | 0);
  t.match(dissect(told).ip, { source, destination: GUEST });
  const quoted = quotedIn(told);
  t.match(quoted.ip, { source: GUEST, destination: FAR_6, payloadSize: 1408 });
  t.match(quoted.upper, { sourcePort: GUEST_PORT, destinationPort: 53 }, 'its checksum is right');
  const large = inOtherForm(error4({ kind: 'time-exceeded' }, 1400));
  t.equal(large.length, ETHERNET_HEADER_SIZE + 1280);
  t.match(dissect(large).upper, { kind: 'time-exceeded' });
  const own = inOtherForm(error6({ kind: 'unreachable', code: 4 }));
  t.equal(own.length, ETHERNET_HEADER_SIZE + 576);
  t.match(dissect(own).ip, { source: GATEWAY, destination: FAR });
  const got = quotedIn(own);
  t.match(got.ip, { source: FAR, destination: GATEWAY, payloadSize: 1408 });
  t.match(got.upper, { sourcePort: 53, destinationPort: GATEWAY_PORT });
});

t.test(
  '[NAT-8] an error about an error, or with a wrong checksum, has no other form',
  async (t) => {
    const first = error4({ kind: 'time-exceeded' }).subarray(ETHERNET_HEADER_SIZE);
    t.equal(translated(error4({ kind: 'time-exceeded', quote: first })), null);
    for (const frame of [error4({ kind: 'time-exceeded' }), error6({ kind: 'time-exceeded' })]) {
      const last = frame.length - 1;
      frame[last] = (frame[last] ?? 0) ^ 1;
      t.equal(translated(frame), null);
    }
    const vectors = ['ndp-neighbor-solicitation', 'ndp-router-advertisement'];
    for (const vector of vectors) t.equal(translated(readVector(vector)), null, vector);
  },
);

t.test(
  'toIpv4 and toIpv6 make of captured packets what tshark reads as such',
  { skip: hasTshark ? false : 'no tshark' },
  async (t) => {
    const vectors = [
      ...['tcp6-syn', 'udp6', 'icmpv6-echo-request', 'icmpv6-echo-reply'],
      ...['icmpv6-packet-too-big', 'icmpv6-port-unreachable', 'icmpv6-time-exceeded'],
      ...['tcp-syn', 'tcp-payload', 'udp', 'icmp-echo-request', 'icmp-echo-reply'],
      ...['icmp-fragmentation-needed', 'icmp-port-unreachable', 'icmp-time-exceeded'],
    ];
    const frames = vectors.map((vector) => inOtherForm(readVector(vector)));
    const fields = [
      ...['ip.checksum.status', 'tcp.checksum.status', 'udp.checksum.status'],
      ...['icmp.checksum.status', 'icmpv6.checksum.status', 'icmp.type', 'icmpv6.type'],
      ...['icmp.mtu', 'icmpv6.mtu', '_ws.malformed'],
    ];
    t.matchSnapshot(
      tsharkFields(t.testdir(), frames, fields)
        .map((row, place) => `${vectors[place]}: ${row.join(' | ')}`)
        .join('\n'),
    );
  },
);
