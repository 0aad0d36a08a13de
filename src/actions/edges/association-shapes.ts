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
  /** Of elastic addresses. */
  readonly AllocationId: string | undefined;
  readonly AssociationId: string | undefined;
}

/** Whose an address is that comes and goes with an instance. */
const AMAZON = 'amazon';

/** @returns undefined when the private address has no public one. @source DNS-2 */
export function associationShape(
  snapshot: Snapshot,
  eni: Eni,
  privateAddr: Ipv4Addr | undefined,
): AssociationShape | undefined {
  if (privateAddr === undefined) return undefined;
  const address = elasticAddressAt(snapshot, eni.eniId, privateAddr);
  const isPrimary = privateAddr === eni.addresses[0];
  const auto = isPrimary ? eni.autoPublicAddress?.publicAddr : undefined;
  const publicAddr = address?.publicAddr ?? auto ?? undefined;
  if (publicAddr === undefined) return undefined;
  const vpc = snapshot.vpcs.get(eni.vpcId);
  const hasNames = vpc?.enableDnsHostnames === true && vpc.enableDnsSupport;
  return {
    PublicIp: formatIpv4(publicAddr),
    PublicDnsName: hasNames ? publicDnsName(snapshot.region, publicAddr) : '',
    IpOwnerId: address === undefined ? AMAZON : snapshot.accountId,
    AllocationId: address?.allocationId,
    AssociationId: address?.association?.associationId,
  };
}

/** @returns a filter on the associations of all addresses of an interface. */
export function byAssociation(
  member: keyof AssociationShape,
): (eni: Eni, snapshot: Snapshot) => string[] {
  return (eni, snapshot) =>
    eni.addresses.flatMap((addr) => associationShape(snapshot, eni, addr)?.[member] ?? []);
}
