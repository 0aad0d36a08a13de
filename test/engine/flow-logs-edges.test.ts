/** What flow logs say of packets through gateways: each interface has the addresses that it sees. */
import assert from 'node:assert/strict';
import t from 'tap';
import { formatIpv4 } from '../../src/addr/ipv4.ts';
import { readFlowLogRows } from '../../src/dataplane/flow/flow-log-table.ts';
import { FlowLogFiles } from '../../src/engine/flow-log-files.ts';
import { formatFlow } from '../../src/engine/flow-log-lines.ts';
import type { FlowLogField } from '../../src/model/flow-logs.ts';
import { ip } from './bench.ts';
import { udpFrame } from './frames.ts';
import { type NatBench, natBench, SERVER, sourcePort } from './nat-bench.ts';

const FIELDS: readonly FlowLogField[] = [
  ...(['flow-direction', 'action', 'pkt-srcaddr', 'pkt-dstaddr'] as const),
  ...(['srcport', 'dstport', 'traffic-path'] as const),
];

/** The VPC is logged, and the internet, too. */
function bench() {
  const made = natBench();
  made.made.lab.flowLog(made.made.vpcId);
  const [abroad] = made.made.internet.snapshot.vpcs.keys();
  made.made.internet.flowLog(abroad ?? '');
  made.made.publish();
  return made;
}

/** Ends the window. @returns its records, each behind the name of the host, or of the NAT gateway. */
function records(made: NatBench, fields = FIELDS): string[] {
  const { accountId, region } = made.lab.snapshot;
  const enis = [...made.fabric.enis.values()];
  return readFlowLogRows(made.state.flowLogs.take(), made.nowMs).map((row) => {
    const eni = enis.find(({ mac }) => mac === row.mac);
    assert(eni !== undefined && !row.isSkipped);
    const host = ['r1', 'p1', 'server'].find((name) => made.eni(name) === eni);
    const gateway = `nat ${formatIpv4(eni.addresses[0] ?? 0)}`;
    return `${host ?? gateway} ${formatFlow(fields, { eni, accountId, region }, row)}`;
  });
}

const text = (address: number) =>
  [24, 16, 8, 0].map((shift) => (address >>> shift) & 0xff).join('.');

t.test(
  '[FL-6] through an internet gateway the path is 8, and addresses are those seen',
  async (t) => {
    const { made } = bench();
    const elastic = made.elastic('p1');
    for (const flow of ['decided', 'remembered']) {
      made.sendUdp('p1', SERVER, [5000, 53]);
      t.same(
        records(made),
        [
          'p1 egress ACCEPT 10.0.1.21 198.51.100.10 5000 53 8',
          `server ingress ACCEPT ${text(elastic)} 198.51.100.10 5000 53 -`,
        ],
        flow,
      );
      made.inject('server', udpFrame(made.from('server', SERVER, elastic), [53, 5000]));
      t.same(
        records(made),
        [
          `server egress ACCEPT 198.51.100.10 ${text(elastic)} 53 5000 8`,
          'p1 ingress ACCEPT 198.51.100.10 10.0.1.21 53 5000 -',
        ],
        flow,
      );
    }
  },
);

t.test(
  '[FL-6] through a NAT gateway the path is 1, and behind it that of the gateway',
  async (t) => {
    const { made, nat } = bench();
    for (const flow of ['decided', 'remembered']) {
      const port = sourcePort(made.sendUdp('r1', SERVER, [5000, 53]));
      t.same(
        records(made),
        [
          'r1 egress ACCEPT 10.0.2.11 198.51.100.10 5000 53 1',
          'nat 10.0.1.50 ingress ACCEPT 10.0.2.11 198.51.100.10 5000 53 -',
          `nat 10.0.1.50 egress ACCEPT 10.0.1.50 198.51.100.10 ${port} 53 8`,
          `server ingress ACCEPT ${text(nat.outside)} 198.51.100.10 ${port} 53 -`,
        ],
        flow,
      );
      made.inject('server', udpFrame(made.from('server', SERVER, nat.outside), [53, port]));
      t.same(
        records(made),
        [
          `server egress ACCEPT 198.51.100.10 ${text(nat.outside)} 53 ${port} 8`,
          `nat 10.0.1.50 ingress ACCEPT 198.51.100.10 10.0.1.50 53 ${port} -`,
          'nat 10.0.1.50 egress ACCEPT 198.51.100.10 10.0.2.11 53 5000 1',
          'r1 ingress ACCEPT 198.51.100.10 10.0.2.11 53 5000 -',
        ],
        flow,
      );
    }
  },
);

