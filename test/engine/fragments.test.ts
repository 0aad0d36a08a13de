/** Fragments before security groups and network ACLs, in each setting; and what no fragment may be. */
import t from 'tap';
import { addressSum6 } from '../../src/packet/checksum.ts';
import { IPPROTO_ICMP, IPPROTO_TCP, IPPROTO_UDP } from '../../src/packet/ipv4.ts';
import { parseHex } from '../packet/hex-file.ts';
import { type BenchOptions, subnetBlock } from './bench.ts';
import { ALL, ALL_6, FilterBench, type Rule } from './filter-bench.ts';
import { arpFrame, ip6, ipv4Frame, ipv6Frame, udpDatagram } from './frames.ts';

const A = '2001:db8:0:101:';
const FORWARDED = 'forwarded';
const DENIED = 'ENI_SG_RULES_MISMATCH';
const NO_FIRST = 'FRAGMENT_WITHOUT_FIRST';
const OPEN = 6000;
const CLOSED = 7000;
const PATIENCE_MS = 30_000;
const FRAGMENT = 44;
const FIRST_SIZE = 1480;

const UDP_OPEN: readonly Rule[] = [
  { protocol: 'udp', ports: [OPEN, OPEN], cidr: '10.0.1.0/24' },
  { protocol: 'udp', ports: [OPEN, OPEN], cidr: `${A}:/64` },
];

/** A piece of a packet; what is left out is that of the first fragment of a datagram. */
interface Piece {
  readonly from?: string;
  readonly id?: number;
  readonly port?: number;
  readonly protocol?: number;
  /** Bytes. */
  readonly offset?: number;
  readonly size?: number;
  readonly more?: boolean;
}

/** An IPv6 extension header. */
const DESTINATION_OPTIONS = 60;

const LATER: Piece = { offset: FIRST_SIZE, size: 100, more: false };

/** Two clients and a server, whose group has these rules. */
class FragmentBench extends FilterBench {
  readonly servers: string;

  constructor(rules: readonly Rule[] = UDP_OPEN, options: BenchOptions = {}) {
    super(options);
    const block = this.ipv6();
    this.subnet('a', '10.0.1.0/24', subnetBlock(block, 1));
    this.subnet('b', '10.0.2.0/24', subnetBlock(block, 2));
    const clients = this.group('clients', [], [ALL, ALL_6]);
    this.servers = this.group('servers', rules, [ALL, ALL_6]);
    this.host('client', 'a', '10.0.1.11', { groups: [clients], ipv6: [`${A}:11`] });
    this.host('other', 'a', '10.0.1.12', { groups: [clients], ipv6: [`${A}:12`] });
    this.host('server', 'a', '10.0.1.20', { groups: [this.servers], ipv6: [`${A}:20`] });
    this.host('far', 'b', '10.0.2.20', { groups: [this.servers] });
  }

  /** @returns what became of a fragment: a counter of the ledger. */
  piece(piece: Piece = {}, to = 'server'): string {
    const { from = 'client', offset = 0, more = true, protocol = IPPROTO_UDP } = piece;
    const options = { identification: piece.id ?? 1, fragmentOffset: offset, moreFragments: more };
    const frame = ipv4Frame(this.between(from, to), protocol, payloadOf(piece), options);
    return this.inject(from, frame).counter;
  }

  /** The same over IPv6. */
  piece6(piece: Piece = {}): string {
    const { from = 'client', id = 1, offset = 0, more = true, protocol = IPPROTO_UDP } = piece;
    const header = new Uint8Array(8);
    header[0] = protocol;
    new DataView(header.buffer).setUint16(2, offset | (more ? 1 : 0));
    new DataView(header.buffer).setUint32(4, id);
    const payload = Buffer.concat([header, payloadOf(piece)]);
    const source = `${A}:${from === 'client' ? '11' : '12'}`;
    const options = { payload, nextHeader: FRAGMENT };
    const frame = ipv6Frame(this.between(from, 'server'), source, `${A}:20`, options);
    return this.inject(from, frame).counter;
  }
}

