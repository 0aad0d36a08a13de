/** Plans the end of filters: those of VPCs that go, and those that nothing uses any more. */
import type { NetworkAcl, SecurityGroup } from '../../model/filters.ts';
import { DEFAULT } from '../lab-filters.ts';
import { type PlanContext, realmNow } from './context.ts';
import { realmOfRow } from './current.ts';
import { REMOVED } from './departing.ts';
import { keptAcl, keptGroup, prefixListChange } from './references.ts';

/** Something that goes, and why. */
interface Doomed<Row> {
  readonly row: Row;
  readonly subject: string;
  readonly reason: string;
}

/** A VPC takes only its default filters along. */
export function planFiltersOfVpcs(context: PlanContext): void {
  const { current, departures } = context;
  const groups: Doomed<SecurityGroup>[] = [];
  const acls: Doomed<NetworkAcl>[] = [];
  const holders: SecurityGroup[] = [];
  for (const [name, reason] of departures.vpcs) {
    const vpcId = current.vpcs.get(name)?.vpcId;
    const subject = `VPC ${name}`;
    for (const row of current.fabric?.securityGroups.values() ?? []) {
      if (row.vpcId !== vpcId) continue;
      holders.push(row);
      if (row.name !== DEFAULT) groups.push({ row, subject, reason });
    }
    for (const row of current.fabric?.networkAcls.values() ?? []) {
      if (row.vpcId === vpcId && !row.isDefault) acls.push({ row, subject, reason });
    }
  }
  deleteGroups(context, groups, holders);
  deleteAcls(context, acls);
}

/** Filters that are not in the lab file any more, of VPCs that stay; nothing uses them by now. */
export function planLastFilterDeletions(context: PlanContext): void {
  const { lab, current, plan } = context;
  const groups: Doomed<SecurityGroup>[] = [];
  for (const key of current.securityGroups.keys()) {
    const row = lab.securityGroups.has(key) ? undefined : keptGroup(context, key);
    if (row !== undefined) groups.push({ row, subject: `security group ${key}`, reason: REMOVED });
  }
  deleteGroups(
    context,
    groups,
    groups.map(({ row }) => row),
  );
  const acls: Doomed<NetworkAcl>[] = [];
  for (const key of current.networkAcls.keys()) {
    const row = lab.networkAcls.has(key) ? undefined : keptAcl(context, key);
    if (row !== undefined) acls.push({ row, subject: `network ACL ${key}`, reason: REMOVED });
  }
  deleteAcls(context, acls);
  for (const [name, { prefixListId: PrefixListId }] of current.prefixLists) {
    const reason = prefixListChange(context, name);
    if (reason === null) continue;
    const realm = realmOfRow(current, 'prefixLists', PrefixListId, lab.home);
    const subject = `prefix list ${name}`;
    plan.add('DeleteManagedPrefixList', { PrefixListId }, { realm, subject, reason });
  }
}

/** @param holders Groups whose rules may still name one that goes, which AWS would not delete then. */
function deleteGroups(
  context: PlanContext,
  doomed: readonly Doomed<SecurityGroup>[],
  holders: readonly SecurityGroup[],
): void {
  const { plan } = context;
  const ids = new Map(doomed.map((each) => [each.row.groupId, each]));
  plan.nextStage();
  for (const holder of holders) {
    const { groupId: GroupId, rules } = holder;
    for (const { ruleId, isEgress, peer } of rules) {
      const named = peer.kind === 'group' ? ids.get(peer.groupId) : undefined;
      if (named === undefined || named.row.groupId === GroupId) continue;
      const action = `RevokeSecurityGroup${isEgress ? 'Egress' : 'Ingress'}`;
      const reason = `a rule of ${GroupId} names a group that goes`;
      const about = { realm: realmNow(context, holder), subject: named.subject, reason };
      plan.add(action, { GroupId, SecurityGroupRuleIds: [ruleId] }, about);
    }
  }
  plan.nextStage();
  for (const { row, subject, reason } of doomed) {
    const realm = realmNow(context, row);
    plan.add('DeleteSecurityGroup', { GroupId: row.groupId }, { realm, subject, reason });
  }
}

function deleteAcls(context: PlanContext, doomed: readonly Doomed<NetworkAcl>[]): void {
  for (const { row, subject, reason } of doomed) {
    const realm = realmNow(context, row);
    const input = { NetworkAclId: row.networkAclId };
    context.plan.add('DeleteNetworkAcl', input, { realm, subject, reason });
  }
}
