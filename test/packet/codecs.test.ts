/**
 * The codecs against frames of real stacks: decode gives the fields that tshark shows, encode gives
 * the bytes back. Then what no capture holds: malformed frames, and every legal record there is.
 */
import fc from 'fast-check';
import t from 'tap';
import { FUZZ_TARGETS } from '../../scripts/fuzz-targets.ts';
import { createRandom, mutate } from '../../scripts/mutate.ts';
import { parseIpv4 } from '../../src/addr/ipv4.ts';
import { ipv6ToWords, parseIpv6 } from '../../src/addr/ipv6.ts';
import { type MacAddr, macHigh16, macLow32, parseMac } from '../../src/addr/mac.ts';
import { arpSenderAddr, arpTargetAddr, emitArp, parseArp } from '../../src/packet/arp.ts';
import { EMPTY_BYTES } from '../../src/packet/bytes.ts';
import { addressSum4, addressSum6 } from '../../src/packet/checksum.ts';
import {
  emitEthernet,
  ethernetDestinationHigh16,
  ethernetDestinationLow32,
  ethernetSourceHigh16,
  ethernetSourceLow32,
  parseEthernet,
} from '../../src/packet/ethernet.ts';
import { emitIcmp, icmpSize, icmpType, isIcmpError, parseIcmp } from '../../src/packet/icmp.ts';
import {
  emitIcmpv6,
  icmpv6Size,
  icmpv6Type,
  isIcmpv6Error,
  parseIcmpv6,
} from '../../src/packet/icmpv6.ts';
import {
  checkIpv4Header,
  emitIpv4Header,
  ipv4Destination,
  ipv4HeaderChecksum,
  ipv4IsFragment,
  ipv4Source,
  parseIpv4Header,
} from '../../src/packet/ipv4.ts';
import {
  checkIpv6Header,
  createIpv6Upper,
  emitIpv6Header,
  ipv6DestinationWord,
  ipv6SourceWord,
  parseIpv6Header,
  walkIpv6Extensions,
} from '../../src/packet/ipv6.ts';
import {
  emitTcp,
  findTcpOption,
  parseTcp,
  TCP_OPTION_MSS,
  tcpChecksum,
} from '../../src/packet/tcp.ts';
import { emitUdp, parseUdp } from '../../src/packet/udp.ts';
import {
  completeChecksum,
  emitVnetHeader,
  parseVnetHeader,
  VNET_HEADER_SIZE,
} from '../../src/packet/vnet-header.ts';
import * as arbitrary from './arbitraries.ts';
import { dissect, reassemble } from './dissect.ts';
import { GOLDEN_FIELDS } from './golden-table.ts';
import { listVectors, parseHex, readCorpus, readVector } from './hex-file.ts';

const seed = Number(process.env['SEED'] ?? Date.now() % 0x7fffffff);
t.comment(`seed ${seed}`);

const _mac = (text: string) => parseMac(text);
const _ip4 = (text: string) => parseIpv4(text);
const _ip6 = (text: string) => parseIpv6(text);

t.test('golden vectors decode to the fields in their headers', async (t) => {
  for (const [name, layer, fields] of GOLDEN_FIELDS) {
    t.has(dissect(readVector(name))[layer], fields, `${name} ${layer}`);
  }
});

t.test('accessors read what the records hold', async (t) => {
  for (const name of listVectors('').filter((name) => !name.startsWith('vnet-'))) {
    const frame = readVector(name);
    const { ethernet, arp, ip } = dissect(frame);
    t.equal(ethernetDestinationHigh16(frame, 0), macHigh16(ethernet?.destination as MacAddr), name);
    t.equal(ethernetDestinationLow32(frame, 0), macLow32(ethernet?.destination as MacAddr), name);
    t.equal(ethernetSourceHigh16(frame, 0), macHigh16(ethernet?.source as MacAddr), name);
    t.equal(ethernetSourceLow32(frame, 0), macLow32(ethernet?.source as MacAddr), name);
    if (arp !== null) {
      t.equal(arpSenderAddr(frame, 14), arp.senderAddr | 0, name);
      t.equal(arpTargetAddr(frame, 14), arp.targetAddr | 0, name);
    }
    if (ip !== null && 'ttl' in ip) {
      t.equal(ipv4Source(frame, 14), ip.source | 0, name);
      t.equal(ipv4Destination(frame, 14), ip.destination | 0, name);
      t.equal(ipv4IsFragment(frame, 14), ip.moreFragments || ip.fragmentOffset > 0, name);
    } else if (ip !== null) {
      const words = [0, 1, 2, 3];
      t.same(
        words.map((index) => ipv6SourceWord(frame, 14, index)),
        ipv6ToWords(ip.source),
        name,
      );
      const destination = words.map((index) => ipv6DestinationWord(frame, 14, index));
      t.same(destination, ipv6ToWords(ip.destination), name);
    }
  }
  t.equal(ipv4HeaderChecksum(readVector('tcp-syn'), 14) !== 0, true);
  t.equal(tcpChecksum(readVector('vnet-tcp-syn'), 46), 0x1e42);
});

