/** Gateway Load Balancers: what they are made of, and what leads to them. */
import t from 'tap';
import { authorize } from '../../src/actions/other-services/permissions.ts';
import type { InstanceId } from '../../src/model/ids.ts';
import { at, listAt, textAt } from './lab.ts';
import { BalancingLab, NO_BALANCER } from './load-balancing-lab.ts';

const CREATE = { Name: 'walls', Type: 'gateway' };

function nodes(lab: BalancingLab, arn: string) {
  return [...lab.snapshot.enis.values()].filter(({ madeFor }) => madeFor === arn);
}

t.test('a Gateway Load Balancer has a node in each of its subnets', async (t) => {
  const lab = new BalancingLab();
  const [a, b] = lab.subnetIds;
  const arn = lab.balancer();
  t.match(
    arn,
    /^arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer\/gwy\/walls\/[0-9a-f]{16}$/,
  );
  t.same(
    nodes(lab, arn).map(({ subnetId }) => subnetId),
    [a, b],
  );
  const Filters = [{ Name: 'interface-type', Values: ['gateway_load_balancer'] }];
  const shown = listAt(lab.act('DescribeNetworkInterfaces', { Filters }), 'NetworkInterfaces');
  t.match(shown, [
    {
      Description: `ELB ${arn.split(':loadbalancer/')[1]}`,
      RequesterManaged: true,
      Status: 'in-use',
      Groups: [],
      SourceDestCheck: false,
    },
    { SubnetId: b },
  ]);
  const NetworkInterfaceId = textAt(shown, 0, 'NetworkInterfaceId');
  const assign = { NetworkInterfaceId, SecondaryPrivateIpAddressCount: 1 };
  t.equal(lab.refuse('AssignPrivateIpAddresses', assign).code, 'AuthFailure');
  t.equal(
    lab.refuse('DeleteNetworkInterface', { NetworkInterfaceId }).code,
    'InvalidParameterValue',
  );
  t.equal(lab.refuse('DeleteSubnet', { SubnetId: a }).code, 'DependencyViolation');
  lab.elb('DeleteLoadBalancer', { LoadBalancerArn: arn });
  t.same(nodes(lab, arn), []);
  lab.act('DeleteSubnet', { SubnetId: a });
});

t.test('DescribeLoadBalancers chooses by name or ARN, in pages', async (t) => {
  const lab = new BalancingLab();
  const [a] = lab.subnetIds;
  const arns = ['one', 'two', 'three'].map((name) => lab.balancer(name, [a]));
  const names = (input: object) =>
    listAt(lab.elb('DescribeLoadBalancers', { ...input }), 'LoadBalancers').map((each) =>
      textAt(each, 'LoadBalancerName'),
    );
  t.same(names({}), ['one', 'two', 'three']);
  t.same(names({ Names: ['two'] }), ['two']);
  t.same(names({ LoadBalancerArns: [arns[2]] }), ['three']);
  const page = lab.elb('DescribeLoadBalancers', { PageSize: 2 });
  t.equal(at(page, 'NextMarker'), '2');
  t.same(names({ PageSize: 2, Marker: '2' }), ['three']);
  t.match(listAt(page, 'LoadBalancers', 0, 'AvailabilityZones'), [
    { ZoneName: 'us-east-1a', SubnetId: a },
  ]);
  const rows: readonly [input: object, code: string][] = [
    [{ Names: ['four'] }, 'LoadBalancerNotFound'],
    [{ LoadBalancerArns: [NO_BALANCER] }, 'LoadBalancerNotFound'],
    [{ LoadBalancerArns: ['walls'] }, 'ValidationError'],
    [{ LoadBalancerArns: [arns[0]], Names: ['one'] }, 'ValidationError'],
    [{ PageSize: 0 }, 'ValidationError'],
    [{ PageSize: 401 }, 'ValidationError'],
    [{ Marker: 'x' }, 'ValidationError'],
  ];
  for (const [input, code] of rows) {
    t.equal(lab.elbRefuse('DescribeLoadBalancers', { ...input }).code, code, JSON.stringify(input));
  }
});

