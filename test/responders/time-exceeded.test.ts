/** A NAT gateway's time exceeded, held against what Linux says of the same packet. */
import t from 'tap';
import type { Ipv4Addr } from '../../src/addr/ipv4.ts';
import type { MacAddr } from '../../src/addr/mac.ts';
import type { HopView } from '../../src/responders/hop.ts';
import { answerTimeExceeded } from '../../src/responders/time-exceeded.ts';
import { dissect } from '../packet/dissect.ts';
import { readVector } from '../packet/hex-file.ts';
import { quotedFrame } from './quoted-frame.ts';

const VIEW: HopView = {
  eniMac: 0x02ab_cd00_000a as MacAddr,
  routerMac: 0x0204_7a86_55c1 as MacAddr,
  routerAddr: 0x0a00_0163 as Ipv4Addr,
};
const SILENCE = { kind: 'drop', reason: 'TTL_EXCEEDED' };

t.test('[NAT-5] answerTimeExceeded says it as Linux does', async (t) => {
  const vector = readVector('icmp-time-exceeded');
  const frame = quotedFrame('icmp-time-exceeded');
  const answer = answerTimeExceeded(frame, VIEW);
  if (answer.kind !== 'reply') throw new Error(`no reply but ${answer.kind}`);
  t.same(answer.frame.subarray(34), vector.subarray(34), 'the message, from its ICMP header');
  const given = dissect(answer.frame);
  t.has(given.ethernet, { destination: VIEW.eniMac, source: VIEW.routerMac });
  const asked = dissect(frame).ip;
  t.has(given.ip, { source: VIEW.routerAddr, destination: asked?.source, ttl: 64 });
  t.has(given.upper, { kind: 'time-exceeded', code: 0 });
});

t.test(
  'answerTimeExceeded is silent about errors, later fragments and what is no IPv4',
  async (t) => {
    const silent = ['icmp-time-exceeded', 'ipv4-fragment-last', 'udp6', 'arp-request'];
    for (const vector of silent) {
      t.same(answerTimeExceeded(readVector(vector), VIEW), SILENCE, vector);
    }
  },
);
