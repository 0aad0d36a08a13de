/**
 * ICMP for IPv4: echo, and the errors a router or host may send.
 * Read first: RFC 792; RFC 1191 section 4 for the next-hop MTU.
 */
import { readU8, readU16, writeU8, writeU16 } from './bytes.ts';
import { checksum, checksumHolds } from './checksum.ts';

export const ICMP_HEADER_SIZE = 8;

/** Offsets in the header. */
export const ICMP_TYPE = 0;
export const ICMP_CODE = 1;
export const ICMP_CHECKSUM = 2;
export const ICMP_IDENTIFIER = 4;
export const ICMP_SEQUENCE = 6;

export const ICMP_ECHO_REPLY = 0;
export const ICMP_UNREACHABLE = 3;
export const ICMP_SOURCE_QUENCH = 4;
export const ICMP_REDIRECT = 5;
export const ICMP_ECHO_REQUEST = 8;
export const ICMP_TIME_EXCEEDED = 11;
export const ICMP_PARAMETER_PROBLEM = 12;
export const ICMP_TIMESTAMP_REQUEST = 13;
export const ICMP_TIMESTAMP_REPLY = 14;
export const ICMP_INFORMATION_REQUEST = 15;
export const ICMP_INFORMATION_REPLY = 16;
export const ICMP_MASK_REQUEST = 17;
export const ICMP_MASK_REPLY = 18;

/** The code of ICMP_UNREACHABLE that carries the next-hop MTU. */
export const ICMP_FRAGMENTATION_NEEDED = 4;
/** The code of ICMP_TIME_EXCEEDED for a packet on its way. */
export const ICMP_TTL_EXCEEDED = 0;

export interface IcmpEchoRepr {
  readonly kind: 'echo-request' | 'echo-reply';
  readonly identifier: number;
  readonly sequence: number;
  readonly payload: Uint8Array;
}

export interface IcmpErrorRepr {
  readonly kind: 'unreachable' | 'time-exceeded' | 'parameter-problem';
  readonly code: number;
  /** The last half of the second word: the MTU of fragmentation-needed, else 0 (RFC 1191). */
  readonly nextHopMtu: number;
  /** The first octet of the second word: where a parameter problem lies, else 0. */
  readonly pointer: number;
  /** The start of the packet that failed, from its IP header. */
  readonly quote: Uint8Array;
}

export type IcmpRepr = IcmpEchoRepr | IcmpErrorRepr;

export function icmpType(bytes: Uint8Array, offset: number): number {
  return readU8(bytes, offset + ICMP_TYPE);
}

export function icmpCode(bytes: Uint8Array, offset: number): number {
  return readU8(bytes, offset + ICMP_CODE);
}

/** @returns the identifier of an echo, which stands for a port in connection tracking. */
export function icmpIdentifier(bytes: Uint8Array, offset: number): number {
  return readU16(bytes, offset + ICMP_IDENTIFIER);
}

export function icmpSequence(bytes: Uint8Array, offset: number): number {
  return readU16(bytes, offset + ICMP_SEQUENCE);
}

/** @returns true for the types that quote the packet they complain about. @source RFC 1122 3.2.2 */
export function isIcmpError(type: number): boolean {
  return (
    type === ICMP_UNREACHABLE ||
    type === ICMP_SOURCE_QUENCH ||
    type === ICMP_REDIRECT ||
    type === ICMP_TIME_EXCEEDED ||
    type === ICMP_PARAMETER_PROBLEM
  );
}

/**
 * Both ways of a query have one class: the type of its request. Queries have an identifier.
 * @returns -1 for a type that asks and answers nothing.
 */
