/** The public side of private addresses, in AWS's shape and for its filters. */

import { formatIpv4, type Ipv4Addr } from '../../addr/ipv4.ts';
import { elasticAddressAt } from '../../model/lookups/elastic-addresses.ts';
import { publicDnsName } from '../../model/names.ts';
import type { Eni } from '../../model/records.ts';
import type { Snapshot } from '../../model/snapshot.ts';

/** AWS's `NetworkInterfaceAssociation`. */
export interface AssociationShape {
  readonly PublicIp: string;
  /** Empty while the VPC gives no DNS hostnames. */
  readonly PublicDnsName: string;
  readonly IpOwnerId: string;
  readonly AllocationId: string;
  readonly AssociationId: string;
}

/** @returns undefined when no elastic address is mapped to the private one. @source DNS-2 */
export function associationShape(
  snapshot: Snapshot,
  { eniId, vpcId }: Eni,
  privateAddr: Ipv4Addr | undefined,
): AssociationShape | undefined {
  if (privateAddr === undefined) return undefined;
  const address = elasticAddressAt(snapshot, eniId, privateAddr);
  if (address === undefined || address.association === null) return undefined;
  const { publicAddr, allocationId, association } = address;
  const vpc = snapshot.vpcs.get(vpcId);
  const hasNames = vpc?.enableDnsHostnames === true && vpc.enableDnsSupport;
  return {
    PublicIp: formatIpv4(publicAddr),
    PublicDnsName: hasNames ? publicDnsName(snapshot.region, publicAddr) : '',
    IpOwnerId: snapshot.accountId,
    AllocationId: allocationId,
    AssociationId: association.associationId,
  };
}

/** @returns a filter on the associations of all addresses of an interface. */
export function byAssociation(
  member: keyof AssociationShape,
): (eni: Eni, snapshot: Snapshot) => string[] {
  return (eni, snapshot) =>
    eni.addresses.flatMap((addr) => associationShape(snapshot, eni, addr)?.[member] ?? []);
}
