/** The ids of all objects: a prefix that says the kind, a dash, and hexadecimal digits. */

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
export type KeyPairId = `key-${string}`;
export type LaunchTemplateId = `lt-${string}`;
export type VolumeId = `vol-${string}`;
export type ProfileAssociationId = `iip-assoc-${string}`;
/** As IAM's ids are: no dash. */
export type RoleId = `AROA${string}`;
export type ReservationId = `r-${string}`;
export type AllocationId = `eipalloc-${string}`;
export type AddressAssociationId = `eipassoc-${string}`;
export type SecurityGroupId = `sg-${string}`;
export type SecurityGroupRuleId = `sgr-${string}`;
export type NetworkAclId = `acl-${string}`;
export type NetworkAclAssociationId = `aclassoc-${string}`;
export type PrefixListId = `pl-${string}`;
export type FlowLogId = `fl-${string}`;
export type InternetGatewayId = `igw-${string}`;
export type EgressOnlyGatewayId = `eigw-${string}`;
export type NatGatewayId = `nat-${string}`;
export type CustomerGatewayId = `cgw-${string}`;
export type VpnGatewayId = `vgw-${string}`;
export type VpnConnectionId = `vpn-${string}`;
export type PeeringId = `pcx-${string}`;
export type TransitGatewayId = `tgw-${string}`;
export type TransitGatewayAttachmentId = `tgw-attach-${string}`;
export type TransitGatewayRouteTableId = `tgw-rtb-${string}`;
export type TransitGatewayPolicyTableId = `tgw-ptb-${string}`;
export type TransitGatewayConnectPeerId = `tgw-connect-peer-${string}`;
export type TransitGatewayMulticastDomainId = `tgw-mcast-domain-${string}`;
/** Of Route 53, whose ids have no dash. */
export type HostedZoneId = `Z${string}`;
export type EniPermissionId = `eni-perm-${string}`;
export type NetworkInsightsPathId = `nip-${string}`;
export type NetworkInsightsAnalysisId = `nia-${string}`;
export type CarrierGatewayId = `cagw-${string}`;
export type VpcEndpointId = `vpce-${string}`;
export type EndpointServiceId = `vpce-svc-${string}`;
export type ServicePermissionId = `vpce-svc-perm-${string}`;
export type ConnectionNotificationId = `vpce-nfn-${string}`;
/** Of Elastic Load Balancing, which names what it has by ARNs: a Gateway Load Balancer. */
export type LoadBalancerArn = `arn:${string}:loadbalancer/gwy/${string}`;
export type ListenerArn = `arn:${string}:listener/gwy/${string}`;
export type TargetGroupArn = `arn:${string}:targetgroup/${string}`;
/** The target group and the target, joined by a blank. */
export type TargetKey = `${TargetGroupArn} ${string}`;
