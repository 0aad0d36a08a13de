/** The DHCPv6 responder: messages of real clients, then each message of RFC 8415 section 18.3. */
import t from 'tap';
import { createRandom, mutate } from '../../scripts/mutate.ts';
import type { Ipv6Addr } from '../../src/addr/ipv6.ts';
import type { DropCode } from '../../src/dataplane/drop-reason.ts';
import { writeU16 } from '../../src/packet/bytes.ts';
import { addressSum6 } from '../../src/packet/checksum.ts';
import {
  DHCPV6_ADVERTISE,
  DHCPV6_CONFIRM,
  DHCPV6_DECLINE,
  DHCPV6_INFORMATION_REQUEST,
  DHCPV6_REBIND,
  DHCPV6_RECONFIGURE,
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
  DHCPV6_IA_PREFIX,
  DHCPV6_NO_ADDRESSES,
  DHCPV6_NO_PREFIX,
  DHCPV6_NOT_ON_LINK,
  DHCPV6_RAPID_COMMIT,
  DHCPV6_SERVER_ID,
  DHCPV6_STATUS_CODE,
  DHCPV6_SUCCESS,
  type Dhcpv6Option,
  dhcpv6AddressOption,
  dhcpv6AssociationOption,
  dhcpv6OptionRequest,
  dhcpv6PrefixOption,
  findDhcpv6Option,
  parseDhcpv6Address,
  parseDhcpv6Addresses,
  parseDhcpv6Association,
  parseDhcpv6Names,
  parseDhcpv6Prefix,
  parseDhcpv6Status,
} from '../../src/packet/dhcpv6-options.ts';
import { emitEthernet } from '../../src/packet/ethernet.ts';
import { emitIpv6Header } from '../../src/packet/ipv6.ts';
import { emitUdp } from '../../src/packet/udp.ts';
import type { ResponderAnswer } from '../../src/responders/answer.ts';
import { answerDhcpv6, type Dhcpv6View } from '../../src/responders/dhcpv6.ts';
import { dissect } from '../packet/dissect.ts';
import { listVectors, readVector } from '../packet/hex-file.ts';
import {
  block6,
  ENI_LINK_LOCAL,
  ENI_MAC,
  ip6,
  mac,
  OWN,
  PEER,
  ROUTER,
  ROUTER_MAC,
} from './ipv6-views.ts';

const SERVERS = ip6('ff02::1:2');
const SECOND = ip6('2001:db8:1:101::d');
const PREFIX = block6('2001:db8:1:101:7::/80');
const NONE = new Uint8Array(0);

const VIEW: Dhcpv6View = {
  eniMac: ENI_MAC,
  routerMac: ROUTER_MAC,
  routerAddr: ROUTER,
  addresses: [OWN, SECOND],
  prefixes: [PREFIX],
  preferredSeconds: 140,
  dnsServers: [],
  domainName: null,
};

const CLIENT_ID = { code: DHCPV6_CLIENT_ID, value: linkLayerDuid(ENI_MAC) };
const SERVER_ID = { code: DHCPV6_SERVER_ID, value: linkLayerDuid(ROUTER_MAC) };
const OTHER_SERVER = { code: DHCPV6_SERVER_ID, value: linkLayerDuid(mac('02:00:00:00:00:09')) };

function addresses(addrs: readonly Ipv6Addr[], iaid = 1): Dhcpv6Option {
  const named = addrs.map((addr) =>
    dhcpv6AddressOption({ addr, preferredSeconds: 0, validSeconds: 0, options: [] }),
  );
  const ia = { iaid, renewSeconds: 0, rebindSeconds: 0, options: named };
  return dhcpv6AssociationOption(DHCPV6_IA_NA, ia);
}

function prefixes(named: readonly { readonly addr: bigint; readonly prefixLength: number }[]) {
  const options = named.map(({ addr, prefixLength }) =>
    dhcpv6PrefixOption({
      prefix: addr as Ipv6Addr,
      prefixLength,
      preferredSeconds: 0,
      validSeconds: 0,
      options: [],
    }),
  );
  const ia = { iaid: 2, renewSeconds: 0, rebindSeconds: 0, options };
  return dhcpv6AssociationOption(DHCPV6_IA_PD, ia);
}

interface Link {
  readonly source?: Ipv6Addr;
  readonly destination?: Ipv6Addr;
}

