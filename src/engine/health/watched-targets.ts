/** Which node of a Gateway Load Balancer checks which target, and how (GWLB-6, GWLB-7). */
import { type Ipv4Addr, parseIpv4 } from '../../addr/ipv4.ts';
import type { EniId, LoadBalancerArn } from '../../model/ids.ts';
import type { HealthCheck, Target } from '../../model/load-balancers.ts';
import {
  balancersOfGroup,
  eniOfTarget,
  isTargetDown,
  nodesOf,
  zoneOf,
} from '../../model/lookups/load-balancers.ts';
import type { Eni } from '../../model/records.ts';
import type { Fabric } from '../../model/snapshot.ts';

export interface WatchedTarget {
  readonly target: Target;
  /** Who asks. */
  readonly nodeId: EniId;
  /** Whom it asks. */
  readonly address: Ipv4Addr;
  readonly check: HealthCheck;
}

/** @returns the targets that are checked: not those that leave, instances that are off, or where no node is. */
export function watchedTargets(fabric: Fabric): WatchedTarget[] {
  const nodesByBalancer = new Map(
    [...fabric.loadBalancers.keys()].map((arn) => [arn, nodesOf(fabric, arn)] as const),
  );
  return [...fabric.targets.values()].flatMap((target) => {
    const watched = watchedTarget(fabric, target, nodesByBalancer);
    return watched === null ? [] : [watched];
  });
}

function watchedTarget(
  fabric: Fabric,
  target: Target,
  nodesByBalancer: ReadonlyMap<LoadBalancerArn, readonly Eni[]>,
): WatchedTarget | null {
  const group = fabric.targetGroups.get(target.targetGroupArn);
  if (group === undefined || target.state === 'draining') return null;
  const isInstance = group.targetType === 'instance';
  if (isInstance && isTargetDown(fabric, group, target)) return null;
  const eni = eniOfTarget(fabric, group, target);
  // Who is behind an address, and whether it runs, the probe finds out.
  const address = isInstance ? (eni?.addresses[0] ?? null) : parseIpv4(target.targetId);
  const zone = eni && zoneOf(fabric, eni.subnetId);
  const nodes = balancersOfGroup(fabric, group.targetGroupArn).flatMap((balancer) => {
    const own = nodesByBalancer.get(balancer.loadBalancerArn) ?? [];
    const near = own.find(({ subnetId }) => zoneOf(fabric, subnetId) === zone);
    return near ?? (zone === undefined ? own.slice(0, 1) : []);
  });
  const [node] = nodes;
  if (node === undefined || address === null) return null;
  return { target, nodeId: node.eniId, address, check: group.healthCheck };
}
