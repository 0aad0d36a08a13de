/** Probes and their answers to outages, and the log of the calls that may have ended them. */
import t from 'tap';
import { ChangeLog, subjectsOf } from '../../src/engine/change-log.ts';
import { FlowMeter } from '../../src/engine/probing/flow-meter.ts';
import { type PacketSetup, probePackets } from '../../src/engine/probing/probe-packets.ts';
import { addressSum4 } from '../../src/packet/checksum.ts';
import { emitIcmp, parseIcmp } from '../../src/packet/icmp.ts';
import { emitTcp, parseTcp, TCP_ACK, TCP_RST, TCP_SYN } from '../../src/packet/tcp.ts';

/** Sends a probe at each time; those that `isAnswered` names are answered 0.2 ms later. */
function meter(timesMs: readonly number[], isAnswered: (sequence: number) => boolean) {
  const made = new FlowMeter();
  const outages = timesMs.flatMap((atMs) => {
    const sequence = made.send(atMs);
    return isAnswered(sequence) ? (made.answer(sequence, atMs + 0.2) ?? []) : [];
  });
  return { made, outages };
}

const steadily = (count: number) => Array.from({ length: count }, (_, index) => index);

t.test('FlowMeter measures from the first lost probe to the first answered one', async (t) => {
  const { made, outages } = meter(steadily(1000), (n) => n < 100 || n >= 350);
  t.strictSame(outages, [{ fromMs: 100, toMs: 350, heardMs: 350.2, lost: 250, errorMs: 1 }]);
  t.equal(made.sent, 1000);
  t.equal(made.answered, 750);
  t.equal(made.steady, 650);
  t.ok(Number.isNaN(made.outSinceMs(5000)), 'nothing is waited for');
});

t.test(
  'FlowMeter sees no outage in a prober that stood still, and tells what it may miss',
  async (t) => {
    const stalled = [...steadily(100), 150, 151, 152];
    t.strictSame(meter(stalled, () => true).outages, [], 'no probe was lost');
    const { outages } = meter(stalled, (n) => n < 99 || n > 101);
    t.strictSame(outages, [{ fromMs: 99, toMs: 152, heardMs: 152.2, lost: 3, errorMs: 1 }]);
    const [late] = meter([0, 1, 40, 41, 90], (n) => n < 2 || n === 4).outages;
    t.equal(late?.errorMs, 49, 'it may have ended 49 ms before the probe that tells');
  },
);

t.test('FlowMeter measures outages that last longer than it remembers probes', async (t) => {
  const { outages } = meter(steadily(20_000), (n) => n < 5 || n >= 19_000);
  t.strictSame(outages, [{ fromMs: 5, toMs: 19_000, heardMs: 19_000.2, lost: 18_995, errorMs: 1 }]);
  const never = meter(steadily(20_000), () => false);
  t.equal(never.made.outSinceMs(20_000), 0);
});

t.test('FlowMeter takes no answer that is late, old, or to no probe', async (t) => {
  const { made } = meter(steadily(10), (n) => n < 3);
  t.equal(made.answer(10, 10), null, 'not sent');
  t.equal(made.answer(1, 10), null, 'answered before');
  t.equal(made.answer(3, 1004), null, 'later than a second');
  t.equal(made.answered, 3);
  t.ok(Number.isNaN(made.outSinceMs(50)), 'it may be on its way');
  t.equal(made.outSinceMs(104), 3);
  t.equal(made.answer(4, 104)?.lost, 1);
  t.ok(Number.isNaN(made.outSinceMs(104.9)), 'the next was sent at 5');
  t.equal(made.outSinceMs(106), 5);
});

const ADDRESS_SUM = addressSum4(0x0a000001, 0x0a000002);
const SETUP: Omit<PacketSetup, 'protocol'> = {
  family: 4,
  addressSum: ADDRESS_SUM,
  port: 80,
  identifier: 0xbeef,
};
/** Above what a 16-bit field holds. */
const SEQUENCE = 0x12345;

/** As a raw socket gives it: behind an IPv4 header. */
function behindHeader(emit: (out: Uint8Array, offset: number) => number): [Uint8Array, number] {
  const bytes = new Uint8Array(2048);
  bytes[0] = 0x45;
  return [bytes, 20 + emit(bytes, 20)];
}

