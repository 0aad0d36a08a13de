import t from 'tap';
import type { RuleSet } from '../../src/model/settings.ts';
import { at, Lab, type LabOptions, listAt, textAt } from './lab.ts';

/** A lab with two subnets, an appliance in the first and a table of its own for the second. */
function transit(rules: RuleSet = '2020', more: LabOptions = {}) {
  const lab = new Lab({ rules, ...more });
  const vpcId = lab.vpc();
  const a = lab.subnet(vpcId, '10.0.1.0/24');
  const b = lab.subnet(vpcId, '10.0.2.0/24');
  const instanceId = lab.instance(a);
  const eniId = lab.primaryEni(instanceId);
  const table = textAt(lab.act('CreateRouteTable', { VpcId: vpcId }), 'RouteTable', 'RouteTableId');
  const route = (cidr: string, target: object = { NetworkInterfaceId: eniId }) => ({
    RouteTableId: table,
    [cidr.includes(':') ? 'DestinationIpv6CidrBlock' : 'DestinationCidrBlock']: cidr,
    ...target,
  });
  return { lab, vpcId, a, b, instanceId, eniId, table, route };
}

t.test('[RT-1] a table with associations cannot go, nor can the main table', async (t) => {
  const { lab, vpcId, a, table } = transit();
  const main = lab.mainTable(vpcId);
  const refusal = (id: string) => ({
    code: 'DependencyViolation',
    message: `The routeTable '${id}' has dependencies and cannot be deleted.`,
  });
  t.match(lab.refuse('DeleteRouteTable', { RouteTableId: main }), refusal(main));
  const AssociationId = at(
    lab.act('AssociateRouteTable', { RouteTableId: table, SubnetId: a }),
    'AssociationId',
  );
  t.match(lab.refuse('DeleteRouteTable', { RouteTableId: table }), refusal(table));
  lab.act('DisassociateRouteTable', { AssociationId });
  lab.act('DeleteRouteTable', { RouteTableId: table });
  t.equal(
    lab.refuse('DeleteRouteTable', { RouteTableId: table }).code,
    'InvalidRouteTableID.NotFound',
  );
});

t.test('[RT-1] a subnet is associated with one table at most', async (t) => {
  const { lab, vpcId, a, table } = transit();
  const main = lab.mainTable(vpcId);
  const associate = { RouteTableId: table, SubnetId: a };
  const first = at(lab.act('AssociateRouteTable', associate), 'AssociationId');
  t.equal(at(lab.act('AssociateRouteTable', associate), 'AssociationId'), first, 'again');
  t.match(lab.refuse('AssociateRouteTable', { RouteTableId: main, SubnetId: a }), {
    code: 'Resource.AlreadyAssociated',
    message: `the specified association for route table ${main} conflicts with an existing association`,
  });
  const replace = { AssociationId: first, RouteTableId: main };
  const second = at(lab.act('ReplaceRouteTableAssociation', replace), 'NewAssociationId');
  t.equal(
    lab.refuse('ReplaceRouteTableAssociation', replace).code,
    'InvalidAssociationID.NotFound',
  );
  lab.act('DeleteRouteTable', { RouteTableId: table });
  lab.act('DisassociateRouteTable', { AssociationId: second });
  const foreign = lab.subnet(lab.vpc('10.9.0.0/16'), '10.9.1.0/24');
  t.match(lab.refuse('AssociateRouteTable', { RouteTableId: main, SubnetId: foreign }), {
    code: 'InvalidParameterValue',
    message: /belong to different networks/,
  });
  t.equal(lab.refuse('AssociateRouteTable', { RouteTableId: main }).code, 'MissingParameter');
});

