/**
 * The virtio_net_hdr before each frame of a TAP with IFF_VNET_HDR, in its 12-byte mergeable form,
 * and the completion of a checksum that a guest left to its device.
 * Read first: virtio 1.2 section 5.1.6; Linux include/uapi/linux/virtio_net.h.
 */
import { readU8, readU16Le, writeU8, writeU16, writeU16Le } from './bytes.ts';
import { checksum, neverZero } from './checksum.ts';

export const VNET_HEADER_SIZE = 12;

/** Offsets in the header; the 16-bit fields are little-endian. */
export const VNET_FLAGS = 0;
export const VNET_GSO_TYPE = 1;
export const VNET_HEADER_LENGTH = 2;
export const VNET_GSO_SIZE = 4;
export const VNET_CHECKSUM_START = 6;
export const VNET_CHECKSUM_OFFSET = 8;
export const VNET_BUFFER_COUNT = 10;

/** The checksum field holds only the pseudo-header's sum. */
export const VNET_NEEDS_CHECKSUM = 1;
/** The checksum has been verified. */
export const VNET_CHECKSUM_VALID = 2;

export const VNET_GSO_NONE = 0;
export const VNET_GSO_TCPV4 = 1;
export const VNET_GSO_UDP = 3;
export const VNET_GSO_TCPV6 = 4;
export const VNET_GSO_UDP_L4 = 5;
/** A bit beside the GSO type: the TCP segments carry ECN. */
export const VNET_GSO_ECN = 0x80;

const GSO_TYPES: readonly number[] = [
  VNET_GSO_NONE,
  VNET_GSO_TCPV4,
  VNET_GSO_UDP,
  VNET_GSO_TCPV6,
  VNET_GSO_UDP_L4,
];

export interface VnetHeaderRepr {
  readonly needsChecksum: boolean;
  readonly checksumValid: boolean;
  readonly gsoType: number;
  readonly gsoEcn: boolean;
  /** Bytes of all headers of a super-frame; a hint. */
  readonly headerSize: number;
  /** Payload bytes of each segment of a super-frame. */
  readonly gsoSize: number;
  /** Where summing starts, from the frame's first byte. */
  readonly checksumStart: number;
  /** Where the field lies, from `checksumStart`. */
  readonly checksumOffset: number;
  readonly bufferCount: number;
}

export function vnetNeedsChecksum(bytes: Uint8Array, offset: number): boolean {
  return (readU8(bytes, offset + VNET_FLAGS) & VNET_NEEDS_CHECKSUM) !== 0;
}

/** @returns one of the GSO types, without the ECN bit. */
export function vnetGsoType(bytes: Uint8Array, offset: number): number {
  return readU8(bytes, offset + VNET_GSO_TYPE) & ~VNET_GSO_ECN;
}

/** @returns true for a header that asks nothing of who takes the frame: no checksum, no segments. */
export function vnetIsPlain(bytes: Uint8Array, offset: number): boolean {
  return (
    (readU8(bytes, offset + VNET_FLAGS) & VNET_NEEDS_CHECKSUM) === 0 &&
    readU8(bytes, offset + VNET_GSO_TYPE) === VNET_GSO_NONE &&
    readU16Le(bytes, offset + VNET_HEADER_LENGTH) === 0
  );
}

/** @returns what the header says of the size of all headers; a hint, but it has to lie in the frame. */
export function vnetHeaderLength(bytes: Uint8Array, offset: number): number {
  return readU16Le(bytes, offset + VNET_HEADER_LENGTH);
}

/** @returns where summing starts, from the frame's first byte. */
export function vnetChecksumStart(bytes: Uint8Array, offset: number): number {
  return readU16Le(bytes, offset + VNET_CHECKSUM_START);
}

/** @returns where the field lies, from `vnetChecksumStart`. */
export function vnetChecksumOffset(bytes: Uint8Array, offset: number): number {
  return readU16Le(bytes, offset + VNET_CHECKSUM_OFFSET);
}