t.test('CreateLoadBalancer refuses what is none of its kind', async (t) => {
  const lab = new BalancingLab({ quotas: { gatewayLoadBalancersPerRegion: 2 } });
  const [a, b] = lab.subnetIds;
  const other = lab.subnet(lab.vpc('10.1.0.0/16'), '10.1.1.0/24', {
    AvailabilityZone: 'us-east-1b',
  });
  const twin = lab.subnet(lab.vpcId, '10.0.3.0/24', { AvailabilityZone: 'us-east-1a' });
  const rows: readonly [input: object, code: string][] = [
    [{ Name: 'walls', Subnets: [a] }, 'OperationNotPermitted'],
    [{ Name: 'walls', Type: 'network', Subnets: [a] }, 'OperationNotPermitted'],
    [{ Type: 'gateway', Subnets: [a] }, 'ValidationError'],
    [{ ...CREATE, Name: '-walls', Subnets: [a] }, 'ValidationError'],
    [{ ...CREATE, Name: 'my walls', Subnets: [a] }, 'ValidationError'],
    [{ ...CREATE, Name: 'internal-walls', Subnets: [a] }, 'ValidationError'],
    [{ ...CREATE, Name: 'x'.repeat(33), Subnets: [a] }, 'ValidationError'],
    [CREATE, 'ValidationError'],
    [{ ...CREATE, Subnets: ['walls'] }, 'ValidationError'],
    [{ ...CREATE, Subnets: ['subnet-12345678'] }, 'SubnetNotFound'],
    [{ ...CREATE, Subnets: [a, twin] }, 'InvalidConfigurationRequest'],
    [{ ...CREATE, Subnets: [a, other] }, 'InvalidConfigurationRequest'],
    [{ ...CREATE, Subnets: [a], SubnetMappings: [{ SubnetId: b }] }, 'ValidationError'],
    [{ ...CREATE, SubnetMappings: [{}] }, 'ValidationError'],
    [
      { ...CREATE, SubnetMappings: [{ SubnetId: a, AllocationId: 'eipalloc-12345678' }] },
      'InvalidConfigurationRequest',
    ],
    [{ ...CREATE, Subnets: [a], Scheme: 'internal' }, 'InvalidScheme'],
    [{ ...CREATE, Subnets: [a], SecurityGroups: ['sg-12345678'] }, 'InvalidConfigurationRequest'],
    [{ ...CREATE, Subnets: [a], IpAddressType: 'dualstack' }, 'InvalidConfigurationRequest'],
    [{ ...CREATE, Subnets: [a], Tags: [{ Key: 'aws:a' }] }, 'ValidationError'],
    [{ ...CREATE, Subnets: [a], Tags: [{ Key: 'a' }, { Key: 'a' }] }, 'DuplicateTagKeys'],
    [{ ...CREATE, Subnets: [a], Tags: [{}] }, 'ValidationError'],
    [{ ...CREATE, Subnets: [a], Colour: 'red' }, 'ValidationError'],
    [{ ...CREATE, Subnets: a }, 'ValidationError'],
  ];
  for (const [input, code] of rows) {
    t.equal(lab.elbRefuse('CreateLoadBalancer', { ...input }).code, code, JSON.stringify(input));
  }
  const arn = lab.balancer('walls', [a, b]);
  t.equal(lab.balancer('walls', [b, a]), arn, 'the same request again');
  const different = { ...CREATE, Subnets: [a] };
  t.equal(lab.elbRefuse('CreateLoadBalancer', different).code, 'DuplicateLoadBalancerName');
  lab.balancer('other', [a]);
  const third = { ...CREATE, Name: 'third', Subnets: [a] };
  t.equal(lab.elbRefuse('CreateLoadBalancer', third).code, 'TooManyLoadBalancers');
});

t.test('CreateLoadBalancer needs an address in each subnet', async (t) => {
  const lab = new BalancingLab();
  const tiny = lab.subnet(lab.vpcId, '10.0.9.0/28');
  for (let count = 0; count < 11; count++) lab.eni(tiny);
  t.equal(
    lab.elbRefuse('CreateLoadBalancer', { ...CREATE, Subnets: [tiny] }).code,
    'InvalidSubnet',
  );
});

