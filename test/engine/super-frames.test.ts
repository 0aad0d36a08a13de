/** Super-frames through the fabric: what comes of them is what comes of their segments. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { addressSum4, addressSum6, foldSum, pseudoHeaderSum } from '../../src/packet/checksum.ts';
import {
  BOOTREQUEST,
  DHCP_ACK,
  DHCP_REQUEST,
  type Dhcpv4Repr,
  dhcpv4Size,
  emitDhcpv4,
  parseDhcpv4,
} from '../../src/packet/dhcpv4.ts';
import { ICMP_CHECKSUM } from '../../src/packet/icmp.ts';
import { IPPROTO_ICMPV6, IPPROTO_UDP } from '../../src/packet/ipv4.ts';
import { UDP_CHECKSUM, UDP_HEADER_SIZE } from '../../src/packet/udp.ts';
import {
  emitVnetHeader,
  VNET_GSO_NONE,
  VNET_GSO_TCPV6,
  VNET_GSO_UDP,
  VNET_HEADER_SIZE,
  type VnetHeaderRepr,
} from '../../src/packet/vnet-header.ts';
import { icmpv6Frame } from '../../src/responders/icmpv6-frame.ts';
import { dissect } from '../packet/dissect.ts';
import { type SuperFrameParts, superFrameParts } from '../packet/super-frames.ts';
import { ip, type Outcome, subnetBlock } from './bench.ts';
import { ALL, ALL_6, FilterBench } from './filter-bench.ts';
import { echoFrame, ip6, udpFrame } from './frames.ts';
import {
  injectSuper,
  type SuperOutcome,
  segmentsOf,
  superFrameOn,
  wayBetween,
} from './super-frame.ts';

const seed = Number(process.env['SEED'] ?? Date.now() % 0x7fffffff);
t.comment(`seed ${seed}`);

const A = '2001:db8:0:101:';
const PLAIN_GSO = { gsoType: VNET_GSO_NONE, gsoSize: 0 } as const;

/** Two hosts in one subnet and one in another; the servers take half of all ports. */
function bench(): FilterBench {
  const made = new FilterBench();
  const block = made.ipv6();
  made.subnet('a', '10.0.1.0/24', subnetBlock(block, 1));
  made.subnet('b', '10.0.2.0/24', subnetBlock(block, 2));
  const clients = made.group('clients', [], [ALL, ALL_6]);
  const half = ['tcp', 'udp'].flatMap((protocol) =>
    ['10.0.1.0/24', '2001:db8:0:101::/64'].map(
      (cidr) => ({ protocol, ports: [0, 32_767], cidr }) as const,
    ),
  );
  const servers = made.group('servers', half, [ALL, ALL_6]);
  made.host('near', 'a', '10.0.1.11', { groups: [clients], ipv6: [`${A}:11`] });
  made.host('peer', 'a', '10.0.1.12', { groups: [servers], ipv6: [`${A}:12`] });
  made.host('far', 'b', '10.0.2.20', { groups: [servers], ipv6: ['2001:db8:0:102::20'] });
  return made;
}

interface Case {
  readonly parts: SuperFrameParts;
  readonly to: 'peer' | 'far';
  /** A frame of one packet, whose checksum only is left to the device. */
  readonly isPlain: boolean;
}

const cases: fc.Arbitrary<Case> = fc.record({
  parts: superFrameParts,
  to: fc.constantFrom('peer' as const, 'far' as const),
  isPlain: fc.boolean(),
});

/** @returns the frames that leave a port without offloads, and for whom. */
function cutOutput({
  delivered,
  virtioHeader,
}: SuperOutcome): readonly (readonly [string, Buffer])[] {
  return delivered.flatMap(({ to, frame }) => {
    const segments = segmentsOf(Buffer.concat([virtioHeader, frame]));
    return segments.map((segment) => [to, Buffer.from(segment)] as const);
  });
}

