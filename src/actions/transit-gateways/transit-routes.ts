/** The actions on the routes of a transit gateway's tables: those one makes, and those one sees. */
import {
  type Cidr,
  cidrContains,
  cidrEquals,
  formatCidr,
  ipv4Cidr,
  ipv6Cidr,
  parseCidr,
} from '../../addr/cidr.ts';
import { parseIpv4 } from '../../addr/ipv4.ts';
import { parseIpv6 } from '../../addr/ipv6.ts';
import type { TransitGatewayAttachmentId } from '../../model/ids.ts';
import { routesInForce, type TransitGatewayRoute } from '../../model/lookups/transit-gateways.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type {
  TransitGatewayAttachment,
  TransitGatewayRouteTable,
  TransitGatewayStaticRoute,
} from '../../model/transit-gateways.ts';
import type { ActionContext, ActionDefinition, ActionInput, ActionOutput } from '../action.ts';
import { FILTERS, type Filters, filterRows, pageOf } from '../describe.ts';
import { invalidCidr, missingParameter } from '../errors.ts';
import { optionalBoolean, optionalInteger, stringOf, stringsOf, structuresOf } from '../input.ts';
import { attachedResource, attachmentReference } from './attachment-shapes.ts';
import { attachmentOf, routeTableOf } from './lookup-transit-gateways.ts';
import {
  blackholeOrAttachment,
  noExport,
  noTransitRoute,
  notForKind,
  transitRouteExists,
} from './transit-gateway-errors.ts';
import { checkTransitRouteQuota } from './transit-route-quota.ts';

/** The most that a search answers, unless fewer are wanted. */
const MAX_ROUTES = 1000;

type RouteState = 'active' | 'blackhole' | 'deleted';

function stateOf({ attachmentId }: TransitGatewayRoute): 'active' | 'blackhole' {
  return attachmentId === null ? 'blackhole' : 'active';
}

/** @returns the attachment of a route, or nothing for a blackhole. */
function attachmentsOf(
  { attachmentId }: TransitGatewayRoute,
  { transitGatewayAttachments }: Snapshot,
): TransitGatewayAttachment[] {
  if (attachmentId === null) return [];
  return [transitGatewayAttachments.get(attachmentId)].flatMap((each) => each ?? []);
}

function routeShape(
  route: TransitGatewayRoute,
  snapshot: Snapshot,
  state: RouteState,
): ActionOutput {
  const attachments = state === 'active' ? attachmentsOf(route, snapshot) : [];
  return {
    DestinationCidrBlock: formatCidr(route.destination),
    PrefixListId: route.prefixListId ?? undefined,
    TransitGatewayAttachments:
      attachments.length === 0
        ? undefined
        : attachments.map((each) => attachmentReference(each, snapshot)),
    Type: route.type,
    State: state,
  };
}

function readDestination(input: ActionInput): Cidr {
  const text = stringOf(input, 'DestinationCidrBlock');
  const cidr = parseCidr(text);
  if (cidr === null) throw invalidCidr('destinationCidrBlock', text);
  return cidr;
}

/**
 * Reads where a route or a prefix list reference leads.
 * @returns null for a blackhole.
 * @throws InvalidParameterCombination unless it is either; UnsupportedOperation for a Connect
 *   attachment, which has no static routes (TGWC-2).
 */
export function readTransitTarget(
  snapshot: Snapshot,
  table: TransitGatewayRouteTable,
  input: ActionInput,
): TransitGatewayAttachmentId | null {
  const isBlackhole = optionalBoolean(input, 'Blackhole') ?? false;
  const isAttached = input['TransitGatewayAttachmentId'] !== undefined;
  if (isBlackhole === isAttached) throw blackholeOrAttachment(isBlackhole);
  if (isBlackhole) return null;
  const { attachmentId, kind } = attachmentOf(snapshot, table, input);
  if (kind === 'connect') throw notForKind(attachmentId, kind, 'Static routes are');
  return attachmentId;
}

