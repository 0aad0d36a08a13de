/**
 * A NAT gateway says of a packet that it has crossed too many routers, so that a guest's traceroute shows
 * the gateway. Read first: RFC 792 (time exceeded), RFC 1812 5.3.1, RFC 4443 3.3. Rules: NAT-5, NAT-8.
 */
import { ETHERNET_HEADER_SIZE, ETHERTYPE_IPV6, parseEthernet } from '../packet/ethernet.ts';
import { hopLimitExceeded, timeExceeded } from '../packet/icmp-error.ts';
import { drop, type ResponderAnswer, reply } from './answer.ts';
import { answerableIpv4, type HopView, icmpErrorFrame } from './hop.ts';
import { answerableIpv6, icmpv6ErrorFrame } from './hop6.ts';

/**
 * A super-frame is answered as the first of its segments, which the caller gives.
 * @param frame Bytes from the destination MAC.
 * @source NAT-5
 */
export function answerTimeExceeded(frame: Uint8Array, view: HopView): ResponderAnswer {
  const ethernet = parseEthernet(frame, 0, frame.length);
  if (ethernet?.etherType === ETHERTYPE_IPV6) return answerIpv6(frame, view);
  const ip = answerableIpv4(frame);
  if (ip === null) return drop('TTL_EXCEEDED');
  return reply(icmpErrorFrame(view, ip.source, timeExceeded(frame, ETHERNET_HEADER_SIZE)));
}

function answerIpv6(frame: Uint8Array, view: HopView): ResponderAnswer {
  const source = answerableIpv6(frame);
  if (source === null) return drop('TTL_EXCEEDED');
  const message = hopLimitExceeded(frame, ETHERNET_HEADER_SIZE);
  return reply(icmpv6ErrorFrame(view, source, message));
}
