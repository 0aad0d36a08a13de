/** The actions on route tables and their associations. A VPC always has one main table (RT-1). */
import { formatCidr } from '../../addr/cidr.ts';
import type { EdgeGatewayId } from '../../model/gateways.ts';
import type {
  PrefixListRoute,
  Route,
  RouteTable,
  RouteTableAssociation,
} from '../../model/records.ts';
import {
  associatedRouteTable,
  edgeTableOf,
  isEdgeTable,
  isMainAssociation,
  isMainTable,
  routeState,
} from '../../model/routes.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { ActionContext, ActionDefinition, ActionInput, ActionOutput } from '../action.ts';
import { type DescribeSpec, describe, PAGE_PARAMETERS } from '../describe.ts';
import { mainTableAtEdge } from '../edges/gateway-errors.ts';
import {
  alreadyAssociated,
  dependencyViolation,
  differentNetworks,
  missingOneOf,
  parameterValue,
  routeTableLimitExceeded,
} from '../errors.ts';
import { optionalString, stringOf } from '../input.ts';
import { findAssociation, findRouteTable, findSubnet, findVpc } from '../lookup.ts';
import { TAG_SPECIFICATIONS, tagSet, tagsFor } from '../tag-set.ts';
import { checkEdgeRoutes } from './edge-routes.ts';
import { localRoutes } from './local-routes.ts';
import { listRouteShape, routeShape, type TargetShape, targetShape } from './route-shapes.ts';
import { findEdgeGateway } from './route-targets.ts';

/** @returns the routes to blocks, then those to prefix lists. */
function allRoutes(table: RouteTable): (Route | PrefixListRoute)[] {
  return [...table.routes, ...table.prefixListRoutes];
}

function associationShape(association: RouteTableAssociation, table: RouteTable): ActionOutput {
  return {
    RouteTableAssociationId: association.associationId,
    RouteTableId: table.routeTableId,
    SubnetId: association.subnetId ?? undefined,
    GatewayId: association.gatewayId ?? undefined,
    Main: isMainAssociation(association),
    AssociationState: { State: 'associated' },
  };
}

function routeTableShape(table: RouteTable, snapshot: Snapshot): ActionOutput {
  return {
    RouteTableId: table.routeTableId,
    VpcId: table.vpcId,
    OwnerId: snapshot.accountId,
    Routes: [
      ...table.routes.map((route) => routeShape(table, route, snapshot)),
      ...table.prefixListRoutes.map((route) => listRouteShape(table, route, snapshot)),
    ],
    Associations: table.associations.map((each) => associationShape(each, table)),
    PropagatingVgws: table.propagatingVpnGatewayIds.map((GatewayId) => ({ GatewayId })),
    Tags: tagSet(table.tags),
  };
}

function createRouteTable(input: ActionInput, { draft, newId }: ActionContext): ActionOutput {
  const { snapshot } = draft;
  const tags = tagsFor(input, 'route-table');
  const vpc = findVpc(snapshot, stringOf(input, 'VpcId'));
  const count = [...snapshot.routeTables.values()].filter(
    (each) => each.vpcId === vpc.vpcId,
  ).length;
  if (count >= snapshot.quotas.routeTablesPerVpc) throw routeTableLimitExceeded();
  const table: RouteTable = {
    routeTableId: newId('rtb'),
    vpcId: vpc.vpcId,
    routes: localRoutes(vpc),
    prefixListRoutes: [],
    associations: [],
    propagatingVpnGatewayIds: [],
    tags,
  };
  draft.put('routeTables', table.routeTableId, table);
  return { RouteTable: routeTableShape(table, draft.snapshot) };
}

/** @source RT-1 */
function deleteRouteTable(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const table = findRouteTable(draft.snapshot, stringOf(input, 'RouteTableId'));
  if (table.associations.length > 0) throw dependencyViolation('routeTable', table.routeTableId);
  draft.delete('routeTables', table.routeTableId);
  return {};
}

/** What a table is associated with: a subnet or a gateway. */
type AssociationEnd = Pick<RouteTableAssociation, 'subnetId' | 'gatewayId'>;

