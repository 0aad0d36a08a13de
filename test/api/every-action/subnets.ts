/** Subnets, their IPv6 blocks and their reservations. */
import { ipv6Vpc, NO_ONE, SUBNET, SubnetId, VPC, VpcId } from './network.ts';
import { gives, ref, refuses, type Story } from './story.ts';

const NO_SUBNET = `subnet-${NO_ONE}`;

const subnets: Story = {
  title: 'subnets',
  calls: [
    ipv6Vpc('2001:db8:1:100::/56'),
    SUBNET,
    refuses(
      'CreateSubnet',
      { VpcId, CidrBlock: '10.0.1.128/25' },
      'InvalidSubnet.Conflict',
      "The CIDR '10.0.1.128/25' conflicts with another subnet",
    ),
    gives(
      'DescribeSubnets',
      { Filters: [{ Name: 'vpc-id', Values: [VpcId] }], MaxResults: 5 },
      { Subnets: [{ SubnetId, State: 'available', MapPublicIpOnLaunch: false }] },
    ),
    refuses(
      'DescribeSubnets',
      { SubnetIds: [SubnetId, NO_SUBNET] },
      'InvalidSubnetID.NotFound',
      `The subnet ID '${NO_SUBNET}' does not exist`,
    ),
    refuses(
      'ModifySubnetAttribute',
      { SubnetId, AssignIpv6AddressOnCreation: { Value: true } },
      'InvalidParameterValue',
    ),
    refuses(
      'AssociateSubnetCidrBlock',
      { SubnetId, Ipv6CidrBlock: '2001:db8:9::/64' },
      'InvalidSubnet.Range',
    ),
    gives(
      'AssociateSubnetCidrBlock',
      { SubnetId, Ipv6CidrBlock: '2001:db8:1:101::/64' },
      { SubnetId, Ipv6CidrBlockAssociation: { Ipv6CidrBlockState: { State: 'associating' } } },
      'block',
    ),
    gives('ModifySubnetAttribute', { SubnetId, AssignIpv6AddressOnCreation: { Value: true } }, {}),
    refuses(
      'DisassociateSubnetCidrBlock',
      { AssociationId: ref('block.Ipv6CidrBlockAssociation.AssociationId') },
      'InvalidCidrBlock.InUse',
    ),
    gives('ModifySubnetAttribute', { SubnetId, AssignIpv6AddressOnCreation: { Value: false } }, {}),
    gives(
      'DisassociateSubnetCidrBlock',
      { AssociationId: ref('block.Ipv6CidrBlockAssociation.AssociationId') },
      { SubnetId, Ipv6CidrBlockAssociation: { Ipv6CidrBlock: '2001:db8:1:101::/64' } },
    ),
    gives('ModifySubnetAttribute', { SubnetId, EnableDns64: { Value: true } }, {}),
    gives(
      'DescribeSubnets',
      { Filters: [{ Name: 'enable-dns64', Values: ['true'] }] },
      { Subnets: [{ SubnetId, EnableDns64: true }] },
    ),
    refuses('DeleteSubnet', { SubnetId: NO_SUBNET }, 'InvalidSubnetID.NotFound'),
    gives('DeleteSubnet', { SubnetId }, {}),
  ],
};

const Cidr = '10.0.1.64/28';
const SubnetCidrReservationId = ref('reservation.SubnetCidrReservation.SubnetCidrReservationId');

const reservations: Story = {
  title: 'reservations in subnets',
  calls: [
    VPC,
    SUBNET,
    gives(
      'CreateSubnetCidrReservation',
      { SubnetId, Cidr, ReservationType: 'prefix', Description: 'pods' },
      { SubnetCidrReservation: { SubnetId, Cidr, ReservationType: 'prefix', Description: 'pods' } },
      'reservation',
    ),
    refuses(
      'CreateSubnetCidrReservation',
      { SubnetId, Cidr, ReservationType: 'explicit' },
      'InvalidParameterValue',
    ),
    gives(
      'GetSubnetCidrReservations',
      { SubnetId },
      { SubnetIpv4CidrReservations: [{ SubnetCidrReservationId }], SubnetIpv6CidrReservations: [] },
    ),
    refuses('GetSubnetCidrReservations', { SubnetId: NO_SUBNET }, 'InvalidSubnetID.NotFound'),
    gives(
      'DeleteSubnetCidrReservation',
      { SubnetCidrReservationId },
      { DeletedSubnetCidrReservation: { SubnetCidrReservationId } },
    ),
    refuses(
      'DeleteSubnetCidrReservation',
      { SubnetCidrReservationId },
      'InvalidSubnetCidrReservationID.NotFound',
    ),
  ],
};

export const SUBNET_STORIES: readonly Story[] = [subnets, reservations];
