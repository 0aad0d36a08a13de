/** Writes answers. Names are compressed; what does not fit is left out whole. @source RFC 1035 4.1 */
import type { RecordData, RecordValue } from '../../model/dns-records.ts';
import { writeIpv6, writeU8, writeU16, writeU32 } from '../../packet/bytes.ts';
import type { Query, QueryHeader } from './query.ts';
import {
  CLASS_IN,
  FLAG,
  HEADER_SIZE,
  labelCharacters,
  PLAIN_UDP_SIZE,
  POINTER,
  type Rcode,
  suffixesOf,
  TYPE,
  TYPE_OPT,
} from './wire.ts';

/** What this server takes in one datagram. */
export const OWN_UDP_SIZE = 4096;
const OPT_SIZE = 11;
const DNSSEC_OK = 0x8000;
const MAX_POINTER = 0x3fff;

export interface DnsRecord extends RecordValue {
  readonly name: string;
}

export interface Reply {
  readonly rcode: Rcode;
  readonly answers: readonly DnsRecord[];
  /** The SOA of the zone that has no such record, for those who remember that (RFC 2308). */
  readonly authorities: readonly DnsRecord[];
}

/** @returns an answer without anything but its code. */
export function emptyReply(rcode: Rcode): Reply {
  return { rcode, answers: [], authorities: [] };
}

/** Answers a message of which nothing but the header can be used. */
export function emitHeaderReply(header: QueryHeader, rcode: Rcode): Uint8Array {
  const bytes = new Uint8Array(HEADER_SIZE);
  writeU16(bytes, 0, header.id);
  writeU16(bytes, 2, replyFlags(header, rcode) | (header.opcode << 11));
  return bytes;
}

/** @param limit Bytes that the client takes. @returns the answer; cut, and saying so, if need be. */
export function emitReply(query: Query, reply: Reply, limit: number): Uint8Array {
  const writer = new MessageWriter(limit);
  writer.question(query);
  const questionEnd = writer.size;
  for (const record of [...reply.answers, ...reply.authorities]) writer.record(record);
  const room = limit - (query.edns === null ? 0 : OPT_SIZE);
  const isCut = writer.size > room;
  if (isCut) writer.size = questionEnd;
  const counts = isCut ? [0, 0] : [reply.answers.length, reply.authorities.length];
  const flags = replyFlags(query, reply.rcode) | (isCut ? FLAG.truncated : 0);
  writer.header(query.id, flags, counts as [number, number], query.edns === null ? 0 : 1);
  if (query.edns !== null) writer.opt(reply.rcode, query.edns.isDnssecOk);
  return writer.bytes.subarray(0, writer.size);
}

/** @returns name, type and class as in a message. @param name At most 253 characters. */
export function emitQuestion(name: string, type: number): Uint8Array {
  const writer = new MessageWriter(PLAIN_UDP_SIZE);
  writer.name(name);
  writer.u16(type);
  writer.u16(CLASS_IN);
  return writer.bytes.subarray(HEADER_SIZE, writer.size);
}

/** What the client has set and an answer repeats, and what this server is. */
function replyFlags({ flags }: QueryHeader, rcode: Rcode): number {
  const repeated = flags & (FLAG.recursionDesired | FLAG.checkingDisabled);
  return FLAG.response | FLAG.recursionAvailable | repeated | (rcode & 15);
}

/** Writing past the end does nothing but count. */
class MessageWriter {
  readonly bytes: Uint8Array;
  size = HEADER_SIZE;
  /** Where names were written, for others to point to. */
  readonly #offsets = new Map<string, number>();

  constructor(limit: number) {
    this.bytes = Buffer.allocUnsafe(limit);
  }

  header(id: number, flags: number, counts: readonly [number, number], additionals: number): void {
    [id, flags, 1, ...counts, additionals].forEach((word, place) => {
      writeU16(this.bytes, place * 2, word);
    });
  }

  question({ question, name }: Query): void {
    this.bytes.set(question, HEADER_SIZE);
    for (const suffix of suffixesOf(name)) {
      if (suffix !== '') this.#offsets.set(suffix, this.size);
      this.size += 1 + (question[this.size - HEADER_SIZE] ?? 0);
    }
    this.size = HEADER_SIZE + question.length;
  }

  record({ name, ttl, data }: DnsRecord): void {
    this.name(name);
    this.u16(TYPE[data.type]);
    this.u16(CLASS_IN);
    this.#u32(ttl);
    const sizeAt = this.size;
    this.u16(0);
    this.#data(data);
    writeU16(this.bytes, sizeAt, this.size - sizeAt - 2);
  }

  opt(rcode: Rcode, isDnssecOk: boolean): void {
    this.#u8(0);
    this.u16(TYPE_OPT);
    this.u16(OWN_UDP_SIZE);
    this.#u8(rcode >>> 4);
    this.#u8(0);
    this.u16(isDnssecOk ? DNSSEC_OK : 0);
    this.u16(0);
  }

  #data(data: RecordData): void {
    switch (data.type) {
      case 'A':
        this.#u32(data.addr);
        return;
      case 'AAAA':
        writeIpv6(this.bytes, this.size, data.addr);
        this.size += 16;
        return;
      case 'CNAME':
      case 'NS':
      case 'PTR':
        this.name(data.target);
        return;
      case 'MX':
        this.u16(data.preference);
        this.name(data.exchange);
        return;
      case 'SRV':
        for (const word of [data.priority, data.weight, data.port]) this.u16(word);
        // Not to be compressed. @source RFC 2782
        this.#labels(data.target);
        return;
      case 'TXT':
        for (const text of data.strings) this.#characters(text);
        return;
      case 'SOA':
        this.name(data.primary);
        this.name(data.mailbox);
        for (const word of [data.serial, data.refresh, data.retry, data.expire, data.minimum])
          this.#u32(word);
        return;
      default:
        data satisfies never;
    }
  }

  name(name: string): void {
    for (const suffix of suffixesOf(name)) {
      const known = this.#offsets.get(suffix);
      if (known !== undefined) {
        this.u16((POINTER << 8) | known);
        return;
      }
      if (suffix === '') break;
      if (this.size <= MAX_POINTER) this.#offsets.set(suffix, this.size);
      this.#label(suffix);
    }
    this.#u8(0);
  }

  #labels(name: string): void {
    for (const suffix of suffixesOf(name)) if (suffix !== '') this.#label(suffix);
    this.#u8(0);
  }

  /** Writes the first label of a name. */
  #label(name: string): void {
    const dot = name.indexOf('.');
    this.#characters(labelCharacters(dot < 0 ? name : name.slice(0, dot)));
  }

  /** @param text One character a byte, at most 255. */
  #characters(text: string): void {
    this.#u8(text.length);
    for (let place = 0; place < text.length; place += 1) this.#u8(text.charCodeAt(place));
  }

  #u8(value: number): void {
    writeU8(this.bytes, this.size, value);
    this.size += 1;
  }

  u16(value: number): void {
    writeU16(this.bytes, this.size, value);
    this.size += 2;
  }

  #u32(value: number): void {
    writeU32(this.bytes, this.size, value);
    this.size += 4;
  }
}
