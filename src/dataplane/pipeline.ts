/** From a parsed frame to a verdict: the checks that no flow may skip, the flow table, the layers. */
import { TCP_FIN, TCP_RST, TCP_SYN } from '../packet/tcp.ts';
import { DROP } from './drop-reason.ts';
import { CHANGES, EGRESS, INGRESS, NO_CONNECTION, TOUCHED } from './flow/connection-table.ts';
import type { FlowState } from './flow/flow-state.ts';
import { FOLLOWS_FIRST, OVERLAPS_FIRST } from './flow/fragment-table.ts';
import { forgetGone } from './forget-gone.ts';
import { LayerContext, type TrackedSide } from './layers/context.ts';
import { runFromServices } from './layers/link-local-services.ts';
import { isOfGivenFlow } from './layers/load-balancer.ts';
import { hasHopsLeft } from './layers/nat-gateway.ts';
import {
  FRAGMENT_FIRST,
  FRAGMENT_NONE,
  isIcmpErrorFrame,
  PARSED,
  packetCount,
  parseFrame,
  superFrameHeaderSize,
} from './parse.ts';
import { eniOfPort, FRAGMENTS_BY_ADDRESS, FRAGMENTS_DROPPED, type Program } from './program.ts';
import type { Reshaper } from './reshape.ts';
import { DISCARD, FORWARD, PUNT, REWRITE_TTL, UNWRAP, type Verdict, WRAP } from './verdict.ts';
import { runFromUplink, runLayers, runOnward, runToGateway } from './walk.ts';

/** By what flows of packets in another form are told apart from those of ports: this bit, and the interface. */
const ONWARD = 0x8000;

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
    this.#decideByFlow(port, this.#walkOf(port));
    const isToServices =
      verdict.argument === context.program.servicesPort && verdict.kind === FORWARD;
    if (isToServices) this.#meter(port, segmentSize);
    return verdict;
  }

  /**
   * Decides on what a packet has become, by the last verdict on it. The verdict is reused by the next call.
   * @param reshaper Has taken that verdict. @param start With `RESHAPE_ROOM` bytes before it.
   */
  decideOnward(
    reshaper: Reshaper,
    bytes: Uint8Array,
    start: number,
    size: number,
    nowMs: number,
  ): Verdict {
    const context = this.#context;
    const { frame, verdict, program } = context;
    const fault = reshaper.apply(program, this.#state, bytes, start, size);
    context.bytes = bytes;
    context.nowMs = nowMs;
    context.eni = reshaper.eni;
    const refused =
      fault === PARSED ? parseFrame(bytes, reshaper.start, reshaper.size, frame) : fault;
    if (refused !== PARSED) {
      context.refuse(refused);
      return verdict;
    }
    context.packetSize = frame.packetSize;
    if (reshaper.isUnwrapping) {
      context.endpoint = reshaper.endpoint;
      if (!isOfGivenFlow(context, reshaper.appliance, reshaper.cookie)) {
        context.refuse(DROP.GENEVE_FLOW_UNKNOWN);
        return verdict;
      }
    }
    this.#decideByFlow(ONWARD | (reshaper.eni & ~ONWARD), runFromGateway);
    return verdict;
  }

  /**
   * Decides on what a router of the fabric tells a NAT gateway of a packet that it has sent on. The verdict is
   * reused by the next call. @param eni The interface of the gateway.
   */
  decideAtGateway(
    eni: number,
    bytes: Uint8Array,
    start: number,
    size: number,
    nowMs: number,
  ): Verdict {
    const context = this.#context;
    context.bytes = bytes;
    context.nowMs = nowMs;
    context.eni = eni;
    const refused = parseFrame(bytes, start, size, context.frame);
    context.packetSize = context.frame.packetSize;
    if (refused === PARSED) runToGateway(context);
    else context.refuse(refused);
    return context.verdict;
  }

  /** Drops a frame that cannot even be parsed. @param reason Index of the drop reason. */
  refuse(port: number, reason: number): Verdict {
    this.#context.eni = eniOfPort(this.#context.program, port);
    this.#context.refuse(reason);
    return this.#context.verdict;
  }

  /** @returns what walks the layers for a packet of this port. */
  #walkOf(port: number): (context: LayerContext) => void {
    const { eni, program } = this.#context;
    if (eni !== -1) return runFromPort;
    return port === program.uplinkPort ? runFromUplink : runFromServices;
  }

  /** @param port Of the sender, or what stands for it. @param run Walks the layers. */
  #decideByFlow(port: number, run: (context: LayerContext) => void): void {
    const context = this.#context;
    const { frame, verdict, nowMs } = context;
    const stray = frame.fragment === FRAGMENT_NONE ? PARSED : this.#followFragment(port);
    if (stray !== PARSED) {
      context.refuse(stray);
    } else if (frame.family === 0 || !this.#isKnownFlow(port)) {
      run(context);
      if (isRemembered(context)) this.#state.flows.insert(port, frame, nowMs, verdict);
    }
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
    if (verdict.kind === DISCARD) {
      // No filter had looked, else it would not have been remembered.
      this.#context.isFiltered = false;
      return true;
    }
    if ((verdict.rewrite & REWRITE_TTL) !== 0 && !hasHopsLeft(this.#context, 1)) return false;
    if (verdict.kind === WRAP && !this.#touchBalanced()) return false;
    if (verdict.kind > UNWRAP && !this.#isNatFlow()) return false;
    return this.#isFresh() || this.#touchConnections();
  }

  /** @returns false when the flow through a load balancer is gone. */
  #touchBalanced(): boolean {
    const { balancerSlot, balancerSerial } = this.#context.verdict;
    return this.#state.balancedFlows.touch(balancerSlot, balancerSerial, this.#context.nowMs);
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

  /** @returns false when the slot of the flow through a NAT gateway has another one by now. */
  #isNatFlow(): boolean {
    const { natSlot, natSerial } = this.#context.verdict;
    return this.#state.natFlows.serialOf(natSlot) === natSerial;
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

function runFromPort(context: LayerContext): void {
  runLayers(context, null);
}

/** Behind these ports are namespaces of the lab itself, which any MAC address may be in. */
function isOfHost({ servicesPort, uplinkPort }: Program, port: number): boolean {
  return port === servicesPort || port === uplinkPort;
}

function runFromGateway(context: LayerContext): void {
  runOnward(context, null);
}

/**
 * A flow remembers only what the program and the connections it names decide: not a refusal for want
 * of a connection, which may begin at any time, nor what was decided by more than the flow's key.
 */
function isRemembered(context: LayerContext): boolean {
  const { frame, verdict, isFiltered } = context;
  if (frame.family === 0 || verdict.kind === PUNT) return false;
  if (verdict.kind === DISCARD) return !isFiltered && context.natSlot === 0;
  // There is room for one.
  if (verdict.kind === WRAP && context.natSlot !== 0) return false;
  // An ICMP error goes by the packet that it quotes.
  return !context.isPassing && !isIcmpErrorFrame(frame) && verdict.fragmentTo === 0;
}

/** @returns bytes of the IP packet, or of the largest segment of a super-frame. */
function largestPacket({ frame, bytes }: LayerContext, segmentSize: number): number {
  if (segmentSize === 0) return frame.packetSize;
  return Math.min(frame.packetSize, superFrameHeaderSize(frame, bytes) + segmentSize);
}
