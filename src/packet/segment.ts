/**
 * What a network card makes of a super-frame: its segments, each a frame of its own with all
 * lengths, numbers and checksums. The same as Linux's inet_gso_segment and tcp_gso_segment.
 * Read first: virtio 1.2 section 5.1.6.2, RFC 9293 3.1, RFC 3168 6.1.2 (CWR), RFC 6864 4 (IPv4 id).
 */
import { copyBytes, readU8, readU16, readU32, writeU8, writeU16, writeU32 } from './bytes.ts';
import {
  addBytes,
  addCopied,
  addressSum4At,
  addressSum6At,
  checksum,
  foldSum,
  neverZero,
  pseudoHeaderSum,
} from './checksum.ts';
import { ETHERNET_HEADER_SIZE } from './ethernet.ts';
import {
  IPPROTO_TCP,
  IPV4_CHECKSUM,
  IPV4_IDENTIFICATION,
  IPV4_TOTAL_LENGTH,
  ipv4HeaderSize,
} from './ipv4.ts';
import { IPV6_HEADER_SIZE, IPV6_PAYLOAD_LENGTH } from './ipv6.ts';
import type { PieceSink } from './piece-sink.ts';
import {
  checkVnetHeader,
  createSuperFrame,
  locateSuperFrame,
  type SuperFrame,
  type VnetFault,
} from './super-frame.ts';
import { TCP_CHECKSUM, TCP_CWR, TCP_FIN, TCP_FLAGS, TCP_PSH, TCP_SEQUENCE } from './tcp.ts';
import { UDP_CHECKSUM, UDP_LENGTH } from './udp.ts';
import {
  VNET_GSO_NONE,
  VNET_GSO_TYPE,
  vnetChecksumOffset,
  vnetChecksumStart,
  vnetNeedsChecksum,
} from './vnet-header.ts';

/** Flags of the last segment only. @source Linux tcp_gso_segment */
const LAST_ONLY = TCP_FIN | TCP_PSH;

/** Written and read within one call. */
const parts = createSuperFrame();

/**
 * Gives the frames that go out of a port without offloads: the segments of a super-frame, or the
 * frame itself with its checksum complete. Allocates nothing; what it is given stays as it is. The
 * sink may not cut another frame meanwhile.
 * @param headerOffset Of the virtio header in `bytes`. @param start Of the destination MAC.
 * @param size Bytes of the frame.
 * @param out Receives each piece at `at`; another buffer than `bytes`, with room for `at + size` bytes.
 * @returns null, or the fault for which the sink was given nothing.
 */
export function forEachSegment(
  bytes: Uint8Array,
  headerOffset: number,
  start: number,
  size: number,
  out: Uint8Array,
  at: number,
  sink: PieceSink,
): VnetFault | null {
  if (readU8(bytes, headerOffset + VNET_GSO_TYPE) === VNET_GSO_NONE) {
    const fault = checkVnetHeader(bytes, headerOffset, start, size);
    if (fault !== null) return fault;
    copyWhole(bytes, headerOffset, start, size, out, at);
    sink.piece(out, at, size);
    return null;
  }
  const fault = locateSuperFrame(bytes, headerOffset, start, size, parts);
  if (fault !== null) return fault;
  const { headerSize, payloadSize, segmentSize } = parts;
  let done = 0;
  let index = 0;
  do {
    const share = Math.min(segmentSize, payloadSize - done);
    copyBytes(bytes, start, headerSize, out, at);
    numberSegment(out, at, parts, index, done, share);
    const sum = transportSum(out, at, parts, share);
    const total = addCopied(bytes, start + headerSize + done, share, out, at + headerSize, sum);
    writeChecksum(out, at, parts, total);
    if (!sink.piece(out, at, headerSize + share)) return null;
    done += share;
    index++;
  } while (done < payloadSize);
  return null;
}

/** Copies a frame and completes its checksum where that is pending. */
function copyWhole(
  bytes: Uint8Array,
  headerOffset: number,
  start: number,
  size: number,
  out: Uint8Array,
  at: number,
): void {
  const isPending = vnetNeedsChecksum(bytes, headerOffset);
  const plain = isPending ? vnetChecksumStart(bytes, headerOffset) : size;
  copyBytes(bytes, start, plain, out, at);
  if (!isPending) return;
  const sum = addCopied(bytes, start + plain, size - plain, out, at + plain);
  const field = at + plain + vnetChecksumOffset(bytes, headerOffset);
  writeU16(out, field, neverZero(~foldSum(sum) & 0xffff));
}

/** Writes what differs between segments, but for the checksum of the transport header. */
function numberSegment(
  out: Uint8Array,
  at: number,
  { family, protocol, transport, headerSize, payloadSize }: SuperFrame,
  index: number,
  done: number,
  share: number,
): void {
  const ip = at + ETHERNET_HEADER_SIZE;
  if (family === 4) {
    writeU16(out, ip + IPV4_TOTAL_LENGTH, headerSize - ETHERNET_HEADER_SIZE + share);
    writeU16(out, ip + IPV4_IDENTIFICATION, readU16(out, ip + IPV4_IDENTIFICATION) + index);
    writeU16(out, ip + IPV4_CHECKSUM, 0);
    writeU16(out, ip + IPV4_CHECKSUM, checksum(out, ip, ipv4HeaderSize(out, ip)));
  } else {
    const around = ETHERNET_HEADER_SIZE + IPV6_HEADER_SIZE;
    writeU16(out, ip + IPV6_PAYLOAD_LENGTH, headerSize - around + share);
  }
  const header = at + transport;
  if (protocol !== IPPROTO_TCP) {
    writeU16(out, header + UDP_LENGTH, headerSize - transport + share);
    return;
  }
  writeU32(out, header + TCP_SEQUENCE, readU32(out, header + TCP_SEQUENCE) + done);
  let flags = readU8(out, header + TCP_FLAGS);
  if (index > 0) flags &= ~TCP_CWR;
  if (done + share < payloadSize) flags &= ~LAST_ONLY;
  writeU8(out, header + TCP_FLAGS, flags);
}

/** @returns the sum of the pseudo-header and the transport header, whose checksum becomes zero. */
function transportSum(
  out: Uint8Array,
  at: number,
  { family, protocol, transport, headerSize }: SuperFrame,
  share: number,
): number {
  const ip = at + ETHERNET_HEADER_SIZE;
  const ownSize = headerSize - transport;
  writeU16(out, at + transport + checksumField(protocol), 0);
  const addresses = family === 4 ? addressSum4At(out, ip) : addressSum6At(out, ip);
  const sum = pseudoHeaderSum(addresses, protocol, ownSize + share);
  return addBytes(out, at + transport, ownSize, sum);
}

function writeChecksum(
  out: Uint8Array,
  at: number,
  { protocol, transport }: SuperFrame,
  sum: number,
): void {
  const value = ~foldSum(sum) & 0xffff;
  const field = at + transport + checksumField(protocol);
  writeU16(out, field, protocol === IPPROTO_TCP ? value : neverZero(value));
}

function checksumField(protocol: number): number {
  return protocol === IPPROTO_TCP ? TCP_CHECKSUM : UDP_CHECKSUM;
}
