/** Labs with `uplink: host`, in a host of the test's own: what leaves, what comes in, what is left. */
import { execa } from 'execa';
import tap, { type Test } from 'tap';
import { processStart } from '../../src/host/proc.ts';
import { BIG_SIZE, FakeHost, HOST_ADDRESS, HOST_ADDRESS_6, WEB, WEB_6 } from './fake-host.ts';
import { changesSince, takePicture } from './host-state.ts';
import { labText, programOf, TestLab, until, up, vpclab, whyNoLabs } from './test-lab.ts';

const READY_MS = 10_000;
const SERVICE_PORT = 8080;
/** Of curl. */
const TIMED_OUT = 28;

const LAB = labText(
  'uplink',
  `
vpcs:
  main:
    cidr: 10.80.0.0/16
    ipv6: true
    internetGateway: true
    natGateways: { nat: { subnet: public } }
    subnets:
      public: { cidr: 10.80.1.0/24, ipv6: 1, routeTable: out }
      private: { cidr: 10.80.2.0/24, routeTable: nat }
    routeTables:
      out: { routes: { 0.0.0.0/0: igw, "::/0": igw } }
      nat: { routes: { 0.0.0.0/0: nat } }
    securityGroups: { default: { ingress: [all from anywhere] } }
instances:
  open: { subnet: public, publicAddress: auto, dhcp: static }
  shut: { subnet: private, dhcp: static }
internet:
  uplink: host
  hosts: { peer: { address: 198.51.100.10, dhcp: static } }
`,
);
const GUESTS = ['open', 'shut', 'peer'] as const;

const LINK_ROUTE = /^(169\.254\.240\.\d+) dev (\S+)/m;

/** IPv4 packets that a guest has got, by its kernel. */
const RECEIVED_PACKETS = `awk '/^Ip: [0-9]/ { print $4 }' /proc/net/snmp`;

const visit = (url: string) => `curl -gsS -m5 ${url}`;

async function testUplink(t: Test): Promise<void> {
  const host = await FakeHost.open();
  t.teardown(() => host.close());
  await host.serve(SERVICE_PORT);
  const before = await host.picture();
  const realHost = await takePicture();
  await testRefusals(t, host);
  host.forwardIpv4(true);
  const forwarding = await host.picture();
  t.not(forwarding, before, 'the picture shows what forwards');
  const lab = new TestLab(LAB.name);
  t.teardown(() => lab.down());
  await t.test('up says that the lab reaches the real network', async (t) => {
    const { netns } = host;
    const { exitCode, stderr } = await vpclab(['up', '-'], { netns, input: LAB.text });
    t.equal(exitCode, 0, stderr);
    t.match(stderr, /reaches the real network through this host, by IPv4 alone/);
  });
  await testOutward(t, host, lab);
  await testInward(t, host, lab);
  await testChanges(t, host, lab);
  await testTwoLabs(t, host);
  await t.test('down leaves the host as it was', async (t) => {
    t.equal((await lab.down()).exitCode, 0);
    t.equal(await host.picture(), forwarding);
  });
  await testCrash(t, host, forwarding);
  await testIpv6(t, host);
  await t.test('the real host is as it was', async (t) => {
    t.same(await changesSince(realHost), []);
  });
}

async function testRefusals(t: Test, host: FakeHost): Promise<void> {
  const { netns } = host;
  await t.test('a host that does not forward is told how to, and left alone', async (t) => {
    const was = await host.picture();
    for (const command of ['up', 'run']) {
      const { exitCode, stderr } = await vpclab([command, '-'], { netns, input: LAB.text });
      t.equal(exitCode, 3, stderr);
      t.match(stderr, /wan does not forward IPv4.*\nsysctl -w net\/ipv4\/conf\/wan\/forwarding=1/);
    }
    t.equal(await host.picture(), was);
  });

  await t.test('a host without two free addresses is told which', async (t) => {
    host.forwardIpv4(true);
    const was = await host.picture();
    const blocks = ['169.254.0.0/16', '100.64.0.0/10'];
    for (const block of blocks) await host.read(`ip route add ${block} dev wan`);
    const { exitCode, stderr } = await vpclab(['up', '-'], { netns, input: LAB.text });
    for (const block of blocks) await host.read(`ip route delete ${block}`);
    t.equal(exitCode, 3, stderr);
    t.match(stderr, /all in 169\.254\.240\.0\/24 and 100\.127\.240\.0\/24/);
    t.equal(await host.picture(), was);
    host.forwardIpv4(false);
  });

  await t.test('a host without nft is told the package', async (t) => {
    const folder = t.testdir({});
    const hide = `mount -t tmpfs none ${folder} && mkdir ${folder}/upper ${folder}/work && mount -t overlay -o lowerdir=/usr/sbin,upperdir=${folder}/upper,workdir=${folder}/work none /usr/sbin && rm /usr/sbin/nft && exec "$@"`;
    const enter = [`--net=/run/netns/${netns}`, 'unshare', '--mount', 'sh', '-c', hide, 'hide'];
    const { exitCode, stderr } = await execa('nsenter', [...enter, ...programOf(['up', '-'])], {
      reject: false,
      input: LAB.text,
      cwd: '/',
    });
    t.equal(exitCode, 3, stderr);
    t.match(stderr, /found no nft.*\napt-get install nftables/);
  });
}

