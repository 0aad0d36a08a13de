/** The life of instances: boot, commands, logs, power, interfaces that come and go. */
import fs from 'node:fs';
import t from 'tap';
import { processStart } from '../../src/host/proc.ts';
import { labForFile, labText, type TestLab, until, vpclab, whyNoLabs } from './test-lab.ts';

const LAB = labText(
  'life',
  `
vpcs:
  main:
    cidr: 10.74.0.0/16
    subnets:
      a: { cidr: 10.74.1.0/24 }
      b: { cidr: 10.74.2.0/24 }
interfaces:
  spare: { subnet: b, address: 10.74.2.50, sourceDestCheck: false }
instances:
  one:
    subnet: a
    address: 10.74.1.11
    dhcp: udhcpc
    env: { GREETING: hello from the lab }
    files:
      /etc/vpclab-test/motd: { content: "laid over\\n", mode: "0640" }
      /etc/hosts: { content: "10.74.1.12 friend\\n" }
    start: echo begun >>/root/starts; cat /etc/vpclab-test/motd
    daemons:
      talker: echo "$GREETING, $(hostname)"; exec sleep 1000
      brief: exit 3
  two: { subnet: a, address: 10.74.1.12, dhcp: dhclient }
  doomed: { subnet: a, address: 10.74.1.13, dhcp: static }
`,
);
const BOOT_MS = 15_000;
const IMPAIRED_MS = 20_000;

async function testLifecycle(): Promise<void> {
  const { lab, testHostIsAsBefore } = await labForFile(t, LAB);
  const killed = await kill(lab, 'doomed');
  await testCommands(lab);
  await testInside(lab);
  await testInterfaces(lab);
  await testPower(lab);
  await testChange(lab);

  await t.test('[ARP-9] an instance that was killed is impaired within 20 s', async (t) => {
    const left = IMPAIRED_MS - (performance.now() - killed);
    await until(
      'doomed is impaired',
      left,
      () => lab.instance('doomed'),
      ({ health }) => health === 'impaired',
    );
    const status = (await lab.ps()).instances.find(({ name }) => name === 'doomed');
    t.match(status, { state: 'running', health: 'impaired', pid: null });
    t.match(
      (await vpclab(['ps', '-n', lab.name])).stdout,
      /^doomed\t.*\trunning\timpaired\t/m,
      'the table says so too',
    );
  });

  await testHostIsAsBefore();
}

/** Kills once the instance is healthy. @returns when. */
async function kill(lab: TestLab, name: string): Promise<number> {
  await untilHealthy(lab, name);
  await lab.request('POST', `/instances/${name}/kill`);
  return performance.now();
}

async function untilHealthy(lab: TestLab, name: string): Promise<void> {
  await until(
    `${name} is healthy`,
    BOOT_MS,
    () => lab.instance(name),
    ({ health }) => health === 'ok',
  );
}

async function testCommands(lab: TestLab): Promise<void> {
  await t.test('exec passes exit code, output and input through', async (t) => {
    const exec = (instance: string, ...command: readonly string[]) =>
      vpclab(['exec', '-n', lab.name, instance, '--', ...command], { input: 'typed\n' });
    const [good, failed, missing, signalled, absent] = await Promise.all([
      exec('one', 'cat'),
      exec('one', 'sh', '-c', 'echo to stderr >&2; exit 7'),
      exec('one', 'no-such-program'),
      exec('one', 'sh', '-c', 'kill -KILL $$'),
      exec('nobody', 'true'),
    ]);
    t.match(good, { exitCode: 0, stdout: 'typed\n' });
    t.match(failed, { exitCode: 7, stdout: '', stderr: 'to stderr\n' });
    t.equal(missing.exitCode, 127);
    t.equal(signalled.exitCode, 137);
    t.match(absent, { exitCode: 4, stderr: /nobody/ });
  });

  await t.test('exec runs in the namespaces and the control group of the instance', async (t) => {
    const script = 'hostname; echo "$GREETING"; cut -d: -f2- /proc/self/cgroup; ps -e -o comm=';
    const { stdout } = await vpclab(['exec', '-n', lab.name, 'one', '--', 'sh', '-c', script]);
    const lines = stdout.split('\n');
    t.match(lines.slice(0, 2), ['one', 'hello from the lab']);
    t.ok(lines.includes(':/'), 'it sees its own group as the root');
    t.notOk(lines.includes('node'), 'no process of the host shows');
  });

  await t.test('logs has what start-up and daemons wrote, by name', async (t) => {
    const logs = async (...flags: readonly string[]) =>
      (await vpclab(['logs', '-n', lab.name, 'one', ...flags])).stdout;
    const [text, json, absent] = await Promise.all([
      logs(),
      logs('--json'),
      vpclab(['logs', '-n', lab.name, 'nobody']),
    ]);
    t.match(text, /^start \| laid over$/m);
    t.match(text, /^talker \| hello from the lab, one$/m);
    t.match(text, /^network \| .*10\.74\.1\.11/m);
    const lines = json.trim().split('\n');
    const parsed = lines.map((line) => JSON.parse(line) as { log: string; line: string });
    t.ok(parsed.some(({ log, line }) => log === 'start' && line === 'laid over'));
    t.equal(absent.exitCode, 4);
  });

  await t.test('ps shows the instances with daemons, addresses and health', async (t) => {
    await untilHealthy(lab, 'one');
    const { instances, pid } = await lab.ps();
    t.ok(fs.existsSync(`/proc/${pid}`), 'the controller');
    t.match(
      instances.find(({ name }) => name === 'one'),
      {
        image: 'linux',
        state: 'running',
        health: 'ok',
        netns: `vpclab-${lab.name}-one`,
        interfaces: [{ device: 'eth0', addresses: ['10.74.1.11'], subnet: 'a' }],
        daemons: [
          { name: 'talker', state: 'running', exitCode: null },
          { name: 'brief', state: 'exited', exitCode: 3 },
        ],
      },
    );
  });
}

