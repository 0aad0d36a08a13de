/** Single attributes of VPCs, interfaces and addresses, permissions, and what is left of the classic network. */
import { INTERFACE, NetworkInterfaceId, NO_ONE, SUBNET, SubnetId, VPC, VpcId } from './network.ts';
import { gives, ref, refuses, type Story } from './story.ts';

const NO_VPC = `vpc-${NO_ONE}`;
const NO_ENI = `eni-${NO_ONE}`;

const ofVpcs: Story = {
  title: 'attributes of VPCs',
  calls: [
    VPC,
    gives(
      'DescribeVpcAttribute',
      { VpcId, Attribute: 'enableDnsSupport' },
      { VpcId, EnableDnsSupport: { Value: true } },
    ),
    refuses(
      'DescribeVpcAttribute',
      { VpcId: NO_VPC, Attribute: 'enableDnsSupport' },
      'InvalidVpcID.NotFound',
    ),
    gives('ModifyVpcTenancy', { VpcId, InstanceTenancy: 'default' }, { ReturnValue: true }),
    refuses(
      'ModifyVpcTenancy',
      { VpcId: NO_VPC, InstanceTenancy: 'default' },
      'InvalidVpcID.NotFound',
    ),
    gives('DescribeVpcClassicLink', {}, { Vpcs: [{ VpcId, ClassicLinkEnabled: false }] }),
    refuses('DescribeVpcClassicLink', { VpcIds: [NO_VPC] }, 'InvalidVpcID.NotFound'),
    gives(
      'DescribeVpcClassicLinkDnsSupport',
      {},
      { Vpcs: [{ VpcId, ClassicLinkDnsSupported: false }] },
    ),
    refuses('DescribeVpcClassicLinkDnsSupport', { VpcIds: [NO_VPC] }, 'InvalidVpcID.NotFound'),
    gives('DescribeStaleSecurityGroups', { VpcId }, { StaleSecurityGroupSet: [] }),
    refuses('DescribeStaleSecurityGroups', { VpcId: NO_VPC }, 'InvalidVpcID.NotFound'),
  ],
};

/** For itself, since older clients have it not. */
const groupsForVpc: Story = {
  title: 'security groups that a VPC can use',
  calls: [
    VPC,
    gives(
      'GetSecurityGroupsForVpc',
      { VpcId },
      { SecurityGroupForVpcs: [{ GroupName: 'default' }] },
    ),
    refuses('GetSecurityGroupsForVpc', { VpcId: NO_VPC }, 'InvalidVpcID.NotFound'),
  ],
};

const NetworkInterfacePermissionId = ref(
  'permission.InterfacePermission.NetworkInterfacePermissionId',
);
const NO_PERMISSION = `eni-perm-${NO_ONE}`;
const NO_PERMISSION_FOUND = 'InvalidNetworkInterfacePermissionId.NotFound';

const ofInterfaces: Story = {
  title: 'attributes of interfaces',
  calls: [
    VPC,
    SUBNET,
    INTERFACE,
    gives(
      'DescribeNetworkInterfaceAttribute',
      { NetworkInterfaceId, Attribute: 'description' },
      { NetworkInterfaceId, Description: { Value: 'spare' } },
    ),
    refuses(
      'DescribeNetworkInterfaceAttribute',
      { NetworkInterfaceId: NO_ENI, Attribute: 'description' },
      'InvalidNetworkInterfaceID.NotFound',
    ),
    gives('ResetNetworkInterfaceAttribute', { NetworkInterfaceId, SourceDestCheck: 'true' }, {}),
    refuses(
      'ResetNetworkInterfaceAttribute',
      { NetworkInterfaceId: NO_ENI, SourceDestCheck: 'true' },
      'InvalidNetworkInterfaceID.NotFound',
    ),
    gives(
      'CreateNetworkInterfacePermission',
      { NetworkInterfaceId, AwsAccountId: '210987654321', Permission: 'INSTANCE-ATTACH' },
      { InterfacePermission: { NetworkInterfaceId, AwsAccountId: '210987654321' } },
      'permission',
    ),
    refuses(
      'CreateNetworkInterfacePermission',
      { NetworkInterfaceId: NO_ENI, AwsAccountId: '210987654321', Permission: 'INSTANCE-ATTACH' },
      'InvalidNetworkInterfaceID.NotFound',
    ),
    gives(
      'DescribeNetworkInterfacePermissions',
      {},
      { NetworkInterfacePermissions: [{ NetworkInterfacePermissionId }] },
    ),
    refuses(
      'DescribeNetworkInterfacePermissions',
      { NetworkInterfacePermissionIds: [NO_PERMISSION] },
      NO_PERMISSION_FOUND,
    ),
    gives('DeleteNetworkInterfacePermission', { NetworkInterfacePermissionId }, { Return: true }),
    refuses(
      'DeleteNetworkInterfacePermission',
      { NetworkInterfacePermissionId: NO_PERMISSION },
      NO_PERMISSION_FOUND,
    ),
  ],
};

