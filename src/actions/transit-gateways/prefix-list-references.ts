/** The actions on prefix lists in the route tables of transit gateways. */
import type { PrefixList } from '../../model/filters.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { Draft } from '../../model/store.ts';
import type {
  TransitGatewayAttachment,
  TransitGatewayPrefixListReference,
  TransitGatewayRouteTable,
} from '../../model/transit-gateways.ts';
import type { ActionContext, ActionDefinition, ActionInput, ActionOutput } from '../action.ts';
import { type Filters, filterRows, PAGE_PARAMETERS, pageOf } from '../describe.ts';
import { stringOf } from '../input.ts';
import { findPrefixList } from '../lookup.ts';
import { attachedResource, attachmentReference } from './attachment-shapes.ts';
import { routeTableOf } from './lookup-transit-gateways.ts';
import { noReference, referenceExists } from './transit-gateway-errors.ts';
import { checkTransitRouteQuota } from './transit-route-quota.ts';
import { readTransitTarget } from './transit-routes.ts';

/** Stored ones are available; the others are only ever seen in answers. */
type ReferenceState = 'pending' | 'available' | 'modifying' | 'deleting';

function attachmentsOf(
  { attachmentId }: TransitGatewayPrefixListReference,
  { transitGatewayAttachments }: Snapshot,
): TransitGatewayAttachment[] {
  if (attachmentId === null) return [];
  return [transitGatewayAttachments.get(attachmentId)].flatMap((each) => each ?? []);
}

function referenceShape(
  { routeTableId }: TransitGatewayRouteTable,
  reference: TransitGatewayPrefixListReference,
  snapshot: Snapshot,
  state: ReferenceState,
): ActionOutput {
  const [attachment] = attachmentsOf(reference, snapshot);
  return {
    TransitGatewayRouteTableId: routeTableId,
    PrefixListId: reference.prefixListId,
    PrefixListOwnerId: snapshot.accountId,
    State: state,
    Blackhole: attachment === undefined,
    TransitGatewayAttachment: attachment && attachmentReference(attachment, snapshot),
  };
}

function referenceTo(
  table: TransitGatewayRouteTable,
  { prefixListId }: PrefixList,
): TransitGatewayPrefixListReference | undefined {
  return table.prefixListReferences.find((each) => each.prefixListId === prefixListId);
}

function putReferences(
  draft: Draft,
  table: TransitGatewayRouteTable,
  prefixListReferences: readonly TransitGatewayPrefixListReference[],
): void {
  const { routeTableId, transitGatewayId } = table;
  draft.put('transitGatewayRouteTables', routeTableId, { ...table, prefixListReferences });
  checkTransitRouteQuota(draft.snapshot, transitGatewayId);
}

function createReference(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const { snapshot } = draft;
  const table = routeTableOf(snapshot, input);
  const list = findPrefixList(snapshot, stringOf(input, 'PrefixListId'));
  const { prefixListId } = list;
  const attachmentId = readTransitTarget(snapshot, table, input);
  if (referenceTo(table, list)) throw referenceExists(prefixListId, table.routeTableId);
  const reference = { prefixListId, attachmentId };
  putReferences(draft, table, [...table.prefixListReferences, reference]);
  const shape = referenceShape(table, reference, snapshot, 'pending');
  return { TransitGatewayPrefixListReference: shape };
}

/** @throws InvalidPrefixListId.NotFound when the table does not name the list. */
function existing(input: ActionInput, snapshot: Snapshot) {
  const table = routeTableOf(snapshot, input);
  const list = findPrefixList(snapshot, stringOf(input, 'PrefixListId'));
  const reference = referenceTo(table, list);
  if (reference === undefined) throw noReference(list.prefixListId, table.routeTableId);
  return { table, reference };
}

function modifyReference(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const { snapshot } = draft;
  const { table, reference } = existing(input, snapshot);
  const changed = { ...reference, attachmentId: readTransitTarget(snapshot, table, input) };
  const references = table.prefixListReferences.map((each) =>
    each === reference ? changed : each,
  );
  putReferences(draft, table, references);
  const shape = referenceShape(table, changed, snapshot, 'modifying');
  return { TransitGatewayPrefixListReference: shape };
}

function deleteReference(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const { snapshot } = draft;
  const { table, reference } = existing(input, snapshot);
  const others = table.prefixListReferences.filter((each) => each !== reference);
  putReferences(draft, table, others);
  const shape = referenceShape(table, reference, snapshot, 'deleting');
  return { TransitGatewayPrefixListReference: shape };
}

const REFERENCE_FILTERS: Filters<TransitGatewayPrefixListReference> = {
  'attachment.resource-id': (reference, snapshot) =>
    attachmentsOf(reference, snapshot).map((each) => attachedResource(each, snapshot).id),
  'attachment.resource-type': (reference, snapshot) =>
    attachmentsOf(reference, snapshot).map(({ kind }) => kind),
  'attachment.transit-gateway-attachment-id': ({ attachmentId }) =>
    attachmentId === null ? [] : [attachmentId],
  'is-blackhole': ({ attachmentId }) => [attachmentId === null],
  'prefix-list-id': ({ prefixListId }) => [prefixListId],
  'prefix-list-owner-id': (_reference, { accountId }) => [accountId],
  state: () => ['available'],
};

function getReferences(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const { snapshot } = draft;
  const table = routeTableOf(snapshot, input);
  const matching = filterRows(table.prefixListReferences, REFERENCE_FILTERS, input, snapshot);
  const { rows, nextToken } = pageOf(matching, input);
  return {
    TransitGatewayPrefixListReferences: rows.map((each) =>
      referenceShape(table, each, snapshot, 'available'),
    ),
    NextToken: nextToken,
  };
}

const REFERENCE = { TransitGatewayRouteTableId: 'string', PrefixListId: 'string' } as const;
const TARGET = { TransitGatewayAttachmentId: 'string', Blackhole: 'boolean' } as const;
const REQUIRED = ['TransitGatewayRouteTableId', 'PrefixListId'];

export const PREFIX_LIST_REFERENCE_ACTIONS: readonly ActionDefinition[] = [
  {
    name: 'CreateTransitGatewayPrefixListReference',
    parameters: { ...REFERENCE, ...TARGET },
    required: REQUIRED,
    perform: createReference,
  },
  {
    name: 'ModifyTransitGatewayPrefixListReference',
    parameters: { ...REFERENCE, ...TARGET },
    required: REQUIRED,
    perform: modifyReference,
  },
  {
    name: 'DeleteTransitGatewayPrefixListReference',
    parameters: REFERENCE,
    required: REQUIRED,
    perform: deleteReference,
  },
  {
    name: 'GetTransitGatewayPrefixListReferences',
    parameters: { ...PAGE_PARAMETERS, TransitGatewayRouteTableId: 'string' },
    required: ['TransitGatewayRouteTableId'],
    perform: getReferences,
  },
];
