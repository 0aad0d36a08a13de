import t from 'tap';
import { at, Lab, listAt, textAt } from './lab.ts';

/** A lab with a subnet in each of two zones. */
function twoZones() {
  const lab = new Lab();
  const vpcId = lab.vpc();
  const a = lab.subnet(vpcId, '10.0.1.0/24', { AvailabilityZone: 'us-east-1a' });
  const b = lab.subnet(vpcId, '10.0.2.0/24', { AvailabilityZone: 'us-east-1b' });
  return { lab, vpcId, a, b };
}

function eniOf(lab: Lab, id: string): unknown {
  const output = lab.act('DescribeNetworkInterfaces', { NetworkInterfaceIds: [id] });
  return at(output, 'NetworkInterfaces', 0);
}

function attach(lab: Lab, eniId: string, instanceId: string, DeviceIndex = 1): string {
  const input = { NetworkInterfaceId: eniId, InstanceId: instanceId, DeviceIndex };
  return textAt(lab.act('AttachNetworkInterface', input), 'AttachmentId');
}

t.test('CreateNetworkInterface gives the addresses asked for and chooses the others', async (t) => {
  const { lab, a } = twoZones();
  const single = lab.eni(a, { PrivateIpAddress: '10.0.1.10', SecondaryPrivateIpAddressCount: 2 });
  t.equal(lab.addresses(single)[0], '10.0.1.10');
  t.equal(lab.addresses(single).length, 3);
  const entries = [
    { PrivateIpAddress: '10.0.1.21' },
    { PrivateIpAddress: '10.0.1.20', Primary: true },
  ];
  t.same(lab.addresses(lab.eni(a, { PrivateIpAddresses: entries })), ['10.0.1.20', '10.0.1.21']);
  const open = lab.addresses(
    lab.eni(a, { PrivateIpAddresses: [{ PrivateIpAddress: '10.0.1.31' }] }),
  );
  t.equal(open[1], '10.0.1.31', 'a primary address is chosen');
  const rows = [
    [{ PrivateIpAddress: '10.0.2.5' }, 'InvalidParameterValue', /does not fall within the subnet/],
    [{ PrivateIpAddress: '10.0.1' }, 'InvalidParameterValue', /Invalid IP address/],
    [{ PrivateIpAddress: '10.0.1.10' }, 'InvalidIPAddress.InUse', 'Address 10.0.1.10 is in use.'],
    [{ PrivateIpAddress: '10.0.1.21' }, 'InvalidIPAddress.InUse', /10\.0\.1\.21/],
    [
      { PrivateIpAddress: '10.0.1.40', PrivateIpAddresses: entries },
      'InvalidParameterValue',
      /one primary/,
    ],
    [
      { SecondaryPrivateIpAddressCount: -1 },
      'InvalidParameterValue',
      /secondaryPrivateIpAddressCount/,
    ],
    [
      {
        PrivateIpAddresses: [{ PrivateIpAddress: '10.0.1.50' }, { PrivateIpAddress: '10.0.1.50' }],
      },
      'InvalidParameterValue',
      /more than once/,
    ],
    [
      {
        PrivateIpAddresses: [{ PrivateIpAddress: '10.0.1.50' }],
        SecondaryPrivateIpAddressCount: 1,
      },
      'InvalidParameterCombination',
      /cannot be used together/,
    ],
    [{ Ipv6AddressCount: 1 }, 'InvalidParameterValue', /does not have an IPv6 CIDR block/],
  ] as const;
  for (const [more, code, message] of rows) {
    t.match(lab.refuse('CreateNetworkInterface', { SubnetId: a, ...more }), { code, message });
  }
});

t.test('[ENI-1] addresses, MAC and source/dest check stay with the interface', async (t) => {
  const { lab, a } = twoZones();
  const [one, two] = [lab.instance(a), lab.instance(a)];
  const eniId = lab.eni(a, { SecondaryPrivateIpAddressCount: 1 });
  lab.act('ModifyNetworkInterfaceAttribute', { NetworkInterfaceId: eniId, SourceDestCheck: false });
  const kept = (): unknown[] => {
    const eni = eniOf(lab, eniId);
    return ['MacAddress', 'PrivateIpAddresses', 'SourceDestCheck'].map((member) => at(eni, member));
  };
  const before = kept();
  const AttachmentId = attach(lab, eniId, one);
  t.same(kept(), before);
  lab.act('DetachNetworkInterface', { AttachmentId });
  attach(lab, eniId, two);
  t.same(kept(), before);
  t.equal(at(eniOf(lab, eniId), 'Attachment', 'InstanceId'), two);
});

