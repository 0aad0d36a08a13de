/** The local routes: every table of a VPC has one for each CIDR block, always (RT-2, SUB-7). */
import { type Cidr, cidrEquals } from '../../addr/cidr.ts';
import type { Route, Vpc } from '../../model/records.ts';
import { isLocalRoute } from '../../model/routes.ts';
import type { Draft } from '../../model/store.ts';

function localRoute(destination: Cidr): Route {
  return { destination, target: { kind: 'local' }, origin: 'CreateRouteTable' };
}

/** @returns the routes of a new table of the VPC. */
export function localRoutes(vpc: Vpc): Route[] {
  return [...vpc.cidrs, ...vpc.ipv6Cidrs].map((association) => localRoute(association.cidr));
}

/** Adds the local route of a new block to every table of the VPC, behind the other local routes. */
export function addLocalRoute(draft: Draft, vpcId: Vpc['vpcId'], cidr: Cidr): void {
  editRoutes(draft, vpcId, (routes) => [
    ...routes.filter(isLocalRoute),
    localRoute(cidr),
    ...routes.filter((route) => !isLocalRoute(route)),
  ]);
}

/** Removes the local route of a block that leaves the VPC. */
export function removeLocalRoute(draft: Draft, vpcId: Vpc['vpcId'], cidr: Cidr): void {
  editRoutes(draft, vpcId, (routes) =>
    routes.filter((route) => !isLocalRoute(route) || !cidrEquals(route.destination, cidr)),
  );
}

function editRoutes(
  draft: Draft,
  vpcId: Vpc['vpcId'],
  edit: (routes: readonly Route[]) => Route[],
): void {
  for (const table of draft.snapshot.routeTables.values()) {
    if (table.vpcId !== vpcId) continue;
    draft.put('routeTables', table.routeTableId, { ...table, routes: edit(table.routes) });
  }
}
