/** The ends of peerings, which may lie in other accounts and regions. */
import type { PeeringId, VpcId } from '../../model/ids.ts';
import { openPeeringsOf } from '../../model/lookups/peerings.ts';
import type { PeeringSide } from '../../model/peerings.ts';
import type { Vpc } from '../../model/records.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { ActionContext } from '../action.ts';

/** @returns the VPC at an end of a peering, of whatever account and region; undefined when it is gone. */
export function vpcOfSide(
  { draftOf }: Pick<ActionContext, 'draftOf'>,
  { vpcId, ownerId, region }: PeeringSide,
): Vpc | undefined {
  return draftOf({ accountId: ownerId, region })?.snapshot.vpcs.get(vpcId);
}

/** A VPC at the other end of an active peering. */
export interface PeerVpc {
  readonly peeringId: PeeringId;
  readonly vpcId: VpcId;
  readonly ownerId: string;
  /** The region of its account. */
  readonly snapshot: Snapshot;
}

/** @returns the VPCs, of whatever account, that are peered with this one within the region. */
export function peersInRegion({ draft, draftOf }: ActionContext, vpcId: VpcId): PeerVpc[] {
  return openPeeringsOf(draft.snapshot, vpcId).flatMap(
    ({ peeringId, requester, accepter, status }) => {
      const { vpcId: peerId, ownerId, region } = requester.vpcId === vpcId ? accepter : requester;
      if (status.code !== 'active' || region !== draft.snapshot.region) return [];
      const snapshot = draftOf({ accountId: ownerId, region })?.snapshot;
      return snapshot === undefined ? [] : [{ peeringId, vpcId: peerId, ownerId, snapshot }];
    },
  );
}
