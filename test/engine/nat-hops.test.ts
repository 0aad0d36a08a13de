/** What a NAT gateway says itself, as a router on the way: time exceeded, too big, and the reset. */
import assert from 'node:assert/strict';
import t from 'tap';
import type { Ipv4Addr } from '../../src/addr/ipv4.ts';
import { addressSum4, checksum } from '../../src/packet/checksum.ts';
import { IPPROTO_ICMP, IPPROTO_TCP } from '../../src/packet/ipv4.ts';
import { emitTcp, TCP_ACK, TCP_RST, TCP_SYN, type TcpRepr } from '../../src/packet/tcp.ts';
import { dissect } from '../packet/dissect.ts';
import { hasTshark, tsharkFields } from '../packet/tshark.ts';
import { ip, type Outcome } from './bench.ts';
import { arrival } from './edge-bench.ts';
import { echoFrame, icmpFrame, ipv4Frame, tcpFrame, udpFrame } from './frames.ts';
import { natBench, SERVER, sourcePort, THERE } from './nat-bench.ts';
import { injectSuper, segmentsOf, superFrameOn } from './super-frame.ts';

/** Of an IP header in a frame. */
const IP = 14;
const IDLE_MS = 350_000;

/** @returns the one frame by which the fabric has answered. */
function answerOf(outcome: Outcome): { readonly to: string; readonly frame: Uint8Array } {
  assert.equal(outcome.counter, 'answered');
  const [one] = outcome.delivered;
  assert(one !== undefined && outcome.delivered.length === 1);
  return one;
}

function quoteOf(frame: Uint8Array): Uint8Array {
  const { upper } = dissect(frame);
  assert(upper !== null && 'quote' in upper, 'no error');
  return upper.quote;
}

t.test(
  '[NAT-5] traceroute sees the gateway by its private address, whatever it sends',
  async (t) => {
    const { made, nat } = natBench();
    const own = made.address('r1');
    const ends = made.from('r1', own, SERVER);
    const echo = echoFrame(ends).subarray(34);
    const probes = (ttl: number) => [
      udpFrame(ends, [33_434, 33_434], { ttl }),
      ipv4Frame(ends, IPPROTO_ICMP, echo, { ttl }),
      ipv4Frame(ends, IPPROTO_TCP, tcpFrame(ends, THERE, TCP_SYN).subarray(34), { ttl }),
    ];
    for (const flow of ['decided', 'remembered']) {
      for (const ttl of [0, 1]) {
        for (const probe of probes(ttl)) {
          const { to, frame } = answerOf(made.inject('r1', probe));
          t.equal(to, 'r1', flow);
          const told = dissect(frame);
          t.has(told.ethernet, { source: made.routerMac('r1'), destination: made.mac('r1') });
          t.has(told.ip, { source: nat.inside, destination: own });
          t.has(told.upper, { kind: 'time-exceeded', code: 0 });
          t.same(quoteOf(frame), probe.subarray(IP), 'it quotes what the guest has sent');
        }
      }
      for (const probe of probes(2)) {
        t.match(arrival(made.inject('r1', probe)), { to: 'server', ip: { ttl: 1 } }, flow);
      }
    }
  },
);

t.test(
  '[NAT-5] who sends from outside sees the gateway by the address that it knows',
  async (t) => {
    const { made, nat } = natBench();
    const port = sourcePort(made.sendUdp('r1', SERVER));
    const ends = made.from('server', SERVER, nat.outside);
    const late = udpFrame(ends, [80, port], { ttl: 1 });
    const { to, frame } = answerOf(made.inject('server', late));
    t.equal(to, 'server');
    t.has(dissect(frame).ip, { source: nat.outside, destination: SERVER });
    t.same(quoteOf(frame), late.subarray(IP));
    t.equal(arrival(made.inject('server', udpFrame(ends, [80, port], { ttl: 2 }))).to, 'r1');
  },
);

t.test('[NAT-5] of errors, and of later fragments, nobody is told', async (t) => {
  const { made } = natBench();
  const ends = made.from('r1', made.address('r1'), SERVER);
  const message = { kind: 'unreachable', code: 3, nextHopMtu: 0, pointer: 0 } as const;
  const quote = udpFrame({ ...ends, source: SERVER, destination: ends.source }).subarray(IP);
  const error = icmpFrame(ends, { ...message, quote }).subarray(34);
  const late = made.inject('r1', ipv4Frame(ends, IPPROTO_ICMP, error, { ttl: 1 }));
  t.match(late, { counter: 'TTL_EXCEEDED', delivered: [] });
  const whole = udpFrame(ends, THERE, {}, new Uint8Array(24)).subarray(34);
  const first = ipv4Frame(ends, 17, whole.subarray(0, 16), { moreFragments: true, ttl: 1 });
  answerOf(made.inject('r1', first));
  const later = ipv4Frame(ends, 17, whole.subarray(16), { fragmentOffset: 16, ttl: 1 });
  t.match(made.inject('r1', later), { counter: 'TTL_EXCEEDED', delivered: [] });
});

