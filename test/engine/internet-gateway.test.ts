/** Internet gateways: whom they let out and in, and under which address. */
import assert from 'node:assert/strict';
import t from 'tap';
import { TCP_ACK, TCP_SYN } from '../../src/packet/tcp.ts';
import { textAt } from '../actions/lab.ts';
import { ip, subnetBlock } from './bench.ts';
import { arrival, EdgeBench } from './edge-bench.ts';
import { icmpFrame, ip6, ipv6Frame, tcpFrame, udpFrame } from './frames.ts';

const SERVER = ip('198.51.100.10');
const THERE = [40_000, 80] as const;
const BACK = [80, 40_000] as const;
const SERVER_6 = '2001:db8:ffff:ff00::10';

/** A VPC with a gateway, two subnets and a route out of both; a server outside. */
function bench(): EdgeBench {
  const made = new EdgeBench();
  const block = made.ipv6();
  made.subnet('a', '10.0.1.0/24', subnetBlock(block, 1));
  made.subnet('b', '10.0.2.0/24');
  made.host('r1', 'a', '10.0.1.11', { ipv6: ['2001:db8:0:101::11'], secondary: ['10.0.1.60'] });
  made.host('r2', 'a', '10.0.1.12');
  made.host('r3', 'b', '10.0.2.13');
  made.publicHost('server', '198.51.100.10', SERVER_6);
  made.publicHost('other', '198.51.100.20');
  const gateway = made.internetGateway();
  made.defaultRoute({ GatewayId: gateway });
  return made;
}

t.test('[IGW-1] the gateway puts the public address for the private one, and back', async (t) => {
  const made = bench();
  const elastic = made.elastic('r1');
  const own = made.address('r1');
  const frames = [tcpFrame(made.from('r1', own, SERVER), THERE, TCP_SYN)] as const;
  for (const attempt of ['decided', 'remembered']) {
    const there = arrival(made.inject('r1', frames[0]));
    t.equal(there.to, 'server');
    t.match(there.ip, { source: elastic, destination: SERVER, ttl: 64 }, attempt);
    t.match(there.upper, { sourcePort: 40_000, destinationPort: 80 }, 'ports are untouched');
    const answer = tcpFrame(made.from('server', SERVER, elastic), BACK, TCP_SYN | TCP_ACK);
    const back = arrival(made.inject('server', answer));
    t.equal(back.to, 'r1');
    t.match(
      back.ip,
      { source: SERVER, destination: own },
      'the guest never sees its public address',
    );
    t.match(back.ethernet, { destination: made.mac('r1'), source: made.routerMac('r1') });
  }
});

t.test('[IGW-1] each private address has its own public one', async (t) => {
  const made = bench();
  const first = made.elastic('r1');
  const second = made.elastic('r1', '10.0.1.60');
  t.not(first, second);
  const there = made.inject('r1', udpFrame(made.from('r1', ip('10.0.1.60'), SERVER), THERE));
  t.match(arrival(there).ip, { source: second });
});

t.test('[IGW-2] without a public address IPv4 is dropped; IPv6 needs none', async (t) => {
  const made = bench();
  const silent = made.inject('r2', udpFrame(made.from('r2', made.address('r2'), SERVER), THERE));
  t.match(silent, { counter: 'IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS', delivered: [] });
  const link = { sourceMac: made.mac('r1'), destinationMac: made.routerMac('r1') };
  const six = ipv6Frame(link, '2001:db8:0:101::11', SERVER_6);
  t.match(arrival(made.inject('r1', six)), {
    to: 'server',
    ip: { source: ip6('2001:db8:0:101::11'), destination: ip6(SERVER_6) },
  });
  const home = { sourceMac: made.mac('server'), destinationMac: made.routerMac('server') };
  const back = ipv6Frame(home, SERVER_6, '2001:db8:0:101::11');
  t.equal(arrival(made.inject('server', back)).to, 'r1');
});

t.test('[IGW-3] private and shared addresses do not leave, nobody’s do not arrive', async (t) => {
  const made = bench();
  const elastic = made.elastic('r1');
  const own = made.address('r1');
  for (const [to, code] of [
    ['192.168.1.1', 'IGW_DESTINATION_ADDRESS_NOT_IN_RFC1918_EGRESS'],
    ['172.31.0.1', 'IGW_DESTINATION_ADDRESS_NOT_IN_RFC1918_EGRESS'],
    ['100.64.0.1', 'IGW_DESTINATION_ADDRESS_NOT_IN_RFC6598_EGRESS'],
    ['203.0.113.1', 'IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS'],
    ['198.51.100.99', 'NO_POSSIBLE_DESTINATION'],
  ] as const) {
    const outcome = made.inject('r1', udpFrame(made.from('r1', own, ip(to)), THERE));
    t.match(outcome, { counter: code, delivered: [] }, to);
  }
  const free = ip('198.18.99.99');
  t.not(free, elastic);
  const stray = made.inject('server', udpFrame(made.from('server', SERVER, free), BACK));
  t.equal(stray.counter, 'IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS');
});

t.test('[IGW-4] two instances reach each other by public addresses, and see them', async (t) => {
  const made = bench();
  const [one, other] = [made.elastic('r1'), made.elastic('r2')];
  const there = arrival(
    made.inject('r1', udpFrame(made.from('r1', made.address('r1'), other), THERE)),
  );
  t.match(there, { to: 'r2', ip: { source: one, destination: made.address('r2') } });
  const back = arrival(made.inject('r2', udpFrame(made.from('r2', made.address('r2'), one), BACK)));
  t.match(back, { to: 'r1', ip: { source: other, destination: made.address('r1') } });
});

