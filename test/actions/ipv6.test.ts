/** IPv6 of subnets, interfaces and launches: who gets an address, and what is refused. */
import t from 'tap';
import { at, IMAGE, Lab, listAt, textAt } from './lab.ts';

const POOL = { Ipv6Pool: 'ipv6pool-ec2-0test', Ipv6CidrBlock: '2001:db8:1:100::/56' };
const BLOCK = '2001:db8:1:101::/64';

function dualStack() {
  const lab = new Lab();
  const vpcId = lab.vpc('10.0.0.0/16', POOL);
  const subnetId = lab.subnet(vpcId, '10.0.1.0/24', { Ipv6CidrBlock: BLOCK });
  const plainId = lab.subnet(vpcId, '10.0.2.0/24');
  return { lab, vpcId, subnetId, plainId };
}

const ipv6Of = (lab: Lab, eniId: string): unknown[] =>
  listAt(
    lab.act('DescribeNetworkInterfaces', { NetworkInterfaceIds: [eniId] }),
    ...['NetworkInterfaces', 0, 'Ipv6Addresses'],
  ).map((each) => at(each, 'Ipv6Address'));

const assign = (SubnetId: string, Value: boolean) => ({
  SubnetId,
  AssignIpv6AddressOnCreation: { Value },
});

t.test('[SUB-9] CreateVpc takes a /56 out of a pool, and AssociateVpcCidrBlock does', async (t) => {
  const { lab, vpcId } = dualStack();
  t.match(at(lab.act('DescribeVpcs'), 'Vpcs', 0, 'Ipv6CidrBlockAssociationSet', 0), {
    Ipv6CidrBlock: '2001:db8:1:100::/56',
    Ipv6Pool: 'ipv6pool-ec2-0test',
  });
  const rows: readonly [input: object, code: string][] = [
    [{ Ipv6CidrBlock: '2001:db8:2::/56' }, 'InvalidParameterCombination'],
    [{ ...POOL, AmazonProvidedIpv6CidrBlock: true }, 'InvalidParameterCombination'],
    [{ ...POOL, Ipv6CidrBlock: '2001:db8:2::/48' }, 'InvalidVpc.Range'],
    [{ ...POOL, Ipv6CidrBlock: '2001:db8:2::' }, 'InvalidParameterValue'],
    [POOL, 'InvalidVpc.Conflict'],
  ];
  for (const [input, code] of rows) {
    t.equal(lab.refuse('CreateVpc', { CidrBlock: '10.1.0.0/16', ...input }).code, code);
    t.equal(lab.refuse('AssociateVpcCidrBlock', { VpcId: vpcId, ...input }).code, code);
  }
  lab.act('AssociateVpcCidrBlock', { VpcId: vpcId, Ipv6Pool: POOL.Ipv6Pool });
  t.ok(lab.routes(lab.mainTable(vpcId)).includes('2001:db8:1:100::/56 local active'));
});

t.test('ModifySubnetAttribute gives new interfaces an address that nobody asks for', async (t) => {
  const { lab, subnetId, plainId } = dualStack();
  const before = lab.eni(subnetId);
  lab.act('ModifySubnetAttribute', assign(subnetId, true));
  const shown = at(lab.act('DescribeSubnets', { SubnetIds: [subnetId] }), 'Subnets', 0);
  t.equal(at(shown, 'AssignIpv6AddressOnCreation'), true);
  t.same(ipv6Of(lab, before), [], 'an interface that is there stays as it is');
  t.equal(ipv6Of(lab, lab.eni(subnetId)).length, 1);
  t.equal(ipv6Of(lab, lab.primaryEni(lab.instance(subnetId))).length, 1);
  t.same(ipv6Of(lab, lab.eni(subnetId, { Ipv6AddressCount: 0 })), [], 'zero means none');
  const given = { Ipv6Addresses: [{ Ipv6Address: '2001:db8:1:101::9' }] };
  t.same(ipv6Of(lab, lab.eni(subnetId, given)), ['2001:db8:1:101::9']);
  lab.act('ModifySubnetAttribute', assign(subnetId, false));
  t.same(ipv6Of(lab, lab.eni(subnetId)), []);
  t.match(lab.refuse('ModifySubnetAttribute', assign(plainId, true)), {
    code: 'InvalidParameterValue',
    message: /^Invalid value 'true' for assign-ipv6-address-on-creation/,
  });
  const nothing = lab.refuse('ModifySubnetAttribute', { SubnetId: subnetId });
  t.equal(nothing.code, 'InvalidParameterCombination');
});

