import t from 'tap';
import { at, Lab, listAt, textAt } from './lab.ts';

const SSH = { IpProtocol: 'tcp', FromPort: 22, ToPort: 22 };
const ANYWHERE = [{ CidrIp: '0.0.0.0/0' }];

function labWithGroup(): { lab: Lab; vpcId: string; GroupId: string } {
  const lab = new Lab();
  const vpcId = lab.vpc();
  return { lab, vpcId, GroupId: lab.group(vpcId, 'web') };
}

t.test('AuthorizeSecurityGroupIngress makes one rule for each peer', async (t) => {
  const { lab, GroupId } = labWithGroup();
  const output = lab.act('AuthorizeSecurityGroupIngress', {
    GroupId,
    IpPermissions: [
      {
        ...SSH,
        IpRanges: [
          { CidrIp: '100.68.0.18/18', Description: 'office (west)' },
          { CidrIp: '0.0.0.0/0' },
        ],
        Ipv6Ranges: [{ CidrIpv6: '2001:DB8::1/32' }],
        UserIdGroupPairs: [{ GroupId, UserId: '123456789012' }],
      },
      { IpProtocol: 'ICMP', FromPort: 8, ToPort: -1, IpRanges: ANYWHERE },
      { IpProtocol: '58', Ipv6Ranges: [{ CidrIpv6: '::/0' }] },
      { IpProtocol: '50', FromPort: 1, ToPort: 2, IpRanges: ANYWHERE },
      { IpProtocol: '-1', FromPort: 1, ToPort: 2, IpRanges: [{ CidrIp: '10.0.0.0/8' }] },
    ],
    TagSpecifications: [{ ResourceType: 'security-group-rule', Tags: [{ Key: 'a', Value: 'b' }] }],
  });
  const ruleId = textAt(output, 'SecurityGroupRules', 0, 'SecurityGroupRuleId');
  t.equal(at(output, 'Return'), true);
  t.same(at(output, 'SecurityGroupRules', 0), {
    SecurityGroupRuleId: ruleId,
    GroupId,
    IsEgress: false,
    IpProtocol: 'tcp',
    FromPort: 22,
    ToPort: 22,
    CidrIpv4: '100.68.0.0/18',
    CidrIpv6: undefined,
    PrefixListId: undefined,
    Description: 'office (west)',
    GroupOwnerId: '123456789012',
    SecurityGroupRuleArn: `arn:aws:ec2:us-east-1:123456789012:security-group-rule/${ruleId}`,
    ReferencedGroupInfo: undefined,
    Tags: [{ Key: 'a', Value: 'b' }],
  });
  t.same(lab.rules(GroupId), [
    'out -1 -1--1 0.0.0.0/0',
    'in tcp 22-22 100.68.0.0/18',
    'in tcp 22-22 0.0.0.0/0',
    'in tcp 22-22 2001:db8::/32',
    `in tcp 22-22 ${GroupId}`,
    'in icmp 8--1 0.0.0.0/0',
    'in icmpv6 -1--1 ::/0',
    'in 50 -1--1 0.0.0.0/0',
    'in -1 -1--1 10.0.0.0/8',
  ]);
  const described = lab.act('DescribeSecurityGroups', { GroupIds: [GroupId] });
  t.match(at(described, 'SecurityGroups', 0, 'IpPermissions'), [
    {
      IpProtocol: 'tcp',
      FromPort: 22,
      ToPort: 22,
      IpRanges: [
        { CidrIp: '100.68.0.0/18', Description: 'office (west)' },
        { CidrIp: '0.0.0.0/0' },
      ],
      Ipv6Ranges: [{ CidrIpv6: '2001:db8::/32' }],
      UserIdGroupPairs: [{ GroupId, UserId: '123456789012' }],
    },
    { IpProtocol: 'icmp', FromPort: 8, ToPort: -1 },
    { IpProtocol: 'icmpv6', FromPort: -1, ToPort: -1 },
    { IpProtocol: '50', FromPort: undefined, ToPort: undefined },
    { IpProtocol: '-1', FromPort: undefined, ToPort: undefined },
  ]);
});

