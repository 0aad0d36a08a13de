/** Elastic IP addresses: public IPv4 addresses of the account, mapped to private ones (ENI-10). */
import type { Ipv4Addr } from '../addr/ipv4.ts';
import type { Eni, EniId, Snapshot, Tagged, VpcId } from './records.ts';

export type AllocationId = `eipalloc-${string}`;
export type AddressAssociationId = `eipassoc-${string}`;

export interface AddressAssociation {
  readonly associationId: AddressAssociationId;
  readonly eniId: EniId;
  /** One of the interface's IPv4 addresses; no other elastic address has it. */
  readonly privateAddr: Ipv4Addr;
}

export interface ElasticAddress extends Tagged {
  readonly allocationId: AllocationId;
  readonly publicAddr: Ipv4Addr;
  readonly association: AddressAssociation | null;
}

/** @returns the elastic address that is mapped to a private address of the interface. */
export function elasticAddressAt(
  snapshot: Snapshot,
  eniId: EniId,
  privateAddr: Ipv4Addr,
): ElasticAddress | undefined {
  for (const address of snapshot.elasticAddresses.values()) {
    const { association } = address;
    if (association?.eniId === eniId && association.privateAddr === privateAddr) return address;
  }
  return undefined;
}

/** @returns the elastic addresses that are mapped into the VPC. */
export function elasticAddressesOfVpc(snapshot: Snapshot, vpcId: VpcId): ElasticAddress[] {
  return [...snapshot.elasticAddresses.values()].filter(
    ({ association }) =>
      association !== null && eniOf(snapshot, association.eniId)?.vpcId === vpcId,
  );
}

function eniOf(snapshot: Snapshot, eniId: EniId): Eni | undefined {
  return snapshot.enis.get(eniId);
}
