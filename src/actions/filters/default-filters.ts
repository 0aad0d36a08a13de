/** The filters that AWS makes with every VPC: the default group and the default network ACL (SG-2, ACL-3). */
import { type Cidr, cidrEquals, ipv4Cidr, ipv6Cidr } from '../../addr/cidr.ts';
import type {
  NetworkAcl,
  NetworkAclEntry,
  SecurityGroup,
  SecurityGroupRule,
  Traffic,
} from '../../model/filters.ts';
import type { NetworkAclAssociationId, SubnetId, VpcId } from '../../model/ids.ts';
import {
  defaultGroupOf,
  defaultNetworkAclOf,
  networkAclOfSubnet,
} from '../../model/lookups/filters.ts';
import type { Subnet, Vpc } from '../../model/records.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { Draft } from '../../model/store.ts';
import type { ActionContext } from '../action.ts';
import { anyTraffic } from './traffic.ts';

export const ANY_IPV4: Cidr = ipv4Cidr(0, 0);
export const ANY_IPV6: Cidr = ipv6Cidr(0n, 0);

const ALL_TRAFFIC: Traffic = anyTraffic(-1);

/** The numbers of the rules that AWS writes itself (ACL-1). */
const DEFAULT_ALLOW_NUMBERS = { 4: 100, 6: 101 } as const;
const FINAL_DENY_NUMBERS = { 4: 32_767, 6: 32_768 } as const;

/** Gives a new VPC its default group and its default network ACL. */
export function addDefaultFilters(context: ActionContext, vpc: Vpc): void {
  const { draft, newId } = context;
  const groupId = newId('sg');
  draft.put('securityGroups', groupId, {
    groupId,
    vpcId: vpc.vpcId,
    name: 'default',
    description: 'default VPC security group',
    rules: [
      newRule(context, { isEgress: false, peer: { kind: 'group', groupId } }),
      ...allOutbound(context, vpc),
    ],
    tags: new Map(),
  });
  const networkAclId = newId('acl');
  draft.put('networkAcls', networkAclId, {
    networkAclId,
    vpcId: vpc.vpcId,
    isDefault: true,
    entries: [...defaultAllows(vpc), ...finalDenials(vpc)],
    associations: [],
    tags: new Map(),
  });
}

/** The outbound rules of every new group (SG-2). */
export function allOutbound(context: ActionContext, vpc: Vpc): SecurityGroupRule[] {
  return anywhere(vpc).map((cidr) =>
    newRule(context, { isEgress: true, peer: { kind: 'cidr', cidr } }),
  );
}

function newRule(
  { newId }: ActionContext,
  rule: Pick<SecurityGroupRule, 'isEgress' | 'peer'>,
): SecurityGroupRule {
  return {
    ruleId: newId('sgr'),
    traffic: ALL_TRAFFIC,
    description: null,
    tags: new Map(),
    ...rule,
  };
}

/** The `*` rules, which deny what no other rule speaks of; of a VPC without IPv6 for IPv4 only. */
export function finalDenials(vpc: Vpc): NetworkAclEntry[] {
  return entries(vpc, 'deny', FINAL_DENY_NUMBERS);
}

function defaultAllows(vpc: Vpc): NetworkAclEntry[] {
  return entries(vpc, 'allow', DEFAULT_ALLOW_NUMBERS);
}

function entries(
  vpc: Vpc,
  action: NetworkAclEntry['action'],
  numbers: Readonly<Record<4 | 6, number>>,
): NetworkAclEntry[] {
  return anywhere(vpc).flatMap((cidr) =>
    [true, false].map((isEgress) => ({
      ruleNumber: numbers[cidr.family],
      isEgress,
      action,
      traffic: ALL_TRAFFIC,
      cidr,
    })),
  );
}

/** AWS writes rules for IPv6 once the VPC has a block. */
function anywhere(vpc: Vpc): Cidr[] {
  return vpc.ipv6Cidrs.length === 0 ? [ANY_IPV4] : [ANY_IPV4, ANY_IPV6];
}

/**
 * Writes the rules for IPv6 when a VPC gets its first block: every unmodified group allows all
 * outbound traffic, the default ACL all traffic in each direction that was not modified, and
 * every ACL ends with a denial.
 * @source SG-2, ACL-1, ACL-3
 */
