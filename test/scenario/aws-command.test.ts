/** EC2 actions in the spelling of the AWS CLI, as its manual writes them. */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import type { ActionDefinition } from '../../src/actions/action.ts';
import { toKebab } from '../../src/actions/cli-name.ts';
import { OTHER_SERVICE_ACTIONS } from '../../src/actions/other-services/table.ts';
import { ACTIONS, API_ACTIONS } from '../../src/actions/table.ts';
import { parseAwsCommand } from '../../src/scenario/file/aws-command.ts';
import { loadLab } from '../../src/scenario/file/load.ts';
import { splitWords } from '../../src/scenario/file/shell-words.ts';
import { parseShorthand } from '../../src/scenario/file/shorthand.ts';
import { awsLine } from '../../src/scenario/plan/aws-lines.ts';
import { planLab } from '../../src/scenario/plan/plan.ts';
import { LOAD } from './describing.ts';

t.test('toKebab spells names as the AWS CLI does', (t) => {
  const rows = [
    ['ReplaceRoute', 'replace-route'],
    ['DescribeVpcs', 'describe-vpcs'],
    ['AssignIpv6Addresses', 'assign-ipv6-addresses'],
    ['DestinationIpv6CidrBlock', 'destination-ipv6-cidr-block'],
    ['VpcId', 'vpc-id'],
    ['PrivateIpAddresses', 'private-ip-addresses'],
  ] as const;
  for (const [name, wanted] of rows) t.equal(toKebab(name), wanted);
  t.end();
});

