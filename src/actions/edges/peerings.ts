/**
 * The actions on VPC peering connections. Stored states: pending-acceptance, active, rejected,
 * failed, deleted. `initiating-request` and `provisioning` are only seen in answers. A request that
 * nobody has answered for seven days is `expired` (PCX-3), which the clock tells.
 */

import { formatCidr } from '../../addr/cidr.ts';
import type { VpcId } from '../../model/ids.ts';
import { openPeeringsOf } from '../../model/lookups/peerings.ts';
import {
  haveOverlap,
  isExpired,
  type Peering,
  type PeeringCode,
  type PeeringSide,
} from '../../model/peerings.ts';
import type { Snapshot } from '../../model/snapshot.ts';

import type { Draft } from '../../model/store.ts';
import type { ActionContext, ActionDefinition, ActionInput, ActionOutput } from '../action.ts';
import { type DescribeSpec, describe, PAGE_PARAMETERS } from '../describe.ts';
import { optionalBoolean, optionalString, optionalStructure, stringOf } from '../input.ts';
import { findVpc } from '../lookup.ts';
import { TAG_SPECIFICATIONS, tagSet, tagsFor } from '../tag-set.ts';
import {
  activePeeringLimitExceeded,
  peeringExists,
  peeringNotActive,
  peeringTransition,
  pendingPeeringLimitExceeded,
} from './gateway-errors.ts';
import { findPeering } from './lookup-gateways.ts';

const LIFE_MS = 7 * 24 * 3600 * 1000;
const FAILED = 'Failed due to incorrect VPC-ID, Account ID, or overlapping CIDR range';

/** A state as answers tell it. */
interface ShownStatus {
  readonly code: PeeringCode | 'initiating-request' | 'provisioning' | 'expired';
  readonly message: string;
}

/** @returns the state at the time. @source PCX-3 */
function statusAt(peering: Peering, nowMs: number): ShownStatus {
  return isExpired(peering, nowMs) ? { code: 'expired', message: 'Expired' } : peering.status;
}

function optionsShape({ allowDnsResolution }: PeeringSide): ActionOutput {
  return {
    AllowDnsResolutionFromRemoteVpc: allowDnsResolution,
    AllowEgressFromLocalClassicLinkToRemoteVpc: false,
    AllowEgressFromLocalVpcToRemoteClassicLink: false,
  };
}

/** The blocks are shown for as long as the VPC is there. */
function sideShape(side: PeeringSide, snapshot: Snapshot): ActionOutput {
  const vpc = snapshot.vpcs.get(side.vpcId);
  const blocks = vpc?.cidrs.map(({ cidr }) => formatCidr(cidr)) ?? [];
  const ipv6 = vpc?.ipv6Cidrs.map(({ cidr }) => ({ Ipv6CidrBlock: formatCidr(cidr) })) ?? [];
  return {
    VpcId: side.vpcId,
    OwnerId: side.ownerId,
    Region: side.region,
    CidrBlock: blocks[0],
    CidrBlockSet: blocks.map((CidrBlock) => ({ CidrBlock })),
    Ipv6CidrBlockSet: ipv6.length === 0 ? undefined : ipv6,
    PeeringOptions: optionsShape(side),
  };
}

function peeringShape(
  peering: Peering,
  snapshot: Snapshot,
  { code, message }: ShownStatus,
): ActionOutput {
  const isWaiting = code === 'pending-acceptance' || code === 'initiating-request';
  return {
    VpcPeeringConnectionId: peering.peeringId,
    RequesterVpcInfo: sideShape(peering.requester, snapshot),
    AccepterVpcInfo: sideShape(peering.accepter, snapshot),
    Status: { Code: code, Message: message },
    ExpirationTime: isWaiting ? new Date(peering.expirationTimeMs).toISOString() : undefined,
    Tags: tagSet(peering.tags),
  };
}

/** @returns the peerings of the VPC that are still open at the time. */
function openAt(snapshot: Snapshot, vpcId: VpcId, nowMs: number): Peering[] {
  return openPeeringsOf(snapshot, vpcId).filter((peering) => !isExpired(peering, nowMs));
}

function firstStatus(
  snapshot: Snapshot,
  requester: PeeringSide,
  accepter: PeeringSide,
): Peering['status'] {
  const one = findVpc(snapshot, requester.vpcId);
  const other = snapshot.vpcs.get(accepter.vpcId);
  const isHere = accepter.ownerId === requester.ownerId && accepter.region === requester.region;
  if (!isHere || other === undefined || haveOverlap(one, other)) {
    return { code: 'failed', message: FAILED };
  }
  return { code: 'pending-acceptance', message: `Pending Acceptance by ${accepter.ownerId}` };
}

