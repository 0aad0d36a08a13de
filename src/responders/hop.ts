/**
 * How a router on the way speaks to the sender of an IPv4 packet: the frame around its ICMP errors, and
 * of which packets it may not complain.
 * Read first: RFC 1122 3.2.2, RFC 1812 4.3.2.
 */
import type { Ipv4Addr } from '../addr/ipv4.ts';
import type { Ipv6Addr } from '../addr/ipv6.ts';
import { type MacAddr, macHigh16 } from '../addr/mac.ts';
import { EMPTY_BYTES } from '../packet/bytes.ts';
import {
  ETHERNET_HEADER_SIZE,
  ETHERTYPE_IPV4,
  emitEthernet,
  parseEthernet,
} from '../packet/ethernet.ts';
import { emitIcmp, type IcmpErrorRepr, icmpSize, icmpType, isIcmpError } from '../packet/icmp.ts';
import {
  emitIpv4Header,
  IPPROTO_ICMP,
  IPV4_HEADER_SIZE,
  type Ipv4Repr,
  parseIpv4Header,
} from '../packet/ipv4.ts';

export interface HopView {
  readonly eniMac: MacAddr;
  readonly routerMac: MacAddr;
  /** Of the router that speaks: `.1` of the subnet, or a gateway beyond it. */
  readonly routerAddr: Ipv4Addr;
  /** The same to one who speaks IPv6. It can answer to it, or at least place it: global if there is such. */
  readonly routerAddr6: Ipv6Addr;
}

const ROUTER_TTL = 64;
/** Internetwork control, the precedence of errors. @source RFC 1812 4.3.2.5 */
const ERROR_PRECEDENCE = 0xc0;
/** In the first two octets of a MAC address. */
const GROUP_BIT = 0x0100;

/**
 * @param frame Bytes from the destination MAC.
 * @returns the header of an IPv4 packet that an error may be said of, else null.
 * @source RFC 1122 3.2.2
 */
export function answerableIpv4(frame: Uint8Array): Ipv4Repr | null {
  const ethernet = parseEthernet(frame, 0, frame.length);
  if (ethernet?.etherType !== ETHERTYPE_IPV4) return null;
  if ((macHigh16(ethernet.destination) & GROUP_BIT) !== 0) return null;
  const ip = parseIpv4Header(frame, ETHERNET_HEADER_SIZE, frame.length - ETHERNET_HEADER_SIZE);
  if (ip === null || ip.fragmentOffset !== 0) return null;
  if (!isHost(ip.source) || ip.destination >>> 24 >= 224) return null;
  if (ip.protocol !== IPPROTO_ICMP) return ip;
  const at = ETHERNET_HEADER_SIZE + IPV4_HEADER_SIZE + ip.options.length;
  return ip.payloadSize > 0 && !isIcmpError(icmpType(frame, at)) ? ip : null;
}

/** @returns false for network 0, loopback, multicast and what lies above. */
function isHost(addr: Ipv4Addr): boolean {
  const network = addr >>> 24;
  return network !== 0 && network !== 127 && network < 224;
}

/** @param destination The sender of the packet. @returns the frame with the error. */
export function icmpErrorFrame(
  { eniMac, routerMac, routerAddr }: HopView,
  destination: Ipv4Addr,
  message: IcmpErrorRepr,
): Uint8Array {
  const payloadSize = icmpSize(message);
  const out = new Uint8Array(ETHERNET_HEADER_SIZE + IPV4_HEADER_SIZE + payloadSize);
  const link = { destination: eniMac, source: routerMac, etherType: ETHERTYPE_IPV4 };
  const header = {
    dscpEcn: ERROR_PRECEDENCE,
    // The error is never fragmented, so that it needs no identification (RFC 6864 4.1).
    identification: 0,
    dontFragment: true,
    moreFragments: false,
    fragmentOffset: 0,
    ttl: ROUTER_TTL,
    protocol: IPPROTO_ICMP,
    source: routerAddr,
    destination,
    options: EMPTY_BYTES,
    payloadSize,
  };
  let at = emitEthernet(link, out, 0);
  at += emitIpv4Header(header, out, at);
  emitIcmp(message, out, at);
  return out;
}
