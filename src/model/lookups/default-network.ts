/** Where what names no subnet is launched. */
import type { Subnet, Vpc } from '../records.ts';
import type { Snapshot } from '../snapshot.ts';

/** @returns the default VPC of the region, if there is one. */
export function defaultVpc(snapshot: Snapshot): Vpc | undefined {
  return [...snapshot.vpcs.values()].find(({ isDefault }) => isDefault);
}

/** @returns the default subnet of the zone, or of the first zone that has one. */
export function defaultSubnet(snapshot: Snapshot, zone?: string): Subnet | undefined {
  return [...snapshot.subnets.values()].find(
    ({ isDefault, availabilityZone }) =>
      isDefault && availabilityZone === (zone ?? availabilityZone),
  );
}
