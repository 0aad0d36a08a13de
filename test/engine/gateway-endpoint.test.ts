/** Gateway endpoints: the way to a service of AWS without a public address. */
import t from 'tap';
import { addAwsPrefixLists } from '../../src/actions/filters/aws-prefix-lists.ts';
import { TCP_ACK, TCP_SYN } from '../../src/packet/tcp.ts';
import { ip } from './bench.ts';
import { arrival, EdgeBench } from './edge-bench.ts';
import { ALL } from './filter-bench.ts';
import { type Ends, echoFrame, icmpFrame, tcpFrame, udpFrame } from './frames.ts';

/** In a block of S3's prefix list. */
const S3 = ip('52.216.0.10');
const THERE = [40_000, 443] as const;
const BACK = [443, 40_000] as const;

/** Two VPCs with the same blocks and an endpoint each; a stand-in for S3 on the internet. */
function bench(): EdgeBench {
  const made = new EdgeBench();
  made.lab.store.edit((draft) => addAwsPrefixLists({ draft }));
  made.subnet('a', '10.0.1.0/24');
  made.host('r1', 'a', '10.0.1.11');
  const twin = made.lab.vpc('10.0.0.0/16');
  made.lab.openDefaultGroup(twin);
  made.subnet('b', '10.0.1.0/24', undefined, twin);
  made.host('twin', 'b', '10.0.1.11');
  for (const vpcId of [made.vpcId, twin]) {
    made.lab.endpoint(vpcId, 's3', { RouteTableIds: [made.lab.mainTable(vpcId)] });
  }
  made.publicHost('s3', '52.216.0.10');
  made.publish();
  return made;
}

t.test('[GWEP-1] [GWEP-2] S3 sees the private address, and its answer finds the VPC', async (t) => {
  const made = bench();
  const own = made.address('r1');
  const sent = tcpFrame(made.from('r1', own, S3), THERE, TCP_SYN);
  const answer = tcpFrame(made.from('s3', S3, own), BACK, TCP_SYN | TCP_ACK);
  t.not(made.inject('s3', answer).counter, 'forwarded', 'nobody has asked');
  for (const attempt of ['decided', 'remembered']) {
    const there = arrival(made.inject('r1', sent));
    t.match(there, { to: 's3', ip: { source: own, destination: S3, ttl: 64 } }, attempt);
    t.equal(arrival(made.inject('s3', answer)).to, 'r1', attempt);
  }
  const other = tcpFrame(made.from('twin', own, S3), [40_001, 443], TCP_SYN);
  t.equal(arrival(made.inject('twin', other)).to, 's3');
  const back = tcpFrame(made.from('s3', S3, own), [443, 40_001], TCP_SYN | TCP_ACK);
  t.equal(arrival(made.inject('s3', back)).to, 'twin', 'of two VPCs with the same address');
});

t.test('[GWEP-2] only TCP and echo, and only from the VPC', async (t) => {
  const made = bench();
  const own = made.address('r1');
  t.equal(arrival(made.inject('r1', echoFrame(made.from('r1', own, S3)))).to, 's3');
  const udp = made.inject('r1', udpFrame(made.from('r1', own, S3), THERE));
  t.match(udp, { counter: 'VPCE_GATEWAY_PROTOCOL_RESTRICTION', delivered: [] });
  made.host('f1', 'a', '10.0.1.12', { sourceDestCheck: false });
  const foreign = tcpFrame(made.from('f1', ip('10.9.0.1'), S3), THERE, TCP_SYN);
  t.equal(made.inject('f1', foreign).counter, 'VPCE_GATEWAY_EGRESS_SOURCE_ADDRESS_RESTRICTION');
});

t.test('[RT-3] [GWEP-2] the endpoint beats a default route to the internet gateway', async (t) => {
  const made = bench();
  const gateway = made.internetGateway();
  made.defaultRoute({ GatewayId: gateway });
  made.elastic('r1');
  const own = made.address('r1');
  const there = arrival(made.inject('r1', tcpFrame(made.from('r1', own, S3), THERE, TCP_SYN)));
  t.match(there, { to: 's3', ip: { source: own } });
});

