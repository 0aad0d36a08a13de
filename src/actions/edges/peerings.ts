/**
 * The actions on VPC peering connections. Stored states: pending-acceptance, active, rejected,
 * failed, deleted. `initiating-request`, `provisioning` and `deleting` are told in answers, and as
 * transitions. A request that nobody has answered for seven days is `expired` (PCX-3), which the clock tells.
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
import { isSameRealm, type Realm } from '../../model/realm.ts';
import type { Vpc } from '../../model/records.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { Draft } from '../../model/store.ts';
import type { TransitionKind } from '../../model/timing.ts';
import { stateOf } from '../../model/transitions.ts';
import type { ActionContext, ActionDefinition, ActionInput, ActionOutput } from '../action.ts';
import { type DescribeSpec, describe, PAGE_PARAMETERS } from '../describe.ts';
import { showForAWhile } from '../gone.ts';
import { optionalBoolean, optionalString, optionalStructure, stringOf } from '../input.ts';
import { findVpc } from '../lookup.ts';
import { TAG_SPECIFICATIONS, tagSet, tagsFor } from '../tag-set.ts';
import { begin } from '../transition.ts';
import {
  activePeeringLimitExceeded,
  peeringElsewhere,
  peeringExists,
  peeringNotActive,
  peeringNotYours,
  peeringOptionsNotYours,
  peeringTransition,
  pendingPeeringLimitExceeded,
} from './gateway-errors.ts';
import { findPeering } from './lookup-gateways.ts';
import { vpcOfSide } from './peering-sides.ts';

const LIFE_MS = 7 * 24 * 3600 * 1000;
const FAILED = 'Failed due to incorrect VPC-ID, Account ID, or overlapping CIDR range';

type PassingCode = 'initiating-request' | 'provisioning' | 'deleting';

/** A state as answers tell it. */
interface ShownStatus {
  readonly code: PeeringCode | PassingCode | 'expired';
  readonly message: string;
}

const PASSING: Readonly<Record<PassingCode, (peering: Peering) => string>> = {
  'initiating-request': ({ accepter }) => `Initiating Request to ${accepter.ownerId}`,
  provisioning: () => 'Provisioning',
  deleting: () => 'Deleting',
};

/** @returns the state at the time. @source PCX-3 */
function statusAt(peering: Peering, { draft, nowMs }: ActionContext): ShownStatus {
  if (isExpired(peering, nowMs)) return { code: 'expired', message: 'Expired' };
  const code = stateOf<ShownStatus['code']>(draft.snapshot, peering.peeringId, peering.status.code);
  const passing = Object.hasOwn(PASSING, code) ? PASSING[code as PassingCode] : undefined;
  return passing === undefined ? peering.status : { code, message: passing(peering) };
}

/** Both ends tell of a state that passes. @returns it, for the answer. */
function pass(
  context: ActionContext,
  peering: Peering,
  code: PassingCode,
  kind: TransitionKind,
): ShownStatus {
  for (const draft of draftsOf(context, peering)) {
    begin({ ...context, draft }, peering.peeringId, code, kind);
  }
  return { code, message: PASSING[code](peering) };
}

/** @returns the drafts of the ends that there are; one for both in the same region. */
function draftsOf({ draftOf }: ActionContext, { requester, accepter }: Peering): Set<Draft> {
  const drafts = [requester, accepter].map(({ ownerId, region }) =>
    draftOf({ accountId: ownerId, region }),
  );
  return new Set(drafts.filter((draft) => draft !== null));
}

function optionsShape({ allowDnsResolution }: PeeringSide): ActionOutput {
  return {
    AllowDnsResolutionFromRemoteVpc: allowDnsResolution,
    AllowEgressFromLocalClassicLinkToRemoteVpc: false,
    AllowEgressFromLocalVpcToRemoteClassicLink: false,
  };
}

