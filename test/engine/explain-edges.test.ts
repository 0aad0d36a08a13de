/** What `explain` says of packets that leave a VPC: the same layers, and who they come to. */
import assert from 'node:assert/strict';
import t from 'tap';
import { addAwsPrefixLists } from '../../src/actions/filters/aws-prefix-lists.ts';
import type { Ipv4Addr } from '../../src/addr/ipv4.ts';
import type { Ipv6Addr } from '../../src/addr/ipv6.ts';
import { explain } from '../../src/engine/explain/explain.ts';
import type { Walk } from '../../src/engine/explain/explanation.ts';
import { textAt } from '../actions/lab.ts';
import { ip, subnetBlock } from './bench.ts';
import { EdgeBench } from './edge-bench.ts';
import { ip6 } from './frames.ts';
import { NatBench, natBench, SERVER } from './nat-bench.ts';

const TCP = 6;
const ICMP = 1;
const UDP = 17;

function ask(made: EdgeBench, host: string, destination: Ipv4Addr, protocol = TCP) {
  const addresses = { family: 4, source: made.address(host), destination } as const;
  const port = protocol === TCP ? 80 : null;
  const question = { eniId: made.eni(host).eniId, addresses, protocol, port };
  return explain(made.fabric, made.program(), question);
}

const layersOf = ({ hops }: Walk): string[] =>
  hops.flatMap(({ steps }) => steps.map((s) => s.layer));

const decisionOf = ({ hops }: Walk, layer: string) =>
  hops.flatMap(({ steps }) => steps).find((step) => step.layer === layer)?.decision;

t.test('a packet goes out by the gateway, and its answer comes back by it', async (t) => {
  const made = new EdgeBench();
  made.subnet('a', '10.0.1.0/24');
  made.host('r1', 'a', '10.0.1.11');
  made.publicHost('server', '198.51.100.10');
  const gateway = made.internetGateway();
  made.defaultRoute({ GatewayId: gateway });
  const unnamed = ask(made, 'r1', ip('198.51.100.10'));
  t.match(unnamed.forward.end, { kind: 'blocked', code: 'IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS' });
  const elastic = made.elastic('r1');
  const { isReachable, forward, return: back } = ask(made, 'r1', ip('198.51.100.10'));
  t.ok(isReachable);
  t.match(forward.end, { kind: 'delivered', interface: { eniId: made.eni('server').eniId } });
  const steps = forward.hops[0]?.steps ?? [];
  t.match(steps.find(({ layer }) => layer === 'internet-gateway-egress')?.decision, {
    kind: 'gateway',
    gateway: { id: gateway },
    source: '198.18.',
    destination: null,
  });
  assert(back !== null);
  t.match(back.packet, { source: '198.51.100.10' }, 'the answer goes to the public address');
  t.match(back.end, { kind: 'delivered', interface: { eniId: made.eni('r1').eniId } });
  t.ok(layersOf(back).includes('internet-gateway-ingress'));
  const inbound = ask(made, 'server', elastic);
  t.match(inbound.forward.end, { kind: 'delivered', interface: { eniId: made.eni('r1').eniId } });
  t.ok(inbound.isReachable);
});

t.test('a peering is a step of its own', async (t) => {
  const made = new EdgeBench();
  made.subnet('a', '10.0.1.0/24');
  made.host('r1', 'a', '10.0.1.11');
  const other = made.lab.vpc('10.1.0.0/16');
  made.lab.openDefaultGroup(other);
  made.subnet('b', '10.1.1.0/24', undefined, other);
  made.host('r2', 'b', '10.1.1.12');
  const peering = made.peer(made.vpcId, other);
  const route = (vpcId: string, block: string) =>
    made.act('CreateRoute', {
      RouteTableId: made.lab.mainTable(vpcId),
      DestinationCidrBlock: block,
      VpcPeeringConnectionId: peering,
    });
  route(made.vpcId, '10.1.0.0/16');
  const there = ask(made, 'r1', ip('10.1.1.12'));
  t.match(there.forward.end, { kind: 'delivered' });
  t.match(there.return?.end, { kind: 'blocked', code: 'NO_ROUTE_TO_DESTINATION' });
  route(other, '10.0.0.0/16');
  const both = ask(made, 'r1', ip('10.1.1.12'));
  t.ok(both.isReachable);
  const step = both.forward.hops[0]?.steps.find(({ layer }) => layer === 'peering');
  t.match(step?.decision, { kind: 'gateway', gateway: { id: peering } });
});

t.test('a packet goes out by a NAT gateway, and its answer comes back by it', async (t) => {
  const { made, nat } = natBench();
  for (const protocol of [TCP, ICMP]) {
    const { isReachable, forward, return: back } = ask(made, 'r1', SERVER, protocol);
    t.ok(isReachable);
    t.match(forward.end, { kind: 'delivered', interface: { eniId: made.eni('server').eniId } });
    t.same(layersOf(forward).slice(layersOf(forward).indexOf('mtu') + 1), [
      ...['network-acl-ingress', 'nat-gateway-egress', 'route', 'network-acl-egress', 'mtu'],
      ...['internet-gateway-egress', 'internet-gateway-ingress', 'gateway-route-table'],
      ...['network-acl-ingress', 'destination-check', 'security-groups-ingress', 'delivery'],
    ]);
    const steps = forward.hops[0]?.steps ?? [];
    const step = steps.find(({ layer }) => layer === 'nat-gateway-egress');
    t.match(step?.decision, { kind: 'gateway', gateway: { id: nat.id }, source: '10.0.1.50' });
    t.match(step?.decision, { sourcePort: Number, destination: null, destinationPort: null });
    const routes = steps.filter(({ layer }) => layer === 'route').map(({ decision }) => decision);
    t.match(routes, [{ target: { id: nat.id } }, { target: { id: /^igw-/ } }]);
    assert(back !== null);
    t.match(back.packet, { source: '198.51.100.10', destination: /^198\.18\./ });
    t.match(back.end, { kind: 'delivered', interface: { eniId: made.eni('r1').eniId } });
    const home = back.hops[0]?.steps.find(({ layer }) => layer === 'nat-gateway-ingress');
    t.match(home?.decision, { gateway: { id: nat.id }, destination: '10.0.2.11' });
    t.match(home?.decision, { destinationPort: protocol === TCP ? 49_152 : 7 });
  }
});

