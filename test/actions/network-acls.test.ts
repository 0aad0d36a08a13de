import t from 'tap';
import { at, Lab, listAt, textAt } from './lab.ts';

/** The entries of an ACL as `in|out number action protocol from-to block`. */
function entries(lab: Lab, aclId: string): string[] {
  const output = lab.act('DescribeNetworkAcls', { NetworkAclIds: [aclId] });
  return listAt(output, 'NetworkAcls', 0, 'Entries').map((entry) => {
    const ports =
      at(entry, 'PortRange') === undefined
        ? `${at(entry, 'IcmpTypeCode', 'Type')}/${at(entry, 'IcmpTypeCode', 'Code')}`
        : `${at(entry, 'PortRange', 'From')}-${at(entry, 'PortRange', 'To')}`;
    const block = at(entry, 'CidrBlock') ?? at(entry, 'Ipv6CidrBlock');
    const shown = ['RuleNumber', 'RuleAction', 'Protocol'].map((member) => at(entry, member));
    const direction = at(entry, 'Egress') === true ? 'out' : 'in';
    return `${direction} ${shown.join(' ')} ${ports.replace('undefined/undefined', '*')} ${block}`;
  });
}

/** The default ACL of a VPC. */
function defaultAcl(lab: Lab, vpcId: string): string {
  const output = lab.act('DescribeNetworkAcls', {
    Filters: [
      { Name: 'vpc-id', Values: [vpcId] },
      { Name: 'default', Values: ['true'] },
    ],
  });
  return textAt(output, 'NetworkAcls', 0, 'NetworkAclId');
}

const HTTPS = {
  RuleNumber: 100,
  Protocol: '6',
  RuleAction: 'allow',
  Egress: false,
  CidrBlock: '0.0.0.0/0',
  PortRange: { From: 443, To: 443 },
};

t.test("[ACL-3] the default ACL allows all, an ACL of one's own nothing", async (t) => {
  const lab = new Lab();
  const vpcId = lab.vpc();
  t.same(entries(lab, defaultAcl(lab, vpcId)), [
    'out 100 allow -1 * 0.0.0.0/0',
    'in 100 allow -1 * 0.0.0.0/0',
    'out 32767 deny -1 * 0.0.0.0/0',
    'in 32767 deny -1 * 0.0.0.0/0',
  ]);
  const created = lab.act('CreateNetworkAcl', {
    VpcId: vpcId,
    TagSpecifications: [{ ResourceType: 'network-acl', Tags: [{ Key: 'a', Value: 'b' }] }],
  });
  t.match(created, {
    NetworkAcl: {
      VpcId: vpcId,
      IsDefault: false,
      OwnerId: '123456789012',
      Associations: [],
      Tags: [{ Key: 'a', Value: 'b' }],
    },
  });
  t.same(entries(lab, textAt(created, 'NetworkAcl', 'NetworkAclId')).sort(), [
    'in 32767 deny -1 * 0.0.0.0/0',
    'out 32767 deny -1 * 0.0.0.0/0',
  ]);
  const dual = lab.acl(lab.vpc('10.1.0.0/16', { AmazonProvidedIpv6CidrBlock: true }));
  t.same(entries(lab, dual).sort(), [
    'in 32767 deny -1 * 0.0.0.0/0',
    'in 32768 deny -1 * ::/0',
    'out 32767 deny -1 * 0.0.0.0/0',
    'out 32768 deny -1 * ::/0',
  ]);
});

