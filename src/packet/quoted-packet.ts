/**
 * Reads the packet that an ICMP error quotes, so that the error can be related to its flow.
 * A quote is cut anywhere, and only its first eight bytes of transport header are sure to be there.
 * Read first: RFC 792, RFC 4443 2.4 (c), RFC 5508 section 4.
 */
import { readI32, readU16 } from './bytes.ts';
import { ICMP_IDENTIFIER, icmpType } from './icmp.ts';
import { icmpQueryClassOf } from './icmp-error.ts';
import {
  IPPROTO_ICMP,
  IPPROTO_ICMPV6,
  IPPROTO_TCP,
  IPPROTO_UDP,
  IPV4_DESTINATION,
  IPV4_HEADER_SIZE,
  IPV4_SOURCE,
  ipv4FragmentOffset,
  ipv4HeaderSize,
  ipv4Protocol,
  ipv4TotalLength,
  ipv4Version,
} from './ipv4.ts';
import {
  createIpv6Upper,
  IPV6_HEADER_SIZE,
  ipv6DestinationWord,
  ipv6PayloadLength,
  ipv6SourceWord,
  walkIpv6ExtensionsUntil,
} from './ipv6.ts';

/** Of a transport header that every error quotes. @source RFC 792 */
const QUOTED_TRANSPORT_SIZE = 8;

/** The headers of a quoted packet, as its sender wrote them; one reused record. */
export class QuotedPacket {
  family: 4 | 6 = 4;
  /** Source address in signed words, IPv4-mapped for family 4. */
  s0 = 0;
  s1 = 0;
  s2 = 0;
  s3 = 0;
  /** Destination address in signed words, IPv4-mapped for family 4. */
  d0 = 0;
  d1 = 0;
  d2 = 0;
  d3 = 0;
  protocol = 0;
  /** TCP and UDP ports; ICMP type and code in `sport`, the identifier of a query in `dport`; else 0. */
  sport = 0;
  dport = 0;
  /** A quote need not hold them. */
  readonly tcpFlags = 0;
  /** Where the transport header stands in the buffer. */
  transport = 0;
  readonly upper = createIpv6Upper();
}

/**
 * Reads a quote without allocating. Its header checksum is not checked: routers on the way have
 * changed what it covers. The family is that of the quote: a caller compares it with that of the error.
 * @param offset Of the quoted IP header in `bytes`: 8 behind that of the ICMP header.
 * @param size Bytes of the quote.
 * @param into Receives the answer; not to be read after false.
 * @returns false when the quote is malformed, too short, or that of a later fragment, which names no ports.
 */
export function readQuotedPacket(
  bytes: Uint8Array,
  offset: number,
  size: number,
  into: QuotedPacket,
): boolean {
  if (size < IPV4_HEADER_SIZE) return false;
  const version = ipv4Version(bytes, offset);
  if (version === 4) return readQuotedIpv4(bytes, offset, size, into);
  return version === 6 && readQuotedIpv6(bytes, offset, size, into);
}

function readQuotedIpv4(
  bytes: Uint8Array,
  offset: number,
  size: number,
  into: QuotedPacket,
): boolean {
  const headerSize = ipv4HeaderSize(bytes, offset);
  const totalSize = ipv4TotalLength(bytes, offset);
  if (headerSize < IPV4_HEADER_SIZE || totalSize < headerSize) return false;
  if (ipv4FragmentOffset(bytes, offset) !== 0) return false;
  into.family = 4;
  into.s0 = 0;
  into.s1 = 0;
  into.s2 = 0xffff;
  into.s3 = readI32(bytes, offset + IPV4_SOURCE);
  into.d0 = 0;
  into.d1 = 0;
  into.d2 = 0xffff;
  into.d3 = readI32(bytes, offset + IPV4_DESTINATION);
  into.protocol = ipv4Protocol(bytes, offset);
  into.transport = offset + headerSize;
  return readTransport(bytes, Math.min(size, totalSize) - headerSize, into);
}

function readQuotedIpv6(
  bytes: Uint8Array,
  offset: number,
  size: number,
  into: QuotedPacket,
): boolean {
  if (size < IPV6_HEADER_SIZE) return false;
  const { upper } = into;
  const end = offset + Math.min(size, IPV6_HEADER_SIZE + ipv6PayloadLength(bytes, offset));
  if (walkIpv6ExtensionsUntil(bytes, offset, end, upper) !== null) return false;
  if (upper.fragmentOffset > 0) return false;
  into.family = 6;
  into.s0 = ipv6SourceWord(bytes, offset, 0);
  into.s1 = ipv6SourceWord(bytes, offset, 1);
  into.s2 = ipv6SourceWord(bytes, offset, 2);
  into.s3 = ipv6SourceWord(bytes, offset, 3);
  into.d0 = ipv6DestinationWord(bytes, offset, 0);
  into.d1 = ipv6DestinationWord(bytes, offset, 1);
  into.d2 = ipv6DestinationWord(bytes, offset, 2);
  into.d3 = ipv6DestinationWord(bytes, offset, 3);
  into.protocol = upper.protocol;
  into.transport = upper.offset;
  return readTransport(bytes, end - upper.offset, into);
}

function readTransport(bytes: Uint8Array, size: number, into: QuotedPacket): boolean {
  const { protocol, transport } = into;
  into.sport = 0;
  into.dport = 0;
  if (protocol === IPPROTO_TCP || protocol === IPPROTO_UDP) {
    if (size < QUOTED_TRANSPORT_SIZE) return false;
    into.sport = readU16(bytes, transport);
    into.dport = readU16(bytes, transport + 2);
    return true;
  }
  if (protocol !== IPPROTO_ICMP && protocol !== IPPROTO_ICMPV6) return size >= 0;
  if (size < QUOTED_TRANSPORT_SIZE) return false;
  into.sport = readU16(bytes, transport);
  const family = protocol === IPPROTO_ICMP ? 4 : 6;
  if (icmpQueryClassOf(family, icmpType(bytes, transport)) !== -1) {
    into.dport = readU16(bytes, transport + ICMP_IDENTIFIER);
  }
  return true;
}
