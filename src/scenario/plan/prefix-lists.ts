/** Plans prefix lists and their entries. */
import { type Cidr, formatCidr } from '../../addr/cidr.ts';
import { entriesInForce, type PrefixList } from '../../model/filters.ts';
import type { LabPrefixList } from '../lab-filters.ts';
import type { PlanContext } from './context.ts';
import { tagSpecifications } from './planned-action.ts';
import { keptPrefixList, prefixListChange, prefixListIdOf } from './references.ts';

export function planPrefixLists(context: PlanContext): void {
  const { lab, plan } = context;
  plan.nextStage();
  for (const list of lab.prefixLists.values()) {
    const reason = prefixListChange(context, list.name);
    if (reason === null) continue;
    const { name, realm, family, maxEntries, entries } = list;
    plan.add(
      'CreateManagedPrefixList',
      {
        PrefixListName: name,
        AddressFamily: `IPv${family}`,
        MaxEntries: maxEntries,
        Entries: entries.slice(0, ENTRIES_PER_REQUEST).map(entryOf),
        ...tagSpecifications('prefix-list', name, lab.name),
      },
      { realm, subject: `prefix list ${name}`, reason },
      [{ name: `prefixList:${name}`, at: ['PrefixList', 'PrefixListId'] }],
    );
  }
  // AWS takes either entries or their greatest number, so a list grows first and shrinks last.
  planMaxEntries(context, (list, now) => list.maxEntries > now.maxEntries);
  for (const list of lab.prefixLists.values()) planEntries(context, list);
  planMaxEntries(context, (list, now) => list.maxEntries < now.maxEntries);
}

/** What AWS takes in one request. */
const ENTRIES_PER_REQUEST = 100;

function entryOf(cidr: Cidr): { readonly Cidr: string } {
  return { Cidr: formatCidr(cidr) };
}

function planMaxEntries(
  context: PlanContext,
  isDue: (list: LabPrefixList, now: PrefixList) => boolean,
): void {
  const { lab, plan } = context;
  plan.nextStage();
  for (const list of lab.prefixLists.values()) {
    const now = keptPrefixList(context, list.name);
    if (now === undefined || !isDue(list, now)) continue;
    const input = { PrefixListId: now.prefixListId, MaxEntries: list.maxEntries };
    const reason = `maxEntries: ${list.maxEntries}`;
    const { realm } = list;
    const subject = `prefix list ${list.name}`;
    plan.add('ModifyManagedPrefixList', input, { realm, subject, reason });
  }
}

/** Each change of the entries is another version, and has to name the one before. */
function planEntries(context: PlanContext, list: LabPrefixList): void {
  const { plan } = context;
  const now = keptPrefixList(context, list.name);
  const present = now === undefined ? list.entries.slice(0, ENTRIES_PER_REQUEST) : blocksOf(now);
  const wanted = new Set(list.entries.map(formatCidr));
  const existing = new Set(present.map(formatCidr));
  const added = list.entries.filter((cidr) => !existing.has(formatCidr(cidr)));
  const removed = present.filter((cidr) => !wanted.has(formatCidr(cidr)));
  const most = Math.max(added.length, removed.length);
  for (let from = 0; from < most; from += ENTRIES_PER_REQUEST) {
    const add = added.slice(from, from + ENTRIES_PER_REQUEST).map(entryOf);
    const remove = removed.slice(from, from + ENTRIES_PER_REQUEST).map(entryOf);
    const reasons = [
      ...add.map(({ Cidr }) => `${Cidr} is not there yet`),
      ...remove.map(({ Cidr }) => `${Cidr} is not in the lab file any more`),
    ];
    const input = {
      PrefixListId: prefixListIdOf(context, list.name),
      CurrentVersion: (now?.versions.length ?? 1) + from / ENTRIES_PER_REQUEST,
      ...(add.length === 0 ? {} : { AddEntries: add }),
      ...(remove.length === 0 ? {} : { RemoveEntries: remove }),
    };
    plan.nextStage();
    plan.add('ModifyManagedPrefixList', input, {
      realm: list.realm,
      subject: `prefix list ${list.name}`,
      reason: reasons.join(', '),
    });
  }
}

function blocksOf(list: PrefixList): Cidr[] {
  return entriesInForce(list).map(({ cidr }) => cidr);
}
