/**
 * A router says of a packet that it is too big for the way it should go (MTU-4).
 * Read first: RFC 1191 section 4, RFC 4443 section 3.2 and 2.4 (e), which has what is never answered.
 */
import type { Ipv6Addr } from '../addr/ipv6.ts';
import type { DropCode } from '../dataplane/drop-reason.ts';
import { ETHERNET_HEADER_SIZE, ETHERTYPE_IPV6, parseEthernet } from '../packet/ethernet.ts';
import { fragmentationNeeded, packetTooBig } from '../packet/icmp-error.ts';
import { icmpv6Type, isIcmpv6Error } from '../packet/icmpv6.ts';
import { IPPROTO_ICMPV6 } from '../packet/ipv4.ts';
import { NDP_REDIRECT } from '../packet/ndp.ts';
import { drop, type ResponderAnswer, reply } from './answer.ts';
import { answerableIpv4, type HopView, icmpErrorFrame } from './hop.ts';
import { type Ipv6Packet, icmpv6Frame, parseIpv6Frame } from './icmpv6-frame.ts';

export interface TooBigView extends HopView {
  /** An address that the guest can answer to, or at least place: global when the router has one. */
  readonly routerAddr6: Ipv6Addr;
  /** Bytes of the largest packet that can go on, from its IP header. */
  readonly mtu: number;
  /** What the frame is dropped for when no error may be said of it. */
  readonly silence: DropCode;
}

const ROUTER_HOP_LIMIT = 64;
const LOOPBACK_6 = 1n;

/**
 * Answers a packet with fragmentation-needed or packet-too-big. A super-frame is answered as the
 * first of its segments, which the caller gives.
 * @param frame Bytes from the destination MAC.
 * @source MTU-4
 */
export function answerTooBig(frame: Uint8Array, view: TooBigView): ResponderAnswer {
  const ethernet = parseEthernet(frame, 0, frame.length);
  if (ethernet?.etherType === ETHERTYPE_IPV6) return answerIpv6(frame, view);
  const ip = answerableIpv4(frame);
  if (ip === null || !ip.dontFragment) return drop(view.silence);
  const message = fragmentationNeeded(frame, ETHERNET_HEADER_SIZE, view.mtu);
  return reply(icmpErrorFrame(view, ip.source, message));
}

function answerIpv6(frame: Uint8Array, view: TooBigView): ResponderAnswer {
  const packet = parseIpv6Frame(frame);
  if (packet === null || !mayBeAnswered6(frame, packet)) return drop(view.silence);
  const way = {
    sourceMac: view.routerMac,
    destinationMac: view.eniMac,
    source: view.routerAddr6,
    destination: packet.ip.source,
    hopLimit: ROUTER_HOP_LIMIT,
  };
  return reply(icmpv6Frame(way, packetTooBig(frame, ETHERNET_HEADER_SIZE, view.mtu)));
}

/** Multicast destinations are answered: paths to groups have an MTU too. @source RFC 4443 2.4 (e) */
function mayBeAnswered6(frame: Uint8Array, { ip, upper, upperSize }: Ipv6Packet): boolean {
  const isMulticast = ip.source >> 120n === 0xffn;
  if (ip.source <= LOOPBACK_6 || isMulticast || upper.fragmentOffset > 0) return false;
  if (upper.protocol !== IPPROTO_ICMPV6) return true;
  const type = icmpv6Type(frame, upper.offset);
  return upperSize > 0 && !isIcmpv6Error(type) && type !== NDP_REDIRECT;
}