t.test('[ENI-2] the primary interface cannot be detached, a secondary one can', async (t) => {
  const { lab, a } = twoZones();
  const instanceId = lab.instance(a);
  const primary = at(eniOf(lab, lab.primaryEni(instanceId)), 'Attachment', 'AttachmentId');
  t.match(lab.refuse('DetachNetworkInterface', { AttachmentId: primary, Force: true }), {
    code: 'OperationNotPermitted',
    message: 'The network interface at device index 0 and networkCard index 0 cannot be detached.',
  });
  const eniId = lab.eni(a);
  const AttachmentId = attach(lab, eniId, instanceId);
  t.match(eniOf(lab, eniId), {
    Status: 'in-use',
    Attachment: { AttachmentId, DeviceIndex: 1, DeleteOnTermination: false, Status: 'attached' },
  });
  lab.act('DetachNetworkInterface', { AttachmentId });
  t.match(eniOf(lab, eniId), { Status: 'available', Attachment: undefined });
  t.equal(
    lab.refuse('DetachNetworkInterface', { AttachmentId }).code,
    'InvalidAttachmentID.NotFound',
  );
  t.equal(
    lab.refuse('DetachNetworkInterface', { AttachmentId: 'eni-12345678' }).code,
    'InvalidNetworkInterfaceAttachmentId.Malformed',
  );
});

t.test(
  '[ENI-2] AttachNetworkInterface wants the zone of the instance and a free place',
  async (t) => {
    const { lab, vpcId, a, b } = twoZones();
    const instanceId = lab.instance(a);
    const otherSubnet = lab.subnet(vpcId, '10.0.3.0/24', { AvailabilityZone: 'us-east-1a' });
    const used = lab.eni(otherSubnet);
    attach(lab, used, instanceId, 1);
    const free = lab.eni(a);
    const elsewhere = lab.eni(lab.subnet(lab.vpc('10.9.0.0/16'), '10.9.1.0/24'));
    const terminated = lab.instance(a);
    lab.act('TerminateInstances', { InstanceIds: [terminated] });
    const rows = [
      [
        lab.eni(b),
        instanceId,
        2,
        'InvalidParameterCombination',
        /not in the same availability zone/,
      ],
      [elsewhere, instanceId, 2, 'InvalidParameterCombination', /not in the same VPC/],
      [
        free,
        instanceId,
        1,
        'InvalidParameterValue',
        /already has an interface attached at device index '1'/,
      ],
      [free, instanceId, 0, 'InvalidParameterValue', /device index '0'/],
      [free, instanceId, -1, 'InvalidParameterValue', /deviceIndex/],
      [used, instanceId, 2, 'InvalidNetworkInterface.InUse', `Interface: [${used}] in use.`],
      [free, terminated, 1, 'IncorrectState', /is not 'running' or 'stopped'/],
    ] as const;
    for (const [NetworkInterfaceId, InstanceId, DeviceIndex, code, message] of rows) {
      const input = { NetworkInterfaceId, InstanceId, DeviceIndex };
      t.match(lab.refuse('AttachNetworkInterface', input), { code, message });
    }
    lab.act('StopInstances', { InstanceIds: [instanceId] });
    attach(lab, free, instanceId, 2);
  },
);

t.test('[ENI-5] AllowReassignment moves secondary addresses, all or none', async (t) => {
  const { lab, a, b } = twoZones();
  const from = lab.eni(a, {
    PrivateIpAddresses: ['10', '11', '12'].map((last) => ({
      PrivateIpAddress: `10.0.1.${last}`,
      Primary: last === '10',
    })),
  });
  const to = lab.eni(a, { PrivateIpAddress: '10.0.1.20' });
  const elsewhere = lab.eni(b);
  const move = (id: string, ...PrivateIpAddresses: string[]) => ({
    NetworkInterfaceId: id,
    PrivateIpAddresses,
    AllowReassignment: true,
  });
  const name = 'AssignPrivateIpAddresses';
  t.match(lab.refuse(name, move(to, '10.0.1.11', '10.0.1.10')), {
    code: 'InvalidParameterValue',
    message: '[10.0.1.10] assigned, but move is not allowed.',
  });
  t.same(lab.addresses(from), ['10.0.1.10', '10.0.1.11', '10.0.1.12'], 'none moved');
  t.match(lab.refuse(name, move(elsewhere, '10.0.1.11')), { message: /does not fall within/ });
  t.match(lab.refuse(name, move(to, '10.0.1.1')), { message: /reserved address range/ });
  t.match(lab.act(name, move(to, '10.0.1.12', '10.0.1.30')), {
    NetworkInterfaceId: to,
    AssignedPrivateIpAddresses: [
      { PrivateIpAddress: '10.0.1.12' },
      { PrivateIpAddress: '10.0.1.30' },
    ],
  });
  t.same(lab.addresses(from), ['10.0.1.10', '10.0.1.11']);
  t.same(lab.addresses(to), ['10.0.1.20', '10.0.1.12', '10.0.1.30']);
  lab.act(name, move(to, '10.0.1.12'));
  t.same(lab.addresses(to), ['10.0.1.20', '10.0.1.12', '10.0.1.30'], 'its own address stays');
});