t.test('isIcmpError and isIcmpv6Error name the types that quote a packet', async (t) => {
  for (const name of [...listVectors('icmp-'), ...listVectors('icmpv6-'), ...listVectors('ndp-')]) {
    const { upper } = dissect(readVector(name));
    const isError = name.startsWith('icmp-')
      ? isIcmpError(icmpType(readVector(name), 34))
      : isIcmpv6Error(icmpv6Type(readVector(name), 54));
    t.equal(isError, upper !== null && 'quote' in upper, name);
  }
});

t.test('golden vectors encode to the same bytes', async (t) => {
  // Linux adds a nonce to its duplicate address detection, which no record keeps (RFC 7527).
  const names = ['arp', 'icmp', 'ipv', 'ndp', 'tcp', 'udp']
    .flatMap(listVectors)
    .filter((name) => name !== 'ndp-neighbor-solicitation-dad');
  t.equal(names.length, 29);
  for (const name of names) {
    const frame = readVector(name);
    t.equal(hex(reassemble(dissect(frame))), hex(frame), name);
  }
});

t.test('walkIpv6Extensions finds the upper layer of captured packets', async (t) => {
  const rows: readonly [name: string, expected: object][] = [
    ['udp6', { protocol: 17, offset: 54, fragmentOffset: -1, moreFragments: false }],
    ['ipv6-hop-by-hop', { protocol: 58, offset: 62, fragmentOffset: -1, moreFragments: false }],
    [
      'ipv6-fragment-last',
      { protocol: 58, offset: 62, fragmentOffset: 2896, moreFragments: false },
    ],
  ];
  for (const [name, expected] of rows) {
    const upper = createIpv6Upper();
    t.equal(walkIpv6Extensions(readVector(name), 14, upper), null, name);
    t.has(upper, expected, name);
  }
});

t.test('walkIpv6Extensions refuses chains that end early or never', async (t) => {
  const header = `6000 0000 0048 0040 ${'00'.repeat(32)}`;
  const rows: readonly [title: string, bytes: Uint8Array, fault: string | null][] = [
    [
      'eight extensions and UDP',
      parseHex(header + '0000000000000000'.repeat(7) + '1100000000000000'.repeat(2)),
      null,
    ],
    ['nine extensions', parseHex(header + '0000000000000000'.repeat(9)), 'TOO_MANY_EXTENSIONS'],
    [
      'an extension longer than the packet',
      parseHex(`${header}0009${'00'.repeat(70)}`),
      'TRUNCATED',
    ],
    [
      'an authentication header, then an end',
      parseHex(`${header}3310${'00'.repeat(70)}`),
      'TRUNCATED',
    ],
  ];
  for (const [title, bytes, fault] of rows) {
    t.equal(checkIpv6Header(bytes, 0, bytes.length), null, title);
    t.equal(walkIpv6Extensions(bytes, 0, createIpv6Upper()), fault, title);
  }
});

t.test('checkIpv4Header names the fault', async (t) => {
  const good = readVector('udp').subarray(14);
  const rows: readonly [at: number, value: number, fault: string][] = [
    [0, 0x65, 'BAD_VERSION'],
    [0, 0x44, 'BAD_HEADER_LENGTH'],
    [0, 0x4f, 'TRUNCATED'],
    [2, 0xff, 'TRUNCATED'],
    [3, 0x13, 'BAD_TOTAL_LENGTH'],
    [8, 0x3f, 'BAD_CHECKSUM'],
  ];
  t.equal(checkIpv4Header(good, 0, good.length), null);
  t.equal(checkIpv4Header(good, 0, 19), 'TRUNCATED');
  for (const [at, value, fault] of rows) {
    const bad = Uint8Array.from(good);
    bad[at] = value;
    t.equal(checkIpv4Header(bad, 0, bad.length), fault, `byte ${at} = ${value}`);
    t.equal(parseIpv4Header(bad, 0, bad.length), null);
  }
});