function putRoute(
  input: ActionInput,
  { draft }: ActionContext,
  check: (existing: TransitGatewayStaticRoute | undefined, table: TransitGatewayRouteTable) => void,
): ActionOutput {
  const { snapshot } = draft;
  const table = routeTableOf(snapshot, input);
  const destination = readDestination(input);
  const attachmentId = readTransitTarget(snapshot, table, input);
  check(
    table.routes.find((each) => cidrEquals(each.destination, destination)),
    table,
  );
  const route = { destination, attachmentId };
  const others = table.routes.filter((each) => !cidrEquals(each.destination, destination));
  const changed: TransitGatewayRouteTable = { ...table, routes: [...others, route] };
  draft.put('transitGatewayRouteTables', table.routeTableId, changed);
  checkTransitRouteQuota(draft.snapshot, table.transitGatewayId);
  const shown: TransitGatewayRoute = { ...route, type: 'static', prefixListId: null };
  return { Route: routeShape(shown, snapshot, stateOf(shown)) };
}

/** A propagated route of the same destination is no hindrance, and loses (TGW-3). */
function createRoute(input: ActionInput, context: ActionContext): ActionOutput {
  return putRoute(input, context, (existing, { routeTableId }) => {
    if (existing === undefined) return;
    throw transitRouteExists(formatCidr(existing.destination), routeTableId);
  });
}

/** Makes the route when it is not there, as AWS does. */
function replaceRoute(input: ActionInput, context: ActionContext): ActionOutput {
  return putRoute(input, context, () => undefined);
}

function deleteRoute(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const { snapshot } = draft;
  const table = routeTableOf(snapshot, input);
  const { routeTableId } = table;
  const destination = readDestination(input);
  const route = table.routes.find((each) => cidrEquals(each.destination, destination));
  if (route === undefined) throw noTransitRoute(formatCidr(destination), routeTableId);
  const routes = table.routes.filter((each) => each !== route);
  draft.put('transitGatewayRouteTables', routeTableId, { ...table, routes });
  const shown: TransitGatewayRoute = { ...route, type: 'static', prefixListId: null };
  return { Route: routeShape(shown, snapshot, 'deleted') };
}

/** The filters that look at one route. */
const ROUTE_FILTERS: Filters<TransitGatewayRoute> = {
  'attachment.resource-id': (route, snapshot) =>
    attachmentsOf(route, snapshot).map((each) => attachedResource(each, snapshot).id),
  'attachment.resource-type': (route, snapshot) =>
    attachmentsOf(route, snapshot).map(({ kind }) => kind),
  'attachment.transit-gateway-attachment-id': ({ attachmentId }) =>
    attachmentId === null ? [] : [attachmentId],
  'prefix-list-id': ({ prefixListId }) => (prefixListId === null ? [] : [prefixListId]),
  state: (route) => [stateOf(route)],
  type: (route) => [route.type],
};

type RouteSearch = (
  routes: readonly TransitGatewayRoute[],
  block: Cidr,
) => readonly TransitGatewayRoute[];

/** @returns the routes that hold the block. */
function supernets(routes: readonly TransitGatewayRoute[], block: Cidr) {
  return routes.filter(({ destination }) => cidrContains(destination, block));
}

/** The filters that compare with a block, which may also be an address. */
const SEARCHES: Readonly<Record<string, RouteSearch>> = {
  'route-search.exact-match': (routes, block) =>
    routes.filter(({ destination }) => cidrEquals(destination, block)),
  'route-search.longest-prefix-match': (routes, block) => {
    const holding = supernets(routes, block);
    const longest = Math.max(...holding.map(({ destination }) => destination.prefixLength));
    return holding.filter(({ destination }) => destination.prefixLength === longest);
  },
  'route-search.subnet-of-match': (routes, block) =>
    routes.filter(({ destination }) => cidrContains(block, destination)),
  'route-search.supernet-of-match': supernets,
};

