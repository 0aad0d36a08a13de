/** Who asks: roles of instances by their credentials, and what others are told by which service. */
import type http from 'node:http';
import type net from 'node:net';
import t, { type Test } from 'tap';
import { ApiServer } from '../../src/api/server.ts';
import { RoleCredentials } from '../../src/services/role-credentials.ts';
import { ABROAD, OTHER, TestWorld } from '../actions/world.ts';
import { Boto3, type Keys, whyNoBoto3 } from './boto3.ts';
import { request } from './request.ts';

const SESSION = {
  ...{ accountId: OTHER, roleName: 'ha' },
  instanceId: 'i-0123456789abcdef0',
} as const;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const NOBODY: Keys = { accessKeyId: 'ASIANOBODY', secretAccessKey: 'x', token: 'y' };
/** How far the clock of the server is ahead of that of the clients. */
let aheadMs = 0;
const nowMs = (): number => Date.now() + aheadMs;
const credentials = new RoleCredentials(new Uint8Array(32).fill(5), nowMs);

class GuardedWorld extends TestWorld {
  override findKey(accessKeyId: string, token: string) {
    return credentials.find(accessKeyId, token);
  }
}

const defects: unknown[] = [];
const server = new ApiServer(new GuardedWorld(), (error) => defects.push(error), nowMs);
const outside = await server.listen();
const guests = server.guestServer(null);
await new Promise<void>((resolve) => {
  guests.listen(0, '127.0.0.1', resolve);
});
const inside = `http://127.0.0.1:${(guests.address() as net.AddressInfo).port}`;
t.teardown(() => {
  server.close();
  guests.close();
  guests.closeAllConnections();
});

/** What is asked of each service. */
const METHODS = {
  ec2: 'describe_vpcs',
  sts: 'get_caller_identity',
  elbv2: 'describe_load_balancers',
} as const;

interface Question {
  readonly url: string;
  readonly service: keyof typeof METHODS;
  readonly keys: Keys;
  readonly region?: string;
}

async function ask({ url, service, keys, region = 'us-east-1' }: Question) {
  const boto3 = new Boto3(url, region, { service, keys });
  const outcome = await boto3.ask(METHODS[service]);
  await boto3.close();
  return outcome;
}

async function testAnswers(t: Test): Promise<void> {
  const keys = credentials.issue(SESSION);
  for (const [door, url] of Object.entries({ inside, outside })) {
    const identity = await ask({ url, service: 'sts', keys });
    t.match(
      identity.answer,
      {
        Arn: `arn:aws:sts::${OTHER}:assumed-role/ha/i-0123456789abcdef0`,
        UserId: /^AROA[A-Z2-7]{17}:i-0123456789abcdef0$/,
        Account: OTHER,
      },
      door,
    );
    const { answer } = await ask({ url, service: 'ec2', keys, region: ABROAD.region });
    t.match(answer, { Vpcs: [{ OwnerId: OTHER }] }, `${door}, in the account of the session`);
    const balancers = await ask({ url, service: 'elbv2', keys });
    t.match(balancers.answer, { LoadBalancers: [] }, `${door}, Elastic Load Balancing`);
  }
  const root = await ask({ url: outside, service: 'sts', keys: NOBODY });
  t.match(root.answer, { Arn: 'arn:aws:iam::123456789012:root' }, 'anybody else outside');
}

async function testRefusals(t: Test): Promise<void> {
  const issued = credentials.issue(SESSION);
  const wrong = { ...issued, secretAccessKey: 'wrong' };
  const rows: readonly [
    what: string,
    keys: Keys,
    aheadMs: number,
    ec2: readonly [code: string, status: number],
    sts: readonly [code: string, status: number, message: RegExp],
  ][] = [
    ['another secret', wrong, 0, ['AuthFailure', 401], ['SignatureDoesNotMatch', 403, /does not/]],
    [
      ...(['a clock that is behind', issued, 16 * MINUTE_MS] as const),
      ['RequestExpired', 400],
      ['SignatureDoesNotMatch', 403, /^Signature expired: \d{8}T\d{6}Z is now earlier than/],
    ],
    [
      ...(['a clock that is ahead', issued, -16 * MINUTE_MS] as const),
      ['RequestExpired', 400],
      ['SignatureDoesNotMatch', 403, /^Signature not yet current: .* \+ 15 min\.\)$/],
    ],
  ];
  for (const [what, keys, ms, [code, status], [stsCode, stsStatus, message]] of rows) {
    for (const [door, url] of Object.entries({ inside, outside })) {
      aheadMs = ms;
      t.match(await ask({ url, service: 'ec2', keys }), { code, status }, `${what}, ${door}`);
      const told = await ask({ url, service: 'sts', keys });
      t.match(told, { code: stsCode, status: stsStatus, message }, `${what}, STS, ${door}`);
      const balancing = await ask({ url, service: 'elbv2', keys });
      t.match(balancing, { code: stsCode, status: stsStatus, message }, `${what}, ELB, ${door}`);
      aheadMs = 0;
    }
  }
}

