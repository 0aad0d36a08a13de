/** What the API makes of clients that mean it harm, or know no better. */
import t, { type Test } from 'tap';
import { ApiServer } from '../../src/api/server.ts';
import { PaperRegion } from './paper-region.ts';
import { type Answer, exchange, FORM, request } from './request.ts';
import { xmlFault } from './well-formed.ts';

const DESCRIBE = 'Action=DescribeVpcs';
const MIB = 2 ** 20;

const region = new PaperRegion();
const defects: unknown[] = [];
const server = new ApiServer(region, (error) => defects.push(error));
const url = await server.listen();
t.teardown(() => server.close());

const post = (body: string | Buffer, headers = FORM) => request(url, 'POST', '/', body, headers);

const eight = (index: number) => String(index).padStart(8, '0');

/** Whatever came before, the server is there, and has no defect to tell of. */
async function testLives(t: Test): Promise<void> {
  t.equal((await post(DESCRIBE)).status, 200, 'the server lives');
  t.same(defects, []);
}

/** @returns the code of a refusal; of any other answer its status. */
function codeOf(t: Test, { status, body }: Answer): string {
  t.equal(xmlFault(body), null, 'well-formed');
  return /<Code>([^<]*)<\/Code>/.exec(body)?.[1] ?? String(status);
}

t.test('only those who know whom they call are answered', async (t) => {
  const rows: [host: string, code: string][] = [
    ['127.0.0.1:4566', '200'],
    ['127.0.0.1', '200'],
    ['localhost:4566', '200'],
    ['LocalHost', '200'],
    ['ec2.localhost:4566', '200'],
    ['[::1]:4566', '200'],
    ['ec2.us-east-1.amazonaws.com', '200'],
    ['ec2.cn-north-1.amazonaws.com.cn:443', '200'],
    ['ec2.us-east-1.api.aws', '200'],
    ['example.com', 'AccessDenied'],
    ['localhost.example.com', 'AccessDenied'],
    ['ec2.us-east-1.amazonaws.com.example.com', 'AccessDenied'],
    ['127.0.0.1.example.com:4566', 'AccessDenied'],
    ['s3.amazonaws.com', 'AccessDenied'],
    ['169.254.169.254', 'AccessDenied'],
    ['<>&', 'AccessDenied'],
  ];
  for (const [host, code] of rows) {
    t.equal(codeOf(t, await post(DESCRIBE, { ...FORM, host })), code, host);
  }
  const old = await exchange(url, `GET /?${DESCRIBE} HTTP/1.0\r\n\r\n`);
  t.match(old, /^HTTP\/1\.1 200 /, 'HTTP/1.0 has no host');
  t.match(await exchange(url, `GET /?${DESCRIBE} HTTP/1.1\r\n\r\n`), /^HTTP\/1\.1 400 /);
  await testLives(t);
});

t.test('a body is a form, or nothing', async (t) => {
  const type = (text: string) => ({ 'content-type': text });
  const rows: [body: string | Buffer, headers: object, code: string][] = [
    [DESCRIBE, {}, '200'],
    [DESCRIBE, type('application/x-www-form-urlencoded; charset=utf-8'), '200'],
    [DESCRIBE, type('APPLICATION/X-WWW-FORM-URLENCODED'), '200'],
    [DESCRIBE, type('text/plain'), 'MalformedQueryString'],
    [DESCRIBE, type('multipart/form-data; boundary=x'), 'MalformedQueryString'],
    ['{}', type('application/json'), 'MalformedQueryString'],
    [DESCRIBE, { ...FORM, 'content-encoding': 'gzip' }, 'MalformedQueryString'],
    ['', FORM, 'MissingAction'],
    ['&&&===&', FORM, 'MissingAction'],
    ['\0', FORM, 'MissingAction'],
    [Buffer.from([0xff, 0xfe, 0x00]), FORM, 'MalformedQueryString'],
    [DESCRIBE.repeat(MIB / DESCRIBE.length), FORM, 'InvalidAction'],
    ['x'.repeat(MIB + 1), FORM, 'RequestEntityTooLarge'],
    ['.'.repeat(MIB), FORM, 'MissingAction'],
    [`${DESCRIBE}&${'.'.repeat(MIB / 2)}=x`, FORM, 'UnknownParameter'],
  ];
  for (const [body, headers, code] of rows) {
    const answer = await post(body, { ...headers });
    t.equal(codeOf(t, answer), code, `${JSON.stringify(headers)} ${body.toString().slice(0, 40)}`);
  }
  await testLives(t);
});

