/** Route tables and routes. */
import { INTERFACE, NetworkInterfaceId, NO_ONE, SUBNET, SubnetId, VPC, VpcId } from './network.ts';
import { gives, ref, refuses, type Story } from './story.ts';

const NO_TABLE = `rtb-${NO_ONE}`;
const RouteTableId = ref('table.RouteTable.RouteTableId');
const TABLE = gives(
  'CreateRouteTable',
  { VpcId },
  {
    RouteTable: {
      VpcId,
      Routes: [{ GatewayId: 'local', Origin: 'CreateRouteTable', State: 'active' }],
      Associations: [],
      PropagatingVgws: [],
    },
  },
  'table',
);

const tables: Story = {
  title: 'route tables',
  calls: [
    VPC,
    SUBNET,
    TABLE,
    refuses(
      'CreateRouteTable',
      { VpcId: `vpc-${NO_ONE}` },
      'InvalidVpcID.NotFound',
      `The vpc ID 'vpc-${NO_ONE}' does not exist`,
    ),
    gives(
      'AssociateRouteTable',
      { RouteTableId, SubnetId },
      { AssociationId: /^rtbassoc-0/, AssociationState: { State: 'associated' } },
      'association',
    ),
    refuses(
      'AssociateRouteTable',
      { RouteTableId: NO_TABLE, SubnetId },
      'InvalidRouteTableID.NotFound',
      `The routeTable ID '${NO_TABLE}' does not exist`,
    ),
    gives(
      'DescribeRouteTables',
      { Filters: [{ Name: 'association.subnet-id', Values: [SubnetId] }] },
      { RouteTables: [{ RouteTableId, Associations: [{ SubnetId, Main: false }] }] },
    ),
    refuses('DescribeRouteTables', { RouteTableIds: [NO_TABLE] }, 'InvalidRouteTableID.NotFound'),
    gives(
      'DescribeRouteTables',
      {
        Filters: [
          { Name: 'vpc-id', Values: [VpcId] },
          { Name: 'association.main', Values: ['true'] },
        ],
      },
      { RouteTables: [{ VpcId, Associations: [{ Main: true }] }] },
      'main',
    ),
    gives(
      'ReplaceRouteTableAssociation',
      {
        AssociationId: ref('association.AssociationId'),
        RouteTableId: ref('main.RouteTables.0.RouteTableId'),
      },
      { NewAssociationId: /^rtbassoc-0/ },
      'replaced',
    ),
    refuses(
      'ReplaceRouteTableAssociation',
      { AssociationId: `rtbassoc-${NO_ONE}`, RouteTableId },
      'InvalidAssociationID.NotFound',
      `The association ID 'rtbassoc-${NO_ONE}' does not exist`,
    ),
    refuses(
      'DeleteRouteTable',
      { RouteTableId: ref('main.RouteTables.0.RouteTableId') },
      'DependencyViolation',
    ),
    gives('DisassociateRouteTable', { AssociationId: ref('replaced.NewAssociationId') }, {}),
    refuses(
      'DisassociateRouteTable',
      { AssociationId: ref('replaced.NewAssociationId') },
      'InvalidAssociationID.NotFound',
    ),
    gives('DeleteRouteTable', { RouteTableId }, {}),
  ],
};

const DestinationCidrBlock = '192.0.2.0/24';

const routes: Story = {
  title: 'routes',
  calls: [
    VPC,
    SUBNET,
    INTERFACE,
    TABLE,
    gives(
      'CreateRoute',
      { RouteTableId, DestinationCidrBlock, NetworkInterfaceId },
      { Return: true },
    ),
    refuses(
      'CreateRoute',
      { RouteTableId, DestinationCidrBlock, NetworkInterfaceId: `eni-${NO_ONE}` },
      'InvalidNetworkInterfaceID.NotFound',
    ),
    gives(
      'CreateNetworkInterface',
      { SubnetId, ClientToken: 'other' },
      { NetworkInterface: { SubnetId } },
      'other',
    ),
    refuses(
      'CreateRoute',
      {
        RouteTableId,
        DestinationCidrBlock,
        NetworkInterfaceId: ref('other.NetworkInterface.NetworkInterfaceId'),
      },
      'RouteAlreadyExists',
      `The route identified by ${DestinationCidrBlock} already exists.`,
    ),
    gives(
      'ReplaceRoute',
      {
        RouteTableId,
        DestinationCidrBlock,
        NetworkInterfaceId: ref('other.NetworkInterface.NetworkInterfaceId'),
      },
      {},
    ),
    refuses(
      'ReplaceRoute',
      { RouteTableId, DestinationCidrBlock: '198.51.100.0/24', NetworkInterfaceId },
      'InvalidParameterValue',
      "There is no route defined for '198.51.100.0/24' in the route table. Use CreateRoute instead.",
    ),
    gives('DeleteRoute', { RouteTableId, DestinationCidrBlock }, {}),
    refuses(
      'DeleteRoute',
      { RouteTableId, DestinationCidrBlock },
      'InvalidRoute.NotFound',
      /^no route with destination-cidr-block 192\.0\.2\.0\/24 in route table rtb-0/,
    ),
  ],
};

export const ROUTING_STORIES: readonly Story[] = [tables, routes];