async function testExpiry(t: Test): Promise<void> {
  aheadMs = -7 * HOUR_MS;
  const keys = credentials.issue(SESSION);
  aheadMs = 0;
  const expired = { code: 'RequestExpired', status: 400, message: 'Request has expired.' };
  t.match(await ask({ url: inside, service: 'ec2', keys }), expired);
  const told = { code: 'ExpiredToken', status: 403 };
  t.match(await ask({ url: inside, service: 'sts', keys }), told);
}

async function testStrangers(t: Test): Promise<void> {
  const other = credentials.issue({ ...SESSION, roleName: 'other' });
  const mixed = { ...credentials.issue(SESSION), token: other.token };
  for (const keys of [NOBODY, mixed]) {
    const told = await ask({ url: inside, service: 'ec2', keys });
    t.match(told, { code: 'AuthFailure', status: 401 });
    const sts = await ask({ url: inside, service: 'sts', keys });
    t.match(sts, { code: 'InvalidClientTokenId', status: 403 });
  }
}

/** As EC2 and STS write them, on the wire. */
async function testUnsigned(t: Test): Promise<void> {
  const send = (query: string, headers: http.OutgoingHttpHeaders = {}) =>
    request(inside, 'GET', `/?${query}`, '', headers);
  const ec2 = await send('Action=DescribeVpcs');
  t.match(ec2, { status: 400, body: /<Code>MissingParameter<.*AWSAccessKeyId/ });
  const identity = 'Action=GetCallerIdentity&Version=2011-06-15';
  const sts = await send(identity);
  t.match(sts, {
    status: 403,
    body: /^<ErrorResponse xmlns="https:\/\/sts\.amazonaws\.com\/doc\/2011-06-15\/"><Error><Type>Sender<\/Type><Code>MissingAuthenticationToken</,
  });
  const { accessKeyId, token } = credentials.issue(SESSION);
  const scope = `${accessKeyId}/20260101/us-east-1/sts/aws4_request`;
  const half = {
    authorization: `AWS4-HMAC-SHA256 Credential=${scope}`,
    'x-amz-security-token': token,
  };
  t.match(await send(identity, half), { status: 400, body: /<Code>IncompleteSignature</ });
  const balancers = 'Action=DescribeLoadBalancers&Version=2015-12-01';
  t.match(await send(balancers, half), { status: 400, body: /<Code>IncompleteSignature</ });
  t.match(await send('Action=DescribeVpcs', half), { status: 401, body: /<Code>AuthFailure</ });
}

async function testUrls(t: Test): Promise<void> {
  const boto3 = new Boto3(inside, 'us-east-1', {
    service: 'sts',
    keys: credentials.issue(SESSION),
  });
  const url = await boto3.presign('get_caller_identity');
  await boto3.close();
  t.match(await (await fetch(url)).text(), /assumed-role\/ha\/i-0123456789abcdef0</);
  aheadMs = 59 * MINUTE_MS;
  t.equal((await fetch(url)).status, 200, 'as long as it says');
  aheadMs = 61 * MINUTE_MS;
  const late = await fetch(url);
  aheadMs = 0;
  t.equal(late.status, 403);
  const other = await fetch(url.replace('us-east-1', 'eu-west-1'));
  t.match(await other.text(), /SignatureDoesNotMatch/);
}

t.test('a server for guests refuses what is not signed', testUnsigned);
const skip = whyNoBoto3() ?? false;
t.test('servers know roles by their credentials, inside and outside', { skip }, testAnswers);
t.test('servers refuse roles that sign badly, inside and outside', { skip }, testRefusals);
t.test('servers refuse credentials that have expired', { skip }, testExpiry);
t.test('a server for guests refuses credentials that are not of the lab', { skip }, testStrangers);
t.test('servers take URLs that a role has signed', { skip }, testUrls);
t.test('no request was a defect', async (t) => t.same(defects, []));
