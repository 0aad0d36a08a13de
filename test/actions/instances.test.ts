import t from 'tap';
import { at, IMAGE, Lab, listAt, NOW_MS, textAt } from './lab.ts';

const ONE = { ImageId: IMAGE, MinCount: 1, MaxCount: 1 };

function oneSubnet() {
  const lab = new Lab();
  const vpcId = lab.vpc();
  return { lab, vpcId, subnetId: lab.subnet(vpcId, '10.0.1.0/24') };
}

t.test('RunInstances answers pending and stores running, as one reservation', async (t) => {
  const { lab, vpcId, subnetId } = oneSubnet();
  const tags = (Value: string) => [{ Key: 'Name', Value }];
  const output = lab.act('RunInstances', {
    ...ONE,
    MaxCount: 2,
    SubnetId: subnetId,
    InstanceType: 'c5n.xlarge',
    TagSpecifications: [
      { ResourceType: 'instance', Tags: tags('r') },
      { ResourceType: 'network-interface', Tags: tags('n') },
    ],
  });
  const shape = {
    ImageId: IMAGE,
    InstanceType: 'c5n.xlarge',
    LaunchTime: new Date(NOW_MS).toISOString(),
    Placement: { AvailabilityZone: 'us-east-1a' },
    SubnetId: subnetId,
    VpcId: vpcId,
    SourceDestCheck: true,
    PrivateDnsName: /^ip-10-0-1-\d+\.ec2\.internal$/,
    NetworkInterfaces: [
      {
        Status: 'in-use',
        Attachment: { DeviceIndex: 0, DeleteOnTermination: true, Status: 'attached' },
      },
    ],
    Tags: tags('r'),
  };
  t.match(output, {
    ReservationId: /^r-0[0-9a-f]{16}$/,
    Instances: [
      { ...shape, AmiLaunchIndex: 0, State: { Code: 0, Name: 'pending' } },
      { ...shape, AmiLaunchIndex: 1, State: { Code: 0, Name: 'pending' } },
    ],
  });
  const described = lab.act('DescribeInstances');
  t.equal(listAt(described, 'Reservations').length, 1);
  t.match(at(described, 'Reservations', 0, 'Instances', 1), {
    ...shape,
    State: { Code: 16, Name: 'running' },
  });
  t.match([...lab.snapshot.enis.values()], [{ tags: new Map([['Name', 'n']]) }, {}]);
  t.equal(
    at(lab.act('DescribeInstances'), 'Reservations', 0, 'Instances', 0, 'UserData'),
    undefined,
  );
});

