/** What crosses the router, the source/destination check, and moves of addresses and interfaces. */
import t from 'tap';
import { formatIpv6 } from '../../src/addr/ipv6.ts';
import { transitGateway, vpcAttachment } from '../actions/transit-gateway-lab.ts';
import { Bench, ip } from './bench.ts';
import { type Ends, ipv4Frame, ipv6Frame, udpFrame } from './frames.ts';

const SERVICE = '192.0.2.10';
const IPPROTO_IPIP = 4;
const IPPROTO_GRE = 47;
const IPPROTO_ESP = 50;
const IPPROTO_OSPF = 89;
const IPPROTO_VRRP = 112;
const TTL_OFFSET = 14 + 8;

/** Routers r1 and r2 in subnet a, a client in subnet b with a route table of its own. */
function routers(): Bench & { readonly clients: string } {
  const bench = new Bench();
  bench.subnet('a', '10.0.1.0/24');
  bench.subnet('b', '10.0.2.0/24');
  bench.host('r1', 'a', '10.0.1.11');
  bench.host('r2', 'a', '10.0.1.12');
  bench.host('c', 'b', '10.0.2.20');
  bench.host('d', 'b', '10.0.2.21');
  const output = bench.lab.act('CreateRouteTable', { VpcId: bench.vpcId });
  const clients = String((output['RouteTable'] as { readonly RouteTableId: string }).RouteTableId);
  bench.act('AssociateRouteTable', { RouteTableId: clients, SubnetId: bench.subnetId('b') });
  return Object.assign(bench, { clients });
}

function toRouter(bench: Bench, from: string, destination: string, source?: string): Ends {
  const eni = bench.eni(from);
  return {
    sourceMac: eni.mac,
    destinationMac: bench.routerMac(from),
    source: source === undefined ? bench.address(from) : ip(source),
    destination: ip(destination),
  };
}

function toNeighbour(bench: Bench, from: string, to: string, destination: string): Ends {
  return { ...toRouter(bench, from, destination), destinationMac: bench.mac(to) };
}

function serviceRoute(bench: ReturnType<typeof routers>, action: string, router: string): void {
  bench.act(action, {
    RouteTableId: bench.clients,
    DestinationCidrBlock: `${SERVICE}/32`,
    NetworkInterfaceId: bench.eni(router).eniId,
  });
}

t.test('[CHK-1] with the check on an interface sends from its own addresses only', async (t) => {
  const bench = routers();
  t.equal(bench.inject('c', udpFrame(toRouter(bench, 'c', '10.0.1.11'))).counter, 'forwarded');
  const foreign = udpFrame(toRouter(bench, 'c', '10.0.1.11', '198.51.100.1'));
  t.equal(bench.inject('c', foreign).counter, 'ENI_SOURCE_DEST_CHECK_RESTRICTION');
  const neighbour = udpFrame(toRouter(bench, 'c', '10.0.1.11', '10.0.2.21'));
  t.equal(bench.inject('c', neighbour).counter, 'ENI_SOURCE_DEST_CHECK_RESTRICTION');
});

t.test(
  '[CHK-1][CHK-5] with the check on an interface receives for its own addresses only',
  async (t) => {
    const bench = routers();
    const passing = udpFrame(toNeighbour(bench, 'r1', 'r2', SERVICE));
    t.equal(bench.inject('r1', passing).counter, 'ENI_SOURCE_DEST_CHECK_RESTRICTION');
    serviceRoute(bench, 'CreateRoute', 'r1');
    const routed = udpFrame(toRouter(bench, 'c', SERVICE));
    t.equal(bench.inject('c', routed).counter, 'ENI_SOURCE_DEST_CHECK_RESTRICTION');
  },
);

t.test('[CHK-2] secondary addresses are own addresses', async (t) => {
  const bench = routers();
  bench.act('AssignPrivateIpAddresses', {
    NetworkInterfaceId: bench.eni('c').eniId,
    PrivateIpAddresses: ['10.0.2.99'],
  });
  const sent = udpFrame(toRouter(bench, 'c', '10.0.1.11', '10.0.2.99'));
  t.equal(bench.inject('c', sent).counter, 'forwarded');
  t.equal(bench.inject('r1', udpFrame(toRouter(bench, 'r1', '10.0.2.99'))).delivered[0]?.to, 'c');
});

