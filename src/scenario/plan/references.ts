/** What filters are called in a plan: their ids, or references while they are not there yet. */
import type { NetworkAcl, PrefixList, SecurityGroup } from '../../model/filters.ts';
import { keptInVpc, type PlanContext } from './context.ts';
import { realmOfRow } from './current.ts';
import { changed, REMOVED } from './departing.ts';
import { reference } from './planned-action.ts';

/** @param key `vpc/group`. @returns the group when it exists and stays. */
export function keptGroup(context: PlanContext, key: string): SecurityGroup | undefined {
  return keptInVpc(context, context.current.securityGroups, key);
}

/** @param key `vpc/group`. */
export function groupIdOf(context: PlanContext, key: string): string {
  return keptGroup(context, key)?.groupId ?? reference('securityGroup', key);
}

/** @param key `vpc/acl`. @returns the ACL when it exists and stays. */
export function keptAcl(context: PlanContext, key: string): NetworkAcl | undefined {
  return keptInVpc(context, context.current.networkAcls, key);
}

/** @param key `vpc/acl`. */
export function aclIdOf(context: PlanContext, key: string): string {
  return keptAcl(context, key)?.networkAclId ?? reference('networkAcl', key);
}

/** A list never changes its family or its region, so one of another is another list. */
export function keptPrefixList(context: PlanContext, name: string): PrefixList | undefined {
  return prefixListChange(context, name) === null
    ? context.current.prefixLists.get(name)
    : undefined;
}

/** @returns why the list must be made, or made again; null: it stays. */
export function prefixListChange({ lab, current }: PlanContext, name: string): string | null {
  const now = current.prefixLists.get(name);
  const wanted = lab.prefixLists.get(name);
  if (now === undefined) return 'not there yet';
  if (wanted === undefined) return REMOVED;
  if (now.family !== wanted.family) return 'its family changed';
  const { region } = realmOfRow(current, 'prefixLists', now.prefixListId, lab.home);
  return region === wanted.realm.region ? null : changed('region', region, wanted.realm.region);
}

export function prefixListIdOf(context: PlanContext, name: string): string {
  return keptPrefixList(context, name)?.prefixListId ?? reference('prefixList', name);
}
