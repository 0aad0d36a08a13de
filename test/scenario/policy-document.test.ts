/** IAM policy documents, as far as lab files go by them. */
import t from 'tap';
import { readPolicy } from '../../src/scenario/file/policy-document.ts';

const ALLOW = { Effect: 'Allow', Action: 'ec2:Describe*', Resource: '*' };

t.test('readPolicy reads actions', async (t) => {
  const version = { Version: '2012-10-17' };
  t.strictSame(readPolicy(JSON.stringify({ ...version, Statement: ALLOW })), {
    statements: [{ effect: 'Allow', actions: { only: ['ec2:Describe*'] } }],
  });
  const deny = { Sid: 'Two', Effect: 'Deny', NotAction: ['ec2:*', 'sts:*'], Resource: ['*'] };
  t.strictSame(readPolicy(JSON.stringify({ ...version, Statement: [ALLOW, deny] })), {
    statements: [
      { effect: 'Allow', actions: { only: ['ec2:Describe*'] } },
      { effect: 'Deny', actions: { except: ['ec2:*', 'sts:*'] } },
    ],
  });
});

t.test('readPolicy refuses what a lab does not go by', async (t) => {
  const rows: readonly [statement: unknown, found: RegExp][] = [
    [{ ...ALLOW, Condition: {} }, /^Condition in statement 1$/],
    [{ ...ALLOW, Principal: '*' }, /^Principal in/],
    [{ ...ALLOW, Resource: 'arn:aws:ec2:*:*:route-table/*' }, /^a Resource other than "\*"/],
    [[ALLOW, { ...ALLOW, Effect: 'allow' }], /^no such Effect in statement 2$/],
    [{ ...ALLOW, NotAction: '*' }, /^not one list of actions/],
    [{ ...ALLOW, Action: [] }, /^not one list of actions/],
    [{ ...ALLOW, Action: [7] }, /^not one list of actions/],
    ['text', /^no map in statement 1$/],
    [undefined, /^no Statement$/],
  ];
  for (const [Statement, found] of rows) {
    t.match(readPolicy(JSON.stringify({ Statement })), { problem: { found } });
  }
  for (const text of ['', '{', '[]', 'null'])
    t.match(readPolicy(text), { problem: { found: /^no/ } });
});
