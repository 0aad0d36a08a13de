/** Which VPCs a VPC sees the names of. */
import type { Peering, PeeringSide } from '../../model/peerings.ts';
import type { Vpc } from '../../model/records.ts';
import type { Fabric } from '../../model/snapshot.ts';

export interface VisibleVpc {
  readonly vpc: Vpc;
  /** Its public names stand for private addresses (DNS-4), not for public ones. */
  readonly isInside: boolean;
}

/** @returns true when names of the VPC are resolved, in it and elsewhere. @source DNS-5 */
export function hasNames({ enableDnsSupport, enableDnsHostnames }: Vpc): boolean {
  return enableDnsSupport && enableDnsHostnames;
}

/**
 * Gives the VPC and those that it has an active peering with; private names and reverse names of
 * these it sees at once, their public names as private addresses if the other side lets it.
 * @returns none for a VPC without names.
 */
export function visibleVpcs(fabric: Fabric, vpc: Vpc): VisibleVpc[] {
  if (!hasNames(vpc)) return [];
  const peers = [...fabric.peerings.values()]
    .filter(({ status }) => status.code === 'active')
    .flatMap((peering) => otherSide(peering, vpc))
    .flatMap(({ vpcId, allowDnsResolution }): VisibleVpc[] => {
      const peer = fabric.vpcs.get(vpcId);
      return peer !== undefined && hasNames(peer)
        ? [{ vpc: peer, isInside: allowDnsResolution }]
        : [];
    });
  return [{ vpc, isInside: true }, ...peers];
}

function otherSide({ requester, accepter }: Peering, { vpcId }: Vpc): PeeringSide[] {
  if (requester.vpcId === vpcId) return [accepter];
  return accepter.vpcId === vpcId ? [requester] : [];
}
