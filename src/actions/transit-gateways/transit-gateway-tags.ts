/** The tags of transit gateways and what belongs to them. */
import type { Snapshot } from '../../model/snapshot.ts';
import type { Tagged } from '../../model/tags.ts';
import type { Retag } from '../tag-set.ts';
import {
  findAttachment,
  findConnectPeer,
  findMulticastDomain,
  findPolicyTable,
  findTransitGateway,
  findTransitRouteTable,
} from './lookup-transit-gateways.ts';

/** The prefix of an id to what can be done with the tags of its resource. */
export const RETAG_TRANSIT_GATEWAYS: Readonly<Record<string, Retag>> = {
  tgw: (draft, id, change) => {
    const row = findTransitGateway(draft.snapshot, id);
    draft.put('transitGateways', row.transitGatewayId, { ...row, tags: change(row.tags) });
  },
  'tgw-attach': (draft, id, change) => {
    const row = findAttachment(draft.snapshot, id);
    draft.put('transitGatewayAttachments', row.attachmentId, { ...row, tags: change(row.tags) });
  },
  'tgw-rtb': (draft, id, change) => {
    const row = findTransitRouteTable(draft.snapshot, id);
    draft.put('transitGatewayRouteTables', row.routeTableId, { ...row, tags: change(row.tags) });
  },
  'tgw-ptb': (draft, id, change) => {
    const row = findPolicyTable(draft.snapshot, id);
    draft.put('transitGatewayPolicyTables', row.policyTableId, { ...row, tags: change(row.tags) });
  },
  'tgw-connect-peer': (draft, id, change) => {
    const row = findConnectPeer(draft.snapshot, id);
    draft.put('transitGatewayConnectPeers', row.connectPeerId, { ...row, tags: change(row.tags) });
  },
  'tgw-mcast-domain': (draft, id, change) => {
    const row = findMulticastDomain(draft.snapshot, id);
    const tags = change(row.tags);
    draft.put('transitGatewayMulticastDomains', row.multicastDomainId, { ...row, tags });
  },
};

/** @returns AWS's types of resources with their rows. */
export function transitGatewayTagTables(
  snapshot: Snapshot,
): (readonly [string, ReadonlyMap<string, Tagged>])[] {
  return [
    ['transit-gateway', snapshot.transitGateways],
    ['transit-gateway-attachment', snapshot.transitGatewayAttachments],
    ['transit-gateway-route-table', snapshot.transitGatewayRouteTables],
    ['transit-gateway-policy-table', snapshot.transitGatewayPolicyTables],
    ['transit-gateway-connect-peer', snapshot.transitGatewayConnectPeers],
    ['transit-gateway-multicast-domain', snapshot.transitGatewayMulticastDomains],
  ];
}