t.test('[FL-6] through a peering the path is 4', async (t) => {
  const { made } = bench();
  const other = made.lab.vpc('10.1.0.0/16');
  made.lab.openDefaultGroup(other);
  made.subnet('b', '10.1.1.0/24', undefined, other);
  made.host('b1', 'b', '10.1.1.11');
  const peering = made.peer(made.vpcId, other);
  made.route('private', '10.1.0.0/16', { VpcPeeringConnectionId: peering });
  made.sendUdp('r1', ip('10.1.1.11'), [5000, 53]);
  t.same(records(made), ['r1 egress ACCEPT 10.0.2.11 10.1.1.11 5000 53 4']);
});

t.test('[FL-3] what a gateway drops has been accepted by its sender', async (t) => {
  const { made, nat } = bench();
  made.sendUdp('p1', SERVER, [5000, 53]);
  t.same(
    records(made),
    ['p1 egress ACCEPT 10.0.1.21 198.51.100.10 5000 53 -'],
    'no public address',
  );
  made.inject('server', udpFrame(made.from('server', SERVER, nat.outside), [53, 1]));
  const knock = `server egress ACCEPT 198.51.100.10 ${text(nat.outside)} 53 1 -`;
  const arrived = 'nat 10.0.1.50 ingress ACCEPT 198.51.100.10 10.0.1.50 53 1 -';
  t.same(records(made), [knock, arrived], 'the ACL lets in what the gateway knows nothing of');
});

t.test(
  '[FL-3] the ACL of the gateway’s subnet rejects nothing at its guest’s interface',
  async (t) => {
    const { made } = bench();
    const acl = made.acl('public');
    const accepted = 'r1 egress ACCEPT 10.0.2.11 198.51.100.10 5000 53 -';
    const came = (action: string) =>
      `nat 10.0.1.50 ingress ${action} 10.0.2.11 198.51.100.10 5000 53 -`;
    made.sendUdp('r1', SERVER, [5000, 53]);
    t.same(records(made), [accepted, came('REJECT')], 'on the way in');
    made.entry(acl, 'ingress', 100, 'allow', { protocol: '-1', cidr: '0.0.0.0/0' });
    made.sendUdp('r1', SERVER, [5000, 53]);
    const [sender, arrival, departure = ''] = records(made);
    t.same([sender, arrival], [accepted, came('ACCEPT')], 'on the way out');
    t.match(departure, /^nat 10\.0\.1\.50 egress REJECT 10\.0\.1\.50 198\.51\.100\.10 \d+ 53 -$/);
  },
);

t.test('[FL-3] who rejects a packet logs the addresses and ports that it sees', async (t) => {
  const { made, nat } = bench();
  const port = sourcePort(made.sendUdp('r1', SERVER, [5000, 53]));
  records(made);
  const acl = made.acl('private');
  made.entry(acl, 'egress', 100, 'allow', { protocol: '-1', cidr: '0.0.0.0/0' });
  made.inject('server', udpFrame(made.from('server', SERVER, nat.outside), [53, port]));
  t.same(records(made), [
    `server egress ACCEPT 198.51.100.10 ${text(nat.outside)} 53 ${port} -`,
    `nat 10.0.1.50 ingress ACCEPT 198.51.100.10 10.0.1.50 53 ${port} -`,
    'nat 10.0.1.50 egress ACCEPT 198.51.100.10 10.0.2.11 53 5000 -',
    'r1 ingress REJECT 198.51.100.10 10.0.2.11 53 5000 -',
  ]);
});

t.test('[FL-1] [FL-4] the interface of a NAT gateway logs what AWS shows of it', async (t) => {
  const { made, nat } = natBench();
  const eni = [...made.lab.snapshot.enis.values()].find(({ addresses }) =>
    addresses.includes(nat.inside),
  );
  const wanted = { ResourceIds: [eni?.eniId], ResourceType: 'NetworkInterface' };
  made.lab.flowLog(made.vpcId, wanted);
  made.publish();
  const fields: readonly FlowLogField[] = [
    ...(['instance-id', 'interface-id', 'srcaddr', 'dstaddr'] as const),
    ...(['pkt-srcaddr', 'pkt-dstaddr', 'packets'] as const),
  ];
  const line = (...ends: string[]) => `nat 10.0.1.50 - ${eni?.eniId} ${ends.join(' ')} 3`;
  const port = sourcePort(made.sendUdp('r1', SERVER, [5000, 53]));
  for (const _ of ['a known flow', 'once more']) made.sendUdp('r1', SERVER, [5000, 53]);
  t.same(records(made, fields), [
    line('10.0.2.11', '10.0.1.50', '10.0.2.11', '198.51.100.10'),
    line('10.0.1.50', '198.51.100.10', '10.0.1.50', '198.51.100.10'),
  ]);
  const back = udpFrame(made.from('server', SERVER, nat.outside), [53, port]);
  for (const _ of ['first', 'a known flow', 'once more']) made.inject('server', back);
  t.same(records(made, fields), [
    line('198.51.100.10', '10.0.1.50', '198.51.100.10', '10.0.1.50'),
    line('10.0.1.50', '10.0.2.11', '198.51.100.10', '10.0.2.11'),
  ]);
});

