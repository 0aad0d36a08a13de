/** IPv6 through the whole fabric: discovery, DHCPv6, routing and the ledger after each frame. */
import t from 'tap';
import { formatIpv6, type Ipv6Addr, linkLocalOf } from '../../src/addr/ipv6.ts';
import { type MacAddr, parseMac } from '../../src/addr/mac.ts';
import { Advertiser } from '../../src/engine/advertiser.ts';
import { advertisement } from '../../src/engine/answers.ts';
import { subnetPrefixes } from '../../src/engine/ipv6-views.ts';
import { addressSum6 } from '../../src/packet/checksum.ts';
import { DHCPV6_SOLICIT, emitDhcpv6, linkLayerDuid, parseDhcpv6 } from '../../src/packet/dhcpv6.ts';
import { DHCPV6_IA_NA, dhcpv6AssociationOption } from '../../src/packet/dhcpv6-options.ts';
import type { Icmpv6Repr } from '../../src/packet/icmpv6.ts';
import { emitUdp } from '../../src/packet/udp.ts';
import { icmpv6Frame } from '../../src/responders/icmpv6-frame.ts';
import { dissect } from '../packet/dissect.ts';
import { Bench, subnetBlock } from './bench.ts';
import { ip6, ipv6Frame } from './frames.ts';

const GROUP_MAC = parseMac('33:33:00:00:00:05') as MacAddr;
const HOP_LIMIT_OFFSET = 14 + 7;
const A = '2001:db8:0:101:';
const B = '2001:db8:0:102:';

/** Two hosts in subnet a, one in b, both with IPv6; one in c without. */
function dualStack(): Bench {
  const bench = new Bench();
  const block = bench.ipv6();
  bench.subnet('a', '10.0.1.0/24', subnetBlock(block, 1));
  bench.subnet('b', '10.0.2.0/24', subnetBlock(block, 2));
  bench.subnet('c', '10.0.3.0/24');
  bench.host('r1', 'a', '10.0.1.11', { ipv6: [`${A}:11`] });
  bench.host('r2', 'a', '10.0.1.12', { ipv6: [`${A}:12`, `${A}:13`] });
  bench.host('far', 'b', '10.0.2.20', { ipv6: [`${B}:20`] });
  bench.host('old', 'c', '10.0.3.30');
  return bench;
}

const linkLocal = (bench: Bench, name: string) => linkLocalOf(bench.mac(name));
const router = (bench: Bench, name: string) => linkLocalOf(bench.routerMac(name));

function discover(
  bench: Bench,
  from: string,
  message: Icmpv6Repr,
  destinationMac: MacAddr = GROUP_MAC,
  source: Ipv6Addr = linkLocal(bench, from),
) {
  const destination = ip6('ff02::1:ff00:1');
  const way = { sourceMac: bench.mac(from), destinationMac, source, destination, hopLimit: 255 };
  return bench.inject(from, icmpv6Frame(way, message));
}

/** Asks in the name of a host; gives the MAC that it hears, or the counter. */
function ask(bench: Bench, from: string, target: string, to?: MacAddr): MacAddr | string | null {
  const sourceLinkMac = bench.mac(from);
  const message = { kind: 'neighbor-solicitation', target: ip6(target), sourceLinkMac } as const;
  const { counter, delivered } = discover(bench, from, message, to);
  const [only] = delivered;
  if (counter !== 'answered' || only === undefined) return counter;
  const { upper } = dissect(only.frame);
  const isAnswer = only.to === from && upper !== null && 'targetLinkMac' in upper;
  return isAnswer ? upper.targetLinkMac : 'no advertisement to the asker';
}

function send(bench: Bench, from: string, to: MacAddr, source: string, destination: string) {
  const link = { sourceMac: bench.mac(from), destinationMac: to };
  return bench.inject(from, ipv6Frame(link, source, destination));
}

t.test('[ND-1] the fabric answers for neighbours, who never see the question', async (t) => {
  const bench = dualStack();
  t.equal(ask(bench, 'r1', `${A}:12`), bench.mac('r2'));
  t.equal(ask(bench, 'r1', `${A}:13`), bench.mac('r2'), 'each address');
  t.equal(ask(bench, 'r1', `${A}:12`, bench.mac('r2')), bench.mac('r2'), 'a probe by unicast');
  for (const address of [`${A}:1`, 'fe80:ec2::1', formatIpv6(router(bench, 'r1'))]) {
    t.equal(ask(bench, 'r1', address), bench.routerMac('r1'), address);
  }
});

