import t from 'tap';
import { at, Lab, listAt, textAt } from './lab.ts';

/** The entries of a list as `block description`. */
function entries(lab: Lab, PrefixListId: string, TargetVersion?: number): string[] {
  const output = lab.act('GetManagedPrefixListEntries', { PrefixListId, TargetVersion });
  return listAt(output, 'Entries').map(
    (entry) => `${at(entry, 'Cidr')} ${at(entry, 'Description') ?? '-'}`,
  );
}

function described(lab: Lab, PrefixListId: string): unknown {
  const output = lab.act('DescribeManagedPrefixLists', { PrefixListIds: [PrefixListId] });
  return at(output, 'PrefixLists', 0);
}

t.test('CreateManagedPrefixList makes version 1', async (t) => {
  const lab = new Lab();
  const created = lab.act('CreateManagedPrefixList', {
    PrefixListName: 'offices',
    AddressFamily: 'IPv4',
    MaxEntries: 3,
    Entries: [{ Cidr: '192.0.2.1/24', Description: 'west' }, { Cidr: '198.51.100.0/24' }],
    TagSpecifications: [{ ResourceType: 'prefix-list', Tags: [{ Key: 'a', Value: 'b' }] }],
  });
  const id = textAt(created, 'PrefixList', 'PrefixListId');
  const shape = {
    PrefixListId: id,
    PrefixListName: 'offices',
    PrefixListArn: `arn:aws:ec2:us-east-1:123456789012:prefix-list/${id}`,
    AddressFamily: 'IPv4',
    State: 'create-in-progress',
    MaxEntries: 3,
    Version: 1,
    OwnerId: '123456789012',
    Tags: [{ Key: 'a', Value: 'b' }],
  };
  t.same(created, { PrefixList: shape });
  t.same(described(lab, id), { ...shape, State: 'create-complete' });
  t.same(entries(lab, id), ['192.0.2.0/24 west', '198.51.100.0/24 -']);
  t.same(lab.act('DescribePrefixLists'), { PrefixLists: [], NextToken: undefined });
  const page = { PrefixListId: id, MaxResults: 1 };
  const first = lab.act('GetManagedPrefixListEntries', page);
  const NextToken = at(first, 'NextToken');
  const second = lab.act('GetManagedPrefixListEntries', { ...page, NextToken });
  t.same(
    [first, second].map((each) => at(each, 'Entries', 0, 'Cidr')),
    ['192.0.2.0/24', '198.51.100.0/24'],
  );
});

t.test('CreateManagedPrefixList refuses what is no list', async (t) => {
  const lab = new Lab({ quotas: { prefixListsPerRegion: 1 } });
  const Entries = (...cidrs: string[]) => cidrs.map((Cidr) => ({ Cidr }));
  const many = Array.from({ length: 101 }, (_, index) => `10.0.${index}.0/24`);
  const rows = [
    [
      { AddressFamily: 'ipv4' },
      'InvalidParameterValue',
      'Value (ipv4) for parameter addressFamily',
    ],
    [{ MaxEntries: 0 }, 'InvalidParameterValue', 'Value (0) for parameter maxEntries'],
    [{ MaxEntries: 1001 }, 'InvalidParameterValue', 'Must be 1 to 1000.'],
    [{ PrefixListName: 'com.amazonaws.s3' }, 'InvalidParameterValue', 'prefixListName'],
    [
      { Entries: Entries('10.0.0.0') },
      'InvalidParameterValue',
      'Value (10.0.0.0) for parameter cidr',
    ],
    [{ Entries: Entries('::/0') }, 'InvalidParameterValue', 'Value (::/0) for parameter cidr'],
    [
      { Entries: [{ Cidr: '10.0.0.0/8', Description: 'x'.repeat(256) }] },
      'InvalidParameterValue',
      'description',
    ],
    [
      { Entries: Entries('10.0.0.0/8', '10.0.0.1/8') },
      'InvalidPrefixListModification',
      '10.0.0.0/8 already exists',
    ],
    [
      { MaxEntries: 1, Entries: Entries('10.0.0.0/8', '11.0.0.0/8') },
      'PrefixListMaxEntriesExceeded',
      'The maximum number of entries',
    ],
    [
      { MaxEntries: 1000, Entries: Entries(...many) },
      'InvalidParameterValue',
      'The number of entries per request cannot exceeds limit (100).',
    ],
  ] as const;
  for (const [more, code, message] of rows) {
    const input = { PrefixListName: 'list', AddressFamily: 'IPv4', MaxEntries: 10, ...more };
    t.match(lab.refuse('CreateManagedPrefixList', input), { code, message });
  }
  lab.prefixList([]);
  const another = { PrefixListName: 'list', AddressFamily: 'IPv6', MaxEntries: 10 };
  t.equal(lab.refuse('CreateManagedPrefixList', another).code, 'PrefixListLimitExceeded');
});

