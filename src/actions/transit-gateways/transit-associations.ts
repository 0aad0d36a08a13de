/** The actions on what attachments and route tables have to do with each other (TGW-2). */
import { associatedAttachments } from '../../model/lookups/transit-gateways.ts';
import type { TransitGatewayAttachment } from '../../model/transit-gateways.ts';
import type { ActionContext, ActionDefinition, ActionInput, ActionOutput } from '../action.ts';
import { filterRows, PAGE_PARAMETERS, pageOf } from '../describe.ts';
import { addPropagation, removePropagation } from './attachment-life.ts';
import { attachmentReference, REFERENCE_FILTERS } from './attachment-shapes.ts';
import { attachmentOf, routeTableOf } from './lookup-transit-gateways.ts';
import {
  attachmentAssociated,
  duplicatePropagation,
  noPropagation,
  notAssociated,
  notForKind,
} from './transit-gateway-errors.ts';

/** @throws Resource.AlreadyAssociated: an attachment has one table. @source TGW-2 */
function associate(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const { snapshot } = draft;
  const { routeTableId, transitGatewayId } = routeTableOf(snapshot, input);
  const attachment = attachmentOf(snapshot, { transitGatewayId }, input);
  const { attachmentId } = attachment;
  if (attachment.routeTableId !== null) throw attachmentAssociated(attachmentId, 'route');
  if (attachment.policyTableId !== null) throw attachmentAssociated(attachmentId, 'policy');
  draft.put('transitGatewayAttachments', attachmentId, { ...attachment, routeTableId });
  return {
    Association: {
      ...attachmentReference(attachment, snapshot),
      TransitGatewayRouteTableId: routeTableId,
      State: 'associating',
    },
  };
}

function disassociate(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const { snapshot } = draft;
  const { routeTableId, transitGatewayId } = routeTableOf(snapshot, input);
  const attachment = attachmentOf(snapshot, { transitGatewayId }, input);
  const { attachmentId } = attachment;
  if (attachment.routeTableId !== routeTableId) throw notAssociated(attachmentId, routeTableId);
  draft.put('transitGatewayAttachments', attachmentId, { ...attachment, routeTableId: null });
  return {
    Association: {
      ...attachmentReference(attachment, snapshot),
      TransitGatewayRouteTableId: routeTableId,
      State: 'disassociating',
    },
  };
}

/** @throws UnsupportedOperation for a peering, which has static routes only (TGW-4). */
function enablePropagation(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const { snapshot } = draft;
  const table = routeTableOf(snapshot, input);
  const { routeTableId } = table;
  const attachment = attachmentOf(snapshot, table, input);
  const { attachmentId, kind } = attachment;
  if (kind === 'peering') throw notForKind(attachmentId, kind, 'Route propagation is');
  if (table.propagatingAttachmentIds.includes(attachmentId)) {
    throw duplicatePropagation(attachmentId, routeTableId);
  }
  addPropagation(draft, routeTableId, attachmentId);
  return {
    Propagation: {
      ...attachmentReference(attachment, snapshot),
      TransitGatewayRouteTableId: routeTableId,
      State: 'enabled',
    },
  };
}

function disablePropagation(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const { snapshot } = draft;
  const table = routeTableOf(snapshot, input);
  const { routeTableId } = table;
  const attachment = attachmentOf(snapshot, table, input);
  const { attachmentId } = attachment;
  if (!table.propagatingAttachmentIds.includes(attachmentId)) {
    throw noPropagation(attachmentId, routeTableId);
  }
  removePropagation(draft, routeTableId, attachmentId);
  return {
    Propagation: {
      ...attachmentReference(attachment, snapshot),
      TransitGatewayRouteTableId: routeTableId,
      State: 'disabled',
    },
  };
}

/** Answers a page of attachments, each as it is named, with a state. */
function references(
  attachments: readonly TransitGatewayAttachment[],
  input: ActionInput,
  { draft: { snapshot } }: ActionContext,
  member: string,
  state: string,
): ActionOutput {
  const matching = filterRows(attachments, REFERENCE_FILTERS, input, snapshot);
  const { rows, nextToken } = pageOf(matching, input);
  const shapes = rows.map((each) => ({ ...attachmentReference(each, snapshot), State: state }));
  return { [member]: shapes, NextToken: nextToken };
}

function getAssociations(input: ActionInput, context: ActionContext): ActionOutput {
  const { snapshot } = context.draft;
  const { routeTableId } = routeTableOf(snapshot, input);
  const attachments = associatedAttachments(snapshot, routeTableId);
  return references(attachments, input, context, 'Associations', 'associated');
}

function getPropagations(input: ActionInput, context: ActionContext): ActionOutput {
  const { snapshot } = context.draft;
  const attachments = routeTableOf(snapshot, input).propagatingAttachmentIds.flatMap(
    (id) => snapshot.transitGatewayAttachments.get(id) ?? [],
  );
  const member = 'TransitGatewayRouteTablePropagations';
  return references(attachments, input, context, member, 'enabled');
}

const PAIR = {
  parameters: { TransitGatewayRouteTableId: 'string', TransitGatewayAttachmentId: 'string' },
  required: ['TransitGatewayRouteTableId', 'TransitGatewayAttachmentId'],
} as const;

const LIST = {
  parameters: { ...PAGE_PARAMETERS, TransitGatewayRouteTableId: 'string' },
  required: ['TransitGatewayRouteTableId'],
} as const;

export const TRANSIT_ASSOCIATION_ACTIONS: readonly ActionDefinition[] = [
  { name: 'AssociateTransitGatewayRouteTable', ...PAIR, perform: associate },
  { name: 'DisassociateTransitGatewayRouteTable', ...PAIR, perform: disassociate },
  { name: 'EnableTransitGatewayRouteTablePropagation', ...PAIR, perform: enablePropagation },
  { name: 'DisableTransitGatewayRouteTablePropagation', ...PAIR, perform: disablePropagation },
  { name: 'GetTransitGatewayRouteTableAssociations', ...LIST, perform: getAssociations },
  { name: 'GetTransitGatewayRouteTablePropagations', ...LIST, perform: getPropagations },
];