t.test('[ENI-6] without the flag an address in use is refused', async (t) => {
  const { lab, a } = twoZones();
  lab.eni(a, { PrivateIpAddresses: [{ PrivateIpAddress: '10.0.1.11' }] });
  const NetworkInterfaceId = lab.eni(a, { PrivateIpAddress: '10.0.1.20' });
  const assign = (...PrivateIpAddresses: string[]) => ({ NetworkInterfaceId, PrivateIpAddresses });
  for (const more of [{}, { AllowReassignment: false }]) {
    const input = { ...assign('10.0.1.11'), ...more };
    t.match(lab.refuse('AssignPrivateIpAddresses', input), {
      code: 'InvalidParameterValue',
      message: '[10.0.1.11] assigned, but move is not allowed.',
    });
  }
  lab.act('AssignPrivateIpAddresses', assign('10.0.1.21'));
  lab.act('AssignPrivateIpAddresses', { NetworkInterfaceId, SecondaryPrivateIpAddressCount: 2 });
  t.equal(lab.addresses(NetworkInterfaceId).length, 4);
  const name = 'UnassignPrivateIpAddresses';
  const primary = lab.refuse(name, assign('10.0.1.20'));
  t.match(primary, { code: 'InvalidParameterValue', message: /primary/ });
  const unknown = lab.refuse(name, assign('10.0.1.21', '10.0.1.11'));
  t.match(unknown.message, `addresses are not assigned to interface ${NetworkInterfaceId}`);
  lab.act(name, assign('10.0.1.21'));
  t.notOk(lab.addresses(NetworkInterfaceId).includes('10.0.1.21'));
  t.equal(lab.refuse('AssignPrivateIpAddresses', assign()).code, 'MissingParameter');
  const both = { ...assign('10.0.1.22'), SecondaryPrivateIpAddressCount: 1 };
  t.equal(lab.refuse('AssignPrivateIpAddresses', both).code, 'InvalidParameterCombination');
});

t.test(
  'AssignPrivateIpAddresses delegates a free /28 whose addresses are then taken',
  async (t) => {
    const { lab, a } = twoZones();
    const NetworkInterfaceId = lab.eni(a, { PrivateIpAddress: '10.0.1.40' });
    const prefix = (...Ipv4Prefixes: string[]) => ({ NetworkInterfaceId, Ipv4Prefixes });
    t.match(lab.act('AssignPrivateIpAddresses', prefix('10.0.1.64/28')), {
      AssignedIpv4Prefixes: [{ Ipv4Prefix: '10.0.1.64/28' }],
    });
    for (const text of [
      '10.0.1.0/28',
      '10.0.1.240/28',
      '10.0.1.80/27',
      '10.0.1.81/28',
      '10.0.3.0/28',
    ]) {
      t.equal(
        lab.refuse('AssignPrivateIpAddresses', prefix(text)).code,
        'InvalidParameterValue',
        text,
      );
    }
    for (const text of ['10.0.1.32/28', '10.0.1.64/28']) {
      t.equal(
        lab.refuse('AssignPrivateIpAddresses', prefix(text)).code,
        'InvalidIPAddress.InUse',
        text,
      );
    }
    const inside = { SubnetId: a, PrivateIpAddress: '10.0.1.70' };
    t.equal(lab.refuse('CreateNetworkInterface', inside).code, 'InvalidIPAddress.InUse');
    t.same(at(eniOf(lab, NetworkInterfaceId), 'Ipv4Prefixes'), [{ Ipv4Prefix: '10.0.1.64/28' }]);
    lab.act('UnassignPrivateIpAddresses', prefix('10.0.1.64/28'));
    lab.eni(a, { PrivateIpAddress: '10.0.1.70' });
  },
);