t.test('[NAT-5] a super-frame gets one error, about its first segment', async (t) => {
  const { made } = natBench();
  const own = made.address('r1');
  const way = {
    sourceMac: made.mac('r1'),
    destinationMac: made.routerMac('r1'),
    ipv4: [own, SERVER] as const,
    ipv6: [0n, 0n] as never,
  };
  made.inject('r1', tcpFrame(made.from('r1', own, SERVER), THERE, TCP_SYN));
  const large = superFrameOn(way, { family: 4, payload: new Uint8Array(20_000), gsoSize: 1400 });
  const [first] = segmentsOf(large);
  const header = large.subarray(12 + IP, 12 + IP + 20);
  header[8] = 1;
  header.fill(0, 10, 12);
  new DataView(header.buffer, header.byteOffset).setUint16(10, checksum(header, 0, 20));
  const quote = quoteOf(answerOf(injectSuper(made, 'r1', large)).frame);
  t.equal(quote.length, 548);
  t.same(quote.subarray(20), first?.subarray(34, 34 + 528));
});

t.test('[MTU-4] what is too big behind the gateway is told by the gateway', async (t) => {
  const { made, nat } = natBench();
  const ends = made.from('r1', made.address('r1'), SERVER);
  const sized = (size: number) =>
    udpFrame(ends, THERE, { dontFragment: true }, new Uint8Array(size - 28));
  for (const flow of ['decided', 'remembered']) {
    const large = sized(1501);
    const { frame } = answerOf(made.inject('r1', large));
    t.has(dissect(frame).ip, { source: nat.inside, destination: ends.source }, flow);
    t.has(dissect(frame).upper, { kind: 'unreachable', code: 4, nextHopMtu: 1500 });
    t.same(quoteOf(frame), large.subarray(IP, IP + 548));
    t.equal(arrival(made.inject('r1', sized(1500))).to, 'server');
  }
  const jumbo = dissect(answerOf(made.inject('r1', sized(8501))).frame);
  t.has(
    jumbo.ip,
    { source: ip('10.0.2.1') },
    'too big for the gateway: so says the router before it',
  );
  t.has(jumbo.upper, { nextHopMtu: 8500 });
});

/** A segment with numbers of its own. */
function segmentFrame(ends: Parameters<typeof tcpFrame>[0], fields: Partial<TcpRepr>): Uint8Array {
  const segment: TcpRepr = {
    sourcePort: THERE[0],
    destinationPort: THERE[1],
    sequence: 7000,
    acknowledgement: 9000,
    flags: TCP_ACK,
    window: 1000,
    urgentPointer: 0,
    options: new Uint8Array(0),
    payload: new Uint8Array(0),
    ...fields,
  };
  const bytes = new Uint8Array(20 + segment.payload.length);
  emitTcp(segment, addressSum4(ends.source, ends.destination), bytes, 0);
  return ipv4Frame(ends, IPPROTO_TCP, bytes);
}

t.test('[NAT-2] a connection that was idle for 350 s is reset when it goes on', async (t) => {
  const { made, nat } = natBench();
  const own = made.address('r1');
  const ends = made.from('r1', own, SERVER);
  const open = () => sourcePort(made.inject('r1', tcpFrame(ends, THERE, TCP_SYN)));
  const port = open();
  const home = made.from('server', SERVER, nat.outside);
  const reply = tcpFrame(home, [80, port], TCP_SYN | TCP_ACK);
  t.equal(arrival(made.inject('server', reply)).to, 'r1');
  made.nowMs += IDLE_MS - 1;
  const next = segmentFrame(ends, {});
  t.equal(arrival(made.inject('r1', next)).to, 'server', 'just in time');
  made.nowMs += IDLE_MS;
  t.equal(made.inject('server', reply).counter, 'NAT_GATEWAY_NO_CONNECTION', 'silence outside');
  const { to, frame } = answerOf(made.inject('r1', next));
  t.equal(to, 'r1');
  const reset = dissect(frame);
  t.has(reset.ethernet, { source: made.routerMac('r1'), destination: made.mac('r1') });
  t.has(reset.ip, { source: SERVER, destination: own });
  t.has(reset.upper, { sourcePort: 80, destinationPort: 40_000, flags: TCP_RST, sequence: 9000 });
  const dead = made.inject('r1', segmentFrame(ends, { flags: TCP_RST }));
  t.match(dead, { counter: 'NAT_GATEWAY_NO_CONNECTION', delivered: [] }, 'a reset gets none');
  t.ok(open() >= 1024, 'it may begin anew');
});

