/**
 * The subnet's router says of a packet that it is too big for the way it should go (MTU-4).
 * Read first: RFC 1191 section 4, RFC 4443 section 3.2; RFC 1122 3.2.2 and RFC 4443 2.4 (e) for what
 * is never answered with an error.
 */
import type { Ipv4Addr } from '../addr/ipv4.ts';
import type { Ipv6Addr } from '../addr/ipv6.ts';
import { type MacAddr, macHigh16 } from '../addr/mac.ts';
import type { DropCode } from '../dataplane/drop-reason.ts';
import { EMPTY_BYTES } from '../packet/bytes.ts';
import {
  ETHERNET_HEADER_SIZE,
  ETHERTYPE_IPV4,
  ETHERTYPE_IPV6,
  type EthernetRepr,
  emitEthernet,
  parseEthernet,
} from '../packet/ethernet.ts';
import { emitIcmp, icmpSize, icmpType, isIcmpError } from '../packet/icmp.ts';
import { fragmentationNeeded, packetTooBig } from '../packet/icmp-error.ts';
import { icmpv6Type, isIcmpv6Error } from '../packet/icmpv6.ts';
import {
  emitIpv4Header,
  IPPROTO_ICMP,
  IPPROTO_ICMPV6,
  IPV4_HEADER_SIZE,
  type Ipv4Repr,
  parseIpv4Header,
} from '../packet/ipv4.ts';
import { NDP_REDIRECT } from '../packet/ndp.ts';
import { drop, type ResponderAnswer, reply } from './answer.ts';
import { type Ipv6Packet, icmpv6Frame, parseIpv6Frame } from './icmpv6-frame.ts';

export interface TooBigView {
  readonly eniMac: MacAddr;
  readonly routerMac: MacAddr;
  /** `.1` of the subnet. */
  readonly routerAddr: Ipv4Addr;
  /** An address that the guest can answer to, or at least place: global when the router has one. */
  readonly routerAddr6: Ipv6Addr;
  /** Bytes of the largest packet that can go on, from its IP header. */
  readonly mtu: number;
  /** What the frame is dropped for when no error may be said of it. */
  readonly silence: DropCode;
}

const ROUTER_TTL = 64;
/** Internetwork control, the precedence of errors. @source RFC 1812 4.3.2.5 */
const ERROR_PRECEDENCE = 0xc0;
/** In the first two octets of a MAC address. */
const GROUP_BIT = 0x0100;
const LOOPBACK_6 = 1n;

/**
 * Answers a packet with fragmentation-needed or packet-too-big. A super-frame is answered as the
 * first of its segments, which the caller gives.
 * @param frame Bytes from the destination MAC.
 * @source MTU-4
 */
export function answerTooBig(frame: Uint8Array, view: TooBigView): ResponderAnswer {
  const ethernet = parseEthernet(frame, 0, frame.length);
  switch (ethernet?.etherType) {
    case ETHERTYPE_IPV4:
      return answerIpv4(frame, ethernet, view);
    case ETHERTYPE_IPV6:
      return answerIpv6(frame, view);
    default:
      return drop(view.silence);
  }
}

function answerIpv4(frame: Uint8Array, ethernet: EthernetRepr, view: TooBigView): ResponderAnswer {
  const ip = parseIpv4Header(frame, ETHERNET_HEADER_SIZE, frame.length - ETHERNET_HEADER_SIZE);
  const isGroup = (macHigh16(ethernet.destination) & GROUP_BIT) !== 0;
  if (ip === null || isGroup || !mayBeAnswered(frame, ip)) return drop(view.silence);
  const message = fragmentationNeeded(frame, ETHERNET_HEADER_SIZE, view.mtu);
  const payloadSize = icmpSize(message);
  const out = new Uint8Array(ETHERNET_HEADER_SIZE + IPV4_HEADER_SIZE + payloadSize);
  const link = { destination: view.eniMac, source: view.routerMac, etherType: ETHERTYPE_IPV4 };
  const header = {
    dscpEcn: ERROR_PRECEDENCE,
    // The error is never fragmented, so that it needs no identification (RFC 6864 4.1).
    identification: 0,
    dontFragment: true,
    moreFragments: false,
    fragmentOffset: 0,
    ttl: ROUTER_TTL,
    protocol: IPPROTO_ICMP,
    source: view.routerAddr,
    destination: ip.source,
    options: EMPTY_BYTES,
    payloadSize,
  };
  let at = emitEthernet(link, out, 0);
  at += emitIpv4Header(header, out, at);
  emitIcmp(message, out, at);
  return reply(out);
}

/** @source RFC 1122 3.2.2 */
function mayBeAnswered(frame: Uint8Array, ip: Ipv4Repr): boolean {
  if (!ip.dontFragment || ip.fragmentOffset !== 0) return false;
  if (!isHost(ip.source) || ip.destination >>> 24 >= 224) return false;
  if (ip.protocol !== IPPROTO_ICMP) return true;
  const at = ETHERNET_HEADER_SIZE + IPV4_HEADER_SIZE + ip.options.length;
  return ip.payloadSize > 0 && !isIcmpError(icmpType(frame, at));
}

/** @returns false for network 0, loopback, multicast and what lies above. */
function isHost(addr: Ipv4Addr): boolean {
  const network = addr >>> 24;
  return network !== 0 && network !== 127 && network < 224;
}

function answerIpv6(frame: Uint8Array, view: TooBigView): ResponderAnswer {
  const packet = parseIpv6Frame(frame);
  if (packet === null || !mayBeAnswered6(frame, packet)) return drop(view.silence);
  const way = {
    sourceMac: view.routerMac,
    destinationMac: view.eniMac,
    source: view.routerAddr6,
    destination: packet.ip.source,
    hopLimit: ROUTER_TTL,
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
