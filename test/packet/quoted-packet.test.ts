/** What ICMP errors quote, as captured from a kernel and as hostile senders would write it. */
import t from 'tap';
import { createRandom, mutate } from '../../scripts/mutate.ts';
import { writeU16 } from '../../src/packet/bytes.ts';
import { icmpQueryClassOf, isIcmpErrorOf } from '../../src/packet/icmp-error.ts';
import { QuotedPacket, readQuotedPacket } from '../../src/packet/quoted-packet.ts';
import { listVectors, parseHex, readVector } from './hex-file.ts';

const seed = Number(process.env['SEED'] ?? Date.now() % 0x7fffffff);
t.comment(`seed ${seed}`);

/** Where the quote begins in the frame of an error. */
const QUOTE_4 = 14 + 20 + 8;
const QUOTE_6 = 14 + 40 + 8;

function read(bytes: Uint8Array, offset = 0, size = bytes.length - offset): QuotedPacket | null {
  const into = new QuotedPacket();
  return readQuotedPacket(bytes, offset, size, into) ? into : null;
}

const A4 = { s0: 0, s1: 0, s2: 0xffff, s3: 0x0a00010a };
const A6 = { s0: 0x20010db8, s1: 0x00010000, s2: 0, s3: 10 };

t.test('readQuotedPacket reads what a kernel quotes', async (t) => {
  const rows: readonly [name: string, offset: number, expected: object][] = [
    [
      'icmp-fragmentation-needed',
      QUOTE_4,
      { family: 4, ...A4, d3: 0x0a000209, protocol: 1, sport: 0x0800, dport: 10943 },
    ],
    ['icmp-time-exceeded', QUOTE_4, { family: 4, ...A4, protocol: 1, sport: 0x0800, dport: 10942 }],
    ['icmp-port-unreachable', QUOTE_4, { family: 4, protocol: 17 }],
    [
      'icmpv6-packet-too-big',
      QUOTE_6,
      { family: 6, ...A6, protocol: 58, sport: 0x8000, dport: 10945 },
    ],
    ['icmpv6-time-exceeded', QUOTE_6, { family: 6, ...A6, protocol: 58, dport: 10944 }],
    ['icmpv6-port-unreachable', QUOTE_6, { family: 6, protocol: 17 }],
  ];
  for (const [name, offset, expected] of rows)
    t.has(read(readVector(name), offset), expected, name);
});

t.test('readQuotedPacket reads ports of TCP and UDP from eight bytes', async (t) => {
  const rows: readonly [name: string, transport: number, sport: number, dport: number][] = [
    ['tcp-syn', 34, 44766, 80],
    ['tcp6-syn', 54, 36102, 80],
    ['udp', 34, 54582, 9999],
    ['udp6', 54, 37675, 9999],
  ];
  for (const [name, transport, sport, dport] of rows) {
    const frame = readVector(name);
    t.has(read(frame, 14, transport + 8 - 14), { sport, dport, transport }, name);
    t.equal(read(frame, 14, transport + 7 - 14), null, `${name}, cut`);
  }
  const rewritten = readVector('udp');
  writeU16(rewritten, 24, 0xdead);
  t.not(read(rewritten, 14), null, 'the header checksum does not matter');
});

t.test('readQuotedPacket refuses what names no flow', async (t) => {
  const at = (name: string, offset: number, word: number): Uint8Array => {
    const bytes = readVector(name).subarray(14);
    writeU16(bytes, offset, word);
    return bytes;
  };
  const header6 = `6000 0000 0008 0040 ${'00'.repeat(32)}`;
  const rows: readonly [title: string, bytes: Uint8Array][] = [
    ['nothing', new Uint8Array(0)],
    ['a header that is cut', readVector('udp').subarray(14, 33)],
    ['an IPv6 header that is cut', readVector('udp6').subarray(14, 53)],
    ['another version', at('udp', 0, 0x5500)],
    ['a header of 16 bytes', at('udp', 0, 0x4400)],
    ['options past the quote', at('udp', 0, 0x4f00)],
    ['a total length below the header', at('udp', 2, 19)],
    ['a total length that leaves no port', at('udp', 2, 27)],
    ['a later fragment', readVector('ipv4-fragment-last').subarray(14)],
    ['a later fragment of IPv6', readVector('ipv6-fragment-last').subarray(14)],
    ['an extension header past the quote', parseHex(`${header6}1101000000000000`)],
    ['an extension header that is cut', parseHex(`${header6}11000000`)],
  ];
  for (const [title, bytes] of rows) t.equal(read(bytes), null, title);
});

t.test('readQuotedPacket tells queries from errors by family', async (t) => {
  const quote = readVector('icmp-echo-request').subarray(14);
  const of = (type: number) => {
    quote[20] = type;
    return read(quote)?.dport;
  };
  t.equal(of(8), 10938);
  t.equal(of(3), 0, 'an error has no identifier');
  t.equal(of(128), 0, 'the echo of ICMPv6 means nothing in ICMP');
});

t.test('readQuotedPacket never throws and reads nothing behind the quote', async (t) => {
  const random = createRandom(seed);
  const names = [...listVectors('tcp'), ...listVectors('udp'), ...listVectors('ip')];
  let differing = 0;
  for (let count = 0; count < 20_000; count++) {
    const frame = readVector(names[count % names.length] ?? 'udp').subarray(14);
    const quote = mutate(frame, random);
    const [zeros, ones] = [new Uint8Array(quote.length + 64), new Uint8Array(quote.length + 64)];
    ones.fill(0xff);
    for (const each of [zeros, ones]) each.set(quote);
    const [left, right] = [read(zeros, 0, quote.length), read(ones, 0, quote.length)];
    if (JSON.stringify(left) !== JSON.stringify(right)) differing++;
  }
  t.equal(differing, 0);
});

t.test('isIcmpErrorOf and icmpQueryClassOf sort the types of both families', async (t) => {
  const types = Array.from({ length: 256 }, (_, type) => type);
  t.same(
    types.filter((type) => isIcmpErrorOf(4, type)),
    [3, 4, 5, 11, 12],
  );
  t.same(
    types.filter((type) => isIcmpErrorOf(6, type)),
    types.slice(0, 128),
  );
  const classes = (family: 4 | 6) =>
    types
      .map((type) => [type, icmpQueryClassOf(family, type)] as const)
      .filter(([, request]) => request !== -1)
      .map((pair) => pair.join('>'));
  const [echo, timestamp] = [
    ['0>8', '8>8'],
    ['13>13', '14>13'],
  ];
  t.same(classes(4), [...echo, ...timestamp, '15>15', '16>15', '17>17', '18>17']);
  t.same(classes(6), ['128>128', '129>128']);
});
