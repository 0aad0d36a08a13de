/** Addresses, blocks and the prefix trie, against ipaddr.js and against a linear scan. */
import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import t from 'tap';
import {
  type Cidr,
  cidrContains,
  cidrEquals,
  cidrsOverlap,
  formatCidr,
  ipv4Cidr,
  ipv4Contains,
  ipv6Cidr,
  ipv6Contains,
  lastIpv4,
  parseCidr,
  parseIpv4Cidr,
  parseIpv6Cidr,
} from '../../src/addr/cidr.ts';
import { formatIpv4, ipv4FromWord, parseIpv4 } from '../../src/addr/ipv4.ts';
import { formatIpv6, ipv6FromWords, ipv6ToWords, parseIpv6 } from '../../src/addr/ipv6.ts';
import { buildLpm, type LpmEntry, lookupLpm4, lookupLpm6 } from '../../src/addr/lpm.ts';
import {
  formatMac,
  isGroupMac,
  MAC_BROADCAST,
  macFromWords,
  macHigh16,
  macLow32,
  parseMac,
} from '../../src/addr/mac.ts';
import { ipv4Addr, ipv6Addr, macAddr } from '../packet/arbitraries.ts';

const seed = Number(process.env['SEED'] ?? Date.now() % 0x7fffffff);
t.comment(`seed ${seed}`);
const options = { seed, numRuns: 500 };

const prefix4 = fc.integer({ min: 0, max: 32 });
const prefix6 = fc.integer({ min: 0, max: 128 });
/** Few addresses and short masks, so that blocks meet often. */
const near4 = fc.constantFrom(0x0a000000, 0x0a000100, 0x0a0001ff, 0x0a010000, 0xffffffff, 0);
const cidr4: fc.Arbitrary<Cidr> = fc
  .tuple(fc.oneof(near4, ipv4Addr), prefix4)
  .map(([addr, length]) => ipv4Cidr(addr, length));
const near6 = fc.constantFrom(
  0n,
  1n,
  0x20010db8n << 96n,
  (0x20010db8n << 96n) | 1n,
  (1n << 128n) - 1n,
);
const cidr6: fc.Arbitrary<Cidr> = fc
  .tuple(fc.oneof(near6, ipv6Addr), prefix6)
  .map(([addr, length]) => ipv6Cidr(addr, length));
const cidr = fc.oneof(cidr4, cidr6);

t.test('parseMac and formatMac agree', async (t) => {
  t.equal(parseMac('02:04:7a:86:55:c1'), 0x02047a8655c1);
  t.equal(parseMac('FF-FF-FF-FF-FF-FF'), MAC_BROADCAST);
  for (const text of [
    '',
    '02:04:7a:86:55',
    '02:04:7a:86:55:c1:00',
    '02047a8655c1',
    'g2:04:7a:86:55:c1',
  ]) {
    t.equal(parseMac(text), null, `"${text}"`);
  }
  fc.assert(
    fc.property(macAddr, (mac) => {
      t.equal(parseMac(formatMac(mac)), mac);
      t.equal(macFromWords(macHigh16(mac), macLow32(mac)), mac);
      t.equal(isGroupMac(mac), Number.parseInt(formatMac(mac).slice(0, 2), 16) % 2 === 1);
    }),
    options,
  );
});

t.test('parseIpv4 takes dotted decimal and nothing else', async (t) => {
  t.equal(parseIpv4('10.0.1.11'), 0x0a00010b);
  t.equal(parseIpv4('255.255.255.255'), 0xffffffff);
  for (const text of [
    '',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.256',
    '01.2.3.4',
    '1.2.3.4 ',
    '0x1.2.3.4',
    '-1.2.3.4',
  ]) {
    t.equal(parseIpv4(text), null, `"${text}"`);
  }
  fc.assert(
    fc.property(ipv4Addr, (addr) => {
      const text = formatIpv4(addr | 0);
      t.equal(parseIpv4(text), addr);
      t.equal(ipaddr.IPv4.parse(text).toByteArray().join('.'), text);
      t.equal(ipv4FromWord(addr | 0), addr);
    }),
    options,
  );
});

t.test('parseIpv6 agrees with ipaddr.js', async (t) => {
  for (const text of [
    '',
    '1::2::3',
    '::1%eth0',
    '::1/64',
    '1:2:3:4:5:6:7:8:9',
    '10.0.0.1',
    'g::',
  ]) {
    t.equal(parseIpv6(text), null, `"${text}"`);
  }
  t.equal(parseIpv6('::ffff:10.0.0.1'), 0xffff0a000001n);
  fc.assert(
    fc.property(ipv6Addr, (addr) => {
      const text = formatIpv6(addr);
      t.equal(parseIpv6(text), addr);
      t.equal(ipaddr.IPv6.parse(text).toRFC5952String(), text);
      t.equal(ipv6FromWords(...ipv6ToWords(addr)), addr);
    }),
    options,
  );
});

