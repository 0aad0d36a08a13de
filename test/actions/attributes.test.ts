/** Attributes of interfaces, VPCs and elastic addresses, and permissions for interfaces. */
import t from 'tap';
import { at, Lab, listAt, textAt } from './lab.ts';

t.test(
  '[ENI-1] [CHK-4] one attribute of an interface is shown, and the check set back',
  async (t) => {
    const lab = new Lab();
    const vpcId = lab.vpc();
    const subnet = lab.subnet(vpcId, '10.0.1.0/24');
    const NetworkInterfaceId = lab.eni(subnet, { Description: 'spare' });
    const show = (Attribute: string, id = NetworkInterfaceId) =>
      lab.act('DescribeNetworkInterfaceAttribute', { NetworkInterfaceId: id, Attribute });
    t.same(show('description'), { NetworkInterfaceId, Description: { Value: 'spare' } });
    t.match(show('groupSet'), { Groups: [{ GroupId: lab.defaultGroup(vpcId) }] });
    t.same(show('attachment'), { NetworkInterfaceId });
    const instance = lab.instance(subnet);
    t.match(show('attachment', lab.primaryEni(instance)), {
      Attachment: { InstanceId: instance, DeviceIndex: 0, Status: 'attached' },
    });
    lab.act('ModifyNetworkInterfaceAttribute', {
      NetworkInterfaceId,
      SourceDestCheck: { Value: false },
    });
    t.match(show('sourceDestCheck'), { SourceDestCheck: { Value: false } });
    lab.act('ResetNetworkInterfaceAttribute', { NetworkInterfaceId, SourceDestCheck: 'true' });
    t.match(show('sourceDestCheck'), { SourceDestCheck: { Value: true } });
    const nothing = lab.refuse('ResetNetworkInterfaceAttribute', { NetworkInterfaceId });
    t.equal(nothing.code, 'InvalidParameterCombination');
    const rows = [
      [{ NetworkInterfaceId, Attribute: 'colour' }, 'InvalidParameterValue'],
      [{ NetworkInterfaceId }, 'MissingParameter'],
      [
        { NetworkInterfaceId: 'eni-12345678', Attribute: 'description' },
        'InvalidNetworkInterfaceID.NotFound',
      ],
    ] as const;
    for (const [input, code] of rows) {
      t.equal(lab.refuse('DescribeNetworkInterfaceAttribute', input).code, code);
    }
  },
);

t.test('a primary IPv6 address stays with its interface', async (t) => {
  const lab = new Lab();
  const vpcId = lab.vpc('10.0.0.0/16', { AmazonProvidedIpv6CidrBlock: true });
  const shown = lab.act('DescribeVpcs', { VpcIds: [vpcId] });
  const block = textAt(shown, 'Vpcs', 0, 'Ipv6CidrBlockAssociationSet', 0, 'Ipv6CidrBlock');
  const Ipv6CidrBlock = block.replace('/56', '/64');
  const subnet = lab.subnet(vpcId, '10.0.1.0/24', { Ipv6CidrBlock });
  const plain = lab.eni(subnet);
  const turn = (NetworkInterfaceId: string, EnablePrimaryIpv6: boolean) => ({
    NetworkInterfaceId,
    EnablePrimaryIpv6,
  });
  const none = lab.refuse('ModifyNetworkInterfaceAttribute', turn(plain, true));
  t.match(none, { code: 'InvalidParameterValue', message: /does not have an IPv6 address/ });
  lab.act('AssignIpv6Addresses', { NetworkInterfaceId: plain, Ipv6AddressCount: 2 });
  lab.act('ModifyNetworkInterfaceAttribute', turn(plain, true));
  const made = lab.eni(subnet, { Ipv6AddressCount: 1, EnablePrimaryIpv6: true });
  const { NetworkInterfaces } = lab.act('DescribeNetworkInterfaces');
  const primaries = listAt(NetworkInterfaces).map((eni) =>
    listAt(eni, 'Ipv6Addresses').map((each) => at(each, 'IsPrimaryIpv6')),
  );
  t.same(primaries, [[true, false], [true]]);
  t.equal(
    lab.refuse('ModifyNetworkInterfaceAttribute', turn(made, false)).code,
    'InvalidParameterValue',
  );
  const [first, second] = listAt(NetworkInterfaces, 0, 'Ipv6Addresses').map((each) =>
    textAt(each, 'Ipv6Address'),
  );
  const unassign = (address: string | undefined) => ({
    NetworkInterfaceId: plain,
    Ipv6Addresses: [address],
  });
  t.match(lab.refuse('UnassignIpv6Addresses', unassign(first)), { message: /primary IPv6/ });
  lab.act('UnassignIpv6Addresses', unassign(second));
  const input = { SubnetId: subnet, EnablePrimaryIpv6: true };
  t.equal(lab.refuse('CreateNetworkInterface', input).code, 'InvalidParameterValue');
});

