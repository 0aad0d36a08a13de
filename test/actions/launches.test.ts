/** RunInstances beyond its interfaces, and what an instance was launched with. */
import t from 'tap';
import { at, IMAGE, Lab, listAt, textAt } from './lab.ts';

const ONE = { ImageId: IMAGE, MinCount: 1, MaxCount: 1 };
const INSTANCE = ['Reservations', 0, 'Instances', 0] as const;

function oneSubnet(options = {}) {
  const lab = new Lab(options);
  const vpcId = lab.vpc();
  return { lab, vpcId, subnetId: lab.subnet(vpcId, '10.0.1.0/24') };
}

/** @returns the shape of an instance. */
function shown(lab: Lab, id: string): unknown {
  return at(lab.act('DescribeInstances', { InstanceIds: [id] }), ...INSTANCE);
}

t.test('RunInstances keeps and shows its options', async (t) => {
  const { lab, subnetId } = oneSubnet();
  lab.act('CreateKeyPair', { KeyName: 'ops' });
  const id = lab.instance(subnetId, {
    KeyName: 'ops',
    InstanceType: 't3.micro',
    Monitoring: { Enabled: true },
    EbsOptimized: true,
    DisableApiStop: true,
    InstanceInitiatedShutdownBehavior: 'terminate',
    MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 2 },
    IamInstanceProfile: { Name: 'web' },
    CreditSpecification: { CpuCredits: 'standard' },
    Placement: { AvailabilityZone: 'us-east-1a' },
    ClientToken: 'once',
    BlockDeviceMappings: [
      { DeviceName: '/dev/sda1', Ebs: { VolumeSize: 20, VolumeType: 'gp2', Encrypted: true } },
    ],
    TagSpecifications: [{ ResourceType: 'volume', Tags: [{ Key: 'disk', Value: 'root' }] }],
  });
  t.match(shown(lab, id), {
    KeyName: 'ops',
    ClientToken: 'once',
    Monitoring: { State: 'enabled' },
    EbsOptimized: true,
    MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 2, State: 'applied' },
    IamInstanceProfile: { Arn: 'arn:aws:iam::123456789012:instance-profile/web', Id: /^AIPA/ },
    RootDeviceName: '/dev/sda1',
    BlockDeviceMappings: [{ DeviceName: '/dev/sda1', Ebs: { VolumeId: /^vol-0/ } }],
    CpuOptions: { CoreCount: 1, ThreadsPerCore: 2 },
  });
  t.match(lab.act('DescribeVolumes', { Filters: [{ Name: 'tag:disk', Values: ['root'] }] }), {
    Volumes: [{ Size: 20, VolumeType: 'gp2', Iops: 100, Encrypted: true, State: 'in-use' }],
  });
  const filters: [string, string][] = [
    ['key-name', 'ops'],
    ['client-token', 'once'],
    ['monitoring-state', 'enabled'],
    ['metadata-options.http-tokens', 'required'],
    ['iam-instance-profile.arn', '*/web'],
    ['root-device-name', '/dev/sda1'],
    ['block-device-mapping.delete-on-termination', 'true'],
    ['architecture', 'x86_64'],
    ['launch-index', '0'],
    ['tenancy', 'default'],
    ['group-name', 'default'],
    ['network-interface.status', 'in-use'],
  ];
  for (const [Name, value] of filters) {
    const found = lab.act('DescribeInstances', { Filters: [{ Name, Values: [value] }] });
    t.equal(listAt(found, 'Reservations').length, 1, Name);
  }
});

