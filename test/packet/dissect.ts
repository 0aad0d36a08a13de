/** A frame taken apart layer by layer with the codecs, and put together again. */
import { type ArpRepr, emitArp, parseArp } from '../../src/packet/arp.ts';
import { addressSum4, addressSum6 } from '../../src/packet/checksum.ts';
import {
  ETHERNET_HEADER_SIZE,
  ETHERTYPE_ARP,
  ETHERTYPE_IPV4,
  ETHERTYPE_IPV6,
  type EthernetRepr,
  emitEthernet,
  parseEthernet,
} from '../../src/packet/ethernet.ts';
import { emitIcmp, type IcmpRepr, parseIcmp } from '../../src/packet/icmp.ts';
import { emitIcmpv6, type Icmpv6Repr, parseIcmpv6 } from '../../src/packet/icmpv6.ts';
import {
  emitIpv4Header,
  IPPROTO_ICMP,
  IPPROTO_ICMPV6,
  IPPROTO_TCP,
  IPPROTO_UDP,
  type Ipv4Repr,
  ipv4HeaderSize,
  parseIpv4Header,
} from '../../src/packet/ipv4.ts';
import {
  createIpv6Upper,
  emitIpv6Header,
  IPV6_HEADER_SIZE,
  type Ipv6Repr,
  parseIpv6Header,
  walkIpv6Extensions,
} from '../../src/packet/ipv6.ts';
import { emitTcp, parseTcp, type TcpRepr } from '../../src/packet/tcp.ts';
import { emitUdp, parseUdp, type UdpRepr } from '../../src/packet/udp.ts';

export type UpperRepr = TcpRepr | UdpRepr | IcmpRepr | Icmpv6Repr;

export interface Dissection {
  readonly ethernet: EthernetRepr | null;
  readonly arp: ArpRepr | null;
  readonly ip: Ipv4Repr | Ipv6Repr | null;
  readonly upper: UpperRepr | null;
  /** What lies behind the last header that was understood, link padding left out. */
  readonly rest: Uint8Array;
}

interface DissectOptions {
  /** Lets a test reach the checks behind the checksum; ICMP for IPv4 always has its own. */
  readonly skipChecksum?: boolean;
  readonly offset?: number;
  readonly size?: number;
}

export function dissect(bytes: Uint8Array, options: DissectOptions = {}): Dissection {
  const start = options.offset ?? 0;
  const size = options.size ?? bytes.length;
  const ethernet = parseEthernet(bytes, start, size);
  const offset = start + ETHERNET_HEADER_SIZE;
  const left = size - ETHERNET_HEADER_SIZE;
  const nothing = { ethernet, arp: null, ip: null, upper: null, rest: new Uint8Array(0) };
  if (ethernet?.etherType === ETHERTYPE_ARP) {
    return { ...nothing, arp: parseArp(bytes, offset, left) };
  }
  if (ethernet?.etherType === ETHERTYPE_IPV4) {
    const ip = parseIpv4Header(bytes, offset, left);
    if (ip === null) return nothing;
    const at = offset + ipv4HeaderSize(bytes, offset);
    const rest = bytes.subarray(at, at + ip.payloadSize);
    const isWhole = !ip.moreFragments && ip.fragmentOffset === 0;
    const sum = options.skipChecksum === true ? null : addressSum4(ip.source, ip.destination);
    const upper = isWhole ? parseUpper(bytes, at, ip.payloadSize, ip.protocol, sum) : null;
    return { ...nothing, ip, upper, rest };
  }
  if (ethernet?.etherType === ETHERTYPE_IPV6) {
    const ip = parseIpv6Header(bytes, offset, left);
    if (ip === null) return nothing;
    const rest = bytes.subarray(
      offset + IPV6_HEADER_SIZE,
      offset + IPV6_HEADER_SIZE + ip.payloadSize,
    );
    const into = createIpv6Upper();
    const fault = walkIpv6Extensions(bytes, offset, into);
    if (fault !== null || into.fragmentOffset !== -1) return { ...nothing, ip, rest };
    const upperSize = offset + IPV6_HEADER_SIZE + ip.payloadSize - into.offset;
    const sum = options.skipChecksum === true ? null : addressSum6(ip.source, ip.destination);
    const upper = parseUpper(bytes, into.offset, upperSize, into.protocol, sum);
    return { ...nothing, ip, upper, rest };
  }
  return nothing;
}

function parseUpper(
  bytes: Uint8Array,
  offset: number,
  size: number,
  protocol: number,
  sum: number | null,
): UpperRepr | null {
  switch (protocol) {
    case IPPROTO_ICMP:
      return parseIcmp(bytes, offset, size);
    case IPPROTO_ICMPV6:
      return parseIcmpv6(bytes, offset, size, sum);
    case IPPROTO_TCP:
      return parseTcp(bytes, offset, size, sum);
    case IPPROTO_UDP:
      return parseUdp(bytes, offset, size, sum);
    default:
      return null;
  }
}

/** Emits every layer that was understood; what was not is copied. */
export function reassemble(parts: Dissection): Uint8Array {
  const out = new Uint8Array(65_600);
  if (parts.ethernet === null) return out.subarray(0, 0);
  let at = emitEthernet(parts.ethernet, out, 0);
  if (parts.arp !== null) return out.subarray(0, at + emitArp(parts.arp, out, at));
  const { ip, upper, rest } = parts;
  if (ip === null) return out.subarray(0, at);
  at += 'ttl' in ip ? emitIpv4Header(ip, out, at) : emitIpv6Header(ip, out, at);
  if (upper === null) {
    out.set(rest, at);
    return out.subarray(0, at + rest.length);
  }
  return out.subarray(0, at + emitUpper(upper, ip, out, at));
}

function emitUpper(
  upper: UpperRepr,
  ip: Ipv4Repr | Ipv6Repr,
  out: Uint8Array,
  offset: number,
): number {
  const isIpv4 = 'ttl' in ip;
  const sum = isIpv4
    ? addressSum4(ip.source, ip.destination)
    : addressSum6(ip.source, ip.destination);
  if ('flags' in upper) return emitTcp(upper, sum, out, offset);
  if ('destinationPort' in upper) return emitUdp(upper, sum, out, offset);
  return isIpv4
    ? emitIcmp(upper as IcmpRepr, out, offset)
    : emitIcmpv6(upper as Icmpv6Repr, sum, out, offset);
}
