/**
 * Reads the headers that layers and flows look at into one reused record.
 * First step of the frame path. All words are signed 32-bit, so that V8 keeps them unboxed.
 * Read first: RFC 791 3.1, RFC 8200 3 and 4.
 */
import { readI32, readU8, readU16 } from '../packet/bytes.ts';
import { ETHERNET_HEADER_SIZE, ETHERTYPE_IPV4, ETHERTYPE_IPV6 } from '../packet/ethernet.ts';
import { ICMP_HEADER_SIZE, ICMP_IDENTIFIER } from '../packet/icmp.ts';
import { icmpQueryClassOf, isIcmpErrorOf } from '../packet/icmp-error.ts';
import {
  checkIpv4Header,
  checkIpv4Options,
  IPPROTO_ICMP,
  IPPROTO_ICMPV6,
  IPPROTO_TCP,
  IPPROTO_UDP,
  IPV4_HEADER_SIZE,
  type Ipv4Fault,
  ipv4DontFragment,
  ipv4FragmentOffset,
  ipv4HeaderSize,
  ipv4Identification,
  ipv4IsFragment,
  ipv4MoreFragments,
  ipv4TotalLength,
} from '../packet/ipv4.ts';
import {
  checkIpv6Header,
  createIpv6Upper,
  IPV6_HEADER_SIZE,
  type Ipv6Fault,
  ipv6DestinationWord,
  ipv6PayloadLength,
  ipv6SourceWord,
  walkIpv6Extensions,
} from '../packet/ipv6.ts';
import { TCP_HEADER_SIZE, tcpFlags, tcpHeaderSize } from '../packet/tcp.ts';
import { UDP_HEADER_SIZE } from '../packet/udp.ts';
import { DROP } from './drop-reason.ts';

export const FRAGMENT_NONE = 0;
export const FRAGMENT_FIRST = 1;
/** A fragment without transport header. */
export const FRAGMENT_LATER = 2;

/** The payload of an IP packet cannot end behind it. */
const MAX_PAYLOAD = 65_535;

/** `parseFrame` found nothing wrong. */
export const PARSED = -1;

/** Faults of an IPv4 header to the reasons that the ledger counts. */
const IPV4_FAULTS: Readonly<Record<Ipv4Fault, number>> = {
  TRUNCATED: DROP.TRUNCATED_IPV4,
  BAD_VERSION: DROP.BAD_IPV4_VERSION,
  BAD_HEADER_LENGTH: DROP.BAD_IPV4_HEADER_LENGTH,
  BAD_TOTAL_LENGTH: DROP.BAD_IPV4_TOTAL_LENGTH,
  BAD_CHECKSUM: DROP.BAD_IPV4_CHECKSUM,
};
const IPV6_FAULTS: Readonly<Record<Ipv6Fault, number>> = {
  TRUNCATED: DROP.TRUNCATED_IPV6,
  BAD_VERSION: DROP.BAD_IPV6_VERSION,
  TOO_MANY_EXTENSIONS: DROP.BAD_IPV6_EXTENSION,
};

/** What the tracking of connections looks at, of a frame or of a packet that an error quotes. */
export type TrackedPacket = Pick<
  ParsedFrame,
  | 'family'
  | 's0'
  | 's1'
  | 's2'
  | 's3'
  | 'd0'
  | 'd1'
  | 'd2'
  | 'd3'
  | 'protocol'
  | 'sport'
  | 'dport'
  | 'tcpFlags'
>;

/** The headers of one frame; a field is meaningful when the fields before it say so. */
export class ParsedFrame {
  destHigh = 0;
  destLow = 0;
  sourceHigh = 0;
  sourceLow = 0;
  etherType = 0;
  /** 4, 6, or 0 when the frame carries no IP. */
  family = 0;
  /** Source address, IPv4-mapped for family 4. */
  s0 = 0;
  s1 = 0;
  s2 = 0;
  s3 = 0;
  /** Destination address, IPv4-mapped for family 4. */
  d0 = 0;
  d1 = 0;
  d2 = 0;
  d3 = 0;
  protocol = 0;
  /**
   * TCP and UDP: the ports. ICMP and ICMPv6: type and code in `sport`, the identifier of a query in
   * `dport`. Else, and in later fragments, 0.
   */
  sport = 0;
  dport = 0;
  /** TCP: its flags; 0 in later fragments. */
  tcpFlags = 0;
  /** Where the IP header starts, in the buffer. */
  ipStart = 0;
  /** Where the transport header starts; in a later fragment, where its data start. */
  transportStart = 0;
  /** Bytes of the IP packet, header included; 0 when the frame carries none. */
  packetSize = 0;
  /** IPv4 without DF: a router may cut the packet in pieces. */
  mayFragment = false;
  /** `FRAGMENT_*`. */
  fragment = 0;
  fragmentId = 0;
  /** The protocol that all fragments of the packet name; of IPv6 maybe an extension header. */
  fragmentProtocol = 0;
  /** In bytes of the whole packet's payload: where this fragment starts and ends. */
  fragmentOffset = 0;
  fragmentEnd = 0;
  moreFragments = false;
  /** Where the walk over IPv6 extension headers ended. */
  readonly upper = createIpv6Upper();
}

