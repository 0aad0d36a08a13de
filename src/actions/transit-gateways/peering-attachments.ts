/**
 * The actions on peerings of transit gateways. Each side has an attachment of its own: two with ids
 * of their own inside a region, and as AWS does, of the same id in two regions or accounts. The
 * accepter answers by its own one.
 */
import { isLiveAttachment, liveAttachmentsOf } from '../../model/lookups/transit-gateways.ts';
import { isSameRealm } from '../../model/realm.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { Draft } from '../../model/store.ts';
import type { TransitionKind } from '../../model/timing.ts';
import type {
  PeeringAttachment,
  TransitGateway,
  TransitGatewayPeeringSide,
} from '../../model/transit-gateways.ts';
import { isInTransition } from '../../model/transitions.ts';
import type { ActionContext, ActionDefinition, ActionInput, ActionOutput } from '../action.ts';
import { type DescribeSpec, describe, PAGE_PARAMETERS } from '../describe.ts';
import { invalidValue, unknownId } from '../errors.ts';
import { optionalStructure, stringOf } from '../input.ts';
import { TAG_SPECIFICATIONS, tagsFor } from '../tag-set.ts';
import { begin } from '../transition.ts';
import {
  checkAttachmentQuota,
  endAttachment,
  makeAvailable,
  newAttachment,
} from './attachment-life.ts';
import {
  ATTACHMENT_FILTERS,
  attachmentHead,
  attachmentState,
  attachmentsOfKind,
  type ShownAttachmentState,
} from './attachment-shapes.ts';
import {
  findPeeringAttachment,
  findSettledTransitGateway,
  findTransitGateway,
} from './lookup-transit-gateways.ts';
import { optionalSwitch, switchText } from './switches.ts';
import {
  duplicatePeering,
  inInvalidState,
  sourceOfPeering,
  transitPeeringLimitExceeded,
} from './transit-gateway-errors.ts';

const STATUS_TEXTS: Readonly<Record<ShownAttachmentState, string>> = {
  initiatingRequest: 'Initiating Request',
  pendingAcceptance: 'Pending Acceptance',
  pending: 'Pending',
  available: 'Available',
  modifying: 'Modifying',
  rejecting: 'Rejecting',
  rejected: 'Rejected',
  deleting: 'Deleting',
  deleted: 'Deleted',
};

function sideShape(side: TransitGatewayPeeringSide): ActionOutput {
  return {
    TransitGatewayId: side.transitGatewayId,
    OwnerId: side.ownerId,
    Region: side.region,
  };
}

function peeringShape(attachment: PeeringAttachment, state: ShownAttachmentState): ActionOutput {
  const { attachmentId, peerAttachmentId, isRequester } = attachment;
  return {
    ...attachmentHead(attachment, state),
    AccepterTransitGatewayAttachmentId: isRequester ? peerAttachmentId : attachmentId,
    RequesterTgwInfo: sideShape(attachment.requester),
    AccepterTgwInfo: sideShape(attachment.accepter),
    Options: { DynamicRouting: switchText(attachment.dynamicRouting) },
    Status: { Code: state, Message: STATUS_TEXTS[state] },
  };
}

function sideOf(
  { transitGatewayId, ownerId }: TransitGateway,
  { region }: Snapshot,
): TransitGatewayPeeringSide {
  return { transitGatewayId, ownerId, region };
}

/** A transit gateway with the region that it is of. */
interface PeerGateway {
  readonly gateway: TransitGateway;
  readonly draft: Draft;
}

/** @throws InvalidTransitGatewayID.NotFound also when AWS has no such account or region. */
function readPeer(input: ActionInput, { draftOf }: ActionContext): PeerGateway {
  const id = stringOf(input, 'PeerTransitGatewayId');
  const accountId = stringOf(input, 'PeerAccountId');
  const draft = draftOf({ accountId, region: stringOf(input, 'PeerRegion') });
  if (draft === null) throw unknownId('tgw', id);
  return { gateway: findTransitGateway(draft.snapshot, id), draft };
}

