/** ICMPv6 in its frame, as the responders read and write it. */
import type { Ipv6Addr } from '../addr/ipv6.ts';
import type { MacAddr } from '../addr/mac.ts';
import { addressSum6 } from '../packet/checksum.ts';
import {
  ETHERNET_HEADER_SIZE,
  ETHERTYPE_IPV6,
  emitEthernet,
  parseEthernet,
} from '../packet/ethernet.ts';
import { emitIcmpv6, type Icmpv6Repr, icmpv6Size, parseIcmpv6 } from '../packet/icmpv6.ts';
import { IPPROTO_ICMPV6 } from '../packet/ipv4.ts';
import {
  createIpv6Upper,
  emitIpv6Header,
  IPV6_HEADER_SIZE,
  type Ipv6Repr,
  type Ipv6Upper,
  parseIpv6Header,
  walkIpv6Extensions,
} from '../packet/ipv6.ts';

export interface Ipv6Packet {
  readonly sourceMac: MacAddr;
  readonly ip: Ipv6Repr;
  readonly upper: Readonly<Ipv6Upper>;
  /** Bytes of the upper-layer header and what follows it. */
  readonly upperSize: number;
}

/** @returns null when the frame holds no well-formed IPv6 packet. */
export function parseIpv6Frame(frame: Uint8Array): Ipv6Packet | null {
  const ethernet = parseEthernet(frame, 0, frame.length);
  const ip = parseIpv6Header(frame, ETHERNET_HEADER_SIZE, frame.length - ETHERNET_HEADER_SIZE);
  const upper = createIpv6Upper();
  if (ethernet?.etherType !== ETHERTYPE_IPV6 || ip === null) return null;
  if (walkIpv6Extensions(frame, ETHERNET_HEADER_SIZE, upper) !== null) return null;
  const end = ETHERNET_HEADER_SIZE + IPV6_HEADER_SIZE + ip.payloadSize;
  return { sourceMac: ethernet.source, ip, upper, upperSize: end - upper.offset };
}

/**
 * @param checksumPending True when the guest left the checksum to its device.
 * @returns null when the packet is a fragment, or its ICMPv6 message is malformed.
 */
export function parseIcmpv6Message(
  frame: Uint8Array,
  { ip, upper, upperSize }: Ipv6Packet,
  checksumPending: boolean,
): Icmpv6Repr | null {
  if (upper.protocol !== IPPROTO_ICMPV6 || upper.fragmentOffset !== -1) return null;
  const sum = checksumPending ? null : addressSum6(ip.source, ip.destination);
  return parseIcmpv6(frame, upper.offset, upperSize, sum);
}

/** Where a message goes and whence it comes. */
export interface Icmpv6Way {
  readonly sourceMac: MacAddr;
  readonly destinationMac: MacAddr;
  readonly source: Ipv6Addr;
  readonly destination: Ipv6Addr;
  readonly hopLimit: number;
}

export function icmpv6Frame(way: Icmpv6Way, message: Icmpv6Repr): Uint8Array {
  const payloadSize = icmpv6Size(message);
  const frame = new Uint8Array(ETHERNET_HEADER_SIZE + IPV6_HEADER_SIZE + payloadSize);
  const { sourceMac, destinationMac, source, destination, hopLimit } = way;
  const ethernet = { destination: destinationMac, source: sourceMac, etherType: ETHERTYPE_IPV6 };
  const ip = {
    trafficClass: 0,
    flowLabel: 0,
    payloadSize,
    nextHeader: IPPROTO_ICMPV6,
    hopLimit,
    source,
    destination,
  };
  let at = emitEthernet(ethernet, frame, 0);
  at += emitIpv6Header(ip, frame, at);
  emitIcmpv6(message, addressSum6(source, destination), frame, at);
  return frame;
}