function frameOf(messageType: number, options: readonly Dhcpv6Option[], link: Link = {}) {
  const message = { messageType, transactionId: 0xabcdef, options };
  const payload = new Uint8Array(dhcpv6Size(message));
  emitDhcpv6(message, payload, 0);
  const frame = new Uint8Array(62 + payload.length);
  const { source = ENI_LINK_LOCAL, destination = SERVERS } = link;
  const ethernet = { destination: mac('33:33:00:01:00:02'), source: ENI_MAC, etherType: 0x86dd };
  emitEthernet(ethernet, frame, 0);
  const ip = {
    trafficClass: 0,
    flowLabel: 0,
    payloadSize: 8 + payload.length,
    nextHeader: 17,
    hopLimit: 1,
    source,
    destination,
  };
  emitIpv6Header(ip, frame, 14);
  const sum = addressSum6(source, destination);
  emitUdp({ sourcePort: 546, destinationPort: 547, payload }, sum, frame, 54);
  return frame;
}

function ask(
  messageType: number,
  options: readonly Dhcpv6Option[],
  view: Dhcpv6View = VIEW,
): ResponderAnswer {
  return answerDhcpv6(frameOf(messageType, [CLIENT_ID, ...options]), view, false);
}

function messageOf(answer: ResponderAnswer): Dhcpv6Repr {
  if (answer.kind !== 'reply') throw new Error(`no reply: ${JSON.stringify(answer)}`);
  const message = parseDhcpv6(answer.frame, 62, answer.frame.length - 62);
  if (message === null) throw new Error('the reply does not parse');
  return message;
}

/** What an answer says of each association: leases with their lifetimes, or a status. */
function said(answer: ResponderAnswer): unknown[] {
  return messageOf(answer)
    .options.filter(({ code }) => code === DHCPV6_IA_NA || code === DHCPV6_IA_PD)
    .map(({ value }) => {
      const options = parseDhcpv6Association(value)?.options ?? [];
      const status = findDhcpv6Option(options, DHCPV6_STATUS_CODE);
      if (status !== null) return parseDhcpv6Status(status)?.code;
      const given = allDhcpv6Options(options, DHCPV6_IA_ADDRESS).map((each) => {
        const address = parseDhcpv6Address(each);
        return [address?.addr, address?.preferredSeconds, address?.validSeconds];
      });
      const delegated = allDhcpv6Options(options, DHCPV6_IA_PREFIX).map((each) => {
        const prefix = parseDhcpv6Prefix(each);
        return [prefix?.prefix, prefix?.prefixLength, prefix?.preferredSeconds];
      });
      return [...given, ...delegated];
    });
}

const statusOf = (answer: ResponderAnswer) =>
  parseDhcpv6Status(findDhcpv6Option(messageOf(answer).options, DHCPV6_STATUS_CODE) ?? NONE)?.code;
const dropped = (reason: DropCode) => ({ kind: 'drop', reason });
const BOTH = [
  [OWN, 140, 450],
  [SECOND, 140, 450],
];

t.test('[DHCP-12] messages of real clients get the addresses, and no name servers', async (t) => {
  const captured = { ...VIEW, addresses: [OWN] };
  for (const [vector, type] of [
    ['dhcpv6-solicit-dhclient', DHCPV6_ADVERTISE],
    ['dhcpv6-request-dhclient', DHCPV6_REPLY],
    ['dhcpv6-renew-dhclient', DHCPV6_REPLY],
    ['dhcpv6-solicit-dhcpcd', DHCPV6_ADVERTISE],
    ['dhcpv6-solicit-options-dhcpcd', DHCPV6_ADVERTISE],
  ] as const) {
    const answer = answerDhcpv6(readVector(vector), captured, false);
    const message = messageOf(answer);
    t.equal(message.messageType, type, vector);
    t.same(said(answer)[0], [[OWN, 140, 450]], vector);
    t.same(findDhcpv6Option(message.options, DHCPV6_SERVER_ID), SERVER_ID.value);
    t.equal(findDhcpv6Option(message.options, DHCPV6_DNS_SERVERS), null);
  }
  for (const vector of ['dhcpv6-confirm-dhclient', 'dhcpv6-release-dhclient']) {
    t.equal(statusOf(answerDhcpv6(readVector(vector), captured, false)), DHCPV6_SUCCESS, vector);
  }
  const information = answerDhcpv6(readVector('dhcpv6-information-request-dhclient'), VIEW, false);
  t.match(messageOf(information), { messageType: DHCPV6_REPLY, options: { length: 2 } });
});

