import t from 'tap';
import { at, Lab, listAt, textAt } from './lab.ts';

t.test('CreateVpc makes the VPC, its main table and the option set of the region', async (t) => {
  const lab = new Lab();
  const created = lab.act('CreateVpc', {
    CidrBlock: '10.0.0.0/16',
    TagSpecifications: [{ ResourceType: 'vpc', Tags: [{ Key: 'Name', Value: 'main' }] }],
  });
  const vpcId = textAt(created, 'Vpc', 'VpcId');
  t.match(created, {
    Vpc: {
      State: 'pending',
      CidrBlock: '10.0.0.0/16',
      OwnerId: '123456789012',
      InstanceTenancy: 'default',
      IsDefault: false,
      CidrBlockAssociationSet: [
        { CidrBlock: '10.0.0.0/16', CidrBlockState: { State: 'associated' } },
      ],
      Ipv6CidrBlockAssociationSet: [],
      Tags: [{ Key: 'Name', Value: 'main' }],
    },
  });
  t.equal(at(lab.act('DescribeVpcs'), 'Vpcs', 0, 'State'), 'available');
  t.same(lab.routes(lab.mainTable(vpcId)), ['10.0.0.0/16 local active']);
  lab.vpc('10.1.0.0/16');
  t.equal(lab.snapshot.dhcpOptions.size, 1, 'one option set serves all VPCs');
});

t.test('[SUB-1] CreateVpc takes /16 to /28 and nothing else', async (t) => {
  const lab = new Lab({ quotas: { vpcsPerRegion: 50 } });
  for (const cidr of ['10.0.0.0/16', '10.0.0.0/28', '100.64.0.0/20', '8.8.0.0/24']) lab.vpc(cidr);
  for (const cidr of ['10.0.0.0/15', '10.0.0.0/8', '10.0.0.0/29', '10.0.0.0/32']) {
    t.match(lab.refuse('CreateVpc', { CidrBlock: cidr }), {
      code: 'InvalidVpc.Range',
      message: `The CIDR '${cidr}' is invalid.`,
    });
  }
  for (const cidr of ['10.0.0/16', '10.0.0.0', '10.0.0.256/16', 'fd00::/56', '10.0.0.0/016']) {
    t.match(lab.refuse('CreateVpc', { CidrBlock: cidr }), {
      code: 'InvalidParameterValue',
      message: `Value (${cidr}) for parameter cidrBlock is invalid. This is not a valid CIDR block.`,
    });
  }
});

t.test('[SUB-4] CreateVpc and AssociateVpcCidrBlock clear the host bits', async (t) => {
  const lab = new Lab();
  const created = lab.act('CreateVpc', { CidrBlock: '100.68.0.18/18' });
  t.equal(at(created, 'Vpc', 'CidrBlock'), '100.68.0.0/18');
  const added = lab.act('AssociateVpcCidrBlock', {
    VpcId: at(created, 'Vpc', 'VpcId'),
    CidrBlock: '100.70.1.1/24',
  });
  t.equal(at(added, 'CidrBlockAssociation', 'CidrBlock'), '100.70.1.0/24');
});

t.test('[SUB-6] a VPC has at most five blocks and keeps its primary one', async (t) => {
  const lab = new Lab();
  const vpcId = lab.vpc('10.10.0.0/16');
  const add = (CidrBlock: string) => ({ VpcId: vpcId, CidrBlock });
  const ids = ['10.11', '10.12', '10.13', '10.14'].map((start) =>
    textAt(
      lab.act('AssociateVpcCidrBlock', add(`${start}.0.0/16`)),
      'CidrBlockAssociation',
      'AssociationId',
    ),
  );
  t.match(lab.refuse('AssociateVpcCidrBlock', add('10.15.0.0/16')), {
    code: 'CidrLimitExceeded',
    message: `This network '${vpcId}' has met its maximum number of allowed CIDRs: 5`,
  });
  const primary = at(
    lab.act('DescribeVpcs'),
    'Vpcs',
    0,
    'CidrBlockAssociationSet',
    0,
    'AssociationId',
  );
  t.match(lab.refuse('DisassociateVpcCidrBlock', { AssociationId: primary }), {
    code: 'OperationNotPermitted',
    message: /primary IPv4 CIDR block/,
  });
  const subnetId = lab.subnet(vpcId, '10.11.1.0/24');
  t.match(lab.refuse('DisassociateVpcCidrBlock', { AssociationId: ids[0] }), {
    code: 'InvalidCidrBlock.InUse',
    message: `The vpc ${vpcId} currently has a subnet within CIDR block 10.11.0.0/16`,
  });
  lab.act('DeleteSubnet', { SubnetId: subnetId });
  lab.act('DisassociateVpcCidrBlock', { AssociationId: ids[0] });
  const gone = lab.refuse('DisassociateVpcCidrBlock', { AssociationId: ids[0] });
  t.equal(gone.code, 'InvalidVpcCidrBlockAssociationID.NotFound');
  t.notOk(lab.routes(lab.mainTable(vpcId)).includes('10.11.0.0/16 local active'));
});

