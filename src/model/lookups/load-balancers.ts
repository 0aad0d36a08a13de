/** What belongs to a Gateway Load Balancer: nodes, targets, and the endpoints that lead to it. */
import { parseIpv4 } from '../../addr/ipv4.ts';
import type { VpcEndpoint } from '../endpoints.ts';
import type { LoadBalancerArn, SubnetId, TargetGroupArn } from '../ids.ts';
import type { GatewayLoadBalancer, Target, TargetGroup } from '../load-balancers.ts';
import type { Eni } from '../records.ts';
import type { Fabric } from '../snapshot.ts';

/** @returns the tables, beside those of interfaces, that the balancing of packets depends on. */
export function balancerTables(fabric: Fabric): readonly object[] {
  const { loadBalancers, targetGroups, targets, vpcEndpoints, endpointServices } = fabric;
  return [loadBalancers, targetGroups, targets, vpcEndpoints, endpointServices];
}

/** @returns its interfaces, one in each of its subnets. */
export function nodesOf({ enis }: Fabric, loadBalancerArn: LoadBalancerArn): Eni[] {
  return [...enis.values()].filter(({ madeFor }) => madeFor === loadBalancerArn);
}

/** @returns those of the group, in the order of registration. */
export function targetsOf({ targets }: Fabric, targetGroupArn: TargetGroupArn): Target[] {
  return [...targets.values()].filter((target) => target.targetGroupArn === targetGroupArn);
}

/** @returns the balancers whose listener leads to the group. */
export function balancersOfGroup(
  { loadBalancers }: Fabric,
  targetGroupArn: TargetGroupArn,
): GatewayLoadBalancer[] {
  return [...loadBalancers.values()].filter(
    ({ listener }) => listener?.targetGroupArn === targetGroupArn,
  );
}

/** @returns the interface that packets for the target go to: of an instance its primary one. */
export function eniOfTarget(
  { enis }: Fabric,
  { vpcId, targetType }: TargetGroup,
  { targetId }: Target,
): Eni | undefined {
  const all = [...enis.values()];
  if (targetType === 'instance') {
    return all.find(
      ({ attachment }) => attachment?.instanceId === targetId && attachment.deviceIndex === 0,
    );
  }
  const addr = parseIpv4(targetId);
  return all.find((eni) => eni.vpcId === vpcId && addr !== null && eni.addresses.includes(addr));
}

/** @returns true for a target that a stopped instance, or nobody, stands for: no flow goes to it. */
export function isTargetDown(fabric: Fabric, group: TargetGroup, target: Target): boolean {
  const attachment = eniOfTarget(fabric, group, target)?.attachment ?? null;
  return attachment === null || fabric.instances.get(attachment.instanceId)?.state !== 'running';
}

/** AWS's reasons why a target that is registered gets no flow, whatever checks say of it. */
export type UnusedReason = 'Target.NotInUse' | 'Target.InvalidState' | 'Target.IpUnusable';

/**
 * Tells whether a load balancer gives flows to a target: one whose nodes are in the zone of the target.
 * @returns null when one does.
 */
export function whyUnused(fabric: Fabric, group: TargetGroup, target: Target): UnusedReason | null {
  const eni = eniOfTarget(fabric, group, target);
  if (eni?.madeFor?.startsWith('arn:')) return 'Target.IpUnusable';
  const zone = eni && zoneOf(fabric, eni.subnetId);
  const isUsed = balancersOfGroup(fabric, group.targetGroupArn).some(
    (balancer) => zone === undefined || isServing(fabric, balancer, zone),
  );
  if (!isUsed) return 'Target.NotInUse';
  if (group.targetType !== 'instance') return null;
  return isTargetDown(fabric, group, target) ? 'Target.InvalidState' : null;
}

/** @returns true for a zone in which the balancer has a node: targets of others get no flow from any node. */
export function isServing(
  fabric: Fabric,
  { subnetIds }: GatewayLoadBalancer,
  zone: string | undefined,
): boolean {
  return subnetIds.some((id) => zoneOf(fabric, id) === zone);
}

export function zoneOf({ subnets }: Fabric, subnetId: SubnetId): string | undefined {
  return subnets.get(subnetId)?.availabilityZone;
}

/**
 * Finds the node that an endpoint leads to: that of its own zone.
 * @returns undefined when the service is gone, or has no balancer there.
 */
export function nodeOfEndpoint(
  fabric: Fabric,
  { vpcEndpointId, serviceName }: VpcEndpoint,
): { readonly balancer: GatewayLoadBalancer; readonly node: Eni } | undefined {
  const own = [...fabric.enis.values()].find(({ madeFor }) => madeFor === vpcEndpointId);
  const service = [...fabric.endpointServices.values()].find(({ serviceId }) =>
    serviceName.endsWith(`.${serviceId}`),
  );
  if (own === undefined || service === undefined) return undefined;
  const zone = zoneOf(fabric, own.subnetId);
  for (const arn of service.gatewayLoadBalancerArns) {
    const balancer = fabric.loadBalancers.get(arn as LoadBalancerArn);
    const node =
      balancer &&
      nodesOf(fabric, balancer.loadBalancerArn).find(
        ({ subnetId }) => zoneOf(fabric, subnetId) === zone,
      );
    if (balancer !== undefined && node !== undefined) return { balancer, node };
  }
  return undefined;
}