t.test(
  '[CHK-3][RT-14] with the check off a route hands packets on with addresses unchanged',
  async (t) => {
    const bench = routers();
    bench.checkOff(bench.eni('r1').eniId);
    serviceRoute(bench, 'CreateRoute', 'r1');
    const ends = toRouter(bench, 'c', SERVICE);
    const { delivered } = bench.inject('c', udpFrame(ends));
    const expected = udpFrame({
      ...ends,
      sourceMac: bench.routerMac('r1'),
      destinationMac: bench.mac('r1'),
    });
    t.strictSame(delivered, [{ to: 'r1', frame: expected }]);
    const reply = udpFrame(toRouter(bench, 'r1', '10.0.2.20', SERVICE));
    t.equal(bench.inject('r1', reply).delivered[0]?.to, 'c');
  },
);

t.test(
  '[CHK-4] the check is switched by both attributes, and acts on flows that are up',
  async (t) => {
    const bench = routers();
    const foreign = udpFrame(toRouter(bench, 'c', '10.0.1.11', '198.51.100.1'));
    const restricted = 'ENI_SOURCE_DEST_CHECK_RESTRICTION';
    t.equal(bench.inject('c', foreign).counter, restricted);
    bench.act('ModifyInstanceAttribute', {
      InstanceId: bench.instanceId('c'),
      SourceDestCheck: { Value: false },
    });
    t.equal(bench.inject('c', foreign).counter, 'forwarded');
    bench.act('ModifyNetworkInterfaceAttribute', {
      NetworkInterfaceId: bench.eni('c').eniId,
      SourceDestCheck: { Value: true },
    });
    t.equal(bench.inject('c', foreign).counter, restricted);
  },
);

t.test('[RT-1] a subnet uses its associated table, the others the main one', async (t) => {
  const bench = routers();
  bench.checkOff(bench.eni('r1').eniId);
  serviceRoute(bench, 'CreateRoute', 'r1');
  t.equal(bench.inject('c', udpFrame(toRouter(bench, 'c', SERVICE))).delivered[0]?.to, 'r1');
  t.equal(
    bench.inject('r2', udpFrame(toRouter(bench, 'r2', SERVICE))).counter,
    'NO_ROUTE_TO_DESTINATION',
  );
});

t.test('[RT-3] the longest prefix wins', async (t) => {
  const bench = routers();
  for (const name of ['r1', 'r2', 'd']) bench.checkOff(bench.eni(name).eniId);
  for (const [cidr, name] of [
    ['192.0.2.0/24', 'r1'],
    ['192.0.2.10/32', 'r2'],
    ['0.0.0.0/0', 'd'],
  ] as const) {
    bench.act('CreateRoute', {
      RouteTableId: bench.clients,
      DestinationCidrBlock: cidr,
      NetworkInterfaceId: bench.eni(name).eniId,
    });
  }
  for (const [address, to] of [
    ['192.0.2.10', 'r2'],
    ['192.0.2.11', 'r1'],
    ['198.51.100.1', 'd'],
    ['10.0.1.11', 'r1'],
  ] as const) {
    t.equal(
      bench.inject('c', udpFrame(toRouter(bench, 'c', address))).delivered[0]?.to,
      to,
      address,
    );
  }
});

t.test(
  '[RT-11] a route to a stopped or detached target drops and does not fall through',
  async (t) => {
    const bench = routers();
    bench.checkOff(bench.eni('r1').eniId);
    bench.checkOff(bench.eni('r2').eniId);
    serviceRoute(bench, 'CreateRoute', 'r1');
    bench.act('CreateRoute', {
      RouteTableId: bench.clients,
      DestinationCidrBlock: '192.0.2.0/24',
      NetworkInterfaceId: bench.eni('r2').eniId,
    });
    const frame = udpFrame(toRouter(bench, 'c', SERVICE));
    t.equal(bench.inject('c', frame).delivered[0]?.to, 'r1');
    bench.act('StopInstances', { InstanceIds: [bench.instanceId('r1')] });
    t.equal(bench.inject('c', frame).counter, 'BAD_STATE_ROUTE');
    bench.act('StartInstances', { InstanceIds: [bench.instanceId('r1')] });
    t.equal(bench.inject('c', frame).delivered[0]?.to, 'r1');
    bench.act('TerminateInstances', { InstanceIds: [bench.instanceId('r1')] });
    t.equal(bench.inject('c', frame).counter, 'BAD_STATE_ROUTE');
  },
);

