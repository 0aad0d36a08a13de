/** The actions on Connect attachments: GRE to an appliance, carried by the attachment of its VPC. */
import { connectPeersOf, isLiveAttachment } from '../../model/lookups/transit-gateways.ts';
import type { ConnectAttachment } from '../../model/transit-gateways.ts';
import { isInTransition } from '../../model/transitions.ts';
import type { ActionContext, ActionDefinition, ActionInput, ActionOutput } from '../action.ts';
import { type DescribeSpec, describe, PAGE_PARAMETERS } from '../describe.ts';
import { onlyValue } from '../edges/gateway-errors.ts';
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
  findConnectAttachment,
  findTransitGateway,
  findVpcAttachment,
} from './lookup-transit-gateways.ts';
import { hasNonDeleted, inInvalidState } from './transit-gateway-errors.ts';

/** The only protocol. @source TGWC-1 */
export const GRE = 'gre';

function connectShape(attachment: ConnectAttachment, state: ShownAttachmentState): ActionOutput {
  return {
    ...attachmentHead(attachment, state),
    TransportTransitGatewayAttachmentId: attachment.transportAttachmentId,
    TransitGatewayId: attachment.transitGatewayId,
    Options: { Protocol: GRE },
  };
}

/** Over the attachment of a VPC: there is no Direct Connect. @source TGWC-1 */
function createConnect(input: ActionInput, context: ActionContext): ActionOutput {
  const { draft } = context;
  const { snapshot } = draft;
  const tags = tagsFor(input, 'transit-gateway-attachment');
  const protocol = stringOf(optionalStructure(input, 'Options') ?? {}, 'Protocol');
  if (protocol !== GRE) throw onlyValue('protocol', protocol, GRE);
  const transportId = stringOf(input, 'TransportTransitGatewayAttachmentId');
  const transport = findVpcAttachment(snapshot, transportId);
  if (attachmentState(transport, snapshot) !== 'available') throw inInvalidState(transportId);
  const gateway = findTransitGateway(snapshot, transport.transitGatewayId);
  checkAttachmentQuota(snapshot, gateway);
  const attachment: ConnectAttachment = {
    ...newAttachment(context, gateway),
    kind: 'connect',
    transportAttachmentId: transport.attachmentId,
    tags,
  };
  makeAvailable(draft, attachment);
  const state = begin(
    context,
    attachment.attachmentId,
    'pending',
    'createTransitGatewayAttachment',
  );
  return { TransitGatewayConnect: connectShape(attachment, state) };
}

function deleteConnect(input: ActionInput, context: ActionContext): ActionOutput {
  const { draft } = context;
  const id = stringOf(input, 'TransitGatewayAttachmentId');
  const attachment = findConnectAttachment(draft.snapshot, id);
  const isSettled = !isInTransition(draft.snapshot, attachment.attachmentId);
  if (!isLiveAttachment(attachment) || !isSettled) throw inInvalidState(id);
  const peers = connectPeersOf(draft.snapshot, attachment.attachmentId);
  if (peers.length > 0) {
    const ids = peers.map(({ connectPeerId }) => connectPeerId);
    throw hasNonDeleted(id, 'Connect Peers', ids);
  }
  endAttachment(draft, attachment, 'deleted');
  const state = begin(
    context,
    attachment.attachmentId,
    'deleting',
    'deleteTransitGatewayAttachment',
  );
  return { TransitGatewayConnect: connectShape(attachment, state) };
}

const DESCRIBE_CONNECTS: DescribeSpec<'tgw-attach', ConnectAttachment> = {
  member: 'TransitGatewayConnects',
  idsParameter: 'TransitGatewayAttachmentIds',
  prefix: 'tgw-attach',
  rows: attachmentsOfKind('connect'),
  shape: (attachment, snapshot) => connectShape(attachment, attachmentState(attachment, snapshot)),
  filters: {
    ...ATTACHMENT_FILTERS,
    'options.protocol': () => [GRE],
    'transport-transit-gateway-attachment-id': (attachment) => [attachment.transportAttachmentId],
  },
};

export const CONNECT_ACTIONS: readonly ActionDefinition[] = [
  {
    name: 'CreateTransitGatewayConnect',
    parameters: {
      TransportTransitGatewayAttachmentId: 'string',
      Options: { Protocol: 'string' },
      TagSpecifications: TAG_SPECIFICATIONS,
    },
    required: ['TransportTransitGatewayAttachmentId', 'Options'],
    perform: createConnect,
  },
  {
    name: 'DeleteTransitGatewayConnect',
    parameters: { TransitGatewayAttachmentId: 'string' },
    required: ['TransitGatewayAttachmentId'],
    perform: deleteConnect,
  },
  {
    name: 'DescribeTransitGatewayConnects',
    parameters: { ...PAGE_PARAMETERS, TransitGatewayAttachmentIds: ['string'] },
    required: [],
    perform: (input, { draft }) => describe(DESCRIBE_CONNECTS, input, draft.snapshot),
  },
];
