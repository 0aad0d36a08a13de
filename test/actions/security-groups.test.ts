import t from 'tap';
import { at, Lab, listAt, textAt } from './lab.ts';

const SSH = { IpProtocol: 'tcp', FromPort: 22, ToPort: 22 };
const ANYWHERE = [{ CidrIp: '0.0.0.0/0' }];

t.test('[SG-2] a VPC has a default group; a new group allows nothing in and all out', async (t) => {
  const lab = new Lab();
  const vpcId = lab.vpc();
  const byDefault = lab.defaultGroup(vpcId);
  t.same(lab.rules(byDefault), [`in -1 -1--1 ${byDefault}`, 'out -1 -1--1 0.0.0.0/0']);
  const created = lab.act('CreateSecurityGroup', {
    GroupName: 'web ',
    Description: 'Web servers',
    VpcId: vpcId,
    TagSpecifications: [{ ResourceType: 'security-group', Tags: [{ Key: 'a', Value: 'b' }] }],
  });
  const groupId = textAt(created, 'GroupId');
  t.same(created, {
    GroupId: groupId,
    SecurityGroupArn: `arn:aws:ec2:us-east-1:123456789012:security-group/${groupId}`,
    Tags: [{ Key: 'a', Value: 'b' }],
  });
  const described = lab.act('DescribeSecurityGroups', { GroupIds: [groupId] });
  t.same(at(described, 'SecurityGroups', 0), {
    GroupId: groupId,
    GroupName: 'web',
    Description: 'Web servers',
    OwnerId: '123456789012',
    VpcId: vpcId,
    SecurityGroupArn: `arn:aws:ec2:us-east-1:123456789012:security-group/${groupId}`,
    IpPermissions: [],
    IpPermissionsEgress: [
      {
        IpProtocol: '-1',
        FromPort: undefined,
        ToPort: undefined,
        IpRanges: [{ CidrIp: '0.0.0.0/0', Description: undefined }],
        Ipv6Ranges: [],
        UserIdGroupPairs: [],
        PrefixListIds: [],
      },
    ],
    Tags: [{ Key: 'a', Value: 'b' }],
  });
  const ipv6 = lab.vpc('10.1.0.0/16', { AmazonProvidedIpv6CidrBlock: true });
  t.same(lab.rules(lab.group(ipv6, 'web')), ['out -1 -1--1 0.0.0.0/0', 'out -1 -1--1 ::/0']);
});

t.test('CreateSecurityGroup refuses names and descriptions that AWS refuses', async (t) => {
  const lab = new Lab();
  const VpcId = lab.vpc();
  lab.group(VpcId, 'web');
  lab.group(lab.vpc('10.1.0.0/16'), 'web');
  const set = 'a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*';
  const rows = [
    [{ GroupName: 'WEB' }, 'InvalidGroup.Duplicate', `'WEB' already exists for VPC '${VpcId}'`],
    [{ GroupName: 'default' }, 'InvalidParameterValue', 'reserved security group name: default'],
    [{ GroupName: 'sg-web' }, 'InvalidParameterValue', 'not be in the format sg-*.'],
    [{ GroupName: 'wéb' }, 'InvalidParameterValue', 'Invalid security group name. '],
    [{ GroupName: ' ' }, 'InvalidParameterValue', 'Invalid security group name. '],
    [{ GroupName: 'x'.repeat(256) }, 'InvalidParameterValue', 'less than 256 characters'],
    [
      { Description: "the web's" },
      'InvalidParameterValue',
      `Invalid security group description. Valid descriptions are strings less than 256 characters from the following set:  ${set}`,
    ],
    [{ VpcId: undefined }, 'VPCIdNotSpecified', 'No default VPC for this user.'],
    [{ VpcId: 'vpc-12345678' }, 'InvalidVpcID.NotFound', 'vpc-12345678'],
  ] as const;
  for (const [more, code, message] of rows) {
    const input = { GroupName: 'other', Description: 'other', VpcId, ...more };
    t.match(lab.refuse('CreateSecurityGroup', input), { code, message });
  }
});

t.test('[SUB-12] CreateSecurityGroup stops at the quota of the region', async (t) => {
  const lab = new Lab({ quotas: { securityGroupsPerRegion: 2 } });
  const VpcId = lab.vpc();
  lab.group(VpcId, 'one');
  t.match(lab.refuse('CreateSecurityGroup', { VpcId, GroupName: 'two', Description: 'x' }), {
    code: 'SecurityGroupLimitExceeded',
    message: 'The maximum number of security groups has been reached.',
  });
});

t.test('DeleteSecurityGroup refuses a group that is used, and the default one', async (t) => {
  const lab = new Lab();
  const vpcId = lab.vpc();
  const subnetId = lab.subnet(vpcId, '10.0.1.0/24');
  const [worn, named, free] = ['worn', 'named', 'free'].map((name) => lab.group(vpcId, name));
  const NetworkInterfaceId = lab.eni(subnetId, { Groups: [worn] });
  lab.allow(free ?? '', { ...SSH, UserIdGroupPairs: [{ GroupId: named }] });
  lab.allow(free ?? '', { ...SSH, UserIdGroupPairs: [{ GroupId: free }] });
  for (const GroupId of [worn, named]) {
    t.match(lab.refuse('DeleteSecurityGroup', { GroupId }), {
      code: 'DependencyViolation',
      message: `resource ${GroupId} has a dependent object`,
    });
  }
  const GroupId = lab.defaultGroup(vpcId);
  t.match(lab.refuse('DeleteSecurityGroup', { GroupId }), {
    code: 'CannotDelete',
    message: `the specified group: "${GroupId}" name: "default" cannot be deleted by a user`,
  });
  t.equal(lab.refuse('DeleteSecurityGroup', { GroupName: 'free' }).code, 'VPCIdNotSpecified');
  t.equal(lab.refuse('DeleteSecurityGroup').code, 'MissingParameter');
  t.match(lab.refuse('DeleteSecurityGroup', { GroupId: 'sg-12345678' }), {
    code: 'InvalidGroup.NotFound',
    message: "The security group 'sg-12345678' does not exist",
  });
  t.same(lab.act('DeleteSecurityGroup', { GroupId: free }), { Return: true, GroupId: free });
  lab.act('DeleteSecurityGroup', { GroupId: named });
  lab.act('DeleteNetworkInterface', { NetworkInterfaceId });
  lab.act('DeleteSecurityGroup', { GroupId: worn });
  lab.act('DeleteSubnet', { SubnetId: subnetId });
  lab.act('DeleteVpc', { VpcId: vpcId });
  t.equal(lab.snapshot.securityGroups.size, 0);
});