t.test('RunInstances takes IPv6 addresses, or a number of them', async (t) => {
  const { lab, subnetId, plainId } = dualStack();
  const Ipv6Addresses = [{ Ipv6Address: '2001:db8:1:101::a' }];
  const named = lab.instance(subnetId, { Ipv6Addresses });
  t.same(ipv6Of(lab, lab.primaryEni(named)), ['2001:db8:1:101::a']);
  const shown = lab.act('DescribeInstances', { InstanceIds: [named] });
  t.equal(textAt(shown, 'Reservations', 0, 'Instances', 0, 'Ipv6Address'), '2001:db8:1:101::a');
  const counted = lab.instance(subnetId, { Ipv6AddressCount: 2 });
  t.equal(ipv6Of(lab, lab.primaryEni(counted)).length, 2);
  const run = { ImageId: IMAGE, MinCount: 1, MaxCount: 1 };
  const interfaces = [{ DeviceIndex: 0, SubnetId: subnetId }];
  const rows: readonly [input: object, code: string][] = [
    [{ SubnetId: subnetId, Ipv6Addresses }, 'InvalidIPAddress.InUse'],
    [{ SubnetId: subnetId, Ipv6AddressCount: -1 }, 'InvalidParameterValue'],
    [{ SubnetId: plainId, Ipv6AddressCount: 1 }, 'InvalidParameterValue'],
    [{ NetworkInterfaces: interfaces, Ipv6AddressCount: 1 }, 'InvalidParameterCombination'],
    [{ SubnetId: subnetId, Ipv6Addresses, Ipv6AddressCount: 1 }, 'InvalidParameterCombination'],
  ];
  for (const [input, code] of rows) {
    t.equal(lab.refuse('RunInstances', { ...run, ...input }).code, code, JSON.stringify(input));
  }
});

t.test('[ENI-11] AssignIpv6Addresses delegates /80 prefixes', async (t) => {
  const { lab, subnetId, plainId } = dualStack();
  const NetworkInterfaceId = lab.eni(subnetId);
  const prefix = '2001:db8:1:101:7::/80';
  const given = lab.act('AssignIpv6Addresses', { NetworkInterfaceId, Ipv6Prefixes: [prefix] });
  t.same(at(given, 'AssignedIpv6Prefixes'), [prefix]);
  const drawn = lab.act('AssignIpv6Addresses', { NetworkInterfaceId, Ipv6PrefixCount: 2 });
  t.equal(listAt(drawn, 'AssignedIpv6Prefixes').length, 2);
  const other = lab.eni(subnetId);
  const rows: readonly [input: object, code: string][] = [
    [{ Ipv6Prefixes: [prefix] }, 'InvalidIPAddress.InUse'],
    [{ Ipv6Addresses: ['2001:db8:1:101:7::5'] }, 'InvalidIPAddress.InUse'],
    [{ Ipv6Prefixes: ['2001:db8:1:101::/80'] }, 'InvalidParameterValue'],
    [{ Ipv6Prefixes: ['2001:db8:1:101:ffff::/80'] }, 'InvalidParameterValue'],
    [{ Ipv6Prefixes: ['2001:db8:1:102:1::/80'] }, 'InvalidParameterValue'],
    [{ Ipv6Prefixes: ['2001:db8:1:101:8::/96'] }, 'InvalidParameterValue'],
    [{ Ipv6Prefixes: [prefix], Ipv6AddressCount: 1 }, 'InvalidParameterCombination'],
    [{}, 'MissingParameter'],
  ];
  for (const [input, code] of rows) {
    const refusal = lab.refuse('AssignIpv6Addresses', { NetworkInterfaceId: other, ...input });
    t.equal(refusal.code, code, JSON.stringify(input));
  }
  const plain = { NetworkInterfaceId: lab.eni(plainId), Ipv6PrefixCount: 1 };
  t.equal(lab.refuse('AssignIpv6Addresses', plain).code, 'InvalidParameterValue');
  lab.act('UnassignIpv6Addresses', { NetworkInterfaceId, Ipv6Prefixes: [prefix] });
  const again = { NetworkInterfaceId, Ipv6Prefixes: [prefix] };
  t.equal(lab.refuse('UnassignIpv6Addresses', again).code, 'InvalidParameterValue');
  t.equal(lab.refuse('UnassignIpv6Addresses', { NetworkInterfaceId }).code, 'MissingParameter');
  lab.act('AssignIpv6Addresses', { NetworkInterfaceId: other, Ipv6Prefixes: [prefix] });
});
