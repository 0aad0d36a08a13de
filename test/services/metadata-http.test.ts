/** Instance metadata over real sockets on loopback: bytes on the wire, bad clients, signatures. */
import { verify, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import type http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import t, { type Test } from 'tap';
import type { Caller } from '../../src/services/caller.ts';
import { type MetadataSetup, metadataServer } from '../../src/services/metadata/server.ts';
import { IdentitySigner } from '../../src/services/metadata/signer.ts';
import { MetadataLab } from './metadata-lab.ts';

const WITHIN_MS = 10_000;

interface Served {
  readonly lab: MetadataLab;
  readonly instanceId: string;
  readonly defects: unknown[];
  readonly connect: () => net.Socket;
  /** Sends bytes and reads until the end. */
  readonly exchange: (text: string) => Promise<string>;
}

/** One instance, which every client on loopback is. */
async function serve(
  t: Test,
  address = '127.0.0.1',
  change: (setup: MetadataSetup) => Partial<MetadataSetup> = () => ({}),
): Promise<Served> {
  const lab = new MetadataLab();
  const instanceId = lab.instance(lab.subnet(lab.vpc(), '10.0.1.0/24'));
  const defects: unknown[] = [];
  const setup: MetadataSetup = {
    ...lab.context,
    callerOf: (): Caller => lab.callerOf(instanceId),
    onDefect: (error) => defects.push(error),
  };
  const server: http.Server = metadataServer({ ...setup, ...change(setup) });
  server.listen(0, address);
  await once(server, 'listening');
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  const connect = () => net.connect({ port, host: address, allowHalfOpen: true });
  const exchange = async (text: string) => {
    const socket = connect();
    socket.write(text, 'latin1');
    return readAll(socket);
  };
  return { lab, instanceId, defects, connect, exchange };
}

/** @returns what came until the other side ended, and `reset` behind it if it was no good end. */
async function readAll(socket: net.Socket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  const end = await Promise.race([
    once(socket, 'end').then(() => ''),
    once(socket, 'error').then(() => 'reset'),
    delay(WITHIN_MS, 'open', { ref: false }),
  ]).catch(() => 'reset');
  socket.destroy();
  return Buffer.concat(chunks).toString('latin1') + end;
}

const GET = 'GET /latest/meta-data/instance-id HTTP/1.1\r\nHost: x\r\n';
const DATE = '[A-Z][a-z]{2}, \\d\\d [A-Z][a-z]{2} \\d{4} \\d\\d:\\d\\d:\\d\\d GMT';

function wire(...lines: readonly string[]): RegExp {
  return new RegExp(`^${lines.join('\\r\\n')}$`);
}

t.test('answers have AWS’s headers in AWS’s order', async (t) => {
  const { exchange, instanceId } = await serve(t);
  t.match(
    await exchange(`${GET}\r\n`),
    wire(
      ...['HTTP/1.1 200 OK', 'Content-Type: text/plain', 'Accept-Ranges: none'],
      ...['Last-Modified: Fri, 01 May 2020 12:00:00 GMT', 'Content-Length: 19', `Date: ${DATE}`],
      ...['Server: EC2ws', 'Connection: close', '', instanceId],
    ),
  );
  t.match(
    await exchange(
      'PUT /latest/api/token HTTP/1.1\r\nHost: x\r\nX-aws-ec2-metadata-token-ttl-seconds: 60\r\n\r\n',
    ),
    wire(
      ...['HTTP/1.1 200 OK', 'X-Aws-Ec2-Metadata-Token-Ttl-Seconds: 60', 'Content-Length: 56'],
      ...[`Date: ${DATE}`, 'Server: EC2ws', 'Connection: close', 'Content-Type: text/plain'],
      ...['', '[\\w-]{54}=='],
    ),
  );
  t.match(
    await exchange('GET /latest/api/token HTTP/1.1\r\nHost: x\r\n\r\n'),
    wire(
      ...['HTTP/1.1 405 Not Allowed', 'Allow: OPTIONS, PUT', 'Content-Length: 0', `Date: ${DATE}`],
      ...['Server: EC2ws', 'Connection: close', 'Content-Type: text/plain', '', ''],
    ),
  );
  const head = await exchange(GET.replace('GET', 'HEAD').concat('\r\n'));
  t.match(head, /Content-Length: 19\r\n[\s\S]*\r\n\r\n$/, 'HEAD gives no body');
});

t.test('a connection is kept for who asks for it, and then requests may follow', async (t) => {
  const { exchange, instanceId } = await serve(t);
  const keep = `${GET}Connection: keep-alive\r\n\r\n`;
  const both = await exchange(`${keep}${keep}${GET}\r\n${GET}\r\n`);
  t.equal(both.split(instanceId).length, 4, 'three answers, the last of which closed');
  t.equal(both.match(/Connection:/g)?.length, 1);
  t.notMatch(both, /keep-alive/i);
  t.equal((await exchange(`${GET}\r\n${GET}\r\n`)).split(instanceId).length, 2);
  t.match(await exchange(GET.replace('1.1', '1.0').concat('\r\n')), /Connection: close/);
});

t.test('garbage and what is too large are refused, and nothing ends the server', async (t) => {
  const { exchange, defects, instanceId } = await serve(t);
  const bad = [
    'x'.repeat(100),
    '\0\x01\x02\r\n\r\n',
    `GET /${'a'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`,
    `${GET}X: ${'a'.repeat(20_000)}\r\n\r\n`,
    'GET / HTTP/9.9\r\n\r\n',
    `${GET}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n`,
    `PUT /latest/api/token HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n`,
  ];
  for (const text of bad) {
    t.match(
      await exchange(text),
      /^(?:HTTP\/1\.1 400 Bad Request\r\n|reset$)/,
      JSON.stringify(text.slice(0, 20)),
    );
  }
  const body = `PUT /latest/api/token HTTP/1.1\r\nHost: x\r\nX-aws-ec2-metadata-token-ttl-seconds: 1\r\nContent-Length: 3\r\n\r\nabc`;
  t.match(await exchange(body), /^HTTP\/1\.1 200 OK/, 'a body is not looked at');
  for (const target of [
    '/%00',
    '/%',
    '//',
    '*',
    '/latest/../latest',
    '/latest/meta-data/%2e%2e/',
  ]) {
    t.match(await exchange(`GET ${target} HTTP/1.1\r\nHost: x\r\n\r\n`), /^HTTP\/1\.1 (?:200|404)/);
  }
  t.match(await exchange(`${GET}\r\n`), instanceId);
  t.same(defects, []);
});

t.test('slow clients are cut', async (t) => {
  const { connect } = await serve(t);
  const began = performance.now();
  const silent = connect();
  const half = connect();
  half.write(GET);
  const dripping = connect();
  const drip = setInterval(() => dripping.write('X-Drip: 1\r\n'), 200);
  dripping.write(GET);
  t.match(await readAll(half), /^HTTP\/1\.1 400/);
  t.match(await readAll(dripping), /^HTTP\/1\.1 400/);
  clearInterval(drip);
  t.notMatch(await readAll(silent), /open$/);
  t.ok(performance.now() - began < WITHIN_MS, 'within seconds');
});

t.test('[IMDS-1] over IPv6 nothing answers until it is switched on', async (t) => {
  const { exchange, lab, instanceId } = await serve(t, '::1');
  t.equal(await exchange(`${GET}\r\n`), 'reset');
  lab.act('ModifyInstanceMetadataOptions', { InstanceId: instanceId, HttpProtocolIpv6: 'enabled' });
  t.match(await exchange(`${GET}\r\n`), instanceId);
  const put =
    'PUT /latest/api/token HTTP/1.1\r\nX-aws-ec2-metadata-token-ttl-seconds: 9\r\nHost: x\r\n\r\n';
  t.match(await exchange(put), /^HTTP\/1\.1 200/);
});

t.test('who is no instance is reset, and a failure of ours is 500', async (t) => {
  const nobody = await serve(t, '127.0.0.1', () => ({ callerOf: () => null }));
  t.equal(await nobody.exchange(`${GET}\r\n`), 'reset');
  const signer = {
    signature: () => Promise.reject(new Error('no key')),
    pkcs7: () => Promise.reject(new Error('no key')),
  };
  const broken = await serve(t, '127.0.0.1', () => ({ signer }));
  const ask = 'GET /latest/dynamic/instance-identity/pkcs7 HTTP/1.1\r\nHost: x\r\n\r\n';
  t.match(await broken.exchange(ask), /^HTTP\/1\.1 500[\s\S]*\r\n\r\n$/);
  t.match(broken.defects, [{ message: 'no key' }]);
});

t.test('openssl and node verify what is signed', async (t) => {
  const folder = t.testdir();
  const signer = new IdentitySigner(path.join(folder, 'identity'), 'a lab');
  const { lab, exchange, instanceId } = await serve(t, '127.0.0.1', () => ({ signer }));
  const get = async (name: string) => {
    const target = `/latest/dynamic/instance-identity/${name}`;
    const answer = await exchange(`GET ${target} HTTP/1.1\r\nHost: x\r\n\r\n`);
    return answer.slice(answer.indexOf('\r\n\r\n') + 4);
  };
  const [document, signature] = [await get('document'), await get('signature')];
  t.equal(document, await lab.get(instanceId, 'dynamic/instance-identity/document'));
  const certificate = path.join(folder, 'identity', 'certificate.pem');
  const { publicKey, subject } = new X509Certificate(fs.readFileSync(certificate));
  t.equal(subject, 'CN=a lab');
  const bytes = Buffer.from(signature, 'base64');
  t.ok(verify('sha256', Buffer.from(document), publicKey, bytes));
  t.notOk(verify('sha256', Buffer.from(`${document} `), publicKey, bytes));
  for (const name of ['pkcs7', 'rsa2048']) {
    const message = await get(name);
    t.match(message, /^MIAGCSqGSIb3DQEHAqCA.{56}\n[\s\S]*[^\n]$/, 'lines of 76');
    t.equal(await get(name), message, 'made once');
    const pem = `-----BEGIN PKCS7-----\n${message}\n-----END PKCS7-----\n`;
    const verifies = ['-verify', '-inform', 'PEM', '-certfile', certificate, '-noverify'];
    const { stdout } = await execa('openssl', ['smime', ...verifies], { input: pem });
    t.equal(stdout.replaceAll('\r', ''), document, name);
  }
  const keyMode = fs.statSync(path.join(folder, 'identity', 'key.pem')).mode;
  t.equal(keyMode & 0o777, 0o600, 'the key is root’s alone');
});
