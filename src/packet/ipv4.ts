/**
 * IPv4 headers, fragments and options included.
 * Read first: RFC 791 section 3.1; RFC 6864 for the identification field.
 */
import type { Ipv4Addr } from '../addr/ipv4.ts';
import { readI32, readIpv4, readU8, readU16, writeU8, writeU16, writeU32 } from './bytes.ts';
import { checksum, checksumHolds } from './checksum.ts';

/** Without options. */
export const IPV4_HEADER_SIZE = 20;

/** Offsets in the header. */
export const IPV4_DSCP_ECN = 1;
export const IPV4_TOTAL_LENGTH = 2;
export const IPV4_IDENTIFICATION = 4;
export const IPV4_FLAGS_FRAGMENT = 6;
export const IPV4_TTL = 8;
export const IPV4_PROTOCOL = 9;
export const IPV4_CHECKSUM = 10;
export const IPV4_SOURCE = 12;
export const IPV4_DESTINATION = 16;
export const IPV4_OPTIONS = 20;

export const IPPROTO_ICMP = 1;
export const IPPROTO_TCP = 6;
export const IPPROTO_UDP = 17;
export const IPPROTO_ICMPV6 = 58;

/** Nothing but padding follows. */
export const IPV4_OPTION_END = 0;
const OPTION_NO_OPERATION = 1;
const OPTION_LOOSE_SOURCE_ROUTE = 131;
const OPTION_STRICT_SOURCE_ROUTE = 137;

const DONT_FRAGMENT = 0x4000;
const MORE_FRAGMENTS = 0x2000;
const FRAGMENT_OFFSET = 0x1fff;

/** Why bytes are no IPv4 packet. */
export type Ipv4Fault =
  | 'TRUNCATED'
  | 'BAD_VERSION'
  | 'BAD_HEADER_LENGTH'
  | 'BAD_TOTAL_LENGTH'
  | 'BAD_CHECKSUM';

/** Why the options of a packet are not for forwarding. */
export type Ipv4OptionsFault = 'BAD_OPTION' | 'SOURCE_ROUTE';

export interface Ipv4Repr {
  /** The whole second octet: DSCP and ECN. */
  readonly dscpEcn: number;
  readonly identification: number;
  readonly dontFragment: boolean;
  readonly moreFragments: boolean;
  /** In bytes, a multiple of 8, 0..65528. */
  readonly fragmentOffset: number;
  readonly ttl: number;
  readonly protocol: number;
  readonly source: Ipv4Addr;
  readonly destination: Ipv4Addr;
  /** 0..40 bytes, a multiple of 4. */
  readonly options: Uint8Array;
  /** Bytes behind the header. */
  readonly payloadSize: number;
}

export function ipv4Version(bytes: Uint8Array, offset: number): number {
  return readU8(bytes, offset) >>> 4;
}

/** @returns bytes, 0..60; below 20 is malformed. */
export function ipv4HeaderSize(bytes: Uint8Array, offset: number): number {
  return (readU8(bytes, offset) & 15) << 2;
}

export function ipv4DscpEcn(bytes: Uint8Array, offset: number): number {
  return readU8(bytes, offset + IPV4_DSCP_ECN);
}

/** @returns bytes, header included. */
export function ipv4TotalLength(bytes: Uint8Array, offset: number): number {
  return readU16(bytes, offset + IPV4_TOTAL_LENGTH);
}

export function ipv4Identification(bytes: Uint8Array, offset: number): number {
  return readU16(bytes, offset + IPV4_IDENTIFICATION);
}

export function ipv4DontFragment(bytes: Uint8Array, offset: number): boolean {
  return (readU16(bytes, offset + IPV4_FLAGS_FRAGMENT) & DONT_FRAGMENT) !== 0;
}

export function ipv4MoreFragments(bytes: Uint8Array, offset: number): boolean {
  return (readU16(bytes, offset + IPV4_FLAGS_FRAGMENT) & MORE_FRAGMENTS) !== 0;
}

/** @returns bytes. */
export function ipv4FragmentOffset(bytes: Uint8Array, offset: number): number {
  return (readU16(bytes, offset + IPV4_FLAGS_FRAGMENT) & FRAGMENT_OFFSET) << 3;
}

/** @returns true for the first fragment too. */
export function ipv4IsFragment(bytes: Uint8Array, offset: number): boolean {
  const word = readU16(bytes, offset + IPV4_FLAGS_FRAGMENT);
  return (word & (MORE_FRAGMENTS | FRAGMENT_OFFSET)) !== 0;
}

export function ipv4Ttl(bytes: Uint8Array, offset: number): number {
  return readU8(bytes, offset + IPV4_TTL);
}

export function ipv4Protocol(bytes: Uint8Array, offset: number): number {
  return readU8(bytes, offset + IPV4_PROTOCOL);
}

export function ipv4HeaderChecksum(bytes: Uint8Array, offset: number): number {
  return readU16(bytes, offset + IPV4_CHECKSUM);
}

