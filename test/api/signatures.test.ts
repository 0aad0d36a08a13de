/** Signatures: what real clients sign is verified, and refused when a part of it is another. */
import http from 'node:http';
import type net from 'node:net';
import * as sdk from '@aws-sdk/client-ec2';
import t, { type Test } from 'tap';
import { credentialOf } from '../../src/api/credential.ts';
import { type QueryRequest, readRequest } from '../../src/api/parameters.ts';
import { isSignedBy, type Secret, signedTime } from '../../src/api/signature.ts';
import { RoleCredentials } from '../../src/services/role-credentials.ts';
import { Boto3, whyNoBoto3 } from './boto3.ts';

const SESSION = {
  ...{ accountId: '210987654321', roleName: 'ha' },
  instanceId: 'i-0123456789abcdef0',
} as const;
const keys = new RoleCredentials(new Uint8Array(32).fill(3), Date.now).issue(SESSION);
/** What needs escaping, a parameter that is there twice, and one that is empty. */
const FILTERS = [
  { Name: 'tag:Name', Values: ['a b+c/d=ä*~', ''] },
  { Name: 'vpc-id', Values: ['vpc-1', 'vpc-2'] },
];

/** Takes one request after another, and says nothing to them. */
class Recorder {
  readonly #server = http.createServer((request, response) => {
    void readRequest(request).then((read) => {
      this.last = read;
      response.writeHead(200).end('<Answer><GetCallerIdentityResult/></Answer>');
    });
  });
  last: QueryRequest | null = null;

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => {
      this.#server.listen(0, '127.0.0.1', resolve);
    });
    return `http://127.0.0.1:${(this.#server.address() as net.AddressInfo).port}`;
  }

  /** @returns what `send` has sent. */
  async record(send: Promise<unknown>): Promise<QueryRequest> {
    await send.catch(() => undefined);
    if (this.last === null) throw new Error('nothing came');
    return this.last;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

function isSigned(request: QueryRequest, secret: Secret = keys): Promise<boolean> {
  const credential = credentialOf(request);
  if (credential === null) throw new Error('no credential');
  return isSignedBy(secret, credential, request);
}

/** One more of each part of a request that its signature is over. */
function tampered(request: QueryRequest): Readonly<Record<string, QueryRequest>> {
  const { headers, query, body } = request;
  const withHeader = (name: string, value: string): QueryRequest => ({
    ...request,
    headers: { ...headers, [name]: value },
  });
  const withQuery = (name: string, value: string): QueryRequest => {
    const other = new URLSearchParams(query);
    other.set(name, value);
    return { ...request, query: other };
  };
  const isUrl = headers.authorization === undefined;
  const authorization = headers.authorization ?? '';
  const date = '20260101T000000Z';
  return {
    method: { ...request, method: request.method === 'GET' ? 'POST' : 'GET' },
    body: { ...request, body: `${body}&DryRun=false` },
    parameter: withQuery('DryRun', 'false'),
    host: withHeader('host', 'elsewhere'),
    ...(isUrl
      ? {
          date: withQuery('X-Amz-Date', date),
          expiry: withQuery('X-Amz-Expires', '604800'),
          signature: withQuery('X-Amz-Signature', '0'.repeat(64)),
          'signed headers': withQuery('X-Amz-SignedHeaders', 'host;x-amz-date'),
          'no signed headers': withQuery('X-Amz-SignedHeaders', 'date'),
        }
      : {
          date: withHeader('x-amz-date', date),
          token: withHeader('x-amz-security-token', `${keys.token}A`),
          'content type': withHeader('content-type', 'text/plain'),
          'hash of the body': withHeader('x-amz-content-sha256', 'UNSIGNED-PAYLOAD'),
          signature: withHeader('authorization', authorization.replace(/\w{8}$/, '00000000')),
          'short signature': withHeader('authorization', authorization.slice(0, -1)),
          'signed headers': withHeader(
            'authorization',
            authorization.replace(/SignedHeaders=[^,]*/, 'SignedHeaders=x-amz-date'),
          ),
        }),
  };
}

async function testClient(t: Test, request: QueryRequest): Promise<void> {
  t.ok(await isSigned(request), 'as it was sent');
  t.notOk(await isSigned(request, { ...keys, secretAccessKey: 'another' }), 'another secret');
  t.notOk(await isSigned(request, { ...keys, token: 'another' }), 'another token');
  for (const [part, other] of Object.entries(tampered(request))) {
    t.notOk(await isSigned(other), part);
  }
  for (const part of ['region', 'service'] as const) {
    const credential = credentialOf(request);
    if (credential === null) throw new Error('no credential');
    t.notOk(await isSignedBy(keys, { ...credential, [part]: 'another' }, request), part);
  }
}

t.test('isSignedBy verifies what the AWS SDK for JavaScript signs', async (t) => {
  const recorder = new Recorder();
  const endpoint = await recorder.listen();
  const credentials = { ...keys, sessionToken: keys.token };
  const client = new sdk.EC2Client({ endpoint, region: 'eu-west-1', credentials, maxAttempts: 1 });
  const sent = client.send(new sdk.DescribeVpcsCommand({ Filters: FILTERS }));
  await testClient(t, await recorder.record(sent));
  client.destroy();
  recorder.close();
});

t.test('isSignedBy verifies what boto3 signs', { skip: whyNoBoto3() ?? false }, async (t) => {
  const recorder = new Recorder();
  const url = await recorder.listen();
  for (const service of ['ec2', 'sts'] as const) {
    const boto3 = new Boto3(url, 'us-east-1', { keys, service });
    const method = service === 'ec2' ? 'describe_vpcs' : 'get_caller_identity';
    const args = service === 'ec2' ? { Filters: FILTERS } : {};
    await t.test(`${method} in a header`, async (t) => {
      await testClient(t, await recorder.record(boto3.ask(method, args)));
    });
    await t.test(`${method} in a URL`, async (t) => {
      const signed = await boto3.presign(method, args);
      await testClient(t, await recorder.record(fetch(signed)));
    });
    await boto3.close();
  }
  recorder.close();
});

t.test("isSignedBy verifies AWS's own example of a signature", async (t) => {
  // "Signing AWS requests", the request ListUsers of the Signature Version 4 test suite.
  const credential = 'AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request';
  const signature = '5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7';
  const request: QueryRequest = {
    method: 'GET',
    query: new URLSearchParams('Action=ListUsers&Version=2010-05-08'),
    body: '',
    headers: {
      'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
      host: 'iam.amazonaws.com',
      'x-amz-date': '20150830T123600Z',
      authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=content-type;host;x-amz-date, Signature=${signature}`,
    },
  };
  const secretAccessKey = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
  t.ok(await isSigned(request, { secretAccessKey, token: '' }));
  t.equal(signedTime(request)?.dateMs, Date.UTC(2015, 7, 30, 12, 36));
});
