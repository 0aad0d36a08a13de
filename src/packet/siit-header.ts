/**
 * IP headers of both versions in one record: read from one, written as the other. Nothing is allocated.
 * Read first: RFC 7915 sections 4.1, 5.1 and 5.1.1; RFC 6052 section 2.1 for the prefix.
 */
import { readI32, readU8, writeU8, writeU16, writeU32 } from './bytes.ts';
import { checksum } from './checksum.ts';
import {
  IPPROTO_ICMP,
  IPPROTO_ICMPV6,
  IPV4_CHECKSUM,
  IPV4_DESTINATION,
  IPV4_DSCP_ECN,
  IPV4_FLAGS_FRAGMENT,
  IPV4_HEADER_SIZE,
  IPV4_IDENTIFICATION,
  IPV4_PROTOCOL,
  IPV4_SOURCE,
  IPV4_TOTAL_LENGTH,
  IPV4_TTL,
  ipv4FragmentOffset,
  ipv4HeaderSize,
  ipv4Identification,
  ipv4IsFragment,
  ipv4MoreFragments,
  ipv4Protocol,
  ipv4TotalLength,
  ipv4Ttl,
} from './ipv4.ts';
import {
  createIpv6Upper,
  IPPROTO_FRAGMENT,
  IPV6_DESTINATION,
  IPV6_FRAGMENT_HEADER_SIZE,
  IPV6_HEADER_SIZE,
  IPV6_HOP_LIMIT,
  IPV6_NEXT_HEADER,
  IPV6_PAYLOAD_LENGTH,
  IPV6_SOURCE,
  ipv6DestinationWord,
  ipv6HopLimit,
  ipv6PayloadLength,
  ipv6SourceWord,
  ipv6TrafficClass,
  walkIpv6ExtensionsUntil,
} from './ipv6.ts';

/** The first word of the well-known prefix 64:ff9b::/96; the second and third are 0. @source RFC 6052 2.1 */
export const NAT64_PREFIX_WORD = 0x0064_ff9b;

/** Up to this size a path of IPv4 may cut the packet: no error could make an IPv6 host send less. */
const MAX_CUTTABLE_SIZE = 1260;

const DONT_FRAGMENT = 0x4000;
const MORE_FRAGMENTS = 0x2000;

/** The end of a flow that a gateway hides, as it is known in the version that a packet is to have. */
export class NearEnd {
  /** Its address in signed words; of IPv4 the first three are 0. */
  w0 = 0;
  w1 = 0;
  w2 = 0;
  w3 = 0;
  /** In place of its port, or of the identifier of an echo. */
  port = 0;
}

/** Of the packet itself, or of the one that an ICMP error quotes. Reused. */
export class SiitHeader {
  /** Of an ICMP error: it may be cut anywhere. */
  readonly isQuoted: boolean;
  readonly #upper = createIpv6Upper();
  #trafficClass = 0;
  #hopLimit = 0;
  /** Of the upper layer. */
  protocol = 0;
  /** Bytes of the upper layer, as the header has it. */
  payloadSize = 0;
  /** Where the upper layer starts and ends in the buffer. */
  transport = 0;
  end = 0;
  isFragment = false;
  /** In bytes. */
  fragmentOffset = 0;
  #moreFragments = false;
  #identification = 0;
  /** Addresses in signed words; of IPv4 the first three are 0. */
  #s0 = 0;
  #s1 = 0;
  #s2 = 0;
  #s3 = 0;
  #d0 = 0;
  #d1 = 0;
  #d2 = 0;
  #d3 = 0;

  constructor(isQuoted: boolean) {
    this.isQuoted = isQuoted;
  }

  /** @param end Of the bytes that there are. @returns false for what has no form in IPv6. */
  read4(bytes: Uint8Array, at: number, end: number): boolean {
    const headerSize = ipv4HeaderSize(bytes, at);
    this.payloadSize = ipv4TotalLength(bytes, at) - headerSize;
    this.transport = at + headerSize;
    this.end = Math.min(end, this.transport + this.payloadSize);
    if (headerSize < IPV4_HEADER_SIZE || this.transport > this.end) return false;
    this.#trafficClass = readU8(bytes, at + IPV4_DSCP_ECN);
    this.#hopLimit = ipv4Ttl(bytes, at);
    this.protocol = ipv4Protocol(bytes, at);
    this.isFragment = ipv4IsFragment(bytes, at);
    this.fragmentOffset = ipv4FragmentOffset(bytes, at);
    this.#moreFragments = ipv4MoreFragments(bytes, at);
    this.#identification = ipv4Identification(bytes, at);
    this.#s0 = this.#s1 = this.#s2 = 0;
    this.#s3 = readI32(bytes, at + IPV4_SOURCE);
    this.#d0 = this.#d1 = this.#d2 = 0;
    this.#d3 = readI32(bytes, at + IPV4_DESTINATION);
    return true;
  }

  /** As `read4`. Extension headers are left out, but not a route that the packet is still to take. */
  read6(bytes: Uint8Array, at: number, end: number): boolean {
    const upper = this.#upper;
    const wholeEnd = at + IPV6_HEADER_SIZE + ipv6PayloadLength(bytes, at);
    this.end = Math.min(end, wholeEnd);
    if (walkIpv6ExtensionsUntil(bytes, at, this.end, upper) !== null) return false;
    if (upper.segmentsLeft > 0 || upper.offset > this.end) return false;
    this.transport = upper.offset;
    this.payloadSize = wholeEnd - upper.offset;
    this.#trafficClass = ipv6TrafficClass(bytes, at);
    this.#hopLimit = ipv6HopLimit(bytes, at);
    this.protocol = upper.protocol;
    this.isFragment = upper.fragmentOffset !== -1;
    this.fragmentOffset = Math.max(0, upper.fragmentOffset);
    this.#moreFragments = upper.moreFragments;
    this.#identification = upper.fragmentId;
    this.#s0 = ipv6SourceWord(bytes, at, 0);
    this.#s1 = ipv6SourceWord(bytes, at, 1);
    this.#s2 = ipv6SourceWord(bytes, at, 2);
    this.#s3 = ipv6SourceWord(bytes, at, 3);
    this.#d0 = ipv6DestinationWord(bytes, at, 0);
    this.#d1 = ipv6DestinationWord(bytes, at, 1);
    this.#d2 = ipv6DestinationWord(bytes, at, 2);
    this.#d3 = ipv6DestinationWord(bytes, at, 3);
    return true;
  }

