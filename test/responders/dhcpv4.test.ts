/** The DHCP responder: messages of real clients, then each state of RFC 2131 table 4. */
import t from 'tap';
import { type Ipv4Addr, parseIpv4 } from '../../src/addr/ipv4.ts';
import { MAC_BROADCAST, type MacAddr, parseMac } from '../../src/addr/mac.ts';
import type { DropCode } from '../../src/dataplane/drop-reason.ts';
import { writeU16 } from '../../src/packet/bytes.ts';
import { addressSum4 } from '../../src/packet/checksum.ts';
import {
  BOOTREPLY,
  BOOTREQUEST,
  DHCP_ACK,
  DHCP_DECLINE,
  DHCP_DISCOVER,
  DHCP_INFORM,
  DHCP_NAK,
  DHCP_OFFER,
  DHCP_RELEASE,
  DHCP_REQUEST,
  type Dhcpv4Repr,
  dhcpv4Size,
  emitDhcpv4,
  parseDhcpv4,
} from '../../src/packet/dhcpv4.ts';
import {
  DHCP_CLIENT_IDENTIFIER,
  DHCP_LEASE_SECONDS,
  DHCP_REQUESTED_ADDRESS,
  DHCP_SERVER_IDENTIFIER,
  type DhcpOption,
  dhcpU32Option,
  findDhcpOption,
} from '../../src/packet/dhcpv4-options.ts';
import { emitEthernet } from '../../src/packet/ethernet.ts';
import { emitIpv4Header } from '../../src/packet/ipv4.ts';
import { emitUdp } from '../../src/packet/udp.ts';
import type { ResponderAnswer } from '../../src/responders/answer.ts';
import { answerDhcpv4, type Dhcpv4View } from '../../src/responders/dhcpv4.ts';
import { dissect } from '../packet/dissect.ts';
import { readVector } from '../packet/hex-file.ts';

const ip = (text: string) => parseIpv4(text) as Ipv4Addr;
const mac = (text: string) => parseMac(text) as MacAddr;

const OWN = ip('10.0.1.11');
const OTHER = ip('10.0.1.12');
const ROUTER = ip('10.0.1.1');
const NONE = ip('0.0.0.0');
const BROADCAST = ip('255.255.255.255');

const VIEW: Dhcpv4View = {
  eniMac: mac('02:ab:cd:00:00:0b'),
  address: OWN,
  prefixLength: 24,
  routerMac: mac('02:04:7a:86:55:c1'),
  routerAddr: ROUTER,
  gateway: ROUTER,
  hostName: 'ip-10-0-1-11',
  domainName: 'ec2.internal',
  dnsServers: [ip('10.0.0.2')],
  ntpServers: [],
  netbiosNameServers: [],
  netbiosNodeType: null,
  mtu: 9001,
  leaseSeconds: 3600,
};

const REQUEST: Dhcpv4Repr = {
  operation: BOOTREQUEST,
  messageType: DHCP_DISCOVER,
  hops: 0,
  transactionId: 0xdecafbad,
  seconds: 7,
  broadcast: false,
  clientAddr: NONE,
  yourAddr: NONE,
  nextServerAddr: NONE,
  relayAddr: NONE,
  clientMac: VIEW.eniMac,
  serverName: '',
  bootFile: '',
  options: [],
};

function frameOf(fields: Partial<Dhcpv4Repr>, destination: Ipv4Addr = BROADCAST): Uint8Array {
  const message = { ...REQUEST, ...fields };
  const payload = new Uint8Array(dhcpv4Size(message));
  emitDhcpv4(message, payload, 0);
  const frame = new Uint8Array(42 + payload.length);
  emitEthernet({ destination: MAC_BROADCAST, source: VIEW.eniMac, etherType: 0x0800 }, frame, 0);
  const header = {
    dscpEcn: 16,
    identification: 1,
    dontFragment: false,
    moreFragments: false,
    fragmentOffset: 0,
    ttl: 64,
    protocol: 17,
    source: message.clientAddr,
    destination,
    options: new Uint8Array(0),
    payloadSize: 8 + payload.length,
  };
  emitIpv4Header(header, frame, 14);
  const udp = { sourcePort: 68, destinationPort: 67, payload };
  emitUdp(udp, addressSum4(header.source, destination), frame, 34);
  return frame;
}

