/** Where a packet goes behind a NAT gateway: by the route table of the gateway's own subnet. */
import t from 'tap';
import type { Ipv4Addr } from '../../src/addr/ipv4.ts';
import { TCP_ACK, TCP_SYN } from '../../src/packet/tcp.ts';
import { dissect } from '../packet/dissect.ts';
import { ip } from './bench.ts';
import { arrival } from './edge-bench.ts';
import { arpFrame, icmpFrame, tcpFrame, udpFrame } from './frames.ts';
import { NatBench, natBench, SERVER, sourcePort, THERE } from './nat-bench.ts';

/** A private gateway in `hidden`, through which r1 reaches all that its own routes do not. */
function privateBench() {
  const made = new NatBench();
  made.subnet('private', '10.0.2.0/24');
  made.subnet('hidden', '10.0.3.0/24');
  made.subnet('far', '10.0.4.0/24');
  made.host('r1', 'private', '10.0.2.11');
  made.host('h1', 'hidden', '10.0.3.11');
  made.host('f1', 'far', '10.0.4.11');
  made.publicHost('server', '198.51.100.10');
  const gateway = made.internetGateway();
  const nat = made.nat('hidden', { address: '10.0.3.50', isPrivate: true });
  made.route('private', '0.0.0.0/0', { NatGatewayId: nat.id });
  return { made, nat, gateway };
}

t.test('[NAT-7] what a private gateway sends to an internet gateway is lost there', async (t) => {
  const { made, gateway } = privateBench();
  t.equal(made.sendUdp('r1', SERVER).counter, 'NO_ROUTE_TO_DESTINATION', 'its subnet has none');
  made.route('hidden', '0.0.0.0/0', { GatewayId: gateway });
  const lost = made.sendUdp('r1', SERVER);
  t.match(lost, { counter: 'IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS', delivered: [] });
});

t.test('[NAT-8] a route to a subnet of the VPC leads through a gateway of today', async (t) => {
  const made = new NatBench({ rules: 'current' });
  made.subnet('private', '10.0.2.0/24');
  made.subnet('hidden', '10.0.3.0/24');
  made.subnet('far', '10.0.4.0/24');
  made.host('r1', 'private', '10.0.2.11');
  made.host('h1', 'hidden', '10.0.3.11');
  made.host('f1', 'far', '10.0.4.11');
  const nat = made.nat('hidden', { address: '10.0.3.50', isPrivate: true });
  for (const block of ['10.0.3.0/24', '10.0.4.0/24']) {
    made.route('private', block, { NatGatewayId: nat.id });
  }
  const own = made.address('r1');
  for (const [host, isNear] of [
    ['f1', false],
    ['h1', true],
  ] as const) {
    const target = made.address(host);
    const syn = tcpFrame(made.from('r1', own, target), THERE, TCP_SYN);
    for (const flow of ['decided', 'remembered']) {
      const there = made.inject('r1', syn);
      t.match(arrival(there), { to: host, ip: { source: nat.inside, ttl: 63 } }, flow);
      // Who is in the subnet of the gateway answers to its MAC address.
      const eni = [...made.lab.snapshot.enis.values()].find((each) =>
        each.addresses.includes(nat.inside),
      );
      const ends = made.from(host, target, nat.inside);
      const link = isNear ? { ...ends, destinationMac: eni?.mac ?? ends.destinationMac } : ends;
      const answer = tcpFrame(link, [80, sourcePort(there)], TCP_SYN | TCP_ACK);
      const back = arrival(made.inject(host, answer));
      t.match(back, { to: 'r1', ip: { source: target, destination: own, ttl: 63 } }, flow);
      t.match(back.ethernet, { source: made.routerMac('r1'), destination: made.mac('r1') });
      t.match(back.upper, { destinationPort: 40_000 });
    }
  }
});

t.test('[ARP-5] a NAT gateway answers for its address', async (t) => {
  const { made, nat } = privateBench();
  const { counter, delivered } = made.inject(
    'h1',
    arpFrame(made.mac('h1'), made.address('h1'), nat.inside),
  );
  t.equal(counter, 'answered');
  const { arp } = dissect(delivered[0]?.frame ?? new Uint8Array(0));
  const eni = [...made.lab.snapshot.enis.values()].find((each) =>
    each.addresses.includes(nat.inside),
  );
  t.match(arp, { senderAddr: nat.inside, senderMac: eni?.mac });
});

t.test('[NAT-8] a gateway whose subnet routes to a middlebox sends everything there', async (t) => {
  const { made, nat } = natBench();
  made.subnet('middle', '10.0.5.0/24');
  made.host('box', 'middle', '10.0.5.11', { sourceDestCheck: false });
  made.route('public', '203.0.113.0/24', { NetworkInterfaceId: made.eni('box').eniId });
  const there = arrival(made.sendUdp('r1', ip('203.0.113.7')));
  const seen = { source: nat.inside, destination: ip('203.0.113.7'), ttl: 63 };
  t.match(there, { to: 'box', ip: seen });
  t.match(there.ethernet, { source: made.routerMac('box'), destination: made.mac('box') });
  t.equal(arrival(made.sendUdp('r1', SERVER)).to, 'server', 'all else goes its way');
});

