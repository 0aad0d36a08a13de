/** The filters that AWS makes with every VPC: the default group and the default network ACL (SG-2, ACL-3). */
import { type Cidr, ipv4Cidr, ipv6Cidr } from '../addr/cidr.ts';
import {
  defaultGroupOf,
  defaultNetworkAclOf,
  type NetworkAcl,
  type NetworkAclEntry,
  networkAclOfSubnet,
  type SecurityGroupRule,
  type Traffic,
} from '../model/filters.ts';
import type { Subnet, Vpc, VpcId } from '../model/records.ts';
import type { Draft } from '../model/store.ts';
import type { ActionContext } from './action.ts';

export const ANY_IPV4: Cidr = ipv4Cidr(0, 0);
export const ANY_IPV6: Cidr = ipv6Cidr(0n, 0);

const ALL_TRAFFIC: Traffic = { protocol: -1, fromPort: -1, toPort: -1 };

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

/** Puts a new subnet under the default network ACL of its VPC (ACL-3). */
export function joinDefaultNetworkAcl({ draft, newId }: ActionContext, subnet: Subnet): void {
  const acl = defaultNetworkAclOf(draft.snapshot, subnet.vpcId);
  const association = { associationId: newId('aclassoc'), subnetId: subnet.subnetId };
  putAssociations(draft, acl, [...acl.associations, association]);
}

/** Ends the association of a subnet that is being deleted. */
export function leaveNetworkAcl(draft: Draft, subnetId: Subnet['subnetId']): void {
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

/** Deletes what `addDefaultFilters` made. */
export function removeDefaultFilters(draft: Draft, vpcId: VpcId): void {
  draft.delete('securityGroups', defaultGroupOf(draft.snapshot, vpcId).groupId);
  draft.delete('networkAcls', defaultNetworkAclOf(draft.snapshot, vpcId).networkAclId);
}
