import t from 'tap';
import { at, Lab, listAt, textAt } from './lab.ts';

const BALANCERS = 'arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer';
const NETWORK = `${BALANCERS}/net/front/0123456789abcdef`;
/** Of another account, which the lab takes as it is. */
const GATEWAY = `${BALANCERS.replace('123456789012', '210987654321')}/gwy/walls/0123456789abcdef`;
const TOPIC = 'arn:aws:sns:us-east-1:123456789012:endpoints';
const INTERFACE = { VpcEndpointType: 'Interface' };

function service(lab: Lab, more: object = { NetworkLoadBalancerArns: [NETWORK] }): unknown {
  const { ServiceConfiguration } = lab.act('CreateVpcEndpointServiceConfiguration', { ...more });
  return ServiceConfiguration;
}

function endpoint(lab: Lab, VpcId: string, ServiceName: string, more: object): string {
  const output = lab.act('CreateVpcEndpoint', { VpcId, ServiceName, ...more });
  return textAt(output, 'VpcEndpoint', 'VpcEndpointId');
}

function stateOf(lab: Lab, id: string): unknown {
  const output = lab.act('DescribeVpcEndpoints', { VpcEndpointIds: [id] });
  return at(output, 'VpcEndpoints', 0, 'State');
}

t.test('DescribeVpcEndpointServices shows the services of AWS and own ones', async (t) => {
  const lab = new Lab({ region: 'eu-west-1' });
  const names = ['com.amazonaws.eu-west-1.s3', 'com.amazonaws.eu-west-1.ecr.dkr'];
  const answer = lab.act('DescribeVpcEndpointServices', { ServiceNames: names });
  t.same(listAt(answer, 'ServiceNames').toSorted(), names.toSorted());
  t.match(listAt(answer, 'ServiceDetails'), [
    {
      ServiceName: names[1],
      ServiceType: [{ ServiceType: 'Interface' }],
      AvailabilityZones: ['eu-west-1a', 'eu-west-1b'],
      Owner: 'amazon',
      BaseEndpointDnsNames: ['ecr.dkr.eu-west-1.vpce.amazonaws.com'],
      PrivateDnsName: '*.dkr.ecr.eu-west-1.amazonaws.com',
      VpcEndpointPolicySupported: true,
      AcceptanceRequired: false,
    },
    { ServiceName: names[0], ServiceType: [{ ServiceType: 'Gateway' }] },
    { ServiceName: names[0], ServiceType: [{ ServiceType: 'Interface' }] },
  ]);
  const own = service(lab);
  const filters = (Name: string, ...Values: string[]) => {
    const output = lab.act('DescribeVpcEndpointServices', { Filters: [{ Name, Values }] });
    return listAt(output, 'ServiceNames');
  };
  t.same(filters('owner', '123456789012'), [at(own, 'ServiceName')]);
  t.same(filters('service-type', 'Gateway').length, 2);
  t.ok(filters('supported-ip-address-types', 'ipv6').includes('com.amazonaws.eu-west-1.sqs'));
  t.same(lab.act('DescribeVpcEndpointServices', { ServiceRegions: ['us-west-2'] }), {
    ServiceNames: [],
    ServiceDetails: [],
    NextToken: undefined,
  });
  const page = lab.act('DescribeVpcEndpointServices', { MaxResults: 5 });
  t.equal(listAt(page, 'ServiceDetails').length, 5);
  t.equal(at(page, 'NextToken'), '5');
  const unknown = { ServiceNames: ['com.amazonaws.us-east-1.ec2'] };
  t.equal(lab.refuse('DescribeVpcEndpointServices', unknown).code, 'InvalidServiceName');
});