  /** @returns the sum of both addresses for the pseudo-header. */
  get addressSum(): number {
    return (
      halves(this.#s0) +
      halves(this.#s1) +
      halves(this.#s2) +
      halves(this.#s3) +
      halves(this.#d0) +
      halves(this.#d1) +
      halves(this.#d2) +
      halves(this.#d3)
    );
  }

  /**
   * Gives both ends their addresses of the other version: the far one is its IPv4 address, bare or behind the
   * prefix. @param family That the packet is to have. @param nearIsSource Which of the two is the near end.
   */
  readdress(family: 4 | 6, near: NearEnd, nearIsSource: boolean): void {
    const prefix = family === 6 ? NAT64_PREFIX_WORD : 0;
    this.#s0 = nearIsSource ? near.w0 : prefix;
    this.#s1 = nearIsSource ? near.w1 : 0;
    this.#s2 = nearIsSource ? near.w2 : 0;
    if (nearIsSource) this.#s3 = near.w3;
    this.#d0 = nearIsSource ? prefix : near.w0;
    this.#d1 = nearIsSource ? 0 : near.w1;
    this.#d2 = nearIsSource ? 0 : near.w2;
    if (!nearIsSource) this.#d3 = near.w3;
  }

  /** Writes an IPv4 header in front of the upper layer. @returns where it starts. @source RFC 7915 5.1 */
  write4(bytes: Uint8Array, identification: number): number {
    const at = this.transport - IPV4_HEADER_SIZE;
    const size = IPV4_HEADER_SIZE + this.payloadSize;
    const mayCut = this.isFragment || size <= MAX_CUTTABLE_SIZE;
    const flags = (mayCut ? 0 : DONT_FRAGMENT) | (this.#isMore ? MORE_FRAGMENTS : 0);
    const ownId = mayCut ? identification : 0;
    writeU8(bytes, at, 0x45);
    writeU8(bytes, at + IPV4_DSCP_ECN, this.#trafficClass);
    writeU16(bytes, at + IPV4_TOTAL_LENGTH, size);
    writeU16(bytes, at + IPV4_IDENTIFICATION, this.isFragment ? this.#identification : ownId);
    writeU16(bytes, at + IPV4_FLAGS_FRAGMENT, flags | (this.fragmentOffset >>> 3));
    writeU8(bytes, at + IPV4_TTL, this.#hopLimit);
    writeU8(bytes, at + IPV4_PROTOCOL, this.isIcmp ? IPPROTO_ICMP : this.protocol);
    writeU16(bytes, at + IPV4_CHECKSUM, 0);
    writeU32(bytes, at + IPV4_SOURCE, this.#s3);
    writeU32(bytes, at + IPV4_DESTINATION, this.#d3);
    writeU16(bytes, at + IPV4_CHECKSUM, checksum(bytes, at, IPV4_HEADER_SIZE));
    return at;
  }

  /** As `write4`, with a header for a fragment if it is one. @source RFC 7915 4.1 */
  write6(bytes: Uint8Array): number {
    const between = this.isFragment ? IPV6_FRAGMENT_HEADER_SIZE : 0;
    const at = this.transport - between - IPV6_HEADER_SIZE;
    const protocol = this.isIcmp ? IPPROTO_ICMPV6 : this.protocol;
    writeU32(bytes, at, (6 << 28) | (this.#trafficClass << 20));
    writeU16(bytes, at + IPV6_PAYLOAD_LENGTH, between + this.payloadSize);
    writeU8(bytes, at + IPV6_NEXT_HEADER, this.isFragment ? IPPROTO_FRAGMENT : protocol);
    writeU8(bytes, at + IPV6_HOP_LIMIT, this.#hopLimit);
    writeU32(bytes, at + IPV6_SOURCE, this.#s0);
    writeU32(bytes, at + IPV6_SOURCE + 4, this.#s1);
    writeU32(bytes, at + IPV6_SOURCE + 8, this.#s2);
    writeU32(bytes, at + IPV6_SOURCE + 12, this.#s3);
    writeU32(bytes, at + IPV6_DESTINATION, this.#d0);
    writeU32(bytes, at + IPV6_DESTINATION + 4, this.#d1);
    writeU32(bytes, at + IPV6_DESTINATION + 8, this.#d2);
    writeU32(bytes, at + IPV6_DESTINATION + 12, this.#d3);
    if (!this.isFragment) return at;
    const fragment = at + IPV6_HEADER_SIZE;
    writeU16(bytes, fragment, protocol << 8);
    writeU16(bytes, fragment + 2, this.fragmentOffset | (this.#isMore ? 1 : 0));
    writeU32(bytes, fragment + 4, this.#identification);
    return at;
  }

  get isIcmp(): boolean {
    return this.protocol === IPPROTO_ICMP || this.protocol === IPPROTO_ICMPV6;
  }

  get #isMore(): boolean {
    return this.isFragment && this.#moreFragments;
  }
}

function halves(word: number): number {
  return (word >>> 16) + (word & 0xffff);
}
