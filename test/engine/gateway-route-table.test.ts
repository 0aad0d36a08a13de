/** Route tables of gateways: what enters a VPC by its internet gateway is steered to a middlebox. */
import t from 'tap';
import type { Ipv4Addr } from '../../src/addr/ipv4.ts';
import { textAt } from '../actions/lab.ts';
import { ip } from './bench.ts';
import { arrival, EdgeBench } from './edge-bench.ts';
import { type Ends, icmpFrame, udpFrame } from './frames.ts';

const SERVER = ip('198.51.100.10');
const THERE = [40_000, 80] as const;
const BACK = [80, 40_000] as const;

interface Inspected {
  readonly made: EdgeBench;
  /** Of the web server behind the firewall. */
  readonly elastic: Ipv4Addr;
}

/** A web server; what comes to its subnet from outside goes to a firewall, and so does what it answers. */
function bench(): Inspected {
  const made = new EdgeBench();
  made.subnet('web', '10.0.1.0/24');
  made.subnet('firewall', '10.0.2.0/24');
  made.host('w1', 'web', '10.0.1.11');
  made.host('f1', 'firewall', '10.0.2.11', { sourceDestCheck: false });
  made.publicHost('server', '198.51.100.10');
  const gateway = made.internetGateway();
  made.defaultRoute({ GatewayId: gateway });
  const ingress = table(made);
  made.act('AssociateRouteTable', { RouteTableId: ingress, GatewayId: gateway });
  made.act('CreateRoute', {
    RouteTableId: ingress,
    DestinationCidrBlock: '10.0.1.0/24',
    NetworkInterfaceId: made.eni('f1').eniId,
  });
  const web = table(made);
  made.act('AssociateRouteTable', { RouteTableId: web, SubnetId: made.subnetId('web') });
  made.act('CreateRoute', {
    RouteTableId: web,
    DestinationCidrBlock: '0.0.0.0/0',
    NetworkInterfaceId: made.eni('f1').eniId,
  });
  return { made, elastic: made.elastic('w1') };
}

function table(made: EdgeBench): string {
  return textAt(
    made.lab.act('CreateRouteTable', { VpcId: made.vpcId }),
    'RouteTable',
    'RouteTableId',
  );
}

t.test(
  '[EDGE-1] [EDGE-5] what enters goes to the middlebox, under the private address',
  async (t) => {
    const { made, elastic } = bench();
    const own = made.address('w1');
    made.elastic('f1');
    const knock = udpFrame(made.from('server', SERVER, elastic), BACK);
    for (const attempt of ['decided', 'remembered']) {
      const first = arrival(made.inject('server', knock));
      t.match(first, { to: 'f1', ip: { source: SERVER, destination: own } }, attempt);
    }
    const onward = made.inject('f1', udpFrame(made.from('f1', SERVER, own), BACK));
    t.match(arrival(onward), { to: 'w1', ip: { source: SERVER, destination: own } });
    const answer = made.inject('w1', udpFrame(made.from('w1', own, SERVER), THERE));
    t.match(arrival(answer), { to: 'f1', ip: { source: own, destination: SERVER } });
    const out = made.inject('f1', udpFrame(made.from('f1', own, SERVER), THERE));
    t.match(arrival(out), { to: 'server', ip: { source: elastic } }, 'the middlebox is not seen');
  },
);

t.test('[EDGE-4] the middlebox needs a public address of its own', async (t) => {
  const { made, elastic } = bench();
  const knock = udpFrame(made.from('server', SERVER, elastic), BACK);
  t.match(made.inject('server', knock), { counter: 'INGRESS_RTB_NO_PUBLIC_IP', delivered: [] });
});

t.test('[RT-11] a middlebox that is stopped is a blackhole for what enters', async (t) => {
  const { made, elastic } = bench();
  made.elastic('f1');
  made.act('StopInstances', { InstanceIds: [made.instanceId('f1')] });
  const knock = udpFrame(made.from('server', SERVER, elastic), BACK);
  t.match(made.inject('server', knock), { counter: 'BAD_STATE_ROUTE', delivered: [] });
});

t.test('[EDGE-2] what the table does not speak of goes straight to its interface', async (t) => {
  const { made } = bench();
  const firewall = made.elastic('f1');
  const knock = udpFrame(made.from('server', SERVER, firewall), BACK);
  t.equal(arrival(made.inject('server', knock)).to, 'f1');
  made.subnet('other', '10.0.3.0/24');
  made.host('o1', 'other', '10.0.3.11');
  const elastic = made.elastic('o1');
  t.equal(arrival(made.inject('server', udpFrame(made.from('server', SERVER, elastic)))).to, 'o1');
});

/** @param frame What was too big for whoever says so. */
function tooBig(ends: Ends, frame: Uint8Array): Uint8Array {
  const error = { kind: 'unreachable', code: 4, nextHopMtu: 1280, pointer: 0 } as const;
  return icmpFrame(ends, { ...error, quote: frame.subarray(IP) });
}

/** Of the IP header in a frame, and of the quote in that of an error. */
const IP = 14;
const QUOTE = IP + 20 + 8;

t.test('[IGW-1] an error of the middlebox quotes what its receiver has sent', async (t) => {
  const { made, elastic } = bench();
  const firewall = made.elastic('f1');
  made.host('w2', 'web', '10.0.1.12');
  const second = made.elastic('w2');
  for (const [to, port] of [
    [elastic, 53],
    [second, 53],
    [elastic, 54],
  ] as const) {
    const sent = udpFrame(made.from('server', SERVER, to), [5000, port]);
    const got = arrival(made.inject('server', sent)).frame;
    const back = arrival(
      made.inject('f1', tooBig(made.from('f1', made.address('f1'), SERVER), got)),
    );
    t.match(back, { to: 'server', ip: { source: firewall, destination: SERVER } });
    t.match(back.upper, { kind: 'unreachable', nextHopMtu: 1280 });
    t.same(back.frame.subarray(QUOTE), sent.subarray(IP), 'to the last bit of its checksums');
  }
});

t.test('[IGW-1] [IGW-4] so does one about a packet of the same VPC', async (t) => {
  const { made, elastic } = bench();
  made.elastic('f1');
  made.host('o1', 'firewall', '10.0.2.12');
  const other = made.elastic('o1');
  const sent = udpFrame(made.from('o1', made.address('o1'), elastic), [5000, 53]);
  const got = arrival(made.inject('o1', sent));
  t.match(got, { to: 'f1', ip: { source: other, destination: made.address('w1') } });
  const error = tooBig(made.from('f1', made.address('f1'), other), got.frame);
  const back = arrival(made.inject('f1', error));
  t.match(back, { to: 'o1', ip: { destination: made.address('o1') } });
  t.same(back.frame.subarray(QUOTE), sent.subarray(IP));
});
