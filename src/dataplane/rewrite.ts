/**
 * Applies the rewrite of a verdict to a frame in place: MAC addresses, one word of each IP address,
 * ports and the TTL, with every checksum that they are in. Nothing is allocated.
 * Read first: RFC 1624 section 3, RFC 5508 section 4 (what an ICMP error quotes).
 */
import { readI32, readU8, readU16, writeU8, writeU16, writeU32 } from '../packet/bytes.ts';
import {
  neverZero,
  replaceInSum32,
  updateChecksum16,
  updateChecksum32,
} from '../packet/checksum.ts';
import { ICMP_CHECKSUM, ICMP_HEADER_SIZE, ICMP_IDENTIFIER } from '../packet/icmp.ts';
import {
  IPPROTO_ICMP,
  IPPROTO_ICMPV6,
  IPPROTO_TCP,
  IPPROTO_UDP,
  IPV4_CHECKSUM,
  IPV4_DESTINATION,
  IPV4_SOURCE,
  IPV4_TTL,
} from '../packet/ipv4.ts';
import { IPV6_DESTINATION, IPV6_HOP_LIMIT, IPV6_SOURCE } from '../packet/ipv6.ts';
import { type QuotedPacket, readQuotedPacket } from '../packet/quoted-packet.ts';
import { TCP_CHECKSUM, TCP_DESTINATION_PORT, TCP_SOURCE_PORT } from '../packet/tcp.ts';
import { UDP_CHECKSUM } from '../packet/udp.ts';
import {
  VNET_HEADER_SIZE,
  vnetChecksumOffset,
  vnetChecksumStart,
  vnetNeedsChecksum,
} from '../packet/vnet-header.ts';
import type { LayerContext } from './layers/context.ts';
import {
  FRAGMENT_LATER,
  isIcmpErrorFrame,
  type ParsedFrame,
  queryClass,
  type TrackedPacket,
} from './parse.ts';
import {
  REWRITE_DESTINATION,
  REWRITE_DESTINATION_PORT,
  REWRITE_MACS,
  REWRITE_NONE,
  REWRITE_SOURCE,
  REWRITE_SOURCE_PORT,
  REWRITE_TTL,
  type Verdict,
} from './verdict.ts';

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

/** @returns where the port of one side is in the transport header, or -1 when the packet has none. */
function portOffset(packet: TrackedPacket, isSource: boolean): number {
  if (packet.protocol === IPPROTO_TCP || packet.protocol === IPPROTO_UDP) {
    return isSource ? TCP_SOURCE_PORT : TCP_DESTINATION_PORT;
  }
  return queryClass(packet) === -1 ? -1 : ICMP_IDENTIFIER;
}

/** @returns the port that takes the place of this side's, or -1 for none. */
function newPort({ rewrite, ports }: Verdict, isSource: boolean): number {
  if (isSource) return (rewrite & REWRITE_SOURCE_PORT) === 0 ? -1 : ports >>> 16;
  return (rewrite & REWRITE_DESTINATION_PORT) === 0 ? -1 : ports & 0xffff;
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
  if ((rewrite & REWRITE_SOURCE_PORT) !== 0) replacePort(context, start, true);
  if ((rewrite & REWRITE_DESTINATION_PORT) !== 0) replacePort(context, start, false);
  if (rewrite >= REWRITE_TTL) decrementTtl(bytes, context.frame, (rewrite / REWRITE_TTL) | 0);
}

/** The protocol is in the same word as the TTL. */
function decrementTtl(bytes: Uint8Array, { family, ipStart }: ParsedFrame, hops: number): void {
  if (family === 6) {
    const at = ipStart + IPV6_HOP_LIMIT;
    writeU8(bytes, at, readU8(bytes, at) - hops);
    return;
  }
  const from = readU16(bytes, ipStart + IPV4_TTL);
  const to = from - (hops << 8);
  writeU16(bytes, ipStart + IPV4_TTL, to);
  const field = ipStart + IPV4_CHECKSUM;
  writeU16(bytes, field, updateChecksum16(readU16(bytes, field), from, to));
}

