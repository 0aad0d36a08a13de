/** IPv6-only subnets: what they and what is in them look like, and what is refused. */
import t from 'tap';
import { at, IMAGE, Lab, listAt, textAt } from './lab.ts';

const POOL = { Ipv6Pool: 'ipv6pool-ec2-0test', Ipv6CidrBlock: '2001:db8:1:100::/56' };
const BLOCK = '2001:db8:1:101::/64';
const RUN = { ImageId: IMAGE, MinCount: 1, MaxCount: 1 };

function ipv6Only() {
  const lab = new Lab();
  const vpcId = lab.vpc('10.0.0.0/16', POOL);
  const sixId = lab.subnet(vpcId, null, { Ipv6CidrBlock: BLOCK });
  const bothId = lab.subnet(vpcId, '10.0.2.0/24', { Ipv6CidrBlock: '2001:db8:1:102::/64' });
  return { lab, vpcId, sixId, bothId };
}

const shownEni = (lab: Lab, eniId: string): unknown =>
  at(
    lab.act('DescribeNetworkInterfaces', { NetworkInterfaceIds: [eniId] }),
    'NetworkInterfaces',
    0,
  );

t.test('[SUB-5] CreateSubnet with Ipv6Native makes a subnet without IPv4', async (t) => {
  const { lab, sixId, bothId } = ipv6Only();
  const shown = at(lab.act('DescribeSubnets', { SubnetIds: [sixId] }), 'Subnets', 0);
  t.match(shown, {
    CidrBlock: undefined,
    Ipv6Native: true,
    AssignIpv6AddressOnCreation: true,
    AvailableIpAddressCount: 0,
    PrivateDnsNameOptionsOnLaunch: { HostnameType: 'resource-name' },
    Ipv6CidrBlockAssociationSet: [{ Ipv6CidrBlock: BLOCK }],
  });
  const byKind = (value: string): unknown[] =>
    listAt(
      lab.act('DescribeSubnets', { Filters: [{ Name: 'ipv6-native', Values: [value] }] }),
      'Subnets',
    ).map((each) => at(each, 'SubnetId'));
  t.same(byKind('true'), [sixId]);
  t.same(byKind('false'), [bothId]);
  const other = at(lab.act('DescribeSubnets', { SubnetIds: [bothId] }), 'Subnets', 0);
  t.match(other, {
    CidrBlock: '10.0.2.0/24',
    Ipv6Native: false,
    PrivateDnsNameOptionsOnLaunch: { HostnameType: 'ip-name' },
  });
});

t.test('[SUB-5] CreateSubnet refuses blocks that do not go with the kind', async (t) => {
  const { lab, vpcId } = ipv6Only();
  const free = '2001:db8:1:109::/64';
  const rows: readonly [input: object, code: string, message: RegExp][] = [
    [{ Ipv6Native: true }, 'MissingParameter', /^Either 'ipv6CidrBlock' or/],
    [{}, 'MissingParameter', /^Either 'cidrBlock' or 'ipv4IpamPoolId' should be provided\.$/],
    [{ Ipv6CidrBlock: free }, 'MissingParameter', /^Either 'cidrBlock'/],
    [{ Ipv6Native: false, Ipv6CidrBlock: free }, 'MissingParameter', /^Either 'cidrBlock'/],
    [
      { Ipv6Native: true, CidrBlock: '10.0.9.0/24', Ipv6CidrBlock: free },
      'InvalidParameterCombination',
      /ipv6Native/,
    ],
    [{ Ipv6Native: true, Ipv6CidrBlock: BLOCK }, 'InvalidSubnet.Conflict', /conflicts/],
    [{ Ipv6Native: true, Ipv6CidrBlock: '2001:db8:2::/64' }, 'InvalidSubnet.Range', /invalid/],
  ];
  for (const [input, code, message] of rows) {
    const refusal = lab.refuse('CreateSubnet', { VpcId: vpcId, ...input });
    t.match(refusal, { code, message }, JSON.stringify(input));
  }
});