t.test('a body may come in any pieces, but not for ever', async (t) => {
  const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;
  const head = 'POST / HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n';
  const bytes = [...DESCRIBE].map(chunk).join('');
  const once = await exchange(url, `${head}connection: close\r\n\r\n${bytes}0\r\n\r\n`);
  t.match(once, /^HTTP\/1\.1 200 [\s\S]*<\/DescribeVpcsResponse>$/);
  const long = await exchange(url, `${head}\r\n${chunk('x'.repeat(2 * MIB))}`);
  t.match(long, /^HTTP\/1\.1 413 [\s\S]*RequestEntityTooLarge/);
  t.match(await exchange(url, `${head}\r\nzz\r\n`), /^HTTP\/1\.1 400 /, 'no size of a chunk');
  await testLives(t);
});

t.test('other methods and other paths are refused', async (t) => {
  for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'PROPFIND']) {
    const answer = await request(url, method, `/?${DESCRIBE}`);
    t.equal(codeOf(t, answer), 'MethodNotAllowed', method);
  }
  t.equal((await request(url, 'HEAD', `/?${DESCRIBE}`)).status, 405);
  for (const line of ['BREW / HTTP/1.1', 'GET / HTTP/9.9', 'GET', 'GET /\0 HTTP/1.1']) {
    t.match(await exchange(url, `${line}\r\nhost: localhost\r\n\r\n`), /^HTTP\/1\.1 400 /, line);
  }
  for (const path of ['//', '/latest/meta-data', '/..', '/%2e', '*', 'http://localhost/']) {
    const line = `GET ${path}?${DESCRIBE} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`;
    t.match(await exchange(url, line), /<Code>NoSuchPath</, path);
  }
  const long = await exchange(url, `GET /?${'x'.repeat(99_999)} HTTP/1.1\r\n\r\n`);
  t.match(long, /^HTTP\/1\.1 4\d\d /);
  await testLives(t);
});

t.test('names and indexes that are none are refused by name', async (t) => {
  const many = (each: (index: number) => string, count = 10_000) =>
    Array.from({ length: count }, (_, index) => each(index + 1)).join('&');
  const rows: [query: string, code: string][] = [
    ['Filter.999999999.Name=vpc-id&Filter.999999999.Value.1=x', '200'],
    ['Filter.9999999999.Name=vpc-id', 'UnknownParameter'],
    ['Filter.-1.Name=vpc-id', 'UnknownParameter'],
    ['Filter.1e9.Name=vpc-id', 'UnknownParameter'],
    ['Filter.01.Name=vpc-id', 'UnknownParameter'],
    ['Filter.1.Name=a&Filter.1.Name=b', 'MalformedQueryString'],
    ['VpcId.1=a&VpcId.1=b', 'MalformedQueryString'],
    ['Action=DescribeVpcs', 'MalformedQueryString'],
    [many((index) => `VpcId.${index}=vpc-${index}`), 'InvalidVpcID.Malformed'],
    [`Filter.1.Name=x&${many((index) => `Filter.1.Value.${index}=x`)}`, 'FilterLimitExceeded'],
    [many((index) => `Filter.${index}.Name=x`), 'InvalidParameterValue'],
    [many((index) => `x${index}=x`), 'UnknownParameter'],
    [`${'A.1.B.1.'.repeat(10_000)}C=x`, 'UnknownParameter'],
    [`Filter${'.1'.repeat(10_000)}=x`, 'UnknownParameter'],
    [`DryRun=${'t'.repeat(MIB / 2)}`, 'InvalidParameterValue'],
    [`MaxResults=${'9'.repeat(400)}`, 'InvalidParameterValue'],
    ['MaxResults=99999999999999', '200'],
    [`NextToken=${'9'.repeat(400)}`, 'InvalidNextToken'],
  ];
  for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'Filters']) {
    rows.push([`${name}=x`, 'UnknownParameter'], [`${name}.1=x`, 'UnknownParameter']);
    rows.push([`Filter.1.${name}=x`, 'UnknownParameter'], [`DryRun.${name}=x`, 'UnknownParameter']);
  }
  for (const [query, code] of rows) {
    const answer = await post(`${DESCRIBE}&${query}`);
    t.equal(codeOf(t, answer), code, query.slice(0, 60));
  }
  for (const name of [
    '__proto__',
    'constructor',
    'toString',
    'DescribeVpcs%00',
    'x'.repeat(MIB / 2),
  ]) {
    t.equal(codeOf(t, await post(`Action=${name}`)), 'InvalidAction', name.slice(0, 60));
  }
  t.equal(Reflect.get({}, 'x'), undefined, 'no prototype was touched');
  await testLives(t);
});

