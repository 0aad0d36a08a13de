/**
 * The order in which rules become rows: groups, then ACLs, each in the order of the snapshot, with
 * their ingress rules first. Known here alone, so that a row can be traced back to its rule.
 */
import type {
  NetworkAcl,
  NetworkAclEntry,
  SecurityGroup,
  SecurityGroupRule,
} from '../model/filters.ts';
import type { Fabric } from '../model/snapshot.ts';

/** A rule and what it is of. */
export type RuleOrigin =
  | { readonly kind: 'group'; readonly group: SecurityGroup; readonly rule: SecurityGroupRule }
  | { readonly kind: 'acl'; readonly acl: NetworkAcl; readonly entry: NetworkAclEntry };

/** @returns the rules with those for ingress first, else in the order that they have. */
export function ingressFirst<Rule extends { readonly isEgress: boolean }>(
  rules: readonly Rule[],
): Rule[] {
  return [...rules.filter((rule) => !rule.isEgress), ...rules.filter((rule) => rule.isEgress)];
}

/** @param row Of the program that was compiled from this snapshot; >= 0. */
export function ruleOfRow(snapshot: Fabric, row: number): RuleOrigin {
  let first = 0;
  for (const group of snapshot.securityGroups.values()) {
    const rule = ingressFirst(group.rules)[row - first];
    if (rule !== undefined) return { kind: 'group', group, rule };
    first += group.rules.length;
  }
  for (const acl of snapshot.networkAcls.values()) {
    const entry = ingressFirst(acl.entries)[row - first];
    if (entry !== undefined) return { kind: 'acl', acl, entry };
    first += acl.entries.length;
  }
  throw new RangeError(`the snapshot has no rule for row ${row}`);
}
