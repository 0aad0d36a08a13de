/** The packets that `explain` sends through the layers: what a guest's kernel would put on the wire. */
import { formatIpv4, type Ipv4Addr, ipv4FromWord } from '../../addr/ipv4.ts';
import { formatIpv6, type Ipv6Addr, type Ipv6Words, ipv6ToWords } from '../../addr/ipv6.ts';
import type { MacAddr } from '../../addr/mac.ts';
import {
  REWRITE_DESTINATION,
  REWRITE_DESTINATION_PORT,
  REWRITE_SOURCE,
  REWRITE_SOURCE_PORT,
  type Verdict,
} from '../../dataplane/verdict.ts';
import { EMPTY_BYTES } from '../../packet/bytes.ts';
import { addressSum4, addressSum6 } from '../../packet/checksum.ts';
import {
  ETHERNET_HEADER_SIZE,
  ETHERTYPE_IPV4,
  ETHERTYPE_IPV6,
  emitEthernet,
} from '../../packet/ethernet.ts';
import { emitIcmp, ICMP_HEADER_SIZE } from '../../packet/icmp.ts';
import { emitIcmpv6, ICMPV6_HEADER_SIZE } from '../../packet/icmpv6.ts';
import {
  emitIpv4Header,
  IPPROTO_ICMP,
  IPPROTO_ICMPV6,
  IPPROTO_TCP,
  IPPROTO_UDP,
  IPV4_HEADER_SIZE,
} from '../../packet/ipv4.ts';
import { emitIpv6Header, IPV6_HEADER_SIZE } from '../../packet/ipv6.ts';
import { emitTcp, TCP_ACK, TCP_HEADER_SIZE, TCP_SYN } from '../../packet/tcp.ts';
import { emitUdp, UDP_HEADER_SIZE } from '../../packet/udp.ts';

/** The first of IANA's dynamic ports, which every system takes for its own end (RFC 6335 6). */
export const PROBE_PORT = 49_152;
/** Of the echo requests that `explain` sends. */
export const PROBE_IDENTIFIER = 7;
const HOP_LIMIT = 64;

export type Addresses =
  | { readonly family: 4; readonly source: Ipv4Addr; readonly destination: Ipv4Addr }
  | { readonly family: 6; readonly source: Ipv6Addr; readonly destination: Ipv6Addr };

export interface ProbePacket {
  readonly addresses: Addresses;
  readonly protocol: number;
  /** TCP and UDP; 0 for every other protocol. */
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** Of an echo. */
  readonly identifier: number;
  /** The SYN-ACK, the echo reply. */
  readonly isReply: boolean;
}

/** @returns the packet that answers, from the destination to the source. */
export function replyTo(packet: ProbePacket): ProbePacket {
  const { addresses, sourcePort, destinationPort } = packet;
  return {
    ...packet,
    addresses:
      addresses.family === 4
        ? { family: 4, source: addresses.destination, destination: addresses.source }
        : { family: 6, source: addresses.destination, destination: addresses.source },
    sourcePort: destinationPort,
    destinationPort: sourcePort,
    isReply: true,
  };
}

/** @returns the packet as an appliance sends it back: addresses swapped, ports kept (GWLB-2). */
export function returned(packet: ProbePacket): ProbePacket {
  const { sourcePort, destinationPort } = packet;
  return { ...replyTo(packet), sourcePort, destinationPort };
}

/** @returns the packet with what the verdict makes of its addresses and ports. */
export function rewrittenPacket(packet: ProbePacket, verdict: Verdict): ProbePacket {
  const { addresses } = packet;
  if (addresses.family === 6) return packet;
  const { rewrite, sourceWord, destinationWord, ports } = verdict;
  const hasSource = (rewrite & REWRITE_SOURCE) !== 0;
  const hasDestination = (rewrite & REWRITE_DESTINATION) !== 0;
  const hasSourcePort = (rewrite & REWRITE_SOURCE_PORT) !== 0;
  const hasDestinationPort = (rewrite & REWRITE_DESTINATION_PORT) !== 0;
  const [sourcePort, destinationPort] = [ports >>> 16, ports & 0xffff];
  const hasPorts = packet.protocol !== IPPROTO_ICMP;
  const identifier = hasSourcePort ? sourcePort : destinationPort;
  return {
    ...packet,
    sourcePort: hasPorts && hasSourcePort ? sourcePort : packet.sourcePort,
    destinationPort: hasPorts && hasDestinationPort ? destinationPort : packet.destinationPort,
    identifier: hasSourcePort || hasDestinationPort ? identifier : packet.identifier,
    addresses: {
      family: 4,
      source: hasSource ? ipv4FromWord(sourceWord) : addresses.source,
      destination: hasDestination ? ipv4FromWord(destinationWord) : addresses.destination,
    },
  };
}

