import t from 'tap';
import { at, Lab, listAt, textAt } from './lab.ts';

function network(more: object = {}) {
  const lab = new Lab(more);
  const vpcId = lab.vpc('10.0.0.0/16', { Ipv6Pool: 'pool', Ipv6CidrBlock: '2001:db8:0:100::/56' });
  const subnetId = lab.subnet(vpcId, '10.0.1.0/24');
  const shown = (id: string) =>
    at(lab.act('DescribeNatGateways', { NatGatewayIds: [id] }), 'NatGateways', 0);
  return { lab, vpcId, subnetId, shown };
}

t.test('a public NAT gateway has an elastic address and an interface of its own', async (t) => {
  const { lab, vpcId, subnetId, shown } = network();
  lab.internetGateway(vpcId);
  const AllocationId = lab.elasticAddress({ Address: '198.18.0.9' });
  const answer = lab.act('CreateNatGateway', {
    SubnetId: subnetId,
    AllocationId,
    PrivateIpAddress: '10.0.1.77',
  });
  t.match(answer, { NatGateway: { State: 'pending', ConnectivityType: 'public' } });
  const id = textAt(answer, 'NatGateway', 'NatGatewayId');
  t.match(shown(id), {
    State: 'available',
    VpcId: vpcId,
    SubnetId: subnetId,
    NatGatewayAddresses: [{ AllocationId, PrivateIp: '10.0.1.77', PublicIp: '198.18.0.9' }],
  });
  const eniId = textAt(shown(id), 'NatGatewayAddresses', 0, 'NetworkInterfaceId');
  const eni = lab.act('DescribeNetworkInterfaces', { NetworkInterfaceIds: [eniId] });
  t.match(at(eni, 'NetworkInterfaces', 0), {
    InterfaceType: 'nat_gateway',
    RequesterManaged: true,
    Status: 'in-use',
    Description: `Interface for NAT Gateway ${id}`,
    Groups: [],
    Association: { PublicIp: '198.18.0.9' },
  });
  const NetworkInterfaceId = eniId;
  t.equal(
    lab.refuse('DeleteNetworkInterface', { NetworkInterfaceId }).code,
    'InvalidParameterValue',
  );
  const touching = [
    ['ModifyNetworkInterfaceAttribute', { SourceDestCheck: { Value: true } }],
    ['AssignPrivateIpAddresses', { SecondaryPrivateIpAddressCount: 1 }],
    ['AssociateAddress', { AllocationId }],
  ] as const;
  for (const [action, input] of touching) {
    t.equal(lab.refuse(action, { NetworkInterfaceId, ...input }).code, 'AuthFailure', action);
  }
  const away = { AllocationId, NetworkInterfaceId: lab.eni(subnetId) };
  t.equal(lab.refuse('AssociateAddress', away).code, 'AuthFailure');
  t.equal(lab.refuse('DeleteSubnet', { SubnetId: subnetId }).code, 'DependencyViolation');
  lab.nowMs += 1000;
  t.same(lab.act('DeleteNatGateway', { NatGatewayId: id }), { NatGatewayId: id });
  t.match(shown(id), { State: 'deleted', DeleteTime: '2020-05-01T12:00:01.000Z' });
  lab.act('DeleteNatGateway', { NatGatewayId: id });
  lab.act('ReleaseAddress', { AllocationId });
  t.match(lab.refuse('DeleteNatGateway', { NatGatewayId: 'nat-12345678' }), {
    code: 'NatGatewayNotFound',
    message: 'NAT gateway nat-12345678 was not found',
  });
});

t.test('a private NAT gateway has no elastic address', async (t) => {
  const { lab, subnetId, shown } = network();
  const id = lab.natGateway(subnetId);
  const addresses = listAt(shown(id), 'NatGatewayAddresses');
  t.match(addresses, [{ AllocationId: undefined, PublicIp: undefined, PrivateIp: /^10\.0\.1\./ }]);
  const AllocationId = lab.elasticAddress();
  const wrong = { SubnetId: subnetId, ConnectivityType: 'private', AllocationId };
  t.equal(lab.refuse('CreateNatGateway', wrong).code, 'InvalidParameterCombination');
});

t.test('CreateNatGateway fails, at once or in the state of the gateway', async (t) => {
  const { lab, vpcId, subnetId, shown } = network({ quotas: { natGatewaysPerZone: 1 } });
  const SubnetId = subnetId;
  const AllocationId = lab.elasticAddress();
  const rows: readonly (readonly [object, string])[] = [
    [{ SubnetId }, 'MissingParameter'],
    [{ SubnetId: 'subnet-12345678', AllocationId }, 'InvalidSubnetID.NotFound'],
    [{ SubnetId, AllocationId: 'eipalloc-12345678' }, 'InvalidAllocationID.NotFound'],
    [{ SubnetId, ConnectivityType: 'other' }, 'InvalidParameterValue'],
  ];
  for (const [input, code] of rows) {
    t.equal(lab.refuse('CreateNatGateway', { ...input }).code, code, JSON.stringify(input));
  }
  const without = lab.natGateway(subnetId, { AllocationId });
  t.match(shown(without), {
    State: 'failed',
    FailureCode: 'Gateway.NotAttached',
    FailureMessage: `Network ${vpcId} has no Internet gateway attached`,
  });
  lab.internetGateway(vpcId);
  lab.act('AssociateAddress', { AllocationId, NetworkInterfaceId: lab.eni(subnetId) });
  t.match(shown(lab.natGateway(subnetId, { AllocationId })), {
    State: 'failed',
    FailureCode: 'Resource.AlreadyAssociated',
  });
  lab.natGateway(subnetId);
  t.match(lab.refuse('CreateNatGateway', { SubnetId, ConnectivityType: 'private' }), {
    code: 'NatGatewayLimitExceeded',
    message: 'Performing this operation would exceed the limit of 1 NAT gateways',
  });
  const states = (value: string) =>
    listAt(
      lab.act('DescribeNatGateways', { Filter: [{ Name: 'state', Values: [value] }] }),
      'NatGateways',
    ).length;
  t.same([states('failed'), states('available')], [2, 1]);
});

