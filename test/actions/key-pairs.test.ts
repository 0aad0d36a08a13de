import { execFileSync } from 'node:child_process';
import { createHash, createPrivateKey } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { parsePublicKey } from '../../src/actions/compute/public-keys.ts';
import { newKeyPair } from '../../src/engine/new-key-pair.ts';
import { at, Lab, listAt } from './lab.ts';

const ED25519 =
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGJ/6RXLb3j5Zo6Vtvil8rUscF52pQ8EFf/zazgC4GT7 somebody';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

const SSH_KEYGEN = '/usr/bin/ssh-keygen';

t.test('newKeyPair makes keys that OpenSSL reads, with the fingerprints of AWS', async (t) => {
  const rsa = newKeyPair('rsa');
  const der = createPrivateKey(rsa.privateKey).export({ type: 'pkcs8', format: 'der' });
  const sha1 = createHash('sha1').update(der).digest('hex');
  t.equal(rsa.fingerprint.replaceAll(':', ''), sha1);
  t.match(rsa.fingerprint, /^(?:[0-9a-f]{2}:){19}[0-9a-f]{2}$/);
  t.match(rsa.privateKey, /^-----BEGIN RSA PRIVATE KEY-----\n/);
  t.equal(parsePublicKey(rsa.publicKey)?.type, 'rsa');
  const ed25519 = newKeyPair('ed25519');
  const key = parsePublicKey(ed25519.publicKey);
  t.equal(key?.type, 'ed25519');
  t.equal(
    ed25519.fingerprint,
    createHash('sha256')
      .update(key?.blob ?? '')
      .digest('base64'),
  );
  t.match(ed25519.privateKey, /^-----BEGIN OPENSSH PRIVATE KEY-----\n[\s\S]+\n-----END/);
});

t.test('newKeyPair makes keys that OpenSSH reads', async (t) => {
  for (const type of ['rsa', 'ed25519'] as const) {
    const { privateKey, publicKey } = newKeyPair(type);
    const file = path.join(t.testdir({ key: privateKey }), 'key');
    fs.chmodSync(file, 0o600);
    const shown = execFileSync(SSH_KEYGEN, ['-y', '-f', file], { encoding: 'utf8' });
    t.equal(shown.trim(), publicKey, type);
  }
});

t.test('CreateKeyPair gives the private key once', async (t) => {
  const lab = new Lab();
  const Tags = [{ Key: 'team', Value: 'ops' }];
  const made = lab.act('CreateKeyPair', {
    KeyName: 'ops',
    TagSpecifications: [{ ResourceType: 'key-pair', Tags }],
  });
  t.match(made, { KeyName: 'ops', KeyPairId: /^key-0/, KeyMaterial: /PRIVATE KEY/, Tags });
  t.notMatch(JSON.stringify(lab.act('DescribeKeyPairs')), /PRIVATE/);
  t.match(lab.act('DescribeTags'), { Tags: [{ ResourceType: 'key-pair' }] });
  const rows = [
    [{ KeyName: 'ops' }, 'InvalidKeyPair.Duplicate'],
    [{ KeyName: 'x', KeyType: 'dsa' }, 'InvalidParameterValue'],
    [{ KeyName: 'x', KeyFormat: 'ppk' }, 'InvalidParameterValue'],
    [{ KeyName: '' }, 'InvalidParameterValue'],
  ] as const;
  for (const [input, code] of rows) t.equal(lab.refuse('CreateKeyPair', input).code, code);
});

t.test('ImportKeyPair takes what OpenSSH writes', async (t) => {
  const lab = new Lab();
  const rsa = newKeyPair('rsa').publicKey;
  lab.act('ImportKeyPair', { KeyName: 'rsa', PublicKeyMaterial: base64(`${rsa} me@here\n`) });
  lab.act('ImportKeyPair', { KeyName: 'ed', PublicKeyMaterial: base64(ED25519) });
  const pairs = listAt(lab.act('DescribeKeyPairs', { IncludePublicKey: true }), 'KeyPairs');
  t.match(pairs, [
    {
      KeyName: 'rsa',
      KeyType: 'rsa',
      KeyFingerprint: /^(?:[0-9a-f]{2}:){15}[0-9a-f]{2}$/,
      PublicKey: `${rsa} me@here`,
    },
    { KeyName: 'ed', KeyType: 'ed25519', KeyFingerprint: /^.{43}=$/, PublicKey: ED25519 },
  ]);
  t.equal(at(lab.act('DescribeKeyPairs'), 'KeyPairs', 0, 'PublicKey'), undefined);
  const cut = ED25519.replace(' somebody', '').slice(0, -8);
  for (const text of ['', 'ssh-rsa', 'ssh-dss AAAA', cut, ED25519.replace('ed25519', 'rsa')]) {
    const input = { KeyName: 'bad', PublicKeyMaterial: base64(text) };
    t.equal(lab.refuse('ImportKeyPair', input).code, 'InvalidKey.Format', text);
  }
});

t.test('DescribeKeyPairs finds by name, id and filter; DeleteKeyPair forgets', async (t) => {
  const lab = new Lab();
  for (const KeyName of ['a', 'b']) lab.act('CreateKeyPair', { KeyName });
  const names = (input = {}): unknown[] =>
    listAt(lab.act('DescribeKeyPairs', input), 'KeyPairs').map((pair) => at(pair, 'KeyName'));
  const id = at(lab.act('DescribeKeyPairs'), 'KeyPairs', 1, 'KeyPairId');
  t.same(names({ KeyNames: ['a'] }), ['a']);
  t.same(names({ KeyPairIds: [id] }), ['b']);
  t.same(names({ Filters: [{ Name: 'key-name', Values: ['b*'] }] }), ['b']);
  t.match(lab.refuse('DescribeKeyPairs', { KeyNames: ['c'] }), {
    code: 'InvalidKeyPair.NotFound',
    message: "The key pair 'c' does not exist",
  });
  const subnetId = lab.subnet(lab.vpc(), '10.0.1.0/24');
  lab.instance(subnetId, { KeyName: 'a' });
  lab.act('DeleteKeyPair', { KeyName: 'a' });
  lab.act('DeleteKeyPair', { KeyName: 'a' });
  lab.act('DeleteKeyPair', { KeyPairId: id });
  t.same(names(), []);
  const instance = at(lab.act('DescribeInstances'), 'Reservations', 0, 'Instances', 0);
  t.equal(at(instance, 'KeyName'), 'a', 'the instance keeps the name');
  const ONE = { ImageId: 'ami-00000000000000001', MinCount: 1, MaxCount: 1, SubnetId: subnetId };
  t.match(lab.refuse('RunInstances', { ...ONE, KeyName: 'a' }), {
    code: 'InvalidKeyPair.NotFound',
  });
});