t.test('[RT-16] a replaced route takes the flow that is up with it', async (t) => {
  const bench = routers();
  bench.checkOff(bench.eni('r1').eniId);
  bench.checkOff(bench.eni('r2').eniId);
  serviceRoute(bench, 'CreateRoute', 'r1');
  const frame = udpFrame(toRouter(bench, 'c', SERVICE));
  t.equal(bench.inject('c', frame).delivered[0]?.to, 'r1');
  serviceRoute(bench, 'ReplaceRoute', 'r2');
  t.equal(bench.inject('c', frame).delivered[0]?.to, 'r2');
});

t.test(
  '[ENI-3] an interface that is attached elsewhere takes its traffic with it at once',
  async (t) => {
    const bench = routers();
    const eniId = bench.lab.eni(bench.subnetId('a'), {
      PrivateIpAddress: '10.0.1.50',
    }) as `eni-${string}`;
    const attach = (host: string): void =>
      bench.act('AttachNetworkInterface', {
        NetworkInterfaceId: eniId,
        InstanceId: bench.instanceId(host),
        DeviceIndex: 1,
      });
    attach('r1');
    bench.plug('r1.eth1', eniId);
    const mac = bench.mac('r1.eth1');
    const routed = udpFrame(toRouter(bench, 'c', '10.0.1.50'));
    const direct = udpFrame({ ...toRouter(bench, 'r2', '10.0.1.50'), destinationMac: mac });
    t.equal(bench.inject('c', routed).delivered[0]?.to, 'r1.eth1');
    const attachment = bench.lab.snapshot.enis.get(eniId)?.attachment;
    bench.act('DetachNetworkInterface', { AttachmentId: attachment?.attachmentId ?? '' });
    bench.unplug('r1.eth1');
    t.equal(bench.inject('c', routed).counter, 'TARGET_NOT_RUNNING');
    attach('d');
    bench.plug('d.eth1', eniId);
    t.equal(bench.mac('d.eth1'), mac);
    t.equal(bench.inject('c', routed).delivered[0]?.to, 'd.eth1');
    t.equal(bench.inject('r2', direct).delivered[0]?.to, 'd.eth1');
  },
);

t.test(
  '[ENI-9] a moved address: through the router it follows, a stale neighbour hits the old interface',
  async (t) => {
    const bench = routers();
    const eniId = bench.eni('r1').eniId;
    bench.act('AssignPrivateIpAddresses', {
      NetworkInterfaceId: eniId,
      PrivateIpAddresses: ['10.0.1.100'],
    });
    const routed = udpFrame(toRouter(bench, 'c', '10.0.1.100'));
    bench.host('n', 'a', '10.0.1.13');
    const cached = udpFrame(toNeighbour(bench, 'n', 'r1', '10.0.1.100'));
    t.equal(bench.inject('c', routed).delivered[0]?.to, 'r1');
    t.equal(bench.inject('n', cached).delivered[0]?.to, 'r1');
    bench.act('AssignPrivateIpAddresses', {
      NetworkInterfaceId: bench.eni('r2').eniId,
      PrivateIpAddresses: ['10.0.1.100'],
      AllowReassignment: true,
    });
    t.equal(bench.inject('c', routed).delivered[0]?.to, 'r2');
    t.equal(bench.inject('n', cached).counter, 'ENI_SOURCE_DEST_CHECK_RESTRICTION');
  },
);

t.test('[PRO-5][PRO-4] any IP protocol passes between interfaces by unicast', async (t) => {
  const bench = routers();
  for (const protocol of [IPPROTO_GRE, IPPROTO_IPIP, IPPROTO_ESP, IPPROTO_OSPF, IPPROTO_VRRP]) {
    const frame = ipv4Frame(toRouter(bench, 'c', '10.0.1.11'), protocol, new Uint8Array(24));
    t.equal(bench.inject('c', frame).delivered[0]?.to, 'r1', `protocol ${protocol}`);
  }
});

t.test('[PRO-2] a unicast VRRP advert crosses subnets with its TTL of 255', async (t) => {
  const bench = routers();
  const ends = toRouter(bench, 'c', '10.0.1.11');
  const advert = ipv4Frame(ends, IPPROTO_VRRP, new Uint8Array(20), { ttl: 255 });
  t.equal(bench.inject('c', advert).delivered[0]?.frame[TTL_OFFSET], 255);
});

