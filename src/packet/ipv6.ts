/**
 * IPv6 headers and the walk over extension headers to the upper layer.
 * Read first: RFC 8200 sections 3 and 4; RFC 7045 for what forwarders do with extensions.
 */
import type { Ipv6Addr } from '../addr/ipv6.ts';
import {
  readI32,
  readIpv6,
  readU8,
  readU16,
  writeIpv6,
  writeU8,
  writeU16,
  writeU32,
} from './bytes.ts';

export const IPV6_HEADER_SIZE = 40;
/** The next header of a fragment, and the size of what follows then. */
export const IPPROTO_FRAGMENT = 44;
export const IPV6_FRAGMENT_HEADER_SIZE = 8;

/** Every link takes packets of this size. @source RFC 8200 5 */
export const IPV6_MIN_MTU = 1280;

/** Offsets in the header. */
export const IPV6_PAYLOAD_LENGTH = 4;
export const IPV6_NEXT_HEADER = 6;
export const IPV6_HOP_LIMIT = 7;
export const IPV6_SOURCE = 8;
export const IPV6_DESTINATION = 24;

const HOP_BY_HOP = 0;
const ROUTING = 43;
const AUTHENTICATION = 51;
const DESTINATION_OPTIONS = 60;

/** A chain longer than this is an attack, not a packet. */
const MAX_EXTENSIONS = 8;

/** Why bytes are no IPv6 packet. */
export type Ipv6Fault = 'TRUNCATED' | 'BAD_VERSION' | 'TOO_MANY_EXTENSIONS';

export interface Ipv6Repr {
  readonly trafficClass: number;
  /** 20 bits. */
  readonly flowLabel: number;
  /** Bytes behind the header, extension headers included. */
  readonly payloadSize: number;
  readonly nextHeader: number;
  readonly hopLimit: number;
  readonly source: Ipv6Addr;
  readonly destination: Ipv6Addr;
}

/** Where the upper layer begins; one reused record on the frame path. */
export interface Ipv6Upper {
  protocol: number;
  /** In `bytes`. */
  offset: number;
  /** In bytes; -1 when the packet carries no fragment header. */
  fragmentOffset: number;
  moreFragments: boolean;
  /** The identification of a fragment, a signed word. */
  fragmentId: number;
  /** What follows the fragment header: the same in all fragments of a packet. */
  fragmentNextHeader: number;
  /** Of the last routing header: places that the packet is still to visit. */
  segmentsLeft: number;
}

export function createIpv6Upper(): Ipv6Upper {
  return {
    protocol: 0,
    offset: 0,
    fragmentOffset: -1,
    moreFragments: false,
    fragmentId: 0,
    fragmentNextHeader: 0,
    segmentsLeft: 0,
  };
}

export function ipv6Version(bytes: Uint8Array, offset: number): number {
  return readU8(bytes, offset) >>> 4;
}

export function ipv6TrafficClass(bytes: Uint8Array, offset: number): number {
  return (readU16(bytes, offset) >>> 4) & 255;
}

export function ipv6FlowLabel(bytes: Uint8Array, offset: number): number {
  return readI32(bytes, offset) & 0xfffff;
}

export function ipv6PayloadLength(bytes: Uint8Array, offset: number): number {
  return readU16(bytes, offset + IPV6_PAYLOAD_LENGTH);
}

export function ipv6NextHeader(bytes: Uint8Array, offset: number): number {
  return readU8(bytes, offset + IPV6_NEXT_HEADER);
}

export function ipv6HopLimit(bytes: Uint8Array, offset: number): number {
  return readU8(bytes, offset + IPV6_HOP_LIMIT);
}

/** @param index 0..3, most significant word first. @returns a signed word. */
export function ipv6SourceWord(bytes: Uint8Array, offset: number, index: number): number {
  return readI32(bytes, offset + IPV6_SOURCE + (index << 2));
}

/** @param index 0..3, most significant word first. @returns a signed word. */
export function ipv6DestinationWord(bytes: Uint8Array, offset: number, index: number): number {
  return readI32(bytes, offset + IPV6_DESTINATION + (index << 2));
}

/** Checks a header without allocating; after null every accessor of this file is in range. */
export function checkIpv6Header(bytes: Uint8Array, offset: number, size: number): Ipv6Fault | null {
  if (size < IPV6_HEADER_SIZE) return 'TRUNCATED';
  if (ipv6Version(bytes, offset) !== 6) return 'BAD_VERSION';
  if (IPV6_HEADER_SIZE + ipv6PayloadLength(bytes, offset) > size) return 'TRUNCATED';
  return null;
}

