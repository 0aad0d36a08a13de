/** Egress-only gateways: IPv6 goes out as it is, and nothing but answers comes in. */
import t from 'tap';
import { addressSum6 } from '../../src/packet/checksum.ts';
import { emitIcmpv6, type Icmpv6Repr, icmpv6Size } from '../../src/packet/icmpv6.ts';
import { IPPROTO_ICMPV6, IPPROTO_TCP, IPPROTO_UDP } from '../../src/packet/ipv4.ts';
import { emitTcp, TCP_ACK, TCP_SYN } from '../../src/packet/tcp.ts';
import { textAt } from '../actions/lab.ts';
import { type Outcome, subnetBlock } from './bench.ts';
import { arrival } from './edge-bench.ts';
import { ALL, ALL_6 } from './filter-bench.ts';
import { ip6, ipv6Frame, udpDatagram } from './frames.ts';
import { NatBench } from './nat-bench.ts';

const GUEST = '2001:db8:0:101::11';
const NEIGHBOUR = '2001:db8:0:101::12';
const SERVER = '2001:db8:ffff:ff00::10';
const OTHER = '2001:db8:ffff:ff00::20';
const NO_FLOW = 'EGRESS_ONLY_GATEWAY_NO_FLOW';
const IDLE_MS = 350_000;

/** A VPC whose IPv6 leaves by an egress-only gateway only. */
function bench(): { readonly made: NatBench; readonly gateway: string } {
  const made = new NatBench();
  const block = made.ipv6();
  made.subnet('a', '10.0.1.0/24', subnetBlock(block, 1));
  made.host('r1', 'a', '10.0.1.11', { ipv6: [GUEST] });
  made.host('r2', 'a', '10.0.1.12', { ipv6: [NEIGHBOUR], sourceDestCheck: false });
  made.publicHost('server', '198.51.100.10', SERVER);
  made.publicHost('other', '198.51.100.20', OTHER);
  const output = made.lab.act('CreateEgressOnlyInternetGateway', { VpcId: made.vpcId });
  const gateway = textAt(output, 'EgressOnlyInternetGateway', 'EgressOnlyInternetGatewayId');
  made.route('a', '::/0', { EgressOnlyInternetGatewayId: gateway });
  return { made, gateway };
}

type Way = readonly [from: string, source: string, destination: string];
const OUT: Way = ['r1', GUEST, SERVER];
const IN: Way = ['server', SERVER, GUEST];

function send(
  made: NatBench,
  [from, source, destination]: Way,
  nextHeader: number,
  make: (sum: number) => Uint8Array,
): Outcome {
  const link = { sourceMac: made.mac(from), destinationMac: made.routerMac(from) };
  const payload = make(addressSum6(ip6(source), ip6(destination)));
  return made.inject(from, ipv6Frame(link, source, destination, { nextHeader, payload }));
}

function udp(made: NatBench, way: Way, ports: readonly [number, number]): Outcome {
  return send(made, way, IPPROTO_UDP, (sum) => udpDatagram(ports, new Uint8Array(4), sum));
}

function tcp(made: NatBench, way: Way, ports: readonly [number, number], flags: number): Outcome {
  return send(made, way, IPPROTO_TCP, (sum) => {
    const segment = new Uint8Array(20);
    const [sourcePort, destinationPort] = ports;
    const empty = new Uint8Array(0);
    const numbers = { sequence: 1, acknowledgement: 1, window: 1, urgentPointer: 0 };
    const rest = { ...numbers, flags, options: empty, payload: empty };
    emitTcp({ sourcePort, destinationPort, ...rest }, sum, segment, 0);
    return segment;
  });
}

function icmp(made: NatBench, way: Way, message: Icmpv6Repr): Outcome {
  return send(made, way, IPPROTO_ICMPV6, (sum) => {
    const bytes = new Uint8Array(icmpv6Size(message));
    emitIcmpv6(message, sum, bytes, 0);
    return bytes;
  });
}

const echo = (kind: 'echo-request' | 'echo-reply'): Icmpv6Repr => ({
  kind,
  identifier: 7,
  sequence: 1,
  payload: new Uint8Array(4),
});

