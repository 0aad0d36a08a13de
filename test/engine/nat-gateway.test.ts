/** NAT gateways with frames: what leaves, what comes back, and what does not. */
import assert from 'node:assert/strict';
import t from 'tap';
import { IPPROTO_ICMP, IPPROTO_TCP, IPPROTO_UDP } from '../../src/packet/ipv4.ts';
import { TCP_ACK, TCP_SYN } from '../../src/packet/tcp.ts';
import { ip } from './bench.ts';
import { arrival } from './edge-bench.ts';
import { ALL } from './filter-bench.ts';
import { type Ends, echoFrame, ipv4Frame, tcpFrame, udpFrame } from './frames.ts';
import { NatBench, natBench, SERVER, sourcePort, THERE } from './nat-bench.ts';

t.test('[NAT-5] the world sees the gateway, and its answer finds the guest', async (t) => {
  const { made, nat } = natBench();
  const own = made.address('r1');
  const sent = tcpFrame(made.from('r1', own, SERVER), THERE, TCP_SYN);
  for (const attempt of ['decided', 'remembered']) {
    const outcome = made.inject('r1', sent);
    const seen = { source: nat.outside, destination: SERVER, ttl: 63 };
    t.match(arrival(outcome), { to: 'server', ip: seen }, attempt);
    const port = sourcePort(outcome);
    t.ok(port >= 1024, 'NAT-1');
    const home = made.from('server', SERVER, nat.outside);
    const back = arrival(made.inject('server', tcpFrame(home, [80, port], TCP_SYN | TCP_ACK)));
    t.match(back, { to: 'r1', ip: { source: SERVER, destination: own, ttl: 63 } }, attempt);
    t.match(back.upper, { sourcePort: 80, destinationPort: 40_000 });
    t.match(back.ethernet, { source: made.routerMac('r1'), destination: made.mac('r1') });
  }
});

t.test('two guests with the same port are two to the world', async (t) => {
  const { made, nat } = natBench();
  const ports = ['r1', 'r2'].map((host) => sourcePort(made.sendUdp(host, SERVER)));
  t.not(ports[0], ports[1]);
  ports.forEach((port, index) => {
    const answer = udpFrame(made.from('server', SERVER, nat.outside), [80, port]);
    t.equal(arrival(made.inject('server', answer)).to, `r${index + 1}`);
  });
});

t.test('[NAT-1] echo passes by its identifier, other protocols do not pass', async (t) => {
  const { made, nat } = natBench();
  const ends = made.from('r1', made.address('r1'), SERVER);
  const there = arrival(made.inject('r1', echoFrame(ends, 'echo-request', 7)));
  const { identifier } = there.upper as { identifier: number };
  const home = made.from('server', SERVER, nat.outside);
  const back = arrival(made.inject('server', echoFrame(home, 'echo-reply', identifier)));
  t.match(back, { to: 'r1', upper: { identifier: 7 } });
  const gre = made.inject('r1', ipv4Frame(ends, 47, new Uint8Array(8)));
  t.match(gre, { counter: 'NAT_GATEWAY_PROTOCOL_NOT_SUPPORTED', delivered: [] });
});

/** @returns two fragments of a packet, the first one with 16 bytes. */
function piecesOf(ends: Ends, whole: Uint8Array, protocol: number): readonly Uint8Array[] {
  const payload = whole.subarray(34);
  return [
    ipv4Frame(ends, protocol, payload.subarray(0, 16), { moreFragments: true }),
    ipv4Frame(ends, protocol, payload.subarray(16), { fragmentOffset: 16 }),
  ];
}