t.test('[ND-1] nobody, other subnets, and link-local neighbours get silence', async (t) => {
  const bench = dualStack();
  const peer = formatIpv6(linkLocal(bench, 'r2'));
  for (const address of [`${A}:99`, `${B}:20`, `${B}:1`, peer]) {
    t.equal(ask(bench, 'r1', address), 'ND_ADDRESS_NOT_ASSIGNED', address);
  }
  bench.unplug('r2');
  t.equal(ask(bench, 'r1', `${A}:12`), 'ND_ADDRESS_NOT_ASSIGNED', 'not running');
  t.equal(ask(bench, 'old', '2001:db8::1'), 'IPV6_NOT_IN_SUBNET');
});

t.test('[ND-1] no advertisement reaches a neighbour', async (t) => {
  const bench = dualStack();
  const announcement = {
    kind: 'neighbor-advertisement',
    router: false,
    solicited: false,
    override: true,
    target: ip6(`${A}:12`),
    targetLinkMac: bench.mac('r1'),
  } as const;
  for (const to of [GROUP_MAC, bench.mac('r2'), bench.routerMac('r1')]) {
    const outcome = discover(bench, 'r1', announcement, to);
    t.same(outcome, { counter: 'ND_UNSOLICITED_ADVERTISEMENT', delivered: [] });
  }
});

t.test('[ENI-11] addresses of a delegated prefix are answered for and delivered', async (t) => {
  const bench = dualStack();
  const { eniId } = bench.eni('r2');
  const prefix = `${A}7::/80`;
  bench.act('AssignIpv6Addresses', { NetworkInterfaceId: eniId, Ipv6Prefixes: [prefix] });
  t.equal(ask(bench, 'r1', `${A}7::5`), bench.mac('r2'));
  const outcome = send(bench, 'far', bench.routerMac('far'), `${B}:20`, `${A}7::5`);
  t.equal(outcome.delivered[0]?.to, 'r2');
});

t.test('[RA-1][RA-2] a solicitation is answered to the port that asked', async (t) => {
  const bench = dualStack();
  const solicitation = { kind: 'router-solicitation', sourceLinkMac: bench.mac('r1') } as const;
  const { counter, delivered } = discover(bench, 'r1', solicitation);
  t.equal(counter, 'answered');
  t.equal(delivered[0]?.to, 'r1');
  t.match(dissect(delivered[0]?.frame ?? new Uint8Array(0)), {
    ip: { source: router(bench, 'r1') },
    upper: { managed: true, lifetimeSeconds: 1800, prefixes: [{ prefix: ip6(`${A}:`) }] },
  });
});

t.test('[RA-2] advertisements are due at once, then every ten minutes', async (t) => {
  const bench = dualStack();
  t.match(dissect(advertisement(bench.program(), 2, [])), {
    upper: {
      kind: 'router-advertisement',
      lifetimeSeconds: 1800,
      managed: true,
      prefixes: [{ prefix: ip6(`${B}:`), autonomous: false, onLink: true }],
    },
  });
  const prefixes = subnetPrefixes(bench.program(), 2);
  const advertiser = new Advertiser(2);
  t.ok(advertiser.isDue(1, prefixes, bench.nowMs));
  advertiser.sent(1, prefixes, bench.nowMs);
  t.notOk(advertiser.isDue(1, prefixes, bench.nowMs + 599_999));
  t.ok(advertiser.isDue(1, prefixes, bench.nowMs + 600_000));
  t.ok(advertiser.isDue(0, prefixes, bench.nowMs), 'each port has its own time');
  advertiser.reset(1);
  t.ok(advertiser.isDue(1, prefixes, bench.nowMs));
  t.notOk(advertiser.isDue(0, subnetPrefixes(bench.program(), 3), bench.nowMs), 'no IPv6');
});