t.test('[SUB-6] a VPC has at most five IPv6 blocks', async (t) => {
  const lab = new Lab();
  const vpcId = lab.vpc('10.0.0.0/16', { AmazonProvidedIpv6CidrBlock: true });
  const add = { VpcId: vpcId, AmazonProvidedIpv6CidrBlock: true };
  for (let index = 0; index < 4; index++) lab.act('AssociateVpcCidrBlock', add);
  t.equal(lab.refuse('AssociateVpcCidrBlock', add).code, 'CidrLimitExceeded');
});

t.test('[SUB-7] AssociateVpcCidrBlock adds a local route to every table', async (t) => {
  const lab = new Lab();
  const vpcId = lab.vpc('10.10.0.0/16');
  const other = lab.vpc('10.20.0.0/16');
  const table = textAt(lab.act('CreateRouteTable', { VpcId: vpcId }), 'RouteTable', 'RouteTableId');
  const eniId = lab.eni(lab.subnet(vpcId, '10.10.1.0/24'));
  const route = { RouteTableId: table, NetworkInterfaceId: eniId };
  lab.act('CreateRoute', { ...route, DestinationCidrBlock: '10.30.1.0/24' });
  lab.act('AssociateVpcCidrBlock', { VpcId: vpcId, CidrBlock: '10.11.0.0/16' });
  t.same(lab.routes(lab.mainTable(vpcId)), [
    '10.10.0.0/16 local active',
    '10.11.0.0/16 local active',
  ]);
  t.same(lab.routes(table).slice(0, 2), lab.routes(lab.mainTable(vpcId)), 'local routes first');
  t.equal(lab.routes(lab.mainTable(other)).length, 1);
  const rows = [
    ['10.10.128.0/17', 'InvalidVpc.Conflict', 'inside a block of the VPC'],
    ['10.30.1.0/24', 'InvalidVpc.Conflict', 'equal to the destination of a route'],
    ['10.30.0.0/16', 'InvalidVpc.Conflict', 'larger than the destination of a route'],
  ] as const;
  for (const [CidrBlock, code, why] of rows) {
    t.equal(lab.refuse('AssociateVpcCidrBlock', { VpcId: vpcId, CidrBlock }).code, code, why);
  }
  lab.act('AssociateVpcCidrBlock', { VpcId: vpcId, CidrBlock: '10.30.1.0/25' });
});

