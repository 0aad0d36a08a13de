/** The DHCP server of the fabric, asked by the real clients in real instances. */
import t from 'tap';
import { captureWhile, tshark } from './captured.ts';
import { labForFile, labText, type TestLab, until, whyNoLabs } from './test-lab.ts';

const LAB = labText(
  'dhcp',
  `
vpcs:
  main:
    cidr: 10.71.0.0/16
    subnets:
      wide: { cidr: 10.71.16.0/20 }
      other: { cidr: 10.71.32.0/24 }
  custom:
    cidr: 10.72.0.0/16
    dhcpOptions:
      domainName: lab.example
      domainNameServers: [10.72.9.9, AmazonProvidedDNS]
      ntpServers: [10.72.9.8]
    subnets:
      set: { cidr: 10.72.1.0/24 }
interfaces:
  extra: { subnet: other, address: 10.71.32.40, attach: two }
instances:
  dhclient: { subnet: wide, address: 10.71.16.11, dhcp: dhclient }
  udhcpc: { subnet: wide, address: 10.71.17.12, dhcp: udhcpc }
  dhcpcd: { subnet: wide, address: 10.71.31.13, dhcp: dhcpcd }
  static: { subnet: wide, address: 10.71.16.14, dhcp: static }
  two: { subnet: wide, address: 10.71.16.15, secondaryAddresses: [10.71.16.115], dhcp: dhclient }
  custom: { subnet: set, address: 10.72.1.16, dhcp: dhclient }
`,
);
const ROUTER = '10.71.16.1';
const CONFIGURE_MS = 20_000;

interface GuestAddress {
  readonly local: string;
  readonly prefixlen: number;
  readonly broadcast: string;
  readonly preferred_life_time: number;
  readonly valid_life_time: number;
}

interface GuestNetwork {
  readonly mtu: number;
  readonly addresses: readonly GuestAddress[];
  readonly defaultVia: readonly string[];
  readonly resolvConf: string;
}

async function networkOf(lab: TestLab, instance: string, device = 'eth0'): Promise<GuestNetwork> {
  const output = await lab.read(
    instance,
    `ip -json -4 addr show ${device}; ip -json route show default; cat /etc/resolv.conf`,
  );
  const [addresses = '[]', routes = '[]', ...resolvConf] = output.split('\n');
  const [link] = JSON.parse(addresses) as {
    readonly mtu: number;
    readonly addr_info: readonly GuestAddress[];
  }[];
  return {
    mtu: link?.mtu ?? 0,
    addresses: link?.addr_info ?? [],
    defaultVia: (JSON.parse(routes) as { readonly gateway: string }[]).map((r) => r.gateway),
    resolvConf: resolvConf.join('\n'),
  };
}

/** A lease that dhclient believes in, for an address of our choice. */
function forgedLease(address: string): string {
  return [
    'lease { interface "eth0";',
    `fixed-address ${address};`,
    'option subnet-mask 255.255.240.0;',
    `option routers ${ROUTER};`,
    `option dhcp-server-identifier ${ROUTER};`,
    'option dhcp-lease-time 3600;',
    'renew never; rebind never; expire never; }',
  ].join(' ');
}

