/** Guests that do what no guest should: the fabric and the others go on. */
import fs from 'node:fs';
import t from 'tap';
import { labForFile, labText, type TestLab, until, whyNoLabs } from './test-lab.ts';

const LAB = labText(
  'hostile',
  `
vpcs: { main: { cidr: 10.75.0.0/16, subnets: { a: { cidr: 10.75.1.0/24 } } } }
instances:
  deleter: { subnet: a, dhcp: static }
  renamer: { subnet: a, dhcp: static }
  flooder: { subnet: a, dhcp: static }
  one: { subnet: a, address: 10.75.1.21, dhcp: static }
  two: { subnet: a, address: 10.75.1.22, dhcp: static }
  quitter: { subnet: a, address: 10.75.1.23, dhcp: static }
`,
);
const WITHIN_MS = 15_000;
/** Ticks of one processor in a second (USER_HZ). */
const TICKS = 100;

async function testHostileGuests(): Promise<void> {
  const { lab, testHostIsAsBefore } = await labForFile(t, LAB);

  await t.test('DataplaneWorker rests when a guest has deleted its interface', async (t) => {
    await lab.read('deleter', 'ip link del eth0');
    const { pid } = await lab.status();
    await until(
      'a second without work',
      WITHIN_MS,
      async () => {
        const before = processorTicks(pid);
        await lab.read('one', 'sleep 1');
        return processorTicks(pid) - before;
      },
      (ticks) => ticks < TICKS / 4,
    );
    t.pass('it rests');
    await reboot(lab, 'deleter');
    t.match(await lab.read('deleter', 'ip -o addr show eth0'), /inet 10\.75\.1\./);
  });

  await t.test('LabRuntime.kill finds the interface under another name', async (t) => {
    await lab.read('renamer', 'ip link set eth0 down && ip link set eth0 name wan0 up');
    await lab.request('POST', '/instances/renamer/kill');
    await reboot(lab, 'renamer');
    t.match(await lab.read('renamer', 'ip -o link show eth0'), /eth0/);
  });

  await t.test('[ARP-9] a guest that ends itself is impaired, and answers nobody', async (t) => {
    await lab.sh('quitter', 'kill -KILL -1; kill -HUP 1; busybox reboot -f');
    await until(
      'nobody answers',
      WITHIN_MS,
      () => lab.sh('one', 'ping -c1 -W1 10.75.1.23'),
      ({ exitCode }) => exitCode !== 0,
    );
    const quitter = await until(
      'it is impaired',
      WITHIN_MS,
      () => lab.instance('quitter'),
      ({ health }) => health === 'impaired',
    );
    t.match(quitter, { state: 'running', pid: null });
  });

  await t.test('a flood of new flows from one guest leaves others their flows', async (t) => {
    const flood = 'timeout 3 ping -f -q 10.75.1.1 >/dev/null & ';
    const scan = 'for n in $(seq 1 400); do echo x >/dev/udp/10.75.1.21/$n; done; wait';
    const flooded = lab.sh('flooder', `bash -c '${flood} ${scan}'`);
    const pings = await lab.sh('one', 'ping -c50 -i0.02 -W2 -q 10.75.1.22');
    await flooded;
    t.equal(pings.exitCode, 0, pings.stdout);
    t.match(pings.stdout, / 0% packet loss/);
  });

  await testHostIsAsBefore();
}

async function reboot(lab: TestLab, name: string): Promise<void> {
  const { instanceId } = await lab.instance(name);
  await lab.action('RebootInstances', { InstanceIds: [instanceId] });
  await until(
    `${name} runs again`,
    WITHIN_MS,
    () => lab.instance(name),
    ({ health }) => health === 'ok',
  );
}

function processorTicks(pid: number): number {
  const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

const why = whyNoLabs();
if (why === null) await testHostileGuests();
else t.plan(0, why);