t.test('[RT-1] ReplaceRouteTableAssociation makes another table the main one', async (t) => {
  const { lab, vpcId, table } = transit();
  const main = lab.mainTable(vpcId);
  const describe = lab.act('DescribeRouteTables', { RouteTableIds: [main] });
  const path = ['RouteTables', 0, 'Associations', 0];
  t.match(at(describe, ...path), { Main: true, SubnetId: undefined });
  const AssociationId = textAt(describe, ...path, 'RouteTableAssociationId');
  t.match(lab.refuse('DisassociateRouteTable', { AssociationId }), {
    code: 'InvalidParameterValue',
    message: `cannot disassociate the main route table association ${AssociationId}`,
  });
  lab.act('ReplaceRouteTableAssociation', { AssociationId, RouteTableId: table });
  t.equal(lab.mainTable(vpcId), table);
  lab.act('DeleteRouteTable', { RouteTableId: main });
  t.equal(lab.refuse('DeleteRouteTable', { RouteTableId: table }).code, 'DependencyViolation');
});

t.test('[RT-2] the local route cannot be deleted or made again', async (t) => {
  const { lab, table, route } = transit();
  t.match(lab.refuse('DeleteRoute', route('10.0.0.0/16', {})), {
    code: 'InvalidParameterValue',
    message: `cannot remove local route 10.0.0.0/16 in route table ${table}`,
  });
  t.match(lab.refuse('CreateRoute', route('10.0.0.0/16')), {
    code: 'RouteAlreadyExists',
    message: 'The route identified by 10.0.0.0/16 already exists.',
  });
});

t.test('[RT-2] today the local route takes another target and gets local back', async (t) => {
  const { lab, eniId, table, route } = transit('current');
  lab.act('ReplaceRoute', route('10.0.0.0/16'));
  t.same(lab.routes(table), [`10.0.0.0/16 ${eniId} active`]);
  t.equal(lab.refuse('DeleteRoute', route('10.0.0.0/16', {})).code, 'InvalidParameterValue');
  const both = lab.refuse('ReplaceRoute', {
    ...route('10.0.0.0/16', { GatewayId: 'local' }),
    LocalTarget: true,
  });
  t.equal(both.code, 'InvalidParameterCombination');
  for (const restore of [{ LocalTarget: true }, { GatewayId: 'local' }]) {
    lab.act('ReplaceRoute', route('10.0.0.0/16'));
    lab.act('ReplaceRoute', route('10.0.0.0/16', restore));
    t.same(lab.routes(table), ['10.0.0.0/16 local active']);
  }
  const old = transit('2020');
  t.match(old.lab.refuse('ReplaceRoute', old.route('10.0.0.0/16')), {
    code: 'InvalidParameterValue',
    message: /cannot replace local route .* "current" would allow it$/,
  });
  lab.act('CreateRoute', route('192.0.2.0/24'));
  for (const local of [{ LocalTarget: true }, { GatewayId: 'local' }]) {
    const refusal = lab.refuse('ReplaceRoute', route('192.0.2.0/24', local));
    t.equal(refusal.code, 'InvalidParameterValue', 'only a local route can be local');
  }
  t.equal(
    lab.refuse('CreateRoute', route('192.0.3.0/24', { GatewayId: 'local' })).code,
    'InvalidParameterValue',
  );
});

t.test('[RT-4] under the rules of 2020 no static route lies inside the VPC', async (t) => {
  const { lab, table, route } = transit('2020');
  const name = 'CreateRoute';
  for (const cidr of ['10.0.2.0/24', '10.0.2.5/32', '10.0.128.0/17']) {
    const { code, message } = lab.refuse(name, route(cidr));
    const text = `Cannot create a more specific route for ${cidr} than local route 10.0.0.0/16 in route table ${table}`;
    t.equal(code, 'InvalidParameterValue');
    const hint = cidr === '10.0.2.0/24' ? '. The setting rules: "current" would allow it' : '';
    t.equal(message, text + hint, 'the hint is given only where it is true');
  }
  for (const cidr of ['0.0.0.0/0', '10.0.0.0/15', '10.1.0.0/16', '192.0.2.10/32']) {
    lab.act(name, route(cidr));
  }
});