t.test('RunInstances refuses options that AWS refuses', async (t) => {
  const { lab, subnetId } = oneSubnet();
  const root = (Ebs: object) => ({ BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs }] });
  const rows = [
    [{ KeyName: 'nobody' }, 'InvalidKeyPair.NotFound'],
    [{ UserData: 'eA==!' }, 'InvalidUserData.Malformed'],
    [{ UserData: Buffer.alloc(16_385).toString('base64') }, 'InvalidParameterValue'],
    [{ InstanceType: 'm5.huge' }, 'InvalidParameterValue'],
    [{ InstanceInitiatedShutdownBehavior: 'explode' }, 'InvalidParameterValue'],
    [{ MetadataOptions: { HttpTokens: 'maybe' } }, 'InvalidParameterValue'],
    [{ MetadataOptions: { HttpPutResponseHopLimit: 65 } }, 'InvalidParameterValue'],
    [{ IamInstanceProfile: { Arn: 'web' } }, 'InvalidParameterValue'],
    [{ IamInstanceProfile: { Arn: 'a', Name: 'b' } }, 'InvalidParameterCombination'],
    [{ CreditSpecification: { CpuCredits: 'standard' } }, 'InvalidParameterCombination'],
    [{ Placement: { Tenancy: 'dedicated' } }, 'InvalidParameterValue'],
    [{ Placement: { AvailabilityZone: 'us-east-1b' } }, 'InvalidParameterValue'],
    [{ Placement: { AvailabilityZone: 'us-east-9a' } }, 'InvalidParameterValue'],
    [{ BlockDeviceMappings: [{ DeviceName: '/dev/sdb' }] }, 'InvalidBlockDeviceMapping'],
    [root({ VolumeSize: 4 }), 'InvalidBlockDeviceMapping'],
    [root({ VolumeType: 'io2' }), 'MissingParameter'],
    [{ ImageId: undefined }, 'MissingParameter'],
    [{ InstanceMarketOptions: { MarketType: 'spot' } }, 'UnknownParameter'],
  ] as const;
  for (const [more, code] of rows) {
    const refusal = lab.refuse('RunInstances', { ...ONE, SubnetId: subnetId, ...more });
    t.equal(refusal.code, code, JSON.stringify(more).slice(0, 80));
  }
});

t.test('without a subnet an instance is in the default one of its zone', async (t) => {
  const lab = new Lab();
  t.match(lab.refuse('RunInstances', ONE), { code: 'VPCIdNotSpecified' });
  const vpcId = textAt(lab.act('CreateDefaultVpc'), 'Vpc', 'VpcId');
  const run = (more = {}): unknown =>
    at(lab.act('RunInstances', { ...ONE, ...more }), 'Instances', 0);
  t.match(run(), { VpcId: vpcId, Placement: { AvailabilityZone: 'us-east-1a' } });
  const inB = { Placement: { AvailabilityZone: 'us-east-1b' } };
  t.match(run({ ...inB, SecurityGroups: ['default'] }), {
    ...inB,
    SecurityGroups: [{ GroupName: 'default' }],
    PublicIpAddress: /^198\.18\./,
  });
  t.match(run({ NetworkInterfaces: [{ DeviceIndex: 0 }] }), { VpcId: vpcId });
  t.match(lab.refuse('RunInstances', { ...ONE, SecurityGroups: ['x'] }), {
    code: 'InvalidGroup.NotFound',
    message: `The security group 'x' does not exist in default VPC '${vpcId}'`,
  });
});

t.test('a client token is answered once, and again with the same', async (t) => {
  const { lab, subnetId } = oneSubnet();
  const request = { ...ONE, SubnetId: subnetId, ClientToken: 'a' };
  const first = lab.act('RunInstances', request);
  const { snapshot } = lab;
  t.same(lab.act('RunInstances', { ClientToken: 'a', SubnetId: subnetId, ...ONE }), first);
  t.equal(lab.snapshot, snapshot, 'nothing has changed');
  t.match(lab.refuse('RunInstances', { ...request, MaxCount: 2 }), {
    code: 'IdempotentParameterMismatch',
    message: /^Arguments on this idempotent request are inconsistent with/,
  });
  lab.act('RunInstances', { ...request, ClientToken: 'b' });
  t.equal(lab.snapshot.instances.size, 2);
  const eni = { SubnetId: subnetId, ClientToken: 'a' };
  t.same(lab.act('CreateNetworkInterface', eni), lab.act('CreateNetworkInterface', eni));
  t.match(lab.refuse('RunInstances', { ...request, ClientToken: 'c', DryRun: true }), {
    code: 'DryRunOperation',
  });
  lab.act('RunInstances', { ...request, ClientToken: 'c' });
  t.equal(lab.snapshot.instances.size, 3, 'a dry run is not remembered');
});

