/** An instance that the API launches from an image with cloud-init: its key pair and its user data. */
import { generateKeyPairSync } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { at, textAt } from '../actions/lab.ts';
import { labForFile, labText, type TestLab, until, whyNoLabs } from './test-lab.ts';

const DONE_MS = 60_000;
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const SCENARIO = `${ROOT}scenarios/cloud-init`;

const LAB = labText(
  'cloudinit',
  `
vpcs: { main: { cidr: 10.77.0.0/16, subnets: { a: { cidr: 10.77.1.0/24 } } } }
instances:
  first:
    subnet: a
    layers: [${ROOT}packages/cloud-init]
    cloudInit: true
    start: sh /opt/hardware
    files:
      /opt/hardware: ${SCENARIO}/hardware
      /usr/sbin/dmidecode: { source: ${SCENARIO}/dmidecode, mode: "0755" }
      /etc/cloud/cloud.cfg.d/90_ec2.cfg: ${SCENARIO}/ec2.cfg
`,
);

/** One line as in `authorized_keys`. */
function newPublicKey(): string {
  const { publicKey } = generateKeyPairSync('ed25519');
  const bytes = publicKey.export({ type: 'spki', format: 'der' }).subarray(-32);
  const parts = [Buffer.from('ssh-ed25519'), bytes].map((part) => {
    const size = Buffer.alloc(4);
    size.writeUInt32BE(part.length);
    return Buffer.concat([size, part]);
  });
  return `ssh-ed25519 ${Buffer.concat(parts).toString('base64')} mine`;
}

async function testLaunch(t: Test, lab: TestLab): Promise<void> {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const key = newPublicKey();
  await lab.action('ImportKeyPair', { KeyName: 'mine', PublicKeyMaterial: base64(key) });
  const first = at(await lab.action('DescribeInstances', {}), 'Reservations', 0, 'Instances', 0);
  await lab.action('RunInstances', {
    ImageId: textAt(first, 'ImageId'),
    SubnetId: textAt(first, 'SubnetId'),
    MinCount: 1,
    MaxCount: 1,
    KeyName: 'mine',
    UserData: base64('#!/bin/sh\necho ran >>/root/ran\n'),
    MetadataOptions: { HttpTokens: 'required' },
    TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'Name', Value: 'second' }] }],
  });
  await until(
    'cloud-init has ended',
    DONE_MS,
    async () => {
      const { pid } = await lab.instance('second');
      return pid === null ? '' : (await lab.sh('second', 'cloud-init status')).stdout;
    },
    (status) => status === 'status: done\n',
  );
  t.equal(await lab.read('second', 'cat ~debian/.ssh/authorized_keys'), `${key}\n`);
  t.match(await lab.read('second', 'cat /root/.ssh/authorized_keys'), /login as the user/);
  t.equal(await lab.read('second', 'cat /root/ran'), 'ran\n', 'the script ran once');
  t.match(await lab.read('second', 'hostname'), /^ip-10-77-1-\d+\n$/);
  t.not((await lab.sh('first', 'cat ~debian/.ssh/authorized_keys')).stdout, `${key}\n`);
}

async function testCloudInit(): Promise<void> {
  const { lab, testHostIsAsBefore } = await labForFile(t, LAB);
  await t.test('cloud-init lets the key pair of the launch in, and has the user data', (t) =>
    testLaunch(t, lab),
  );
  await testHostIsAsBefore();
}

const reason = whyNoLabs();
if (reason === null) await testCloudInit();
else t.plan(0, reason);