/** @throws DuplicateTransitGatewayAttachment; a quota's refusal. */
function checkPeers(one: PeerGateway, other: PeerGateway): void {
  const { transitGatewayId } = other.gateway;
  if (one.gateway.transitGatewayId === transitGatewayId) {
    throw invalidValue('peerTransitGatewayId', transitGatewayId, 'It must be another one.');
  }
  for (const { gateway, draft } of [one, other]) {
    const { quotas } = draft.snapshot;
    checkAttachmentQuota(draft.snapshot, gateway);
    const peerings = liveAttachmentsOf(draft.snapshot, gateway.transitGatewayId).filter(
      (each): each is PeeringAttachment => each.kind === 'peering',
    );
    const pending = peerings.filter(({ state }) => state === 'pendingAcceptance');
    if (
      peerings.length >= quotas.peeringsPerTransitGateway ||
      pending.length >= quotas.pendingPeeringsPerTransitGateway
    ) {
      throw transitPeeringLimitExceeded();
    }
    const isSame = ({ requester, accepter }: PeeringAttachment) =>
      [requester.transitGatewayId, accepter.transitGatewayId].includes(transitGatewayId);
    if (gateway === one.gateway && peerings.some(isSame)) {
      throw duplicatePeering(gateway.transitGatewayId, transitGatewayId);
    }
  }
}

/** The tags are those of the requester's attachment. */
function createPeering(input: ActionInput, context: ActionContext): ActionOutput {
  const { draft } = context;
  const { snapshot } = draft;
  const tags = tagsFor(input, 'transit-gateway-attachment');
  const gateway = findSettledTransitGateway(snapshot, stringOf(input, 'TransitGatewayId'));
  const peer = readPeer(input, context);
  checkPeers({ gateway, draft }, peer);
  const options = optionalStructure(input, 'Options') ?? {};
  const both = {
    kind: 'peering',
    requester: sideOf(gateway, snapshot),
    accepter: sideOf(peer.gateway, peer.draft.snapshot),
    dynamicRouting: optionalSwitch(options, 'DynamicRouting') ?? false,
  } as const;
  const ofRequester = newAttachment(context, gateway);
  const own = newAttachment(context, peer.gateway);
  const isHere = isSameRealm(peer.draft.snapshot, snapshot);
  const ofAccepter = isHere ? own : { ...own, attachmentId: ofRequester.attachmentId };
  const requester: PeeringAttachment = {
    ...ofRequester,
    ...both,
    peerAttachmentId: ofAccepter.attachmentId,
    isRequester: true,
    tags,
  };
  const accepter: PeeringAttachment = {
    ...ofAccepter,
    ...both,
    peerAttachmentId: ofRequester.attachmentId,
    isRequester: false,
    tags: new Map(),
  };
  draft.put('transitGatewayAttachments', requester.attachmentId, requester);
  peer.draft.put('transitGatewayAttachments', accepter.attachmentId, accepter);
  const state = pass(context, requester, 'initiatingRequest', 'requestPeering');
  return { TransitGatewayPeeringAttachment: peeringShape(requester, state) };
}

/** An attachment with the region that it is in. */
interface PlacedAttachment {
  readonly attachment: PeeringAttachment;
  readonly draft: Draft;
}

/** @returns the attachment with that of the other side, which may be in another region or account. */
function bothSides(
  attachment: PeeringAttachment,
  { draft, draftOf }: ActionContext,
): PlacedAttachment[] {
  const { isRequester, requester, accepter, peerAttachmentId } = attachment;
  const { ownerId, region } = isRequester ? accepter : requester;
  const peerDraft = draftOf({ accountId: ownerId, region });
  if (peerDraft === null) return [{ attachment, draft }];
  const peer = findPeeringAttachment(peerDraft.snapshot, peerAttachmentId);
  return [
    { attachment, draft },
    { attachment: peer, draft: peerDraft },
  ];
}

/** Both sides tell of a state that passes. @returns it, for the answer. */
function pass<S extends ShownAttachmentState>(
  context: ActionContext,
  peering: PeeringAttachment,
  state: S,
  kind: TransitionKind,
): S {
  for (const { attachment, draft } of bothSides(peering, context)) {
    begin({ ...context, draft }, attachment.attachmentId, state, kind);
  }
  return state;
}

/** @throws IncorrectState while a state of it passes. */
function checkSettled({ attachmentId }: PeeringAttachment, snapshot: Snapshot): void {
  if (isInTransition(snapshot, attachmentId)) throw inInvalidState(attachmentId);
}

/**
 * Finds the accepter's attachment of a request.
 * @throws InvalidParameterValue for the requester's; IncorrectState unless it waits for an answer.
 */