t.test('a service has load balancers of one kind', async (t) => {
  const lab = new Lab();
  const made = service(lab);
  const ServiceId = textAt(made, 'ServiceId');
  t.match(made, {
    ServiceName: `com.amazonaws.vpce.us-east-1.${ServiceId}`,
    ServiceType: [{ ServiceType: 'Interface' }],
    ServiceState: 'Available',
    AcceptanceRequired: true,
    NetworkLoadBalancerArns: [NETWORK],
    SupportedIpAddressTypes: ['ipv4'],
    BaseEndpointDnsNames: [`${ServiceId}.us-east-1.vpce.amazonaws.com`],
  });
  const refused = (more: object) =>
    lab.refuse('CreateVpcEndpointServiceConfiguration', { ...more }).code;
  t.equal(refused({}), 'InvalidParameter');
  t.equal(
    refused({ NetworkLoadBalancerArns: [NETWORK], GatewayLoadBalancerArns: [GATEWAY] }),
    'InvalidParameter',
  );
  t.equal(refused({ NetworkLoadBalancerArns: [GATEWAY] }), 'InvalidParameter');
  t.equal(
    refused({ GatewayLoadBalancerArns: [GATEWAY], PrivateDnsName: 'a.example.com' }),
    'InvalidParameter',
  );
  const ip = { SupportedIpAddressTypes: ['ipv5'] };
  t.equal(refused({ NetworkLoadBalancerArns: [NETWORK], ...ip }), 'InvalidParameterValue');
  const other = NETWORK.replace('front', 'other');
  const modify = (more: object) => ({ ServiceId, ...more });
  lab.act(
    'ModifyVpcEndpointServiceConfiguration',
    modify({
      AddNetworkLoadBalancerArns: [other],
      RemoveNetworkLoadBalancerArns: [NETWORK],
      AcceptanceRequired: false,
      AddSupportedIpAddressTypes: ['ipv6'],
    }),
  );
  lab.act('ModifyVpcEndpointServicePayerResponsibility', {
    ServiceId,
    PayerResponsibility: 'ServiceOwner',
  });
  const Filters = [{ Name: 'service-id', Values: [ServiceId] }];
  const shown = lab.act('DescribeVpcEndpointServiceConfigurations', { Filters });
  t.match(listAt(shown, 'ServiceConfigurations'), [
    {
      NetworkLoadBalancerArns: [other],
      AcceptanceRequired: false,
      SupportedIpAddressTypes: ['ipv4', 'ipv6'],
      PayerResponsibility: 'ServiceOwner',
    },
  ]);
  const without = modify({ RemoveNetworkLoadBalancerArns: [other] });
  t.equal(
    lab.refuse('ModifyVpcEndpointServiceConfiguration', without).code,
    'InvalidParameter',
    'none is left',
  );
  t.equal(
    lab.refuse('ModifyVpcEndpointServicePayerResponsibility', {
      ServiceId,
      PayerResponsibility: 'x',
    }).code,
    'InvalidParameterValue',
  );
  const remove = { ServiceIds: [ServiceId, 'vpce-svc-12345678'] };
  t.match(listAt(lab.act('DeleteVpcEndpointServiceConfigurations', remove), 'Unsuccessful'), [
    {
      ResourceId: 'vpce-svc-12345678',
      Error: { Code: 'InvalidVpcEndpointServiceId.NotFound' },
    },
  ]);
  t.equal(lab.snapshot.endpointServices.size, 0);
});

