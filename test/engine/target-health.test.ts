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
import type { EniId, LoadBalancerArn, TargetGroupArn } from '../../src/model/ids.ts';
import type { HealthCheck, Target } from '../../src/model/load-balancers.ts';
import { nodesOf } from '../../src/model/lookups/load-balancers.ts';
import { BalancingLab } from '../actions/load-balancing-lab.ts';
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

/** A balancer with a node in the first zone, and its group. */
class BalancedLab extends BalancingLab {
  readonly groupArn: TargetGroupArn;
  readonly balancerArn: string;

  constructor() {
    super();
    this.groupArn = this.targetGroup('walls', { HealthyThresholdCount: 2 }) as TargetGroupArn;
    this.balancerArn = this.balancer('walls', [this.subnetIds[0]]);
    this.listener(this.balancerArn, this.groupArn);
  }

  /** Registers an instance. @param zone Place of the subnet. @returns its id. */
  target(zone: 0 | 1, address: string): string {
    const id = this.instance(this.subnetIds[zone], { PrivateIpAddress: address });
    this.register(this.groupArn, id);
    return id;
  }

  crossZones(): void {
    const isOn = { 'load_balancing.cross_zone.enabled': 'true' };
    const input = this.setAttribute('LoadBalancer', this.balancerArn, isOn);
    this.elb('ModifyLoadBalancerAttributes', input);
  }

  /** @returns the node of a zone. */
  node(zone: 0 | 1): EniId | undefined {
    const nodes = nodesOf(this.snapshot, this.balancerArn as LoadBalancerArn);
    return nodes.find(({ subnetId }) => subnetId === this.subnetIds[zone])?.eniId;
  }

  get watched(): WatchedTarget[] {
    return watchedTargets(this.snapshot);
  }
}

t.test('[GWLB-7] a target is checked by the node of its zone', async (t) => {
  const made = new BalancedLab();
  made.target(0, '10.0.1.10');
  made.target(1, '10.0.2.10');
  t.match(made.watched, [{ nodeId: made.node(0), address: ip('10.0.1.10') }]);
  t.equal(made.watched.length, 1, 'none in the other zone: nobody asks');
  made.elb('SetSubnets', { LoadBalancerArn: made.balancerArn, Subnets: made.subnetIds });
  t.match(made.watched, [
    { nodeId: made.node(0) },
    { nodeId: made.node(1), address: ip('10.0.2.10') },
  ]);
});

t.test(
  '[GWLB-7] a zone without a node is not served, also with cross-zone balancing',
  async (t) => {
    const made = new BalancedLab();
    made.target(1, '10.0.2.10');
    made.crossZones();
    t.same(made.watched, []);
  },
);

t.test('[GWLB-6] what has stopped, leaves or is in no use is not checked', async (t) => {
  const made = new BalancedLab();
  const instanceId = made.target(0, '10.0.1.10');
  made.act('StopInstances', { InstanceIds: [instanceId] });
  t.same(made.watched, [], 'stopped');
  made.act('StartInstances', { InstanceIds: [instanceId] });
  t.equal(made.watched.length, 1);
  made.deregister(made.groupArn, instanceId);
  t.same(made.watched, [], 'draining');
  made.register(made.groupArn, instanceId);
  t.equal(made.watched.length, 1);
  made.elb('DeleteLoadBalancer', { LoadBalancerArn: made.balancerArn });
  t.same(made.watched, [], 'no balancer');
});

t.test('[GWLB-6] an address is checked, whoever has it', async (t) => {
  const made = new BalancedLab();
  const instanceId = made.instance(made.subnetIds[1], { PrivateIpAddress: '10.0.2.10' });
  made.act('StopInstances', { InstanceIds: [instanceId] });
  const group = made.targetGroup('addresses', { TargetType: 'ip' });
  const balancer = made.balancer('other');
  made.listener(balancer, group);
  made.register(group, '10.0.2.10', '10.0.3.10');
  const nodes = nodesOf(made.snapshot, balancer as LoadBalancerArn).map(({ eniId }) => eniId);
  t.match(made.watched, [
    { nodeId: nodes[1], address: ip('10.0.2.10') },
    { nodeId: nodes[0], address: ip('10.0.3.10') },
  ]);
});