const ACCEPTED: readonly (readonly [command: string, action: string, input: object])[] = [
  [
    'ec2 replace-route --route-table-id rtb-1 --destination-cidr-block 192.0.2.10/32 --network-interface-id $r2.eth0',
    'ReplaceRoute',
    {
      RouteTableId: 'rtb-1',
      DestinationCidrBlock: '192.0.2.10/32',
      NetworkInterfaceId: '$r2.eth0',
    },
  ],
  [
    'aws ec2 delete-vpc --vpc-id=vpc-1 --region us-east-1 --no-cli-pager',
    'DeleteVpc',
    { VpcId: 'vpc-1' },
  ],
  [
    `ec2 run-instances --image-id ami-1 --count 1 --user-data '#!/bin/sh' --iam-instance-profile Name=web`,
    'RunInstances',
    {
      ImageId: 'ami-1',
      MinCount: 1,
      MaxCount: 1,
      UserData: 'IyEvYmluL3No',
      IamInstanceProfile: { Name: 'web' },
    },
  ],
  [
    `ec2 import-key-pair --key-name k --public-key-material 'ssh-rsa A'`,
    'ImportKeyPair',
    { KeyName: 'k', PublicKeyMaterial: 'c3NoLXJzYSBB' },
  ],
  ['ec2 delete-vpc --vpc-id vpc-1 --dry-run', 'DeleteVpc', { VpcId: 'vpc-1', DryRun: true }],
  ['ec2 delete-vpc --vpc-id vpc-1 --no-dry-run', 'DeleteVpc', { VpcId: 'vpc-1', DryRun: false }],
  [
    'ec2 modify-network-interface-attribute --network-interface-id eni-1 --no-source-dest-check',
    'ModifyNetworkInterfaceAttribute',
    { NetworkInterfaceId: 'eni-1', SourceDestCheck: { Value: false } },
  ],
  [
    'ec2 modify-network-interface-attribute --network-interface-id eni-1 --source-dest-check',
    'ModifyNetworkInterfaceAttribute',
    { NetworkInterfaceId: 'eni-1', SourceDestCheck: { Value: true } },
  ],
  [
    'ec2 modify-vpc-attribute --vpc-id vpc-1 --enable-dns-hostnames Value=true',
    'ModifyVpcAttribute',
    { VpcId: 'vpc-1', EnableDnsHostnames: { Value: true } },
  ],
  [
    `ec2 modify-vpc-attribute --vpc-id vpc-1 --enable-dns-hostnames '{"Value": false}'`,
    'ModifyVpcAttribute',
    { VpcId: 'vpc-1', EnableDnsHostnames: { Value: false } },
  ],
  [
    'ec2 assign-private-ip-addresses --network-interface-id eni-1 --private-ip-addresses 10.0.1.5 10.0.1.6 --allow-reassignment',
    'AssignPrivateIpAddresses',
    {
      NetworkInterfaceId: 'eni-1',
      PrivateIpAddresses: ['10.0.1.5', '10.0.1.6'],
      AllowReassignment: true,
    },
  ],
  [
    `ec2 terminate-instances --instance-ids '["i-1","i-2"]'`,
    'TerminateInstances',
    { InstanceIds: ['i-1', 'i-2'] },
  ],
  [
    'ec2 attach-network-interface --network-interface-id eni-1 --instance-id i-1 --device-index 1',
    'AttachNetworkInterface',
    { NetworkInterfaceId: 'eni-1', InstanceId: 'i-1', DeviceIndex: 1 },
  ],
  [
    'ec2 create-tags --resources eni-1 --tags Key=Name,Value=r1 Key=Role,Value="a b"',
    'CreateTags',
    {
      Resources: ['eni-1'],
      Tags: [
        { Key: 'Name', Value: 'r1' },
        { Key: 'Role', Value: 'a b' },
      ],
    },
  ],
  [
    `ec2 create-vpc --cidr-block 10.0.0.0/16 --tag-specifications 'ResourceType=vpc,Tags=[{Key=Name,Value=main}]'`,
    'CreateVpc',
    {
      CidrBlock: '10.0.0.0/16',
      TagSpecifications: [{ ResourceType: 'vpc', Tags: [{ Key: 'Name', Value: 'main' }] }],
    },
  ],
  [
    'ec2 create-dhcp-options --dhcp-configurations Key=domain-name-servers,Values=10.2.5.1,10.2.5.2 Key=domain-name,Values=a.test',
    'CreateDhcpOptions',
    {
      DhcpConfigurations: [
        { Key: 'domain-name-servers', Values: ['10.2.5.1', '10.2.5.2'] },
        { Key: 'domain-name', Values: ['a.test'] },
      ],
    },
  ],
  [
    'ec2 run-instances --image-id ami-1 --count 2 --network-interfaces DeviceIndex=0,SubnetId=subnet-1,DeleteOnTermination=false',
    'RunInstances',
    {
      ImageId: 'ami-1',
      MinCount: 2,
      MaxCount: 2,
      NetworkInterfaces: [{ DeviceIndex: 0, SubnetId: 'subnet-1', DeleteOnTermination: false }],
    },
  ],
  [
    'ec2 revoke-security-group-ingress --group-id $web --protocol tcp --port 80 --cidr 0.0.0.0/0',
    'RevokeSecurityGroupIngress',
    {
      GroupId: '$web',
      IpPermissions: [
        { IpProtocol: 'tcp', FromPort: 80, ToPort: 80, IpRanges: [{ CidrIp: '0.0.0.0/0' }] },
      ],
    },
  ],
  [
    'ec2 authorize-security-group-ingress --group-id sg-1 --protocol all --source-group $db --group-owner 123456789012',
    'AuthorizeSecurityGroupIngress',
    {
      GroupId: 'sg-1',
      IpPermissions: [
        { IpProtocol: '-1', UserIdGroupPairs: [{ GroupId: '$db', UserId: '123456789012' }] },
      ],
    },
  ],
  [
    'ec2 authorize-security-group-egress --group-id sg-1 --protocol icmp --port 8--1 --cidr 10.0.0.0/8',
    'AuthorizeSecurityGroupEgress',
    {
      GroupId: 'sg-1',
      IpPermissions: [
        { IpProtocol: 'icmp', FromPort: 8, ToPort: -1, IpRanges: [{ CidrIp: '10.0.0.0/8' }] },
      ],
    },
  ],
  [
    'ec2 revoke-security-group-egress --group-id sg-1 --protocol tcp --port 1024-65535 --source-group web',
    'RevokeSecurityGroupEgress',
    {
      GroupId: 'sg-1',
      IpPermissions: [
        {
          IpProtocol: 'tcp',
          FromPort: 1024,
          ToPort: 65_535,
          UserIdGroupPairs: [{ GroupName: 'web' }],
        },
      ],
    },
  ],
  [
    'ec2 authorize-security-group-ingress --group-id sg-1 --ip-permissions IpProtocol=tcp,FromPort=22,ToPort=22,IpRanges=[{CidrIp=203.0.113.0/24}],UserIdGroupPairs=[{GroupId=$db}]',
    'AuthorizeSecurityGroupIngress',
    {
      GroupId: 'sg-1',
      IpPermissions: [
        {
          IpProtocol: 'tcp',
          FromPort: 22,
          ToPort: 22,
          IpRanges: [{ CidrIp: '203.0.113.0/24' }],
          UserIdGroupPairs: [{ GroupId: '$db' }],
        },
      ],
    },
  ],
  [
    'ec2 create-network-acl-entry --network-acl-id $clients --ingress --rule-number 90 --protocol tcp --port-range From=80,To=80 --cidr-block 10.0.0.0/8 --rule-action deny',
    'CreateNetworkAclEntry',
    {
      NetworkAclId: '$clients',
      Egress: false,
      RuleNumber: 90,
      Protocol: '6',
      PortRange: { From: 80, To: 80 },
      CidrBlock: '10.0.0.0/8',
      RuleAction: 'deny',
    },
  ],
  [
    'ec2 replace-network-acl-entry --network-acl-id acl-1 --egress --rule-number 90 --protocol 89 --cidr-block 10.0.0.0/8 --rule-action allow',
    'ReplaceNetworkAclEntry',
    {
      NetworkAclId: 'acl-1',
      Egress: true,
      RuleNumber: 90,
      Protocol: '89',
      CidrBlock: '10.0.0.0/8',
      RuleAction: 'allow',
    },
  ],
  [
    'ec2 run-instances --image-id ami-1 --count 1:3 --subnet-id subnet-1',
    'RunInstances',
    { ImageId: 'ami-1', MinCount: 1, MaxCount: 3, SubnetId: 'subnet-1' },
  ],
  [
    'ec2 describe-vpcs --filters Name=vpc-id,Values=vpc-1 Name=state,Values=available,pending',
    'DescribeVpcs',
    {
      Filters: [
        { Name: 'vpc-id', Values: ['vpc-1'] },
        { Name: 'state', Values: ['available', 'pending'] },
      ],
    },
  ],
];

