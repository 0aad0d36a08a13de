/** The Gateway Load Balancers of a lab file, their target groups and endpoints, names resolved. */

import {
  DEFAULT_TCP_IDLE_SECONDS,
  type HealthCheck,
  NEW_TARGET_GROUP,
  type Stickiness,
} from '../../model/load-balancers.ts';
import type {
  LabBalancerEndpoint,
  LabGatewayLoadBalancer,
  LabLoadBalancing,
  LabTargetGroup,
} from '../lab-load-balancing.ts';
import { parseDuration } from './durations.ts';
import { type Path, wantedName } from './problems.ts';
import type { LabFile } from './schema.ts';
import type { LabFileEndpoint } from './schema-gateways.ts';
import type { LabFileGatewayLoadBalancer, LabFileTargetGroup } from './schema-load-balancing.ts';
import { resolveInstances, resolveSubnet, type Scope, shortName } from './scope.ts';

const STICKINESS: Readonly<Record<NonNullable<LabFileTargetGroup['stickiness']>, Stickiness>> = {
  'five-tuple': 'five_tuple',
  'source-ip-dest-ip-proto': 'source_ip_dest_ip_proto',
  'source-ip-dest-ip': 'source_ip_dest_ip',
};

const USUAL_CHECK = NEW_TARGET_GROUP.healthCheck;

const PROTOCOLS = { tcp: 'TCP', http: 'HTTP', https: 'HTTPS' } as const;

export function resolveLoadBalancing(file: LabFile, scope: Scope): LabLoadBalancing {
  const targetGroups = new Map<string, LabTargetGroup>();
  const loadBalancers = new Map<string, LabGatewayLoadBalancer>();
  const balancerEndpoints = new Map<string, LabBalancerEndpoint>();
  for (const [vpc, fields] of Object.entries(file.vpcs ?? {})) {
    for (const [name, each] of Object.entries(fields.targetGroups ?? {})) {
      const group = resolveTargetGroup(vpc, name, each, scope);
      targetGroups.set(group.key, group);
    }
    for (const [name, each] of Object.entries(fields.gatewayLoadBalancers ?? {})) {
      const balancer = resolveBalancer(vpc, name, each, scope);
      if (balancer !== null) loadBalancers.set(balancer.key, balancer);
    }
    for (const [name, each] of Object.entries(fields.endpoints ?? {})) {
      const endpoint = resolveEndpoint(vpc, name, each, scope);
      if (endpoint !== null) balancerEndpoints.set(endpoint.key, endpoint);
    }
  }
  return { targetGroups, loadBalancers, balancerEndpoints };
}

function secondsOf(text: string | undefined, otherwise: number): number {
  return text === undefined ? otherwise : (parseDuration(text) ?? 0) / 1000;
}

function resolveTargetGroup(
  vpc: string,
  name: string,
  fields: LabFileTargetGroup,
  scope: Scope,
): LabTargetGroup {
  const path = ['vpcs', vpc, 'targetGroups', name];
  return {
    name,
    vpc,
    key: `${vpc}/${name}`,
    path,
    targets: resolveInstances(scope, fields.targets ?? [], [...path, 'targets']),
    healthCheck: resolveHealthCheck(fields.healthCheck ?? {}),
    stickiness: STICKINESS[fields.stickiness ?? 'five-tuple'],
    failover: fields.failover === 'rebalance' ? 'rebalance' : 'no_rebalance',
    deregistrationDelaySeconds: secondsOf(
      fields.deregistrationDelay,
      NEW_TARGET_GROUP.deregistrationDelaySeconds,
    ),
  };
}

function resolveHealthCheck({
  protocol = 'tcp',
  port = USUAL_CHECK.port,
  path = USUAL_CHECK.path,
  interval,
  timeout,
  healthy = USUAL_CHECK.healthyThreshold,
  unhealthy = USUAL_CHECK.unhealthyThreshold,
  codes = USUAL_CHECK.matcher,
}: NonNullable<LabFileTargetGroup['healthCheck']>): HealthCheck {
  return {
    protocol: PROTOCOLS[protocol],
    port,
    path,
    intervalSeconds: secondsOf(interval, USUAL_CHECK.intervalSeconds),
    timeoutSeconds: secondsOf(timeout, USUAL_CHECK.timeoutSeconds),
    healthyThreshold: healthy,
    unhealthyThreshold: unhealthy,
    matcher: codes,
  };
}

