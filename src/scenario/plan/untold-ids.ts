/** Ids of what AWS makes beside what it is asked for, and does not tell in its answer. */
import type { SubnetId, VpcId } from '../../model/ids.ts';
import {
  defaultGroupOf,
  defaultNetworkAclOf,
  networkAclOfSubnet,
} from '../../model/lookups/filters.ts';
import { isMainAssociation } from '../../model/routes.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { DEFAULT } from '../lab-filters.ts';

/**
 * @param kind Of the reference, such as `mainAssociation`.
 * @param name `main`, `main/default`, or `main/a`.
 * @param ids Of what is known, by reference.
 */
export function untoldId(
  kind: string,
  name: string,
  ids: ReadonlyMap<string, string>,
  snapshot: Snapshot,
): string | undefined {
  const vpcId = ids.get(`vpc:${name.replace(`/${DEFAULT}`, '')}`) as VpcId | undefined;
  const subnetId = ids.get(`subnet:${name}`) as SubnetId | undefined;
  switch (kind) {
    case 'mainAssociation':
      return mainAssociation(vpcId, snapshot);
    case 'securityGroup':
      return vpcId === undefined ? undefined : defaultGroupOf(snapshot, vpcId).groupId;
    case 'networkAcl':
      return vpcId === undefined ? undefined : defaultNetworkAclOf(snapshot, vpcId).networkAclId;
    case 'networkAclAssociation':
      return subnetId === undefined ? undefined : aclAssociation(subnetId, snapshot);
    default:
      return undefined;
  }
}

function mainAssociation(vpcId: VpcId | undefined, snapshot: Snapshot): string | undefined {
  for (const table of snapshot.routeTables.values()) {
    const main = table.associations.find(isMainAssociation);
    if (table.vpcId === vpcId && main !== undefined) return main.associationId;
  }
  return undefined;
}

function aclAssociation(subnetId: SubnetId, snapshot: Snapshot): string | undefined {
  const { associations } = networkAclOfSubnet(snapshot, subnetId);
  return associations.find((each) => each.subnetId === subnetId)?.associationId;
}