t.test('parseAwsCommand reads what the AWS CLI takes', (t) => {
  for (const [command, action, input] of ACCEPTED) {
    const read = parseAwsCommand(command, ACTIONS);
    t.strictSame([read.action, read.input], [action, input], command);
  }
  t.end();
});

const REFUSED: readonly (readonly [command: string, message: string])[] = [
  ['s3 ls', 'Cannot read "s3 ls": found service "s3", wanted "ec2"'],
  [
    'ec2 replace-rout',
    'Cannot do "ec2 replace-rout": found an unknown action, wanted "replace-route"',
  ],
  [
    'ec2 delete-vpc --vpcid x',
    'Cannot read "--vpcid": found an unknown option of delete-vpc, wanted "--vpc-id"',
  ],
  ['ec2 delete-vpc x', 'Cannot read "x": found it without an option, wanted --NAME before it'],
  ['ec2 delete-vpc --vpc-id', 'Cannot read "--vpc-id": found nothing, wanted one value'],
  ['ec2 delete-vpc', 'Cannot do "ec2 delete-vpc": found too few options, wanted --vpc-id'],
  [
    'ec2 delete-vpc --vpc-id x --dry-run maybe',
    'Cannot read "--dry-run": found "maybe", wanted true or false',
  ],
  [
    'ec2 delete-vpc --vpc-id x --no-dry-run y',
    'Cannot read "--no-dry-run": found "y", wanted no value',
  ],
  [
    'ec2 attach-network-interface --device-index one',
    'Cannot read "--device-index": found "one", wanted a whole number',
  ],
  [
    'ec2 create-tags --resources x --tags Kee=Name',
    'Cannot read "--tags": found unknown member "Kee", wanted "Key"',
  ],
  [
    'ec2 create-tags --resources x --tags Name',
    'Cannot read "--tags": found "Name", wanted JSON or shorthand such as Key=Name,Value=r1',
  ],
  ['ec2 create-tags --tags "[{]"', 'Cannot read "--tags": found "[{]", wanted valid JSON'],
  ['ec2 run-instances --count x', 'Cannot read "--count": found "x", wanted a number or MIN:MAX'],
  [
    'ec2 authorize-security-group-ingress --group-id sg-1 --protocol tpc',
    'Cannot read "--protocol": found "tpc", wanted tcp, udp, icmp, all or a protocol number',
  ],
  [
    'ec2 authorize-security-group-ingress --group-id sg-1 --port 80:81',
    'Cannot read "--port": found "80:81", wanted a port, a range such as 22-25, or all',
  ],
  [
    'ec2 authorize-security-group-ingress --cidr 10.0.0.0/8 --ip-permissions IpProtocol=tcp',
    'Cannot read "--cidr": found "--ip-permissions", wanted one of the two',
  ],
  [
    'ec2 delete-network-acl-entry --network-acl-id acl-1 --rule-number 1 --no-egress',
    'Cannot read "--no-egress": found an unknown option of delete-network-acl-entry, wanted "--egress"',
  ],
  ['ec2 create-vpc "', 'Cannot read "ec2 create-vpc "": found an open quote, wanted its end'],
];

t.test('parseAwsCommand says what is wrong and names the nearest', (t) => {
  for (const [command, message] of REFUSED) {
    t.throws(
      () => parseAwsCommand(command, ACTIONS),
      { name: 'AwsCommandError', message },
      command,
    );
  }
  t.end();
});

