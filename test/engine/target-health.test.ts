/** Which targets work: what probes make of them, who is asked and when, without sockets. */
import { setImmediate } from 'node:timers/promises';
import t from 'tap';
import { Checker } from '../../src/engine/health/checker.ts';
import { Draining } from '../../src/engine/health/draining.ts';
import {
  type Finding,
  healthAfter,
  nextProbeMs,
  UNKNOWN_HEALTH,
} from '../../src/engine/health/health-state.ts';
import { isSuccessCode } from '../../src/engine/health/success-codes.ts';
import { type WatchedTarget, watchedTargets } from '../../src/engine/health/watched-targets.ts';
import type { EniId, InstanceId, LoadBalancerArn, SubnetId, VpcId } from '../../src/model/ids.ts';
import type { HealthCheck, Target, TargetState } from '../../src/model/load-balancers.ts';
import { Lab } from '../actions/lab.ts';
import { ip } from './bench.ts';
import { ScriptedAlarm } from './scripted-alarm.ts';

const CHECK: HealthCheck = {
  protocol: 'TCP',
  port: 80,
  path: '/',
  intervalSeconds: 10,
  timeoutSeconds: 5,
  healthyThreshold: 5,
  unhealthyThreshold: 2,
  matcher: '200-399',
};
const GROUP = 'arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/g/1';
const BALANCER = 'arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/gwy/b/1';

const REFUSED: Finding = 'Target.FailedHealthChecks';
const TIMEOUT: Finding = 'Target.Timeout';

/** A letter a probe: `+` passed, `-` refused, `t` timed out. @returns a letter a state after each. */
function statesAfter(probes: string): string {
  let health = UNKNOWN_HEALTH;
  return [...probes]
    .map((probe) => {
      const finding = probe === '+' ? 'passed' : probe === 't' ? TIMEOUT : REFUSED;
      health = healthAfter(health, finding, CHECK);
      return health.state.charAt(0);
    })
    .join('');
}

t.test('[GWLB-6] states follow from probes in a row', async (t) => {
  const rows: [probes: string, states: string, words: string][] = [
    ['+', 'h', 'a new target passes once'],
    ['-+-', 'ihh', 'also after a failure'],
    ['--', 'iu', 'it fails twice'],
    ['+-+-', 'hhhh', 'failures that are not in a row'],
    ['+--', 'hhu', 'two in a row'],
    ['--+++++', 'iuuuuuh', 'five that pass'],
    ['--++++-++++', 'iuuuuuuuuuu', 'a failure among them'],
    ['--+++++-+--', 'iuuuuuhhhhu', 'and again'],
  ];
  for (const [probes, states, words] of rows) t.equal(statesAfter(probes), states, words);
});

t.test('[GWLB-6] the failure that made a target unhealthy is its reason', async (t) => {
  const reasonAfter = (...findings: Finding[]) =>
    findings.reduce((health, finding) => healthAfter(health, finding, CHECK), UNKNOWN_HEALTH)
      .reason;
  t.equal(reasonAfter(REFUSED), null, 'initial');
  t.equal(reasonAfter(REFUSED, TIMEOUT), TIMEOUT);
  t.equal(reasonAfter('passed', 'Target.ResponseCodeMismatch', REFUSED), REFUSED);
  t.equal(reasonAfter(REFUSED, REFUSED, ...Array<Finding>(5).fill('passed')), null, 'healthy');
});

t.test('[GWLB-6] probes begin at the interval, or when the last has ended', async (t) => {
  t.equal(nextProbeMs(1000, 1003, CHECK), 11_000);
  t.equal(nextProbeMs(1000, 15_000, CHECK), 15_000);
});

t.test('[GWLB-6] codes pass by the matcher', async (t) => {
  const rows: [matcher: string, passing: number[], failing: number[]][] = [
    ['200-399', [200, 301, 399], [199, 400, 503]],
    ['200,301', [200, 301], [201, 300, 404]],
    ['200', [200], [204]],
    ['200-204,404', [202, 404], [205, 403]],
  ];
  for (const [matcher, passing, failing] of rows) {
    for (const code of passing) t.ok(isSuccessCode(matcher, code), `${code} by ${matcher}`);
    for (const code of failing) t.notOk(isSuccessCode(matcher, code), `${code} by ${matcher}`);
  }
});