t.test('[ACL-1] entries are kept in the order of their numbers', async (t) => {
  const lab = new Lab();
  const NetworkAclId = lab.acl(lab.vpc());
  const add = (more: object) =>
    lab.act('CreateNetworkAclEntry', { NetworkAclId, ...HTTPS, ...more });
  add({ RuleNumber: 200 });
  add({ RuleNumber: 32_766, Protocol: '-1', RuleAction: 'deny', PortRange: { From: 1, To: 2 } });
  add({
    RuleNumber: 1,
    Protocol: '1',
    IcmpTypeCode: { Type: 8, Code: -1 },
    CidrBlock: '192.0.2.1/24',
  });
  add({ RuleNumber: 2, Protocol: 'udp', CidrBlock: undefined, Ipv6CidrBlock: '2001:db8::1/32' });
  add({
    RuleNumber: 3,
    Protocol: '58',
    IcmpTypeCode: { Type: -1, Code: -1 },
    CidrBlock: undefined,
    Ipv6CidrBlock: '::/0',
  });
  add({ RuleNumber: 4, Protocol: '58' });
  t.same(
    entries(lab, NetworkAclId).filter((each) => each.startsWith('in')),
    [
      'in 1 allow 1 8/-1 192.0.2.0/24',
      'in 2 allow 17 443-443 2001:db8::/32',
      'in 3 allow 58 -1/-1 ::/0',
      'in 4 allow 58 -1/-1 0.0.0.0/0',
      'in 200 allow 6 443-443 0.0.0.0/0',
      'in 32766 deny -1 * 0.0.0.0/0',
      'in 32767 deny -1 * 0.0.0.0/0',
    ],
  );
  add({ RuleNumber: 200, Egress: true });
  const replaced = { ...HTTPS, RuleNumber: 200, RuleAction: 'deny', CidrBlock: '10.0.0.0/8' };
  lab.act('ReplaceNetworkAclEntry', { NetworkAclId, ...replaced });
  lab.act('DeleteNetworkAclEntry', { NetworkAclId, RuleNumber: 200, Egress: true });
  t.same(
    entries(lab, NetworkAclId).filter((each) => each.includes(' 200 ')),
    ['in 200 deny 6 443-443 10.0.0.0/8'],
  );
});

t.test('[ACL-1] CreateNetworkAclEntry refuses what is no entry', async (t) => {
  const lab = new Lab();
  const NetworkAclId = lab.acl(lab.vpc());
  lab.act('CreateNetworkAclEntry', { NetworkAclId, ...HTTPS, RuleNumber: 7 });
  const rows = [
    [
      { RuleNumber: 7 },
      'NetworkAclEntryAlreadyExists',
      'The network acl entry identified by 7 already exists.',
    ],
    [{ RuleNumber: 0 }, 'InvalidParameterValue', 'Value (0) for parameter ruleNumber'],
    [{ RuleNumber: 32_767 }, 'InvalidParameterValue', 'Value (32767) for parameter ruleNumber'],
    [{ RuleAction: 'drop' }, 'InvalidParameterValue', 'Value (drop) for parameter ruleAction'],
    [
      { Protocol: 'ospf' },
      'InvalidParameterValue',
      "Invalid value 'ospf' for IP protocol. Unknown protocol.",
    ],
    [
      { PortRange: undefined },
      'MissingParameter',
      'The request must contain the parameter PortRange',
    ],
    [{ PortRange: { From: 443 } }, 'MissingParameter', 'PortRange'],
    [
      { PortRange: { From: 443, To: 80 } },
      'InvalidParameterValue',
      'Value (443-80) for parameter portRange',
    ],
    [{ PortRange: { From: 0, To: 65_536 } }, 'InvalidParameterValue', 'portRange'],
    [{ Protocol: '1' }, 'MissingParameter', 'IcmpTypeCode'],
    [
      { Protocol: '1', IcmpTypeCode: { Type: -1, Code: 0 } },
      'InvalidParameterValue',
      'icmpTypeCode',
    ],
    [
      { CidrBlock: '10.0.0.0/33' },
      'InvalidParameterValue',
      'Value (10.0.0.0/33) for parameter cidrBlock',
    ],
    [{ CidrBlock: undefined, Ipv6CidrBlock: '::' }, 'InvalidParameterValue', 'ipv6CidrBlock'],
    [{ CidrBlock: undefined }, 'MissingParameter', 'cidrBlock or ipv6CidrBlock'],
    [{ Ipv6CidrBlock: '::/0' }, 'MissingParameter', 'exactly one of'],
    [{ Egress: undefined }, 'MissingParameter', 'Egress'],
    [
      { NetworkAclId: 'acl-12345678' },
      'InvalidNetworkAclID.NotFound',
      "The networkAcl ID 'acl-12345678' does not exist",
    ],
  ] as const;
  for (const [more, code, message] of rows) {
    const refusal = lab.refuse('CreateNetworkAclEntry', { NetworkAclId, ...HTTPS, ...more });
    t.match(refusal, { code, message }, JSON.stringify(more));
  }
  const absent = {
    code: 'InvalidNetworkAclEntry.NotFound',
    message: 'no egress entry with number 7',
  };
  t.match(
    lab.refuse('ReplaceNetworkAclEntry', { NetworkAclId, ...HTTPS, RuleNumber: 7, Egress: true }),
    absent,
  );
  t.match(
    lab.refuse('DeleteNetworkAclEntry', { NetworkAclId, RuleNumber: 7, Egress: true }),
    absent,
  );
  t.match(lab.refuse('DeleteNetworkAclEntry', { NetworkAclId, RuleNumber: 32_767, Egress: true }), {
    code: 'InvalidParameterValue',
  });
});

