/** The router's packet-too-big, held against what Linux says of the same packets. */
import t from 'tap';
import { type Ipv4Addr, parseIpv4 } from '../../src/addr/ipv4.ts';
import { type Ipv6Addr, parseIpv6 } from '../../src/addr/ipv6.ts';
import { type MacAddr, parseMac } from '../../src/addr/mac.ts';
import { emitIpv4Header, type Ipv4Repr, parseIpv4Header } from '../../src/packet/ipv4.ts';
import { answerTooBig, type TooBigView } from '../../src/responders/too-big.ts';
import { dissect } from '../packet/dissect.ts';
import { parseHex, readVector } from '../packet/hex-file.ts';
import { quotedFrame } from './quoted-frame.ts';

const ip = (text: string) => parseIpv4(text) as Ipv4Addr;
const ip6 = (text: string) => parseIpv6(text) as Ipv6Addr;
const mac = (text: string) => parseMac(text) as MacAddr;

const VIEW: TooBigView = {
  eniMac: mac('02:ab:cd:00:00:0a'),
  routerMac: mac('02:04:7a:86:55:c1'),
  routerAddr: ip('10.0.1.1'),
  routerAddr6: ip6('2001:db8:1::1'),
  mtu: 1300,
  silence: 'NO_POSSIBLE_DESTINATION',
};
const SILENCE = { kind: 'drop', reason: VIEW.silence };

function replyTo(frame: Uint8Array, view = VIEW): Uint8Array {
  const answer = answerTooBig(frame, view);
  if (answer.kind !== 'reply') throw new Error(`no reply but ${answer.kind}`);
  return answer.frame;
}

t.test('[MTU-4] answerTooBig says fragmentation needed as Linux does', async (t) => {
  const vector = readVector('icmp-fragmentation-needed');
  const reply = replyTo(quotedFrame('icmp-fragmentation-needed'));
  t.same(reply.subarray(34), vector.subarray(34), 'the message, from its ICMP header');
  const given = dissect(reply);
  t.has(given.ethernet, { destination: VIEW.eniMac, source: VIEW.routerMac });
  const wanted = { source: VIEW.routerAddr, destination: ip('10.0.1.10'), dscpEcn: 0xc0, ttl: 64 };
  t.has(given.ip, wanted);
  t.has(given.upper, { kind: 'unreachable', code: 4, nextHopMtu: 1300 });
  t.equal(reply.length, 14 + 576);
});

t.test('[MTU-4] answerTooBig says packet too big as Linux does', async (t) => {
  const vector = readVector('icmpv6-packet-too-big');
  const { upper } = dissect(vector);
  const mtu = upper !== null && 'parameter' in upper ? upper.parameter : 0;
  const reply = replyTo(quotedFrame('icmpv6-packet-too-big'), { ...VIEW, mtu });
  const given = dissect(reply);
  t.same(given.upper, upper);
  t.has(given.ethernet, { destination: VIEW.eniMac, source: VIEW.routerMac });
  const wanted = { source: VIEW.routerAddr6, destination: ip6('2001:db8:1::a'), hopLimit: 64 };
  t.has(given.ip, wanted);
  t.equal(reply.length, 14 + 1280);
});

/** A packet of 100 bytes with another IPv4 header. */
function frame4(fields: Partial<Ipv4Repr>, payload = new Uint8Array(80)): Uint8Array {
  const quoted = quotedFrame('icmp-fragmentation-needed');
  const header = parseIpv4Header(quoted, 14, quoted.length - 14);
  if (header === null) throw new Error('the quoted packet has no header');
  const out = new Uint8Array(14 + 60 + payload.length);
  out.set(quoted.subarray(0, 14));
  const whole = { ...header, protocol: 17, payloadSize: payload.length, ...fields };
  const at = 14 + emitIpv4Header(whole, out, 14);
  out.set(payload, at);
  return out.slice(0, at + payload.length);
}

t.test('answerTooBig quotes a small packet whole, options too, but no link padding', async (t) => {
  const frame = frame4({ options: new Uint8Array(8).fill(1) });
  const padded = new Uint8Array(frame.length + 20).fill(0xee);
  padded.set(frame);
  t.same(replyTo(padded), replyTo(frame));
  t.equal(replyTo(frame).length, 14 + 28 + frame.length - 14);
  t.equal(answerTooBig(frame4({ moreFragments: true }), VIEW).kind, 'reply', 'a first fragment');
});

t.test('answerTooBig is silent where RFC 1122 wants silence', async (t) => {
  const toGroup = frame4({});
  toGroup[0] = 0x01;
  const badChecksum = frame4({});
  badChecksum[24] = ~(badChecksum[24] ?? 0);
  const icmp = (type: number) => frame4({ protocol: 1 }, Uint8Array.of(type, 0, 0, 0, 0, 0, 0, 0));
  const rows: readonly (readonly [title: string, frame: Uint8Array])[] = [
    ["without the don't-fragment bit", frame4({ dontFragment: false })],
    ['a later fragment', frame4({ fragmentOffset: 8 })],
    ...[3, 4, 5, 11, 12].map((type) => [`ICMP error ${type}`, icmp(type)] as const),
    ['ICMP without a type', frame4({ protocol: 1 }, new Uint8Array(0))],
    ...['0.0.0.0', '0.1.2.3', '127.0.0.1', '224.0.0.5', '240.0.0.1', '255.255.255.255'].map(
      (source) => [`from ${source}`, frame4({ source: ip(source) })] as const,
    ),
    ['to a multicast group', frame4({ destination: ip('224.0.0.5') })],
    ['to everybody', frame4({ destination: ip('255.255.255.255') })],
    ['to a group of the link', toGroup],
    ['with a wrong checksum', badChecksum],
    ['ARP', readVector('arp-request')],
    ['cut', frame4({}).subarray(0, 33)],
    ['nothing', new Uint8Array(0)],
  ];
  for (const [title, frame] of rows) t.same(answerTooBig(frame, VIEW), SILENCE, title);
  t.equal(answerTooBig(icmp(8), VIEW).kind, 'reply', 'an echo request is no error');
});

t.test('answerTooBig is silent where RFC 4443 wants silence', async (t) => {
  const changed = (change: (frame: Uint8Array) => void): Uint8Array => {
    const frame = quotedFrame('icmpv6-packet-too-big');
    change(frame);
    return frame;
  };
  const from = (text: string) =>
    changed((frame) => {
      const words = ip6(text).toString(16).padStart(32, '0');
      frame.set(parseHex(words), 22);
    });
  const rows: readonly (readonly [title: string, frame: Uint8Array])[] = [
    ['an error', readVector('icmpv6-time-exceeded')],
    ['a redirect', changed((frame) => frame.fill(137, 54, 55))],
    [
      'a later fragment',
      changed((frame) => {
        frame[20] = 44;
        frame.set(parseHex('1100 0008 00000001'), 54);
      }),
    ],
    ['from nobody', from('::')],
    ['from loopback', from('::1')],
    ['from a group', from('ff02::1')],
    ['cut', readVector('udp6').subarray(0, 53)],
  ];
  for (const [title, frame] of rows) t.same(answerTooBig(frame, VIEW), SILENCE, title);
  const toGroup = changed((frame) => frame.set(parseHex('ff0e'), 38));
  t.equal(answerTooBig(toGroup, VIEW).kind, 'reply', 'to a group: its path has an MTU too');
});