export function formatAddresses(addresses: Addresses): {
  readonly source: string;
  readonly destination: string;
} {
  return addresses.family === 4
    ? {
        source: formatIpv4(addresses.source),
        destination: formatIpv4(addresses.destination),
      }
    : {
        source: formatIpv6(addresses.source),
        destination: formatIpv6(addresses.destination),
      };
}

/** @returns the destination as the dataplane's words, IPv4-mapped for IPv4. */
export function destinationWords(addresses: Addresses): Ipv6Words {
  return addresses.family === 4
    ? [0, 0, 0xffff, addresses.destination | 0]
    : ipv6ToWords(addresses.destination);
}

/** The packet in its Ethernet frame, with all checksums. */
export function probeFrame(
  packet: ProbePacket,
  sourceMac: MacAddr,
  destinationMac: MacAddr,
): Uint8Array {
  const { addresses, protocol } = packet;
  const payload = transportOf(packet);
  const etherType = addresses.family === 4 ? ETHERTYPE_IPV4 : ETHERTYPE_IPV6;
  const headerSize = addresses.family === 4 ? IPV4_HEADER_SIZE : IPV6_HEADER_SIZE;
  const frame = new Uint8Array(ETHERNET_HEADER_SIZE + headerSize + payload.length);
  emitEthernet({ destination: destinationMac, source: sourceMac, etherType }, frame, 0);
  const payloadSize = payload.length;
  if (addresses.family === 4) {
    const { source, destination } = addresses;
    const plain = { dscpEcn: 0, identification: 1, dontFragment: true, moreFragments: false };
    const ip = { ...plain, fragmentOffset: 0, options: EMPTY_BYTES, ttl: HOP_LIMIT, protocol };
    emitIpv4Header({ ...ip, source, destination, payloadSize }, frame, ETHERNET_HEADER_SIZE);
  } else {
    const { source, destination } = addresses;
    const ip = { trafficClass: 0, flowLabel: 0, nextHeader: protocol, hopLimit: HOP_LIMIT };
    emitIpv6Header({ ...ip, source, destination, payloadSize }, frame, ETHERNET_HEADER_SIZE);
  }
  frame.set(payload, ETHERNET_HEADER_SIZE + headerSize);
  return frame;
}

function transportOf(packet: ProbePacket): Uint8Array {
  const { addresses, protocol, sourcePort, destinationPort } = packet;
  const { identifier, isReply } = packet;
  const sum =
    addresses.family === 4
      ? addressSum4(addresses.source, addresses.destination)
      : addressSum6(addresses.source, addresses.destination);
  switch (protocol) {
    case IPPROTO_TCP: {
      const segment = new Uint8Array(TCP_HEADER_SIZE);
      const flags = isReply ? TCP_SYN | TCP_ACK : TCP_SYN;
      const rest = { sequence: 1, acknowledgement: isReply ? 2 : 0, window: 0xffff };
      const empty = { urgentPointer: 0, options: EMPTY_BYTES, payload: EMPTY_BYTES };
      emitTcp({ sourcePort, destinationPort, flags, ...rest, ...empty }, sum, segment, 0);
      return segment;
    }
    case IPPROTO_UDP: {
      const datagram = new Uint8Array(UDP_HEADER_SIZE);
      emitUdp({ sourcePort, destinationPort, payload: EMPTY_BYTES }, sum, datagram, 0);
      return datagram;
    }
    case IPPROTO_ICMP: {
      const message = new Uint8Array(ICMP_HEADER_SIZE);
      emitIcmp(echo(identifier, isReply), message, 0);
      return message;
    }
    case IPPROTO_ICMPV6: {
      const message = new Uint8Array(ICMPV6_HEADER_SIZE);
      emitIcmpv6(echo(identifier, isReply), sum, message, 0);
      return message;
    }
    default:
      return EMPTY_BYTES;
  }
}

function echo(identifier: number, isReply: boolean) {
  const kind = isReply ? 'echo-reply' : 'echo-request';
  return { kind, identifier, sequence: 1, payload: EMPTY_BYTES } as const;
}
