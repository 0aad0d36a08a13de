/**
 * The Internet checksum: whole, over pseudo-headers, and by increments.
 * Read first: RFC 1071, then RFC 1624 section 3 (equation 3 is the one used here).
 *
 * A *sum* is a ones-complement sum that may still carry beyond 16 bits; a *checksum* is the
 * complement of a folded sum, as it stands in a header.
 */
import { type Ipv6Addr, ipv6ToWords } from '../addr/ipv6.ts';
import { readI32, readU8, readU16, writeU8, writeU16 } from './bytes.ts';

/**
 * Adds bytes as 16-bit words to a sum; an odd last byte is padded with zero.
 * @param size At most 65,535 bytes, so that the sum stays below 2^32.
 * @param sum A folded sum, or the few words of a pseudo-header.
 */
export function addBytes(bytes: Uint8Array, offset: number, size: number, sum = 0): number {
  let total = sum;
  const end = offset + size;
  const even = offset + (size & ~1);
  for (let at = offset; at < even; at += 2) total += readU16(bytes, at);
  if (even < end) total += readU8(bytes, even) << 8;
  return total;
}

/** As `addBytes`, and copies the bytes in the same pass. The ranges do not overlap. */
export function addCopied(
  from: Uint8Array,
  offset: number,
  size: number,
  to: Uint8Array,
  at: number,
  sum = 0,
): number {
  let total = sum;
  const even = size & ~1;
  for (let index = 0; index < even; index += 2) {
    const word = readU16(from, offset + index);
    writeU16(to, at + index, word);
    total += word;
  }
  if (even === size) return total;
  const last = readU8(from, offset + even);
  writeU8(to, at + even, last);
  return total + (last << 8);
}

/** Folds the carries in. @param sum Below 2^32. @returns 0..65535. */
export function foldSum(sum: number): number {
  const once = (sum >>> 16) + (sum & 0xffff);
  return (once >>> 16) + (once & 0xffff);
}

/** @returns the checksum of the bytes; the checksum field among them must be zero. */
export function checksum(bytes: Uint8Array, offset: number, size: number, sum = 0): number {
  return ~foldSum(addBytes(bytes, offset, size, sum)) & 0xffff;
}

/**
 * @returns a checksum as it is sent where zero means that there is none, as in UDP: 0xffff is the other
 *   ones-complement zero, and as good to the other protocols.
 */
export function neverZero(field: number): number {
  return field === 0 ? 0xffff : field;
}

/** @returns true when the bytes, checksum field included, add up. */
export function checksumHolds(bytes: Uint8Array, offset: number, size: number, sum = 0): boolean {
  return foldSum(addBytes(bytes, offset, size, sum)) === 0xffff;
}

function wordSum(word: number): number {
  return (word >>> 16) + (word & 0xffff);
}

/** @returns the sum of both addresses of an IPv4 pseudo-header. @source RFC 793 3.1 */
export function addressSum4(source: number, destination: number): number {
  return wordSum(source) + wordSum(destination);
}

/** @returns the sum of both addresses of an IPv6 pseudo-header. @source RFC 8200 8.1 */
export function addressSum6(source: Ipv6Addr, destination: Ipv6Addr): number {
  let sum = 0;
  for (const word of ipv6ToWords(source)) sum += wordSum(word);
  for (const word of ipv6ToWords(destination)) sum += wordSum(word);
  return sum;
}

/** As `addressSum4`, read from the header at `offset`. */
export function addressSum4At(bytes: Uint8Array, offset: number): number {
  return addressSum4(readI32(bytes, offset + 12), readI32(bytes, offset + 16));
}

/** As `addressSum6`, read from the header at `offset`. */
export function addressSum6At(bytes: Uint8Array, offset: number): number {
  return addBytes(bytes, offset + 8, 32);
}

/**
 * Completes the pseudo-header's sum.
 * @param addressSum From `addressSum4` or `addressSum6`.
 * @param size Of the upper-layer header and its payload.
 */
export function pseudoHeaderSum(addressSum: number, protocol: number, size: number): number {
  return addressSum + protocol + size;
}

/**
 * Replaces one 16-bit word in a folded sum: what a frame with a partial checksum carries, where
 * the field holds the pseudo-header's sum, not its complement.
 */
export function replaceInSum16(sum: number, from: number, to: number): number {
  return foldSum(sum + (~from & 0xffff) + to);
}

/** Replaces one 32-bit word in a folded sum. */
export function replaceInSum32(sum: number, from: number, to: number): number {
  return foldSum(sum + wordSum(~from) + wordSum(to));
}

/** Updates a checksum for one changed 16-bit word. @source RFC 1624 3 */
export function updateChecksum16(field: number, from: number, to: number): number {
  return ~replaceInSum16(~field & 0xffff, from, to) & 0xffff;
}

/** Updates a checksum for one changed 32-bit word, such as an address. @source RFC 1624 3 */
export function updateChecksum32(field: number, from: number, to: number): number {
  return ~replaceInSum32(~field & 0xffff, from, to) & 0xffff;
}
