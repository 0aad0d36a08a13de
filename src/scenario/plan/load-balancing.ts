/**
 * Plans Gateway Load Balancers, the groups of their targets, and the endpoints that lead to them. Order:
 * balancers and groups, then what is set of them, targets and endpoint services, then listeners and endpoints.
 */
import type { ActionInput } from '../../actions/action.ts';
import { actionNamed } from '../../actions/action-names.ts';
import {
  DEFAULT_TCP_IDLE_SECONDS,
  GENEVE_PORT,
  type HealthCheck,
  NEW_TARGET_GROUP,
  type TargetGroup,
} from '../../model/load-balancers.ts';
import { targetsOf } from '../../model/lookups/load-balancers.ts';
import type { LabGatewayLoadBalancer, LabTargetGroup } from '../lab-load-balancing.ts';
import { NAME_TAG } from '../names.ts';
import { creationReason, kept, type PlanContext, realmNow, realmOf } from './context.ts';
import { LAB_TAG, reference, tagSpecifications } from './planned-action.ts';

/** @returns the name by which a plan has an action of Elastic Load Balancing. @param name AWS's. */
function elb(name: string): string {
  return actionNamed({ service: 'elasticloadbalancing', name });
}

/** What they are called and whose they are. */
function tagsOf(name: string, lab: string): ActionInput {
  return {
    Tags: [
      { Key: NAME_TAG, Value: name },
      { Key: LAB_TAG, Value: lab },
    ],
  };
}

/** The attributes that are not as they should be. */
function attributesInput(
  wanted: Readonly<Record<string, unknown>>,
  now: Readonly<Record<string, unknown>>,
): ActionInput[] {
  return Object.entries(wanted)
    .filter(([key, value]) => String(value) !== String(now[key]))
    .map(([Key, value]) => ({ Key, Value: String(value) }));
}

/** Groups need running instances; routes need the endpoints. */
export function planLoadBalancing(context: PlanContext): void {
  const { lab, plan } = context;
  plan.nextStage();
  for (const group of lab.targetGroups.values()) planTargetGroup(group, context);
  for (const balancer of lab.loadBalancers.values()) planBalancer(balancer, context);
  plan.nextStage();
  for (const group of lab.targetGroups.values()) {
    planGroupAttributes(group, context);
    planTargets(group, context);
  }
  for (const balancer of lab.loadBalancers.values()) {
    planBalancerAttributes(balancer, context);
    planListener(balancer, context);
    planService(balancer, context);
  }
  plan.nextStage();
  for (const balancer of lab.loadBalancers.values()) planIdleTime(balancer, context);
  planBalancerEndpoints(context);
}

/** The path and the codes are of HTTP and HTTPS. */
function healthCheckInput(check: HealthCheck): ActionInput {
  return {
    HealthCheckProtocol: check.protocol,
    HealthCheckPort: String(check.port),
    HealthCheckIntervalSeconds: check.intervalSeconds,
    HealthCheckTimeoutSeconds: check.timeoutSeconds,
    HealthyThresholdCount: check.healthyThreshold,
    UnhealthyThresholdCount: check.unhealthyThreshold,
    ...(check.protocol === 'TCP'
      ? {}
      : { HealthCheckPath: check.path, Matcher: { HttpCode: check.matcher } }),
  };
}

function planTargetGroup(group: LabTargetGroup, context: PlanContext): void {
  const { lab, current, departures, plan } = context;
  const { key, name, vpc, healthCheck } = group;
  const about = { realm: realmOf(context, vpc), subject: `target group ${key}` };
  const now = kept(current.targetGroups, departures.targetGroups, key);
  const input = healthCheckInput(healthCheck);
  if (now === undefined) {
    plan.add(
      elb('CreateTargetGroup'),
      {
        ...{ Name: name, Protocol: 'GENEVE', Port: GENEVE_PORT, VpcId: reference('vpc', vpc) },
        ...input,
        ...tagsOf(name, lab.name),
      },
      { ...about, reason: creationReason(departures.targetGroups, key) },
      [{ name: `targetGroup:${key}`, at: ['TargetGroups', 0, 'TargetGroupArn'] }],
    );
  } else if (JSON.stringify(input) !== JSON.stringify(healthCheckInput(now.healthCheck))) {
    const TargetGroupArn = now.targetGroupArn;
    const reason = 'its health check changed';
    plan.add(elb('ModifyTargetGroup'), { TargetGroupArn, ...input }, { ...about, reason });
  }
}

