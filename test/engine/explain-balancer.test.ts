/** What `explain` says of packets that a Gateway Load Balancer gives to an appliance. */
import t from 'tap';
import { explain } from '../../src/engine/explain/explain.ts';
import type { Walk } from '../../src/engine/explain/explanation.ts';
import { BalancerBench, SERVER } from './balancer-bench.ts';

const TCP = 6;

function ask(made: BalancerBench) {
  const addresses = { family: 4, source: made.address('w1'), destination: SERVER } as const;
  const question = { eniId: made.eni('w1').eniId, addresses, protocol: TCP, port: 80 };
  return explain(made.fabric, made.program(), question);
}

const endsOf = ({ hops }: Walk) => hops.map(({ steps }) => steps.at(-1)?.layer);

t.test('the way leads by endpoint, node and appliance, and back', async (t) => {
  const made = new BalancerBench();
  made.steerIngress('10.0.1.0/24');
  const { isReachable, forward, return: back } = ask(made);
  t.ok(isReachable);
  t.same(endsOf(forward), ['load-balancer-endpoint', 'delivery', 'load-balancer-node', 'delivery']);
  t.match(forward.end, { kind: 'delivered', interface: { eniId: made.eni('server').eniId } });
  const [first, node, appliance, onward] = forward.hops;
  t.match(first?.steps.at(-1)?.decision, {
    kind: 'gateway',
    gateway: { id: made.endpoint },
    destination: /^10\.9\.1\.1[12]$/,
  });
  t.match(node?.from, { name: 'fw' });
  t.match(appliance?.from, { eniId: /^eni-/ });
  t.match(appliance?.steps.at(-1)?.decision, { kind: 'gateway', gateway: { name: 'fw' } });
  t.match(onward?.from, { name: made.endpoint });
  t.equal(back?.hops.length, 4, 'the answer goes by the same appliance');
  t.match(back?.hops[2]?.from, appliance?.from);
  t.match(back?.end, { kind: 'delivered', interface: { eniId: made.eni('w1').eniId } });
});

t.test('what stops the packet for the appliance is told', async (t) => {
  const made = new BalancerBench();
  made.closeDefaultGroup(made.securityVpc);
  const { forward } = ask(made);
  t.match(forward.end, { layer: 'security-groups-ingress', code: 'ENI_SG_RULES_MISMATCH' });
  t.match(forward.hops.at(-1)?.from, { name: 'fw' });
});

t.test('without an appliance the endpoint is what stops it', async (t) => {
  const made = new BalancerBench();
  for (const each of ['a1', 'a2']) made.deregister(each);
  const { forward } = ask(made);
  t.match(forward.end, { layer: 'load-balancer-endpoint', code: 'GWLB_NO_TARGET' });
  t.match(forward.hops[0]?.steps.at(-1)?.decision, { gateway: { id: made.endpoint } });
});

t.test('an endpoint that leads back to itself ends there', async (t) => {
  const made = new BalancerBench();
  made.routeThrough('endpoints', '0.0.0.0/0');
  t.match(ask(made).forward.end, { kind: 'blocked', code: 'GWLB_ENDPOINT_LOOP' });
});
