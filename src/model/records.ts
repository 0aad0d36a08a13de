/**
 * The VPC model: immutable records with AWS's nouns.
 * Only actions make new ones (`actions/`); `compile/` reads them. No I/O, clock or randomness here.
 */
import type { Cidr, Ipv4Cidr, Ipv6Cidr } from '../addr/cidr.ts';
import type { Ipv4Addr } from '../addr/ipv4.ts';
import type { Ipv6Addr } from '../addr/ipv6.ts';
import type { MacAddr } from '../addr/mac.ts';
import type { InstanceOptions } from './compute.ts';
import type { EdgeGatewayId, GatewayTarget } from './gateways.ts';
import type {
  CidrAssociationId,
  CidrReservationId,
  DhcpOptionsId,
  EniAttachmentId,
  EniId,
  EniPermissionId,
  ImageId,
  InstanceId,
  LoadBalancerArn,
  NatGatewayId,
  PrefixListId,
  ReservationId,
  RouteTableAssociationId,
  RouteTableId,
  SecurityGroupId,
  SubnetId,
  TransitGatewayAttachmentId,
  VpcEndpointId,
  VpcId,
  VpnGatewayId,
} from './ids.ts';
import type { Realm } from './realm.ts';
import type { Tagged } from './tags.ts';

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
  /** The VPC of the region that RunInstances takes when it is told of none. */
  readonly isDefault: boolean;
  readonly realm: Realm;
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
  /** An instance that is launched here gets a public IPv4 address though nobody asks for one. */
  readonly mapPublicIpOnLaunch: boolean;
  /** To its instances the resolver gives IPv6 addresses of names that have IPv4 only (NAT-8). */
  readonly enableDns64: boolean;
  /** The subnet of its zone that RunInstances takes when it is told of none. */
  readonly isDefault: boolean;
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

/** A public IPv4 address that comes and goes with the run of an instance (ENI-10). */
export interface AutoPublicAddress {
  /** null while the instance is stopped, and while an elastic address stands in for it. */
  readonly publicAddr: Ipv4Addr | null;
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
  /** The first IPv6 address stays for as long as the interface; so it is once switched on. */
  readonly hasPrimaryIpv6: boolean;
  /** Delegated prefixes: /28 and /80 (ENI-11). */
  readonly prefixes: readonly Cidr[];
  readonly sourceDestCheck: boolean;
  /** At least one, of the interface's VPC (SG-4); none at a NAT gateway (NAT-4), a Gateway Load Balancer or an endpoint of one. */
  readonly groupIds: readonly SecurityGroupId[];
  readonly connectionTracking: ConnectionTracking;
  readonly attachment: EniAttachment | null;
  /** What AWS made it for, and that alone can change it; null: the account's own. */
  readonly madeFor:
    | NatGatewayId
    | TransitGatewayAttachmentId
    | VpcEndpointId
    | LoadBalancerArn
    | null;
  readonly autoPublicAddress: AutoPublicAddress | null;
}

/** What another account may do with an interface. */
export interface EniPermission {
  readonly permissionId: EniPermissionId;
  readonly eniId: EniId;
  readonly granteeId: string;
  readonly permission: 'INSTANCE-ATTACH' | 'EIP-ASSOCIATE';
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
  readonly options: InstanceOptions;
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