async function testInside(lab: TestLab): Promise<void> {
  await t.test('each instance has namespaces of its own', async (t) => {
    const read = 'for n in net mnt pid uts cgroup; do readlink /proc/self/ns/$n; done';
    const [one = [], two = []] = await Promise.all(
      ['one', 'two'].map(async (name) => (await lab.read(name, read)).trim().split('\n')),
    );
    const host = ['net', 'mnt', 'pid', 'uts', 'cgroup'].map((n) =>
      fs.readlinkSync(`/proc/self/ns/${n}`),
    );
    t.equal(new Set([...one, ...two, ...host]).size, 15);
  });

  await t.test('files are laid over the root and changes stay inside', async (t) => {
    const hosts = fs.readFileSync('/etc/hosts', 'utf8');
    const mark = `${lab.name}-mark`;
    const output = await lab.read(
      'one',
      `cat /etc/vpclab-test/motd; stat -c %a /etc/vpclab-test/motd; cat /etc/hosts;
       for f in /etc /usr /var/lib /root /opt; do echo x >$f/${mark}; done; rm /etc/hostname`,
    );
    t.equal(output, 'laid over\n640\n10.74.1.12 friend\n');
    t.equal(fs.readFileSync('/etc/hosts', 'utf8'), hosts);
    for (const folder of ['/etc', '/usr', '/var/lib', '/root', '/opt']) {
      t.notOk(fs.existsSync(`${folder}/${mark}`), folder);
    }
    t.ok(fs.existsSync('/etc/hostname'));
    t.equal(
      await lab.read('two', `ls /etc/${mark} 2>&1 || echo none`).then((text) => /none/.test(text)),
      true,
    );
  });

  await t.test('/run and /tmp begin empty, and no mount of the host shows', async (t) => {
    const output = await lab.read('two', 'ls /run; ls /tmp; ls /run/netns 2>&1; cat /proc/mounts');
    t.notMatch(output, /nsfs| \/run\/\S| \/mnt\//, 'no mount but those of the instance');
    // What the DHCP client of Debian and the hook of chrony, if it is there, have made.
    t.match(output, /^(?:chrony-dhcp\n)?dhclient\.eth0\.pid\nls: /);
  });
}

async function testInterfaces(lab: TestLab): Promise<void> {
  await t.test(
    '[ENI-2] an attached interface appears with an address and goes again',
    async (t) => {
      const { InstanceId, NetworkInterfaceId } = await idsFor(lab);
      const input = { InstanceId, NetworkInterfaceId, DeviceIndex: 1 };
      const { AttachmentId } = await lab.action('AttachNetworkInterface', input);
      const configured = await until(
        'eth1 has its address',
        BOOT_MS,
        () => lab.sh('two', 'ip -4 -o addr show dev eth1; cat /sys/class/net/eth1/address'),
        ({ stdout }) => stdout.includes('inet '),
      );
      const two = await lab.instance('two');
      t.match(configured.stdout, 'inet 10.74.2.50/24 brd 10.74.2.255');
      t.match(configured.stdout, two.interfaces[1]?.mac ?? 'none');
      t.match(two.interfaces[1], { device: 'eth1', subnet: 'b', sourceDestCheck: false });
      t.equal((await lab.port('two', 'eth1')).eniId, NetworkInterfaceId);
      await lab.action('DetachNetworkInterface', { AttachmentId });
      t.equal((await lab.sh('two', 'ip link show dev eth1')).exitCode, 1, 'it is gone');
      t.equal((await lab.instance('two')).interfaces.length, 1);
    },
  );

  await t.test('[ENI-2] an action that AWS refuses is refused with its code', async (t) => {
    const { InstanceId, NetworkInterfaceId } = await idsFor(lab);
    const refused = async (action: string, input: object) => {
      const { status, body } = await lab.request('POST', '/actions', { action, input });
      return { status, code: (body as Record<string, unknown>)['code'] };
    };
    t.same(
      await refused('AttachNetworkInterface', { InstanceId, NetworkInterfaceId, DeviceIndex: 0 }),
      { status: 400, code: 'InvalidParameterValue' },
    );
    t.same(await refused('StopInstances', { InstanceIds: ['i-0123456789abcdef0'] }), {
      status: 400,
      code: 'InvalidInstanceID.NotFound',
    });
    t.same(await refused('MakeCoffee', {}), { status: 400, code: 'InvalidAction' });
    const { Attachment } = await describeEni(lab, '10.74.1.12');
    const { AttachmentId } = Attachment as Record<string, string>;
    t.same(await refused('DetachNetworkInterface', { AttachmentId }), {
      status: 400,
      code: 'OperationNotPermitted',
    });
  });
}

async function testPower(lab: TestLab): Promise<void> {
  await t.test('stop and start keep the disk and lose /tmp, /run and the processes', async (t) => {
    const { InstanceId } = await idsFor(lab, 'one');
    await lab.read('one', 'for f in /root /tmp /run /var/tmp; do echo kept >$f/mark; done');
    await lab.action('StopInstances', { InstanceIds: [InstanceId] });
    t.match(await lab.instance('one'), { state: 'stopped', health: 'not-applicable', pid: null });
    t.notOk(fs.existsSync(`/run/netns/vpclab-${lab.name}-one`));
    t.equal((await vpclab(['exec', '-n', lab.name, 'one', '--', 'true'])).exitCode, 4);
    t.not((await lab.sh('two', 'ping -n -c1 -W1 10.74.1.11')).exitCode, 0, 'it is off');
    await lab.action('StartInstances', { InstanceIds: [InstanceId] });
    t.match(await lab.instance('one'), { state: 'running', health: 'initializing' });
    await untilStarted(lab, 'one', 2);
    await untilHealthy(lab, 'one');
    t.same(
      (await lab.read('one', 'ls /root/mark /tmp/mark /run/mark /var/tmp/mark 2>&1 || :'))
        .split('\n')
        .filter((line) => line.startsWith('/')),
      ['/root/mark', '/var/tmp/mark'],
    );
    t.equal((await lab.sh('two', 'ping -n -c1 -W2 10.74.1.11')).exitCode, 0);
  });

  await t.test('RebootInstances starts the instance anew on its disk and address', async (t) => {
    const { InstanceId } = await idsFor(lab, 'one');
    const { pid } = await lab.instance('one');
    await lab.read('one', 'echo lost >/tmp/mark');
    await lab.action('RebootInstances', { InstanceIds: [InstanceId] });
    await untilStarted(lab, 'one', 3);
    t.not((await lab.instance('one')).pid, pid);
    t.equal(processStart(pid ?? 0), null, 'its first process is gone');
    t.equal((await lab.sh('one', 'test -e /root/mark -a ! -e /tmp/mark')).exitCode, 0);
    t.match(await lab.read('one', 'ip -4 -o addr show dev eth0'), 'inet 10.74.1.11/24');
  });
}

/** What changes while the lab is up; it leaves the other instances alone. */
async function testChange(lab: TestLab): Promise<void> {
  await t.test('up of a lab that runs changes it to what its file says', async (t) => {
    const same = await vpclab(['up', '-', '--json'], { input: LAB.text });
    t.match(same, { exitCode: 0, stderr: '' });
    t.match(JSON.parse(same.stdout), { type: 'changed', actions: [] });
    const { pid } = await lab.instance('two');
    const added = '  added: { subnet: b, address: 10.74.2.60, dhcp: udhcpc }\n';
    t.equal((await vpclab(['up', '-'], { input: LAB.text + added })).exitCode, 0);
    t.equal((await lab.sh('added', 'ping -n -c1 -W2 10.74.1.12')).exitCode, 0);
    t.equal((await vpclab(['up', '-'], { input: LAB.text })).exitCode, 0);
    t.equal(fs.existsSync(`/run/netns/vpclab-${lab.name}-added`), false, 'it is gone again');
    t.equal((await lab.instance('two')).pid, pid, 'the others run on');
  });
}

async function untilStarted(lab: TestLab, name: string, times: number): Promise<void> {
  await until(
    `${name} has begun ${times} times`,
    BOOT_MS,
    async () => {
      const { pid } = await lab.instance(name);
      return pid === null ? '' : (await lab.sh(name, 'cat /root/starts')).stdout;
    },
    (text) => text === 'begun\n'.repeat(times),
  );
}

async function idsFor(lab: TestLab, name = 'two') {
  const { instanceId: InstanceId } = await lab.instance(name);
  const { NetworkInterfaceId } = await describeEni(lab, '10.74.2.50');
  return { InstanceId, NetworkInterfaceId };
}

async function describeEni(lab: TestLab, address: string): Promise<Record<string, unknown>> {
  const { NetworkInterfaces } = await lab.action('DescribeNetworkInterfaces', {
    Filters: [{ Name: 'private-ip-address', Values: [address] }],
  });
  const [found = {}] = NetworkInterfaces as Record<string, unknown>[];
  return found;
}

const reason = whyNoLabs();
if (reason === null) await testLifecycle();
else t.plan(0, reason);