async function testDhcp(): Promise<void> {
  const { lab, testHostIsAsBefore } = await labForFile(t, LAB);

  for (const [client, address] of [
    ['dhclient', '10.71.16.11'],
    ['udhcpc', '10.71.17.12'],
    ['dhcpcd', '10.71.31.13'],
    ['static', '10.71.16.14'],
  ] as const) {
    await t.test(`${client} configures address, mask and default route`, async (t) => {
      const guest = await networkOf(lab, client);
      t.match(guest.addresses, [{ local: address, prefixlen: 20, broadcast: '10.71.31.255' }]);
      t.equal(guest.addresses.length, 1);
      t.same(guest.defaultVia, [ROUTER]);
    });
    await t.test(`[MTU-1] ${client} sends packets of 9001 bytes in one piece`, async (t) => {
      // dhcpcd sets the MTU of the routes only, the others that of the link.
      const { exitCode, stdout } = await lab.sh(
        client,
        `ping -n -c1 -W2 -M do -s 8973 ${ROUTER}; ip route get ${ROUTER}`,
      );
      t.equal(exitCode, 0);
      t.match(stdout, '8981 bytes from 10.71.16.1');
      if (client !== 'dhcpcd') t.equal((await networkOf(lab, client)).mtu, 9001);
      else t.match(stdout, 'mtu 9001');
    });
  }

  for (const client of ['dhclient', 'udhcpc', 'dhcpcd']) {
    const title = `${client} gets the resolver at base+2 of the VPC and domain ec2.internal`;
    await t.test(`[DHCP-8][DHCP-10] ${title}`, async (t) => {
      const { resolvConf } = await networkOf(lab, client);
      t.match(resolvConf, /^domain ec2\.internal$/m);
      t.same(resolvConf.match(/^nameserver .*$/gm), ['nameserver 10.71.0.2']);
    });
  }

  await t.test('[DHCP-1][DHCP-2][DHCP-3][DHCP-4] dhclient keeps the lease as given', async (t) => {
    const lease = await lab.read('dhclient', 'cat /var/lib/dhcp/dhclient.eth0.leases');
    const options = [...lease.matchAll(/^ {2}option (.*);$/gm)].map(([, option]) => option);
    t.same(
      options.toSorted(),
      [
        'subnet-mask 255.255.240.0',
        'routers 10.71.16.1',
        'dhcp-lease-time 3600',
        'dhcp-message-type 5',
        'domain-name-servers 10.71.0.2',
        'dhcp-server-identifier 10.71.16.1',
        'interface-mtu 9001',
        'dhcp-renewal-time 1800',
        'broadcast-address 10.71.31.255',
        'dhcp-rebinding-time 3150',
        'host-name "ip-10-71-16-11"',
        'domain-name "ec2.internal"',
      ].toSorted(),
      'these options and no other',
    );
  });

  await t.test('[DHCP-2] dhcpcd puts lease time and T2 on its address', async (t) => {
    const [address] = (await networkOf(lab, 'dhcpcd')).addresses;
    const valid = address?.valid_life_time ?? 0;
    t.ok(valid > 3400 && valid <= 3600, `lease: ${valid}`);
    t.equal(valid - (address?.preferred_life_time ?? 0), 3600 - 3150);
  });

  await t.test('[DHCP-1] renewals are unicast to .1, which acknowledges them', async (t) => {
    const file = await captureWhile(
      t,
      lab,
      {
        argv: ['udhcpc.eth0', 'dhcpcd.eth0'],
        enough: { filter: 'dhcp.option.dhcp == 5', frames: 2 },
      },
      async () => {
        await lab.read('udhcpc', 'kill -USR1 $(cat /run/udhcpc.eth0.pid)');
        await lab.read('dhcpcd', 'dhcpcd -4 --renew eth0');
      },
    );
    const fields = ['eth.dst', 'ip.src', 'ip.dst', 'dhcp.option.dhcp', 'dhcp.ip.your'];
    const { rows } = await tshark(file, 'dhcp', [...fields, 'dhcp.option.dhcp_server_id']);
    for (const [client, address] of [
      ['udhcpc', '10.71.17.12'],
      ['dhcpcd', '10.71.31.13'],
    ] as const) {
      const request = rows.find(([, source, , type]) => source === address && type === '3');
      t.equal(request?.[2], ROUTER, `${client} asks the router`);
      t.notSame(request?.[0], 'ff:ff:ff:ff:ff:ff');
      const ack = rows.find(([, , destination, type]) => destination === address && type === '5');
      t.same(ack?.slice(1), [ROUTER, address, '5', address, ROUTER], `${client} is acknowledged`);
      t.equal(ack?.[0], await lab.macOf(client), 'by unicast');
    }
  });

  for (const [what, address] of [
    ['an unassigned address', '10.71.16.99'],
    ['the address of another', '10.71.16.14'],
    ['an address outside the subnet', '192.168.7.7'],
  ] as const) {
    await t.test(`[DHCP-7] a request for ${what} is refused`, async (t) => {
      t.match(await rebootWithLease(lab, address), refusal(address, '10.71.16.15'));
    });
  }

  await t.test('[DHCP-5][ENI-8] a secondary address is neither offered nor granted', async (t) => {
    t.same(
      (await networkOf(lab, 'two')).addresses.map(({ local }) => local),
      ['10.71.16.15'],
    );
    const log = await rebootWithLease(lab, '10.71.16.115');
    t.match(log, refusal('10.71.16.115', '10.71.16.15'));
  });

  await t.test('[DHCP-6] a second interface gets a lease with a router of its own', async (t) => {
    const { mtu, addresses } = await networkOf(lab, 'two', 'eth1');
    t.match(addresses, [{ local: '10.71.32.40', prefixlen: 24 }]);
    t.equal(mtu, 9001);
    const lease = await lab.read('two', 'cat /var/lib/dhcp/dhclient.eth1.leases');
    t.match(lease, 'option routers 10.71.32.1;');
    t.match(lease, 'option dhcp-server-identifier 10.71.32.1;');
    t.match(lease, 'option host-name "ip-10-71-32-40";');
  });

  await t.test('[DHCP-9] the option set of a VPC reaches its guests only', async (t) => {
    const { resolvConf } = await networkOf(lab, 'custom');
    t.match(resolvConf, /^domain lab\.example$/m);
    t.same(resolvConf.match(/^nameserver .*$/gm), ['nameserver 10.72.9.9', 'nameserver 10.72.0.2']);
    const lease = await lab.read('custom', 'cat /var/lib/dhcp/dhclient.eth0.leases');
    t.match(lease, 'option ntp-servers 10.72.9.8;');
  });

  await t.test(
    '[DHCP-9] a running guest sees another option set at its next renewal',
    async (t) => {
      const created = await lab.action('CreateDhcpOptions', {
        DhcpConfigurations: [
          { Key: 'domain-name', Values: ['moved.example'] },
          { Key: 'domain-name-servers', Values: ['10.71.9.1', '10.71.9.2'] },
        ],
      });
      await associate(lab, (created['DhcpOptions'] as Record<string, string>)['DhcpOptionsId']);
      t.match((await networkOf(lab, 'udhcpc')).resolvConf, 'ec2.internal', 'not before');
      const resolvConf = await renewUntil(lab, /moved\.example/);
      t.same(resolvConf.match(/^nameserver .*$/gm), [
        'nameserver 10.71.9.1',
        'nameserver 10.71.9.2',
      ]);
    },
  );

  await t.test('[DHCP-10] without an option set the resolver is 169.254.169.253', async (t) => {
    await associate(lab, 'default');
    const resolvConf = await renewUntil(lab, /169\.254\.169\.253/);
    t.same(resolvConf.match(/^(?:nameserver|domain) .*$/gm), ['nameserver 169.254.169.253']);
  });

  await testHostIsAsBefore();
}

