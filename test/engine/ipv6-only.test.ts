/** A subnet without IPv4: what of IPv4 is dropped there, and how the fabric checks on a host. */
import t from 'tap';
import { formatIpv4, parseIpv4 } from '../../src/addr/ipv4.ts';
import { formatIpv6, linkLocalOf } from '../../src/addr/ipv6.ts';
import { MAC_BROADCAST, macFromWords, macHigh16, macLow32 } from '../../src/addr/mac.ts';
import { statusCheck } from '../../src/engine/answers.ts';
import { dhcpv6View } from '../../src/engine/ipv6-views.ts';
import { linkLocalLease } from '../../src/engine/link-local-lease.ts';
import { ARP_REQUEST } from '../../src/packet/arp.ts';
import { addressSum4 } from '../../src/packet/checksum.ts';
import {
  BOOTREQUEST,
  DHCP_DISCOVER,
  type Dhcpv4Repr,
  dhcpv4Size,
  emitDhcpv4,
  parseDhcpv4,
} from '../../src/packet/dhcpv4.ts';
import {
  DHCP_BROADCAST_ADDRESS,
  DHCP_DNS_SERVERS,
  DHCP_ROUTER,
  DHCP_SUBNET_MASK,
  findDhcpOption,
} from '../../src/packet/dhcpv4-options.ts';
import { IPPROTO_UDP } from '../../src/packet/ipv4.ts';
import type { NeighborAdvertisementRepr } from '../../src/packet/ndp.ts';
import { emitUdp } from '../../src/packet/udp.ts';
import { icmpv6Frame } from '../../src/responders/icmpv6-frame.ts';
import { dissect } from '../packet/dissect.ts';
import { Bench, ip, subnetBlock } from './bench.ts';
import { arpFrame, ip6, ipv4Frame, ipv6Frame, udpFrame } from './frames.ts';

const SIX = '2001:db8:0:101:';
const BOTH = '2001:db8:0:102:';

/** Two hosts in an IPv6-only subnet, one in a subnet with both. */
function ipv6Only(): Bench {
  const bench = new Bench();
  const block = bench.ipv6();
  bench.subnet('six', null, subnetBlock(block, 1));
  bench.subnet('both', '10.0.2.0/24', subnetBlock(block, 2));
  bench.host('a', 'six', null, { ipv6: [`${SIX}:11`] });
  bench.host('b', 'six', null, { ipv6: [`${SIX}:12`] });
  bench.host('far', 'both', '10.0.2.20', { ipv6: [`${BOTH}:20`] });
  return bench;
}

const eniIndex = (bench: Bench, name: string): number =>
  [...bench.lab.snapshot.enis.keys()].indexOf(bench.eni(name).eniId);

t.test('[SUB-5] neither ARP nor IPv4 is carried in an IPv6-only subnet', async (t) => {
  const bench = ipv6Only();
  const mac = bench.mac('a');
  const own = ip('10.0.1.11');
  const asks = [
    arpFrame(mac, own, ip('10.0.1.1')),
    arpFrame(mac, own, own),
    arpFrame(mac, ip('0.0.0.0'), ip('169.254.169.254')),
  ];
  for (const frame of asks) t.equal(bench.inject('a', frame).counter, 'IPV4_NOT_IN_SUBNET');
  const to = (destinationMac: typeof mac, destination: string, ports?: [number, number]) =>
    udpFrame({ sourceMac: mac, destinationMac, source: own, destination: ip(destination) }, ports);
  const packets = [
    to(bench.routerMac('a'), '10.0.2.20'),
    to(bench.routerMac('a'), '169.254.169.253', [5000, 53]),
    to(bench.mac('b'), '10.0.1.12'),
    to(MAC_BROADCAST, '255.255.255.255'),
  ];
  for (const frame of packets) t.equal(bench.inject('a', frame).counter, 'IPV4_NOT_IN_SUBNET');
});

