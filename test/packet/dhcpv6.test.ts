/** The DHCPv6 codec against messages of dhclient and dhcpcd, and against broken ones. */
import fc from 'fast-check';
import t from 'tap';
import { createRandom, mutate } from '../../scripts/mutate.ts';
import { type Ipv6Addr, parseIpv6 } from '../../src/addr/ipv6.ts';
import { type MacAddr, parseMac } from '../../src/addr/mac.ts';
import {
  DHCPV6_CONFIRM,
  DHCPV6_INFORMATION_REQUEST,
  DHCPV6_RELEASE,
  DHCPV6_RENEW,
  DHCPV6_REPLY,
  DHCPV6_REQUEST,
  DHCPV6_SOLICIT,
  type Dhcpv6Repr,
  dhcpv6Size,
  emitDhcpv6,
  linkLayerDuid,
  parseDhcpv6,
} from '../../src/packet/dhcpv6.ts';
import {
  allDhcpv6Options,
  DHCPV6_CLIENT_ID,
  DHCPV6_DNS_SERVERS,
  DHCPV6_DOMAIN_SEARCH,
  DHCPV6_IA_ADDRESS,
  DHCPV6_IA_NA,
  DHCPV6_IA_PD,
  DHCPV6_NO_BINDING,
  DHCPV6_OPTION_REQUEST,
  DHCPV6_RAPID_COMMIT,
  DHCPV6_SERVER_ID,
  dhcpv6AddressesOption,
  dhcpv6AddressOption,
  dhcpv6AssociationOption,
  dhcpv6NamesOption,
  dhcpv6OptionRequest,
  dhcpv6PrefixOption,
  dhcpv6StatusOption,
  findDhcpv6Option,
  parseDhcpv6Address,
  parseDhcpv6Addresses,
  parseDhcpv6Association,
  parseDhcpv6Names,
  parseDhcpv6OptionRequest,
  parseDhcpv6Prefix,
  parseDhcpv6Status,
} from '../../src/packet/dhcpv6-options.ts';
import { listVectors, readVector } from './hex-file.ts';

const seed = Number(process.env['SEED'] ?? Date.now() % 0x7fffffff);
t.comment(`seed ${seed}`);

/** Behind Ethernet, IPv6 and UDP. */
const MESSAGE = 62;
const ip6 = (text: string) => parseIpv6(text) as Ipv6Addr;
const hex = (text: string) => Uint8Array.from(Buffer.from(text, 'hex'));
const NONE = new Uint8Array(0);

const messageOf = (vector: string) => readVector(vector).subarray(MESSAGE);

function decode(vector: string): Dhcpv6Repr {
  const bytes = messageOf(vector);
  const message = parseDhcpv6(bytes, 0, bytes.length);
  if (message === null) throw new Error(`${vector} does not parse`);
  return message;
}

function associationOf({ options }: Dhcpv6Repr, code: number) {
  return parseDhcpv6Association(findDhcpv6Option(options, code) ?? NONE);
}

t.test('golden messages decode to the fields in their headers', async (t) => {
  const rows: readonly [vector: string, type: number, id: number, codes: readonly number[]][] = [
    ['dhcpv6-solicit-dhclient', DHCPV6_SOLICIT, 0xd021e1, [1, 6, 8, 3]],
    ['dhcpv6-request-dhclient', DHCPV6_REQUEST, 0xde32a9, [1, 2, 6, 8, 3]],
    ['dhcpv6-confirm-dhclient', DHCPV6_CONFIRM, 0x295337, [1, 6, 8, 3]],
    ['dhcpv6-release-dhclient', DHCPV6_RELEASE, 0x31774a, [1, 2, 6, 8, 3]],
    ['dhcpv6-solicit-prefix-dhclient', DHCPV6_SOLICIT, 0xf1ba19, [1, 6, 8, 3, 25]],
    ['dhcpv6-information-request-dhclient', DHCPV6_INFORMATION_REQUEST, 0x7b23c6, [1, 6, 8]],
    ['dhcpv6-solicit-dhcpcd', DHCPV6_SOLICIT, 0x9eccb8, [1, 3, 6, 8]],
    ['dhcpv6-request-dhcpcd', DHCPV6_REQUEST, 0xb44bc1, [1, 2, 3, 6, 8]],
    ['dhcpv6-confirm-dhcpcd', DHCPV6_CONFIRM, 0x9d30e5, [1, 3, 6, 8]],
  ];
  for (const [vector, messageType, transactionId, codes] of rows) {
    const message = decode(vector);
    t.has(message, { messageType, transactionId }, vector);
    const found = message.options.map(({ code }) => code);
    t.same([...found].sort(), [...codes].sort(), vector);
  }
  t.equal(decode('dhcpv6-renew-dhclient').messageType, DHCPV6_RENEW);
  const rapid = decode('dhcpv6-solicit-rapid-commit-dhcpcd');
  t.same(findDhcpv6Option(rapid.options, DHCPV6_RAPID_COMMIT), NONE);
});