t.test('[EIGW-1] IPv6 leaves as it is, and its answers come in', async (t) => {
  const { made } = bench();
  for (const flow of ['decided', 'remembered']) {
    const there = arrival(udp(made, OUT, [5000, 53]));
    const seen = { source: ip6(GUEST), destination: ip6(SERVER), hopLimit: 64 };
    t.match(there, { to: 'server', ip: seen }, flow);
    t.match(arrival(udp(made, IN, [53, 5000])), { to: 'r1', ip: { source: ip6(SERVER) } }, flow);
    t.equal(arrival(tcp(made, OUT, [5000, 80], TCP_SYN)).to, 'server');
    t.equal(arrival(tcp(made, IN, [80, 5000], TCP_SYN | TCP_ACK)).to, 'r1');
    t.equal(arrival(icmp(made, OUT, echo('echo-request'))).to, 'server');
    t.equal(arrival(icmp(made, IN, echo('echo-reply'))).to, 'r1');
  }
});

t.test('[EIGW-1] nothing else comes in', async (t) => {
  const { made } = bench();
  t.match(udp(made, IN, [53, 5000]), { counter: NO_FLOW, delivered: [] });
  t.equal(tcp(made, IN, [80, 5000], TCP_SYN).counter, NO_FLOW);
  t.equal(icmp(made, IN, echo('echo-request')).counter, NO_FLOW);
  udp(made, OUT, [5000, 53]);
  t.equal(udp(made, IN, [54, 5000]).counter, NO_FLOW, 'from another port');
  t.equal(udp(made, ['other', OTHER, GUEST], [53, 5000]).counter, NO_FLOW, 'from another host');
  t.equal(udp(made, ['server', SERVER, NEIGHBOUR], [53, 5000]).counter, NO_FLOW, 'to another');
  made.nowMs += IDLE_MS;
  t.equal(udp(made, IN, [53, 5000]).counter, NO_FLOW, 'after 350 idle seconds');
});

t.test('[EIGW-1] an error about what has left comes in', async (t) => {
  const { made } = bench();
  const sent = arrival(udp(made, OUT, [5000, 53])).frame;
  const about = (quote: Uint8Array): Icmpv6Repr => ({
    kind: 'packet-too-big',
    code: 0,
    parameter: 1280,
    quote,
  });
  for (const flow of ['decided', 'again']) {
    const back = arrival(icmp(made, ['other', OTHER, GUEST], about(sent.subarray(14))));
    t.match(back, { to: 'r1', upper: { kind: 'packet-too-big', parameter: 1280 } }, flow);
  }
  const answer = arrival(udp(made, IN, [53, 5000])).frame;
  const out = arrival(icmp(made, OUT, about(answer.subarray(14))));
  t.equal(out.to, 'server', 'and one about an answer leaves');
  const stranger = sent.slice(14);
  stranger[41] = (stranger[41] ?? 0) + 1;
  t.equal(icmp(made, IN, about(stranger)).counter, NO_FLOW, 'not about another');
});

t.test('[EIGW-1] what is no address of the VPC does not leave', async (t) => {
  const { made } = bench();
  const spoofed = udp(made, ['r2', '2001:db8:0:101::99', SERVER], [5000, 53]);
  t.equal(spoofed.counter, 'GATEWAY_REJECTS_SPOOFED_TRAFFIC');
});

t.test('[SG-9] its connections are tracked, though all is open', async (t) => {
  const { made } = bench();
  made.setGroups('r1', [made.group('open', [ALL, ALL_6], [ALL, ALL_6])]);
  t.equal(udp(made, OUT, [5000, 53]).counter, 'forwarded');
  made.setGroups('r1', [made.group('shut', [], [])]);
  t.equal(udp(made, IN, [53, 5000]).counter, 'forwarded', 'its answer');
  t.equal(udp(made, OUT, [5001, 53]).counter, 'SG_HAS_NO_RULES');
});

const OUTSIDER = '2001:db8:0:102::13';
const OUT_B: Way = ['r3', OUTSIDER, SERVER];
const IN_B: Way = ['server', SERVER, OUTSIDER];

/** The same with an internet gateway beside it, by which r3 goes out of another subnet. */
function bothBench() {
  const { made, gateway } = bench();
  const internet = made.internetGateway();
  made.subnet('b', '10.0.2.0/24', '2001:db8:0:102::/64');
  made.host('r3', 'b', '10.0.2.13', { ipv6: [OUTSIDER] });
  made.route('b', '::/0', { GatewayId: internet });
  return { made, gateway, internet };
}