t.test('[SUB-5] IPv6 is carried in it, and to and from other subnets', async (t) => {
  const bench = ipv6Only();
  const send = (from: string, to: string, source: string, destination: string) => {
    const destinationMac = to === 'router' ? bench.routerMac(from) : bench.mac(to);
    const link = { sourceMac: bench.mac(from), destinationMac };
    const { counter, delivered } = bench.inject(from, ipv6Frame(link, source, destination));
    return `${counter} ${delivered.map((each) => each.to).join()}`;
  };
  t.equal(send('a', 'b', `${SIX}:11`, `${SIX}:12`), 'forwarded b');
  t.equal(send('a', 'router', `${SIX}:11`, `${BOTH}:20`), 'forwarded far');
  t.equal(send('far', 'router', `${BOTH}:20`, `${SIX}:11`), 'forwarded a');
  t.equal(
    send('a', 'router', `${SIX}:99`, `${BOTH}:20`),
    'ENI_SOURCE_DEST_CHECK_RESTRICTION ',
    '[CHK-1] the source check holds for IPv6',
  );
});

t.test('[SUB-5] a route delivers no family that the subnet of its target lacks', async (t) => {
  const bench = ipv6Only();
  bench.subnet('old', '10.0.3.0/24');
  bench.host('v4', 'old', '10.0.3.30');
  for (const name of ['a', 'v4']) bench.checkOff(bench.eni(name).eniId);
  const RouteTableId = bench.lab.mainTable(bench.vpcId);
  const route = (destination: object, name: string) => {
    const NetworkInterfaceId = bench.eni(name).eniId;
    bench.act('CreateRoute', { RouteTableId, NetworkInterfaceId, ...destination });
  };
  route({ DestinationCidrBlock: '192.0.2.0/24' }, 'a');
  route({ DestinationIpv6CidrBlock: '2001:db8:f::/48' }, 'v4');
  const link = { sourceMac: bench.mac('far'), destinationMac: bench.routerMac('far') };
  const ends = { ...link, source: bench.address('far'), destination: ip('192.0.2.1') };
  t.equal(bench.inject('far', udpFrame(ends)).counter, 'IPV4_NOT_IN_SUBNET');
  const frame = ipv6Frame(link, `${BOTH}:20`, '2001:db8:f::1');
  t.equal(bench.inject('far', frame).counter, 'IPV6_NOT_IN_SUBNET');
});

t.test('[ARP-9] the status check is a neighbour solicitation where there is no ARP', async (t) => {
  const bench = ipv6Only();
  const program = bench.program();
  const question = statusCheck(program, eniIndex(bench, 'a')) ?? new Uint8Array();
  const router = linkLocalOf(bench.routerMac('a'));
  const { ethernet, ip: header, upper } = dissect(question);
  const group = ethernet?.destination ?? bench.mac('a');
  t.same([macHigh16(group), macLow32(group) >>> 0], [0x3333, 0xff000011]);
  t.match(header, { source: router, destination: ip6('ff02::1:ff00:11'), hopLimit: 255 });
  t.match(upper, {
    kind: 'neighbor-solicitation',
    target: ip6(`${SIX}:11`),
    sourceLinkMac: bench.routerMac('a'),
  });
  const arp = dissect(statusCheck(program, eniIndex(bench, 'far')) ?? new Uint8Array()).arp;
  t.match(arp, { operation: ARP_REQUEST, targetAddr: parseIpv4('10.0.2.20') });
});

t.test('[ARP-9][ND-1] only the answer to that question counts', async (t) => {
  const bench = ipv6Only();
  const advertise = (from: string, more: Partial<NeighborAdvertisementRepr>, to?: string) => {
    const target = ip6(from === 'far' ? `${BOTH}:20` : `${SIX}:11`);
    const way = {
      sourceMac: bench.mac(from),
      destinationMac: bench.routerMac(from),
      source: target,
      destination: to === undefined ? linkLocalOf(bench.routerMac(from)) : ip6(to),
      hopLimit: 255,
    };
    const message: NeighborAdvertisementRepr = {
      kind: 'neighbor-advertisement',
      router: false,
      solicited: true,
      override: true,
      target,
      targetLinkMac: bench.mac(from),
      ...more,
    };
    return bench.inject(from, icmpv6Frame(way, message)).counter;
  };
  t.equal(advertise('a', {}), 'punted');
  const swallowed = 'ND_UNSOLICITED_ADVERTISEMENT';
  t.equal(advertise('a', { solicited: false }), swallowed);
  t.equal(advertise('a', { target: ip6(`${SIX}:12`) }), swallowed, 'the address of another');
  t.equal(advertise('a', {}, `${SIX}:12`), swallowed, 'told to another');
  t.equal(advertise('far', {}), swallowed, 'where the check is by ARP');
});

