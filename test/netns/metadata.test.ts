/** Instance metadata as guests see it: real clients, and what one guest cannot get of another. */
import { execa } from 'execa';
import t, { type Test } from 'tap';
import { whyNoBoto3 } from '../api/boto3.ts';
import { labForFile, labText, type TestLab, until, whyNoLabs } from './test-lab.ts';

const IMDS = 'http://169.254.169.254';
const IMDS_6 = 'http://[fd00:ec2::254]';
const VICTIM = '10.85.1.11';
const WITHIN_MS = 10_000;
const CROWD = 1000;
const TTL_HEADER = '-H "X-aws-ec2-metadata-token-ttl-seconds: 60"';

const LAB = labText(
  'metadata',
  `
vpcs:
  main:
    cidr: 10.85.0.0/16
    ipv6: true
    subnets:
      a: { cidr: 10.85.1.0/24, ipv6: 1, networkAcl: shut }
      six: { ipv6: 2, networkAcl: shut }
    securityGroups: { shut: { ingress: [], egress: [] }, open: { ingress: [all from anywhere] } }
    networkAcls: { shut: { ingress: {}, egress: {} } }
instances:
  victim: { subnet: a, address: ${VICTIM}, securityGroups: [open], dhcp: static, role: none, metadata: { hopLimit: 7, ipv6: enabled } }
  guest: { subnet: a, securityGroups: [open], dhcp: static, role: none, metadata: { tokens: required } }
  forwarder: { subnet: a, securityGroups: [open], dhcp: static, sourceDestCheck: false }
  six: { subnet: six, securityGroups: [shut], dhcp: static, metadata: { ipv6: enabled } }
`,
);

function get(path: string, more = '', url = IMDS): string {
  return `curl -sS -g -m 3 ${more} '${url}/latest/${path}'`;
}

function put(url = IMDS): string {
  return `curl -sS -g -m 3 -X PUT ${TTL_HEADER} '${url}/latest/api/token'`;
}

function code(command: string): string {
  return command.replace('curl ', 'curl -o /dev/null -w "%{http_code}" ');
}

async function testMetadata(): Promise<void> {
  const { lab, testHostIsAsBefore } = await labForFile(t, LAB);
  const action = (name: string, input: object) => lab.action(name, input);
  const { instanceId: victimId } = await lab.instance('victim');
  await action('AssociateIamInstanceProfile', {
    InstanceId: victimId,
    IamInstanceProfile: { Name: 'ha' },
  });
  await t.test('[IMDS-1] [UNF-1] both families answer, whatever filters say', (t) =>
    testBoth(t, lab),
  );
  await t.test('[IMDS-4] the answer with a token has the TTL, and no other', (t) =>
    testTtl(t, lab),
  );
  await t.test('botocore, boto3 and the AWS CLI find credentials', (t) => testClients(t, lab));
  await t.test('nobody gets the metadata of another', (t) => testIsolation(t, lab));
  await t.test(`${CROWD} connections of a guest harm nobody`, (t) => testCrowd(t, lab));
  await t.test('the certificate in the folder of the lab verifies', (t) => testIdentity(t, lab));
  await testHostIsAsBefore();
}

async function testBoth(t: Test, lab: TestLab): Promise<void> {
  const { instanceId } = await lab.instance('victim');
  t.equal(await lab.read('victim', get('meta-data/instance-id')), instanceId);
  t.equal(await lab.read('victim', get('meta-data/instance-id', '', IMDS_6)), instanceId);
  const { instanceId: sixId } = await lab.instance('six');
  t.equal(await lab.read('six', get('meta-data/instance-id', '', IMDS_6)), sixId, 'IPv6-only');
  const { exitCode, stderr } = await lab.sh('guest', get('', '', IMDS_6));
  // curl may see the reset before it knows that it is connected; it waits for nothing.
  t.ok([7, 52, 56].includes(exitCode), `switched off: ${stderr}`);
  t.equal(await lab.read('guest', code(get(''))), '401');
}

async function testTtl(t: Test, lab: TestLab): Promise<void> {
  for (const [url, field, usual] of [
    [IMDS, 'ttl', 64],
    [IMDS_6, 'hlim', 64],
  ] as const) {
    const from = url.replace(/^http:\/\/\[?|\]$/g, '');
    await lab.read(
      'victim',
      `tcpdump -i eth0 -nnvl 'src host ${from}' >/tmp/seen 2>/tmp/listening & echo $! >/tmp/pid`,
    );
    await until(
      'tcpdump',
      WITHIN_MS,
      () => lab.sh('victim', 'grep listening /tmp/listening'),
      passed,
    );
    await lab.read('victim', `${put(url)} && ${get('meta-data/mac', '', url)}`);
    const packets = async () =>
      (await lab.read('victim', 'cat /tmp/seen')).replaceAll(/\n\s+/g, ' ').split('\n');
    // The answers are what has content.
    const answers = async () => (await packets()).filter((packet) => /HTTP\/1\.1 200/.test(packet));
    const [first = '', second = ''] = await until(
      'answers',
      WITHIN_MS,
      answers,
      (seen) => seen.length > 1,
    );
    t.match(first, new RegExp(`${field} 7,`), `${url}: the hop limit`);
    t.match(second, new RegExp(`${field} ${usual},`), `${url}: as far as any`);
    await lab.read('victim', 'kill $(cat /tmp/pid)');
  }
}

