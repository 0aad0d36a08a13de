/**
 * Where a packet goes that has entered a VPC: straight to the interface that has its address, unless it
 * came by an internet gateway with a route table that steers it to another, or to the endpoint of a load
 * balancer. Rules: EDGE-1, EDGE-3 to EDGE-5.
 */
import { DROP } from '../drop-reason.ts';
import {
  eniByAddress,
  ROUTE_BLACKHOLE,
  ROUTE_ENI,
  ROUTE_LOAD_BALANCER_ENDPOINT,
} from '../program.ts';
import { type Layer, type LayerContext, NO_ROW } from './context.ts';
import { goToGateway, lookupRoute } from './route.ts';

/** Such gateways take no table (EDGE-1). */
export const arrivalLayer: Layer = {
  name: 'stateful-gateway-ingress',
  run(context: LayerContext): boolean {
    const { frame, program, vpc } = context;
    const { family, d0, d1, d2, d3 } = frame;
    return context.arriveAt(eniByAddress(program, vpc, family, d0, d1, d2, d3));
  },
};

export const gatewayRouteTableLayer: Layer = {
  name: 'gateway-route-table',
  run(context: LayerContext): boolean {
    const { frame, program, vpc } = context;
    const { family, d0, d1, d2, d3 } = frame;
    const table = program.edges.internetRouteTable[vpc] as number;
    context.route = table === -1 ? NO_ROW : lookupRoute(context, table);
    const kind =
      context.route === NO_ROW ? -1 : (program.routeTargets.kind[context.route] as number);
    if (kind === ROUTE_BLACKHOLE) return context.drop(DROP.BAD_STATE_ROUTE);
    if (kind === ROUTE_LOAD_BALANCER_ENDPOINT) return goToGateway(context, kind);
    if (kind === ROUTE_ENI) {
      const target = program.routeTargets.eni[context.route] as number;
      if (!hasPublicAddress(context, target)) return context.drop(DROP.INGRESS_RTB_NO_PUBLIC_IP);
      return context.arriveAt(target);
    }
    return context.arriveAt(eniByAddress(program, vpc, family, d0, d1, d2, d3));
  },
};

/** IPv6 addresses are public as they are. */
function hasPublicAddress({ frame, program }: LayerContext, eni: number): boolean {
  return frame.family === 6 || program.edges.publicEni.includes(eni);
}
