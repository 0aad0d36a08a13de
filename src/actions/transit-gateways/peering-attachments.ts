/**
 * The actions on peerings of transit gateways. Each side has an attachment of its own, as AWS has
 * it inside a region; the accepter answers by its own one. Both sides are of the lab's account and
 * region.
 */

import { isLiveAttachment, liveAttachmentsOf } from '../../model/lookups/transit-gateways.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { Draft } from '../../model/store.ts';
import type {
  PeeringAttachment,
  TransitGateway,
  TransitGatewayPeeringSide,
} from '../../model/transit-gateways.ts';
import type { ActionContext, ActionDefinition, ActionInput, ActionOutput } from '../action.ts';
import { type DescribeSpec, describe, PAGE_PARAMETERS } from '../describe.ts';
import { onlyValue } from '../edges/gateway-errors.ts';
import { invalidValue } from '../errors.ts';
import { optionalStructure, stringOf } from '../input.ts';
import { TAG_SPECIFICATIONS, tagsFor } from '../tag-set.ts';
import {
  checkAttachmentQuota,
  endAttachment,
  makeAvailable,
  newAttachment,
} from './attachment-life.ts';
import {
  ATTACHMENT_FILTERS,
  attachmentHead,
  type ShownAttachmentState,
} from './attachment-shapes.ts';
import { findPeeringAttachment, findTransitGateway } from './lookup-transit-gateways.ts';
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

/** @throws InvalidParameterValue for a peer of another account or region: the lab has none. */
function readPeer(input: ActionInput, snapshot: Snapshot): TransitGateway {
  const account = stringOf(input, 'PeerAccountId');
  const region = stringOf(input, 'PeerRegion');
  if (account !== snapshot.accountId) {
    throw onlyValue('peerAccountId', account, `the account of the lab, ${snapshot.accountId}`);
  }
  if (region !== snapshot.region) {
    throw onlyValue('peerRegion', region, `the region of the lab, ${snapshot.region}`);
  }
  return findTransitGateway(snapshot, stringOf(input, 'PeerTransitGatewayId'));
}

/** @throws DuplicateTransitGatewayAttachment; a quota's refusal. */
function checkPeers(snapshot: Snapshot, one: TransitGateway, other: TransitGateway): void {
  const { quotas } = snapshot;
  const { transitGatewayId } = other;
  if (one.transitGatewayId === transitGatewayId) {
    throw invalidValue('peerTransitGatewayId', transitGatewayId, 'It must be another one.');
  }
  for (const gateway of [one, other]) {
    checkAttachmentQuota(snapshot, gateway);
    const peerings = liveAttachmentsOf(snapshot, gateway.transitGatewayId).filter(
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
    if (gateway === one && peerings.some(isSame)) {
      throw duplicatePeering(one.transitGatewayId, transitGatewayId);
    }
  }
}

/** The tags are those of the requester's attachment. */
function createPeering(input: ActionInput, context: ActionContext): ActionOutput {
  const { draft } = context;
  const { snapshot } = draft;
  const tags = tagsFor(input, 'transit-gateway-attachment');
  const gateway = findTransitGateway(snapshot, stringOf(input, 'TransitGatewayId'));
  const peer = readPeer(input, snapshot);
  checkPeers(snapshot, gateway, peer);
  const options = optionalStructure(input, 'Options') ?? {};
  const both = {
    kind: 'peering',
    requester: sideOf(gateway, snapshot),
    accepter: sideOf(peer, snapshot),
    dynamicRouting: optionalSwitch(options, 'DynamicRouting') ?? false,
  } as const;
  const ofRequester = newAttachment(context, gateway);
  const ofAccepter = newAttachment(context, peer);
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
  draft.put('transitGatewayAttachments', accepter.attachmentId, accepter);
  return { TransitGatewayPeeringAttachment: peeringShape(requester, 'initiatingRequest') };
}

/** @returns the attachment with that of the other side. */
function bothSides(attachment: PeeringAttachment, snapshot: Snapshot): PeeringAttachment[] {
  return [attachment, findPeeringAttachment(snapshot, attachment.peerAttachmentId)];
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
  return attachment;
}

function acceptPeering(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const attachment = pendingPeering(input, draft.snapshot, 'accept');
  for (const side of bothSides(attachment, draft.snapshot)) makeAvailable(draft, side);
  return { TransitGatewayPeeringAttachment: peeringShape(attachment, 'pending') };
}

function endPeering(
  draft: Draft,
  attachment: PeeringAttachment,
  state: 'rejected' | 'deleted',
): void {
  for (const side of bothSides(attachment, draft.snapshot)) endAttachment(draft, side, state);
}

function rejectPeering(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const attachment = pendingPeering(input, draft.snapshot, 'reject');
  endPeering(draft, attachment, 'rejected');
  return { TransitGatewayPeeringAttachment: peeringShape(attachment, 'rejecting') };
}

/** Either side ends both. */
function deletePeering(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const id = stringOf(input, 'TransitGatewayAttachmentId');
  const attachment = findPeeringAttachment(draft.snapshot, id);
  if (!isLiveAttachment(attachment)) throw inInvalidState(id);
  endPeering(draft, attachment, 'deleted');
  return { TransitGatewayPeeringAttachment: peeringShape(attachment, 'deleting') };
}

const DESCRIBE_PEERINGS: DescribeSpec<'tgw-attach', PeeringAttachment> = {
  member: 'TransitGatewayPeeringAttachments',
  idsParameter: 'TransitGatewayAttachmentIds',
  prefix: 'tgw-attach',
  rows: ({ transitGatewayAttachments }) =>
    new Map(
      [...transitGatewayAttachments].flatMap(([id, each]) =>
        each.kind === 'peering' ? [[id, each] as const] : [],
      ),
    ),
  shape: (attachment) => peeringShape(attachment, attachment.state),
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