t.test('probePackets knows the echo reply to each request', async (t) => {
  const packets = probePackets({ ...SETUP, protocol: 'icmp' });
  const out = new Uint8Array(2048);
  const request = parseIcmp(out, 0, packets.emit(SEQUENCE, out));
  if (request === null || !('payload' in request)) throw new Error('no echo request');
  t.equal(request.kind, 'echo-request');
  const reply = { ...request, kind: 'echo-reply' } as const;
  t.equal(packets.parse(...behindHeader((to, at) => emitIcmp(reply, to, at))), SEQUENCE);
  t.equal(packets.parse(...behindHeader((to, at) => emitIcmp(request, to, at))), null);
  const other = probePackets({ ...SETUP, protocol: 'icmp', identifier: 1 });
  t.equal(other.parse(...behindHeader((to, at) => emitIcmp(reply, to, at))), null, 'of others');
});

t.test('probePackets knows SYN-ACK and RST, and whose they are', async (t) => {
  const packets = probePackets({ ...SETUP, protocol: 'tcp' });
  const out = new Uint8Array(2048);
  const syn = parseTcp(out, 0, packets.emit(SEQUENCE, out), ADDRESS_SUM);
  if (syn === null) throw new Error('no segment with a good checksum');
  t.match(syn, { flags: TCP_SYN, destinationPort: 80 });
  const answer = {
    ...syn,
    sourcePort: 80,
    destinationPort: syn.sourcePort,
    acknowledgement: syn.sequence + 1,
  };
  const parse = (fields: object) =>
    packets.parse(...behindHeader((to, at) => emitTcp({ ...answer, ...fields }, 0, to, at)));
  t.equal(parse({ flags: TCP_SYN | TCP_ACK }), SEQUENCE);
  t.equal(parse({ flags: TCP_RST | TCP_ACK }), SEQUENCE);
  t.equal(parse({ flags: TCP_ACK }), null, 'of a connection');
  t.equal(parse({ flags: TCP_SYN | TCP_ACK, sourcePort: 81 }), null);
  t.equal(parse({ flags: TCP_SYN | TCP_ACK, destinationPort: 50_000 }), null);
});

t.test('probePackets knows its datagrams', async (t) => {
  const packets = probePackets({ ...SETUP, protocol: 'udp' });
  const out = new Uint8Array(2048);
  const size = packets.emit(SEQUENCE, out);
  t.equal(packets.parse(out, size), SEQUENCE);
  t.equal(packets.parse(out, size - 1), null);
});

t.test('ChangeLog tells when a call was asked, in force and answered', async (t) => {
  const log = new ChangeLog();
  let answer: () => void = () => undefined;
  const answered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const input = { RouteTableId: 'rtb-0123456789abcdef0', DestinationCidrBlock: '10.0.9.9/32' };
  const call = { action: 'ReplaceRoute', input, revision: 5, askedMs: 1 };
  const followed = log.follow(call, answered);
  t.match(log.since(0), [{ number: 1, action: 'ReplaceRoute', inForceMs: null }]);
  log.setInForce(4, 50);
  t.equal(log.since(0)[0]?.inForceMs, null, 'an older program');
  log.setInForce(6, 60);
  log.setInForce(7, 70);
  answer();
  await followed;
  const [done] = log.since(0);
  t.equal(done?.inForceMs, 60, 'once');
  t.type(done?.answeredMs, 'number');
  await t.rejects(log.follow(call, Promise.reject(new Error('host'))), /host/);
  t.match(log.since(1), [{ number: 2, answeredMs: null }]);
  for (let count = 0; count < 1500; count++) await log.follow(call, Promise.resolve());
  t.equal(log.since(0).length, 1000);
});

t.test('subjectsOf takes ids, addresses and blocks of a request', async (t) => {
  const input = {
    NetworkInterfaceId: 'eni-0123456789abcdef0',
    PrivateIpAddresses: ['10.0.1.60'],
    AllowReassignment: true,
    ClientToken: '5f2b-x',
    Ipv6Prefixes: [{ Ipv6Prefix: '2001:db8:0:1::/80' }],
    AttachmentId: 'eni-attach-0123456789abcdef0',
    SecondaryPrivateIpAddressCount: 2,
  };
  t.strictSame(subjectsOf(input), [
    'eni-0123456789abcdef0',
    '10.0.1.60',
    '2001:db8:0:1::/80',
    'eni-attach-0123456789abcdef0',
  ]);
  const many = Array.from({ length: 20 }, (_, index) => `10.0.0.${index}`);
  t.equal(subjectsOf({ PrivateIpAddresses: many }).length, 8);
});
