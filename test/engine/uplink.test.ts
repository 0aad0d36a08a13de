/** The uplink of the host: who leaves the lab by it, to whom, and what comes back. */
import t from 'tap';
import type { Ipv4Addr } from '../../src/addr/ipv4.ts';
import { UPLINK_MAC } from '../../src/addr/uplink-addresses.ts';
import { readFlowLogRows } from '../../src/dataplane/flow/flow-log-table.ts';
import { explain } from '../../src/engine/explain/explain.ts';
import { TCP_ACK, TCP_SYN } from '../../src/packet/tcp.ts';
import { ip, subnetBlock } from './bench.ts';
import { arrival, EdgeBench } from './edge-bench.ts';
import { type Ends, icmpFrame, ip6, ipv6Frame, tcpFrame, udpFrame } from './frames.ts';
import { natBench, THERE } from './nat-bench.ts';

const WEB = ip('93.184.216.34');
const BACK = [80, 40_000] as const;
const OWN_6 = '2001:db8:0:101::11';
const WEB_6 = '2606:2800:220:1::34';

/** A VPC with a gateway, r1 with a public address and r2 without one, and a public host. */
function bench({ hasIpv6 = true } = {}) {
  const made = new EdgeBench();
  const block = made.ipv6();
  made.subnet('a', '10.0.1.0/24', subnetBlock(block, 1));
  made.host('r1', 'a', '10.0.1.11', { ipv6: [OWN_6] });
  made.host('r2', 'a', '10.0.1.12');
  made.publicHost('server', '198.51.100.10', '2001:db8:ffff:ff00::10');
  made.defaultRoute({ GatewayId: made.internetGateway() });
  const elastic = made.elastic('r1');
  made.uplink(hasIpv6);
  return { made, elastic };
}

/** What the real network sends: the kernel of the uplink takes its own MAC address for the lab's. */
function outside(source: Ipv4Addr, destination: Ipv4Addr): Ends {
  return { sourceMac: UPLINK_MAC, destinationMac: UPLINK_MAC, source, destination };
}

const linkOf = (made: EdgeBench, name: string) => ({
  sourceMac: made.mac(name),
  destinationMac: made.routerMac(name),
});

t.test(
  '[IGW-1] what nobody in the lab has leaves by the uplink, and answers come back',
  async (t) => {
    const { made, elastic } = bench();
    const own = made.address('r1');
    for (const attempt of ['decided', 'remembered']) {
      const there = arrival(made.inject('r1', tcpFrame(made.from('r1', own, WEB), THERE, TCP_SYN)));
      t.equal(there.to, 'uplink', attempt);
      t.match(there.ip, { source: elastic, destination: WEB, ttl: 64 });
      t.match(there.ethernet, { destination: UPLINK_MAC, source: made.routerMac('r1') });
      const answer = tcpFrame(outside(WEB, elastic), BACK, TCP_SYN | TCP_ACK);
      const back = arrival(made.inject('uplink', answer));
      t.equal(back.to, 'r1', attempt);
      t.match(back.ip, { source: WEB, destination: own });
      t.match(back.ethernet, { destination: made.mac('r1'), source: made.routerMac('r1') });
    }
  },
);

t.test('without an uplink nobody’s addresses stay nobody’s', async (t) => {
  const made = new EdgeBench();
  made.subnet('a', '10.0.1.0/24');
  made.host('r1', 'a', '10.0.1.11');
  made.defaultRoute({ GatewayId: made.internetGateway() });
  made.elastic('r1');
  const outcome = made.inject('r1', udpFrame(made.from('r1', made.address('r1'), WEB), THERE));
  t.match(outcome, { counter: 'IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS', delivered: [] });
});