/** A first fragment begins with ports, or the type and code of an echo request. */
function payloadOf({ offset = 0, size = FIRST_SIZE, port = OPEN, protocol }: Piece): Uint8Array {
  if (offset > 0) return new Uint8Array(size).fill(0x55);
  if (protocol === IPPROTO_ICMP) return new Uint8Array(size).fill(8, 0, 1);
  const sum = addressSum6(ip6(`${A}:11`), ip6(`${A}:20`));
  const datagram = udpDatagram([5000, port], new Uint8Array(3000), sum);
  if (protocol !== DESTINATION_OPTIONS) return datagram.slice(0, size);
  // Eight bytes of padding between the fragment header and UDP.
  return Buffer.concat([Uint8Array.of(IPPROTO_UDP, 0, 1, 4, 0, 0, 0, 0), datagram]).subarray(
    0,
    size,
  );
}

const FAMILIES = [
  ['IPv4', (made: FragmentBench, piece?: Piece) => made.piece(piece)],
  ['IPv6', (made: FragmentBench, piece?: Piece) => made.piece6(piece)],
] as const;

for (const [family, send] of FAMILIES) {
  t.test(
    `[MTU-7] the ports of the first fragment decide, later ones follow, ${family}`,
    async (t) => {
      const made = new FragmentBench();
      for (let id = 1; id < 4; id++) {
        t.equal(send(made, { id }), FORWARDED);
        t.equal(send(made, { id, offset: FIRST_SIZE }), FORWARDED);
        t.equal(send(made, { ...LATER, id, offset: 2 * FIRST_SIZE }), FORWARDED);
        t.equal(send(made, { id: id + 100, port: CLOSED }), DENIED);
        t.equal(send(made, { ...LATER, id: id + 100 }), DENIED, 'the way of its first');
      }
    },
  );

  t.test(`[MTU-7] a later fragment goes nowhere without its first one, ${family}`, async (t) => {
    const made = new FragmentBench();
    t.equal(send(made, LATER), NO_FIRST, 'before it');
    t.equal(send(made), FORWARDED);
    t.equal(send(made, LATER), FORWARDED);
    t.equal(send(made, { ...LATER, id: 2 }), NO_FIRST, 'of another packet');
    t.equal(send(made, { ...LATER, from: 'other' }), NO_FIRST, 'of another sender');
    t.equal(send(made, { ...LATER, protocol: IPPROTO_TCP }), NO_FIRST, 'of another protocol');
  });

  t.test(`[MTU-7] a first fragment is remembered for half a minute, ${family}`, async (t) => {
    const made = new FragmentBench();
    t.equal(send(made), FORWARDED);
    made.nowMs += PATIENCE_MS;
    t.equal(send(made, LATER), FORWARDED);
    made.nowMs++;
    t.equal(send(made, LATER), NO_FIRST);
    t.equal(send(made), FORWARDED, 'the identification comes again');
    t.equal(send(made, LATER), FORWARDED);
  });

  t.test(`[MTU-7] no fragment overwrites a part of the first one, ${family}`, async (t) => {
    const made = new FragmentBench();
    t.equal(send(made), FORWARDED);
    for (const offset of [8, 800, FIRST_SIZE - 8]) {
      t.equal(send(made, { ...LATER, offset }), 'OVERLAPPING_FRAGMENT', `at ${offset}`);
    }
    t.equal(send(made, LATER), FORWARDED, 'the next byte');
  });

  t.test(`[MTU-7] the setting "drop" loses all later fragments, ${family}`, async (t) => {
    const made = new FragmentBench(UDP_OPEN, { settings: { fragments: 'drop' } });
    t.equal(send(made), FORWARDED, 'the first one has ports');
    t.equal(send(made, LATER), 'FRAGMENTS_DROPPED');
    t.equal(send(made, { ...LATER, id: 2 }), 'FRAGMENTS_DROPPED');
    t.equal(made.udp('client', 'server', [5000, OPEN]), FORWARDED, 'what is whole passes');
  });

  t.test(`[MTU-7] "addresses-only" asks rules for address and protocol, ${family}`, async (t) => {
    const made = new FragmentBench(UDP_OPEN, { settings: { fragments: 'addresses-only' } });
    t.equal(send(made, LATER), FORWARDED, 'without its first one');
    t.equal(send(made, { port: CLOSED }), DENIED, 'a first one has ports');
    t.equal(send(made, { ...LATER, offset: 8 }), FORWARDED, 'nothing is known of overlaps');
    t.equal(send(made, { ...LATER, protocol: IPPROTO_TCP, offset: 80 }), DENIED, 'no rule for TCP');
    made.change('Revoke', 'Ingress', made.servers, UDP_OPEN);
    t.equal(send(made, { ...LATER, from: 'other' }), 'SG_HAS_NO_RULES', 'no rule at all');
  });

  t.test(`a fragment that hides its transport header is dropped, ${family}`, async (t) => {
    const made = new FragmentBench();
    const tcp = { protocol: IPPROTO_TCP };
    t.equal(send(made, { ...tcp, size: 16 }), 'TINY_FRAGMENT');
    t.equal(
      send(made, { ...tcp, ...LATER, offset: 8 }),
      'TINY_FRAGMENT',
      'it would hold the flags',
    );
    t.equal(send(made, { ...tcp, ...LATER, offset: 16 }), 'TINY_FRAGMENT');
    t.equal(send(made, { size: 8 }), FORWARDED, 'a UDP header is whole');
  });

  t.test(`what can be no piece of a packet is dropped, ${family}`, async (t) => {
    const made = new FragmentBench();
    t.equal(send(made, { size: 1479 }), 'BAD_FRAGMENT', 'no multiple of eight, and more to come');
    t.equal(send(made, { ...LATER, size: 0 }), 'BAD_FRAGMENT', 'no bytes');
    t.equal(send(made, { ...LATER, offset: 65_528, size: 8 }), 'BAD_FRAGMENT', 'a ping of death');
    t.equal(send(made, { ...LATER, offset: 65_528, size: 7 }), NO_FIRST, 'the last byte there is');
  });
}

