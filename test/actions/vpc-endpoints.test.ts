import t from 'tap';
import { at, Lab, listAt, textAt } from './lab.ts';

const POLICY = '{"Version":"2012-10-17","Statement":[]}';

function described(lab: Lab, id: string): unknown {
  const output = lab.act('DescribeVpcEndpoints', { VpcEndpointIds: [id] });
  return at(output, 'VpcEndpoints', 0);
}

function listId(lab: Lab, name: string): string {
  const Filters = [{ Name: 'prefix-list-name', Values: [name] }];
  return textAt(lab.act('DescribePrefixLists', { Filters }), 'PrefixLists', 0, 'PrefixListId');
}

/** A VPC in which the private names of services can lead to endpoints. */
function namedVpc(lab: Lab, cidr = '10.0.0.0/16', more = {}): string {
  const VpcId = lab.vpc(cidr, more);
  lab.act('ModifyVpcAttribute', { VpcId, EnableDnsHostnames: { Value: true } });
  return VpcId;
}

t.test('[GWEP-1] a gateway endpoint puts a route into its tables, and takes it out', async (t) => {
  const lab = new Lab({ hasAwsLists: true });
  const VpcId = lab.vpc();
  const main = lab.mainTable(VpcId);
  const other = textAt(lab.act('CreateRouteTable', { VpcId }), 'RouteTable', 'RouteTableId');
  const id = lab.endpoint(VpcId, 's3', { RouteTableIds: [main] });
  const list = listId(lab, 'com.amazonaws.us-east-1.s3');
  const route = `${list} ${id} active`;
  t.same(lab.routes(main).slice(1), [route]);
  t.match(described(lab, id), {
    VpcEndpointType: 'Gateway',
    VpcId,
    ServiceName: 'com.amazonaws.us-east-1.s3',
    State: 'available',
    PolicyDocument: /"Effect":"Allow"/,
    RouteTableIds: [main],
    SubnetIds: [],
    NetworkInterfaceIds: [],
    DnsEntries: [],
    PrivateDnsEnabled: false,
    OwnerId: '123456789012',
    CreationTimestamp: '2020-05-01T12:00:00.000Z',
  });
  const modify = { VpcEndpointId: id, AddRouteTableIds: [other], RemoveRouteTableIds: [main] };
  lab.act('ModifyVpcEndpoint', { ...modify, PolicyDocument: POLICY });
  t.same(
    [main, other].map((table) => lab.routes(table).slice(1)),
    [[], [route]],
  );
  t.match(described(lab, id), { RouteTableIds: [other], PolicyDocument: POLICY });
  lab.act('ModifyVpcEndpoint', { VpcEndpointId: id, ResetPolicy: true });
  t.match(described(lab, id), { PolicyDocument: /"Action":"\*"/ });
  const destination = { RouteTableId: other, DestinationPrefixListId: list };
  t.match(lab.refuse('DeleteRoute', destination), {
    code: 'InvalidParameterValue',
    message: `cannot remove VPC endpoint route ${list} in route table ${other}`,
  });
  const igw = lab.internetGateway(VpcId);
  t.match(lab.refuse('ReplaceRoute', { ...destination, GatewayId: igw }), {
    message: 'Cannot create or replace a prefix list route targeting a VPC Endpoint.',
  });
  t.equal(lab.refuse('CreateRoute', { ...destination, GatewayId: igw }).code, 'RouteAlreadyExists');
  const byHand = { RouteTableId: main, DestinationPrefixListId: list, VpcEndpointId: id };
  t.match(lab.refuse('CreateRoute', byHand), { message: /targeting a VPC Endpoint/ });
  t.equal(lab.refuse('DeleteVpc', { VpcId }).code, 'DependencyViolation');
  t.same(lab.act('DeleteVpcEndpoints', { VpcEndpointIds: [id] }), { Unsuccessful: [] });
  t.same(lab.routes(other).slice(1), []);
});

