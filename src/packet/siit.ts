/**
 * Packets of one IP version become packets of the other, in place: headers, checksums, ICMP, and what its
 * errors quote. The far end of a flow is behind the well-known prefix; what the near end is called on the
 * other side, the caller knows. Hop limits stay as they are: the router counts its hop as for other packets.
 * Nothing is allocated.
 * Read first: RFC 7915 sections 4 and 5, RFC 6146 section 3, RFC 1624 section 3.
 */
import { readI32, readU8, readU16, writeU16, writeU32 } from './bytes.ts';
import {
  addBytes,
  checksum,
  checksumHolds,
  foldSum,
  neverZero,
  pseudoHeaderSum,
  updateChecksum16,
} from './checksum.ts';
import {
  ICMP_CHECKSUM,
  ICMP_ECHO_REPLY,
  ICMP_ECHO_REQUEST,
  ICMP_HEADER_SIZE,
  ICMP_IDENTIFIER,
} from './icmp.ts';
import { isIcmpErrorOf, MAX_ERROR_SIZE_4, MAX_ERROR_SIZE_6 } from './icmp-error.ts';
import { ICMPV6_ECHO_REPLY, ICMPV6_ECHO_REQUEST } from './icmpv6.ts';
import {
  IPPROTO_ICMPV6,
  IPPROTO_TCP,
  IPPROTO_UDP,
  IPV4_HEADER_SIZE,
  ipv4TotalLength,
} from './ipv4.ts';
import { IPV6_HEADER_SIZE, ipv6PayloadLength } from './ipv6.ts';
import { SiitError } from './siit-errors.ts';
import { type NearEnd, SiitHeader } from './siit-header.ts';
import { TCP_CHECKSUM, TCP_DESTINATION_PORT, TCP_SOURCE_PORT } from './tcp.ts';
import { UDP_CHECKSUM, UDP_LENGTH } from './udp.ts';

/** The packet has no form in the other version. */
export const NO_OTHER_FORM = -1;

/** Of a transport header that must be there, also in a quote. */
const LEAST_TRANSPORT_SIZE = 8;

/** Written and read within one call. */
const outer = new SiitHeader(false);
const inner = new SiitHeader(true);
const error = new SiitError();

/**
 * Makes IPv4 of a packet of the near end.
 * @param ip Of a checked IPv6 header in `bytes`; the transport checksum is complete.
 * @param near As IPv4 knows it. @param identification For a packet that may be cut on its way; 0..65535.
 * @returns where the IPv4 header starts, or `NO_OTHER_FORM`: then the bytes are as they were, or spoiled.
 * @source RFC 7915 5
 */
export function toIpv4(
  bytes: Uint8Array,
  ip: number,
  near: NearEnd,
  identification: number,
): number {
  const end = ip + IPV6_HEADER_SIZE + ipv6PayloadLength(bytes, ip);
  if (!outer.read6(bytes, ip, end)) return NO_OTHER_FORM;
  return translate(bytes, 4, near) ? outer.write4(bytes, identification) : NO_OTHER_FORM;
}

/**
 * Makes IPv6 of a packet to the near end.
 * @param ip Of a checked IPv4 header in `bytes`, with 28 bytes of room before it, with 48 if the packet is
 * an ICMP error; the transport checksum is complete.
 * @param near As IPv6 knows it. @returns as `toIpv4`. @source RFC 7915 4
 */
export function toIpv6(bytes: Uint8Array, ip: number, near: NearEnd): number {
  if (!outer.read4(bytes, ip, ip + ipv4TotalLength(bytes, ip))) return NO_OTHER_FORM;
  return translate(bytes, 6, near) ? outer.write6(bytes) : NO_OTHER_FORM;
}

/** Changes what is behind the header in `outer`. @param family That the packet is to have. */
function translate(bytes: Uint8Array, family: 4 | 6, near: NearEnd): boolean {
  if (!isError(bytes, outer, family)) return translateUpper(bytes, outer, family, near);
  return !outer.isFragment && translateError(bytes, family, near);
}

