/**
 * Applies the rewrite of a verdict to a frame in place: MAC addresses, and one word of an IP address
 * with every checksum that it is in. Nothing is allocated.
 * Read first: RFC 1624 section 3, RFC 5508 section 4 (what an ICMP error quotes).
 */
import { readI32, readU16, writeU16, writeU32 } from '../packet/bytes.ts';
import {
  neverZero,
  replaceInSum32,
  updateChecksum16,
  updateChecksum32,
} from '../packet/checksum.ts';
import { ICMP_CHECKSUM, ICMP_HEADER_SIZE } from '../packet/icmp.ts';
import {
  IPPROTO_ICMP,
  IPPROTO_ICMPV6,
  IPPROTO_TCP,
  IPPROTO_UDP,
  IPV4_CHECKSUM,
  IPV4_DESTINATION,
  IPV4_SOURCE,
} from '../packet/ipv4.ts';
import { IPV6_DESTINATION, IPV6_SOURCE } from '../packet/ipv6.ts';
import { readQuotedPacket } from '../packet/quoted-packet.ts';
import { TCP_CHECKSUM } from '../packet/tcp.ts';
import { UDP_CHECKSUM } from '../packet/udp.ts';
import {
  VNET_HEADER_SIZE,
  vnetChecksumOffset,
  vnetChecksumStart,
  vnetNeedsChecksum,
} from '../packet/vnet-header.ts';
import type { LayerContext } from './layers/context.ts';
import { FRAGMENT_LATER, isIcmpErrorFrame } from './parse.ts';
import { REWRITE_DESTINATION, REWRITE_MACS, REWRITE_NONE, REWRITE_SOURCE } from './verdict.ts';

/** Of the protocols whose checksums the dataplane keeps right: where the field is, or -1. */
function checksumOffset(protocol: number): number {
  switch (protocol) {
    case IPPROTO_TCP:
      return TCP_CHECKSUM;
    case IPPROTO_UDP:
      return UDP_CHECKSUM;
    case IPPROTO_ICMP:
    case IPPROTO_ICMPV6:
      return ICMP_CHECKSUM;
    default:
      return -1;
  }
}

/** @returns where the word of an address that a rewrite replaces is in the IP header. */
function addressOffset(family: number, isSource: boolean): number {
  if (family === 4) return isSource ? IPV4_SOURCE : IPV4_DESTINATION;
  return isSource ? IPV6_SOURCE : IPV6_DESTINATION;
}

/**
 * Rewrites the frame that the context has parsed and decided on.
 * @param start Offset of the destination MAC; the virtio header stands before it.
 */
export function rewriteFrame(context: LayerContext, start: number): void {
  const { bytes, verdict } = context;
  const { rewrite } = verdict;
  if (rewrite === REWRITE_NONE) return;
  writeMacWords(bytes, start, verdict.destHigh, verdict.destLow);
  writeMacWords(bytes, start + 6, verdict.sourceHigh, verdict.sourceLow);
  if (rewrite === REWRITE_MACS) return;
  if ((rewrite & REWRITE_SOURCE) !== 0) replaceAddress(context, start, true, verdict.sourceWord);
  if ((rewrite & REWRITE_DESTINATION) !== 0) {
    replaceAddress(context, start, false, verdict.destinationWord);
  }
}

function replaceAddress(
  context: LayerContext,
  start: number,
  isSource: boolean,
  word: number,
): void {
  const { bytes, frame } = context;
  const { family, ipStart, transportStart, protocol } = frame;
  const at = ipStart + addressOffset(family, isSource);
  const from = readI32(bytes, at);
  writeU32(bytes, at, word);
  if (family === 4) {
    const field = ipStart + IPV4_CHECKSUM;
    writeU16(bytes, field, updateChecksum32(readU16(bytes, field), from, word));
  }
  const offset = checksumOffset(protocol);
  if (frame.fragment === FRAGMENT_LATER || offset === -1) return;
  const field = transportStart + offset;
  const isPartial = isLeftToDevice(bytes, start, field);
  if (protocol !== IPPROTO_ICMP) {
    replaceInPseudoHeader(bytes, field, protocol, isPartial, from, word);
  }
  if (isIcmpErrorFrame(frame)) replaceInQuote(context, field, isPartial, isSource, from, word);
}

/** @returns true when the field holds the sum of the pseudo-header only, for a device to complete. */
function isLeftToDevice(bytes: Uint8Array, start: number, field: number): boolean {
  const header = start - VNET_HEADER_SIZE;
  return (
    vnetNeedsChecksum(bytes, header) &&
    start + vnetChecksumStart(bytes, header) + vnetChecksumOffset(bytes, header) === field
  );
}

/** A datagram without a checksum stays so (RFC 768). */
function replaceInPseudoHeader(
  bytes: Uint8Array,
  field: number,
  protocol: number,
  isPartial: boolean,
  from: number,
  word: number,
): void {
  const sum = readU16(bytes, field);
  if (isPartial) {
    writeU16(bytes, field, replaceInSum32(sum, from, word));
  } else if (protocol !== IPPROTO_UDP) {
    writeU16(bytes, field, updateChecksum32(sum, from, word));
  } else if (sum !== 0) {
    writeU16(bytes, field, neverZero(updateChecksum32(sum, from, word)));
  }
}

/**
 * What this end complains about came from the other one: there the address stands on the other side.
 * All that changes in the quote is in the checksum of the message. @param field That checksum.
 */
function replaceInQuote(
  { bytes, frame, quoted }: LayerContext,
  field: number,
  isPartial: boolean,
  isSource: boolean,
  from: number,
  word: number,
): void {
  const { family, ipStart, packetSize } = frame;
  const quote = frame.transportStart + ICMP_HEADER_SIZE;
  const end = ipStart + packetSize;
  if (!readQuotedPacket(bytes, quote, end - quote, quoted) || quoted.family !== family) return;
  const at = quote + addressOffset(family, !isSource);
  if (readI32(bytes, at) !== from) return;
  writeU32(bytes, at, word);
  let sum = updateChecksum32(readU16(bytes, field), from, word);
  if (family === 4) sum = replaceQuotedSum(bytes, quote + IPV4_CHECKSUM, sum, from, word);
  const inner = checksumOffset(quoted.protocol);
  const innerField = quoted.transport + inner;
  const isCovered = inner !== -1 && quoted.protocol !== IPPROTO_ICMP;
  // The quote may end before it, and a datagram may have none.
  const isThere =
    innerField + 2 <= end && (quoted.protocol !== IPPROTO_UDP || readU16(bytes, innerField) !== 0);
  if (isCovered && isThere) sum = replaceQuotedSum(bytes, innerField, sum, from, word);
  if (!isPartial) writeU16(bytes, field, sum);
}

/** Corrects a checksum in the quote. @returns the checksum of the whole message after it. */
function replaceQuotedSum(
  bytes: Uint8Array,
  field: number,
  whole: number,
  from: number,
  word: number,
): number {
  const before = readU16(bytes, field);
  const after = updateChecksum32(before, from, word);
  writeU16(bytes, field, after);
  return updateChecksum16(whole, before, after);
}

function writeMacWords(bytes: Uint8Array, offset: number, high: number, low: number): void {
  writeU16(bytes, offset, high);
  writeU32(bytes, offset + 2, low);
}
