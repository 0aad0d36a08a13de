/** IPv6 of the fabric as real kernels and real clients see it. */
import t from 'tap';
import { captureWhile, tshark } from './captured.ts';
import { labForFile, labText, type TestLab, until, whyNoLabs } from './test-lab.ts';

const LAB = labText(
  'ipv6',
  `
vpcs:
  main:
    cidr: 10.76.0.0/16
    ipv6: 2001:db8:76:7600::/56
    subnets:
      a: { cidr: 10.76.1.0/24, ipv6: 1 }
      b: { cidr: 10.76.2.0/24, ipv6: 2 }
      old: { cidr: 10.76.3.0/24 }
      six: { ipv6: 6 }
instances:
  isc: { subnet: a, ipv6Address: "::11", dhcp: dhclient }
  near: { subnet: a, ipv6Address: "::12", dhcp: static }
  far: { subnet: b, ipv6Address: "::21", dhcp: static }
  old: { subnet: old, address: 10.76.3.10, dhcp: static }
  six: { subnet: six, ipv6Address: "::61", dhcp: dhclient }
  still: { subnet: six, ipv6Address: "::62", dhcp: static }
`,
);
const A = '2001:db8:76:7601:';
const B = '2001:db8:76:7602:';
const SIX = '2001:db8:76:7606:';
const SOON_MS = 10_000;

async function subnetId(lab: TestLab, name: string): Promise<string> {
  const { Subnets } = await lab.action('DescribeSubnets', {
    Filters: [{ Name: 'tag:Name', Values: [name] }],
  });
  return (Subnets as readonly { readonly SubnetId: string }[])[0]?.SubnetId ?? '';
}

const routesOf = (lab: TestLab, instance: string): Promise<string> =>
  lab.read(instance, 'ip -6 route show dev eth0');

