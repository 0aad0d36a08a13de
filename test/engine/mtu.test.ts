/** The largest packets: what passes, what is cut, what is reported, and what is lost in silence. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { Cutter } from '../../src/engine/cutter.ts';
import { addressSum6 } from '../../src/packet/checksum.ts';
import { emitIcmp, type IcmpRepr, icmpSize } from '../../src/packet/icmp.ts';
import {
  IPPROTO_ICMP,
  IPPROTO_TCP,
  IPPROTO_UDP,
  type Ipv4Repr,
  parseIpv4Header,
} from '../../src/packet/ipv4.ts';
import { VNET_GSO_NONE, VNET_HEADER_SIZE } from '../../src/packet/vnet-header.ts';
import { dissect } from '../packet/dissect.ts';
import { parseHex } from '../packet/hex-file.ts';
import { PLAIN } from '../packet/super-frames.ts';
import { hasTshark, tsharkFields } from '../packet/tshark.ts';
import { Bench, ip, type Outcome, subnetBlock } from './bench.ts';
import {
  arpFrame,
  type Ends,
  type Ipv4Options,
  icmpFrame,
  ip6,
  ipv4Frame,
  ipv6Frame,
  udpDatagram,
  udpFrame,
} from './frames.ts';
import { injectSuper, segmentsOf, superFrameOn, wayBetween } from './super-frame.ts';

const seed = Number(process.env['SEED'] ?? Date.now() % 0x7fffffff);
t.comment(`seed ${seed}`);

const A = '2001:db8:0:101:';
const B = '2001:db8:0:102:';
const OUTSIDE = '192.0.2.80';
const OUTSIDE_6 = '2001:db8:f::80';
const BEHIND = { ipv4: OUTSIDE, ipv6: OUTSIDE_6 };
const IP = 14;
const VPC_MTU = 9001;
const EDGE_MTU = 1500;
const PORTS = [5000, 6000] as const;

/** Two hosts in subnet a, two in b, of which `edge` stands for a gateway to all outside. */
function bench(reports = true): Bench {
  const made = new Bench();
  const block = made.ipv6();
  made.subnet('a', '10.0.1.0/24', subnetBlock(block, 1));
  made.subnet('b', '10.0.2.0/24', subnetBlock(block, 2));
  made.host('near', 'a', '10.0.1.11', { ipv6: [`${A}:11`] });
  made.host('peer', 'a', '10.0.1.12', { ipv6: [`${A}:12`] });
  made.host('far', 'b', '10.0.2.20', { ipv6: [`${B}:20`] });
  made.host('edge', 'b', '10.0.2.254', { ipv6: [`${B}:fe`], sourceDestCheck: false });
  const NetworkInterfaceId = made.eni('edge').eniId;
  for (const destination of [
    { DestinationCidrBlock: '192.0.2.0/24' },
    { DestinationIpv6CidrBlock: '2001:db8:f::/48' },
  ]) {
    const RouteTableId = made.lab.mainTable(made.vpcId);
    made.act('CreateRoute', { RouteTableId, NetworkInterfaceId, ...destination });
  }
  made.withLinkMtu('edge', { mtu: EDGE_MTU, reports });
  return made;
}

/** Bytes that are all different from their neighbours. */
function payloadOf(size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, index) => (index * 7 + (index >>> 8)) & 0xff);
}

function link(made: Bench, toRouter = true): Pick<Ends, 'sourceMac' | 'destinationMac'> {
  const destinationMac = toRouter ? made.routerMac('near') : made.mac('peer');
  return { sourceMac: made.mac('near'), destinationMac };
}

function endsTo(made: Bench, destination: string, toRouter = true): Ends {
  const ends = { source: made.address('near'), destination: ip(destination) };
  return { ...link(made, toRouter), ...ends };
}

/** @param size Of the IP packet. @returns what became of a datagram of `near`. */
function send(made: Bench, to: string, size: number, options: Ipv4Options = {}): Outcome {
  const ends = endsTo(made, to, to !== '10.0.1.12');
  return made.inject('near', udpFrame(ends, PORTS, options, payloadOf(size - 28)));
}

