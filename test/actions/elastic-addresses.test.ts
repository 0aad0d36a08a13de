import t from 'tap';
import { parseIpv4Cidr } from '../../src/addr/cidr.ts';
import { at, Lab, listAt, textAt } from './lab.ts';

/** A VPC with an internet gateway, an instance and a loose interface. */
function edge() {
  const lab = new Lab();
  const vpcId = lab.vpc();
  const subnetId = lab.subnet(vpcId, '10.0.1.0/24');
  const igw = lab.internetGateway(vpcId);
  const instanceId = lab.instance(subnetId, { PrivateIpAddress: '10.0.1.10' });
  const eniId = lab.primaryEni(instanceId);
  const spare = lab.eni(subnetId, { PrivateIpAddress: '10.0.1.20' });
  const associate = (AllocationId: string, more: object) =>
    textAt(lab.act('AssociateAddress', { AllocationId, ...more }), 'AssociationId');
  const address = (AllocationId: string) =>
    at(lab.act('DescribeAddresses', { AllocationIds: [AllocationId] }), 'Addresses', 0);
  return { lab, vpcId, subnetId, igw, instanceId, eniId, spare, associate, address };
}

t.test('AllocateAddress draws addresses out of the pool, up to the quota', async (t) => {
  const lab = new Lab();
  const first = lab.act('AllocateAddress', { Domain: 'vpc' });
  t.match(first, {
    PublicIp: /^198\.18\.\d+\.\d+$/,
    AllocationId: /^eipalloc-/,
    Domain: 'vpc',
    PublicIpv4Pool: 'amazon',
    NetworkBorderGroup: 'us-east-1',
  });
  for (let count = 1; count < 5; count++) lab.elasticAddress();
  t.match(lab.refuse('AllocateAddress'), {
    code: 'AddressLimitExceeded',
    message: 'The maximum number of addresses has been reached.',
  });
  const addresses = listAt(lab.act('DescribeAddresses'), 'Addresses');
  t.equal(new Set(addresses.map((each) => at(each, 'PublicIp'))).size, 5);
});

t.test('AllocateAddress takes a pool of the lab, and an address that is wanted', async (t) => {
  const pool = parseIpv4Cidr('203.0.113.0/30');
  t.ok(pool);
  if (pool === null) return;
  const lab = new Lab({ settings: { elasticAddressPool: pool } });
  t.equal(at(lab.act('AllocateAddress', { Address: '203.0.113.2' }), 'PublicIp'), '203.0.113.2');
  t.equal(lab.refuse('AllocateAddress', { Address: '203.0.113.2' }).code, 'InvalidIPAddress.InUse');
  t.equal(
    lab.refuse('AllocateAddress', { Address: '198.51.100.1' }).code,
    'InvalidAddress.NotFound',
  );
  t.equal(lab.refuse('AllocateAddress', { Address: 'x' }).code, 'InvalidParameterValue');
  t.equal(at(lab.act('AllocateAddress'), 'PublicIp'), '203.0.113.1');
  t.equal(lab.refuse('AllocateAddress').code, 'InsufficientAddressCapacity');
  const wrong = [{ Domain: 'standard' }, { PublicIpv4Pool: 'x' }, { NetworkBorderGroup: 'x' }];
  for (const input of wrong) {
    t.equal(lab.refuse('AllocateAddress', input).code, 'InvalidParameterValue');
  }
});

t.test('ReleaseAddress gives back an address that nothing has', async (t) => {
  const { lab, eniId, associate } = edge();
  const id = lab.elasticAddress();
  const AssociationId = associate(id, { NetworkInterfaceId: eniId });
  t.match(lab.refuse('ReleaseAddress', { AllocationId: id }), {
    code: 'InvalidIPAddress.InUse',
    message: /^Address 198\.18\.[\d.]+ is in use\.$/,
  });
  lab.act('DisassociateAddress', { AssociationId });
  t.equal(
    lab.refuse('DisassociateAddress', { AssociationId }).code,
    'InvalidAssociationID.NotFound',
  );
  lab.act('ReleaseAddress', { AllocationId: id });
  t.match(lab.refuse('ReleaseAddress', { AllocationId: id }), {
    code: 'InvalidAllocationID.NotFound',
    message: `The allocation ID '${id}' does not exist`,
  });
  t.equal(lab.refuse('ReleaseAddress').code, 'MissingParameter');
  t.equal(lab.refuse('DisassociateAddress').code, 'MissingParameter');
  const PublicIp = '198.18.0.1';
  t.match(lab.refuse('ReleaseAddress', { PublicIp }), { message: /allocation id/ });
  t.match(lab.refuse('DisassociateAddress', { PublicIp }), { message: /association id/ });
});

