/** The routes that virtual private gateways put into route tables: those of their VPN connections. */
import { type Cidr, formatCidr } from '../../addr/cidr.ts';
import type { VpnGatewayId } from '../../model/ids.ts';
import { connectionsOf } from '../../model/lookups/gateways.ts';
import type { Route, RouteTable } from '../../model/records.ts';
import { isPropagatedRoute } from '../../model/routes.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { Draft } from '../../model/store.ts';

/** Makes the propagated routes of all tables anew after a change of gateways or connections. */
export function propagateRoutes(draft: Draft): void {
  for (const table of draft.snapshot.routeTables.values()) {
    const before = table.routes.filter(isPropagatedRoute);
    const after = propagatedRoutes(draft.snapshot, table);
    if (keysOf(before) === keysOf(after)) continue;
    const routes = [...table.routes.filter((route) => !isPropagatedRoute(route)), ...after];
    draft.put('routeTables', table.routeTableId, { ...table, routes });
  }
}

function keysOf(routes: readonly Route[]): string {
  return JSON.stringify(routes.map(({ destination, target }) => [formatCidr(destination), target]));
}

/** @returns one route for each destination of the gateways that are attached to the table's VPC. */
function propagatedRoutes(snapshot: Snapshot, table: RouteTable): Route[] {
  const routes = new Map<string, Route>();
  for (const gatewayId of table.propagatingVpnGatewayIds) {
    if (snapshot.vpnGateways.get(gatewayId)?.vpcId !== table.vpcId) continue;
    for (const { staticRoutes } of connectionsOf(snapshot, gatewayId)) {
      for (const destination of staticRoutes) {
        routes.set(formatCidr(destination), propagatedRoute(destination, gatewayId));
      }
    }
  }
  return [...routes.values()];
}

function propagatedRoute(destination: Cidr, gatewayId: VpnGatewayId): Route {
  const target = { kind: 'vpn-gateway', gatewayId } as const;
  return { destination, target, origin: 'EnableVgwRoutePropagation' };
}