t.test('parsers refuse what is not theirs', async (t) => {
  const rows: readonly [title: string, vector: string, at: number, value: number][] = [
    ['ARP of another hardware type', 'arp-request', 15, 6],
    ['ARP of another protocol type', 'arp-request', 16, 0x86],
    ['ARP with long hardware addresses', 'arp-request', 18, 8],
    ['ARP with long protocol addresses', 'arp-request', 19, 16],
    ['ARP with another operation', 'arp-request', 21, 3],
    ['ICMP of an unknown type', 'icmp-echo-request', 34, 42],
    ['ICMP echo with a code', 'icmp-echo-request', 35, 1],
    ['ICMP with a wrong checksum', 'icmp-echo-request', 60, 1],
    ['UDP longer than its packet', 'udp', 38, 1],
    ['UDP shorter than its header', 'udp', 39, 7],
    ['UDP with a wrong checksum', 'udp', 43, 0],
    ['TCP with a short header', 'tcp-syn', 46, 0x40],
    ['TCP with a header longer than the segment', 'tcp-syn', 46, 0xf0],
    ['TCP with a wrong checksum', 'tcp-syn', 70, 0xee],
    ['ICMPv6 with a wrong checksum', 'icmpv6-echo-request', 90, 0xff],
    ['ND option without a size', 'ndp-neighbor-solicitation', 79, 0],
    ['ND option longer than the message', 'ndp-neighbor-solicitation', 79, 2],
    ['a prefix of 129 bits', 'ndp-router-advertisement', 88, 129],
    ['ND with a code', 'ndp-neighbor-solicitation', 55, 1],
  ];
  for (const [title, vector, at, value] of rows) {
    const frame = readVector(vector);
    frame[at] = value;
    const { arp, upper } = dissect(frame, { skipChecksum: vector.startsWith('ndp') });
    t.equal(arp ?? upper, null, title);
  }
  t.equal(parseEthernet(new Uint8Array(13), 0, 13), null, 'an Ethernet header that is cut');
  t.equal(parseArp(readVector('arp-request'), 14, 27), null, 'an ARP packet that is cut');
  t.equal(parseIcmp(readVector('icmp-echo-request'), 34, 7), null, 'an ICMP message that is cut');
  t.equal(parseVnetHeader(new Uint8Array(11), 0, 11), null, 'a vnet header that is cut');
  t.equal(parseVnetHeader(parseHex('0002 0000 0000 0000 0000 0000'), 0, 12), null, 'GSO type 2');
  t.equal(parseVnetHeader(parseHex('0001 0000 0000 0000 0000 0000'), 0, 12), null, 'GSO size 0');
});

t.test('findTcpOption finds the MSS and stops at a broken list', async (t) => {
  const syn = readVector('tcp-syn');
  t.equal(findTcpOption(syn, 34, TCP_OPTION_MSS), 54);
  t.equal(findTcpOption(syn, 34, 99), -1);
  t.equal(findTcpOption(readVector('tcp-payload'), 34, TCP_OPTION_MSS), -1);
  syn[54] = 1;
  t.equal(
    findTcpOption(syn, 34, TCP_OPTION_MSS),
    -1,
    'NOP, then an option of size 5 before the end',
  );
  for (const size of [0, 1, 255]) {
    syn[54] = 3;
    syn[55] = size;
    t.equal(findTcpOption(syn, 34, TCP_OPTION_MSS), -1, `an option of size ${size}`);
  }
});

t.test('completeChecksum finishes what a guest left to its device', async (t) => {
  for (const name of listVectors('vnet-')) {
    const bytes = readVector(name);
    const header = parseVnetHeader(bytes, 0, VNET_HEADER_SIZE);
    t.has(header, { needsChecksum: true, gsoType: 0, checksumStart: 34 }, name);
    t.equal(dissect(bytes.subarray(12)).upper, null, `${name} before`);
    t.equal(completeChecksum(bytes, 0, VNET_HEADER_SIZE, bytes.length - VNET_HEADER_SIZE), true);
    t.not(dissect(bytes.subarray(12)).upper, null, `${name} after`);
    const after = { needsChecksum: false, checksumStart: 0, checksumOffset: 0 };
    t.has(parseVnetHeader(bytes, 0, VNET_HEADER_SIZE), after, name);
  }
});

t.test('completeChecksum changes nothing when the field is outside the frame', async (t) => {
  const bytes = readVector('vnet-udp');
  bytes[8] = 10;
  const before = hex(bytes);
  t.equal(completeChecksum(bytes, 0, VNET_HEADER_SIZE, bytes.length - VNET_HEADER_SIZE), false);
  t.equal(hex(bytes), before);
  bytes[0] = 0;
  t.equal(completeChecksum(bytes, 0, VNET_HEADER_SIZE, bytes.length - VNET_HEADER_SIZE), true);
});

