/** watch-failover on a real lab: what it measures, and which call it names. */
import t, { type Test } from 'tap';
import type { Change } from '../../src/engine/control-api.ts';
import type { OutageReport } from '../../src/scenario/play/outage-report.ts';
import {
  labForFile,
  labText,
  startVpclab,
  type TestLab,
  until,
  vpclab,
  whyNoLabs,
} from './test-lab.ts';

/** Sends each datagram back, from the address that it was sent to. */
const ECHO = `#!/usr/bin/python3
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind((sys.argv[1], 7))
while True:
    s.sendto(*s.recvfrom(64))
`;
/** Until packets go by a call. */
const PACKET_DELAY_MS = 300;
const SERVICE = '192.0.2.10';

const LAB = labText(
  'failover',
  `
settings: { packetDelay: ${PACKET_DELAY_MS}ms }
vpcs:
  main:
    cidr: 10.77.0.0/16
    ipv6: true
    subnets:
      a: { cidr: 10.77.1.0/24, ipv6: 1 }
      b: { cidr: 10.77.2.0/24, ipv6: 2, routeTable: clients }
    routeTables: { clients: { routes: { ${SERVICE}/32: r1 } } }
    securityGroups: { default: { ingress: [all from anywhere] } }
instances:
  client: { subnet: b, address: 10.77.2.11, ipv6Address: "::11", dhcp: static }
  r1:
    subnet: a
    address: 10.77.1.11
    ipv6Address: "::11"
    dhcp: static
    sourceDestCheck: false
    start: ip address add ${SERVICE}/32 dev lo
    files: { /usr/local/sbin/echo-server: { content: ${JSON.stringify(ECHO)}, mode: "0755" } }
    daemons: { echo1: exec echo-server ${SERVICE}, echo2: exec echo-server 10.77.1.11 }
`,
);

type Line =
  | ({ readonly type: 'outage' } & OutageReport)
  | {
      readonly type: 'summary';
      readonly flows: readonly {
        readonly to: string;
        readonly sent: number;
        readonly answered: number;
        readonly outages: number;
        readonly outSince: string | null;
      }[];
    };

function linesOf(stdout: string): readonly Line[] {
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
}

async function testWatching(): Promise<void> {
  const { lab, testHostIsAsBefore } = await labForFile(t, LAB);
  const watch = (...argv: string[]) =>
    startVpclab(['watch-failover', '-n', lab.name, '--from', 'client', '--json', ...argv]);
  await until(
    'the echo servers',
    10_000,
    async () => (await lab.sh('r1', 'ss -Hlun sport = :7')).stdout,
    (text) => text.trim().split('\n').length === 2,
  );
  await lab.read('client', `ping -c1 -W1 ${SERVICE}`);

  await t.test(
    '[HA-1] [ENI-12] an outage is as long as its route was away, and a call takes its time',
    async (t) => {
      await measuresRoute(t, lab, watch);
    },
  );

  await t.test('every protocol and family is answered', async (t) => {
    const ipv6 = (await lab.instance('r1')).interfaces[0]?.addresses.find((each) =>
      each.includes(':'),
    );
    for (const [protocol, ...to] of [
      ['udp', `${SERVICE}:7`, '10.77.1.11:7'],
      ['tcp', `${SERVICE}:80`, `[${ipv6}]:80`],
      ['icmp', SERVICE, ipv6],
    ] as string[][]) {
      const argv = ['--protocol', protocol ?? '', '--to', ...to, '--for', '700ms'];
      const { stdout, stderr, exitCode } = await watch(...argv);
      t.equal(exitCode, 0, stderr);
      const summary = linesOf(stdout).at(-1);
      if (summary?.type !== 'summary') throw new Error(stdout);
      t.equal(summary.flows.length, 2);
      for (const { to, sent, answered } of summary.flows) {
        t.ok(sent > 100 && answered >= sent - 20, `${protocol} ${to}: ${answered} of ${sent}`);
      }
    }
  });

  await t.test('an outage that lasts at the end is exit code 1', async (t) => {
    const argv = ['watch-failover', '-n', lab.name, '--from', 'client', 'r1'];
    const lasting = await vpclab([...argv, '--to', '10.77.2.99', '--for', '500ms']);
    t.equal(lasting.exitCode, 1);
    t.match(lasting.stdout, /^client -> 10\.77\.2\.99 icmp: \d+ probes, 0 answered, 0 outages; no/);
    t.match(lasting.stdout, /^r1 -> 10\.77\.2\.99 icmp: \d+ probes, 0 answered/m);
  });

  await t.test('Ctrl-C ends it with the sum', async (t) => {
    const watching = startVpclab([
      'watch-failover',
      '-n',
      lab.name,
      '--from',
      'client',
      '--to',
      SERVICE,
    ]);
    await delayUntilProbed(lab);
    watching.kill('SIGINT');
    const { stdout, exitCode } = await watching;
    t.match(stdout, /^client -> 192\.0\.2\.10 icmp: \d+ probes, \d+ answered, 0 outages\n$/);
    t.equal(exitCode, 0);
  });

  await t.test('what cannot be probed is told', async (t) => {
    const argv = ['watch-failover', '-n', lab.name, '--from'];
    const unknown = await vpclab([...argv, 'nobody', '--to', SERVICE]);
    t.match(unknown, { exitCode: 4, stderr: /Cannot find instance "nobody"/ });
    const noPort = await vpclab([...argv, 'client', '--to', SERVICE, '--protocol', 'tcp']);
    t.match(noPort, { exitCode: 2, stderr: /found no port/ });
    await lab.sh('client', 'ip route add unreachable 203.0.113.0/24');
    const noRoute = await vpclab([...argv, 'client', '--to', '203.0.113.1']);
    t.match(noRoute, { exitCode: 1, stderr: /^Cannot probe 203\.0\.113\.1 from .*EHOSTUNREACH/ });
  });

  await testHostIsAsBefore();
}

