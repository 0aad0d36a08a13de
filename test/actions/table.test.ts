import t from 'tap';
import { createIdSource } from '../../src/actions/ids.ts';
import { ACTIONS } from '../../src/actions/table.ts';
import { at, Lab, listAt, textAt } from './lab.ts';

t.test('performAction refuses requests that do not fit the table of parameters', async (t) => {
  const lab = new Lab();
  const subnetId = lab.subnet(lab.vpc(), '10.0.1.0/24');
  const rows = [
    ['CreateVcp', {}, 'InvalidAction', 'The action CreateVcp is not valid for this web service.'],
    ['CreateVpc', {}, 'MissingParameter', 'The request must contain the parameter CidrBlock'],
    ['StopInstances', { InstanceIds: [] }, 'MissingParameter', /parameter InstanceIds$/],
    ['DeleteVpc', { VpcID: 'vpc-1' }, 'UnknownParameter', 'The parameter VpcID is not recognized'],
    ['DeleteVpc', { VpcId: 1 }, 'InvalidParameterValue', /Value \(1\) for parameter VpcId/],
    ['DescribeVpcs', { VpcIds: 'vpc-1' }, 'InvalidParameterValue', /VpcIds .*type 'list'/],
    ['DescribeVpcs', { VpcIds: [{}] }, 'InvalidParameterValue', /parameter VpcIds\.1/],
    ['DescribeVpcs', { MaxResults: 1.5 }, 'InvalidParameterValue', /type 'integer'/],
    ['DeleteVpc', { VpcId: 'vpc-1', DryRun: 'yes' }, 'InvalidParameterValue', /type 'boolean'/],
    ['DescribeVpcs', { Filters: ['state'] }, 'InvalidParameterValue', /type 'structure'/],
    ['DescribeVpcs', { Filters: [{ name: 'x' }] }, 'UnknownParameter', /Filters\.1\.name /],
    ['DescribeVpcs', { Filters: [{ Values: ['x'] }] }, 'MissingParameter', /parameter Name$/],
    [
      'CreateNetworkInterface',
      { SubnetId: subnetId, PrivateIpAddresses: [{ Primary: true }] },
      'MissingParameter',
      /parameter PrivateIpAddress$/,
    ],
    [
      'ModifyInstanceAttribute',
      { InstanceId: 'i-0', SourceDestCheck: {} },
      'MissingParameter',
      /SourceDestCheck\.Value$/,
    ],
    ['DescribeVpcs', { constructor: 'x' }, 'UnknownParameter', /constructor/],
  ] as const;
  for (const [name, input, code, message] of rows) {
    const refusal = lab.refuse(name, input);
    t.match(refusal, { code, message, status: 400 }, `${name} ${JSON.stringify(input)}`);
  }
  t.same(listAt(lab.act('DescribeVpcs', { NextToken: undefined }), 'Vpcs').length, 1);
});

t.test('ACTIONS names only parameters that it declares as required', async (t) => {
  for (const [name, definition] of ACTIONS) {
    t.equal(definition.name, name);
    for (const required of definition.required) t.ok(required in definition.parameters, required);
  }
});

t.test('performAction answers a dry run with 412 after full validation', async (t) => {
  const lab = new Lab();
  t.match(lab.refuse('CreateVpc', { CidrBlock: '10.0.0.0/16', DryRun: true }), {
    code: 'DryRunOperation',
    message: 'Request would have succeeded, but DryRun flag is set.',
    status: 412,
  });
  t.match(lab.refuse('CreateVpc', { CidrBlock: '10.0.0.0/8', DryRun: true }), {
    code: 'InvalidVpc.Range',
  });
  lab.act('CreateVpc', { CidrBlock: '10.0.0.0/16', DryRun: false });
  t.equal(lab.snapshot.vpcs.size, 1);
});

t.test('performAction keeps the revision when nothing changes', async (t) => {
  const lab = new Lab();
  lab.vpc();
  const before = lab.snapshot;
  lab.act('DescribeVpcs');
  t.equal(lab.snapshot, before);
  lab.vpc();
  t.equal(lab.snapshot.revision, before.revision + 1);
});

