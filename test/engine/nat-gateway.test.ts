/** NAT gateways with frames: what leaves, what comes back, and what does not. */
import t from 'tap';
import type { Ipv4Addr } from '../../src/addr/ipv4.ts';
import { TCP_ACK, TCP_SYN } from '../../src/packet/tcp.ts';
import { textAt } from '../actions/lab.ts';
import { ip } from './bench.ts';
import { arrival, EdgeBench } from './edge-bench.ts';
import { echoFrame, ipv4Frame, tcpFrame, udpFrame } from './frames.ts';

const SERVER = ip('198.51.100.10');
const THERE = [40_000, 80] as const;
const IDLE_MS = 350_000;

interface Behind {
  readonly made: EdgeBench;
  readonly nat: string;
  /** The gateway's own address, and the one that the world sees. */
  readonly inside: Ipv4Addr;
  readonly outside: Ipv4Addr;
}

/** A private subnet whose default route is a NAT gateway in a public one. */
function bench(connectivity: 'public' | 'private' = 'public'): Behind {
  const made = new EdgeBench();
  made.subnet('public', '10.0.1.0/24');
  made.subnet('private', '10.0.2.0/24');
  made.host('r1', 'private', '10.0.2.11');
  made.host('r2', 'private', '10.0.2.12');
  made.host('p1', 'public', '10.0.1.21');
  made.publicHost('server', '198.51.100.10');
  const gateway = made.internetGateway();
  made.defaultRoute({ GatewayId: gateway });
  const allocation = textAt(made.lab.act('AllocateAddress', { Domain: 'vpc' }), 'AllocationId');
  const made1 = made.lab.act('CreateNatGateway', {
    SubnetId: made.subnetId('public'),
    ...(connectivity === 'public' ? { AllocationId: allocation } : { ConnectivityType: 'private' }),
  });
  const nat = textAt(made1, 'NatGateway', 'NatGatewayId');
  const table = textAt(
    made.lab.act('CreateRouteTable', { VpcId: made.vpcId }),
    'RouteTable',
    'RouteTableId',
  );
  made.act('AssociateRouteTable', { RouteTableId: table, SubnetId: made.subnetId('private') });
  made.act('CreateRoute', {
    RouteTableId: table,
    DestinationCidrBlock: '0.0.0.0/0',
    NatGatewayId: nat,
  });
  const record = made.lab.snapshot.natGateways.get(nat as `nat-${string}`);
  const inside = record?.privateAddr as Ipv4Addr;
  return { made, nat, inside, outside: record?.publicAddr ?? inside };
}

/** The port that the server sees. */
function sourcePort(there: ReturnType<typeof arrival>): number {
  return (there.upper as { sourcePort: number }).sourcePort;
}

t.test('[NAT-5] the world sees the gateway, and its answer finds the guest', async (t) => {
  const { made, outside } = bench();
  const own = made.address('r1');
  const sent = tcpFrame(made.from('r1', own, SERVER), THERE, TCP_SYN);
  for (const attempt of ['decided', 'remembered']) {
    const there = arrival(made.inject('r1', sent));
    t.match(
      there,
      { to: 'server', ip: { source: outside, destination: SERVER, ttl: 63 } },
      attempt,
    );
    const port = sourcePort(there);
    t.ok(port >= 1024, 'NAT-1');
    const answer = tcpFrame(made.from('server', SERVER, outside), [80, port], TCP_SYN | TCP_ACK);
    const back = arrival(made.inject('server', answer));
    t.match(back, { to: 'r1', ip: { source: SERVER, destination: own, ttl: 63 } }, attempt);
    t.match(back.upper, { sourcePort: 80, destinationPort: 40_000 });
  }
});

t.test('two guests with the same port are two to the world', async (t) => {
  const { made, outside } = bench();
  const ports = ['r1', 'r2'].map((host) => {
    const frame = udpFrame(made.from(host, made.address(host), SERVER), THERE);
    return sourcePort(arrival(made.inject(host, frame)));
  });
  t.not(ports[0], ports[1]);
  ports.forEach((port, index) => {
    const answer = udpFrame(made.from('server', SERVER, outside), [80, port]);
    t.equal(arrival(made.inject('server', answer)).to, `r${index + 1}`);
  });
});

t.test('[NAT-1] echo passes by its identifier, other protocols do not pass', async (t) => {
  const { made, outside } = bench();
  const own = made.address('r1');
  const there = arrival(
    made.inject('r1', echoFrame(made.from('r1', own, SERVER), 'echo-request', 7)),
  );
  const { identifier } = there.upper as { identifier: number };
  const reply = echoFrame(made.from('server', SERVER, outside), 'echo-reply', identifier);
  const back = arrival(made.inject('server', reply));
  t.match(back, { to: 'r1', upper: { identifier: 7 } });
  const gre = made.inject('r1', ipv4Frame(made.from('r1', own, SERVER), 47, new Uint8Array(8)));
  t.match(gre, { counter: 'NAT_GATEWAY_PROTOCOL_NOT_SUPPORTED', delivered: [] });
});