function pendingPeering(
  input: ActionInput,
  snapshot: Snapshot,
  verb: 'accept' | 'reject',
): PeeringAttachment {
  const id = stringOf(input, 'TransitGatewayAttachmentId');
  const attachment = findPeeringAttachment(snapshot, id);
  if (attachment.isRequester) throw sourceOfPeering(verb, id);
  if (attachment.state !== 'pendingAcceptance') throw inInvalidState(id);
  checkSettled(attachment, snapshot);
  return attachment;
}

function acceptPeering(input: ActionInput, context: ActionContext): ActionOutput {
  const attachment = pendingPeering(input, context.draft.snapshot, 'accept');
  for (const side of bothSides(attachment, context)) makeAvailable(side.draft, side.attachment);
  const state = pass(context, attachment, 'pending', 'createTransitGatewayAttachment');
  return { TransitGatewayPeeringAttachment: peeringShape(attachment, state) };
}

function endPeering(
  context: ActionContext,
  attachment: PeeringAttachment,
  state: 'rejected' | 'deleted',
): void {
  for (const side of bothSides(attachment, context)) {
    endAttachment(side.draft, side.attachment, state);
  }
}

function rejectPeering(input: ActionInput, context: ActionContext): ActionOutput {
  const attachment = pendingPeering(input, context.draft.snapshot, 'reject');
  endPeering(context, attachment, 'rejected');
  return { TransitGatewayPeeringAttachment: peeringShape(attachment, 'rejecting') };
}

/** Either side ends both. */
function deletePeering(input: ActionInput, context: ActionContext): ActionOutput {
  const id = stringOf(input, 'TransitGatewayAttachmentId');
  const attachment = findPeeringAttachment(context.draft.snapshot, id);
  if (!isLiveAttachment(attachment)) throw inInvalidState(id);
  checkSettled(attachment, context.draft.snapshot);
  endPeering(context, attachment, 'deleted');
  const state = pass(context, attachment, 'deleting', 'deleteTransitGatewayAttachment');
  return { TransitGatewayPeeringAttachment: peeringShape(attachment, state) };
}

const DESCRIBE_PEERINGS: DescribeSpec<'tgw-attach', PeeringAttachment> = {
  member: 'TransitGatewayPeeringAttachments',
  idsParameter: 'TransitGatewayAttachmentIds',
  prefix: 'tgw-attach',
  rows: attachmentsOfKind('peering'),
  shape: (attachment, snapshot) => peeringShape(attachment, attachmentState(attachment, snapshot)),
  filters: {
    ...ATTACHMENT_FILTERS,
    'local-owner-id': ({ isRequester, requester, accepter }) => [
      isRequester ? requester.ownerId : accepter.ownerId,
    ],
    'remote-owner-id': ({ isRequester, requester, accepter }) => [
      isRequester ? accepter.ownerId : requester.ownerId,
    ],
  },
};

const ID_ONLY = {
  parameters: { TransitGatewayAttachmentId: 'string' },
  required: ['TransitGatewayAttachmentId'],
} as const;

export const PEERING_ATTACHMENT_ACTIONS: readonly ActionDefinition[] = [
  {
    name: 'CreateTransitGatewayPeeringAttachment',
    parameters: {
      TransitGatewayId: 'string',
      PeerTransitGatewayId: 'string',
      PeerAccountId: 'string',
      PeerRegion: 'string',
      Options: { DynamicRouting: 'string' },
      TagSpecifications: TAG_SPECIFICATIONS,
    },
    required: ['TransitGatewayId', 'PeerTransitGatewayId', 'PeerAccountId', 'PeerRegion'],
    perform: createPeering,
  },
  { name: 'AcceptTransitGatewayPeeringAttachment', ...ID_ONLY, perform: acceptPeering },
  { name: 'RejectTransitGatewayPeeringAttachment', ...ID_ONLY, perform: rejectPeering },
  { name: 'DeleteTransitGatewayPeeringAttachment', ...ID_ONLY, perform: deletePeering },
  {
    name: 'DescribeTransitGatewayPeeringAttachments',
    parameters: { ...PAGE_PARAMETERS, TransitGatewayAttachmentIds: ['string'] },
    required: [],
    perform: (input, { draft }) => describe(DESCRIBE_PEERINGS, input, draft.snapshot),
  },
];
