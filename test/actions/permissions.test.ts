/** What roles may do, and what they are told when they may not. */
import t from 'tap';
import { authorize } from '../../src/actions/other-services/permissions.ts';
import type { InstanceId } from '../../src/model/ids.ts';
import type { RoleSession } from '../../src/model/roles.ts';
import { IMAGE, Lab, listAt, textAt } from './lab.ts';

/** A lab with an instance that has a role. @returns how it asks. */
function labWith(roleName: string, statements: readonly object[] | null) {
  const lab = new Lab();
  lab.act('CreateVpc', { CidrBlock: '10.0.0.0/16' });
  const vpcId = [...lab.snapshot.vpcs.keys()].at(-1);
  const subnet = lab.act('CreateSubnet', { VpcId: vpcId, CidrBlock: '10.0.1.0/24' });
  if (statements !== null) lab.act('PutRole', { RoleName: roleName, Statements: statements });
  const run = lab.act('RunInstances', {
    ...{ ImageId: IMAGE, MinCount: 1, MaxCount: 1 },
    SubnetId: textAt(subnet, 'Subnet', 'SubnetId'),
    IamInstanceProfile: { Name: roleName },
  });
  const instanceId = textAt(run, 'Instances', 0, 'InstanceId') as InstanceId;
  const { accountId } = lab.snapshot;
  const session: RoleSession = { accountId, roleName, instanceId };
  const told = (action: string): string => {
    try {
      authorize(lab.snapshot, session, action);
      return 'allowed';
    } catch (error) {
      return (error as Error).message;
    }
  };
  return { lab, session, told };
}

t.test('authorize: a deny wins, and what nothing allows is denied', async (t) => {
  const rows: readonly [statements: readonly object[], action: string, isAllowed: boolean][] = [
    [[{ Effect: 'Allow', Action: ['*'] }], 'ReplaceRoute', true],
    [[{ Effect: 'Allow', Action: ['ec2:*'] }], 'ReplaceRoute', true],
    [[{ Effect: 'Allow', Action: ['EC2:replaceroute'] }], 'ReplaceRoute', true],
    [[{ Effect: 'Allow', Action: ['ec2:Replace?oute'] }], 'ReplaceRoute', true],
    [[{ Effect: 'Allow', Action: ['ec2:Describe*', 'sts:*'] }], 'ReplaceRoute', false],
    [[{ Effect: 'Allow', Action: ['ec2:Replace'] }], 'ReplaceRoute', false],
    [[{ Effect: 'Allow', NotAction: ['ec2:Describe*'] }], 'ReplaceRoute', true],
    [[{ Effect: 'Allow', NotAction: ['ec2:Describe*'] }], 'DescribeVpcs', false],
    [[], 'DescribeVpcs', false],
    [
      [
        { Effect: 'Deny', Action: ['ec2:ReplaceRoute'] },
        { Effect: 'Allow', Action: ['*'] },
      ],
      'ReplaceRoute',
      false,
    ],
    [[{ Effect: 'Deny', NotAction: ['ec2:ReplaceRoute'] }], 'ReplaceRoute', false],
  ];
  for (const [statements, action, isAllowed] of rows) {
    const { told } = labWith('ha', statements);
    t.equal(told(action) === 'allowed', isAllowed, `${action} by ${JSON.stringify(statements)}`);
  }
});

t.test('authorize says who may not do what, and why', async (t) => {
  const { lab, told, session } = labWith('ha', [
    { Effect: 'Allow', Action: ['ec2:Describe*'] },
    { Effect: 'Deny', Action: ['ec2:RunInstances'] },
  ]);
  const user = `User: arn:aws:sts::${lab.snapshot.accountId}:assumed-role/ha/${session.instanceId}`;
  t.equal(
    told('ReplaceRoute'),
    `You are not authorized to perform this operation. ${user} is not authorized to perform: ec2:ReplaceRoute because no identity-based policy allows the ec2:ReplaceRoute action`,
  );
  t.match(
    told('RunInstances'),
    /ec2:RunInstances with an explicit deny in an identity-based policy$/,
  );
  lab.act('PutRole', { RoleName: 'ha', Statements: [{ Effect: 'Allow', Action: ['*'] }] });
  t.equal(told('ReplaceRoute'), 'allowed', 'as the role is now');
});

t.test(
  'authorize: a role that nobody has put may do everything, while its instance has it',
  async (t) => {
    const { lab, told, session } = labWith('unknown', null);
    t.equal(told('ReplaceRoute'), 'allowed');
    const [association] = listAt(
      lab.act('DescribeIamInstanceProfileAssociations', {}),
      'IamInstanceProfileAssociations',
    );
    const AssociationId = textAt(association, 'AssociationId');
    lab.act('ReplaceIamInstanceProfileAssociation', {
      AssociationId,
      IamInstanceProfile: { Name: 'another' },
    });
    t.match(told('ReplaceRoute'), /because no identity-based policy/);
    const identity: RoleSession = { ...session, roleName: 'aws:ec2-instance' };
    t.throws(() => authorize(lab.snapshot, identity, 'DescribeVpcs'), {
      code: 'UnauthorizedOperation',
      status: 403,
    });
  },
);

t.test('PutRole and DeleteRole', async (t) => {
  const lab = new Lab();
  const both = { Effect: 'Allow', Action: ['*'], NotAction: ['*'] };
  const refused = lab.refuse('PutRole', { RoleName: 'ha', Statements: [both] });
  t.match(refused, { code: 'MalformedPolicyDocument' });
  t.match(lab.refuse('DeleteRole', { RoleName: 'ha' }), { code: 'NoSuchEntity', status: 404 });
  lab.act('PutRole', { RoleName: 'ha' });
  t.equal(lab.snapshot.roles.size, 1);
  lab.act('DeleteRole', { RoleName: 'ha' });
  t.equal(lab.snapshot.roles.size, 0);
});