t.test('protected instances stay', async (t) => {
  const { lab, subnetId } = oneSubnet();
  const id = lab.instance(subnetId, { DisableApiTermination: true, DisableApiStop: true });
  const InstanceIds = [id];
  t.match(lab.refuse('TerminateInstances', { InstanceIds }), {
    code: 'OperationNotPermitted',
    message: `The instance '${id}' may not be terminated. Modify its 'disableApiTermination' instance attribute and try again.`,
  });
  t.match(lab.refuse('StopInstances', { InstanceIds }), { code: 'OperationNotPermitted' });
  const modify = (more: object) => lab.act('ModifyInstanceAttribute', { InstanceId: id, ...more });
  modify({ DisableApiStop: { Value: false } });
  modify({ Attribute: 'disableApiTermination', Value: 'false' });
  lab.act('StopInstances', { InstanceIds });
  lab.act('TerminateInstances', { InstanceIds });
  t.equal(lab.snapshot.volumes.size, 0, 'the root volume is gone too');
});

t.test('[ENI-10] a public address comes and goes with the run of an instance', async (t) => {
  const { lab, vpcId, subnetId } = oneSubnet();
  lab.internetGateway(vpcId);
  const SubnetId = subnetId;
  lab.act('ModifySubnetAttribute', { SubnetId, MapPublicIpOnLaunch: { Value: true } });
  t.match(lab.act('DescribeSubnets'), { Subnets: [{ MapPublicIpOnLaunch: true }] });
  const id = lab.instance(subnetId);
  const InstanceIds = [id];
  const publicIp = (): unknown => at(shown(lab, id), 'PublicIpAddress');
  const first = publicIp();
  t.match(first, /^198\.18\./);
  t.match(shown(lab, id), {
    PublicDnsName: '',
    NetworkInterfaces: [{ Association: { PublicIp: first, IpOwnerId: 'amazon' } }],
  });
  lab.act('ModifyVpcAttribute', { VpcId: vpcId, EnableDnsHostnames: { Value: true } });
  t.match(shown(lab, id), { PublicDnsName: /^ec2-198-18-.*\.compute-1\.amazonaws\.com$/ });
  lab.act('StopInstances', { InstanceIds });
  t.equal(publicIp(), undefined);
  lab.act('StartInstances', { InstanceIds });
  const second = publicIp();
  t.match(second, /^198\.18\./);
  t.not(second, first);
  const AllocationId = lab.elasticAddress();
  const associated = lab.act('AssociateAddress', { AllocationId, InstanceId: id });
  t.match(shown(lab, id), {
    NetworkInterfaces: [{ Association: { IpOwnerId: '123456789012' } }],
  });
  const AssociationId = textAt(associated, 'AssociationId');
  lab.act('DisassociateAddress', { AssociationId });
  t.match(shown(lab, id), { NetworkInterfaces: [{ Association: { IpOwnerId: 'amazon' } }] });
  t.notMatch(publicIp(), second as string);
});

t.test('[ENI-10] AssociatePublicIpAddress says otherwise than the subnet', async (t) => {
  const { lab, vpcId, subnetId } = oneSubnet();
  const entry = (DeviceIndex: number, AssociatePublicIpAddress: boolean) => ({
    DeviceIndex,
    SubnetId: subnetId,
    AssociatePublicIpAddress,
  });
  const run = (NetworkInterfaces: object[]) => ({ ...ONE, NetworkInterfaces });
  const made = lab.act('RunInstances', run([entry(0, true)]));
  t.match(at(made, 'Instances', 0), { PublicIpAddress: /^198\.18\./ });
  lab.act('ModifySubnetAttribute', { SubnetId: subnetId, MapPublicIpOnLaunch: { Value: true } });
  const bare = lab.act('RunInstances', run([entry(0, false)]));
  t.equal(at(bare, 'Instances', 0, 'PublicIpAddress'), undefined);
  t.match(lab.refuse('RunInstances', run([entry(0, true), entry(1, false)])), {
    code: 'InvalidParameterCombination',
    message: /associatePublicIPAddress parameter cannot be specified when launching with multiple/,
  });
  const eniId = lab.eni(subnetId);
  const ready = { DeviceIndex: 0, NetworkInterfaceId: eniId, AssociatePublicIpAddress: true };
  t.match(lab.refuse('RunInstances', run([ready])), { code: 'InvalidParameterCombination' });
  const card = { ...entry(0, true), NetworkCardIndex: 1 };
  t.match(lab.refuse('RunInstances', run([card])), { code: 'InvalidParameterValue' });
  t.ok(vpcId);
});

