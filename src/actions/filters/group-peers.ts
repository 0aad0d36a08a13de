/** Groups that rules name: of the same VPC, or of one that is peered in the same region (SG-3, PCX-4). */
import type { GroupPeer, PeeredGroup, RulePeer, SecurityGroup } from '../../model/filters.ts';
import { peeringBetween } from '../../model/lookups/peerings.ts';
import type { ActionContext, ActionInput, ActionOutput } from '../action.ts';
import { findPeering } from '../edges/lookup-gateways.ts';
import { peersInRegion } from '../edges/peering-sides.ts';
import { noDefaultVpc, unknownId } from '../errors.ts';
import { optionalString } from '../input.ts';
import { hasPrefix } from '../lookup.ts';
import { groupOutsideVpc } from './filter-errors.ts';

/**
 * Finds the group that a new rule of another group is to name.
 * @throws InvalidGroup.NotFound when there is none in the region, or no active peering leads to its VPC.
 */
export function groupPeer(id: string, group: SecurityGroup, context: ActionContext): GroupPeer {
  if (!hasPrefix(id, 'sg')) throw unknownId('sg', id);
  const own = context.draft.snapshot.securityGroups.get(id);
  if (own?.vpcId === group.vpcId) return { kind: 'group', groupId: id };
  for (const { snapshot, ...peer } of peersInRegion(context, group.vpcId)) {
    if (snapshot.securityGroups.get(id)?.vpcId !== peer.vpcId) continue;
    return { kind: 'peered-group', groupId: id, ...peer };
  }
  throw own === undefined ? unknownId('sg', id) : groupOutsideVpc();
}

/** Reads a pair of a new rule. @throws as `groupPeer`; InvalidVpcPeeringConnectionID.NotFound. */
export function newPairPeer(
  pair: ActionInput,
  group: SecurityGroup,
  context: ActionContext,
): RulePeer {
  const { snapshot } = context.draft;
  const peeringId = optionalString(pair, 'VpcPeeringConnectionId');
  if (peeringId !== undefined) findPeering(snapshot, peeringId);
  const peer = groupPeer(groupIdOf(pair), group, context);
  const there =
    peer.kind === 'peered-group'
      ? peer
      : { ownerId: snapshot.accountId, vpcId: group.vpcId, peeringId: undefined };
  const { ownerId, vpcId } = there;
  if ((optionalString(pair, 'UserId') ?? ownerId) !== ownerId) throw unknownId('sg', peer.groupId);
  if ((optionalString(pair, 'VpcId') ?? vpcId) !== vpcId) throw groupOutsideVpc();
  if ((peeringId ?? there.peeringId) !== there.peeringId) throw groupOutsideVpc();
  return peer;
}

/** Reads a pair of a rule that there should be; it may be stale. @throws as `newPairPeer`. */
export function pairPeerOfRule(
  pair: ActionInput,
  group: SecurityGroup,
  context: ActionContext,
): RulePeer {
  const id = groupIdOf(pair);
  const peers = group.rules.map(({ peer }) => peer);
  return (
    peers.find((peer) => peer.kind === 'peered-group' && peer.groupId === id) ??
    newPairPeer(pair, group, context)
  );
}

/** @throws VPCIdNotSpecified: a group can be named in a default VPC only. */
function groupIdOf(pair: ActionInput): string {
  const id = optionalString(pair, 'GroupId');
  if (id === undefined) throw noDefaultVpc();
  return id;
}

/** @returns the group that a rule names; undefined when it is gone. */
export function groupOfPeer(
  peer: GroupPeer,
  { draft, draftOf }: ActionContext,
): SecurityGroup | undefined {
  const { accountId, region } = draft.snapshot;
  const owner = peer.kind === 'peered-group' ? peer.ownerId : accountId;
  return draftOf({ accountId: owner, region })?.snapshot.securityGroups.get(peer.groupId);
}

/** @returns the account of a group that a rule names; undefined when it is gone, as AWS has it. */
export function ownerOfPeer(peer: GroupPeer, context: ActionContext): string | undefined {
  if (peer.kind === 'group') return context.draft.snapshot.accountId;
  return groupOfPeer(peer, context) === undefined ? undefined : peer.ownerId;
}

/** @returns the peering that leads to the group; one that is forgotten was deleted. */
function peeringTo(
  { vpcId, peeringId }: PeeredGroup,
  group: SecurityGroup,
  { draft }: ActionContext,
): { readonly peeringId: string; readonly code: string } {
  const peering = peeringBetween(draft.snapshot, group.vpcId, vpcId);
  return peering === undefined
    ? { peeringId, code: 'deleted' }
    : { peeringId: peering.peeringId, code: peering.status.code };
}

/** Tells whether a rule names what is gone. A new peering of the VPCs makes it good again. */
export function isStale(peer: RulePeer, group: SecurityGroup, context: ActionContext): boolean {
  return (
    peer.kind === 'peered-group' &&
    (groupOfPeer(peer, context) === undefined || peeringTo(peer, group, context).code !== 'active')
  );
}

/** AWS's `ReferencedSecurityGroup`, and most of its `UserIdGroupPair`. */
export function referencedGroupShape(
  peer: GroupPeer,
  group: SecurityGroup,
  context: ActionContext,
): ActionOutput {
  const here = { GroupId: peer.groupId, UserId: ownerOfPeer(peer, context) };
  if (peer.kind === 'group') return here;
  const { peeringId, code } = peeringTo(peer, group, context);
  return {
    ...here,
    VpcId: peer.vpcId,
    VpcPeeringConnectionId: peeringId,
    PeeringStatus: code,
  };
}
