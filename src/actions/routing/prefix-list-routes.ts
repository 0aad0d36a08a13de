/** Routes whose destination is a prefix list: one for a list and table (RT-9). */
import type { PrefixList } from '../../model/filters.ts';
import type { PrefixListRoute, RouteTable, RouteTarget } from '../../model/records.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { Draft } from '../../model/store.ts';
import { endpointRouteStays, noRouteToEndpoint } from '../endpoints/endpoint-errors.ts';
import { noSuchRoute, routeExists, routeNotFound } from '../errors.ts';
import { checkRouteQuota } from './route-quota.ts';

function routeTo(table: RouteTable, list: PrefixList): PrefixListRoute | undefined {
  return table.prefixListRoutes.find((route) => route.prefixListId === list.prefixListId);
}

/** @returns true for a route that a gateway endpoint put there, and alone takes away. @source GWEP-1 */
function isOfEndpoint({ vpcEndpoints }: Snapshot, { target }: PrefixListRoute): boolean {
  return target.kind === 'vpc-endpoint' && vpcEndpoints.get(target.gatewayId)?.type === 'Gateway';
}

/** @throws RouteLimitExceeded */
export function setListRoutes(
  draft: Draft,
  table: RouteTable,
  prefixListRoutes: readonly PrefixListRoute[],
): void {
  const changed: RouteTable = { ...table, prefixListRoutes };
  checkRouteQuota(draft.snapshot, changed);
  draft.put('routeTables', table.routeTableId, changed);
}

/**
 * Adds the route; the same again is no error.
 * @throws RouteAlreadyExists when it leads elsewhere; RouteLimitExceeded.
 */
export function createListRoute(
  draft: Draft,
  table: RouteTable,
  list: PrefixList,
  target: RouteTarget,
  isSame: (other: RouteTarget) => boolean,
): void {
  const { prefixListId } = list;
  const existing = routeTo(table, list);
  if (existing === undefined) {
    setListRoutes(draft, table, [...table.prefixListRoutes, { prefixListId, target }]);
  } else if (!isSame(existing.target)) throw routeExists(prefixListId);
}

/** @throws InvalidParameterValue when there is no such route, or an endpoint put it there. */
export function replaceListRoute(
  draft: Draft,
  table: RouteTable,
  list: PrefixList,
  target: RouteTarget,
): void {
  const existing = routeTo(table, list);
  if (existing === undefined) throw noSuchRoute(list.prefixListId);
  if (isOfEndpoint(draft.snapshot, existing)) throw noRouteToEndpoint();
  const routes = table.prefixListRoutes.map((each) =>
    each === existing ? { ...each, target } : each,
  );
  setListRoutes(draft, table, routes);
}

/** @throws InvalidRoute.NotFound when there is no such route; InvalidParameterValue for an endpoint's. */
export function deleteListRoute(draft: Draft, table: RouteTable, list: PrefixList): void {
  const existing = routeTo(table, list);
  if (existing === undefined) throw routeNotFound(list.prefixListId, table.routeTableId);
  if (isOfEndpoint(draft.snapshot, existing)) {
    throw endpointRouteStays(list.prefixListId, table.routeTableId);
  }
  setListRoutes(
    draft,
    table,
    table.prefixListRoutes.filter((each) => each !== existing),
  );
}