t.test('ids are refused as malformed or as not found', async (t) => {
  const lab = new Lab();
  const rows = [
    ['DescribeVpcs', 'VpcIds', 'vpc', 'InvalidVpcID.Malformed', 'InvalidVpcID.NotFound'],
    [
      'DescribeSubnets',
      'SubnetIds',
      'subnet',
      'InvalidSubnetID.Malformed',
      'InvalidSubnetID.NotFound',
    ],
    [
      ...['DescribeNetworkInterfaces', 'NetworkInterfaceIds', 'eni'],
      ...['InvalidNetworkInterfaceId.Malformed', 'InvalidNetworkInterfaceID.NotFound'],
    ],
    [
      'DescribeInstances',
      'InstanceIds',
      'i',
      'InvalidInstanceID.Malformed',
      'InvalidInstanceID.NotFound',
    ],
    [
      ...['DescribeRouteTables', 'RouteTableIds', 'rtb'],
      ...['InvalidRouteTableId.Malformed', 'InvalidRouteTableID.NotFound'],
    ],
    [
      ...['DescribeDhcpOptions', 'DhcpOptionsIds', 'dopt'],
      ...['InvalidDhcpOptionsId.Malformed', 'InvalidDhcpOptionID.NotFound'],
    ],
    [
      ...['DescribeSecurityGroups', 'GroupIds', 'sg'],
      ...['InvalidGroupId.Malformed', 'InvalidGroup.NotFound'],
    ],
    [
      ...['DescribeNetworkAcls', 'NetworkAclIds', 'acl'],
      ...['InvalidNetworkAclId.Malformed', 'InvalidNetworkAclID.NotFound'],
    ],
    [
      ...['DescribeManagedPrefixLists', 'PrefixListIds', 'pl'],
      ...['InvalidPrefixListId.Malformed', 'InvalidPrefixListID.NotFound'],
    ],
    [
      ...['DescribeFlowLogs', 'FlowLogIds', 'fl'],
      ...['InvalidFlowLogId.Malformed', 'InvalidFlowLogId.NotFound'],
    ],
    [
      ...['DescribeInternetGateways', 'InternetGatewayIds', 'igw'],
      ...['InvalidInternetGatewayId.Malformed', 'InvalidInternetGatewayID.NotFound'],
    ],
    [
      ...['DescribeAddresses', 'AllocationIds', 'eipalloc'],
      ...['InvalidAllocationID.Malformed', 'InvalidAllocationID.NotFound'],
    ],
    [
      ...['DescribeNatGateways', 'NatGatewayIds', 'nat'],
      ...['InvalidNatGatewayID.Malformed', 'NatGatewayNotFound'],
    ],
    [
      ...['DescribeCustomerGateways', 'CustomerGatewayIds', 'cgw'],
      ...['InvalidCustomerGatewayId.Malformed', 'InvalidCustomerGatewayID.NotFound'],
    ],
    [
      ...['DescribeVpnGateways', 'VpnGatewayIds', 'vgw'],
      ...['InvalidVpnGatewayId.Malformed', 'InvalidVpnGatewayID.NotFound'],
    ],
    [
      ...['DescribeVpnConnections', 'VpnConnectionIds', 'vpn'],
      ...['InvalidVpnConnectionId.Malformed', 'InvalidVpnConnectionID.NotFound'],
    ],
    [
      ...['DescribeVpcPeeringConnections', 'VpcPeeringConnectionIds', 'pcx'],
      ...['InvalidVpcPeeringConnectionId.Malformed', 'InvalidVpcPeeringConnectionID.NotFound'],
    ],
    [
      ...['DescribeSecurityGroupRules', 'SecurityGroupRuleIds', 'sgr'],
      ...['InvalidSecurityGroupRuleId.Malformed', 'InvalidSecurityGroupRuleId.NotFound'],
    ],
  ];
  for (const [name = '', parameter = '', prefix = '', malformed, notFound] of rows) {
    const refusal = (id: string) => lab.refuse(name, { [parameter]: [id] });
    t.match(refusal('x-12345678'), { code: malformed, message: `(expecting "${prefix}-...")` });
    t.match(refusal(`${prefix}-xyz`), { code: malformed, message: `Invalid id: "${prefix}-xyz"` });
    t.match(refusal(`${prefix}-12345678`), { code: notFound, message: `${prefix}-12345678` });
    t.match(refusal(`${prefix}-0123456789abcdef0`), { code: notFound });
  }
  const several = lab.refuse('DescribeInstances', { InstanceIds: ['i-12345678', 'i-87654321'] });
  t.equal(several.message, "The instance IDs 'i-12345678, i-87654321' do not exist");
  const mixed = lab.refuse('DescribeInstances', { InstanceIds: ['i-12345678', 'i-1'] });
  t.match(mixed, { code: 'InvalidInstanceID.Malformed', message: 'Invalid id: "i-1"' });
});

