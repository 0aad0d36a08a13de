/** VPC endpoints in AWS's shape, with the DNS names that lead to them. */
import type { VpcEndpoint } from '../../model/endpoints.ts';
import {
  enisOfEndpoint,
  ownServiceNamed,
  tablesOfEndpoint,
} from '../../model/lookups/endpoints.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { stateOf } from '../../model/transitions.ts';
import type { ActionOutput } from '../action.ts';
import { groupIdentifiers } from '../filters/security-group-shapes.ts';
import { createIdSource } from '../ids.ts';
import { subnetOf } from '../lookup.ts';
import { tagSet } from '../tag-set.ts';
import { serviceOfEndpoint } from './offered-services.ts';

type ShownState = VpcEndpoint['state'] | 'pending';

/** @returns the state that is told of the endpoint. */
export function endpointState(
  { vpcEndpointId, state }: VpcEndpoint,
  snapshot: Snapshot,
): ShownState {
  return stateOf<ShownState>(snapshot, vpcEndpointId, state);
}

export function endpointShape(
  endpoint: VpcEndpoint,
  snapshot: Snapshot,
  state: ShownState = endpointState(endpoint, snapshot),
): ActionOutput {
  const enis = enisOfEndpoint(snapshot, endpoint.vpcEndpointId);
  const isInterface = endpoint.type === 'Interface';
  return {
    VpcEndpointId: endpoint.vpcEndpointId,
    VpcEndpointType: endpoint.type,
    VpcId: endpoint.vpcId,
    ServiceName: endpoint.serviceName,
    ServiceRegion: snapshot.region,
    State: state,
    PolicyDocument: endpoint.policyDocument ?? undefined,
    RouteTableIds: tablesOfEndpoint(snapshot, endpoint.vpcEndpointId).map(
      ({ routeTableId }) => routeTableId,
    ),
    SubnetIds: enis.map(({ subnetId }) => subnetId),
    Groups: groupIdentifiers(snapshot, endpoint.groupIds),
    IpAddressType: endpoint.addressType,
    DnsOptions: {
      DnsRecordIpType: endpoint.dnsRecordType,
      PrivateDnsOnlyForInboundResolverEndpoint: isInterface
        ? endpoint.privateDnsOnlyForInboundResolver
        : undefined,
    },
    PrivateDnsEnabled: endpoint.privateDnsEnabled,
    RequesterManaged: false,
    NetworkInterfaceIds: enis.map(({ eniId }) => eniId),
    DnsEntries: dnsEntries(endpoint, snapshot),
    CreationTimestamp: new Date(endpoint.createTimeMs).toISOString(),
    OwnerId: snapshot.accountId,
    Tags: tagSet(endpoint.tags),
  };
}

/** The name of the endpoint, one for each of its zones, and the service's own private name. */
export function dnsEntries(endpoint: VpcEndpoint, snapshot: Snapshot): ActionOutput[] {
  const { type, vpcEndpointId, dnsLabel, privateDnsEnabled } = endpoint;
  const offer = serviceOfEndpoint(snapshot, endpoint);
  if (offer === undefined || type !== 'Interface') return [];
  const zones = enisOfEndpoint(snapshot, vpcEndpointId).map(
    (eni) => `-${subnetOf(snapshot, eni).availabilityZone}`,
  );
  const shared = hostedZoneId(snapshot.region);
  const { baseDnsName, privateDnsName } = offer;
  const isPrivate = privateDnsEnabled && privateDnsName !== null;
  return [
    ...['', ...zones].map((zone) => ({
      DnsName: `${vpcEndpointId}-${dnsLabel}${zone}.${baseDnsName}`,
      HostedZoneId: shared,
    })),
    ...(isPrivate ? [{ DnsName: privateDnsName, HostedZoneId: hostedZoneId(vpcEndpointId) }] : []),
  ];
}

/** @returns an id in the form of Route 53's, always the same for the seed. */
function hostedZoneId(seed: string): string {
  const [, digits = ''] = createIdSource(`zone ${seed}`).newId('z').split('-');
  return `Z${digits.toUpperCase()}`;
}

/** AWS's `VpcEndpointConnection`: an endpoint as the owner of the service sees it. */
export function connectionShape(endpoint: VpcEndpoint, snapshot: Snapshot): ActionOutput {
  const service = ownServiceNamed(snapshot, endpoint.serviceName);
  return {
    ServiceId: service?.serviceId,
    VpcEndpointId: endpoint.vpcEndpointId,
    VpcEndpointOwner: snapshot.accountId,
    VpcEndpointRegion: snapshot.region,
    VpcEndpointState: endpointState(endpoint, snapshot),
    VpcEndpointConnectionId: endpoint.vpcEndpointId.replace('vpce-', 'vpce-con-'),
    CreationTimestamp: new Date(endpoint.createTimeMs).toISOString(),
    DnsEntries: dnsEntries(endpoint, snapshot),
    NetworkLoadBalancerArns: service?.networkLoadBalancerArns,
    GatewayLoadBalancerArns: service?.gatewayLoadBalancerArns,
    IpAddressType: endpoint.addressType,
    Tags: [],
  };
}
