/**
 * From a parsed frame to a verdict: the checks that no flow may skip, the flow table, the layers.
 * This file is the order of AWS's decisions; each layer is one rule of it.
 */
import { TCP_FIN, TCP_RST, TCP_SYN } from '../packet/tcp.ts';
import { DROP } from './drop-reason.ts';
import { CHANGES, EGRESS, INGRESS, NO_CONNECTION, TOUCHED } from './flow/connection-table.ts';
import type { FlowState } from './flow/flow-state.ts';
import { FOLLOWS_FIRST, OVERLAPS_FIRST } from './flow/fragment-table.ts';
import { forgetGone } from './forget-gone.ts';
import { type Layer, LayerContext, NO_ROW, type TrackedSide } from './layers/context.ts';
import { deliveryLayer } from './layers/delivery.ts';
import { destinationMacLayer } from './layers/destination-mac.ts';
import { egressOnlyLayer } from './layers/egress-only-gateway.ts';
import { fabricServicesLayer } from './layers/fabric-services.ts';
import { gatewayEndpointLayer } from './layers/gateway-endpoint.ts';
import { arrivalLayer, gatewayRouteTableLayer } from './layers/gateway-route-table.ts';
import { fromInternetLayer, toInternetLayer } from './layers/internet-gateway.ts';
import { runFromServices } from './layers/link-local-services.ts';
import { interfaceMtuLayer, mtuLayer } from './layers/mtu.ts';
import { hasHopsLeft, natEgressLayer, natIngressLayer } from './layers/nat-gateway.ts';
import { egressAclLayer, ingressAclLayer } from './layers/network-acl.ts';
import { peeringLayer } from './layers/peering.ts';
import { routeLayer } from './layers/route.ts';
import { egressGroupsLayer, ingressGroupsLayer } from './layers/security-groups.ts';
import { destinationCheckLayer, sourceCheckLayer } from './layers/source-destination-check.ts';
import { enterFromUplink, uplinkLayer } from './layers/uplink.ts';
import {
  FRAGMENT_FIRST,
  FRAGMENT_NONE,
  isIcmpErrorFrame,
  PARSED,
  packetCount,
  parseFrame,
  superFrameHeaderSize,
} from './parse.ts';
import {
  eniOfPort,
  FRAGMENTS_BY_ADDRESS,
  FRAGMENTS_DROPPED,
  FROM_ENDPOINT,
  FROM_INTERNET,
  FROM_INTERNET_GATEWAY,
  type Program,
  ROUTE_EGRESS_ONLY_GATEWAY,
  ROUTE_GATEWAY_ENDPOINT,
  ROUTE_INTERNET_GATEWAY,
  ROUTE_NAT_GATEWAY,
  ROUTE_PEERING,
  TO_NAT_ADDRESS,
  TO_UPLINK,
} from './program.ts';
import { DISCARD, FORWARD, PUNT, PUNT_TOO_BIG, REWRITE_TTL, type Verdict } from './verdict.ts';

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

/** What a subnet of a NAT gateway does with what has passed it: as with the packets of a guest. */
const BEYOND_NAT: readonly Layer[] = [routeLayer, egressAclLayer, mtuLayer];