t.test('a super-frame forwarded and then cut is its segments forwarded', async (t) => {
  const [whole, cut] = [bench(), bench()];
  const counters = new Set<string>();
  fc.assert(
    fc.property(cases, ({ parts, to, isPlain }) => {
      const bytes = superFrameOn(wayBetween(whole, 'near', to), parts, isPlain ? PLAIN_GSO : {});
      const segments = segmentsOf(bytes);
      const outcome = injectSuper(whole, 'near', bytes);
      const outcomes = segments.map((segment) => cut.inject('near', segment));
      for (const { counter } of outcomes) assert.equal(counter, outcome.counter);
      const sent = outcomes.flatMap(({ delivered }) =>
        delivered.map((each) => [each.to, Buffer.from(each.frame)]),
      );
      assert.deepEqual(cutOutput(outcome), sent);
      counters.add(outcome.counter);
    }),
    { seed, numRuns: 500 },
  );
  for (const counter of ['forwarded', 'ENI_SG_RULES_MISMATCH', 'BAD_IPV4_OPTION']) {
    t.ok(counters.has(counter), counter);
  }
});

t.test('the flow of a super-frame is that of its segments', async (t) => {
  const made = bench();
  const bytes = superFrameOn(wayBetween(made, 'near', 'far'), { payload: new Uint8Array(9000) });
  injectSuper(made, 'near', bytes);
  const { hits, size } = made.state.flows;
  for (const segment of segmentsOf(bytes)) made.inject('near', segment);
  t.equal(made.state.flows.hits, hits + segmentsOf(bytes).length);
  t.equal(made.state.flows.size, size);
});

const IMPOSSIBLE: readonly (readonly [
  what: string,
  parts: Partial<SuperFrameParts>,
  vnet: Partial<VnetHeaderRepr>,
])[] = [
  ['segments of no bytes', {}, { gsoSize: 0 }],
  ['segments of seven bytes', {}, { gsoSize: 7 }],
  ['the segment size that Linux keeps for itself', {}, { gsoSize: 0xffff }],
  ['more datagrams than Linux cuts', { tcp: null, gsoSize: 20 }, {}],
  ['UDP fragments, which no port asked for', { tcp: null }, { gsoType: VNET_GSO_UDP }],
  ['an unknown type', {}, { gsoType: 2 }],
  ['TCP over IPv6 in IPv4', {}, { gsoType: VNET_GSO_TCPV6 }],
  ['ECN without segments', {}, { ...PLAIN_GSO, gsoEcn: true }],
  ['headers longer than the frame', {}, { headerSize: 5000 }],
  ['headers shorter than Ethernet', {}, { headerSize: 13 }],
  ['a checksum in the link header', {}, { ...PLAIN_GSO, checksumStart: 0 }],
  ['a checksum behind the frame', {}, { ...PLAIN_GSO, checksumStart: 4053 }],
  ['a checksum that is not of TCP', {}, { checksumOffset: 6 }],
  ['UDP segments without checksums', { tcp: null }, { needsChecksum: false }],
];

t.test('a virtio header that does not fit its frame is counted and nothing else', async (t) => {
  const made = bench();
  for (const to of ['peer', 'far']) {
    const way = wayBetween(made, 'near', to);
    for (const [what, parts, vnet] of IMPOSSIBLE) {
      const outcome = injectSuper(made, 'near', superFrameOn(way, parts, vnet));
      t.match(outcome, { counter: 'BAD_VIRTIO_HEADER', delivered: [] }, what);
    }
  }
  t.equal(made.state.flows.size, 0, 'no flow is remembered');
});

t.test('[L2-16] a super-frame to the router is one frame that it does not take', async (t) => {
  const made = bench();
  const behind = { ipv4: '10.0.1.1', ipv6: `${A}:1` };
  const way = wayBetween(made, 'near', 'far', behind);
  for (const family of [4, 6] as const) {
    const outcome = injectSuper(made, 'near', superFrameOn(way, { family }));
    t.match(outcome, { counter: 'ROUTER_HAS_NO_SERVICE', delivered: [] });
  }
});