t.test('[ENI-7] an IPv6 address moves by unassigning it first', async (t) => {
  const lab = new Lab();
  const vpcId = lab.vpc('10.0.0.0/16', { AmazonProvidedIpv6CidrBlock: true });
  const path = ['Vpcs', 0, 'Ipv6CidrBlockAssociationSet', 0, 'Ipv6CidrBlock'];
  const block = textAt(lab.act('DescribeVpcs'), ...path).replace('/56', '');
  const subnetId = lab.subnet(vpcId, '10.0.1.0/24', { Ipv6CidrBlock: `${block}/64` });
  const [from, to] = [lab.eni(subnetId), lab.eni(subnetId)];
  const Ipv6Addresses = [`${block}aa`];
  lab.act('AssignIpv6Addresses', { NetworkInterfaceId: from, Ipv6Addresses });
  const claim = { NetworkInterfaceId: to, Ipv6Addresses };
  t.equal(lab.refuse('AssignIpv6Addresses', claim).code, 'InvalidIPAddress.InUse');
  const flag = lab.refuse('AssignIpv6Addresses', { ...claim, AllowReassignment: true });
  t.equal(flag.code, 'UnknownParameter');
  t.equal(lab.refuse('UnassignIpv6Addresses', claim).code, 'InvalidParameterValue');
  lab.act('UnassignIpv6Addresses', { NetworkInterfaceId: from, Ipv6Addresses });
  t.same(at(lab.act('AssignIpv6Addresses', claim), 'AssignedIpv6Addresses'), Ipv6Addresses);
  const chosen = lab.act('AssignIpv6Addresses', { NetworkInterfaceId: to, Ipv6AddressCount: 2 });
  for (const text of listAt(chosen, 'AssignedIpv6Addresses')) t.match(text, block.slice(0, -1));
});

t.test('[CHK-4] both Modify actions change the check, running or stopped', async (t) => {
  const { lab, a } = twoZones();
  const InstanceId = lab.instance(a);
  const NetworkInterfaceId = lab.primaryEni(InstanceId);
  const shown = (): unknown[] => [
    at(eniOf(lab, NetworkInterfaceId), 'SourceDestCheck'),
    at(
      lab.act('DescribeInstanceAttribute', { InstanceId, Attribute: 'sourceDestCheck' }),
      ...['SourceDestCheck', 'Value'],
    ),
  ];
  t.same(shown(), [true, true]);
  lab.act('ModifyInstanceAttribute', { InstanceId, SourceDestCheck: { Value: false } });
  t.same(shown(), [false, false]);
  lab.act('StopInstances', { InstanceIds: [InstanceId] });
  lab.act('ModifyNetworkInterfaceAttribute', { NetworkInterfaceId, SourceDestCheck: true });
  t.same(shown(), [true, true]);
  lab.act('ModifyInstanceAttribute', { InstanceId, SourceDestCheck: false });
  t.same(shown(), [false, false]);
  attach(lab, lab.eni(a), InstanceId);
  t.match(lab.refuse('ModifyInstanceAttribute', { InstanceId, SourceDestCheck: true }), {
    code: 'InvalidInstanceID',
    message: `There are multiple interfaces attached to instance '${InstanceId}'. Please specify an interface ID for the operation instead.`,
  });
  t.match(lab.refuse('DescribeInstanceAttribute', { InstanceId, Attribute: 'colour' }), {
    message: 'Value (colour) for parameter attribute is invalid. Unknown attribute.',
  });
});

t.test('ModifyNetworkInterfaceAttribute changes one attribute a request', async (t) => {
  const { lab, a } = twoZones();
  const NetworkInterfaceId = lab.eni(a);
  const instanceId = lab.instance(a);
  const modify = (more: object) => ({ NetworkInterfaceId, ...more });
  const name = 'ModifyNetworkInterfaceAttribute';
  lab.act(name, modify({ Description: { Value: 'cluster' } }));
  t.equal(at(eniOf(lab, NetworkInterfaceId), 'Description'), 'cluster');
  const AttachmentId = attach(lab, NetworkInterfaceId, instanceId);
  lab.act(name, modify({ Attachment: { AttachmentId, DeleteOnTermination: true } }));
  const two = modify({ Description: { Value: 'x' }, SourceDestCheck: true });
  t.equal(lab.refuse(name, two).code, 'InvalidParameterCombination');
  t.equal(lab.refuse(name, modify({})).code, 'InvalidParameterCombination');
  const wrong = modify({ Attachment: { AttachmentId: 'eni-attach-12345678' } });
  t.equal(lab.refuse(name, wrong).code, 'InvalidAttachmentID.NotFound');
  t.match(lab.refuse('DeleteNetworkInterface', { NetworkInterfaceId }), {
    code: 'InvalidParameterValue',
    message: `Network interface '${NetworkInterfaceId}' is currently in use.`,
  });
  lab.act('TerminateInstances', { InstanceIds: [instanceId] });
  t.equal(lab.snapshot.enis.size, 0, 'it went with the instance');
});
