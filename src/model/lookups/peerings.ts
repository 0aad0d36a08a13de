/** Which peerings a VPC has, and which joins it to another. */
import type { VpcId } from '../ids.ts';
import { isOpen, type Peering } from '../peerings.ts';
import type { Fabric } from '../snapshot.ts';

/** @returns the peerings of the VPC that are pending or active; expired requests too. */
export function openPeeringsOf(snapshot: Fabric, vpcId: VpcId): Peering[] {
  return [...snapshot.peerings.values()].filter(
    (peering) => isEnd(peering, vpcId) && isOpen(peering),
  );
}

/** @returns the active peering of the two VPCs, or else the last one that they had. */
export function peeringBetween(snapshot: Fabric, one: VpcId, other: VpcId): Peering | undefined {
  const joining = [...snapshot.peerings.values()].filter(
    (peering) => isEnd(peering, one) && isEnd(peering, other),
  );
  return joining.find(({ status }) => status.code === 'active') ?? joining.at(-1);
}

function isEnd({ requester, accepter }: Peering, vpcId: VpcId): boolean {
  return requester.vpcId === vpcId || accepter.vpcId === vpcId;
}