t.test('the members of one permission can be given one by one', async (t) => {
  const { lab, GroupId } = labWithGroup();
  lab.act('AuthorizeSecurityGroupIngress', { GroupId, ...SSH, CidrIp: '192.0.2.1/32' });
  lab.act('AuthorizeSecurityGroupEgress', {
    GroupId,
    IpProtocol: 'udp',
    FromPort: 0,
    ToPort: 65_535,
    CidrIp: '192.0.2.1/32',
  });
  const [, ...rules] = lab.rules(GroupId);
  t.same(rules, ['in tcp 22-22 192.0.2.1/32', 'out udp 0-65535 192.0.2.1/32']);
  lab.act('RevokeSecurityGroupIngress', { GroupId, ...SSH, CidrIp: '192.0.2.1/32' });
  t.equal(lab.rules(GroupId).length, 2);
  const rows = [
    [{ SourceSecurityGroupName: 'default' }, 'VPCIdNotSpecified'],
    [{ ...SSH, CidrIp: '192.0.2.1/32', IpPermissions: [SSH] }, 'InvalidParameterCombination'],
    [{ CidrIp: '192.0.2.1/32' }, 'MissingParameter'],
    [SSH, 'MissingParameter'],
    [{}, 'MissingParameter'],
  ] as const;
  t.equal(lab.refuse('AuthorizeSecurityGroupEgress', SSH).code, 'MissingParameter');
  for (const [more, code] of rows) {
    const refusal = lab.refuse('AuthorizeSecurityGroupIngress', { GroupId, ...more });
    t.match(refusal, { code }, JSON.stringify(more));
  }
});