t.test('[SUB-5] a subnet keeps what makes it IPv6-only', async (t) => {
  const { lab, sixId, bothId } = ipv6Only();
  const assign = (SubnetId: string, Value: boolean) => ({
    SubnetId,
    AssignIpv6AddressOnCreation: { Value },
  });
  t.match(lab.refuse('ModifySubnetAttribute', assign(sixId, false)), {
    code: 'InvalidParameterValue',
    message: /^Invalid value 'false' for assign-ipv6-address-on-creation\..*IPv6-only\.$/,
  });
  lab.act('ModifySubnetAttribute', assign(sixId, true));
  const associationOf = (subnetId: string): string => {
    const shown = lab.act('DescribeSubnets', { SubnetIds: [subnetId] });
    return textAt(shown, 'Subnets', 0, 'Ipv6CidrBlockAssociationSet', 0, 'AssociationId');
  };
  const disassociate = (id: string) => ({ AssociationId: associationOf(id) });
  t.match(lab.refuse('DisassociateSubnetCidrBlock', disassociate(sixId)), {
    code: 'InvalidCidrBlock.InUse',
    message: /because its subnet has assign-ipv6-address-on-creation set to true\.$/,
  });
  lab.act('ModifySubnetAttribute', assign(bothId, true));
  const inUse = lab.refuse('DisassociateSubnetCidrBlock', disassociate(bothId));
  t.equal(inUse.code, 'InvalidCidrBlock.InUse');
  lab.act('ModifySubnetAttribute', assign(bothId, false));
  lab.act('DisassociateSubnetCidrBlock', disassociate(bothId));
});

t.test('[SUB-5][DNS-2] interfaces and instances there have IPv6 addresses alone', async (t) => {
  const { lab, sixId } = ipv6Only();
  const lone = lab.eni(sixId);
  t.match(shownEni(lab, lone), {
    PrivateIpAddress: undefined,
    PrivateDnsName: undefined,
    PrivateIpAddresses: [],
    Ipv6Native: true,
    Ipv6Addresses: [{ Ipv6Address: /^2001:db8:1:101:/ }],
  });
  const instanceId = lab.instance(sixId, { Ipv6Addresses: [{ Ipv6Address: '2001:db8:1:101::9' }] });
  const name = `${instanceId}.ec2.internal`;
  const shown = lab.act('DescribeInstances', {
    Filters: [{ Name: 'private-dns-name', Values: [name] }],
  });
  const instance = at(shown, 'Reservations', 0, 'Instances', 0);
  t.match(instance, {
    InstanceId: instanceId,
    PrivateDnsName: name,
    PrivateDnsNameOptions: { HostnameType: 'resource-name' },
    PrivateIpAddress: undefined,
    Ipv6Address: '2001:db8:1:101::9',
  });
  t.match(shownEni(lab, lab.primaryEni(instanceId)), { PrivateDnsName: name });
  const byAddress = { Filters: [{ Name: 'private-ip-address', Values: ['*'] }] };
  t.same(listAt(lab.act('DescribeInstances', byAddress), 'Reservations'), []);
});

t.test('[SUB-5] IPv4 addresses are refused there, and instances of Xen are', async (t) => {
  const { lab, sixId, bothId } = ipv6Only();
  const NetworkInterfaceId = lab.eni(sixId);
  const rows: readonly [action: string, input: Readonly<Record<string, unknown>>, code?: string][] =
    [
      ['CreateNetworkInterface', { SubnetId: sixId, PrivateIpAddress: '10.0.1.9' }],
      ['CreateNetworkInterface', { SubnetId: sixId, SecondaryPrivateIpAddressCount: 1 }],
      ['CreateNetworkInterface', { SubnetId: sixId, Ipv4PrefixCount: 1 }],
      ['AssignPrivateIpAddresses', { NetworkInterfaceId, PrivateIpAddresses: ['10.0.1.9'] }],
      ['AssignPrivateIpAddresses', { NetworkInterfaceId, SecondaryPrivateIpAddressCount: 1 }],
      ['AssignPrivateIpAddresses', { NetworkInterfaceId, Ipv4Prefixes: ['10.0.1.16/28'] }],
      ['UnassignPrivateIpAddresses', { NetworkInterfaceId, PrivateIpAddresses: ['10.0.1.9'] }],
      ['RunInstances', { ...RUN, SubnetId: sixId, PrivateIpAddress: '10.0.1.9' }],
      [
        'RunInstances',
        { ...RUN, SubnetId: sixId, InstanceType: 't2.micro' },
        'UnsupportedOperation',
      ],
      [
        'CreateSubnetCidrReservation',
        { SubnetId: sixId, Cidr: '10.0.1.0/28', ReservationType: 'explicit' },
      ],
    ];
  for (const [action, input, code = 'InvalidParameterValue'] of rows) {
    t.equal(lab.refuse(action, input).code, code, `${action} ${JSON.stringify(input)}`);
  }
  lab.instance(sixId, { InstanceType: 't3.micro' });
  lab.instance(bothId, { InstanceType: 't2.micro' });
});

