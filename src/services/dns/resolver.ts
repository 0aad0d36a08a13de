/**
 * The resolver of all VPCs of a lab: from a client's message to the answer. Read first: RFC 1035,
 * RFC 6891 for EDNS, RFC 8906 for what is to be answered to whatever else comes.
 */
import type { Caller } from '../caller.ts';
import { hasDns64, resolveDns64 } from './dns64.ts';
import { chase, relay } from './forwarding.ts';
import { parseQuery, type Query } from './query.ts';
import { emitHeaderReply, emitReply, emptyReply, OWN_UDP_SIZE, type Reply } from './reply.ts';
import { type Resolution, resolve } from './resolve.ts';
import type { Answerer, Transport } from './server.ts';
import type { Upstream } from './upstream.ts';
import {
  CLASS_IN,
  FIRST_META_TYPE,
  FLAG,
  PLAIN_UDP_SIZE,
  RCODE,
  type Rcode,
  TYPE,
  TYPE_ANY,
  TYPE_AXFR,
  TYPE_IXFR,
  TYPE_OPT,
} from './wire.ts';
import { zoneTableOf } from './zone-table.ts';

const MAX_TCP_SIZE = 65_535;

export interface ResolverSetup {
  /** Says who asks; null when the interface is gone, and nobody is there to be answered. */
  readonly callerOf: (peer: string) => Caller | null;
  /** Asked about what no zone knows, if the settings of the lab let it. */
  readonly upstream: Upstream;
  /** Gets what clients are not told. */
  readonly onDefect: (error: unknown) => void;
}

/** @returns what answers the messages of clients. */
export function resolver({ callerOf, upstream, onDefect }: ResolverSetup): Answerer {
  return async (message, transport, peer) => {
    const parsed = parseQuery(message);
    switch (parsed.kind) {
      case 'none':
        return null;
      case 'malformed':
        return emitHeaderReply(parsed.header, RCODE.formatError);
      case 'not implemented':
        return emitHeaderReply(parsed.header, RCODE.notImplemented);
      case 'query': {
        const { query } = parsed;
        const limit = sizeLimit(query, transport);
        try {
          const caller = callerOf(peer);
          return caller === null ? null : await answerQuery(query, limit, caller, upstream);
        } catch (error) {
          onDefect(error);
          return emitReply(query, emptyReply(RCODE.serverFailure), limit);
        }
      }
      default:
        return parsed satisfies never;
    }
  };
}

async function answerQuery(
  query: Query,
  limit: number,
  caller: Caller,
  upstream: Upstream,
): Promise<Uint8Array> {
  const refusal = refusalOf(query);
  if (refusal !== null) return emitReply(query, emptyReply(refusal), limit);
  const { fabric, vpc, eni } = caller;
  const zones = zoneTableOf(fabric, vpc);
  if (query.type === TYPE.AAAA && hasDns64(caller)) {
    const ask = (type: number) =>
      complete({ ...query, type }, resolve(zones, query.name, type), caller, upstream);
    return emitReply(query, await resolveDns64(ask), limit);
  }
  const found = resolve(zones, query.name, query.type);
  const isOthers = isAskable(found, caller) && found.answers.length === 0;
  if (isOthers) return relay(query, limit, upstream, eni.eniId);
  return emitReply(query, await complete(query, found, caller, upstream), limit);
}

/** @returns true when others know more, and may be asked. */
function isAskable({ unknown }: Resolution, { fabric }: Caller): boolean {
  return unknown !== null && fabric.settings.dnsRecursion !== 'off';
}

/** @returns what was found, with what others say of the name where it ends. */
async function complete(
  query: Query,
  found: Resolution,
  caller: Caller,
  upstream: Upstream,
): Promise<Reply> {
  const { unknown } = found;
  if (unknown === null || !isAskable(found, caller)) return found;
  return chase(query, found, unknown, upstream, caller.eni.eniId);
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