t.test('parseAwsCommand reads every action by its own spelling', (t) => {
  for (const definition of ACTIONS.values() as Iterable<ActionDefinition>) {
    const options = definition.required.map((name) => {
      const type = definition.parameters[name];
      const isStructures = Array.isArray(type) && typeof type[0] === 'object';
      if (type === 'boolean') return `--${toKebab(name)}`;
      const isStructure = !Array.isArray(type) && typeof type === 'object';
      const text = type === 'integer' ? '1' : 'x';
      const value = isStructures ? '[]' : isStructure ? '{}' : text;
      return `--${toKebab(name)} ${value}`;
    });
    const command = `ec2 ${toKebab(definition.name)} ${options.join(' ')}`;
    t.equal(parseAwsCommand(command, ACTIONS).action, definition.name, command);
  }
  t.end();
});

t.test('splitWords splits as a shell does', (t) => {
  const rows: [string, string[] | null][] = [
    ['', []],
    ['  a  b ', ['a', 'b']],
    [`a'b c'"d \\" e"f`, ['ab cd " ef']],
    [`'' ""`, ['', '']],
    ['a\\ b \\\n c', ['a b', 'c']],
    [`"\\n"`, ['\\n']],
    [`'open`, null],
    ['"open', null],
  ];
  for (const [text, words] of rows) t.strictSame(splitWords(text), words, text);
  t.end();
});

t.test('parseShorthand reads maps, lists and quotes', (t) => {
  const rows: [string, unknown][] = [
    ['a=1', { a: '1' }],
    ['a=1,b=x,y,c=z', { a: '1', b: ['x', 'y'], c: 'z' }],
    ['a=[1,2],b={c=d,e=[f]}', { a: ['1', '2'], b: { c: 'd', e: ['f'] } }],
    ['a="x,y=z",b=\'q\'', { a: 'x,y=z', b: 'q' }],
    ['a=', { a: '' }],
    ['a=[]', { a: [] }],
    ['a', null],
    ['a=[1', null],
    ['a={b=c', null],
    ['a="x', null],
    ['=x', null],
  ];
  for (const [text, value] of rows) t.strictSame(parseShorthand(text), value, text);
  t.end();
});

t.test('parseAwsCommand reads the region', (t) => {
  const regionOf = (options: string) =>
    parseAwsCommand(`ec2 delete-vpc ${options}`, ACTIONS).region;
  t.equal(regionOf('--vpc-id vpc-1'), null);
  t.equal(regionOf('--region eu-west-1 --vpc-id vpc-1'), 'eu-west-1');
  t.equal(regionOf('--vpc-id vpc-1 --region=ap-south-1'), 'ap-south-1');
  t.throws(() => regionOf('--vpc-id vpc-1 --region eu-west-9'), {
    message: 'Cannot ask "eu-west-9": found an unknown region, wanted "eu-west-1"',
  });
  t.throws(() => regionOf('--vpc-id vpc-1 --region'), { message: /found an unknown region/ });
  t.end();
});

t.test('awsLine is read back as it was meant', (t) => {
  const scenarios = path.resolve(import.meta.dirname, '../../scenarios');
  for (const scenario of fs.readdirSync(scenarios)) {
    const folder = path.join(scenarios, scenario);
    const lab = loadLab(fs.readFileSync(path.join(folder, 'lab.vpclab.yml'), 'utf8'), {
      ...LOAD,
      folder,
    });
    for (const { action, input } of planLab(lab, null, (name) => `ami-${name}`)) {
      const line = awsLine({ action, input }, API_ACTIONS, 'eu-west-1');
      if (line === null) t.ok(OTHER_SERVICE_ACTIONS.has(action), action);
      else t.strictSame(parseAwsCommand(line, API_ACTIONS), { action, input, region: 'eu-west-1' });
    }
  }
  const rows: [action: string, input: object, line: string][] = [
    [
      'ModifyVpcAttribute',
      { VpcId: '${vpc:main}', EnableDnsSupport: { Value: false } },
      "aws ec2 modify-vpc-attribute --vpc-id '${vpc:main}' --no-enable-dns-support",
    ],
    [
      'CreateSecurityGroup',
      { GroupName: 'web', Description: "it's a group" },
      "aws ec2 create-security-group --group-name web --description 'it'\\''s a group'",
    ],
    [
      'UnassignPrivateIpAddresses',
      { NetworkInterfaceId: 'eni-1', PrivateIpAddresses: ['10.0.0.4', '10.0.0.5'] },
      'aws ec2 unassign-private-ip-addresses --network-interface-id eni-1 --private-ip-addresses 10.0.0.4 10.0.0.5',
    ],
    [
      'RunInstances',
      { ImageId: 'ami-1', MinCount: 1, MaxCount: 3 },
      'aws ec2 run-instances --image-id ami-1 --count 1:3',
    ],
  ];
  for (const [action, input, line] of rows) {
    t.equal(awsLine({ action, input: { ...input } }, ACTIONS, null), line);
    t.strictSame(parseAwsCommand(line, ACTIONS).input, input);
  }
  t.end();
});