t.test('[SUB-8] the ranges of a VPC mix as in the matrix of AWS', async (t) => {
  const rows = [
    ['10.10.0.0/16', '10.20.0.0/16', true],
    ['10.10.0.0/16', '172.16.0.0/16', false],
    ['10.10.0.0/16', '192.168.0.0/16', false],
    ['10.10.0.0/16', '198.19.0.0/16', false],
    ['10.10.0.0/16', '100.64.0.0/16', true],
    ['10.10.0.0/16', '8.8.0.0/16', true],
    ['10.10.0.0/16', '10.0.0.0/16', true],
    ['10.1.0.0/16', '10.0.0.0/16', false],
    ['10.1.0.0/16', '10.2.0.0/16', true],
    ['10.0.0.0/24', '10.0.1.0/24', false],
    ['10.0.0.0/24', '10.1.0.0/24', true],
    ['172.16.0.0/16', '172.17.0.0/16', true],
    ['172.16.0.0/16', '172.31.0.0/16', false],
    ['172.16.0.0/16', '10.0.0.0/16', false],
    ['192.168.0.0/20', '192.168.32.0/20', true],
    ['192.168.0.0/20', '172.16.0.0/16', false],
    ['198.19.0.0/20', '10.0.0.0/16', false],
    ['198.19.0.0/20', '198.19.32.0/20', true],
    ['100.64.0.0/16', '198.19.0.0/16', false],
    ['10.10.0.0/16', '169.254.0.0/16', false],
  ] as const;
  for (const [primary, CidrBlock, allowed] of rows) {
    const lab = new Lab();
    const input = { VpcId: lab.vpc(primary), CidrBlock };
    const name = 'AssociateVpcCidrBlock';
    if (allowed) t.ok(lab.act(name, input), `${primary} + ${CidrBlock}`);
    else t.equal(lab.refuse(name, input).code, 'InvalidVpc.Range', `${primary} + ${CidrBlock}`);
  }
  t.equal(new Lab().refuse('CreateVpc', { CidrBlock: '169.254.1.0/24' }).code, 'InvalidVpc.Range');
});

t.test('[SUB-9] Amazon gives a VPC a /56 and a subnet has a /64 of it', async (t) => {
  const lab = new Lab();
  const vpcId = lab.vpc('10.0.0.0/16', { AmazonProvidedIpv6CidrBlock: true });
  const block = textAt(
    lab.act('DescribeVpcs'),
    ...['Vpcs', 0, 'Ipv6CidrBlockAssociationSet', 0, 'Ipv6CidrBlock'],
  );
  t.match(block, /^2600:1f[0-9a-f]{2}:.*00::\/56$/);
  t.same(lab.routes(lab.mainTable(vpcId)), ['10.0.0.0/16 local active', `${block} local active`]);
  const inside = block.replace('00::/56', '0a::/64');
  const subnetId = lab.subnet(vpcId, '10.0.1.0/24', { Ipv6CidrBlock: inside });
  const refuse = (Ipv6CidrBlock: string) =>
    lab.refuse('CreateSubnet', { VpcId: vpcId, CidrBlock: '10.0.2.0/24', Ipv6CidrBlock }).code;
  t.equal(refuse(block), 'InvalidSubnet.Range', 'a /56');
  t.equal(refuse('2001:db8::/64'), 'InvalidSubnet.Range', 'not of the VPC');
  t.equal(refuse(inside), 'InvalidSubnet.Conflict');
  const second = lab.subnet(vpcId, '10.0.2.0/24');
  const add = { SubnetId: second, Ipv6CidrBlock: block.replace('00::/56', '0b::/64') };
  const association = at(
    lab.act('AssociateSubnetCidrBlock', add),
    'Ipv6CidrBlockAssociation',
    'AssociationId',
  );
  const vpcAssociation = at(
    lab.act('DescribeVpcs'),
    'Vpcs',
    0,
    'Ipv6CidrBlockAssociationSet',
    0,
    'AssociationId',
  );
  const removal = { AssociationId: vpcAssociation };
  t.equal(lab.refuse('DisassociateVpcCidrBlock', removal).code, 'InvalidCidrBlock.InUse');
  lab.act('DisassociateSubnetCidrBlock', { AssociationId: association });
  lab.eni(subnetId, { Ipv6AddressCount: 1 });
  const used = at(
    lab.act('DescribeSubnets'),
    'Subnets',
    0,
    'Ipv6CidrBlockAssociationSet',
    0,
    'AssociationId',
  );
  t.equal(
    lab.refuse('DisassociateSubnetCidrBlock', { AssociationId: used }).code,
    'InvalidCidrBlock.InUse',
  );
});

