/** All that the orchestration system knows, at one moment. */
import type { AnsweredRequest, Image, KeyPair, LaunchTemplate, Volume } from './compute.ts';
import type { ElasticAddress } from './elastic-addresses.ts';
import type { ConnectionNotification, EndpointService, VpcEndpoint } from './endpoints.ts';
import type { NetworkAcl, PrefixList, SecurityGroup } from './filters.ts';
import type { FlowLog } from './flow-logs.ts';
import type {
  CarrierGateway,
  CustomerGateway,
  EgressOnlyGateway,
  InternetGateway,
  NatGateway,
  VpnConnection,
  VpnGateway,
} from './gateways.ts';
import type { Gone } from './gone.ts';
import type { HostedZone } from './hosted-zones.ts';
import type {
  AllocationId,
  CarrierGatewayId,
  ConnectionNotificationId,
  CustomerGatewayId,
  DhcpOptionsId,
  EgressOnlyGatewayId,
  EndpointServiceId,
  EniId,
  EniPermissionId,
  FlowLogId,
  HostedZoneId,
  ImageId,
  InstanceId,
  InternetGatewayId,
  KeyPairId,
  LaunchTemplateId,
  LoadBalancerArn,
  NatGatewayId,
  NetworkAclId,
  NetworkInsightsAnalysisId,
  NetworkInsightsPathId,
  PeeringId,
  PrefixListId,
  ReservationId,
  RoleId,
  RouteTableId,
  SecurityGroupId,
  SubnetId,
  TargetGroupArn,
  TargetKey,
  TransitGatewayAttachmentId,
  TransitGatewayConnectPeerId,
  TransitGatewayId,
  TransitGatewayMulticastDomainId,
  TransitGatewayPolicyTableId,
  TransitGatewayRouteTableId,
  VolumeId,
  VpcEndpointId,
  VpcId,
  VpnConnectionId,
  VpnGatewayId,
} from './ids.ts';
import type { GatewayLoadBalancer, Target, TargetGroup } from './load-balancers.ts';
import type { NetworkInsightsAnalysis, NetworkInsightsPath } from './network-insights.ts';
import type { Peering } from './peerings.ts';
import type { Realm } from './realm.ts';
import type {
  DhcpOptions,
  Eni,
  EniPermission,
  Instance,
  Reservation,
  RouteTable,
  Subnet,
  Vpc,
} from './records.ts';
import type { Role } from './roles.ts';
import type { FabricSettings, Quotas, RuleSet } from './settings.ts';
import type {
  TransitGateway,
  TransitGatewayAttachment,
  TransitGatewayConnectPeer,
  TransitGatewayMulticastDomain,
  TransitGatewayPolicyTable,
  TransitGatewayRouteTable,
} from './transit-gateways.ts';
import type { Transition } from './transitions.ts';

