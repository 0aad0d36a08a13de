/** Network ACLs: stateless, at the edge of the subnet; and what no filter ever sees. */
import t from 'tap';
import { ip } from './bench.ts';
import { ACK, ALL, FilterBench, SYN, SYN_ACK, tcp } from './filter-bench.ts';
import { arpFrame, echoFrame, udpFrame } from './frames.ts';

const FORWARDED = 'forwarded';
const DENIED = 'SUBNET_ACL_RESTRICTION';

/** Hosts whose groups let everything through, in two subnets; subnet b has an ACL without entries. */
function bench() {
  const made = new FilterBench({ openGroup: true });
  made.subnet('a', '10.0.1.0/24');
  made.subnet('b', '10.0.2.0/24');
  made.host('client', 'a', '10.0.1.10');
  made.host('server', 'b', '10.0.2.20');
  made.host('neighbour', 'b', '10.0.2.21');
  return { made, acl: made.acl('b') };
}

t.test('[ACL-1] the lowest number that matches decides', async (t) => {
  const { made, acl } = bench();
  t.equal(made.tcp('client', 'server', [40_000, 80]), DENIED, 'the final denial');
  made.entry(acl, 'ingress', 200, 'allow', tcp(80, '10.0.1.0/24'));
  t.equal(made.tcp('client', 'server', [40_000, 80]), FORWARDED);
  made.entry(acl, 'ingress', 100, 'deny', tcp(80, '10.0.1.10/32'));
  t.equal(made.tcp('client', 'server', [40_000, 80]), DENIED, 'a flow that was known');
  made.entry(acl, 'ingress', 50, 'allow', { protocol: '6', ports: [1, 100], cidr: '10.0.0.0/8' });
  t.equal(made.tcp('client', 'server', [40_000, 80]), FORWARDED);
  t.equal(made.udp('client', 'server', [40_000, 80]), DENIED, 'another protocol');
});

t.test('[ACL-1] the way back needs an entry of its own', async (t) => {
  const { made, acl } = bench();
  made.entry(acl, 'ingress', 100, 'allow', ALL);
  t.equal(made.tcp('client', 'server', [40_000, 80], SYN), FORWARDED);
  t.equal(made.tcp('server', 'client', [80, 40_000], SYN_ACK), DENIED);
  made.entry(acl, 'egress', 100, 'allow', {
    protocol: '6',
    ports: [1024, 65_535],
    cidr: '10.0.0.0/8',
  });
  t.equal(made.tcp('server', 'client', [80, 40_000], SYN_ACK), FORWARDED);
  t.equal(made.tcp('client', 'server', [40_000, 80], ACK), FORWARDED);
});

t.test('[ACL-1] ICMP entries match type and code', async (t) => {
  const { made, acl } = bench();
  made.entry(acl, 'ingress', 100, 'allow', { protocol: '1', ports: [8, -1], cidr: '10.0.0.0/8' });
  made.entry(acl, 'egress', 100, 'allow', { protocol: '1', ports: [0, 0], cidr: '10.0.0.0/8' });
  t.equal(made.ping('client', 'server'), FORWARDED);
  t.equal(made.ping('server', 'client', 'echo-reply'), FORWARDED);
  t.equal(made.ping('server', 'client', 'echo-request'), DENIED);
});

t.test('[ACL-2] inside a subnet no ACL is looked at', async (t) => {
  const { made } = bench();
  t.equal(made.tcp('server', 'neighbour', [40_000, 80]), FORWARDED);
});

t.test('[ACL-3] the default ACL allows all, a new one denies all', async (t) => {
  const { made } = bench();
  made.subnet('c', '10.0.3.0/24');
  made.host('third', 'c', '10.0.3.30');
  t.equal(made.tcp('client', 'third', [40_000, 80]), FORWARDED);
  t.equal(made.tcp('client', 'server', [40_000, 80]), DENIED);
  t.equal(made.tcp('server', 'client', [40_000, 80]), DENIED);
});

t.test(
  '[ACL-4] groups come before the ACL on the way out, and behind it on the way in',
  async (t) => {
    const { made } = bench();
    const closed = made.group('closed', [], []);
    made.setGroups('server', [closed]);
    t.equal(made.tcp('server', 'client', [40_000, 80]), 'SG_HAS_NO_RULES');
    t.equal(made.tcp('client', 'server', [40_000, 80]), DENIED);
  },
);

t.test(
  '[ACL-5] what goes to the router and back into its subnet has not crossed the edge',
  async (t) => {
    const { made } = bench();
    const ends = {
      ...made.between('server', 'neighbour'),
      destinationMac: made.routerMac('server'),
    };
    t.equal(made.inject('server', udpFrame(ends)).counter, FORWARDED);
  },
);

t.test('[ARP-3] [UNF-1] neither groups nor ACLs filter ARP, DHCP and the router', async (t) => {
  const { made } = bench();
  const closed = made.group('closed', [], []);
  made.setGroups('server', [closed]);
  made.setGroups('neighbour', [closed]);
  const server = made.mac('server');
  const ask = (address: string): string =>
    made.inject('server', arpFrame(server, ip('10.0.2.20'), ip(address))).counter;
  t.equal(ask('10.0.2.21'), 'answered', 'ARP for a neighbour');
  t.equal(ask('10.0.2.1'), 'answered', 'ARP for the router');
  const toRouter = { ...made.between('server', 'client', '10.0.2.1') };
  t.equal(made.inject('server', echoFrame(toRouter)).counter, 'answered', 'echo of the router');
  const dhcp = made.inject('server', udpFrame(toRouter, [68, 67])).counter;
  t.equal(dhcp, 'DHCP_MALFORMED', 'DHCP gets to its responder');
  const resolver = { ...toRouter, destination: ip('10.0.0.2') };
  const dns = made.inject('server', udpFrame(resolver, [5, 53])).counter;
  t.equal(dns, 'LINK_LOCAL_SERVICE_ABSENT', 'DNS gets to its service');
  t.equal(made.udp('server', 'neighbour', [1, 2]), 'SG_HAS_NO_RULES', 'all else is filtered');
});
