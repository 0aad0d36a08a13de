/**
 * The VPC model: immutable records with AWS's nouns.
 * Only actions make new ones (`actions/`); `compile/` reads them. No I/O, clock or randomness here.
 */
import type { Cidr, Ipv4Cidr, Ipv6Cidr } from '../addr/cidr.ts';
import type { Ipv4Addr } from '../addr/ipv4.ts';
import type { Ipv6Addr } from '../addr/ipv6.ts';
import type { MacAddr } from '../addr/mac.ts';
import type { AllocationId, ElasticAddress } from './elastic-addresses.ts';
import type {
  NetworkAcl,
  NetworkAclId,
  PrefixList,
  PrefixListId,
  SecurityGroup,
  SecurityGroupId,
} from './filters.ts';
import type { FlowLog, FlowLogId } from './flow-logs.ts';
import type {
  CustomerGateway,
  CustomerGatewayId,
  EdgeGatewayId,
  EgressOnlyGateway,
  EgressOnlyGatewayId,
  GatewayTarget,
  InternetGateway,
  InternetGatewayId,
  NatGateway,
  NatGatewayId,
  VpnConnection,
  VpnConnectionId,
  VpnGateway,
  VpnGatewayId,
} from './gateways.ts';
import type { Peering, PeeringId } from './peerings.ts';

export type VpcId = `vpc-${string}`;
export type SubnetId = `subnet-${string}`;
export type EniId = `eni-${string}`;
export type EniAttachmentId = `eni-attach-${string}`;
export type InstanceId = `i-${string}`;
export type ImageId = `ami-${string}`;
export type RouteTableId = `rtb-${string}`;
export type RouteTableAssociationId = `rtbassoc-${string}`;
export type DhcpOptionsId = `dopt-${string}`;
export type CidrAssociationId = `vpc-cidr-assoc-${string}` | `subnet-cidr-assoc-${string}`;
export type CidrReservationId = `scr-${string}`;
export type ReservationId = `r-${string}`;

/** `2020`: the rules before routes inside the VPC range were allowed (RT-4); `current`: today's (RT-5). */
export type RuleSet = '2020' | 'current';

/** Tag keys to values, in the order of creation. */
export type Tags = ReadonlyMap<string, string>;

/** What every taggable object has. */
export interface Tagged {
  readonly tags: Tags;
}

export interface Ipv4CidrAssociation {
  readonly associationId: CidrAssociationId;
  readonly cidr: Ipv4Cidr;
}

export interface Ipv6CidrAssociation {
  readonly associationId: CidrAssociationId;
  readonly cidr: Ipv6Cidr;
}

/** A block of a VPC, and where it is from: `Amazon`, or the id of a pool of one's own. */
export interface VpcIpv6CidrAssociation extends Ipv6CidrAssociation {
  readonly pool: string;
}

export interface Vpc extends Tagged {
  readonly vpcId: VpcId;
  /** The primary block first (SUB-6). */
  readonly cidrs: readonly [Ipv4CidrAssociation, ...Ipv4CidrAssociation[]];
  readonly ipv6Cidrs: readonly VpcIpv6CidrAssociation[];
  /** `default`: no option set, as AWS spells it (DHCP-10). */
  readonly dhcpOptionsId: DhcpOptionsId | 'default';
  readonly enableDnsSupport: boolean;
  readonly enableDnsHostnames: boolean;
}

export interface SubnetCidrReservation {
  readonly reservationId: CidrReservationId;
  readonly cidr: Cidr;
  readonly type: 'prefix' | 'explicit';
  readonly description: string;
}

export interface Subnet extends Tagged {
  readonly subnetId: SubnetId;
  readonly vpcId: VpcId;
  readonly availabilityZone: string;
  /** null: the subnet is IPv6-only (SUB-5). */
  readonly cidr: Ipv4Cidr | null;
  readonly ipv6Cidrs: readonly Ipv6CidrAssociation[];
  /** A new interface gets an IPv6 address though nobody asks for one; always so when IPv6-only. */
  readonly assignIpv6AddressOnCreation: boolean;
  /** The MAC of the subnet's router (L2-11). */
  readonly routerMac: MacAddr;
  readonly reservations: readonly SubnetCidrReservation[];
}

