/**
 * The actions on routes. Where a route may lead says `route-targets.ts`; what the model keeps of it,
 * `model/routes.ts`.
 */
import {
  type Cidr,
  cidrContains,
  cidrEquals,
  formatCidr,
  parseCidr,
  parseIpv4Cidr,
  parseIpv6Cidr,
} from '../../addr/cidr.ts';
import type { PrefixList } from '../../model/filters.ts';
import type { Route, RouteTable, RouteTarget } from '../../model/records.ts';
import {
  isEdgeTable,
  isLocalRoute,
  isPropagatedRoute,
  vpcCidrsOfTable,
} from '../../model/routes.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { Draft } from '../../model/store.ts';
import type {
  ActionContext,
  ActionDefinition,
  ActionInput,
  ActionOutput,
  ParameterType,
} from '../action.ts';
import { edgePrefixList, localRouteTarget } from '../edges/gateway-errors.ts';
import {
  invalidCidr,
  noSuchRoute,
  parameterCombination,
  parameterValue,
  routeExists,
  routeNotFound,
} from '../errors.ts';
import { optionalBoolean, stringOf } from '../input.ts';
import { findPrefixList, findRouteTable } from '../lookup.ts';
import { checkEdgeRoute, isWholeSubnet } from './edge-routes.ts';
import { createListRoute, deleteListRoute, replaceListRoute } from './prefix-list-routes.ts';
import { checkRouteQuota } from './route-quota.ts';
import {
  canSteer,
  checkFamily,
  localElsewhere,
  readTarget,
  sameTarget,
  TARGETS,
  theOneGiven,
} from './route-targets.ts';

const DESTINATIONS = [
  'DestinationCidrBlock',
  'DestinationIpv6CidrBlock',
  'DestinationPrefixListId',
] as const;

/** Link-local services; no route inside them may be created (LL-1). */
const SERVICE_RANGES = ['169.254.168.0/22', 'fd00:ec2::/32'].flatMap(
  (text) => parseCidr(text) ?? [],
);

const CURRENT_ALLOWS = 'The setting rules: "current" would allow it';

/** @returns null when the destination is a block. @throws InvalidPrefixListID.NotFound */
function readPrefixList(snapshot: Snapshot, input: ActionInput): PrefixList | null {
  const name = theOneGiven(input, DESTINATIONS);
  if (name !== 'DestinationPrefixListId') return null;
  return findPrefixList(snapshot, stringOf(input, name));
}

/** Clears the host bits (SUB-4). @throws InvalidParameterValue when the text is no block. */
function readDestination(input: ActionInput): Cidr {
  const name = theOneGiven(input, DESTINATIONS);
  const text = stringOf(input, name);
  const cidr = name === 'DestinationCidrBlock' ? parseIpv4Cidr(text) : parseIpv6Cidr(text);
  if (cidr === null) throw invalidCidr(`${name.charAt(0).toLowerCase()}${name.slice(1)}`, text);
  return cidr;
}

/**
 * Checks a static route against the service ranges and the blocks of the VPC.
 * @throws InvalidParameterValue when it may not be.
 * @source LL-1, RT-4, RT-5
 */
function checkDestination(
  snapshot: Snapshot,
  table: RouteTable,
  { destination, target }: Pick<Route, 'destination' | 'target'>,
): void {
  const text = formatCidr(destination);
  if (SERVICE_RANGES.some((range) => cidrContains(range, destination))) {
    throw parameterValue(`The destination CIDR block ${text} is reserved for AWS services`);
  }
  const local = vpcCidrsOfTable(snapshot, table).find((cidr) => cidrContains(cidr, destination));
  if (local === undefined) return;
  const allowedToday = canSteer(target) && isWholeSubnet(snapshot, table, destination);
  if (snapshot.rules === 'current' && allowedToday) return;
  if (snapshot.rules === 'current') {
    const rule = canSteer(target)
      ? 'It must be the CIDR block of a subnet of the VPC.'
      : 'This route can target only an interface or an instance.';
    throw parameterValue(
      `The destination CIDR block ${text} is equal to or more specific than one of this VPC's CIDR blocks. ${rule}`,
    );
  }
  const refusal = `Cannot create a more specific route for ${text} than local route ${formatCidr(local)} in route table ${table.routeTableId}`;
  throw parameterValue(allowedToday ? `${refusal}. ${CURRENT_ALLOWS}` : refusal);
}

/** @returns the route that the actions mean: a propagated one is not theirs to change. */
function staticRoute(table: RouteTable, destination: Cidr): Route | undefined {
  return table.routes.find(
    (route) => !isPropagatedRoute(route) && cidrEquals(route.destination, destination),
  );
}