t.test('SetSubnets adds zones, and takes none away', async (t) => {
  const lab = new BalancingLab();
  const [a, b] = lab.subnetIds;
  const LoadBalancerArn = lab.balancer('walls', [a]);
  t.match(
    lab.elb('SetSubnets', { LoadBalancerArn, SubnetMappings: [{ SubnetId: b }, { SubnetId: a }] }),
    {
      AvailabilityZones: [{ SubnetId: b }, { SubnetId: a }],
    },
  );
  t.equal(nodes(lab, LoadBalancerArn).length, 2);
  const refused = (more: object) => lab.elbRefuse('SetSubnets', { LoadBalancerArn, ...more }).code;
  t.equal(refused({ Subnets: [a] }), 'InvalidConfigurationRequest');
  t.equal(refused({}), 'ValidationError');
  const other = lab.subnet(lab.vpc('10.1.0.0/16'), '10.1.1.0/24');
  t.equal(refused({ Subnets: [other] }), 'InvalidConfigurationRequest');
  const gone = { LoadBalancerArn: NO_BALANCER, Subnets: [a] };
  t.equal(lab.elbRefuse('SetSubnets', gone).code, 'LoadBalancerNotFound');
});

t.test('[GWLB-7] cross-zone and the protection are off until they are switched on', async (t) => {
  const lab = new BalancingLab();
  const arn = lab.balancer();
  const set = (values: Readonly<Record<string, string>>) =>
    lab.setAttribute('LoadBalancer', arn, values);
  t.same(lab.attributes('LoadBalancer', arn), [
    'load_balancing.cross_zone.enabled false',
    'deletion_protection.enabled false',
  ]);
  lab.elb('ModifyLoadBalancerAttributes', set({ 'load_balancing.cross_zone.enabled': 'true' }));
  lab.elb('ModifyLoadBalancerAttributes', set({ 'deletion_protection.enabled': 'true' }));
  t.match(
    [...lab.snapshot.loadBalancers.values()],
    [{ isCrossZone: true, isDeletionProtected: true }],
  );
  t.match(lab.elbRefuse('DeleteLoadBalancer', { LoadBalancerArn: arn }), {
    code: 'OperationNotPermitted',
    message: `Load balancer '${arn}' cannot be deleted because deletion protection is enabled`,
  });
  const rows: readonly Readonly<Record<string, string>>[] = [
    { 'deletion_protection.enabled': 'yes' },
    { 'idle_timeout.timeout_seconds': '60' },
  ];
  for (const values of rows) {
    const { code } = lab.elbRefuse('ModifyLoadBalancerAttributes', set(values));
    t.equal(code, 'ValidationError', JSON.stringify(values));
  }
  const nameless = { LoadBalancerArn: arn, Attributes: [{ Value: 'true' }] };
  t.equal(lab.elbRefuse('ModifyLoadBalancerAttributes', nameless).code, 'ValidationError');
  const none = { LoadBalancerArn: NO_BALANCER };
  t.equal(lab.elbRefuse('DescribeLoadBalancerAttributes', none).code, 'LoadBalancerNotFound');
});

t.test('a balancer behind an endpoint service stays', async (t) => {
  const lab = new BalancingLab();
  const arn = lab.balancer();
  const made = lab.act('CreateVpcEndpointServiceConfiguration', { GatewayLoadBalancerArns: [arn] });
  t.match(lab.elbRefuse('DeleteLoadBalancer', { LoadBalancerArn: arn }), {
    code: 'ResourceInUse',
    message: `Load balancer '${arn}' cannot be deleted because it is currently associated with another service`,
  });
  const ServiceIds = [textAt(made, 'ServiceConfiguration', 'ServiceId')];
  lab.act('DeleteVpcEndpointServiceConfigurations', { ServiceIds });
  lab.elb('DeleteLoadBalancer', { LoadBalancerArn: arn });
  t.same(lab.elb('DeleteLoadBalancer', { LoadBalancerArn: arn }), {}, 'gone is gone');
  t.equal(lab.elbRefuse('DeleteLoadBalancer', { LoadBalancerArn: 'x' }).code, 'ValidationError');
});

