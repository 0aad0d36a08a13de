/** Which elastic addresses there are at an interface and in a VPC. */
import type { Ipv4Addr } from '../../addr/ipv4.ts';
import type { ElasticAddress } from '../elastic-addresses.ts';
import type { EniId, VpcId } from '../ids.ts';
import type { Fabric } from '../snapshot.ts';

/** @returns the elastic address that is mapped to a private address of the interface. */
export function elasticAddressAt(
  snapshot: Fabric,
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
export function elasticAddressesOfVpc(snapshot: Fabric, vpcId: VpcId): ElasticAddress[] {
  return [...snapshot.elasticAddresses.values()].filter(
    ({ association }) =>
      association !== null && snapshot.enis.get(association.eniId)?.vpcId === vpcId,
  );
}
