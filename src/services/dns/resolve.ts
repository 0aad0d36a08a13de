/** Answers a question from the zones that a VPC sees, across aliases. @source RFC 1034 4.3.2, 5.3.3 */
import type { DnsRecord, Reply } from './reply.ts';
import { RCODE } from './wire.ts';
import { askZone } from './zone.ts';
import type { ZoneTable } from './zone-table.ts';

/** More in a row are a mistake, and a circle is one without end. */
const MAX_ALIASES = 8;

export interface Resolution extends Reply {
  /** The name at the end of all aliases that nothing in the lab knows; null: the answer is whole. */
  readonly unknown: string | null;
}

export function resolve(zones: ZoneTable, name: string, type: number): Resolution {
  const chain: DnsRecord[] = [];
  let next = name;
  for (let step = 0; step <= MAX_ALIASES; step += 1) {
    const { rcode, answers, authorities, alias } = askZone(zones.zoneOf(next), next, type);
    chain.push(...answers);
    if (alias === null) {
      const unknown = zones.isUnknown(next) ? next : null;
      return { rcode, answers: chain, authorities, unknown };
    }
    next = alias;
  }
  return { rcode: RCODE.serverFailure, answers: [], authorities: [], unknown: null };
}
