/** Reads what clients ask. Nothing that it is given takes more than one pass over the message. */
import { readU8, readU16 } from '../../packet/bytes.ts';
import {
  FLAG,
  HEADER_SIZE,
  OPCODE_QUERY,
  PLAIN_UDP_SIZE,
  readName,
  skipName,
  TYPE_OPT,
} from './wire.ts';

/** A query with all its parts may have: a name, and an OPT record full of options. */
const MAX_QUERY_SIZE = 4096;
/** OPT, TSIG and whatever else is after a question. */
const MAX_ADDITIONALS = 4;
const RECORD_HEADER_SIZE = 10;
const DNSSEC_OK = 0x8000;

/** What the header alone says: enough to answer that the rest is wrong. */
export interface QueryHeader {
  readonly id: number;
  readonly flags: number;
  readonly opcode: number;
}

export interface Query extends QueryHeader {
  /** As it was asked: the answer repeats it to the letter, for clients that vary the case. */
  readonly question: Uint8Array;
  readonly name: string;
  readonly type: number;
  readonly class: number;
  /** null: the client knows no EDNS. @source RFC 6891 */
  readonly edns: Edns | null;
}

export interface Edns {
  /** Bytes that the client takes in one datagram. */
  readonly udpSize: number;
  readonly version: number;
  readonly isDnssecOk: boolean;
}

export type Parsed =
  | { readonly kind: 'query'; readonly query: Query }
  | { readonly kind: 'malformed' | 'not implemented'; readonly header: QueryHeader }
  /** To be met with silence: no DNS, or an answer, which must not be answered. */
  | { readonly kind: 'none' };

export function parseQuery(bytes: Uint8Array): Parsed {
  if (bytes.length < HEADER_SIZE) return { kind: 'none' };
  const flags = readU16(bytes, 2);
  if ((flags & FLAG.response) !== 0) return { kind: 'none' };
  const header: QueryHeader = { id: readU16(bytes, 0), flags, opcode: (flags >>> 11) & 15 };
  if (header.opcode !== OPCODE_QUERY) return { kind: 'not implemented', header };
  const query = parseSections(bytes, header);
  return query === null ? { kind: 'malformed', header } : { kind: 'query', query };
}

function parseSections(bytes: Uint8Array, header: QueryHeader): Query | null {
  const [questions, answers, authorities, additionals] = [4, 6, 8, 10].map((at) =>
    readU16(bytes, at),
  ) as [number, number, number, number];
  // An IXFR has a record there, and is refused; nothing else does.
  if (questions !== 1 || answers !== 0 || authorities > 1) return null;
  if (additionals > MAX_ADDITIONALS || bytes.length > MAX_QUERY_SIZE) return null;
  const name = readName(bytes, HEADER_SIZE);
  if (name === null || name.end + 4 > bytes.length) return null;
  const edns = parseRecords(bytes, name.end + 4, authorities + additionals);
  if (edns === 'malformed') return null;
  return {
    ...header,
    question: bytes.subarray(HEADER_SIZE, name.end + 4),
    name: name.text,
    type: readU16(bytes, name.end),
    class: readU16(bytes, name.end + 2),
    edns,
  };
}

/** @returns what the OPT record says, of which there may be one. */
function parseRecords(bytes: Uint8Array, start: number, count: number): Edns | null | 'malformed' {
  let edns: Edns | null = null;
  let offset = start;
  for (let each = 0; each < count; each += 1) {
    const isRoot = readU8(bytes, offset) === 0;
    const header = skipName(bytes, offset);
    if (header < 0 || header + RECORD_HEADER_SIZE > bytes.length) return 'malformed';
    offset = header + RECORD_HEADER_SIZE + readU16(bytes, header + 8);
    if (offset > bytes.length) return 'malformed';
    if (readU16(bytes, header) !== TYPE_OPT) continue;
    if (edns !== null || !isRoot) return 'malformed';
    edns = {
      udpSize: Math.max(readU16(bytes, header + 2), PLAIN_UDP_SIZE),
      version: readU8(bytes, header + 5),
      isDnssecOk: (readU16(bytes, header + 6) & DNSSEC_OK) !== 0,
    };
  }
  return offset === bytes.length ? edns : 'malformed';
}
