/** The certificates of a lab, as clients of TLS and openssl(1) see them. */
import fs from 'node:fs';
import https from 'node:https';
import type net from 'node:net';
import path from 'node:path';
import { execa } from 'execa';
import t from 'tap';
import { makeAuthority } from '../../src/services/authority.ts';

const folder = path.join(t.testdir({}), 'authority');
const authority = await makeAuthority(folder, 'lab');

t.test('makeAuthority: clients verify the names of AWS, and no others', async (t) => {
  const server = https.createServer(authority, (_, response) => response.end());
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as net.AddressInfo;
  const reach = (servername: string, ca: string | undefined) =>
    new Promise<string>((resolve) => {
      const options = { host: '127.0.0.1', port, servername, ca, agent: false };
      const request = https.get(options, (response) => {
        response.resume();
        response.once('end', () => resolve('reached'));
      });
      request.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
    });
  for (const name of [
    'ec2.us-east-1.amazonaws.com',
    'sts.eu-south-2.amazonaws.com',
    'ec2.eu-west-1.api.aws',
    'ec2.amazonaws.com',
    'sts.amazonaws.com',
  ]) {
    t.equal(await reach(name, authority.ca), 'reached', name);
  }
  t.equal(await reach('example.com', authority.ca), 'ERR_TLS_CERT_ALTNAME_INVALID');
  t.match(await reach('sts.amazonaws.com', undefined), /^(?:UNABLE_TO_|SELF_SIGNED_)/);
  server.close();
});

t.test(
  'makeAuthority: the addresses are in the certificate, keys are for root alone',
  async (t) => {
    const { stdout } = await execa('openssl', ['x509', '-noout', '-text'], {
      input: authority.cert,
    });
    t.match(stdout, /IP Address:169\.254\.169\.80/);
    t.match(stdout, /IP Address:FD00:EC2:0:0:0:0:0:80/);
    t.match(stdout, /CA:FALSE/);
    t.match(authority.subjectHash, /^[0-9a-f]{8}$/);
    for (const name of ['.', 'ca.key', 'services.key']) {
      t.equal(fs.statSync(path.join(folder, name)).mode & 0o077, 0, name);
    }
  },
);

t.test('makeAuthority: what it signs beyond its names is not believed', async (t) => {
  const leaf = ['req', '-x509', '-subj', '/CN=x', '-nodes', '-newkey', 'ec'];
  const curve = ['-pkeyopt', 'ec_paramgen_curve:P-256', '-keyout', 'x.key', '-out', 'x.pem'];
  const signed = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-addext', 'subjectAltName=DNS:example.com'];
  await execa('openssl', [...leaf, ...curve, ...signed], { cwd: folder });
  const verified = await execa('openssl', ['verify', '-CAfile', 'ca.pem', 'x.pem'], {
    cwd: folder,
    reject: false,
  });
  t.match(verified.stderr, /permitted subtree violation/);
});

t.test('makeAuthority says what openssl says', async (t) => {
  const file = path.join(t.testdir({ ca: { 'ca.key': {} } }), 'ca');
  await t.rejects(
    makeAuthority(file, 'lab'),
    /Cannot make the certificates of the services: .*ca\.key/s,
  );
});
