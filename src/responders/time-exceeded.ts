/**
 * A NAT gateway says of a packet that it has crossed too many routers, so that a guest's traceroute shows
 * the gateway. Read first: RFC 792 (time exceeded), RFC 1812 5.3.1. Rule: NAT-5.
 */
import { ETHERNET_HEADER_SIZE } from '../packet/ethernet.ts';
import { timeExceeded } from '../packet/icmp-error.ts';
import { drop, type ResponderAnswer, reply } from './answer.ts';
import { answerableIpv4, type HopView, icmpErrorFrame } from './hop.ts';

/**
 * A super-frame is answered as the first of its segments, which the caller gives.
 * @param frame Bytes from the destination MAC, IPv4.
 * @source NAT-5
 */
export function answerTimeExceeded(frame: Uint8Array, view: HopView): ResponderAnswer {
  const ip = answerableIpv4(frame);
  if (ip === null) return drop('TTL_EXCEEDED');
  return reply(icmpErrorFrame(view, ip.source, timeExceeded(frame, ETHERNET_HEADER_SIZE)));
}
