/** Time on the link, asked by real clients: chrony's own, and ntpdate. */
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import t, { type Test } from 'tap';
import { cgroupRoot } from '../../src/host/cgroup.ts';
import { processStart } from '../../src/host/proc.ts';
import { changesSince, takePicture } from './host-state.ts';
import {
  labForFile,
  labText,
  programOf,
  type TestLab,
  takeAllDown,
  until,
  up,
  whyNoLabs,
} from './test-lab.ts';

const IPV4 = '169.254.169.123';
const IPV6 = 'fd00:ec2::123';
const WITHIN_MS = 15_000;
/** Of this host's clock, which is the one that is told. */
const MAX_OFFSET_S = 0.1;
const CAP_SYS_TIME = 25n;
const FLOOD = 3000;

/** Neither groups nor ACLs let anything in or out, and no subnet has a way to anywhere. */
const LAB = labText(
  'time',
  `
vpcs:
  main:
    cidr: 10.84.0.0/16
    ipv6: true
    subnets:
      both: { cidr: 10.84.1.0/24, ipv6: 1, networkAcl: shut }
      six: { ipv6: 2, networkAcl: shut }
    securityGroups: { shut: { ingress: [], egress: [] } }
    networkAcls: { shut: { ingress: {}, egress: {} } }
instances:
  both: { subnet: both, securityGroups: [shut], dhcp: static, layers: [NTPDATE] }
  other: { subnet: both, securityGroups: [shut], dhcp: static, layers: [NTPDATE] }
  six: { subnet: six, securityGroups: [shut], dhcp: static, layers: [NTPDATE] }
`.replaceAll('NTPDATE', fileURLToPath(new URL('../../packages/ntpsec-ntpdate', import.meta.url))),
);

/** A client of a few lines: arguments are the address, its own port, and how often it asks at once. */
const ASKER = `
import socket, sys
address, port, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
s = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("", port))
s.settimeout(2)
for each in range(count): s.sendto(bytes([0x23]) + bytes(39) + each.to_bytes(8, "big"), (address, 123))
answers = 0
try:
  while answers < count:
    data, peer = s.recvfrom(1024)
    answers += 1
    s.settimeout(0.3)
except TimeoutError: pass
print(answers, *(peer[:2] + (len(data), data[0] & 7, data[1]) if answers else ()))
`;

async function testTime(): Promise<void> {
  const { lab, testHostIsAsBefore } = await labForFile(t, LAB);
  await t.test('[NTP-1] [UNF-1] chronyd finds the time with nothing let through', (t) =>
    testChronyd(t, lab),
  );
  await t.test('[NTP-1] ntpdate finds the time, and at AWS stratum', (t) => testNtpdate(t, lab));
  await t.test('time is told to any port, from port 123', (t) => testPorts(t, lab));
  await t.test('a guest that floods the server of time harms nobody', (t) => testFlood(t, lab));
  await t.test('the server of time has no clock to set, and two sockets', (t) =>
    testPowers(t, lab),
  );
  await t.test('a lab goes on without its server of time, and says so', (t) => testDeath(t, lab));
  await testHostIsAsBefore();
}

/** @returns what chronyd measured in seconds; it sets nothing. */
async function offsetOf(lab: TestLab, instance: string, server: string): Promise<number> {
  const { exitCode, stderr } = await lab.sh(
    instance,
    `chronyd -Q -t 10 'server ${server} iburst maxsamples 1'`,
  );
  if (exitCode !== 0) throw new Error(`${instance}: chronyd ended with ${exitCode}\n${stderr}`);
  return Number(/System clock wrong by (\S+) seconds \(ignored\)/.exec(stderr)?.[1]);
}

async function testChronyd(t: Test, lab: TestLab): Promise<void> {
  const rows = [
    ['both', IPV4],
    ['both', IPV6],
    ['six', IPV6],
  ] as const;
  for (const [instance, server] of rows) {
    const offset = await offsetOf(lab, instance, server);
    t.ok(Math.abs(offset) < MAX_OFFSET_S, `${instance}, ${server}: ${offset} s`);
  }
}

async function testNtpdate(t: Test, lab: TestLab): Promise<void> {
  const rows = [
    ['both', IPV4],
    ['both', IPV6],
    ['six', IPV6],
  ] as const;
  for (const [instance, server] of rows) {
    const answer = await lab.read(instance, `ntpdate -q ${server}`);
    const [, offset, stratum] = / ([+-][\d.]+) \+\/- [\d.]+ \S+ s(\d+) no-leap/.exec(answer) ?? [];
    t.equal(stratum, '3', answer);
    t.ok(Math.abs(Number(offset)) < MAX_OFFSET_S, answer);
  }
  t.not((await lab.sh('six', `ntpdate -q ${IPV4}`)).exitCode, 0, 'an IPv6-only subnet has no IPv4');
}

function ask(lab: TestLab, instance: string, server: string, port = 0, count = 1): Promise<string> {
  return lab.read(instance, `python3 -c '${ASKER}' ${server} ${port} ${count}`);
}

async function testPorts(t: Test, lab: TestLab): Promise<void> {
  for (const [instance, server] of [
    ['both', IPV4],
    ['six', IPV6],
  ] as const) {
    for (const port of [0, 123, 1023, 65_535]) {
      const wanted = `1 ${server} 123 48 4 3\n`;
      t.equal(await ask(lab, instance, server, port), wanted, `${server} asked from ${port}`);
    }
  }
}

