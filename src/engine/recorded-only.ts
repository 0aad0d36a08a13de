/** Which objects of a lab the dataplane does not act by: they can be made and shown, no packet passes. */
import { isLiveAttachment } from '../model/lookups/transit-gateways.ts';
import type { Fabric } from '../model/snapshot.ts';
import type { Tagged } from '../model/tags.ts';
import type { RecordedObject } from './control-api.ts';

/** @returns all of them that there are, in the order of their kinds. */
export function recordedOnly(snapshot: Fabric): RecordedObject[] {
  const natGateways = [...snapshot.natGateways].filter(([, { state }]) => state === 'available');
  // That of a VPC without any interface keeps nobody waiting; each account has one from the start.
  const usedVpcs = new Set([...snapshot.enis.values()].map(({ vpcId }) => vpcId));
  const internetGateways = [...snapshot.internetGateways].filter(
    ([, { vpcId }]) => vpcId === null || usedVpcs.has(vpcId),
  );
  const peerings = [...snapshot.peerings].filter(([, { status }]) => status.code === 'active');
  const attachments = [...snapshot.transitGatewayAttachments].filter(([, attachment]) =>
    isLiveAttachment(attachment),
  );
  const publicEnis = [...snapshot.enis].filter(([, eni]) => eni.autoPublicAddress?.publicAddr);
  return [
    ...recorded('internet-gateway', internetGateways),
    ...recorded('elastic-ip', snapshot.elasticAddresses),
    ...recorded('public-ipv4-address', publicEnis),
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
    ...recorded('carrier-gateway', snapshot.carrierGateways),
    ...recorded('vpc-endpoint', snapshot.vpcEndpoints),
    ...recorded('vpc-endpoint-service', snapshot.endpointServices),
  ];
}

function recorded(
  kind: string,
  rows: Iterable<readonly [id: string, row: Tagged]>,
): RecordedObject[] {
  return [...rows].map(([id, { tags }]) => ({ kind, id, name: tags.get('Name') ?? null }));
}