/**
 * Parses one frame.
 * @param bytes The buffer. @param start Offset of the destination MAC. @param size Bytes of the frame.
 * @returns `PARSED`, or the index of the drop reason of a malformed frame.
 */
export function parseFrame(
  bytes: Uint8Array,
  start: number,
  size: number,
  frame: ParsedFrame,
): number {
  if (size < ETHERNET_HEADER_SIZE) return DROP.TRUNCATED_ETHERNET;
  frame.destHigh = readU16(bytes, start);
  frame.destLow = readI32(bytes, start + 2);
  frame.sourceHigh = readU16(bytes, start + 6);
  frame.sourceLow = readI32(bytes, start + 8);
  frame.etherType = readU16(bytes, start + 12);
  frame.family = 0;
  frame.fragment = FRAGMENT_NONE;
  frame.packetSize = 0;
  const offset = start + ETHERNET_HEADER_SIZE;
  if (frame.etherType === ETHERTYPE_IPV4)
    return parseIpv4(bytes, offset, size - ETHERNET_HEADER_SIZE, frame);
  if (frame.etherType === ETHERTYPE_IPV6)
    return parseIpv6(bytes, offset, size - ETHERNET_HEADER_SIZE, frame);
  return PARSED;
}

function parseIpv4(bytes: Uint8Array, offset: number, size: number, frame: ParsedFrame): number {
  const fault = checkIpv4Header(bytes, offset, size);
  if (fault !== null) return IPV4_FAULTS[fault];
  const headerSize = ipv4HeaderSize(bytes, offset);
  frame.family = 4;
  frame.s0 = 0;
  frame.s1 = 0;
  frame.s2 = 0xffff;
  frame.s3 = readI32(bytes, offset + 12);
  frame.d0 = 0;
  frame.d1 = 0;
  frame.d2 = 0xffff;
  frame.d3 = readI32(bytes, offset + 16);
  frame.protocol = readU8(bytes, offset + 9);
  frame.packetSize = ipv4TotalLength(bytes, offset);
  frame.mayFragment = !ipv4DontFragment(bytes, offset);
  const optionsFault = headerSize === IPV4_HEADER_SIZE ? PARSED : checkOptions(bytes, offset);
  if (optionsFault !== PARSED) return optionsFault;
  const isFragment = ipv4IsFragment(bytes, offset);
  if (isFragment) {
    frame.fragmentId = ipv4Identification(bytes, offset);
    frame.fragmentProtocol = frame.protocol;
    frame.fragmentOffset = ipv4FragmentOffset(bytes, offset);
    frame.moreFragments = ipv4MoreFragments(bytes, offset);
  }
  return parseTransport(
    bytes,
    offset,
    offset + headerSize,
    frame.packetSize - headerSize,
    isFragment,
    frame,
  );
}

/** @returns `PARSED`, or the reason to drop a packet for its options (RFC 791 3.1). */
function checkOptions(bytes: Uint8Array, offset: number): number {
  switch (checkIpv4Options(bytes, offset)) {
    case 'BAD_OPTION':
      return DROP.BAD_IPV4_OPTION;
    case 'SOURCE_ROUTE':
      return DROP.IPV4_SOURCE_ROUTE;
    default:
      return PARSED;
  }
}

function parseIpv6(bytes: Uint8Array, offset: number, size: number, frame: ParsedFrame): number {
  const { upper } = frame;
  const fault = checkIpv6Header(bytes, offset, size) ?? walkIpv6Extensions(bytes, offset, upper);
  if (fault !== null) return IPV6_FAULTS[fault];
  frame.family = 6;
  frame.s0 = ipv6SourceWord(bytes, offset, 0);
  frame.s1 = ipv6SourceWord(bytes, offset, 1);
  frame.s2 = ipv6SourceWord(bytes, offset, 2);
  frame.s3 = ipv6SourceWord(bytes, offset, 3);
  frame.d0 = ipv6DestinationWord(bytes, offset, 0);
  frame.d1 = ipv6DestinationWord(bytes, offset, 1);
  frame.d2 = ipv6DestinationWord(bytes, offset, 2);
  frame.d3 = ipv6DestinationWord(bytes, offset, 3);
  frame.protocol = upper.protocol;
  frame.packetSize = IPV6_HEADER_SIZE + ipv6PayloadLength(bytes, offset);
  frame.mayFragment = false;
  const isFragment = upper.fragmentOffset !== -1;
  if (isFragment) {
    frame.fragmentId = upper.fragmentId;
    frame.fragmentProtocol = upper.fragmentNextHeader;
    frame.fragmentOffset = upper.fragmentOffset;
    frame.moreFragments = upper.moreFragments;
  }
  const end = offset + frame.packetSize;
  return parseTransport(bytes, offset, upper.offset, end - upper.offset, isFragment, frame);
}