function frame6(made: Bench, to: string, size: number): Uint8Array {
  const sum = addressSum6(ip6(`${A}:11`), ip6(to));
  const payload = udpDatagram(PORTS, payloadOf(size - 48), sum);
  const options = { payload, nextHeader: IPPROTO_UDP };
  return ipv6Frame(link(made, to !== `${A}:12`), `${A}:11`, to, options);
}

function headerOf(frame: Uint8Array): Ipv4Repr {
  const header = parseIpv4Header(frame, IP, frame.length - IP);
  assert(header !== null, 'a legal IPv4 header, its checksum right');
  return header;
}

/** @returns the frames that the fragments are pieces of; each has come in order and fits the edge. */
function whole(frames: readonly Uint8Array[]): readonly Uint8Array[] {
  const packets: Uint8Array[] = [];
  let payload: Uint8Array[] = [];
  for (const frame of frames) {
    const header = headerOf(frame);
    assert(frame.length - IP <= EDGE_MTU, 'a fragment fits');
    const sizeBefore = payload.reduce((sum, { length }) => sum + length, 0);
    assert.equal(header.fragmentOffset, sizeBefore, 'it begins where the last one ended');
    payload.push(frame.subarray(frame.length - header.payloadSize));
    if (header.moreFragments) continue;
    const ends = { destinationMac: 0, sourceMac: 0, ...header } as unknown as Ends;
    const { identification, dontFragment, ttl } = header;
    const options = { identification, dontFragment, ttl };
    packets.push(ipv4Frame(ends, header.protocol, Buffer.concat(payload), options));
    payload = [];
  }
  assert.equal(payload.length, 0, 'the last fragment says so');
  return packets;
}

const framesOf = ({ delivered }: Outcome) => delivered.map(({ frame }) => frame);

t.test('[MTU-1][MTU-2] 9001 bytes pass in the subnet and to another, with DF too', async (t) => {
  const made = bench();
  for (const to of ['10.0.1.12', '10.0.2.20']) {
    for (const dontFragment of [true, false]) {
      const { counter, delivered } = send(made, to, VPC_MTU, { dontFragment });
      t.equal(counter, 'forwarded');
      t.equal(delivered[0]?.frame.length, IP + VPC_MTU, 'in one piece');
    }
  }
  for (const to of [`${A}:12`, `${B}:20`]) {
    t.equal(made.inject('near', frame6(made, to, VPC_MTU)).delivered[0]?.frame.length, 9015);
  }
});

t.test('[MTU-6] a larger packet is lost without a word, whatever its DF says', async (t) => {
  const made = bench();
  const lost = { counter: 'MTU_EXCEEDED', delivered: [] };
  for (const to of ['10.0.1.12', '10.0.2.20']) {
    t.equal(send(made, to, 1000).counter, 'forwarded', 'the flow is known');
    for (const dontFragment of [true, false]) {
      t.match(send(made, to, VPC_MTU + 1, { dontFragment }), lost);
    }
    t.equal(send(made, to, 1000).counter, 'forwarded', 'the flow goes on');
  }
  for (const to of [`${A}:12`, `${B}:20`]) {
    t.match(made.inject('near', frame6(made, to, VPC_MTU + 1)), lost);
  }
});

t.test('[MTU-6] a larger packet reaches neither the router nor an edge', async (t) => {
  const made = bench();
  const ends = endsTo(made, '10.0.1.1');
  const ping = (size: number) => {
    const payload = payloadOf(size - 28);
    const echo: IcmpRepr = { kind: 'echo-request', identifier: 1, sequence: 1, payload };
    return made.inject('near', icmpFrame(ends, echo)).counter;
  };
  t.equal(ping(VPC_MTU), 'answered');
  t.equal(ping(VPC_MTU + 1), 'MTU_EXCEEDED');
  for (const dontFragment of [true, false]) {
    t.equal(send(made, OUTSIDE, VPC_MTU + 1, { dontFragment }).counter, 'MTU_EXCEEDED');
  }
  t.equal(made.inject('near', frame6(made, OUTSIDE_6, VPC_MTU + 1)).counter, 'MTU_EXCEEDED');
  const arp = arpFrame(made.mac('near'), made.address('near'), ip('10.0.1.1'));
  t.equal(made.inject('near', arp).counter, 'answered', 'what is no IP packet has no such size');
});

