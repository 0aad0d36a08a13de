/**
 * Where routes leave a VPC: internet, egress-only, NAT and carrier gateways, virtual private gateways with
 * their VPN connections. The last three are recorded only: the dataplane does not forward through them.
 */
import type { Ipv4Cidr } from '../addr/cidr.ts';
import type { Ipv4Addr } from '../addr/ipv4.ts';
import type {
  CarrierGatewayId,
  CustomerGatewayId,
  EgressOnlyGatewayId,
  EniId,
  InternetGatewayId,
  NatGatewayId,
  PeeringId,
  SubnetId,
  TransitGatewayId,
  VpcEndpointId,
  VpcId,
  VpnConnectionId,
  VpnGatewayId,
} from './ids.ts';
import type { Tagged } from './tags.ts';

/** One for a VPC at most (IGW-5). */
export interface InternetGateway extends Tagged {
  readonly internetGatewayId: InternetGatewayId;
  /** null: attached to nothing. */
  readonly vpcId: VpcId | null;
}

/** For IPv6 only (EIGW-1); attached for as long as it exists. */
export interface EgressOnlyGateway extends Tagged {
  readonly egressOnlyGatewayId: EgressOnlyGatewayId;
  readonly vpcId: VpcId;
}

/** Why a NAT gateway could not be made: AWS's code and text. */
export interface NatGatewayFailure {
  readonly code: string;
  readonly message: string;
}

/** `failed` and `deleted` gateways stay to be seen; they have no interface. */
export interface NatGateway extends Tagged {
  readonly natGatewayId: NatGatewayId;
  readonly vpcId: VpcId;
  readonly subnetId: SubnetId;
  readonly connectivity: 'public' | 'private';
  readonly state: 'available' | 'failed' | 'deleted';
  /** null unless it failed. */
  readonly failure: NatGatewayFailure | null;
  /** Its interface, which the account can only look at; null when it is gone. */
  readonly eniId: EniId | null;
  /** As they were while it was available. */
  readonly privateAddr: Ipv4Addr | null;
  readonly publicAddr: Ipv4Addr | null;
  readonly allocationId: `eipalloc-${string}` | null;
  /** Milliseconds since the epoch. */
  readonly createTimeMs: number;
  readonly deleteTimeMs: number | null;
}

/** The customer's end of VPN connections. */
export interface CustomerGateway extends Tagged {
  readonly customerGatewayId: CustomerGatewayId;
  readonly addr: Ipv4Addr;
  readonly bgpAsn: number;
  readonly deviceName: string | null;
}

/** A virtual private gateway: one for a VPC, and one VPC for it (VGW-1). */
export interface VpnGateway extends Tagged {
  readonly vpnGatewayId: VpnGatewayId;
  readonly vpcId: VpcId | null;
  readonly amazonSideAsn: number;
}

export interface VpnConnection extends Tagged {
  readonly vpnConnectionId: VpnConnectionId;
  readonly customerGatewayId: CustomerGatewayId;
  /** Amazon's end: a virtual private gateway, or else a transit gateway. */
  readonly vpnGatewayId: VpnGatewayId | null;
  readonly transitGatewayId: TransitGatewayId | null;
  /** Else the routes come by BGP. */
  readonly staticRoutesOnly: boolean;
  readonly staticRoutes: readonly Ipv4Cidr[];
}

/** The way from a Wavelength Zone to the network of a carrier: one for a VPC. */
export interface CarrierGateway extends Tagged {
  readonly carrierGatewayId: CarrierGatewayId;
  readonly vpcId: VpcId;
}

/** What a route table may be associated with, to steer the traffic that enters by it (EDGE-1). */
export type EdgeGatewayId = InternetGatewayId | VpnGatewayId;

/** A target of routes that lies outside the VPC's own interfaces. */
export type GatewayTarget =
  | { readonly kind: 'internet-gateway'; readonly gatewayId: InternetGatewayId }
  | { readonly kind: 'vpn-gateway'; readonly gatewayId: VpnGatewayId }
  | { readonly kind: 'egress-only-gateway'; readonly gatewayId: EgressOnlyGatewayId }
  | { readonly kind: 'nat-gateway'; readonly gatewayId: NatGatewayId }
  | { readonly kind: 'peering'; readonly gatewayId: PeeringId }
  | { readonly kind: 'transit-gateway'; readonly gatewayId: TransitGatewayId }
  | { readonly kind: 'carrier-gateway'; readonly gatewayId: CarrierGatewayId }
  | { readonly kind: 'vpc-endpoint'; readonly gatewayId: VpcEndpointId };