t.test('the owner of a service accepts and rejects its endpoints', async (t) => {
  const lab = new Lab();
  const VpcId = lab.vpc();
  const made = service(lab);
  const [ServiceId, name] = [textAt(made, 'ServiceId'), textAt(made, 'ServiceName')];
  const id = endpoint(lab, VpcId, name, INTERFACE);
  const answer = { ServiceId, VpcEndpointIds: [id] };
  t.equal(stateOf(lab, id), 'pendingAcceptance');
  t.match(lab.act('DescribeVpcEndpointConnections'), {
    VpcEndpointConnections: [
      {
        ServiceId,
        VpcEndpointId: id,
        VpcEndpointState: 'pendingAcceptance',
        VpcEndpointOwner: '123456789012',
        NetworkLoadBalancerArns: [NETWORK],
      },
    ],
  });
  t.same(lab.act('AcceptVpcEndpointConnections', answer), { Unsuccessful: [] });
  t.equal(stateOf(lab, id), 'available');
  const twice = lab.act('AcceptVpcEndpointConnections', {
    ServiceId,
    VpcEndpointIds: [id, 'vpce-12345678'],
  });
  t.match(listAt(twice, 'Unsuccessful'), [
    { ResourceId: id, Error: { Code: 'InvalidState' } },
    { ResourceId: 'vpce-12345678', Error: { Code: 'InvalidVpcEndpointId.NotFound' } },
  ]);
  const remove = { ServiceIds: [ServiceId] };
  t.match(listAt(lab.act('DeleteVpcEndpointServiceConfigurations', remove), 'Unsuccessful'), [
    { Error: { Code: 'ExistingVpcEndpointConnections' } },
  ]);
  lab.act('RejectVpcEndpointConnections', answer);
  t.equal(stateOf(lab, id), 'rejected');
  const Filters = [{ Name: 'vpc-endpoint-state', Values: ['available'] }];
  t.same(
    listAt(lab.act('DescribeVpcEndpointConnections', { Filters }), 'VpcEndpointConnections'),
    [],
  );
  const unknown = { ...answer, ServiceId: 'vpce-svc-12345678' };
  for (const action of ['AcceptVpcEndpointConnections', 'RejectVpcEndpointConnections']) {
    t.equal(lab.refuse(action, unknown).code, 'InvalidVpcEndpointServiceId.NotFound');
  }
  t.same(lab.act('DeleteVpcEndpointServiceConfigurations', remove), { Unsuccessful: [] });
  t.equal(stateOf(lab, id), 'rejected', 'what is left of it can still be seen');
  t.match(lab.refuse('CreateVpcEndpoint', { VpcId, ServiceName: name, ...INTERFACE }), {
    code: 'InvalidServiceName',
  });
});

t.test('a private name of a service is for its endpoints when it is verified', async (t) => {
  const lab = new Lab();
  const VpcId = lab.vpc();
  lab.act('ModifyVpcAttribute', { VpcId, EnableDnsHostnames: { Value: true } });
  const made = service(lab, {
    NetworkLoadBalancerArns: [NETWORK],
    AcceptanceRequired: false,
    PrivateDnsName: 'api.example.com',
  });
  const [ServiceId, ServiceName] = [textAt(made, 'ServiceId'), textAt(made, 'ServiceName')];
  t.match(made, {
    PrivateDnsName: 'api.example.com',
    PrivateDnsNameConfiguration: { State: 'pendingVerification', Type: 'TXT', Value: /^vpce:/ },
  });
  const create = { VpcId, ServiceName, ...INTERFACE };
  t.match(lab.refuse('CreateVpcEndpoint', { ...create, PrivateDnsEnabled: true }), {
    code: 'InvalidParameter',
    message: `Private DNS can't be enabled because the service ${ServiceName} does not provide a private DNS name.`,
  });
  lab.act('StartVpcEndpointServicePrivateDnsVerification', { ServiceId });
  const id = endpoint(lab, VpcId, ServiceName, { ...INTERFACE, PrivateDnsEnabled: true });
  const shown = lab.act('DescribeVpcEndpoints', { VpcEndpointIds: [id] });
  t.equal(listAt(shown, 'VpcEndpoints', 0, 'DnsEntries').length, 2);
  t.equal(at(shown, 'VpcEndpoints', 0, 'DnsEntries', 1, 'DnsName'), 'api.example.com');
  const policy = { ...create, PrivateDnsEnabled: false, PolicyDocument: '{}' };
  t.equal(lab.refuse('CreateVpcEndpoint', policy).code, 'InvalidParameter');
  const modify = { ServiceId, PrivateDnsName: 'x.example.com', RemovePrivateDnsName: true };
  t.equal(lab.refuse('ModifyVpcEndpointServiceConfiguration', modify).code, 'InvalidParameter');
  lab.act('ModifyVpcEndpointServiceConfiguration', { ServiceId, RemovePrivateDnsName: true });
  t.equal(
    lab.refuse('StartVpcEndpointServicePrivateDnsVerification', { ServiceId }).code,
    'InvalidParameter',
  );
});

