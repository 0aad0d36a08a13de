/** Which targets the nodes of a Gateway Load Balancer may give flows to. */
import t from 'tap';
import { formatIpv4, ipv4FromWord } from '../../src/addr/ipv4.ts';
import { Compiler } from '../../src/compile/compile.ts';
import { TARGET_KEEPS, TARGET_TAKES } from '../../src/dataplane/load-balancers.ts';
import { BalancingLab } from '../actions/load-balancing-lab.ts';

interface Made {
  readonly lab: BalancingLab;
  readonly balancer: string;
  readonly group: string;
  /** Of instances: one in each zone. */
  readonly ids: readonly [string, string];
}

/** A balancer with a node in the first zone only, and a healthy appliance in each of two. */
function made(zones: 1 | 2 = 1): Made {
  const lab = new BalancingLab();
  const [a, b] = lab.subnetIds;
  const ids = [
    lab.instance(a, { PrivateIpAddress: '10.0.1.11' }),
    lab.instance(b, { PrivateIpAddress: '10.0.2.12' }),
  ] as const;
  const group = lab.targetGroup();
  const balancer = lab.balancer('walls', lab.subnetIds.slice(0, zones));
  lab.listener(balancer, group);
  lab.register(group, ...ids);
  for (const id of ids) lab.found(group, id, 'healthy');
  return { lab, balancer, group, ids };
}

/** @returns by node the addresses of its targets, with `takes` and `keeps`. */
function targetsOf({ snapshot }: BalancingLab): string[][] {
  const { loadBalancers } = new Compiler().compile(snapshot, new Map(), 1);
  const { targets, targetsFrom, targetFlags } = loadBalancers;
  const words = Array.from(targets, (word, place) => {
    const flags = targetFlags[place] ?? 0;
    const takes = (flags & TARGET_TAKES) === 0 ? '' : ' takes';
    const keeps = (flags & TARGET_KEEPS) === 0 ? '' : ' keeps';
    return `${formatIpv4(ipv4FromWord(word))}${takes}${keeps}`;
  });
  return Array.from(targetsFrom.slice(1), (end, node) => words.slice(targetsFrom[node], end));
}

t.test(
  '[GWLB-7] a node gives flows to its own zone, unless it is to balance across zones',
  async (t) => {
    const { lab, balancer } = made(2);
    t.same(targetsOf(lab), [['10.0.1.11 takes keeps'], ['10.0.2.12 takes keeps']]);
    const on = { 'load_balancing.cross_zone.enabled': 'true' };
    lab.elb('ModifyLoadBalancerAttributes', lab.setAttribute('LoadBalancer', balancer, on));
    const both = ['10.0.1.11 takes keeps', '10.0.2.12 takes keeps'];
    t.same(targetsOf(lab), [both, both]);
    const one = made(1);
    one.lab.elb('ModifyLoadBalancerAttributes', lab.setAttribute('LoadBalancer', one.balancer, on));
    t.same(targetsOf(one.lab), [['10.0.1.11 takes keeps']], 'but not in a zone without a node');
  },
);

t.test('[GWLB-7] only healthy targets take flows, or all when none is', async (t) => {
  const { lab, group, ids } = made(2);
  lab.found(group, ids[0], 'unhealthy');
  t.same(targetsOf(lab)[0], ['10.0.1.11 takes keeps'], 'there is no other in its zone');
  const { loadBalancers } = lab.snapshot;
  const [balancer] = loadBalancers.keys();
  const on = { 'load_balancing.cross_zone.enabled': 'true' };
  lab.elb('ModifyLoadBalancerAttributes', lab.setAttribute('LoadBalancer', balancer ?? '', on));
  t.same(targetsOf(lab)[0], ['10.0.1.11 keeps', '10.0.2.12 takes keeps']);
  lab.act('StopInstances', { InstanceIds: [ids[1]] });
  t.same(targetsOf(lab)[0], ['10.0.1.11 takes keeps', '10.0.2.12 keeps'], 'one that is stopped');
});

t.test(
  '[GWLB-7] a target that is deregistered keeps its flows until it is forgotten',
  async (t) => {
    const { lab, group, ids } = made();
    lab.deregister(group, ids[0]);
    t.same(targetsOf(lab), [['10.0.1.11 keeps']]);
    lab.act('ForgetTarget', { TargetGroupArn: group, TargetId: ids[0] });
    t.same(targetsOf(lab), [[]]);
  },
);

t.test('[GWLB-7] with rebalancing nothing stays with a target that fails', async (t) => {
  const { lab, group, ids } = made();
  const rebalance = {
    'target_failover.on_deregistration': 'rebalance',
    'target_failover.on_unhealthy': 'rebalance',
  };
  lab.elb('ModifyTargetGroupAttributes', lab.setAttribute('TargetGroup', group, rebalance));
  lab.deregister(group, ids[0]);
  t.same(targetsOf(lab), [['10.0.1.11']]);
});