/** The blocks are shown for as long as the VPC is there. */
function sideShape(side: PeeringSide, context: ActionContext): ActionOutput {
  const vpc = vpcOfSide(context, side);
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
  context: ActionContext,
  { code, message }: ShownStatus,
): ActionOutput {
  const isWaiting = code === 'pending-acceptance' || code === 'initiating-request';
  return {
    VpcPeeringConnectionId: peering.peeringId,
    RequesterVpcInfo: sideShape(peering.requester, context),
    AccepterVpcInfo: sideShape(peering.accepter, context),
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
  context: ActionContext,
  requester: Vpc,
  accepter: PeeringSide,
): Peering['status'] {
  const other = vpcOfSide(context, accepter);
  if (other === undefined || haveOverlap(requester, other)) {
    return { code: 'failed', message: FAILED };
  }
  return { code: 'pending-acceptance', message: `Pending Acceptance by ${accepter.ownerId}` };
}

const OVER: ReadonlySet<PeeringCode> = new Set(['rejected', 'failed', 'deleted']);

/** Both ends have the peering, each with tags of its own. */
function putPeering(context: ActionContext, peering: Peering): void {
  const { peeringId } = peering;
  for (const draft of draftsOf(context, peering)) {
    const isRequester = isSameSide(peering.requester, draft.snapshot);
    const firstTags = isRequester ? peering.tags : new Map<string, string>();
    const tags = draft.snapshot.peerings.get(peeringId)?.tags ?? firstTags;
    draft.put('peerings', peeringId, { ...peering, tags });
    if (OVER.has(peering.status.code)) {
      showForAWhile(draft, context.nowMs, 'peerings', peeringId);
    }
  }
}

function isSameSide({ ownerId, region }: PeeringSide, realm: Realm): boolean {
  return isSameRealm({ accountId: ownerId, region }, realm);
}

/** A request for a VPC that the other account or region does not have fails. @source PCX-2, PCX-3 */
function createPeering(input: ActionInput, context: ActionContext): ActionOutput {
  const { draft, newId, nowMs } = context;
  const { snapshot } = draft;
  const { accountId, region, quotas } = snapshot;
  const tags = tagsFor(input, 'vpc-peering-connection');
  const vpc = findVpc(snapshot, stringOf(input, 'VpcId'));
  const { vpcId } = vpc;
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
    status: firstStatus(context, vpc, accepter),
    expirationTimeMs: nowMs + LIFE_MS,
    tags,
  };
  putPeering(context, peering);
  const shown = pass(context, peering, 'initiating-request', 'requestPeering');
  return { VpcPeeringConnection: peeringShape(peering, context, shown) };
}

/** @throws InvalidStateTransition unless the peering waits for an answer. */
function answer(input: ActionInput, context: ActionContext, status: Peering['status']): Peering {
  const { snapshot } = context.draft;
  const peering = findPeering(snapshot, stringOf(input, 'VpcPeeringConnectionId'));
  const { code } = statusAt(peering, context);
  if (code !== 'pending-acceptance') throw peeringTransition(peering.peeringId, code, status.code);
  const answered: Peering = { ...peering, status };
  putPeering(context, answered);
  return answered;
}

function acceptPeering(input: ActionInput, context: ActionContext): ActionOutput {
  const { draft, draftOf } = context;
  const asked = findPeering(draft.snapshot, stringOf(input, 'VpcPeeringConnectionId'));
  checkIsAccepter(asked, draft.snapshot);
  for (const { vpcId, ownerId, region } of [asked.requester, asked.accepter]) {
    const side = draftOf({ accountId: ownerId, region })?.snapshot;
    const open = side === undefined ? [] : openPeeringsOf(side, vpcId);
    const active = open.filter(({ status }) => status.code === 'active');
    const limit = draft.snapshot.quotas.activePeeringsPerVpc;
    if (active.length >= limit) throw activePeeringLimitExceeded();
  }
  const peering = answer(input, context, { code: 'active', message: 'Active' });
  const shown = pass(context, peering, 'provisioning', 'acceptPeering');
  return { VpcPeeringConnection: peeringShape(peering, context, shown) };
}

/** @throws OperationNotPermitted in any account and region but that of the accepter. @source PCX-3 */
function checkIsAccepter({ peeringId, accepter }: Peering, { accountId, region }: Realm): void {
  if (accountId !== accepter.ownerId) throw peeringNotYours(accountId, peeringId);
  if (region !== accepter.region) throw peeringElsewhere(region, peeringId, accepter.region);
}

