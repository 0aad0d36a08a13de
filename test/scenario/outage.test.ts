/** The outages of a step: measured around its parts, per flow, with the calls that ended them. */
import t from 'tap';
import type { Change, FlowState, LabRuntime, Outage } from '../../src/engine/control-api.ts';
import { LabFileError } from '../../src/scenario/file/problems.ts';
import { endingCall, formatEnd, reportOutage } from '../../src/scenario/play/outage-report.ts';
import { ANSWERED, type ModelRuntime } from './model-runtime.ts';
import { prepare } from './played-lab.ts';

const START_MS = 1_700_000_000_000;

/** A gap in the answers of one flow, in milliseconds after the first probe. */
interface Gap {
  readonly flow: number;
  readonly fromMs: number;
  readonly toMs: number;
}

/** A prober on the clock of the runtime: a probe a millisecond. */
function proberWith(runtime: ModelRuntime, gaps: readonly Gap[]): LabRuntime['probe'] {
  const startMs = runtime.clock.nowMs();
  return (flows, onOutage) => {
    const told = new Set<Gap>();
    const stateOf = (flow: number): FlowState => {
      const nowMs = runtime.clock.nowMs() - startMs;
      const own = gaps.filter((gap) => gap.flow === flow && gap.fromMs <= nowMs);
      const last = own.at(-1);
      for (const gap of own) {
        if (gap.toMs > nowMs || told.has(gap)) continue;
        told.add(gap);
        const { fromMs, toMs } = gap;
        onOutage(flow, {
          beganMs: START_MS + fromMs,
          fromMs,
          toMs,
          heardMs: toMs,
          lost: toMs - fromMs,
          errorMs: 1,
        });
      }
      const isOut = last !== undefined && last.toMs > nowMs;
      return {
        sent: nowMs,
        answered: nowMs,
        steady: isOut ? 1 : nowMs - (last?.toMs ?? 0),
        outSinceMs: isOut ? START_MS + last.fromMs : null,
        error: isOut ? 'ENETUNREACH' : null,
      };
    };
    return {
      get states() {
        return flows.map((_, flow) => stateOf(flow));
      },
      stop: async () => undefined,
    };
  };
}

function change(number: number, action: string, askedMs: number, inForceMs: number | null): Change {
  const answeredMs = inForceMs;
  return { number, action, subjects: ['rtb-1'], revision: number, askedMs, inForceMs, answeredMs };
}

function outage(fromMs: number, toMs: number): Outage {
  const lost = toMs - fromMs;
  return { beganMs: START_MS, fromMs, toMs, heardMs: toMs + 3, lost, errorMs: 1 };
}

const EXPECTED: readonly (readonly [wishes: string, toMs: number, report: object])[] = [
  ['below: 2s', 2500, { ok: true, outageMs: 1500 }],
  ['below: 2s, atLeast: 1s', 2500, { ok: true, outageMs: 1500 }],
  [
    'below: 1s',
    2500,
    {
      ok: false,
      outageMs: 1500,
      message:
        'Cannot confirm the outage from "client" to 192.0.2.10: found 1500ms, wanted less than 1s',
    },
  ],
  [
    'atLeast: 2s',
    2500,
    {
      ok: false,
      outageMs: 1500,
      message:
        'Cannot confirm the outage from "client" to 192.0.2.10: found 1500ms, wanted at least 2s',
    },
  ],
  [
    'within: 2s',
    1_000_000,
    {
      ok: false,
      outages: [],
      message:
        'Cannot probe "192.0.2.10" from "client": found no answer (ENETUNREACH), wanted steady answers within 2s',
    },
  ],
];

t.test('startOutage measures around the other parts of a step', async (t) => {
  for (const [wishes, toMs, wanted] of EXPECTED) {
    const { runtime, play } = await prepare(`
  - name: dies
    kill: r1
    outage: { on: client, to: 192.0.2.10, ${wishes} }
`);
    runtime.prober = proberWith(runtime, [{ flow: 0, fromMs: 1000, toMs }]);
    runtime.kill = async (instance) => {
      runtime.calls.push(`kill ${instance}`);
      await runtime.clock.sleep(600);
    };
    const [report] = await play();
    t.match(report, wanted, wishes);
    t.strictSame(runtime.calls, ['client probes 192.0.2.10 icmp 0', 'kill r1', 'probes end']);
  }
});

t.test('startOutage probes from each to each, and every flow has to be as wanted', async (t) => {
  const { runtime, play } = await prepare(`
  - name: both
    run: { on: r1, command: 'true' }
    outage: { on: [client, r2], to: [192.0.2.10, $r1.eth0.address], protocol: tcp, port: 80, atLeast: 1ms }
`);
  runtime.prober = proberWith(runtime, [
    { flow: 0, fromMs: 900, toMs: 1000 },
    { flow: 2, fromMs: 950, toMs: 1150 },
  ]);
  const [report] = await play();
  t.strictSame(runtime.calls.slice(0, 4), [
    'client probes 192.0.2.10 tcp 80',
    'client probes 10.0.1.11 tcp 80',
    'r2 probes 192.0.2.10 tcp 80',
    'r2 probes 10.0.1.11 tcp 80',
  ]);
  t.equal(report?.outageMs, 200, 'the longest of all flows');
  t.match(report?.outages, [
    { from: 'client', to: '192.0.2.10:80', protocol: 'tcp', outageMs: 100 },
    { from: 'r2', to: '192.0.2.10:80', outageMs: 200, began: '2023-11-14T22:13:20.950Z' },
  ]);
  t.equal(
    report?.message,
    'Cannot confirm the outage from "client" to 10.0.1.11:80: found 0ms, wanted at least 1ms',
  );
});

