/** Names and numbers of DNS messages. @source RFC 1035 sections 3.1, 3.2 and 4.1 */
import { readU8 } from '../../packet/bytes.ts';

export const HEADER_SIZE = 12;
/** Of a name, with its last, empty label. */
export const MAX_NAME_SIZE = 255;
/** The least that every client takes in one datagram, and all that it takes without EDNS. */
export const PLAIN_UDP_SIZE = 512;

export const FLAG = {
  response: 0x8000,
  truncated: 0x0200,
  recursionDesired: 0x0100,
  recursionAvailable: 0x0080,
  checkingDisabled: 0x0010,
} as const;

export const OPCODE_QUERY = 0;

export const RCODE = {
  noError: 0,
  formatError: 1,
  serverFailure: 2,
  nameError: 3,
  notImplemented: 4,
  refused: 5,
  /** The upper bits of it are in the OPT record. @source RFC 6891 9 */
  badVersion: 16,
} as const;

export type Rcode = (typeof RCODE)[keyof typeof RCODE];

export const CLASS_IN = 1;

export const TYPE = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
} as const;

export const TYPE_OPT = 41;
export const TYPE_IXFR = 251;
export const TYPE_AXFR = 252;
export const TYPE_ANY = 255;
/** Types from here to ANY ask the server for something else than records. @source RFC 6895 3.1 */
export const FIRST_META_TYPE = 128;

/** The two upper bits of a label's size say that it is a pointer to the rest of the name. */
export const POINTER = 0xc0;

/** Bytes that text does not have as they are: dots, backslashes, blanks and what is not printed. */
const SPECIAL = /[^!-\-/-[\]-~]/g;

/**
 * Reads a name without pointers, as a question has it.
 * @returns its text and where it ends; null when it is malformed or cut off.
 */
export function readName(
  bytes: Uint8Array,
  start: number,
): { readonly text: string; readonly end: number } | null {
  const labels: string[] = [];
  let offset = start;
  for (;;) {
    const size = readU8(bytes, offset);
    offset += 1;
    if (offset + size > bytes.length || size >= 64 || offset - start > MAX_NAME_SIZE) return null;
    if (size === 0) return { text: labels.join('.'), end: offset };
    labels.push(labelText(bytes.subarray(offset, offset + size)));
    offset += size;
  }
}

function labelText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    .toString('latin1')
    .replace(SPECIAL, escaped)
    .replace(/[A-Z]+/g, (capitals) => capitals.toLowerCase());
}

function escaped(character: string): string {
  return `\\${String(character.charCodeAt(0)).padStart(3, '0')}`;
}

/** @param label Text, with its escapes. @returns one character a byte. */
export function labelCharacters(label: string): string {
  return label.includes('\\')
    ? label.replace(/\\(\d{3})/g, (_, code) => String.fromCharCode(Number(code)))
    : label;
}

/** Steps over a name that may end in a pointer. @returns where it ends; -1 when it is cut off. */
export function skipName(bytes: Uint8Array, start: number): number {
  let offset = start;
  while (offset < bytes.length && offset - start < MAX_NAME_SIZE) {
    const size = readU8(bytes, offset);
    if (size === 0) return offset + 1;
    if (size >= POINTER) return offset + 2 <= bytes.length ? offset + 2 : -1;
    if (size >= 64) return -1;
    offset += 1 + size;
  }
  return -1;
}

/** @returns the names above a name, itself first and the root last. */
export function* suffixesOf(name: string): Generator<string> {
  let suffix = name;
  while (suffix !== '') {
    yield suffix;
    suffix = parentOf(suffix);
  }
  yield '';
}

/** @returns the name without its first label. */
export function parentOf(name: string): string {
  const dot = name.indexOf('.');
  return dot < 0 ? '' : name.slice(dot + 1);
}
