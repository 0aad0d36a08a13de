/** What an instance does to configure an interface, by DHCP client and by what the subnet carries. */
import t from 'tap';
import { type BootInterface, configureCommand } from '../../src/instances/boot-script.ts';
import { ip } from '../engine/bench.ts';
import { ip6 } from '../engine/frames.ts';

const IPV4 = { address: ip('10.0.1.11'), prefixLength: 24, router: ip('10.0.1.1') };
const IPV6 = [ip6('2001:db8::11')];
const NOTHING: BootInterface = { device: 'eth0', mtu: 9001, ipv4: null, ipv6Addresses: [] };

t.test('configureCommand asks for the families that the interface has', async (t) => {
  const rows: readonly [client: 'dhclient' | 'dhcpcd' | 'udhcpc', ipv4: RegExp, ipv6: RegExp][] = [
    ['dhclient', /dhclient -4 /, /dhclient -6 /],
    ['udhcpc', /udhcpc -i /, /udhcpc6 -i /],
    ['dhcpcd', /dhcpcd (-4|--waitip=4) /, /--waitip=6 -O rapid_commit /],
  ];
  for (const [client, ipv4, ipv6] of rows) {
    const both = configureCommand(client, { ...NOTHING, ipv4: IPV4, ipv6Addresses: IPV6 });
    t.match(both, ipv4, `${client}, both`);
    t.match(both, ipv6);
    const four = configureCommand(client, { ...NOTHING, ipv4: IPV4 });
    t.match(four, ipv4, `${client}, IPv4`);
    t.notMatch(four, ipv6);
    const six = configureCommand(client, { ...NOTHING, ipv6Addresses: IPV6 });
    t.notMatch(six, ipv4, `${client}, IPv6`);
    t.match(six, ipv6);
    t.equal(configureCommand(client, NOTHING), 'ip link set eth0 up', `${client}, no address`);
  }
});

t.test('[DHCP-14][SUB-5] dhcpcd leaves IPv4 alone in an IPv6-only subnet', async (t) => {
  const command = configureCommand('dhcpcd', { ...NOTHING, ipv6Addresses: IPV6 });
  t.equal(command, 'dhcpcd -6 --waitip=6 -O rapid_commit -t 30 eth0');
});

t.test('[RA-4][DNS-1] configureCommand writes down what a static interface has', async (t) => {
  const six = configureCommand('static', { ...NOTHING, ipv6Addresses: IPV6 });
  t.match(six, /^addr add 2001:db8::11\/64 dev eth0 nodad$/m);
  t.match(six, /^route add default via fe80:ec2::1 dev eth0 /m);
  t.match(six, /nameserver fd00:ec2::253/);
  t.notMatch(six, /10\.0\.1|169\.254/);
  const both = configureCommand('static', { ...NOTHING, ipv4: IPV4, ipv6Addresses: IPV6 });
  t.match(both, /^addr add 10\.0\.1\.11\/24 broadcast \+ dev eth0$/m);
  t.match(both, /^route add default via 10\.0\.1\.1$/m);
  t.match(both, /nameserver 169\.254\.169\.253/);
  const second = configureCommand('static', { ...NOTHING, device: 'eth1', ipv4: IPV4 });
  t.notMatch(second, /default/, '[DHCP-6] a second interface gets no default route');
});
