/** Real kernels on the fabric: what they see of each other, and what they do not. */
import t from 'tap';
import { labForFile, labText, type TestLab, until, whyNoLabs } from './test-lab.ts';
import { node, startInside, transfer } from './transfer.ts';

const LAB = labText(
  'fabric',
  `
vpcs:
  main:
    cidr: 10.73.0.0/16
    subnets:
      near: { cidr: 10.73.1.0/24 }
      far: { cidr: 10.73.2.0/24 }
instances:
  left: { subnet: near, address: 10.73.1.11, dhcp: static }
  right: { subnet: near, address: 10.73.1.12, dhcp: static }
  third: { subnet: near, address: 10.73.1.13, dhcp: static }
  away: { subnet: far, address: 10.73.2.14, dhcp: static }
`,
);
const INSTANCES = ['left', 'right', 'third', 'away'] as const;
const READY_MS = 10_000;
const TRANSFER_BYTES = 50_000_000;

/** Answers each datagram with its hash, and asks so with datagrams of many sizes. */
const UDP_SERVER = `
const socket = require('node:dgram').createSocket('udp4');
socket.on('message', (bytes, { port, address }) => {
  socket.send(require('node:crypto').createHash('sha256').update(bytes).digest(), port, address);
});
socket.bind(5002, () => console.log('listening'));`;

const UDP_CLIENT = `
const crypto = require('node:crypto');
const socket = require('node:dgram').createSocket('udp4');
const sizes = [0, 1, 2, 63, 1471, 1473, 8972, 8973, 20001, 65507];
const ask = () => {
  const size = sizes.shift();
  if (size === undefined) { console.log('all'); process.exit(); }
  const bytes = crypto.randomBytes(size);
  const want = crypto.createHash('sha256').update(bytes).digest('hex');
  socket.once('message', (got) => { if (got.toString('hex') === want) ask(); else process.exit(1); });
  socket.send(bytes, 5002, process.argv[1]);
};
setTimeout(() => { console.log('no answer; sizes left: ' + sizes); process.exit(2); }, 8000);
ask();`;

/** Records what an instance sees while `use` runs, the card in promiscuous mode. */
async function seenBy(
  lab: TestLab,
  instance: string,
  use: () => Promise<unknown>,
): Promise<(filter: string) => Promise<readonly string[]>> {
  const dump = 'tcpdump -Z root -U --immediate-mode -i eth0 -w /tmp/seen';
  await lab.read(instance, `rm -f /tmp/seen; ${dump} >/dev/null 2>&1 & echo $! >/tmp/pid`);
  await until(
    `tcpdump in ${instance} listens`,
    READY_MS,
    () => lab.sh(instance, 'test -s /tmp/seen'),
    ({ exitCode }) => exitCode === 0,
  );
  await use();
  // Frames come in order: when it has seen this one, it has seen those before.
  await lab.sh(
    instance,
    'ping -n -c1 -W2 -p 656e64 -s 33 $(ip -4 route show default | cut -d" " -f3)',
  );
  await until(
    `tcpdump in ${instance} is at the end`,
    READY_MS,
    () => lab.read(instance, 'tcpdump -nr /tmp/seen "icmp[0] == 0 and ip[3] == 61" 2>/dev/null'),
    (text) => text !== '',
  );
  await lab.read(instance, 'kill $(cat /tmp/pid)');
  return async (filter) => {
    const text = await lab.read(instance, `tcpdump -nenr /tmp/seen '${filter}' 2>/dev/null`);
    return text.split('\n').filter((line) => line !== '');
  };
}

async function neighbourMac(lab: TestLab, instance: string, address: string): Promise<string> {
  const output = await lab.read(instance, `ip -json neigh show ${address}`);
  const [entry] = JSON.parse(output.trim() || '[]') as { readonly lladdr?: string }[];
  return entry?.lladdr ?? '';
}