t.test('[DHCP-12] an answer goes from the router to the client that asked', async (t) => {
  const answer = ask(DHCPV6_SOLICIT, [addresses([])]);
  t.match(answer.kind === 'reply' ? dissect(answer.frame) : answer, {
    ethernet: { source: ROUTER_MAC, destination: ENI_MAC },
    ip: { source: ROUTER, destination: ENI_LINK_LOCAL },
    upper: { sourcePort: 547, destinationPort: 546 },
  });
  t.match(messageOf(answer), { messageType: DHCPV6_ADVERTISE, transactionId: 0xabcdef });
  t.same(findDhcpv6Option(messageOf(answer).options, DHCPV6_CLIENT_ID), CLIENT_ID.value);
});

t.test('[DHCP-12] all addresses go into the first association', async (t) => {
  t.same(said(ask(DHCPV6_SOLICIT, [addresses([]), addresses([], 9)])), [BOTH, DHCPV6_NO_ADDRESSES]);
  const bare = { ...VIEW, addresses: [], prefixes: [] };
  t.same(said(ask(DHCPV6_SOLICIT, [addresses([]), prefixes([])], bare)), [
    DHCPV6_NO_ADDRESSES,
    DHCPV6_NO_PREFIX,
  ]);
});

t.test('[DHCP-12] an IPv6-only subnet gives name servers and the domain when asked', async (t) => {
  const dnsServers = [ip6('fd00:ec2::253')];
  const view = { ...VIEW, dnsServers, domainName: 'ec2.internal' };
  const asked = dhcpv6OptionRequest([DHCPV6_DNS_SERVERS, DHCPV6_DOMAIN_SEARCH]);
  const { options } = messageOf(ask(DHCPV6_INFORMATION_REQUEST, [asked], view));
  t.same(parseDhcpv6Addresses(findDhcpv6Option(options, DHCPV6_DNS_SERVERS) ?? NONE), dnsServers);
  t.same(parseDhcpv6Names(findDhcpv6Option(options, DHCPV6_DOMAIN_SEARCH) ?? NONE), [
    'ec2.internal',
  ]);
  t.equal(messageOf(ask(DHCPV6_INFORMATION_REQUEST, [], view)).options.length, 2);
  t.equal(answerDhcpv6(frameOf(DHCPV6_INFORMATION_REQUEST, []), view, false).kind, 'reply');
});

t.test('[DHCP-13] leases are preferred for 140 s, and renewed after 70', async (t) => {
  const lifetimes = (preferredSeconds: number) => {
    const answer = ask(DHCPV6_RENEW, [SERVER_ID, addresses([OWN])], { ...VIEW, preferredSeconds });
    const ia = findDhcpv6Option(messageOf(answer).options, DHCPV6_IA_NA) ?? NONE;
    const { renewSeconds, rebindSeconds } = parseDhcpv6Association(ia) ?? {};
    return [
      renewSeconds,
      rebindSeconds,
      ...((said(answer) as number[][][])[0]?.[0] ?? []).slice(1),
    ];
  };
  t.same(lifetimes(140), [70, 112, 140, 450]);
  t.same(lifetimes(1000), [500, 800, 1000, 1000], 'the option set has its own');
  t.same(lifetimes(0xffffffff), [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff]);
});

t.test('[DHCP-13] REBIND renews too; what the interface lost gets no lifetime', async (t) => {
  const answer = ask(DHCPV6_REBIND, [addresses([OWN, PEER]), prefixes([block6('2001:db8::/80')])]);
  t.same(said(answer), [
    [...BOTH, [PEER, 0, 0]],
    [
      [PREFIX.addr, 80, 140],
      [ip6('2001:db8::'), 80, 0],
    ],
  ]);
});

t.test('[DHCP-14] SOLICIT with Rapid Commit gets no answer', async (t) => {
  const rapid = { code: DHCPV6_RAPID_COMMIT, value: NONE };
  t.same(ask(DHCPV6_SOLICIT, [addresses([]), rapid]), dropped('DHCPV6_RAPID_COMMIT'));
  const captured = answerDhcpv6(readVector('dhcpv6-solicit-rapid-commit-dhcpcd'), VIEW, false);
  t.same(captured, dropped('DHCPV6_RAPID_COMMIT'));
});

t.test('[DHCP-15][ENI-11] delegated prefixes are given to who asks for them', async (t) => {
  const solicit = answerDhcpv6(readVector('dhcpv6-solicit-prefix-dhclient'), VIEW, false);
  t.same(said(solicit), [BOTH, [[PREFIX.addr, 80, 140]]]);
  t.same(said(ask(DHCPV6_REQUEST, [SERVER_ID, prefixes([PREFIX])])), [[[PREFIX.addr, 80, 140]]]);
  const any = { addr: 0n, prefixLength: 80 };
  t.same(said(ask(DHCPV6_REQUEST, [SERVER_ID, prefixes([any])])), [[[PREFIX.addr, 80, 140]]]);
});