t.test('permissions for an interface are for one account, and go with it', async (t) => {
  const lab = new Lab();
  const NetworkInterfaceId = lab.eni(lab.subnet(lab.vpc(), '10.0.1.0/24'));
  const grant = {
    NetworkInterfaceId,
    AwsAccountId: '210987654321',
    Permission: 'INSTANCE-ATTACH',
  };
  const made = lab.act('CreateNetworkInterfacePermission', grant);
  const id = textAt(made, 'InterfacePermission', 'NetworkInterfacePermissionId');
  t.match(made, { InterfacePermission: { ...grant, PermissionState: { State: 'granted' } } });
  t.same(lab.act('CreateNetworkInterfacePermission', grant), made, 'again');
  lab.act('CreateNetworkInterfacePermission', { ...grant, Permission: 'EIP-ASSOCIATE' });
  const rows: readonly (readonly [object, string])[] = [
    [{ AwsAccountId: '111111111111' }, 'OperationNotPermitted'],
    [{ AwsAccountId: 'me' }, 'InvalidParameterValue'],
    [{ AwsAccountId: undefined }, 'MissingParameter'],
    [{ Permission: 'ALL' }, 'InvalidParameterValue'],
    [{ NetworkInterfaceId: 'eni-12345678' }, 'InvalidNetworkInterfaceID.NotFound'],
  ];
  for (const [more, code] of rows) {
    t.equal(lab.refuse('CreateNetworkInterfacePermission', { ...grant, ...more }).code, code);
  }
  const found = (input: object) =>
    listAt(
      lab.act('DescribeNetworkInterfacePermissions', { ...input }),
      'NetworkInterfacePermissions',
    );
  const Name = 'network-interface-permission.permission';
  t.equal(found({ Filters: [{ Name, Values: ['EIP-ASSOCIATE'] }] }).length, 1);
  t.equal(found({ NetworkInterfacePermissionIds: [id] }).length, 1);
  lab.act('DeleteNetworkInterfacePermission', { NetworkInterfacePermissionId: id, Force: true });
  t.equal(
    lab.refuse('DeleteNetworkInterfacePermission', { NetworkInterfacePermissionId: id }).code,
    'InvalidNetworkInterfacePermissionId.NotFound',
  );
  lab.act('DeleteNetworkInterface', { NetworkInterfaceId });
  t.same(found({}), []);
});

t.test('one attribute of a VPC is shown; ClassicLink is off, and tenancy default', async (t) => {
  const lab = new Lab();
  const VpcId = lab.vpc();
  const show = (Attribute: string) => lab.act('DescribeVpcAttribute', { VpcId, Attribute });
  t.same(show('enableDnsSupport'), { VpcId, EnableDnsSupport: { Value: true } });
  lab.act('ModifyVpcAttribute', { VpcId, EnableDnsHostnames: { Value: true } });
  t.same(show('enableDnsHostnames'), { VpcId, EnableDnsHostnames: { Value: true } });
  t.match(show('enableNetworkAddressUsageMetrics'), { VpcId });
  const colour = { VpcId, Attribute: 'colour' };
  t.equal(lab.refuse('DescribeVpcAttribute', colour).code, 'InvalidParameterValue');
  t.match(lab.act('DescribeVpcClassicLink', { VpcIds: [VpcId] }), {
    Vpcs: [{ VpcId, ClassicLinkEnabled: false }],
  });
  t.match(lab.act('DescribeVpcClassicLinkDnsSupport', { VpcIds: [VpcId] }), {
    Vpcs: [{ VpcId, ClassicLinkDnsSupported: false }],
  });
  const VpcIds = ['vpc-12345678'];
  for (const name of ['DescribeVpcClassicLink', 'DescribeVpcClassicLinkDnsSupport']) {
    t.equal(lab.refuse(name, { VpcIds }).code, 'InvalidVpcID.NotFound');
  }
  lab.act('ModifyVpcTenancy', { VpcId, InstanceTenancy: 'default' });
  const dedicated = { VpcId, InstanceTenancy: 'dedicated' };
  t.equal(lab.refuse('ModifyVpcTenancy', dedicated).code, 'InvalidParameterValue');
});

t.test('an elastic address has the name that it was given', async (t) => {
  const lab = new Lab();
  const AllocationId = lab.elasticAddress();
  lab.elasticAddress();
  const shown = () => listAt(lab.act('DescribeAddressesAttribute'), 'Addresses');
  t.same(shown(), []);
  lab.act('ModifyAddressAttribute', { AllocationId, DomainName: 'mail.example.com' });
  t.match(shown(), [{ AllocationId, PtrRecord: 'mail.example.com.' }]);
  const bad = { AllocationId, DomainName: 'mail' };
  t.equal(lab.refuse('ModifyAddressAttribute', bad).code, 'InvalidParameterValue');
  const ids = { AllocationIds: ['eipalloc-12345678'] };
  t.equal(lab.refuse('DescribeAddressesAttribute', ids).code, 'InvalidAllocationID.NotFound');
  const other = { AllocationId, Attribute: 'colour' };
  t.equal(lab.refuse('ResetAddressAttribute', other).code, 'InvalidParameterValue');
  lab.act('ResetAddressAttribute', { AllocationId, Attribute: 'domain-name' });
  t.same(shown(), []);
});

t.test('the security groups of a VPC', async (t) => {
  const lab = new Lab();
  const VpcId = lab.vpc();
  lab.vpc('10.9.0.0/16');
  const groupId = lab.group(VpcId, 'web');
  const Filters = [{ Name: 'group-name', Values: ['web'] }];
  const found = (input: object) =>
    listAt(lab.act('GetSecurityGroupsForVpc', { VpcId, ...input }), 'SecurityGroupForVpcs');
  t.match(found({ Filters }), [{ GroupId: groupId, PrimaryVpcId: VpcId, Description: 'web' }]);
  t.equal(found({}).length, 2);
  t.match(lab.act('DescribeStaleSecurityGroups', { VpcId }), { StaleSecurityGroupSet: [] });
  for (const name of ['GetSecurityGroupsForVpc', 'DescribeStaleSecurityGroups']) {
    t.equal(lab.refuse(name, { VpcId: 'vpc-12345678' }).code, 'InvalidVpcID.NotFound');
  }
});