function searchOf(filter: ActionInput): RouteSearch | undefined {
  const name = stringOf(filter, 'Name');
  return Object.hasOwn(SEARCHES, name) ? SEARCHES[name] : undefined;
}

/** @throws InvalidParameterValue for what is neither a block nor an address. */
function parseSearched(text: string): Cidr {
  const ipv4 = parseIpv4(text);
  const ipv6 = parseIpv6(text);
  if (ipv4 !== null) return ipv4Cidr(ipv4, 32);
  if (ipv6 !== null) return ipv6Cidr(ipv6, 128);
  const cidr = parseCidr(text);
  if (cidr === null) throw invalidCidr('filter', text);
  return cidr;
}

/** Keeps the routes that each `route-search` filter finds by any of its values. */
function searched(
  routes: readonly TransitGatewayRoute[],
  input: ActionInput,
): readonly TransitGatewayRoute[] {
  return structuresOf(input, 'Filters').reduce((rest, filter) => {
    const search = searchOf(filter);
    if (search === undefined) return rest;
    const blocks = stringsOf(filter, 'Values').map(parseSearched);
    if (blocks.length === 0) throw missingParameter('Filter.Value');
    const found = new Set(blocks.flatMap((block) => search(routes, block)));
    return rest.filter((route) => found.has(route));
  }, routes);
}

function searchRoutes(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const { snapshot } = draft;
  const routes = searched(routesInForce(snapshot, routeTableOf(snapshot, input)), input);
  const Filters = structuresOf(input, 'Filters').filter((each) => searchOf(each) === undefined);
  const matching = filterRows(routes, ROUTE_FILTERS, { Filters }, snapshot);
  const MaxResults = optionalInteger(input, 'MaxResults') ?? MAX_ROUTES;
  const { rows, nextToken } = pageOf(matching, { ...input, MaxResults });
  return {
    Routes: rows.map((route) => routeShape(route, snapshot, stateOf(route))),
    AdditionalRoutesAvailable: nextToken !== undefined,
    NextToken: nextToken,
  };
}

/** @throws UnsupportedOperation always: there is no S3. */
function exportRoutes(input: ActionInput, { draft }: ActionContext): ActionOutput {
  routeTableOf(draft.snapshot, input);
  throw noExport();
}

const ROUTE_PARAMETERS = {
  TransitGatewayRouteTableId: 'string',
  DestinationCidrBlock: 'string',
} as const;
const TARGET_PARAMETERS = { TransitGatewayAttachmentId: 'string', Blackhole: 'boolean' } as const;
const REQUIRED = ['TransitGatewayRouteTableId', 'DestinationCidrBlock'];

export const TRANSIT_ROUTE_ACTIONS: readonly ActionDefinition[] = [
  {
    name: 'CreateTransitGatewayRoute',
    parameters: { ...ROUTE_PARAMETERS, ...TARGET_PARAMETERS },
    required: REQUIRED,
    perform: createRoute,
  },
  {
    name: 'ReplaceTransitGatewayRoute',
    parameters: { ...ROUTE_PARAMETERS, ...TARGET_PARAMETERS },
    required: REQUIRED,
    perform: replaceRoute,
  },
  {
    name: 'DeleteTransitGatewayRoute',
    parameters: ROUTE_PARAMETERS,
    required: REQUIRED,
    perform: deleteRoute,
  },
  {
    name: 'SearchTransitGatewayRoutes',
    parameters: {
      TransitGatewayRouteTableId: 'string',
      Filters: FILTERS,
      MaxResults: 'integer',
      NextToken: 'string',
    },
    required: ['TransitGatewayRouteTableId', 'Filters'],
    perform: searchRoutes,
  },
  {
    name: 'ExportTransitGatewayRoutes',
    parameters: { TransitGatewayRouteTableId: 'string', Filters: FILTERS, S3Bucket: 'string' },
    required: ['TransitGatewayRouteTableId', 'S3Bucket'],
    perform: exportRoutes,
  },
];
