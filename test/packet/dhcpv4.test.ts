/** The DHCP codec against messages of dhclient, udhcpc and dhcpcd, and against broken ones. */
import fc from 'fast-check';
import t from 'tap';
import { createRandom, mutate } from '../../scripts/mutate.ts';
import { parseIpv4 } from '../../src/addr/ipv4.ts';
import { parseMac } from '../../src/addr/mac.ts';
import {
  BOOTREPLY,
  BOOTREQUEST,
  DHCP_DISCOVER,
  DHCP_OFFER,
  DHCP_REQUEST,
  dhcpv4Size,
  emitDhcpv4,
  parseDhcpv4,
} from '../../src/packet/dhcpv4.ts';
import {
  DHCP_CLIENT_IDENTIFIER,
  DHCP_DNS_SERVERS,
  DHCP_HOST_NAME,
  DHCP_INTERFACE_MTU,
  DHCP_MAX_MESSAGE_SIZE,
  DHCP_PARAMETER_REQUEST_LIST,
  DHCP_RELAY_AGENT,
  DHCP_REQUESTED_ADDRESS,
  DHCP_ROUTER,
  DHCP_SERVER_IDENTIFIER,
  dhcpAddr,
  dhcpAddrs,
  dhcpAddrsOption,
  dhcpText,
  dhcpTextOption,
  dhcpU8,
  dhcpU8Option,
  dhcpU16,
  dhcpU16Option,
  dhcpU32,
  dhcpU32Option,
  findDhcpOption,
  parseRelayAgent,
} from '../../src/packet/dhcpv4-options.ts';
import * as arbitrary from './arbitraries.ts';
import { listVectors, readVector } from './hex-file.ts';

const seed = Number(process.env['SEED'] ?? Date.now() % 0x7fffffff);
t.comment(`seed ${seed}`);

/** Behind Ethernet, IPv4 without options, and UDP. */
const MESSAGE = 42;

const MAC = parseMac('02:ab:cd:00:00:0b');
const ip4 = (text: string) => parseIpv4(text);

function messageOf(vector: string): Uint8Array {
  return readVector(vector).subarray(vector.startsWith('vnet-') ? MESSAGE + 12 : MESSAGE);
}

function decode(vector: string) {
  const bytes = messageOf(vector);
  return parseDhcpv4(bytes, 0, bytes.length);
}

t.test('golden messages decode to the fields in their headers', async (t) => {
  const discover = { operation: BOOTREQUEST, messageType: DHCP_DISCOVER, clientMac: MAC };
  const request = { operation: BOOTREQUEST, messageType: DHCP_REQUEST, clientMac: MAC };
  const nobody = { clientAddr: 0, yourAddr: 0, relayAddr: 0, hops: 0, seconds: 0 };
  const rows: readonly [vector: string, fields: object][] = [
    ['dhcp-discover-dhclient', { ...discover, ...nobody, transactionId: 0xcb558d52 }],
    ['dhcp-discover-udhcpc', { ...discover, ...nobody, transactionId: 0xbe42ae5f }],
    ['dhcp-discover-dhcpcd', { ...discover, ...nobody, transactionId: 0x1058bcc7 }],
    ['dhcp-request-selecting-dhclient', { ...request, ...nobody, broadcast: false }],
    ['dhcp-request-renewing-dhcpcd', { ...request, clientAddr: ip4('10.0.1.11'), seconds: 15 }],
    ['vnet-dhcp-request-renewing-dhclient', { ...request, clientAddr: ip4('10.0.1.11') }],
  ];
  for (const [vector, fields] of rows) t.has(decode(vector), fields, vector);
});

