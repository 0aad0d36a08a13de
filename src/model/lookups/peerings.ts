/** Which peerings a VPC has. */
import type { VpcId } from '../ids.ts';
import type { Peering } from '../peerings.ts';
import type { Fabric } from '../snapshot.ts';

/** @returns the peerings of the VPC that are pending or active; expired requests too. */
export function openPeeringsOf(snapshot: Fabric, vpcId: VpcId): Peering[] {
  return [...snapshot.peerings.values()].filter(
    ({ requester, accepter, status }) =>
      (requester.vpcId === vpcId || accepter.vpcId === vpcId) &&
      (status.code === 'active' || status.code === 'pending-acceptance'),
  );
}