t.test('[SUB-12] quotas end the making of VPCs, subnets, interfaces and tables', async (t) => {
  const lab = new Lab({ quotas: { subnetsPerVpc: 2, enisPerRegion: 2, routeTablesPerVpc: 2 } });
  const vpcId = lab.vpc();
  for (let index = 1; index < 5; index++) lab.vpc();
  t.match(lab.refuse('CreateVpc', { CidrBlock: '10.0.0.0/16' }), {
    code: 'VpcLimitExceeded',
    message: 'The maximum number of VPCs has been reached.',
  });
  const subnetId = lab.subnet(vpcId, '10.0.1.0/24');
  lab.subnet(vpcId, '10.0.2.0/24');
  const third = { VpcId: vpcId, CidrBlock: '10.0.3.0/24' };
  t.equal(lab.refuse('CreateSubnet', third).code, 'SubnetLimitExceeded');
  lab.eni(subnetId);
  lab.eni(subnetId);
  const eni = lab.refuse('CreateNetworkInterface', { SubnetId: subnetId });
  t.equal(eni.code, 'NetworkInterfaceLimitExceeded');
  lab.act('CreateRouteTable', { VpcId: vpcId });
  t.equal(lab.refuse('CreateRouteTable', { VpcId: vpcId }).code, 'RouteTableLimitExceeded');
});

t.test('DeleteVpc is refused while the VPC has subnets or tables of its own', async (t) => {
  const lab = new Lab();
  const vpcId = lab.vpc();
  const refusal = {
    code: 'DependencyViolation',
    message: `The vpc '${vpcId}' has dependencies and cannot be deleted.`,
  };
  const subnetId = lab.subnet(vpcId, '10.0.1.0/24');
  t.match(lab.refuse('DeleteVpc', { VpcId: vpcId }), refusal);
  lab.act('DeleteSubnet', { SubnetId: subnetId });
  const RouteTableId = at(
    lab.act('CreateRouteTable', { VpcId: vpcId }),
    'RouteTable',
    'RouteTableId',
  );
  t.match(lab.refuse('DeleteVpc', { VpcId: vpcId }), refusal);
  lab.act('DeleteRouteTable', { RouteTableId });
  lab.act('DeleteVpc', { VpcId: vpcId });
  t.equal(lab.snapshot.vpcs.size + lab.snapshot.routeTables.size, 0);
});

t.test('ModifyVpcAttribute changes one DNS attribute a request', async (t) => {
  const lab = new Lab();
  const VpcId = lab.vpc();
  lab.act('ModifyVpcAttribute', { VpcId, EnableDnsHostnames: { Value: true } });
  lab.act('ModifyVpcAttribute', { VpcId, EnableDnsSupport: false });
  t.match([...lab.snapshot.vpcs.values()], [{ enableDnsHostnames: true, enableDnsSupport: false }]);
  const both = { VpcId, EnableDnsHostnames: true, EnableDnsSupport: true };
  t.equal(lab.refuse('ModifyVpcAttribute', both).code, 'InvalidParameterCombination');
  t.equal(lab.refuse('ModifyVpcAttribute', { VpcId }).code, 'InvalidParameterCombination');
});

t.test('[DHCP-8] the option set of a region has the domain name of the region', async (t) => {
  for (const [region, domain] of [
    ['us-east-1', 'ec2.internal'],
    ['eu-west-1', 'eu-west-1.compute.internal'],
  ] as const) {
    const lab = new Lab({ region });
    lab.vpc();
    t.match(lab.act('DescribeDhcpOptions'), {
      DhcpOptions: [
        {
          DhcpOptionsId: [...lab.snapshot.vpcs.values()][0]?.dhcpOptionsId ?? '',
          DhcpConfigurations: [
            { Key: 'domain-name', Values: [{ Value: domain }] },
            { Key: 'domain-name-servers', Values: [{ Value: 'AmazonProvidedDNS' }] },
          ],
        },
      ],
    });
  }
});

