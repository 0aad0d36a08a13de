/** How much of its quota of routes a table uses (RT-15). */
import type { RouteTable } from '../../model/records.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { routeLimitExceeded } from '../errors.ts';
import { findPrefixList } from '../lookup.ts';

/**
 * Checks the static routes of each family by itself; a prefix list counts as many routes as it may
 * ever have entries.
 * @throws RouteLimitExceeded
 */
export function checkRouteQuota(snapshot: Snapshot, table: RouteTable): void {
  const used = { 4: 0, 6: 0 };
  for (const { origin, destination } of table.routes) {
    if (origin === 'CreateRoute') used[destination.family] += 1;
  }
  for (const { prefixListId } of table.prefixListRoutes) {
    const list = findPrefixList(snapshot, prefixListId);
    used[list.family] += list.maxEntries;
  }
  if (Math.max(used[4], used[6]) > snapshot.quotas.routesPerTable) throw routeLimitExceeded();
}