t.test('AuthorizeSecurityGroupIngress refuses bad permissions with the words of AWS', async (t) => {
  const { lab, GroupId } = labWithGroup();
  const ports = (FromPort?: number, ToPort?: number, IpProtocol = 'tcp') => ({
    IpProtocol,
    FromPort,
    ToPort,
    IpRanges: ANYWHERE,
  });
  const peers = (more: object) => ({ ...SSH, ...more });
  const rows = [
    [
      peers({ IpRanges: [{ CidrIp: '10.0.0.0/33' }] }),
      'InvalidParameterValue',
      'CIDR block 10.0.0.0/33 is malformed',
    ],
    [
      peers({ IpRanges: [{ CidrIp: '::/0' }] }),
      'InvalidParameterValue',
      'CIDR block ::/0 is malformed',
    ],
    [
      peers({ Ipv6Ranges: [{ CidrIpv6: '10.0.0.0/8' }] }),
      'InvalidParameterValue',
      'CIDR block 10.0.0.0/8 is malformed',
    ],
    [
      ports(22),
      'InvalidParameterValue',
      'Invalid value for portRange. Must specify both from and to ports with TCP/UDP.',
    ],
    [
      ports(8, undefined, 'icmp'),
      'InvalidParameterValue',
      'Invalid value for portRange. Must specify both from and to ports with ICMP.',
    ],
    [ports(80, 22), 'InvalidParameterValue', 'Invalid TCP/UDP port range (80:22)'],
    [ports(-1, -1), 'InvalidPermission.Malformed', 'TCP/UDP port (-1) out of range'],
    [ports(0, 65_536, 'udp'), 'InvalidPermission.Malformed', 'TCP/UDP port (65536) out of range'],
    [ports(256, 0, 'icmp'), 'InvalidPermission.Malformed', 'ICMP type (256) out of range'],
    [ports(8, -2, 'icmpv6'), 'InvalidPermission.Malformed', 'ICMP code (-2) out of range'],
    [ports(-1, 0, 'icmp'), 'InvalidPermission.Malformed', 'must be -1'],
    [
      ports(1, 1, 'ospf'),
      'InvalidParameterValue',
      "Invalid value 'ospf' for IP protocol. Unknown protocol.",
    ],
    [ports(1, 1, '256'), 'InvalidParameterValue', "Invalid value '256'"],
    [
      peers({ IpRanges: [{ CidrIp: '10.0.0.0/8', Description: 'a?' }] }),
      'InvalidParameterValue',
      'Invalid rule description. Valid descriptions are',
    ],
    [
      peers({ IpRanges: [...ANYWHERE, { CidrIp: '1.2.3.4/0' }] }),
      'InvalidParameterValue',
      'The same permission must not appear multiple times',
    ],
    [
      peers({ UserIdGroupPairs: [{ GroupId: 'sg-12345678' }] }),
      'InvalidGroup.NotFound',
      "The security group 'sg-12345678' does not exist",
    ],
    [
      peers({ UserIdGroupPairs: [{ GroupId: 'web' }] }),
      'InvalidGroupId.Malformed',
      'Invalid id: "web" (expecting "sg-...")',
    ],
    [peers({ UserIdGroupPairs: [{ GroupName: 'web' }] }), 'VPCIdNotSpecified', 'No default VPC'],
    [
      peers({ UserIdGroupPairs: [{ GroupId, VpcPeeringConnectionId: 'pcx-12345678' }] }),
      'InvalidVpcPeeringConnectionID.NotFound',
      'pcx-12345678',
    ],
    [
      peers({ UserIdGroupPairs: [{ GroupId, UserId: '210987654321' }] }),
      'InvalidGroup.NotFound',
      'does not exist',
    ],
    [
      peers({ PrefixListIds: [{ PrefixListId: 'pl-12345678' }] }),
      'InvalidPrefixListID.NotFound',
      'pl-12345678',
    ],
  ] as const;
  for (const [permission, code, message] of rows) {
    const input = { GroupId, IpPermissions: [permission] };
    const refusal = lab.refuse('AuthorizeSecurityGroupIngress', input);
    t.match(refusal, { code, message }, JSON.stringify(permission));
  }
});

t.test('[SG-3] a rule refers to no group of a VPC that is not peered', async (t) => {
  const { lab, GroupId } = labWithGroup();
  const stranger = lab.group(lab.vpc('10.1.0.0/16'), 'stranger');
  const IpPermissions = [{ ...SSH, UserIdGroupPairs: [{ GroupId: stranger }] }];
  t.match(lab.refuse('AuthorizeSecurityGroupIngress', { GroupId, IpPermissions }), {
    code: 'InvalidGroup.NotFound',
    message: 'You have specified two resources that belong to different networks.',
  });
});

t.test('InvalidPermission.Duplicate tells the rule that is there', async (t) => {
  const { lab, GroupId } = labWithGroup();
  const rows = [
    [SSH, 'peer: 0.0.0.0/0, TCP, from port: 22, to port: 22, ALLOW'],
    [
      { IpProtocol: '17', FromPort: 1, ToPort: 2 },
      'peer: 0.0.0.0/0, UDP, from port: 1, to port: 2, ALLOW',
    ],
    [{ IpProtocol: '50' }, 'peer: 0.0.0.0/0, protocol: 50, ALLOW'],
    [{ IpProtocol: '-1' }, 'peer: 0.0.0.0/0, ALL, ALLOW'],
    [
      { IpProtocol: '1', FromPort: -1, ToPort: -1 },
      'peer: 0.0.0.0/0, ICMP, type: ALL, code: ALL, ALLOW',
    ],
  ] as const;
  for (const [traffic, text] of rows) {
    const input = { GroupId, IpPermissions: [{ ...traffic, IpRanges: ANYWHERE }] };
    lab.act('AuthorizeSecurityGroupIngress', input);
    t.match(lab.refuse('AuthorizeSecurityGroupIngress', input), {
      code: 'InvalidPermission.Duplicate',
      message: `the specified rule "${text}" already exists`,
    });
  }
});