t.test('a frame without IP is no fragment, whatever came before it', async (t) => {
  for (const fragments of ['follow-first', 'drop'] as const) {
    const made = new FragmentBench(UDP_OPEN, { settings: { fragments } });
    made.piece();
    made.piece(LATER);
    for (const host of ['other', 'client']) {
      const arp = arpFrame(made.mac(host), made.address(host), made.address('server'));
      t.equal(made.inject(host, arp).counter, 'answered', `${fragments}, ${host}`);
      made.piece(LATER);
    }
  }
});

t.test('an IPv6 fragment that is its whole packet hides nothing either', async (t) => {
  const made = new FragmentBench();
  t.equal(made.piece6({ size: 100, more: false }), FORWARDED);
  t.equal(made.piece6({ size: 4, more: false }), 'TINY_FRAGMENT');
});

t.test('[MTU-7] later fragments know what the first has behind an extension header', async (t) => {
  const made = new FragmentBench();
  const extended = { protocol: DESTINATION_OPTIONS };
  t.equal(made.piece6(extended), FORWARDED);
  t.equal(made.piece6({ ...extended, ...LATER }), FORWARDED);
  t.equal(made.piece6({ ...extended, id: 2, port: CLOSED }), DENIED);
  t.equal(made.piece6({ ...extended, ...LATER, id: 2 }), DENIED);
});