async function testOutward(t: Test, host: FakeHost, lab: TestLab): Promise<void> {
  await t.test(
    '[IGW-1] [NAT-5] guests and public hosts reach the real network as the host',
    async (t) => {
      for (const guest of GUESTS) {
        t.equal(await lab.read(guest, visit(`http://${WEB}/`)), HOST_ADDRESS, guest);
        const ping = await lab.sh(guest, `ping -n -c2 -i0.2 -W2 ${WEB}`);
        t.equal(ping.exitCode, 0, `${guest} pings: ${ping.stdout}`);
      }
      t.same([...new Set(host.visitors)], [HOST_ADDRESS], 'the server sees nobody else');
    },
  );

  await t.test('a large download comes whole', async (t) => {
    for (const guest of GUESTS) {
      const size = await lab.read(
        guest,
        `${visit(`http://${WEB}/big`)} -o /dev/null -w %{size_download}`,
      );
      t.equal(Number(size), BIG_SIZE, guest);
    }
  });

  await t.test('[MTU-1] a packet of 1500 bytes is the largest', async (t) => {
    const ping = (bytes: number) => lab.sh('open', `ping -n -c1 -W2 -M do -s ${bytes - 28} ${WEB}`);
    t.equal((await ping(1500)).exitCode, 0);
    t.match((await ping(1501)).stdout, /mtu = 1500/);
  });

  await t.test('every hop shows, and takes one from the TTL', async (t) => {
    const hops = await lab.read('shut', `traceroute -n -q1 -w2 ${WEB}`);
    t.match(
      hops,
      /^ 1 {2}10\.80\.1\.\d+ .*\n 2 {2}169\.254\.240\.\d*[13579] .*\n 3 {2}169\.254\.240\.\d+ .*\n 4 {2}192\.0\.2\.80 /m,
    );
  });

  await t.test('explain says that the packet leaves the lab', async (t) => {
    const { stdout } = await vpclab(['explain', '-n', lab.name, 'open', WEB, 'tcp/80']);
    t.match(stdout, /uplink +to the real network\n +leaves the lab by the host’s uplink/);
  });
}

async function testInward(t: Test, host: FakeHost, lab: TestLab): Promise<void> {
  await t.test(
    '[IGW-3] services of the host, and what is private, stay out of reach',
    async (t) => {
      host.visitors.length = 0;
      const link = (await host.read('ip -4 -br address')).match(/169\.254\.240\.\d+/)?.[0] ?? '';
      t.match(link, /^169/);
      for (const address of [HOST_ADDRESS, link, '127.0.0.1']) {
        const url = `http://${address}:${SERVICE_PORT}/`;
        const { exitCode } = await lab.sh('peer', `curl -gsS -m1 ${url}`);
        t.not(exitCode, 0, url);
      }
      t.equal((await lab.sh('peer', `ping -n -c1 -W1 ${HOST_ADDRESS}`)).exitCode, 1);
      t.same(host.visitors, []);
    },
  );

  await t.test('what the host has redirected is out of reach', async (t) => {
    await host.read('nft add table ip published');
    const hook = '{ type nat hook prerouting priority dstnat; policy accept; }';
    await host.read(`nft add chain ip published PREROUTING ${hook}`);
    const to = `ip daddr ${HOST_ADDRESS} tcp dport 9090 dnat to ${WEB}:80`;
    await host.read(`nft add rule ip published PREROUTING ${to}`);
    const { exitCode } = await lab.sh('peer', `curl -gsS -m1 http://${HOST_ADDRESS}:9090/`);
    await host.read('nft delete table ip published');
    t.equal(exitCode, TIMED_OUT);
    t.same(host.visitors, []);
  });

  await t.test('nothing comes in unasked, even where routes lead to the lab', async (t) => {
    const received = () => lab.read('peer', RECEIVED_PACKETS);
    const before = await received();
    const [, address, device] = (await host.read('ip -4 route')).match(LINK_ROUTE) ?? [];
    const block = '198.51.100.0/24';
    await host.read(`ip route add ${block} via ${address} dev ${device}`);
    t.ok(await host.worldCan(`ip route add ${block} via ${HOST_ADDRESS}`));
    t.notOk(await host.worldCan('ping -n -c1 -W1 198.51.100.10'));
    t.notOk(await host.worldCan('curl -sS -m1 http://198.51.100.10/'));
    await t.rejects(host.read('ping -n -c1 -W1 198.51.100.10'), 'nor from the host itself');
    await host.read(`ip route delete ${block}`);
    t.equal(await received(), before, 'no packet has come to the lab');
  });
}

