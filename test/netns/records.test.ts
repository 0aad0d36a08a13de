/** A lab of records: all that the API knows, and nothing of it on the host. */
import t, { type Test } from 'tap';
import { changesSince, takePicture } from './host-state.ts';
import { labText, startVpclab, TestLab, takeAllDown, vpclab, whyNoLabs } from './test-lab.ts';

const LAB = labText(
  'records',
  `
vpcs: { main: { cidr: 10.86.0.0/16, subnets: { a: { cidr: 10.86.1.0/24 } } } }
instances: { one: { subnet: a }, two: { subnet: a, image: frr } }
`,
);

async function testRecords(t: Test): Promise<void> {
  t.teardown(takeAllDown);
  const before = await takePicture();
  const { exitCode, stderr } = await vpclab(['up', '-', '--records'], { input: LAB.text });
  t.equal(exitCode, 0, stderr);
  const lab = new TestLab(LAB.name);
  const status = await lab.status();
  t.match(status, { isRecords: true, instances: [{ state: 'running', pid: null }, {}] });
  const made = (await changesSince(before)).filter((line) => /netns|link|mount|cgroup/.test(line));
  t.same(made, [], 'no namespace, interface, mount or group');

  await t.test('what needs packets is refused, and the lab lives on', async (t) => {
    for (const argv of [
      ['exec', 'one', '--', 'true'],
      ['watch-failover', '--from', 'one', '--to', '10.86.1.9', '--for', '1s'],
      ['capture', 'one', '--seconds', '1', '-w', '-'],
      ['explain', 'one', 'two'],
      ['stats'],
    ]) {
      const [command = '', ...rest] = argv;
      const refused = await startVpclab([command, '-n', lab.name, ...rest]);
      t.not(refused.exitCode, 0, command);
      t.match(refused.stderr, /is of records only/, command);
    }
    t.equal((await lab.status()).pid, status.pid);
  });

  await t.test('the API answers', async (t) => {
    const { Instances } = (
      (await lab.action('DescribeInstances', {})) as {
        Reservations: { Instances: { PrivateIpAddress: string }[] }[];
      }
    ).Reservations[0] ?? { Instances: [] };
    t.match(Instances, [{ PrivateIpAddress: /^10\.86\.1\./ }]);
  });

  t.equal((await lab.down()).exitCode, 0);
  t.same(await changesSince(before), []);
}

const obstacle = whyNoLabs();
if (obstacle === null) await t.test('up --records', testRecords);
else t.plan(0, obstacle);