function rejectPeering(input: ActionInput, context: ActionContext): ActionOutput {
  const { snapshot } = context.draft;
  const { accountId } = snapshot;
  checkIsAccepter(findPeering(snapshot, stringOf(input, 'VpcPeeringConnectionId')), snapshot);
  answer(input, context, { code: 'rejected', message: `Rejected by ${accountId}` });
  return { Return: true };
}

function setDeleted(context: ActionContext, peering: Peering): void {
  const message = `Deleted by ${context.draft.snapshot.accountId}`;
  putPeering(context, { ...peering, status: { code: 'deleted', message } });
}

/** Routes to it stay, as blackholes (PCX-3). @throws InvalidStateTransition when it is over. */
function deletePeering(input: ActionInput, context: ActionContext): ActionOutput {
  const { snapshot } = context.draft;
  const peering = findPeering(snapshot, stringOf(input, 'VpcPeeringConnectionId'));
  const { code } = statusAt(peering, context);
  if (code !== 'active' && code !== 'pending-acceptance') {
    throw peeringTransition(peering.peeringId, code, 'deleted');
  }
  setDeleted(context, peering);
  pass(context, peering, 'deleting', 'deletePeering');
  return { Return: true };
}

/** Ends the peerings of a VPC that goes. */
export function deletePeeringsOf(context: ActionContext, vpcId: VpcId): void {
  const { snapshot } = context.draft;
  for (const peering of openPeeringsOf(snapshot, vpcId)) setDeleted(context, peering);
}

function withOptions(side: PeeringSide, options: ActionInput | undefined): PeeringSide {
  const allowed = options && optionalBoolean(options, 'AllowDnsResolutionFromRemoteVpc');
  return { ...side, allowDnsResolution: allowed ?? side.allowDnsResolution };
}

/** Each end has a word on itself only. */
function modifyOptions(input: ActionInput, context: ActionContext): ActionOutput {
  const { snapshot } = context.draft;
  const peering = findPeering(snapshot, stringOf(input, 'VpcPeeringConnectionId'));
  if (peering.status.code !== 'active') throw peeringNotActive(peering.peeringId);
  const ofAccepter = optionalStructure(input, 'AccepterPeeringConnectionOptions');
  const ofRequester = optionalStructure(input, 'RequesterPeeringConnectionOptions');
  const accepter = withOptions(peering.accepter, ofAccepter);
  const requester = withOptions(peering.requester, ofRequester);
  const isOthers =
    (ofAccepter !== undefined && !isSameSide(accepter, snapshot)) ||
    (ofRequester !== undefined && !isSameSide(requester, snapshot));
  if (isOthers) throw peeringOptionsNotYours(snapshot.accountId);
  putPeering(context, { ...peering, accepter, requester });
  return {
    AccepterPeeringConnectionOptions: ofAccepter && optionsShape(accepter),
    RequesterPeeringConnectionOptions: ofRequester && optionsShape(requester),
  };
}

function peeringsIn(context: ActionContext): DescribeSpec<'pcx', Peering> {
  const blocks = (side: PeeringSide): string[] =>
    vpcOfSide(context, side)?.cidrs.map(({ cidr }) => formatCidr(cidr)) ?? [];
  return {
    member: 'VpcPeeringConnections',
    idsParameter: 'VpcPeeringConnectionIds',
    prefix: 'pcx',
    rows: (snapshot) => snapshot.peerings,
    shape: (peering) => peeringShape(peering, context, statusAt(peering, context)),
    filters: {
      'accepter-vpc-info.cidr-block': ({ accepter }) => blocks(accepter),
      'accepter-vpc-info.owner-id': ({ accepter }) => [accepter.ownerId],
      'accepter-vpc-info.vpc-id': ({ accepter }) => [accepter.vpcId],
      'expiration-time': ({ expirationTimeMs }) => [new Date(expirationTimeMs).toISOString()],
      'requester-vpc-info.cidr-block': ({ requester }) => blocks(requester),
      'requester-vpc-info.owner-id': ({ requester }) => [requester.ownerId],
      'requester-vpc-info.vpc-id': ({ requester }) => [requester.vpcId],
      'status-code': (peering) => [statusAt(peering, context).code],
      'status-message': (peering) => [statusAt(peering, context).message],
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
    perform: (input, context) => describe(peeringsIn(context), input, context.draft.snapshot),
  },
];