async function testFlood(t: Test, lab: TestLab): Promise<void> {
  const flood = ask(lab, 'other', IPV4, 0, FLOOD);
  const calm = await ask(lab, 'both', IPV4);
  t.equal(calm, `1 ${IPV4} 123 48 4 3\n`, 'another guest is answered');
  const answers = Number((await flood).split(' ')[0]);
  t.ok(answers >= 64 && answers < FLOOD / 2, `${answers} answers to ${FLOOD} questions`);
  await until(
    'the guest is answered again',
    WITHIN_MS,
    () => ask(lab, 'other', IPV4),
    (answer) => answer.startsWith('1 '),
  );
}

/** @returns the server and its helper, in the host's numbers. */
function serversOf(lab: TestLab): readonly number[] {
  const group = path.join(cgroupRoot() ?? '', 'vpclab', lab.name, '.services', 'cgroup.procs');
  const pids = fs.readFileSync(group, 'utf8').split('\n').filter(Boolean).map(Number);
  return pids.filter((pid) => fs.readFileSync(`/proc/${pid}/comm`, 'utf8') === 'chronyd\n');
}

function serverOf(lab: TestLab): number {
  const [first] = serversOf(lab);
  if (first === undefined) throw new Error(`${lab.name} has no chronyd`);
  return first;
}

async function testPowers(t: Test, lab: TestLab): Promise<void> {
  for (const each of serversOf(lab)) {
    const status = fs.readFileSync(`/proc/${each}/status`, 'utf8');
    const capabilities = BigInt(`0x${/^CapEff:\s*(\w+)$/m.exec(status)?.[1]}`);
    t.equal((capabilities >> CAP_SYS_TIME) & 1n, 0n, 'it may not set a clock');
    t.not(/^Uid:\s*(\d+)/m.exec(status)?.[1], '0', 'it is not root');
  }
  const pid = serverOf(lab);
  const { stdout } = await execa('nsenter', [
    ...['-t', String(pid), '-n', 'ss'],
    ...['-H', '-n', '-a', '-p', '-t', '-u'],
  ]);
  const sockets = stdout
    .split('\n')
    .filter((line) => line.includes(`pid=${pid},`))
    .map((line) => line.trim().split(/\s+/)[4]);
  t.same(sockets.sort(), [`${IPV4}:123`, `[${IPV6}]:123`]);
}

async function testDeath(t: Test, lab: TestLab): Promise<void> {
  process.kill(serverOf(lab), 'SIGKILL');
  const log = await until(
    'the controller says so',
    WITHIN_MS,
    () => fs.readFileSync(`/var/lib/vpclab/${lab.name}/controller.log`, 'utf8'),
    (text) => text !== '',
  );
  t.match(
    log,
    /^Cannot tell guests the time any more: chronyd: it was ended by SIGKILL, see ".*"\n$/,
  );
  t.equal((await lab.sh('both', 'curl -sS -m 5 http://169.254.169.80/')).exitCode, 0);
  t.match(await ask(lab, 'both', IPV4), /^0$/m);
}

async function testKilledController(): Promise<void> {
  await t.test('the server of time does not outlive the lab of a killed controller', async (t) => {
    t.teardown(takeAllDown);
    const before = await takePicture();
    const lab = await up(labText('time-dead', 'vpcs: {}\ninstances: {}\n'));
    const server = serverOf(lab);
    const { pid } = await lab.status();
    process.kill(pid, 'SIGKILL');
    t.not(processStart(server), null);
    t.equal((await lab.down()).exitCode, 0);
    t.equal(processStart(server), null);
    t.same(await changesSince(before), []);
  });
}

/** In mounts of its own, the host's folder of daemons is without chronyd. */
async function testNoProgram(): Promise<void> {
  await t.test('a lab starts on a host without chronyd, which up and doctor tell', async (t) => {
    t.teardown(takeAllDown);
    const { name, text } = labText(
      'time-none',
      'vpcs: { main: { cidr: 10.84.0.0/16, subnets: { a: { cidr: 10.84.1.0/24 } } } }\n' +
        'instances: { one: { subnet: a, dhcp: static } }\n',
    );
    const hide = [
      'mount -t tmpfs none /mnt && mkdir /mnt/upper /mnt/work && mknod /mnt/upper/chronyd c 0 0',
      'mount -t overlay none -o lowerdir=/usr/sbin,upperdir=/mnt/upper,workdir=/mnt/work /usr/sbin',
    ];
    const vpclab = (...argv: readonly string[]) => `"$@" ${argv.join(' ')}`;
    const script = [...hide, vpclab('up', '-'), vpclab('doctor'), vpclab('down', '-n', name)].join(
      '\n',
    );
    const { stdout, stderr } = await execa(
      'unshare',
      ['--mount', 'sh', '-c', script, 'script', ...programOf([])],
      { input: text, reject: false, timeout: 60_000 },
    );
    t.match(stderr, /is up: 1 instances/);
    t.match(
      stderr,
      /instances are not told the time: no chronyd on this host, apt-get install chrony/,
    );
    t.match(stdout, /time for instances\tsome labs\tno chronyd\tapt-get install chrony/);
    t.match(stderr, /is down/);
  });
}

const reason = whyNoLabs();
if (reason === null) {
  await testTime();
  await testKilledController();
  await testNoProgram();
} else t.plan(0, reason);
