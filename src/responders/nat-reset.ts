/**
 * A NAT gateway ends a TCP connection that it does not know any more: to the guest the other end has.
 * Read first: RFC 9293 3.5.2 and 3.10.7.1. Rule: NAT-2.
 */
import type { MacAddr } from '../addr/mac.ts';
import { EMPTY_BYTES } from '../packet/bytes.ts';
import { addressSum4 } from '../packet/checksum.ts';
import {
  ETHERNET_HEADER_SIZE,
  ETHERTYPE_IPV4,
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
  const silence = drop('NAT_GATEWAY_NO_CONNECTION');
  const ethernet = parseEthernet(frame, 0, frame.length);
  const ip = parseIpv4Header(frame, ETHERNET_HEADER_SIZE, frame.length - ETHERNET_HEADER_SIZE);
  if (ethernet?.etherType !== ETHERTYPE_IPV4 || ip?.protocol !== IPPROTO_TCP) return silence;
  if (ip.moreFragments || ip.fragmentOffset !== 0) return silence;
  const at = ETHERNET_HEADER_SIZE + ipv4HeaderSize(frame, ETHERNET_HEADER_SIZE);
  const segment = parseTcp(frame, at, ip.payloadSize, addressSum4(ip.source, ip.destination));
  if (segment === null || (segment.flags & TCP_RST) !== 0) return silence;
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
  let end = emitEthernet({ ...ethernet, destination: view.eniMac, source: view.routerMac }, out, 0);
  end += emitIpv4Header(header, out, end);
  emitTcp(resetOf(segment), addressSum4(ip.destination, ip.source), out, end);
  return reply(out);
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
