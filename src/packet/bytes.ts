/**
 * The one way to bytes: big-endian reads and writes (little-endian where virtio wants it).
 * Every codec checks sizes before it reads; a read past the end gives zero bits and never throws.
 */
import { type Ipv4Addr, ipv4FromWord } from '../addr/ipv4.ts';
import { type Ipv6Addr, ipv6FromWords, ipv6ToWords } from '../addr/ipv6.ts';
import { type MacAddr, macFromWords, macHigh16, macLow32 } from '../addr/mac.ts';

export const EMPTY_BYTES = new Uint8Array(0);

export function readU8(bytes: Uint8Array, offset: number): number {
  return bytes[offset]! | 0;
}

export function readU16(bytes: Uint8Array, offset: number): number {
  return (bytes[offset]! << 8) | bytes[offset + 1]!;
}

/** @returns a signed word, the form addresses have on the frame path. */
export function readI32(bytes: Uint8Array, offset: number): number {
  return (
    (bytes[offset]! << 24) |
    (bytes[offset + 1]! << 16) |
    (bytes[offset + 2]! << 8) |
    bytes[offset + 3]!
  );
}

export function readU32(bytes: Uint8Array, offset: number): number {
  return readI32(bytes, offset) >>> 0;
}

export function readU16Le(bytes: Uint8Array, offset: number): number {
  return bytes[offset]! | (bytes[offset + 1]! << 8);
}

export function readMac(bytes: Uint8Array, offset: number): MacAddr {
  return macFromWords(readU16(bytes, offset), readI32(bytes, offset + 2));
}

export function readIpv4(bytes: Uint8Array, offset: number): Ipv4Addr {
  return ipv4FromWord(readI32(bytes, offset));
}

export function readIpv6(bytes: Uint8Array, offset: number): Ipv6Addr {
  return ipv6FromWords(
    readI32(bytes, offset),
    readI32(bytes, offset + 4),
    readI32(bytes, offset + 8),
    readI32(bytes, offset + 12),
  );
}

export function writeU8(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value;
}

export function writeU16(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value >>> 8;
  bytes[offset + 1] = value;
}

/** @param value Signed or unsigned 32 bits. */
export function writeU32(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value >>> 24;
  bytes[offset + 1] = value >>> 16;
  bytes[offset + 2] = value >>> 8;
  bytes[offset + 3] = value;
}

export function writeU16Le(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value;
  bytes[offset + 1] = value >>> 8;
}

export function writeMac(bytes: Uint8Array, offset: number, mac: MacAddr): void {
  writeU16(bytes, offset, macHigh16(mac));
  writeU32(bytes, offset + 2, macLow32(mac));
}

export function writeIpv6(bytes: Uint8Array, offset: number, addr: Ipv6Addr): void {
  const words = ipv6ToWords(addr);
  for (let index = 0; index < 4; index++) writeU32(bytes, offset + index * 4, words[index]!);
}

/** Copies without making a view; for the short runs of the frame path. The ranges do not overlap. */
export function copyBytes(
  from: Uint8Array,
  offset: number,
  size: number,
  to: Uint8Array,
  at: number,
): void {
  for (let index = 0; index < size; index++) to[at + index] = from[offset + index]!;
}
