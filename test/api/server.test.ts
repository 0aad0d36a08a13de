/** The API over HTTP, in front of a region in memory. */
import type http from 'node:http';
import net from 'node:net';
import t from 'tap';
import type { ActionInput, ActionOutput } from '../../src/actions/action.ts';
import { ApiServer, FIRST_PORT } from '../../src/api/server.ts';
import type { Realm } from '../../src/model/realm.ts';
import { TestWorld } from '../actions/world.ts';
import { type Answer, FORM, request } from './request.ts';

const defects: unknown[] = [];

class FlawedWorld extends TestWorld {
  override async perform(action: string, input: ActionInput, realm?: Realm): Promise<ActionOutput> {
    if (action === 'DescribeTags') throw new Error('secret');
    return super.perform(action, input, realm);
  }
}

const lab = new FlawedWorld();
const server = new ApiServer(lab, (error) => defects.push(error));
const url = await server.listen();
t.teardown(() => server.close());

function send(method: string, path: string, body = '', headers = FORM): Promise<Answer> {
  return request(url, method, path, body, headers);
}

function credential(key: string, scope: string): http.OutgoingHttpHeaders {
  const value = `AWS4-HMAC-SHA256 Credential=${key}/20200501/${scope}/ec2/aws4_request, SignedHeaders=host, Signature=0`;
  return { ...FORM, authorization: value };
}

t.test('ApiServer answers a form, a query string, and both together', async (t) => {
  const made = await send('POST', '/', 'Action=CreateVpc&Version=2016-11-15&CidrBlock=10.0.0.0/16');
  t.equal(made.status, 200);
  t.match(made.body, /<CreateVpcResponse .*<cidrBlock>10\.0\.0\.0\/16<\/cidrBlock>/);
  for (const [method, path, body] of [
    ['GET', '/?Action=DescribeVpcs', ''],
    ['POST', '/?Action=DescribeVpcs', ''],
    ['POST', '/?Version=2016-11-15', 'Action=DescribeVpcs'],
  ] as const) {
    const { status, body: xml } = await send(method, path, body);
    t.match({ status, xml }, { status: 200, xml: /<requestId>[-0-9a-f]{36}<.*<vpcId>vpc-/ });
  }
});

t.test('ApiServer refuses as AWS does', async (t) => {
  const describe = 'Action=DescribeVpcs';
  const rows: [status: number, code: string, answer: Promise<Answer>][] = [
    [400, 'MissingAction', send('GET', '/')],
    [400, 'InvalidAction', send('POST', '/', 'Action=MakeCoffee')],
    [400, 'InvalidVpcID.NotFound', send('POST', '/', 'Action=DeleteVpc&VpcId=vpc-12345678')],
    [412, 'DryRunOperation', send('POST', '/', `${describe}&DryRun=true`)],
    [400, 'UnknownParameter', send('POST', '/', `${describe}&Colour=red`)],
    [400, 'UnknownParameter', send('POST', '/', 'Action=CreateVpc&Ipv4IpamPoolId=x&CidrBlock=y')],
    [405, 'MethodNotAllowed', send('PUT', '/', describe)],
    [404, 'NoSuchPath', send('POST', '/latest', describe)],
    [403, 'AccessDenied', send('POST', '/', describe, { ...FORM, origin: 'https://example.com' })],
    [403, 'AccessDenied', send('GET', `/?${describe}`, '', { 'sec-fetch-site': 'cross-site' })],
    [413, 'RequestEntityTooLarge', send('POST', '/', `${describe}&${'x'.repeat(2 ** 20)}`)],
    [401, 'AuthFailure', send('POST', '/', describe, credential('AKIA', 'xx-moon-1'))],
    [
      401,
      'AuthFailure',
      send('GET', `/?${describe}&X-Amz-Credential=A/1/xx-moon-1/ec2/aws4_request`),
    ],
    [404, 'NoSuchPath', send('GET', '/_vpclab/reset')],
    [500, 'InternalError', send('POST', '/', 'Action=DescribeTags')],
  ];
  for (const [status, code, pending] of rows) {
    const answer = await pending;
    t.equal(answer.status, status, answer.body);
    t.match(answer.body, `<Response><Errors><Error><Code>${code}</Code>`);
    t.match(answer.body, /<RequestID>[-0-9a-f]{36}<\/RequestID><\/Response>$/);
    t.notMatch(answer.body, /secret/);
  }
  t.match(defects, [{ message: 'secret' }], 'a defect is reported once');
  for (const key of ['AKIA', '123456789012']) {
    t.equal((await send('POST', '/', describe, credential(key, 'us-east-1'))).status, 200, key);
  }
});

t.test('ApiServer takes the region from the signature, and the account from its key', async (t) => {
  const make = 'Action=CreateVpc&CidrBlock=10.77.0.0/16';
  const describe = 'Action=DescribeVpcs';
  t.equal((await send('POST', '/', make, credential('AKIA', 'eu-west-1'))).status, 200);
  const seen = async (key: string, region: string): Promise<boolean> =>
    (await send('POST', '/', describe, credential(key, region))).body.includes('10.77.0.0/16');
  t.ok(await seen('123456789012', 'eu-west-1'));
  t.notOk(await seen('123456789012', 'us-east-1'), 'another region');
  t.notOk(await seen('999999999999', 'eu-west-1'), 'another account');
  const asked = 'Action=GetCallerIdentity&Version=2011-06-15';
  const identity = await send('POST', '/', asked, credential('999999999999', 'us-east-1'));
  t.match(identity.body, '<Account>999999999999</Account>');
});

t.test('POST /_vpclab/reset puts all accounts and regions back to defaults', async (t) => {
  await send('POST', '/', 'Action=CreateVpc&CidrBlock=10.78.0.0/16');
  t.match(await send('POST', '/_vpclab/reset'), { status: 200, body: '{"status":"ok"}' });
  const { body } = await send('POST', '/', 'Action=DescribeVpcs');
  t.equal(body.split('<vpcId>').length, 2, 'the default VPC alone');
});

t.test('ApiServer outlives clients that talk garbage or go away', async (t) => {
  const texts = [
    '\0\0\0',
    'GET',
    'POST / HTTP/1.1\r\ncontent-length: 9\r\n\r\nAc',
    'x'.repeat(99_999),
  ];
  const before = defects.length;
  const clients = texts.map(
    (garbage) =>
      new Promise<void>((resolve) => {
        const socket = net.connect(Number(new URL(url).port), '127.0.0.1', () =>
          socket.end(garbage),
        );
        socket.on('error', () => undefined);
        socket.on('close', () => resolve());
        socket.resume();
      }),
  );
  await Promise.all(clients);
  t.equal((await send('GET', '/?Action=DescribeVpcs')).status, 200);
  t.equal(defects.length, before, 'which is no defect of the lab');
});

t.test('ApiServer takes the next free port, on the loopback interface only', async (t) => {
  const second = new ApiServer(lab, () => undefined);
  const other = await second.listen();
  t.not(other, url);
  t.match(other, /^http:\/\/127\.0\.0\.1:\d+$/);
  t.ok(Number(new URL(other).port) > FIRST_PORT);
  second.close();
  // Another lab may have the port by now.
  const answer = await fetch(`${other}/?Action=DescribeVpcs`).then(
    (response) => response.text(),
    () => 'nobody',
  );
  t.notMatch(answer, [...lab.snapshot.vpcs.keys()][0] ?? 'no VPC', 'closed');
});