t.test('[NAT-3] fragments of UDP pass both ways, of TCP and ICMP they do not', async (t) => {
  const { made, nat } = natBench();
  const ends = made.from('r1', made.address('r1'), SERVER);
  const data = new Uint8Array(24).fill(9);
  const outcomes = piecesOf(ends, udpFrame(ends, THERE, {}, data), IPPROTO_UDP).map((piece) =>
    made.inject('r1', piece),
  );
  const [first, later] = outcomes.map(arrival);
  t.match(first, { to: 'server', ip: { source: nat.outside, moreFragments: true } });
  t.match(later, { to: 'server', ip: { source: nat.outside, fragmentOffset: 16 } });
  const joined = Buffer.concat([first?.rest ?? data, later?.rest ?? data]);
  const port = joined.readUInt16BE(0);
  const asWhole = udpFrame(made.from('r1', nat.outside, SERVER), [port, 80], {}, data);
  t.same(joined, Buffer.from(asWhole.subarray(34)), 'put together they are the datagram');
  const home = made.from('server', SERVER, nat.outside);
  for (const piece of piecesOf(home, udpFrame(home, [80, port], {}, data), IPPROTO_UDP)) {
    t.equal(arrival(made.inject('server', piece)).to, 'r1');
  }
  const tcp = piecesOf(ends, tcpFrame(ends, THERE, TCP_SYN, data), IPPROTO_TCP);
  // No first TCP fragment without the flags.
  const flagged = ipv4Frame(
    ends,
    IPPROTO_TCP,
    tcpFrame(ends, THERE, TCP_SYN, data).subarray(34, 58),
    {
      moreFragments: true,
    },
  );
  t.ok(tcp.length === 2);
  t.equal(made.inject('r1', flagged).counter, 'NAT_GATEWAY_FRAGMENT', 'TCP');
  const part = ipv4Frame(ends, IPPROTO_ICMP, echoFrame(ends).subarray(34, 42), {
    moreFragments: true,
  });
  t.equal(made.inject('r1', part).counter, 'NAT_GATEWAY_FRAGMENT', 'ICMP');
});

t.test('[NAT-4] nobody begins a connection from outside, nor pings the gateway', async (t) => {
  const { made, nat } = natBench();
  const home = made.from('server', SERVER, nat.outside);
  const knock = tcpFrame(home, [80, 5000], TCP_SYN);
  t.match(made.inject('server', knock), { counter: 'NAT_GATEWAY_NO_CONNECTION', delivered: [] });
  for (const [from, to] of [
    ['p1', nat.inside],
    ['r1', nat.inside],
  ] as const) {
    const ping = made.inject(from, echoFrame(made.from(from, made.address(from), to)));
    t.match(ping, { counter: 'NAT_GATEWAY_NO_CONNECTION', delivered: [] }, from);
  }
  const outer = made.inject('server', echoFrame(home));
  t.match(outer, { counter: 'NAT_GATEWAY_NO_CONNECTION', delivered: [] });
  const port = sourcePort(made.sendUdp('r1', SERVER));
  made.publicHost('other', '198.51.100.20');
  const stranger = udpFrame(made.from('other', ip('198.51.100.20'), nat.outside), [80, port]);
  t.equal(made.inject('other', stranger).counter, 'NAT_GATEWAY_NO_CONNECTION', 'another host');
  const another = made.inject('server', udpFrame(home, [81, port]));
  t.equal(another.counter, 'NAT_GATEWAY_NO_CONNECTION', 'another port');
});

t.test('[NAT-4] the ACL of its subnet is asked four times, there and back', async (t) => {
  const { made, nat } = natBench();
  const port = sourcePort(made.sendUdp('r1', SERVER));
  const answer = udpFrame(made.from('server', SERVER, nat.outside), [80, port]);
  const acl = made.acl('public');
  const closed = 'SUBNET_ACL_RESTRICTION';
  const rule = (cidr: string) => ({ protocol: '17', ports: [0, 65_535] as const, cidr });
  t.equal(made.sendUdp('r1', SERVER).counter, closed, 'nothing may enter');
  made.entry(acl, 'ingress', 100, 'allow', rule('10.0.2.11/32'));
  t.equal(made.sendUdp('r1', SERVER).counter, closed, 'nothing may leave');
  made.entry(acl, 'egress', 100, 'allow', rule('198.51.100.10/32'));
  t.equal(made.sendUdp('r1', SERVER).counter, 'forwarded');
  t.equal(made.inject('server', answer).counter, closed, 'no answer may enter');
  made.entry(acl, 'ingress', 110, 'allow', rule('198.51.100.10/32'));
  t.equal(made.inject('server', answer).counter, closed, 'nor leave for the guest');
  made.entry(acl, 'egress', 110, 'allow', rule('10.0.2.11/32'));
  t.equal(made.inject('server', answer).counter, 'forwarded');
});

t.test('[NAT-6] the gateway serves its VPC only', async (t) => {
  const { made } = natBench();
  made.host('f1', 'private', '10.0.2.30', { sourceDestCheck: false });
  const foreign = udpFrame(made.from('f1', ip('10.9.0.1'), SERVER), THERE);
  t.equal(made.inject('f1', foreign).counter, 'NGW_REQUIRES_SOURCE_IN_VPC');
});