t.test(
  '[PRO-7] an address that the orchestrator does not know leaves with the check off only',
  async (t) => {
    const bench = routers();
    const unknown = udpFrame(toRouter(bench, 'r1', '10.0.2.20', '10.0.1.200'));
    t.equal(bench.inject('r1', unknown).counter, 'ENI_SOURCE_DEST_CHECK_RESTRICTION');
    bench.checkOff(bench.eni('r1').eniId);
    t.equal(bench.inject('r1', unknown).delivered[0]?.to, 'c');
    const reply = udpFrame(toRouter(bench, 'c', '10.0.1.200'));
    t.equal(bench.inject('c', reply).counter, 'NO_POSSIBLE_DESTINATION');
  },
);

t.test(
  '[CHK-2][ENI-11] addresses of a delegated prefix pass the check in both directions',
  async (t) => {
    const bench = routers();
    bench.act('AssignPrivateIpAddresses', {
      NetworkInterfaceId: bench.eni('c').eniId,
      Ipv4Prefixes: ['10.0.2.64/28'],
    });
    const sent = udpFrame(toRouter(bench, 'c', '10.0.1.11', '10.0.2.70'));
    t.equal(bench.inject('c', sent).counter, 'forwarded');
    const received = udpFrame(toRouter(bench, 'r1', '10.0.2.70'));
    t.equal(bench.inject('r1', received).delivered[0]?.to, 'c');
    const outside = udpFrame(toRouter(bench, 'c', '10.0.1.11', '10.0.2.80'));
    t.equal(bench.inject('c', outside).counter, 'ENI_SOURCE_DEST_CHECK_RESTRICTION');
  },
);

t.test('[CHK-6] link-local IPv6 passes the check', async (t) => {
  const bench = routers();
  bench.act('AssociateVpcCidrBlock', { VpcId: bench.vpcId, AmazonProvidedIpv6CidrBlock: true });
  const block = bench.lab.snapshot.vpcs.values().next().value?.ipv6Cidrs[0]?.cidr;
  bench.act('AssociateSubnetCidrBlock', {
    SubnetId: bench.subnetId('a'),
    Ipv6CidrBlock: `${formatIpv6(block?.addr ?? 0n)}/64`,
  });
  const link = { sourceMac: bench.mac('r1'), destinationMac: bench.mac('r2') };
  const frame = ipv6Frame(link, 'fe80::1', 'fe80::2');
  t.equal(bench.inject('r1', frame).delivered[0]?.to, 'r2');
  const foreign = ipv6Frame(link, '2001:db8::1', 'fe80::2');
  t.equal(bench.inject('r1', foreign).counter, 'ENI_SOURCE_DEST_CHECK_RESTRICTION');
});

t.test(
  '[RT-6][RT-5] a route for a subnet redirects what comes from others, never what stays in it',
  async (t) => {
    const bench = new Bench({ rules: 'current' });
    for (const [name, cidr] of [
      ['a', '10.0.1.0/24'],
      ['b', '10.0.2.0/24'],
      ['fw', '10.0.3.0/24'],
    ] as const) {
      bench.subnet(name, cidr);
    }
    bench.host('a1', 'a', '10.0.1.11');
    bench.host('a2', 'a', '10.0.1.12');
    bench.host('b1', 'b', '10.0.2.20');
    bench.host('fw', 'fw', '10.0.3.5', { sourceDestCheck: false });
    for (const cidr of ['10.0.1.0/24', '10.0.2.0/24']) {
      bench.act('CreateRoute', {
        RouteTableId: bench.lab.mainTable(bench.vpcId),
        DestinationCidrBlock: cidr,
        NetworkInterfaceId: bench.eni('fw').eniId,
      });
    }
    const across = udpFrame(toRouter(bench, 'a1', '10.0.2.20'));
    t.equal(bench.inject('a1', across).delivered[0]?.to, 'fw');
    const inside = udpFrame(toNeighbour(bench, 'a1', 'a2', '10.0.1.12'));
    t.equal(bench.inject('a1', inside).delivered[0]?.to, 'a2');
  },
);

t.test('[RT-17] replies may come back by another way than the requests went', async (t) => {
  const bench = routers();
  for (const name of ['r1', 'r2']) bench.checkOff(bench.eni(name).eniId);
  serviceRoute(bench, 'CreateRoute', 'r1');
  const request = udpFrame(toRouter(bench, 'c', SERVICE), [5000, 6000]);
  t.equal(bench.inject('c', request).delivered[0]?.to, 'r1');
  const reply = udpFrame(toRouter(bench, 'r2', '10.0.2.20', SERVICE), [6000, 5000]);
  t.equal(bench.inject('r2', reply).delivered[0]?.to, 'c');
});

