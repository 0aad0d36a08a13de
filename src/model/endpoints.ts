/**
 * VPC endpoints, by which a VPC reaches a service without leaving AWS's network, and the services
 * of one's own that others reach so. Interface endpoints are recorded only.
 */
import type {
  ConnectionNotificationId,
  EndpointServiceId,
  SecurityGroupId,
  ServicePermissionId,
  VpcEndpointId,
  VpcId,
} from './ids.ts';
import type { Tagged } from './tags.ts';

export type EndpointType = 'Gateway' | 'Interface' | 'GatewayLoadBalancer';
export type EndpointAddressType = 'ipv4' | 'ipv6' | 'dualstack';
export type ServiceAddressType = 'ipv4' | 'ipv6';

/**
 * One endpoint of a VPC. Its interfaces are those that are made for it; the route tables of a gateway
 * endpoint are those with a route to it.
 */
export interface VpcEndpoint extends Tagged {
  readonly vpcEndpointId: VpcEndpointId;
  readonly vpcId: VpcId;
  readonly type: EndpointType;
  readonly serviceName: string;
  /** What the owner of the service says; AWS's own services accept at once. */
  readonly state: 'pendingAcceptance' | 'available' | 'rejected';
  /** JSON; null when the service takes no policy. */
  readonly policyDocument: string | null;
  readonly addressType: EndpointAddressType;
  /** Of an interface endpoint, and of all its interfaces. */
  readonly groupIds: readonly SecurityGroupId[];
  /** The private name of the service leads to the endpoint, for the VPC. */
  readonly privateDnsEnabled: boolean;
  readonly dnsRecordType: EndpointAddressType | 'service-defined';
  readonly privateDnsOnlyForInboundResolver: boolean;
  /** The part of its DNS names that nobody can guess. */
  readonly dnsLabel: string;
  /** Milliseconds since the epoch. */
  readonly createTimeMs: number;
}

/** A private name, which its owner proves by a TXT record `name` with this value. */
export interface ServicePrivateDns {
  readonly name: string;
  readonly isVerified: boolean;
  readonly recordName: string;
  readonly recordValue: string;
}

export interface AllowedPrincipal {
  readonly permissionId: ServicePermissionId;
  /** An ARN, an account or `*`. */
  readonly principal: string;
}

/** A service of one's own, behind load balancers of one of the two kinds. */
export interface EndpointService extends Tagged {
  readonly serviceId: EndpointServiceId;
  readonly acceptanceRequired: boolean;
  readonly networkLoadBalancerArns: readonly string[];
  readonly gatewayLoadBalancerArns: readonly string[];
  readonly addressTypes: readonly ServiceAddressType[];
  readonly privateDns: ServicePrivateDns | null;
  readonly principals: readonly AllowedPrincipal[];
  /** Who pays for the endpoints; null: each for its own. */
  readonly payerResponsibility: 'ServiceOwner' | null;
}

export type ConnectionEvent = 'Accept' | 'Connect' | 'Delete' | 'Reject';

/** What a topic is to hear about the endpoints of a service, or about one endpoint. */
export interface ConnectionNotification {
  readonly notificationId: ConnectionNotificationId;
  readonly resourceId: EndpointServiceId | VpcEndpointId;
  readonly topicArn: string;
  readonly events: readonly ConnectionEvent[];
}