t.test('Describe actions take ids, filters with wildcards, and pages', async (t) => {
  const lab = new Lab();
  const vpcId = lab.vpc();
  const tags = (Value: string) => ({
    TagSpecifications: [{ ResourceType: 'subnet', Tags: [{ Key: 'Name', Value }] }],
  });
  const ids = ['web-1', 'web-2', 'db-1'].map((name, index) =>
    lab.subnet(vpcId, `10.0.${index}.0/24`, {
      ...tags(name),
      AvailabilityZone: index === 1 ? 'us-east-1b' : 'us-east-1a',
    }),
  );
  const found = (...filters: [string, ...string[]][]): unknown[] => {
    const Filters = filters.map(([Name, ...Values]) => ({ Name, Values }));
    const output = lab.act('DescribeSubnets', { Filters });
    return listAt(output, 'Subnets').map((subnet) => ids.indexOf(textAt(subnet, 'SubnetId')));
  };
  t.same(found(['tag:Name', 'web-*']), [0, 1]);
  t.same(found(['tag:Name', 'web-?', 'db-?']), [0, 1, 2], 'any value of a filter');
  t.same(found(['tag:Name', 'web-*'], ['availability-zone', '*b']), [1], 'every filter');
  t.same(found(['tag:Other', '*']), []);
  t.same(found(['tag-key', 'Name']), [0, 1, 2]);
  t.same(found(['cidr-block', '10.0.2.0/24']), [2]);
  t.match(lab.refuse('DescribeSubnets', { Filters: [{ Name: 'colour', Values: ['x'] }] }), {
    code: 'InvalidParameterValue',
    message: "The filter 'colour' is invalid",
  });
  t.match(lab.refuse('DescribeSubnets', { Filters: [{ Name: 'state' }] }), {
    code: 'MissingParameter',
  });
  const twice = [ids[2] ?? '', ids[0] ?? '', ids[2] ?? ''];
  t.equal(listAt(lab.act('DescribeSubnets', { SubnetIds: twice }), 'Subnets').length, 2);
  for (let index = ids.length; index < 6; index++) {
    ids.push(lab.subnet(vpcId, `10.0.${10 + index}.0/24`));
  }
  const first = lab.act('DescribeSubnets', { MaxResults: 5 });
  const rest = lab.act('DescribeSubnets', { MaxResults: 5, NextToken: at(first, 'NextToken') });
  t.equal(listAt(first, 'Subnets').length, 5);
  t.equal(at(rest, 'Subnets', 0, 'SubnetId'), ids[5]);
  t.equal(at(rest, 'NextToken'), undefined);
  // github.com/aws/aws-sdk-ruby/pull/2575 shows AWS's answer.
  t.match(lab.refuse('DescribeSubnets', { MaxResults: 1 }), {
    code: 'InvalidParameterValue',
    message: 'Value ( 1 ) for parameter maxResults is invalid. Expecting a value greater than 5.',
  });
  const Values = Array.from({ length: 101 }, (_, index) => `10.0.${index}.0/24`);
  const Filters = ['cidr', 'cidr-block'].map((Name) => ({ Name, Values }));
  // github.com/gjbae1212/gossm/issues/47 shows AWS's answer.
  t.match(lab.refuse('DescribeSubnets', { Filters }), {
    code: 'FilterLimitExceeded',
    message: 'The maximum number of filter values specified on a single call is 200',
  });
  t.match(lab.refuse('DescribeSubnets', { NextToken: 'x' }), { code: 'InvalidNextToken' });
});

/** One of each kind that routes lead to, or that hangs on one. */
function gatewaysOf(lab: Lab, vpcId: string): string[] {
  const subnetId = lab.subnet(vpcId, '10.0.9.0/24');
  const egressOnly = lab.act('CreateEgressOnlyInternetGateway', { VpcId: vpcId });
  const customer = lab.customerGateway();
  const vpn = lab.vpnGateway(vpcId);
  return [
    ...[lab.internetGateway(vpcId), lab.elasticAddress()],
    textAt(egressOnly, 'EgressOnlyInternetGateway', 'EgressOnlyInternetGatewayId'),
    ...[lab.natGateway(subnetId), customer, vpn, lab.vpnConnection(vpn, customer)],
    lab.peering(vpcId, vpcId),
  ];
}

