/**
 * A router says of a packet that it is too big for the way it should go (MTU-4).
 * Read first: RFC 1191 section 4, RFC 4443 section 3.2 and 2.4 (e), which has what is never answered.
 */
import type { DropCode } from '../dataplane/drop-reason.ts';
import { ETHERNET_HEADER_SIZE, ETHERTYPE_IPV6, parseEthernet } from '../packet/ethernet.ts';
import { fragmentationNeeded, packetTooBig } from '../packet/icmp-error.ts';
import { drop, type ResponderAnswer, reply } from './answer.ts';
import { answerableIpv4, type HopView, icmpErrorFrame } from './hop.ts';
import { answerableIpv6, icmpv6ErrorFrame } from './hop6.ts';

export interface TooBigView extends HopView {
  /** Bytes of the largest packet that can go on, from its IP header. */
  readonly mtu: number;
  /** What the frame is dropped for when no error may be said of it. */
  readonly silence: DropCode;
}

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
  const source = answerableIpv6(frame);
  if (source === null) return drop(view.silence);
  const message = packetTooBig(frame, ETHERNET_HEADER_SIZE, view.mtu);
  return reply(icmpv6ErrorFrame(view, source, message));
}