t.test('[NAT-8] a gateway whose subnet routes to a peering is one more guest of it', async (t) => {
  const { made, nat } = privateBench();
  const other = made.lab.vpc('10.1.0.0/16');
  made.lab.openDefaultGroup(other);
  made.subnet('b', '10.1.1.0/24', undefined, other);
  made.host('b1', 'b', '10.1.1.11');
  const peering = made.peer(made.vpcId, other);
  made.route('hidden', '10.1.0.0/16', { VpcPeeringConnectionId: peering });
  made.route('b', '10.0.0.0/16', { VpcPeeringConnectionId: peering });
  const there = made.sendUdp('r1', ip('10.1.1.11'));
  t.match(arrival(there), { to: 'b1', ip: { source: nat.inside, ttl: 63 } });
  const ends = made.from('b1', ip('10.1.1.11'), nat.inside);
  const back = arrival(made.inject('b1', udpFrame(ends, [80, sourcePort(there)])));
  t.match(back, { to: 'r1', ip: { source: ip('10.1.1.11'), destination: made.address('r1') } });
  t.equal(made.inject('b1', udpFrame(ends, [80, 1])).counter, 'NAT_GATEWAY_NO_CONNECTION');
});

/** r1 behind a private gateway in `public2`, whose subnet is behind the public one in `public`. */
function twoNats() {
  const { made, nat: outer } = natBench();
  made.subnet('inner', '10.0.6.0/24');
  made.subnet('deep', '10.0.7.0/24');
  made.host('d1', 'deep', '10.0.7.11');
  const inner = made.nat('inner', { address: '10.0.6.50', isPrivate: true });
  made.route('inner', '0.0.0.0/0', { NatGatewayId: outer.id });
  made.route('deep', '0.0.0.0/0', { NatGatewayId: inner.id });
  return { made, inner, outer };
}

t.test('two gateways in a row are two hops, there and back', async (t) => {
  const { made, inner, outer } = twoNats();
  const own = made.address('d1');
  for (const packet of ['first', 'second']) {
    const there = made.sendUdp('d1', SERVER);
    t.match(arrival(there), { to: 'server', ip: { source: outer.outside, ttl: 62 } }, packet);
    const ends = made.from('server', SERVER, outer.outside);
    const back = arrival(made.inject('server', udpFrame(ends, [80, sourcePort(there)])));
    t.match(back, { to: 'd1', ip: { source: SERVER, destination: own, ttl: 62 } }, packet);
    t.match(back.upper, { destinationPort: 40_000 });
  }
  t.equal(made.state.natFlows.size, 2);
  t.equal(made.state.flows.hits, 0, 'a known flow would keep one of them only');
  const hops = [1, 2].map((ttl) => {
    const frame = udpFrame(made.from('d1', own, SERVER), THERE, { ttl });
    const { delivered } = made.inject('d1', frame);
    return (dissect(delivered[0]?.frame ?? frame).ip as { source: Ipv4Addr }).source;
  });
  t.same(hops, [inner.inside, outer.inside], 'traceroute');
});

t.test('an error passes two gateways back to the guest', async (t) => {
  const { made, outer } = twoNats();
  const sent = udpFrame(made.from('d1', made.address('d1'), SERVER), THERE);
  const there = arrival(made.inject('d1', sent)).frame;
  const unreachable = { kind: 'unreachable', code: 4, nextHopMtu: 1280, pointer: 0 } as const;
  const ends = made.from('server', SERVER, outer.outside);
  const error = icmpFrame(ends, { ...unreachable, quote: there.subarray(14) });
  const back = arrival(made.inject('server', error));
  t.equal(back.to, 'd1');
  const quote = back.frame.subarray(14 + 20 + 8);
  t.same(quote.subarray(12, 20), sent.subarray(26, 34), 'addresses');
  t.same(quote.subarray(20), sent.subarray(34), 'ports and checksum');
});

t.test('gateways that lead to each other lose the packet', async (t) => {
  const made = new NatBench();
  for (const [name, block] of [
    ['one', '10.0.1.0/24'],
    ['two', '10.0.2.0/24'],
  ] as const) {
    made.subnet(name, block);
  }
  made.subnet('guests', '10.0.3.0/24');
  made.host('r1', 'guests', '10.0.3.11');
  const [one, two] = [made.nat('one', { isPrivate: true }), made.nat('two', { isPrivate: true })];
  made.route('guests', '0.0.0.0/0', { NatGatewayId: one.id });
  made.route('one', '0.0.0.0/0', { NatGatewayId: two.id });
  made.route('two', '0.0.0.0/0', { NatGatewayId: one.id });
  t.match(made.sendUdp('r1', SERVER), { counter: 'GATEWAYS_IN_A_CIRCLE', delivered: [] });
});