t.test('golden messages decode to the options in their headers', async (t) => {
  const request = decode('dhcpv6-request-dhclient');
  t.same(findDhcpv6Option(request.options, DHCPV6_CLIENT_ID), hex('00010001329604a90a04a65b7ec4'));
  const router = parseMac('0e:fe:3b:b6:e0:63') as MacAddr;
  t.same(findDhcpv6Option(request.options, DHCPV6_SERVER_ID), linkLayerDuid(router));
  const ia = associationOf(request, DHCPV6_IA_NA);
  t.has(ia, { iaid: 0xa65b7ec4, renewSeconds: 3600, rebindSeconds: 5400 });
  const [value = NONE] = allDhcpv6Options(ia?.options ?? [], DHCPV6_IA_ADDRESS);
  t.has(parseDhcpv6Address(value), { addr: ip6('2001:db8:1:101::b'), options: [] });
  const asked = findDhcpv6Option(request.options, DHCPV6_OPTION_REQUEST) ?? NONE;
  t.same(parseDhcpv6OptionRequest(asked), [DHCPV6_DNS_SERVERS, DHCPV6_DOMAIN_SEARCH, 39, 31]);
  const prefix = associationOf(decode('dhcpv6-solicit-prefix-dhclient'), DHCPV6_IA_PD);
  t.has(prefix, { iaid: 0xa65b7ec4, options: [] });
});

t.test('golden messages encode to the same bytes', async (t) => {
  const vectors = listVectors('dhcpv6-');
  t.ok(vectors.length >= 12);
  for (const vector of vectors) {
    const message = decode(vector);
    const out = new Uint8Array(dhcpv6Size(message));
    t.equal(emitDhcpv6(message, out, 0), out.length);
    t.same(out, messageOf(vector), vector);
  }
});

t.test('typed options encode to the bytes that the RFCs show', async (t) => {
  const lifetimes = { preferredSeconds: 140, validSeconds: 450, options: [] };
  const addr = ip6('2001:db8::1');
  const address = dhcpv6AddressOption({ addr, ...lifetimes });
  t.same(address.value, hex('20010db80000000000000000000000010000008c000001c2'));
  t.same(parseDhcpv6Address(address.value), { addr, ...lifetimes });
  const prefix = dhcpv6PrefixOption({ prefix: ip6('2001:db8::'), prefixLength: 80, ...lifetimes });
  t.same(prefix.value, hex('0000008c000001c25020010db8000000000000000000000000'));
  t.has(parseDhcpv6Prefix(prefix.value), { prefixLength: 80, prefix: ip6('2001:db8::') });
  const ia = { iaid: 1, renewSeconds: 70, rebindSeconds: 112, options: [address] };
  const association = dhcpv6AssociationOption(DHCPV6_IA_NA, ia);
  t.same(association.value.subarray(0, 16), hex('00000001000000460000007000050018'));
  t.same(parseDhcpv6Association(association.value), ia);
  const status = dhcpv6StatusOption(DHCPV6_NO_BINDING, 'none');
  t.same(status.value, hex('00036e6f6e65'));
  t.same(parseDhcpv6Status(status.value), { code: DHCPV6_NO_BINDING, message: 'none' });
  const names = dhcpv6NamesOption(DHCPV6_DOMAIN_SEARCH, ['ec2.internal', 'a.b', 'not..legal']);
  t.same(names.value, hex('0365633208696e7465726e616c000161016200'));
  t.same(parseDhcpv6Names(names.value), ['ec2.internal', 'a.b']);
  const servers = dhcpv6AddressesOption(DHCPV6_DNS_SERVERS, [addr]);
  t.same(parseDhcpv6Addresses(servers.value), [addr]);
  t.same(parseDhcpv6OptionRequest(dhcpv6OptionRequest([23, 24]).value), [23, 24]);
});