/** Starts dhclient again as after a reboot, with a lease that it takes for its own. */
async function rebootWithLease(lab: TestLab, address: string): Promise<string> {
  return lab.read(
    'two',
    [
      'kill $(cat /run/dhclient.eth0.pid)',
      `echo '${forgedLease(address)}' >/tmp/forged`,
      'dhclient -4 -1 -v -pf /run/dhclient.eth0.pid -lf /tmp/forged eth0 2>&1',
    ].join('; '),
  );
}

function refusal(asked: string, given: string): RegExp {
  const dots = (address: string) => address.replaceAll('.', '\\.');
  return new RegExp(
    `DHCPREQUEST for ${dots(asked)} [^]*DHCPNAK from ${dots(ROUTER)}[^]*bound to ${dots(given)} `,
  );
}

async function associate(lab: TestLab, DhcpOptionsId: string | undefined): Promise<void> {
  const { Vpcs } = await lab.action('DescribeVpcs', {
    Filters: [{ Name: 'tag:Name', Values: ['main'] }],
  });
  const [vpc] = Vpcs as Record<string, string>[];
  await lab.action('AssociateDhcpOptions', { DhcpOptionsId, VpcId: vpc?.['VpcId'] });
}

/** @returns the resolv.conf of udhcpc after a renewal. */
async function renewUntil(lab: TestLab, wanted: RegExp): Promise<string> {
  await lab.read('udhcpc', 'kill -USR1 $(cat /run/udhcpc.eth0.pid)');
  return until(
    `resolv.conf has ${wanted}`,
    CONFIGURE_MS,
    () => lab.read('udhcpc', 'cat /etc/resolv.conf'),
    (text) => wanted.test(text),
  );
}

const reason = whyNoLabs();
if (reason === null) await testDhcp();
else t.plan(0, reason);