t.test('[NAT-2] other protocols go on as new flows after 350 s', async (t) => {
  const { made } = natBench();
  const first = sourcePort(made.sendUdp('r1', SERVER));
  made.nowMs += IDLE_MS;
  t.equal(made.sendUdp('r1', SERVER).counter, 'forwarded');
  t.ok(first >= 1024);
});

/** An error about a packet, from whoever is on its way. */
function errorAbout(
  from: Parameters<typeof icmpFrame>[0],
  packet: Uint8Array,
  fields: { readonly kind?: 'time-exceeded'; readonly nextHopMtu?: number },
): Uint8Array {
  const { kind = 'unreachable', nextHopMtu = 0 } = fields;
  const code = nextHopMtu > 0 ? 4 : kind === 'unreachable' ? 3 : 0;
  return icmpFrame(from, { kind, code, nextHopMtu, pointer: 0, quote: packet.subarray(IP) });
}

t.test(
  'path MTU discovery works through the gateway: the guest knows its own packet',
  async (t) => {
    const { made, nat } = natBench();
    // Somebody on the way, not the server itself.
    made.publicHost('hop', '198.51.100.20');
    const closed = made.group('closed', []);
    made.setGroups('r1', [closed]);
    const own = made.address('r1');
    const ends = made.from('r1', own, SERVER);
    const sent = [
      udpFrame(ends, THERE, { dontFragment: true }, new Uint8Array(1400)),
      tcpFrame(ends, THERE, TCP_SYN),
      echoFrame(ends, 'echo-request', 77),
    ];
    for (const packet of sent) {
      const there = arrival(made.inject('r1', packet)).frame;
      const home = made.from('hop', ip('198.51.100.20'), nat.outside);
      for (const fields of [{ nextHopMtu: 1280 }, { kind: 'time-exceeded' as const }, {}]) {
        const back = arrival(made.inject('hop', errorAbout(home, there, fields)));
        t.match(back, { to: 'r1', ip: { source: ip('198.51.100.20'), destination: own } });
        t.match(back.upper, { nextHopMtu: fields.nextHopMtu ?? 0 });
        const quote = quoteOf(back.frame);
        t.same(quote.subarray(12, 20), packet.subarray(IP + 12, IP + 20), 'both addresses');
        // The TTL, and with it the checksum of the header, were changed on the way there.
        t.same(quote.subarray(20), packet.subarray(IP + 20), 'ports and the payload');
      }
    }
  },
);

t.test('an error from inside leaves by the flow that it is about', async (t) => {
  const { made, nat } = natBench();
  const own = made.address('r1');
  const port = sourcePort(made.sendUdp('r1', SERVER));
  const answer = udpFrame(made.from('server', SERVER, nat.outside), [80, port]);
  const got = arrival(made.inject('server', answer)).frame;
  const error = errorAbout(made.from('r1', own, SERVER), got, {});
  const there = arrival(made.inject('r1', error));
  t.match(there, { to: 'server', ip: { source: nat.outside, destination: SERVER } });
  const quote = quoteOf(there.frame);
  t.same(quote.subarray(12, 20), answer.subarray(IP + 12, IP + 20));
  t.same(quote.subarray(20), answer.subarray(IP + 20));
  const stranger = errorAbout(
    made.from('r1', own, SERVER),
    udpFrame(made.from('r1', 1 as Ipv4Addr, own)),
    {},
  );
  t.match(made.inject('r1', stranger), { counter: 'NAT_GATEWAY_NO_CONNECTION', delivered: [] });
});

t.test(
  '[NAT-5] tshark reads what the gateway says as it was meant',
  { skip: hasTshark ? false : 'tshark is not installed' },
  async (t) => {
    const { made } = natBench();
    const ends = made.from('r1', made.address('r1'), SERVER);
    const frames = [
      answerOf(made.inject('r1', udpFrame(ends, THERE, { ttl: 1 }))).frame,
      answerOf(made.inject('r1', segmentFrame(ends, {}))).frame,
    ];
    const fields = ['ip.src', 'icmp.type', 'icmp.code', 'icmp.checksum.status', 'tcp.flags'];
    t.same(tsharkFields(t.testdir(), frames, [...fields, '_ws.malformed']), [
      ['10.0.1.50,10.0.2.11', '11', '0', '1', '', ''],
      ['198.51.100.10', '', '', '', '0x0004', ''],
    ]);
  },
);