async function testFabric(): Promise<void> {
  const { lab, testHostIsAsBefore } = await labForFile(t, LAB);
  await testAddressing(lab);
  await testSilence(lab);
  await testTransfers(lab);

  await t.test('the ledger accounts for every frame that the kernels count', async (t) => {
    for (const instance of INSTANCES) {
      await until(
        `ledger and kernel of ${instance} agree`,
        READY_MS,
        async () => {
          const before = (await lab.port(instance)).received.frames;
          const folder = '/sys/class/net/eth0/statistics';
          const counters = await lab.read(instance, `cd ${folder}; cat tx_packets rx_packets`);
          const port = await lab.port(instance);
          return { before, counters: counters.trim().split('\n').map(Number), port };
        },
        ({ counters, port }) =>
          counters[0] === port.received.frames && counters[1] === port.sent.frames,
      );
    }
    for (const port of (await lab.stats()).ports) {
      const dropped = Object.values(port.drops).reduce((sum, frames) => sum + frames, 0);
      const accounted = port.forwarded + port.answered + port.punted + dropped;
      t.equal(port.received.frames, accounted, `${port.instance}.${port.device}`);
    }
  });

  await testHostIsAsBefore();
}

async function testAddressing(lab: TestLab): Promise<void> {
  await t.test('[L2-13] a ping across subnets arrives with TTL 64 both ways', async (t) => {
    const seen = await seenBy(lab, 'away', async () => {
      const { stdout } = await lab.sh('left', 'ping -n -c1 -W2 10.73.2.14');
      t.match(stdout, 'from 10.73.2.14: icmp_seq=1 ttl=64 ');
    });
    const requests = await seen('icmp[0] == 8 and src host 10.73.1.11');
    t.equal(requests.length, 1);
    t.equal((await seen('icmp[0] == 8 and src host 10.73.1.11 and ip[8] == 64')).length, 1);
  });

  await t.test('[L2-14] a packet with TTL 1 reaches another subnet: no router shows', async (t) => {
    const { stdout } = await lab.sh('left', 'ping -n -c1 -W2 -t1 10.73.2.14');
    t.match(stdout, 'from 10.73.2.14: icmp_seq=1 ttl=64 ');
  });

  await t.test(
    '[ARP-1] the ARP cache holds the real MAC, and the owner is not asked',
    async (t) => {
      const seen = await seenBy(lab, 'right', async () => {
        const { exitCode } = await lab.sh(
          'left',
          'ip neigh flush dev eth0; ping -n -c1 -W2 10.73.1.12',
        );
        t.equal(exitCode, 0);
      });
      t.equal(await neighbourMac(lab, 'left', '10.73.1.12'), await lab.macOf('right'));
      t.same(
        await seen('arp[6:2] == 1 and arp[14:4] == 0x0a49010b'),
        [],
        'no request of left reaches right',
      );
      t.equal((await seen('icmp[0] == 8 and src host 10.73.1.11')).length, 1, 'its ping does');
    },
  );

  await t.test('[ARP-4][L2-11] the router has a MAC of its own in each subnet', async (t) => {
    await lab.sh('left', 'ping -n -c1 -W2 10.73.1.1');
    await lab.sh('away', 'ping -n -c1 -W2 10.73.2.1');
    const routers = [
      await neighbourMac(lab, 'left', '10.73.1.1'),
      await neighbourMac(lab, 'away', '10.73.2.1'),
    ];
    const all = [...routers, ...(await Promise.all(INSTANCES.map((name) => lab.macOf(name))))];
    t.equal(new Set(all).size, all.length, 'no two MACs are equal');
    for (const mac of routers) t.match(mac, /^.[26ae]:/, 'locally administered, unicast');
  });

  await t.test('[L2-12] a packet from another subnet comes from the router MAC', async (t) => {
    const seen = await seenBy(lab, 'left', () => lab.sh('away', 'ping -n -c1 -W2 10.73.1.11'));
    const [request = ''] = await seen('icmp[0] == 8 and src host 10.73.2.14');
    const [mac] = /[0-9a-f:]{17}/.exec(request) ?? [];
    t.equal(mac, await neighbourMac(lab, 'left', '10.73.1.1'));
  });
}