/** A peer of another account or region is of no lab: the request fails. @source PCX-2, PCX-3 */
function createPeering(input: ActionInput, { draft, newId, nowMs }: ActionContext): ActionOutput {
  const { snapshot } = draft;
  const { accountId, region, quotas } = snapshot;
  const tags = tagsFor(input, 'vpc-peering-connection');
  const { vpcId } = findVpc(snapshot, stringOf(input, 'VpcId'));
  const ownerId = optionalString(input, 'PeerOwnerId') ?? accountId;
  const peerRegion = optionalString(input, 'PeerRegion') ?? region;
  const peerText = stringOf(input, 'PeerVpcId');
  const isHere = ownerId === accountId && peerRegion === region;
  const peerId = isHere ? findVpc(snapshot, peerText).vpcId : (peerText as VpcId);
  const open = openAt(snapshot, vpcId, nowMs);
  const hasPeer = ({ requester, accepter }: Peering): boolean =>
    peerId !== vpcId && [requester.vpcId, accepter.vpcId].includes(peerId);
  if (open.some(hasPeer)) throw peeringExists();
  const pending = open.filter(
    ({ status, requester }) => status.code !== 'active' && requester.vpcId === vpcId,
  );
  if (pending.length >= quotas.pendingPeeringsPerVpc) throw pendingPeeringLimitExceeded();
  const requester: PeeringSide = { vpcId, ownerId: accountId, region, allowDnsResolution: false };
  const accepter: PeeringSide = { ...requester, vpcId: peerId, ownerId, region: peerRegion };
  const peering: Peering = {
    peeringId: newId('pcx'),
    requester,
    accepter,
    status: firstStatus(snapshot, requester, accepter),
    expirationTimeMs: nowMs + LIFE_MS,
    tags,
  };
  draft.put('peerings', peering.peeringId, peering);
  const shown = {
    code: 'initiating-request',
    message: `Initiating Request to ${ownerId}`,
  } as const;
  return { VpcPeeringConnection: peeringShape(peering, snapshot, shown) };
}

/** @throws InvalidStateTransition unless the peering waits for an answer. */
function answer(
  input: ActionInput,
  { draft, nowMs }: ActionContext,
  status: Peering['status'],
): Peering {
  const peering = findPeering(draft.snapshot, stringOf(input, 'VpcPeeringConnectionId'));
  const { code } = statusAt(peering, nowMs);
  if (code !== 'pending-acceptance') throw peeringTransition(peering.peeringId, code, status.code);
  const answered: Peering = { ...peering, status };
  draft.put('peerings', peering.peeringId, answered);
  return answered;
}

function acceptPeering(input: ActionInput, context: ActionContext): ActionOutput {
  const { snapshot } = context.draft;
  const peering = answer(input, context, { code: 'active', message: 'Active' });
  for (const { vpcId } of [peering.requester, peering.accepter]) {
    const active = openPeeringsOf(snapshot, vpcId).filter(({ status }) => status.code === 'active');
    if (active.length >= snapshot.quotas.activePeeringsPerVpc) throw activePeeringLimitExceeded();
  }
  const shown = { code: 'provisioning', message: 'Provisioning' } as const;
  return { VpcPeeringConnection: peeringShape(peering, snapshot, shown) };
}

function rejectPeering(input: ActionInput, context: ActionContext): ActionOutput {
  const { accountId } = context.draft.snapshot;
  answer(input, context, { code: 'rejected', message: `Rejected by ${accountId}` });
  return { Return: true };
}

function setDeleted(draft: Draft, peering: Peering): void {
  const message = `Deleted by ${draft.snapshot.accountId}`;
  draft.put('peerings', peering.peeringId, { ...peering, status: { code: 'deleted', message } });
}

/** Routes to it stay, as blackholes (PCX-3). @throws InvalidStateTransition when it is over. */
function deletePeering(input: ActionInput, { draft, nowMs }: ActionContext): ActionOutput {
  const peering = findPeering(draft.snapshot, stringOf(input, 'VpcPeeringConnectionId'));
  const { code } = statusAt(peering, nowMs);
  if (code !== 'active' && code !== 'pending-acceptance') {
    throw peeringTransition(peering.peeringId, code, 'deleted');
  }
  setDeleted(draft, peering);
  return { Return: true };
}

/** Ends the peerings of a VPC that goes. */
export function deletePeeringsOf(draft: Draft, vpcId: VpcId): void {
  for (const peering of openPeeringsOf(draft.snapshot, vpcId)) setDeleted(draft, peering);
}