t.test('DeleteVpc refuses a VPC with a group of its own', async (t) => {
  const lab = new Lab();
  const VpcId = lab.vpc();
  const GroupId = lab.group(VpcId, 'web');
  t.equal(lab.refuse('DeleteVpc', { VpcId }).code, 'DependencyViolation');
  lab.act('DeleteSecurityGroup', { GroupId });
  lab.act('DeleteVpc', { VpcId });
});

t.test('[SG-2] the first IPv6 block opens the unmodified groups to ::/0', async (t) => {
  const lab = new Lab();
  const VpcId = lab.vpc();
  const [untouched, added, closed] = ['untouched', 'added', 'closed'].map((name) =>
    lab.group(VpcId, name),
  ) as [string, string, string];
  const other = lab.group(lab.vpc('10.1.0.0/16'), 'other');
  const toDns = { IpProtocol: 'udp', FromPort: 53, ToPort: 53, IpRanges: ANYWHERE };
  lab.act('AuthorizeSecurityGroupEgress', { GroupId: added, IpPermissions: [toDns] });
  const all = [{ IpProtocol: '-1', IpRanges: ANYWHERE }];
  lab.act('RevokeSecurityGroupEgress', { GroupId: closed, IpPermissions: all });
  lab.allow(untouched, { ...SSH, IpRanges: ANYWHERE });
  const associated = lab.act('AssociateVpcCidrBlock', { VpcId, AmazonProvidedIpv6CidrBlock: true });
  const both = ['out -1 -1--1 0.0.0.0/0', 'in tcp 22-22 0.0.0.0/0', 'out -1 -1--1 ::/0'];
  t.same(lab.rules(untouched), both);
  t.equal(lab.rules(lab.defaultGroup(VpcId)).at(-1), 'out -1 -1--1 ::/0');
  t.same(lab.rules(added), ['out -1 -1--1 0.0.0.0/0', 'out udp 53-53 0.0.0.0/0']);
  t.same(lab.rules(closed), []);
  t.same(lab.rules(other), ['out -1 -1--1 0.0.0.0/0']);
  const AssociationId = at(associated, 'Ipv6CidrBlockAssociation', 'AssociationId');
  lab.act('DisassociateVpcCidrBlock', { AssociationId });
  lab.act('AssociateVpcCidrBlock', { VpcId, AmazonProvidedIpv6CidrBlock: true });
  t.same(lab.rules(untouched), both, 'not twice');
});

t.test('DescribeSecurityGroups filters by what the rules allow', async (t) => {
  const lab = new Lab();
  const vpcId = lab.vpc();
  const web = lab.group(vpcId, 'web');
  const db = lab.group(vpcId, 'db');
  lab.allow(web, { ...SSH, IpRanges: [{ CidrIp: '198.51.100.0/24' }] });
  lab.allow(web, { IpProtocol: 'icmpv6', Ipv6Ranges: [{ CidrIpv6: '2001:db8::/32' }] });
  lab.allow(db, {
    IpProtocol: '6',
    FromPort: 5432,
    ToPort: 5433,
    UserIdGroupPairs: [{ GroupId: web }],
  });
  const found = (Name: string, ...Values: string[]): unknown[] =>
    listAt(
      lab.act('DescribeSecurityGroups', { Filters: [{ Name, Values }] }),
      'SecurityGroups',
    ).map((group) => at(group, 'GroupName'));
  t.same(found('ip-permission.cidr', '198.51.100.*'), ['web']);
  t.same(found('ip-permission.ipv6-cidr', '2001:db8::/32'), ['web']);
  t.same(found('ip-permission.protocol', 'tcp'), ['web', 'db']);
  t.same(found('ip-permission.protocol', 'icmpv6'), ['web']);
  t.same(found('ip-permission.from-port', '5432'), ['db']);
  t.same(found('ip-permission.to-port', '5433'), ['db']);
  t.same(found('ip-permission.group-id', web), ['db']);
  t.same(found('ip-permission.group-name', 'web'), ['db']);
  t.same(found('ip-permission.user-id', '123456789012'), ['default', 'db']);
  t.same(found('egress.ip-permission.cidr', '0.0.0.0/0'), ['default', 'web', 'db']);
  t.same(found('egress.ip-permission.protocol', 'tcp'), []);
  t.same(found('description', 'web'), ['web']);
  t.same(found('owner-id', '123456789012').length, 3);
  t.equal(lab.refuse('DescribeSecurityGroups', { GroupNames: ['web'] }).code, 'VPCIdNotSpecified');
  const references = lab.act('DescribeSecurityGroupReferences', { GroupId: [web] });
  t.same(references, { SecurityGroupReferenceSet: [] });
  t.equal(
    lab.refuse('DescribeSecurityGroupReferences', { GroupId: ['sg-12345678'] }).code,
    'InvalidGroup.NotFound',
  );
});