/**
 * @returns the frame behind a virtio header, its checksum left to the device.
 * @param start Of the transport header. @param sum Of the pseudo-header.
 */
function pending(frame: Uint8Array, start: number, offset: number, sum: number): Uint8Array {
  const header = new Uint8Array(VNET_HEADER_SIZE);
  const rest = { ...PLAIN_GSO, checksumValid: false, gsoEcn: false, headerSize: 0, bufferCount: 0 };
  emitVnetHeader(
    { ...rest, needsChecksum: true, checksumStart: start, checksumOffset: offset },
    header,
    0,
  );
  const bytes = Buffer.concat([header, frame]);
  bytes.writeUInt16BE(foldSum(sum), VNET_HEADER_SIZE + start + offset);
  return bytes;
}

/** @returns the one reply to a frame. */
function replyTo(outcome: Outcome): Uint8Array {
  assert.equal(outcome.counter, 'answered');
  assert.equal(outcome.delivered.length, 1);
  return outcome.delivered[0]?.frame ?? new Uint8Array(0);
}

t.test('[L2-15] the router answers an echo request whose checksum is left open', async (t) => {
  const made = bench();
  const request = echoFrame(made.between('near', 'near', '10.0.1.1'));
  const bytes = pending(request, 34, ICMP_CHECKSUM, 0);
  t.match(dissect(replyTo(injectSuper(made, 'near', bytes))).upper, { kind: 'echo-reply' });
  t.equal(
    made.inject('near', bytes.subarray(VNET_HEADER_SIZE)).counter,
    'ICMP_MALFORMED',
    'without the virtio header it is wrong',
  );
});

t.test('[L2-15] so it does over IPv6', async (t) => {
  const made = bench();
  const link = { sourceMac: made.mac('near'), destinationMac: made.routerMac('near') };
  const [source, destination] = [ip6(`${A}:11`), ip6(`${A}:1`)];
  const request = icmpv6Frame(
    { ...link, source, destination, hopLimit: 64 },
    { kind: 'echo-request', identifier: 7, sequence: 1, payload: new Uint8Array(56) },
  );
  const sum = pseudoHeaderSum(addressSum6(source, destination), IPPROTO_ICMPV6, 64);
  const bytes = pending(request, 54, 2, sum);
  t.match(dissect(replyTo(injectSuper(made, 'near', bytes))).upper, { kind: 'echo-reply' });
  t.equal(made.inject('near', bytes.subarray(VNET_HEADER_SIZE)).counter, 'ICMP_MALFORMED');
});

t.test('[DHCP-1] DHCP renews a lease whose request has an open checksum', async (t) => {
  const made = bench();
  const none = ip('0.0.0.0');
  const request: Dhcpv4Repr = {
    ...{ operation: BOOTREQUEST, messageType: DHCP_REQUEST, hops: 0, transactionId: 7, seconds: 0 },
    ...{ broadcast: false, clientAddr: made.address('near'), yourAddr: none, options: [] },
    ...{ nextServerAddr: none, relayAddr: none, clientMac: made.mac('near') },
    ...{ serverName: '', bootFile: '' },
  };
  const payload = new Uint8Array(dhcpv4Size(request));
  emitDhcpv4(request, payload, 0);
  const ends = made.between('near', 'near', '10.0.1.1');
  const frame = udpFrame(ends, [68, 67], {}, payload);
  const size = UDP_HEADER_SIZE + payload.length;
  const sum = pseudoHeaderSum(addressSum4(ends.source, ends.destination), IPPROTO_UDP, size);
  const bytes = pending(frame, 34, UDP_CHECKSUM, sum);
  const reply = replyTo(injectSuper(made, 'near', bytes));
  t.ok(dissect(reply).upper, 'UDP, its checksum right');
  t.match(parseDhcpv4(reply, 42, reply.length - 42), {
    messageType: DHCP_ACK,
    yourAddr: made.address('near'),
  });
  t.equal(made.inject('near', bytes.subarray(VNET_HEADER_SIZE)).counter, 'DHCP_MALFORMED');
});
