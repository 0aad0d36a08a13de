/**
 * Zones: parts of the tree of names in which one source says what there is. Which records answer a
 * question is the same for all of them. Read first: RFC 1034 4.3.2, RFC 2308, RFC 4592.
 */
import type { RecordValue, SoaData } from '../../model/dns-records.ts';
import type { DnsRecord } from './reply.ts';
import { parentOf, RCODE, suffixesOf, TYPE, TYPE_ANY } from './wire.ts';

export interface Zone {
  /** The name that the zone begins at, and above which it knows nothing. */
  readonly apex: string;
  readonly soa: RecordValue & { readonly data: SoaData };
  /**
   * @param name In the zone.
   * @returns all that there is at a name; null when there is no such name; nothing, but no null, at
   * a name that is there for the sake of those below it. The SOA record need not be among it.
   */
  recordsAt(name: string): readonly RecordValue[] | null;
}

/** What one zone says to a question; `alias` names where to look next. */
export interface Finding {
  readonly rcode: typeof RCODE.noError | typeof RCODE.nameError;
  readonly answers: readonly DnsRecord[];
  readonly authorities: readonly DnsRecord[];
  readonly alias: string | null;
}

/** Asks a zone. @param type The number of a type, or ANY. */
export function askZone(zone: Zone, name: string, type: number): Finding {
  const found = zone.recordsAt(name) ?? (name === zone.apex ? [] : null);
  const records = (found ?? []).map((value): DnsRecord => ({ ...value, name }));
  const soa: DnsRecord = { ...zone.soa, name: zone.apex };
  if (name === zone.apex && !records.some(({ data }) => data.type === 'SOA')) records.push(soa);
  const answers = records.filter(({ data }) => type === TYPE_ANY || TYPE[data.type] === type);
  if (answers.length > 0) return { rcode: RCODE.noError, answers, authorities: [], alias: null };
  const [alias] = records.flatMap(({ data }) => (data.type === 'CNAME' ? [data.target] : []));
  if (alias !== undefined) {
    return { rcode: RCODE.noError, answers: records, authorities: [], alias };
  }
  const rcode = found === null ? RCODE.nameError : RCODE.noError;
  // For as long as the SOA itself lives, and no longer than it says. @source RFC 2308 3
  const ttl = Math.min(soa.ttl, zone.soa.data.minimum);
  return { rcode, answers: [], authorities: [{ ...soa, ttl }], alias: null };
}

/**
 * A zone of records that are listed.
 * @param records By name; the first label of a name may be `*`, for all names that are not there.
 */
export function listedZone(
  { apex, soa }: Pick<Zone, 'apex' | 'soa'>,
  records: ReadonlyMap<string, readonly RecordValue[]>,
): Zone {
  const above = new Set<string>();
  for (const name of records.keys()) {
    for (const each of suffixesOf(parentOf(name))) above.add(each);
  }
  const known = (name: string): readonly RecordValue[] | undefined =>
    records.get(name) ?? (above.has(name) ? [] : undefined);
  return {
    apex,
    soa,
    recordsAt: (name) => {
      const exact = known(name);
      if (exact !== undefined) return exact;
      for (const encloser of suffixesOf(parentOf(name))) {
        const wildcard = records.get(encloser === '' ? '*' : `*.${encloser}`);
        if (wildcard !== undefined) return wildcard;
        // A wildcard stands for what is missing right below a name, not below one that is there.
        if (encloser === apex || known(encloser) !== undefined) return null;
      }
      return null;
    },
  };
}