t.test('[MTU-1] a super-frame is as large as its segments', async (t) => {
  const made = bench();
  for (const family of [4, 6] as const) {
    for (const tcp of [PLAIN.tcp, null]) {
      const headers = (family === 4 ? 20 : 40) + (tcp === null ? 8 : 20);
      for (const to of ['peer', 'far']) {
        const way = wayBetween(made, 'near', to);
        const offer = (gsoSize: number) => {
          const parts = { family, tcp, gsoSize, payload: payloadOf(30_000) };
          return injectSuper(made, 'near', superFrameOn(way, parts));
        };
        const { counter, delivered } = offer(VPC_MTU - headers);
        t.equal(counter, 'forwarded', `IPv${family} ${tcp === null ? 'UDP' : 'TCP'} to ${to}`);
        t.equal(delivered[0]?.frame.length, IP + headers + 30_000, 'in one piece');
        t.match(offer(VPC_MTU - headers + 1), { counter: 'MTU_EXCEEDED', delivered: [] });
      }
    }
  }
});

t.test('[MTU-3] an edge cuts what may be cut into fragments that fit', async (t) => {
  const made = bench();
  t.equal(send(made, OUTSIDE, EDGE_MTU).delivered[0]?.frame.length, IP + EDGE_MTU);
  const outcome = send(made, OUTSIDE, VPC_MTU, { identification: 77 });
  t.equal(outcome.counter, 'forwarded');
  t.equal(outcome.delivered.length, 7);
  for (const { to, frame } of outcome.delivered) {
    t.equal(to, 'edge');
    const { ethernet, ip: header } = dissect(frame);
    t.has(ethernet, { destination: made.mac('edge'), source: made.routerMac('edge') });
    t.has(header, { identification: 77, ttl: 64, dontFragment: false });
  }
  const [packet] = whole(framesOf(outcome));
  t.has(dissect(packet ?? new Uint8Array(0)).upper, { payload: payloadOf(VPC_MTU - 28) });
});

t.test('[MTU-3] the fragments of any packet are the packet together', async () => {
  const made = bench();
  const sizes = fc.record({
    size: fc.integer({ min: EDGE_MTU + 1, max: VPC_MTU }),
    mtu: fc.integer({ min: 576, max: EDGE_MTU }),
    identification: fc.nat(0xffff),
  });
  fc.assert(
    fc.property(sizes, ({ size, mtu, identification }) => {
      made.withLinkMtu('edge', { mtu, reports: true });
      const frames = framesOf(send(made, OUTSIDE, size, { identification }));
      assert(frames.length >= size / mtu && frames.every((each) => each.length <= IP + mtu));
      const [packet, ...others] = whole(frames);
      const { upper } = dissect(packet ?? new Uint8Array(0));
      assert.equal(others.length, 0);
      assert(upper !== null && 'payload' in upper, 'UDP, its checksum right');
      assert.deepEqual(Buffer.from(upper.payload), Buffer.from(payloadOf(size - 28)));
    }),
    { seed, numRuns: 40 },
  );
});

t.test('[MTU-3] a fragment is cut again, and keeps its place in the packet', async (t) => {
  const made = bench();
  const ends = endsTo(made, OUTSIDE);
  const first = ipv4Frame(ends, IPPROTO_UDP, payloadOf(4000), { moreFragments: true });
  const later = ipv4Frame(ends, IPPROTO_UDP, payloadOf(2000), { fragmentOffset: 4000 });
  const frames = [first, later].flatMap((frame) => framesOf(made.inject('near', frame)));
  t.equal(frames.length, 5);
  const [packet] = whole(frames);
  t.same(packet?.subarray(IP + 20), Buffer.concat([payloadOf(4000), payloadOf(2000)]));
});

t.test('[MTU-3] a checksum that the guest left open is complete in the fragments', async (t) => {
  const made = bench();
  const parts = { tcp: null, payload: payloadOf(4000), dontFragment: false };
  const plain = { gsoType: VNET_GSO_NONE, gsoSize: 0 };
  const frame = superFrameOn(wayBetween(made, 'near', 'edge', BEHIND), parts, plain);
  const outcome = injectSuper(made, 'near', frame);
  t.equal(outcome.delivered.length, 3);
  const [packet] = whole(framesOf(outcome));
  t.has(dissect(packet ?? new Uint8Array(0)).upper, { payload: payloadOf(4000) });
});

