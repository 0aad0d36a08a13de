/** The actions on policy tables, which choose a route table for what comes by a peering. */
import type { Snapshot } from '../../model/snapshot.ts';
import type {
  TransitGatewayAttachment,
  TransitGatewayPolicyTable,
} from '../../model/transit-gateways.ts';
import type { ActionContext, ActionDefinition, ActionInput, ActionOutput } from '../action.ts';
import { type DescribeSpec, describe, filterRows, PAGE_PARAMETERS, pageOf } from '../describe.ts';
import { stringOf } from '../input.ts';
import { TAG_SPECIFICATIONS, tagSet, tagsFor } from '../tag-set.ts';
import { attachmentReference, REFERENCE_FILTERS } from './attachment-shapes.ts';
import {
  attachmentOf,
  findPolicyTable,
  findSettledTransitGateway,
} from './lookup-transit-gateways.ts';
import {
  attachmentAssociated,
  hasAssociations,
  noPolicyAssociation,
  notForKind,
  policyTableLimitExceeded,
} from './transit-gateway-errors.ts';

/** Stored ones are available; the others are only ever seen in answers. */
type PolicyTableState = 'pending' | 'available' | 'deleting';

function tableShape(table: TransitGatewayPolicyTable, state: PolicyTableState): ActionOutput {
  return {
    TransitGatewayPolicyTableId: table.policyTableId,
    TransitGatewayId: table.transitGatewayId,
    State: state,
    CreationTime: new Date(table.creationTimeMs).toISOString(),
    Tags: tagSet(table.tags),
  };
}

function tableOf(snapshot: Snapshot, input: ActionInput): TransitGatewayPolicyTable {
  return findPolicyTable(snapshot, stringOf(input, 'TransitGatewayPolicyTableId'));
}

function attachmentsOf(
  snapshot: Snapshot,
  { policyTableId }: TransitGatewayPolicyTable,
): TransitGatewayAttachment[] {
  return [...snapshot.transitGatewayAttachments.values()].filter(
    (each) => each.policyTableId === policyTableId,
  );
}

function createPolicyTable(
  input: ActionInput,
  { draft, newId, nowMs }: ActionContext,
): ActionOutput {
  const { snapshot } = draft;
  const tags = tagsFor(input, 'transit-gateway-policy-table');
  const id = stringOf(input, 'TransitGatewayId');
  const { transitGatewayId } = findSettledTransitGateway(snapshot, id);
  const present = [...snapshot.transitGatewayPolicyTables.values()].filter(
    (each) => each.transitGatewayId === transitGatewayId,
  );
  if (present.length >= snapshot.quotas.policyTablesPerTransitGateway) {
    throw policyTableLimitExceeded();
  }
  const table: TransitGatewayPolicyTable = {
    policyTableId: newId('tgw-ptb'),
    transitGatewayId,
    creationTimeMs: nowMs,
    tags,
  };
  draft.put('transitGatewayPolicyTables', table.policyTableId, table);
  return { TransitGatewayPolicyTable: tableShape(table, 'pending') };
}

function deletePolicyTable(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const table = tableOf(draft.snapshot, input);
  const { policyTableId } = table;
  if (attachmentsOf(draft.snapshot, table).length > 0) throw hasAssociations(policyTableId);
  draft.delete('transitGatewayPolicyTables', policyTableId);
  return { TransitGatewayPolicyTable: tableShape(table, 'deleting') };
}

function associationShape(
  table: TransitGatewayPolicyTable,
  attachment: TransitGatewayAttachment,
  snapshot: Snapshot,
  state: 'associating' | 'associated' | 'disassociating',
): ActionOutput {
  return {
    ...attachmentReference(attachment, snapshot),
    TransitGatewayPolicyTableId: table.policyTableId,
    State: state,
  };
}

