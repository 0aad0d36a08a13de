/** Which route a packet takes, for every kind of target that forwards; and those of a VPN gateway. */
import assert from 'node:assert/strict';
import t from 'tap';
import { addAwsPrefixLists } from '../../src/actions/filters/aws-prefix-lists.ts';
import { formatIpv4, type Ipv4Addr } from '../../src/addr/ipv4.ts';
import { addressSum6 } from '../../src/packet/checksum.ts';
import { TCP_SYN } from '../../src/packet/tcp.ts';
import { textAt } from '../actions/lab.ts';
import { dissect } from '../packet/dissect.ts';
import { ip, type Outcome, subnetBlock } from './bench.ts';
import { ip6, ipv6Frame, tcpFrame, udpDatagram } from './frames.ts';
import { NatBench, SERVER } from './nat-bench.ts';

/** Somebody has it on the internet and somebody in the peered VPC; and one of a block of S3. */
const HOST = formatIpv4(SERVER);
const S3 = '52.216.0.10';
/** Of S3's prefix list. */
const S3_BLOCK = '52.216.0.0/15';
const HOST_6 = '2001:db8:ffff:ff00::10';
const OWN_6 = '2001:db8:0:101::11';

/** No gateway goes while it has public addresses. */
function detach(made: NatBench, gateway: string): void {
  for (const nat of made.lab.snapshot.natGateways.keys()) {
    made.act('DeleteNatGateway', { NatGatewayId: nat });
  }
  for (const { association } of made.lab.snapshot.elasticAddresses.values()) {
    if (association === null) continue;
    made.act('DisassociateAddress', { AssociationId: association.associationId });
  }
  made.act('DetachInternetGateway', { InternetGatewayId: gateway, VpcId: made.vpcId });
}

/** One kind of target. */
interface Target {
  /** As `way` says it. */
  readonly name: string;
  /** AWS's member and the id. */
  readonly named: Readonly<Record<string, string>>;
  /** Makes it unusable. */
  readonly end: () => void;
}

/**
 * c1 has a route table of its own, and whatever a route can lead to: the interface of a box, a box as
 * instance, an internet gateway, a NAT gateway, an egress-only gateway, a peering, a VPN gateway.
 */