type GroupSettings = Pick<TargetGroup, 'stickiness' | 'failover' | 'deregistrationDelaySeconds'>;

function groupAttributes(settings: GroupSettings): Record<string, string | number | boolean> {
  const { stickiness, failover, deregistrationDelaySeconds } = settings;
  const isSticky = stickiness !== 'five_tuple';
  return {
    'stickiness.enabled': isSticky,
    ...(isSticky ? { 'stickiness.type': stickiness } : {}),
    'deregistration_delay.timeout_seconds': deregistrationDelaySeconds,
    'target_failover.on_deregistration': failover,
    'target_failover.on_unhealthy': failover,
  };
}

function planGroupAttributes(group: LabTargetGroup, context: PlanContext): void {
  const { current, departures, plan } = context;
  const { key, vpc } = group;
  const now = kept(current.targetGroups, departures.targetGroups, key) ?? NEW_TARGET_GROUP;
  const Attributes = attributesInput(groupAttributes(group), groupAttributes(now));
  if (Attributes.length === 0) return;
  plan.add(
    elb('ModifyTargetGroupAttributes'),
    { TargetGroupArn: reference('targetGroup', key), Attributes },
    {
      realm: realmOf(context, vpc),
      subject: `target group ${key}`,
      reason: Attributes.map(({ Key, Value }) => `${Key}: ${Value}`).join(', '),
    },
  );
}

/** Targets that drain are on their way out already. */
function planTargets({ key, vpc, targets }: LabTargetGroup, context: PlanContext): void {
  const { current, departures, plan } = context;
  const now = kept(current.targetGroups, departures.targetGroups, key);
  const registered =
    now === undefined || current.fabric === null
      ? []
      : targetsOf(current.fabric, now.targetGroupArn).filter(({ state }) => state !== 'draining');
  const idOf = (name: string) =>
    kept(current.instances, departures.instances, name)?.instanceId ?? null;
  const added = targets.filter((name) =>
    registered.every(({ targetId }) => targetId !== idOf(name)),
  );
  const wanted = new Set<string | null>(targets.map(idOf));
  const removed = registered.filter(({ targetId }) => !wanted.has(targetId));
  const TargetGroupArn = reference('targetGroup', key);
  const about = { realm: realmOf(context, vpc), subject: `target group ${key}` };
  if (added.length > 0) {
    const Targets = added.map((name) => ({ Id: reference('instance', name) }));
    const reason = `${added.join(', ')} not registered yet`;
    plan.add(elb('RegisterTargets'), { TargetGroupArn, Targets }, { ...about, reason });
  }
  if (removed.length > 0) {
    const Targets = removed.map(({ targetId: Id }) => ({ Id }));
    const reason = `its targets changed to ${targets.join(', ') || 'none'}`;
    plan.add(elb('DeregisterTargets'), { TargetGroupArn, Targets }, { ...about, reason });
  }
}

