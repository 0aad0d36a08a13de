import t from 'tap';
import { at, IMAGE, Lab, listAt } from './lab.ts';

function labWithGroups() {
  const lab = new Lab();
  const vpcId = lab.vpc();
  const subnetId = lab.subnet(vpcId, '10.0.1.0/24');
  const [web = '', db = ''] = ['web', 'db'].map((name) => lab.group(vpcId, name));
  const stranger = lab.group(lab.vpc('10.1.0.0/16'), 'stranger');
  return { lab, vpcId, subnetId, web, db, stranger, byDefault: lab.defaultGroup(vpcId) };
}

/** The names of the groups of an interface. */
function groupsOf(lab: Lab, eniId: string): unknown[] {
  const output = lab.act('DescribeNetworkInterfaces', { NetworkInterfaceIds: [eniId] });
  return listAt(output, 'NetworkInterfaces', 0, 'Groups').map((each) => at(each, 'GroupName'));
}

t.test('[SG-4] an interface has the groups that it is given, or the default one', async (t) => {
  const { lab, subnetId, web, db, byDefault } = labWithGroups();
  const plain = lab.eni(subnetId);
  t.same(groupsOf(lab, plain), ['default']);
  const created = lab.act('CreateNetworkInterface', { SubnetId: subnetId, Groups: [web, db, web] });
  t.same(at(created, 'NetworkInterface', 'Groups'), [
    { GroupId: web, GroupName: 'web' },
    { GroupId: db, GroupName: 'db' },
  ]);
  lab.act('ModifyNetworkInterfaceAttribute', { NetworkInterfaceId: plain, Groups: [db] });
  t.same(groupsOf(lab, plain), ['db']);
  const found = (Name: string, value: string): number =>
    listAt(
      lab.act('DescribeNetworkInterfaces', { Filters: [{ Name, Values: [value] }] }),
      'NetworkInterfaces',
    ).length;
  t.equal(found('group-id', db), 2);
  t.equal(found('group-name', 'web'), 1);
  t.equal(found('group-id', byDefault), 0);
});

t.test('[SG-4] RunInstances gives groups to the instance or to its interfaces', async (t) => {
  const { lab, subnetId, web, db } = labWithGroups();
  const instanceId = lab.instance(subnetId, { SecurityGroupIds: [web] });
  const described = lab.act('DescribeInstances', { InstanceIds: [instanceId] });
  const instance = at(described, 'Reservations', 0, 'Instances', 0);
  t.same(at(instance, 'SecurityGroups'), [{ GroupId: web, GroupName: 'web' }]);
  t.same(at(instance, 'NetworkInterfaces', 0, 'Groups'), [{ GroupId: web, GroupName: 'web' }]);
  const NetworkInterfaces = [
    { DeviceIndex: 0, SubnetId: subnetId, Groups: [web] },
    { DeviceIndex: 1, SubnetId: subnetId, Groups: [db] },
  ];
  const launch = { ImageId: IMAGE, MinCount: 1, MaxCount: 1 };
  lab.act('RunInstances', { ...launch, NetworkInterfaces });
  const found = (Name: string, value: string): number =>
    listAt(lab.act('DescribeInstances', { Filters: [{ Name, Values: [value] }] }), 'Reservations')
      .length;
  t.equal(found('instance.group-id', web), 2);
  t.equal(found('instance.group-name', 'db'), 0);
  t.equal(found('network-interface.group-id', db), 1);
  t.equal(found('network-interface.group-name', 'db'), 1);
  const rows = [
    [
      { NetworkInterfaces, SecurityGroupIds: [web] },
      'InvalidParameterCombination',
      'Network interfaces and an instance-level security groups may not be specified on the same request',
    ],
    [
      { SubnetId: subnetId, SecurityGroups: ['web'] },
      'InvalidParameterCombination',
      'The parameter groupName cannot be used with the parameter subnet',
    ],
    [{ SecurityGroups: ['web'] }, 'VPCIdNotSpecified', 'No default VPC'],
  ] as const;
  for (const [more, code, message] of rows) {
    t.match(lab.refuse('RunInstances', { ...launch, ...more }), { code, message });
  }
});

