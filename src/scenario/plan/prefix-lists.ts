/** Plans prefix lists and their entries. */
import { formatCidr } from '../../addr/cidr.ts';
import { entriesInForce, type PrefixList } from '../../model/filters.ts';
import type { LabPrefixList } from '../lab-filters.ts';
import type { PlanContext } from './context.ts';
import { tagSpecifications } from './planned-action.ts';
import { keptPrefixList } from './references.ts';

export function planPrefixLists(context: PlanContext): void {
  const { lab, current, plan } = context;
  plan.nextStage();
  for (const list of lab.prefixLists.values()) {
    if (keptPrefixList(context, list.name) !== undefined) continue;
    const { name, family, maxEntries, entries } = list;
    const reason = current.prefixLists.has(name) ? 'its family changed' : 'not there yet';
    plan.add(
      'CreateManagedPrefixList',
      {
        PrefixListName: name,
        AddressFamily: `IPv${family}`,
        MaxEntries: maxEntries,
        Entries: entries.map(entryOf),
        ...tagSpecifications('prefix-list', name, lab.name),
      },
      { subject: `prefix list ${name}`, reason },
      [{ name: `prefixList:${name}`, at: ['PrefixList', 'PrefixListId'] }],
    );
  }
  // AWS takes either entries or their greatest number, so a list grows first and shrinks last.
  planMaxEntries(context, (list, now) => list.maxEntries > now.maxEntries);
  plan.nextStage();
  for (const list of lab.prefixLists.values()) planEntries(context, list);
  planMaxEntries(context, (list, now) => list.maxEntries < now.maxEntries);
}

function entryOf(cidr: LabPrefixList['entries'][number]): { readonly Cidr: string } {
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
    plan.add('ModifyManagedPrefixList', input, { subject: `prefix list ${list.name}`, reason });
  }
}

function planEntries(context: PlanContext, list: LabPrefixList): void {
  const now = keptPrefixList(context, list.name);
  if (now === undefined) return;
  const wanted = new Set(list.entries.map(formatCidr));
  const existing = new Set(entriesInForce(now).map(({ cidr }) => formatCidr(cidr)));
  const added = list.entries.filter((cidr) => !existing.has(formatCidr(cidr))).map(entryOf);
  const removed = [...existing].filter((text) => !wanted.has(text)).map((Cidr) => ({ Cidr }));
  if (added.length === 0 && removed.length === 0) return;
  const changes = [
    ...added.map(({ Cidr }) => `${Cidr} is not there yet`),
    ...removed.map(({ Cidr }) => `${Cidr} is not in the lab file any more`),
  ];
  context.plan.add(
    'ModifyManagedPrefixList',
    {
      PrefixListId: now.prefixListId,
      CurrentVersion: now.versions.length,
      ...(added.length === 0 ? {} : { AddEntries: added }),
      ...(removed.length === 0 ? {} : { RemoveEntries: removed }),
    },
    { subject: `prefix list ${list.name}`, reason: changes.join(', ') },
  );
}
