/** Endpoint services in AWS's shapes: as their owner sees them, and as everybody does. */
import type { EndpointService } from '../../model/endpoints.ts';
import { ownServiceName, ownServiceType, zonesOfService } from '../../model/lookups/endpoints.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { ActionOutput } from '../action.ts';
import { tagSet } from '../tag-set.ts';
import { type OfferedService, ownBaseDnsName } from './offered-services.ts';

/** AWS's `ServiceConfiguration`. */
export function configurationShape(service: EndpointService, snapshot: Snapshot): ActionOutput {
  const { privateDns, networkLoadBalancerArns, gatewayLoadBalancerArns } = service;
  const ofKind = (arns: readonly string[]) => (arns.length === 0 ? undefined : arns);
  return {
    ServiceType: [{ ServiceType: ownServiceType(service) }],
    ServiceId: service.serviceId,
    ServiceName: ownServiceName(snapshot, service),
    ServiceState: 'Available',
    AvailabilityZones: zonesOfService(snapshot, service),
    AcceptanceRequired: service.acceptanceRequired,
    ManagesVpcEndpoints: false,
    NetworkLoadBalancerArns: ofKind(networkLoadBalancerArns),
    GatewayLoadBalancerArns: ofKind(gatewayLoadBalancerArns),
    SupportedIpAddressTypes: service.addressTypes,
    BaseEndpointDnsNames: [ownBaseDnsName(snapshot, service)],
    PrivateDnsName: privateDns?.name,
    PrivateDnsNameConfiguration:
      privateDns === null
        ? undefined
        : {
            State: privateDns.isVerified ? 'verified' : 'pendingVerification',
            Type: 'TXT',
            Name: privateDns.recordName,
            Value: privateDns.recordValue,
          },
    PayerResponsibility: service.payerResponsibility ?? undefined,
    SupportedRegions: [{ Region: snapshot.region, ServiceState: 'Available' }],
    RemoteAccessEnabled: false,
    Tags: tagSet(service.tags),
  };
}

/** @returns who owns the service, as AWS tells it. */
export function ownerOfOffer({ own }: OfferedService, { accountId }: Snapshot): string {
  return own === null ? 'amazon' : accountId;
}

/** AWS's `ServiceDetail`. */
export function offerShape(offer: OfferedService, snapshot: Snapshot): ActionOutput {
  const { own, privateDnsName } = offer;
  return {
    ServiceName: offer.serviceName,
    ServiceId: offer.serviceId,
    ServiceType: [{ ServiceType: offer.type }],
    ServiceRegion: snapshot.region,
    AvailabilityZones: own === null ? snapshot.availabilityZones : zonesOfService(snapshot, own),
    Owner: ownerOfOffer(offer, snapshot),
    BaseEndpointDnsNames: [offer.baseDnsName],
    PrivateDnsName: privateDnsName ?? undefined,
    PrivateDnsNames: privateDnsName === null ? undefined : [{ PrivateDnsName: privateDnsName }],
    PrivateDnsNameVerificationState: privateDnsName === null ? undefined : 'verified',
    VpcEndpointPolicySupported: own === null,
    AcceptanceRequired: own?.acceptanceRequired ?? false,
    ManagesVpcEndpoints: false,
    PayerResponsibility: own?.payerResponsibility ?? undefined,
    SupportedIpAddressTypes: offer.addressTypes,
    Tags: tagSet(offer.tags),
  };
}