t.test('[SUB-4] parseCidr clears host bits', async (t) => {
  t.equal(formatCidr(parseIpv4Cidr('100.68.0.18/18') ?? ipv4Cidr(0, 0)), '100.68.0.0/18');
  t.equal(formatCidr(parseIpv6Cidr('2001:db8::1/64') ?? ipv6Cidr(0n, 0)), '2001:db8::/64');
});

t.test('parseCidr refuses what is no block', async (t) => {
  for (const text of [
    '',
    '10.0.0.0',
    '10.0.0.0/',
    '10.0.0.0/33',
    '10.0.0.0/08',
    '10.0.0.0/8/8',
    '10.0.0.0/-1',
    '::/129',
    '::/1.5',
  ]) {
    t.equal(parseCidr(text), null, `"${text}"`);
  }
});

t.test('parseCidr and formatCidr agree', async (t) => {
  fc.assert(
    fc.property(cidr, (block) => {
      t.same(parseCidr(formatCidr(block)), block);
    }),
    options,
  );
});

function oracle(block: Cidr): [ipaddr.IPv4 | ipaddr.IPv6, number] {
  return ipaddr.parseCIDR(formatCidr(block));
}

t.test('cidrContains and its kin agree with ipaddr.js', async (t) => {
  fc.assert(
    fc.property(cidr, cidr, (a, b) => {
      const [addrA, lengthA] = oracle(a);
      const [addrB, lengthB] = oracle(b);
      const isSameFamily = addrA.kind() === addrB.kind();
      const aHoldsB = isSameFamily && lengthA <= lengthB && matches(addrB, a);
      const bHoldsA = isSameFamily && lengthB <= lengthA && matches(addrA, b);
      t.equal(cidrContains(a, b), aHoldsB, `${formatCidr(a)} contains ${formatCidr(b)}`);
      t.equal(cidrsOverlap(a, b), aHoldsB || bHoldsA, `${formatCidr(a)} overlaps ${formatCidr(b)}`);
      t.equal(cidrEquals(a, b), aHoldsB && bHoldsA, `${formatCidr(a)} equals ${formatCidr(b)}`);
    }),
    options,
  );
  fc.assert(
    fc.property(cidr4, ipv4Addr, (block, addr) => {
      if (block.family !== 4) return;
      t.equal(ipv4Contains(block, addr), matches(ipaddr.parse(formatIpv4(addr)), block));
      const last = ipaddr.IPv4.broadcastAddressFromCIDR(formatCidr(block)).toString();
      t.equal(formatIpv4(lastIpv4(block)), last);
    }),
    options,
  );
  fc.assert(
    fc.property(cidr6, ipv6Addr, (block, addr) => {
      if (block.family !== 6) return;
      t.equal(ipv6Contains(block, addr), matches(ipaddr.parse(formatIpv6(addr)), block));
    }),
    options,
  );
});

function matches(addr: ipaddr.IPv4 | ipaddr.IPv6, block: Cidr): boolean {
  const [network, length] = oracle(block);
  return addr.kind() === network.kind() && addr.match(network, length);
}

/** The words of a block, as the trie takes them. */
function wordsOf(block: Cidr): readonly number[] {
  return block.family === 4 ? [block.addr | 0] : ipv6ToWords(block.addr);
}

function entriesOf(blocks: readonly Cidr[]): LpmEntry[] {
  return blocks.map((block, value) => ({
    words: wordsOf(block),
    prefixLength: block.prefixLength,
    value,
  }));
}

/** The last of the longest blocks that hold the address. */
function scan(blocks: readonly Cidr[], host: Cidr): number {
  let best = -1;
  let bestLength = -1;
  blocks.forEach((block, value) => {
    if (block.prefixLength < bestLength || !cidrContains(block, host)) return;
    best = value;
    bestLength = block.prefixLength;
  });
  return best;
}

t.test('[RT-3] lookupLpm4 equals a linear scan', async (t) => {
  t.equal(lookupLpm4(buildLpm([]), 0x0a000001), -1);
  fc.assert(
    fc.property(fc.array(cidr4, { maxLength: 20 }), fc.oneof(near4, ipv4Addr), (blocks, addr) => {
      const nodes = buildLpm(entriesOf(blocks));
      const expected = scan(blocks, ipv4Cidr(addr, 32));
      t.equal(lookupLpm4(nodes, addr | 0), expected, 'signed word');
      t.equal(lookupLpm4(nodes, addr >>> 0), expected, 'unsigned word');
    }),
    options,
  );
});

t.test('[RT-3] lookupLpm6 equals a linear scan', async (t) => {
  fc.assert(
    fc.property(fc.array(cidr6, { maxLength: 20 }), fc.oneof(near6, ipv6Addr), (blocks, addr) => {
      const nodes = buildLpm(entriesOf(blocks));
      const [w0, w1, w2, w3] = ipv6ToWords(addr);
      t.equal(lookupLpm6(nodes, w0, w1, w2, w3), scan(blocks, ipv6Cidr(addr, 128)));
    }),
    options,
  );
});