/**
 * Walks the extension headers of a checked packet. In a later fragment the walk ends behind the
 * fragment header, where no upper-layer header stands.
 * @param into Receives the answer; not to be read after a fault.
 * @source RFC 8200 4.1
 */
export function walkIpv6Extensions(
  bytes: Uint8Array,
  offset: number,
  into: Ipv6Upper,
): Ipv6Fault | null {
  const end = offset + IPV6_HEADER_SIZE + ipv6PayloadLength(bytes, offset);
  return walkIpv6ExtensionsUntil(bytes, offset, end, into);
}

/** As `walkIpv6Extensions`, for a packet that may be cut. @param end Where its bytes end in `bytes`. */
export function walkIpv6ExtensionsUntil(
  bytes: Uint8Array,
  offset: number,
  end: number,
  into: Ipv6Upper,
): Ipv6Fault | null {
  into.protocol = ipv6NextHeader(bytes, offset);
  into.offset = offset + IPV6_HEADER_SIZE;
  into.fragmentOffset = -1;
  into.moreFragments = false;
  into.segmentsLeft = 0;
  for (let count = 0; isExtension(into.protocol); count++) {
    if (count === MAX_EXTENSIONS) return 'TOO_MANY_EXTENSIONS';
    const at = into.offset;
    if (at + 8 > end) return 'TRUNCATED';
    const size = extensionSize(into.protocol, readU8(bytes, at + 1));
    if (at + size > end) return 'TRUNCATED';
    if (into.protocol === ROUTING) into.segmentsLeft = readU8(bytes, at + 3);
    const isFragment = into.protocol === IPPROTO_FRAGMENT;
    into.protocol = readU8(bytes, at);
    into.offset = at + size;
    if (isFragment) {
      const word = readU16(bytes, at + 2);
      into.fragmentOffset = word & 0xfff8;
      into.moreFragments = (word & 1) !== 0;
      into.fragmentId = readI32(bytes, at + 4);
      into.fragmentNextHeader = into.protocol;
      if (into.fragmentOffset !== 0) return null;
    }
  }
  return null;
}

function isExtension(protocol: number): boolean {
  return (
    protocol === HOP_BY_HOP ||
    protocol === ROUTING ||
    protocol === IPPROTO_FRAGMENT ||
    protocol === AUTHENTICATION ||
    protocol === DESTINATION_OPTIONS
  );
}

/** The authentication header counts four-byte words less two, the others eight-byte words less one. */
function extensionSize(protocol: number, length: number): number {
  if (protocol === IPPROTO_FRAGMENT) return IPV6_FRAGMENT_HEADER_SIZE;
  return protocol === AUTHENTICATION ? (length + 2) << 2 : (length + 1) << 3;
}

/** @returns null when `checkIpv6Header` finds a fault. */
export function parseIpv6Header(bytes: Uint8Array, offset: number, size: number): Ipv6Repr | null {
  if (checkIpv6Header(bytes, offset, size) !== null) return null;
  return {
    trafficClass: ipv6TrafficClass(bytes, offset),
    flowLabel: ipv6FlowLabel(bytes, offset),
    payloadSize: ipv6PayloadLength(bytes, offset),
    nextHeader: ipv6NextHeader(bytes, offset),
    hopLimit: ipv6HopLimit(bytes, offset),
    source: readIpv6(bytes, offset + IPV6_SOURCE),
    destination: readIpv6(bytes, offset + IPV6_DESTINATION),
  };
}

/** @returns the bytes written: 40. */
export function emitIpv6Header(repr: Ipv6Repr, out: Uint8Array, offset: number): number {
  writeU32(out, offset, (6 << 28) | (repr.trafficClass << 20) | repr.flowLabel);
  writeU16(out, offset + IPV6_PAYLOAD_LENGTH, repr.payloadSize);
  writeU8(out, offset + IPV6_NEXT_HEADER, repr.nextHeader);
  writeU8(out, offset + IPV6_HOP_LIMIT, repr.hopLimit);
  writeIpv6(out, offset + IPV6_SOURCE, repr.source);
  writeIpv6(out, offset + IPV6_DESTINATION, repr.destination);
  return IPV6_HEADER_SIZE;
}
