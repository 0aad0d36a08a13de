/** Guests that do what no guest should: the fabric and the others go on. */
import fs from 'node:fs';
import t, { type Test } from 'tap';
import { readCorpus } from '../packet/hex-file.ts';
import { labForFile, labText, type TestLab, until, whyNoLabs } from './test-lab.ts';

const LAB = labText(
  'hostile',
  `
vpcs: { main: { cidr: 10.75.0.0/16, subnets: { a: { cidr: 10.75.1.0/24 } } } }
instances:
  deleter: { subnet: a, dhcp: static }
  renamer: { subnet: a, dhcp: static }
  flooder: { subnet: a, dhcp: static }
  forger: { subnet: a, dhcp: static }
  one: { subnet: a, address: 10.75.1.21, dhcp: static }
  two: { subnet: a, address: 10.75.1.22, dhcp: static }
  quitter: { subnet: a, address: 10.75.1.23, dhcp: static }
`,
);
const WITHIN_MS = 15_000;
/** Ticks of one processor in a second (USER_HZ). */
const TICKS = 100;

const seed = Number(process.env['SEED'] ?? Date.now() % 0x7fffffff);
t.comment(`seed ${seed}`);
const FORGED = 2000;

/**
 * Writes frames with their virtio headers to a packet socket: those of the command line, or that many
 * with some bytes changed. The kernel refuses some itself.
 */
const FORGER = `
use strict; use warnings;
my ($own, $targets, $count, $seed, @frames) = @ARGV;
my @targets = map { pack "H*", $_ } split /,/, $targets;
open my $file, "<", "/sys/class/net/eth0/ifindex" or die;
my $to = pack "S n i S C C a8", 17, 0, <$file>, 0, 0, 0, "";
socket my $raw, 17, 3, 0 or die "socket: $!";
setsockopt $raw, 263, 15, pack("i", 1) or die "PACKET_VNET_HDR: $!";
srand $seed;
sub forge {
  my ($bytes, $target) = @_;
  my ($header, $frame) = (substr($bytes, 0, 10), substr $bytes, 12);
  substr($frame, 0, 12) = $target . pack "H*", $own if length $frame >= 14;
  return defined send($raw, $header . $frame, 0, $to) ? 1 : 0;
}
my $sent = 0;
@frames = map { pack "H*", $_ } @frames;
if ($count == 0) { for my $frame (@frames) { $sent += forge($frame, $_) for @targets } }
for (1 .. $count) {
  my $bytes = $frames[rand @frames];
  substr($bytes, rand(length $bytes), 1) = chr int rand 256 for 1 .. 1 + rand 4;
  $sent += forge($bytes, $targets[rand @targets]);
}
print "$sent\\n";`;

/** What the corpus holds that no kernel on the way mends or refuses. */
const FORGED_REASONS = [
  ...['BAD_IPV4_HEADER_LENGTH', 'BAD_IPV4_TOTAL_LENGTH', 'TRUNCATED_IPV4', 'IPV4_SOURCE_ROUTE'],
  ...['TINY_FRAGMENT', 'BAD_FRAGMENT', 'OVERLAPPING_FRAGMENT', 'TRUNCATED_TRANSPORT'],
  ...['TRUNCATED_IPV6', 'BAD_IPV6_EXTENSION'],
];

async function testForgedFrames(t: Test, lab: TestLab): Promise<void> {
  const hex = (mac: string) => mac.trim().replaceAll(':', '');
  const router = await lab.read(
    'forger',
    'ping -c1 -W2 -q 10.75.1.1 >/dev/null; ip neigh show 10.75.1.1 | grep -o "lladdr [0-9a-f:]*"',
  );
  const targets = [await lab.macOf('one'), router.replace('lladdr ', '')].map(hex).join();
  const frames = readCorpus('hostile').map((bytes) => Buffer.from(bytes).toString('hex'));
  const own = hex(await lab.macOf('forger'));
  const forge = async (count: number) => {
    const argv = [own, targets, String(count), String(seed), ...frames].join(' ');
    return Number(await lab.read('forger', `perl -e '${FORGER}' ${argv}`));
  };
  const ended = async () => {
    const { received, forwarded, answered, punted, drops } = await lab.port('forger');
    const dropped = Object.values(drops).reduce((sum, each) => sum + each, 0);
    return { received: received.frames, ended: forwarded + answered + punted + dropped, drops };
  };

  await t.test('hostile frames of a packet socket are counted by reason', async (t) => {
    t.ok((await forge(0)) > frames.length, 'the kernel sends most of them');
    const { drops } = await until('all reasons are counted', WITHIN_MS, ended, ({ drops }) =>
      FORGED_REASONS.every((reason) => (drops[reason] ?? 0) > 0),
    );
    t.comment(JSON.stringify(drops));
  });

  await t.test('a flood of forged frames and virtio headers ends in counters', async (t) => {
    const before = await ended();
    const sent = await forge(FORGED);
    t.ok(sent > FORGED / 4, `the kernel sent ${sent}`);
    const after = await until(
      'each frame has one end',
      WITHIN_MS,
      ended,
      (now) => now.received > before.received && now.received === now.ended,
    );
    t.comment(JSON.stringify(after));
    const pings = await lab.sh('one', 'ping -c3 -i0.2 -W2 -q 10.75.1.22');
    t.match(pings.stdout, / 0% packet loss/, 'the others go on');
    await testRest(t, lab);
  });
}

async function testRest(t: Test, lab: TestLab): Promise<void> {
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
  t.pass('the dataplane rests');
}

async function testHostileGuests(): Promise<void> {
  const { lab, testHostIsAsBefore } = await labForFile(t, LAB);

  await t.test('DataplaneWorker rests when a guest has deleted its interface', async (t) => {
    await lab.read('deleter', 'ip link del eth0');
    await testRest(t, lab);
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

  await t.test('a guest that forges frames', (t) => testForgedFrames(t, lab));
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