t.test('RunInstances takes interfaces that exist and makes others', async (t) => {
  const { lab, vpcId, subnetId } = oneSubnet();
  const ready = lab.eni(subnetId, { PrivateIpAddress: '10.0.1.11' });
  const NetworkInterfaces = [
    { DeviceIndex: 1, SubnetId: subnetId, PrivateIpAddress: '10.0.1.12' },
    { DeviceIndex: 0, NetworkInterfaceId: ready },
  ];
  const output = lab.act('RunInstances', { ...ONE, NetworkInterfaces });
  const id = textAt(output, 'Instances', 0, 'InstanceId');
  t.match(at(output, 'Instances', 0, 'NetworkInterfaces'), [
    { NetworkInterfaceId: ready, Attachment: { DeviceIndex: 0, DeleteOnTermination: false } },
    { PrivateIpAddress: '10.0.1.12', Attachment: { DeviceIndex: 1, DeleteOnTermination: false } },
  ]);
  lab.act('TerminateInstances', { InstanceIds: [id] });
  t.equal(lab.snapshot.enis.size, 2, 'both stay');
  t.match(lab.snapshot.enis.get(`eni-${ready.slice(4)}`), { attachment: null });
  const otherZone = lab.subnet(vpcId, '10.0.2.0/24', { AvailabilityZone: 'us-east-1b' });
  const free = (DeviceIndex: number) => ({ DeviceIndex, SubnetId: subnetId });
  const rows = [
    [{ SubnetId: subnetId, NetworkInterfaces: [free(0)] }, 'InvalidParameterCombination'],
    [{ PrivateIpAddress: '10.0.1.9', NetworkInterfaces: [free(0)] }, 'InvalidParameterCombination'],
    [{ NetworkInterfaces: [free(0), free(0)] }, 'InvalidParameterValue'],
    [{ NetworkInterfaces: [free(1)] }, 'InvalidParameterValue'],
    [{ NetworkInterfaces: [free(-1)] }, 'InvalidParameterValue'],
    [{ NetworkInterfaces: [{ SubnetId: subnetId }] }, 'MissingParameter'],
    [{ NetworkInterfaces: [{ DeviceIndex: 0 }] }, 'VPCIdNotSpecified'],
    [
      { NetworkInterfaces: [free(0), { DeviceIndex: 1, SubnetId: otherZone }] },
      'InvalidParameterCombination',
    ],
    [
      { NetworkInterfaces: [{ DeviceIndex: 0, NetworkInterfaceId: ready, Description: 'x' }] },
      'InvalidParameterCombination',
    ],
    [
      { MaxCount: 2, NetworkInterfaces: [{ DeviceIndex: 0, NetworkInterfaceId: ready }] },
      'InvalidNetworkInterface.InUse',
    ],
  ] as const;
  for (const [more, code] of rows) {
    t.equal(lab.refuse('RunInstances', { ...ONE, ...more }).code, code, JSON.stringify(more));
  }
});

t.test('RunInstances refuses what it cannot launch', async (t) => {
  const { lab, subnetId } = oneSubnet();
  const rows = [
    [{}, 'VPCIdNotSpecified'],
    [{ SubnetId: subnetId, MinCount: 0 }, 'InvalidParameterValue'],
    [{ SubnetId: subnetId, MinCount: 2 }, 'InvalidParameterValue'],
    [{ SubnetId: subnetId, ImageId: 'ami-12345678' }, 'InvalidAMIID.NotFound'],
    [{ SubnetId: subnetId, ImageId: 'linux' }, 'InvalidAMIID.Malformed'],
    [{ SubnetId: subnetId, InstanceType: 'big' }, 'InvalidParameterValue'],
    [{ SubnetId: subnetId, UserData: 'eA==!' }, 'InvalidUserData.Malformed'],
    [{ SubnetId: subnetId, PrivateIpAddress: '10.0.1.1' }, 'InvalidParameterValue'],
    [{ SubnetId: subnetId, PrivateIpAddress: '10.0.1.9', MaxCount: 2 }, 'InvalidIPAddress.InUse'],
  ] as const;
  for (const [more, code] of rows) {
    t.equal(lab.refuse('RunInstances', { ...ONE, ...more }).code, code, JSON.stringify(more));
  }
});

