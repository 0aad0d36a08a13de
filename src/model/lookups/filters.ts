/** Which groups and ACLs a VPC and a subnet have. */
import assert from 'node:assert/strict';
import type { NetworkAcl, SecurityGroup } from '../filters.ts';
import type { SubnetId, VpcId } from '../ids.ts';
import type { Fabric } from '../snapshot.ts';

/** @returns the group that the VPC was made with, which cannot be deleted. @source SG-2 */
export function defaultGroupOf(snapshot: Fabric, vpcId: VpcId): SecurityGroup {
  for (const group of snapshot.securityGroups.values()) {
    if (group.vpcId === vpcId && group.name === 'default') return group;
  }
  return assert.fail(`${vpcId} has no default security group`);
}

/** @returns the ACL that the VPC was made with. @source ACL-3 */
export function defaultNetworkAclOf(snapshot: Fabric, vpcId: VpcId): NetworkAcl {
  for (const acl of snapshot.networkAcls.values()) {
    if (acl.vpcId === vpcId && acl.isDefault) return acl;
  }
  return assert.fail(`${vpcId} has no default network ACL`);
}

/** @returns the one ACL of the subnet. @source ACL-3 */
export function networkAclOfSubnet(snapshot: Fabric, subnetId: SubnetId): NetworkAcl {
  for (const acl of snapshot.networkAcls.values()) {
    if (acl.associations.some((each) => each.subnetId === subnetId)) return acl;
  }
  return assert.fail(`${subnetId} has no network ACL`);
}