t.test('CreateTags and DeleteTags change the tags of any resource', async (t) => {
  const lab = new Lab();
  const vpcId = lab.vpc();
  const subnetId = lab.subnet(vpcId, '10.0.1.0/24');
  const instanceId = lab.instance(subnetId);
  const eniId = lab.primaryEni(instanceId);
  const tableId = lab.mainTable(vpcId);
  const dhcpOptionsId = [...lab.snapshot.dhcpOptions.keys()][0] ?? '';
  const groupId = lab.group(vpcId, 'web');
  const ruleId = lab.allow(groupId, { IpProtocol: '-1', UserIdGroupPairs: [{ GroupId: groupId }] });
  const Resources = [
    ...[vpcId, subnetId, instanceId, eniId, tableId, dhcpOptionsId],
    ...[groupId, ruleId, lab.acl(vpcId), lab.prefixList([]), lab.flowLog(vpcId)],
    ...gatewaysOf(lab, vpcId),
  ];
  const Tags = [
    { Key: 'a', Value: '1' },
    { Key: 'b', Value: '2' },
  ];
  lab.act('CreateTags', { Resources: [...Resources, vpcId], Tags });
  const rows = (): string[] =>
    listAt(lab.act('DescribeTags'), 'Tags').map((row) =>
      ['ResourceType', 'Key', 'Value'].map((member) => at(row, member)).join(' '),
    );
  const types = [
    ...['vpc', 'subnet', 'network-interface', 'instance', 'route-table', 'dhcp-options'],
    ...['security-group', 'security-group-rule', 'network-acl', 'prefix-list', 'vpc-flow-log'],
    ...['internet-gateway', 'elastic-ip', 'egress-only-internet-gateway', 'natgateway'],
    ...['customer-gateway', 'vpn-gateway', 'vpn-connection', 'vpc-peering-connection'],
  ];
  t.same(
    rows(),
    types.flatMap((type) => [`${type} a 1`, `${type} b 2`]),
  );
  lab.act('DeleteTags', { Resources, Tags: [{ Key: 'a', Value: 'other' }, { Key: 'b' }] });
  t.same(
    rows(),
    types.map((type) => `${type} a 1`),
  );
  lab.act('DeleteTags', { Resources: [vpcId] });
  t.equal(rows().length, types.length - 1);
  const filtered = lab.act('DescribeTags', {
    Filters: [{ Name: 'resource-type', Values: ['inst*'] }],
  });
  t.same(at(filtered, 'Tags', 0, 'ResourceId'), instanceId);
  const refusals = [
    [[vpcId, 'vpc-12345678'], Tags, 'InvalidVpcID.NotFound'],
    [['thing'], Tags, 'InvalidID'],
    [[vpcId], [{ Key: 'aws:x', Value: '' }], 'InvalidParameterValue'],
    [[vpcId], [{ Key: 'x'.repeat(129), Value: '' }], 'InvalidParameterValue'],
    [[vpcId], [{ Key: 'x', Value: 'x'.repeat(257) }], 'InvalidParameterValue'],
    [[vpcId], [{ Key: 'x' }, { Key: 'x' }], 'InvalidParameterValue'],
    [[vpcId], Array.from({ length: 51 }, (_, index) => ({ Key: `k${index}` })), 'TagLimitExceeded'],
  ] as const;
  for (const [resources, tags, code] of refusals) {
    t.match(lab.refuse('CreateTags', { Resources: resources, Tags: tags }), { code });
  }
  const wrongType = [{ ResourceType: 'instance', Tags }];
  t.match(lab.refuse('CreateVpc', { CidrBlock: '10.1.0.0/16', TagSpecifications: wrongType }), {
    message: "'instance' is not a valid taggable resource type for this operation.",
  });
});

t.test('createIdSource repeats itself for a seed and draws all values', async (t) => {
  const ids = createIdSource('lab');
  const again = createIdSource('lab');
  const other = createIdSource('lab2');
  const first = ids.newId('eni');
  t.match(first, /^eni-0[0-9a-f]{16}$/);
  t.equal(first, again.newId('eni'));
  t.not(first, other.newId('eni'));
  const counts = [0, 0, 0, 0];
  for (let index = 0; index < 4000; index++) {
    const draw = ids.random(4);
    counts[draw] = (counts[draw] ?? 0) + 1;
  }
  t.equal(counts.length, 4);
  t.ok(
    counts.every((count) => count > 850 && count < 1150),
    counts.join(' '),
  );
});
