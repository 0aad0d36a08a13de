/**
 * Transit gateways: routers between VPCs, VPN connections and each other, with tables of their own.
 * Recorded only: the dataplane does not forward through them.
 */
import type { Cidr, Ipv4Cidr, Ipv6Cidr } from '../addr/cidr.ts';
import type { Ipv4Addr } from '../addr/ipv4.ts';
import type { Ipv6Addr } from '../addr/ipv6.ts';
import type {
  EniId,
  PrefixListId,
  SubnetId,
  TransitGatewayAttachmentId,
  TransitGatewayConnectPeerId,
  TransitGatewayId,
  TransitGatewayMulticastDomainId,
  TransitGatewayPolicyTableId,
  TransitGatewayRouteTableId,
  VpcId,
  VpnConnectionId,
} from './ids.ts';
import type { Tagged } from './tags.ts';

export interface TransitGateway extends Tagged {
  readonly transitGatewayId: TransitGatewayId;
  readonly ownerId: string;
  readonly description: string;
  readonly amazonSideAsn: number;
  /** Where the outer addresses of Connect peers are from (TGWC-3). */
  readonly cidrBlocks: readonly Cidr[];
  readonly autoAcceptSharedAttachments: boolean;
  readonly vpnEcmpSupport: boolean;
  readonly dnsSupport: boolean;
  readonly securityGroupReferencingSupport: boolean;
  readonly multicastSupport: boolean;
  /** The table that new attachments are associated with; null: with none. */
  readonly associationDefaultRouteTableId: TransitGatewayRouteTableId | null;
  /** The table that new attachments propagate to; null: to none. */
  readonly propagationDefaultRouteTableId: TransitGatewayRouteTableId | null;
  /** Milliseconds since the epoch. */
  readonly creationTimeMs: number;
}

/** `rejected` and `deleted` attachments stay to be seen; nothing names them. */
export type TransitGatewayAttachmentState =
  | 'pendingAcceptance'
  | 'available'
  | 'rejected'
  | 'deleted';

interface AttachmentBase extends Tagged {
  readonly attachmentId: TransitGatewayAttachmentId;
  readonly transitGatewayId: TransitGatewayId;
  readonly state: TransitGatewayAttachmentState;
  /** The table that routes what comes in by the attachment (TGW-2). */
  readonly routeTableId: TransitGatewayRouteTableId | null;
  /** In place of a route table. */
  readonly policyTableId: TransitGatewayPolicyTableId | null;
  /** Milliseconds since the epoch. */
  readonly creationTimeMs: number;
}

/** It has one interface in each of its subnets while it is available (TGW-1). */
export interface VpcAttachment extends AttachmentBase {
  readonly kind: 'vpc';
  readonly vpcId: VpcId;
  readonly vpcOwnerId: string;
  /** One in an Availability Zone (TGW-1). */
  readonly subnetIds: readonly SubnetId[];
  readonly dnsSupport: boolean;
  readonly securityGroupReferencingSupport: boolean;
  readonly ipv6Support: boolean;
  /** One interface carries a flow for its life (TGW-7). */
  readonly applianceModeSupport: boolean;
}

export interface VpnAttachment extends AttachmentBase {
  readonly kind: 'vpn';
  readonly vpnConnectionId: VpnConnectionId;
}

/** One end of a peering of transit gateways. */
export interface TransitGatewayPeeringSide {
  readonly transitGatewayId: TransitGatewayId;
  readonly ownerId: string;
  readonly region: string;
}

/** Each side of a peering has an attachment of its own; static routes only (TGW-4). */
export interface PeeringAttachment extends AttachmentBase {
  readonly kind: 'peering';
  readonly requester: TransitGatewayPeeringSide;
  readonly accepter: TransitGatewayPeeringSide;
  /** That of the other side: the same id when that is in another region or account. */
  readonly peerAttachmentId: TransitGatewayAttachmentId;
  readonly isRequester: boolean;
  readonly dynamicRouting: boolean;
}

/** GRE with BGP over the attachment of a VPC (TGWC-1). */
export interface ConnectAttachment extends AttachmentBase {
  readonly kind: 'connect';
  readonly transportAttachmentId: TransitGatewayAttachmentId;
}

export type TransitGatewayAttachment =
  | VpcAttachment
  | VpnAttachment
  | PeeringAttachment
  | ConnectAttachment;

/** One GRE tunnel with its BGP sessions (TGWC-1). */
export interface TransitGatewayConnectPeer extends Tagged {
  readonly connectPeerId: TransitGatewayConnectPeerId;
  readonly attachmentId: TransitGatewayAttachmentId;
  /** The outer addresses; both of one family. */
  readonly transitGatewayAddr: Ipv4Addr | Ipv6Addr;
  readonly peerAddr: Ipv4Addr | Ipv6Addr;
  /** A /29: the peer has the first host, the transit gateway the next two (TGWC-1). */
  readonly insideIpv4: Ipv4Cidr;
  readonly insideIpv6: Ipv6Cidr | null;
  readonly peerAsn: number;
  /** Milliseconds since the epoch. */
  readonly creationTimeMs: number;
}

export interface TransitGatewayStaticRoute {
  readonly destination: Cidr;
  /** null drops: a blackhole, or a route whose attachment is gone (TGW-4). */
  readonly attachmentId: TransitGatewayAttachmentId | null;
}

export interface TransitGatewayPrefixListReference {
  readonly prefixListId: PrefixListId;
  /** null drops. */
  readonly attachmentId: TransitGatewayAttachmentId | null;
}

export interface TransitGatewayRouteTable extends Tagged {
  readonly routeTableId: TransitGatewayRouteTableId;
  readonly transitGatewayId: TransitGatewayId;
  readonly routes: readonly TransitGatewayStaticRoute[];
  readonly prefixListReferences: readonly TransitGatewayPrefixListReference[];
  /** The attachments that may put routes into the table, in the order in which they came. */
  readonly propagatingAttachmentIds: readonly TransitGatewayAttachmentId[];
  /** Milliseconds since the epoch. */
  readonly creationTimeMs: number;
}

/** Which table routes what comes by a peering; its entries come from Cloud WAN only. */
export interface TransitGatewayPolicyTable extends Tagged {
  readonly policyTableId: TransitGatewayPolicyTableId;
  readonly transitGatewayId: TransitGatewayId;
  /** Milliseconds since the epoch. */
  readonly creationTimeMs: number;
}

/** A subnet in a multicast domain; it is in one only (MC-1). */
export interface MulticastAssociation {
  readonly attachmentId: TransitGatewayAttachmentId;
  readonly subnetId: SubnetId;
  readonly state: 'pendingAcceptance' | 'associated';
}

/** An interface that receives what is sent to a group, or that may send to it. */
export interface MulticastMembership {
  readonly groupAddr: Ipv4Addr | Ipv6Addr;
  readonly eniId: EniId;
  readonly role: 'member' | 'source';
}

export interface TransitGatewayMulticastDomain extends Tagged {
  readonly multicastDomainId: TransitGatewayMulticastDomainId;
  readonly transitGatewayId: TransitGatewayId;
  readonly ownerId: string;
  /** Excludes static sources (MC-1). */
  readonly igmpv2Support: boolean;
  readonly staticSourcesSupport: boolean;
  readonly autoAcceptSharedAssociations: boolean;
  /** What is of a subnet that is gone does not count any more. */
  readonly associations: readonly MulticastAssociation[];
  /** What is of an interface that is gone does not count any more. */
  readonly memberships: readonly MulticastMembership[];
  /** Milliseconds since the epoch. */
  readonly creationTimeMs: number;
}