t.test('[RA-2] a block that comes or goes is told at once', async (t) => {
  const bench = new Bench();
  const block = bench.ipv6();
  bench.subnet('a', '10.0.1.0/24', subnetBlock(block, 1));
  bench.host('h', 'a', '10.0.1.11');
  const advertiser = new Advertiser(1);
  const isDue = () => advertiser.isDue(0, subnetPrefixes(bench.program(), 0), bench.nowMs);
  const tell = () => {
    const prefixes = subnetPrefixes(bench.program(), 0);
    const withdrawn = advertiser.withdrawn(0, prefixes);
    advertiser.sent(0, prefixes, bench.nowMs);
    return dissect(advertisement(bench.program(), 0, withdrawn)).upper;
  };
  tell();
  t.notOk(isDue());
  const [association] = bench.subnetOf('a').ipv6Cidrs;
  bench.act('DisassociateSubnetCidrBlock', { AssociationId: association?.associationId });
  t.ok(isDue());
  t.match(
    tell(),
    {
      lifetimeSeconds: 0,
      prefixes: [{ prefix: ip6(`${A}:`), validSeconds: 0, preferredSeconds: 0 }],
    },
    'neither a default router nor a prefix is left',
  );
  t.notOk(isDue());
  const SubnetId = bench.subnetId('a');
  bench.act('AssociateSubnetCidrBlock', { SubnetId, Ipv6CidrBlock: subnetBlock(block, 2) });
  t.ok(isDue());
  t.match(tell(), {
    lifetimeSeconds: 1800,
    prefixes: [{ prefix: ip6(`${B}:`), validSeconds: 0xffffffff }],
  });
});

t.test('[DHCP-12][CHK-6] DHCPv6 to all servers is answered', async (t) => {
  const bench = dualStack();
  const ia = { iaid: 1, renewSeconds: 0, rebindSeconds: 0, options: [] };
  const message = {
    messageType: DHCPV6_SOLICIT,
    transactionId: 7,
    options: [
      { code: 1, value: linkLayerDuid(bench.mac('r2')) },
      dhcpv6AssociationOption(DHCPV6_IA_NA, ia),
    ],
  };
  const body = new Uint8Array(100);
  const payload = body.subarray(0, emitDhcpv6(message, body, 0));
  const solicit = (group: string) => {
    const datagram = new Uint8Array(8 + payload.length);
    const source = linkLocal(bench, 'r2');
    const ports = { sourcePort: 546, destinationPort: 547, payload };
    emitUdp(ports, addressSum6(source, ip6(group)), datagram, 0);
    const link = { sourceMac: bench.mac('r2'), destinationMac: GROUP_MAC };
    const options = { hopLimit: 1, nextHeader: 17, payload: datagram };
    return bench.inject('r2', ipv6Frame(link, formatIpv6(source), group, options));
  };
  const { counter, delivered } = solicit('ff02::1:2');
  t.equal(counter, 'answered');
  const frame = delivered[0]?.frame ?? new Uint8Array(0);
  const given =
    parseDhcpv6(frame, 62, frame.length - 62)?.options.at(-1)?.value ?? new Uint8Array();
  t.equal(
    Buffer.from(given)
      .toString('hex')
      .match(/20010db80000010100000000000000\d\d/g)?.length,
    2,
  );
  t.equal(solicit('ff05::1:3').counter, 'MULTICAST_NOT_FORWARDED', 'a site has no servers');
});

t.test('[L2-6] all other multicast reaches nobody', async (t) => {
  const bench = dualStack();
  for (const to of [GROUP_MAC, bench.routerMac('r1')]) {
    const outcome = send(bench, 'r1', to, formatIpv6(linkLocal(bench, 'r1')), 'ff02::5');
    t.same(outcome, { counter: 'MULTICAST_NOT_FORWARDED', delivered: [] });
  }
});

t.test(
  '[L2-15][SUB-10] the own router answers ping, that of another subnet does not',
  async (t) => {
    const bench = dualStack();
    const ping = (target: Ipv6Addr) => {
      const echo = { kind: 'echo-request', identifier: 1, sequence: 1, payload: new Uint8Array(8) };
      const way = {
        sourceMac: bench.mac('r1'),
        destinationMac: bench.routerMac('r1'),
        source: ip6(`${A}:11`),
        destination: target,
        hopLimit: 64,
      };
      return bench.inject('r1', icmpv6Frame(way, { ...echo, kind: 'echo-request' })).counter;
    };
    for (const target of [ip6(`${A}:1`), ip6('fe80:ec2::1'), router(bench, 'r1')]) {
      t.equal(ping(target), 'answered', formatIpv6(target));
    }
    t.equal(ping(ip6(`${B}:1`)), 'ROUTER_OF_ANOTHER_SUBNET');
    const other = send(bench, 'r1', bench.routerMac('r1'), `${A}:11`, `${A}:1`);
    t.equal(other.counter, 'ROUTER_HAS_NO_SERVICE');
  },
);

