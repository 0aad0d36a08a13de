/** Gateway Load Balancers, their target groups and endpoints from AWS's answers. */
import { DEFAULT_TCP_IDLE_SECONDS, NEW_TARGET_GROUP } from '../../model/load-balancers.ts';
import type { LabFileEndpoint } from '../file/schema-gateways.ts';
import type {
  LabFileGatewayLoadBalancer,
  LabFileTargetGroup,
} from '../file/schema-load-balancing.ts';
import type { AwsEndpoint } from './aws-gateway-shapes.ts';
import type { AwsLoadBalancer, AwsTargetGroup } from './aws-load-balancing-shapes.ts';
import { type ImportContext, splitKey } from './context.ts';

interface VpcLoadBalancing {
  readonly targetGroups?: Record<string, LabFileTargetGroup>;
  readonly gatewayLoadBalancers?: Record<string, LabFileGatewayLoadBalancer>;
}

/** @returns those of a VPC. Load balancers of other types are told as left out. */
export function importLoadBalancing(vpcId: string, context: ImportContext): VpcLoadBalancing {
  const targetGroups = importTargetGroups(vpcId, context);
  const gatewayLoadBalancers = importBalancers(vpcId, context);
  return {
    ...(Object.keys(targetGroups).length === 0 ? {} : { targetGroups }),
    ...(Object.keys(gatewayLoadBalancers).length === 0 ? {} : { gatewayLoadBalancers }),
  };
}

/** The last part of an ARN, by which files are named. */
function tailOf(arn: string): string {
  return arn.split('/').at(-1) ?? '';
}

function attributesOf({ records }: ImportContext, arn: string): ReadonlyMap<string, string> {
  return new Map(
    (records.balancingAttributes.get(tailOf(arn)) ?? []).map(({ Key, Value }) => [Key, Value]),
  );
}

/** @returns the text unless it is the default. */
function secondsText(value: string | number | undefined, usual: number): string | undefined {
  return value === undefined || Number(value) === usual ? undefined : `${value}s`;
}

function importTargetGroups(
  vpcId: string,
  context: ImportContext,
): Record<string, LabFileTargetGroup> {
  const { records, names, ids, leftOut } = context;
  const groups: Record<string, LabFileTargetGroup> = {};
  for (const [arn, group] of records.targetGroups) {
    const key = names.targetGroups.get(arn);
    if (group.VpcId !== vpcId || key === undefined) continue;
    const what = `target group ${group.TargetGroupName}`;
    if (group.Protocol !== 'GENEVE') {
      leftOut.push({ what, id: arn, reason: 'a lab file has those of Gateway Load Balancers' });
      continue;
    }
    const [vpc, name] = splitKey(key);
    groups[name] = targetGroupOf(arn, group, context);
    ids.set(`vpcs.${vpc}.targetGroups.${name}`, arn);
  }
  return groups;
}

const STICKINESS: Readonly<Record<string, NonNullable<LabFileTargetGroup['stickiness']>>> = {
  source_ip_dest_ip: 'source-ip-dest-ip',
  source_ip_dest_ip_proto: 'source-ip-dest-ip-proto',
};

function targetGroupOf(
  arn: string,
  group: AwsTargetGroup,
  context: ImportContext,
): LabFileTargetGroup {
  const attributes = attributesOf(context, arn);
  const targets = targetsOf(arn, group, context);
  const healthCheck = healthCheckOf(group);
  const isSticky = attributes.get('stickiness.enabled') === 'true';
  const stickiness = isSticky ? STICKINESS[attributes.get('stickiness.type') ?? ''] : undefined;
  const isRebalanced = attributes.get('target_failover.on_unhealthy') === 'rebalance';
  const delay = secondsText(
    attributes.get('deregistration_delay.timeout_seconds'),
    NEW_TARGET_GROUP.deregistrationDelaySeconds,
  );
  return {
    ...(targets.length === 0 ? {} : { targets }),
    ...(Object.keys(healthCheck).length === 0 ? {} : { healthCheck }),
    ...(stickiness === undefined ? {} : { stickiness }),
    ...(isRebalanced ? { failover: 'rebalance' as const } : {}),
    ...(delay === undefined ? {} : { deregistrationDelay: delay }),
  };
}

/** Those that drain are no targets any more. */
function targetsOf(arn: string, group: AwsTargetGroup, context: ImportContext): string[] {
  const { records, names, leftOut } = context;
  const told = records.targetHealth.get(tailOf(arn)) ?? [];
  return told.flatMap(({ Target: { Id }, TargetHealth: { State } }) => {
    if (State === 'draining') return [];
    const name = names.instances.get(Id);
    if (name !== undefined) return [name];
    const reason =
      group.TargetType === 'instance'
        ? 'the instance is not in the lab file'
        : 'a lab file has instances as targets';
    leftOut.push({
      what: `target ${Id} of target group ${group.TargetGroupName}`,
      id: arn,
      reason,
    });
    return [];
  });
}

