/** VPN: the gateways on both sides and the connections between them. */
import { NO_ONE, VPC, VpcId } from './network.ts';
import { type Call, gives, ref, refuses, type Story } from './story.ts';

const Type = 'ipsec.1';
const CustomerGatewayId = ref('customer.CustomerGateway.CustomerGatewayId');
const VpnGatewayId = ref('gateway.VpnGateway.VpnGatewayId');
const VpnConnectionId = ref('connection.VpnConnection.VpnConnectionId');

const CUSTOMER_GATEWAY = gives(
  'CreateCustomerGateway',
  { Type, IpAddress: '203.0.113.1', BgpAsn: 65_000 },
  { CustomerGateway: { BgpAsn: '65000', IpAddress: '203.0.113.1', Type } },
  'customer',
);
const VPN_GATEWAY: readonly Call[] = [
  gives('CreateVpnGateway', { Type }, { VpnGateway: { Type, AmazonSideAsn: 64_512 } }, 'gateway'),
  gives(
    'AttachVpnGateway',
    { VpnGatewayId, VpcId },
    { VpcAttachment: { State: /^attach/, VpcId } },
  ),
];

const customerGateways: Story = {
  title: 'customer gateways',
  calls: [
    CUSTOMER_GATEWAY,
    refuses(
      'CreateCustomerGateway',
      { Type, IpAddress: 'x', BgpAsn: 65_000 },
      'InvalidParameterValue',
    ),
    gives(
      'DescribeCustomerGateways',
      { Filters: [{ Name: 'bgp-asn', Values: ['65000'] }] },
      { CustomerGateways: [{ CustomerGatewayId, State: 'available' }] },
    ),
    refuses(
      'DescribeCustomerGateways',
      { CustomerGatewayIds: [`cgw-${NO_ONE}`] },
      'InvalidCustomerGatewayID.NotFound',
      `The customerGateway ID 'cgw-${NO_ONE}' does not exist`,
    ),
    gives('DeleteCustomerGateway', { CustomerGatewayId }, {}),
    refuses(
      'DeleteCustomerGateway',
      { CustomerGatewayId: `cgw-${NO_ONE}` },
      'InvalidCustomerGatewayID.NotFound',
    ),
  ],
};

const RouteTableId = ref('tables.RouteTables.0.RouteTableId');

const vpnGateways: Story = {
  title: 'virtual private gateways',
  calls: [
    VPC,
    ...VPN_GATEWAY,
    refuses('CreateVpnGateway', { Type, AmazonSideAsn: 7018 }, 'InvalidParameterValue'),
    refuses('AttachVpnGateway', { VpnGatewayId, VpcId: `vpc-${NO_ONE}` }, 'InvalidVpcID.NotFound'),
    gives(
      'DescribeVpnGateways',
      { VpnGatewayIds: [VpnGatewayId] },
      { VpnGateways: [{ VpcAttachments: [{ VpcId, State: 'attached' }] }] },
    ),
    refuses(
      'DescribeVpnGateways',
      { VpnGatewayIds: [`vgw-${NO_ONE}`] },
      'InvalidVpnGatewayID.NotFound',
      `The vpnGateway ID 'vgw-${NO_ONE}' does not exist`,
    ),
    gives(
      'DescribeRouteTables',
      { Filters: [{ Name: 'vpc-id', Values: [VpcId] }] },
      { RouteTables: [{ VpcId }] },
      'tables',
    ),
    gives('EnableVgwRoutePropagation', { GatewayId: VpnGatewayId, RouteTableId }, {}),
    refuses(
      'EnableVgwRoutePropagation',
      { GatewayId: VpnGatewayId, RouteTableId: `rtb-${NO_ONE}` },
      'InvalidRouteTableID.NotFound',
    ),
    gives('DisableVgwRoutePropagation', { GatewayId: VpnGatewayId, RouteTableId }, {}),
    refuses(
      'DisableVgwRoutePropagation',
      { GatewayId: VpnGatewayId, RouteTableId: `rtb-${NO_ONE}` },
      'InvalidRouteTableID.NotFound',
    ),
    refuses('DeleteVpnGateway', { VpnGatewayId }, 'IncorrectState'),
    gives('DetachVpnGateway', { VpnGatewayId, VpcId }, {}),
    refuses(
      'DetachVpnGateway',
      { VpnGatewayId, VpcId },
      'InvalidVpnGatewayAttachment.NotFound',
      /^The attachment with vpn gateway ID 'vgw-0[0-9a-f]{16}' and vpc ID 'vpc-0[0-9a-f]{16}' does not exist$/,
    ),
    gives('DeleteVpnGateway', { VpnGatewayId }, {}),
  ],
};

const DestinationCidrBlock = '192.168.0.0/16';

const connections: Story = {
  title: 'VPN connections',
  calls: [
    VPC,
    CUSTOMER_GATEWAY,
    ...VPN_GATEWAY,
    gives(
      'CreateVpnConnection',
      { Type, CustomerGatewayId, VpnGatewayId, Options: { StaticRoutesOnly: true } },
      { VpnConnection: { Type, CustomerGatewayId, VpnGatewayId } },
      'connection',
    ),
    refuses(
      'CreateVpnConnection',
      { Type, CustomerGatewayId: `cgw-${NO_ONE}`, VpnGatewayId },
      'InvalidCustomerGatewayID.NotFound',
    ),
    gives('CreateVpnConnectionRoute', { VpnConnectionId, DestinationCidrBlock }, {}),
    refuses(
      'CreateVpnConnectionRoute',
      { VpnConnectionId, DestinationCidrBlock: 'x' },
      'InvalidParameterValue',
    ),
    gives(
      'DescribeVpnConnections',
      { VpnConnectionIds: [VpnConnectionId] },
      { VpnConnections: [{ State: 'available', Routes: [{ DestinationCidrBlock }] }] },
    ),
    refuses(
      'DescribeVpnConnections',
      { VpnConnectionIds: [`vpn-${NO_ONE}`] },
      'InvalidVpnConnectionID.NotFound',
      `The vpnConnection ID 'vpn-${NO_ONE}' does not exist`,
    ),
    gives('DeleteVpnConnectionRoute', { VpnConnectionId, DestinationCidrBlock }, {}),
    refuses(
      'DeleteVpnConnectionRoute',
      { VpnConnectionId, DestinationCidrBlock },
      'InvalidRoute.NotFound',
    ),
    gives('DeleteVpnConnection', { VpnConnectionId }, {}),
    refuses(
      'DeleteVpnConnection',
      { VpnConnectionId: `vpn-${NO_ONE}` },
      'InvalidVpnConnectionID.NotFound',
    ),
  ],
};

export const VPN_STORIES: readonly Story[] = [customerGateways, vpnGateways, connections];
