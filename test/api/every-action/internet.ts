/** The ways to the internet: gateways, elastic addresses, NAT. */
import { INTERFACE, NetworkInterfaceId, NO_ONE, SUBNET, SubnetId, VPC, VpcId } from './network.ts';
import { type Call, gives, ref, refuses, type Story } from './story.ts';

const InternetGatewayId = ref('igw.InternetGateway.InternetGatewayId');
const NO_GATEWAY = `igw-${NO_ONE}`;
const GATEWAY: readonly Call[] = [
  gives(
    'CreateInternetGateway',
    { TagSpecifications: [{ ResourceType: 'internet-gateway', Tags: [{ Key: 'a', Value: '' }] }] },
    { InternetGateway: { Attachments: [], Tags: [{ Key: 'a', Value: '' }] } },
    'igw',
  ),
  gives('AttachInternetGateway', { InternetGatewayId, VpcId }, {}),
];

const internetGateways: Story = {
  title: 'internet gateways',
  calls: [
    VPC,
    ...GATEWAY,
    refuses(
      'CreateInternetGateway',
      { TagSpecifications: [{ ResourceType: 'internet-gateway', Tags: [{ Key: 'aws:a' }] }] },
      'InvalidParameterValue',
    ),
    refuses(
      'AttachInternetGateway',
      { InternetGatewayId, VpcId },
      'Resource.AlreadyAssociated',
      /^resource igw-0[0-9a-f]{16} is already attached to network vpc-0[0-9a-f]{16}$/,
    ),
    gives(
      'DescribeInternetGateways',
      { Filters: [{ Name: 'attachment.vpc-id', Values: [VpcId] }] },
      { InternetGateways: [{ InternetGatewayId, Attachments: [{ VpcId, State: 'available' }] }] },
    ),
    refuses(
      'DescribeInternetGateways',
      { InternetGatewayIds: [NO_GATEWAY] },
      'InvalidInternetGatewayID.NotFound',
      `The internetGateway ID '${NO_GATEWAY}' does not exist`,
    ),
    refuses('DeleteInternetGateway', { InternetGatewayId }, 'DependencyViolation'),
    gives('DetachInternetGateway', { InternetGatewayId, VpcId }, {}),
    refuses(
      'DetachInternetGateway',
      { InternetGatewayId, VpcId },
      'Gateway.NotAttached',
      /^resource igw-0[0-9a-f]{16} is not attached to network vpc-0[0-9a-f]{16}$/,
    ),
    gives('DeleteInternetGateway', { InternetGatewayId }, {}),
  ],
};

const EgressOnlyInternetGatewayId = ref(
  'gateway.EgressOnlyInternetGateway.EgressOnlyInternetGatewayId',
);

const egressOnlyGateways: Story = {
  title: 'egress-only internet gateways',
  calls: [
    VPC,
    gives(
      'CreateEgressOnlyInternetGateway',
      { VpcId, ClientToken: 'eigw' },
      {
        ClientToken: 'eigw',
        EgressOnlyInternetGateway: { Attachments: [{ State: 'attached', VpcId }] },
      },
      'gateway',
    ),
    refuses(
      'CreateEgressOnlyInternetGateway',
      { VpcId: `vpc-${NO_ONE}`, ClientToken: 'other' },
      'InvalidVpcID.NotFound',
    ),
    gives(
      'DescribeEgressOnlyInternetGateways',
      { EgressOnlyInternetGatewayIds: [EgressOnlyInternetGatewayId] },
      { EgressOnlyInternetGateways: [{ EgressOnlyInternetGatewayId }] },
    ),
    refuses(
      'DescribeEgressOnlyInternetGateways',
      { EgressOnlyInternetGatewayIds: [`eigw-${NO_ONE}`] },
      'InvalidGatewayID.NotFound',
    ),
    gives('DeleteEgressOnlyInternetGateway', { EgressOnlyInternetGatewayId }, { ReturnCode: true }),
    refuses(
      'DeleteEgressOnlyInternetGateway',
      { EgressOnlyInternetGatewayId },
      'InvalidGatewayID.NotFound',
    ),
  ],
};

const AllocationId = ref('address.AllocationId');
const NO_ALLOCATION = `eipalloc-${NO_ONE}`;
const ADDRESS = gives(
  'AllocateAddress',
  { Domain: 'vpc' },
  { Domain: 'vpc', AllocationId: /^eipalloc-0/, PublicIp: /^198\.18\./ },
  'address',
);

const addresses: Story = {
  title: 'elastic addresses',
  calls: [
    VPC,
    SUBNET,
    ...GATEWAY,
    INTERFACE,
    ADDRESS,
    refuses('AllocateAddress', { Address: '203.0.113.9' }, 'InvalidAddress.NotFound'),
    gives(
      'AssociateAddress',
      { AllocationId, NetworkInterfaceId },
      { AssociationId: /^eipassoc-0/ },
      'association',
    ),
    refuses(
      'AssociateAddress',
      { AllocationId: NO_ALLOCATION, NetworkInterfaceId },
      'InvalidAllocationID.NotFound',
      `The allocation ID '${NO_ALLOCATION}' does not exist`,
    ),
    gives(
      'DescribeAddresses',
      { AllocationIds: [AllocationId] },
      { Addresses: [{ NetworkInterfaceId, PrivateIpAddress: '10.0.1.20' }] },
    ),
    refuses(
      'DescribeAddresses',
      { PublicIps: ['203.0.113.9'] },
      'InvalidAddress.NotFound',
      "Address '203.0.113.9' not found.",
    ),
    refuses('ReleaseAddress', { AllocationId }, 'InvalidIPAddress.InUse'),
    gives('DisassociateAddress', { AssociationId: ref('association.AssociationId') }, {}),
    refuses(
      'DisassociateAddress',
      { AssociationId: ref('association.AssociationId') },
      'InvalidAssociationID.NotFound',
    ),
    gives('ReleaseAddress', { AllocationId }, {}),
  ],
};

const NatGatewayId = ref('nat.NatGateway.NatGatewayId');

const natGateways: Story = {
  title: 'NAT gateways',
  calls: [
    VPC,
    SUBNET,
    ...GATEWAY,
    ADDRESS,
    gives(
      'CreateNatGateway',
      { SubnetId, AllocationId, ClientToken: 'nat' },
      { ClientToken: 'nat', NatGateway: { SubnetId, VpcId, ConnectivityType: 'public' } },
      'nat',
    ),
    refuses(
      'CreateNatGateway',
      { SubnetId, AllocationId: NO_ALLOCATION, ClientToken: 'other' },
      'InvalidAllocationID.NotFound',
    ),
    gives(
      'DescribeNatGateways',
      { Filter: [{ Name: 'vpc-id', Values: [VpcId] }] },
      {
        NatGateways: [
          {
            NatGatewayId,
            CreateTime: '2020-05-01T12:00:00.000Z',
            NatGatewayAddresses: [{ AllocationId }],
          },
        ],
      },
    ),
    refuses(
      'DescribeNatGateways',
      { NatGatewayIds: [`nat-${NO_ONE}`] },
      'NatGatewayNotFound',
      `NAT gateway nat-${NO_ONE} was not found`,
    ),
    gives('DeleteNatGateway', { NatGatewayId }, { NatGatewayId }),
    refuses('DeleteNatGateway', { NatGatewayId: `nat-${NO_ONE}` }, 'NatGatewayNotFound'),
  ],
};

export const INTERNET_STORIES: readonly Story[] = [
  internetGateways,
  egressOnlyGateways,
  addresses,
  natGateways,
];