t.test('[ENI-11] a type limits interfaces and addresses', async (t) => {
  const { lab, subnetId } = oneSubnet();
  const id = lab.instance(subnetId, { InstanceType: 't3.micro' });
  const attach = (DeviceIndex: number, more = {}) => ({
    InstanceId: id,
    DeviceIndex,
    NetworkInterfaceId: lab.eni(subnetId, more),
  });
  const crowded = attach(1, { SecondaryPrivateIpAddressCount: 2 });
  t.match(lab.refuse('AttachNetworkInterface', crowded), { code: 'PrivateIpAddressLimitExceeded' });
  lab.act('AttachNetworkInterface', attach(1));
  t.match(lab.refuse('AttachNetworkInterface', attach(2)), {
    code: 'AttachmentLimitExceeded',
    message: 'Interface count 3 exceeds the limit for t3.micro',
  });
  const NetworkInterfaceId = lab.primaryEni(id);
  const assign = (SecondaryPrivateIpAddressCount: number) => ({
    NetworkInterfaceId,
    SecondaryPrivateIpAddressCount,
  });
  t.match(lab.refuse('AssignPrivateIpAddresses', assign(2)), {
    code: 'PrivateIpAddressLimitExceeded',
    message: 'Number of private addresses will exceed limit.',
  });
  lab.act('AssignPrivateIpAddresses', assign(1));
  t.match(lab.refuse('AssignPrivateIpAddresses', { NetworkInterfaceId, Ipv4PrefixCount: 1 }), {
    code: 'PrivateIpAddressLimitExceeded',
  });
  lab.act('StopInstances', { InstanceIds: [id] });
  const InstanceId = id;
  const change = (Value: string) => ({ InstanceId, InstanceType: { Value } });
  lab.act('ModifyInstanceAttribute', change('m5.large'));
  const third = { ...attach(2) };
  lab.act('AttachNetworkInterface', third);
  t.match(lab.refuse('ModifyInstanceAttribute', change('t3.micro')), {
    code: 'AttachmentLimitExceeded',
  });
});