/** A checker whose targets answer as they are told. */
function checkerBench() {
  const alarm = new ScriptedAlarm();
  const answers = new Map<string, Finding>();
  const asked: string[] = [];
  const reports: string[] = [];
  const made = new BalancedLab();
  const checker = new Checker({
    alarm,
    probe: async ({ target }, signal) => {
      asked.push(`${target.targetId} at ${alarm.nowMs()}`);
      signal.throwIfAborted();
      return answers.get(target.targetId) ?? 'passed';
    },
    report: ({ targetId }, { state, reason }) => {
      reports.push(reason === null ? state : `${state} ${reason}`);
      made.found(made.groupArn, targetId, state);
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
  const id = made.target(0, '10.0.1.10');
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
  const id = made.target(0, '10.0.1.10');
  await follow();
  t.same(reported(), ['healthy']);
  answers.set(id, REFUSED);
  made.act('StopInstances', { InstanceIds: [id] });
  await follow();
  made.act('StartInstances', { InstanceIds: [id] });
  await follow();
  t.same(reported(), ['initial'], 'not healthy by what was before');
});

t.test('[GWLB-6] a target that is registered again begins anew', async (t) => {
  const { made, reported, asked, follow } = checkerBench();
  const id = made.target(0, '10.0.1.10');
  await follow();
  reported();
  asked();
  made.deregister(made.groupArn, id);
  made.register(made.groupArn, id);
  await follow();
  t.equal(asked().length, 1, 'asked at once');
  t.same(reported(), ['healthy']);
});

t.test('[GWLB-6] other settings begin to count anew, and keep what is known', async (t) => {
  const { made, answers, reported, asked, follow, pass } = checkerBench();
  const id = made.target(0, '10.0.1.10');
  await follow();
  t.same(reported(), ['healthy']);
  answers.set(id, REFUSED);
  await pass(10);
  made.elb('ModifyTargetGroup', { TargetGroupArn: made.groupArn, HealthCheckPort: '81' });
  asked();
  await follow();
  t.equal(asked().length, 1, 'at once');
  t.same(reported(), [], 'one failure of each is not two');
  await pass(10);
  t.same(reported(), ['unhealthy Target.FailedHealthChecks']);
});

function drainingOf(made: BalancedLab, alarm: ScriptedAlarm): Draining {
  const forget = ({ targetGroupArn, targetId }: Target): void => {
    made.act('ForgetTarget', { TargetGroupArn: targetGroupArn, TargetId: targetId });
  };
  return new Draining(() => made.snapshot, forget, alarm);
}

t.test('[GWLB-7] a target that was registered again is not forgotten', async (t) => {
  const made = new BalancedLab();
  const alarm = new ScriptedAlarm();
  const draining = drainingOf(made, alarm);
  const id = made.target(0, '10.0.1.10');
  made.nowMs = alarm.nowMs();
  made.deregister(made.groupArn, id);
  draining.follow(made.snapshot);
  made.register(made.groupArn, id);
  alarm.pass(300_000);
  t.match([...made.snapshot.targets.values()], [{ targetId: id, state: 'initial' }]);
});

t.test('[GWLB-7] a target that leaves is forgotten after the delay of its group', async (t) => {
  const made = new BalancedLab();
  const alarm = new ScriptedAlarm();
  const draining = drainingOf(made, alarm);
  const [one, other, third] = [10, 11, 12].map((host) => made.target(0, `10.0.1.${host}`));
  made.nowMs = alarm.nowMs();
  made.deregister(made.groupArn, one ?? '');
  made.nowMs += 1000;
  made.deregister(made.groupArn, other ?? '');
  const left = () => [...made.snapshot.targets.values()].map(({ targetId }) => targetId);
  draining.follow(made.snapshot);
  alarm.pass(299_999);
  t.same(left(), [one, other, third]);
  alarm.pass(1);
  t.same(left(), [other, third]);
  draining.follow(made.snapshot);
  alarm.pass(1000);
  t.same(left(), [third]);
});
