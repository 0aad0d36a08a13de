/** The router's ping responder, with an echo request of a real client. */
import t from 'tap';
import { type Ipv4Addr, parseIpv4 } from '../../src/addr/ipv4.ts';
import { type MacAddr, parseMac } from '../../src/addr/mac.ts';
import type { DropCode } from '../../src/dataplane/drop-reason.ts';
import { writeU16 } from '../../src/packet/bytes.ts';
import { emitIcmp, type IcmpRepr, icmpSize } from '../../src/packet/icmp.ts';
import { emitIpv4Header, type Ipv4Repr, parseIpv4Header } from '../../src/packet/ipv4.ts';
import { answerIcmpEcho, type IcmpEchoView } from '../../src/responders/icmp.ts';
import { dissect } from '../packet/dissect.ts';
import { readVector } from '../packet/hex-file.ts';

const ip = (text: string) => parseIpv4(text) as Ipv4Addr;
const mac = (text: string) => parseMac(text) as MacAddr;

const VIEW: IcmpEchoView = {
  eniMac: mac('02:ab:cd:00:00:0b'),
  routerMac: mac('02:04:7a:86:55:c1'),
  routerAddr: ip('10.0.1.1'),
};

const request = () => readVector('icmp-echo-request-router');

/** The captured request with another IPv4 header or another message. */
function changed(ipFields: Partial<Ipv4Repr>, icmp?: IcmpRepr): Uint8Array {
  const captured = request();
  const header = parseIpv4Header(captured, 14, captured.length - 14);
  if (header === null) throw new Error('icmp-echo-request-router has no IPv4 header');
  const payloadSize = icmp === undefined ? header.payloadSize : icmpSize(icmp);
  const out = new Uint8Array(14 + 60 + payloadSize);
  out.set(captured.subarray(0, 14));
  const at = 14 + emitIpv4Header({ ...header, payloadSize, ...ipFields }, out, 14);
  if (icmp === undefined) out.set(captured.subarray(34), at);
  else emitIcmp(icmp, out, at);
  return out.subarray(0, at + payloadSize);
}

t.test('[L2-15] answerIcmpEcho answers a ping to the own router with TTL 64', async (t) => {
  const asked = dissect(request());
  const answer = answerIcmpEcho(request(), VIEW, false);
  t.equal(answer.kind, 'reply');
  const given = dissect(answer.kind === 'reply' ? answer.frame : new Uint8Array(0));
  t.has(given.ethernet, { destination: VIEW.eniMac, source: VIEW.routerMac });
  t.has(given.ip, { source: VIEW.routerAddr, destination: ip('10.0.1.11'), ttl: 64 });
  t.has(given.ip, { dontFragment: true, payloadSize: 64 });
  t.same(given.upper, { ...asked.upper, kind: 'echo-reply' }, 'identifier, sequence and payload');
});

t.test('[L2-15] answerIcmpEcho answers a ping of 9001 bytes', async (t) => {
  const payload = Uint8Array.from({ length: 8973 }, (_, index) => index);
  const frame = changed({}, { kind: 'echo-request', identifier: 1, sequence: 2, payload });
  const answer = answerIcmpEcho(frame, VIEW, false);
  t.equal(answer.kind === 'reply' && answer.frame.length, 14 + 9001);
});

t.test('answerIcmpEcho leaves IPv4 options out of the reply', async (t) => {
  const answer = answerIcmpEcho(changed({ options: new Uint8Array(8).fill(1) }), VIEW, false);
  t.equal(answer.kind === 'reply' && answer.frame.length, request().length);
});

t.test('[L2-16] answerIcmpEcho is silent about everything else', async (t) => {
  const echo = { identifier: 1, sequence: 1, payload: new Uint8Array(8) };
  const badChecksum = request();
  writeU16(badChecksum, 36, 0x1234);
  const rows: readonly [title: string, frame: Uint8Array, reason: DropCode][] = [
    ['an echo reply', changed({}, { ...echo, kind: 'echo-reply' }), 'ICMP_NOT_ECHO_REQUEST'],
    ["another subnet's router", changed({ destination: ip('10.0.2.1') }), 'ICMP_NOT_FOR_ROUTER'],
    ['the first fragment', changed({ moreFragments: true }), 'ICMP_FRAGMENTED'],
    ['a later fragment', changed({ fragmentOffset: 8 }), 'ICMP_FRAGMENTED'],
    ['another protocol', changed({ protocol: 6 }), 'ICMP_MALFORMED'],
    ['a message that is cut', changed({ payloadSize: 7 }), 'ICMP_MALFORMED'],
    ['a wrong ICMP checksum', badChecksum, 'ICMP_MALFORMED'],
    ['a frame that is cut', request().subarray(0, 33), 'ICMP_MALFORMED'],
    ['an ARP frame', readVector('arp-request'), 'ICMP_MALFORMED'],
    ['nothing', new Uint8Array(0), 'ICMP_MALFORMED'],
  ];
  for (const [title, frame, reason] of rows) {
    t.same(answerIcmpEcho(frame, VIEW, false), { kind: 'drop', reason }, title);
  }
});