function bench() {
  const made = new NatBench();
  made.lab.store.edit((draft) => addAwsPrefixLists({ draft }));
  const block = made.ipv6();
  made.subnet('clients', '10.0.1.0/24', subnetBlock(block, 1));
  made.subnet('boxes', '10.0.2.0/24', subnetBlock(block, 2));
  made.subnet('public', '10.0.3.0/24');
  made.host('c1', 'clients', '10.0.1.11', { ipv6: [OWN_6] });
  made.host('eni', 'boxes', '10.0.2.11', { sourceDestCheck: false, ipv6: ['2001:db8:0:102::11'] });
  made.host('instance', 'boxes', '10.0.2.12', { sourceDestCheck: false });
  made.publicHost('internet', HOST, HOST_6);
  made.publicHost('s3', S3);
  const peer = made.lab.vpc('198.51.100.0/24');
  made.lab.openDefaultGroup(peer);
  made.subnet('there', '198.51.100.0/24', undefined, peer);
  made.host('peering', 'there', HOST);
  const gateway = made.internetGateway();
  made.route('public', '0.0.0.0/0', { GatewayId: gateway });
  const nat = made.nat('public');
  const elastic = made.elastic('c1');
  const output = made.lab.act('CreateEgressOnlyInternetGateway', { VpcId: made.vpcId });
  const egressOnly = textAt(output, 'EgressOnlyInternetGateway', 'EgressOnlyInternetGatewayId');
  const peering = made.peer(made.vpcId, peer);
  const vgw = made.lab.vpnGateway(made.vpcId);
  const connection = made.lab.vpnConnection(vgw, made.lab.customerGateway());
  made.act('EnableVgwRoutePropagation', {
    RouteTableId: made.tableOf('clients'),
    GatewayId: vgw,
  });
  const eni: Target = {
    name: 'eni',
    named: { NetworkInterfaceId: made.eni('eni').eniId },
    end: () => made.act('StopInstances', { InstanceIds: [made.instanceId('eni')] }),
  };
  const instance: Target = {
    name: 'instance',
    named: { InstanceId: made.instanceId('instance') },
    end: () => made.act('TerminateInstances', { InstanceIds: [made.instanceId('instance')] }),
  };
  const internet: Target = {
    name: 'internet gateway',
    named: { GatewayId: gateway },
    end: () => detach(made, gateway),
  };
  const natGateway: Target = {
    name: 'NAT gateway',
    named: { NatGatewayId: nat.id },
    end: () => made.act('DeleteNatGateway', { NatGatewayId: nat.id }),
  };
  const egressOnlyGateway: Target = {
    name: 'egress-only gateway',
    named: { EgressOnlyInternetGatewayId: egressOnly },
    end: () =>
      made.act('DeleteEgressOnlyInternetGateway', { EgressOnlyInternetGatewayId: egressOnly }),
  };
  const peered: Target = {
    name: 'peering',
    named: { VpcPeeringConnectionId: peering },
    end: () => made.act('DeleteVpcPeeringConnection', { VpcPeeringConnectionId: peering }),
  };
  const vpn: Target = {
    name: 'VPN gateway',
    named: { GatewayId: vgw },
    end: () => made.act('DetachVpnGateway', { VpnGatewayId: vgw, VpcId: made.vpcId }),
  };

  /** @returns by which target a packet of c1 goes, or the counter that it ends at. */
  const way = (destination = HOST): string => {
    const ends = made.from('c1', made.address('c1'), ip(destination));
    const sent = tcpFrame(ends, [40_000, 443], TCP_SYN);
    return wayOf(made.inject('c1', sent));
  };
  let port6 = 40_000;
  const way6 = (): string => {
    const link = { sourceMac: made.mac('c1'), destinationMac: made.routerMac('c1') };
    const sum = addressSum6(ip6(OWN_6), ip6(HOST_6));
    const payload = udpDatagram([port6++, 53], new Uint8Array(4), sum);
    const flows = made.state.natFlows.size;
    const outcome = made.inject('c1', ipv6Frame(link, OWN_6, HOST_6, { nextHeader: 17, payload }));
    const found = wayOf(outcome);
    // Both leave the packet as it is; one of them remembers it.
    const isKept = made.state.natFlows.size > flows;
    return found === 'as it is' ? `${isKept ? 'egress-only' : 'internet'} gateway` : found;
  };
  function wayOf({ counter, delivered: [one] }: Outcome): string {
    if (counter === 'GATEWAY_NOT_FORWARDED') return 'VPN gateway';
    if (one === undefined) return counter;
    const seen = dissect(one.frame).ip;
    assert(seen !== null);
    if (one.to !== 'internet' && one.to !== 's3') return one.to;
    if (typeof seen.source === 'bigint') return 'as it is';
    const names = new Map<Ipv4Addr, string>([
      [elastic, 'internet gateway'],
      [nat.outside, 'NAT gateway'],
      [made.address('c1'), 'gateway endpoint'],
    ]);
    return names.get(seen.source) ?? 'nobody knows';
  }

  const table = made.tableOf('clients');
  return {
    made,
    table,
    way,
    way6,
    eni,
    targets4: [eni, instance, internet, natGateway, peered, vpn],
    targets6: [eni, instance, internet, egressOnlyGateway],
    /** Routes to it. */
    lead: (to: string, { named }: Target) => made.route('clients', to, named),
    unlead: (to: string) =>
      made.act('DeleteRoute', {
        RouteTableId: table,
        [to.includes(':') ? 'DestinationIpv6CidrBlock' : 'DestinationCidrBlock']: to,
      }),
    /** The VPN gateway says so. */
    propagate: (to: string) =>
      made.act('CreateVpnConnectionRoute', {
        VpnConnectionId: connection,
        DestinationCidrBlock: to,
      }),
  };
}

t.test('[RT-3] the longest prefix wins, whatever it leads to', async (t) => {
  const { lead, unlead, way, targets4 } = bench();
  for (const longer of targets4) {
    for (const shorter of targets4.filter((each) => each !== longer)) {
      lead(`${HOST}/32`, longer);
      lead('0.0.0.0/0', shorter);
      t.equal(way(), longer.name, `before ${shorter.name}`);
      unlead(`${HOST}/32`);
      t.equal(way(), shorter.name);
      unlead('0.0.0.0/0');
    }
  }
  t.equal(way(), 'NO_ROUTE_TO_DESTINATION');
});

t.test('[RT-3] so it does over IPv6, where no IPv4 route has a say', async (t) => {
  const { lead, unlead, way, way6, eni, targets6 } = bench();
  lead('0.0.0.0/0', eni);
  t.equal(way6(), 'NO_ROUTE_TO_DESTINATION');
  unlead('0.0.0.0/0');
  for (const longer of targets6) {
    for (const shorter of targets6.filter((each) => each !== longer)) {
      lead(`${HOST_6}/128`, longer);
      lead('::/0', shorter);
      t.equal(way6(), longer.name, `before ${shorter.name}`);
      t.equal(way(), 'NO_ROUTE_TO_DESTINATION');
      unlead(`${HOST_6}/128`);
      t.equal(way6(), shorter.name);
      unlead('::/0');
    }
  }
});

t.test(
  '[RT-3] [RT-7] the local route is the longer one for the VPC, and none is propagated into it',
  async (t) => {
    const { lead, unlead, way, propagate, targets4 } = bench();
    propagate('10.0.2.0/24');
    propagate('10.0.2.11/32');
    t.equal(way('10.0.2.11'), 'eni', 'as it has the address');
    for (const target of targets4) {
      lead('0.0.0.0/0', target);
      lead('10.0.0.0/8', target);
      t.equal(way('10.0.2.12'), 'instance', target.name);
      unlead('0.0.0.0/0');
      unlead('10.0.0.0/8');
    }
  },
);