t.test('an endpoint service is where its balancers have nodes', async (t) => {
  const lab = new BalancingLab();
  const [a, b] = lab.subnetIds;
  const arn = lab.balancer('walls', [a]);
  const made = lab.act('CreateVpcEndpointServiceConfiguration', {
    GatewayLoadBalancerArns: [arn],
    AcceptanceRequired: false,
  });
  const ServiceName = textAt(made, 'ServiceConfiguration', 'ServiceName');
  t.same(listAt(made, 'ServiceConfiguration', 'AvailabilityZones'), ['us-east-1a']);
  const zones = () => {
    const input = { ServiceNames: [ServiceName] };
    const output = lab.act('DescribeVpcEndpointServices', input);
    return listAt(output, 'ServiceDetails', 0, 'AvailabilityZones');
  };
  t.same(zones(), ['us-east-1a']);
  const create = { VpcEndpointType: 'GatewayLoadBalancer', VpcId: lab.vpcId, ServiceName };
  t.match(lab.refuse('CreateVpcEndpoint', { ...create, SubnetIds: [b] }), {
    code: 'InvalidParameter',
    message: `The VPC endpoint service ${ServiceName} does not support the availability zone of the subnet: ${b}.`,
  });
  lab.act('CreateVpcEndpoint', { ...create, SubnetIds: [a] });
  lab.elb('SetSubnets', { LoadBalancerArn: arn, Subnets: [a, b] });
  t.same(zones(), ['us-east-1a', 'us-east-1b']);
  lab.act('CreateVpcEndpoint', { ...create, SubnetIds: [b] });
  const unknown = { GatewayLoadBalancerArns: [NO_BALANCER] };
  t.match(lab.refuse('CreateVpcEndpointServiceConfiguration', unknown), {
    code: 'InvalidParameter',
    message: `Load balancer ARN not found: ${NO_BALANCER}`,
  });
  const ServiceId = textAt(made, 'ServiceConfiguration', 'ServiceId');
  const modify = { ServiceId, AddGatewayLoadBalancerArns: [NO_BALANCER] };
  t.equal(lab.refuse('ModifyVpcEndpointServiceConfiguration', modify).code, 'InvalidParameter');
  const foreign = NO_BALANCER.replace('123456789012', '210987654321');
  lab.act('CreateVpcEndpointServiceConfiguration', { GatewayLoadBalancerArns: [foreign] });
});

t.test('with AWS timing a new balancer is provisioning for a while', async (t) => {
  const lab = new BalancingLab({ settings: { timing: 'aws' } });
  lab.balancer();
  const code = () => at(lab.elb('DescribeLoadBalancers'), 'LoadBalancers', 0, 'State', 'Code');
  t.equal(code(), 'provisioning');
  lab.nowMs += 200_000;
  t.equal(code(), 'active');
});

t.test('tags are of balancers, listeners and target groups', async (t) => {
  const lab = new BalancingLab();
  const balancer = lab.balancer();
  const group = lab.targetGroup();
  const listener = lab.listener(balancer, group);
  const ResourceArns = [balancer, listener, group];
  const Tags = [{ Key: 'Name', Value: 'wall' }];
  lab.elb('AddTags', { ResourceArns, Tags });
  t.same(
    listAt(lab.elb('DescribeTags', { ResourceArns }), 'TagDescriptions'),
    ResourceArns.map((ResourceArn) => ({ ResourceArn, Tags })),
  );
  lab.elb('RemoveTags', { ResourceArns: [listener, group], TagKeys: ['Name', 'x'] });
  t.same(
    listAt(lab.elb('DescribeTags', { ResourceArns }), 'TagDescriptions').map(
      (each) => listAt(each, 'Tags').length,
    ),
    [1, 0, 0],
  );
  const many = Array.from({ length: 51 }, (_, index) => ({ Key: `k${index}`, Value: '' }));
  t.equal(lab.elbRefuse('AddTags', { ResourceArns, Tags: many }).code, 'TooManyTags');
  t.equal(lab.elbRefuse('AddTags', { ResourceArns }).code, 'ValidationError');
  t.equal(lab.elbRefuse('AddTags', { ResourceArns: ['walls'], Tags }).code, 'ValidationError');
});

t.test('policies of roles name the actions of Elastic Load Balancing', async (t) => {
  const lab = new BalancingLab();
  const [subnet] = lab.subnetIds;
  const Action = ['ec2:*', 'elasticloadbalancing:Describe*'];
  lab.act('PutRole', { RoleName: 'watcher', Statements: [{ Effect: 'Allow', Action }] });
  const instanceId = lab.instance(subnet, {
    IamInstanceProfile: { Name: 'watcher' },
  }) as InstanceId;
  const session = { accountId: '123456789012', roleName: 'watcher', instanceId };
  authorize(lab.snapshot, session, 'elasticloadbalancing:DescribeTargetHealth');
  t.throws(() => authorize(lab.snapshot, session, 'elasticloadbalancing:CreateListener'), {
    code: 'AccessDenied',
    status: 403,
    message: `User: arn:aws:sts::123456789012:assumed-role/watcher/${instanceId} is not authorized to perform: elasticloadbalancing:CreateListener because no identity-based policy allows the elasticloadbalancing:CreateListener action`,
  });
});