t.test('[RT-11] a route to a NAT gateway is a blackhole when it is deleted', async (t) => {
  const { lab, vpcId, subnetId } = network();
  const RouteTableId = lab.mainTable(vpcId);
  const NatGatewayId = lab.natGateway(subnetId);
  const route = { RouteTableId, DestinationCidrBlock: '0.0.0.0/0', NatGatewayId };
  lab.act('CreateRoute', route);
  t.equal(lab.routes(RouteTableId)[2], `0.0.0.0/0 ${NatGatewayId} active`);
  const v6 = { RouteTableId, NatGatewayId, DestinationIpv6CidrBlock: '::/0' };
  t.match(lab.refuse('CreateRoute', v6), { message: /IPv4 routes and of 64:ff9b::\/96 only/ });
  lab.act('CreateRoute', { ...v6, DestinationIpv6CidrBlock: '64:ff9b::/96' });
  const foreign = lab.mainTable(lab.vpc('10.9.0.0/16'));
  t.match(lab.refuse('CreateRoute', { ...route, RouteTableId: foreign }), {
    message: /belong to different networks/,
  });
  lab.act('DeleteNatGateway', { NatGatewayId });
  t.equal(lab.routes(RouteTableId)[2], `0.0.0.0/0 ${NatGatewayId} blackhole`);
  t.equal(lab.refuse('ReplaceRoute', route).code, 'InvalidNatGatewayID.NotFound');
});

t.test('[RT-5] today a NAT gateway is a target inside the VPC', async (t) => {
  const { lab, vpcId, subnetId } = network({ rules: 'current' });
  const route = { RouteTableId: lab.mainTable(vpcId), NatGatewayId: lab.natGateway(subnetId) };
  lab.act('CreateRoute', { ...route, DestinationCidrBlock: '10.0.1.0/24' });
  lab.act('ReplaceRoute', { ...route, DestinationCidrBlock: '10.0.0.0/16' });
  const { NatGatewayId } = route;
  t.equal(lab.routes(route.RouteTableId)[0], `10.0.0.0/16 ${NatGatewayId} active`);
  t.ok(lab.routes(route.RouteTableId).includes(`10.0.1.0/24 ${NatGatewayId} active`));
});

t.test('an egress-only internet gateway is a target of IPv6 routes only', async (t) => {
  const { lab, vpcId } = network();
  const create = () =>
    lab.act('CreateEgressOnlyInternetGateway', { VpcId: vpcId, ClientToken: 'c' });
  const answer = create();
  t.match(answer, {
    ClientToken: 'c',
    EgressOnlyInternetGateway: { Attachments: [{ State: 'attached', VpcId: vpcId }] },
  });
  const id = textAt(answer, 'EgressOnlyInternetGateway', 'EgressOnlyInternetGatewayId');
  t.match(lab.refuse('CreateEgressOnlyInternetGateway', { VpcId: vpcId }), {
    code: 'InvalidParameterValue',
    message: `Network ${vpcId} already has an egress only internet gateway attached`,
  });
  const RouteTableId = lab.mainTable(vpcId);
  const route = { RouteTableId, EgressOnlyInternetGatewayId: id };
  const v4 = lab.refuse('CreateRoute', { ...route, DestinationCidrBlock: '0.0.0.0/0' });
  t.match(v4, { code: 'InvalidParameterValue', message: /IPv6 routes only/ });
  const PrefixListId = lab.prefixList(['192.0.2.0/24']);
  const list = lab.refuse('CreateRoute', { ...route, DestinationPrefixListId: PrefixListId });
  t.match(list, { code: 'InvalidParameterValue', message: /IPv6 routes only/ });
  lab.act('CreateRoute', { ...route, DestinationIpv6CidrBlock: '::/0' });
  t.equal(lab.routes(RouteTableId)[2], `::/0 ${id} active`);
  t.equal(
    listAt(lab.act('DescribeEgressOnlyInternetGateways'), 'EgressOnlyInternetGateways').length,
    1,
  );
  const remove = { EgressOnlyInternetGatewayId: id };
  t.same(lab.act('DeleteEgressOnlyInternetGateway', remove), { ReturnCode: true });
  t.equal(lab.routes(RouteTableId)[2], `::/0 ${id} blackhole`);
  t.equal(lab.refuse('DeleteEgressOnlyInternetGateway', remove).code, 'InvalidGatewayID.NotFound');
  const small = new Lab({ quotas: { egressOnlyGatewaysPerRegion: 1 } });
  small.act('CreateEgressOnlyInternetGateway', { VpcId: small.vpc() });
  const more = small.refuse('CreateEgressOnlyInternetGateway', { VpcId: small.vpc('10.9.0.0/16') });
  t.equal(more.code, 'EgressOnlyInternetGatewayLimitExceeded');
});
