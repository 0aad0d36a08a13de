/** Finding transit gateways and what belongs to them by the ids of a request. */
import type { TransitGatewayId } from '../../model/ids.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type {
  ConnectAttachment,
  PeeringAttachment,
  TransitGateway,
  TransitGatewayAttachment,
  TransitGatewayConnectPeer,
  TransitGatewayMulticastDomain,
  TransitGatewayPolicyTable,
  TransitGatewayRouteTable,
  VpcAttachment,
} from '../../model/transit-gateways.ts';
import { isInTransition } from '../../model/transitions.ts';
import type { ActionInput } from '../action.ts';
import { unknownId } from '../errors.ts';
import { stringOf } from '../input.ts';
import { findRow } from '../lookup.ts';
import { inInvalidState } from './transit-gateway-errors.ts';

export function findTransitGateway(snapshot: Snapshot, id: string): TransitGateway {
  return findRow(snapshot.transitGateways, 'tgw', id);
}

/** @throws IncorrectState while it is not available. */
export function findSettledTransitGateway(snapshot: Snapshot, id: string): TransitGateway {
  const gateway = findTransitGateway(snapshot, id);
  if (isInTransition(snapshot, gateway.transitGatewayId)) throw inInvalidState(id);
  return gateway;
}

export function findAttachment(snapshot: Snapshot, id: string): TransitGatewayAttachment {
  return findRow(snapshot.transitGatewayAttachments, 'tgw-attach', id);
}

/** @throws InvalidTransitGatewayAttachmentID.NotFound for one of another kind, too. */
export function findVpcAttachment(snapshot: Snapshot, id: string): VpcAttachment {
  const attachment = findAttachment(snapshot, id);
  if (attachment.kind !== 'vpc') throw unknownId('tgw-attach', id);
  return attachment;
}

/** @throws InvalidTransitGatewayAttachmentID.NotFound for one of another kind, too. */
export function findPeeringAttachment(snapshot: Snapshot, id: string): PeeringAttachment {
  const attachment = findAttachment(snapshot, id);
  if (attachment.kind !== 'peering') throw unknownId('tgw-attach', id);
  return attachment;
}

/** @throws InvalidTransitGatewayAttachmentID.NotFound for one of another kind, too. */
export function findConnectAttachment(snapshot: Snapshot, id: string): ConnectAttachment {
  const attachment = findAttachment(snapshot, id);
  if (attachment.kind !== 'connect') throw unknownId('tgw-attach', id);
  return attachment;
}

/**
 * Finds the attachment that a request on a table or domain of the transit gateway names.
 * @throws InvalidTransitGatewayAttachmentID.NotFound for one of another transit gateway, too;
 *   IncorrectState unless it is available.
 */
export function attachmentOf(
  snapshot: Snapshot,
  { transitGatewayId }: { readonly transitGatewayId: TransitGatewayId },
  input: ActionInput,
): TransitGatewayAttachment {
  const id = stringOf(input, 'TransitGatewayAttachmentId');
  const attachment = findAttachment(snapshot, id);
  if (attachment.transitGatewayId !== transitGatewayId) throw unknownId('tgw-attach', id);
  const isSettled = !isInTransition(snapshot, attachment.attachmentId);
  if (attachment.state !== 'available' || !isSettled) throw inInvalidState(id);
  return attachment;
}

/** Finds the table that `TransitGatewayRouteTableId` names. */
export function routeTableOf(snapshot: Snapshot, input: ActionInput): TransitGatewayRouteTable {
  return findTransitRouteTable(snapshot, stringOf(input, 'TransitGatewayRouteTableId'));
}

export function findTransitRouteTable(snapshot: Snapshot, id: string): TransitGatewayRouteTable {
  return findRow(snapshot.transitGatewayRouteTables, 'tgw-rtb', id);
}

export function findPolicyTable(snapshot: Snapshot, id: string): TransitGatewayPolicyTable {
  return findRow(snapshot.transitGatewayPolicyTables, 'tgw-ptb', id);
}

export function findConnectPeer(snapshot: Snapshot, id: string): TransitGatewayConnectPeer {
  return findRow(snapshot.transitGatewayConnectPeers, 'tgw-connect-peer', id);
}

export function findMulticastDomain(snapshot: Snapshot, id: string): TransitGatewayMulticastDomain {
  return findRow(snapshot.transitGatewayMulticastDomains, 'tgw-mcast-domain', id);
}