t.test('the parsers refuse broken messages and options', async (t) => {
  const bytes = messageOf('dhcpv6-request-dhclient');
  t.equal(parseDhcpv6(bytes, 0, 3), null, 'no header');
  t.equal(parseDhcpv6(bytes, 0, bytes.length - 1), null, 'the last option is cut');
  t.equal(parseDhcpv6(bytes, 0, 6), null, 'an option without its length');
  for (const type of [0, 12, 13, 255]) {
    t.equal(parseDhcpv6(Uint8Array.of(type, 0, 0, 0), 0, 4), null, `message type ${type}`);
  }
  t.ok(parseDhcpv6(Uint8Array.of(DHCPV6_REPLY, 0, 0, 0), 0, 4), 'no options at all');
  t.equal(parseDhcpv6Association(new Uint8Array(11)), null);
  t.equal(parseDhcpv6Association(new Uint8Array(14)), null, 'half an option inside');
  t.equal(parseDhcpv6Address(new Uint8Array(23)), null);
  t.equal(parseDhcpv6Address(new Uint8Array(26)), null);
  t.equal(parseDhcpv6Prefix(new Uint8Array(24)), null);
  t.equal(parseDhcpv6Prefix(new Uint8Array(27)), null);
  t.equal(parseDhcpv6Prefix(new Uint8Array(25).fill(129)), null, 'a prefix of 129 bits');
  t.equal(parseDhcpv6Status(new Uint8Array(1)), null);
  t.equal(parseDhcpv6OptionRequest(new Uint8Array(3)), null);
  t.equal(parseDhcpv6Addresses(new Uint8Array(15)), null);
  t.equal(parseDhcpv6Addresses(NONE), null);
  t.equal(parseDhcpv6Names(Uint8Array.of(64, 97)), null, 'a compressed name');
  t.equal(parseDhcpv6Names(Uint8Array.of(3, 97)), null, 'a label past the end');
  t.equal(parseDhcpv6Names(Uint8Array.of(1, 97)), null, 'a name without its end');
});

t.test('parseDhcpv6(emitDhcpv6(message)) is the message', async (t) => {
  const option = fc.record({
    code: fc.integer({ min: 0, max: 0xffff }),
    value: fc.uint8Array({ maxLength: 300 }),
  });
  const repr = fc.record({
    messageType: fc.integer({ min: 1, max: 11 }),
    transactionId: fc.integer({ min: 0, max: 0xffffff }),
    options: fc.array(option, { maxLength: 6 }),
  });
  fc.assert(
    fc.property(repr, (message) => {
      const out = new Uint8Array(dhcpv6Size(message));
      return (
        emitDhcpv6(message, out, 0) === out.length &&
        t.same(parseDhcpv6(out, 0, out.length), message)
      );
    }),
    { seed },
  );
});

t.test('mutated messages never throw, and what parses is written as it was', async (t) => {
  const random = createRandom(seed);
  for (const vector of listVectors('dhcpv6-')) {
    for (let turn = 0; turn < 500; turn++) {
      const bytes = mutate(messageOf(vector), random);
      const message = parseDhcpv6(bytes, 0, bytes.length);
      if (message === null) continue;
      for (const { value } of message.options) {
        parseDhcpv6Association(value);
        parseDhcpv6Prefix(value);
        parseDhcpv6Names(value);
      }
      const out = new Uint8Array(dhcpv6Size(message));
      emitDhcpv6(message, out, 0);
      if (Buffer.compare(out, bytes) !== 0) t.fail(Buffer.from(bytes).toString('hex'));
    }
  }
});