t.test('[EIGW-1] [IGW-2] beside an internet gateway each guest has its answers', async (t) => {
  const { made } = bothBench();
  for (const flow of ['decided', 'remembered']) {
    for (const [name, out, back] of [
      ['r1', OUT, IN],
      ['r3', OUT_B, IN_B],
    ] as const) {
      t.equal(arrival(udp(made, out, [5000, 53])).to, 'server', flow);
      t.equal(arrival(udp(made, back, [53, 5000])).to, name, flow);
      t.equal(arrival(tcp(made, out, [5000, 80], TCP_SYN)).to, 'server', flow);
      t.equal(arrival(tcp(made, back, [80, 5000], TCP_SYN | TCP_ACK)).to, name, flow);
      t.equal(arrival(icmp(made, out, echo('echo-request'))).to, 'server', flow);
      t.equal(arrival(icmp(made, back, echo('echo-reply'))).to, name, flow);
      const sent = arrival(udp(made, out, [5001, 53])).frame;
      const tooBig = { kind: 'packet-too-big', code: 0, parameter: 1280 } as const;
      const error = { ...tooBig, quote: sent.subarray(14) };
      t.equal(arrival(icmp(made, back, error)).to, name, flow);
    }
  }
  t.equal(made.state.natFlows.size, 4, 'those of r1 only');
});

t.test('[EIGW-1] [IGW-2] unasked it comes in by the internet gateway beside it', async (t) => {
  const { made } = bothBench();
  t.equal(arrival(udp(made, IN, [53, 5000])).to, 'r1');
  t.equal(arrival(tcp(made, IN, [40_000, 22], TCP_SYN)).to, 'r1');
  const half = tcp(made, OUT, [22, 40_000], TCP_SYN | TCP_ACK);
  t.match(
    half,
    { counter: NO_FLOW, delivered: [] },
    'but r1 answers by the other, which knows nothing',
  );
  t.equal(arrival(udp(made, OUT, [5000, 53])).to, 'server', 'and takes it for a question');
  t.equal(arrival(tcp(made, IN_B, [40_000, 22], TCP_SYN)).to, 'r3');
  t.equal(arrival(tcp(made, OUT_B, [22, 40_000], TCP_SYN | TCP_ACK)).to, 'server');
});

t.test('[EDGE-1] a table of the internet gateway steers no answer of the other one', async (t) => {
  const { made, internet } = bothBench();
  made.subnet('middle', '10.0.3.0/24', '2001:db8:0:103::/64');
  made.host('box', 'middle', '10.0.3.5', { ipv6: ['2001:db8:0:103::5'], sourceDestCheck: false });
  const output = made.lab.act('CreateRouteTable', { VpcId: made.vpcId });
  const table = textAt(output, 'RouteTable', 'RouteTableId');
  made.act('AssociateRouteTable', { RouteTableId: table, GatewayId: internet });
  made.act('CreateRoute', {
    RouteTableId: table,
    DestinationIpv6CidrBlock: '2001:db8:0:101::/64',
    NetworkInterfaceId: made.eni('box').eniId,
  });
  for (const time of ['first', 'again']) {
    t.equal(arrival(udp(made, IN, [53, 5000])).to, 'box', time);
  }
  t.equal(arrival(udp(made, OUT, [5000, 53])).to, 'server');
  for (const time of ['first', 'again']) {
    t.equal(arrival(udp(made, IN, [53, 5000])).to, 'r1', time);
  }
  made.nowMs += IDLE_MS;
  t.equal(arrival(udp(made, IN, [53, 5000])).to, 'box', 'after 350 idle seconds');
});

t.test('[EIGW-1] [RT-16] a connection does not move from one gateway to the other', async (t) => {
  const { made, gateway } = bothBench();
  t.equal(arrival(tcp(made, OUT_B, [5000, 80], TCP_SYN)).to, 'server');
  t.equal(arrival(tcp(made, IN_B, [80, 5000], TCP_SYN | TCP_ACK)).to, 'r3');
  made.act('ReplaceRoute', {
    RouteTableId: made.tableOf('b'),
    DestinationIpv6CidrBlock: '::/0',
    EgressOnlyInternetGatewayId: gateway,
  });
  t.equal(tcp(made, OUT_B, [5000, 80], TCP_ACK).counter, NO_FLOW);
  t.equal(arrival(tcp(made, OUT_B, [5001, 80], TCP_SYN)).to, 'server');
});

t.test('[RT-11] a deleted gateway is a blackhole, and its flows are forgotten', async (t) => {
  const { made, gateway } = bench();
  t.equal(udp(made, OUT, [5000, 53]).counter, 'forwarded');
  t.equal(made.state.natFlows.size, 1);
  made.act('DeleteEgressOnlyInternetGateway', { EgressOnlyInternetGatewayId: gateway });
  t.equal(udp(made, OUT, [5000, 53]).counter, 'BAD_STATE_ROUTE');
  t.equal(udp(made, IN, [53, 5000]).counter, 'IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS');
  t.equal(made.state.natFlows.size, 0);
});
