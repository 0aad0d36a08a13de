/** The kinds of ids, by their prefixes, with AWS's codes and words for ids that name nothing. */

/** What an id stands for: the prefix of the id names the kind. */
interface IdKind {
  /** Code of an id that is well formed but names nothing. */
  readonly notFound: string;
  /** Code of an id that cannot be one. */
  readonly malformed: string;
  /** The kind in the sentence. */
  readonly noun: string;
  /**
   * `The <noun> 'x' does not exist`, `<noun> x was deleted or does not exist.`, or
   * `<noun> are not found: [TotalCount: 1] x`.
   */
  readonly wording: 'does-not-exist' | 'was-deleted' | 'total-count';
}

function kind(notFound: string, malformed: string, noun: string): IdKind {
  return {
    notFound: `${notFound}.NotFound`,
    malformed: `${malformed}.Malformed`,
    noun,
    wording: 'does-not-exist',
  };
}

/** A kind that came with transit gateways, of which AWS speaks in other words. */
function transitKind(code: string, noun: string): IdKind {
  return { ...kind(code, code, noun), wording: 'was-deleted' };
}

/** AWS's codes spell `ID` differently in the two kinds of refusal; this is AWS's table. */
export const ID_KINDS = {
  vpc: kind('InvalidVpcID', 'InvalidVpcID', 'vpc ID'),
  subnet: kind('InvalidSubnetID', 'InvalidSubnetID', 'subnet ID'),
  eni: kind('InvalidNetworkInterfaceID', 'InvalidNetworkInterfaceId', 'networkInterface ID'),
  'eni-attach': kind(
    'InvalidAttachmentID',
    'InvalidNetworkInterfaceAttachmentId',
    'network interface attachment ID',
  ),
  'eni-perm': kind(
    'InvalidNetworkInterfacePermissionId',
    'InvalidNetworkInterfacePermissionId',
    'network interface permission ID',
  ),
  i: kind('InvalidInstanceID', 'InvalidInstanceID', 'instance ID'),
  key: kind('InvalidKeyPair', 'InvalidKeyPair', 'key pair'),
  lt: kind(
    'InvalidLaunchTemplateId',
    'InvalidLaunchTemplateId',
    'launch template, with template ID',
  ),
  vol: kind('InvalidVolume', 'InvalidVolumeID', 'volume'),
  'iip-assoc': kind('InvalidAssociationID', 'InvalidAssociationID', 'association ID'),
  ami: kind('InvalidAMIID', 'InvalidAMIID', 'image id'),
  rtb: kind('InvalidRouteTableID', 'InvalidRouteTableId', 'routeTable ID'),
  rtbassoc: kind('InvalidAssociationID', 'InvalidAssociationID', 'association ID'),
  dopt: kind('InvalidDhcpOptionID', 'InvalidDhcpOptionsId', 'dhcpOption ID'),
  scr: kind(
    'InvalidSubnetCidrReservationID',
    'InvalidSubnetCidrReservationId',
    'subnet-cidr-reservation ID',
  ),
  'vpc-cidr-assoc': kind(
    'InvalidVpcCidrBlockAssociationID',
    'InvalidVpcCidrBlockAssociationID',
    'vpc CIDR block association ID',
  ),
  'subnet-cidr-assoc': kind(
    'InvalidSubnetCidrBlockAssociationID',
    'InvalidSubnetCidrBlockAssociationID',
    'subnet CIDR block association ID',
  ),
  sg: kind('InvalidGroup', 'InvalidGroupId', 'security group'),
  sgr: kind('InvalidSecurityGroupRuleId', 'InvalidSecurityGroupRuleId', 'security group rule ID'),
  acl: kind('InvalidNetworkAclID', 'InvalidNetworkAclId', 'networkAcl ID'),
  aclassoc: kind('InvalidAssociationID', 'InvalidAssociationID', 'association ID'),
  fl: {
    ...kind('InvalidFlowLogId', 'InvalidFlowLogId', 'These flow log ids in the input list'),
    wording: 'total-count',
  },
  igw: kind('InvalidInternetGatewayID', 'InvalidInternetGatewayId', 'internetGateway ID'),
  eipalloc: kind('InvalidAllocationID', 'InvalidAllocationID', 'allocation ID'),
  eipassoc: kind('InvalidAssociationID', 'InvalidAssociationID', 'association ID'),
  cgw: kind('InvalidCustomerGatewayID', 'InvalidCustomerGatewayId', 'customerGateway ID'),
  vgw: kind('InvalidVpnGatewayID', 'InvalidVpnGatewayId', 'vpnGateway ID'),
  vpn: kind('InvalidVpnConnectionID', 'InvalidVpnConnectionId', 'vpnConnection ID'),
  eigw: kind('InvalidGatewayID', 'InvalidGatewayID', 'eigw ID'),
  nat: kind('InvalidNatGatewayID', 'InvalidNatGatewayID', 'natGateway ID'),
  tgw: transitKind('InvalidTransitGatewayID', 'Transit Gateway'),
  'tgw-attach': transitKind('InvalidTransitGatewayAttachmentID', 'Transit Gateway Attachment'),
  'tgw-rtb': transitKind('InvalidRouteTableID', 'Transit Gateway Route Table'),
  'tgw-ptb': transitKind('InvalidTransitGatewayPolicyTableId', 'Transit Gateway Policy Table'),
  'tgw-connect-peer': transitKind(
    'InvalidTransitGatewayConnectPeerID',
    'Transit Gateway Connect Peer',
  ),
  'tgw-mcast-domain': transitKind(
    'InvalidTransitGatewayMulticastDomainId',
    'Transit Gateway Multicast Domain',
  ),
  pcx: kind(
    'InvalidVpcPeeringConnectionID',
    'InvalidVpcPeeringConnectionId',
    'vpcPeeringConnection ID',
  ),
  vpce: kind('InvalidVpcEndpointId', 'InvalidVpcEndpointId', 'Vpc Endpoint Id'),
  'vpce-svc': kind(
    'InvalidVpcEndpointServiceId',
    'InvalidVpcEndpointServiceId',
    'VpcEndpointService Id',
  ),
  'vpce-nfn': kind(
    'InvalidConnectionNotification',
    'InvalidConnectionNotificationId',
    'connection notification ID',
  ),
  lgw: kind('InvalidLocalGatewayID', 'InvalidLocalGatewayID', 'localGateway ID'),
  cagw: kind('InvalidCarrierGatewayID', 'InvalidCarrierGatewayID', 'carrierGateway ID'),
  nip: kind(
    'InvalidNetworkInsightsPathId',
    'InvalidNetworkInsightsPathId',
    'networkInsightsPath ID',
  ),
  nia: kind(
    'InvalidNetworkInsightsAnalysisId',
    'InvalidNetworkInsightsAnalysisId',
    'networkInsightsAnalysis ID',
  ),
  pl: kind('InvalidPrefixListID', 'InvalidPrefixListId', 'prefix list ID'),
} as const satisfies Record<string, IdKind>;
