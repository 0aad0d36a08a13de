/** The words of watch-failover: what it takes, and what it says. */
import t from 'tap';
import { describeOutage } from '../../src/cli/outage-words.ts';
import { readTarget } from '../../src/cli/probe-target.ts';
import type { ProbeProtocol } from '../../src/engine/control-api.ts';

const TARGETS: readonly (readonly [
  text: string,
  protocol: ProbeProtocol,
  wanted: readonly [address: string, port: number] | RegExp,
])[] = [
  ['10.0.9.9', 'icmp', ['10.0.9.9', 0]],
  ['2001:db8::1', 'icmp', ['2001:db8::1', 0]],
  ['[2001:db8::1]', 'icmp', ['2001:db8::1', 0]],
  ['10.0.9.9:80', 'tcp', ['10.0.9.9', 80]],
  ['[2001:db8::1]:7', 'udp', ['2001:db8::1', 7]],
  ['10.0.9.9:80', 'icmp', /found a port, and icmp has none/],
  ['10.0.9.9', 'tcp', /found no port, wanted 1-65535 behind a colon for tcp/],
  ['10.0.9.9:0', 'udp', /found no port/],
  ['10.0.9.9:65536', 'udp', /found no port/],
  ['r1', 'icmp', /^Cannot probe "r1": found no address/],
  ['10.0.9:80', 'tcp', /found no address/],
];

t.test('readTarget reads addresses of both families, and ports where there are any', async (t) => {
  for (const [text, protocol, wanted] of TARGETS) {
    if (wanted instanceof RegExp) {
      t.throws(() => readTarget(text, protocol), { exitCode: 2, message: wanted }, text);
    } else {
      const [address, port] = wanted;
      t.strictSame(readTarget(text, protocol), { protocol, address, port }, text);
    }
  }
});

t.test('describeOutage names the call, and splits the time', async (t) => {
  const began = new Date(2026, 0, 2, 12, 0, 1, 234).toISOString();
  const ended = new Date(2026, 0, 2, 12, 0, 3, 377).toISOString();
  const flow = { from: 'client', to: '10.0.9.9', protocol: 'icmp', lost: 2143, errorMs: 1 };
  const outage = { ...flow, outageMs: 2143, began, ended };
  const subjects = ['rtb-1', '10.0.9.9/32', 'eni-1'];
  const times = { askedMs: 2138, inForceMs: 2140, answeredMs: 2140.4 };
  t.equal(
    describeOutage({ ...outage, endedBy: { action: 'ReplaceRoute', subjects, ...times } }),
    'outage 2,143 ms from 12:00:01.234; ended 3 ms after ReplaceRoute rtb-1 10.0.9.9/32 eni-1 (asked 2,138 ms after it began, in force 2 ms later)',
  );
  t.equal(
    describeOutage({ ...outage, endedBy: null }),
    'outage 2,143 ms from 12:00:01.234; ended at 12:00:03.377, after no call',
  );
});