t.test(
  '[IGW-2] [IGW-3] only public addresses leave by the uplink, for public ones of others',
  async (t) => {
    const { made } = bench();
    const own = made.address('r1');
    for (const [to, code] of [
      ['192.168.1.1', 'IGW_DESTINATION_ADDRESS_NOT_IN_RFC1918_EGRESS'],
      ['100.64.0.1', 'IGW_DESTINATION_ADDRESS_NOT_IN_RFC6598_EGRESS'],
      ['127.0.0.1', 'UPLINK_DESTINATION_NOT_PUBLIC'],
      ['0.0.0.1', 'UPLINK_DESTINATION_NOT_PUBLIC'],
      ['169.254.1.1', 'UPLINK_DESTINATION_NOT_PUBLIC'],
      ['169.254.169.254', 'LINK_LOCAL_SERVICE_ABSENT'],
      ['224.0.0.5', 'MULTICAST_NOT_FORWARDED'],
      ['255.255.255.254', 'UPLINK_DESTINATION_NOT_PUBLIC'],
      ['198.18.99.99', 'IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS'],
      ['198.51.100.99', 'NO_POSSIBLE_DESTINATION'],
    ] as const) {
      const outcome = made.inject('r1', udpFrame(made.from('r1', own, ip(to)), THERE));
      t.match(outcome, { counter: code, delivered: [] }, to);
    }
    const unnamed = made.inject('r2', udpFrame(made.from('r2', made.address('r2'), WEB), THERE));
    t.equal(unnamed.counter, 'IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS');
  },
);

t.test(
  '[IGW-3] a public host leaves by the uplink as it is, and never to private addresses',
  async (t) => {
    const { made } = bench();
    const server = ip('198.51.100.10');
    const there = made.inject('server', udpFrame(made.from('server', server, WEB), THERE));
    t.match(arrival(there), { to: 'uplink', ip: { source: server } });
    const back = made.inject('uplink', udpFrame(outside(WEB, server), BACK));
    t.equal(arrival(back).to, 'server');
    const inward = udpFrame(made.from('server', server, ip('10.9.9.9')), THERE);
    t.equal(made.inject('server', inward).counter, 'IGW_DESTINATION_ADDRESS_NOT_IN_RFC1918_EGRESS');
  },
);

t.test('[IGW-3] nothing private comes in by the uplink, and nothing goes back out', async (t) => {
  const { made, elastic } = bench();
  for (const [from, to, code] of [
    [ip('192.168.1.1'), elastic, 'IGW_SOURCE_ADDRESS_NOT_IN_RFC1918_INGRESS'],
    [ip('100.64.0.1'), elastic, 'IGW_SOURCE_ADDRESS_NOT_IN_RFC6598_INGRESS'],
    [WEB, ip('198.18.99.99'), 'IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS'],
    [WEB, ip('8.8.8.8'), 'IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS'],
    [WEB, made.address('r1'), 'IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS'],
  ] as const) {
    const outcome = made.inject('uplink', udpFrame(outside(from, to), BACK));
    t.match(outcome, { counter: code, delivered: [] });
  }
});

t.test('[SG-1] groups filter what comes by the uplink', async (t) => {
  const { made } = bench();
  made.host('shy', 'a', '10.0.1.14', { groups: [made.group('nothing', [])] });
  const elastic = made.elastic('shy');
  const knock = () => made.inject('uplink', udpFrame(outside(WEB, elastic), BACK)).counter;
  t.equal(knock(), 'SG_HAS_NO_RULES');
  const asked = udpFrame(made.from('shy', made.address('shy'), WEB), THERE);
  t.equal(arrival(made.inject('shy', asked)).to, 'uplink');
  t.equal(knock(), 'forwarded', 'an answer is of a tracked connection');
});

t.test('[SG-8] what leaves by the uplink keeps its connection from running out', async (t) => {
  const { made } = bench();
  made.host('shy', 'a', '10.0.1.14', { groups: [made.group('nothing', [])] });
  const elastic = made.elastic('shy');
  for (const sent of ['first', 'second', 'third']) {
    const asked = udpFrame(made.from('shy', made.address('shy'), WEB), THERE);
    t.equal(made.inject('shy', asked).counter, 'forwarded', sent);
    // Less than the 30 seconds after which UDP without an answer is forgotten.
    made.nowMs += 20_000;
  }
  t.equal(made.inject('uplink', udpFrame(outside(WEB, elastic), BACK)).counter, 'forwarded');
});