t.test('[FL-4] a secondary address of the gateway shows in the packet only', async (t) => {
  const { made } = natBench();
  made.subnet('deep', '10.0.3.0/24');
  made.host('d1', 'deep', '10.0.3.11');
  const nat = made.nat('public', { address: '10.0.1.60', secondary: ['10.0.1.61'] });
  made.route('deep', '0.0.0.0/0', { NatGatewayId: nat.id });
  made.lab.flowLog(made.vpcId, { ResourceIds: [made.subnetId('public')], ResourceType: 'Subnet' });
  made.publish();
  for (let port = 5000; port < 5020; port++) made.sendUdp('d1', SERVER, [port, 53]);
  const left = records(made, ['flow-direction', 'srcaddr', 'pkt-srcaddr']).filter((record) =>
    record.includes('egress'),
  );
  t.same(
    [...new Set(left)].toSorted(),
    ['10.0.1.60', '10.0.1.61'].map((used) => `nat 10.0.1.60 egress 10.0.1.60 ${used}`),
  );
});

t.test('[FL-6] two NAT gateways in a row log what each sees', async (t) => {
  const { made, nat } = bench();
  made.subnet('inner', '10.0.6.0/24');
  made.subnet('deep', '10.0.7.0/24');
  made.host('d1', 'deep', '10.0.7.11');
  const inner = made.nat('inner', { address: '10.0.6.50', isPrivate: true });
  made.route('inner', '0.0.0.0/0', { NatGatewayId: nat.id });
  made.route('deep', '0.0.0.0/0', { NatGatewayId: inner.id });
  for (const packet of ['first', 'second']) {
    const port = sourcePort(made.sendUdp('d1', SERVER, [5000, 53]));
    const [, came, left, cameThere, leftThere, ...rest] = records(made);
    t.equal(came, 'nat 10.0.6.50 ingress ACCEPT 10.0.7.11 198.51.100.10 5000 53 -', packet);
    const between = /egress ACCEPT 10\.0\.6\.50 198\.51\.100\.10 (\d+) 53 1$/.exec(left ?? '')?.[1];
    t.equal(
      cameThere,
      `nat 10.0.1.50 ingress ACCEPT 10.0.6.50 198.51.100.10 ${between} 53 -`,
      packet,
    );
    t.equal(leftThere, `nat 10.0.1.50 egress ACCEPT 10.0.1.50 198.51.100.10 ${port} 53 8`, packet);
    t.equal(rest.length, 1, 'and the server');
  }
});

t.test('[FL-3] a packet whose TTL ends at the gateway has come to it', async (t) => {
  const { made } = bench();
  const late = udpFrame(made.from('r1', made.address('r1'), SERVER), [5000, 53], { ttl: 1 });
  t.equal(made.inject('r1', late).counter, 'answered');
  t.same(records(made), [
    'r1 egress ACCEPT 10.0.2.11 198.51.100.10 5000 53 -',
    'nat 10.0.1.50 ingress ACCEPT 10.0.2.11 198.51.100.10 5000 53 -',
  ]);
  made.inject('r1', udpFrame(made.from('r1', made.address('r1'), ip('10.0.1.21')), [1, 2]));
  t.equal(records(made).length, 2, 'what does not come to it leaves nothing there');
});

t.test('[FL-3] the interface of a NAT gateway is silent, but there', async (t) => {
  const { made, nat } = bench();
  const folder = t.testdir();
  const files = new FlowLogFiles(folder);
  files.use(made.lab.snapshot, new Map());
  const span = { startMs: made.nowMs, endMs: made.nowMs + 60_000, isWhole: true };
  files.write({ ...span, rows: made.state.flowLogs.take() });
  const eniIds = [...made.lab.snapshot.enis.keys()];
  const silent = files.read(eniIds).split('\n').slice(0, -1);
  t.equal(silent.length, 1, 'no instance runs');
  t.match(silent[0], /^2 \d+ eni-\w+ - .* NODATA$/);
  made.act('DeleteNatGateway', { NatGatewayId: nat.id });
  files.use(made.lab.snapshot, new Map());
  files.write({ ...span, rows: made.state.flowLogs.take() });
  t.equal(files.read(eniIds).split('\n').length, 2, 'no more');
});
