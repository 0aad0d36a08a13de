/** The reset of a NAT gateway: numbers that its receiver must accept, and silence where RFC 9293 wants it. */
import t from 'tap';
import type { MacAddr } from '../../src/addr/mac.ts';
import { addressSum4 } from '../../src/packet/checksum.ts';
import { IPPROTO_TCP } from '../../src/packet/ipv4.ts';
import {
  emitTcp,
  TCP_ACK,
  TCP_FIN,
  TCP_PSH,
  TCP_RST,
  TCP_SYN,
  type TcpRepr,
} from '../../src/packet/tcp.ts';
import { answerNatReset } from '../../src/responders/nat-reset.ts';
import { ip } from '../engine/bench.ts';
import { echoFrame, ipv4Frame } from '../engine/frames.ts';
import { dissect } from '../packet/dissect.ts';
import { hasTshark, tsharkFields } from '../packet/tshark.ts';

const VIEW = { eniMac: 0x02ab_cd00_000a as MacAddr, routerMac: 0x0204_7a86_55c1 as MacAddr };
const ENDS = {
  sourceMac: VIEW.eniMac,
  destinationMac: VIEW.routerMac,
  source: ip('10.0.2.11'),
  destination: ip('198.51.100.10'),
};
const SILENCE = { kind: 'drop', reason: 'NAT_GATEWAY_NO_CONNECTION' };

function segmentFrame(fields: Partial<TcpRepr>): Uint8Array {
  const segment: TcpRepr = {
    sourcePort: 40_000,
    destinationPort: 80,
    sequence: 0xffff_fffe,
    acknowledgement: 0x8000_0001,
    flags: TCP_ACK,
    window: 1000,
    urgentPointer: 0,
    options: new Uint8Array(4).fill(1),
    payload: new Uint8Array(0),
    ...fields,
  };
  const bytes = new Uint8Array(24 + segment.payload.length);
  emitTcp(segment, addressSum4(ENDS.source, ENDS.destination), bytes, 0);
  return ipv4Frame(ENDS, IPPROTO_TCP, bytes, { options: new Uint8Array(4).fill(1) });
}

function resetOf(fields: Partial<TcpRepr>): Uint8Array {
  const answer = answerNatReset(segmentFrame(fields), VIEW);
  if (answer.kind !== 'reply') throw new Error(`no reply but ${answer.kind}`);
  return answer.frame;
}

t.test('[NAT-2] answerNatReset speaks for the other end', async (t) => {
  const reset = dissect(resetOf({}));
  t.has(reset.ethernet, { destination: VIEW.eniMac, source: VIEW.routerMac });
  t.has(reset.ip, { source: ENDS.destination, destination: ENDS.source, ttl: 64 });
  t.has(reset.upper, { sourcePort: 80, destinationPort: 40_000, window: 0 });
});

t.test('[NAT-2] answerNatReset takes its numbers from the segment, as RFC 9293 says', async (t) => {
  const payload = new Uint8Array(5);
  const rows: readonly (readonly [
    segment: Partial<TcpRepr>,
    reset: Pick<TcpRepr, 'flags' | 'sequence' | 'acknowledgement'>,
  ])[] = [
    [{ flags: TCP_ACK }, { flags: TCP_RST, sequence: 0x8000_0001, acknowledgement: 0 }],
    [
      { flags: TCP_ACK | TCP_PSH, payload },
      { flags: TCP_RST, sequence: 0x8000_0001, acknowledgement: 0 },
    ],
    [{ flags: TCP_SYN | TCP_ACK }, { flags: TCP_RST, sequence: 0x8000_0001, acknowledgement: 0 }],
    [
      { flags: 0, payload },
      { flags: TCP_RST | TCP_ACK, sequence: 0, acknowledgement: 3 },
    ],
    [
      { flags: TCP_FIN, payload },
      { flags: TCP_RST | TCP_ACK, sequence: 0, acknowledgement: 4 },
    ],
    [{ flags: TCP_SYN }, { flags: TCP_RST | TCP_ACK, sequence: 0, acknowledgement: 0xffff_ffff }],
  ];
  for (const [segment, reset] of rows) t.has(dissect(resetOf(segment)).upper, reset);
});

t.test('answerNatReset is silent about resets, and about what is no whole segment', async (t) => {
  const broken = segmentFrame({});
  broken[broken.length - 1] = 0xee;
  const cut = segmentFrame({}).subarray(0, 40);
  const frames = [
    segmentFrame({ flags: TCP_RST }),
    segmentFrame({ flags: TCP_RST | TCP_ACK }),
    broken,
    cut,
    echoFrame(ENDS),
    new Uint8Array(0),
  ];
  for (const frame of frames) t.same(answerNatReset(frame, VIEW), SILENCE);
});

t.test(
  'tshark takes the reset for a good one',
  { skip: hasTshark ? false : 'no tshark' },
  async (t) => {
    const frames = [resetOf({}), resetOf({ flags: TCP_FIN })];
    const fields = ['ip.checksum.status', 'tcp.checksum.status', 'tcp.flags.reset', 'tcp.len'];
    const rows = tsharkFields(t.testdir(), frames, fields);
    t.same(rows, [
      ['1', '1', '1', '0'],
      ['1', '1', '1', '0'],
    ]);
  },
);
