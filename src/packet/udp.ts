/**
 * UDP over IPv4 and IPv6.
 * Read first: RFC 768; RFC 8200 section 8.1 for the checksum over IPv6.
 */
import { readU16, writeU16 } from './bytes.ts';
import { checksum, checksumHolds, neverZero, pseudoHeaderSum } from './checksum.ts';
import { IPPROTO_UDP } from './ipv4.ts';

export const UDP_HEADER_SIZE = 8;

/** Offsets in the header. */
export const UDP_SOURCE_PORT = 0;
export const UDP_DESTINATION_PORT = 2;
export const UDP_LENGTH = 4;
export const UDP_CHECKSUM = 6;

export interface UdpRepr {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly payload: Uint8Array;
}

export function udpSourcePort(bytes: Uint8Array, offset: number): number {
  return readU16(bytes, offset + UDP_SOURCE_PORT);
}

export function udpDestinationPort(bytes: Uint8Array, offset: number): number {
  return readU16(bytes, offset + UDP_DESTINATION_PORT);
}

/** @returns bytes, header included. */
export function udpLength(bytes: Uint8Array, offset: number): number {
  return readU16(bytes, offset + UDP_LENGTH);
}

/** @returns 0 when the sender computed none. */
export function udpChecksum(bytes: Uint8Array, offset: number): number {
  return readU16(bytes, offset + UDP_CHECKSUM);
}

/**
 * Parses a datagram. A zero checksum counts as none, which over IPv6 the caller must judge.
 * @param addressSum From `addressSum4` or `addressSum6`; null skips the checksum, for a frame
 *   whose checksum is still to be completed.
 * @returns null when the length or the checksum is wrong. The payload is a view into `bytes`.
 */
export function parseUdp(
  bytes: Uint8Array,
  offset: number,
  size: number,
  addressSum: number | null,
): UdpRepr | null {
  if (size < UDP_HEADER_SIZE) return null;
  const length = udpLength(bytes, offset);
  if (length < UDP_HEADER_SIZE || length > size) return null;
  if (addressSum !== null && udpChecksum(bytes, offset) !== 0) {
    const sum = pseudoHeaderSum(addressSum, IPPROTO_UDP, length);
    if (!checksumHolds(bytes, offset, length, sum)) return null;
  }
  return {
    sourcePort: udpSourcePort(bytes, offset),
    destinationPort: udpDestinationPort(bytes, offset),
    payload: bytes.subarray(offset + UDP_HEADER_SIZE, offset + length),
  };
}

/** Writes the datagram with its checksum. @returns the bytes written: 8 and the payload. */
export function emitUdp(
  repr: UdpRepr,
  addressSum: number,
  out: Uint8Array,
  offset: number,
): number {
  const length = UDP_HEADER_SIZE + repr.payload.length;
  writeU16(out, offset + UDP_SOURCE_PORT, repr.sourcePort);
  writeU16(out, offset + UDP_DESTINATION_PORT, repr.destinationPort);
  writeU16(out, offset + UDP_LENGTH, length);
  writeU16(out, offset + UDP_CHECKSUM, 0);
  out.set(repr.payload, offset + UDP_HEADER_SIZE);
  const field = checksum(out, offset, length, pseudoHeaderSum(addressSum, IPPROTO_UDP, length));
  writeU16(out, offset + UDP_CHECKSUM, neverZero(field));
  return length;
}