/** Ports are in no pseudo-header: a checksum that a device completes will cover the new one. */
function replacePort(context: LayerContext, start: number, isSource: boolean): void {
  const { bytes, frame, verdict } = context;
  const offset = portOffset(frame, isSource);
  if (frame.fragment === FRAGMENT_LATER || offset === -1) return;
  const at = frame.transportStart + offset;
  const from = readU16(bytes, at);
  const to = newPort(verdict, isSource);
  writeU16(bytes, at, to);
  const field = frame.transportStart + checksumOffset(frame.protocol);
  const sum = readU16(bytes, field);
  const hasNone = frame.protocol === IPPROTO_UDP && sum === 0;
  if (hasNone || isLeftToDevice(bytes, start, field)) return;
  writeU16(bytes, field, asSent(frame.protocol, updateChecksum16(sum, from, to)));
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
  } else if (protocol !== IPPROTO_UDP || sum !== 0) {
    writeU16(bytes, field, asSent(protocol, updateChecksum32(sum, from, word)));
  }
}

/**
 * What this end complains about came from the other one: there the address stands on the other side.
 * All that changes in the quote is in the checksum of the message. @param field That checksum.
 * @param outer The address of this end that was replaced by `word`. Services and their guests complain of
 *   what came to it; for all others the gateways have said whom the quote is about.
 */
function replaceInQuote(
  { bytes, frame, quoted, verdict, translation }: LayerContext,
  field: number,
  isPartial: boolean,
  isSource: boolean,
  outer: number,
  word: number,
): void {
  const { family, ipStart, packetSize } = frame;
  const quote = frame.transportStart + ICMP_HEADER_SIZE;
  const end = ipStart + packetSize;
  if (!readQuotedPacket(bytes, quote, end - quote, quoted) || quoted.family !== family) return;
  const at = quote + addressOffset(family, !isSource);
  const from = readI32(bytes, at);
  const to = translation.quotedWord(!isSource, from === outer ? word : from);
  const port = newPort(verdict, isSource);
  writeU32(bytes, at, to);
  let sum = updateChecksum32(readU16(bytes, field), from, to);
  if (family === 4) {
    const header = quote + IPV4_CHECKSUM;
    const before = readU16(bytes, header);
    sum = writeQuotedSum(bytes, header, sum, before, updateChecksum32(before, from, to));
  }
  const inner = quotedChecksum(bytes, quoted, end);
  if (inner !== -1 && quoted.protocol !== IPPROTO_ICMP) {
    const before = readU16(bytes, inner);
    const after = updateChecksum32(before, from, to);
    sum = writeQuotedSum(bytes, inner, sum, before, asSent(quoted.protocol, after));
  }
  if (port !== -1) sum = replaceQuotedPort(bytes, quoted, inner, sum, !isSource, port);
  if (!isPartial) writeU16(bytes, field, sum);
}

/** @returns where the transport checksum of a quote is; -1: it ends before, or the datagram has none. */
function quotedChecksum(bytes: Uint8Array, quoted: QuotedPacket, end: number): number {
  const offset = checksumOffset(quoted.protocol);
  const field = quoted.transport + offset;
  if (offset === -1 || field + 2 > end) return -1;
  return quoted.protocol === IPPROTO_UDP && readU16(bytes, field) === 0 ? -1 : field;
}

/** @param inner From `quotedChecksum`. @returns the checksum of the whole message after it. */
function replaceQuotedPort(
  bytes: Uint8Array,
  quoted: QuotedPacket,
  inner: number,
  whole: number,
  isSource: boolean,
  port: number,
): number {
  const offset = portOffset(quoted, isSource);
  if (offset === -1) return whole;
  const at = quoted.transport + offset;
  const from = readU16(bytes, at);
  writeU16(bytes, at, port);
  const sum = updateChecksum16(whole, from, port);
  if (inner === -1) return sum;
  const before = readU16(bytes, inner);
  const after = updateChecksum16(before, from, port);
  return writeQuotedSum(bytes, inner, sum, before, asSent(quoted.protocol, after));
}

/** Corrects a checksum in the quote. @returns the checksum of the whole message after it. */
function writeQuotedSum(
  bytes: Uint8Array,
  field: number,
  whole: number,
  before: number,
  after: number,
): number {
  writeU16(bytes, field, after);
  return updateChecksum16(whole, before, after);
}

/** @returns a checksum as the protocol sends it: of UDP never 0, which says that there is none. */
function asSent(protocol: number, sum: number): number {
  return protocol === IPPROTO_UDP ? neverZero(sum) : sum;
}

function writeMacWords(bytes: Uint8Array, offset: number, high: number, low: number): void {
  writeU16(bytes, offset, high);
  writeU32(bytes, offset + 2, low);
}