function withOptions(side: PeeringSide, options: ActionInput | undefined): PeeringSide {
  const allowed = options && optionalBoolean(options, 'AllowDnsResolutionFromRemoteVpc');
  return { ...side, allowDnsResolution: allowed ?? side.allowDnsResolution };
}

function modifyOptions(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const peering = findPeering(draft.snapshot, stringOf(input, 'VpcPeeringConnectionId'));
  if (peering.status.code !== 'active') throw peeringNotActive(peering.peeringId);
  const ofAccepter = optionalStructure(input, 'AccepterPeeringConnectionOptions');
  const ofRequester = optionalStructure(input, 'RequesterPeeringConnectionOptions');
  const accepter = withOptions(peering.accepter, ofAccepter);
  const requester = withOptions(peering.requester, ofRequester);
  draft.put('peerings', peering.peeringId, { ...peering, accepter, requester });
  return {
    AccepterPeeringConnectionOptions: ofAccepter && optionsShape(accepter),
    RequesterPeeringConnectionOptions: ofRequester && optionsShape(requester),
  };
}

function peeringsAt(nowMs: number): DescribeSpec<'pcx', Peering> {
  const blocks = ({ vpcId }: PeeringSide, { vpcs }: Snapshot): string[] =>
    vpcs.get(vpcId)?.cidrs.map(({ cidr }) => formatCidr(cidr)) ?? [];
  return {
    member: 'VpcPeeringConnections',
    idsParameter: 'VpcPeeringConnectionIds',
    prefix: 'pcx',
    rows: (snapshot) => snapshot.peerings,
    shape: (peering, snapshot) => peeringShape(peering, snapshot, statusAt(peering, nowMs)),
    filters: {
      'accepter-vpc-info.cidr-block': ({ accepter }, snapshot) => blocks(accepter, snapshot),
      'accepter-vpc-info.owner-id': ({ accepter }) => [accepter.ownerId],
      'accepter-vpc-info.vpc-id': ({ accepter }) => [accepter.vpcId],
      'expiration-time': ({ expirationTimeMs }) => [new Date(expirationTimeMs).toISOString()],
      'requester-vpc-info.cidr-block': ({ requester }, snapshot) => blocks(requester, snapshot),
      'requester-vpc-info.owner-id': ({ requester }) => [requester.ownerId],
      'requester-vpc-info.vpc-id': ({ requester }) => [requester.vpcId],
      'status-code': (peering) => [statusAt(peering, nowMs).code],
      'status-message': (peering) => [statusAt(peering, nowMs).message],
      'vpc-peering-connection-id': (peering) => [peering.peeringId],
    },
  };
}

const OPTIONS = {
  AllowDnsResolutionFromRemoteVpc: 'boolean',
  AllowEgressFromLocalClassicLinkToRemoteVpc: 'boolean',
  AllowEgressFromLocalVpcToRemoteClassicLink: 'boolean',
} as const;

const ID_ONLY = {
  parameters: { VpcPeeringConnectionId: 'string' },
  required: ['VpcPeeringConnectionId'],
} as const;

export const PEERING_ACTIONS: readonly ActionDefinition[] = [
  {
    name: 'CreateVpcPeeringConnection',
    parameters: {
      VpcId: 'string',
      PeerVpcId: 'string',
      PeerOwnerId: 'string',
      PeerRegion: 'string',
      TagSpecifications: TAG_SPECIFICATIONS,
    },
    required: ['VpcId', 'PeerVpcId'],
    perform: createPeering,
  },
  { name: 'AcceptVpcPeeringConnection', ...ID_ONLY, perform: acceptPeering },
  { name: 'RejectVpcPeeringConnection', ...ID_ONLY, perform: rejectPeering },
  { name: 'DeleteVpcPeeringConnection', ...ID_ONLY, perform: deletePeering },
  {
    name: 'ModifyVpcPeeringConnectionOptions',
    parameters: {
      VpcPeeringConnectionId: 'string',
      AccepterPeeringConnectionOptions: OPTIONS,
      RequesterPeeringConnectionOptions: OPTIONS,
    },
    required: ['VpcPeeringConnectionId'],
    perform: modifyOptions,
  },
  {
    name: 'DescribeVpcPeeringConnections',
    parameters: { ...PAGE_PARAMETERS, VpcPeeringConnectionIds: ['string'] },
    required: [],
    perform: (input, { draft, nowMs }) => describe(peeringsAt(nowMs), input, draft.snapshot),
  },
];