function planBalancer(balancer: LabGatewayLoadBalancer, context: PlanContext): void {
  const { lab, current, departures, plan } = context;
  const { key, name, vpc, subnets } = balancer;
  const about = { realm: realmOf(context, vpc), subject: `Gateway Load Balancer ${key}` };
  const Subnets = subnets.map((subnet) => reference('subnet', subnet));
  const now = kept(current.loadBalancers, departures.loadBalancers, key);
  if (now === undefined) {
    plan.add(
      elb('CreateLoadBalancer'),
      { Name: name, Type: 'gateway', Subnets, ...tagsOf(name, lab.name) },
      { ...about, reason: creationReason(departures.loadBalancers, key) },
      [{ name: `loadBalancer:${key}`, at: ['LoadBalancers', 0, 'LoadBalancerArn'] }],
    );
    return;
  }
  // One that is to lose subnets is made again.
  if (now.subnetIds.length === subnets.length) return;
  const input = { LoadBalancerArn: now.loadBalancerArn, Subnets };
  const reason = `its subnets changed to ${subnets.join(', ')}`;
  plan.add(elb('SetSubnets'), input, { ...about, reason });
}

function planBalancerAttributes(
  { key, vpc, isCrossZone }: LabGatewayLoadBalancer,
  context: PlanContext,
): void {
  const { current, departures, plan } = context;
  const now = kept(current.loadBalancers, departures.loadBalancers, key);
  if (isCrossZone === (now?.isCrossZone ?? false)) return;
  const Attributes = [{ Key: 'load_balancing.cross_zone.enabled', Value: String(isCrossZone) }];
  plan.add(
    elb('ModifyLoadBalancerAttributes'),
    { LoadBalancerArn: reference('loadBalancer', key), Attributes },
    {
      realm: realmOf(context, vpc),
      subject: `Gateway Load Balancer ${key}`,
      reason: `crossZone: ${isCrossZone}`,
    },
  );
}

function planListener(
  { key, name, vpc, targetGroup }: LabGatewayLoadBalancer,
  context: PlanContext,
): void {
  const { lab, current, departures, plan } = context;
  const listener = kept(current.loadBalancers, departures.loadBalancers, key)?.listener ?? null;
  const TargetGroupArn = reference('targetGroup', targetGroup);
  const DefaultActions = [{ Type: 'forward', TargetGroupArn }];
  const about = { realm: realmOf(context, vpc), subject: `Gateway Load Balancer ${key}` };
  if (listener === null) {
    const LoadBalancerArn = reference('loadBalancer', key);
    plan.add(
      elb('CreateListener'),
      { LoadBalancerArn, DefaultActions, ...tagsOf(name, lab.name) },
      { ...about, reason: `it does not lead to target group ${targetGroup} yet` },
      [{ name: `listener:${key}`, at: ['Listeners', 0, 'ListenerArn'] }],
    );
    return;
  }
  const group = kept(current.targetGroups, departures.targetGroups, targetGroup);
  if (group?.targetGroupArn === listener.targetGroupArn) return;
  const input = { ListenerArn: listener.listenerArn, DefaultActions };
  const reason = `its target group changed to ${targetGroup}`;
  plan.add(elb('ModifyListener'), input, { ...about, reason });
}

function planIdleTime(
  { key, vpc, tcpIdleSeconds }: LabGatewayLoadBalancer,
  context: PlanContext,
): void {
  const { current, departures, plan } = context;
  const listener = kept(current.loadBalancers, departures.loadBalancers, key)?.listener ?? null;
  if (tcpIdleSeconds === (listener?.tcpIdleSeconds ?? DEFAULT_TCP_IDLE_SECONDS)) return;
  const Attributes = [{ Key: 'tcp.idle_timeout.seconds', Value: String(tcpIdleSeconds) }];
  plan.add(
    elb('ModifyListenerAttributes'),
    { ListenerArn: reference('listener', key), Attributes },
    {
      realm: realmOf(context, vpc),
      subject: `Gateway Load Balancer ${key}`,
      reason: `tcpIdle: ${tcpIdleSeconds}s`,
    },
  );
}

