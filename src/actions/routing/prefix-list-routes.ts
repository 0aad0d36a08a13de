/** Routes whose destination is a prefix list: one for a list and table (RT-9). */
import type { PrefixList } from '../../model/filters.ts';
import type { PrefixListRoute, RouteTable, RouteTarget } from '../../model/records.ts';
import type { Draft } from '../../model/store.ts';
import { noSuchRoute, routeExists, routeNotFound } from '../errors.ts';
import { checkRouteQuota } from './route-quota.ts';

function routeTo(table: RouteTable, list: PrefixList): PrefixListRoute | undefined {
  return table.prefixListRoutes.find((route) => route.prefixListId === list.prefixListId);
}

function putRoutes(
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
    putRoutes(draft, table, [...table.prefixListRoutes, { prefixListId, target }]);
  } else if (!isSame(existing.target)) throw routeExists(prefixListId);
}

/** @throws InvalidParameterValue when there is no such route. */
export function replaceListRoute(
  draft: Draft,
  table: RouteTable,
  list: PrefixList,
  target: RouteTarget,
): void {
  const existing = routeTo(table, list);
  if (existing === undefined) throw noSuchRoute(list.prefixListId);
  const routes = table.prefixListRoutes.map((each) =>
    each === existing ? { ...each, target } : each,
  );
  putRoutes(draft, table, routes);
}

/** @throws InvalidRoute.NotFound when there is no such route. */
export function deleteListRoute(draft: Draft, table: RouteTable, list: PrefixList): void {
  const existing = routeTo(table, list);
  if (existing === undefined) throw routeNotFound(list.prefixListId, table.routeTableId);
  putRoutes(
    draft,
    table,
    table.prefixListRoutes.filter((each) => each !== existing),
  );
}
