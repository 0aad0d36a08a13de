/** The actions on the route tables of transit gateways, without what is in them. */
import type { TransitGatewayId } from '../../model/ids.ts';
import { associatedAttachments, routeTablesOf } from '../../model/lookups/transit-gateways.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { Tags } from '../../model/tags.ts';
import type { TransitGatewayRouteTable } from '../../model/transit-gateways.ts';
import { stateOf } from '../../model/transitions.ts';
import type { ActionContext, ActionDefinition, ActionInput, ActionOutput } from '../action.ts';
import { type DescribeSpec, describe, PAGE_PARAMETERS } from '../describe.ts';
import { stringOf } from '../input.ts';
import { TAG_SPECIFICATIONS, tagSet, tagsFor } from '../tag-set.ts';
import { begin } from '../transition.ts';
import { findSettledTransitGateway, routeTableOf } from './lookup-transit-gateways.ts';
import {
  defaultTable,
  hasAssociations,
  transitRouteTableLimitExceeded,
} from './transit-gateway-errors.ts';

/** Stored ones are available; the others are told in answers, and `pending` as a transition. */
type RouteTableState = 'pending' | 'available' | 'deleting';

/** Whether the table is the default one of its transit gateway, for both uses. */
function defaultUses(
  { routeTableId, transitGatewayId }: TransitGatewayRouteTable,
  { transitGateways }: Snapshot,
): { readonly association: boolean; readonly propagation: boolean } {
  const gateway = transitGateways.get(transitGatewayId);
  return {
    association: gateway?.associationDefaultRouteTableId === routeTableId,
    propagation: gateway?.propagationDefaultRouteTableId === routeTableId,
  };
}

function tableState(
  { routeTableId }: TransitGatewayRouteTable,
  snapshot: Snapshot,
): RouteTableState {
  return stateOf<RouteTableState>(snapshot, routeTableId, 'available');
}

function tableShape(
  table: TransitGatewayRouteTable,
  snapshot: Snapshot,
  state: RouteTableState,
): ActionOutput {
  const { association, propagation } = defaultUses(table, snapshot);
  return {
    TransitGatewayRouteTableId: table.routeTableId,
    TransitGatewayId: table.transitGatewayId,
    State: state,
    DefaultAssociationRouteTable: association,
    DefaultPropagationRouteTable: propagation,
    CreationTime: new Date(table.creationTimeMs).toISOString(),
    Tags: tagSet(table.tags),
  };
}

/** Makes an empty table. @throws TransitGatewayRouteTableLimitExceeded @source TGW-11 */
export function newTransitRouteTable(
  { draft, newId, nowMs }: ActionContext,
  transitGatewayId: TransitGatewayId,
  tags: Tags,
): TransitGatewayRouteTable {
  const { snapshot } = draft;
  const used = routeTablesOf(snapshot, transitGatewayId).length;
  if (used >= snapshot.quotas.routeTablesPerTransitGateway) throw transitRouteTableLimitExceeded();
  const table: TransitGatewayRouteTable = {
    routeTableId: newId('tgw-rtb'),
    transitGatewayId,
    routes: [],
    prefixListReferences: [],
    propagatingAttachmentIds: [],
    creationTimeMs: nowMs,
    tags,
  };
  draft.put('transitGatewayRouteTables', table.routeTableId, table);
  return table;
}

function createRouteTable(input: ActionInput, context: ActionContext): ActionOutput {
  const { snapshot } = context.draft;
  const tags = tagsFor(input, 'transit-gateway-route-table');
  const id = stringOf(input, 'TransitGatewayId');
  const { transitGatewayId } = findSettledTransitGateway(snapshot, id);
  const table = newTransitRouteTable(context, transitGatewayId, tags);
  const state = begin(context, table.routeTableId, 'pending', 'createTransitGatewayRouteTable');
  return { TransitGatewayRouteTable: tableShape(table, snapshot, state) };
}

/** Its routes and propagations go with it. @throws IncorrectState while it is in use. */
function deleteRouteTable(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const { snapshot } = draft;
  const table = routeTableOf(snapshot, input);
  const { routeTableId, transitGatewayId } = table;
  const { association, propagation } = defaultUses(table, snapshot);
  if (association || propagation) {
    const use = association ? 'association' : 'propagation';
    throw defaultTable(routeTableId, use, transitGatewayId);
  }
  if (associatedAttachments(snapshot, routeTableId).length > 0) throw hasAssociations(routeTableId);
  draft.delete('transitGatewayRouteTables', routeTableId);
  return { TransitGatewayRouteTable: tableShape(table, snapshot, 'deleting') };
}

const DESCRIBE_ROUTE_TABLES: DescribeSpec<'tgw-rtb', TransitGatewayRouteTable> = {
  member: 'TransitGatewayRouteTables',
  idsParameter: 'TransitGatewayRouteTableIds',
  prefix: 'tgw-rtb',
  rows: (snapshot) => snapshot.transitGatewayRouteTables,
  shape: (table, snapshot) => tableShape(table, snapshot, tableState(table, snapshot)),
  filters: {
    'default-association-route-table': (table, snapshot) => [
      defaultUses(table, snapshot).association,
    ],
    'default-propagation-route-table': (table, snapshot) => [
      defaultUses(table, snapshot).propagation,
    ],
    state: (table, snapshot) => [tableState(table, snapshot)],
    'transit-gateway-id': (table) => [table.transitGatewayId],
    'transit-gateway-route-table-id': (table) => [table.routeTableId],
  },
};

export const TRANSIT_ROUTE_TABLE_ACTIONS: readonly ActionDefinition[] = [
  {
    name: 'CreateTransitGatewayRouteTable',
    parameters: { TransitGatewayId: 'string', TagSpecifications: TAG_SPECIFICATIONS },
    required: ['TransitGatewayId'],
    perform: createRouteTable,
  },
  {
    name: 'DeleteTransitGatewayRouteTable',
    parameters: { TransitGatewayRouteTableId: 'string' },
    required: ['TransitGatewayRouteTableId'],
    perform: deleteRouteTable,
  },
  {
    name: 'DescribeTransitGatewayRouteTables',
    parameters: { ...PAGE_PARAMETERS, TransitGatewayRouteTableIds: ['string'] },
    required: [],
    perform: (input, { draft }) => describe(DESCRIBE_ROUTE_TABLES, input, draft.snapshot),
  },
];
