/**
 * The resolver of all VPCs of a lab: from a client's message to the answer. Read first: RFC 1035,
 * RFC 6891 for EDNS, RFC 8906 for what is to be answered to whatever else comes.
 */
import type { Caller } from '../caller.ts';
import { parseQuery, type Query } from './query.ts';
import { emitHeaderReply, emitReply, emptyReply, OWN_UDP_SIZE, type Reply } from './reply.ts';
import { resolve } from './resolve.ts';
import type { Transport } from './server.ts';
import {
  CLASS_IN,
  FIRST_META_TYPE,
  FLAG,
  PLAIN_UDP_SIZE,
  RCODE,
  type Rcode,
  TYPE_ANY,
  TYPE_AXFR,
  TYPE_IXFR,
  TYPE_OPT,
} from './wire.ts';
import { zoneTableOf } from './zone-table.ts';

const MAX_TCP_SIZE = 65_535;

/**
 * Answers one message.
 * @param callerOf Says who asks; null when the interface is gone, and nobody is there to be answered.
 * @returns null for silence.
 */
export function answerMessage(
  message: Uint8Array,
  transport: Transport,
  callerOf: () => Caller | null,
): Uint8Array | null {
  const parsed = parseQuery(message);
  switch (parsed.kind) {
    case 'none':
      return null;
    case 'malformed':
      return emitHeaderReply(parsed.header, RCODE.formatError);
    case 'not implemented':
      return emitHeaderReply(parsed.header, RCODE.notImplemented);
    case 'query': {
      const caller = callerOf();
      if (caller === null) return null;
      const { query } = parsed;
      return emitReply(query, replyTo(query, caller), sizeLimit(query, transport));
    }
  }
}

function replyTo(query: Query, { fabric, vpc }: Caller): Reply {
  const refusal = refusalOf(query);
  if (refusal !== null) return emptyReply(refusal);
  return resolve(zoneTableOf(fabric, vpc), query.name, query.type);
}

/** @returns the code for what is no question about records; null for what is. */
function refusalOf({ edns, class: klass, type, flags }: Query): Rcode | null {
  if (edns !== null && edns.version > 0) return RCODE.badVersion;
  if (type === TYPE_AXFR || type === TYPE_IXFR || klass !== CLASS_IN) return RCODE.refused;
  if (type === TYPE_OPT || type === 0) return RCODE.formatError;
  if (type >= FIRST_META_TYPE && type < TYPE_ANY) return RCODE.notImplemented;
  // It gives whole answers only. @source DNS-1
  return (flags & FLAG.recursionDesired) === 0 ? RCODE.refused : null;
}

function sizeLimit({ edns }: Query, transport: Transport): number {
  if (transport === 'tcp') return MAX_TCP_SIZE;
  return Math.min(edns?.udpSize ?? PLAIN_UDP_SIZE, OWN_UDP_SIZE);
}