t.test('[SG-4] rules are counted by direction and family; a group counts in both', async (t) => {
  const lab = new Lab({ quotas: { rulesPerSecurityGroup: 3 } });
  const vpcId = lab.vpc();
  const GroupId = lab.group(vpcId, 'web');
  const ports = (port: number, more: object) => ({
    IpProtocol: 'tcp',
    FromPort: port,
    ToPort: port,
    ...more,
  });
  const ipv4 = { IpRanges: ANYWHERE };
  const ipv6 = { Ipv6Ranges: [{ CidrIpv6: '::/0' }] };
  lab.allow(GroupId, ports(1, ipv4));
  lab.allow(GroupId, ports(2, ipv4));
  lab.allow(GroupId, ports(3, { UserIdGroupPairs: [{ GroupId }] }));
  lab.allow(GroupId, ports(4, ipv6));
  const IpPermissions = [ports(5, ipv4)];
  const full = {
    code: 'RulesPerSecurityGroupLimitExceeded',
    message: 'The maximum number of rules per security group has been reached.',
  };
  t.match(lab.refuse('AuthorizeSecurityGroupIngress', { GroupId, IpPermissions }), full);
  lab.act('AuthorizeSecurityGroupEgress', { GroupId, IpPermissions });
  lab.allow(GroupId, ports(5, ipv6));
  t.match(
    lab.refuse('AuthorizeSecurityGroupIngress', { GroupId, IpPermissions: [ports(6, ipv6)] }),
    full,
  );
});

t.test('RevokeSecurityGroupIngress takes away rules, all of them or none', async (t) => {
  const { lab, GroupId } = labWithGroup();
  const ruleId = lab.allow(GroupId, { ...SSH, IpRanges: ANYWHERE });
  const https = { IpProtocol: 'tcp', FromPort: 443, ToPort: 443, IpRanges: ANYWHERE };
  lab.allow(GroupId, https);
  const [outId] = listAt(lab.act('DescribeSecurityGroupRules'), 'SecurityGroupRules')
    .filter((rule) => at(rule, 'IsEgress') === true && at(rule, 'GroupId') === GroupId)
    .map((rule) => textAt(rule, 'SecurityGroupRuleId'));
  const absent = { ...https, ToPort: 444 };
  t.match(lab.refuse('RevokeSecurityGroupIngress', { GroupId, IpPermissions: [https, absent] }), {
    code: 'InvalidPermission.NotFound',
    message: 'The specified rule does not exist in this security group.',
  });
  const revoked = lab.act('RevokeSecurityGroupIngress', { GroupId, IpPermissions: [https] });
  t.match(revoked, { Return: true, RevokedSecurityGroupRules: [{ GroupId, FromPort: 443 }] });
  const byId = (...SecurityGroupRuleIds: unknown[]) => ({ GroupId, SecurityGroupRuleIds });
  t.match(lab.refuse('RevokeSecurityGroupIngress', byId('sgr-12345678')), {
    code: 'InvalidSecurityGroupRuleId.NotFound',
    message: "The security group rule ID 'sgr-12345678' does not exist",
  });
  t.match(lab.refuse('RevokeSecurityGroupIngress', byId(outId)), {
    code: 'InvalidSecurityGroupRuleId.NotFound',
  });
  t.match(lab.refuse('RevokeSecurityGroupIngress', { ...byId(ruleId), IpPermissions: [SSH] }), {
    code: 'InvalidParameterCombination',
  });
  lab.act('RevokeSecurityGroupIngress', byId(ruleId));
  lab.act('RevokeSecurityGroupEgress', byId(outId));
  t.same(lab.rules(GroupId), []);
});

