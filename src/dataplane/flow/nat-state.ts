/**
 * The life of a flow through a NAT gateway, packet by packet. Rules: NAT-2.
 *
 * A flow begins unanswered, is answered by the first packet of the other side, and closed by a RST or
 * the FINs of both sides. AWS documents one idle timeout for all protocols; how long a closed
 * connection holds its port is ours: what is still under way may pass for a moment.
 */
import { TCP_ACK, TCP_FIN, TCP_RST, TCP_SYN } from '../../packet/tcp.ts';

/** Bits of a state; none: packets of the inside only. */
const ANSWERED = 1;
const INSIDE_FIN = 2;
const OUTSIDE_FIN = 4;
const CLOSED = INSIDE_FIN | OUTSIDE_FIN;

export const NAT_NEW = 0;

/** What a flow is to others that want its place. */
export const UNANSWERED_FLOW = 0;
export const ANSWERED_FLOW = 1;
export const CLOSED_FLOW = 2;
export const NAT_FLOW_KINDS = 3;

/** @source NAT-2 */
const IDLE_MS = 350_000;
const CLOSED_MS = 10_000;

/** @returns `UNANSWERED_FLOW`, `ANSWERED_FLOW` or `CLOSED_FLOW`. */
export function natFlowKind(state: number): number {
  if ((state & CLOSED) === CLOSED) return CLOSED_FLOW;
  return (state & ANSWERED) === 0 ? UNANSWERED_FLOW : ANSWERED_FLOW;
}

/** @returns for how many milliseconds a flow of the kind lives without a packet: it is gone after them. */
export function natTimeoutMs(kind: number): number {
  return kind === CLOSED_FLOW ? CLOSED_MS : IDLE_MS;
}

/** @param flags Of TCP. @returns true for the packet that opens a connection. */
export function opensConnection(flags: number): boolean {
  return (flags & (TCP_SYN | TCP_ACK | TCP_RST | TCP_FIN)) === TCP_SYN;
}

/**
 * @param isReply The packet comes from outside. @param flags Of TCP; 0 for other protocols.
 * @returns the state after the packet; `NAT_NEW` when it opens a closed connection anew.
 */
export function nextNatState(state: number, isReply: boolean, flags: number): number {
  if ((state & CLOSED) === CLOSED) return !isReply && opensConnection(flags) ? NAT_NEW : state;
  if ((flags & TCP_RST) !== 0) return state | CLOSED;
  const next = isReply ? state | ANSWERED : state;
  if ((flags & TCP_FIN) === 0) return next;
  return next | (isReply ? OUTSIDE_FIN : INSIDE_FIN);
}
