/** How much of its quota of rules a security group uses (SG-4). */
import type { SecurityGroup, SecurityGroupRule } from '../../model/filters.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { findPrefixList } from '../lookup.ts';
import { ruleLimitExceeded } from './filter-errors.ts';

/**
 * Checks the rules of each direction and each family by itself. A group as peer counts in both
 * families; a prefix list counts as many rules as it may ever have entries.
 * @throws RulesPerSecurityGroupLimitExceeded
 */
export function checkRuleQuota(snapshot: Snapshot, group: SecurityGroup): void {
  for (const isEgress of [false, true]) {
    const rules = group.rules.filter((rule) => rule.isEgress === isEgress);
    for (const family of [4, 6] as const) {
      const used = rules.reduce((sum, rule) => sum + weight(snapshot, rule, family), 0);
      if (used > snapshot.quotas.rulesPerSecurityGroup) throw ruleLimitExceeded();
    }
  }
}

function weight(snapshot: Snapshot, { peer }: SecurityGroupRule, family: 4 | 6): number {
  switch (peer.kind) {
    case 'cidr':
      return peer.cidr.family === family ? 1 : 0;
    case 'group':
    case 'peered-group':
      return 1;
    case 'prefix-list': {
      const list = findPrefixList(snapshot, peer.prefixListId);
      return list.family === family ? list.maxEntries : 0;
    }
    default:
      return peer satisfies never;
  }
}