t.test('ModifySecurityGroupRules changes rules in their places', async (t) => {
  const { lab, vpcId, GroupId } = labWithGroup();
  const other = lab.group(vpcId, 'other');
  const ssh = lab.allow(GroupId, {
    ...SSH,
    IpRanges: [{ CidrIp: '10.0.0.0/8', Description: 'x' }],
  });
  const own = lab.allow(GroupId, { ...SSH, UserIdGroupPairs: [{ GroupId }] });
  const modify = (SecurityGroupRuleId: string, SecurityGroupRule?: object) => ({
    GroupId,
    SecurityGroupRules: [{ SecurityGroupRuleId, SecurityGroupRule }],
  });
  lab.act('ModifySecurityGroupRules', modify(ssh, { ...SSH, ToPort: 23, CidrIpv4: '10.1.0.0/16' }));
  lab.act('ModifySecurityGroupRules', modify(own, { ...SSH, ReferencedGroupId: other }));
  t.same(lab.rules(GroupId), [
    'out -1 -1--1 0.0.0.0/0',
    'in tcp 22-23 10.1.0.0/16',
    `in tcp 22-22 ${other}`,
  ]);
  lab.allow(GroupId, { ...SSH, IpRanges: ANYWHERE });
  const rows = [
    [
      modify(ssh, { ...SSH, CidrIpv6: '::/0' }),
      'InvalidParameterValue',
      `Invalid rule type for security group rule '${ssh}'. You may not specify CidrIpv6 for an existing IPv4 CIDR rule.`,
    ],
    [
      modify(ssh, { ...SSH, CidrIpv4: '0.0.0.0/0' }),
      'InvalidPermission.Duplicate',
      'peer: 0.0.0.0/0, TCP',
    ],
    [modify(ssh, SSH), 'MissingParameter', 'CidrIpv4'],
    [modify(ssh), 'MissingParameter', 'SecurityGroupRule'],
    [modify('sgr-12345678', SSH), 'InvalidSecurityGroupRuleId.NotFound', 'sgr-12345678'],
  ] as const;
  for (const [input, code, message] of rows) {
    t.match(lab.refuse('ModifySecurityGroupRules', input), { code, message });
  }
});

t.test('UpdateSecurityGroupRuleDescriptions names rules by id or by what they allow', async (t) => {
  const { lab, GroupId } = labWithGroup();
  const ruleId = lab.allow(GroupId, { ...SSH, IpRanges: ANYWHERE });
  const description = (): unknown =>
    at(
      lab.act('DescribeSecurityGroupRules', { SecurityGroupRuleIds: [ruleId] }),
      ...['SecurityGroupRules', 0, 'Description'],
    );
  const named = [{ ...SSH, IpRanges: [{ CidrIp: '0.0.0.0/0', Description: 'one' }] }];
  const ingress = 'UpdateSecurityGroupRuleDescriptionsIngress';
  lab.act(ingress, { GroupId, IpPermissions: named });
  t.equal(description(), 'one');
  const byId = [{ SecurityGroupRuleId: ruleId, Description: 'two' }];
  lab.act(ingress, { GroupId, SecurityGroupRuleDescriptions: byId });
  t.equal(description(), 'two');
  lab.act(ingress, { GroupId, IpPermissions: [{ ...SSH, IpRanges: ANYWHERE }] });
  t.equal(description(), undefined);
  t.match(
    lab.refuse('UpdateSecurityGroupRuleDescriptionsEgress', { GroupId, IpPermissions: named }),
    {
      code: 'InvalidPermission.NotFound',
    },
  );
  t.match(
    lab.refuse('UpdateSecurityGroupRuleDescriptionsEgress', {
      GroupId,
      SecurityGroupRuleDescriptions: byId,
    }),
    { code: 'InvalidSecurityGroupRuleId.NotFound' },
  );
  t.equal(lab.refuse(ingress, { GroupId }).code, 'MissingParameter');
});
