/**
 * What a virtio header says of its frame, held against the frame: a guest may write anything there
 * (through a packet socket), and a kernel that is given nonsense refuses the write or worse.
 * Read first: virtio 1.2 section 5.1.6.2; Linux include/linux/virtio_net.h, virtio_net_hdr_to_skb.
 */
import { readU8 } from './bytes.ts';
import { ETHERNET_HEADER_SIZE, ETHERTYPE_IPV4, ETHERTYPE_IPV6, etherType } from './ethernet.ts';
import {
  checkIpv4Header,
  IPPROTO_TCP,
  IPPROTO_UDP,
  IPV4_HEADER_SIZE,
  ipv4HeaderSize,
  ipv4IsFragment,
  ipv4Protocol,
  ipv4TotalLength,
} from './ipv4.ts';
import {
  checkIpv6Header,
  createIpv6Upper,
  IPV6_HEADER_SIZE,
  ipv6PayloadLength,
  walkIpv6Extensions,
} from './ipv6.ts';
import { TCP_CHECKSUM, tcpHeaderFits, tcpHeaderSize } from './tcp.ts';
import { UDP_CHECKSUM, UDP_HEADER_SIZE } from './udp.ts';
import {
  VNET_GSO_ECN,
  VNET_GSO_NONE,
  VNET_GSO_TCPV4,
  VNET_GSO_TCPV6,
  VNET_GSO_TYPE,
  VNET_GSO_UDP_L4,
  vnetChecksumOffset,
  vnetChecksumStart,
  vnetGsoSize,
  vnetGsoType,
  vnetHeaderLength,
  vnetNeedsChecksum,
} from './vnet-header.ts';

/** Why a virtio header and its frame do not fit together. */
export type VnetFault =
  /** The header length or the checksum field ends outside the frame, or in its link header. */
  | 'BAD_HEADER_LENGTH'
  | 'BAD_CHECKSUM_FIELD'
  /** No type that a TAP gives, or ECN where it means nothing. */
  | 'BAD_GSO_TYPE'
  | 'BAD_GSO_SIZE'
  /** The frame is not of the family or protocol that the type says. */
  | 'WRONG_FAMILY'
  | 'WRONG_PROTOCOL'
  | 'BAD_NETWORK_HEADER'
  | 'BAD_TRANSPORT_HEADER'
  | 'FRAGMENTED'
  /** The IP header leaves a part of the super-frame out. */
  | 'BAD_LENGTH';

/** Linux sends no smaller TCP segments: 48 bytes with all options (TCP_MIN_GSO_SIZE). */
const LEAST_TCP_SEGMENT = 8;
/** Linux keeps this GSO size for itself and refuses it (GSO_BY_FRAGS). */
const GSO_SIZE_RESERVED = 0xffff;
/** Linux refuses a super-frame of more datagrams (UDP_MAX_SEGMENTS). */
const MAX_DATAGRAMS = 128;
/** No checksum that a device completes lies before the end of the smallest IP header. */
const LEAST_CHECKSUM_START = ETHERNET_HEADER_SIZE + IPV4_HEADER_SIZE;

/** Where the parts of a super-frame lie; a reused record. Offsets count from the frame's first byte. */
export interface SuperFrame {
  family: 4 | 6;
  /** IPPROTO_TCP or IPPROTO_UDP. */
  protocol: number;
  transport: number;
  /** Bytes of all headers, the Ethernet header too. */
  headerSize: number;
  payloadSize: number;
  /** Payload bytes of each segment but the last. */
  segmentSize: number;
}

export function createSuperFrame(): SuperFrame {
  return { family: 4, protocol: 0, transport: 0, headerSize: 0, payloadSize: 0, segmentSize: 0 };
}

/** Written and read within one call. */
const upper = createIpv6Upper();
const checked = createSuperFrame();

/**
 * Checks a virtio header against its frame without allocating. A super-frame with less payload than
 * its GSO size is one segment, as it is to Linux. A plain frame may have its checksum anywhere behind
 * the IP header, since a guest with a tunnel leaves the inner checksum to its device.
 * @param headerOffset Of the 12-byte header in `bytes`. @param start Of the destination MAC.
 * @param size Bytes of the frame.
 * @returns null when a port may be given the frame.
 */
export function checkVnetHeader(
  bytes: Uint8Array,
  headerOffset: number,
  start: number,
  size: number,
): VnetFault | null {
  if (readU8(bytes, headerOffset + VNET_GSO_TYPE) !== VNET_GSO_NONE) {
    return locateSuperFrame(bytes, headerOffset, start, size, checked);
  }
  if (!headerLengthFits(bytes, headerOffset, size)) return 'BAD_HEADER_LENGTH';
  if (!vnetNeedsChecksum(bytes, headerOffset)) return null;
  const checksumStart = vnetChecksumStart(bytes, headerOffset);
  const end = checksumStart + vnetChecksumOffset(bytes, headerOffset) + 2;
  return checksumStart < LEAST_CHECKSUM_START || end > size ? 'BAD_CHECKSUM_FIELD' : null;
}

/**
 * Checks a super-frame and finds its parts. The GSO type must not be none.
 * @param into Receives the answer; not to be read after a fault.
 */