async function testSilence(lab: TestLab): Promise<void> {
  for (const [row, what, asked] of [
    ['ARP-5', 'an unassigned address', '10.73.1.77'],
    ['ARP-7', 'the reserved .3 of the subnet', '10.73.1.3'],
    ['ARP-8', 'an address of another subnet', '10.73.2.14'],
  ] as const) {
    const asking = lab.sh('left', `arping -c1 -w1 -I eth0 ${asked}`);
    void t.test(`[${row}] arping for ${what} gets silence`, async (t) => {
      const { exitCode, stdout } = await asking;
      t.not(exitCode, 0);
      t.match(stdout, 'Received 0 response(s)');
    });
  }

  await t.test('[L2-10] a promiscuous third host sees nothing of two others', async (t) => {
    const third = await lab.macOf('third');
    // Who has 10.73.1.13, asked by the router.
    const statusCheck = 'arp[6:2] == 1 and arp[14:4] == 0x0a490101 and arp[24:4] == 0x0a49010d';
    const seen = await seenBy(lab, 'third', async () => {
      await lab.read('left', 'ip neigh flush dev eth0; ping -n -c2 -i0.1 -W2 10.73.1.12');
      await lab.sh('left', 'arping -c1 -w1 -I eth0 10.73.1.78');
    });
    t.same(await seen(`not ether host ${third} and not (${statusCheck})`), []);
    t.not((await seen(`ether host ${third}`)).length, 0, 'it does see its own');
  });

  await t.test('[L2-6] broadcast and multicast reach nobody and are counted', async (t) => {
    const before = (await lab.port('left')).drops;
    const ping = 'ping -n -c2 -i0.1 -W1';
    const seen = await seenBy(lab, 'right', () =>
      lab.sh(
        'left',
        `${ping} -b 10.73.1.255 & ${ping} -b 255.255.255.255 & ${ping} 224.0.0.1; wait`,
      ),
    );
    t.same(await seen('src host 10.73.1.11'), []);
    const { drops } = await lab.port('left');
    const more = (code: string) => (drops[code] ?? 0) - (before[code] ?? 0);
    t.equal(more('BROADCAST_NOT_FORWARDED'), 4);
    t.equal(more('MULTICAST_NOT_FORWARDED'), 2);
  });

  await t.test('[ARP-10] gratuitous ARP reaches nobody and changes no cache', async (t) => {
    await lab.read('right', 'ping -n -c1 -W2 10.73.1.13');
    const before = (await lab.port('left')).drops['ARP_GRATUITOUS'] ?? 0;
    const seen = await seenBy(lab, 'right', () =>
      lab.sh(
        'left',
        [
          'ip addr add 10.73.1.13/32 dev eth0',
          'announce() { arping $1 -c2 -w1 -I eth0 -s 10.73.1.13 10.73.1.13; }',
          'announce -U & announce -A; wait',
          'ip addr del 10.73.1.13/32 dev eth0',
        ].join('; '),
      ),
    );
    t.same(await seen('arp and arp[14:4] == 0x0a49010d'), []);
    t.equal(await neighbourMac(lab, 'right', '10.73.1.13'), await lab.macOf('third'));
    const { drops } = await lab.port('left');
    const refused = (drops['ARP_GRATUITOUS'] ?? 0) - before + (drops['ARP_SPOOFED_SENDER'] ?? 0);
    t.ok(refused >= 4, `refused: ${JSON.stringify(drops)}`);
  });
}

async function testTransfers(lab: TestLab): Promise<void> {
  for (const [where, instance, address] of [
    ['in a subnet', 'right', '10.73.1.12'],
    ['across subnets', 'away', '10.73.2.14'],
  ] as const) {
    await t.test(`TCP ${where} carries 50 MB intact in super-frames`, async (t) => {
      const before = (await lab.port('left')).received;
      const { sent, got } = await transfer(lab, 'left', instance, address, TRANSFER_BYTES);
      const after = (await lab.port('left')).received;
      t.equal(got, sent);
      const bytes = after.bytes - before.bytes;
      t.ok(bytes > TRANSFER_BYTES, 'all came through the port');
      t.ok(bytes / (after.frames - before.frames) > 9015, 'more than an MTU a frame');
    });
  }

  await t.test('UDP datagrams of all sizes arrive intact, their checksums offloaded', async (t) => {
    await startInside(lab, 'right', 'udp', node(UDP_SERVER));
    await startInside(lab, 'away', 'udp', node(UDP_SERVER));
    t.equal(await lab.read('left', node(UDP_CLIENT, '10.73.1.12')), 'all\n');
    t.equal(await lab.read('left', node(UDP_CLIENT, '10.73.2.14')), 'all\n');
  });

  await t.test('[MTU-2] 9001 bytes with DF pass between subnets, 9002 do not', async (t) => {
    const { exitCode } = await lab.sh('left', 'ping -n -c1 -W2 -M do -s 8973 10.73.2.14');
    t.equal(exitCode, 0);
    const { stdout, stderr } = await lab.sh('left', 'ping -n -c1 -W1 -M do -s 8974 10.73.2.14');
    t.match(`${stdout}${stderr}`, 'message too long, mtu=9001');
  });
}

const reason = whyNoLabs();
if (reason === null) await testFabric();
else t.plan(0, reason);