export function icmpQueryClass(type: number): number {
  switch (type) {
    case ICMP_ECHO_REQUEST:
    case ICMP_ECHO_REPLY:
      return ICMP_ECHO_REQUEST;
    case ICMP_TIMESTAMP_REQUEST:
    case ICMP_TIMESTAMP_REPLY:
      return ICMP_TIMESTAMP_REQUEST;
    case ICMP_INFORMATION_REQUEST:
    case ICMP_INFORMATION_REPLY:
      return ICMP_INFORMATION_REQUEST;
    case ICMP_MASK_REQUEST:
    case ICMP_MASK_REPLY:
      return ICMP_MASK_REQUEST;
    default:
      return -1;
  }
}

const KIND_OF_TYPE = new Map<number, IcmpRepr['kind']>([
  [ICMP_ECHO_REPLY, 'echo-reply'],
  [ICMP_ECHO_REQUEST, 'echo-request'],
  [ICMP_UNREACHABLE, 'unreachable'],
  [ICMP_TIME_EXCEEDED, 'time-exceeded'],
  [ICMP_PARAMETER_PROBLEM, 'parameter-problem'],
]);

const TYPE_OF_KIND: Readonly<Record<IcmpRepr['kind'], number>> = {
  'echo-reply': ICMP_ECHO_REPLY,
  'echo-request': ICMP_ECHO_REQUEST,
  unreachable: ICMP_UNREACHABLE,
  'time-exceeded': ICMP_TIME_EXCEEDED,
  'parameter-problem': ICMP_PARAMETER_PROBLEM,
};

/**
 * @param size Of the whole message.
 * @param checksumPending True when the guest left the checksum to its device: it is not looked at.
 * @returns null when it is short, of another type, an echo with a code, or the checksum is wrong.
 *   Payload and quote are views into `bytes`.
 */
export function parseIcmp(
  bytes: Uint8Array,
  offset: number,
  size: number,
  checksumPending = false,
): IcmpRepr | null {
  if (size < ICMP_HEADER_SIZE) return null;
  const kind = KIND_OF_TYPE.get(icmpType(bytes, offset));
  if (kind === undefined) return null;
  if (!checksumPending && !checksumHolds(bytes, offset, size)) return null;
  const code = icmpCode(bytes, offset);
  const rest = bytes.subarray(offset + ICMP_HEADER_SIZE, offset + size);
  if (kind === 'echo-request' || kind === 'echo-reply') {
    if (code !== 0) return null;
    const identifier = icmpIdentifier(bytes, offset);
    return { kind, identifier, sequence: icmpSequence(bytes, offset), payload: rest };
  }
  const isProblem = kind === 'parameter-problem';
  const hasMtu = kind === 'unreachable' && code === ICMP_FRAGMENTATION_NEEDED;
  return {
    kind,
    code,
    nextHopMtu: hasMtu ? readU16(bytes, offset + 6) : 0,
    pointer: isProblem ? readU8(bytes, offset + 4) : 0,
    quote: rest,
  };
}

export function icmpSize(repr: IcmpRepr): number {
  return ICMP_HEADER_SIZE + ('payload' in repr ? repr.payload : repr.quote).length;
}

/** Writes the message with its checksum. @returns the bytes written: `icmpSize(repr)`. */
export function emitIcmp(repr: IcmpRepr, out: Uint8Array, offset: number): number {
  const size = icmpSize(repr);
  writeU8(out, offset + ICMP_TYPE, TYPE_OF_KIND[repr.kind]);
  writeU16(out, offset + ICMP_CHECKSUM, 0);
  if ('payload' in repr) {
    writeU8(out, offset + ICMP_CODE, 0);
    writeU16(out, offset + ICMP_IDENTIFIER, repr.identifier);
    writeU16(out, offset + ICMP_SEQUENCE, repr.sequence);
    out.set(repr.payload, offset + ICMP_HEADER_SIZE);
  } else {
    writeU8(out, offset + ICMP_CODE, repr.code);
    writeU16(out, offset + 4, repr.pointer << 8);
    writeU16(out, offset + 6, repr.nextHopMtu);
    out.set(repr.quote, offset + ICMP_HEADER_SIZE);
  }
  writeU16(out, offset + ICMP_CHECKSUM, checksum(out, offset, size));
  return size;
}