t.test('an association is shown on the address, its interface and its instance', async (t) => {
  const { lab, vpcId, instanceId, eniId, associate, address } = edge();
  const AllocationId = lab.elasticAddress({ Address: '198.18.0.7' });
  t.match(address(AllocationId), { PublicIp: '198.18.0.7', AssociationId: undefined });
  const AssociationId = associate(AllocationId, { InstanceId: instanceId });
  const named = { PrivateIpAddress: '10.0.1.10', NetworkInterfaceOwnerId: '123456789012' };
  const place = { AssociationId, NetworkInterfaceId: eniId, InstanceId: instanceId };
  t.match(address(AllocationId), { ...place, ...named });
  const eni = () =>
    at(
      lab.act('DescribeNetworkInterfaces', { NetworkInterfaceIds: [eniId] }),
      ...['NetworkInterfaces', 0],
    );
  const instance = () =>
    at(
      lab.act('DescribeInstances', { InstanceIds: [instanceId] }),
      ...['Reservations', 0, 'Instances', 0],
    );
  const plain = { PublicIp: '198.18.0.7', PublicDnsName: '', IpOwnerId: '123456789012' };
  t.match(eni(), {
    Association: { ...plain, AllocationId, AssociationId },
    PrivateIpAddresses: [{ Association: { ...plain, AllocationId, AssociationId } }],
  });
  t.match(instance(), { PublicIpAddress: '198.18.0.7', PublicDnsName: '' });
  t.same(at(instance(), 'NetworkInterfaces', 0, 'Association'), plain);
  lab.act('ModifyVpcAttribute', { VpcId: vpcId, EnableDnsHostnames: true });
  const name = 'ec2-198-18-0-7.compute-1.amazonaws.com';
  t.equal(at(instance(), 'PublicDnsName'), name);
  t.equal(at(eni(), 'Association', 'PublicDnsName'), name);
  const found = (action: string, member: string, Name: string, value: string) =>
    listAt(lab.act(action, { Filters: [{ Name, Values: [value] }] }), member).length;
  t.equal(found('DescribeInstances', 'Reservations', 'ip-address', '198.18.0.7'), 1);
  t.equal(found('DescribeInstances', 'Reservations', 'dns-name', name), 1);
  const byEni = ['DescribeNetworkInterfaces', 'NetworkInterfaces'] as const;
  t.equal(found(...byEni, 'association.public-ip', '198.18.0.7'), 1);
  t.equal(found(...byEni, 'association.allocation-id', 'eipalloc-x'), 0);
  const byAddress = ['DescribeAddresses', 'Addresses'] as const;
  t.equal(found(...byAddress, 'instance-id', instanceId), 1);
  t.equal(found(...byAddress, 'private-ip-address', '10.0.1.99'), 0);
  t.equal(lab.act('DescribeAddresses', { PublicIps: ['198.18.0.7'] })['NextToken'], undefined);
  t.match(lab.refuse('DescribeAddresses', { PublicIps: ['198.18.0.8'] }), {
    code: 'InvalidAddress.NotFound',
    message: "Address '198.18.0.8' not found.",
  });
});