/** A lab with a balancer in zone a, and what is told about it. */
class BalancedLab {
  readonly lab = new Lab();
  readonly vpcId = this.lab.vpc('10.0.0.0/16') as VpcId;
  readonly subnets = {
    a: this.lab.subnet(this.vpcId, '10.0.1.0/24', { AvailabilityZone: 'us-east-1a' }) as SubnetId,
    b: this.lab.subnet(this.vpcId, '10.0.2.0/24', { AvailabilityZone: 'us-east-1b' }) as SubnetId,
  };

  constructor(isCrossZone = false, check: Partial<HealthCheck> = {}) {
    const tags = new Map();
    this.lab.store.edit((draft) => {
      draft.put('targetGroups', GROUP, {
        targetGroupArn: GROUP,
        name: 'g',
        vpcId: this.vpcId,
        targetType: 'instance',
        healthCheck: { ...CHECK, ...check },
        stickiness: 'five_tuple',
        failover: 'no_rebalance',
        deregistrationDelaySeconds: 300,
        tags,
      });
      draft.put('loadBalancers', BALANCER, {
        loadBalancerArn: BALANCER,
        name: 'b',
        vpcId: this.vpcId,
        subnetIds: [this.subnets.a],
        isCrossZone,
        isDeletionProtected: false,
        listener: {
          listenerArn: 'arn:aws:elasticloadbalancing:us-east-1:123456789012:listener/gwy/b/1/1',
          targetGroupArn: GROUP,
          tcpIdleSeconds: 350,
          tags,
        },
        createTimeMs: 0,
        tags,
      });
    });
    this.node('a');
  }

  node(zone: 'a' | 'b', madeFor: LoadBalancerArn = BALANCER): EniId {
    const eniId = this.lab.eni(this.subnets[zone]) as EniId;
    this.lab.store.edit((draft) => {
      const eni = draft.snapshot.enis.get(eniId);
      if (eni !== undefined) draft.put('enis', eniId, { ...eni, madeFor, groupIds: [] });
    });
    return eniId;
  }

  target(zone: 'a' | 'b', address: string): InstanceId {
    const instanceId = this.lab.instance(this.subnets[zone], { PrivateIpAddress: address });
    this.put(instanceId, 'initial');
    return instanceId as InstanceId;
  }

  put(targetId: string, state: TargetState, stateTimeMs = 0): void {
    const key = `${GROUP} ${targetId}` as const;
    const target: Target = {
      targetKey: key,
      targetGroupArn: GROUP,
      targetId,
      state,
      stateTimeMs,
      reason: null,
    };
    this.lab.store.edit((draft) => draft.put('targets', key, target));
  }

  setCheck(check: Partial<HealthCheck>): void {
    this.lab.store.edit((draft) => {
      const group = draft.snapshot.targetGroups.get(GROUP);
      if (group !== undefined)
        draft.put('targetGroups', GROUP, { ...group, healthCheck: { ...CHECK, ...check } });
    });
  }

  get watched(): WatchedTarget[] {
    return watchedTargets(this.lab.snapshot);
  }
}

t.test('[GWLB-7] a target is checked by the node of its zone', async (t) => {
  const made = new BalancedLab();
  const [near] = [...made.lab.snapshot.enis.keys()];
  made.target('a', '10.0.1.10');
  made.target('b', '10.0.2.10');
  t.match(made.watched, [{ nodeId: near, address: ip('10.0.1.10') }]);
  t.equal(made.watched.length, 1, 'none in the other zone: nobody asks');
  const other = made.node('b');
  t.match(made.watched, [{ nodeId: near }, { nodeId: other, address: ip('10.0.2.10') }]);
});

t.test('[GWLB-7] with cross-zone balancing the first node stands in', async (t) => {
  const made = new BalancedLab(true);
  const [near] = [...made.lab.snapshot.enis.keys()];
  made.target('b', '10.0.2.10');
  t.match(made.watched, [{ nodeId: near, address: ip('10.0.2.10') }]);
});

t.test('[GWLB-6] what has stopped, leaves or is in no use is not checked', async (t) => {
  const made = new BalancedLab();
  const instanceId = made.target('a', '10.0.1.10');
  made.lab.act('StopInstances', { InstanceIds: [instanceId] });
  t.same(made.watched, [], 'stopped');
  made.lab.act('StartInstances', { InstanceIds: [instanceId] });
  t.equal(made.watched.length, 1);
  made.put(instanceId, 'draining');
  t.same(made.watched, [], 'draining');
  made.put(instanceId, 'initial');
  made.lab.store.edit((draft) => draft.delete('loadBalancers', BALANCER));
  t.same(made.watched, [], 'no balancer');
});

