/** Which objects of a lab the dataplane does not act by: they can be made and shown, no packet passes. */

import { isLiveAttachment } from '../model/lookups/transit-gateways.ts';
import type { Tagged } from '../model/records.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { RecordedObject } from './control-api.ts';

/** @returns all of them that there are, in the order of their kinds. */
export function recordedOnly(snapshot: Snapshot): RecordedObject[] {
  const natGateways = [...snapshot.natGateways].filter(([, { state }]) => state === 'available');
  const peerings = [...snapshot.peerings].filter(([, { status }]) => status.code === 'active');
  const attachments = [...snapshot.transitGatewayAttachments].filter(([, attachment]) =>
    isLiveAttachment(attachment),
  );
  return [
    ...recorded('internet-gateway', snapshot.internetGateways),
    ...recorded('elastic-ip', snapshot.elasticAddresses),
    ...recorded('egress-only-internet-gateway', snapshot.egressOnlyGateways),
    ...recorded('nat-gateway', natGateways),
    ...recorded('customer-gateway', snapshot.customerGateways),
    ...recorded('vpn-gateway', snapshot.vpnGateways),
    ...recorded('vpn-connection', snapshot.vpnConnections),
    ...recorded('vpc-peering-connection', peerings),
    ...recorded('transit-gateway', snapshot.transitGateways),
    ...recorded('transit-gateway-attachment', attachments),
    ...recorded('transit-gateway-connect-peer', snapshot.transitGatewayConnectPeers),
    ...recorded('transit-gateway-multicast-domain', snapshot.transitGatewayMulticastDomains),
  ];
}

function recorded(
  kind: string,
  rows: Iterable<readonly [id: string, row: Tagged]>,
): RecordedObject[] {
  return [...rows].map(([id, { tags }]) => ({ kind, id, name: tags.get('Name') ?? null }));
}