/** @param start Offset of the transport header. @param size Bytes from there to the packet's end. */
function parseTransport(
  bytes: Uint8Array,
  ipStart: number,
  start: number,
  size: number,
  isFragment: boolean,
  frame: ParsedFrame,
): number {
  frame.ipStart = ipStart;
  frame.transportStart = start;
  frame.sport = 0;
  frame.dport = 0;
  frame.tcpFlags = 0;
  if (isFragment) {
    const fault = parseFragment(size, frame);
    if (fault !== PARSED) return fault;
    if (frame.fragment === FRAGMENT_LATER) return PARSED;
  }
  switch (frame.protocol) {
    case IPPROTO_TCP:
      if (size < TCP_HEADER_SIZE) return tooShort(frame);
      frame.tcpFlags = tcpFlags(bytes, start);
      readPorts(bytes, start, frame);
      return PARSED;
    case IPPROTO_UDP:
      if (size < UDP_HEADER_SIZE) return tooShort(frame);
      readPorts(bytes, start, frame);
      return PARSED;
    case IPPROTO_ICMP:
    case IPPROTO_ICMPV6:
      if (size < ICMP_HEADER_SIZE) return tooShort(frame);
      frame.sport = readU16(bytes, start);
      if (queryClass(frame) !== -1) frame.dport = readU16(bytes, start + ICMP_IDENTIFIER);
      return PARSED;
    default:
      return PARSED;
  }
}

function readPorts(bytes: Uint8Array, start: number, frame: ParsedFrame): void {
  frame.sport = readU16(bytes, start);
  frame.dport = readU16(bytes, start + 2);
}

/** A first fragment that hides a part of its transport header means no good (RFC 1858, RFC 7112). */
function tooShort(frame: ParsedFrame): number {
  return frame.fragment === FRAGMENT_FIRST ? DROP.TINY_FRAGMENT : DROP.TRUNCATED_TRANSPORT;
}

/** @param size Bytes of payload. @returns `PARSED`, or why it can be no piece of a packet. */
function parseFragment(size: number, frame: ParsedFrame): number {
  frame.fragment = frame.fragmentOffset === 0 ? FRAGMENT_FIRST : FRAGMENT_LATER;
  frame.fragmentEnd = frame.fragmentOffset + size;
  const isWhole = !frame.moreFragments || (size & 7) === 0;
  if (!isWhole || size === 0 || frame.fragmentEnd > MAX_PAYLOAD) return DROP.BAD_FRAGMENT;
  const hidesHeader =
    frame.fragment === FRAGMENT_LATER &&
    frame.protocol === IPPROTO_TCP &&
    frame.fragmentOffset < TCP_HEADER_SIZE;
  return hidesHeader ? DROP.TINY_FRAGMENT : PARSED;
}

/** @returns the request type of an ICMP query or its reply; -1 for other messages and protocols. */
export function queryClass(frame: TrackedPacket): number {
  if (frame.protocol === IPPROTO_ICMP) return icmpQueryClassOf(4, frame.sport >>> 8);
  if (frame.protocol === IPPROTO_ICMPV6) return icmpQueryClassOf(6, frame.sport >>> 8);
  return -1;
}

/** @returns bytes of all headers of a super-frame from its IP header, which each segment has. */
export function superFrameHeaderSize(frame: ParsedFrame, bytes: Uint8Array): number {
  const { ipStart, transportStart, protocol } = frame;
  const transportSize =
    protocol === IPPROTO_TCP ? tcpHeaderSize(bytes, transportStart) : UDP_HEADER_SIZE;
  return transportStart - ipStart + transportSize;
}

/** @returns how many packets the frame stands for. @param segmentSize Payload bytes of each; 0: one. */
export function packetCount(frame: ParsedFrame, bytes: Uint8Array, segmentSize: number): number {
  if (segmentSize === 0) return 1;
  const payloadSize = frame.packetSize - superFrameHeaderSize(frame, bytes);
  return Math.max(1, Math.ceil(payloadSize / segmentSize));
}

/** @returns true for the ICMP messages that quote the packet they complain about. */
export function isIcmpErrorFrame(frame: ParsedFrame): boolean {
  if (frame.fragment === FRAGMENT_LATER) return false;
  if (frame.protocol === IPPROTO_ICMP) return isIcmpErrorOf(4, frame.sport >>> 8);
  return frame.protocol === IPPROTO_ICMPV6 && isIcmpErrorOf(6, frame.sport >>> 8);
}
