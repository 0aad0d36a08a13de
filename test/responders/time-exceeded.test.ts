/** A NAT gateway's time exceeded, held against what Linux says of the same packet. */
import t from 'tap';
import type { Ipv4Addr } from '../../src/addr/ipv4.ts';
import type { Ipv6Addr } from '../../src/addr/ipv6.ts';
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
  routerAddr6: 0x0064_ff9b_0000_0000_0000_0000_0a00_0163n as Ipv6Addr,
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

t.test('[NAT-8] answerTimeExceeded says it to IPv6 as Linux does', async (t) => {
  const vector = readVector('icmpv6-time-exceeded');
  const frame = quotedFrame('icmpv6-time-exceeded');
  const answer = answerTimeExceeded(frame, VIEW);
  if (answer.kind !== 'reply') throw new Error(`no reply but ${answer.kind}`);
  const message = (bytes: Uint8Array): Uint8Array => bytes.subarray(54 + 4);
  t.same(message(answer.frame), message(vector), 'the message, behind its checksum');
  const given = dissect(answer.frame);
  t.has(given.ethernet, { destination: VIEW.eniMac, source: VIEW.routerMac });
  const asked = dissect(frame).ip;
  t.has(given.ip, { source: VIEW.routerAddr6, destination: asked?.source, hopLimit: 64 });
  t.has(given.upper, { kind: 'time-exceeded', code: 0 });
});

t.test(
  'answerTimeExceeded is silent about errors, later fragments and what is no IP',
  async (t) => {
    const silent = [
      ...['icmp-time-exceeded', 'ipv4-fragment-last', 'arp-request'],
      ...['icmpv6-time-exceeded', 'ipv6-fragment-last'],
    ];
    for (const vector of silent) {
      t.same(answerTimeExceeded(readVector(vector), VIEW), SILENCE, vector);
    }
  },
);