/** Frames of the client leave at the rate of the probes. */
async function delayUntilProbed(lab: TestLab): Promise<void> {
  const before = (await lab.port('client')).received.frames;
  await until(
    'probes',
    10_000,
    async () => (await lab.port('client')).received.frames,
    (frames) => frames > before + 300,
  );
}

/** Packets go by the last call. */
async function delayUntilInForce(lab: TestLab): Promise<void> {
  await until(
    'the call is in force',
    10_000,
    async () => ((await lab.request('GET', '/changes?since=0')).body as Change[]).at(-1),
    (change) => (change?.inForceMs ?? null) !== null,
  );
}

type Watch = (...argv: string[]) => ReturnType<typeof startVpclab>;

async function measuresRoute(t: Test, lab: TestLab, watch: Watch): Promise<void> {
  const DestinationCidrBlock = `${SERVICE}/32`;
  const { RouteTables } = (await lab.action('DescribeRouteTables', {
    Filters: [{ Name: 'tag:Name', Values: ['clients'] }],
  })) as { RouteTables: { RouteTableId: string }[] };
  const RouteTableId = RouteTables[0]?.RouteTableId ?? '';
  const NetworkInterfaceId = (await lab.instance('r1')).interfaces[0]?.eniId ?? '';
  const watching = watch('--to', SERVICE, '10.77.1.11');
  await delayUntilProbed(lab);
  await lab.action('DeleteRoute', { RouteTableId, DestinationCidrBlock });
  await delayUntilInForce(lab);
  await delayUntilProbed(lab);
  await lab.action('CreateRoute', { RouteTableId, DestinationCidrBlock, NetworkInterfaceId });
  await delayUntilInForce(lab);
  await delayUntilProbed(lab);
  watching.kill('SIGINT');
  const { stdout, stderr, exitCode } = await watching;
  t.equal(exitCode, 0, stderr);
  const [outage, summary, ...rest] = linesOf(stdout);
  if (outage?.type !== 'outage' || summary?.type !== 'summary') throw new Error(stdout);
  t.strictSame(rest, []);
  t.match(summary.flows, [{ outages: 1 }, { to: '10.77.1.11', outages: 0, outSince: null }]);
  t.match(outage, { from: 'client', to: SERVICE, protocol: 'icmp' });
  t.match(outage.endedBy, {
    action: 'CreateRoute',
    subjects: [RouteTableId, DestinationCidrBlock, NetworkInterfaceId],
  });
  const { askedMs = 0, inForceMs = 0 } = outage.endedBy ?? {};
  t.ok(inForceMs - askedMs >= PACKET_DELAY_MS, `in force after ${inForceMs - askedMs} ms`);
  t.ok(outage.outageMs - askedMs >= PACKET_DELAY_MS - outage.errorMs, 'packets wait as long');
  const { body } = await lab.request('GET', '/changes?since=0');
  const [deleted, created] = (body as Change[]).slice(-2);
  const awayMs = (created?.inForceMs ?? 0) - (deleted?.inForceMs ?? 0);
  // The controller hears of each swap a little after it.
  const wrongMs = Math.abs(outage.outageMs - awayMs);
  t.ok(wrongMs <= outage.errorMs + 10, `${outage.outageMs} ms of ${awayMs} ms`);
}

const obstacle = whyNoLabs();
if (obstacle === null) await testWatching();
else t.plan(0, obstacle);