t.test('AssociateAddress refuses what cannot be', async (t) => {
  const { lab, igw, vpcId, subnetId, instanceId, eniId, spare } = edge();
  const AllocationId = lab.elasticAddress({ Address: '198.18.0.7' });
  const to = { NetworkInterfaceId: eniId };
  const rows: readonly (readonly [object, string])[] = [
    [to, 'MissingParameter'],
    [{ AllocationId }, 'MissingParameter'],
    [{ ...to, AllocationId, PublicIp: '198.18.0.7' }, 'InvalidParameterCombination'],
    [{ ...to, AllocationId, InstanceId: instanceId }, 'InvalidParameterCombination'],
    [{ ...to, PublicIp: '198.18.0.8' }, 'InvalidAddress.NotFound'],
    [{ ...to, PublicIp: 'x' }, 'InvalidParameterValue'],
    [{ ...to, AllocationId: 'eipalloc-12345678' }, 'InvalidAllocationID.NotFound'],
    [{ ...to, AllocationId, PrivateIpAddress: 'x' }, 'InvalidParameterValue'],
    [{ ...to, AllocationId, PrivateIpAddress: '10.0.1.99' }, 'InvalidParameterValue'],
  ];
  for (const [input, code] of rows) {
    t.equal(lab.refuse('AssociateAddress', { ...input }).code, code, JSON.stringify(input));
  }
  lab.act('AttachNetworkInterface', {
    NetworkInterfaceId: spare,
    InstanceId: instanceId,
    DeviceIndex: 1,
  });
  const several = { AllocationId, InstanceId: instanceId };
  t.match(lab.refuse('AssociateAddress', several), { message: /multiple interfaces/ });
  lab.act('TerminateInstances', { InstanceIds: [instanceId] });
  t.equal(lab.refuse('AssociateAddress', several).code, 'IncorrectInstanceState');
  lab.act('DetachInternetGateway', { InternetGatewayId: igw, VpcId: vpcId });
  const loose = { AllocationId, NetworkInterfaceId: lab.eni(subnetId) };
  t.match(lab.refuse('AssociateAddress', loose), {
    code: 'Gateway.NotAttached',
    message: `Network ${vpcId} is not attached to any internet gateway`,
  });
});

t.test(
  '[ENI-10] an address is taken from another interface unless that is forbidden',
  async (t) => {
    const { lab, eniId, spare, associate, address } = edge();
    const one = lab.elasticAddress();
    const two = lab.elasticAddress();
    const first = associate(one, { NetworkInterfaceId: eniId });
    t.equal(associate(one, { NetworkInterfaceId: eniId }), first, 'again');
    const toSpare = { AllocationId: one, NetworkInterfaceId: spare };
    t.match(lab.refuse('AssociateAddress', { ...toSpare, AllowReassociation: false }), {
      code: 'Resource.AlreadyAssociated',
      message: `resource ${one} is already associated with associate-id ${first}`,
    });
    const second = associate(one, { NetworkInterfaceId: spare });
    t.not(second, first);
    t.match(address(one), { NetworkInterfaceId: spare, AssociationId: second });
    const full = { AllocationId: two, NetworkInterfaceId: spare, AllowReassociation: false };
    t.match(lab.refuse('AssociateAddress', full), {
      code: 'Resource.AlreadyAssociated',
      message: `resource ${spare} is already associated with associate-id ${second}`,
    });
    associate(two, { NetworkInterfaceId: spare });
    t.match(address(one), { NetworkInterfaceId: undefined }, 'one address for a private one');
    t.match(address(two), { NetworkInterfaceId: spare });
  },
);

t.test('[ENI-5] [ENI-6] an elastic address goes with its private address', async (t) => {
  const { lab, instanceId, eniId, spare, associate, address } = edge();
  const AllocationId = lab.elasticAddress();
  const PrivateIpAddress = '10.0.1.50';
  const assign = { PrivateIpAddresses: [PrivateIpAddress], AllowReassignment: true };
  lab.act('AssignPrivateIpAddresses', { NetworkInterfaceId: eniId, ...assign });
  const AssociationId = associate(AllocationId, { NetworkInterfaceId: eniId, PrivateIpAddress });
  lab.act('AssignPrivateIpAddresses', { NetworkInterfaceId: spare, ...assign });
  t.match(address(AllocationId), { NetworkInterfaceId: spare, AssociationId, PrivateIpAddress });
  const { PrivateIpAddresses } = assign;
  lab.act('UnassignPrivateIpAddresses', { NetworkInterfaceId: spare, PrivateIpAddresses });
  t.match(address(AllocationId), { AssociationId: undefined });
  associate(AllocationId, { NetworkInterfaceId: spare });
  lab.act('DeleteNetworkInterface', { NetworkInterfaceId: spare });
  t.match(address(AllocationId), { AssociationId: undefined }, 'the interface is deleted');
  associate(AllocationId, { NetworkInterfaceId: eniId });
  lab.act('StopInstances', { InstanceIds: [instanceId] });
  t.match(address(AllocationId), { NetworkInterfaceId: eniId }, 'the instance is stopped');
  lab.act('TerminateInstances', { InstanceIds: [instanceId] });
  t.match(address(AllocationId), { AssociationId: undefined }, 'the instance is terminated');
});