/** What a packet passes at a gateway, and between two VPCs, by `LayerContext.gateway`. */
const GATEWAY_LAYERS: Readonly<Record<number, readonly Layer[]>> = {
  [ROUTE_INTERNET_GATEWAY]: [toInternetLayer],
  [ROUTE_PEERING]: [peeringLayer],
  [ROUTE_NAT_GATEWAY]: [ingressAclLayer, natEgressLayer, ...BEYOND_NAT],
  [ROUTE_EGRESS_ONLY_GATEWAY]: [egressOnlyLayer],
  [ROUTE_GATEWAY_ENDPOINT]: [gatewayEndpointLayer],
  [FROM_ENDPOINT]: [arrivalLayer],
  [FROM_INTERNET]: [fromInternetLayer],
  [FROM_INTERNET_GATEWAY]: [gatewayRouteTableLayer],
  [TO_UPLINK]: [uplinkLayer],
  [TO_NAT_ADDRESS]: [ingressAclLayer, natIngressLayer, ...BEYOND_NAT],
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

/** Idle timeouts are exact to this. */
const TOUCH_EVERY_MS = 1000;

export class Pipeline {
  readonly #context: LayerContext;
  readonly #state: FlowState;

  constructor(state: FlowState) {
    this.#state = state;
    this.#context = new LayerContext(state);
  }

  get program(): Program {
    return this.#context.program;
  }

  /** What the last frame was, and how far it came. Its layers' part is old after a flow hit. */
  get context(): LayerContext {
    return this.#context;
  }

  /** Replaces the program whole; flows of other generations are decided again. */
  swap(program: Program): void {
    const before = this.#context.program;
    this.#context.program = program;
    this.#state.flows.use(program.generation);
    forgetGone(this.#state, before, program);
  }

  /**
   * Decides on one frame. The verdict is reused by the next call.
   * @param start Offset of the destination MAC in `bytes`. @param size Bytes of the frame.
   * @param segmentSize Payload bytes of each segment of a super-frame, else 0.
   * @param nowMs Signed 32-bit milliseconds of any origin.
   */
  decide(
    port: number,
    bytes: Uint8Array,
    start: number,
    size: number,
    segmentSize: number,
    nowMs: number,
  ): Verdict {
    const context = this.#context;
    const { frame, verdict } = context;
    context.bytes = bytes;
    context.nowMs = nowMs;
    context.port = port;
    context.eni = eniOfPort(context.program, port);
    const malformed = parseFrame(bytes, start, size, frame);
    const refused = malformed === PARSED ? this.#checkSender(port) : malformed;
    if (refused !== PARSED) {
      context.refuse(refused);
      return verdict;
    }
    context.packetSize = largestPacket(context, segmentSize);
    const stray = frame.fragment === FRAGMENT_NONE ? PARSED : this.#followFragment(port);
    if (stray !== PARSED) {
      context.refuse(stray);
      return verdict;
    }
    if (frame.family === 0 || !this.#isKnownFlow(port)) {
      if (context.eni !== -1) runLayers(context, null);
      else if (port === context.program.uplinkPort) runFromUplink(context);
      else runFromServices(context);
      if (isRemembered(context)) this.#state.flows.insert(port, frame, nowMs, verdict);
    }
    const isToServices =
      verdict.argument === context.program.servicesPort && verdict.kind === FORWARD;
    if (isToServices) this.#meter(port, segmentSize);
    return verdict;
  }

  /** Drops a frame that cannot even be parsed. @param reason Index of the drop reason. */
  refuse(port: number, reason: number): Verdict {
    this.#context.eni = eniOfPort(this.#context.program, port);
    this.#context.refuse(reason);
    return this.#context.verdict;
  }

  /** @returns `PARSED`, or the reason why this port may not send such a frame at all (L2-7, L2-8). */
  #checkSender(port: number): number {
    const { frame, program, eni } = this.#context;
    if (eni === -1) return isOfHost(program, port) ? PARSED : DROP.PORT_NOT_ATTACHED;
    const own =
      frame.sourceHigh === program.enis.macHigh[eni] &&
      frame.sourceLow === program.enis.macLow[eni];
    return own ? PARSED : DROP.SPOOFED_MAC;
  }

  /** Known flow or not: what an interface sends to services is bounded (LL-2). */
  #meter(port: number, segmentSize: number): void {
    const context = this.#context;
    const packets = packetCount(context.frame, context.bytes, segmentSize);
    if (this.#state.allowance.take(port, packets, context.nowMs)) return;
    context.refuse(DROP.LINKLOCAL_ALLOWANCE_EXCEEDED);
  }

  /** Gives a later fragment the ports of its first one. @returns `PARSED`, or why it is lost (MTU-7). */
  #followFragment(port: number): number {
    const { frame, program, nowMs } = this.#context;
    if (program.fragments === FRAGMENTS_BY_ADDRESS) return PARSED;
    if (frame.fragment === FRAGMENT_FIRST) {
      this.#state.fragments.remember(port, frame, nowMs);
      return PARSED;
    }
    if (program.fragments === FRAGMENTS_DROPPED) return DROP.FRAGMENTS_DROPPED;
    switch (this.#state.fragments.recall(port, frame, nowMs)) {
      case FOLLOWS_FIRST:
        return PARSED;
      case OVERLAPS_FIRST:
        return DROP.OVERLAPPING_FRAGMENT;
      default:
        return DROP.FRAGMENT_WITHOUT_FIRST;
    }
  }

  /** @returns true when the flow table has the verdict, and nothing has changed that it rests on. */
  #isKnownFlow(port: number): boolean {
    const { frame, verdict, packetSize, nowMs } = this.#context;
    const { flows } = this.#state;
    if (!flows.lookup(port, frame, nowMs, verdict) || packetSize > verdict.mtu) return false;
    if (verdict.kind !== FORWARD) {
      // No filter had looked, else it would not have been remembered.
      this.#context.isFiltered = false;
      return true;
    }
    if ((verdict.rewrite & REWRITE_TTL) !== 0 && !hasHopsLeft(this.#context, 1)) return false;
    return this.#isFresh() || this.#touchConnections();
  }

  /**
   * Established connections change their state by these flags only, and that they are in use need
   * not be written down more than once a second: their timeouts are a minute and more (SG-8).
   */
  #isFresh(): boolean {
    const { frame, verdict, nowMs } = this.#context;
    const isPlain = (frame.tcpFlags & (TCP_SYN | TCP_FIN | TCP_RST)) === 0;
    return isPlain && verdict.isSettled && ((nowMs - verdict.touchedMs) | 0) < TOUCH_EVERY_MS;
  }

  /** @returns false when the layers must see to the packet. */
  #touchConnections(): boolean {
    const { verdict, program, eni, egress, ingress, nowMs } = this.#context;
    const { flows, connections } = this.#state;
    const { egressConnection, ingressConnection, egressSerial, ingressSerial } = verdict;
    const target = eniOfPort(program, verdict.argument);
    const isTouched =
      this.#touchNat() &&
      this.#touch(egressConnection, egressSerial, egress, eni, EGRESS) &&
      this.#touch(ingressConnection, ingressSerial, ingress, target, INGRESS);
    if (!isTouched) return false;
    const isSettled =
      connections.isEstablished(egressConnection) && connections.isEstablished(ingressConnection);
    flows.markTouched(nowMs, isSettled);
    return true;
  }

  /** @returns false when the flow through a NAT gateway is gone. */
  #touchNat(): boolean {
    const { natSlot, natSerial, isNatReply } = this.#context.verdict;
    if (natSlot === 0) return true;
    const { frame, nowMs } = this.#context;
    return this.#state.natFlows.touch(natSlot, natSerial, isNatReply, frame.tcpFlags, nowMs);
  }

  /** A packet that only changes the state of its connection is allowed by it all the same. */
  #touch(
    connection: number,
    serial: number,
    side: TrackedSide,
    eni: number,
    direction: number,
  ): boolean {
    if (connection === NO_CONNECTION) return true;
    const { frame, program, nowMs } = this.#context;
    const { connections } = this.#state;
    const found = connections.touch(connection, serial, direction, frame, nowMs);
    if (found !== CHANGES) return found === TOUCHED;
    side.take(program, eni);
    connections.advance(connection, side, direction, frame, nowMs);
    return true;
  }
}