t.test('a service keeps who may use it', async (t) => {
  const lab = new Lab();
  const ServiceId = textAt(service(lab), 'ServiceId');
  const root = 'arn:aws:iam::123456789012:root';
  const added = lab.act('ModifyVpcEndpointServicePermissions', {
    ServiceId,
    AddAllowedPrincipals: [root, '*'],
  });
  t.match(added, {
    ReturnValue: true,
    AddedPrincipals: [
      { Principal: root, PrincipalType: 'Account', ServiceId },
      { Principal: '*', PrincipalType: 'All' },
    ],
  });
  const remove = { ServiceId, RemoveAllowedPrincipals: ['*'], AddAllowedPrincipals: [root] };
  t.match(lab.act('ModifyVpcEndpointServicePermissions', remove), { AddedPrincipals: [] });
  const shown = (...Values: string[]) => {
    const Filters = [{ Name: 'principal-type', Values }];
    const output = lab.act('DescribeVpcEndpointServicePermissions', { ServiceId, Filters });
    return listAt(output, 'AllowedPrincipals').map((each) => at(each, 'Principal'));
  };
  t.same(shown('Account', 'All'), [root]);
  t.same(shown('User'), []);
  const bad = { ServiceId, AddAllowedPrincipals: ['somebody'] };
  t.equal(lab.refuse('ModifyVpcEndpointServicePermissions', bad).code, 'InvalidPrincipal');
  const unknown = { ServiceId: 'vpce-svc-12345678' };
  t.equal(
    lab.refuse('DescribeVpcEndpointServicePermissions', unknown).code,
    'InvalidVpcEndpointServiceId.NotFound',
  );
});

t.test('notifications are kept until what they are about is deleted', async (t) => {
  const lab = new Lab();
  const ServiceId = textAt(service(lab), 'ServiceId');
  const about = { ServiceId, ConnectionNotificationArn: TOPIC };
  const create = { ...about, ConnectionEvents: ['Accept', 'Reject'] };
  const made = lab.act('CreateVpcEndpointConnectionNotification', create);
  const id = textAt(made, 'ConnectionNotification', 'ConnectionNotificationId');
  t.match(made, {
    ConnectionNotification: {
      ...create,
      ConnectionNotificationType: 'Topic',
      ConnectionNotificationState: 'Enabled',
      VpcEndpointId: undefined,
    },
  });
  const rows: readonly (readonly [object, string])[] = [
    [{ ...about, ConnectionEvents: ['Explode'] }, 'InvalidParameterValue'],
    [{ ...create, ConnectionNotificationArn: 'arn:aws:sqs' }, 'InvalidParameter'],
    [{ ...create, VpcEndpointId: 'vpce-12345678' }, 'InvalidParameterCombination'],
    [{ ...create, ServiceId: 'vpce-svc-12345678' }, 'InvalidVpcEndpointServiceId.NotFound'],
  ];
  for (const [input, code] of rows) {
    const refusal = lab.refuse('CreateVpcEndpointConnectionNotification', { ...input });
    t.equal(refusal.code, code);
  }
  const modify = { ConnectionNotificationId: id, ConnectionEvents: ['Delete'] };
  lab.act('ModifyVpcEndpointConnectionNotification', modify);
  const shown = lab.act('DescribeVpcEndpointConnectionNotifications', {
    ConnectionNotificationId: id,
    Filters: [{ Name: 'service-id', Values: [ServiceId] }],
  });
  t.match(listAt(shown, 'ConnectionNotificationSet'), [
    { ConnectionEvents: ['Delete'], ConnectionNotificationArn: TOPIC },
  ]);
  const unknown = 'vpce-nfn-12345678';
  const refused = { ...modify, ConnectionNotificationId: unknown };
  t.equal(
    lab.refuse('ModifyVpcEndpointConnectionNotification', refused).code,
    'InvalidConnectionNotification.NotFound',
  );
  const ConnectionNotificationIds = [unknown, id];
  t.match(
    listAt(
      lab.act('DeleteVpcEndpointConnectionNotifications', { ConnectionNotificationIds }),
      'Unsuccessful',
    ),
    [{ ResourceId: unknown }],
  );
  const VpcEndpointId = lab.endpoint(lab.vpc(), 'ec2', { ...INTERFACE, PrivateDnsEnabled: false });
  const { ServiceId: _service, ...rest } = create;
  lab.act('CreateVpcEndpointConnectionNotification', { ...rest, VpcEndpointId });
  lab.act('DeleteVpcEndpoints', { VpcEndpointIds: [VpcEndpointId] });
  t.equal(lab.snapshot.connectionNotifications.size, 0);
});

