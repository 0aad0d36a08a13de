/** The end of a gateway's association with a route table: a gateway that is detached steers nothing. */
import type { EdgeGatewayId } from '../../model/gateways.ts';
import { edgeTableOf } from '../../model/routes.ts';
import type { Draft } from '../../model/store.ts';

export function leaveEdgeTable(draft: Draft, gatewayId: EdgeGatewayId): void {
  const table = edgeTableOf(draft.snapshot, gatewayId);
  if (table === undefined) return;
  const associations = table.associations.filter((each) => each.gatewayId !== gatewayId);
  draft.put('routeTables', table.routeTableId, { ...table, associations });
}