async function testChanges(t: Test, host: FakeHost, lab: TestLab): Promise<void> {
  const { netns } = host;
  await t.test('the uplink of a lab that is up stays as it is', async (t) => {
    const input = LAB.text.replace('  uplink: host\n', '');
    const { exitCode, stderr } = await vpclab(['up', '-'], { netns, input });
    t.equal(exitCode, 2);
    t.match(stderr, /Cannot change the uplink .* it is up with one, wanted --reconfigure/);
    const exported = await vpclab(['export', '-n', lab.name]);
    t.match(exported.stdout, /internet:\n +uplink: host\n/);
  });

  await t.test('up names the chains of the host that let nothing through', async (t) => {
    const { name, text: input } = labText('closed-uplink', 'internet: { uplink: host }\n');
    await host.read('nft add table ip shut');
    const closed = '{ type filter hook forward priority 0; policy drop; }';
    await host.read(`nft add chain ip shut FORWARD ${closed}`);
    try {
      const { exitCode, stderr } = await vpclab(['up', '-'], { netns, input });
      t.equal(exitCode, 0, stderr);
      t.match(stderr, /chain ip shut FORWARD of this host drops .*: let vpclab-[0-9a-f]{8} pass/);
    } finally {
      await new TestLab(name).down();
      await host.read('nft delete table ip shut');
    }
  });
}

async function testTwoLabs(t: Test, host: FakeHost): Promise<void> {
  await t.test('two labs have an uplink each', async (t) => {
    const body = 'internet: { uplink: host, hosts: { peer: { dhcp: static } } }\n';
    const second = await up(labText('second-uplink', body), { netns: host.netns });
    try {
      t.equal(await second.read('peer', visit(`http://${WEB}/`)), HOST_ADDRESS);
      const tables = await host.read('nft list tables');
      t.equal(tables.split('\n').filter((line) => line.includes('vpclab_')).length, 2, tables);
    } finally {
      t.equal((await second.down()).exitCode, 0);
    }
  });
}

async function testCrash(t: Test, host: FakeHost, clean: string): Promise<void> {
  await t.test('after kill -9 the next start removes what was left', async (t) => {
    const { netns } = host;
    const crashed = await up(labText('crashed-uplink', 'internet: { uplink: host }\n'), { netns });
    const { pid } = await crashed.status();
    process.kill(pid, 'SIGKILL');
    const start = () => processStart(pid);
    await until('it is gone', READY_MS, start, (ticks) => ticks === null);
    t.not(await host.picture(), clean, 'it has left its link and its table');
    const next = await up(labText('next', ''), { netns });
    try {
      t.equal(await host.picture(), clean);
    } finally {
      t.equal((await next.down()).exitCode, 0);
      t.equal((await crashed.down()).exitCode, 0);
    }
  });
}

async function testIpv6(t: Test, host: FakeHost): Promise<void> {
  await t.test('IPv6 goes out where the host forwards it', async (t) => {
    host.forwardIpv6(true);
    const clean = await host.picture();
    const lab = await up(LAB, { netns: host.netns });
    try {
      const asked = () => lab.sh('open', visit(`http://[${WEB_6}]/`));
      const { stdout } = await until(
        'it answers',
        READY_MS,
        asked,
        ({ exitCode }) => exitCode === 0,
      );
      t.equal(stdout, HOST_ADDRESS_6);
      t.equal((await lab.sh('open', `ping -n -c1 -W2 ${WEB_6}`)).exitCode, 0);
      const own = visit(`http://[${HOST_ADDRESS_6}]:${SERVICE_PORT}/`);
      t.not((await lab.sh('open', own)).exitCode, 0);
    } finally {
      t.equal((await lab.down()).exitCode, 0);
    }
    t.equal(await host.picture(), clean);
  });
}

const reason = whyNoLabs();
if (reason === null) await tap.test('a lab with the uplink of its host', testUplink);
else tap.plan(0, reason);