t.test(
  'ModifyManagedPrefixList makes versions, which stay readable and can be restored',
  async (t) => {
    const lab = new Lab();
    const PrefixListId = lab.prefixList(['10.0.0.0/8', '11.0.0.0/8']);
    const modify = (more: object) => ({ PrefixListId, ...more });
    const modified = lab.act(
      'ModifyManagedPrefixList',
      modify({
        CurrentVersion: 1,
        RemoveEntries: [{ Cidr: '10.0.0.0/8' }],
        AddEntries: [{ Cidr: '10.0.0.0/8', Description: 'new' }],
      }),
    );
    t.match(modified, { PrefixList: { Version: 2, State: 'modify-in-progress' } });
    t.match(described(lab, PrefixListId), { Version: 2, State: 'modify-complete' });
    t.same(entries(lab, PrefixListId), ['11.0.0.0/8 -', '10.0.0.0/8 new']);
    t.same(entries(lab, PrefixListId, 1), ['10.0.0.0/8 -', '11.0.0.0/8 -']);
    lab.act('ModifyManagedPrefixList', modify({ PrefixListName: 'other', MaxEntries: 2 }));
    t.match(described(lab, PrefixListId), { PrefixListName: 'other', MaxEntries: 2, Version: 2 });
    const restored = lab.act('RestoreManagedPrefixListVersion', {
      ...{ PrefixListId, PreviousVersion: 1, CurrentVersion: 2 },
    });
    t.match(restored, { PrefixList: { Version: 3, State: 'restore-in-progress' } });
    t.same(entries(lab, PrefixListId), ['10.0.0.0/8 -', '11.0.0.0/8 -']);
    const rows = [
      [
        { CurrentVersion: 2, PrefixListName: 'x' },
        'PrefixListVersionMismatch',
        'The prefix list has the incorrect version number.',
      ],
      [
        { AddEntries: [{ Cidr: '12.0.0.0/8' }], MaxEntries: 3 },
        'InvalidParameterCombination',
        'You cannot modify the entries and the maximum entries for the prefix list in the same request.',
      ],
      [{}, 'InvalidParameterCombination', 'No attributes specified.'],
      [{ MaxEntries: 1 }, 'PrefixListMaxEntriesExceeded', 'The maximum number of entries'],
      [
        { AddEntries: [{ Cidr: '12.0.0.0/8' }] },
        'PrefixListMaxEntriesExceeded',
        'The maximum number of entries',
      ],
      [
        { RemoveEntries: [{ Cidr: '12.0.0.0/8' }] },
        'InvalidPrefixListModification',
        '12.0.0.0/8 does not exist.',
      ],
      [{ PrefixListId: 'pl-12345678' }, 'InvalidPrefixListID.NotFound', 'pl-12345678'],
    ] as const;
    for (const [more, code, message] of rows) {
      t.match(lab.refuse('ModifyManagedPrefixList', modify(more)), { code, message });
    }
    const target = { PrefixListId, TargetVersion: 4 };
    t.equal(lab.refuse('GetManagedPrefixListEntries', target).code, 'InvalidParameterValue');
    const restore = (more: object) =>
      lab.refuse('RestoreManagedPrefixListVersion', {
        PrefixListId,
        PreviousVersion: 1,
        CurrentVersion: 3,
        ...more,
      });
    t.equal(restore({ CurrentVersion: 2 }).code, 'PrefixListVersionMismatch');
    t.equal(restore({ PreviousVersion: 0 }).code, 'InvalidParameterValue');
    lab.act('ModifyManagedPrefixList', modify({ RemoveEntries: [{ Cidr: '10.0.0.0/8' }] }));
    lab.act('ModifyManagedPrefixList', modify({ MaxEntries: 1 }));
    t.equal(restore({ CurrentVersion: 4 }).code, 'PrefixListMaxEntriesExceeded');
  },
);

