/** The actions on attachments of every kind: what there is, and where they propagate to. */
import type { Snapshot } from '../../model/snapshot.ts';
import type {
  TransitGatewayAttachment,
  TransitGatewayRouteTable,
} from '../../model/transit-gateways.ts';
import type { ActionContext, ActionDefinition, ActionInput, ActionOutput } from '../action.ts';
import {
  type DescribeSpec,
  describe,
  type Filters,
  filterRows,
  PAGE_PARAMETERS,
  pageOf,
} from '../describe.ts';
import { stringOf } from '../input.ts';
import {
  ATTACHMENT_FILTERS,
  attachedResource,
  attachmentHead,
  attachmentState,
} from './attachment-shapes.ts';
import { findAttachment } from './lookup-transit-gateways.ts';

function associationShape(attachment: TransitGatewayAttachment): ActionOutput | undefined {
  const { routeTableId, policyTableId } = attachment;
  if (routeTableId === null && policyTableId === null) return undefined;
  return {
    TransitGatewayRouteTableId: routeTableId ?? undefined,
    TransitGatewayPolicyTableId: policyTableId ?? undefined,
    State: 'associated',
  };
}

function gatewayOwner(
  { transitGatewayId }: TransitGatewayAttachment,
  { transitGateways, accountId }: Snapshot,
): string {
  return transitGateways.get(transitGatewayId)?.ownerId ?? accountId;
}

function attachmentShape(attachment: TransitGatewayAttachment, snapshot: Snapshot): ActionOutput {
  const { id, ownerId } = attachedResource(attachment, snapshot);
  return {
    ...attachmentHead(attachment, attachmentState(attachment, snapshot)),
    TransitGatewayId: attachment.transitGatewayId,
    TransitGatewayOwnerId: gatewayOwner(attachment, snapshot),
    ResourceOwnerId: ownerId,
    ResourceType: attachment.kind,
    ResourceId: id,
    Association: associationShape(attachment),
  };
}

const DESCRIBE_ATTACHMENTS: DescribeSpec<'tgw-attach', TransitGatewayAttachment> = {
  member: 'TransitGatewayAttachments',
  idsParameter: 'TransitGatewayAttachmentIds',
  prefix: 'tgw-attach',
  rows: (snapshot) => snapshot.transitGatewayAttachments,
  shape: attachmentShape,
  filters: {
    ...ATTACHMENT_FILTERS,
    'association.state': (attachment) => (associationShape(attachment) ? ['associated'] : []),
    'association.transit-gateway-route-table-id': ({ routeTableId }) =>
      routeTableId === null ? [] : [routeTableId],
    'resource-id': (attachment, snapshot) => [attachedResource(attachment, snapshot).id],
    'resource-owner-id': (attachment, snapshot) => [attachedResource(attachment, snapshot).ownerId],
    'resource-type': (attachment) => [attachment.kind],
    'transit-gateway-owner-id': (attachment, snapshot) => [gatewayOwner(attachment, snapshot)],
  },
};

const PROPAGATION_FILTERS: Filters<TransitGatewayRouteTable> = {
  'transit-gateway-route-table-id': (table) => [table.routeTableId],
};

function getPropagations(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const { snapshot } = draft;
  const id = stringOf(input, 'TransitGatewayAttachmentId');
  const { attachmentId } = findAttachment(snapshot, id);
  const tables = [...snapshot.transitGatewayRouteTables.values()].filter((table) =>
    table.propagatingAttachmentIds.includes(attachmentId),
  );
  const matching = filterRows(tables, PROPAGATION_FILTERS, input, snapshot);
  const { rows, nextToken } = pageOf(matching, input);
  return {
    TransitGatewayAttachmentPropagations: rows.map(({ routeTableId }) => ({
      TransitGatewayRouteTableId: routeTableId,
      State: 'enabled',
    })),
    NextToken: nextToken,
  };
}

export const TRANSIT_ATTACHMENT_ACTIONS: readonly ActionDefinition[] = [
  {
    name: 'DescribeTransitGatewayAttachments',
    parameters: { ...PAGE_PARAMETERS, TransitGatewayAttachmentIds: ['string'] },
    required: [],
    perform: (input, { draft }) => describe(DESCRIBE_ATTACHMENTS, input, draft.snapshot),
  },
  {
    name: 'GetTransitGatewayAttachmentPropagations',
    parameters: { ...PAGE_PARAMETERS, TransitGatewayAttachmentId: 'string' },
    required: ['TransitGatewayAttachmentId'],
    perform: getPropagations,
  },
];
