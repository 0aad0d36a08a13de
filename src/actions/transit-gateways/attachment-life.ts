/** How attachments of every kind begin and end: their quota, the default tables, and what forgets them. */
import type { TransitGatewayAttachmentId, TransitGatewayRouteTableId } from '../../model/ids.ts';
import { liveAttachmentsOf } from '../../model/lookups/transit-gateways.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { Draft } from '../../model/store.ts';
import type { TransitGateway, TransitGatewayAttachment } from '../../model/transit-gateways.ts';
import type { ActionContext } from '../action.ts';
import { findTransitGateway, findTransitRouteTable } from './lookup-transit-gateways.ts';
import { attachmentLimitExceeded } from './transit-gateway-errors.ts';

/** @throws TransitGatewayAttachmentLimitExceeded @source TGW-11 */
export function checkAttachmentQuota(
  snapshot: Snapshot,
  { transitGatewayId }: TransitGateway,
): void {
  const used = liveAttachmentsOf(snapshot, transitGatewayId).length;
  if (used >= snapshot.quotas.attachmentsPerTransitGateway) {
    throw attachmentLimitExceeded('the transit gateway');
  }
}

/** @returns what all new attachments have in common; they are not associated yet. */
export function newAttachment(
  { newId, nowMs }: ActionContext,
  { transitGatewayId }: TransitGateway,
) {
  return {
    attachmentId: newId('tgw-attach'),
    transitGatewayId,
    state: 'pendingAcceptance',
    routeTableId: null,
    policyTableId: null,
    creationTimeMs: nowMs,
  } as const;
}

/**
 * Makes the attachment available, and enters it in the default tables of its transit gateway. A
 * peering has no routes to propagate (TGW-4).
 */
export function makeAvailable<A extends TransitGatewayAttachment>(draft: Draft, attachment: A): A {
  const { attachmentId, transitGatewayId } = attachment;
  const gateway = findTransitGateway(draft.snapshot, transitGatewayId);
  const routeTableId = gateway.associationDefaultRouteTableId;
  const available: A = { ...attachment, state: 'available', routeTableId };
  draft.put('transitGatewayAttachments', attachmentId, available);
  const propagationTableId = gateway.propagationDefaultRouteTableId;
  if (attachment.kind !== 'peering' && propagationTableId !== null) {
    addPropagation(draft, propagationTableId, attachmentId);
  }
  return available;
}

export function addPropagation(
  draft: Draft,
  routeTableId: TransitGatewayRouteTableId,
  attachmentId: TransitGatewayAttachmentId,
): void {
  const table = findTransitRouteTable(draft.snapshot, routeTableId);
  const propagatingAttachmentIds = [...table.propagatingAttachmentIds, attachmentId];
  draft.put('transitGatewayRouteTables', routeTableId, { ...table, propagatingAttachmentIds });
}

export function removePropagation(
  draft: Draft,
  routeTableId: TransitGatewayRouteTableId,
  attachmentId: TransitGatewayAttachmentId,
): void {
  const table = findTransitRouteTable(draft.snapshot, routeTableId);
  draft.put('transitGatewayRouteTables', routeTableId, {
    ...table,
    propagatingAttachmentIds: table.propagatingAttachmentIds.filter(
      (each) => each !== attachmentId,
    ),
  });
}

/** Ends the attachment: its propagations go, static routes to it stay as blackholes (TGW-4). */
export function endAttachment(
  draft: Draft,
  attachment: TransitGatewayAttachment,
  state: 'rejected' | 'deleted',
): void {
  const { attachmentId } = attachment;
  const ended = { ...attachment, state, routeTableId: null, policyTableId: null };
  draft.put('transitGatewayAttachments', attachmentId, ended);
  const without = <R extends { readonly attachmentId: TransitGatewayAttachmentId | null }>(
    route: R,
  ): R => (route.attachmentId === attachmentId ? { ...route, attachmentId: null } : route);
  for (const table of draft.snapshot.transitGatewayRouteTables.values()) {
    if (table.transitGatewayId !== attachment.transitGatewayId) continue;
    draft.put('transitGatewayRouteTables', table.routeTableId, {
      ...table,
      routes: table.routes.map(without),
      prefixListReferences: table.prefixListReferences.map(without),
      propagatingAttachmentIds: table.propagatingAttachmentIds.filter(
        (each) => each !== attachmentId,
      ),
    });
  }
}