t.test(
  '[ACL-3] the quota counts directions and families apart, with the final denial',
  async (t) => {
    const lab = new Lab();
    const NetworkAclId = lab.acl(lab.vpc('10.0.0.0/16', { AmazonProvidedIpv6CidrBlock: true }));
    const entry = (RuleNumber: number, more: object = {}) => ({
      NetworkAclId,
      ...HTTPS,
      RuleNumber,
      ...more,
    });
    for (let number = 1; number <= 19; number++) lab.act('CreateNetworkAclEntry', entry(number));
    t.match(lab.refuse('CreateNetworkAclEntry', entry(20)), {
      code: 'NetworkAclEntryLimitExceeded',
      message: 'The maximum number of network acl entries has been reached.',
    });
    lab.act('CreateNetworkAclEntry', entry(20, { Egress: true }));
    lab.act('CreateNetworkAclEntry', entry(20, { CidrBlock: undefined, Ipv6CidrBlock: '::/0' }));
    lab.act('ReplaceNetworkAclEntry', entry(19, { RuleAction: 'deny' }));
    t.equal(lab.refuse('ReplaceNetworkAclEntry', entry(20)).code, 'NetworkAclEntryLimitExceeded');
  },
);

t.test('[SUB-12] CreateNetworkAcl stops at the quota of the VPC', async (t) => {
  const lab = new Lab({ quotas: { networkAclsPerVpc: 2 } });
  const VpcId = lab.vpc();
  lab.acl(VpcId);
  t.match(lab.refuse('CreateNetworkAcl', { VpcId }), {
    code: 'NetworkAclLimitExceeded',
    message: 'The maximum number of network ACLs has been reached.',
  });
  lab.acl(lab.vpc('10.1.0.0/16'));
});

