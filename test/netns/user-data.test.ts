/** Instances that are made through the API only: images, key pairs, user data, console output. */
import t, { type Test } from 'tap';
import { at, textAt } from '../actions/lab.ts';
import { Boto3, type Outcome, whyNoBoto3 } from '../api/boto3.ts';
import { labForFile, labText, type TestLab, until, vpclab, whyNoLabs } from './test-lab.ts';

const FOREIGN_AMI = 'ami-0123456789abcdef0';
const LAB = labText(
  'userdata',
  `
settings: { amis: { ${FOREIGN_AMI}: linux } }
vpcs: {}
instances: {}
`,
);
const BOOT_MS = 20_000;
const PORT = 8080;
const SERVER_SCRIPT = `#!/bin/sh
echo "first boot of $(hostname)"
echo started >>/root/starts
mkdir /srv/www
echo "hello from user data" >/srv/www/index.html
cd /srv/www
exec python3 -m http.server ${PORT}
`;

interface Setting {
  readonly lab: TestLab;
  readonly boto3: Boto3;
  readonly subnetId: string;
}

/** @returns the answer. @throws Error with the code of a refusal. */
async function done(outcome: Promise<Outcome>): Promise<unknown> {
  const { answer, code, message } = await outcome;
  if (code !== undefined) throw new Error(`${code}: ${message}`);
  return answer;
}

async function testUserData(): Promise<void> {
  const { lab, testHostIsAsBefore } = await labForFile(t, LAB);
  const { apiUrl, region } = await lab.ps();
  if (apiUrl === null) throw new Error('the lab has no API');
  const boto3 = new Boto3(apiUrl, region);
  t.teardown(() => boto3.close());
  const setting = { lab, boto3, subnetId: await makeNetwork(boto3) };
  await t.test('user data starts a server that another instance reaches', (t) =>
    testServer(t, setting),
  );
  await t.test('user data that is no script, or fails, is told and harms nothing', (t) =>
    testOthers(t, setting),
  );
  await testHostIsAsBefore();
}

/** @returns a subnet whose instances let each other in. */
async function makeNetwork(boto3: Boto3): Promise<string> {
  const vpc = await done(boto3.ask('create_vpc', { CidrBlock: '10.88.0.0/16' }));
  const VpcId = textAt(vpc, 'Vpc', 'VpcId');
  const subnet = await done(boto3.ask('create_subnet', { VpcId, CidrBlock: '10.88.1.0/24' }));
  return textAt(subnet, 'Subnet', 'SubnetId');
}

/** `exec` waits for the boot. */
async function booted(lab: TestLab, name: string): Promise<void> {
  const { exitCode, stderr } = await vpclab(['exec', '-n', lab.name, name, '--', 'true']);
  if (exitCode !== 0) throw new Error(`${name} has not booted: ${stderr}`);
}

/** @returns the id of an instance that has booted. */
async function run(
  { boto3, lab, subnetId }: Setting,
  name: string,
  more: Readonly<Record<string, unknown>>,
): Promise<string> {
  const Tags = [{ Key: 'Name', Value: name }];
  const made = await done(
    boto3.ask('run_instances', {
      SubnetId: subnetId,
      InstanceType: 't3.micro',
      MinCount: 1,
      MaxCount: 1,
      TagSpecifications: [{ ResourceType: 'instance', Tags }],
      ...more,
    }),
  );
  await booted(lab, name);
  return textAt(made, 'Instances', 0, 'InstanceId');
}

async function builtInImage({ boto3 }: Setting): Promise<string> {
  const Filters = [{ Name: 'name', Values: ['vpclab/linux'] }];
  const images = await done(boto3.ask('describe_images', { Owners: ['amazon'], Filters }));
  return textAt(images, 'Images', 0, 'ImageId');
}

/** What the instance wrote so far; botocore decodes it. */
async function consoleOf({ boto3 }: Setting, InstanceId: string): Promise<string> {
  return String(at(await done(boto3.ask('get_console_output', { InstanceId })), 'Output') ?? '');
}

async function testServer(t: Test, setting: Setting): Promise<void> {
  const { boto3, lab } = setting;
  await done(boto3.ask('create_key_pair', { KeyName: 'ops' }));
  const ImageId = await builtInImage(setting);
  const server = await run(setting, 'server', {
    ImageId,
    KeyName: 'ops',
    UserData: SERVER_SCRIPT,
  });
  await run(setting, 'client', { ImageId: FOREIGN_AMI });
  const described = await done(boto3.ask('describe_instances', { InstanceIds: [server] }));
  const instance = at(described, 'Reservations', 0, 'Instances', 0);
  t.match(instance, { ImageId, KeyName: 'ops', State: { Name: 'running' } });
  const url = `http://${textAt(instance, 'PrivateIpAddress')}:${PORT}/`;
  const page = () => lab.sh('client', `curl -s --max-time 2 ${url}`);
  const isThere = ({ stdout }: { readonly stdout: string }) => stdout === 'hello from user data\n';
  await until('the server serves', BOOT_MS, page, isThere);
  t.match(await consoleOf(setting, server), /^first boot of server$/m);
  const status = await done(boto3.ask('describe_instance_status', { InstanceIds: [server] }));
  t.match(at(status, 'InstanceStatuses', 0), { InstanceStatus: { Status: /ok|initializing/ } });
  await done(boto3.ask('stop_instances', { InstanceIds: [server] }));
  await done(boto3.ask('start_instances', { InstanceIds: [server] }));
  await booted(lab, 'server');
  t.equal(
    await lab.read('server', 'cat /root/starts'),
    'started\n',
    'it ran at the first boot only',
  );
  t.not((await page()).exitCode, 0);
}

async function testOthers(t: Test, setting: Setting): Promise<void> {
  const ImageId = await builtInImage(setting);
  const rows = [
    ['config', '#cloud-config\npackages: [nginx]\n', /not run: it is a cloud-config/],
    ['broken', '#!/bin/sh\necho so far\nexit 7\n', /so far\nuser data ended with exit code 7/],
  ] as const;
  for (const [name, UserData, log] of rows) {
    const id = await run(setting, name, { ImageId, UserData });
    const text = await until(
      `the log of ${name}`,
      BOOT_MS,
      () => consoleOf(setting, id),
      (output) => log.test(output),
    );
    t.match(text, log, name);
    t.equal((await setting.lab.instance(name)).state, 'running');
  }
}

const reason = whyNoLabs() ?? whyNoBoto3();
if (reason === null) await testUserData();
else t.plan(0, reason);
