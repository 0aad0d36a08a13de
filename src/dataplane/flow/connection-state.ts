/**
 * The life of a tracked connection, packet by packet. Rules: SG-7, SG-8.
 * AWS documents the timeouts of idle flows that are established; those of the other states are ours.
 */
import { IPPROTO_ICMP, IPPROTO_ICMPV6, IPPROTO_TCP, IPPROTO_UDP } from '../../packet/ipv4.ts';
import { TCP_FIN, TCP_RST, TCP_SYN } from '../../packet/tcp.ts';

/** Packets of the originator only. */
export const NEW = 0;
/** The other side has replied. */
export const REPLIED = 1;
/** UDP: the originator has sent again after a reply. */
export const AGAIN = 2;
/** TCP: the handshake is over. UDP: a stream. Others: both sides have sent. */
export const ESTABLISHED = 3;
/** One side has sent its FIN: the originator, or the other. */
export const ORIGIN_CLOSED = 4;
export const REPLY_CLOSED = 5;
/** Both FINs or a RST were seen: what is still under way may pass for a moment. */
export const CLOSED = 6;

/** A TCP connection that is not established yet, or no more. */
const TCP_HANDSHAKE_MS = 60_000;
const TCP_HALF_CLOSED_MS = 120_000;
const TCP_CLOSED_MS = 10_000;
const ICMP_MS = 30_000;
/** Protocols other than TCP, UDP and ICMP (SG-7). */
const OTHER_MS = 600_000;

/**
 * @param isReply The packet goes against the first one. @param flags Of TCP.
 * @returns the state after the packet. `NEW` from `CLOSED`: the packet opens a new connection.
 */
export function nextState(
  protocol: number,
  state: number,
  isReply: boolean,
  flags: number,
): number {
  if (protocol === IPPROTO_TCP) return nextTcpState(state, isReply, flags);
  if (protocol === IPPROTO_UDP) return nextUdpState(state, isReply);
  // Of a flood of pings each has a reply.
  if (protocol === IPPROTO_ICMP || protocol === IPPROTO_ICMPV6) return isReply ? REPLIED : state;
  return isReply ? ESTABLISHED : state;
}

function nextTcpState(state: number, isReply: boolean, flags: number): number {
  if (state === CLOSED) return (flags & TCP_SYN) !== 0 ? NEW : CLOSED;
  if ((flags & TCP_RST) !== 0) return CLOSED;
  if ((flags & TCP_FIN) !== 0) {
    const other = isReply ? ORIGIN_CLOSED : REPLY_CLOSED;
    return state === other ? CLOSED : isReply ? REPLY_CLOSED : ORIGIN_CLOSED;
  }
  if (state === NEW) return isReply ? REPLIED : NEW;
  // A flood of SYN brings replies too, but nothing after them.
  if (state === REPLIED) return isReply || (flags & TCP_SYN) !== 0 ? REPLIED : ESTABLISHED;
  return state;
}

/** More than one exchange makes a stream (SG-8). */
function nextUdpState(state: number, isReply: boolean): number {
  switch (state) {
    case NEW:
      return isReply ? REPLIED : NEW;
    case REPLIED:
      return isReply ? REPLIED : AGAIN;
    case AGAIN:
      return isReply ? ESTABLISHED : AGAIN;
    default:
      return ESTABLISHED;
  }
}

/** Tells whether a connection must not give way to a flood of new ones. */
export function isAssured(state: number): boolean {
  return state >= ESTABLISHED && state !== CLOSED;
}

/** @returns for how many milliseconds an idle connection is remembered (SG-8). */
export function idleTimeoutMs(
  protocol: number,
  state: number,
  tcpEstablishedMs: number,
  udpMs: number,
  udpStreamMs: number,
): number {
  switch (protocol) {
    case IPPROTO_TCP:
      if (state === ESTABLISHED) return tcpEstablishedMs;
      if (state < ESTABLISHED) return TCP_HANDSHAKE_MS;
      return state === CLOSED ? TCP_CLOSED_MS : TCP_HALF_CLOSED_MS;
    case IPPROTO_UDP:
      return state === ESTABLISHED ? udpStreamMs : udpMs;
    case IPPROTO_ICMP:
    case IPPROTO_ICMPV6:
      return ICMP_MS;
    default:
      return OTHER_MS;
  }
}