/** Behind these ports are namespaces of the lab itself, which any MAC address may be in. */
function isOfHost({ servicesPort, uplinkPort }: Program, port: number): boolean {
  return port === servicesPort || port === uplinkPort;
}

/** Sees each layer that has run, and whether the packet passed it; the context says by what. */
export type LayerRecorder = (layer: Layer, hasPassed: boolean) => void;

/**
 * Walks all layers; the verdict is in the context, and the frame is as it was.
 * @param context With a frame that was parsed, and its sender. @param record null: nobody asks why.
 */
export function runLayers(context: LayerContext, record: LayerRecorder | null): void {
  context.begin();
  if (leaveSender(context, record)) travel(context, record);
  context.translation.undo(context.frame);
}

/** A packet of the real network begins where those of the lab's internet are. */
function runFromUplink(context: LayerContext): void {
  const { verdict } = context;
  context.begin();
  if (enterFromUplink(context)) travel(context, null);
  context.translation.undo(context.frame);
  if (verdict.kind !== PUNT) return;
  // Responders answer guests. The next packet of the flow may be smaller, or have more hops left.
  context.isFiltered = true;
  context.drop(verdict.argument === PUNT_TOO_BIG ? DROP.MTU_EXCEEDED : DROP.TTL_EXCEEDED);
}

function leaveSender(context: LayerContext, record: LayerRecorder | null): boolean {
  for (const layer of EGRESS_LAYERS) if (!runLayer(layer, context, record)) return false;
  return trackConnection(context, context.egress, EGRESS);
}

/** From the sender's subnet, or from outside, to whoever gets the packet. */
function travel(context: LayerContext, record: LayerRecorder | null): void {
  for (let passed = 0; context.target === NO_ROW; passed++) {
    if (passed === MAX_GATEWAYS) {
      context.drop(DROP.GATEWAYS_IN_A_CIRCLE);
      return;
    }
    const layers = GATEWAY_LAYERS[context.gateway];
    if (layers === undefined) throw new RangeError(`no layers for gateway ${context.gateway}`);
    for (const layer of layers) if (!runLayer(layer, context, record)) return;
  }
  for (const layer of INGRESS_LAYERS) if (!runLayer(layer, context, record)) return;
  if (!trackConnection(context, context.ingress, INGRESS)) return;
  context.nameConnections();
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

/**
 * A flow remembers only what the program and the connections it names decide: not a refusal for want
 * of a connection, which may begin at any time, nor what was decided by more than the flow's key.
 */
function isRemembered(context: LayerContext): boolean {
  const { frame, verdict, isFiltered, egress, ingress } = context;
  if (frame.family === 0 || verdict.kind === PUNT) return false;
  if (verdict.kind === DISCARD) return !isFiltered && context.natSlot === 0;
  const isRelated = egress.isRelated || ingress.isRelated || isNatError(context);
  return !context.hasTwoNats && !isRelated && verdict.fragmentTo === 0;
}

/** An ICMP error goes the way of the flow that it is about, whoever sent it. */
function isNatError({ frame, natSlot }: LayerContext): boolean {
  return natSlot !== 0 && isIcmpErrorFrame(frame);
}

/** @returns bytes of the IP packet, or of the largest segment of a super-frame. */
function largestPacket({ frame, bytes }: LayerContext, segmentSize: number): number {
  if (segmentSize === 0) return frame.packetSize;
  return Math.min(frame.packetSize, superFrameHeaderSize(frame, bytes) + segmentSize);
}
