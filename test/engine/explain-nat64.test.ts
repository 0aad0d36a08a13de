/** What `explain` says of packets that a NAT gateway sends on in the other IP version. */
import t from 'tap';
import { explain } from '../../src/engine/explain/explain.ts';
import type { Walk } from '../../src/engine/explain/explanation.ts';
import { IPPROTO_ICMPV6, IPPROTO_TCP } from '../../src/packet/ipv4.ts';
import { ip6 } from './frames.ts';
import { GUEST, type Nat64Bench, nat64Bench, SERVER_6 } from './nat64-bench.ts';

function ask({ made }: Nat64Bench, protocol: number, destination = SERVER_6) {
  const addresses = { family: 6, source: ip6(GUEST), destination: ip6(destination) } as const;
  const port = protocol === IPPROTO_TCP ? 80 : null;
  const question = { eniId: made.eni('g1').eniId, addresses, protocol, port };
  return explain(made.fabric, made.program(), question);
}

const endsOf = ({ hops }: Walk) => hops.map(({ steps }) => steps.at(-1)?.layer);

t.test('[NAT-8] the way leads on from the gateway as IPv4, and back as IPv6', async (t) => {
  const bench = nat64Bench();
  for (const protocol of [IPPROTO_TCP, IPPROTO_ICMPV6]) {
    const { isReachable, forward, return: back } = ask(bench, protocol);
    t.ok(isReachable);
    t.same(endsOf(forward), ['nat-gateway-egress', 'delivery']);
    t.match(forward.hops[0]?.steps.at(-1)?.decision, {
      ...{ kind: 'gateway', gateway: { id: bench.nat.id } },
      ...{ source: '10.0.1.50', sourcePort: Number },
    });
    t.match(forward.hops[1]?.from, { name: bench.nat.id });
    t.match(forward.end, { interface: { eniId: bench.made.eni('server').eniId } });
    t.same(back && endsOf(back), ['nat-gateway-ingress', 'delivery']);
    t.match(back?.hops[0]?.steps.at(-1)?.decision, { destination: GUEST });
    t.match(back?.end, { interface: { eniId: bench.made.eni('g1').eniId } });
  }
});

t.test('[NAT-8] what stops it behind the gateway is told', async (t) => {
  const { forward } = ask(nat64Bench(), IPPROTO_TCP, '64:ff9b::10.9.9.9');
  const code = 'IGW_DESTINATION_ADDRESS_NOT_IN_RFC1918_EGRESS';
  t.match(forward.end, { kind: 'blocked', layer: 'internet-gateway-egress', code });
});
