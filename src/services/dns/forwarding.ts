/** What becomes of the answers of other servers: passed on, or the end of a chain of aliases. */
import { type Answer, type DecodedPacket, decode } from 'dns-packet';
import { parseIpv4 } from '../../addr/ipv4.ts';
import { parseIpv6 } from '../../addr/ipv6.ts';
import type { RecordData } from '../../model/dns-records.ts';
import { readU16, writeU16 } from '../../packet/bytes.ts';
import type { Query } from './query.ts';
import { type DnsRecord, emitQuestion, emitReply, emptyReply, type Reply } from './reply.ts';
import type { Upstream } from './upstream.ts';
import { FLAG, HEADER_SIZE, RCODE } from './wire.ts';

/** More records than this take longer to read than anybody should be made to wait. */
const MAX_RECORDS = 256;

/** Passes a question on, and the answer back. @returns the answer for the client. */
export async function relay(
  query: Query,
  limit: number,
  upstream: Upstream,
  asker: string,
): Promise<Uint8Array> {
  const { question, edns } = query;
  const found = await upstream.ask({ question, edns, isUnchecked: isUnchecked(query) }, asker);
  if (found === null) return emitReply(query, emptyReply(RCODE.serverFailure), limit);
  if (found.length > limit) return cutReply(query, found, limit);
  const answer = Uint8Array.from(found);
  writeU16(answer, 0, query.id);
  writeU16(answer, 2, passedFlags(query, readU16(found, 2)));
  // As the client has spelt it.
  answer.set(question, HEADER_SIZE);
  return answer;
}

function cutReply(query: Query, found: Uint8Array, limit: number): Uint8Array {
  const answer = emitReply(query, emptyReply(RCODE.noError), limit);
  writeU16(answer, 2, passedFlags(query, readU16(found, 2)) | FLAG.truncated);
  return answer;
}

/** This server has no authority over the names, and has checked no signature. */
function passedFlags({ flags }: Query, found: number): number {
  const repeated = flags & (FLAG.recursionDesired | FLAG.checkingDisabled);
  return FLAG.response | FLAG.recursionAvailable | repeated | (found & (FLAG.truncated | 15));
}

function isUnchecked({ flags }: Query): boolean {
  return (flags & FLAG.checkingDisabled) !== 0;
}

/**
 * Asks for the name at the end of aliases that the lab knows.
 * @returns the aliases with what was found behind them.
 */
export async function chase(
  query: Query,
  { answers }: Reply,
  name: string,
  upstream: Upstream,
  asker: string,
): Promise<Reply> {
  const question = emitQuestion(name, query.type);
  const edns = { udpSize: 0, version: 0, isDnssecOk: false };
  const message = await upstream.ask({ question, edns, isUnchecked: isUnchecked(query) }, asker);
  const found = message === null ? null : readAnswers(message);
  if (found === null) return emptyReply(RCODE.serverFailure);
  return { ...found, answers: [...answers, ...found.answers] };
}

/** @returns the records whose types the resolver knows; null for what cannot be read. */
export function readAnswers(message: Uint8Array): Reply | null {
  const count = [6, 8, 10].reduce((sum, at) => sum + readU16(message, at), 0);
  const rcode = readU16(message, 2) & 15;
  if (count > MAX_RECORDS || (rcode !== RCODE.noError && rcode !== RCODE.nameError)) return null;
  let packet: DecodedPacket;
  try {
    packet = decode(Buffer.from(message));
  } catch {
    // Whatever it throws: the message is malformed.
    return null;
  }
  return {
    rcode,
    answers: (packet.answers ?? []).flatMap(recordOf),
    authorities: (packet.authorities ?? []).flatMap(recordOf),
  };
}

function recordOf(answer: Answer): DnsRecord[] {
  if (answer.type === 'OPT') return [];
  const data = dataOf(answer);
  return data === null ? [] : [{ name: nameOf(answer.name), ttl: answer.ttl ?? 0, data }];
}

function dataOf(answer: Exclude<Answer, { type: 'OPT' }>): RecordData | null {
  switch (answer.type) {
    case 'A': {
      const addr = parseIpv4(answer.data);
      return addr === null ? null : { type: 'A', addr };
    }
    case 'AAAA': {
      const addr = parseIpv6(answer.data);
      return addr === null ? null : { type: 'AAAA', addr };
    }
    case 'CNAME':
    case 'NS':
    case 'PTR':
      return { type: answer.type, target: nameOf(answer.data) };
    case 'MX': {
      const { preference = 0, exchange } = answer.data;
      return { type: 'MX', preference, exchange: nameOf(exchange) };
    }
    case 'SRV': {
      const { priority = 0, weight = 0, port, target } = answer.data;
      return { type: 'SRV', priority, weight, port, target: nameOf(target) };
    }
    case 'TXT': {
      const strings = [answer.data].flat().map((each) => each.toString('latin1'));
      return { type: 'TXT', strings };
    }
    case 'SOA': {
      const { mname, rname, serial = 0, refresh = 0, retry = 0, expire = 0 } = answer.data;
      const { minimum = 0 } = answer.data;
      const names = { primary: nameOf(mname), mailbox: nameOf(rname) };
      return { type: 'SOA', ...names, serial, refresh, retry, expire, minimum };
    }
    default:
      return null;
  }
}

/** The library writes the root as a dot. */
function nameOf(text: string): string {
  return text === '.' ? '' : text.toLowerCase();
}
