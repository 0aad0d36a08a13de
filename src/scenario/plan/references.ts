/** What filters are called in a plan: their ids, or references while they are not there yet. */
import type { NetworkAcl, PrefixList, SecurityGroup } from '../../model/filters.ts';
import { keptInVpc, type PlanContext } from './context.ts';
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

/** A list never changes its family, so one of another family is another list. */
export function keptPrefixList(
  { lab, current }: PlanContext,
  name: string,
): PrefixList | undefined {
  const now = current.prefixLists.get(name);
  return now?.family === lab.prefixLists.get(name)?.family ? now : undefined;
}

export function prefixListIdOf(context: PlanContext, name: string): string {
  return keptPrefixList(context, name)?.prefixListId ?? reference('prefixList', name);
}