t.test('[ENI-11] a new interface gets prefixes, named or drawn', async (t) => {
  const { lab, sixId, bothId } = ipv6Only();
  const named = lab.eni(bothId, {
    Ipv4Prefixes: [{ Ipv4Prefix: '10.0.2.32/28' }],
    Ipv6Prefixes: [{ Ipv6Prefix: '2001:db8:1:102:7::/80' }],
  });
  t.match(shownEni(lab, named), {
    Ipv4Prefixes: [{ Ipv4Prefix: '10.0.2.32/28' }],
    Ipv6Prefixes: [{ Ipv6Prefix: '2001:db8:1:102:7::/80' }],
  });
  const drawn = shownEni(lab, lab.eni(bothId, { Ipv4PrefixCount: 2, Ipv6PrefixCount: 2 }));
  t.equal(listAt(drawn, 'Ipv4Prefixes').length, 2);
  t.equal(listAt(drawn, 'Ipv6Prefixes').length, 2);
  const launched = lab.instance(sixId, {
    SubnetId: undefined,
    NetworkInterfaces: [{ DeviceIndex: 0, SubnetId: sixId, Ipv6PrefixCount: 1 }],
  });
  const six = shownEni(lab, lab.primaryEni(launched));
  t.equal(listAt(six, 'Ipv6Prefixes').length, 1);
  t.same(listAt(six, 'Ipv6Addresses'), [], 'a prefix instead of an address');
  const rows: readonly [input: object, code: string][] = [
    [{ Ipv4Prefixes: [{ Ipv4Prefix: '10.0.2.32/28' }] }, 'InvalidIPAddress.InUse'],
    [{ Ipv4Prefixes: [{ Ipv4Prefix: '10.0.2.0/28' }] }, 'InvalidParameterValue'],
    [{ Ipv4PrefixCount: 14 }, 'InsufficientCidrBlocks'],
    [{ Ipv4PrefixCount: 1, SecondaryPrivateIpAddressCount: 1 }, 'InvalidParameterCombination'],
    [
      { Ipv4PrefixCount: 1, Ipv4Prefixes: [{ Ipv4Prefix: '10.0.2.64/28' }] },
      'InvalidParameterCombination',
    ],
    [{ Ipv6PrefixCount: 1, Ipv6AddressCount: 1 }, 'InvalidParameterValue'],
    [{ Ipv6PrefixCount: -1 }, 'InvalidParameterValue'],
  ];
  for (const [input, code] of rows) {
    const refusal = lab.refuse('CreateNetworkInterface', { SubnetId: bothId, ...input });
    t.equal(refusal.code, code, JSON.stringify(input));
  }
});

t.test('[SUB-11] prefixes are drawn outside of explicit reservations', async (t) => {
  const { lab, vpcId } = ipv6Only();
  const subnetId = lab.subnet(vpcId, '10.0.3.0/26');
  const reserve = (Cidr: string, ReservationType: string) =>
    lab.act('CreateSubnetCidrReservation', { SubnetId: subnetId, Cidr, ReservationType });
  reserve('10.0.3.16/28', 'explicit');
  reserve('10.0.3.32/28', 'prefix');
  const NetworkInterfaceId = lab.eni(subnetId, { PrivateIpAddress: '10.0.3.9' });
  const given = lab.act('AssignPrivateIpAddresses', { NetworkInterfaceId, Ipv4PrefixCount: 1 });
  t.same(at(given, 'AssignedIpv4Prefixes'), [{ Ipv4Prefix: '10.0.3.32/28' }]);
  const more = { NetworkInterfaceId, Ipv4PrefixCount: 1 };
  t.equal(lab.refuse('AssignPrivateIpAddresses', more).code, 'InsufficientCidrBlocks');
});