/** How long an idle flow of an interface is tracked; seconds, null for AWS's default (SG-8). */
export interface ConnectionTracking {
  readonly tcpEstablishedTimeoutS: number | null;
  readonly udpTimeoutS: number | null;
  readonly udpStreamTimeoutS: number | null;
}

export interface EniAttachment {
  readonly attachmentId: EniAttachmentId;
  readonly instanceId: InstanceId;
  readonly deviceIndex: number;
  readonly deleteOnTermination: boolean;
}

export interface Eni extends Tagged {
  readonly eniId: EniId;
  readonly vpcId: VpcId;
  readonly subnetId: SubnetId;
  readonly description: string;
  readonly mac: MacAddr;
  /** The primary address first; its place never changes (ENI-5). None in an IPv6-only subnet. */
  readonly addresses: readonly Ipv4Addr[];
  readonly ipv6Addresses: readonly Ipv6Addr[];
  /** Delegated prefixes: /28 and /80 (ENI-11). */
  readonly prefixes: readonly Cidr[];
  readonly sourceDestCheck: boolean;
  /** At least one, of the interface's VPC (SG-4); none at a NAT gateway (NAT-4). */
  readonly groupIds: readonly SecurityGroupId[];
  readonly connectionTracking: ConnectionTracking;
  readonly attachment: EniAttachment | null;
  /** The NAT gateway that AWS made it for, and that alone can change it; null: the account's own. */
  readonly natGatewayId: NatGatewayId | null;
}

export type InstanceState =
  | 'pending'
  | 'running'
  | 'stopping'
  | 'stopped'
  | 'shutting-down'
  | 'terminated';

export interface Instance extends Tagged {
  readonly instanceId: InstanceId;
  readonly imageId: ImageId;
  readonly instanceType: string;
  readonly subnetId: SubnetId;
  readonly vpcId: VpcId;
  readonly state: InstanceState;
  /** Milliseconds since the epoch. */
  readonly launchTimeMs: number;
}

/** The instances of one launch; the place in the list is the launch index. */
export interface Reservation {
  readonly reservationId: ReservationId;
  readonly instanceIds: readonly InstanceId[];
}

/** Where a route sends a packet. Never an address (RT-13). */
export type RouteTarget =
  | { readonly kind: 'local' }
  | { readonly kind: 'eni'; readonly eniId: EniId }
  /** The instance as it was given; it stands for its single interface (RT-13). */
  | { readonly kind: 'instance'; readonly instanceId: InstanceId; readonly eniId: EniId }
  | GatewayTarget;

export type RouteOrigin = 'CreateRouteTable' | 'CreateRoute' | 'EnableVgwRoutePropagation';

export interface Route {
  readonly destination: Cidr;
  readonly target: RouteTarget;
  readonly origin: RouteOrigin;
}

/** A route to every entry of a prefix list (RT-9). */
export interface PrefixListRoute {
  readonly prefixListId: PrefixListId;
  readonly target: RouteTarget;
}

export interface RouteTableAssociation {
  readonly associationId: RouteTableAssociationId;
  /** null for a gateway, and for the association that makes this the main table of its VPC. */
  readonly subnetId: SubnetId | null;
  /** The gateway by which the traffic enters that the table steers (EDGE-1). */
  readonly gatewayId: EdgeGatewayId | null;
}

export interface RouteTable extends Tagged {
  readonly routeTableId: RouteTableId;
  readonly vpcId: VpcId;
  /** The local routes first, one for each CIDR block of the VPC (RT-2). */
  readonly routes: readonly Route[];
  readonly prefixListRoutes: readonly PrefixListRoute[];
  readonly associations: readonly RouteTableAssociation[];
  /** The gateways that may put routes into the table. */
  readonly propagatingVpnGatewayIds: readonly VpnGatewayId[];
}