t.test('no text breaks the XML of an answer', async (t) => {
  const kept = [
    ']]>',
    '<![CDATA[x]]>',
    '&amp;',
    '<?xml?>',
    '\u{10ffff}',
    '\r\n\t',
    '"\'',
    '\u2028',
  ];
  for (const text of kept) {
    const tag = 'TagSpecification.1.Tag.1';
    const form = new URLSearchParams({
      Action: 'CreateSecurityGroup',
      GroupName: 'x',
      GroupDescription: 'x',
      'TagSpecification.1.ResourceType': 'security-group',
      [`${tag}.Key`]: 'text',
      [`${tag}.Value`]: text,
    });
    const made = await post('Action=CreateVpc&CidrBlock=10.0.0.0/16');
    form.set('VpcId', /<vpcId>([^<]*)</.exec(made.body)?.[1] ?? '');
    t.equal(codeOf(t, await post(form.toString())), '200', encodeURIComponent(text));
    await region.reset();
  }
  const bad = ['%00', '%01', '%0B', '%1F', '%EF%BF%BE', '%EF%BF%BF'];
  for (const text of bad) {
    const refused = await post(`Action=DeleteVpc&VpcId=${text}`);
    t.equal(codeOf(t, refused), 'InvalidParameterValue', text);
    t.equal(codeOf(t, await post(`Action=${text}`)), 'InvalidAction', text);
    t.equal(codeOf(t, await post(`${DESCRIBE}&${text}=x`)), 'UnknownParameter', text);
  }
  // A surrogate of its own is no UTF-8; what is decoded is a sign that says so.
  t.equal(codeOf(t, await post('Action=%ED%A0%80')), 'InvalidAction');
  await testLives(t);
});

t.test('signatures are not believed, only read', async (t) => {
  const scheme = 'AWS4-HMAC-SHA256';
  const rows: [authorization: string, code: string][] = [
    ['', '200'],
    ['Basic eDp4', '200'],
    [`${scheme} Credential=`, '200'],
    [`${scheme} Credential=${'a/'.repeat(4000)}`, '200'],
    [`${scheme} Credential=a/b/c/d/e/aws4_request, Signature=0`, '200'],
    [`${scheme} Credential=a/1/us-east-1/ec2/aws4_request`, '200'],
    [`${scheme} Credential=a/1/__proto__/ec2/aws4_request`, 'AuthFailure'],
  ];
  for (const [authorization, code] of rows) {
    const answer = await post(DESCRIBE, { ...FORM, authorization });
    t.equal(codeOf(t, answer), code, authorization.slice(0, 60));
  }
  await testLives(t);
});

t.test('pipelined requests are answered in their order', async (t) => {
  const count = 500;
  const ids = Array.from({ length: count }, (_, index) => `vpc-${eight(index)}`);
  const lines = ids.map(
    (id) => `GET /?Action=DeleteVpc&VpcId=${id} HTTP/1.1\r\nhost: localhost\r\n\r\n`,
  );
  const read = await exchange(url, lines.join(''), (text) => text.includes(`'${ids.at(-1)}'`));
  t.same(
    [...read.matchAll(/The vpc ID '([^']*)'/g)].map(([, id]) => id),
    ids,
  );
  await testLives(t);
});

t.test('a thousand clients at once all get their own answers', async (t) => {
  const made = await post('Action=CreateVpc&CidrBlock=10.0.0.0/16');
  const vpcId = /<vpcId>([^<]*)</.exec(made.body)?.[1] ?? '';
  const cidrs = Array.from({ length: 200 }, (_, index) => `10.0.${index}.0/24`);
  const clients = Array.from({ length: 1000 }, async (_, index) => {
    const cidr = cidrs[index % cidrs.length];
    const { status, body } = await post(
      index < cidrs.length
        ? `Action=CreateSubnet&VpcId=${vpcId}&CidrBlock=${cidr}`
        : `Action=DeleteVpc&VpcId=vpc-${eight(index)}`,
    );
    const own = index < cidrs.length ? `<cidrBlock>${cidr}<` : `vpc-${eight(index)}`;
    return body.includes(own) && status === (index < cidrs.length ? 200 : 400);
  });
  t.equal((await Promise.all(clients)).filter((isOwn) => !isOwn).length, 0);
  t.equal(region.snapshot.subnets.size, cidrs.length);
  await testLives(t);
});

t.test('clients that never finish keep nobody from being answered', async (t) => {
  const sockets: Promise<string>[] = [];
  let isOver = false;
  const parts = [
    'POST / HTTP/1.1\r\nhost: ',
    'GET /?Action=',
    '\r\n\r\n',
    'POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 99\r\n\r\nAction',
  ];
  for (let index = 0; index < 400; index++) {
    sockets.push(exchange(url, parts[index % parts.length] ?? '', () => isOver));
  }
  await testLives(t);
  isOver = true;
  server.close();
  await Promise.all(sockets);
});
