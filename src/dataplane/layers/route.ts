/**
 * What goes to the router's MAC goes by destination IP: the longest prefix of the subnet's route
 * table, then straight to the interface. Rules: RT-3, RT-11, RT-14, L2-3, L2-12, L2-13 (no TTL change).
 */
import { lookupLpm4, lookupLpm6 } from '../../addr/lpm.ts';
import { DROP } from '../drop-reason.ts';
import {
  eniByAddress,
  type Program,
  ROUTE_BLACKHOLE,
  ROUTE_GATEWAY,
  ROUTE_INTERNET_GATEWAY,
  ROUTE_LOAD_BALANCER_ENDPOINT,
  ROUTE_LOCAL,
  ROUTE_NAT_GATEWAY,
} from '../program.ts';
import { type Layer, type LayerContext, NO_ROW } from './context.ts';

export const routeLayer: Layer = {
  name: 'route',
  run(context: LayerContext): boolean {
    if (!context.toRouter) return true;
    const { frame, program } = context;
    if (frame.family === 4 && frame.d3 >>> 28 === 14)
      return context.drop(DROP.MULTICAST_NOT_FORWARDED);
    const route = lookupRoute(context, program.subnets.routeTable[context.subnet] as number);
    context.route = route;
    if (route === NO_ROW) return context.drop(DROP.NO_ROUTE_TO_DESTINATION);
    const kind = program.routeTargets.kind[route] as number;
    if (kind === ROUTE_BLACKHOLE) return context.drop(DROP.BAD_STATE_ROUTE);
    if (kind === ROUTE_GATEWAY) return context.drop(DROP.GATEWAY_NOT_FORWARDED);
    if (kind >= ROUTE_INTERNET_GATEWAY) return goToGateway(context, kind);
    const isLocal = kind === ROUTE_LOCAL;
    const target = isLocal
      ? localTarget(program, context)
      : (program.routeTargets.eni[route] as number);
    if (target === -1 && isSubnetBroadcast(program, context)) {
      return context.drop(DROP.SUBNET_BROADCAST_NOT_FORWARDED);
    }
    return context.arriveAt(target);
  },
};

/**
 * NAT gateways and endpoints of load balancers are in a subnet of the VPC, the others are at its edge.
 * @param kind `ROUTE_*` of the route that the packet takes, of a gateway.
 */
export function goToGateway(context: LayerContext, kind: number): boolean {
  const { edges, enis, loadBalancers, routeTargets } = context.program;
  const gateway = routeTargets.gateway[context.route] as number;
  context.towards = -1;
  if (kind === ROUTE_NAT_GATEWAY) {
    context.nat = gateway;
    context.towards = edges.nat.subnet[gateway] as number;
  } else if (kind === ROUTE_LOAD_BALANCER_ENDPOINT) {
    context.endpoint = gateway;
    context.towards = enis.subnet[loadBalancers.endpointEni[gateway] as number] as number;
  }
  return context.goOn(kind);
}

/** @param table Of the program. @returns the row of `routeTargets` of the longest prefix, or `NO_ROW` (RT-3). */
export function lookupRoute({ frame, program }: LayerContext, table: number): number {
  if (frame.family === 4) return lookupLpm4(program.routes4[table] as Int32Array, frame.d3);
  return lookupLpm6(program.routes6[table] as Int32Array, frame.d0, frame.d1, frame.d2, frame.d3);
}

/** @returns the interface of the VPC that has the destination address, or -1. */
function localTarget(program: Program, { frame, vpc }: LayerContext): number {
  const { family, d0, d1, d2, d3 } = frame;
  return eniByAddress(program, vpc, family, d0, d1, d2, d3);
}

function isSubnetBroadcast(program: Program, { frame, vpc }: LayerContext): boolean {
  if (frame.family !== 4) return false;
  const subnet = lookupLpm4(program.subnetByAddr[vpc] as Int32Array, frame.d3);
  if (subnet === -1) return false;
  const hostMask = 0xffffffff >>> (program.subnets.prefixLength[subnet] as number);
  return (frame.d3 & hostMask) === (hostMask | 0);
}
