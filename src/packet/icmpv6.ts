/**
 * ICMPv6: echo, errors, and neighbour discovery (its bodies are in `ndp.ts`).
 * Read first: RFC 4443.
 */
import { readU8, readU16, readU32, writeU8, writeU16, writeU32 } from './bytes.ts';
import { checksum, checksumHolds, pseudoHeaderSum } from './checksum.ts';
import { IPPROTO_ICMPV6 } from './ipv4.ts';
import { emitNdp, isNdpType, type NdpRepr, ndpSize, parseNdp } from './ndp.ts';

export const ICMPV6_HEADER_SIZE = 8;

/** Offsets in the header. */
export const ICMPV6_TYPE = 0;
export const ICMPV6_CODE = 1;
export const ICMPV6_CHECKSUM = 2;
export const ICMPV6_IDENTIFIER = 4;
export const ICMPV6_SEQUENCE = 6;

export const ICMPV6_UNREACHABLE = 1;
export const ICMPV6_PACKET_TOO_BIG = 2;
export const ICMPV6_TIME_EXCEEDED = 3;
export const ICMPV6_PARAMETER_PROBLEM = 4;
export const ICMPV6_ECHO_REQUEST = 128;
export const ICMPV6_ECHO_REPLY = 129;

/** Types below this are errors. @source RFC 4443 2.1 */
const FIRST_INFORMATIONAL = 128;

export interface Icmpv6EchoRepr {
  readonly kind: 'echo-request' | 'echo-reply';
  readonly identifier: number;
  readonly sequence: number;
  readonly payload: Uint8Array;
}

export interface Icmpv6ErrorRepr {
  readonly kind: 'unreachable' | 'packet-too-big' | 'time-exceeded' | 'parameter-problem';
  readonly code: number;
  /** The second word: the MTU of packet-too-big, the pointer of a parameter problem, else 0. */
  readonly parameter: number;
  /** The start of the packet that failed, from its IP header. */
  readonly quote: Uint8Array;
}

export type Icmpv6Repr = Icmpv6EchoRepr | Icmpv6ErrorRepr | NdpRepr;

export function icmpv6Type(bytes: Uint8Array, offset: number): number {
  return readU8(bytes, offset + ICMPV6_TYPE);
}

export function icmpv6Code(bytes: Uint8Array, offset: number): number {
  return readU8(bytes, offset + ICMPV6_CODE);
}

/** @returns the identifier of an echo, which stands for a port in connection tracking. */
export function icmpv6Identifier(bytes: Uint8Array, offset: number): number {
  return readU16(bytes, offset + ICMPV6_IDENTIFIER);
}

/** @returns true for the types that quote the packet they complain about. */
export function isIcmpv6Error(type: number): boolean {
  return type < FIRST_INFORMATIONAL;
}

/** As `icmpQueryClass`, for ICMPv6. */
export function icmpv6QueryClass(type: number): number {
  return type === ICMPV6_ECHO_REQUEST || type === ICMPV6_ECHO_REPLY ? ICMPV6_ECHO_REQUEST : -1;
}

type PlainKind = Icmpv6EchoRepr['kind'] | Icmpv6ErrorRepr['kind'];

const KIND_OF_TYPE = new Map<number, PlainKind>([
  [ICMPV6_ECHO_REQUEST, 'echo-request'],
  [ICMPV6_ECHO_REPLY, 'echo-reply'],
  [ICMPV6_UNREACHABLE, 'unreachable'],
  [ICMPV6_PACKET_TOO_BIG, 'packet-too-big'],
  [ICMPV6_TIME_EXCEEDED, 'time-exceeded'],
  [ICMPV6_PARAMETER_PROBLEM, 'parameter-problem'],
]);

const TYPE_OF_KIND: Readonly<Record<PlainKind, number>> = {
  'echo-request': ICMPV6_ECHO_REQUEST,
  'echo-reply': ICMPV6_ECHO_REPLY,
  unreachable: ICMPV6_UNREACHABLE,
  'packet-too-big': ICMPV6_PACKET_TOO_BIG,
  'time-exceeded': ICMPV6_TIME_EXCEEDED,
  'parameter-problem': ICMPV6_PARAMETER_PROBLEM,
};

/**
 * @param size Of the whole message.
 * @param addressSum From `addressSum6`; null skips the checksum.
 * @returns null when it is short, of another type, or the checksum is wrong.
 *   Payload and quote are views into `bytes`.
 */
export function parseIcmpv6(
  bytes: Uint8Array,
  offset: number,
  size: number,
  addressSum: number | null,
): Icmpv6Repr | null {
  if (size < ICMPV6_HEADER_SIZE) return null;
  if (addressSum !== null) {
    const sum = pseudoHeaderSum(addressSum, IPPROTO_ICMPV6, size);
    if (!checksumHolds(bytes, offset, size, sum)) return null;
  }
  const type = icmpv6Type(bytes, offset);
  const code = icmpv6Code(bytes, offset);
  if (isNdpType(type)) return code === 0 ? parseNdp(bytes, offset, size) : null;
  const kind = KIND_OF_TYPE.get(type);
  if (kind === undefined) return null;
  const rest = bytes.subarray(offset + ICMPV6_HEADER_SIZE, offset + size);
  if (kind === 'echo-request' || kind === 'echo-reply') {
    if (code !== 0) return null;
    const sequence = readU16(bytes, offset + ICMPV6_SEQUENCE);
    return { kind, identifier: icmpv6Identifier(bytes, offset), sequence, payload: rest };
  }
  const hasParameter = kind === 'packet-too-big' || kind === 'parameter-problem';
  return { kind, code, parameter: hasParameter ? readU32(bytes, offset + 4) : 0, quote: rest };
}

/** @returns the size of the whole message. */
export function icmpv6Size(repr: Icmpv6Repr): number {
  if ('payload' in repr) return ICMPV6_HEADER_SIZE + repr.payload.length;
  return 'quote' in repr ? ICMPV6_HEADER_SIZE + repr.quote.length : ndpSize(repr);
}

/** Writes the message with its checksum. @returns the bytes written: `icmpv6Size(repr)`. */
export function emitIcmpv6(
  repr: Icmpv6Repr,
  addressSum: number,
  out: Uint8Array,
  offset: number,
): number {
  const size = icmpv6Size(repr);
  if ('payload' in repr) {
    writeU8(out, offset + ICMPV6_TYPE, TYPE_OF_KIND[repr.kind]);
    writeU8(out, offset + ICMPV6_CODE, 0);
    writeU16(out, offset + ICMPV6_IDENTIFIER, repr.identifier);
    writeU16(out, offset + ICMPV6_SEQUENCE, repr.sequence);
    out.set(repr.payload, offset + ICMPV6_HEADER_SIZE);
  } else if ('quote' in repr) {
    writeU8(out, offset + ICMPV6_TYPE, TYPE_OF_KIND[repr.kind]);
    writeU8(out, offset + ICMPV6_CODE, repr.code);
    writeU32(out, offset + 4, repr.parameter);
    out.set(repr.quote, offset + ICMPV6_HEADER_SIZE);
  } else {
    emitNdp(repr, out, offset);
  }
  writeU16(out, offset + ICMPV6_CHECKSUM, 0);
  const sum = pseudoHeaderSum(addressSum, IPPROTO_ICMPV6, size);
  writeU16(out, offset + ICMPV6_CHECKSUM, checksum(out, offset, size, sum));
  return size;
}
