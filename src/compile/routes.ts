/** Compiles route tables: one row of targets a route, one trie a table and family (RT-3). */
import { buildLpm, type LpmEntry } from '../addr/lpm.ts';
import {
  INTERNET_MTU,
  type Program,
  ROUTE_BLACKHOLE,
  ROUTE_ENI,
  ROUTE_GATEWAY,
  ROUTE_INTERNET_GATEWAY,
  ROUTE_LOCAL,
  VPC_MTU,
} from '../dataplane/program.ts';
import type { Route, RouteTable } from '../model/records.ts';
import { isGatewayTarget, routeState, selectRoutes } from '../model/routes.ts';
import type { Fabric } from '../model/snapshot.ts';
import { type Indexes, indexIn, lpmEntry } from './rows.ts';

export type RoutePart = Pick<Program, 'routes4' | 'routes6' | 'routeTargets'>;

export function compileRoutes(snapshot: Fabric, indexes: Indexes): RoutePart {
  const kinds: number[] = [];
  const enis: number[] = [];
  const addTarget = (table: RouteTable, route: Route): number => {
    const { kind, eni } = compileTarget(snapshot, table, route, indexes);
    enis.push(eni);
    return kinds.push(kind) - 1;
  };
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
      kind: Uint8Array.from(kinds),
      eni: Int32Array.from(enis),
      mtu: Int32Array.from(kinds, (kind) =>
        kind === ROUTE_INTERNET_GATEWAY ? INTERNET_MTU : VPC_MTU,
      ),
      // Inside the VPC nobody is told of a packet too big (MTU-6).
      reportsTooBig: Uint8Array.from(kinds, (kind) => (kind === ROUTE_INTERNET_GATEWAY ? 1 : 0)),
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

/** A blackhole stays in the trie: the longest prefix does not fall through to a shorter one (RT-11). */
function compileTarget(
  snapshot: Fabric,
  table: RouteTable,
  route: Route,
  indexes: Indexes,
): { readonly kind: number; readonly eni: number } {
  if (routeState(snapshot, table, route) === 'blackhole') return { kind: ROUTE_BLACKHOLE, eni: -1 };
  const { target } = route;
  if (target.kind === 'internet-gateway') return { kind: ROUTE_INTERNET_GATEWAY, eni: -1 };
  if (isGatewayTarget(target)) return { kind: ROUTE_GATEWAY, eni: -1 };
  switch (target.kind) {
    case 'local':
      return { kind: ROUTE_LOCAL, eni: -1 };
    case 'eni':
    case 'instance':
      return { kind: ROUTE_ENI, eni: indexIn(indexes.enis, target.eniId) };
    default:
      return target satisfies never;
  }
}