t.test('parse gives back every record that emit wrote', async (t) => {
  const out = new Uint8Array(3000);
  const sum4 = addressSum4(0x0a00010a, 0x0a00010b);
  const sum6 = addressSum6(arbitrary.LINK_LOCAL, arbitrary.GLOBAL);
  const holds = <T>(repr: fc.Arbitrary<T>, roundTrip: (value: T) => unknown) => {
    fc.assert(
      fc.property(repr, (value) => {
        out.fill(0xa5);
        t.same(roundTrip(value), value);
      }),
      { seed },
    );
  };
  holds(arbitrary.ethernet, (r) => parseEthernet(out, 3, emitEthernet(r, out, 3)));
  holds(arbitrary.arp, (r) => parseArp(out, 3, emitArp(r, out, 3)));
  holds(arbitrary.ipv4, (r) => parseIpv4Header(out, 3, emitIpv4Header(r, out, 3) + r.payloadSize));
  holds(arbitrary.ipv6, (r) => parseIpv6Header(out, 3, emitIpv6Header(r, out, 3) + r.payloadSize));
  holds(arbitrary.udp, (r) => parseUdp(out, 3, emitUdp(r, sum4, out, 3), sum4));
  holds(arbitrary.tcp, (r) => parseTcp(out, 3, emitTcp(r, sum6, out, 3), sum6));
  holds(arbitrary.icmp, (r) => parseIcmp(out, 3, emitIcmp(r, out, 3)));
  holds(arbitrary.icmp, (r) => (emitIcmp(r, out, 3) === icmpSize(r) ? r : null));
  holds(arbitrary.icmpv6, (r) => parseIcmpv6(out, 3, emitIcmpv6(r, sum6, out, 3), sum6));
  holds(arbitrary.icmpv6, (r) => (emitIcmpv6(r, sum6, out, 3) === icmpv6Size(r) ? r : null));
  holds(arbitrary.vnet, (r) => parseVnetHeader(out, 3, emitVnetHeader(r, out, 3)));
});

t.test('mutated frames never throw and nothing behind the frame is read', async (t) => {
  const random = createRandom(seed);
  const names = listVectors('').filter((name) => !name.startsWith('vnet-'));
  let differing = 0;
  for (let count = 0; count < 20_000; count++) {
    const frame = mutate(readVectorOnce(names[random(names.length)] ?? ''), random);
    const inZeros = surround(frame, 0x00);
    const inOnes = surround(frame, 0xff);
    const left = dissect(inZeros, { skipChecksum: true, offset: 8, size: frame.length });
    const right = dissect(inOnes, { skipChecksum: true, offset: 8, size: frame.length });
    if (!Buffer.from(text(left)).equals(Buffer.from(text(right)))) differing++;
  }
  t.equal(differing, 0);
});

t.test('fuzz targets survive their corpus, earlier crashes included', async (t) => {
  for (const target of FUZZ_TARGETS) {
    const seeds = readCorpus(target.corpus);
    t.ok(seeds.length > 0, target.name);
    for (const bytes of seeds) t.doesNotThrow(() => target.run(bytes), target.name);
  }
});

t.test('mutate gives the same bytes for the same seed and leaves its input alone', async (t) => {
  const origin = readVector('udp');
  const run = (from: number) => {
    const random = createRandom(from);
    return Array.from({ length: 100 }, () => hex(mutate(origin, random)));
  };
  t.same(run(seed), run(seed));
  t.notSame(run(1), run(2));
  t.equal(hex(origin), hex(readVector('udp')));
});

const vectors = new Map<string, Uint8Array>();

function readVectorOnce(name: string): Uint8Array {
  const known = vectors.get(name) ?? readVector(name);
  vectors.set(name, known);
  return known;
}

function surround(frame: Uint8Array, filler: number): Uint8Array {
  const out = new Uint8Array(frame.length + 128).fill(filler);
  out.set(frame, 8);
  return out;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

function text(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? `${part}` : part));
}

t.test('EMPTY_BYTES and the zero MAC are legal values', async (t) => {
  const frame = new Uint8Array(28);
  emitUdp({ sourcePort: 1, destinationPort: 2, payload: EMPTY_BYTES }, 0, frame, 0);
  t.same(parseUdp(frame, 0, 8, 0)?.payload.length, 0);
  const zero = 0 as MacAddr;
  emitEthernet({ destination: zero, source: zero, etherType: 0 }, frame, 0);
  t.has(parseEthernet(frame, 0, 14), { destination: zero, source: zero });
});
