/**
 * IPv4 fragmentation, as a router does it. IPv6 has none: its routers say packet-too-big instead.
 * Read first: RFC 791 section 3.2, "An Example Fragmentation Procedure", and 3.1 for options.
 */
import { copyBytes, readU8, readU16, writeU8, writeU16 } from './bytes.ts';
import { checksum } from './checksum.ts';
import { ETHERNET_HEADER_SIZE } from './ethernet.ts';
import {
  checkIpv4Header,
  IPV4_CHECKSUM,
  IPV4_FLAGS_FRAGMENT,
  IPV4_HEADER_SIZE,
  IPV4_OPTION_END,
  IPV4_OPTIONS,
  IPV4_TOTAL_LENGTH,
  type Ipv4Fault,
  ipv4FragmentOffset,
  ipv4HeaderSize,
  ipv4MoreFragments,
  ipv4OptionSize,
  ipv4TotalLength,
} from './ipv4.ts';
import type { PieceSink } from './piece-sink.ts';

export type FragmentFault =
  | Ipv4Fault
  /** No room for the header and eight bytes. */
  | 'MTU_TOO_SMALL'
  /** The packet ends behind the last byte that an offset can name. */
  | 'BAD_FRAGMENT_OFFSET';

const MORE_FRAGMENTS = 0x2000;
const FLAGS = 0xe000;
const MAX_TOTAL_SIZE = 0xffff;

/** The option is in every fragment. */
const OPTION_COPIED = 0x80;

/**
 * Cuts a packet into fragments that fit. A packet that fits already is given as it is, without its
 * link padding. The don't-fragment bit is not looked at and stays as it is; a transport checksum has
 * to be complete before. Allocates nothing.
 * @param start Of the destination MAC in `bytes`; the frame carries IPv4. @param size Bytes of the frame.
 * @param mtu The largest size of a fragment, from its IP header.
 * @param out Receives each fragment at `at`; another buffer than `bytes`, with room for `at + size` bytes.
 * @returns null, or the fault for which the sink was given nothing.
 */
export function forEachFragment(
  bytes: Uint8Array,
  start: number,
  size: number,
  mtu: number,
  out: Uint8Array,
  at: number,
  sink: PieceSink,
): FragmentFault | null {
  const ip = start + ETHERNET_HEADER_SIZE;
  const fault = checkIpv4Header(bytes, ip, size - ETHERNET_HEADER_SIZE);
  if (fault !== null) return fault;
  const totalSize = ipv4TotalLength(bytes, ip);
  if (totalSize <= mtu) {
    copyBytes(bytes, start, ETHERNET_HEADER_SIZE + totalSize, out, at);
    sink.piece(out, at, ETHERNET_HEADER_SIZE + totalSize);
    return null;
  }
  let headerSize = ipv4HeaderSize(bytes, ip);
  if (mtu < headerSize + 8) return 'MTU_TOO_SMALL';
  const payload = ip + headerSize;
  const payloadSize = totalSize - headerSize;
  const offset = ipv4FragmentOffset(bytes, ip);
  if (offset + payloadSize > MAX_TOTAL_SIZE) return 'BAD_FRAGMENT_OFFSET';
  const isLastOfAll = !ipv4MoreFragments(bytes, ip);
  const outIp = at + ETHERNET_HEADER_SIZE;
  copyBytes(bytes, start, ETHERNET_HEADER_SIZE + headerSize, out, at);
  for (let done = 0; done < payloadSize; ) {
    if (done > 0) headerSize = keepCopiedOptions(out, outIp);
    const room = (mtu - headerSize) & ~7;
    const isLast = headerSize + payloadSize - done <= mtu;
    const share = isLast ? payloadSize - done : room;
    finishHeader(out, outIp, share, offset + done, !(isLast && isLastOfAll));
    copyBytes(bytes, payload + done, share, out, outIp + headerSize);
    if (!sink.piece(out, at, ETHERNET_HEADER_SIZE + headerSize + share)) return null;
    done += share;
  }
  return null;
}

/** Writes what differs between fragments. @param offset In bytes. */
function finishHeader(
  out: Uint8Array,
  ip: number,
  payloadSize: number,
  offset: number,
  moreFragments: boolean,
): void {
  const headerSize = ipv4HeaderSize(out, ip);
  const flags = readU16(out, ip + IPV4_FLAGS_FRAGMENT) & FLAGS & ~MORE_FRAGMENTS;
  const more = moreFragments ? MORE_FRAGMENTS : 0;
  writeU16(out, ip + IPV4_TOTAL_LENGTH, headerSize + payloadSize);
  writeU16(out, ip + IPV4_FLAGS_FRAGMENT, flags | more | (offset >>> 3));
  writeU16(out, ip + IPV4_CHECKSUM, 0);
  writeU16(out, ip + IPV4_CHECKSUM, checksum(out, ip, headerSize));
}

/**
 * Leaves only the options that every fragment has; what follows a broken one is left out.
 * @returns the size of the header by now.
 */
function keepCopiedOptions(out: Uint8Array, ip: number): number {
  const end = ip + ipv4HeaderSize(out, ip);
  let kept = ip + IPV4_OPTIONS;
  for (let from = kept; from < end; ) {
    const kind = readU8(out, from);
    const length = ipv4OptionSize(out, from, end);
    if (kind === IPV4_OPTION_END || length === 0) break;
    if ((kind & OPTION_COPIED) !== 0) {
      for (let index = 0; index < length; index++) writeU8(out, kept++, readU8(out, from + index));
    }
    from += length;
  }
  while ((kept - ip) % 4 !== 0) writeU8(out, kept++, IPV4_OPTION_END);
  const headerSize = Math.max(IPV4_HEADER_SIZE, kept - ip);
  writeU8(out, ip, 0x40 | (headerSize >>> 2));
  return headerSize;
}