t.test('[RT-5] today such a route must be for a whole subnet', async (t) => {
  const { lab, eniId, instanceId, table, route } = transit('current');
  lab.act('CreateRoute', route('10.0.2.0/24'));
  lab.act('CreateRoute', route('10.0.1.0/24', { InstanceId: instanceId }));
  t.same(lab.routes(table).slice(1), [
    `10.0.2.0/24 ${eniId} active`,
    `10.0.1.0/24 ${eniId} active`,
  ]);
  for (const cidr of ['10.0.2.5/32', '10.0.2.0/25', '10.0.2.0/23', '10.0.3.0/24']) {
    const refusal = lab.refuse('CreateRoute', route(cidr));
    t.match(refusal, { code: 'InvalidParameterValue', message: /CIDR block of a subnet/ }, cidr);
  }
  const other = lab.vpc('10.9.0.0/16');
  const GatewayId = lab.internetGateway(other);
  const toGateway = {
    RouteTableId: lab.mainTable(other),
    DestinationCidrBlock: '10.9.1.0/24',
    GatewayId,
  };
  t.equal(
    lab.refuse('CreateRoute', toGateway).message,
    "The destination CIDR block 10.9.1.0/24 is equal to or more specific than one of this VPC's CIDR blocks. This route can target only an interface or an instance.",
  );
});

t.test('[LL-1] no route lies inside the ranges of link-local services', async (t) => {
  const { lab, route } = transit('current');
  for (const cidr of [
    '169.254.168.0/22',
    '169.254.169.254/32',
    'fd00:ec2::/32',
    'fd00:ec2::254/128',
  ]) {
    t.equal(lab.refuse('CreateRoute', route(cidr)).code, 'InvalidParameterValue', cidr);
  }
  for (const cidr of ['169.254.0.0/16', '169.254.172.0/24', 'fd00::/8']) {
    lab.act('CreateRoute', route(cidr));
  }
});

t.test('[SUB-4] CreateRoute clears the host bits', async (t) => {
  const { lab, eniId, table, route } = transit();
  lab.act('CreateRoute', route('192.0.2.77/24'));
  t.equal(lab.routes(table)[1], `192.0.2.0/24 ${eniId} active`);
  t.equal(lab.refuse('CreateRoute', route('192.0.2/24')).code, 'InvalidParameterValue');
  const wrongFamily = { ...route('x'), DestinationCidrBlock: 'fd00::/8' };
  t.equal(lab.refuse('CreateRoute', wrongFamily).code, 'InvalidParameterValue');
});

t.test('[RT-11] a route is a blackhole while its target cannot take packets', async (t) => {
  const { lab, a, eniId, instanceId, table, route } = transit();
  const loose = lab.eni(a);
  const target = (id: string) => route('192.0.2.0/24', { NetworkInterfaceId: id });
  lab.act('CreateRoute', target(loose));
  const state = (): string => lab.routes(table)[1]?.replace(/^\S+ /, '') ?? 'no route';
  t.equal(state(), `${loose} blackhole`, 'not attached');
  const attach = { NetworkInterfaceId: loose, InstanceId: instanceId, DeviceIndex: 1 };
  const AttachmentId = at(lab.act('AttachNetworkInterface', attach), 'AttachmentId');
  t.equal(state(), `${loose} active`, 'attached');
  lab.act('StopInstances', { InstanceIds: [instanceId] });
  t.equal(state(), `${loose} blackhole`, 'the instance is stopped');
  lab.act('StartInstances', { InstanceIds: [instanceId] });
  t.equal(state(), `${loose} active`, 'the instance is started again');
  lab.act('DetachNetworkInterface', { AttachmentId });
  t.equal(state(), `${loose} blackhole`, 'detached');
  lab.act('DeleteNetworkInterface', { NetworkInterfaceId: loose });
  t.equal(state(), `${loose} blackhole`, 'deleted; the route stays');
  lab.act('ReplaceRoute', target(eniId));
  t.equal(state(), `${eniId} active`);
  lab.act('TerminateInstances', { InstanceIds: [instanceId] });
  t.equal(state(), `${eniId} blackhole`, 'the instance is terminated');
  const Filters = [{ Name: 'route.state', Values: ['blackhole'] }];
  t.equal(listAt(lab.act('DescribeRouteTables', { Filters }), 'RouteTables').length, 1);
});