function isError(bytes: Uint8Array, header: SiitHeader, family: 4 | 6): boolean {
  if (!header.isIcmp || header.fragmentOffset > 0) return false;
  return isIcmpErrorOf(family === 4 ? 6 : 4, readU8(bytes, header.transport));
}

/** Gives the upper layer its port and checksum; the ends of the header get their addresses. */
function translateUpper(
  bytes: Uint8Array,
  header: SiitHeader,
  family: 4 | 6,
  near: NearEnd,
): boolean {
  // What an error complains about went the other way.
  const nearIsSource = (family === 4) !== header.isQuoted;
  const before = header.addressSum;
  header.readdress(family, near, nearIsSource);
  // The checksum of all fragments is in the first one; that of ICMP tells their whole size to IPv6 only.
  if (header.isFragment && header.isIcmp) return false;
  if (header.fragmentOffset > 0) return true;
  if (header.transport + LEAST_TRANSPORT_SIZE > header.end) return false;
  switch (header.protocol) {
    case IPPROTO_TCP:
      return translatePorts(bytes, header, before, near, nearIsSource, TCP_CHECKSUM);
    case IPPROTO_UDP: {
      const hasNone = readU16(bytes, header.transport + UDP_CHECKSUM) === 0;
      if (hasNone && family === 6 && !header.isQuoted) {
        return addUdpChecksum(bytes, header, near, nearIsSource);
      }
      return translatePorts(bytes, header, before, near, nearIsSource, UDP_CHECKSUM);
    }
    default:
      return header.isIcmp && translateEcho(bytes, header, family, before, near);
  }
}

/** @param before The sum of the addresses that the packet had. @param field Offset of the checksum. */
function translatePorts(
  bytes: Uint8Array,
  header: SiitHeader,
  before: number,
  near: NearEnd,
  nearIsSource: boolean,
  field: number,
): boolean {
  const from = replacePort(bytes, header, near, nearIsSource);
  const at = header.transport + field;
  const isUdp = header.protocol === IPPROTO_UDP;
  // A quote may end before.
  if (at + 2 > header.end) return header.isQuoted;
  const sum = readU16(bytes, at);
  if (isUdp && sum === 0) return true;
  const moved = updateChecksum16(sum, foldSum(before), foldSum(header.addressSum));
  const updated = updateChecksum16(moved, from, near.port);
  writeU16(bytes, at, isUdp ? neverZero(updated) : updated);
  return true;
}

/** @returns the port that was there. */
function replacePort(
  bytes: Uint8Array,
  header: SiitHeader,
  near: NearEnd,
  nearIsSource: boolean,
): number {
  const at = header.transport + (nearIsSource ? TCP_SOURCE_PORT : TCP_DESTINATION_PORT);
  const from = readU16(bytes, at);
  writeU16(bytes, at, near.port);
  return from;
}

/** IPv6 knows no datagrams without a checksum; that of a fragment nobody can tell. @source RFC 7915 4.5 */
function addUdpChecksum(
  bytes: Uint8Array,
  header: SiitHeader,
  near: NearEnd,
  nearIsSource: boolean,
): boolean {
  const { transport, end, isFragment } = header;
  const size = readU16(bytes, transport + UDP_LENGTH);
  if (isFragment || size < LEAST_TRANSPORT_SIZE || transport + size > end) return false;
  replacePort(bytes, header, near, nearIsSource);
  const sum = pseudoHeaderSum(header.addressSum, IPPROTO_UDP, size);
  writeU16(bytes, transport + UDP_CHECKSUM, neverZero(checksum(bytes, transport, size, sum)));
  return true;
}

