/**
 * ICMP of both families in one: which messages are errors, which are queries, and the errors for a
 * packet that is too big for the next hop or has crossed too many of them.
 * Read first: RFC 1122 3.2.2, RFC 1191 section 4, RFC 1812 4.3.2, RFC 4443 2.4 and 3.2.
 */
import {
  ICMP_FRAGMENTATION_NEEDED,
  ICMP_HEADER_SIZE,
  ICMP_TTL_EXCEEDED,
  type IcmpErrorRepr,
  icmpQueryClass,
  isIcmpError,
} from './icmp.ts';
import {
  ICMPV6_HEADER_SIZE,
  type Icmpv6ErrorRepr,
  icmpv6QueryClass,
  isIcmpv6Error,
} from './icmpv6.ts';
import { IPV4_HEADER_SIZE, ipv4TotalLength } from './ipv4.ts';
import { IPV6_HEADER_SIZE, ipv6PayloadLength } from './ipv6.ts';

/** Bytes of the whole error, from its IP header: what every host takes in one piece. */
export const MAX_ERROR_SIZE_4 = 576;
export const MAX_ERROR_SIZE_6 = 1280;

/** @returns true for the messages that quote the packet they complain about. */
export function isIcmpErrorOf(family: 4 | 6, type: number): boolean {
  return family === 4 ? isIcmpError(type) : isIcmpv6Error(type);
}

/** @returns the type of the request for both ways of a query, or -1. */
export function icmpQueryClassOf(family: 4 | 6, type: number): number {
  return family === 4 ? icmpQueryClass(type) : icmpv6QueryClass(type);
}

/**
 * The error for an IPv4 packet with the don't-fragment bit.
 * @param offset Of a checked IP header in `bytes`. @param nextHopMtu 68..65535.
 * @returns a message whose quote is a view into `bytes`: all that fits in 576 bytes.
 * @source RFC 1191 4, RFC 1812 4.3.2.3
 */
export function fragmentationNeeded(
  bytes: Uint8Array,
  offset: number,
  nextHopMtu: number,
): IcmpErrorRepr {
  return {
    kind: 'unreachable',
    code: ICMP_FRAGMENTATION_NEEDED,
    nextHopMtu,
    pointer: 0,
    quote: quoteIpv4(bytes, offset),
  };
}

/**
 * The error for an IPv4 packet whose TTL has run out on the way.
 * @param offset Of a checked IP header in `bytes`.
 * @returns a message whose quote is a view into `bytes`: all that fits in 576 bytes.
 * @source RFC 792, RFC 1812 4.3.2.3
 */
export function timeExceeded(bytes: Uint8Array, offset: number): IcmpErrorRepr {
  const quote = quoteIpv4(bytes, offset);
  return { kind: 'time-exceeded', code: ICMP_TTL_EXCEEDED, nextHopMtu: 0, pointer: 0, quote };
}

function quoteIpv4(bytes: Uint8Array, offset: number): Uint8Array {
  const room = MAX_ERROR_SIZE_4 - IPV4_HEADER_SIZE - ICMP_HEADER_SIZE;
  return bytes.subarray(offset, offset + Math.min(room, ipv4TotalLength(bytes, offset)));
}

/**
 * The error for an IPv6 packet.
 * @param offset Of a checked IP header in `bytes`. @param mtu Of the next hop.
 * @returns a message whose quote is a view into `bytes`: all that fits in 1280 bytes.
 * @source RFC 4443 3.2
 */
export function packetTooBig(bytes: Uint8Array, offset: number, mtu: number): Icmpv6ErrorRepr {
  return { kind: 'packet-too-big', code: 0, parameter: mtu, quote: quoteIpv6(bytes, offset) };
}

/**
 * The error for an IPv6 packet whose hop limit has run out on the way.
 * @param offset Of a checked IP header in `bytes`.
 * @returns a message whose quote is a view into `bytes`: all that fits in 1280 bytes.
 * @source RFC 4443 3.3
 */
export function hopLimitExceeded(bytes: Uint8Array, offset: number): Icmpv6ErrorRepr {
  return { kind: 'time-exceeded', code: 0, parameter: 0, quote: quoteIpv6(bytes, offset) };
}

function quoteIpv6(bytes: Uint8Array, offset: number): Uint8Array {
  const room = MAX_ERROR_SIZE_6 - IPV6_HEADER_SIZE - ICMPV6_HEADER_SIZE;
  const size = Math.min(room, IPV6_HEADER_SIZE + ipv6PayloadLength(bytes, offset));
  return bytes.subarray(offset, offset + size);
}
