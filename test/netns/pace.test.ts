/** A lab at AWS's pace: packets that follow later, states that last, refusals that SDKs try again. */
import t, { type Test } from 'tap';
import { at, textAt } from '../actions/lab.ts';
import { Boto3, type Outcome, whyNoBoto3 } from '../api/boto3.ts';
import { labForFile, type TestLab, twoRouters, until, vpclab, whyNoLabs } from './test-lab.ts';

const SERVICE = '192.0.2.10';
const DELAY_MS = 1500;
const LAB = twoRouters('pace', {
  cidr: '10.85',
  service: SERVICE,
  settings: `{ timing: aws, timingScale: 0.1, packetDelay: ${DELAY_MS}ms, throttling: aws }`,
});

interface Setting {
  readonly lab: TestLab;
  readonly url: string;
  readonly region: string;
  readonly boto3: Boto3;
}

async function testPace(): Promise<void> {
  const { lab, testHostIsAsBefore } = await labForFile(t, LAB);
  const { apiUrl, region } = await lab.ps();
  if (apiUrl === null) throw new Error('the lab has no API');
  const boto3 = new Boto3(apiUrl, region);
  t.teardown(() => boto3.close());
  const setting = { lab, url: apiUrl, region, boto3 };
  await t.test('what the lab file asks for is there when it is up', (t) => testUp(t, setting));
  await t.test('[ENI-12] packets go the old way until the time is over', (t) =>
    testRoute(t, setting),
  );
  await t.test('up waits for nothing, and ends what is under way', (t) => testUpAgain(t, setting));
  await t.test('an instance that is stopping is off already', (t) => testStop(t, setting));
  await t.test('boto3 gets through the throttle by itself', (t) => testThrottle(t, setting));
  await testHostIsAsBefore();
}

/** @returns the answer. @throws Error with the code of a refusal. */
async function done(outcome: Promise<Outcome>): Promise<unknown> {
  const { answer, code, message } = await outcome;
  if (code !== undefined) throw new Error(`${code}: ${message}`);
  return answer;
}

/** @returns who of the two has the address of the service now, by the frames that it gets. */
async function holder({ lab }: Setting): Promise<string> {
  const frames = () =>
    Promise.all(['r1', 'r2'].map(async (name) => (await lab.port(name)).sent.frames));
  const before = await frames();
  await lab.read('client', `ping -c3 -i0.01 -W1 ${SERVICE}`);
  const [one = 0, other = 0] = (await frames()).map((count, port) => count - (before[port] ?? 0));
  return one > other ? 'r1' : 'r2';
}

/** @returns what the answer has waited for. */
async function moveTo(name: string, { lab, boto3 }: Setting): Promise<number> {
  const Filters = [{ Name: 'tag:Name', Values: ['clients'] }];
  const tables = await done(boto3.ask('describe_route_tables', { Filters }));
  const { interfaces } = await lab.instance(name);
  const route = {
    RouteTableId: textAt(tables, 'RouteTables', 0, 'RouteTableId'),
    DestinationCidrBlock: `${SERVICE}/32`,
    NetworkInterfaceId: interfaces[0]?.eniId,
  };
  const outcome = boto3.ask('replace_route', route);
  await done(outcome);
  return (await outcome).ms;
}

async function testUp(t: Test, setting: Setting): Promise<void> {
  t.equal(await holder(setting), 'r1');
  const found = await done(setting.boto3.ask('describe_instances', { MaxResults: 100 }));
  t.equal(at(found, 'Reservations', 0, 'Instances', 0, 'State', 'Name'), 'running');
}

async function testRoute(t: Test, setting: Setting): Promise<void> {
  const asked = performance.now();
  const ms = await moveTo('r2', setting);
  t.ok(ms < DELAY_MS / 2, `the answer comes at once: ${ms} ms`);
  t.equal(await holder(setting), 'r1', 'and the packets go as before');
  t.ok(performance.now() - asked < DELAY_MS, 'so far the time is not over');
  await until(
    'packets follow',
    3 * DELAY_MS,
    () => holder(setting),
    (name) => name === 'r2',
  );
  t.ok(performance.now() - asked >= DELAY_MS, 'now it is');
}

async function testUpAgain(t: Test, setting: Setting): Promise<void> {
  await moveTo('r1', setting);
  await moveTo('r2', setting);
  const { exitCode, stderr } = await vpclab(['up', '-'], { input: LAB.text });
  t.equal(exitCode, 0, stderr);
  t.equal(await holder(setting), 'r1');
}

async function testStop(t: Test, { lab, boto3 }: Setting): Promise<void> {
  const { instanceId } = await lab.instance('r2');
  const InstanceIds = [instanceId];
  const state = async () => {
    const found = await done(boto3.ask('describe_instances', { InstanceIds }));
    return at(found, 'Reservations', 0, 'Instances', 0, 'State', 'Name');
  };
  await done(boto3.ask('stop_instances', { InstanceIds }));
  t.equal(await state(), 'stopping');
  t.equal((await lab.instance('r2')).pid, null);
  t.match(await boto3.ask('start_instances', { InstanceIds }), { code: 'IncorrectInstanceState' });
  await until('stopped', 10_000, state, (now) => now === 'stopped');
  await done(boto3.ask('start_instances', { InstanceIds }));
}

async function testThrottle(t: Test, { url, region, boto3 }: Setting): Promise<void> {
  const there = { code: 'DefaultVpcAlreadyExists' };
  t.match(await boto3.ask('create_default_vpc'), there);
  t.match(await boto3.ask('create_default_vpc'), {
    code: 'RequestLimitExceeded',
    message: 'Request limit exceeded.',
    status: 503,
  });
  for (const mode of ['legacy', 'standard'] as const) {
    const patient = new Boto3(url, region, { retries: mode });
    for (let call = 0; call < 2; call++) {
      t.match(await patient.ask('create_default_vpc'), there, `${mode} retries`);
    }
    await patient.close();
  }
}

const skip = whyNoLabs() ?? whyNoBoto3();
if (skip === null) await testPace();
else t.plan(0, skip);
