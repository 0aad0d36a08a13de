/**
 * Reads the headers that layers and flows look at into one reused record.
 * First step of the frame path. All words are signed 32-bit, so that V8 keeps them unboxed.
 * Read first: RFC 791 3.1, RFC 8200 3 and 4.
 */
import { readI32, readU8, readU16 } from '../packet/bytes.ts';
import { ETHERNET_HEADER_SIZE, ETHERTYPE_IPV4, ETHERTYPE_IPV6 } from '../packet/ethernet.ts';
import {
  checkIpv4Header,
  IPPROTO_ICMP,
  IPPROTO_ICMPV6,
  IPPROTO_TCP,
  IPPROTO_UDP,
  type Ipv4Fault,
  ipv4HeaderSize,
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
import { TCP_HEADER_SIZE } from '../packet/tcp.ts';
import { DROP } from './drop-reason.ts';

export const FRAGMENT_NONE = 0;
export const FRAGMENT_FIRST = 1;
/** A fragment without transport header. */
export const FRAGMENT_LATER = 2;

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
  /** TCP and UDP ports; ICMP type and code in `sport`; 0 in later fragments. */
  sport = 0;
  dport = 0;
  /** `FRAGMENT_*`. */
  fragment = 0;
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
  const fragmentWord = readU16(bytes, offset + 6) & 0x3fff;
  frame.fragment =
    fragmentWord === 0
      ? FRAGMENT_NONE
      : (fragmentWord & 0x1fff) === 0
        ? FRAGMENT_FIRST
        : FRAGMENT_LATER;
  return parseTransport(
    bytes,
    offset + headerSize,
    ipv4TotalLength(bytes, offset) - headerSize,
    frame,
  );
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
  frame.fragment =
    upper.fragmentOffset === -1
      ? FRAGMENT_NONE
      : upper.fragmentOffset === 0
        ? FRAGMENT_FIRST
        : FRAGMENT_LATER;
  const end = offset + IPV6_HEADER_SIZE + ipv6PayloadLength(bytes, offset);
  return parseTransport(bytes, upper.offset, end - upper.offset, frame);
}

function parseTransport(
  bytes: Uint8Array,
  offset: number,
  size: number,
  frame: ParsedFrame,
): number {
  frame.sport = 0;
  frame.dport = 0;
  if (frame.fragment === FRAGMENT_LATER) return PARSED;
  switch (frame.protocol) {
    case IPPROTO_TCP:
    case IPPROTO_UDP:
      if (size < leastTransportSize(frame)) return DROP.TRUNCATED_TRANSPORT;
      frame.sport = readU16(bytes, offset);
      frame.dport = readU16(bytes, offset + 2);
      return PARSED;
    case IPPROTO_ICMP:
    case IPPROTO_ICMPV6:
      if (size < 8) return DROP.TRUNCATED_TRANSPORT;
      frame.sport = readU16(bytes, offset);
      return PARSED;
    default:
      return PARSED;
  }
}

/** A first fragment may hold as little as eight bytes of its transport header. */
function leastTransportSize(frame: ParsedFrame): number {
  return frame.protocol === IPPROTO_TCP && frame.fragment === FRAGMENT_NONE ? TCP_HEADER_SIZE : 8;
}