t.test(
  '[SG-4] a rule of a prefix list counts as many rules as the list may have entries',
  async (t) => {
    const lab = new Lab({ quotas: { rulesPerSecurityGroup: 12 } });
    const vpcId = lab.vpc();
    const GroupId = lab.group(vpcId, 'web');
    const PrefixListId = lab.prefixList(['192.0.2.0/24']);
    const https = { IpProtocol: 'tcp', FromPort: 443, ToPort: 443 };
    lab.allow(GroupId, { ...https, PrefixListIds: [{ PrefixListId, Description: 'offices' }] });
    t.equal(lab.rules(GroupId).at(-1), `in tcp 443-443 ${PrefixListId}`);
    const found = lab.act('DescribeSecurityGroups', {
      Filters: [{ Name: 'ip-permission.prefix-list-id', Values: [PrefixListId] }],
    });
    t.match(at(found, 'SecurityGroups', 0, 'IpPermissions', 0, 'PrefixListIds'), [
      { PrefixListId, Description: 'offices' },
    ]);
    lab.allow(GroupId, {
      ...https,
      IpRanges: [{ CidrIp: '0.0.0.0/0' }, { CidrIp: '10.0.0.0/8' }],
      Ipv6Ranges: [{ CidrIpv6: '::/0' }],
    });
    const IpPermissions = [{ ...https, IpRanges: [{ CidrIp: '11.0.0.0/8' }] }];
    const full = { code: 'RulesPerSecurityGroupLimitExceeded' };
    t.match(lab.refuse('AuthorizeSecurityGroupIngress', { GroupId, IpPermissions }), full);
    t.match(lab.refuse('ModifyManagedPrefixList', { PrefixListId, MaxEntries: 11 }), full);
  },
);

t.test('a prefix list that is named cannot be deleted', async (t) => {
  const lab = new Lab();
  const vpcId = lab.vpc();
  const subnetId = lab.subnet(vpcId, '10.0.1.0/24');
  const NetworkInterfaceId = lab.eni(subnetId);
  const RouteTableId = lab.mainTable(vpcId);
  const GroupId = lab.group(vpcId, 'web');
  const PrefixListId = lab.prefixList(['192.0.2.0/24']);
  const ruleId = lab.allow(GroupId, { IpProtocol: '-1', PrefixListIds: [{ PrefixListId }] });
  const route = { RouteTableId, DestinationPrefixListId: PrefixListId };
  lab.act('CreateRoute', { ...route, NetworkInterfaceId });
  t.same(lab.act('GetManagedPrefixListAssociations', { PrefixListId }), {
    PrefixListAssociations: [
      { ResourceId: GroupId, ResourceOwner: '123456789012' },
      { ResourceId: RouteTableId, ResourceOwner: '123456789012' },
    ],
    NextToken: undefined,
  });
  const refused = { code: 'DependencyViolation', message: `The prefix list '${PrefixListId}'` };
  t.match(lab.refuse('DeleteManagedPrefixList', { PrefixListId }), refused);
  lab.act('DeleteRoute', route);
  t.match(lab.refuse('DeleteManagedPrefixList', { PrefixListId }), refused);
  lab.act('RevokeSecurityGroupIngress', { GroupId, SecurityGroupRuleIds: [ruleId] });
  const deleted = lab.act('DeleteManagedPrefixList', { PrefixListId });
  t.match(deleted, { PrefixList: { PrefixListId, State: 'delete-in-progress' } });
  t.equal(lab.snapshot.prefixLists.size, 0);
});