t.test('golden messages decode to the options in their headers', async (t) => {
  for (const client of ['dhclient', 'udhcpc', 'dhcpcd']) {
    const options = decode(`dhcp-request-selecting-${client}`)?.options ?? [];
    t.equal(dhcpAddr(options, DHCP_REQUESTED_ADDRESS), ip4('10.0.1.11'), client);
    t.equal(dhcpAddr(options, DHCP_SERVER_IDENTIFIER), ip4('10.0.1.1'), client);
    t.ok(findDhcpOption(options, DHCP_PARAMETER_REQUEST_LIST)?.includes(DHCP_ROUTER), client);
  }
  const udhcpc = decode('dhcp-discover-udhcpc')?.options ?? [];
  t.equal(dhcpU16(udhcpc, DHCP_MAX_MESSAGE_SIZE), 576);
  t.same(findDhcpOption(udhcpc, DHCP_CLIENT_IDENTIFIER), Buffer.from('0102abcd00000b', 'hex'));
  t.equal(findDhcpOption(udhcpc, DHCP_SERVER_IDENTIFIER), null);
});

t.test('golden messages encode to the same bytes', async (t) => {
  const vectors = [...listVectors('dhcp-discover'), ...listVectors('dhcp-request')];
  t.equal(vectors.length, 7);
  for (const vector of vectors) {
    // dhcpcd puts the requested address before the message type, which a record has first.
    if (vector === 'dhcp-request-selecting-dhcpcd') continue;
    const message = decode(vector);
    if (message === null) throw new Error(`${vector} does not parse`);
    const out = new Uint8Array(dhcpv4Size(message));
    t.equal(emitDhcpv4(message, out, 0), out.length);
    t.equal(
      Buffer.from(out).toString('hex'),
      Buffer.from(messageOf(vector)).toString('hex'),
      vector,
    );
  }
});

t.test('parseDhcpv4 joins options over overloaded fields [RFC 3396]', async (t) => {
  const offer = decode('dhcp-offer-overload');
  t.has(offer, { operation: BOOTREPLY, messageType: DHCP_OFFER, serverName: '', bootFile: '' });
  t.has(offer, { broadcast: true, yourAddr: ip4('10.0.1.11'), transactionId: 0xdeadbeef });
  const options = offer?.options ?? [];
  t.equal(dhcpText(options, DHCP_HOST_NAME), 'x--ip-a-b-c', 'options, then file, then sname');
  t.same(dhcpAddrs(options, DHCP_ROUTER), [ip4('10.0.1.1')]);
  t.same(findDhcpOption(options, 224), Uint8Array.of(1, 2, 3), 'an unknown option stays bytes');
  const agent = findDhcpOption(options, DHCP_RELAY_AGENT) ?? new Uint8Array(0);
  t.same(parseRelayAgent(agent), [{ code: 1, value: Buffer.from('eth0') }]);
  t.equal(parseRelayAgent(agent.subarray(0, 5)), null);
  t.equal(parseRelayAgent(Uint8Array.of(1)), null);
});

t.test('emitDhcpv4 splits long options and puts option 82 last [RFC 3046]', async (t) => {
  const message = decode('dhcp-discover-udhcpc');
  if (message === null) throw new Error('dhcp-discover-udhcpc does not parse');
  const long = { code: 43, value: new Uint8Array(300).fill(7) };
  const agent = { code: DHCP_RELAY_AGENT, value: Uint8Array.of(1, 1, 9) };
  const repr = { ...message, options: [agent, { code: 80, value: new Uint8Array(0) }, long] };
  const out = new Uint8Array(dhcpv4Size(repr));
  t.equal(emitDhcpv4(repr, out, 0), out.length);
  t.same(out.subarray(-6), Uint8Array.of(82, 3, 1, 1, 9, 255));
  t.same([...out.subarray(243, 247)], [80, 0, 43, 255]);
  t.same([...out.subarray(502, 504)], [43, 45]);
  const parsed = parseDhcpv4(out, 0, out.length);
  t.same(parsed, { ...repr, options: [{ code: 80, value: new Uint8Array(0) }, long, agent] });
});

