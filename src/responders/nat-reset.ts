/**
 * A NAT gateway ends a TCP connection that it does not know any more: to the guest the other end has.
 * Read first: RFC 9293 3.5.2 and 3.10.7.1. Rules: NAT-2, NAT-8.
 */
import type { MacAddr } from '../addr/mac.ts';
import { EMPTY_BYTES } from '../packet/bytes.ts';
import { addressSum4, addressSum6 } from '../packet/checksum.ts';
import {
  ETHERNET_HEADER_SIZE,
  ETHERTYPE_IPV4,
  ETHERTYPE_IPV6,
  emitEthernet,
  parseEthernet,
} from '../packet/ethernet.ts';
import {
  emitIpv4Header,
  IPPROTO_TCP,
  IPV4_HEADER_SIZE,
  ipv4HeaderSize,
  parseIpv4Header,
} from '../packet/ipv4.ts';
import { emitIpv6Header, IPV6_HEADER_SIZE } from '../packet/ipv6.ts';
import {
  emitTcp,
  parseTcp,
  TCP_ACK,
  TCP_FIN,
  TCP_HEADER_SIZE,
  TCP_RST,
  TCP_SYN,
  type TcpRepr,
} from '../packet/tcp.ts';
import { drop, type ResponderAnswer, reply } from './answer.ts';
import { parseIpv6Frame } from './icmpv6-frame.ts';

export interface NatResetView {
  readonly eniMac: MacAddr;
  readonly routerMac: MacAddr;
}

const RESET_TTL = 64;

/**
 * Answers a segment with RST, but for one that is itself a RST or whose checksum is wrong.
 * @param frame Bytes from the destination MAC; the checksum is complete.
 * @source NAT-2
 */
export function answerNatReset(frame: Uint8Array, view: NatResetView): ResponderAnswer {
  const ethernet = parseEthernet(frame, 0, frame.length);
  const out = ethernet?.etherType === ETHERTYPE_IPV6 ? reset6(frame, view) : reset4(frame, view);
  return out === null ? drop('NAT_GATEWAY_NO_CONNECTION') : reply(out);
}

/** @returns the frame with the reset; null when there is to be none. */
function reset4(frame: Uint8Array, { eniMac, routerMac }: NatResetView): Uint8Array | null {
  const ip = parseIpv4Header(frame, ETHERNET_HEADER_SIZE, frame.length - ETHERNET_HEADER_SIZE);
  if (ip?.protocol !== IPPROTO_TCP || ip.moreFragments || ip.fragmentOffset !== 0) return null;
  const at = ETHERNET_HEADER_SIZE + ipv4HeaderSize(frame, ETHERNET_HEADER_SIZE);
  const segment = parseTcp(frame, at, ip.payloadSize, addressSum4(ip.source, ip.destination));
  if (segment === null || (segment.flags & TCP_RST) !== 0) return null;
  const out = new Uint8Array(ETHERNET_HEADER_SIZE + IPV4_HEADER_SIZE + TCP_HEADER_SIZE);
  const header = {
    dscpEcn: 0,
    // It is never fragmented, so that it needs no identification (RFC 6864 4.1).
    identification: 0,
    dontFragment: true,
    moreFragments: false,
    fragmentOffset: 0,
    ttl: RESET_TTL,
    protocol: IPPROTO_TCP,
    source: ip.destination,
    destination: ip.source,
    options: EMPTY_BYTES,
    payloadSize: TCP_HEADER_SIZE,
  };
  const link = { destination: eniMac, source: routerMac, etherType: ETHERTYPE_IPV4 };
  let end = emitEthernet(link, out, 0);
  end += emitIpv4Header(header, out, end);
  emitTcp(resetOf(segment), addressSum4(ip.destination, ip.source), out, end);
  return out;
}

/** The same for a guest behind NAT64 (NAT-8). */
function reset6(frame: Uint8Array, { eniMac, routerMac }: NatResetView): Uint8Array | null {
  const packet = parseIpv6Frame(frame);
  if (packet?.upper.protocol !== IPPROTO_TCP || packet.upper.fragmentOffset !== -1) return null;
  const { ip, upper, upperSize } = packet;
  const segment = parseTcp(frame, upper.offset, upperSize, addressSum6(ip.source, ip.destination));
  if (segment === null || (segment.flags & TCP_RST) !== 0) return null;
  const out = new Uint8Array(ETHERNET_HEADER_SIZE + IPV6_HEADER_SIZE + TCP_HEADER_SIZE);
  const header = {
    trafficClass: 0,
    flowLabel: 0,
    payloadSize: TCP_HEADER_SIZE,
    nextHeader: IPPROTO_TCP,
    hopLimit: RESET_TTL,
    source: ip.destination,
    destination: ip.source,
  };
  const link = { destination: eniMac, source: routerMac, etherType: ETHERTYPE_IPV6 };
  let end = emitEthernet(link, out, 0);
  end += emitIpv6Header(header, out, end);
  emitTcp(resetOf(segment), addressSum6(ip.destination, ip.source), out, end);
  return out;
}

/** The reset is in the window of its receiver. @source RFC 9293 3.10.7.1 */
function resetOf(segment: TcpRepr): TcpRepr {
  const { flags, sequence, acknowledgement, payload } = segment;
  const hasAck = (flags & TCP_ACK) !== 0;
  const size = payload.length + ((flags & TCP_SYN) >>> 1) + (flags & TCP_FIN);
  return {
    sourcePort: segment.destinationPort,
    destinationPort: segment.sourcePort,
    sequence: hasAck ? acknowledgement : 0,
    acknowledgement: hasAck ? 0 : (sequence + size) >>> 0,
    flags: hasAck ? TCP_RST : TCP_RST | TCP_ACK,
    window: 0,
    urgentPointer: 0,
    options: EMPTY_BYTES,
    payload: EMPTY_BYTES,
  };
}