t.test('startOutage ends its probes when nothing answers or a part goes wrong', async (t) => {
  const { runtime, play } = await prepare(`
  - { name: no answers, kill: r1, outage: { on: client, to: $r1.eth0.address } }
  - { name: bad part, run: { on: r1, command: bad }, outage: { on: client, to: 192.0.2.10 } }
`);
  runtime.answer = () => ({ exitCode: 1 });
  runtime.prober = proberWith(runtime, [{ flow: 0, fromMs: 0, toMs: 15_500 }]);
  t.match(await play(), [
    { ok: false, message: /^Cannot probe "10\.0\.1\.11" from "client": found no answer/ },
    { ok: false, message: /^Cannot run "bad"/ },
  ]);
  t.notOk(runtime.calls.includes('kill r1'), 'nothing is done without steady answers');
  t.equal(runtime.calls.filter((call) => call === 'probes end').length, 2);
});

t.test('startOutage takes calls of the step only', async (t) => {
  const { runtime, play } = await prepare(`
  - name: ends
    run: { on: r1, command: 'true' }
    outage: { on: client, to: 192.0.2.10 }
`);
  runtime.prober = (_, onOutage) => ({
    get states() {
      return [ANSWERED, ANSWERED].map((state) => ({
        ...state,
        sent: runtime.clock.nowMs() - START_MS,
      }));
    },
    stop: async () => onOutage(0, outage(1000, 2000)),
  });
  runtime.changes = (since) => (since === 0 ? [change(7, 'CreateRoute', 1500, 1600)] : []);
  t.match(await play(), [{ ok: true, outageMs: 1000, outages: [{ endedBy: null }] }]);
});

t.test('[HA-1] endingCall is the last call that came into force in the outage', (t) => {
  const during = change(2, 'ReplaceRoute', 1400, 1995);
  const cases: readonly (readonly [string, readonly Change[], number | null])[] = [
    ['one', [during], 2],
    ['the last of two', [change(1, 'DetachNetworkInterface', 1100, 1200), during], 2],
    ['one before it', [change(1, 'DeleteRoute', 900, 990)], null],
    ['asked before, in force during it', [change(1, 'StartInstances', 900, 1500)], 1],
    ['asked after it', [during, change(3, 'ReplaceRoute', 2001, 2004)], 2],
    ['in force long after it', [during, change(3, 'CreateSubnet', 1999, 2050)], 2],
    ['while the probe waited', [change(1, 'ReplaceRoute', 1400, 2002)], 1],
    ['not in force yet', [change(1, 'ReplaceRoute', 1400, null)], null],
    ['tags', [during, change(3, 'CreateTags', 1996, 1997)], 2],
    ['none', [], null],
  ];
  for (const [what, changes, wanted] of cases) {
    t.equal(endingCall(outage(1000, 2000), changes)?.number ?? null, wanted, what);
  }
  t.end();
});

t.test('reportOutage counts from the beginning of the outage', (t) => {
  const flow = { instance: 'client', protocol: 'icmp', address: '10.0.9.9', port: 0 } as const;
  const call = change(1, 'ReplaceRoute', 3000.26, 3001.5);
  t.strictSame(reportOutage(flow, outage(1000, 3002.04), [call]), {
    from: 'client',
    to: '10.0.9.9',
    protocol: 'icmp',
    outageMs: 2002,
    errorMs: 1,
    lost: 2002.04,
    began: '2023-11-14T22:13:20.000Z',
    ended: '2023-11-14T22:13:22.002Z',
    endedBy: {
      action: 'ReplaceRoute',
      subjects: ['rtb-1'],
      askedMs: 2000.3,
      inForceMs: 2001.5,
      answeredMs: 2001.5,
    },
  });
  t.equal(
    formatEnd({ ...flow, protocol: 'udp', address: '2001:db8::1', port: 7 }),
    '[2001:db8::1]:7',
  );
  t.end();
});

t.test('an outage needs a port for udp and tcp, and has none for icmp', async (t) => {
  const step = (fields: string) =>
    prepare(`  - { name: x, outage: { on: r1, to: 192.0.2.10, ${fields} } }`);
  await t.rejects(step('protocol: tcp'), LabFileError);
  await t.rejects(step('protocol: tcp'), /found no port, wanted a port for tcp/);
  await t.rejects(step('port: 80'), /found port 80 for icmp, wanted protocol: udp or tcp/);
  await t.rejects(step('protocol: tcp, port: 70000'), /a port, 1-65535/);
});