t.test(
  '[PRO-3] BGP with TTL 1 and BFD with TTL 255 cross subnets, a next hop there does not carry',
  async (t) => {
    const bench = routers();
    bench.checkOff(bench.eni('r1').eniId);
    bench.checkOff(bench.eni('c').eniId);
    const ends = toRouter(bench, 'c', '10.0.1.11');
    for (const [what, frame] of [
      ['BGP', udpFrame(ends, [40000, 179], { ttl: 1 })],
      ['BFD', udpFrame(ends, [49152, 3784], { ttl: 255 })],
    ] as const) {
      t.equal(bench.inject('c', frame).delivered[0]?.to, 'r1', what);
    }
    // The guest has learned 198.51.100.0/24 via r1: it can only hand the packet to the router.
    const learned = udpFrame(toRouter(bench, 'c', '198.51.100.1'));
    t.equal(bench.inject('c', learned).counter, 'NO_ROUTE_TO_DESTINATION');
    // In the same subnet the neighbour's MAC takes it there.
    const neighbour = udpFrame(toNeighbour(bench, 'r2', 'r1', '198.51.100.1'));
    t.equal(bench.inject('r2', neighbour).delivered[0]?.to, 'r1');
  },
);

t.test('[RT-9] a route to a prefix list leads to each of its entries', async (t) => {
  const bench = routers();
  const NetworkInterfaceId = bench.eni('r1').eniId;
  const PrefixListId = bench.lab.prefixList([`${SERVICE}/32`]);
  bench.act('ModifyNetworkInterfaceAttribute', { NetworkInterfaceId, SourceDestCheck: false });
  bench.act('CreateRoute', {
    RouteTableId: bench.clients,
    DestinationPrefixListId: PrefixListId,
    NetworkInterfaceId,
  });
  const frame = (): Uint8Array => udpFrame(toRouter(bench, 'c', SERVICE));
  t.equal(bench.inject('c', frame()).counter, 'forwarded');
  const RemoveEntries = [{ Cidr: `${SERVICE}/32` }];
  bench.act('ModifyManagedPrefixList', { PrefixListId, RemoveEntries });
  t.not(bench.inject('c', frame()).counter, 'forwarded');
});

t.test(
  '[RT-11] what leaves by a gateway is dropped with a reason, and never falls through',
  async (t) => {
    const bench = routers();
    const igw = bench.lab.internetGateway(bench.vpcId);
    serviceRoute(bench, 'CreateRoute', 'r1');
    const probe = () => bench.inject('c', udpFrame(toRouter(bench, 'c', SERVICE))).counter;
    const route = { RouteTableId: bench.clients, DestinationCidrBlock: `${SERVICE}/32` };
    bench.act('ReplaceRoute', { ...route, GatewayId: igw });
    t.equal(probe(), 'IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS');
    const any = { ...route, DestinationCidrBlock: '0.0.0.0/0' };
    bench.act('CreateRoute', { ...any, NetworkInterfaceId: bench.eni('r2').eniId });
    t.equal(probe(), 'IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS', 'the longest prefix wins');
    bench.act('DetachInternetGateway', { InternetGatewayId: igw, VpcId: bench.vpcId });
    t.equal(probe(), 'BAD_STATE_ROUTE');
    bench.act('DeleteRoute', route);
    t.not(probe(), 'BAD_STATE_ROUTE');
  },
);

t.test('[RT-11] what leaves by a transit gateway is dropped with a reason', async (t) => {
  const bench = routers();
  const tgw = transitGateway(bench.lab);
  const { subnetId } = bench.eni('c');
  const attachment = vpcAttachment(bench.lab, tgw, bench.vpcId, [subnetId]);
  const probe = () => bench.inject('c', udpFrame(toRouter(bench, 'c', SERVICE))).counter;
  bench.act('CreateRoute', {
    RouteTableId: bench.clients,
    DestinationCidrBlock: '0.0.0.0/0',
    TransitGatewayId: tgw,
  });
  t.equal(probe(), 'GATEWAY_NOT_FORWARDED');
  bench.act('DeleteTransitGatewayVpcAttachment', { TransitGatewayAttachmentId: attachment });
  t.equal(probe(), 'BAD_STATE_ROUTE');
});