t.test('[RT-9] a route table has one route to a prefix list', async (t) => {
  const lab = new Lab();
  const vpcId = lab.vpc();
  const subnetId = lab.subnet(vpcId, '10.0.1.0/24');
  const [one, two] = [lab.eni(subnetId), lab.eni(subnetId)];
  const RouteTableId = lab.mainTable(vpcId);
  const DestinationPrefixListId = lab.prefixList(['192.0.2.0/24']);
  const route = (NetworkInterfaceId: string) => ({
    RouteTableId,
    DestinationPrefixListId,
    NetworkInterfaceId,
  });
  t.match(lab.refuse('ReplaceRoute', route(one)), {
    code: 'InvalidParameterValue',
    message: `There is no route defined for '${DestinationPrefixListId}' in the route table.`,
  });
  lab.act('CreateRoute', route(one));
  lab.act('CreateRoute', route(one));
  t.match(lab.refuse('CreateRoute', route(two)), {
    code: 'RouteAlreadyExists',
    message: `The route identified by ${DestinationPrefixListId} already exists.`,
  });
  lab.act('ReplaceRoute', route(two));
  t.same(lab.routes(RouteTableId), [
    '10.0.0.0/16 local active',
    `${DestinationPrefixListId} ${two} blackhole`,
  ]);
  const found = (Name: string, value: string): number =>
    listAt(lab.act('DescribeRouteTables', { Filters: [{ Name, Values: [value] }] }), 'RouteTables')
      .length;
  t.equal(found('route.destination-prefix-list-id', DestinationPrefixListId), 1);
  t.equal(found('route.network-interface-id', two), 1);
  t.equal(found('route.origin', 'CreateRoute'), 1);
  t.equal(found('route.state', 'blackhole'), 1);
  lab.act('DeleteRoute', { RouteTableId, DestinationPrefixListId });
  t.match(lab.refuse('DeleteRoute', { RouteTableId, DestinationPrefixListId }), {
    code: 'InvalidRoute.NotFound',
    message: `no route with destination-prefix-list-id ${DestinationPrefixListId} in route table ${RouteTableId}`,
  });
  const unknown = { RouteTableId, DestinationPrefixListId: 'pl-12345678', NetworkInterfaceId: one };
  t.equal(lab.refuse('CreateRoute', unknown).code, 'InvalidPrefixListID.NotFound');
});

t.test(
  '[RT-15] a route to a prefix list counts as many as the list may have entries',
  async (t) => {
    const lab = new Lab({ quotas: { routesPerTable: 11 } });
    const vpcId = lab.vpc();
    const NetworkInterfaceId = lab.eni(lab.subnet(vpcId, '10.0.1.0/24'));
    const RouteTableId = lab.mainTable(vpcId);
    const PrefixListId = lab.prefixList([]);
    const via = { RouteTableId, NetworkInterfaceId };
    lab.act('CreateRoute', { ...via, DestinationPrefixListId: PrefixListId });
    lab.act('CreateRoute', { ...via, DestinationCidrBlock: '192.0.2.0/24' });
    lab.act('CreateRoute', { ...via, DestinationIpv6CidrBlock: '2001:db8::/32' });
    const full = { code: 'RouteLimitExceeded' };
    t.match(lab.refuse('CreateRoute', { ...via, DestinationCidrBlock: '198.51.100.0/24' }), full);
    t.match(lab.refuse('ModifyManagedPrefixList', { PrefixListId, MaxEntries: 11 }), full);
    const another = lab.prefixList([], { MaxEntries: 1 });
    t.match(lab.refuse('CreateRoute', { ...via, DestinationPrefixListId: another }), full);
  },
);
