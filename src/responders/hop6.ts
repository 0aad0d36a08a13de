/**
 * How a router on the way speaks to the sender of an IPv6 packet: the frame around its ICMP errors, and of
 * which packets it may not complain. Read first: RFC 4443 section 2.4 (e).
 */
import type { Ipv6Addr } from '../addr/ipv6.ts';
import { type Icmpv6ErrorRepr, icmpv6Type, isIcmpv6Error } from '../packet/icmpv6.ts';
import { IPPROTO_ICMPV6 } from '../packet/ipv4.ts';
import { NDP_REDIRECT } from '../packet/ndp.ts';
import type { HopView } from './hop.ts';
import { icmpv6Frame, parseIpv6Frame } from './icmpv6-frame.ts';

const ROUTER_HOP_LIMIT = 64;
const LOOPBACK_6 = 1n;

/**
 * Multicast destinations are answered: paths to groups have an MTU too.
 * @param frame Bytes from the destination MAC.
 * @returns the source of an IPv6 packet that an error may be said of, else null.
 * @source RFC 4443 2.4 (e)
 */
export function answerableIpv6(frame: Uint8Array): Ipv6Addr | null {
  const packet = parseIpv6Frame(frame);
  if (packet === null) return null;
  const { ip, upper, upperSize } = packet;
  const isMulticast = ip.source >> 120n === 0xffn;
  if (ip.source <= LOOPBACK_6 || isMulticast || upper.fragmentOffset > 0) return null;
  if (upper.protocol !== IPPROTO_ICMPV6) return ip.source;
  const type = icmpv6Type(frame, upper.offset);
  const isAnswerable = upperSize > 0 && !isIcmpv6Error(type) && type !== NDP_REDIRECT;
  return isAnswerable ? ip.source : null;
}

/** @param destination The sender of the packet. @returns the frame with the error. */
export function icmpv6ErrorFrame(
  { eniMac, routerMac, routerAddr6 }: HopView,
  destination: Ipv6Addr,
  message: Icmpv6ErrorRepr,
): Uint8Array {
  const way = {
    sourceMac: routerMac,
    destinationMac: eniMac,
    source: routerAddr6,
    destination,
    hopLimit: ROUTER_HOP_LIMIT,
  };
  return icmpv6Frame(way, message);
}
