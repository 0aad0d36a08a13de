/** Which objects of a lab the dataplane does not act by: they can be made and shown, no packet passes. */
import { ownServiceType } from '../model/lookups/endpoints.ts';
import { isLiveAttachment } from '../model/lookups/transit-gateways.ts';
import type { Fabric } from '../model/snapshot.ts';
import type { Tagged } from '../model/tags.ts';
import type { RecordedObject } from './control-api.ts';

/** @returns all of them that there are, in the order of their kinds. */
export function recordedOnly(snapshot: Fabric): RecordedObject[] {
  const attachments = [...snapshot.transitGatewayAttachments].filter(([, attachment]) =>
    isLiveAttachment(attachment),
  );
  const endpoints = [...snapshot.vpcEndpoints].filter(([, { type }]) => type === 'Interface');
  const services = [...snapshot.endpointServices].filter(
    ([, service]) => ownServiceType(service) === 'Interface',
  );
  return [
    ...recorded('customer-gateway', snapshot.customerGateways),
    ...recorded('vpn-gateway', snapshot.vpnGateways),
    ...recorded('vpn-connection', snapshot.vpnConnections),
    ...recorded('transit-gateway', snapshot.transitGateways),
    ...recorded('transit-gateway-attachment', attachments),
    ...recorded('transit-gateway-connect-peer', snapshot.transitGatewayConnectPeers),
    ...recorded('transit-gateway-multicast-domain', snapshot.transitGatewayMulticastDomains),
    ...recorded('carrier-gateway', snapshot.carrierGateways),
    ...recorded('vpc-endpoint', endpoints),
    ...recorded('vpc-endpoint-service', services),
  ];
}

function recorded(
  kind: string,
  rows: Iterable<readonly [id: string, row: Tagged]>,
): RecordedObject[] {
  return [...rows].map(([id, { tags }]) => ({ kind, id, name: tags.get('Name') ?? null }));
}
