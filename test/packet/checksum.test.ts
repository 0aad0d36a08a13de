/** The Internet checksum against published sums, against itself by increments, and bytes.ts. */
import fc from 'fast-check';
import t from 'tap';
import { formatIpv6 } from '../../src/addr/ipv6.ts';
import { formatMac } from '../../src/addr/mac.ts';
import {
  readI32,
  readIpv6,
  readMac,
  readU8,
  readU16,
  readU16Le,
  readU32,
  writeIpv6,
  writeMac,
  writeU16,
  writeU16Le,
  writeU32,
} from '../../src/packet/bytes.ts';
import {
  addBytes,
  addressSum4,
  addressSum4At,
  addressSum6,
  addressSum6At,
  checksum,
  checksumHolds,
  foldSum,
  pseudoHeaderSum,
  replaceInSum16,
  replaceInSum32,
  updateChecksum16,
  updateChecksum32,
} from '../../src/packet/checksum.ts';
import * as arbitrary from './arbitraries.ts';
import { parseHex, readVector } from './hex-file.ts';

const seed = Number(process.env['SEED'] ?? Date.now() % 0x7fffffff);
t.comment(`seed ${seed}`);

t.test('checksum gives the published values', async (t) => {
  const example = parseHex('0001 f203 f4f5 f6f7');
  t.equal(foldSum(addBytes(example, 0, 8)), 0xddf2, 'the sum of RFC 1071 section 3');
  t.equal(checksum(example, 0, 8), 0x220d);
  const header = parseHex('4500 0073 0000 4000 4011 0000 c0a8 0001 c0a8 00c7');
  t.equal(checksum(header, 0, 20), 0xb861, 'an IPv4 header often used as example');
  t.equal(checksum(new Uint8Array(0), 0, 0), 0xffff);
  t.equal(checksum(Uint8Array.of(0x12), 0, 1), 0xedff, 'an odd byte is the high half of a word');
  const full = new Uint8Array(65_535).fill(0xff);
  t.equal(
    checksumHolds(full.subarray(0, 65_534), 0, 65_534),
    true,
    'the largest sum does not wrap',
  );
});

t.test('checksum covers the pseudo-headers of captured segments', async (t) => {
  const rows: readonly [name: string, ip: number, offset: number, protocol: number][] = [
    ['tcp-payload', 14, 34, 6],
    ['udp', 14, 34, 17],
    ['tcp6-syn', 14, 54, 6],
    ['icmpv6-echo-reply', 14, 54, 58],
  ];
  for (const [name, ip, offset, protocol] of rows) {
    const frame = readVector(name);
    const size = frame.length - offset;
    const addresses = offset === 34 ? addressSum4At(frame, ip) : addressSum6At(frame, ip);
    const sum = pseudoHeaderSum(addresses, protocol, size);
    t.equal(checksumHolds(frame, offset, size, sum), true, name);
    t.equal(checksumHolds(frame, offset, size, sum + 1), false, `${name} with another sum`);
  }
});

t.test('addressSum from values equals addressSum from bytes', async (t) => {
  fc.assert(
    fc.property(arbitrary.ipv4Addr, arbitrary.ipv4Addr, (source, destination) => {
      const bytes = new Uint8Array(20);
      writeU32(bytes, 12, source);
      writeU32(bytes, 16, destination);
      return addressSum4(source | 0, destination | 0) === addressSum4At(bytes, 0);
    }),
    { seed },
  );
  fc.assert(
    fc.property(arbitrary.ipv6Addr, arbitrary.ipv6Addr, (source, destination) => {
      const bytes = new Uint8Array(40);
      writeIpv6(bytes, 8, source);
      writeIpv6(bytes, 24, destination);
      return addressSum6(source, destination) === addressSum6At(bytes, 0);
    }),
    { seed },
  );
  t.pass();
});

/** At least one byte is not zero, as in any header: then increments and full sums agree. */
const header = fc.uint8Array({ minLength: 24, maxLength: 60 }).map((bytes) => {
  bytes[0] = 0x45;
  return bytes;
});
const at = fc.integer({ min: 1, max: 4 }).map((index) => index * 4);
const word = fc.integer({ min: 0, max: 0xffffffff });

t.test('updateChecksum equals the checksum computed anew [RFC 1624]', async (t) => {
  fc.assert(
    fc.property(header, at, word, (bytes, offset, to) => {
      const before = checksum(bytes, 0, bytes.length);
      const from16 = readU16(bytes, offset);
      writeU16(bytes, offset, to & 0xffff);
      const middle = checksum(bytes, 0, bytes.length);
      const from32 = readI32(bytes, offset);
      writeU32(bytes, offset, to);
      const after = checksum(bytes, 0, bytes.length);
      t.equal(updateChecksum16(before, from16, to & 0xffff), middle);
      t.equal(updateChecksum32(middle, from32, to), after, 'unsigned words');
      t.equal(updateChecksum32(middle, from32, to | 0), after, 'signed words');
    }),
    { seed },
  );
  t.equal(updateChecksum16(0xdd2f, 0x5555, 0x3285), 0x0000, 'the example of RFC 1624 section 4');
});

t.test('replaceInSum updates a partial checksum', async (t) => {
  fc.assert(
    fc.property(header, at, word, (bytes, offset, to) => {
      const before = foldSum(addBytes(bytes, 0, bytes.length));
      const from16 = readU16(bytes, offset);
      writeU16(bytes, offset, to >>> 16);
      const middle = foldSum(addBytes(bytes, 0, bytes.length));
      const from32 = readI32(bytes, offset);
      writeU32(bytes, offset, to);
      t.equal(replaceInSum16(before, from16, to >>> 16), middle);
      t.equal(replaceInSum32(middle, from32, to), foldSum(addBytes(bytes, 0, bytes.length)));
    }),
    { seed },
  );
});

t.test('bytes reads what it wrote, in network order', async (t) => {
  const bytes = new Uint8Array(24);
  writeU16(bytes, 1, 0xfffe);
  t.same([readU8(bytes, 1), readU8(bytes, 2), readU16(bytes, 1)], [0xff, 0xfe, 0xfffe]);
  writeU32(bytes, 3, 0x89abcdef);
  t.same([readU32(bytes, 3), readI32(bytes, 3), readU8(bytes, 3)], [0x89abcdef, -1985229329, 0x89]);
  writeU16Le(bytes, 7, 0x1234);
  t.same([readU16Le(bytes, 7), readU16(bytes, 7)], [0x1234, 0x3412]);
  fc.assert(
    fc.property(arbitrary.macAddr, arbitrary.ipv6Addr, (mac, addr) => {
      writeMac(bytes, 1, mac);
      writeIpv6(bytes, 7, addr);
      t.equal(formatMac(readMac(bytes, 1)), formatMac(mac));
      t.equal(formatIpv6(readIpv6(bytes, 7)), formatIpv6(addr));
    }),
    { seed },
  );
});

t.test('bytes gives zero bits past the end', async (t) => {
  const bytes = Uint8Array.of(0xff);
  t.same(
    [readU8(bytes, 1), readU16(bytes, 0), readI32(bytes, 0), readU16Le(bytes, 9)],
    [0, 0xff00, -16777216, 0],
  );
});