const AllocationId = ref('address.AllocationId');
const NO_ALLOCATION = `eipalloc-${NO_ONE}`;

const ofAddresses: Story = {
  title: 'attributes of elastic addresses',
  calls: [
    gives('AllocateAddress', {}, { AllocationId: /^eipalloc-0/ }, 'address'),
    gives(
      'ModifyAddressAttribute',
      { AllocationId, DomainName: 'mail.example.com' },
      { Address: { AllocationId } },
    ),
    refuses(
      'ModifyAddressAttribute',
      { AllocationId: NO_ALLOCATION, DomainName: 'mail.example.com' },
      'InvalidAllocationID.NotFound',
    ),
    gives(
      'DescribeAddressesAttribute',
      { AllocationIds: [AllocationId], Attribute: 'domain-name' },
      { Addresses: [{ AllocationId }] },
    ),
    refuses(
      'DescribeAddressesAttribute',
      { AllocationIds: [NO_ALLOCATION], Attribute: 'domain-name' },
      'InvalidAllocationID.NotFound',
    ),
    gives(
      'ResetAddressAttribute',
      { AllocationId, Attribute: 'domain-name' },
      { Address: { AllocationId } },
    ),
    refuses(
      'ResetAddressAttribute',
      { AllocationId: NO_ALLOCATION, Attribute: 'domain-name' },
      'InvalidAllocationID.NotFound',
    ),
  ],
};

const NatGatewayId = ref('nat.NatGateway.NatGatewayId');
const PublicNatGatewayId = ref('public.NatGateway.NatGatewayId');
const NO_NAT = `nat-${NO_ONE}`;
const PrivateIpAddresses = ['10.0.1.9'];
const InternetGatewayId = ref('igw.InternetGateway.InternetGatewayId');

const ofNatGateways: Story = {
  title: 'addresses of NAT gateways',
  calls: [
    VPC,
    SUBNET,
    gives(
      'CreateNatGateway',
      { SubnetId, ConnectivityType: 'private', ClientToken: 'private' },
      { NatGateway: { SubnetId } },
      'nat',
    ),
    gives(
      'AssignPrivateNatGatewayAddress',
      { NatGatewayId, PrivateIpAddresses },
      { NatGatewayAddresses: [{ PrivateIp: '10.0.1.9', Status: 'assigning' }] },
    ),
    refuses(
      'AssignPrivateNatGatewayAddress',
      { NatGatewayId: NO_NAT, PrivateIpAddresses },
      'InvalidNatGatewayID.NotFound',
    ),
    gives(
      'UnassignPrivateNatGatewayAddress',
      { NatGatewayId, PrivateIpAddresses },
      { NatGatewayAddresses: [{ PrivateIp: '10.0.1.9' }] },
    ),
    refuses(
      'UnassignPrivateNatGatewayAddress',
      { NatGatewayId: NO_NAT, PrivateIpAddresses },
      'InvalidNatGatewayID.NotFound',
    ),
    gives('CreateInternetGateway', {}, {}, 'igw'),
    gives('AttachInternetGateway', { InternetGatewayId, VpcId }, {}),
    gives('AllocateAddress', {}, {}, 'first'),
    gives('AllocateAddress', {}, {}, 'second'),
    gives(
      'CreateNatGateway',
      { SubnetId, AllocationId: ref('first.AllocationId'), ClientToken: 'public' },
      { NatGateway: { SubnetId } },
      'public',
    ),
    gives(
      'AssociateNatGatewayAddress',
      { NatGatewayId: PublicNatGatewayId, AllocationIds: [ref('second.AllocationId')] },
      { NatGatewayAddresses: [{ AllocationId: ref('second.AllocationId') }] },
    ),
    refuses(
      'AssociateNatGatewayAddress',
      { NatGatewayId: NO_NAT, AllocationIds: [ref('second.AllocationId')] },
      'InvalidNatGatewayID.NotFound',
    ),
    gives(
      'DescribeAddresses',
      { AllocationIds: [ref('second.AllocationId')] },
      { Addresses: [{}] },
      'addresses',
    ),
    refuses(
      'DisassociateNatGatewayAddress',
      { NatGatewayId: PublicNatGatewayId, AssociationIds: [`eipassoc-${NO_ONE}`] },
      'InvalidAssociationID.NotFound',
    ),
    gives(
      'DisassociateNatGatewayAddress',
      {
        NatGatewayId: PublicNatGatewayId,
        AssociationIds: [ref('addresses.Addresses.0.AssociationId')],
      },
      { NatGatewayId: PublicNatGatewayId },
    ),
  ],
};

export const ATTRIBUTE_STORIES: readonly Story[] = [
  ofVpcs,
  groupsForVpc,
  ofInterfaces,
  ofAddresses,
  ofNatGateways,
];