/** @returns null when what is wrong with it was reported. */
function resolveBalancer(
  vpc: string,
  name: string,
  { subnets, targetGroup, crossZone = false, tcpIdle }: LabFileGatewayLoadBalancer,
  scope: Scope,
): LabGatewayLoadBalancer | null {
  const path = ['vpcs', vpc, 'gatewayLoadBalancers', name];
  const key = `${vpc}/${name}`;
  const references = typeof subnets === 'string' ? [subnets] : subnets;
  const placed = references.map((reference, index) => {
    const at = typeof subnets === 'string' ? [...path, 'subnets'] : [...path, 'subnets', index];
    return resolveOwnSubnet(vpc, reference, at, name, scope);
  });
  const group = `${vpc}/${targetGroup}`;
  if (!scope.gateways.targetGroups.has(group)) {
    const wanted = wantedName(
      targetGroup,
      namesIn(scope.gateways.targetGroups, vpc),
      'a target group',
    );
    scope.report.at(
      [...path, 'targetGroup'],
      `Cannot use "${targetGroup}": found an unknown target group, wanted ${wanted}`,
    );
    return null;
  }
  return {
    name,
    vpc,
    key,
    path,
    subnets: placed.filter((subnet) => subnet !== null),
    targetGroup: group,
    isCrossZone: crossZone,
    tcpIdleSeconds: secondsOf(tcpIdle, DEFAULT_TCP_IDLE_SECONDS),
  };
}

/** @returns null for a gateway endpoint, and when what is wrong with it was reported. */
function resolveEndpoint(
  vpc: string,
  name: string,
  { gatewayLoadBalancer, subnet: reference, service, routeTables }: LabFileEndpoint,
  scope: Scope,
): LabBalancerEndpoint | null {
  const path = ['vpcs', vpc, 'endpoints', name];
  if (gatewayLoadBalancer === undefined) return null;
  const extra =
    service !== undefined ? 'service' : routeTables !== undefined ? 'routeTables' : null;
  if (extra !== null) {
    scope.report.atKey(
      [...path, extra],
      `Cannot use "${extra}" for "${name}": found gatewayLoadBalancer, wanted subnet and nothing else beside it`,
    );
  }
  if (reference === undefined) {
    scope.report.atKey(
      path,
      `Cannot place "${name}": found gatewayLoadBalancer without subnet, wanted both`,
    );
    return null;
  }
  const subnet = resolveOwnSubnet(vpc, reference, [...path, 'subnet'], name, scope);
  const balancer = balancerNamed(gatewayLoadBalancer, [...path, 'gatewayLoadBalancer'], scope);
  if (subnet === null || balancer === null) return null;
  return { name, vpc, key: `${vpc}/${name}`, path, balancer, subnet };
}

/** A balancer is called by its name, or by `vpc/name`. @returns its key, or null when it was reported. */
function balancerNamed(text: string, path: Path, { gateways, report }: Scope): string | null {
  const all = [...gateways.loadBalancers];
  const matches = all.filter((key) => key === text || shortName(key) === text);
  const [only, second] = matches;
  if (only !== undefined && second === undefined) return only;
  const state =
    only === undefined
      ? 'an unknown Gateway Load Balancer'
      : 'Gateway Load Balancers of that name in several VPCs';
  const wanted =
    only === undefined
      ? wantedName(text, all.map(shortName), 'a Gateway Load Balancer')
      : `one of ${matches.join(', ')}`;
  report.at(path, `Cannot use "${text}": found ${state}, wanted ${wanted}`);
  return null;
}

/** @returns `vpc/subnet`, or null when what is wrong with it was reported. */
function resolveOwnSubnet(
  vpc: string,
  reference: string,
  path: Path,
  who: string,
  scope: Scope,
): string | null {
  const own = `${vpc}/${reference}`;
  const subnet = resolveSubnet(scope, scope.subnets.has(own) ? own : reference, path, who);
  if (subnet === null || subnet.startsWith(`${vpc}/`)) return subnet;
  scope.report.at(
    path,
    `Cannot place "${who}": found subnet "${subnet}", wanted one of VPC "${vpc}"`,
  );
  return null;
}

function namesIn(keys: ReadonlySet<string>, vpc: string): string[] {
  return [...keys].filter((key) => key.startsWith(`${vpc}/`)).map(shortName);
}
