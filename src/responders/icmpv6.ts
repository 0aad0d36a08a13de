/**
 * The subnet's router answers ping over IPv6, at each of its addresses, and nothing else.
 * Read first: RFC 4443 section 4, facts L2-15, L2-16 and SUB-10.
 */
import type { Ipv6Addr } from '../addr/ipv6.ts';
import type { MacAddr } from '../addr/mac.ts';
import { ICMPV6_ECHO_REQUEST, ICMPV6_HEADER_SIZE, icmpv6Type } from '../packet/icmpv6.ts';
import { IPPROTO_ICMPV6 } from '../packet/ipv4.ts';
import { drop, type ResponderAnswer, reply } from './answer.ts';
import { icmpv6Frame, parseIcmpv6Message, parseIpv6Frame } from './icmpv6-frame.ts';

export interface Icmpv6EchoView {
  readonly eniMac: MacAddr;
  readonly routerMac: MacAddr;
  /** @returns true for the addresses of the subnet's router (SUB-10). */
  isRouter(addr: Ipv6Addr): boolean;
}

const ROUTER_HOP_LIMIT = 64;

/**
 * Answers an echo request to the router with the same payload.
 * @param frame Bytes from the destination MAC.
 * @param checksumPending True when the guest left the checksum to its device.
 * @source L2-15, by analogy
 */
export function answerIcmpv6Echo(
  frame: Uint8Array,
  view: Icmpv6EchoView,
  checksumPending: boolean,
): ResponderAnswer {
  const packet = parseIpv6Frame(frame);
  if (packet?.upper.protocol !== IPPROTO_ICMPV6) return drop('ICMP_MALFORMED');
  const { ip, upper, upperSize } = packet;
  if (!view.isRouter(ip.destination)) return drop('ICMP_NOT_FOR_ROUTER');
  if (upper.fragmentOffset !== -1) return drop('ICMP_FRAGMENTED');
  if (upperSize < ICMPV6_HEADER_SIZE) return drop('ICMP_MALFORMED');
  if (icmpv6Type(frame, upper.offset) !== ICMPV6_ECHO_REQUEST) return drop('ICMP_NOT_ECHO_REQUEST');
  const message = parseIcmpv6Message(frame, packet, checksumPending);
  if (message?.kind !== 'echo-request') return drop('ICMP_MALFORMED');
  const way = {
    sourceMac: view.routerMac,
    destinationMac: view.eniMac,
    source: ip.destination,
    destination: ip.source,
    hopLimit: ROUTER_HOP_LIMIT,
  };
  return reply(icmpv6Frame(way, { ...message, kind: 'echo-reply' }));
}