/** @returns payload bytes of each segment. */
export function vnetGsoSize(bytes: Uint8Array, offset: number): number {
  return readU16Le(bytes, offset + VNET_GSO_SIZE);
}

/** @returns null when the header is short, its GSO type unknown, or a super-frame has no size. */
export function parseVnetHeader(
  bytes: Uint8Array,
  offset: number,
  size: number,
): VnetHeaderRepr | null {
  if (size < VNET_HEADER_SIZE) return null;
  const gsoType = vnetGsoType(bytes, offset);
  const gsoSize = vnetGsoSize(bytes, offset);
  if (!GSO_TYPES.includes(gsoType) || (gsoType !== VNET_GSO_NONE && gsoSize === 0)) return null;
  const flags = readU8(bytes, offset + VNET_FLAGS);
  return {
    needsChecksum: (flags & VNET_NEEDS_CHECKSUM) !== 0,
    checksumValid: (flags & VNET_CHECKSUM_VALID) !== 0,
    gsoType,
    gsoEcn: (readU8(bytes, offset + VNET_GSO_TYPE) & VNET_GSO_ECN) !== 0,
    headerSize: vnetHeaderLength(bytes, offset),
    gsoSize,
    checksumStart: vnetChecksumStart(bytes, offset),
    checksumOffset: vnetChecksumOffset(bytes, offset),
    bufferCount: readU16Le(bytes, offset + VNET_BUFFER_COUNT),
  };
}

/** @returns the bytes written: 12. */
export function emitVnetHeader(repr: VnetHeaderRepr, out: Uint8Array, offset: number): number {
  const flags =
    (repr.needsChecksum ? VNET_NEEDS_CHECKSUM : 0) | (repr.checksumValid ? VNET_CHECKSUM_VALID : 0);
  writeU8(out, offset + VNET_FLAGS, flags);
  writeU8(out, offset + VNET_GSO_TYPE, repr.gsoType | (repr.gsoEcn ? VNET_GSO_ECN : 0));
  writeU16Le(out, offset + VNET_HEADER_LENGTH, repr.headerSize);
  writeU16Le(out, offset + VNET_GSO_SIZE, repr.gsoSize);
  writeU16Le(out, offset + VNET_CHECKSUM_START, repr.checksumStart);
  writeU16Le(out, offset + VNET_CHECKSUM_OFFSET, repr.checksumOffset);
  writeU16Le(out, offset + VNET_BUFFER_COUNT, repr.bufferCount);
  return VNET_HEADER_SIZE;
}

/**
 * Finishes a partial checksum in place and clears NEEDS_CSUM; a frame without one is left alone.
 * The field already holds the pseudo-header's sum, so summing from the start over it is enough.
 * @param frameSize Bytes of the frame, without the vnet header and without link padding.
 * @returns false when the header points outside the frame; nothing is changed then.
 */
export function completeChecksum(
  bytes: Uint8Array,
  headerOffset: number,
  frameOffset: number,
  frameSize: number,
): boolean {
  if (!vnetNeedsChecksum(bytes, headerOffset)) return true;
  const start = vnetChecksumStart(bytes, headerOffset);
  const field = start + vnetChecksumOffset(bytes, headerOffset);
  if (field + 2 > frameSize) return false;
  const value = checksum(bytes, frameOffset + start, frameSize - start);
  writeU16(bytes, frameOffset + field, neverZero(value));
  const flags = readU8(bytes, headerOffset + VNET_FLAGS) & ~VNET_NEEDS_CHECKSUM;
  writeU8(bytes, headerOffset + VNET_FLAGS, flags);
  writeU16Le(bytes, headerOffset + VNET_CHECKSUM_START, 0);
  writeU16Le(bytes, headerOffset + VNET_CHECKSUM_OFFSET, 0);
  return true;
}