t.test('[MTU-3] of a super-frame each segment is cut, unless it fits', async (t) => {
  const made = bench();
  const way = wayBetween(made, 'near', 'edge', BEHIND);
  const parts = { payload: payloadOf(20_000), dontFragment: false };
  const narrow = superFrameOn(way, { ...parts, gsoSize: 1460 });
  const passed = injectSuper(made, 'near', narrow);
  t.equal(passed.counter, 'forwarded');
  t.equal(passed.delivered.length, 1, 'whole');
  t.same(passed.virtioHeader, narrow.subarray(0, VNET_HEADER_SIZE));
  const jumbo = superFrameOn(way, { ...parts, gsoSize: 8961 });
  const cut = injectSuper(made, 'near', jumbo);
  t.equal(cut.counter, 'forwarded');
  const packets = whole(framesOf(cut));
  t.same(
    packets.map((each) => each.subarray(IP + 20)),
    segmentsOf(jumbo).map((each) => each.subarray(IP + 20)),
  );
});

t.test('[MTU-4] the router tells who may not be cut what would fit', async (t) => {
  const made = bench();
  const { counter, delivered } = send(made, OUTSIDE, EDGE_MTU + 1, { dontFragment: true });
  t.equal(counter, 'answered');
  t.equal(delivered.length, 1);
  t.equal(delivered[0]?.to, 'near');
  const told = dissect(delivered[0]?.frame ?? new Uint8Array(0));
  t.has(told.ethernet, { destination: made.mac('near'), source: made.routerMac('near') });
  t.has(told.ip, { source: ip('10.0.1.1'), destination: ip('10.0.1.11') });
  t.has(told.upper, { kind: 'unreachable', code: 4, nextHopMtu: EDGE_MTU });
  const six = made.inject('near', frame6(made, OUTSIDE_6, EDGE_MTU + 1));
  t.equal(six.counter, 'answered');
  const told6 = dissect(six.delivered[0]?.frame ?? new Uint8Array(0));
  t.has(told6.ip, { source: ip6(`${A}:1`), destination: ip6(`${A}:11`) });
  t.has(told6.upper, { kind: 'packet-too-big', code: 0, parameter: EDGE_MTU });
  t.equal(made.inject('near', frame6(made, OUTSIDE_6, EDGE_MTU)).counter, 'forwarded');
});

t.test(
  '[MTU-4] tshark reads the errors as the router meant them',
  { skip: hasTshark ? false : 'tshark is not installed' },
  (t) => {
    const made = bench();
    const errors = [
      ...framesOf(send(made, OUTSIDE, VPC_MTU, { dontFragment: true })),
      ...framesOf(made.inject('near', frame6(made, OUTSIDE_6, VPC_MTU))),
    ];
    const fields = [
      ...['icmp.type', 'icmp.code', 'icmp.mtu', 'icmp.checksum.status'],
      ...['icmpv6.type', 'icmpv6.mtu', 'icmpv6.checksum.status', '_ws.malformed'],
    ];
    t.same(tsharkFields(t.testdir(), errors, fields), [
      ['3', '4', '1500', '1', '', '', '', ''],
      ['', '', '', '', '2', '1500', '1', ''],
    ]);
    t.end();
  },
);

t.test('[MTU-4] a super-frame gets one error, about its first segment', async (t) => {
  const made = bench();
  const way = wayBetween(made, 'near', 'edge', BEHIND);
  for (const family of [4, 6] as const) {
    const parts = { family, payload: payloadOf(20_000) };
    const room = EDGE_MTU - (family === 4 ? 40 : 60);
    const fits = superFrameOn(way, { ...parts, gsoSize: room });
    t.equal(injectSuper(made, 'near', fits).delivered[0]?.frame.length, fits.length - 12, 'whole');
    const large = superFrameOn(way, { ...parts, gsoSize: room + 1 });
    const { counter, delivered } = injectSuper(made, 'near', large);
    t.equal(counter, 'answered');
    t.equal(delivered.length, 1);
    const { upper } = dissect(delivered[0]?.frame ?? new Uint8Array(0));
    const quote = upper !== null && 'quote' in upper ? upper.quote : new Uint8Array(0);
    const [first] = segmentsOf(large);
    t.same(quote, first?.subarray(IP, IP + quote.length));
    t.ok(quote.length > 500);
  }
});