function passed({ exitCode }: { readonly exitCode: number }): boolean {
  return exitCode === 0;
}

async function testClients(t: Test, lab: TestLab): Promise<void> {
  const alone = 'env -i PATH=/usr/bin:/bin HOME=/root';
  const fetcher = `${alone} /usr/bin/python3 -c "
from botocore.utils import InstanceMetadataFetcher
print(InstanceMetadataFetcher().retrieve_iam_role_credentials())"`;
  const found = await lab.read('victim', fetcher);
  t.match(found, /'role_name': 'ha', 'access_key': 'ASIA[A-Z2-7]{16}'/);
  t.equal((await lab.read('guest', fetcher)).trim(), '{}', 'without a profile');
  const session = `${alone} /usr/bin/python3 -c "
import boto3
found = boto3.Session().get_credentials()
print(found.method, found.access_key)"`;
  t.match(await lab.read('victim', session), /^iam-role ASIA/);
  const listed = await lab.read('victim', `${alone} aws configure list`);
  t.match(listed, /access_key .*iam-role[\s\S]*region +us-east-1 +imds/);
}

async function testIsolation(t: Test, lab: TestLab): Promise<void> {
  const { instanceId: victimId } = await lab.instance('victim');
  const token = await lab.read('victim', put());
  const withToken = `-H "X-aws-ec2-metadata-token: ${token}"`;
  t.equal(await lab.read('victim', get('meta-data/instance-id', withToken)), victimId);
  for (const thief of ['guest', 'forwarder']) {
    t.equal(await lab.read(thief, code(get('meta-data/instance-id', withToken))), '401', thief);
  }
  for (const thief of ['guest', 'forwarder']) {
    await lab.read(thief, `ip address add ${VICTIM}/32 dev eth0 nodad`);
    const { stdout } = await lab.sh(thief, get('meta-data/iam/info', `--interface ${VICTIM}`));
    t.notMatch(stdout, /instance-profile\/ha/, `${thief} with the address of the victim`);
    await lab.read(thief, `ip address del ${VICTIM}/32 dev eth0`);
  }
  await lab.read('victim', 'sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.send_redirects=0');
  await lab.read('guest', `ip route add 169.254.169.254/32 via ${VICTIM}`);
  const { stdout } = await lab.sh('guest', get('meta-data/iam/info', withToken));
  t.notMatch(stdout, /instance-profile\/ha/, 'routed through the victim');
  t.equal((await lab.sh('guest', put())).stdout, '');
  await lab.read('guest', 'ip route del 169.254.169.254/32');
  t.match(await lab.read('guest', put()), /==$/, 'and its own is there again');
}

async function testCrowd(t: Test, lab: TestLab): Promise<void> {
  const open = `import socket, time
held = []
for _ in range(${CROWD}):
    one = socket.socket()
    one.setblocking(False)
    one.connect_ex(('169.254.169.254', 80))
    held.append(one)
open('/tmp/crowd', 'w').write('there')
time.sleep(4)`;
  await lab.read('guest', `/usr/bin/python3 -c "${open}" >/dev/null 2>&1 &`);
  await until('the crowd', WITHIN_MS, () => lab.sh('guest', 'cat /tmp/crowd'), passed);
  const timed = get('meta-data/mac').replace('curl ', 'curl -o /dev/null -w "%{time_total}" ');
  for (let round = 0; round < 5; round++) {
    const seconds = Number(await lab.read('victim', timed));
    t.ok(seconds < 0.5, `${seconds * 1000} ms`);
  }
  const again = () => lab.sh('guest', code(get('')));
  await until('the guest is served again', WITHIN_MS, again, ({ stdout }) => stdout === '401');
}

async function testIdentity(t: Test, lab: TestLab): Promise<void> {
  const message = await lab.read('victim', get('dynamic/instance-identity/rsa2048'));
  const input = `-----BEGIN PKCS7-----\n${message}\n-----END PKCS7-----\n`;
  const certificate = `/var/lib/vpclab/${lab.name}/identity/certificate.pem`;
  const verifies = ['-verify', '-inform', 'PEM', '-certfile', certificate, '-noverify'];
  const { stdout } = await execa('openssl', ['smime', ...verifies], { input });
  t.match(JSON.parse(stdout), { privateIp: VICTIM, region: 'us-east-1' });
}

const why = whyNoLabs() ?? whyNoBoto3();
if (why === null) await testMetadata();
else t.plan(0, why);
