/** Real kernels that leave work to their cards or do not, and their fragments. */
import t, { type Test } from 'tap';
import { captureWhile, tshark } from './captured.ts';
import { labForFile, labText, type TestLab, until, whyNoLabs } from './test-lab.ts';
import { transfer } from './transfer.ts';

const body = (settings: string) => `
${settings}
vpcs:
  main:
    cidr: 10.76.0.0/16
    ipv6: 2001:db8:76::/56
    subnets:
      a: { cidr: 10.76.1.0/24, ipv6: 1 }
      b: { cidr: 10.76.2.0/24, ipv6: 2 }
    securityGroups:
      pings: { ingress: [icmp echo-request from anywhere, icmpv6 echo-request from anywhere] }
      open: { ingress: [all from anywhere] }
instances:
  clever: { subnet: a, address: 10.76.1.11, ipv6Address: "::11", dhcp: static, securityGroups: open }
  plain:
    subnet: b
    address: 10.76.2.12
    ipv6Address: "::12"
    dhcp: static
    securityGroups: open
    start: ethtool -K eth0 tso off gso off tx off
  pinged: { subnet: b, address: 10.76.2.13, ipv6Address: "::13", dhcp: static, securityGroups: pings }
`;
const FOLLOW = labText('mtu', body(''));
const DROP = labText('mtu-drop', body('settings: { fragments: drop }'));

const TRANSFER_BYTES = 3_000_000;
const WITHIN_MS = 10_000;
const PREFERENCES = ['tcp.check_checksum:TRUE', 'ip.check_checksum:TRUE'];
const GOOD = '1';

const WAYS = [
  ['clever', 'plain', '10.76.2.12'],
  ['plain', 'clever', '10.76.1.11'],
  ['clever', 'plain', '2001:db8:76:2::12'],
  ['plain', 'clever', '2001:db8:76:1::11'],
] as const;

async function testOffloads(t: Test, lab: TestLab): Promise<void> {
  const features = await lab.read('plain', 'ethtool -k eth0');
  t.match(features, /^tx-checksumming: off$/m);
  t.match(features, /^tcp-segmentation-offload: off$/m);
  for (const [from, to, address] of WAYS) {
    await t.test(`TCP from ${from} to ${to} is intact, at ${address}`, async (t) => {
      const argv = [to, '--segment'];
      const enough = { filter: `tcp.flags.fin == 1 && tcp.dstport == 5001`, frames: 1 };
      const file = await captureWhile(t, lab, { argv, enough }, async () => {
        const { sent, got } = await transfer(lab, from, to, address, TRANSFER_BYTES);
        t.equal(got, sent);
      });
      const fields = ['tcp.checksum.status', 'ip.checksum.status', 'ip.version', 'frame.len'];
      const { rows } = await tshark(file, 'tcp', fields, PREFERENCES);
      t.ok(rows.length > TRANSFER_BYTES / 9001, `${rows.length} frames`);
      const wrong = rows.filter(
        ([tcp, ip, version, size]) =>
          tcp !== GOOD || ip !== (version === '4' ? GOOD : '') || Number(size) > 9015,
      );
      t.same(wrong, []);
    });
  }

  await t.test('a card that is left no work gets no super-frames', async (t) => {
    const before = (await lab.port('plain')).received;
    await transfer(lab, 'plain', 'clever', '10.76.1.11', TRANSFER_BYTES);
    const after = (await lab.port('plain')).received;
    const frames = after.frames - before.frames;
    t.ok((after.bytes - before.bytes) / frames <= 9015, `${frames} frames`);
  });
}

const PINGS = [
  ['IPv4', 'ping -n -c2 -i0.2 -W2 -M dont -s 20000 10.76.2.13'],
  ['IPv6', 'ping -6 -n -c2 -i0.2 -W2 -s 20000 2001:db8:76:2::13'],
] as const;

async function testFragments(t: Test, lab: TestLab): Promise<void> {
  for (const [family, command] of PINGS) {
    await t.test(`[MTU-7] ${family} fragments of a kernel pass a rule for pings`, async (t) => {
      const ping = await lab.sh('clever', command);
      t.equal(ping.exitCode, 0, ping.stdout);
      t.match(ping.stdout, /20008 bytes from .*\n20008 bytes from /);
    });
  }

  await t.test('[MTU-7] fragments of UDP meet the rules of their first one', async (t) => {
    const { drops: before } = await lab.port('clever');
    const send = (address: string) =>
      `head -c 20000 /dev/zero | bash -c 'exec 3>/dev/udp/${address}/5000; dd bs=20000 iflag=fullblock >&3'`;
    await lab.read('clever', send('10.76.2.13'));
    await lab.read('clever', send('2001:db8:76:2::13'));
    await until(
      'all six fragments are dropped',
      WITHIN_MS,
      () => lab.port('clever'),
      ({ drops }) =>
        (drops['ENI_SG_RULES_MISMATCH'] ?? 0) - (before['ENI_SG_RULES_MISMATCH'] ?? 0) === 6,
    );
    t.equal((await lab.port('clever')).drops['FRAGMENT_WITHOUT_FIRST'] ?? 0, 0);
  });
}

async function testDropped(t: Test, lab: TestLab): Promise<void> {
  for (const [family, command] of PINGS) {
    await t.test(`[MTU-7] ${family} fragments are lost in a lab that drops them`, async (t) => {
      const { drops: before } = await lab.port('clever');
      const ping = await lab.sh('clever', command);
      t.match(ping.stdout, / 0 received, /);
      t.notMatch(ping.stdout, /From|nreachable/);
      await until(
        'two of each three are counted',
        WITHIN_MS,
        () => lab.port('clever'),
        ({ drops }) => (drops['FRAGMENTS_DROPPED'] ?? 0) - (before['FRAGMENTS_DROPPED'] ?? 0) === 4,
      );
      t.equal((await lab.sh('clever', command.replace('20000', '8000'))).exitCode, 0);
    });
  }
}

const why = whyNoLabs();
if (why === null) {
  await t.test('fragments follow the first', async (t) => {
    const { lab, testHostIsAsBefore } = await labForFile(t, FOLLOW);
    await testOffloads(t, lab);
    await testFragments(t, lab);
    await testHostIsAsBefore();
  });
  await t.test('fragments are dropped', async (t) => {
    const { lab, testHostIsAsBefore } = await labForFile(t, DROP);
    await testDropped(t, lab);
    await testHostIsAsBefore();
  });
} else t.plan(0, why);