/** What somebody on the way, or the other end, says of a packet. @param frame As it came there. */
function errorAbout(ends: Ends, frame: Uint8Array): Uint8Array {
  const tooBig = { kind: 'unreachable', code: 4, nextHopMtu: 1280, pointer: 0 } as const;
  return icmpFrame(ends, { ...tooBig, quote: frame.subarray(14) });
}

t.test('[GWEP-2] errors about what goes through the endpoint pass it, both ways', async (t) => {
  const made = bench();
  made.publicHost('hop', '52.216.0.20');
  made.setGroups('r1', [made.group('closed', [])]);
  const own = made.address('r1');
  const home = { s3: made.from('s3', S3, own), hop: made.from('hop', ip('52.216.0.20'), own) };
  for (const sent of [
    tcpFrame(made.from('r1', own, S3), THERE, TCP_SYN),
    echoFrame(made.from('r1', own, S3)),
  ]) {
    t.not(made.inject('s3', errorAbout(home.s3, sent)).counter, 'forwarded', 'nothing was sent');
    const there = arrival(made.inject('r1', sent)).frame;
    for (const from of ['s3', 'hop'] as const) {
      const back = arrival(made.inject(from, errorAbout(home[from], there)));
      t.match(back, { to: 'r1', ip: { destination: own }, upper: { nextHopMtu: 1280 } }, from);
      t.same(back.frame.subarray(42), sent.subarray(14), 'it quotes what the guest has sent');
    }
  }
  const answer = tcpFrame(home.s3, BACK, TCP_SYN | TCP_ACK);
  const got = arrival(made.inject('s3', answer)).frame;
  const out = arrival(made.inject('r1', errorAbout(made.from('r1', own, S3), got)));
  t.match(out, { to: 's3', ip: { source: own, destination: S3 } });
  const other = tcpFrame(home.s3, [444, 40_000], TCP_SYN | TCP_ACK);
  const stray = made.inject('r1', errorAbout(made.from('r1', own, S3), other));
  t.match(stray, { counter: 'VPCE_GATEWAY_NO_FLOW', delivered: [] }, 'about no connection');
});

t.test('[GWEP-2] an error finds the one of two VPCs with the same address', async (t) => {
  const made = bench();
  const own = made.address('r1');
  for (const [host, port] of [
    ['r1', 40_000],
    ['twin', 40_001],
  ] as const) {
    const sent = made.inject(host, tcpFrame(made.from(host, own, S3), [port, 443], TCP_SYN));
    const error = errorAbout(made.from('s3', S3, own), arrival(sent).frame);
    t.equal(arrival(made.inject('s3', error)).to, host);
  }
});

t.test('[SG-9] [SG-5] what goes through the endpoint is tracked as if it did not', async (t) => {
  const made = bench();
  const own = made.address('r1');
  const sent = tcpFrame(made.from('r1', own, S3), THERE, TCP_SYN);
  const answer = tcpFrame(made.from('s3', S3, own), BACK, TCP_SYN | TCP_ACK);
  const open = made.group('open', [ALL]);
  const shut = made.group('shut', [], []);
  made.setGroups('r1', [open]);
  t.equal(made.inject('r1', sent).counter, 'forwarded');
  t.equal(made.inject('s3', answer).counter, 'forwarded');
  made.setGroups('r1', [shut]);
  t.equal(made.inject('s3', answer).counter, 'SG_HAS_NO_RULES', 'all was open: not tracked');
  made.setGroups('r1', [made.group('out', [])]);
  t.equal(made.inject('r1', sent).counter, 'forwarded');
  made.setGroups('r1', [shut]);
  t.equal(made.inject('s3', answer).counter, 'forwarded', 'only one way was open: tracked');
});