function associateRouteTable(input: ActionInput, { draft, newId }: ActionContext): ActionOutput {
  const { snapshot } = draft;
  const table = findRouteTable(snapshot, stringOf(input, 'RouteTableId'));
  const gatewayId = optionalString(input, 'GatewayId');
  const subnetId = optionalString(input, 'SubnetId');
  if ((gatewayId === undefined) === (subnetId === undefined)) {
    throw missingOneOf(['subnetId', 'gatewayId']);
  }
  const end =
    gatewayId === undefined
      ? subnetEnd(snapshot, table, subnetId ?? '')
      : gatewayEnd(snapshot, table, findEdgeGateway(snapshot, table, gatewayId));
  const existing = table.associations.find(
    (each) => each.subnetId === end.subnetId && each.gatewayId === end.gatewayId,
  );
  const associationId = existing?.associationId ?? newId('rtbassoc');
  if (existing === undefined) {
    const associations = [...table.associations, { associationId, ...end }];
    draft.put('routeTables', table.routeTableId, { ...table, associations });
  }
  return { AssociationId: associationId, AssociationState: { State: 'associated' } };
}

function subnetEnd(snapshot: Snapshot, table: RouteTable, id: string): AssociationEnd {
  const { subnetId, vpcId } = findSubnet(snapshot, id);
  if (vpcId !== table.vpcId) {
    throw differentNetworks(`route table ${table.routeTableId}`, `subnet ${subnetId}`);
  }
  const present = associatedRouteTable(snapshot, subnetId);
  if (present !== undefined && present !== table) throw alreadyAssociated(table.routeTableId);
  return { subnetId, gatewayId: null };
}

/** @source RT-1, EDGE-1, EDGE-2, EDGE-3 */
function gatewayEnd(
  snapshot: Snapshot,
  table: RouteTable,
  gatewayId: EdgeGatewayId,
): AssociationEnd {
  const present = edgeTableOf(snapshot, gatewayId);
  if (present !== undefined && present !== table) throw alreadyAssociated(table.routeTableId);
  checkEdgeTable(snapshot, table);
  return { subnetId: null, gatewayId };
}

function withoutAssociation(table: RouteTable, association: RouteTableAssociation): RouteTable {
  return { ...table, associations: table.associations.filter((each) => each !== association) };
}

function disassociateRouteTable(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const associationId = stringOf(input, 'AssociationId');
  const { table, association } = findAssociation(draft.snapshot, associationId);
  if (isMainAssociation(association)) {
    throw parameterValue(`cannot disassociate the main route table association ${associationId}`);
  }
  draft.put('routeTables', table.routeTableId, withoutAssociation(table, association));
  return {};
}

function checkEdgeTable(snapshot: Snapshot, table: RouteTable): void {
  if (isMainTable(table)) throw mainTableAtEdge(table.routeTableId);
  checkEdgeRoutes(snapshot, table);
}

/** A gateway takes no main table, and a table with a gateway becomes no main table. */
function checkReplacement(
  snapshot: Snapshot,
  association: RouteTableAssociation,
  table: RouteTable,
): void {
  if (association.gatewayId !== null) checkEdgeTable(snapshot, table);
  if (isMainAssociation(association) && isEdgeTable(table)) {
    throw mainTableAtEdge(table.routeTableId);
  }
}

/** Also makes another table the main one, when the association is that of the main table. */
function replaceAssociation(input: ActionInput, { draft, newId }: ActionContext): ActionOutput {
  const { snapshot } = draft;
  const { table, association } = findAssociation(snapshot, stringOf(input, 'AssociationId'));
  const { routeTableId, vpcId } = findRouteTable(snapshot, stringOf(input, 'RouteTableId'));
  if (vpcId !== table.vpcId) {
    const end = association.subnetId ?? association.gatewayId ?? `VPC ${table.vpcId}`;
    throw differentNetworks(`route table ${routeTableId}`, end);
  }
  checkReplacement(snapshot, association, findRouteTable(snapshot, routeTableId));
  draft.put('routeTables', table.routeTableId, withoutAssociation(table, association));
  const replacement: RouteTableAssociation = { ...association, associationId: newId('rtbassoc') };
  const next = findRouteTable(draft.snapshot, routeTableId);
  const associations = [...next.associations, replacement];
  draft.put('routeTables', routeTableId, { ...next, associations });
  return {
    NewAssociationId: replacement.associationId,
    AssociationState: { State: 'associated' },
  };
}