t.test('[ACL-3] every subnet is under one ACL, first under the default one', async (t) => {
  const lab = new Lab();
  const vpcId = lab.vpc();
  const SubnetId = lab.subnet(vpcId, '10.0.1.0/24');
  const NetworkAclId = lab.acl(vpcId);
  const association = (aclId: string): string =>
    textAt(
      lab.act('DescribeNetworkAcls', { NetworkAclIds: [aclId] }),
      ...['NetworkAcls', 0, 'Associations', 0, 'NetworkAclAssociationId'],
    );
  const first = association(defaultAcl(lab, vpcId));
  t.match(first, /^aclassoc-/);
  const replaced = lab.act('ReplaceNetworkAclAssociation', { AssociationId: first, NetworkAclId });
  const second = textAt(replaced, 'NewAssociationId');
  t.not(second, first);
  t.equal(association(NetworkAclId), second);
  const found = lab.act('DescribeNetworkAcls', {
    Filters: [{ Name: 'association.subnet-id', Values: [SubnetId] }],
  });
  t.same(
    listAt(found, 'NetworkAcls').map((acl) => at(acl, 'NetworkAclId')),
    [NetworkAclId],
  );
  t.match(lab.refuse('DeleteNetworkAcl', { NetworkAclId }), {
    code: 'DependencyViolation',
    message: `The networkAcl '${NetworkAclId}' has dependencies and cannot be deleted.`,
  });
  t.match(lab.refuse('ReplaceNetworkAclAssociation', { AssociationId: first, NetworkAclId }), {
    code: 'InvalidAssociationID.NotFound',
    message: `The association ID '${first}' does not exist`,
  });
  const stranger = lab.acl(lab.vpc('10.1.0.0/16'));
  t.match(
    lab.refuse('ReplaceNetworkAclAssociation', { AssociationId: second, NetworkAclId: stranger }),
    {
      code: 'InvalidParameterValue',
      message: `network acl ${stranger} and subnet ${SubnetId} belong to different networks`,
    },
  );
  lab.act('DeleteSubnet', { SubnetId });
  t.equal(lab.refuse('DeleteVpc', { VpcId: vpcId }).code, 'DependencyViolation');
  lab.act('DeleteNetworkAcl', { NetworkAclId });
  const NetworkAclIdOfVpc = defaultAcl(lab, vpcId);
  t.match(lab.refuse('DeleteNetworkAcl', { NetworkAclId: NetworkAclIdOfVpc }), {
    code: 'InvalidParameterValue',
    message: `cannot delete default network ACL ${NetworkAclIdOfVpc}`,
  });
  lab.act('DeleteVpc', { VpcId: vpcId });
});

t.test('[ACL-1] the first IPv6 block brings denials, and allows where nobody wrote', async (t) => {
  const lab = new Lab();
  const VpcId = lab.vpc();
  const byDefault = defaultAcl(lab, VpcId);
  const own = lab.acl(VpcId);
  lab.act('CreateNetworkAclEntry', { NetworkAclId: byDefault, ...HTTPS, RuleNumber: 50 });
  lab.act('AssociateVpcCidrBlock', { VpcId, AmazonProvidedIpv6CidrBlock: true });
  const ofIpv6 = (aclId: string) => entries(lab, aclId).filter((each) => each.includes('::/0'));
  t.same(ofIpv6(byDefault).sort(), [
    'in 32768 deny -1 * ::/0',
    'out 101 allow -1 * ::/0',
    'out 32768 deny -1 * ::/0',
  ]);
  t.same(ofIpv6(own).sort(), ['in 32768 deny -1 * ::/0', 'out 32768 deny -1 * ::/0']);
});

t.test('DescribeNetworkAcls filters by entries', async (t) => {
  const lab = new Lab();
  const VpcId = lab.vpc();
  const byDefault = defaultAcl(lab, VpcId);
  const own = lab.acl(VpcId);
  const ping = { ...HTTPS, RuleNumber: 110, Protocol: '1', IcmpTypeCode: { Type: 8, Code: 0 } };
  lab.act('CreateNetworkAclEntry', { NetworkAclId: own, ...HTTPS });
  lab.act('CreateNetworkAclEntry', { NetworkAclId: own, ...ping });
  const found = (Name: string, value: string): unknown[] =>
    listAt(
      lab.act('DescribeNetworkAcls', { Filters: [{ Name, Values: [value] }] }),
      'NetworkAcls',
    ).map((acl) => at(acl, 'NetworkAclId'));
  const rows = [
    ['entry.port-range.from', '443'],
    ['entry.port-range.to', '443'],
    ['entry.icmp.type', '8'],
    ['entry.icmp.code', '0'],
    ['entry.protocol', '6'],
    ['entry.rule-number', '110'],
    ['default', 'false'],
    ['network-acl-id', own],
  ] as const;
  for (const [name, value] of rows) t.same(found(name, value), [own], name);
  for (const [name, value] of [
    ['entry.cidr', '0.0.0.0/0'],
    ['entry.egress', 'true'],
    ['entry.rule-action', 'deny'],
    ['owner-id', '123456789012'],
  ] as const) {
    t.same(found(name, value), [byDefault, own], name);
  }
  t.same(found('entry.ipv6-cidr', '*'), []);
});