t.test('[ND-1] the router forwards nothing from or to link-local addresses', async (t) => {
  const bench = dualStack();
  const own = formatIpv6(linkLocal(bench, 'r1'));
  const to = bench.routerMac('r1');
  t.equal(send(bench, 'r1', to, own, `${B}:20`).counter, 'LINK_LOCAL_NOT_ROUTED');
  const peer = formatIpv6(linkLocal(bench, 'r2'));
  t.equal(send(bench, 'r1', to, `${A}:11`, peer).counter, 'LINK_LOCAL_NOT_ROUTED');
});

t.test('[L2-12][L2-13] across subnets only the MAC addresses change', async (t) => {
  const bench = dualStack();
  const link = { sourceMac: bench.mac('r1'), destinationMac: bench.routerMac('r1') };
  for (const hopLimit of [1, 64, 255]) {
    const frame = ipv6Frame(link, `${A}:11`, `${B}:20`, { hopLimit });
    const [only] = bench.inject('r1', frame).delivered;
    t.equal(only?.to, 'far');
    t.equal(only?.frame[HOP_LIMIT_OFFSET], hopLimit);
    const expected = Uint8Array.from(frame.subarray(14));
    t.same(only?.frame.subarray(14), expected);
    t.match(dissect(only?.frame ?? frame), {
      ethernet: { source: bench.routerMac('far'), destination: bench.mac('far') },
    });
  }
});

t.test(
  '[CHK-1] foreign IPv6 sources and destinations are dropped unless the check is off',
  async (t) => {
    const bench = dualStack();
    const to = bench.mac('r2');
    t.equal(send(bench, 'r1', to, '2001:db8:f::1', `${A}:12`).counter, CHECK);
    t.equal(send(bench, 'r1', to, `${A}:11`, '2001:db8:f::1').counter, CHECK);
    bench.checkOff(bench.eni('r1').eniId);
    bench.checkOff(bench.eni('r2').eniId);
    t.equal(send(bench, 'r1', to, '2001:db8:f::1', '2001:db8:e::1').delivered[0]?.to, 'r2');
  },
);

const CHECK = 'ENI_SOURCE_DEST_CHECK_RESTRICTION';

t.test('[RT-3] the longest IPv6 prefix wins, and IPv4 routes are none', async (t) => {
  const bench = dualStack();
  bench.checkOff(bench.eni('r1').eniId);
  bench.checkOff(bench.eni('r2').eniId);
  const RouteTableId = bench.lab.mainTable(bench.vpcId);
  const to = bench.routerMac('far');
  const outside = '2001:db8:f::1';
  const target = (name: string) => ({ RouteTableId, NetworkInterfaceId: bench.eni(name).eniId });
  bench.act('CreateRoute', { ...target('r2'), DestinationCidrBlock: '0.0.0.0/0' });
  t.equal(send(bench, 'far', to, `${B}:20`, outside).counter, 'NO_ROUTE_TO_DESTINATION');
  bench.act('CreateRoute', { ...target('r1'), DestinationIpv6CidrBlock: '::/0' });
  t.equal(send(bench, 'far', to, `${B}:20`, outside).delivered[0]?.to, 'r1');
  bench.act('CreateRoute', { ...target('r2'), DestinationIpv6CidrBlock: '2001:db8:f::/48' });
  t.equal(send(bench, 'far', to, `${B}:20`, outside).delivered[0]?.to, 'r2');
  t.equal(send(bench, 'far', to, `${B}:20`, `${A}:11`).delivered[0]?.to, 'r1', 'the local route');
  t.equal(send(bench, 'far', to, `${B}:20`, `${A}:99`).counter, 'NO_POSSIBLE_DESTINATION');
});