t.test('an address of another interface is not on link', async (t) => {
  t.same(said(ask(DHCPV6_REQUEST, [SERVER_ID, addresses([PEER])])), [DHCPV6_NOT_ON_LINK]);
  t.same(said(ask(DHCPV6_REQUEST, [SERVER_ID, addresses([OWN])])), [BOTH]);
  t.equal(statusOf(ask(DHCPV6_CONFIRM, [addresses([OWN])])), DHCPV6_SUCCESS);
  t.equal(statusOf(ask(DHCPV6_CONFIRM, [addresses([OWN, PEER])])), DHCPV6_NOT_ON_LINK);
  t.same(ask(DHCPV6_CONFIRM, [addresses([])]), dropped('DHCPV6_IGNORED'));
  t.same(said(ask(DHCPV6_SOLICIT, [addresses([PEER])])), [BOTH], 'a hint is only a hint');
});

t.test('what names another server, or none where one must be named, gets no answer', async (t) => {
  const ia = addresses([OWN]);
  for (const type of [DHCPV6_REQUEST, DHCPV6_RENEW, DHCPV6_RELEASE, DHCPV6_DECLINE]) {
    t.same(ask(type, [OTHER_SERVER, ia]), dropped('DHCPV6_IGNORED'));
    t.same(ask(type, [ia]), dropped('DHCPV6_MALFORMED'));
    t.equal(ask(type, [SERVER_ID, ia]).kind, 'reply');
  }
  for (const type of [DHCPV6_SOLICIT, DHCPV6_REBIND, DHCPV6_CONFIRM]) {
    t.same(ask(type, [SERVER_ID, ia]), dropped('DHCPV6_MALFORMED'));
  }
  t.same(ask(DHCPV6_INFORMATION_REQUEST, [ia]), dropped('DHCPV6_MALFORMED'));
  for (const type of [DHCPV6_ADVERTISE, DHCPV6_REPLY, DHCPV6_RECONFIGURE]) {
    t.same(ask(type, [ia]), dropped('DHCPV6_IGNORED'));
  }
});

t.test('broken messages are malformed', async (t) => {
  const ia = addresses([]);
  const rows: readonly [what: string, frame: Uint8Array][] = [
    ['no client', frameOf(DHCPV6_SOLICIT, [ia])],
    ['two clients', frameOf(DHCPV6_SOLICIT, [CLIENT_ID, CLIENT_ID, ia])],
    ['a client without a name', frameOf(DHCPV6_SOLICIT, [{ ...CLIENT_ID, value: NONE }, ia])],
    ['a global source', frameOf(DHCPV6_SOLICIT, [CLIENT_ID, ia], { source: OWN })],
    ['the router as source', frameOf(DHCPV6_SOLICIT, [CLIENT_ID, ia], { source: ROUTER })],
    ['unicast', frameOf(DHCPV6_SOLICIT, [CLIENT_ID, ia], { destination: ROUTER })],
    ['half an association', frameOf(DHCPV6_SOLICIT, [CLIENT_ID, { ...ia, value: NONE }])],
    ['many', frameOf(DHCPV6_SOLICIT, [CLIENT_ID, ...Array.from({ length: 17 }, () => ia)])],
    [
      'too long',
      frameOf(DHCPV6_SOLICIT, [CLIENT_ID, ia, { code: 99, value: new Uint8Array(5000) }]),
    ],
  ];
  for (const [what, frame] of rows) {
    t.same(answerDhcpv6(frame, VIEW, false), dropped('DHCPV6_MALFORMED'), what);
  }
  const frame = frameOf(DHCPV6_SOLICIT, [CLIENT_ID, ia]);
  writeU16(frame, 60, 0);
  t.same(answerDhcpv6(frame, VIEW, false), dropped('DHCPV6_MALFORMED'), 'no checksum');
  t.equal(answerDhcpv6(frame, VIEW, true).kind, 'reply', 'the device makes it');
});

t.test('mutated messages never throw', async (t) => {
  const seed = Number(process.env['SEED'] ?? Date.now() % 0x7fffffff);
  t.comment(`seed ${seed}`);
  const random = createRandom(seed);
  for (const vector of listVectors('dhcpv6-')) {
    for (let turn = 0; turn < 500; turn++)
      answerDhcpv6(mutate(readVector(vector), random), VIEW, true);
  }
});