/** A peering has either a policy table or a route table. */
function associate(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const { snapshot } = draft;
  const table = tableOf(snapshot, input);
  const attachment = attachmentOf(snapshot, table, input);
  const { attachmentId, kind } = attachment;
  if (kind !== 'peering') throw notForKind(attachmentId, kind, 'Policy tables are');
  if (attachment.routeTableId !== null) throw attachmentAssociated(attachmentId, 'route');
  if (attachment.policyTableId !== null) throw attachmentAssociated(attachmentId, 'policy');
  const { policyTableId } = table;
  draft.put('transitGatewayAttachments', attachmentId, { ...attachment, policyTableId });
  return { Association: associationShape(table, attachment, snapshot, 'associating') };
}

function disassociate(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const { snapshot } = draft;
  const table = tableOf(snapshot, input);
  const attachment = attachmentOf(snapshot, table, input);
  const { attachmentId } = attachment;
  if (attachment.policyTableId !== table.policyTableId) {
    throw noPolicyAssociation(attachmentId, table.policyTableId);
  }
  draft.put('transitGatewayAttachments', attachmentId, { ...attachment, policyTableId: null });
  return { Association: associationShape(table, attachment, snapshot, 'disassociating') };
}

function getAssociations(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const { snapshot } = draft;
  const table = tableOf(snapshot, input);
  const attachments = attachmentsOf(snapshot, table);
  const matching = filterRows(attachments, REFERENCE_FILTERS, input, snapshot);
  const { rows, nextToken } = pageOf(matching, input);
  return {
    Associations: rows.map((each) => associationShape(table, each, snapshot, 'associated')),
    NextToken: nextToken,
  };
}

/** There are none: only Cloud WAN makes entries. */
function getEntries(input: ActionInput, { draft }: ActionContext): ActionOutput {
  tableOf(draft.snapshot, input);
  const { rows } = pageOf(filterRows([], {}, input, draft.snapshot), input);
  return { TransitGatewayPolicyTableEntries: rows };
}

const DESCRIBE_POLICY_TABLES: DescribeSpec<'tgw-ptb', TransitGatewayPolicyTable> = {
  member: 'TransitGatewayPolicyTables',
  idsParameter: 'TransitGatewayPolicyTableIds',
  prefix: 'tgw-ptb',
  rows: (snapshot) => snapshot.transitGatewayPolicyTables,
  shape: (table) => tableShape(table, 'available'),
  filters: {
    state: () => ['available'],
    'transit-gateway-id': (table) => [table.transitGatewayId],
    'transit-gateway-policy-table-id': (table) => [table.policyTableId],
  },
};

const PAIR = {
  parameters: { TransitGatewayPolicyTableId: 'string', TransitGatewayAttachmentId: 'string' },
  required: ['TransitGatewayPolicyTableId', 'TransitGatewayAttachmentId'],
} as const;

const LIST = {
  parameters: { ...PAGE_PARAMETERS, TransitGatewayPolicyTableId: 'string' },
  required: ['TransitGatewayPolicyTableId'],
} as const;

export const POLICY_TABLE_ACTIONS: readonly ActionDefinition[] = [
  {
    name: 'CreateTransitGatewayPolicyTable',
    parameters: { TransitGatewayId: 'string', TagSpecifications: TAG_SPECIFICATIONS },
    required: ['TransitGatewayId'],
    perform: createPolicyTable,
  },
  {
    name: 'DeleteTransitGatewayPolicyTable',
    parameters: { TransitGatewayPolicyTableId: 'string' },
    required: ['TransitGatewayPolicyTableId'],
    perform: deletePolicyTable,
  },
  {
    name: 'DescribeTransitGatewayPolicyTables',
    parameters: { ...PAGE_PARAMETERS, TransitGatewayPolicyTableIds: ['string'] },
    required: [],
    perform: (input, { draft }) => describe(DESCRIBE_POLICY_TABLES, input, draft.snapshot),
  },
  { name: 'AssociateTransitGatewayPolicyTable', ...PAIR, perform: associate },
  { name: 'DisassociateTransitGatewayPolicyTable', ...PAIR, perform: disassociate },
  { name: 'GetTransitGatewayPolicyTableAssociations', ...LIST, perform: getAssociations },
  { name: 'GetTransitGatewayPolicyTableEntries', ...LIST, perform: getEntries },
];
