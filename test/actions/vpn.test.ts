import t from 'tap';
import { at, Lab, listAt } from './lab.ts';

t.test('a customer gateway is made once for its address and ASN', async (t) => {
  const lab = new Lab({ quotas: { customerGatewaysPerRegion: 1 } });
  const id = lab.customerGateway();
  t.equal(lab.customerGateway(), id, 'again');
  t.match(at(lab.act('DescribeCustomerGateways'), 'CustomerGateways', 0), {
    CustomerGatewayId: id,
    IpAddress: '203.0.113.1',
    BgpAsn: '65000',
    State: 'available',
    Type: 'ipsec.1',
  });
  const Type = 'ipsec.1';
  const rows: readonly (readonly [object, string])[] = [
    [{ Type: 'ipsec.2', IpAddress: '203.0.113.1' }, 'InvalidParameterValue'],
    [{ Type }, 'MissingParameter'],
    [{ Type, IpAddress: 'x' }, 'InvalidParameterValue'],
    [{ Type, IpAddress: '203.0.113.1', BgpAsn: 0 }, 'InvalidParameterValue'],
    [{ Type, IpAddress: '203.0.113.1', PublicIp: '203.0.113.1' }, 'InvalidParameterCombination'],
    [{ Type, PublicIp: '203.0.113.2' }, 'CustomerGatewayLimitExceeded'],
  ];
  for (const [input, code] of rows) {
    t.equal(lab.refuse('CreateCustomerGateway', { ...input }).code, code, JSON.stringify(input));
  }
  const connection = lab.vpnConnection(lab.vpnGateway(), id);
  const remove = { CustomerGatewayId: id };
  t.match(lab.refuse('DeleteCustomerGateway', remove), {
    code: 'IncorrectState',
    message: 'The customer gateway is in use.',
  });
  lab.act('DeleteVpnConnection', { VpnConnectionId: connection });
  lab.act('DeleteCustomerGateway', remove);
});

t.test('[VGW-1] a VPC has one virtual private gateway, and that one has one VPC', async (t) => {
  const lab = new Lab({ quotas: { vpnGatewaysPerRegion: 2 } });
  const vpcId = lab.vpc();
  const other = lab.vpc('10.9.0.0/16');
  const first = lab.vpnGateway(vpcId);
  const second = lab.vpnGateway();
  const shown = () =>
    at(lab.act('DescribeVpnGateways', { VpnGatewayIds: [first] }), 'VpnGateways', 0);
  t.match(shown(), {
    AmazonSideAsn: 64512,
    State: 'available',
    VpcAttachments: [{ State: 'attached', VpcId: vpcId }],
  });
  t.match(lab.refuse('AttachVpnGateway', { VpnGatewayId: second, VpcId: vpcId }), {
    code: 'InvalidVpcState',
  });
  t.match(lab.refuse('AttachVpnGateway', { VpnGatewayId: first, VpcId: other }), {
    code: 'VpnGatewayAttachmentLimitExceeded',
  });
  t.equal(lab.refuse('CreateVpnGateway', { Type: 'ipsec.1' }).code, 'VpnGatewayLimitExceeded');
  const asn = { Type: 'ipsec.1', AmazonSideAsn: 7018 };
  t.equal(lab.refuse('CreateVpnGateway', asn).code, 'InvalidParameterValue');
  t.equal(lab.refuse('DeleteVpc', { VpcId: vpcId }).code, 'DependencyViolation');
  t.equal(lab.refuse('DeleteVpnGateway', { VpnGatewayId: first }).code, 'IncorrectState');
  t.match(lab.refuse('DetachVpnGateway', { VpnGatewayId: first, VpcId: other }), {
    code: 'InvalidVpnGatewayAttachment.NotFound',
  });
  lab.act('DetachVpnGateway', { VpnGatewayId: first, VpcId: vpcId });
  t.match(shown(), { VpcAttachments: [] });
  lab.act('DeleteVpnGateway', { VpnGatewayId: first });
});