export function addIpv6Filters(context: ActionContext, vpc: Vpc): void {
  const { draft } = context;
  for (const group of draft.snapshot.securityGroups.values()) {
    const [only, ...others] = group.rules.filter((rule) => rule.isEgress);
    const isUnmodified = others.length === 0 && only !== undefined && allowsAnyIpv4(only);
    if (group.vpcId !== vpc.vpcId || !isUnmodified) continue;
    const rule = newRule(context, { isEgress: true, peer: { kind: 'cidr', cidr: ANY_IPV6 } });
    draft.put('securityGroups', group.groupId, { ...group, rules: [...group.rules, rule] });
  }
  for (const acl of draft.snapshot.networkAcls.values()) {
    if (acl.vpcId !== vpc.vpcId) continue;
    const added = [
      ...(acl.isDefault ? defaultAllows(vpc).filter((each) => isUnmodified(acl, each)) : []),
      ...finalDenials(vpc),
    ].filter((each) => !hasEntry(acl, each));
    const entries = sortEntries([...acl.entries, ...added]);
    draft.put('networkAcls', acl.networkAclId, { ...acl, entries });
  }
}

function allowsAnyIpv4({ traffic, peer }: SecurityGroupRule): boolean {
  return traffic.protocol === -1 && peer.kind === 'cidr' && cidrEquals(peer.cidr, ANY_IPV4);
}

/** Tells whether the direction of the entry still has the two entries that AWS wrote. */
function isUnmodified(acl: NetworkAcl, { isEgress }: NetworkAclEntry): boolean {
  const [first, last, ...others] = acl.entries.filter((each) => each.isEgress === isEgress);
  return (
    others.length === 0 &&
    last?.ruleNumber === FINAL_DENY_NUMBERS[4] &&
    first?.ruleNumber === DEFAULT_ALLOW_NUMBERS[4] &&
    first.action === 'allow' &&
    first.traffic.protocol === -1 &&
    cidrEquals(first.cidr, ANY_IPV4)
  );
}

function hasEntry(acl: NetworkAcl, { ruleNumber, isEgress }: NetworkAclEntry): boolean {
  return acl.entries.some((each) => each.ruleNumber === ruleNumber && each.isEgress === isEgress);
}

/** @returns the entries in the order in which they are tried. @source ACL-1 */
export function sortEntries(entries: readonly NetworkAclEntry[]): NetworkAclEntry[] {
  return [...entries].sort((a, b) => a.ruleNumber - b.ruleNumber);
}

/** Puts a new subnet under the default network ACL of its VPC (ACL-3). */
export function joinDefaultNetworkAcl(context: ActionContext, subnet: Subnet): void {
  joinNetworkAcl(
    context,
    defaultNetworkAclOf(context.draft.snapshot, subnet.vpcId),
    subnet.subnetId,
  );
}

/** Puts a subnet that is under no ACL under this one. @returns the id of the association. */
export function joinNetworkAcl(
  { draft, newId }: ActionContext,
  acl: NetworkAcl,
  subnetId: SubnetId,
): NetworkAclAssociationId {
  const associationId = newId('aclassoc');
  putAssociations(draft, acl, [...acl.associations, { associationId, subnetId }]);
  return associationId;
}

/** Ends the association of a subnet, which is deleted or joins another ACL. */
export function leaveNetworkAcl(draft: Draft, subnetId: SubnetId): void {
  const acl = networkAclOfSubnet(draft.snapshot, subnetId);
  putAssociations(
    draft,
    acl,
    acl.associations.filter((each) => each.subnetId !== subnetId),
  );
}

function putAssociations(
  draft: Draft,
  acl: NetworkAcl,
  associations: NetworkAcl['associations'],
): void {
  draft.put('networkAcls', acl.networkAclId, { ...acl, associations });
}

/** Tells whether the VPC has a group or an ACL that `addDefaultFilters` did not make. */
export function hasOwnFilters(snapshot: Snapshot, vpcId: VpcId): boolean {
  const isOwnGroup = (group: SecurityGroup): boolean =>
    group.vpcId === vpcId && group.name !== 'default';
  const isOwnAcl = (acl: NetworkAcl): boolean => acl.vpcId === vpcId && !acl.isDefault;
  return (
    [...snapshot.securityGroups.values()].some(isOwnGroup) ||
    [...snapshot.networkAcls.values()].some(isOwnAcl)
  );
}

/** Deletes what `addDefaultFilters` made. */
export function removeDefaultFilters(draft: Draft, vpcId: VpcId): void {
  draft.delete('securityGroups', defaultGroupOf(draft.snapshot, vpcId).groupId);
  draft.delete('networkAcls', defaultNetworkAclOf(draft.snapshot, vpcId).networkAclId);
}
