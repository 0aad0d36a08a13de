/** What a route table may hold that steers the traffic which enters by a gateway. */
import { type Cidr, cidrEquals, formatCidr } from '../../addr/cidr.ts';
import type { Route, RouteTable, RouteTarget } from '../../model/records.ts';
import { vpcCidrsOfTable } from '../../model/routes.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { subnetBlocks } from '../../model/subnets.ts';
import {
  edgeDestination,
  edgePrefixList,
  edgePropagation,
  edgeTarget,
} from '../edges/gateway-errors.ts';

/** @returns true for the block of a subnet in the VPC of the table, whole. */
export function isWholeSubnet(
  snapshot: Snapshot,
  { vpcId }: Pick<RouteTable, 'vpcId'>,
  destination: Cidr,
): boolean {
  return [...snapshot.subnets.values()].some(
    (subnet) =>
      subnet.vpcId === vpcId && subnetBlocks(subnet).some((cidr) => cidrEquals(cidr, destination)),
  );
}

/**
 * Checks a route of a table that is associated with a gateway.
 * @throws InvalidParameterValue when the destination is no whole block of the VPC or of a subnet, or
 *   the target is not local, an interface nor a Gateway Load Balancer endpoint.
 * @source EDGE-2, EDGE-3
 */
export function checkEdgeRoute(
  snapshot: Snapshot,
  table: RouteTable,
  { destination, target }: Pick<Route, 'destination' | 'target'>,
): void {
  const isBlock = vpcCidrsOfTable(snapshot, table).some((cidr) => cidrEquals(cidr, destination));
  if (!isBlock && !isWholeSubnet(snapshot, table, destination)) {
    throw edgeDestination(table.routeTableId, formatCidr(destination));
  }
  if (!isEdgeTarget(target)) throw edgeTarget(table.routeTableId, formatCidr(destination));
}

function isEdgeTarget({ kind }: RouteTarget): boolean {
  return kind === 'local' || kind === 'eni' || kind === 'instance' || kind === 'vpc-endpoint';
}

/** Checks all that a table holds before a gateway takes it. @throws as `checkEdgeRoute`. */
export function checkEdgeRoutes(snapshot: Snapshot, table: RouteTable): void {
  const { routeTableId, propagatingVpnGatewayIds, prefixListRoutes } = table;
  if (propagatingVpnGatewayIds.length > 0) throw edgePropagation(routeTableId);
  if (prefixListRoutes.length > 0) throw edgePrefixList(routeTableId);
  for (const route of table.routes) checkEdgeRoute(snapshot, table, route);
}