/** Only ICMPv6 has the pseudo-header in its checksum. */
function translateEcho(
  bytes: Uint8Array,
  header: SiitHeader,
  family: 4 | 6,
  before: number,
  near: NearEnd,
): boolean {
  const { transport, payloadSize } = header;
  const from = readU16(bytes, transport);
  const type = family === 4 ? echoType4(from >>> 8) : echoType6(from >>> 8);
  if (type === -1) return false;
  const to = (type << 8) | (from & 0xff);
  const identifier = readU16(bytes, transport + ICMP_IDENTIFIER);
  const addresses = family === 4 ? before : header.addressSum;
  const pseudo = foldSum(pseudoHeaderSum(addresses, IPPROTO_ICMPV6, payloadSize));
  writeU16(bytes, transport, to);
  writeU16(bytes, transport + ICMP_IDENTIFIER, near.port);
  const at = transport + ICMP_CHECKSUM;
  let sum = updateChecksum16(readU16(bytes, at), from, to);
  sum = updateChecksum16(sum, identifier, near.port);
  sum = family === 4 ? updateChecksum16(sum, pseudo, 0) : updateChecksum16(sum, 0, pseudo);
  writeU16(bytes, at, sum);
  return true;
}

function echoType4(type: number): number {
  if (type === ICMPV6_ECHO_REQUEST) return ICMP_ECHO_REQUEST;
  return type === ICMPV6_ECHO_REPLY ? ICMP_ECHO_REPLY : -1;
}

function echoType6(type: number): number {
  if (type === ICMP_ECHO_REQUEST) return ICMPV6_ECHO_REQUEST;
  return type === ICMP_ECHO_REPLY ? ICMPV6_ECHO_REPLY : -1;
}

/** From the quote outwards: the header of each part ends where the next one starts. */
function translateError(bytes: Uint8Array, family: 4 | 6, near: NearEnd): boolean {
  const { transport, end, addressSum, payloadSize } = outer;
  const pseudo = family === 4 ? pseudoHeaderSum(addressSum, IPPROTO_ICMPV6, payloadSize) : 0;
  // Its checksum is made anew, and is not to hide that it was wrong.
  if (!checksumHolds(bytes, transport, end - transport, pseudo)) return false;
  const quote = transport + ICMP_HEADER_SIZE;
  if (!readQuote(bytes, quote, end, family)) return false;
  const typeCode = readU16(bytes, transport);
  const word = readI32(bytes, transport + 4);
  const isKnown =
    family === 4
      ? error.become4(typeCode, word)
      : error.become6(typeCode, word, ipv4TotalLength(bytes, quote));
  if (!isKnown || !translateUpper(bytes, inner, family, near)) return false;
  const innerAt = family === 4 ? inner.write4(bytes, 0) : inner.write6(bytes);
  writeError(bytes, innerAt - ICMP_HEADER_SIZE, family, near);
  return true;
}

/** @returns false when the quote is no packet, or that of another error, about which nobody complains. */
function readQuote(bytes: Uint8Array, at: number, end: number, family: 4 | 6): boolean {
  const least = at + (family === 4 ? IPV6_HEADER_SIZE : IPV4_HEADER_SIZE);
  if (least > end || readU8(bytes, at) >>> 4 !== (family === 4 ? 6 : 4)) return false;
  const isRead = family === 4 ? inner.read6(bytes, at, end) : inner.read4(bytes, at, end);
  return isRead && !isError(bytes, inner, family);
}

/** Writes the header of the message, and gives `outer` its new place and size. */
function writeError(bytes: Uint8Array, at: number, family: 4 | 6, near: NearEnd): void {
  const room =
    family === 4 ? MAX_ERROR_SIZE_4 - IPV4_HEADER_SIZE : MAX_ERROR_SIZE_6 - IPV6_HEADER_SIZE;
  const size = Math.min(outer.end - at, room);
  outer.transport = at;
  outer.payloadSize = size;
  outer.readdress(family, near, family === 4);
  writeU16(bytes, at, error.typeCode);
  writeU16(bytes, at + ICMP_CHECKSUM, 0);
  writeU32(bytes, at + 4, error.word);
  const pseudo = family === 6 ? pseudoHeaderSum(outer.addressSum, IPPROTO_ICMPV6, size) : 0;
  const sum = addBytes(bytes, at, size, pseudo);
  writeU16(bytes, at + ICMP_CHECKSUM, ~foldSum(sum) & 0xffff);
}
