/** NAT64 and a Gateway Load Balancer on one way: a packet takes three forms, and its answer too. */
import assert from 'node:assert/strict';
import t from 'tap';
import type { NatGatewayId } from '../../src/model/ids.ts';
import { addressSum6 } from '../../src/packet/checksum.ts';
import { IPPROTO_UDP, parseIpv4Header } from '../../src/packet/ipv4.ts';
import { parseIpv6Header } from '../../src/packet/ipv6.ts';
import { textAt } from '../actions/lab.ts';
import { BalancerBench, SERVER, wrapped } from './balancer-bench.ts';
import { subnetBlock } from './bench.ts';
import { arrival } from './edge-bench.ts';
import { ip6, ipv6Frame, udpDatagram, udpFrame } from './frames.ts';
import { GUEST, SERVER_6 } from './nat64-bench.ts';

/** What the gateway sends goes by the endpoint, both ways. */
function bench() {
  const made = new BalancerBench({ rules: 'current' });
  const guests = subnetBlock(made.ipv6(), 2);
  made.subnet('guests', null, guests);
  made.subnet('edge', '10.0.3.0/24');
  made.host('g1', 'guests', null, { ipv6: [GUEST] });
  const allocated = made.lab.act('AllocateAddress', { Domain: 'vpc' });
  const AllocationId = textAt(allocated, 'AllocationId');
  const SubnetId = made.subnetId('edge');
  const gateway = made.lab.act('CreateNatGateway', { SubnetId, AllocationId });
  const NatGatewayId = textAt(gateway, 'NatGateway', 'NatGatewayId');
  const nat = made.lab.snapshot.natGateways.get(NatGatewayId as NatGatewayId);
  assert(nat?.privateAddr != null && nat.publicAddr !== null);
  const tableFor = (SubnetId: string): string => {
    const table = made.lab.act('CreateRouteTable', { VpcId: made.vpcId });
    const RouteTableId = textAt(table, 'RouteTable', 'RouteTableId');
    made.lab.act('AssociateRouteTable', { RouteTableId, SubnetId });
    return RouteTableId;
  };
  const ofGuests = { RouteTableId: tableFor(made.subnetId('guests')), NatGatewayId };
  made.act('CreateRoute', { ...ofGuests, DestinationIpv6CidrBlock: '64:ff9b::/96' });
  const ofEdge = { RouteTableId: tableFor(SubnetId), VpcEndpointId: made.endpoint };
  made.act('CreateRoute', { ...ofEdge, DestinationCidrBlock: '0.0.0.0/0' });
  made.act('CreateRoute', { ...ofEdge, DestinationIpv6CidrBlock: guests });
  return { made, nat };
}

t.test('[NAT-8] [GWLB-2] IPv6 becomes IPv4, and that goes to an appliance; and back', async (t) => {
  const { made, nat } = bench();
  const link = { sourceMac: made.mac('g1'), destinationMac: made.routerMac('g1') };
  const sum = addressSum6(ip6(GUEST), ip6(SERVER_6));
  const payload = udpDatagram([5000, 53], new Uint8Array(100), sum);
  const options = { nextHeader: IPPROTO_UDP, payload };
  for (const flow of ['decided', 'remembered']) {
    const out = made.inject('g1', ipv6Frame(link, GUEST, SERVER_6, options));
    const given = wrapped(out);
    const inside = parseIpv4Header(given.packet, 0, given.packet.length);
    t.match(inside, { source: nat.privateAddr, destination: SERVER, ttl: 63 }, flow);
    const there = arrival(made.giveBack(given));
    t.match(there, { to: 'server', ip: { source: nat.publicAddr, ttl: 63 } }, flow);
    const { upper } = there;
    assert(upper !== null && 'sourcePort' in upper && nat.publicAddr !== null);
    const ends = made.from('server', SERVER, nat.publicAddr);
    const back = wrapped(made.inject('server', udpFrame(ends, [53, upper.sourcePort])));
    const answer = parseIpv6Header(back.packet, 0, back.packet.length);
    t.match(answer, { source: ip6(SERVER_6), destination: ip6(GUEST), hopLimit: 63 }, flow);
    const end = arrival(made.giveBack(back));
    t.match(end, { to: 'g1', upper: { sourcePort: 53, destinationPort: 5000 } }, flow);
  }
});
