/** Attachments of transit gateways in AWS's shape, whatever they attach. */
import type { TransitGatewayAttachmentId } from '../../model/ids.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type {
  TransitGatewayAttachment,
  TransitGatewayAttachmentState,
} from '../../model/transit-gateways.ts';
import { stateOf } from '../../model/transitions.ts';
import type { ActionOutput } from '../action.ts';
import type { Filters } from '../describe.ts';
import { tagSet } from '../tag-set.ts';

/** A state as answers tell it: without `timing: aws` some are over before the next request. */
export type ShownAttachmentState =
  | TransitGatewayAttachmentState
  | 'initiatingRequest'
  | 'pending'
  | 'modifying'
  | 'rejecting'
  | 'deleting';

/** @returns the state that is told of the attachment. */
export function attachmentState(
  { attachmentId, state }: TransitGatewayAttachment,
  snapshot: Snapshot,
): ShownAttachmentState {
  return stateOf<ShownAttachmentState>(snapshot, attachmentId, state);
}

/** What is attached. */
interface AttachedResource {
  readonly id: string;
  readonly ownerId: string;
}

export function attachedResource(
  attachment: TransitGatewayAttachment,
  { accountId }: Snapshot,
): AttachedResource {
  switch (attachment.kind) {
    case 'vpc':
      return { id: attachment.vpcId, ownerId: attachment.vpcOwnerId };
    case 'vpn':
      return { id: attachment.vpnConnectionId, ownerId: accountId };
    case 'peering': {
      const peer = attachment.isRequester ? attachment.accepter : attachment.requester;
      return { id: peer.transitGatewayId, ownerId: peer.ownerId };
    }
    case 'connect':
      return { id: attachment.transportAttachmentId, ownerId: accountId };
    default:
      return attachment satisfies never;
  }
}

/** The members by which tables, routes and lists name an attachment. */
export function attachmentReference(
  attachment: TransitGatewayAttachment,
  snapshot: Snapshot,
): ActionOutput {
  return {
    TransitGatewayAttachmentId: attachment.attachmentId,
    ResourceId: attachedResource(attachment, snapshot).id,
    ResourceType: attachment.kind,
  };
}

/** What the shapes of all kinds begin with. */
export function attachmentHead(
  attachment: TransitGatewayAttachment,
  state: ShownAttachmentState,
): ActionOutput {
  return {
    TransitGatewayAttachmentId: attachment.attachmentId,
    State: state,
    CreationTime: new Date(attachment.creationTimeMs).toISOString(),
    Tags: tagSet(attachment.tags),
  };
}

type AttachmentOf<K extends TransitGatewayAttachment['kind']> = Extract<
  TransitGatewayAttachment,
  { readonly kind: K }
>;

/** @returns what gives the attachments of a kind, by id. */
export function attachmentsOfKind<K extends TransitGatewayAttachment['kind']>(
  kind: K,
): (snapshot: Snapshot) => ReadonlyMap<TransitGatewayAttachmentId, AttachmentOf<K>> {
  const isOfKind = (
    row: [TransitGatewayAttachmentId, TransitGatewayAttachment],
  ): row is [TransitGatewayAttachmentId, AttachmentOf<K>] => row[1].kind === kind;
  return ({ transitGatewayAttachments }) =>
    new Map([...transitGatewayAttachments].filter(isOfKind));
}

/** The filters that the lists of all kinds have. */
export const ATTACHMENT_FILTERS: Filters<TransitGatewayAttachment> = {
  state: (attachment, snapshot) => [attachmentState(attachment, snapshot)],
  'transit-gateway-attachment-id': (attachment) => [attachment.attachmentId],
  'transit-gateway-id': (attachment) => [attachment.transitGatewayId],
};

/** The filters of lists in which each row has one attachment. */
export const REFERENCE_FILTERS: Filters<TransitGatewayAttachment> = {
  'resource-id': (attachment, snapshot) => [attachedResource(attachment, snapshot).id],
  'resource-type': (attachment) => [attachment.kind],
  'transit-gateway-attachment-id': (attachment) => [attachment.attachmentId],
};