/** Immutable once made (DHCP-9). */
export interface DhcpOptions extends Tagged {
  readonly dhcpOptionsId: DhcpOptionsId;
  /** `AmazonProvidedDNS` stands for the resolver of the VPC (DHCP-10). */
  readonly domainNameServers: readonly (Ipv4Addr | Ipv6Addr | 'AmazonProvidedDNS')[];
  readonly domainName: string | null;
  readonly ntpServers: readonly (Ipv4Addr | Ipv6Addr)[];
  readonly netbiosNameServers: readonly Ipv4Addr[];
  readonly netbiosNodeType: 1 | 2 | 4 | 8 | null;
  readonly ipv6PreferredLeaseTimeS: number;
}

/** An image that RunInstances can start; what it is made of is known to `instances/`. */
export interface Image {
  readonly imageId: ImageId;
  readonly name: string;
}

/** What AWS leaves open or has had both ways, one way each. */
export interface FabricSettings {
  /**
   * Later fragments, which have no ports: `follow-first` go the way of their first fragment and
   * nowhere without it; `addresses-only` match rules by address and protocol; `drop` (MTU-7).
   */
  readonly fragments: 'follow-first' | 'addresses-only' | 'drop';
  /** Seconds for which an idle TCP connection is tracked: 432,000, or 350 on the sixth Nitro (SG-8). */
  readonly tcpEstablishedTimeoutS: number;
  /**
   * Seconds of the windows of flow logs. AWS's are at most 60 on Nitro, whatever a flow log asks for
   * (FL-2); shorter ones are no AWS, and spare a scenario the wait.
   */
  readonly flowLogIntervalS: number;
  /** Where elastic IP addresses are drawn from. */
  readonly elasticAddressPool: Ipv4Cidr;
}

/** Quotas with AWS's defaults (SUB-12, SUB-6, RT-15, SG-4, ACL-3, PCX-3). */
export interface Quotas {
  readonly vpcsPerRegion: number;
  readonly subnetsPerVpc: number;
  readonly enisPerRegion: number;
  readonly routeTablesPerVpc: number;
  readonly routesPerTable: number;
  readonly ipv4CidrsPerVpc: number;
  readonly ipv6CidrsPerVpc: number;
  readonly securityGroupsPerRegion: number;
  /** Inbound and outbound, IPv4 and IPv6, each counted for itself. */
  readonly rulesPerSecurityGroup: number;
  readonly securityGroupsPerEni: number;
  readonly networkAclsPerVpc: number;
  /** Inbound and outbound, IPv4 and IPv6, each counted for itself; the final denial counts too. */
  readonly entriesPerNetworkAcl: number;
  readonly prefixListsPerRegion: number;
  readonly elasticAddressesPerRegion: number;
  readonly internetGatewaysPerRegion: number;
  readonly egressOnlyGatewaysPerRegion: number;
  readonly natGatewaysPerZone: number;
  readonly customerGatewaysPerRegion: number;
  readonly vpnGatewaysPerRegion: number;
  readonly vpnConnectionsPerRegion: number;
  readonly vpnConnectionsPerVpnGateway: number;
  readonly activePeeringsPerVpc: number;
  /** Requests of a VPC that wait for an answer. */
  readonly pendingPeeringsPerVpc: number;
}

/** One state of the region: everything the orchestration system knows. */
export interface Snapshot {
  /** Counts the changes. */
  readonly revision: number;
  readonly accountId: string;
  readonly region: string;
  readonly availabilityZones: readonly string[];
  readonly rules: RuleSet;
  readonly settings: FabricSettings;
  readonly quotas: Quotas;
  /** The option set that AWS makes for the region (DHCP-8); null until the first VPC needs it. */
  readonly defaultDhcpOptionsId: DhcpOptionsId | null;
  /** All maps keep the order of creation, which clients rely on. */
  readonly vpcs: ReadonlyMap<VpcId, Vpc>;
  readonly subnets: ReadonlyMap<SubnetId, Subnet>;
  readonly enis: ReadonlyMap<EniId, Eni>;
  readonly instances: ReadonlyMap<InstanceId, Instance>;
  readonly reservations: ReadonlyMap<ReservationId, Reservation>;
  readonly images: ReadonlyMap<ImageId, Image>;
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
}