t.test('a gateway endpoint refuses tables that cannot have its route', async (t) => {
  const lab = new Lab({ hasAwsLists: true, quotas: { gatewayEndpointsPerRegion: 3 } });
  const VpcId = lab.vpc();
  const main = lab.mainTable(VpcId);
  const strange = lab.mainTable(lab.vpc('10.9.0.0/16'));
  const first = lab.endpoint(VpcId, 's3', { RouteTableIds: [main] });
  const s3 = 'com.amazonaws.us-east-1.s3';
  const create = { VpcId, ServiceName: s3 };
  const rows: readonly (readonly [object, string, RegExp])[] = [
    [
      { RouteTableIds: [main] },
      'RouteAlreadyExists',
      /already has a route with destination-prefix/,
    ],
    [{ RouteTableIds: [strange] }, 'InvalidParameterValue', /belong to different networks/],
    [{ RouteTableIds: ['rtb-12345678'] }, 'InvalidRouteTableID.NotFound', /rtb-12345678/],
    [{ SubnetIds: ['subnet-12345678'] }, 'InvalidParameter', /SubnetIds can only/],
    [{ PolicyDocument: 'x' }, 'InvalidPolicyDocument', /not a valid JSON/],
    [{ VpcEndpointType: 'Resource' }, 'InvalidParameterValue', /vpcEndpointType/],
    [{ ServiceName: 'com.amazonaws.us-east-1.s4' }, 'InvalidServiceName', /s4' does not exist/],
    [{ VpcEndpointType: 'GatewayLoadBalancer' }, 'InvalidParameter', /\[Gateway, Interface\]/],
    [{ IpAddressType: 'dualstack' }, 'InvalidParameter', /IP address type dualstack/],
    [
      { DnsOptions: { PrivateDnsOnlyForInboundResolverEndpoint: true } },
      'InvalidParameter',
      /only to Interface/,
    ],
  ];
  for (const [more, code, message] of rows) {
    t.match(lab.refuse('CreateVpcEndpoint', { ...create, ...more }), { code, message });
  }
  lab.act('ModifyVpcEndpoint', { VpcEndpointId: first, AddRouteTableIds: [main] });
  lab.endpoint(VpcId, 's3');
  lab.endpoint(VpcId, 'dynamodb');
  t.equal(lab.refuse('CreateVpcEndpoint', create).code, 'VpcEndpointLimitExceeded');
  const without = new Lab();
  const input = { VpcId: without.vpc(), ServiceName: s3, RouteTableIds: [] };
  t.equal(without.refuse('CreateVpcEndpoint', input).code, 'InvalidServiceName', 'no list');
});

t.test('[SG-2] an interface endpoint has an interface in each zone, which AWS keeps', async (t) => {
  const lab = new Lab();
  const VpcId = namedVpc(lab);
  const a = lab.subnet(VpcId, '10.0.1.0/24', { AvailabilityZone: 'us-east-1a' });
  const b = lab.subnet(VpcId, '10.0.2.0/24', { AvailabilityZone: 'us-east-1b' });
  const VpcEndpointType = 'Interface';
  const id = lab.endpoint(VpcId, 'ec2', {
    VpcEndpointType,
    SubnetIds: [a],
    SubnetConfigurations: [{ SubnetId: b, Ipv4: '10.0.2.9' }],
  });
  const shown = described(lab, id);
  const [first = '', second = ''] = listAt(shown, 'NetworkInterfaceIds').map(String);
  t.match(shown, {
    State: 'available',
    SubnetIds: [a, b],
    Groups: [{ GroupId: lab.defaultGroup(VpcId), GroupName: 'default' }],
    IpAddressType: 'ipv4',
    PrivateDnsEnabled: true,
  });
  const names = listAt(shown, 'DnsEntries').map((entry) => textAt(entry, 'DnsName'));
  t.match(names[0], new RegExp(`^${id}-[0-9a-z]{8}\\.ec2\\.us-east-1\\.vpce\\.amazonaws\\.com$`));
  t.match(names[1], /-us-east-1a\.ec2\./);
  t.equal(names.at(-1), 'ec2.us-east-1.amazonaws.com');
  const eni = at(
    lab.act('DescribeNetworkInterfaces', { NetworkInterfaceIds: [second] }),
    'NetworkInterfaces',
    0,
  );
  t.match(eni, {
    InterfaceType: 'vpc_endpoint',
    RequesterManaged: true,
    Status: 'in-use',
    PrivateIpAddress: '10.0.2.9',
    Description: `VPC Endpoint Interface ${id}`,
    Groups: [{ GroupName: 'default' }],
  });
  t.match(lab.refuse('DeleteNetworkInterface', { NetworkInterfaceId: first }), {
    message: /in use/,
  });
  const assign = { NetworkInterfaceId: first, SecondaryPrivateIpAddressCount: 1 };
  t.equal(lab.refuse('AssignPrivateIpAddresses', assign).code, 'AuthFailure');
  t.equal(lab.refuse('DeleteSubnet', { SubnetId: a }).code, 'DependencyViolation');

  const group = lab.group(VpcId, 'web');
  lab.act('ModifyVpcEndpoint', {
    VpcEndpointId: id,
    AddSecurityGroupIds: [group],
    RemoveSecurityGroupIds: [lab.defaultGroup(VpcId)],
    RemoveSubnetIds: [b],
    PrivateDnsEnabled: false,
  });
  t.match(described(lab, id), {
    SubnetIds: [a],
    PrivateDnsEnabled: false,
    Groups: [{ GroupId: group }],
  });
  t.same(
    [...lab.snapshot.enis.values()].map(({ groupIds }) => groupIds),
    [[group]],
  );
  t.equal(lab.refuse('DeleteSecurityGroup', { GroupId: group }).code, 'DependencyViolation');
  lab.act('DeleteVpcEndpoints', { VpcEndpointIds: [id] });
  t.equal(lab.snapshot.enis.size, 0);
});

t.test('an interface endpoint refuses subnets, groups and names that do not fit', async (t) => {
  const lab = new Lab({ hasAwsLists: true, quotas: { interfaceEndpointsPerVpc: 2 } });
  const VpcId = namedVpc(lab);
  const plain = lab.vpc('10.8.0.0/16');
  const a = lab.subnet(VpcId, '10.0.1.0/24', { AvailabilityZone: 'us-east-1a' });
  const sameZone = lab.subnet(VpcId, '10.0.2.0/24', { AvailabilityZone: 'us-east-1a' });
  const strange = lab.subnet(plain, '10.8.1.0/24');
  const VpcEndpointType = 'Interface';
  const ServiceName = 'com.amazonaws.us-east-1.ec2';
  const id = lab.endpoint(VpcId, 'ec2', { VpcEndpointType, SubnetIds: [a] });
  const create = { VpcId, ServiceName, VpcEndpointType, PrivateDnsEnabled: false };
  const rows: readonly (readonly [object, string, RegExp])[] = [
    [{ SubnetIds: [a, sameZone] }, 'DuplicateSubnetsInSameZone', /Found another VPC endpoint/],
    [{ SubnetIds: [strange] }, 'InvalidParameterValue', /different networks/],
    [{ SubnetIds: ['subnet-12345678'] }, 'InvalidSubnetID.NotFound', /subnet-12345678/],
    [{ RouteTableIds: [lab.mainTable(VpcId)] }, 'InvalidParameter', /RouteTableIds can only/],
    [{ SecurityGroupIds: ['sg-12345678'] }, 'InvalidSecurityGroupID.NotFound', /sg-12345678/],
    [
      { SecurityGroupIds: [lab.defaultGroup(plain)] },
      'InvalidGroup.NotFound',
      /different networks/,
    ],
    [{ PrivateDnsEnabled: true }, 'InvalidParameter', /conflicting DNS domain for ec2\.us-east-1/],
    [{ VpcId: plain, PrivateDnsEnabled: true }, 'InvalidParameter', /enableDnsHostnames/],
    [{ IpAddressType: 'ipv6', SubnetIds: [a] }, 'InvalidParameter', /not IPv6-only/],
    [{ IpAddressType: 'dualstack', SubnetIds: [a] }, 'InvalidParameterValue', /IPv6 CIDR block/],
    [
      { DnsOptions: { PrivateDnsOnlyForInboundResolverEndpoint: true } },
      'InvalidParameter',
      /must have a Gateway endpoint/,
    ],
  ];
  for (const [more, code, message] of rows) {
    t.match(lab.refuse('CreateVpcEndpoint', { ...create, ...more }), { code, message });
  }
  const add = (more: object) => lab.refuse('ModifyVpcEndpoint', { VpcEndpointId: id, ...more });
  t.equal(add({ AddSubnetIds: [sameZone] }).code, 'DuplicateSubnetsInSameZone');
  t.equal(add({ RemoveSubnetIds: [sameZone] }).code, 'InvalidSubnetID.NotFound');
  t.equal(add({ AddRouteTableIds: ['rtb-12345678'] }).code, 'InvalidParameter');
  t.equal(add({ ResetPolicy: true, PolicyDocument: POLICY }).code, 'InvalidParameter');
  lab.endpoint(VpcId, 's3');
  const only = { DnsOptions: { PrivateDnsOnlyForInboundResolverEndpoint: true } };
  const inbound = lab.endpoint(VpcId, 's3', { VpcEndpointType, ...only });
  t.match(described(lab, inbound), only);
  t.equal(lab.refuse('CreateVpcEndpoint', create).code, 'VpcEndpointLimitExceeded');
  const some = lab.act('DeleteVpcEndpoints', { VpcEndpointIds: ['vpce-12345678', id] });
  t.match(listAt(some, 'Unsuccessful'), [
    { ResourceId: 'vpce-12345678', Error: { Code: 'InvalidVpcEndpointId.NotFound' } },
  ]);
  t.equal(
    lab.refuse('DescribeVpcEndpoints', { VpcEndpointIds: [id] }).code,
    'InvalidVpcEndpointId.NotFound',
  );
});

t.test('[SUB-5] an interface endpoint takes IPv6 addresses, beside IPv4 or alone', async (t) => {
  const lab = new Lab();
  const VpcId = namedVpc(lab, '10.0.0.0/16', { AmazonProvidedIpv6CidrBlock: true });
  const [block] = [...lab.snapshot.vpcs.values()].flatMap(({ ipv6Cidrs }) => ipv6Cidrs);
  const base = lab.act('DescribeVpcs', { VpcIds: [VpcId] });
  const prefix = textAt(base, 'Vpcs', 0, 'Ipv6CidrBlockAssociationSet', 0, 'Ipv6CidrBlock');
  t.ok(block);
  const ipv6 = (index: number) => prefix.replace('00::/56', `0${index}::/64`);
  const dual = lab.subnet(VpcId, '10.0.1.0/24', { Ipv6CidrBlock: ipv6(1) });
  const only = lab.subnet(VpcId, null, { Ipv6CidrBlock: ipv6(2) });
  const VpcEndpointType = 'Interface';
  const more = { VpcEndpointType, PrivateDnsEnabled: false };
  const id = lab.endpoint(VpcId, 'sqs', { ...more, SubnetIds: [dual] });
  const counts = () =>
    [...lab.snapshot.enis.values()].map(({ addresses, ipv6Addresses }) => [
      addresses.length,
      ipv6Addresses.length,
    ]);
  t.same(counts(), [[1, 0]]);
  lab.act('ModifyVpcEndpoint', { VpcEndpointId: id, IpAddressType: 'dualstack' });
  t.same(counts(), [[1, 1]]);
  lab.act('ModifyVpcEndpoint', { VpcEndpointId: id, IpAddressType: 'ipv4' });
  t.same(counts(), [[1, 0]]);
  lab.act('DeleteVpcEndpoints', { VpcEndpointIds: [id] });
  lab.endpoint(VpcId, 'sqs', { ...more, IpAddressType: 'ipv6', SubnetIds: [only] });
  t.same(counts(), [[0, 1]]);
  const input = { VpcId, ServiceName: 'com.amazonaws.us-east-1.sqs', ...more, SubnetIds: [only] };
  t.match(lab.refuse('CreateVpcEndpoint', input), { message: /does not have an IPv4 CIDR block/ });
});

t.test(
  'endpoints, services, gateways and insights have tags, and ids of their kinds',
  async (t) => {
    const lab = new Lab();
    const VpcId = lab.vpc();
    const eni = lab.eni(lab.subnet(VpcId, '10.0.1.0/24'));
    const arn = 'arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/a/0123';
    const balancers = { NetworkLoadBalancerArns: [arn] };
    const service = lab.act('CreateVpcEndpointServiceConfiguration', balancers);
    const path = { Source: eni, Destination: eni, Protocol: 'tcp' };
    const created = lab.act('CreateNetworkInsightsPath', path);
    const NetworkInsightsPathId = textAt(created, 'NetworkInsightsPath', 'NetworkInsightsPathId');
    const started = lab.act('StartNetworkInsightsAnalysis', { NetworkInsightsPathId });
    const Resources = [
      textAt(lab.act('CreateCarrierGateway', { VpcId }), 'CarrierGateway', 'CarrierGatewayId'),
      lab.endpoint(VpcId, 'ec2', { VpcEndpointType: 'Interface', PrivateDnsEnabled: false }),
      textAt(service, 'ServiceConfiguration', 'ServiceId'),
      NetworkInsightsPathId,
      textAt(started, 'NetworkInsightsAnalysis', 'NetworkInsightsAnalysisId'),
    ];
    lab.act('CreateTags', { Resources, Tags: [{ Key: 'Name', Value: 'x' }] });
    const tags = listAt(lab.act('DescribeTags'), 'Tags').map((tag) => at(tag, 'ResourceType'));
    t.same(tags.toSorted(), [
      ...['carrier-gateway', 'network-insights-analysis', 'network-insights-path'],
      ...['vpc-endpoint', 'vpc-endpoint-service'],
    ]);
    const rows = [
      ['DescribeCarrierGateways', 'CarrierGatewayIds', 'cagw', 'InvalidCarrierGatewayID'],
      ['DescribeVpcEndpoints', 'VpcEndpointIds', 'vpce', 'InvalidVpcEndpointId'],
      [
        ...['DescribeVpcEndpointServiceConfigurations', 'ServiceIds'],
        ...['vpce-svc', 'InvalidVpcEndpointServiceId'],
      ],
      [
        ...['DescribeNetworkInsightsPaths', 'NetworkInsightsPathIds'],
        ...['nip', 'InvalidNetworkInsightsPathId'],
      ],
      [
        ...['DescribeNetworkInsightsAnalyses', 'NetworkInsightsAnalysisIds'],
        ...['nia', 'InvalidNetworkInsightsAnalysisId'],
      ],
      [
        ...['DescribeNetworkInterfacePermissions', 'NetworkInterfacePermissionIds'],
        ...['eni-perm', 'InvalidNetworkInterfacePermissionId'],
      ],
    ];
    for (const [name = '', parameter = '', prefix, code] of rows) {
      const refusal = (id: string) => lab.refuse(name, { [parameter]: [id] }).code;
      t.equal(refusal(`${prefix}-12345678`), `${code}.NotFound`);
      t.equal(refusal('x-12345678'), `${code}.Malformed`);
    }
  },
);