t.test('[RT-2] [RT-5] [EDGE-3] routes lead to a Gateway Load Balancer endpoint', async (t) => {
  const lab = new Lab({ rules: 'current' });
  const VpcId = lab.vpc();
  const a = lab.subnet(VpcId, '10.0.1.0/24');
  const b = lab.subnet(VpcId, '10.0.2.0/24');
  const made = service(lab, { GatewayLoadBalancerArns: [GATEWAY] });
  const [ServiceId, name] = [textAt(made, 'ServiceId'), textAt(made, 'ServiceName')];
  const VpcEndpointType = 'GatewayLoadBalancer';
  const create = { VpcId, ServiceName: name, VpcEndpointType };
  for (const more of [{}, { SubnetIds: [a, b] }, { SubnetIds: [a], PrivateDnsEnabled: true }]) {
    t.equal(lab.refuse('CreateVpcEndpoint', { ...create, ...more }).code, 'InvalidParameter');
  }
  const id = endpoint(lab, VpcId, name, { VpcEndpointType, SubnetIds: [a] });
  t.match(at(lab.act('DescribeNetworkInterfaces'), 'NetworkInterfaces', 0), {
    InterfaceType: 'gateway_load_balancer_endpoint',
    RequesterManaged: true,
    Groups: [],
  });
  const main = lab.mainTable(VpcId);
  const route = { RouteTableId: main, VpcEndpointId: id };
  lab.act('CreateRoute', { ...route, DestinationCidrBlock: '0.0.0.0/0' });
  lab.act('CreateRoute', { ...route, DestinationCidrBlock: '10.0.2.0/24' });
  lab.act('ReplaceRoute', { ...route, DestinationCidrBlock: '10.0.0.0/16' });
  const shown = (state: string) =>
    ['10.0.0.0/16', '0.0.0.0/0', '10.0.2.0/24'].map((to) => `${to} ${id} ${state}`);
  t.same(lab.routes(main), shown('blackhole'), 'nobody has accepted the endpoint');
  lab.act('AcceptVpcEndpointConnections', { ServiceId, VpcEndpointIds: [id] });
  t.same(lab.routes(main), shown('active'));
  const strange = { ...route, RouteTableId: lab.mainTable(lab.vpc('10.9.0.0/16')) };
  t.match(lab.refuse('CreateRoute', { ...strange, DestinationCidrBlock: '0.0.0.0/0' }), {
    message: /belong to different networks/,
  });
  const unknown = { ...route, VpcEndpointId: 'vpce-12345678', DestinationCidrBlock: '1.0.0.0/8' };
  t.equal(lab.refuse('CreateRoute', unknown).code, 'InvalidVpcEndpointId.NotFound');
  const table = textAt(lab.act('CreateRouteTable', { VpcId }), 'RouteTable', 'RouteTableId');
  const edge = { RouteTableId: table, DestinationCidrBlock: '10.0.2.0/24', VpcEndpointId: id };
  lab.act('AssociateRouteTable', { RouteTableId: table, GatewayId: lab.internetGateway(VpcId) });
  lab.act('CreateRoute', edge);
  const add = { VpcEndpointId: id, AddSubnetIds: [b] };
  t.equal(lab.refuse('ModifyVpcEndpoint', add).code, 'InvalidParameter');
  lab.act('DeleteVpcEndpoints', { VpcEndpointIds: [id] });
  t.same(lab.routes(main), shown('blackhole'));
});