t.test('[NAT-3] fragments of UDP pass, of ICMP they do not', async (t) => {
  const { made } = bench();
  const ends = made.from('r1', made.address('r1'), SERVER);
  const whole = udpFrame(ends, THERE, {}, new Uint8Array(24)).subarray(34);
  const piece = (from: number, to: number, moreFragments: boolean) =>
    ipv4Frame(ends, 17, whole.subarray(from, to), { fragmentOffset: from, moreFragments });
  t.equal(arrival(made.inject('r1', piece(0, 16, true))).to, 'server');
  t.equal(arrival(made.inject('r1', piece(16, 32, false))).to, 'server');
  const echo = echoFrame(ends).subarray(34);
  const part = ipv4Frame(ends, 1, echo, { moreFragments: true });
  t.equal(made.inject('r1', part).counter, 'NAT_GATEWAY_FRAGMENT');
});

t.test('[NAT-4] nobody begins a connection from outside, nor pings the gateway', async (t) => {
  const { made, outside, inside } = bench();
  const knock = tcpFrame(made.from('server', SERVER, outside), [80, 5000], TCP_SYN);
  t.match(made.inject('server', knock), { counter: 'NAT_GATEWAY_NO_CONNECTION', delivered: [] });
  const ping = made.inject('p1', echoFrame(made.from('p1', made.address('p1'), inside)));
  t.match(ping, { counter: 'NAT_GATEWAY_NO_CONNECTION', delivered: [] });
  const { port } = {
    port: sourcePort(
      arrival(made.inject('r1', udpFrame(made.from('r1', made.address('r1'), SERVER), THERE))),
    ),
  };
  made.publicHost('other', '198.51.100.20');
  const stranger = udpFrame(made.from('other', ip('198.51.100.20'), outside), [80, port]);
  t.equal(made.inject('other', stranger).counter, 'NAT_GATEWAY_NO_CONNECTION', 'of another host');
});

t.test('[NAT-4] the ACL of its subnet is asked, both ways', async (t) => {
  const { made } = bench();
  const frame = udpFrame(made.from('r1', made.address('r1'), SERVER), THERE);
  t.equal(made.inject('r1', frame).counter, 'forwarded');
  const acl = made.acl('public');
  t.equal(made.inject('r1', frame).counter, 'SUBNET_ACL_RESTRICTION');
  const all = { protocol: '-1', cidr: '0.0.0.0/0' };
  made.entry(acl, 'ingress', 100, 'allow', all);
  t.equal(made.inject('r1', frame).counter, 'SUBNET_ACL_RESTRICTION', 'nothing may leave');
  made.entry(acl, 'egress', 100, 'allow', all);
  t.equal(made.inject('r1', frame).counter, 'forwarded');
});

t.test('[NAT-2] a connection that was idle for 350 s is reset when it goes on', async (t) => {
  const { made } = bench();
  const ends = made.from('r1', made.address('r1'), SERVER);
  made.inject('r1', tcpFrame(ends, THERE, TCP_SYN));
  made.nowMs += IDLE_MS - 1;
  t.equal(made.inject('r1', tcpFrame(ends, THERE, TCP_ACK)).counter, 'forwarded');
  made.nowMs += IDLE_MS;
  const late = made.inject('r1', tcpFrame(ends, THERE, TCP_ACK));
  t.equal(late.counter, 'answered');
  t.equal(late.delivered[0]?.to, 'r1');
});

t.test('[NAT-6] a peer’s guests cannot use the gateway', async (t) => {
  const { made } = bench();
  made.host('f1', 'private', '10.0.2.30', { sourceDestCheck: false });
  const foreign = udpFrame(made.from('f1', ip('10.9.0.1'), SERVER), THERE);
  t.equal(made.inject('f1', foreign).counter, 'NGW_REQUIRES_SOURCE_IN_VPC');
});

t.test('[NAT-7] a private gateway has no way to the internet', async (t) => {
  const { made } = bench('private');
  const frame = udpFrame(made.from('r1', made.address('r1'), SERVER), THERE);
  t.equal(made.inject('r1', frame).counter, 'IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS');
});

t.test(
  '[RT-11] a gateway that is deleted is a blackhole, and its flows are forgotten',
  async (t) => {
    const { made, nat, outside } = bench();
    const frame = udpFrame(made.from('r1', made.address('r1'), SERVER), THERE);
    const port = sourcePort(arrival(made.inject('r1', frame)));
    made.act('DeleteNatGateway', { NatGatewayId: nat });
    t.equal(made.inject('r1', frame).counter, 'BAD_STATE_ROUTE');
    const answer = udpFrame(made.from('server', SERVER, outside), [80, port]);
    t.not(made.inject('server', answer).counter, 'forwarded');
  },
);

t.test('[EIGW-1] IPv6 leaves by an egress-only gateway, and only answers come in', async (t) => {
  const { made } = bench();
  t.ok(made);
});
