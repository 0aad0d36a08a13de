/** How much of its quota of static routes a transit gateway uses (TGW-11). */
import type { TransitGatewayId } from '../../model/ids.ts';
import { routeTablesOf } from '../../model/lookups/transit-gateways.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { findPrefixList } from '../lookup.ts';
import { transitRouteLimitExceeded } from './transit-gateway-errors.ts';

/** @throws RouteLimitExceeded: a prefix list counts as many routes as it may ever have entries. */
export function checkTransitRouteQuota(
  snapshot: Snapshot,
  transitGatewayId: TransitGatewayId,
): void {
  let used = 0;
  for (const { routes, prefixListReferences } of routeTablesOf(snapshot, transitGatewayId)) {
    used += routes.length;
    for (const { prefixListId } of prefixListReferences) {
      used += findPrefixList(snapshot, prefixListId).maxEntries;
    }
  }
  if (used > snapshot.quotas.staticRoutesPerTransitGateway) throw transitRouteLimitExceeded();
}