t.test('[DHCP-9] option sets have keys and numbers of values as AWS allows', async (t) => {
  const lab = new Lab();
  const create = (...pairs: [string, ...string[]][]) => ({
    DhcpConfigurations: pairs.map(([Key, ...Values]) => ({ Key, Values })),
  });
  const v4 = ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4'];
  const v6 = ['fd00::1', 'fd00::2', 'fd00::3', 'fd00::4'];
  const accepted: [string, ...string[]][][] = [
    [['domain-name-servers', ...v4, ...v6]],
    [['domain-name-servers', 'AmazonProvidedDNS', ...v4.slice(1)]],
    [
      ['domain-name', 'example.com'],
      ['ntp-servers', ...v4, ...v6],
    ],
    [
      ['netbios-name-servers', ...v4],
      ['netbios-node-type', '2'],
    ],
    [['ipv6-address-preferred-lease-time', '4294967295']],
  ];
  for (const pairs of accepted) {
    const output = lab.act('CreateDhcpOptions', create(...pairs));
    const shown = listAt(output, 'DhcpOptions', 'DhcpConfigurations').map((each) => [
      at(each, 'Key'),
      ...listAt(each, 'Values').map((value) => at(value, 'Value')),
    ]);
    t.same(shown, pairs);
  }
  const refused: [string, ...string[]][][] = [
    [['domain-name-servers', 'AmazonProvidedDNS', ...v4]],
    [['domain-name-servers', ...v6, 'fd00::5']],
    [['ntp-servers', ...v4, '10.0.0.5']],
    [['netbios-name-servers', 'fd00::1']],
    [['netbios-node-type', '3']],
    [['ipv6-address-preferred-lease-time', '139']],
    [['ipv6-address-preferred-lease-time', '4294967296']],
    [['domain-name', 'a', 'b']],
    [['domain-name']],
    [
      ['domain-name', 'a'],
      ['domain-name', 'b'],
    ],
    [['mtu', '1500']],
    [['ntp-servers', 'time.example.com']],
  ];
  for (const pairs of refused) {
    const refusal = lab.refuse('CreateDhcpOptions', create(...pairs));
    t.equal(refusal.code, 'InvalidParameterValue', JSON.stringify(pairs));
  }
});

t.test('[DHCP-9] a VPC changes to another option set, which then cannot go', async (t) => {
  const lab = new Lab();
  const VpcId = lab.vpc();
  const first = [...lab.snapshot.vpcs.values()][0]?.dhcpOptionsId;
  const made = lab.act('CreateDhcpOptions', {
    DhcpConfigurations: [{ Key: 'domain-name', Values: ['example.com'] }],
  });
  const DhcpOptionsId = textAt(made, 'DhcpOptions', 'DhcpOptionsId');
  lab.act('AssociateDhcpOptions', { VpcId, DhcpOptionsId });
  t.match(lab.refuse('DeleteDhcpOptions', { DhcpOptionsId }), { code: 'DependencyViolation' });
  lab.act('DeleteDhcpOptions', { DhcpOptionsId: first });
  lab.act('AssociateDhcpOptions', { VpcId, DhcpOptionsId: 'default' });
  t.equal(at(lab.act('DescribeVpcs'), 'Vpcs', 0, 'DhcpOptionsId'), 'default');
  lab.act('DeleteDhcpOptions', { DhcpOptionsId });
  t.equal(
    lab.refuse('AssociateDhcpOptions', { VpcId, DhcpOptionsId }).code,
    'InvalidDhcpOptionID.NotFound',
  );
  lab.vpc('10.1.0.0/16');
  t.equal(lab.snapshot.dhcpOptions.size, 1, 'the region makes its option set anew');
});

t.test('DescribeVpcAttribute tells one attribute at a time', async (t) => {
  const lab = new Lab();
  const VpcId = lab.vpc();
  const ask = (Attribute: string) => lab.act('DescribeVpcAttribute', { VpcId, Attribute });
  t.same(ask('enableDnsSupport'), { VpcId, EnableDnsSupport: { Value: true } });
  t.same(ask('enableDnsHostnames'), { VpcId, EnableDnsHostnames: { Value: false } });
  lab.act('ModifyVpcAttribute', { VpcId, EnableDnsHostnames: { Value: true } });
  t.same(ask('enableDnsHostnames'), { VpcId, EnableDnsHostnames: { Value: true } });
  t.same(ask('enableNetworkAddressUsageMetrics'), {
    VpcId,
    EnableNetworkAddressUsageMetrics: { Value: false },
  });
  t.match(lab.refuse('DescribeVpcAttribute', { VpcId, Attribute: 'tenancy' }), {
    code: 'InvalidParameterValue',
  });
  t.match(
    lab.refuse('DescribeVpcAttribute', {
      VpcId: 'vpc-00000000000000000',
      Attribute: 'enableDnsSupport',
    }),
    { code: 'InvalidVpcID.NotFound' },
  );
});
