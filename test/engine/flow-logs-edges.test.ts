/** What flow logs say of packets through gateways: each interface has the addresses that it sees. */
import t from 'tap';
import { readFlowLogRows } from '../../src/dataplane/flow/flow-log-table.ts';
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

/** Ends the window. @returns its records, each behind the name of the host. */
function records(made: NatBench, hosts = ['r1', 'p1', 'server']): string[] {
  const { accountId, region } = made.lab.snapshot;
  return readFlowLogRows(made.state.flowLogs.take(), made.nowMs).map((row) => {
    const host = hosts.find((name) => made.mac(name) === row.mac) ?? 'nobody';
    if (row.isSkipped) return `${host} SKIPPED`;
    return `${host} ${formatFlow(FIELDS, { eni: made.eni(host), accountId, region }, row)}`;
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

t.test('[FL-6] through a NAT gateway the path is 1: it is a resource of the VPC', async (t) => {
  const { made, nat } = bench();
  for (const flow of ['decided', 'remembered']) {
    const port = sourcePort(made.sendUdp('r1', SERVER, [5000, 53]));
    t.same(
      records(made),
      [
        'r1 egress ACCEPT 10.0.2.11 198.51.100.10 5000 53 1',
        `server ingress ACCEPT ${text(nat.outside)} 198.51.100.10 ${port} 53 -`,
      ],
      flow,
    );
    made.inject('server', udpFrame(made.from('server', SERVER, nat.outside), [53, port]));
    t.same(
      records(made),
      [
        `server egress ACCEPT 198.51.100.10 ${text(nat.outside)} 53 ${port} 8`,
        'r1 ingress ACCEPT 198.51.100.10 10.0.2.11 53 5000 -',
      ],
      flow,
    );
  }
});

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
  t.same(records(made), [knock], 'the gateway knows nothing of it');
});

t.test(
  '[FL-3] the ACL of the gateway’s subnet rejects nothing at its guest’s interface',
  async (t) => {
    const { made } = bench();
    const acl = made.acl('public');
    const accepted = ['r1 egress ACCEPT 10.0.2.11 198.51.100.10 5000 53 -'];
    made.sendUdp('r1', SERVER, [5000, 53]);
    t.same(records(made), accepted, 'on the way in');
    made.entry(acl, 'ingress', 100, 'allow', { protocol: '-1', cidr: '0.0.0.0/0' });
    made.sendUdp('r1', SERVER, [5000, 53]);
    t.same(records(made), accepted, 'on the way out');
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
    'r1 ingress REJECT 198.51.100.10 10.0.2.11 53 5000 -',
  ]);
});
