/** Which peerings a VPC has. */
import type { VpcId } from '../ids.ts';
import { isOpen, type Peering } from '../peerings.ts';
import type { Fabric } from '../snapshot.ts';

/** @returns the peerings of the VPC that are pending or active; expired requests too. */
export function openPeeringsOf(snapshot: Fabric, vpcId: VpcId): Peering[] {
  return [...snapshot.peerings.values()].filter(
    (peering) =>
      (peering.requester.vpcId === vpcId || peering.accepter.vpcId === vpcId) && isOpen(peering),
  );
}
