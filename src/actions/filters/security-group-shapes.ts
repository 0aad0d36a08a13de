/** Security groups and their rules in AWS's shapes, and the filters that look at their rules. */
import { formatCidr } from '../../addr/cidr.ts';
import { isGroupPeer, type SecurityGroup, type SecurityGroupRule } from '../../model/filters.ts';
import type { SecurityGroupId } from '../../model/ids.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { ActionContext, ActionOutput } from '../action.ts';
import type { Filters } from '../describe.ts';
import { findSecurityGroup } from '../lookup.ts';
import { tagSet } from '../tag-set.ts';
import { groupOfPeer, ownerOfPeer, referencedGroupShape } from './group-peers.ts';
import { hasIcmpTypes, hasPorts, protocolName } from './traffic.ts';

/** AWS's `GroupIdentifier`, of interfaces and instances. */
export function groupIdentifiers(
  snapshot: Snapshot,
  groupIds: readonly SecurityGroupId[],
): ActionOutput[] {
  return groupIds.map((groupId) => ({
    GroupId: groupId,
    GroupName: findSecurityGroup(snapshot, groupId).name,
  }));
}

export function groupArn({ region, accountId }: Snapshot, groupId: SecurityGroupId): string {
  return `arn:aws:ec2:${region}:${accountId}:security-group/${groupId}`;
}

/** AWS's `SecurityGroup`. */
export function groupShape(group: SecurityGroup, context: ActionContext): ActionOutput {
  const { snapshot } = context.draft;
  return {
    GroupId: group.groupId,
    GroupName: group.name,
    Description: group.description,
    OwnerId: snapshot.accountId,
    VpcId: group.vpcId,
    SecurityGroupArn: groupArn(snapshot, group.groupId),
    IpPermissions: permissionShapes(group, false, context),
    IpPermissionsEgress: permissionShapes(group, true, context),
    Tags: tagSet(group.tags),
  };
}

function rulesOf(group: SecurityGroup, isEgress: boolean): SecurityGroupRule[] {
  return group.rules.filter((rule) => rule.isEgress === isEgress);
}

/** AWS's `IpPermission`: the rules of one kind of traffic together. */
function permissionShapes(
  group: SecurityGroup,
  isEgress: boolean,
  context: ActionContext,
): ActionOutput[] {
  return rulesByTraffic(rulesOf(group, isEgress)).map((rules) =>
    permissionShape(rules, group, context),
  );
}

/** @returns the rules with those of the same traffic together. */
export function rulesByTraffic(
  rules: readonly SecurityGroupRule[],
): readonly (readonly [SecurityGroupRule, ...SecurityGroupRule[]])[] {
  const byTraffic = new Map<string, [SecurityGroupRule, ...SecurityGroupRule[]]>();
  for (const rule of rules) {
    const { protocol, fromPort, toPort } = rule.traffic;
    const key = `${protocol} ${fromPort} ${toPort}`;
    const others = byTraffic.get(key);
    if (others === undefined) byTraffic.set(key, [rule]);
    else others.push(rule);
  }
  return [...byTraffic.values()];
}

function permissionShape(
  rules: readonly [SecurityGroupRule, ...SecurityGroupRule[]],
  group: SecurityGroup,
  context: ActionContext,
): ActionOutput {
  const ranges4: ActionOutput[] = [];
  const ranges6: ActionOutput[] = [];
  const pairs: ActionOutput[] = [];
  const lists: ActionOutput[] = [];
  for (const { peer, description } of rules) {
    const Description = description ?? undefined;
    if (isGroupPeer(peer)) {
      pairs.push({ ...referencedGroupShape(peer, group, context), Description });
    } else if (peer.kind === 'prefix-list') {
      lists.push({ PrefixListId: peer.prefixListId, Description });
    } else if (peer.cidr.family === 4) {
      ranges4.push({ CidrIp: formatCidr(peer.cidr), Description });
    } else {
      ranges6.push({ CidrIpv6: formatCidr(peer.cidr), Description });
    }
  }
  return {
    ...trafficShape(rules[0]),
    IpRanges: ranges4,
    Ipv6Ranges: ranges6,
    UserIdGroupPairs: pairs,
    PrefixListIds: lists,
  };
}