t.test('[ENI-4] a detached interface leaves a blackhole where routes lead to it', async (t) => {
  const { lab, a, instanceId, table, route } = transit();
  const eniId = lab.eni(a);
  const attach = { NetworkInterfaceId: eniId, InstanceId: instanceId, DeviceIndex: 1 };
  const AttachmentId = at(lab.act('AttachNetworkInterface', attach), 'AttachmentId');
  lab.act('CreateRoute', route('192.0.2.0/24', { NetworkInterfaceId: eniId }));
  lab.act('DetachNetworkInterface', { AttachmentId, Force: true });
  t.equal(lab.routes(table)[1], `192.0.2.0/24 ${eniId} blackhole`);
});

t.test('[RT-12] routes tell where they come from', async (t) => {
  const { lab, eniId, instanceId, table, route } = transit();
  lab.act('CreateRoute', route('192.0.2.0/24'));
  const output = lab.act('DescribeRouteTables', { RouteTableIds: [table] });
  t.match(at(output, 'RouteTables', 0, 'Routes'), [
    { DestinationCidrBlock: '10.0.0.0/16', GatewayId: 'local', Origin: 'CreateRouteTable' },
    {
      DestinationCidrBlock: '192.0.2.0/24',
      NetworkInterfaceId: eniId,
      InstanceId: instanceId,
      InstanceOwnerId: '123456789012',
      Origin: 'CreateRoute',
      State: 'active',
    },
  ]);
});

t.test(
  '[RT-13] a target is an interface or the single one of an instance, no address',
  async (t) => {
    const { lab, a, eniId, instanceId, table, route } = transit();
    const foreign = lab.eni(lab.subnet(lab.vpc('10.9.0.0/16'), '10.9.1.0/24'));
    const terminated = lab.instance(a);
    lab.act('TerminateInstances', { InstanceIds: [terminated] });
    lab.act('CreateRoute', route('192.0.2.0/24', { InstanceId: instanceId }));
    t.equal(lab.routes(table)[1], `192.0.2.0/24 ${eniId} active`);
    lab.act('AttachNetworkInterface', {
      NetworkInterfaceId: lab.eni(a),
      InstanceId: instanceId,
      DeviceIndex: 1,
    });
    const rows = [
      [{ InstanceId: instanceId }, 'InvalidInstanceID', /^There are multiple interfaces attached/],
      [{ InstanceId: terminated }, 'IncorrectInstanceState', /target of a route/],
      [{ NetworkInterfaceId: foreign }, 'InvalidParameterValue', /belong to different networks/],
      [{ NetworkInterfaceId: '10.0.1.11' }, 'InvalidNetworkInterfaceId.Malformed', /Invalid id/],
      [{ GatewayId: '10.0.1.11' }, 'InvalidGatewayID.Malformed', /Invalid id/],
      [{ IpAddress: '10.0.1.11' }, 'UnknownParameter', /IpAddress/],
      [{}, 'MissingParameter', /exactly one of/],
      [
        { InstanceId: instanceId, NetworkInterfaceId: eniId },
        'InvalidParameterCombination',
        /together/,
      ],
      [{ GatewayId: 'igw-12345678' }, 'InvalidGatewayID.NotFound', /'igw-12345678' does not exist/],
      [{ GatewayId: 'vgw-12345678' }, 'InvalidGatewayID.NotFound', /'vgw-12345678'/],
      [{ EgressOnlyInternetGatewayId: 'eigw-12345678' }, 'InvalidGatewayID.NotFound', /eigw/],
      [{ NatGatewayId: 'nat-12345678' }, 'InvalidNatGatewayID.NotFound', /nat-/],
      [{ TransitGatewayId: 'tgw-12345678' }, 'InvalidTransitGatewayID.NotFound', /tgw-/],
      [
        { VpcPeeringConnectionId: 'pcx-12345678' },
        'InvalidVpcPeeringConnectionID.NotFound',
        /pcx-/,
      ],
      [{ VpcEndpointId: 'vpce-12345678' }, 'InvalidVpcEndpointId.NotFound', /vpce-/],
      [{ LocalGatewayId: 'lgw-12345678' }, 'InvalidLocalGatewayID.NotFound', /lgw-/],
      [{ CarrierGatewayId: 'cagw-12345678' }, 'InvalidCarrierGatewayID.NotFound', /cagw-/],
    ] as const;
    for (const [target, code, message] of rows) {
      for (const [name, cidr] of [
        ['CreateRoute', '198.51.100.0/24'],
        ['ReplaceRoute', '192.0.2.0/24'],
      ] as const) {
        t.match(lab.refuse(name, route(cidr, target)), { code, message }, JSON.stringify(target));
      }
    }
    const list = { RouteTableId: table, DestinationPrefixListId: 'pl-12345678' };
    t.equal(lab.refuse('CreateRoute', list).code, 'InvalidPrefixListID.NotFound');
  },
);

