/** The ends of peerings, which may lie in other accounts and regions. */
import type { PeeringSide } from '../../model/peerings.ts';
import type { Vpc } from '../../model/records.ts';
import type { ActionContext } from '../action.ts';

/** @returns the VPC at an end of a peering, of whatever account and region; undefined when it is gone. */
export function vpcOfSide(
  { draftOf }: Pick<ActionContext, 'draftOf'>,
  { vpcId, ownerId, region }: PeeringSide,
): Vpc | undefined {
  return draftOf({ accountId: ownerId, region })?.snapshot.vpcs.get(vpcId);
}
