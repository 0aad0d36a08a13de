/** Ids of what AWS makes beside what it is asked for, and does not tell in its answer. */
import type { SubnetId, VpcId } from '../../model/ids.ts';
import {
  defaultGroupOf,
  defaultNetworkAclOf,
  networkAclOfSubnet,
} from '../../model/lookups/filters.ts';
import { isMainAssociation } from '../../model/routes.ts';
import type { Fabric } from '../../model/snapshot.ts';
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
  fabric: Fabric,
): string | undefined {
  const vpcId = ids.get(`vpc:${name.replace(`/${DEFAULT}`, '')}`) as VpcId | undefined;
  const subnetId = ids.get(`subnet:${name}`) as SubnetId | undefined;
  switch (kind) {
    case 'mainAssociation':
      return mainAssociation(vpcId, fabric);
    case 'securityGroup':
      return vpcId === undefined ? undefined : defaultGroupOf(fabric, vpcId).groupId;
    case 'networkAcl':
      return vpcId === undefined ? undefined : defaultNetworkAclOf(fabric, vpcId).networkAclId;
    case 'networkAclAssociation':
      return subnetId === undefined ? undefined : aclAssociation(subnetId, fabric);
    default:
      return undefined;
  }
}

function mainAssociation(vpcId: VpcId | undefined, fabric: Fabric): string | undefined {
  for (const table of fabric.routeTables.values()) {
    const main = table.associations.find(isMainAssociation);
    if (table.vpcId === vpcId && main !== undefined) return main.associationId;
  }
  return undefined;
}

function aclAssociation(subnetId: SubnetId, fabric: Fabric): string | undefined {
  const { associations } = networkAclOfSubnet(fabric, subnetId);
  return associations.find((each) => each.subnetId === subnetId)?.associationId;
}