async function testIpv6(): Promise<void> {
  const { lab, testHostIsAsBefore } = await labForFile(t, LAB);

  await t.test('[RA-1][RA-2][RA-3] the advertisement that a kernel asks for', async (t) => {
    const file = await captureWhile(
      t,
      lab,
      {
        argv: ['near.eth0'],
        enough: { filter: 'icmpv6.type == 134 && ipv6.dst != ff02::1', frames: 1 },
      },
      async () => {
        // The kernel solicits when its link comes up, and its addresses are gone then.
        await lab.read('near', 'ip link set eth0 down; ip link set eth0 up');
        await lab.read('near', `ip -6 address replace ${A}:12/64 dev eth0 nodad`);
      },
    );
    const { rows } = await tshark(file, 'icmpv6.type == 134 && ipv6.dst != ff02::1', [
      'ipv6.hlim',
      'icmpv6.nd.ra.flag.m',
      'icmpv6.nd.ra.router_lifetime',
      'icmpv6.opt.prefix.flag.a',
      'icmpv6.opt.prefix.flag.l',
      'icmpv6.opt.prefix',
    ]);
    const [ra = []] = rows;
    const bits = ra.map((field) => field.replace('True', '1').replace('False', '0'));
    t.same(bits, ['255', '1', '1800', '0', '1', `${A}:`]);
    const routes = await routesOf(lab, 'near');
    t.match(routes, /^default via fe80::[0-9a-f:]+ proto ra /m);
    const addresses = await lab.read('near', 'ip -6 address show dev eth0 scope global');
    t.equal(addresses.match(/inet6/g)?.length, 1, 'no address is made of the prefix');
  });

  await t.test('[DHCP-13][DHCP-15] dhclient -6 -P gets what was delegated', async (t) => {
    const { interfaces } = await lab.instance('isc');
    const NetworkInterfaceId = interfaces[0]?.eniId;
    await lab.action('AssignIpv6Addresses', {
      NetworkInterfaceId,
      Ipv6Prefixes: [`${A}7::/80`],
    });
    await lab.read(
      'isc',
      'dhclient -6 -P -1 -v -lf /tmp/pd.leases -pf /tmp/pd.pid -sf /bin/true eth0',
    );
    const lease = await lab.read('isc', 'cat /tmp/pd.leases');
    t.match(lease, /iaprefix 2001:db8:76:7601:7::\/80 \{/);
    t.match(lease, /preferred-life 140;/);
    t.match(lease, /max-life 450;/);
    await lab.read('isc', 'kill $(cat /tmp/pd.pid)');
    const address = await lab.read('isc', 'ip -6 address show dev eth0 scope global');
    t.match(address, `${A}:11/128`);
  });

  await t.test('[ND-1][L2-13] neighbours by proxy, and a hop limit that stays', async (t) => {
    const file = await captureWhile(
      t,
      lab,
      {
        argv: ['near.eth0', 'far.eth0'],
        enough: { filter: 'icmpv6.type == 128 && ipv6.hlim == 7', frames: 2 },
      },
      async () => {
        await lab.read('isc', `ip -6 neigh flush dev eth0; ping -6 -c1 -W2 -t7 ${A}:12`);
        await lab.read('isc', `ping -6 -c1 -W2 -t7 ${B}:21`);
      },
    );
    t.match(
      await lab.read('isc', `ip -6 neigh show ${A}:12`),
      `lladdr ${await lab.macOf('near')}`,
      'the neighbour with its own MAC address',
    );
    const asked = `icmpv6.type == 135 && icmpv6.nd.ns.target_address == ${A}:12 && ipv6.src == ${A}:11`;
    t.same((await tshark(file, asked, ['frame.number'])).rows, [], 'who never hears of it');
    const hops = await tshark(file, `icmpv6.type == 128 && ipv6.dst == ${B}:21`, ['ipv6.hlim']);
    t.same(hops.rows, [['7']], 'across subnets too');
  });

  await t.test('[RA-2] a block that comes or goes is heard at once', async (t) => {
    t.equal(await lab.read('old', 'ip -6 route show default'), '');
    const { Ipv6CidrBlockAssociation } = await lab.action('AssociateSubnetCidrBlock', {
      SubnetId: await subnetId(lab, 'old'),
      Ipv6CidrBlock: '2001:db8:76:7603::/64',
    });
    const asked = () => routesOf(lab, 'old');
    await until('the route', SOON_MS, asked, (text) => /^default .*proto ra/m.test(text));
    t.match(await asked(), /^2001:db8:76:7603::\/64 proto kernel/m);
    const { AssociationId } = Ipv6CidrBlockAssociation as { readonly AssociationId: string };
    await lab.action('DisassociateSubnetCidrBlock', { AssociationId });
    await until('no route', SOON_MS, asked, (text) => !/^default/m.test(text));
    t.notMatch(await asked(), /7603/);
  });

  await t.test('[SUB-5][DHCP-12][ARP-9] an IPv6-only subnet', async (t) => {
    for (const name of ['six', 'still']) {
      t.equal(await lab.read(name, 'ip -4 address show dev eth0'), '', name);
      const health = async () => (await lab.instance(name)).health;
      t.equal(await until(`${name} is well`, SOON_MS, health, (word) => word === 'ok'), 'ok');
      t.match(await lab.read(name, 'cat /etc/resolv.conf'), /^nameserver fd00:ec2::253$/m);
    }
    t.match(await lab.read('six', 'ip -6 address show dev eth0 scope global'), `${SIX}:61/128`);
    await lab.read('six', `ping -6 -c1 -W2 ${B}:21`);
    const { exitCode } = await lab.sh(
      'six',
      'ip address add 10.76.6.9/24 dev eth0; ping -c1 -W1 10.76.6.1',
    );
    t.not(exitCode, 0);
    t.ok(((await lab.port('six')).drops['IPV4_NOT_IN_SUBNET'] ?? 0) > 0);
  });

  await testHostIsAsBefore();
}

const reason = whyNoLabs();
if (reason === null) await testIpv6();
else t.plan(0, reason);