const PROTOCOLS: Readonly<Record<string, 'http' | 'https'>> = { HTTP: 'http', HTTPS: 'https' };

function healthCheckOf(group: AwsTargetGroup): NonNullable<LabFileTargetGroup['healthCheck']> {
  const protocol = PROTOCOLS[group.HealthCheckProtocol];
  const usual = NEW_TARGET_GROUP.healthCheck;
  const interval = secondsText(group.HealthCheckIntervalSeconds, usual.intervalSeconds);
  const timeout = secondsText(group.HealthCheckTimeoutSeconds, usual.timeoutSeconds);
  const { HealthCheckPath = usual.path, Matcher } = group;
  const codes = Matcher?.HttpCode ?? usual.matcher;
  const port = Number(group.HealthCheckPort);
  const healthy = group.HealthyThresholdCount;
  const unhealthy = group.UnhealthyThresholdCount;
  return {
    ...(protocol === undefined ? {} : { protocol }),
    ...(port === usual.port ? {} : { port }),
    ...(HealthCheckPath === usual.path ? {} : { path: HealthCheckPath }),
    ...(interval === undefined ? {} : { interval }),
    ...(timeout === undefined ? {} : { timeout }),
    ...(healthy === usual.healthyThreshold ? {} : { healthy }),
    ...(unhealthy === usual.unhealthyThreshold ? {} : { unhealthy }),
    ...(codes === usual.matcher ? {} : { codes }),
  };
}

function importBalancers(
  vpcId: string,
  context: ImportContext,
): Record<string, LabFileGatewayLoadBalancer> {
  const { records, names, ids, leftOut } = context;
  const balancers: Record<string, LabFileGatewayLoadBalancer> = {};
  for (const [arn, balancer] of records.loadBalancers) {
    const key = names.loadBalancers.get(arn);
    if (balancer.VpcId !== vpcId || key === undefined) continue;
    const [vpc, name] = splitKey(key);
    const made = balancer.Type === 'gateway' ? balancerOf(arn, balancer, context) : 'another type';
    if (typeof made === 'string') {
      const reason = `a lab file has Gateway Load Balancers with a target group: found ${made}`;
      leftOut.push({ what: `load balancer ${balancer.LoadBalancerName}`, id: arn, reason });
      continue;
    }
    balancers[name] = made;
    ids.set(`vpcs.${vpc}.gatewayLoadBalancers.${name}`, arn);
  }
  return balancers;
}

/** @returns what is in the way, as a text, of one that a lab file cannot have. */
function balancerOf(
  arn: string,
  { AvailabilityZones }: AwsLoadBalancer,
  context: ImportContext,
): LabFileGatewayLoadBalancer | string {
  const { records, names } = context;
  const listener = [...records.listeners.values()].find(
    ({ LoadBalancerArn }) => LoadBalancerArn === arn,
  );
  const group = names.targetGroups.get(listener?.DefaultActions[0]?.TargetGroupArn ?? '');
  if (listener === undefined || group === undefined) return 'no listener to one';
  const subnets = AvailabilityZones.flatMap(({ SubnetId }) => {
    const key = names.subnets.get(SubnetId);
    return key === undefined ? [] : [splitKey(key)[1]];
  });
  const isCrossZone =
    attributesOf(context, arn).get('load_balancing.cross_zone.enabled') === 'true';
  const idle = attributesOf(context, listener.ListenerArn).get('tcp.idle_timeout.seconds');
  const tcpIdle = secondsText(idle, DEFAULT_TCP_IDLE_SECONDS);
  return {
    subnets,
    targetGroup: splitKey(group)[1],
    ...(isCrossZone ? { crossZone: true } : {}),
    ...(tcpIdle === undefined ? {} : { tcpIdle }),
  };
}

/** @returns null for one that leads to a service of somebody else. */
export function importBalancerEndpoint(
  { ServiceName, SubnetIds }: AwsEndpoint,
  { records, names }: ImportContext,
): LabFileEndpoint | null {
  const service = [...records.endpointServices.values()].find(
    (each) => each.ServiceName === ServiceName,
  );
  const balancer = names.loadBalancers.get(service?.GatewayLoadBalancerArns[0] ?? '');
  const subnet = names.subnets.get(SubnetIds[0] ?? '');
  if (balancer === undefined || subnet === undefined) return null;
  const [, name] = splitKey(balancer);
  const namesakes = [...names.loadBalancers.values()].filter((key) => splitKey(key)[1] === name);
  return {
    gatewayLoadBalancer: namesakes.length > 1 ? balancer : name,
    subnet: splitKey(subnet)[1],
  };
}
