/**
 * TCP segments over IPv4 and IPv6; the options stay bytes.
 * Read first: RFC 9293 section 3.1.
 */
import { readU8, readU16, readU32, writeU8, writeU16, writeU32 } from './bytes.ts';
import { checksum, checksumHolds, pseudoHeaderSum } from './checksum.ts';
import { IPPROTO_TCP } from './ipv4.ts';

/** Without options. */
export const TCP_HEADER_SIZE = 20;

/** Offsets in the header. */
export const TCP_SOURCE_PORT = 0;
export const TCP_DESTINATION_PORT = 2;
export const TCP_SEQUENCE = 4;
export const TCP_ACKNOWLEDGEMENT = 8;
export const TCP_DATA_OFFSET = 12;
export const TCP_FLAGS = 13;
export const TCP_WINDOW = 14;
export const TCP_CHECKSUM = 16;
export const TCP_URGENT_POINTER = 18;
export const TCP_OPTIONS = 20;

export const TCP_FIN = 0x01;
export const TCP_SYN = 0x02;
export const TCP_RST = 0x04;
export const TCP_PSH = 0x08;
export const TCP_ACK = 0x10;
export const TCP_CWR = 0x80;

export const TCP_OPTION_MSS = 2;
const OPTION_END = 0;
const OPTION_NOP = 1;

export interface TcpRepr {
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** 32 bits, unsigned. */
  readonly sequence: number;
  /** 32 bits, unsigned. */
  readonly acknowledgement: number;
  /** The octet from CWR to FIN. */
  readonly flags: number;
  readonly window: number;
  readonly urgentPointer: number;
  /** 0..40 bytes, a multiple of 4. */
  readonly options: Uint8Array;
  readonly payload: Uint8Array;
}

export function tcpSourcePort(bytes: Uint8Array, offset: number): number {
  return readU16(bytes, offset + TCP_SOURCE_PORT);
}

export function tcpDestinationPort(bytes: Uint8Array, offset: number): number {
  return readU16(bytes, offset + TCP_DESTINATION_PORT);
}

/** @returns unsigned 32 bits. */
export function tcpSequence(bytes: Uint8Array, offset: number): number {
  return readU32(bytes, offset + TCP_SEQUENCE);
}

/** @returns unsigned 32 bits. */
export function tcpAcknowledgement(bytes: Uint8Array, offset: number): number {
  return readU32(bytes, offset + TCP_ACKNOWLEDGEMENT);
}

/** @returns bytes, 0..60; below 20 is malformed. */
export function tcpHeaderSize(bytes: Uint8Array, offset: number): number {
  return (readU8(bytes, offset + TCP_DATA_OFFSET) >>> 4) << 2;
}

export function tcpFlags(bytes: Uint8Array, offset: number): number {
  return readU8(bytes, offset + TCP_FLAGS);
}

export function tcpWindow(bytes: Uint8Array, offset: number): number {
  return readU16(bytes, offset + TCP_WINDOW);
}

export function tcpChecksum(bytes: Uint8Array, offset: number): number {
  return readU16(bytes, offset + TCP_CHECKSUM);
}

/** @returns true when the header, options included, lies within `size` bytes. */
export function tcpHeaderFits(bytes: Uint8Array, offset: number, size: number): boolean {
  if (size < TCP_HEADER_SIZE) return false;
  const headerSize = tcpHeaderSize(bytes, offset);
  return headerSize >= TCP_HEADER_SIZE && headerSize <= size;
}

/**
 * Finds an option of a header that fits.
 * @returns the offset of its kind octet in `bytes`, or -1 when it is absent or the list is broken.
 */
export function findTcpOption(bytes: Uint8Array, offset: number, kind: number): number {
  const end = offset + tcpHeaderSize(bytes, offset);
  let at = offset + TCP_OPTIONS;
  while (at < end) {
    const found = readU8(bytes, at);
    if (found === OPTION_END) return -1;
    if (found === OPTION_NOP) {
      at += 1;
      continue;
    }
    const length = at + 1 < end ? readU8(bytes, at + 1) : 0;
    if (length < 2 || at + length > end) return -1;
    if (found === kind) return at;
    at += length;
  }
  return -1;
}

/**
 * @param size Of the whole segment.
 * @param addressSum From `addressSum4` or `addressSum6`; null skips the checksum.
 * @returns null when the header or the checksum is wrong. Options and payload are views.
 */
export function parseTcp(
  bytes: Uint8Array,
  offset: number,
  size: number,
  addressSum: number | null,
): TcpRepr | null {
  if (!tcpHeaderFits(bytes, offset, size)) return null;
  if (addressSum !== null) {
    const sum = pseudoHeaderSum(addressSum, IPPROTO_TCP, size);
    if (!checksumHolds(bytes, offset, size, sum)) return null;
  }
  const headerSize = tcpHeaderSize(bytes, offset);
  return {
    sourcePort: tcpSourcePort(bytes, offset),
    destinationPort: tcpDestinationPort(bytes, offset),
    sequence: tcpSequence(bytes, offset),
    acknowledgement: tcpAcknowledgement(bytes, offset),
    flags: tcpFlags(bytes, offset),
    window: tcpWindow(bytes, offset),
    urgentPointer: readU16(bytes, offset + TCP_URGENT_POINTER),
    options: bytes.subarray(offset + TCP_OPTIONS, offset + headerSize),
    payload: bytes.subarray(offset + headerSize, offset + size),
  };
}

/** Writes the segment with its checksum. @returns the bytes written: 20, options and payload. */
export function emitTcp(
  repr: TcpRepr,
  addressSum: number,
  out: Uint8Array,
  offset: number,
): number {
  const headerSize = TCP_HEADER_SIZE + repr.options.length;
  const size = headerSize + repr.payload.length;
  writeU16(out, offset + TCP_SOURCE_PORT, repr.sourcePort);
  writeU16(out, offset + TCP_DESTINATION_PORT, repr.destinationPort);
  writeU32(out, offset + TCP_SEQUENCE, repr.sequence);
  writeU32(out, offset + TCP_ACKNOWLEDGEMENT, repr.acknowledgement);
  writeU8(out, offset + TCP_DATA_OFFSET, headerSize << 2);
  writeU8(out, offset + TCP_FLAGS, repr.flags);
  writeU16(out, offset + TCP_WINDOW, repr.window);
  writeU16(out, offset + TCP_CHECKSUM, 0);
  writeU16(out, offset + TCP_URGENT_POINTER, repr.urgentPointer);
  out.set(repr.options, offset + TCP_OPTIONS);
  out.set(repr.payload, offset + headerSize);
  const sum = pseudoHeaderSum(addressSum, IPPROTO_TCP, size);
  writeU16(out, offset + TCP_CHECKSUM, checksum(out, offset, size, sum));
  return size;
}