export function locateSuperFrame(
  bytes: Uint8Array,
  headerOffset: number,
  start: number,
  size: number,
  into: SuperFrame,
): VnetFault | null {
  if (!headerLengthFits(bytes, headerOffset, size)) return 'BAD_HEADER_LENGTH';
  const type = vnetGsoType(bytes, headerOffset);
  const isUdp = type === VNET_GSO_UDP_L4;
  if (!isUdp && type !== VNET_GSO_TCPV4 && type !== VNET_GSO_TCPV6) return 'BAD_GSO_TYPE';
  const hasEcn = (readU8(bytes, headerOffset + VNET_GSO_TYPE) & VNET_GSO_ECN) !== 0;
  if (isUdp && hasEcn) return 'BAD_GSO_TYPE';
  into.segmentSize = vnetGsoSize(bytes, headerOffset);
  if (into.segmentSize === 0 || into.segmentSize === GSO_SIZE_RESERVED) return 'BAD_GSO_SIZE';
  if (size < ETHERNET_HEADER_SIZE) return 'BAD_NETWORK_HEADER';
  const network = locateNetwork(bytes, start, size, type, into);
  if (network !== null) return network;
  if (into.protocol !== (isUdp ? IPPROTO_UDP : IPPROTO_TCP)) return 'WRONG_PROTOCOL';
  const transport = locateTransport(bytes, start, size, into);
  if (transport !== null) return transport;
  const isTooFine = isUdp
    ? into.payloadSize > into.segmentSize * MAX_DATAGRAMS
    : into.segmentSize < LEAST_TCP_SEGMENT;
  if (isTooFine) return 'BAD_GSO_SIZE';
  return checkChecksumField(bytes, headerOffset, into);
}

/** Zero says nothing. @source Linux tun_get_user */
function headerLengthFits(bytes: Uint8Array, headerOffset: number, size: number): boolean {
  const length = vnetHeaderLength(bytes, headerOffset);
  return length === 0 || (length >= ETHERNET_HEADER_SIZE && length <= size);
}

function locateNetwork(
  bytes: Uint8Array,
  start: number,
  size: number,
  gsoType: number,
  into: SuperFrame,
): VnetFault | null {
  const type = etherType(bytes, start);
  const offset = start + ETHERNET_HEADER_SIZE;
  const room = size - ETHERNET_HEADER_SIZE;
  if (type === ETHERTYPE_IPV4) {
    if (gsoType === VNET_GSO_TCPV6) return 'WRONG_FAMILY';
    if (checkIpv4Header(bytes, offset, room) !== null) return 'BAD_NETWORK_HEADER';
    if (ipv4TotalLength(bytes, offset) !== room) return 'BAD_LENGTH';
    if (ipv4IsFragment(bytes, offset)) return 'FRAGMENTED';
    into.family = 4;
    into.protocol = ipv4Protocol(bytes, offset);
    into.transport = ETHERNET_HEADER_SIZE + ipv4HeaderSize(bytes, offset);
    return null;
  }
  if (type !== ETHERTYPE_IPV6 || gsoType === VNET_GSO_TCPV4) return 'WRONG_FAMILY';
  const fault = checkIpv6Header(bytes, offset, room) ?? walkIpv6Extensions(bytes, offset, upper);
  if (fault !== null) return 'BAD_NETWORK_HEADER';
  if (IPV6_HEADER_SIZE + ipv6PayloadLength(bytes, offset) !== room) return 'BAD_LENGTH';
  if (upper.fragmentOffset !== -1) return 'FRAGMENTED';
  into.family = 6;
  into.protocol = upper.protocol;
  into.transport = upper.offset - start;
  return null;
}

function locateTransport(
  bytes: Uint8Array,
  start: number,
  size: number,
  into: SuperFrame,
): VnetFault | null {
  const offset = start + into.transport;
  const room = size - into.transport;
  if (into.protocol === IPPROTO_TCP) {
    if (!tcpHeaderFits(bytes, offset, room)) return 'BAD_TRANSPORT_HEADER';
    into.headerSize = into.transport + tcpHeaderSize(bytes, offset);
  } else {
    if (room < UDP_HEADER_SIZE) return 'BAD_TRANSPORT_HEADER';
    into.headerSize = into.transport + UDP_HEADER_SIZE;
  }
  into.payloadSize = size - into.headerSize;
  return null;
}

/** The device of a super-frame fills in the checksum of its one transport header. */
function checkChecksumField(
  bytes: Uint8Array,
  headerOffset: number,
  { protocol, transport }: SuperFrame,
): VnetFault | null {
  const isTcp = protocol === IPPROTO_TCP;
  // Linux takes TCP without the flag, and computes the checksums of the segments all the same.
  if (!vnetNeedsChecksum(bytes, headerOffset)) return isTcp ? null : 'BAD_CHECKSUM_FIELD';
  const holds =
    vnetChecksumStart(bytes, headerOffset) === transport &&
    vnetChecksumOffset(bytes, headerOffset) === (isTcp ? TCP_CHECKSUM : UDP_CHECKSUM);
  return holds ? null : 'BAD_CHECKSUM_FIELD';
}
