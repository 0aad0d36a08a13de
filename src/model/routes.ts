/**
 * The rules of route tables that hold whoever asks: which table a subnet uses, which routes of a
 * table take part, and whether a route is usable. `actions/` shows them, `compile/` forwards by them.
 */
import assert from 'node:assert/strict';
import { type Cidr, cidrContains, formatCidr } from '../addr/cidr.ts';
import { entriesInForce } from './filters.ts';
import type { EdgeGatewayId, GatewayTarget } from './gateways.ts';
import { isUsable } from './lookups/gateways.ts';
import type {
  Eni,
  Route,
  RouteTable,
  RouteTableAssociation,
  RouteTarget,
  Subnet,
} from './records.ts';
import type { Fabric } from './snapshot.ts';

/** The states of an instance in which its interfaces take packets. */
const LIVE_STATES: ReadonlySet<string> = new Set(['pending', 'running']);

/**
 * Tells whether the route's target can take packets.
 * @param table The one with the route.
 * @returns `blackhole` when the interface is gone, is detached, or its instance does not run; when
 *   a gateway is gone or detached.
 * @source RT-11
 */
export function routeState(
  snapshot: Fabric,
  table: Pick<RouteTable, 'vpcId'>,
  route: Pick<Route, 'target'>,
): 'active' | 'blackhole' {
  const { target } = route;
  switch (target.kind) {
    case 'local':
      return 'active';
    case 'eni':
    case 'instance':
      return isLive(snapshot, snapshot.enis.get(target.eniId)) ? 'active' : 'blackhole';
    case 'internet-gateway':
    case 'vpn-gateway':
    case 'egress-only-gateway':
    case 'nat-gateway':
    case 'peering':
    case 'transit-gateway':
    case 'carrier-gateway':
    case 'vpc-endpoint':
      return isUsable(snapshot, table, target) ? 'active' : 'blackhole';
    default:
      return target satisfies never;
  }
}

function isLive(snapshot: Fabric, eni: Eni | undefined): boolean {
  if (eni === undefined || eni.attachment === null) return false;
  const instance = snapshot.instances.get(eni.attachment.instanceId);
  return instance !== undefined && LIVE_STATES.has(instance.state);
}

/** @returns true for the route of a CIDR block of the VPC, also when its target was replaced (RT-2). */
export function isLocalRoute(route: Route): boolean {
  return route.origin === 'CreateRouteTable';
}

/** @returns true for a route that a gateway put into the table. */
export function isPropagatedRoute(route: Route): boolean {
  return route.origin === 'EnableVgwRoutePropagation';
}

/** @returns the IPv4 blocks of the VPC of the table, the primary first, then the IPv6 blocks. */
export function vpcCidrsOfTable(snapshot: Fabric, table: RouteTable): readonly Cidr[] {
  const vpc = snapshot.vpcs.get(table.vpcId);
  assert(vpc !== undefined, `${table.routeTableId} has no VPC`);
  return [...vpc.cidrs, ...vpc.ipv6Cidrs].map((association) => association.cidr);
}

/**
 * Selects the routes that take part in longest-prefix match: at most one for each destination.
 * A propagated route, or one out of a prefix list, never beats a local one, even if more specific.
 * For one destination a static route beats those of prefix lists, the list that was named first
 * beats the others, and any list beats a propagated route; a blackhole wins no less.
 * @returns the routes in the order of the table, then those of the prefix lists.
 * @source RT-7, RT-8, RT-9
 */
export function selectRoutes(snapshot: Fabric, table: RouteTable): Route[] {
  const vpcCidrs = vpcCidrsOfTable(snapshot, table);
  const yieldsToLocal = ({ destination }: Route): boolean =>
    vpcCidrs.some((cidr) => cidrContains(cidr, destination));
  const listed = routesOfPrefixLists(snapshot, table);
  const byRank = [
    ...table.routes.filter((route) => !isPropagatedRoute(route)),
    ...listed.filter((route) => !yieldsToLocal(route)),
    ...table.routes.filter((route) => isPropagatedRoute(route) && !yieldsToLocal(route)),
  ];
  const winners = new Map<string, Route>();
  for (const route of byRank) {
    const key = formatCidr(route.destination);
    if (!winners.has(key)) winners.set(key, route);
  }
  const selected = new Set(winners.values());
  return [...table.routes, ...listed].filter((route) => selected.has(route));
}

/** @returns one route for each entry of each prefix list, the list that was named first before. */
function routesOfPrefixLists(snapshot: Fabric, table: RouteTable): Route[] {
  return table.prefixListRoutes.flatMap(({ prefixListId, target }) => {
    const list = snapshot.prefixLists.get(prefixListId);
    assert(list !== undefined, `${table.routeTableId} names ${prefixListId}, which is gone`);
    return entriesInForce(list).map(
      ({ cidr }): Route => ({ destination: cidr, target, origin: 'CreateRoute' }),
    );
  });
}

/** @returns the table that new subnets of the VPC use. @source RT-1 */
function mainRouteTable(snapshot: Fabric, vpcId: RouteTable['vpcId']): RouteTable {
  for (const table of snapshot.routeTables.values()) {
    if (table.vpcId === vpcId && isMainTable(table)) return table;
  }
  return assert.fail(`${vpcId} has no main route table`);
}

export function isMainTable(table: RouteTable): boolean {
  return table.associations.some(isMainAssociation);
}

/** @returns true for the association that makes a table the main one of its VPC. */
export function isMainAssociation({ subnetId, gatewayId }: RouteTableAssociation): boolean {
  return subnetId === null && gatewayId === null;
}

/** @returns true for a table that steers what enters by a gateway. @source EDGE-1 */
export function isEdgeTable(table: RouteTable): boolean {
  return table.associations.some(({ gatewayId }) => gatewayId !== null);
}

/** @returns the table that steers what enters by the gateway. */
export function edgeTableOf(snapshot: Fabric, gatewayId: EdgeGatewayId): RouteTable | undefined {
  return [...snapshot.routeTables.values()].find((table) =>
    table.associations.some((association) => association.gatewayId === gatewayId),
  );
}

/** @returns the one table of the subnet: the associated one, or else the main table. @source RT-1 */
export function routeTableOfSubnet(snapshot: Fabric, subnet: Subnet): RouteTable {
  return associatedRouteTable(snapshot, subnet.subnetId) ?? mainRouteTable(snapshot, subnet.vpcId);
}

/** @returns the table that was explicitly associated with the subnet. */
export function associatedRouteTable(
  snapshot: Fabric,
  subnetId: Subnet['subnetId'],
): RouteTable | undefined {
  for (const table of snapshot.routeTables.values()) {
    if (table.associations.some((association) => association.subnetId === subnetId)) return table;
  }
  return undefined;
}

export function isGatewayTarget(target: RouteTarget): target is GatewayTarget {
  return 'gatewayId' in target;
}