t.test('what a NAT gateway or its subnet loses is said of them', async (t) => {
  const { made, nat } = natBench();
  const knock = ask(made, 'server', nat.outside).forward;
  t.match(knock.end, { kind: 'blocked', code: 'NAT_GATEWAY_NO_CONNECTION' });
  t.match(knock.hops[0]?.steps.at(-1)?.decision, { gateway: { id: nat.id }, source: null });
  const acl = made.acl('public');
  const denied = ask(made, 'r1', SERVER).forward;
  t.match(denied.end, { layer: 'network-acl-ingress', code: 'SUBNET_ACL_RESTRICTION' });
  t.match(denied.hops[0]?.steps.at(-1)?.decision, { acl: { id: acl }, isEgress: false });
  const hidden = new NatBench();
  hidden.subnet('a', '10.0.2.0/24');
  hidden.subnet('b', '10.0.3.0/24');
  hidden.host('r1', 'a', '10.0.2.11');
  hidden.route('a', '0.0.0.0/0', { NatGatewayId: hidden.nat('b', { isPrivate: true }).id });
  const lost = ask(hidden, 'r1', SERVER).forward;
  t.match(lost.end, { layer: 'route', code: 'NO_ROUTE_TO_DESTINATION' });
  const table = hidden.lab.mainTable(hidden.vpcId);
  t.match(lost.hops[0]?.steps.at(-1)?.decision, { kind: 'no-route', table: { id: table } });
});

t.test('IPv6 goes out by an egress-only gateway, and its answer comes in', async (t) => {
  const made = new NatBench();
  made.subnet('a', '10.0.1.0/24', subnetBlock(made.ipv6(), 1));
  made.host('r1', 'a', '10.0.1.11', { ipv6: ['2001:db8:0:101::11'] });
  made.publicHost('server', '198.51.100.10', '2001:db8:ffff:ff00::10');
  const output = made.lab.act('CreateEgressOnlyInternetGateway', { VpcId: made.vpcId });
  const gateway = textAt(output, 'EgressOnlyInternetGateway', 'EgressOnlyInternetGatewayId');
  made.route('a', '::/0', { EgressOnlyInternetGatewayId: gateway });
  const ends = [ip6('2001:db8:0:101::11'), ip6('2001:db8:ffff:ff00::10')] as const;
  const asked = (host: string, [source, destination]: readonly [Ipv6Addr, Ipv6Addr]) => {
    const addresses = { family: 6, source, destination } as const;
    const question = { eniId: made.eni(host).eniId, addresses, protocol: TCP, port: 80 };
    return explain(made.fabric, made.program(), question);
  };
  const out = asked('r1', ends);
  t.ok(out.isReachable);
  const decisions = [out.forward, out.return].flatMap(
    (walk) => walk?.hops.flatMap(({ steps }) => steps) ?? [],
  );
  const of = (layer: string) => decisions.findLast((step) => step.layer === layer)?.decision;
  t.match(of('egress-only-gateway'), { gateway: { id: gateway }, source: null });
  t.match(of('internet-gateway-ingress'), { gateway: { id: gateway } });
  const inbound = asked('server', [ends[1], ends[0]]).forward;
  t.match(inbound.end, { kind: 'blocked', code: 'EGRESS_ONLY_GATEWAY_NO_FLOW' });
  t.match(inbound.hops[0]?.steps.at(-1)?.decision, { gateway: { id: gateway } });
});

t.test('S3 is reached by a gateway endpoint, and its answer comes back by it', async (t) => {
  const made = new EdgeBench();
  made.lab.store.edit((draft) => addAwsPrefixLists({ draft }));
  made.subnet('a', '10.0.1.0/24');
  made.host('r1', 'a', '10.0.1.11');
  made.publicHost('s3', '52.216.0.10');
  const ofVpc = made.internetGateway();
  const endpoint = made.lab.endpoint(made.vpcId, 's3', {
    RouteTableIds: [made.lab.mainTable(made.vpcId)],
  });
  const { isReachable, forward, return: back } = ask(made, 'r1', ip('52.216.0.10'));
  t.ok(isReachable);
  assert(back !== null);
  const gateway = { kind: 'gateway', gateway: { id: endpoint }, source: null, destination: null };
  t.match(decisionOf(forward, 'gateway-endpoint'), gateway);
  t.match(decisionOf(back, 'stateful-gateway-ingress'), gateway);
  const left = decisionOf(back, 'internet-gateway-egress');
  t.match(left, { kind: 'gateway', gateway: { id: /^igw-/ } });
  t.notMatch(left, { gateway: { id: ofVpc } }, 'the answer leaves by the gateway of its sender');
  const lost = ask(made, 'r1', ip('52.216.0.10'), UDP).forward;
  t.match(lost.end, { kind: 'blocked', code: 'VPCE_GATEWAY_PROTOCOL_RESTRICTION' });
  t.match(decisionOf(lost, 'gateway-endpoint'), gateway, 'it is the endpoint that drops');
});