t.test('[RT-12] static routes of a VPN connection come into the tables', async (t) => {
  const lab = new Lab();
  const vpcId = lab.vpc();
  const vgw = lab.vpnGateway(vpcId);
  const connection = lab.vpnConnection(vgw, lab.customerGateway());
  const RouteTableId = lab.mainTable(vpcId);
  const route = (cidr: string) => ({ VpnConnectionId: connection, DestinationCidrBlock: cidr });
  lab.act('CreateVpnConnectionRoute', route('192.168.0.0/16'));
  lab.act('CreateVpnConnectionRoute', route('192.168.0.0/16'));
  t.equal(lab.routes(RouteTableId).length, 1, 'nothing is propagated yet');
  const propagate = { RouteTableId, GatewayId: vgw };
  lab.act('EnableVgwRoutePropagation', propagate);
  t.same(lab.routes(RouteTableId).slice(1), [`192.168.0.0/16 ${vgw} active`]);
  lab.act('CreateVpnConnectionRoute', route('172.16.0.0/12'));
  const table = at(
    lab.act('DescribeRouteTables', { RouteTableIds: [RouteTableId] }),
    ...['RouteTables', 0],
  );
  t.match(table, {
    PropagatingVgws: [{ GatewayId: vgw }],
    Routes: [
      {},
      {},
      { DestinationCidrBlock: '172.16.0.0/12', Origin: 'EnableVgwRoutePropagation' },
    ],
  });
  lab.act('DeleteVpnConnectionRoute', route('172.16.0.0/12'));
  t.equal(lab.refuse('DeleteVpnConnectionRoute', route('1.0.0.0/8')).code, 'InvalidRoute.NotFound');
  t.equal(lab.refuse('CreateVpnConnectionRoute', route('x')).code, 'InvalidParameterValue');
  t.equal(lab.routes(RouteTableId).length, 2);
  lab.act('DisableVgwRoutePropagation', propagate);
  t.equal(lab.routes(RouteTableId).length, 1);
  lab.act('EnableVgwRoutePropagation', propagate);
  lab.act('CreateRoute', { ...propagate, DestinationCidrBlock: '198.51.100.0/24' });
  lab.act('DetachVpnGateway', { VpnGatewayId: vgw, VpcId: vpcId });
  t.same(lab.routes(RouteTableId).slice(1), [`198.51.100.0/24 ${vgw} blackhole`]);
  t.match(lab.refuse('EnableVgwRoutePropagation', propagate), {
    code: 'Gateway.NotAttached',
    message: `resource ${vgw} is not attached to network ${vpcId}`,
  });
  lab.act('AttachVpnGateway', { VpnGatewayId: vgw, VpcId: vpcId });
  lab.act('EnableVgwRoutePropagation', propagate);
  lab.act('DeleteVpnConnection', { VpnConnectionId: connection });
  t.same(lab.routes(RouteTableId).slice(1), [`198.51.100.0/24 ${vgw} active`]);
});

t.test('[EDGE-2] a gateway and propagation do not share a table', async (t) => {
  const lab = new Lab();
  const vpcId = lab.vpc();
  const vgw = lab.vpnGateway(vpcId);
  const made = lab.act('CreateRouteTable', { VpcId: vpcId });
  const input = { RouteTableId: at(made, 'RouteTable', 'RouteTableId'), GatewayId: vgw };
  lab.act('EnableVgwRoutePropagation', input);
  t.match(lab.refuse('AssociateRouteTable', input), { message: /cannot have propagated routes/ });
  lab.act('DisableVgwRoutePropagation', input);
  lab.act('AssociateRouteTable', input);
  t.match(lab.refuse('EnableVgwRoutePropagation', input), { code: 'InvalidParameterValue' });
});

t.test('a VPN connection joins a customer and a virtual private gateway', async (t) => {
  const lab = new Lab({ quotas: { vpnConnectionsPerVpnGateway: 1 } });
  const vgw = lab.vpnGateway();
  const cgw = lab.customerGateway();
  const Type = 'ipsec.1';
  const create = { Type, VpnGatewayId: vgw, CustomerGatewayId: cgw };
  const answer = lab.act('CreateVpnConnection', create);
  t.match(answer, { VpnConnection: { State: 'pending', Options: { StaticRoutesOnly: false } } });
  const id = at(answer, 'VpnConnection', 'VpnConnectionId');
  const Filters = [{ Name: 'vpn-gateway-id', Values: [vgw] }];
  t.match(listAt(lab.act('DescribeVpnConnections', { Filters }), 'VpnConnections'), [
    { VpnConnectionId: id, State: 'available', Routes: [], CustomerGatewayId: cgw },
  ]);
  const route = { VpnConnectionId: id, DestinationCidrBlock: '192.168.0.0/16' };
  t.equal(lab.refuse('CreateVpnConnectionRoute', route).code, 'UnsupportedOperation');
  t.equal(lab.refuse('CreateVpnConnection', create).code, 'VpnConnectionLimitExceeded');
  t.equal(lab.refuse('DeleteVpnGateway', { VpnGatewayId: vgw }).code, 'IncorrectState');
  const unknown = { ...create, VpnGatewayId: 'vgw-12345678' };
  t.equal(lab.refuse('CreateVpnConnection', unknown).code, 'InvalidVpnGatewayID.NotFound');
});
