/** The attachments of VPN connections, which come and go with their connections. */
import type { VpnConnection } from '../../model/gateways.ts';
import type { TransitGatewayId, VpnConnectionId } from '../../model/ids.ts';
import { isLiveAttachment } from '../../model/lookups/transit-gateways.ts';
import type { Draft } from '../../model/store.ts';
import type { VpnAttachment } from '../../model/transit-gateways.ts';
import type { ActionContext } from '../action.ts';
import {
  checkAttachmentQuota,
  endAttachment,
  makeAvailable,
  newAttachment,
} from './attachment-life.ts';
import { findTransitGateway } from './lookup-transit-gateways.ts';

/** Attaches a new connection. @throws TransitGatewayAttachmentLimitExceeded */
export function attachVpn(
  context: ActionContext,
  transitGatewayId: TransitGatewayId,
  { vpnConnectionId }: VpnConnection,
): void {
  const { draft } = context;
  const gateway = findTransitGateway(draft.snapshot, transitGatewayId);
  checkAttachmentQuota(draft.snapshot, gateway);
  const attachment: VpnAttachment = {
    ...newAttachment(context, gateway),
    kind: 'vpn',
    vpnConnectionId,
    tags: new Map(),
  };
  makeAvailable(draft, attachment);
}

/** Ends the attachment of a connection that goes, if it had one. */
export function detachVpn(draft: Draft, vpnConnectionId: VpnConnectionId): void {
  for (const attachment of draft.snapshot.transitGatewayAttachments.values()) {
    const isOfVpn = attachment.kind === 'vpn' && attachment.vpnConnectionId === vpnConnectionId;
    if (isOfVpn && isLiveAttachment(attachment)) endAttachment(draft, attachment, 'deleted');
  }
}