t.test('parseDhcpv4 refuses broken messages', async (t) => {
  const rows: readonly [title: string, at: number, value: number][] = [
    ['an operation that is neither', 0, 3],
    ['another hardware type', 1, 6],
    ['a long hardware address', 2, 16],
    ['no magic cookie', 239, 0],
    ['a message type of two octets', 241, 2],
    ['no message type', 240, 200],
    ['an option that runs past the end', 244, 255],
  ];
  for (const [title, at, value] of rows) {
    const bytes = Uint8Array.from(messageOf('dhcp-discover-udhcpc')).subarray(0, 260);
    bytes[at] = value;
    t.equal(parseDhcpv4(bytes, 0, bytes.length), null, title);
  }
  const offer = messageOf('dhcp-offer-overload');
  for (const [at, value] of [
    [247, 4],
    [246, 2],
    [45, 99],
    [111, 200],
  ] as const) {
    const bytes = Uint8Array.from(offer);
    bytes[at] = value;
    t.equal(parseDhcpv4(bytes, 0, bytes.length), null, `overload with byte ${at} = ${value}`);
  }
  t.equal(parseDhcpv4(offer, 0, 239), null, 'shorter than the fixed fields');
  t.not(parseDhcpv4(offer, 0, offer.length - 1), null, 'a missing end option is forgiven');
});

t.test('typed options read what they wrote and refuse other sizes', async (t) => {
  const addrs = [0x0a000002, 0xffffffff].map((word) => parseIpv4(dotted(word)) ?? fail(word));
  const options = [
    dhcpU8Option(46, 2),
    dhcpU16Option(DHCP_INTERFACE_MTU, 9001),
    dhcpU32Option(51, 3600),
    dhcpAddrsOption(DHCP_DNS_SERVERS, addrs),
    dhcpTextOption(DHCP_HOST_NAME, 'ip-10-0-1-11\0'),
    { code: 44, value: new Uint8Array(6) },
  ];
  t.equal(dhcpU8(options, 46), 2);
  t.equal(dhcpU16(options, DHCP_INTERFACE_MTU), 9001);
  t.equal(dhcpU32(options, 51), 3600);
  t.same(dhcpAddrs(options, DHCP_DNS_SERVERS), addrs);
  t.equal(dhcpText(options, DHCP_HOST_NAME), 'ip-10-0-1-11');
  const wrong = [dhcpU8, dhcpU16, dhcpU32, dhcpAddr, dhcpAddrs].map((read) => read(options, 44));
  t.same(wrong, [null, null, null, null, null]);
  t.equal(dhcpText(options, 99), null);
});

function dotted(word: number): string {
  return [24, 16, 8, 0].map((shift) => (word >>> shift) & 255).join('.');
}

function fail(word: number): never {
  throw new Error(`${word} is no address`);
}

t.test('parseDhcpv4 gives back every message that emitDhcpv4 wrote', async (t) => {
  fc.assert(
    fc.property(arbitrary.dhcpv4, (repr) => {
      const out = new Uint8Array(dhcpv4Size(repr) + 3);
      t.equal(emitDhcpv4(repr, out, 3), out.length - 3);
      t.same(parseDhcpv4(out, 3, out.length - 3), repr);
    }),
    { seed },
  );
});

t.test('parseDhcpv4 survives mutated messages', async (t) => {
  const random = createRandom(seed);
  const seeds = listVectors('dhcp-').map(messageOf);
  let parsed = 0;
  for (let count = 0; count < 20_000; count++) {
    const bytes = mutate(seeds[random(seeds.length)] ?? new Uint8Array(0), random);
    const message = parseDhcpv4(bytes, 0, bytes.length);
    if (message === null) continue;
    parsed++;
    const out = new Uint8Array(dhcpv4Size(message));
    emitDhcpv4(message, out, 0);
    if (parseDhcpv4(out, 0, out.length) === null) t.fail(Buffer.from(bytes).toString('hex'));
  }
  t.ok(parsed > 1_000, `${parsed} of 20,000 were still messages`);
});