t.test('[DHCP-12][DNS-1] DHCPv6 names servers and domain in an IPv6-only subnet', async (t) => {
  const bench = ipv6Only();
  const options = (): [string[], string | null, string[], string | null] => {
    const program = bench.program();
    const six = dhcpv6View(program, eniIndex(bench, 'a'));
    const both = dhcpv6View(program, eniIndex(bench, 'far'));
    return [
      six.dnsServers.map(formatIpv6),
      six.domainName,
      both.dnsServers.map(formatIpv6),
      both.domainName,
    ];
  };
  t.same(options(), [['fd00:ec2::253'], 'ec2.internal', [], null]);
  const made = bench.lab.act('CreateDhcpOptions', {
    DhcpConfigurations: [
      { Key: 'domain-name-servers', Values: ['10.0.0.9', '2001:db8::53', 'AmazonProvidedDNS'] },
    ],
  });
  const { DhcpOptionsId } = made['DhcpOptions'] as { readonly DhcpOptionsId: string };
  bench.act('AssociateDhcpOptions', { DhcpOptionsId, VpcId: bench.vpcId });
  t.same(options(), [['2001:db8::53', 'fd00:ec2::253'], null, [], null]);
  bench.act('AssociateDhcpOptions', { DhcpOptionsId: 'default', VpcId: bench.vpcId });
  t.same(options(), [['fd00:ec2::253'], null, [], null]);
});

t.test('[DHCP-10] DHCPv4 is answered with a link-local address and resolver', async (t) => {
  const bench = ipv6Only();
  const discover: Dhcpv4Repr = {
    operation: BOOTREQUEST,
    messageType: DHCP_DISCOVER,
    hops: 0,
    transactionId: 7,
    seconds: 0,
    broadcast: false,
    clientAddr: ip('0.0.0.0'),
    yourAddr: ip('0.0.0.0'),
    nextServerAddr: ip('0.0.0.0'),
    relayAddr: ip('0.0.0.0'),
    clientMac: bench.mac('a'),
    serverName: '',
    bootFile: '',
    options: [],
  };
  const payload = new Uint8Array(dhcpv4Size(discover));
  emitDhcpv4(discover, payload, 0);
  const datagram = new Uint8Array(8 + payload.length);
  const ends = {
    sourceMac: bench.mac('a'),
    destinationMac: MAC_BROADCAST,
    source: ip('0.0.0.0'),
    destination: ip('255.255.255.255'),
  };
  const ports = { sourcePort: 68, destinationPort: 67, payload };
  emitUdp(ports, addressSum4(ends.source, ends.destination), datagram, 0);
  const { counter, delivered } = bench.inject('a', ipv4Frame(ends, IPPROTO_UDP, datagram));
  t.equal(counter, 'answered');
  const frame = delivered[0]?.frame ?? new Uint8Array();
  const offer = parseDhcpv4(frame, 42, frame.length - 42);
  t.match(formatIpv4(offer?.yourAddr ?? 0), /^169\.254\./);
  const option = (code: number): string | null => {
    const value = findDhcpOption(offer?.options ?? [], code);
    return value === null ? null : value.join('.');
  };
  t.equal(option(DHCP_SUBNET_MASK), '255.255.255.255');
  t.equal(option(DHCP_DNS_SERVERS), '169.254.169.253');
  t.equal(option(DHCP_ROUTER), null);
  t.equal(option(DHCP_BROADCAST_ADDRESS), null);
  const unicast = { ...ends, destinationMac: bench.routerMac('a') };
  t.equal(
    bench.inject('a', ipv4Frame(unicast, IPPROTO_UDP, datagram)).counter,
    'IPV4_NOT_IN_SUBNET',
    'by broadcast only',
  );
});

t.test('[DHCP-10][LL-1] the link-local address is none of the services', async (t) => {
  const addressOf = (low: number): string =>
    formatIpv4(linkLocalLease(macFromWords(0x0200, low)).address);
  t.equal(addressOf(0), '169.254.1.0');
  t.equal(addressOf(0xa6ff), '169.254.167.255');
  t.equal(addressOf(0xa700), '169.254.172.0');
  t.equal(addressOf(0xf9ff), '169.254.254.255');
  t.equal(addressOf(0xfa00), '169.254.1.0');
});
