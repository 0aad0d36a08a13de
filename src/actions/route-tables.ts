/** The actions on route tables and their associations. A VPC always has one main table (RT-1). */
import { formatCidr } from '../addr/cidr.ts';
import type {
  Eni,
  PrefixListRoute,
  Route,
  RouteTable,
  RouteTableAssociation,
  Snapshot,
} from '../model/records.ts';
import { associatedRouteTable, isMainTable, routeState } from '../model/routes.ts';
import type { ActionContext, ActionDefinition, ActionInput, ActionOutput } from './action.ts';
import { type DescribeSpec, describe, PAGE_PARAMETERS } from './describe.ts';
import {
  alreadyAssociated,
  dependencyViolation,
  differentNetworks,
  missingOneOf,
  parameterValue,
  routeTableLimitExceeded,
  unknownId,
} from './errors.ts';
import { optionalString, stringOf } from './input.ts';
import { localRoutes } from './local-routes.ts';
import { findAssociation, findRouteTable, findSubnet, findVpc } from './lookup.ts';
import { TAG_SPECIFICATIONS, tagSet, tagsFor } from './tag-set.ts';

/** The members of a route that name its target. */
interface TargetShape {
  readonly GatewayId?: string;
  readonly NetworkInterfaceId?: string;
  readonly InstanceId?: string;
  readonly InstanceOwnerId?: string;
}

/** An interface's route shows the instance that the interface is attached to at the time. */
function targetShape({ target }: Pick<Route, 'target'>, snapshot: Snapshot): TargetShape {
  switch (target.kind) {
    case 'local':
      return { GatewayId: 'local' };
    case 'eni': {
      const eni: Eni | undefined = snapshot.enis.get(target.eniId);
      const instance =
        eni === undefined || eni.attachment === null
          ? {}
          : { InstanceId: eni.attachment.instanceId, InstanceOwnerId: snapshot.accountId };
      return { NetworkInterfaceId: target.eniId, ...instance };
    }
    case 'instance':
      return {
        NetworkInterfaceId: target.eniId,
        InstanceId: target.instanceId,
        InstanceOwnerId: snapshot.accountId,
      };
    default:
      return target satisfies never;
  }
}

/** @source RT-11, RT-12 */
function routeShape(route: Route, snapshot: Snapshot): ActionOutput {
  const { destination } = route;
  const text = formatCidr(destination);
  return {
    ...(destination.family === 4
      ? { DestinationCidrBlock: text }
      : { DestinationIpv6CidrBlock: text }),
    ...targetShape(route, snapshot),
    Origin: route.origin,
    State: routeState(snapshot, route),
  };
}

function listRouteShape(route: PrefixListRoute, snapshot: Snapshot): ActionOutput {
  return {
    DestinationPrefixListId: route.prefixListId,
    ...targetShape(route, snapshot),
    Origin: 'CreateRoute',
    State: routeState(snapshot, route),
  };
}

/** @returns the routes to blocks, then those to prefix lists. */
function allRoutes(table: RouteTable): (Route | PrefixListRoute)[] {
  return [...table.routes, ...table.prefixListRoutes];
}

function associationShape(association: RouteTableAssociation, table: RouteTable): ActionOutput {
  return {
    RouteTableAssociationId: association.associationId,
    RouteTableId: table.routeTableId,
    SubnetId: association.subnetId ?? undefined,
    Main: association.subnetId === null,
    AssociationState: { State: 'associated' },
  };
}

function routeTableShape(table: RouteTable, snapshot: Snapshot): ActionOutput {
  return {
    RouteTableId: table.routeTableId,
    VpcId: table.vpcId,
    OwnerId: snapshot.accountId,
    Routes: [
      ...table.routes.map((route) => routeShape(route, snapshot)),
      ...table.prefixListRoutes.map((route) => listRouteShape(route, snapshot)),
    ],
    Associations: table.associations.map((each) => associationShape(each, table)),
    PropagatingVgws: [],
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

function associateRouteTable(input: ActionInput, { draft, newId }: ActionContext): ActionOutput {
  const { snapshot } = draft;
  const table = findRouteTable(snapshot, stringOf(input, 'RouteTableId'));
  const gatewayId = optionalString(input, 'GatewayId');
  const given = optionalString(input, 'SubnetId');
  if (gatewayId !== undefined) throw unknownId('igw', gatewayId);
  if (given === undefined) throw missingOneOf(['subnetId', 'gatewayId']);
  const { subnetId, vpcId } = findSubnet(snapshot, given);
  if (vpcId !== table.vpcId) {
    throw differentNetworks(`route table ${table.routeTableId}`, `subnet ${subnetId}`);
  }
  const present = associatedRouteTable(snapshot, subnetId);
  if (present !== undefined && present !== table) throw alreadyAssociated(table.routeTableId);
  const existing = table.associations.find((each) => each.subnetId === subnetId);
  const associationId = existing?.associationId ?? newId('rtbassoc');
  if (existing === undefined) {
    const associations = [...table.associations, { associationId, subnetId }];
    draft.put('routeTables', table.routeTableId, { ...table, associations });
  }
  return { AssociationId: associationId, AssociationState: { State: 'associated' } };
}

function withoutAssociation(table: RouteTable, association: RouteTableAssociation): RouteTable {
  return { ...table, associations: table.associations.filter((each) => each !== association) };
}

function disassociateRouteTable(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const associationId = stringOf(input, 'AssociationId');
  const { table, association } = findAssociation(draft.snapshot, associationId);
  if (association.subnetId === null) {
    throw parameterValue(`cannot disassociate the main route table association ${associationId}`);
  }
  draft.put('routeTables', table.routeTableId, withoutAssociation(table, association));
  return {};
}

/** Also makes another table the main one, when the association is that of the main table. */
function replaceAssociation(input: ActionInput, { draft, newId }: ActionContext): ActionOutput {
  const { snapshot } = draft;
  const { table, association } = findAssociation(snapshot, stringOf(input, 'AssociationId'));
  const { routeTableId, vpcId } = findRouteTable(snapshot, stringOf(input, 'RouteTableId'));
  if (vpcId !== table.vpcId) {
    const subnet = association.subnetId === null ? `VPC ${table.vpcId}` : association.subnetId;
    throw differentNetworks(`route table ${routeTableId}`, subnet);
  }
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
    'route.gateway-id': targets('GatewayId'),
    'route.instance-id': targets('InstanceId'),
    'route.network-interface-id': targets('NetworkInterfaceId'),
    'route.origin': (table) =>
      allRoutes(table).map((route) => ('origin' in route ? route.origin : 'CreateRoute')),
    'route.state': (table, snapshot) =>
      allRoutes(table).map((route) => routeState(snapshot, route)),
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