t.test(
  '[RT-8] a static route to any target beats a propagated one for the same destination',
  async (t) => {
    const { lead, unlead, way, propagate, targets4 } = bench();
    propagate('198.51.100.0/24');
    for (const target of targets4) {
      t.equal(way(), 'VPN gateway');
      lead('198.51.100.0/24', target);
      t.equal(way(), target.name);
      unlead('198.51.100.0/24');
    }
    propagate(`${HOST}/32`);
    for (const target of targets4) {
      lead('198.51.100.0/24', target);
      t.equal(way(), 'VPN gateway', `a longer prefix than to ${target.name}`);
      unlead('198.51.100.0/24');
    }
  },
);

t.test(
  '[RT-9] a prefix list to any target loses to a static route, and beats a propagated one',
  async (t) => {
    const { made, table, lead, unlead, way, propagate, eni, targets4 } = bench();
    propagate('198.51.100.0/24');
    for (const target of targets4) {
      const list = made.lab.prefixList(['198.51.100.0/24'], { PrefixListName: target.name });
      const route = { RouteTableId: table, DestinationPrefixListId: list };
      made.act('CreateRoute', { ...route, ...target.named });
      t.equal(way(), target.name);
      const other = targets4.find((each) => each !== target) ?? eni;
      lead('198.51.100.0/24', other);
      t.equal(way(), other.name, `and not ${target.name}`);
      unlead('198.51.100.0/24');
      made.act('DeleteRoute', route);
    }
  },
);

t.test('[RT-3] [RT-9] [GWEP-1] a gateway endpoint is one more prefix list', async (t) => {
  const { made, table, lead, unlead, way, propagate, eni, targets4 } = bench();
  propagate(S3_BLOCK);
  t.equal(way(S3), 'VPN gateway');
  const endpoint = made.lab.endpoint(made.vpcId, 's3', { RouteTableIds: [table] });
  made.publish();
  t.equal(way(S3), 'gateway endpoint', 'beats what is propagated');
  for (const target of targets4) {
    lead('0.0.0.0/0', target);
    t.equal(way(S3), 'gateway endpoint', `a longer prefix than to ${target.name}`);
    unlead('0.0.0.0/0');
  }
  lead(`${S3}/32`, eni);
  t.equal(way(S3), 'eni', 'a longer one than that of the list');
  unlead(`${S3}/32`);
  lead(S3_BLOCK, eni);
  t.equal(way(S3), 'eni', 'a static route for a block of the list');
  unlead(S3_BLOCK);
  made.act('DeleteVpcEndpoints', { VpcEndpointIds: [endpoint] });
  t.equal(way(S3), 'VPN gateway', 'its route goes with it: no blackhole');
});

t.test(
  '[RT-11] what leads to an unusable target drops, and no shorter prefix takes over',
  async (t) => {
    for (const name of bench().targets4.map((each) => each.name)) {
      const { lead, unlead, way, eni, targets4 } = bench();
      const target = targets4.find((each) => each.name === name) ?? eni;
      const other = targets4.find((each) => each !== target) ?? eni;
      lead(`${HOST}/32`, target);
      lead('0.0.0.0/0', other);
      t.equal(way(), name);
      target.end();
      t.equal(way(), 'BAD_STATE_ROUTE', name);
      unlead(`${HOST}/32`);
      t.equal(way(), other.name, `past ${name}`);
    }
  },
);

t.test('[RT-11] so it is over IPv6', async (t) => {
  for (const name of bench().targets6.map((each) => each.name)) {
    const { lead, way6, eni, targets6 } = bench();
    const target = targets6.find((each) => each.name === name) ?? eni;
    lead(`${HOST_6}/128`, target);
    lead('::/0', targets6.find((each) => each !== target) ?? eni);
    t.equal(way6(), name);
    target.end();
    t.equal(way6(), 'BAD_STATE_ROUTE', name);
  }
});

t.test(
  '[RT-11] [RT-9] a blackhole of a list drops as well, and what was propagated goes',
  async (t) => {
    const { made, table, way, propagate, eni, targets4 } = bench();
    const list = made.lab.prefixList(['198.51.100.0/24']);
    made.act('CreateRoute', { RouteTableId: table, DestinationPrefixListId: list, ...eni.named });
    propagate('198.51.100.0/24');
    eni.end();
    t.equal(way(), 'BAD_STATE_ROUTE', 'of a list');
    made.act('DeleteRoute', { RouteTableId: table, DestinationPrefixListId: list });
    t.equal(way(), 'VPN gateway');
    targets4.find(({ name }) => name === 'VPN gateway')?.end();
    t.equal(way(), 'NO_ROUTE_TO_DESTINATION', 'a gateway that is detached propagates nothing');
  },
);

t.test('[RT-13] [RT-16] a route that is replaced leads to the other target at once', async (t) => {
  const { made, table, lead, way, eni, targets4 } = bench();
  lead('0.0.0.0/0', eni);
  t.equal(way(), 'eni');
  for (const target of targets4) {
    const route = { RouteTableId: table, DestinationCidrBlock: '0.0.0.0/0' };
    made.act('ReplaceRoute', { ...route, ...target.named });
    for (const packet of ['decided', 'remembered']) t.equal(way(), target.name, packet);
  }
});