t.test('attributes of an instance are told, changed and reset one by one', async (t) => {
  const { lab, subnetId } = oneSubnet();
  const InstanceId = lab.instance(subnetId);
  const told = (Attribute: string) =>
    lab.act('DescribeInstanceAttribute', { InstanceId, Attribute });
  const modify = (more: object) => lab.act('ModifyInstanceAttribute', { InstanceId, ...more });
  const stopped = [
    [
      { InstanceType: { Value: 'c5.large' } },
      'instanceType',
      { InstanceType: { Value: 'c5.large' } },
    ],
    [{ UserData: { Value: 'eA==' } }, 'userData', { UserData: { Value: 'eA==' } }],
    [{ EbsOptimized: { Value: true } }, 'ebsOptimized', { EbsOptimized: { Value: true } }],
  ] as const;
  for (const [change] of stopped) {
    t.match(lab.refuse('ModifyInstanceAttribute', { InstanceId, ...change }), {
      code: 'IncorrectInstanceState',
      message: `The instance '${InstanceId}' is not in the 'stopped' state.`,
    });
  }
  t.match(told('userData'), { UserData: {} });
  lab.act('StopInstances', { InstanceIds: [InstanceId] });
  for (const [change, attribute, answer] of stopped) {
    modify(change);
    t.match(told(attribute), answer, attribute);
  }
  modify({ InstanceInitiatedShutdownBehavior: { Value: 'terminate' } });
  const behaviour = told('instanceInitiatedShutdownBehavior');
  t.match(behaviour, { InstanceInitiatedShutdownBehavior: { Value: 'terminate' } });
  t.match(told('rootDeviceName'), { RootDeviceName: { Value: '/dev/xvda' } });
  t.match(told('blockDeviceMapping'), { BlockDeviceMappings: [{ DeviceName: '/dev/xvda' }] });
  modify({ SourceDestCheck: { Value: false } });
  lab.act('ResetInstanceAttribute', { InstanceId, Attribute: 'sourceDestCheck' });
  t.match(told('sourceDestCheck'), { SourceDestCheck: { Value: true } });
  const rows = [
    [{ Attribute: 'colour', Value: 'red' }, 'InvalidParameterValue'],
    [{ Attribute: 'sourceDestCheck', Value: 'maybe' }, 'InvalidParameterValue'],
    [{ InstanceType: { Value: 'big' } }, 'InvalidParameterValue'],
    [
      { BlockDeviceMappings: [{ DeviceName: '/dev/sdz', Ebs: { DeleteOnTermination: true } }] },
      'InvalidParameterValue',
    ],
    [
      { DisableApiStop: { Value: true }, DisableApiTermination: { Value: true } },
      'InvalidParameterCombination',
    ],
  ] as const;
  for (const [more, code] of rows) {
    t.equal(lab.refuse('ModifyInstanceAttribute', { InstanceId, ...more }).code, code);
  }
});

t.test('[ARP-9] DescribeInstanceStatus and GetConsoleOutput tell what the lab saw', async (t) => {
  const { lab, subnetId } = oneSubnet();
  const id = lab.instance(subnetId);
  const off = lab.instance(subnetId);
  lab.act('StopInstances', { InstanceIds: [off] });
  lab.observer = {
    health: (instanceId) => (instanceId === id ? 'impaired' : 'not-applicable'),
    consoleOutput: (instanceId) => (instanceId === id ? `${'x'.repeat(70_000)}end` : ''),
    findPath: () => null,
  };
  const statuses = (input = {}): unknown[] =>
    listAt(lab.act('DescribeInstanceStatus', input), 'InstanceStatuses');
  t.match(statuses(), [
    {
      InstanceId: id,
      InstanceStatus: { Status: 'impaired', Details: [{ Name: 'reachability', Status: 'failed' }] },
      SystemStatus: { Status: 'ok' },
    },
  ]);
  t.equal(statuses().length, 1);
  t.equal(statuses({ IncludeAllInstances: true }).length, 2);
  const Filters = [{ Name: 'instance-status.status', Values: ['ok'] }];
  t.equal(statuses({ Filters }).length, 0);
  const output = textAt(lab.act('GetConsoleOutput', { InstanceId: id }), 'Output');
  const text = Buffer.from(output, 'base64').toString();
  t.equal(text.length, 64 * 1024);
  t.match(text, /xend$/);
  t.equal(at(lab.act('GetConsoleOutput', { InstanceId: off }), 'Output'), undefined);
});

t.test('DescribeInstanceTypes cuts pages and takes filters', async (t) => {
  const lab = new Lab();
  const page = lab.act('DescribeInstanceTypes');
  t.equal(listAt(page, 'InstanceTypes').length, 100);
  t.equal(at(page, 'NextToken'), '100');
  const Filters = [
    { Name: 'network-info.maximum-network-interfaces', Values: ['15'] },
    { Name: 'instance-type', Values: ['c5n.*'] },
    { Name: 'bare-metal', Values: ['false'] },
  ];
  t.match(lab.act('DescribeInstanceTypes', { Filters }), {
    InstanceTypes: [{ InstanceType: 'c5n.18xlarge', MemoryInfo: { SizeInMiB: 196_608 } }],
  });
  t.match(lab.refuse('DescribeInstanceTypes', { InstanceTypes: ['x9.huge'] }), {
    code: 'InvalidInstanceType',
    message: 'The following supplied instance types do not exist: [x9.huge]',
  });
});