t.test('ModifyInstanceAttribute changes the groups of a single interface', async (t) => {
  const { lab, subnetId, web, db, stranger } = labWithGroups();
  const InstanceId = lab.instance(subnetId, { SecurityGroupIds: [web] });
  lab.act('ModifyInstanceAttribute', { InstanceId, Groups: [db] });
  t.same(lab.act('DescribeInstanceAttribute', { InstanceId, Attribute: 'groupSet' }), {
    InstanceId,
    Groups: [{ GroupId: db, GroupName: 'db' }],
  });
  const modify = (more: object) => lab.refuse('ModifyInstanceAttribute', { InstanceId, ...more });
  t.equal(modify({ Groups: [db], SourceDestCheck: false }).code, 'InvalidParameterCombination');
  t.equal(modify({ Groups: [] }).code, 'MissingParameter');
  t.equal(modify({ Groups: [stranger] }).code, 'InvalidGroup.NotFound');
  const second = lab.eni(subnetId);
  lab.act('AttachNetworkInterface', { NetworkInterfaceId: second, InstanceId, DeviceIndex: 1 });
  t.equal(modify({ Groups: [db] }).code, 'InvalidInstanceID');
});

t.test('[SG-4] groups that an interface cannot have are refused', async (t) => {
  const { lab, vpcId, subnetId, stranger } = labWithGroups();
  const eniId = lab.eni(subnetId);
  const many = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => lab.group(vpcId, name));
  const unknown = {
    code: 'InvalidSecurityGroupID.NotFound',
    message: "The securityGroup ID 'sg-12345678' does not exist",
  };
  const tooMany = {
    code: 'SecurityGroupsPerInterfaceLimitExceeded',
    message: 'The maximum number of security groups per interface has been reached.',
  };
  const malformed = { code: 'InvalidGroupId.Malformed', message: 'Invalid id: "web"' };
  const rows = [
    [['sg-12345678'], unknown, unknown],
    [['web'], malformed, malformed],
    [many, tooMany, tooMany],
    [
      [stranger],
      {
        code: 'InvalidParameter',
        message: `Security group ${stranger} and subnet ${subnetId} belong to different networks.`,
      },
      {
        code: 'InvalidGroup.NotFound',
        message: 'You have specified two resources that belong to different networks.',
      },
    ],
  ] as const;
  for (const [Groups, atCreation, atChange] of rows) {
    t.match(lab.refuse('CreateNetworkInterface', { SubnetId: subnetId, Groups }), atCreation);
    const change = { NetworkInterfaceId: eniId, Groups };
    t.match(lab.refuse('ModifyNetworkInterfaceAttribute', change), atChange);
  }
  lab.eni(subnetId, { Groups: many.slice(1) });
});

t.test('[SG-8] the timeouts of connection tracking are set within limits', async (t) => {
  const { lab, subnetId } = labWithGroups();
  const shown = (NetworkInterfaceId: string): unknown =>
    at(
      lab.act('DescribeNetworkInterfaces', { NetworkInterfaceIds: [NetworkInterfaceId] }),
      ...['NetworkInterfaces', 0, 'ConnectionTrackingConfiguration'],
    );
  const specify = (more: object) => ({ ConnectionTrackingSpecification: more });
  t.equal(shown(lab.eni(subnetId)), undefined);
  const longest = { TcpEstablishedTimeout: 432_000, UdpTimeout: 60, UdpStreamTimeout: 180 };
  const eniId = lab.eni(subnetId, specify(longest));
  t.same(shown(eniId), longest);
  const change = (more: object) => ({ NetworkInterfaceId: eniId, ...specify(more) });
  lab.act('ModifyNetworkInterfaceAttribute', change({ TcpEstablishedTimeout: 60, UdpTimeout: 30 }));
  t.same(shown(eniId), { TcpEstablishedTimeout: 60, UdpTimeout: 30, UdpStreamTimeout: 180 });
  const launched = lab.act('RunInstances', {
    ...{ ImageId: IMAGE, MinCount: 1, MaxCount: 1 },
    NetworkInterfaces: [{ DeviceIndex: 0, SubnetId: subnetId, ...specify({ UdpTimeout: 45 }) }],
  });
  t.match(at(launched, 'Instances', 0, 'NetworkInterfaces', 0), {
    ConnectionTrackingConfiguration: { UdpTimeout: 45 },
  });
  const rows = [
    ['TcpEstablishedTimeout', 59, 432_001],
    ['UdpTimeout', 29, 61],
    ['UdpStreamTimeout', 59, 181],
  ] as const;
  for (const [member, short, long] of rows) {
    for (const value of [short, long]) {
      t.match(lab.refuse('ModifyNetworkInterfaceAttribute', change({ [member]: value })), {
        code: 'InvalidParameterValue',
        message: `Value (${value}) for parameter ${member} is invalid. Must be between`,
      });
    }
  }
});
