/** The routes that a gateway endpoint puts into route tables, and takes out of them (GWEP-1). */
import type { VpcEndpoint } from '../../model/endpoints.ts';
import type { PrefixList } from '../../model/filters.ts';
import { tablesOfEndpoint } from '../../model/lookups/endpoints.ts';
import type { RouteTable, RouteTarget } from '../../model/records.ts';
import { isEdgeTable } from '../../model/routes.ts';
import type { Draft } from '../../model/store.ts';
import { edgePrefixList } from '../edges/gateway-errors.ts';
import { differentNetworks } from '../errors.ts';
import { findRouteTable } from '../lookup.ts';
import { setListRoutes } from '../routing/prefix-list-routes.ts';
import { tableHasListRoute } from './endpoint-errors.ts';
import { listOfService } from './offered-services.ts';

/**
 * Adds the route to each table; one that has it already stays as it is.
 * @throws InvalidRouteTableID.NotFound; InvalidParameterValue for a table of another VPC or of a
 *   gateway; RouteAlreadyExists when the list leads elsewhere; RouteLimitExceeded.
 */
export function addEndpointRoutes(
  draft: Draft,
  endpoint: VpcEndpoint,
  tableIds: readonly string[],
): void {
  const list = listOfService(draft.snapshot, endpoint.serviceName);
  for (const id of new Set(tableIds)) {
    const table = findRouteTable(draft.snapshot, id);
    if (table.vpcId !== endpoint.vpcId) {
      throw differentNetworks(`route table ${id}`, `vpc endpoint ${endpoint.vpcEndpointId}`);
    }
    if (isEdgeTable(table)) throw edgePrefixList(id);
    addRoute(draft, table, list, endpoint);
  }
}

function addRoute(
  draft: Draft,
  table: RouteTable,
  { prefixListId }: PrefixList,
  { vpcEndpointId }: VpcEndpoint,
): void {
  const target: RouteTarget = { kind: 'vpc-endpoint', gatewayId: vpcEndpointId };
  const present = table.prefixListRoutes.find((route) => route.prefixListId === prefixListId);
  if (present === undefined) {
    setListRoutes(draft, table, [...table.prefixListRoutes, { prefixListId, target }]);
  } else if (!leadsTo(present.target, vpcEndpointId)) {
    throw tableHasListRoute(table.routeTableId, prefixListId);
  }
}

/** Takes the routes to the endpoint out of the tables. */
export function removeEndpointRoutes(
  draft: Draft,
  vpcEndpointId: VpcEndpoint['vpcEndpointId'],
  tables: readonly RouteTable[] = tablesOfEndpoint(draft.snapshot, vpcEndpointId),
): void {
  for (const table of tables) {
    const others = table.prefixListRoutes.filter(({ target }) => !leadsTo(target, vpcEndpointId));
    setListRoutes(draft, table, others);
  }
}

function leadsTo(target: RouteTarget, vpcEndpointId: VpcEndpoint['vpcEndpointId']): boolean {
  return target.kind === 'vpc-endpoint' && target.gatewayId === vpcEndpointId;
}