t.test('[NAT-1] a gateway with secondary addresses lends all of them', async (t) => {
  const made = new NatBench();
  made.subnet('public', '10.0.1.0/24');
  made.subnet('private', '10.0.2.0/24');
  made.host('r1', 'private', '10.0.2.11');
  made.publicHost('server', '198.51.100.10');
  made.route('public', '0.0.0.0/0', { GatewayId: made.internetGateway() });
  const nat = made.nat('public', { address: '10.0.1.50', secondary: ['10.0.1.51', '10.0.1.52'] });
  made.route('private', '0.0.0.0/0', { NatGatewayId: nat.id });
  const seen = new Map<number, number>();
  for (let port = 5000; port < 5040; port++) {
    const outcome = made.sendUdp('r1', SERVER, [port, 80]);
    const { ip: header } = arrival(outcome);
    assert(header !== null && typeof header.source === 'number', 'no IPv4');
    seen.set(header.source, (seen.get(header.source) ?? 0) + 1);
    const home = made.from('server', SERVER, header.source);
    const back = arrival(made.inject('server', udpFrame(home, [80, sourcePort(outcome)])));
    t.match(back, { to: 'r1', upper: { destinationPort: port } });
  }
  t.equal(seen.size, 3, 'each one is used');
  t.ok(seen.has(nat.outside));
});

t.test('[NAT-1] no port is left for a destination: that is counted, and others pass', async (t) => {
  const { made, nat } = natBench({ natPortLimit: 3 });
  made.publicHost('other', '198.51.100.20');
  const counters = () => {
    const id = Number.parseInt(nat.id.slice(-8), 16) | 0;
    return { ...made.state.natFlows.countersOf(id) };
  };
  for (let port = 1; port <= 3; port++) {
    t.equal(made.sendUdp('r1', SERVER, [port, 80]).counter, 'forwarded');
  }
  const refused = made.sendUdp('r1', SERVER, [4, 80]);
  t.match(refused, { counter: 'NAT_GATEWAY_NO_PORT', delivered: [] });
  t.match(counters(), { errorPortAllocation: 1 });
  t.equal(made.sendUdp('r2', SERVER, [4, 80]).counter, 'NAT_GATEWAY_NO_PORT');
  t.match(counters(), { errorPortAllocation: 2 });
  t.equal(made.sendUdp('r1', SERVER, [4, 81]).counter, 'forwarded', 'another port');
  t.equal(made.sendUdp('r1', ip('198.51.100.20'), [4, 80]).counter, 'forwarded', 'another host');
  t.equal(made.sendUdp('r1', SERVER, [1, 80]).counter, 'forwarded', 'who has one keeps it');
  made.nowMs += 350_000;
  t.equal(made.sendUdp('r1', SERVER, [4, 80]).counter, 'forwarded', 'the others ran out');
});

t.test('[SG-9] a connection through the gateway is tracked, though all is open', async (t) => {
  const { made, nat } = natBench();
  const open = made.group('open', [ALL]);
  made.setGroups('r1', [open]);
  const port = sourcePort(made.sendUdp('r1', SERVER));
  const home = made.from('server', SERVER, nat.outside);
  made.setGroups('r1', [made.group('shut', [], [])]);
  t.equal(made.inject('server', udpFrame(home, [80, port])).counter, 'forwarded', 'its answer');
  t.equal(made.sendUdp('r1', SERVER).counter, 'forwarded', 'and the guest');
  t.equal(made.sendUdp('r1', SERVER, [1, 80]).counter, 'SG_HAS_NO_RULES', 'but no other');
});

t.test('[RT-11] a deleted gateway is a blackhole, and its flows are forgotten', async (t) => {
  const { made, nat } = natBench();
  const port = sourcePort(made.sendUdp('r1', SERVER));
  made.act('DeleteNatGateway', { NatGatewayId: nat.id });
  t.equal(made.sendUdp('r1', SERVER).counter, 'BAD_STATE_ROUTE');
  const answer = udpFrame(made.from('server', SERVER, nat.outside), [80, port]);
  t.equal(made.inject('server', answer).counter, 'IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS');
  t.equal(made.state.natFlows.size, 0);
});