/** The same route again is no error, as long as it leads to the same target. */
function createRoute(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const { snapshot } = draft;
  const table = findRouteTable(snapshot, stringOf(input, 'RouteTableId'));
  const list = readPrefixList(snapshot, input);
  const target = readTarget(snapshot, table, input);
  if (list !== null) {
    checkFamily(target, list.family, null);
    if (isEdgeTable(table)) throw edgePrefixList(table.routeTableId);
    createListRoute(draft, table, list, target, (other) => sameTarget(other, target));
    return { Return: true };
  }
  const destination = readDestination(input);
  const existing = staticRoute(table, destination);
  if (existing !== undefined) {
    if (sameTarget(existing.target, target)) return { Return: true };
    throw routeExists(formatCidr(destination));
  }
  const route: Route = { destination, target, origin: 'CreateRoute' };
  checkFamily(target, destination.family, destination);
  if (isEdgeTable(table)) checkEdgeRoute(snapshot, table, route);
  else checkDestination(snapshot, table, route);
  const changed: RouteTable = { ...table, routes: [...table.routes, route] };
  checkRouteQuota(snapshot, changed);
  draft.put('routeTables', table.routeTableId, changed);
  return { Return: true };
}

/** @returns the new target of a local route. @source RT-2 */
function readLocalTarget(
  snapshot: Snapshot,
  table: RouteTable,
  route: Route,
  input: ActionInput,
): RouteTarget {
  if (wantsLocal(input)) return { kind: 'local' };
  const target = readTarget(snapshot, table, input);
  const destination = formatCidr(route.destination);
  if (!canSteer(target)) throw localRouteTarget(destination, table.routeTableId);
  if (snapshot.rules === 'current' || isEdgeTable(table)) return target;
  throw parameterValue(
    `cannot replace local route ${destination} in route table ${table.routeTableId}. ${CURRENT_ALLOWS}`,
  );
}

/** `GatewayId: local` says the same as `LocalTarget`. */
function wantsLocal(input: ActionInput): boolean {
  const given = TARGETS.filter((name) => input[name] !== undefined);
  if (optionalBoolean(input, 'LocalTarget') !== true) {
    return given.length === 1 && input['GatewayId'] === 'local';
  }
  if (given.length === 0) return true;
  throw parameterCombination(
    `The parameters ${['LocalTarget', ...given].join(' and ')} cannot be used together`,
  );
}

function replaceRoute(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const { snapshot } = draft;
  const table = findRouteTable(snapshot, stringOf(input, 'RouteTableId'));
  const list = readPrefixList(snapshot, input);
  if (list !== null) {
    const target = readTarget(snapshot, table, input);
    checkFamily(target, list.family, null);
    replaceListRoute(draft, table, list, target);
    return {};
  }
  const destination = readDestination(input);
  const route = staticRoute(table, destination);
  if (route === undefined) throw noSuchRoute(formatCidr(destination));
  if (!isLocalRoute(route) && wantsLocal(input)) throw localElsewhere();
  const target = isLocalRoute(route)
    ? readLocalTarget(snapshot, table, route, input)
    : readTarget(snapshot, table, input);
  checkFamily(target, destination.family, destination);
  if (isEdgeTable(table)) checkEdgeRoute(snapshot, table, { destination, target });
  else if (!isLocalRoute(route)) checkDestination(snapshot, table, { destination, target });
  changeRoutes(draft, table, (each) => (each === route ? [{ ...route, target }] : [each]));
  return {};
}

function deleteRoute(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const table = findRouteTable(draft.snapshot, stringOf(input, 'RouteTableId'));
  const list = readPrefixList(draft.snapshot, input);
  if (list !== null) {
    deleteListRoute(draft, table, list);
    return {};
  }
  const destination = readDestination(input);
  const route = staticRoute(table, destination);
  if (route === undefined) throw routeNotFound(formatCidr(destination), table.routeTableId);
  if (isLocalRoute(route)) {
    throw parameterValue(
      `cannot remove local route ${formatCidr(destination)} in route table ${table.routeTableId}`,
    );
  }
  changeRoutes(draft, table, (each) => (each === route ? [] : [each]));
  return {};
}

function changeRoutes(draft: Draft, table: RouteTable, change: (route: Route) => Route[]): void {
  draft.put('routeTables', table.routeTableId, { ...table, routes: table.routes.flatMap(change) });
}

const DESTINATION_PARAMETERS: Readonly<Record<string, ParameterType>> = {
  RouteTableId: 'string',
  DestinationCidrBlock: 'string',
  DestinationIpv6CidrBlock: 'string',
  DestinationPrefixListId: 'string',
};

const TARGET_PARAMETERS: Readonly<Record<string, ParameterType>> = Object.fromEntries(
  TARGETS.map((name) => [name, 'string']),
);

export const ROUTE_ACTIONS: readonly ActionDefinition[] = [
  {
    name: 'CreateRoute',
    parameters: { ...DESTINATION_PARAMETERS, ...TARGET_PARAMETERS },
    required: ['RouteTableId'],
    perform: createRoute,
  },
  {
    name: 'ReplaceRoute',
    parameters: { ...DESTINATION_PARAMETERS, ...TARGET_PARAMETERS, LocalTarget: 'boolean' },
    required: ['RouteTableId'],
    perform: replaceRoute,
  },
  {
    name: 'DeleteRoute',
    parameters: DESTINATION_PARAMETERS,
    required: ['RouteTableId'],
    perform: deleteRoute,
  },
];