t.test('[MTU-7] later fragments of an echo request pass a rule for ICMP', async (t) => {
  const made = new FragmentBench([{ protocol: 'icmp', ports: [8, 0], cidr: '10.0.1.0/24' }]);
  const echo = { protocol: IPPROTO_ICMP };
  t.equal(made.piece(echo), FORWARDED);
  t.equal(made.piece({ ...echo, ...LATER }), FORWARDED);
  t.equal(made.piece({ id: 2 }), DENIED, 'UDP has no rule');
  t.equal(made.piece({ ...LATER, id: 2 }), DENIED);
});

t.test('[MTU-7] network ACLs see the ports of the first fragment too', async (t) => {
  const made = new FragmentBench();
  const acl = made.acl('b');
  const udp = { protocol: '17', cidr: '10.0.1.0/24' };
  made.entry(acl, 'ingress', 100, 'deny', { ...udp, ports: [CLOSED, CLOSED] });
  made.entry(acl, 'ingress', 200, 'allow', { ...udp, ports: [1024, 65_535] });
  t.equal(made.piece({}, 'far'), FORWARDED);
  t.equal(made.piece(LATER, 'far'), FORWARDED);
  t.equal(made.piece({ id: 2, port: CLOSED }, 'far'), 'SUBNET_ACL_RESTRICTION');
  t.equal(made.piece({ ...LATER, id: 2 }, 'far'), 'SUBNET_ACL_RESTRICTION');
});

t.test('[SG-6] fragments of a reply belong to the connection of the request', async (t) => {
  const made = new FragmentBench();
  const reply = (piece: Piece) => {
    const { offset = 0, more = true } = piece;
    const options = { identification: 5, fragmentOffset: offset, moreFragments: more };
    const datagram = udpDatagram([OPEN, 5000], new Uint8Array(3000), 0);
    const payload = offset === 0 ? datagram.slice(0, FIRST_SIZE) : payloadOf(piece);
    const ends = made.between('server', 'client');
    return made.inject('server', ipv4Frame(ends, IPPROTO_UDP, payload, options)).counter;
  };
  t.equal(reply({}), 'SG_HAS_NO_RULES', 'before the request');
  t.equal(reply(LATER), 'SG_HAS_NO_RULES');
  t.equal(made.udp('client', 'server', [5000, OPEN]), FORWARDED);
  t.equal(reply({}), FORWARDED);
  t.equal(reply(LATER), FORWARDED);
});

const OPTIONS: readonly (readonly [what: string, hex: string, counter: string])[] = [
  ['a router alert', '94040000', FORWARDED],
  ['a timestamp behind padding', '01 4408050000000000 000000', FORWARDED],
  ['a record of the route', '07070400000000 00', FORWARDED],
  ['a loose source route', '830704 0a000214 00', 'IPV4_SOURCE_ROUTE'],
  ['a strict source route', '890704 0a000214 00', 'IPV4_SOURCE_ROUTE'],
  ['a source route behind padding', '0101 830704 0a000214 000000', 'IPV4_SOURCE_ROUTE'],
  ['one that ends behind the header', '94080000', 'BAD_IPV4_OPTION'],
  ['one without bytes', '94000000', 'BAD_IPV4_OPTION'],
  ['one of a byte', '94010000', 'BAD_IPV4_OPTION'],
  ['one without a length', '01010194', 'BAD_IPV4_OPTION'],
];

for (const [what, hex, counter] of OPTIONS) {
  t.test(`of IPv4 options, ${what}: ${counter}`, async (t) => {
    const made = new FragmentBench([{ protocol: '-1', cidr: '10.0.1.0/24' }]);
    const payload = udpDatagram([5000, OPEN], new Uint8Array(20), 0);
    for (const to of ['server', 'far']) {
      const options = { options: parseHex(hex) };
      const frame = ipv4Frame(made.between('client', to), IPPROTO_UDP, payload, options);
      const outcome = made.inject('client', frame);
      t.equal(outcome.counter, counter, `to ${to}`);
      if (counter === FORWARDED) {
        t.same(outcome.delivered[0]?.frame.subarray(14), frame.subarray(14), 'as it was');
      }
    }
  });
}
