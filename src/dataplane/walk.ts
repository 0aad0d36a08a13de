/**
 * The way of a packet that no flow knows: from the layers of its sender, from gateway to gateway, to those of
 * its target. This file is the order of AWS's decisions; each layer is one rule of it.
 */
import { DROP } from './drop-reason.ts';
import { EGRESS, INGRESS, NO_CONNECTION } from './flow/connection-table.ts';
import { type Layer, type LayerContext, NO_ROW, type TrackedSide } from './layers/context.ts';
import { deliveryLayer } from './layers/delivery.ts';
import { destinationMacLayer } from './layers/destination-mac.ts';
import { egressOnlyLayer } from './layers/egress-only-gateway.ts';
import { fabricServicesLayer } from './layers/fabric-services.ts';
import { gatewayEndpointLayer } from './layers/gateway-endpoint.ts';
import { arrivalLayer, gatewayRouteTableLayer } from './layers/gateway-route-table.ts';
import { fromInternetLayer, toInternetLayer } from './layers/internet-gateway.ts';
import { loadBalancerEndpointLayer, loadBalancerNodeLayer } from './layers/load-balancer.ts';
import { interfaceMtuLayer, mtuLayer } from './layers/mtu.ts';
import { natEgressLayer, natIngressLayer } from './layers/nat-gateway.ts';
import { egressAclLayer, ingressAclLayer } from './layers/network-acl.ts';
import { peeringLayer } from './layers/peering.ts';
import { routeLayer } from './layers/route.ts';
import { egressGroupsLayer, ingressGroupsLayer } from './layers/security-groups.ts';
import { destinationCheckLayer, sourceCheckLayer } from './layers/source-destination-check.ts';
import { enterFromUplink, uplinkLayer } from './layers/uplink.ts';
import {
  FROM_INTERNET,
  FROM_INTERNET_GATEWAY,
  FROM_STATEFUL_GATEWAY,
  ROUTE_EGRESS_ONLY_GATEWAY,
  ROUTE_GATEWAY_ENDPOINT,
  ROUTE_INTERNET_GATEWAY,
  ROUTE_LOAD_BALANCER_ENDPOINT,
  ROUTE_NAT_GATEWAY,
  ROUTE_PEERING,
  TO_LOAD_BALANCER,
  TO_NAT_ADDRESS,
  TO_UPLINK,
} from './program.ts';
import { PUNT, PUNT_TOO_BIG } from './verdict.ts';

/** What the interface of the sender and its subnet decide (ACL-4: groups, then the ACL). */
export const EGRESS_LAYERS: readonly Layer[] = [
  interfaceMtuLayer,
  destinationMacLayer,
  fabricServicesLayer,
  sourceCheckLayer,
  egressGroupsLayer,
  routeLayer,
  egressAclLayer,
  mtuLayer,
];

/** What the subnet of a gateway does with what has passed it: as with the packets of a guest. */
const BEYOND_GATEWAY: readonly Layer[] = [routeLayer, egressAclLayer, mtuLayer];

/** What a packet passes at a gateway, and between two VPCs, by `LayerContext.gateway`. */
const GATEWAY_LAYERS: Readonly<Record<number, readonly Layer[]>> = {
  [ROUTE_INTERNET_GATEWAY]: [toInternetLayer],
  [ROUTE_PEERING]: [peeringLayer],
  [ROUTE_NAT_GATEWAY]: [ingressAclLayer, natEgressLayer, ...BEYOND_GATEWAY],
  [ROUTE_EGRESS_ONLY_GATEWAY]: [egressOnlyLayer],
  [ROUTE_GATEWAY_ENDPOINT]: [gatewayEndpointLayer],
  [ROUTE_LOAD_BALANCER_ENDPOINT]: [ingressAclLayer, loadBalancerEndpointLayer],
  [TO_LOAD_BALANCER]: [ingressAclLayer, loadBalancerNodeLayer],
  [FROM_STATEFUL_GATEWAY]: [arrivalLayer],
  [FROM_INTERNET]: [fromInternetLayer],
  [FROM_INTERNET_GATEWAY]: [gatewayRouteTableLayer],
  [TO_UPLINK]: [uplinkLayer],
  [TO_NAT_ADDRESS]: [ingressAclLayer, natIngressLayer, ...BEYOND_GATEWAY],
};

/** A packet that has passed so many gateways goes in a circle. */
const MAX_GATEWAYS = 16;

/** What the subnet of the target and its interface decide (ACL-4: the ACL, then groups). */
export const INGRESS_LAYERS: readonly Layer[] = [
  ingressAclLayer,
  destinationCheckLayer,
  ingressGroupsLayer,
  deliveryLayer,
];

