/**
 * What an ICMP error of one IP version is called in the other.
 * Read first: RFC 7915 sections 4.2 and 5.2, with figures 3 and 6; RFC 1191 section 7.1 for the plateaus.
 */
import {
  ICMP_FRAGMENTATION_NEEDED,
  ICMP_PARAMETER_PROBLEM,
  ICMP_TIME_EXCEEDED,
  ICMP_UNREACHABLE,
} from './icmp.ts';
import {
  ICMPV6_PACKET_TOO_BIG,
  ICMPV6_PARAMETER_PROBLEM,
  ICMPV6_TIME_EXCEEDED,
  ICMPV6_UNREACHABLE,
} from './icmpv6.ts';
import { IPV4_HEADER_SIZE } from './ipv4.ts';
import { IPV6_HEADER_SIZE, IPV6_MIN_MTU, IPV6_NEXT_HEADER } from './ipv6.ts';

/** There is no such thing in the other version. */
const NONE = -1;

const GROWTH = IPV6_HEADER_SIZE - IPV4_HEADER_SIZE;
const MAX_MTU_4 = 0xffff;

/** Type and code in one word, as they stand in a message. */
const NO_ROUTE = ICMPV6_UNREACHABLE << 8;
const PROHIBITED = NO_ROUTE | 1;
const NO_PORT = NO_ROUTE | 4;
const TOO_BIG = ICMPV6_PACKET_TOO_BIG << 8;
const NO_NEXT_HEADER = (ICMPV6_PARAMETER_PROBLEM << 8) | 1;
const UNREACHABLE = ICMP_UNREACHABLE << 8;

/** By the code of an IPv4 "destination unreachable". */
const UNREACHABLE_TO_6 = [
  NO_ROUTE,
  NO_ROUTE,
  NO_NEXT_HEADER,
  NO_PORT,
  TOO_BIG,
  NO_ROUTE,
  NO_ROUTE,
  NO_ROUTE,
  NO_ROUTE,
  PROHIBITED,
  PROHIBITED,
  NO_ROUTE,
  NO_ROUTE,
  PROHIBITED,
  NONE,
  PROHIBITED,
];

/** By the code of an IPv6 one: host unreachable, prohibited, port unreachable. */
const UNREACHABLE_TO_4 = [
  UNREACHABLE | 1,
  UNREACHABLE | 10,
  UNREACHABLE | 1,
  UNREACHABLE | 1,
  UNREACHABLE | 3,
];

/** Of the octets of one header to those of the other; both addresses count as one field. */
const POINTER_TO_6 = [
  ...[0, 1, 4, 4, NONE, NONE, NONE, NONE, 7, 6, NONE, NONE],
  ...[8, 8, 8, 8, 24, 24, 24, 24],
];
const POINTER_TO_4 = [
  ...[0, 1, NONE, NONE, 2, 2, 9, 8],
  ...new Array<number>(16).fill(12),
  ...new Array<number>(16).fill(16),
];

/** Likely sizes of links, for routers that do not tell theirs; none is below what IPv6 asks of a link. */
const PLATEAUS = [32_000, 17_914, 8166, 4352, 2002, 1492];

/** The start of an error in the version that it is to have; one reused record. */
export class SiitError {
  /** Type and code. */
  typeCode = 0;
  /** The second word of the message. */
  word = 0;

  /**
   * @param typeCode Of an ICMPv4 error. @param word Its second one. @param quotedSize What the quoted packet
   * says of its size, in bytes. @returns false when ICMPv6 has no such error.
   */
  become6(typeCode: number, word: number, quotedSize: number): boolean {
    const type = typeCode >>> 8;
    const code = typeCode & 0xff;
    this.word = 0;
    if (type === ICMP_UNREACHABLE) {
      this.typeCode = UNREACHABLE_TO_6[code] ?? NONE;
      if (code === ICMP_FRAGMENTATION_NEEDED) this.word = mtu6(word & MAX_MTU_4, quotedSize);
      if (this.typeCode === NO_NEXT_HEADER) this.word = IPV6_NEXT_HEADER;
    } else if (type === ICMP_TIME_EXCEEDED) {
      this.typeCode = (ICMPV6_TIME_EXCEEDED << 8) | code;
    } else if (type === ICMP_PARAMETER_PROBLEM && (code === 0 || code === 2)) {
      this.word = POINTER_TO_6[word >>> 24] ?? NONE;
      this.typeCode = this.word === NONE ? NONE : ICMPV6_PARAMETER_PROBLEM << 8;
    } else {
      this.typeCode = NONE;
    }
    return this.typeCode !== NONE;
  }

  /** @param word The second one of an ICMPv6 error. @returns false when ICMPv4 has no such error. */
  become4(typeCode: number, word: number): boolean {
    const type = typeCode >>> 8;
    const code = typeCode & 0xff;
    this.word = 0;
    if (type === ICMPV6_UNREACHABLE) {
      this.typeCode = UNREACHABLE_TO_4[code] ?? NONE;
    } else if (type === ICMPV6_PACKET_TOO_BIG) {
      this.typeCode = UNREACHABLE | ICMP_FRAGMENTATION_NEEDED;
      this.word = Math.min(MAX_MTU_4, Math.max(0, (word >>> 0) - GROWTH));
    } else if (type === ICMPV6_TIME_EXCEEDED) {
      this.typeCode = (ICMP_TIME_EXCEEDED << 8) | code;
    } else if (typeCode === NO_NEXT_HEADER) {
      this.typeCode = UNREACHABLE | 2;
    } else if (typeCode === ICMPV6_PARAMETER_PROBLEM << 8) {
      const pointer = POINTER_TO_4[word >>> 0] ?? NONE;
      this.typeCode = pointer === NONE ? NONE : ICMP_PARAMETER_PROBLEM << 8;
      this.word = pointer << 24;
    } else {
      this.typeCode = NONE;
    }
    return this.typeCode !== NONE;
  }
}

/** @param mtu 0: the router does not tell. @source RFC 7915 4.2 */
function mtu6(mtu: number, quotedSize: number): number {
  if (mtu !== 0) return Math.max(IPV6_MIN_MTU, mtu + GROWTH);
  for (const plateau of PLATEAUS) if (plateau < quotedSize) return plateau;
  return IPV6_MIN_MTU;
}
