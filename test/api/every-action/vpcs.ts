/** VPCs, their blocks and their DHCP options. */
import { NO_ONE, VPC, VpcId } from './network.ts';
import { gives, ref, refuses, type Story } from './story.ts';

const NO_VPC = `vpc-${NO_ONE}`;
const TAGS = [{ Key: 'Name', Value: 'x<&>"\' ü🐧' }];

const vpcs: Story = {
  title: 'VPCs',
  calls: [
    gives(
      'CreateVpc',
      {
        CidrBlock: '10.0.0.0/16',
        AmazonProvidedIpv6CidrBlock: true,
        TagSpecifications: [{ ResourceType: 'vpc', Tags: TAGS }],
      },
      { Vpc: { CidrBlock: '10.0.0.0/16', State: 'pending', Tags: TAGS } },
      'vpc',
    ),
    refuses(
      'CreateVpc',
      { CidrBlock: '10.0.0.0/8' },
      'InvalidVpc.Range',
      "The CIDR '10.0.0.0/8' is invalid.",
    ),
    gives(
      'DescribeVpcs',
      { Filters: [{ Name: 'cidr', Values: ['10.*'] }] },
      { Vpcs: [{ VpcId, State: 'available', IsDefault: false, InstanceTenancy: 'default' }] },
    ),
    refuses(
      'DescribeVpcs',
      { VpcIds: [NO_VPC] },
      'InvalidVpcID.NotFound',
      `The vpc ID '${NO_VPC}' does not exist`,
    ),
    gives('ModifyVpcAttribute', { VpcId, EnableDnsHostnames: { Value: true } }, {}),
    refuses(
      'ModifyVpcAttribute',
      { VpcId: 'vpc-zz', EnableDnsSupport: { Value: true } },
      'InvalidVpcID.Malformed',
      'Invalid id: "vpc-zz"',
    ),
    gives(
      'AssociateVpcCidrBlock',
      { VpcId, CidrBlock: '10.1.0.0/16' },
      { VpcId, CidrBlockAssociation: { CidrBlock: '10.1.0.0/16' } },
      'block',
    ),
    refuses(
      'AssociateVpcCidrBlock',
      { VpcId, CidrBlock: '192.168.0.0/16' },
      'InvalidVpc.Range',
      /^The CIDR '192\.168\.0\.0\/16' is restricted\./,
    ),
    gives(
      'DisassociateVpcCidrBlock',
      { AssociationId: ref('block.CidrBlockAssociation.AssociationId') },
      { VpcId, CidrBlockAssociation: { CidrBlockState: { State: 'disassociating' } } },
    ),
    refuses(
      'DisassociateVpcCidrBlock',
      { AssociationId: `vpc-cidr-assoc-${NO_ONE}` },
      'InvalidVpcCidrBlockAssociationID.NotFound',
    ),
    refuses('DeleteVpc', { VpcId: NO_VPC }, 'InvalidVpcID.NotFound'),
    gives('DeleteVpc', { VpcId }, {}),
  ],
};

const DhcpOptionsId = ref('options.DhcpOptions.DhcpOptionsId');

const dhcpOptions: Story = {
  title: 'DHCP options',
  calls: [
    VPC,
    gives(
      'CreateDhcpOptions',
      {
        DhcpConfigurations: [
          { Key: 'domain-name', Values: ['example.com'] },
          { Key: 'domain-name-servers', Values: ['10.0.0.2', '10.0.0.3'] },
        ],
      },
      {
        DhcpOptions: {
          DhcpConfigurations: [
            { Key: 'domain-name', Values: [{ Value: 'example.com' }] },
            { Values: [{ Value: '10.0.0.2' }, { Value: '10.0.0.3' }] },
          ],
        },
      },
      'options',
    ),
    refuses(
      'CreateDhcpOptions',
      { DhcpConfigurations: [{ Key: 'colour', Values: ['red'] }] },
      'InvalidParameterValue',
    ),
    gives(
      'DescribeDhcpOptions',
      { Filters: [{ Name: 'value', Values: ['example.*'] }] },
      { DhcpOptions: [{ DhcpOptionsId }] },
    ),
    refuses(
      'DescribeDhcpOptions',
      { DhcpOptionsIds: [`dopt-${NO_ONE}`] },
      'InvalidDhcpOptionID.NotFound',
      `The dhcpOption ID 'dopt-${NO_ONE}' does not exist`,
    ),
    gives('AssociateDhcpOptions', { DhcpOptionsId, VpcId }, {}),
    refuses('AssociateDhcpOptions', { DhcpOptionsId, VpcId: NO_VPC }, 'InvalidVpcID.NotFound'),
    refuses('DeleteDhcpOptions', { DhcpOptionsId }, 'DependencyViolation'),
    gives('AssociateDhcpOptions', { DhcpOptionsId: 'default', VpcId }, {}),
    gives('DeleteDhcpOptions', { DhcpOptionsId }, {}),
  ],
};

export const VPC_STORIES: readonly Story[] = [vpcs, dhcpOptions];