t.test('[RT-15] a table has fifty static routes of each family', async (t) => {
  const { lab, route } = transit();
  for (let index = 0; index < 50; index++) {
    lab.act('CreateRoute', route(`192.0.2.${index}/32`));
    lab.act('CreateRoute', route(`2001:db8::${index}/128`));
  }
  for (const cidr of ['192.0.2.99/32', '2001:db8::99/128']) {
    t.match(lab.refuse('CreateRoute', route(cidr)), {
      code: 'RouteLimitExceeded',
      message: 'The maximum number of routes has been reached.',
    });
  }
  lab.act('DeleteRoute', route('192.0.2.7/32', {}));
  lab.act('CreateRoute', route('192.0.2.99/32'));
});

t.test('CreateRoute, ReplaceRoute and DeleteRoute mind what is there', async (t) => {
  const { lab, a, eniId, table, route } = transit();
  const cidr = '192.0.2.10/32';
  t.match(lab.refuse('ReplaceRoute', route(cidr)), {
    code: 'InvalidParameterValue',
    message: `There is no route defined for '${cidr}' in the route table. Use CreateRoute instead.`,
  });
  t.match(lab.refuse('DeleteRoute', route(cidr, {})), {
    code: 'InvalidRoute.NotFound',
    message: `no route with destination-cidr-block ${cidr} in route table ${table}`,
  });
  t.same(lab.act('CreateRoute', route(cidr)), { Return: true });
  const before = lab.snapshot;
  t.same(lab.act('CreateRoute', route(cidr)), { Return: true }, 'the same route again');
  t.equal(lab.snapshot, before);
  const other = lab.primaryEni(lab.instance(a));
  t.equal(
    lab.refuse('CreateRoute', route(cidr, { NetworkInterfaceId: other })).code,
    'RouteAlreadyExists',
  );
  lab.act('ReplaceRoute', route(cidr, { NetworkInterfaceId: other }));
  t.equal(lab.routes(table)[1], `${cidr} ${other} active`);
  t.not(other, eniId);
  lab.act('DeleteRoute', route(cidr, {}));
  t.equal(lab.routes(table).length, 1);
  const two = { ...route(cidr), DestinationIpv6CidrBlock: '::/0' };
  t.equal(lab.refuse('CreateRoute', two).code, 'InvalidParameterCombination');
});