/** Sees each layer that has run, and whether the packet passed it; the context says by what. */
export type LayerRecorder = (layer: Layer, hasPassed: boolean) => void;

/**
 * Walks all layers; the verdict is in the context, and the frame is as it was.
 * @param context With a frame that was parsed, and its sender. @param record null: nobody asks why.
 */
export function runLayers(context: LayerContext, record: LayerRecorder | null): void {
  context.begin();
  if (leaveInterface(context, record)) travel(context, record);
  context.translation.undo(context.frame);
}

/** The same for a packet that a gateway sends on in another form: the interface of the gateway decides nothing. */
export function runOnward(context: LayerContext, record: LayerRecorder | null): void {
  context.begin();
  context.toRouter = true;
  context.verdict.untrack();
  if (runEach(BEYOND_GATEWAY, context, record)) travel(context, record);
  context.translation.undo(context.frame);
}

/** The same for what the router of a NAT gateway tells the gateway, whose interface is that of the context. */
export function runToGateway(context: LayerContext): void {
  context.begin();
  context.toRouter = true;
  context.verdict.untrack();
  context.nat = context.program.edges.natOfEni[context.eni] as number;
  context.goOn(TO_NAT_ADDRESS);
  travel(context, null);
  context.translation.undo(context.frame);
}

/** A packet of the real network begins where those of the lab's internet are. */
export function runFromUplink(context: LayerContext): void {
  const { verdict } = context;
  context.begin();
  verdict.untrack();
  if (enterFromUplink(context)) travel(context, null);
  context.translation.undo(context.frame);
  if (verdict.kind !== PUNT) return;
  // Responders answer guests. The next packet of the flow may be smaller, or have more hops left.
  context.isFiltered = true;
  context.drop(verdict.responder === PUNT_TOO_BIG ? DROP.MTU_EXCEEDED : DROP.TTL_EXCEEDED);
}

/** @returns false when the packet does not leave the interface. */
function leaveInterface(context: LayerContext, record: LayerRecorder | null): boolean {
  const { verdict, connections, egress } = context;
  verdict.untrack();
  if (!runEach(EGRESS_LAYERS, context, record)) return false;
  if (!trackConnection(context, egress, EGRESS)) return false;
  verdict.egressConnection = egress.connection;
  verdict.egressSerial = connections.serialOf(egress.connection);
  verdict.isSettled = connections.isEstablished(egress.connection);
  return true;
}

/** From the interface or gateway that has sent the packet to its end. */
function travel(context: LayerContext, record: LayerRecorder | null): void {
  for (let passed = 0; context.target === NO_ROW; passed++) {
    if (passed === MAX_GATEWAYS) {
      context.drop(DROP.GATEWAYS_IN_A_CIRCLE);
      return;
    }
    const layers = GATEWAY_LAYERS[context.gateway];
    if (layers === undefined) {
      context.drop(DROP.GATEWAY_NOT_FORWARDED);
      return;
    }
    if (!runEach(layers, context, record)) return;
  }
  if (!runEach(INGRESS_LAYERS, context, record)) return;
  if (!trackConnection(context, context.ingress, INGRESS)) return;
  const { verdict, connections, ingress } = context;
  verdict.ingressConnection = ingress.connection;
  verdict.ingressSerial = connections.serialOf(ingress.connection);
  verdict.isSettled &&= connections.isEstablished(ingress.connection);
}

/** @returns false when a layer has decided. */
function runEach(
  layers: readonly Layer[],
  context: LayerContext,
  record: LayerRecorder | null,
): boolean {
  for (const layer of layers) if (!runLayer(layer, context, record)) return false;
  return true;
}

function runLayer(layer: Layer, context: LayerContext, record: LayerRecorder | null): boolean {
  const hasPassed = layer.run(context);
  if (record !== null) record(layer, hasPassed);
  return hasPassed;
}

/**
 * Counts a packet that an interface has let pass, or begins to track its connection.
 * @param side The groups of that interface. @param direction `EGRESS` or `INGRESS`.
 * @returns false when the packet must be dropped, since its connection cannot be tracked.
 */
export function trackConnection(
  context: LayerContext,
  side: TrackedSide,
  direction: number,
): boolean {
  const { connections, frame, nowMs } = context;
  if (side.connection !== NO_CONNECTION) {
    connections.advance(side.connection, side, direction, frame, nowMs);
    return true;
  }
  if (!side.begins || (side.isOpen && !context.isAlwaysTracked)) return true;
  side.connection = connections.insert(side, direction, frame, nowMs);
  return side.connection !== NO_CONNECTION || context.drop(DROP.CONNTRACK_ALLOWANCE_EXCEEDED);
}