/** What an `IpPermission` says of its packets. */
export function trafficShape(rule: SecurityGroupRule): ActionOutput {
  const [FromPort, ToPort] = portsOf(rule);
  return { IpProtocol: protocolName(rule.traffic.protocol), FromPort, ToPort };
}

/** @returns first and last port, or type and code; none when the protocol has neither. */
function portsOf({ traffic }: SecurityGroupRule): readonly number[] {
  const { protocol, fromPort, toPort } = traffic;
  return hasPorts(protocol) || hasIcmpTypes(protocol) ? [fromPort, toPort] : [];
}

/** What both shapes of a rule have. */
function commonRuleShape(rule: SecurityGroupRule, group: SecurityGroup): ActionOutput {
  const { peer, traffic } = rule;
  const cidr = peer.kind === 'cidr' ? peer.cidr : null;
  return {
    SecurityGroupRuleId: rule.ruleId,
    GroupId: group.groupId,
    IsEgress: rule.isEgress,
    IpProtocol: protocolName(traffic.protocol),
    FromPort: traffic.fromPort,
    ToPort: traffic.toPort,
    CidrIpv4: cidr?.family === 4 ? formatCidr(cidr) : undefined,
    CidrIpv6: cidr?.family === 6 ? formatCidr(cidr) : undefined,
    PrefixListId: peer.kind === 'prefix-list' ? peer.prefixListId : undefined,
    Description: rule.description ?? undefined,
  };
}

/** AWS's `SecurityGroupRule`. */
export function ruleShape(
  rule: SecurityGroupRule,
  group: SecurityGroup,
  context: ActionContext,
): ActionOutput {
  const { accountId, region } = context.draft.snapshot;
  const { peer, ruleId } = rule;
  return {
    ...commonRuleShape(rule, group),
    GroupOwnerId: accountId,
    SecurityGroupRuleArn: `arn:aws:ec2:${region}:${accountId}:security-group-rule/${ruleId}`,
    ReferencedGroupInfo: isGroupPeer(peer) ? referencedGroupShape(peer, group, context) : undefined,
    Tags: tagSet(rule.tags),
  };
}

/** AWS's `RevokedSecurityGroupRule`. */
export function revokedRuleShape(rule: SecurityGroupRule, group: SecurityGroup): ActionOutput {
  const { peer } = rule;
  return {
    ...commonRuleShape(rule, group),
    ReferencedGroupId: isGroupPeer(peer) ? peer.groupId : undefined,
  };
}

type RuleValues = (rule: SecurityGroupRule, context: ActionContext) => readonly (string | number)[];

const RULE_VALUES: Readonly<Record<string, RuleValues>> = {
  cidr: ({ peer }) =>
    peer.kind === 'cidr' && peer.cidr.family === 4 ? [formatCidr(peer.cidr)] : [],
  'from-port': (rule) => portsOf(rule).slice(0, 1),
  'group-id': ({ peer }) => (isGroupPeer(peer) ? [peer.groupId] : []),
  'group-name': ({ peer }, context) =>
    isGroupPeer(peer) ? known(groupOfPeer(peer, context)?.name) : [],
  'ipv6-cidr': ({ peer }) =>
    peer.kind === 'cidr' && peer.cidr.family === 6 ? [formatCidr(peer.cidr)] : [],
  'prefix-list-id': ({ peer }) => (peer.kind === 'prefix-list' ? [peer.prefixListId] : []),
  protocol: ({ traffic }) => [protocolName(traffic.protocol)],
  'to-port': (rule) => portsOf(rule).slice(1),
  'user-id': ({ peer }, context) => (isGroupPeer(peer) ? known(ownerOfPeer(peer, context)) : []),
};

/** Nothing is told of a group that is gone. */
function known(text: string | undefined): string[] {
  return text === undefined ? [] : [text];
}

/** @returns the filters on the rules of one direction, such as `ip-permission.cidr`. */
export function permissionFilters(
  prefix: string,
  isEgress: boolean,
  context: ActionContext,
): Filters<SecurityGroup> {
  const filters = Object.entries(RULE_VALUES).map(([name, valuesOf]) => [
    `${prefix}.${name}`,
    (group: SecurityGroup) => rulesOf(group, isEgress).flatMap((rule) => valuesOf(rule, context)),
  ]);
  return Object.fromEntries(filters) as Filters<SecurityGroup>;
}
