/** Prefix lists from AWS's answers, which tell a list and its entries apart. */
import type { LabFilePrefixList } from '../file/schema-filters.ts';
import type { AwsPrefixList } from './aws-shapes.ts';
import { blockText, type ImportContext, type LeftOut } from './context.ts';
import type { AwsRecords } from './records.ts';

/** @returns those that a lab file can have; the others are told. */
export function usablePrefixLists(
  records: AwsRecords,
  leftOut: LeftOut[],
): ReadonlyMap<string, AwsPrefixList> {
  const own = [...records.prefixLists].filter(([, list]) => !isOfAws(list));
  const count = records.prefixLists.size - own.length;
  if (count > 0) {
    leftOut.push({
      what: `prefix lists of AWS (${count})`,
      id: null,
      reason: 'a lab has them too',
    });
  }
  const usable = own.filter(([id, list]) => {
    const reason = unusable(list, records.prefixListEntries.get(id)?.length ?? null);
    if (reason === null) return true;
    leftOut.push({ what: `prefix list ${list.PrefixListName ?? id}`, id, reason });
    return false;
  });
  return new Map(usable);
}

/** Lists of AWS itself are shown without a family by one of the answers. */
function isOfAws({ OwnerId, AddressFamily }: AwsPrefixList): boolean {
  return OwnerId === 'AWS' || AddressFamily === undefined;
}

/** @param count Entries; null: they are not in the input. @returns what keeps the list out, or null. */
function unusable({ AddressFamily }: AwsPrefixList, count: number | null): string | null {
  if (count === null) {
    return 'its entries are not in the input: aws ec2 get-managed-prefix-list-entries';
  }
  if (count === 0 && AddressFamily === 'IPv6') return 'a list without entries is one of IPv4';
  return null;
}

export function importPrefixLists(context: ImportContext): Record<string, LabFilePrefixList> {
  const { records, facts, names, ids } = context;
  const lists: Record<string, LabFilePrefixList> = {};
  for (const [id, { MaxEntries, PrefixListArn }] of records.prefixLists) {
    const name = names.prefixLists.get(id) ?? id;
    const entries = (records.prefixListEntries.get(id) ?? []).map(({ Cidr }) => blockText(Cidr));
    const needed = Math.max(entries.length, 1);
    const maxEntries = Math.max(MaxEntries ?? needed, needed);
    const region = PrefixListArn?.split(':')[3] ?? facts.region;
    const fields = {
      ...(region === facts.region ? {} : { region }),
      ...(maxEntries === needed ? {} : { maxEntries }),
    };
    lists[name] = Object.keys(fields).length === 0 ? entries : { ...fields, entries };
    ids.set(`prefixLists.${name}`, id);
  }
  return lists;
}