/** Every balancer has a service, so that endpoints can lead to it. */
function planService({ key, name, vpc }: LabGatewayLoadBalancer, context: PlanContext): void {
  const { lab, current, departures, plan } = context;
  if (kept(current.endpointServices, departures.endpointServices, key) !== undefined) return;
  plan.add(
    'CreateVpcEndpointServiceConfiguration',
    {
      GatewayLoadBalancerArns: [reference('loadBalancer', key)],
      AcceptanceRequired: false,
      ...tagSpecifications('vpc-endpoint-service', name, lab.name),
    },
    {
      realm: realmOf(context, vpc),
      subject: `endpoint service of ${key}`,
      reason: creationReason(departures.endpointServices, key),
    },
    [
      { name: `endpointService:${key}`, at: ['ServiceConfiguration', 'ServiceId'] },
      { name: `endpointServiceName:${key}`, at: ['ServiceConfiguration', 'ServiceName'] },
    ],
  );
}

function planBalancerEndpoints(context: PlanContext): void {
  const { lab, current, departures, plan } = context;
  for (const { key, name, vpc, balancer, subnet } of lab.balancerEndpoints.values()) {
    if (kept(current.balancerEndpoints, departures.balancerEndpoints, key) !== undefined) continue;
    plan.add(
      'CreateVpcEndpoint',
      {
        VpcEndpointType: 'GatewayLoadBalancer',
        VpcId: reference('vpc', vpc),
        ServiceName: reference('endpointServiceName', balancer),
        SubnetIds: [reference('subnet', subnet)],
        ...tagSpecifications('vpc-endpoint', name, lab.name),
      },
      {
        realm: realmOf(context, vpc),
        subject: `endpoint ${key}`,
        reason: creationReason(departures.balancerEndpoints, key),
      },
      [{ name: `vpcEndpoint:${key}`, at: ['VpcEndpoint', 'VpcEndpointId'] }],
    );
  }
}

/** Before subnets and VPCs go, and before what has the same name is made. */
export function planBalancingDeletions({ lab, current, departures, plan }: PlanContext): void {
  plan.nextStage();
  for (const [key, reason] of departures.balancerEndpoints) {
    const endpoint = current.balancerEndpoints.get(key);
    const input = { VpcEndpointIds: [endpoint?.vpcEndpointId] };
    const realm = realmNow({ lab, current }, endpoint);
    plan.add('DeleteVpcEndpoints', input, { realm, subject: `endpoint ${key}`, reason });
  }
  plan.nextStage();
  for (const [key, reason] of departures.endpointServices) {
    const input = { ServiceIds: [current.endpointServices.get(key)?.serviceId] };
    const realm = realmNow({ lab, current }, current.loadBalancers.get(key));
    const about = { realm, subject: `endpoint service of ${key}`, reason };
    plan.add('DeleteVpcEndpointServiceConfigurations', input, about);
  }
  plan.nextStage();
  for (const [key, reason] of departures.loadBalancers) {
    const balancer = current.loadBalancers.get(key);
    const input = { LoadBalancerArn: balancer?.loadBalancerArn };
    const realm = realmNow({ lab, current }, balancer);
    const about = { realm, subject: `Gateway Load Balancer ${key}`, reason };
    plan.add(elb('DeleteLoadBalancer'), input, about);
  }
  plan.nextStage();
  planGroupDeletions({ lab, current, departures, plan }, (key) => lab.targetGroups.has(key));
}

/** A group that a listener led to goes when that leads to another. */
export function planLastGroupDeletions(context: PlanContext): void {
  context.plan.nextStage();
  planGroupDeletions(context, (key) => !context.lab.targetGroups.has(key));
}

function planGroupDeletions(
  { lab, current, departures, plan }: Pick<PlanContext, 'lab' | 'current' | 'departures' | 'plan'>,
  isMeant: (key: string) => boolean,
): void {
  for (const [key, reason] of departures.targetGroups) {
    if (!isMeant(key)) continue;
    const group = current.targetGroups.get(key);
    const input = { TargetGroupArn: group?.targetGroupArn };
    const realm = realmNow({ lab, current }, group);
    plan.add(elb('DeleteTargetGroup'), input, { realm, subject: `target group ${key}`, reason });
  }
}