t.test('[MTU-6] what no error may be said of is lost in silence at an edge too', async (t) => {
  const made = bench();
  const lost = { counter: 'MTU_EXCEEDED', delivered: [] };
  const ends = endsTo(made, OUTSIDE);
  const quote = parseHex('45000028000140004006 0000 0a00010b 0a00010c 1388 1770 00000001');
  const repr: IcmpRepr = { kind: 'unreachable', code: 1, nextHopMtu: 0, pointer: 0, quote };
  const message = new Uint8Array(icmpSize(repr) + 2000);
  emitIcmp({ ...repr, quote: Buffer.concat([quote, new Uint8Array(2000)]) }, message, 0);
  const error = ipv4Frame(ends, IPPROTO_ICMP, message, { dontFragment: true });
  t.match(made.inject('near', error), lost, 'an error');
  const pieces = { dontFragment: true, identification: 9 };
  const first = ipv4Frame(ends, IPPROTO_TCP, payloadOf(800), { ...pieces, moreFragments: true });
  t.equal(made.inject('near', first).counter, 'forwarded');
  const later = ipv4Frame(ends, IPPROTO_TCP, payloadOf(2000), { ...pieces, fragmentOffset: 800 });
  t.match(made.inject('near', later), lost, 'a later fragment');
});

t.test('[MTU-5] an edge that reports nothing loses what is too big in silence', async (t) => {
  const made = bench(false);
  const lost = { counter: 'MTU_EXCEEDED', delivered: [] };
  t.equal(send(made, OUTSIDE, EDGE_MTU).counter, 'forwarded');
  t.match(send(made, OUTSIDE, EDGE_MTU + 1), lost);
  t.match(send(made, OUTSIDE, EDGE_MTU + 1, { dontFragment: true }), lost);
  t.match(made.inject('near', frame6(made, OUTSIDE_6, EDGE_MTU + 1)), lost);
});

t.test('[MTU-4] a flow known from small packets lets no large one through', async (t) => {
  const made = bench();
  t.equal(send(made, OUTSIDE, 1000).counter, 'forwarded');
  const { hits } = made.state.flows;
  t.equal(send(made, OUTSIDE, 1000).counter, 'forwarded');
  t.equal(made.state.flows.hits, hits + 1, 'the flow is known');
  for (let round = 0; round < 2; round++) {
    t.equal(send(made, OUTSIDE, 1501, { dontFragment: true }).counter, 'answered');
    t.equal(send(made, OUTSIDE, 1501).delivered.length, 2);
    t.equal(send(made, OUTSIDE, 1500).delivered.length, 1, 'the small ones still go whole');
  }
  made.inject('near', frame6(made, OUTSIDE_6, 1000));
  t.equal(made.inject('near', frame6(made, OUTSIDE_6, 1501)).counter, 'answered');
});

t.test('[MTU-3] a port that takes none of the fragments is counted once', async (t) => {
  const made = bench();
  made.deafen('edge');
  t.match(send(made, OUTSIDE, VPC_MTU), { counter: 'PORT_NOT_READY', delivered: [] });
});

t.test('Cutter gives no more pieces to one who takes none', async (t) => {
  const parts = { payload: payloadOf(20_000), gsoSize: 8000, dontFragment: false };
  const bytes = superFrameOn(wayBetween(bench(), 'near', 'edge', BEHIND), parts);
  const size = bytes.length - VNET_HEADER_SIZE;
  for (const [mtu, taken] of [
    [EDGE_MTU, 1],
    [EDGE_MTU, 9],
    [0, 2],
  ] as const) {
    let pieces = 0;
    new Cutter(size).cut(bytes, 0, VNET_HEADER_SIZE, size, mtu, () => ++pieces < taken);
    t.equal(pieces, taken);
  }
});