/** What packets go by: the objects of a region, or of all accounts and regions of a lab. */
export interface Fabric {
  /** Counts the changes. */
  readonly revision: number;
  readonly rules: RuleSet;
  readonly settings: FabricSettings;
  /** All maps keep the order of creation, which clients rely on. */
  readonly vpcs: ReadonlyMap<VpcId, Vpc>;
  readonly subnets: ReadonlyMap<SubnetId, Subnet>;
  readonly enis: ReadonlyMap<EniId, Eni>;
  readonly eniPermissions: ReadonlyMap<EniPermissionId, EniPermission>;
  readonly instances: ReadonlyMap<InstanceId, Instance>;
  readonly roles: ReadonlyMap<RoleId, Role>;
  readonly reservations: ReadonlyMap<ReservationId, Reservation>;
  readonly images: ReadonlyMap<ImageId, Image>;
  readonly keyPairs: ReadonlyMap<KeyPairId, KeyPair>;
  readonly launchTemplates: ReadonlyMap<LaunchTemplateId, LaunchTemplate>;
  readonly volumes: ReadonlyMap<VolumeId, Volume>;
  /** By action and client token, joined by a blank. */
  readonly answeredRequests: ReadonlyMap<string, AnsweredRequest>;
  readonly routeTables: ReadonlyMap<RouteTableId, RouteTable>;
  readonly dhcpOptions: ReadonlyMap<DhcpOptionsId, DhcpOptions>;
  readonly securityGroups: ReadonlyMap<SecurityGroupId, SecurityGroup>;
  readonly networkAcls: ReadonlyMap<NetworkAclId, NetworkAcl>;
  readonly prefixLists: ReadonlyMap<PrefixListId, PrefixList>;
  readonly flowLogs: ReadonlyMap<FlowLogId, FlowLog>;
  readonly elasticAddresses: ReadonlyMap<AllocationId, ElasticAddress>;
  readonly internetGateways: ReadonlyMap<InternetGatewayId, InternetGateway>;
  readonly egressOnlyGateways: ReadonlyMap<EgressOnlyGatewayId, EgressOnlyGateway>;
  readonly natGateways: ReadonlyMap<NatGatewayId, NatGateway>;
  readonly customerGateways: ReadonlyMap<CustomerGatewayId, CustomerGateway>;
  readonly vpnGateways: ReadonlyMap<VpnGatewayId, VpnGateway>;
  readonly vpnConnections: ReadonlyMap<VpnConnectionId, VpnConnection>;
  readonly peerings: ReadonlyMap<PeeringId, Peering>;
  readonly transitGateways: ReadonlyMap<TransitGatewayId, TransitGateway>;
  readonly transitGatewayAttachments: ReadonlyMap<
    TransitGatewayAttachmentId,
    TransitGatewayAttachment
  >;
  readonly transitGatewayRouteTables: ReadonlyMap<
    TransitGatewayRouteTableId,
    TransitGatewayRouteTable
  >;
  readonly transitGatewayPolicyTables: ReadonlyMap<
    TransitGatewayPolicyTableId,
    TransitGatewayPolicyTable
  >;
  readonly transitGatewayConnectPeers: ReadonlyMap<
    TransitGatewayConnectPeerId,
    TransitGatewayConnectPeer
  >;
  readonly transitGatewayMulticastDomains: ReadonlyMap<
    TransitGatewayMulticastDomainId,
    TransitGatewayMulticastDomain
  >;
  readonly carrierGateways: ReadonlyMap<CarrierGatewayId, CarrierGateway>;
  readonly vpcEndpoints: ReadonlyMap<VpcEndpointId, VpcEndpoint>;
  readonly endpointServices: ReadonlyMap<EndpointServiceId, EndpointService>;
  readonly loadBalancers: ReadonlyMap<LoadBalancerArn, GatewayLoadBalancer>;
  readonly targetGroups: ReadonlyMap<TargetGroupArn, TargetGroup>;
  readonly targets: ReadonlyMap<TargetKey, Target>;
  readonly networkInsightsPaths: ReadonlyMap<NetworkInsightsPathId, NetworkInsightsPath>;
  readonly networkInsightsAnalyses: ReadonlyMap<NetworkInsightsAnalysisId, NetworkInsightsAnalysis>;
  readonly connectionNotifications: ReadonlyMap<ConnectionNotificationId, ConnectionNotification>;
  readonly hostedZones: ReadonlyMap<HostedZoneId, HostedZone>;
}

/** The regions that a lab file can make something in, looked at together. */
export interface LabFabric extends Fabric {
  readonly regions: readonly Snapshot[];
}

/** One state of one region of one account: all that its API knows. */
export interface Snapshot extends Fabric, Realm {
  readonly availabilityZones: readonly string[];
  readonly quotas: Quotas;
  /** The option set that AWS makes for the region (DHCP-8); null until the first VPC needs it. */
  readonly defaultDhcpOptionsId: DhcpOptionsId | null;
  /** By the id of the object; none without `timing: aws`. */
  readonly transitions: ReadonlyMap<string, Transition>;
  /** In the order in which they are forgotten. */
  readonly gone: ReadonlyMap<Gone['id'], Gone>;
}