t.test('instances stop, start, reboot and terminate as their states allow', async (t) => {
  const { lab, subnetId } = oneSubnet();
  const id = lab.instance(subnetId);
  const InstanceIds = [id, id];
  const change = (verb: string, member: string): string => {
    const list = listAt(lab.act(`${verb}Instances`, { InstanceIds }), member);
    t.equal(list.length, 1, 'an id given twice counts once');
    return `${at(list, 0, 'PreviousState', 'Name')} > ${at(list, 0, 'CurrentState', 'Name')}`;
  };
  const stored = (): unknown =>
    at(lab.act('DescribeInstances'), 'Reservations', 0, 'Instances', 0, 'State', 'Name');
  t.equal(change('Start', 'StartingInstances'), 'running > running');
  lab.act('RebootInstances', { InstanceIds });
  t.equal(change('Stop', 'StoppingInstances'), 'running > stopping');
  t.equal(stored(), 'stopped');
  t.equal(change('Stop', 'StoppingInstances'), 'stopped > stopped');
  t.equal(lab.refuse('RebootInstances', { InstanceIds }).code, 'IncorrectInstanceState');
  lab.nowMs = NOW_MS + 60_000;
  t.equal(change('Start', 'StartingInstances'), 'stopped > pending');
  t.equal(stored(), 'running');
  t.equal([...lab.snapshot.instances.values()][0]?.launchTimeMs, NOW_MS + 60_000);
  t.equal(change('Terminate', 'TerminatingInstances'), 'running > shutting-down');
  t.equal(stored(), 'terminated');
  t.equal(change('Terminate', 'TerminatingInstances'), 'terminated > terminated');
  for (const verb of ['started', 'stopped', 'rebooted', 'modified']) {
    const name = { started: 'Start', stopped: 'Stop', rebooted: 'Reboot', modified: '' }[verb];
    const refusal =
      name === ''
        ? lab.refuse('ModifyInstanceAttribute', { InstanceId: id, SourceDestCheck: true })
        : lab.refuse(`${name}Instances`, { InstanceIds });
    t.match(refusal, {
      code: 'IncorrectInstanceState',
      message: `The instance '${id}' is not in a state from which it can be ${verb}.`,
    });
  }
  t.equal(lab.snapshot.enis.size, 0, 'the primary interface went with the instance');
  lab.act('DeleteSubnet', { SubnetId: subnetId });
  t.match(at(lab.act('DescribeInstances'), 'Reservations', 0, 'Instances', 0), {
    NetworkInterfaces: [],
    SubnetId: undefined,
    PrivateDnsName: '',
  });
});

t.test('an action on several instances changes all of them or none', async (t) => {
  const { lab, subnetId } = oneSubnet();
  const [one, two] = [lab.instance(subnetId), lab.instance(subnetId)];
  lab.act('TerminateInstances', { InstanceIds: [two] });
  lab.refuse('StopInstances', { InstanceIds: [one, two] });
  lab.refuse('StopInstances', { InstanceIds: [one, 'i-12345678'] });
  const output = lab.act('DescribeInstances', {
    Filters: [{ Name: 'instance-state-name', Values: ['running'] }],
  });
  t.match(output, { Reservations: [{ Instances: [{ InstanceId: one }] }] });
});

t.test('DescribeInstances filters by what its interfaces have', async (t) => {
  const { lab, subnetId } = oneSubnet();
  const id = lab.instance(subnetId, { PrivateIpAddress: '10.0.1.77' });
  lab.instance(subnetId, { PrivateIpAddress: '10.0.1.78' });
  const rows: [string, string][] = [
    ['private-ip-address', '10.0.1.77'],
    ['network-interface.addresses.private-ip-address', '*.77'],
    ['network-interface.network-interface-id', lab.primaryEni(id)],
    ['private-dns-name', 'ip-10-0-1-77.*'],
    ['instance-id', id],
  ];
  for (const [Name, value] of rows) {
    const output = lab.act('DescribeInstances', { Filters: [{ Name, Values: [value] }] });
    t.equal(listAt(output, 'Reservations').length, 1, Name);
    t.equal(at(output, 'Reservations', 0, 'Instances', 0, 'InstanceId'), id, Name);
  }
});

t.test('a terminated instance is shown for an hour, and its reservation as long', async (t) => {
  const { lab, subnetId } = oneSubnet();
  const [first, second, third] = [
    lab.instance(subnetId),
    lab.instance(subnetId),
    lab.instance(subnetId),
  ];
  const shown = (): unknown[] =>
    listAt(lab.act('DescribeInstances'), 'Reservations').map((each) =>
      at(each, 'Instances', 0, 'InstanceId'),
    );
  lab.act('TerminateInstances', { InstanceIds: [first] });
  lab.nowMs += 3_599_000;
  lab.act('TerminateInstances', { InstanceIds: [second] });
  t.same(shown(), [first, second, third]);
  lab.nowMs += 1000;
  t.same(shown(), [first, second, third], 'a describe changes nothing');
  lab.act('TerminateInstances', { InstanceIds: [third] });
  t.same(shown(), [second, third]);
  t.equal(lab.snapshot.reservations.size, 2);
});