/** @returns a signed word. */
export function ipv4Source(bytes: Uint8Array, offset: number): number {
  return readI32(bytes, offset + IPV4_SOURCE);
}

/** @returns a signed word. */
export function ipv4Destination(bytes: Uint8Array, offset: number): number {
  return readI32(bytes, offset + IPV4_DESTINATION);
}

/**
 * Checks a header without allocating; after null every accessor of this file is in range.
 * @param size Bytes from `offset`; what lies behind the total length is link padding.
 */
export function checkIpv4Header(bytes: Uint8Array, offset: number, size: number): Ipv4Fault | null {
  if (size < IPV4_HEADER_SIZE) return 'TRUNCATED';
  if (ipv4Version(bytes, offset) !== 4) return 'BAD_VERSION';
  const headerSize = ipv4HeaderSize(bytes, offset);
  if (headerSize < IPV4_HEADER_SIZE) return 'BAD_HEADER_LENGTH';
  if (headerSize > size) return 'TRUNCATED';
  const totalLength = ipv4TotalLength(bytes, offset);
  if (totalLength < headerSize) return 'BAD_TOTAL_LENGTH';
  if (totalLength > size) return 'TRUNCATED';
  return checksumHolds(bytes, offset, headerSize) ? null : 'BAD_CHECKSUM';
}

/**
 * Walks the options of a checked header, without allocating.
 * @returns null when all are well formed and none is a source route (RFC 7126 4.3, 4.4).
 */
export function checkIpv4Options(bytes: Uint8Array, offset: number): Ipv4OptionsFault | null {
  const end = offset + ipv4HeaderSize(bytes, offset);
  let at = offset + IPV4_OPTIONS;
  while (at < end) {
    const type = readU8(bytes, at);
    if (type === IPV4_OPTION_END) return null;
    if (type === OPTION_LOOSE_SOURCE_ROUTE || type === OPTION_STRICT_SOURCE_ROUTE) {
      return 'SOURCE_ROUTE';
    }
    const size = ipv4OptionSize(bytes, at, end);
    if (size === 0) return 'BAD_OPTION';
    at += size;
  }
  return null;
}

/**
 * @param at Of an option. @param end Of the header.
 * @returns bytes of the option; 0 when it has no legal length or ends behind the header.
 */
export function ipv4OptionSize(bytes: Uint8Array, at: number, end: number): number {
  if (readU8(bytes, at) === OPTION_NO_OPERATION) return 1;
  const size = at + 1 < end ? readU8(bytes, at + 1) : 0;
  return size < 2 || at + size > end ? 0 : size;
}

/** @returns null when `checkIpv4Header` finds a fault. Options are a view into `bytes`. */
export function parseIpv4Header(bytes: Uint8Array, offset: number, size: number): Ipv4Repr | null {
  if (checkIpv4Header(bytes, offset, size) !== null) return null;
  const headerSize = ipv4HeaderSize(bytes, offset);
  return {
    dscpEcn: ipv4DscpEcn(bytes, offset),
    identification: ipv4Identification(bytes, offset),
    dontFragment: ipv4DontFragment(bytes, offset),
    moreFragments: ipv4MoreFragments(bytes, offset),
    fragmentOffset: ipv4FragmentOffset(bytes, offset),
    ttl: ipv4Ttl(bytes, offset),
    protocol: ipv4Protocol(bytes, offset),
    source: readIpv4(bytes, offset + IPV4_SOURCE),
    destination: readIpv4(bytes, offset + IPV4_DESTINATION),
    options: bytes.subarray(offset + IPV4_OPTIONS, offset + headerSize),
    payloadSize: ipv4TotalLength(bytes, offset) - headerSize,
  };
}

/** Writes the header with its checksum. @returns the bytes written: 20 and the options. */
export function emitIpv4Header(repr: Ipv4Repr, out: Uint8Array, offset: number): number {
  const headerSize = IPV4_HEADER_SIZE + repr.options.length;
  const flags = (repr.dontFragment ? DONT_FRAGMENT : 0) | (repr.moreFragments ? MORE_FRAGMENTS : 0);
  writeU8(out, offset, 0x40 | (headerSize >>> 2));
  writeU8(out, offset + IPV4_DSCP_ECN, repr.dscpEcn);
  writeU16(out, offset + IPV4_TOTAL_LENGTH, headerSize + repr.payloadSize);
  writeU16(out, offset + IPV4_IDENTIFICATION, repr.identification);
  writeU16(out, offset + IPV4_FLAGS_FRAGMENT, flags | (repr.fragmentOffset >>> 3));
  writeU8(out, offset + IPV4_TTL, repr.ttl);
  writeU8(out, offset + IPV4_PROTOCOL, repr.protocol);
  writeU16(out, offset + IPV4_CHECKSUM, 0);
  writeU32(out, offset + IPV4_SOURCE, repr.source);
  writeU32(out, offset + IPV4_DESTINATION, repr.destination);
  out.set(repr.options, offset + IPV4_OPTIONS);
  writeU16(out, offset + IPV4_CHECKSUM, checksum(out, offset, headerSize));
  return headerSize;
}