const requested = (addr: Ipv4Addr) => dhcpU32Option(DHCP_REQUESTED_ADDRESS, addr);
const server = (addr: Ipv4Addr) => dhcpU32Option(DHCP_SERVER_IDENTIFIER, addr);

interface Decoded {
  readonly to: { readonly mac: MacAddr | undefined; readonly addr: unknown };
  readonly message: Dhcpv4Repr | null;
}

function decode(answer: ResponderAnswer): Decoded {
  if (answer.kind !== 'reply') throw new Error(JSON.stringify(answer));
  const { ethernet, ip: header, upper } = dissect(answer.frame);
  const payload = upper !== null && 'payload' in upper ? upper.payload : new Uint8Array(0);
  return {
    to: { mac: ethernet?.destination, addr: header?.destination },
    message: parseDhcpv4(payload, 0, payload.length),
  };
}

function optionsOf(message: Dhcpv4Repr | null): Record<number, string> {
  const rows = (message?.options ?? []).map(({ code, value }) => [code, hex(value)]);
  return Object.fromEntries(rows);
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

const LEASE = { 51: '00000e10', 58: '00000708', 59: '00000c4e' };
const HOST = {
  1: 'ffffff00',
  3: '0a000101',
  6: '0a000002',
  12: hex(Buffer.from('ip-10-0-1-11')),
  15: hex(Buffer.from('ec2.internal')),
  26: '2329',
  28: '0a0001ff',
  54: '0a000101',
};

t.test('[DHCP-1] answerDhcpv4 speaks as the router', async (t) => {
  const answer = answerDhcpv4(frameOf({}), VIEW, false);
  const {
    ethernet,
    ip: header,
    upper,
  } = dissect(answer.kind === 'reply' ? answer.frame : new Uint8Array(0));
  t.has(ethernet, { source: VIEW.routerMac });
  t.has(header, { source: ROUTER, ttl: 64 });
  t.has(upper, { sourcePort: 67, destinationPort: 68 });
  const renewing = frameOf({ messageType: DHCP_REQUEST, clientAddr: OWN }, ROUTER);
  t.has(decode(answerDhcpv4(renewing, VIEW, false)).message, { messageType: DHCP_ACK });
});

t.test('[DHCP-2] [DHCP-3] [DHCP-4] answerDhcpv4 gives these options and no others', async (t) => {
  const clients = ['dhclient', 'udhcpc', 'dhcpcd'];
  for (const client of clients) {
    const discover = answerDhcpv4(readVector(`dhcp-discover-${client}`), VIEW, false);
    const select = answerDhcpv4(readVector(`dhcp-request-selecting-${client}`), VIEW, false);
    for (const [answer, messageType] of [
      [discover, DHCP_OFFER],
      [select, DHCP_ACK],
    ] as const) {
      const { message } = decode(answer);
      t.has(message, { messageType, operation: BOOTREPLY, yourAddr: OWN, nextServerAddr: NONE });
      const { [DHCP_CLIENT_IDENTIFIER]: clientId, ...options } = optionsOf(message);
      t.same(options, { ...HOST, ...LEASE }, client);
      t.equal(clientId === undefined, client === 'dhclient', `${client} identifier is echoed`);
    }
  }
});

t.test('[DHCP-5] answerDhcpv4 offers the primary address, whatever is asked for', async (t) => {
  const discover = frameOf({ options: [requested(OTHER)] });
  t.has(decode(answerDhcpv4(discover, VIEW, false)).message, { yourAddr: OWN });
});

t.test('[DHCP-6] answerDhcpv4 gives the router option on every subnet it is told of', async (t) => {
  const router = { routerAddr: ip('10.0.16.1'), gateway: ip('10.0.16.1') };
  const view = { ...VIEW, address: ip('10.0.18.4'), prefixLength: 20, ...router };
  const { message } = decode(answerDhcpv4(frameOf({}), view, false));
  const expected = { 1: 'fffff000', 3: '0a001001', 28: '0a001fff', 54: '0a001001' };
  t.has(optionsOf(message), expected);
});

t.test('[DHCP-7] answerDhcpv4 refuses an address that is not the primary one', async (t) => {
  const rows: readonly [state: string, fields: Partial<Dhcpv4Repr>][] = [
    ['selecting', { options: [server(ROUTER), requested(OTHER)] }],
    ['rebooting', { options: [requested(OTHER)] }],
    ['renewing', { clientAddr: OTHER }],
  ];
  const clientId = { code: DHCP_CLIENT_IDENTIFIER, value: Uint8Array.of(1, 2, 3) };
  for (const [state, fields] of rows) {
    const options = [...(fields.options ?? []), clientId];
    const frame = frameOf({ ...fields, messageType: DHCP_REQUEST, options });
    const { to, message } = decode(answerDhcpv4(frame, VIEW, false));
    t.has(message, { messageType: DHCP_NAK, clientAddr: NONE, yourAddr: NONE }, state);
    t.same(optionsOf(message), { 54: '0a000101', 61: '010203' }, state);
    t.same(to, { mac: MAC_BROADCAST, addr: BROADCAST }, `${state}: a NAK is broadcast`);
  }
});

t.test('answerDhcpv4 acknowledges in every state [RFC 2131 4.3.2]', async (t) => {
  const rows: readonly [state: string, fields: Partial<Dhcpv4Repr>, destination: Ipv4Addr][] = [
    ['selecting', { options: [server(ROUTER), requested(OWN)] }, BROADCAST],
    ['rebooting', { options: [requested(OWN)] }, BROADCAST],
    ['renewing', { clientAddr: OWN }, ROUTER],
    ['rebinding', { clientAddr: OWN }, BROADCAST],
  ];
  for (const [state, fields, destination] of rows) {
    const frame = frameOf({ ...fields, messageType: DHCP_REQUEST }, destination);
    const { message } = decode(answerDhcpv4(frame, VIEW, false));
    const clientAddr = fields.clientAddr ?? NONE;
    t.has(message, { messageType: DHCP_ACK, yourAddr: OWN, clientAddr }, state);
    t.has(message, { transactionId: 0xdecafbad, clientMac: VIEW.eniMac, hops: 0 }, state);
  }
});

t.test('answerDhcpv4 acknowledges renewals of real clients', async (t) => {
  const renewing = readVector('vnet-dhcp-request-renewing-dhclient').subarray(12);
  t.has(decode(answerDhcpv4(renewing, VIEW, true)).message, { messageType: DHCP_ACK });
  const wrong = { kind: 'drop', reason: 'DHCP_MALFORMED' };
  t.same(answerDhcpv4(renewing, VIEW, false), wrong, 'its checksum is partial');
  const unsummed = readVector('dhcp-request-renewing-dhcpcd');
  t.has(decode(answerDhcpv4(unsummed, VIEW, false)).message, { messageType: DHCP_ACK });
});

t.test('answerDhcpv4 tells an INFORM the options without a lease [RFC 2131 4.3.5]', async (t) => {
  const inform = { messageType: DHCP_INFORM, clientAddr: OWN };
  const { to, message } = decode(answerDhcpv4(frameOf(inform), VIEW, false));
  t.has(message, { messageType: DHCP_ACK, clientAddr: OWN, yourAddr: NONE });
  t.same(optionsOf(message), HOST);
  t.same(to, { mac: VIEW.eniMac, addr: OWN });
  t.equal(findDhcpOption(message?.options ?? [], DHCP_LEASE_SECONDS), null);
});

t.test('answerDhcpv4 sends its answer where the client listens [RFC 2131 4.1]', async (t) => {
  const unicast = { mac: VIEW.eniMac, addr: OWN };
  const everywhere = { mac: MAC_BROADCAST, addr: BROADCAST };
  const rows: readonly [title: string, fields: Partial<Dhcpv4Repr>, to: object][] = [
    ['an OFFER to its address', {}, unicast],
    ['an OFFER with the broadcast flag', { broadcast: true }, everywhere],
    [
      'an ACK to a client that has its address',
      { messageType: DHCP_REQUEST, clientAddr: OWN, broadcast: true },
      unicast,
    ],
    ['an ACK to an INFORM without an address', { messageType: DHCP_INFORM }, everywhere],
  ];
  for (const [title, fields, to] of rows) {
    const decoded = decode(answerDhcpv4(frameOf(fields), VIEW, false));
    t.same(decoded.to, to, title);
    t.equal(decoded.message?.broadcast, fields.broadcast ?? false, title);
  }
});

t.test('[DHCP-9] answerDhcpv4 gives what the option set holds', async (t) => {
  const view = {
    ...VIEW,
    domainName: null,
    dnsServers: [ip('192.0.2.1'), ip('192.0.2.2')],
    ntpServers: [ip('169.254.169.123')],
    netbiosNameServers: [ip('192.0.2.3')],
    netbiosNodeType: 2,
  };
  const { 15: domainName, ...host } = { ...HOST, ...LEASE };
  t.ok(domainName);
  t.same(optionsOf(decode(answerDhcpv4(frameOf({}), view, false)).message), {
    ...host,
    6: 'c0000201c0000202',
    42: 'a9fea97b',
    44: 'c0000203',
    46: '02',
  });
  const none = optionsOf(
    decode(answerDhcpv4(frameOf({}), { ...VIEW, dnsServers: [] }, false)).message,
  );
  t.notOk('6' in none, 'no option set, no resolver');
});

t.test('answerDhcpv4 is silent where a server must be', async (t) => {
  const rows: readonly [title: string, fields: Partial<Dhcpv4Repr>, reason: DropCode][] = [
    ['RELEASE', { messageType: DHCP_RELEASE, clientAddr: OWN }, 'DHCP_IGNORED'],
    ['DECLINE', { messageType: DHCP_DECLINE }, 'DHCP_IGNORED'],
    ['an OFFER in a request', { messageType: DHCP_OFFER }, 'DHCP_IGNORED'],
    ['a message of a server', { operation: BOOTREPLY, messageType: DHCP_ACK }, 'DHCP_IGNORED'],
    ['REQUEST selecting another server', select([server(OTHER), requested(OWN)]), 'DHCP_IGNORED'],
    ['REQUEST for nothing', { messageType: DHCP_REQUEST }, 'DHCP_MALFORMED'],
    ['REQUEST selecting nothing', select([server(ROUTER)]), 'DHCP_MALFORMED'],
    [
      'REQUEST with a short server identifier',
      select([{ code: DHCP_SERVER_IDENTIFIER, value: new Uint8Array(3) }, requested(OWN)]),
      'DHCP_MALFORMED',
    ],
    ['another client MAC', { clientMac: mac('02:ab:cd:00:00:14') }, 'DHCP_SPOOFED_CLIENT'],
    ['a relay', { relayAddr: OTHER }, 'DHCP_RELAYED'],
  ];
  for (const [title, fields, reason] of rows) {
    t.same(answerDhcpv4(frameOf(fields), VIEW, false), { kind: 'drop', reason }, title);
  }
});

function select(options: readonly DhcpOption[]): Partial<Dhcpv4Repr> {
  return { messageType: DHCP_REQUEST, options };
}

t.test('answerDhcpv4 drops frames that are not well formed', async (t) => {
  const rows: readonly [title: string, at: number, value: number][] = [
    ['another EtherType', 12, 0x0806],
    ['a wrong IPv4 checksum', 24, 0x1234],
    ['a wrong UDP checksum', 40, 0x1234],
    ['a UDP length beyond the packet', 38, 9000],
    ['a destination port that is not 67', 36, 68],
  ];
  for (const [title, at, value] of rows) {
    const frame = frameOf({});
    writeU16(frame, at, value);
    t.same(answerDhcpv4(frame, VIEW, at === 36), { kind: 'drop', reason: 'DHCP_MALFORMED' }, title);
  }
  const elsewhere = frameOf({}, OTHER);
  t.same(answerDhcpv4(elsewhere, VIEW, false), { kind: 'drop', reason: 'DHCP_MALFORMED' });
  const cut = frameOf({}).subarray(0, 60);
  t.same(answerDhcpv4(cut, VIEW, false), { kind: 'drop', reason: 'DHCP_MALFORMED' });
});