/** A checker whose targets answer as they are told. */
function checkerBench() {
  const alarm = new ScriptedAlarm();
  const answers = new Map<string, Finding>();
  const asked: string[] = [];
  const reports: string[] = [];
  const made = new BalancedLab(false, { healthyThreshold: 2 });
  const checker = new Checker({
    alarm,
    probe: async ({ target }, signal) => {
      asked.push(`${target.targetId} at ${alarm.nowMs()}`);
      signal.throwIfAborted();
      return answers.get(target.targetId) ?? 'passed';
    },
    report: ({ targetId }, { state, reason }) => {
      reports.push(reason === null ? state : `${state} ${reason}`);
      made.put(targetId, state);
    },
  });
  return {
    made,
    answers,
    /** @returns what was reported since. */
    reported: () => reports.splice(0),
    asked: () => asked.splice(0),
    follow: async () => {
      checker.follow(made.watched);
      await setImmediate();
    },
    pass: async (seconds: number) => {
      for (let second = 0; second < seconds; second++) {
        alarm.pass(1000);
        await setImmediate();
      }
    },
    close: () => checker.close(),
  };
}

t.test('[GWLB-6] a target is asked at once, then at the interval; changes are told', async (t) => {
  const { made, answers, reported, asked, follow, pass, close } = checkerBench();
  const id = made.target('a', '10.0.1.10');
  await follow();
  t.same(reported(), ['healthy']);
  await follow();
  await pass(25);
  t.same(asked(), [`${id} at 1000`, `${id} at 11000`, `${id} at 21000`]);
  t.same(reported(), [], 'not each probe');
  answers.set(id, TIMEOUT);
  await pass(10);
  t.same(reported(), [], 'one failure');
  await pass(10);
  t.same(reported(), ['unhealthy Target.Timeout']);
  answers.delete(id);
  await pass(20);
  t.same(reported(), ['healthy']);
  close();
  asked();
  await pass(20);
  t.same(asked(), [], 'nobody asks any more');
});

t.test('[GWLB-6] a start of the instance begins anew', async (t) => {
  const { made, answers, reported, follow } = checkerBench();
  const id = made.target('a', '10.0.1.10');
  await follow();
  t.same(reported(), ['healthy']);
  answers.set(id, REFUSED);
  made.lab.act('StopInstances', { InstanceIds: [id] });
  await follow();
  made.lab.act('StartInstances', { InstanceIds: [id] });
  await follow();
  t.same(reported(), ['initial'], 'not healthy by what was before');
});

t.test('[GWLB-6] a target that is registered again begins anew', async (t) => {
  const { made, reported, asked, follow } = checkerBench();
  const id = made.target('a', '10.0.1.10');
  await follow();
  reported();
  asked();
  made.put(id, 'initial');
  await follow();
  t.equal(asked().length, 1, 'asked at once');
  t.same(reported(), ['healthy']);
});

t.test('[GWLB-6] other settings begin to count anew, and keep what is known', async (t) => {
  const { made, answers, reported, asked, follow, pass } = checkerBench();
  const id = made.target('a', '10.0.1.10');
  await follow();
  t.same(reported(), ['healthy']);
  answers.set(id, REFUSED);
  await pass(10);
  made.setCheck({ port: 81 });
  asked();
  await follow();
  t.equal(asked().length, 1, 'at once');
  t.same(reported(), [], 'one failure of each is not two');
  await pass(10);
  t.same(reported(), ['unhealthy Target.FailedHealthChecks']);
});

t.test('[GWLB-7] a target that leaves is forgotten after the delay of its group', async (t) => {
  const made = new BalancedLab();
  const alarm = new ScriptedAlarm();
  const forgotten: string[] = [];
  const draining = new Draining(({ targetId }) => forgotten.push(targetId), alarm);
  made.put('i-1', 'draining', 1000);
  made.put('i-2', 'draining', 2000);
  made.put('i-3', 'healthy', 1000);
  draining.follow(made.lab.snapshot);
  alarm.pass(299_999);
  t.same(forgotten, []);
  alarm.pass(1);
  t.same(forgotten, ['i-1']);
  made.lab.store.edit((draft) => draft.delete('targets', `${GROUP} i-1`));
  draining.follow(made.lab.snapshot);
  alarm.pass(1000);
  t.same(forgotten, ['i-1', 'i-2']);
});