t.test('[ENI-10] an elastic address that moves is one for the gateway only', async (t) => {
  const made = bench();
  const elastic = made.elastic('r1');
  const knock = () => made.inject('server', udpFrame(made.from('server', SERVER, elastic), BACK));
  t.equal(arrival(knock()).to, 'r1');
  const [address] = made.lab.snapshot.elasticAddresses.values();
  made.act('AssociateAddress', {
    AllocationId: address?.allocationId,
    NetworkInterfaceId: made.eni('r3').eniId,
  });
  t.equal(arrival(knock()).to, 'r3');
});

t.test('hosts of the internet reach each other as they are', async (t) => {
  const made = bench();
  const there = made.inject(
    'other',
    udpFrame(made.from('other', ip('198.51.100.20'), SERVER), THERE),
  );
  t.match(arrival(there), { to: 'server', ip: { source: ip('198.51.100.20') } });
});

t.test('an error from outside finds the connection that it is about', async (t) => {
  const made = bench();
  const nothing = made.group('nothing', []);
  made.host('r4', 'a', '10.0.1.14', { groups: [nothing] });
  const elastic = made.elastic('r4');
  const own = made.address('r4');
  const sent = udpFrame(made.from('r4', own, SERVER), THERE);
  const { frame } = arrival(made.inject('r4', sent));
  const unreachable = { kind: 'unreachable', code: 3, nextHopMtu: 0, pointer: 0 } as const;
  const error = icmpFrame(made.from('server', SERVER, elastic), {
    ...unreachable,
    quote: frame.subarray(14),
  });
  const back = arrival(made.inject('server', error));
  t.equal(back.to, 'r4');
  const quote = Buffer.from(back.frame.subarray(14 + 20 + 8));
  t.same(quote.subarray(0, 20), Buffer.from(sent.subarray(14, 34)), 'it quotes what r4 has sent');
});

t.test('[IGW-1] an error quotes the private address, also when that is another', async (t) => {
  const made = bench();
  const first = made.elastic('r1');
  made.elastic('r1', '10.0.1.60');
  const sent = udpFrame(made.from('r1', ip('10.0.1.60'), SERVER), THERE);
  const { frame } = arrival(made.inject('r1', sent));
  const tooBig = { kind: 'unreachable', code: 4, nextHopMtu: 1280, pointer: 0 } as const;
  const error = icmpFrame(made.from('server', SERVER, first), {
    ...tooBig,
    quote: frame.subarray(14),
  });
  const back = arrival(made.inject('server', error));
  t.match(back, { to: 'r1', ip: { destination: made.address('r1') } });
  t.same(back.frame.subarray(14 + 20 + 8), sent.subarray(14), 'it quotes what r1 has sent');
  const foreign = udpFrame(made.from('r1', ip('203.0.113.9'), SERVER), THERE).subarray(14);
  const unknown = icmpFrame(made.from('server', SERVER, first), { ...tooBig, quote: foreign });
  const stray = arrival(made.inject('server', unknown)).frame;
  t.same(stray.subarray(14 + 20 + 8), foreign, 'nobody’s stays as it is');
});

t.test('[MTU-4] the router tells of what is too big for the internet', async (t) => {
  const made = bench();
  made.elastic('r1');
  const big = new Uint8Array(2000);
  const ends = made.from('r1', made.address('r1'), SERVER);
  const outcome = made.inject('r1', udpFrame(ends, THERE, { dontFragment: true }, big));
  t.equal(outcome.counter, 'answered');
  assert(outcome.delivered[0]?.to === 'r1');
  const small = made.inject('r1', udpFrame(ends, THERE, { dontFragment: true }, big.subarray(600)));
  t.equal(small.counter, 'forwarded');
  const again = made.inject('r1', udpFrame(ends, THERE, { dontFragment: true }, big));
  t.equal(again.counter, 'answered', 'also of a flow that is known');
});

t.test(
  '[IGW-5] a VPC has one gateway, which stays while public addresses are mapped',
  async (t) => {
    const made = bench();
    const elastic = made.elastic('r1');
    const knock = () => made.inject('server', udpFrame(made.from('server', SERVER, elastic), BACK));
    t.equal(knock().counter, 'forwarded');
    const [gateway] = made.lab.snapshot.internetGateways.keys();
    const detach = { InternetGatewayId: gateway, VpcId: made.vpcId };
    t.equal(made.lab.refuse('DetachInternetGateway', detach).code, 'DependencyViolation');
    const second = textAt(
      made.lab.act('CreateInternetGateway'),
      'InternetGateway',
      'InternetGatewayId',
    );
    const attach = { InternetGatewayId: second, VpcId: made.vpcId };
    t.equal(made.lab.refuse('AttachInternetGateway', attach).code, 'InvalidParameterValue');
    const [address] = made.lab.snapshot.elasticAddresses.values();
    made.act('DisassociateAddress', { AssociationId: address?.association?.associationId });
    t.equal(knock().counter, 'IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS');
    made.act('DetachInternetGateway', detach);
    const sent = udpFrame(made.from('r1', made.address('r1'), SERVER), THERE);
    t.equal(made.inject('r1', sent).counter, 'BAD_STATE_ROUTE');
  },
);
