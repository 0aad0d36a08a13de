/** What `explain` says of packets that leave a VPC: the same layers, and who they come to. */
import assert from 'node:assert/strict';
import t from 'tap';
import type { Ipv4Addr } from '../../src/addr/ipv4.ts';
import { explain } from '../../src/engine/explain/explain.ts';
import type { Walk } from '../../src/engine/explain/explanation.ts';
import { textAt } from '../actions/lab.ts';
import { ip } from './bench.ts';
import { EdgeBench } from './edge-bench.ts';

const TCP = 6;

function ask(made: EdgeBench, host: string, destination: Ipv4Addr) {
  const addresses = { family: 4, source: made.address(host), destination } as const;
  const question = { eniId: made.eni(host).eniId, addresses, protocol: TCP, port: 80 };
  return explain(made.fabric, made.program(), question);
}

const layersOf = ({ hops }: Walk): string[] =>
  hops.flatMap(({ steps }) => steps.map((s) => s.layer));

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
  const input = { VpcId: made.vpcId, PeerVpcId: other };
  const output = made.lab.act('CreateVpcPeeringConnection', input);
  const peering = textAt(output, 'VpcPeeringConnection', 'VpcPeeringConnectionId');
  made.lab.act('AcceptVpcPeeringConnection', { VpcPeeringConnectionId: peering });
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