t.test(
  '[IGW-2] IPv6 leaves as it is where the host forwards it, global unicast alone',
  async (t) => {
    const { made } = bench();
    const there = ipv6Frame(linkOf(made, 'r1'), OWN_6, WEB_6);
    t.match(arrival(made.inject('r1', there)), { to: 'uplink', ip: { source: ip6(OWN_6) } });
    const link = { sourceMac: UPLINK_MAC, destinationMac: UPLINK_MAC };
    t.equal(arrival(made.inject('uplink', ipv6Frame(link, WEB_6, OWN_6))).to, 'r1');
    const local = made.inject('r1', ipv6Frame(linkOf(made, 'r1'), OWN_6, 'fd12::1'));
    t.equal(local.counter, 'UPLINK_DESTINATION_NOT_PUBLIC');
    const own = made.inject('r1', ipv6Frame(linkOf(made, 'r1'), OWN_6, '2001:db8:0:1ff::1'));
    t.equal(own.counter, 'NO_POSSIBLE_DESTINATION', 'a block of the lab stays in it');
    const without = bench({ hasIpv6: false }).made;
    const refused = without.inject('r1', ipv6Frame(linkOf(without, 'r1'), OWN_6, WEB_6));
    t.equal(refused.counter, 'UPLINK_WITHOUT_IPV6');
  },
);

t.test(
  '[NAT-5] behind a NAT gateway, too: one hop more, and answers by the same flow',
  async (t) => {
    const { made, nat } = natBench();
    made.uplink();
    const there = arrival(made.sendUdp('r1', WEB));
    t.match(there, { to: 'uplink', ip: { source: nat.outside, ttl: 63 } });
    const port = there.upper !== null && 'sourcePort' in there.upper ? there.upper.sourcePort : 0;
    const answer = (options = {}) =>
      made.inject('uplink', udpFrame(outside(WEB, nat.outside), [80, port], options));
    t.match(arrival(answer()), { to: 'r1', ip: { destination: made.address('r1'), ttl: 63 } });
    t.equal(answer({ ttl: 1 }).counter, 'TTL_EXCEEDED');
    t.equal(answer().counter, 'forwarded', 'the flow is still there');
    const stray = udpFrame(outside(WEB, nat.outside), [80, port + 1]);
    t.equal(made.inject('uplink', stray).counter, 'NAT_GATEWAY_NO_CONNECTION');
  },
);

t.test('an error of a router outside finds whom it is about', async (t) => {
  const { made, elastic } = bench();
  const own = made.address('r1');
  const { frame } = arrival(made.inject('r1', udpFrame(made.from('r1', own, WEB), THERE)));
  const unreachable = { kind: 'unreachable', code: 3, nextHopMtu: 0, pointer: 0 } as const;
  const error = { ...unreachable, quote: frame.subarray(14) };
  const back = made.inject('uplink', icmpFrame(outside(ip('203.0.113.254'), elastic), error));
  t.equal(arrival(back).to, 'r1');
});

t.test('[FL-6] the uplink is the internet to flow logs', async (t) => {
  const { made, elastic } = bench();
  made.lab.flowLog(made.vpcId);
  made.publish();
  for (const flow of ['decided', 'remembered']) {
    made.inject('r1', udpFrame(made.from('r1', made.address('r1'), WEB), THERE));
    made.inject('uplink', udpFrame(outside(WEB, elastic), BACK));
    const rows = readFlowLogRows(made.state.flowLogs.take(), made.nowMs);
    const seen = rows.map((row) => row.isSkipped || [row.direction, row.action, row.path]);
    t.same(
      seen,
      [
        ['egress', 'ACCEPT', 8],
        ['ingress', 'ACCEPT', 0],
      ],
      flow,
    );
  }
});

t.test('explain says that a packet leaves the lab, and why not', async (t) => {
  const { made } = bench();
  const ask = (destination: Ipv4Addr) => {
    const addresses = { family: 4, source: made.address('r1'), destination } as const;
    const question = { eniId: made.eni('r1').eniId, addresses, protocol: 6, port: 80 };
    return explain(made.fabric, made.program(), question);
  };
  const { isReachable, forward, return: back } = ask(WEB);
  t.ok(isReachable);
  t.equal(back, null);
  t.match(forward.end, { kind: 'left' });
  t.match(forward.hops.at(-1)?.steps.slice(-2), [
    { layer: 'internet-gateway-ingress', outcome: 'pass', decision: { kind: 'nothing' } },
    { layer: 'uplink', outcome: 'pass', decision: { kind: 'uplink' } },
  ]);
  const blocked = { kind: 'blocked', layer: 'uplink', code: 'UPLINK_DESTINATION_NOT_PUBLIC' };
  t.match(ask(ip('127.0.0.1')).forward.end, blocked);
});