/** @returns a member of the targets of all routes. */
function targets(member: keyof TargetShape): (table: RouteTable, snapshot: Snapshot) => string[] {
  return (table, snapshot) =>
    allRoutes(table).flatMap((route) => targetShape(route, snapshot)[member] ?? []);
}

function destinations(family: 4 | 6): (table: RouteTable) => string[] {
  return (table) =>
    table.routes
      .filter((route) => route.destination.family === family)
      .map((route) => formatCidr(route.destination));
}

const DESCRIBE_ROUTE_TABLES: DescribeSpec<'rtb', RouteTable> = {
  member: 'RouteTables',
  idsParameter: 'RouteTableIds',
  prefix: 'rtb',
  rows: (snapshot) => snapshot.routeTables,
  shape: routeTableShape,
  filters: {
    'association.gateway-id': (table) => table.associations.flatMap((each) => each.gatewayId ?? []),
    'association.main': (table) => [isMainTable(table)],
    'association.route-table-association-id': (table) =>
      table.associations.map((each) => each.associationId),
    'association.route-table-id': (table) => table.associations.map(() => table.routeTableId),
    'association.subnet-id': (table) => table.associations.flatMap((each) => each.subnetId ?? []),
    'owner-id': (_table, snapshot) => [snapshot.accountId],
    'route-table-id': (table) => [table.routeTableId],
    'route.destination-cidr-block': destinations(4),
    'route.destination-ipv6-cidr-block': destinations(6),
    'route.destination-prefix-list-id': (table) =>
      table.prefixListRoutes.map((route) => route.prefixListId),
    'route.egress-only-internet-gateway-id': targets('EgressOnlyInternetGatewayId'),
    'route.gateway-id': targets('GatewayId'),
    'route.instance-id': targets('InstanceId'),
    'route.nat-gateway-id': targets('NatGatewayId'),
    'route.network-interface-id': targets('NetworkInterfaceId'),
    'route.origin': (table) =>
      allRoutes(table).map((route) => ('origin' in route ? route.origin : 'CreateRoute')),
    'route.state': (table, snapshot) =>
      allRoutes(table).map((route) => routeState(snapshot, table, route)),
    'route.transit-gateway-id': targets('TransitGatewayId'),
    'route.vpc-peering-connection-id': targets('VpcPeeringConnectionId'),
    'vpc-id': (table) => [table.vpcId],
  },
};

export const ROUTE_TABLE_ACTIONS: readonly ActionDefinition[] = [
  {
    name: 'CreateRouteTable',
    parameters: { VpcId: 'string', ClientToken: 'string', TagSpecifications: TAG_SPECIFICATIONS },
    required: ['VpcId'],
    perform: createRouteTable,
  },
  {
    name: 'DeleteRouteTable',
    parameters: { RouteTableId: 'string' },
    required: ['RouteTableId'],
    perform: deleteRouteTable,
  },
  {
    name: 'DescribeRouteTables',
    parameters: { ...PAGE_PARAMETERS, RouteTableIds: ['string'] },
    required: [],
    perform: (input, { draft }) => describe(DESCRIBE_ROUTE_TABLES, input, draft.snapshot),
  },
  {
    name: 'AssociateRouteTable',
    parameters: { RouteTableId: 'string', SubnetId: 'string', GatewayId: 'string' },
    required: ['RouteTableId'],
    perform: associateRouteTable,
  },
  {
    name: 'DisassociateRouteTable',
    parameters: { AssociationId: 'string' },
    required: ['AssociationId'],
    perform: disassociateRouteTable,
  },
  {
    name: 'ReplaceRouteTableAssociation',
    parameters: { AssociationId: 'string', RouteTableId: 'string' },
    required: ['AssociationId', 'RouteTableId'],
    perform: replaceAssociation,
  },
];
