/** Compiles route tables: one row of targets a route, one trie a table and family (RT-3). */
import { buildLpm, type LpmEntry } from '../addr/lpm.ts';
import {
  GATEWAY_MTU,
  INTERNET_MTU,
  type Program,
  ROUTE_BLACKHOLE,
  ROUTE_EGRESS_ONLY_GATEWAY,
  ROUTE_ENI,
  ROUTE_GATEWAY,
  ROUTE_GATEWAY_ENDPOINT,
  ROUTE_INTERNET_GATEWAY,
  ROUTE_LOAD_BALANCER_ENDPOINT,
  ROUTE_LOCAL,
  ROUTE_NAT_GATEWAY,
  ROUTE_PEERING,
  VPC_MTU,
} from '../dataplane/program.ts';
import type { PeeringId, VpcEndpointId } from '../model/ids.ts';
import type { Route, RouteTable } from '../model/records.ts';
import { routeState, selectRoutes } from '../model/routes.ts';
import type { Fabric } from '../model/snapshot.ts';
import {
  gatewayEndpointsOf,
  natGatewaysOf,
  natRowOfEgressOnly,
  natRowOfEndpoint,
} from './edges.ts';
import { balancedEndpointsOf } from './load-balancers.ts';
import { type Indexes, indexIn, lpmEntry } from './rows.ts';

export type RoutePart = Pick<Program, 'routes4' | 'routes6' | 'routeTargets'>;

export function compileRoutes(snapshot: Fabric, indexes: Indexes): RoutePart {
  const targets: Target[] = [];
  const addTarget = (table: RouteTable, route: Route): number =>
    targets.push(compileTarget(snapshot, table, route, indexes)) - 1;
  const routes4: Int32Array[] = [];
  const routes6: Int32Array[] = [];
  for (const table of snapshot.routeTables.values()) {
    const entries: { readonly 4: LpmEntry[]; readonly 6: LpmEntry[] } = { 4: [], 6: [] };
    for (const route of selectRoutes(snapshot, table)) {
      entries[route.destination.family].push(lpmEntry(route.destination, addTarget(table, route)));
    }
    routes4.push(buildLpm(entries[4]));
    routes6.push(buildLpm(entries[6]));
  }
  return {
    routes4,
    routes6,
    routeTargets: {
      kind: Uint8Array.from(targets, ({ kind }) => kind),
      eni: Int32Array.from(targets, ({ eni = -1 }) => eni),
      gateway: Int32Array.from(targets, ({ gateway = -1 }) => gateway),
      mtu: Int32Array.from(targets, ({ mtu = VPC_MTU }) => mtu),
      // Neither inside a VPC nor between two is anybody told of a packet too big (MTU-5, MTU-6).
      reportsTooBig: Uint8Array.from(targets, ({ kind }) => (TELLS_OF_TOO_BIG.has(kind) ? 1 : 0)),
    },
  };
}

/**
 * Finds the route of a row of `routeTargets`, by the order in which `compileRoutes` writes them.
 * @param row Of the program that was compiled from this snapshot; >= 0.
 */
export function routeOfRow(
  snapshot: Fabric,
  row: number,
): { readonly table: RouteTable; readonly route: Route } {
  let first = 0;
  for (const table of snapshot.routeTables.values()) {
    const routes = selectRoutes(snapshot, table);
    const route = routes[row - first];
    if (route !== undefined) return { table, route };
    first += routes.length;
  }
  throw new RangeError(`the snapshot has no route for row ${row}`);
}

/** Gateways that say so when a packet is too big for them (MTU-4). */
const TELLS_OF_TOO_BIG: ReadonlySet<number> = new Set([
  ROUTE_INTERNET_GATEWAY,
  ROUTE_NAT_GATEWAY,
  ROUTE_EGRESS_ONLY_GATEWAY,
]);

/** A row of `routeTargets`; what is absent is -1, or what holds inside a VPC. */
interface Target {
  readonly kind: number;
  readonly eni?: number;
  readonly gateway?: number;
  readonly mtu?: number;
}

/** A blackhole stays in the trie: the longest prefix does not fall through to a shorter one (RT-11). */
function compileTarget(
  snapshot: Fabric,
  table: RouteTable,
  route: Route,
  indexes: Indexes,
): Target {
  if (routeState(snapshot, table, route) === 'blackhole') return { kind: ROUTE_BLACKHOLE };
  const { target } = route;
  switch (target.kind) {
    case 'local':
      return { kind: ROUTE_LOCAL };
    case 'eni':
    case 'instance':
      return { kind: ROUTE_ENI, eni: indexIn(indexes.enis, target.eniId) };
    case 'internet-gateway':
      return { kind: ROUTE_INTERNET_GATEWAY, mtu: INTERNET_MTU };
    case 'nat-gateway':
      return {
        kind: ROUTE_NAT_GATEWAY,
        gateway: natGatewaysOf(snapshot).findIndex((nat) => nat.natGatewayId === target.gatewayId),
        mtu: GATEWAY_MTU,
      };
    case 'egress-only-gateway':
      return {
        kind: ROUTE_EGRESS_ONLY_GATEWAY,
        gateway: natRowOfEgressOnly(
          snapshot,
          [...snapshot.egressOnlyGateways.keys()].indexOf(target.gatewayId),
        ),
        mtu: INTERNET_MTU,
      };
    case 'vpc-endpoint':
      return endpointTarget(snapshot, target.gatewayId);
    case 'peering':
      return peeringTarget(snapshot, table, target.gatewayId, indexes);
    default:
      return { kind: ROUTE_GATEWAY };
  }
}

/** Interface endpoints are no targets. */
function endpointTarget(snapshot: Fabric, endpointId: VpcEndpointId): Target {
  const balanced = balancedEndpointsOf(snapshot);
  const row = balanced.findIndex(({ vpcEndpointId }) => vpcEndpointId === endpointId);
  if (row !== -1) {
    return { kind: ROUTE_LOAD_BALANCER_ENDPOINT, gateway: row, mtu: GATEWAY_MTU };
  }
  const endpoints = gatewayEndpointsOf(snapshot);
  const place = endpoints.findIndex(({ vpcEndpointId }) => vpcEndpointId === endpointId);
  if (place === -1) return { kind: ROUTE_GATEWAY };
  const gateway = natRowOfEndpoint(snapshot, place);
  return { kind: ROUTE_GATEWAY_ENDPOINT, gateway, mtu: GATEWAY_MTU };
}

/** Between regions packets are smaller (PCX-5). */
function peeringTarget(
  { peerings, vpcs }: Fabric,
  { vpcId }: RouteTable,
  peeringId: PeeringId,
  indexes: Indexes,
): Target {
  const peering = peerings.get(peeringId);
  const other = [peering?.requester, peering?.accepter].find((side) => side?.vpcId !== vpcId);
  if (peering === undefined || other === undefined || !vpcs.has(other.vpcId)) {
    return { kind: ROUTE_BLACKHOLE };
  }
  const isOneRegion = peering.requester.region === peering.accepter.region;
  const mtu = isOneRegion ? VPC_MTU : INTERNET_MTU;
  return { kind: ROUTE_PEERING, gateway: indexIn(indexes.vpcs, other.vpcId), mtu };
}
