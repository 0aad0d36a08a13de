/** Security groups: who is let in and out, and which flows outlive their rule. */
import t from 'tap';
import { icmpv6Frame } from '../../src/responders/icmpv6-frame.ts';
import { ip, subnetBlock } from './bench.ts';
import {
  ACK,
  ALL,
  ALL_6,
  FIN,
  FilterBench,
  RST,
  type Rule,
  SYN,
  SYN_ACK,
  tcp,
} from './filter-bench.ts';
import { icmpFrame, ip6, ipv4Frame, ipv6Frame, tcpFrame, udpFrame } from './frames.ts';

const FORWARDED = 'forwarded';
const DENIED = 'ENI_SG_RULES_MISMATCH';
const NO_RULES = 'SG_HAS_NO_RULES';
const SECOND = 1000;

/** A client and a server in two subnets; the client's group lets everything out and nothing in. */
function bench(serverRules: readonly Rule[], serverEgress: readonly Rule[] = [ALL]) {
  const made = new FilterBench();
  made.subnet('a', '10.0.1.0/24');
  made.subnet('b', '10.0.2.0/24');
  const clients = made.group('clients', []);
  const servers = made.group('servers', serverRules, serverEgress);
  made.host('client', 'a', '10.0.1.10', { groups: [clients] });
  made.host('server', 'b', '10.0.2.20', { groups: [servers] });
  return { made, clients, servers };
}

t.test('[SG-1] a packet passes when a rule of any group of the interface allows it', async (t) => {
  const { made, servers } = bench([tcp(80, '10.0.1.0/24')]);
  t.equal(made.tcp('client', 'server', [40_000, 80]), FORWARDED);
  t.equal(made.tcp('client', 'server', [40_000, 81]), DENIED);
  t.equal(made.udp('client', 'server', [40_000, 80]), DENIED);
  const more = made.group('more', [tcp(81, '10.0.1.10/32'), tcp(82, '10.0.9.0/24')]);
  made.setGroups('server', [servers, more]);
  t.equal(made.tcp('client', 'server', [40_001, 80]), FORWARDED);
  t.equal(made.tcp('client', 'server', [40_001, 81]), FORWARDED);
  t.equal(made.tcp('client', 'server', [40_001, 82]), DENIED, 'another source');
});

t.test('[SG-1] rules match ports by range, and ICMP by type and code', async (t) => {
  const { made } = bench([
    { protocol: 'udp', ports: [1000, 2000], cidr: '10.0.0.0/8' },
    { protocol: 'icmp', ports: [8, -1], cidr: '10.0.0.0/8' },
  ]);
  const rows: [port: number, counter: string][] = [
    [999, DENIED],
    [1000, FORWARDED],
    [2000, FORWARDED],
    [2001, DENIED],
  ];
  for (const [port, counter] of rows) t.equal(made.udp('client', 'server', [5, port]), counter);
  t.equal(made.ping('client', 'server'), FORWARDED);
  t.equal(made.ping('client', 'server', 'echo-reply', 99), DENIED, 'another type');
});

t.test('[SG-1] a group without a rule for the direction says so', async (t) => {
  const { made } = bench([]);
  t.equal(made.tcp('client', 'server', [40_000, 80]), NO_RULES);
  const silent = bench([ALL], []).made;
  t.equal(silent.tcp('server', 'client', [40_000, 80]), NO_RULES);
});

t.test('[NAT-4] an interface without groups, as AWS makes, sends and receives', async (t) => {
  const { made } = bench([tcp(80, '10.0.0.0/16')]);
  const node = made.host('node', 'a', '10.0.1.30');
  made.lab.store.edit((draft) => draft.put('enis', node.eniId, { ...node, groupIds: [] }));
  made.publish();
  made.connect('node', 'server', 80);
  t.equal(made.tcp('node', 'server', [40_000, 81]), DENIED, 'the groups of the other are asked');
  t.equal(made.tcp('client', 'node', [40_000, 5]), FORWARDED, 'nobody need have asked before');
  made.acl('a');
  made.publish();
  t.equal(made.tcp('node', 'server', [40_001, 80]), 'SUBNET_ACL_RESTRICTION', 'the ACL is asked');
});

t.test('[SG-1] outbound rules match the destination', async (t) => {
  const { made } = bench([], [tcp(443, '10.0.1.10/32'), tcp(80, '10.0.2.0/24')]);
  t.equal(made.tcp('server', 'client', [40_000, 443]), NO_RULES, 'lets it out, and not in');
  made.setGroups('client', [made.group('open', [ALL])]);
  t.equal(made.tcp('server', 'client', [40_000, 443]), FORWARDED);
  t.equal(made.tcp('server', 'client', [40_000, 80]), DENIED, 'a rule about the own block');
});

t.test('[SG-1] the reply needs no rule of its own', async (t) => {
  const { made } = bench([tcp(80, '10.0.1.0/24')], []);
  t.equal(made.tcp('server', 'client', [80, 40_000], SYN_ACK), NO_RULES, 'before the request');
  made.connect('client', 'server', 80);
  t.equal(made.tcp('server', 'client', [80, 40_000], ACK), FORWARDED);
  t.equal(made.tcp('server', 'client', [80, 40_001], ACK), NO_RULES, 'another connection');
});

t.test('[SG-2] members of the default group reach each other, others do not', async (t) => {
  const made = new FilterBench();
  made.subnet('a', '10.0.1.0/24');
  made.host('one', 'a', '10.0.1.11');
  made.host('two', 'a', '10.0.1.12');
  made.host('other', 'a', '10.0.1.13', { groups: [made.group('others', [])] });
  t.equal(made.tcp('one', 'two', [40_000, 80]), FORWARDED);
  t.equal(made.tcp('other', 'two', [40_000, 80]), DENIED);
  t.equal(made.tcp('one', 'other', [40_000, 80]), NO_RULES, 'a new group has no inbound rule');
});

t.test('[SG-3] a rule about a group means the private addresses of its members', async (t) => {
  const { made, clients, servers } = bench([]);
  made.change('Authorize', 'Ingress', servers, [
    { protocol: 'tcp', ports: [80, 80], group: clients },
  ]);
  t.equal(made.tcp('client', 'server', [40_000, 80]), FORWARDED);
  t.equal(made.tcp('server', 'client', [40_000, 80]), NO_RULES, 'it does not open the member');
  made.act('AssignPrivateIpAddresses', {
    NetworkInterfaceId: made.eni('client').eniId,
    PrivateIpAddresses: ['10.0.1.77'],
  });
  const ends = {
    ...made.between('client', 'server'),
    source: made.eni('client').addresses[1] ?? 0,
  };
  const secondary = udpFrame(ends as Parameters<typeof udpFrame>[0]);
  t.equal(made.inject('client', secondary).counter, DENIED, 'UDP');
  made.change('Authorize', 'Ingress', servers, [
    { protocol: 'udp', ports: [6000, 6000], group: clients },
  ]);
  t.equal(made.inject('client', secondary).counter, FORWARDED, 'the secondary address too');
  made.setGroups('client', [servers]);
  t.equal(made.tcp('client', 'server', [40_001, 80]), DENIED, 'no member any more');
});

t.test(
  '[RT-6] [SG-3] a middlebox keeps addresses, but not the groups that rules name',
  async (t) => {
    const { made, clients, servers } = bench([]);
    made.change('Authorize', 'Ingress', servers, [{ protocol: '-1', group: clients }]);
    // That the middlebox is a member itself makes no difference.
    made.host('box', 'a', '10.0.1.99', { sourceDestCheck: false, groups: [clients] });
    const ends = made.between('client', 'server');
    const forwarded = udpFrame({ ...ends, sourceMac: made.mac('box') });
    const lost = { counter: 'SG_REFERENCES_NOT_PRESERVED', delivered: [] };
    t.match(made.inject('box', forwarded), lost);
    t.equal(
      made.inject('box', udpFrame(made.between('box', 'server'))).counter,
      FORWARDED,
      'its own',
    );
    t.equal(made.inject('client', udpFrame(ends)).counter, FORWARDED, 'past it');
    const other = made.group('other', []);
    made.setGroups('client', [other]);
    const next = udpFrame({ ...ends, sourceMac: made.mac('box') }, [5001, 6000]);
    t.equal(made.inject('box', next).counter, DENIED, 'no rule names that group');
    const stranger = { ...ends, sourceMac: made.mac('box'), source: ip('192.0.2.1') };
    t.equal(made.inject('box', udpFrame(stranger)).counter, DENIED, 'nor this address');
    made.change('Authorize', 'Ingress', servers, [
      { protocol: 'udp', ports: [6000, 6000], cidr: '10.0.1.10/32' },
    ]);
    t.equal(made.inject('box', next).counter, FORWARDED, 'a block counts');
  },
);

t.test('[RT-6] [SG-1] what a tracked connection answers passes the middlebox', async (t) => {
  const { made, clients, servers } = bench([]);
  made.host('box', 'a', '10.0.1.99', {
    sourceDestCheck: false,
    groups: [made.group('boxes', [ALL])],
  });
  made.change('Authorize', 'Ingress', servers, [{ protocol: '-1', group: clients }]);
  made.connect('client', 'server', 80);
  const ends = { ...made.between('client', 'server'), sourceMac: made.mac('box') };
  t.equal(made.inject('box', tcpFrame(ends, [40_000, 80], ACK)).counter, FORWARDED);
  const anew = made.inject('box', tcpFrame(ends, [40_001, 80], SYN));
  t.equal(anew.counter, 'SG_REFERENCES_NOT_PRESERVED');
});

t.test('[RT-6] a rule for what leaves goes by the address of the member', async (t) => {
  const { made, servers } = bench([tcp(80, '10.0.1.0/24')]);
  const out = made.group('out', [ALL], [{ protocol: '-1', group: servers }]);
  made.host('box', 'a', '10.0.1.99', { sourceDestCheck: false, groups: [out] });
  const ends = { ...made.between('client', 'server'), sourceMac: made.mac('box') };
  t.equal(made.inject('box', tcpFrame(ends, [40_000, 80], SYN)).counter, FORWARDED);
});

t.test('[SG-3] a prefix list stands for its entries, also those that come later', async (t) => {
  const { made, servers } = bench([]);
  const list = made.lab.prefixList(['10.0.9.0/24']);
  made.change('Authorize', 'Ingress', servers, [{ protocol: 'udp', ports: [53, 53], list }]);
  t.equal(made.udp('client', 'server', [5, 53]), DENIED);
  made.act('ModifyManagedPrefixList', {
    PrefixListId: list,
    CurrentVersion: 1,
    AddEntries: [{ Cidr: '10.0.1.0/24' }],
  });
  t.equal(made.udp('client', 'server', [5, 53]), FORWARDED);
});

t.test('[SG-5] [SG-6] an untracked flow is cut with its rule, a tracked one goes on', async (t) => {
  const anywhere = tcp(80, '0.0.0.0/0');
  const near = tcp(22, '10.0.1.0/24');
  const { made, servers } = bench([anywhere, near]);
  made.connect('client', 'server', 80);
  made.connect('client', 'server', 22);
  made.change('Revoke', 'Ingress', servers, [anywhere, near]);
  t.equal(made.tcp('client', 'server', [40_000, 80], ACK), NO_RULES, 'untracked');
  t.equal(made.tcp('client', 'server', [40_000, 22], ACK), FORWARDED, 'tracked');
  t.equal(made.tcp('server', 'client', [22, 40_000], ACK), FORWARDED, 'tracked, the way back');
  t.equal(made.tcp('client', 'server', [40_001, 22], SYN), NO_RULES, 'a new connection');
});

t.test('[SG-5] both directions must be open to everybody for a flow to go untracked', async (t) => {
  const anywhere = tcp(80, '0.0.0.0/0');
  const { made, servers } = bench([anywhere], [{ ...ALL, cidr: '10.0.0.0/8' }]);
  made.connect('client', 'server', 80);
  made.change('Revoke', 'Ingress', servers, [anywhere]);
  t.equal(made.tcp('client', 'server', [40_000, 80], ACK), FORWARDED);
});

t.test('[SG-5] what leaves by an open rule is untracked when everything may come in', async (t) => {
  const { made, servers } = bench([ALL]);
  made.connect('client', 'server', 80);
  made.change('Revoke', 'Ingress', servers, [ALL]);
  t.equal(made.tcp('client', 'server', [40_000, 80], ACK), NO_RULES);
});

t.test('[SG-7] ICMP is tracked though everybody may send it', async (t) => {
  const rule: Rule = { protocol: 'icmp', ports: [-1, -1], cidr: '0.0.0.0/0' };
  const { made, servers } = bench([rule]);
  t.equal(made.ping('client', 'server'), FORWARDED);
  t.equal(made.ping('server', 'client', 'echo-reply'), FORWARDED);
  made.change('Revoke', 'Ingress', servers, [rule]);
  t.equal(made.ping('client', 'server'), FORWARDED, 'the same identifier');
  t.equal(made.ping('client', 'server', 'echo-request', 8), NO_RULES, 'another one');
});

t.test('[SG-7] a request does not come back as a reply', async (t) => {
  const { made } = bench([]);
  t.equal(made.ping('server', 'client'), NO_RULES);
  t.equal(made.ping('client', 'server'), NO_RULES, 'leaves the client, and is tracked there');
  t.equal(made.ping('server', 'client', 'echo-reply'), FORWARDED);
  t.equal(made.ping('server', 'client', 'echo-request'), NO_RULES);
});

t.test('[SG-7] other protocols are tracked by addresses and number for 600 s', async (t) => {
  const { made } = bench([{ protocol: '50', cidr: '10.0.0.0/8' }]);
  const esp = (from: string, to: string): string =>
    made.inject(from, ipv4Frame(made.between(from, to), 50, new Uint8Array(16))).counter;
  t.equal(esp('server', 'client'), NO_RULES);
  t.equal(esp('client', 'server'), FORWARDED);
  t.equal(esp('server', 'client'), FORWARDED, 'a reply');
  const other = ipv4Frame(made.between('server', 'client'), 51, new Uint8Array(16));
  t.equal(made.inject('server', other).counter, NO_RULES, 'another number');
  made.nowMs += 600 * SECOND;
  t.equal(esp('server', 'client'), FORWARDED, 'after 600 s');
  made.nowMs += 601 * SECOND;
  t.equal(esp('server', 'client'), NO_RULES, 'after more');
});

t.test('[SG-8] idle flows are forgotten after their time', async (t) => {
  const { made } = bench([
    tcp(80, '10.0.1.0/24'),
    { protocol: 'udp', ports: [53, 53], cidr: '10.0.1.0/24' },
  ]);
  made.connect('client', 'server', 80);
  made.nowMs += 432_000 * SECOND;
  t.equal(made.tcp('server', 'client', [80, 40_000], ACK), FORWARDED, 'TCP, five days');
  made.nowMs += 432_002 * SECOND;
  t.equal(made.tcp('server', 'client', [80, 40_000], ACK), NO_RULES, 'TCP, more');
  const oneWay = (idleS: number): string => {
    made.udp('client', 'server', [5, 53]);
    made.nowMs += idleS * SECOND;
    return made.udp('server', 'client', [53, 5]);
  };
  t.equal(oneWay(30), FORWARDED, 'UDP one way, 30 s');
  made.nowMs += 1000 * SECOND;
  t.equal(oneWay(31), NO_RULES, 'UDP one way, more');
  for (let round = 0; round < 2; round++) {
    made.udp('client', 'server', [6, 53]);
    made.udp('server', 'client', [53, 6]);
  }
  made.nowMs += 180 * SECOND;
  t.equal(made.udp('server', 'client', [53, 6]), FORWARDED, 'UDP stream, 180 s');
  made.nowMs += 182 * SECOND;
  t.equal(made.udp('server', 'client', [53, 6]), NO_RULES, 'UDP stream, more');
});

t.test('[SG-8] an interface may have timeouts of its own', async (t) => {
  const { made } = bench([tcp(80, '10.0.1.0/24')]);
  made.act('ModifyNetworkInterfaceAttribute', {
    NetworkInterfaceId: made.eni('client').eniId,
    ConnectionTrackingSpecification: { TcpEstablishedTimeout: 60 },
  });
  made.connect('client', 'server', 80);
  made.nowMs += 62 * SECOND;
  t.equal(made.tcp('server', 'client', [80, 40_000], ACK), NO_RULES);
});

t.test('[FL-3] a connection that was closed is tracked for a moment, then no more', async (t) => {
  const { made, servers } = bench([tcp(80, '10.0.1.0/24')]);
  made.connect('client', 'server', 80);
  t.equal(made.tcp('client', 'server', [40_000, 80], FIN), FORWARDED);
  t.equal(made.tcp('server', 'client', [80, 40_000], FIN), FORWARDED);
  t.equal(made.tcp('client', 'server', [40_000, 80], ACK), FORWARDED, 'the last ACK');
  made.nowMs += 11 * SECOND;
  t.equal(made.tcp('server', 'client', [80, 40_000], ACK), NO_RULES);
  made.connect('client', 'server', 80);
  t.equal(made.tcp('server', 'client', [80, 40_000], RST), FORWARDED);
  made.connect('client', 'server', 80);
  t.pass('the same ports open a new connection');
  t.equal(made.tcp('server', 'client', [80, 40_000], RST), FORWARDED);
  made.change('Revoke', 'Ingress', servers, [tcp(80, '10.0.1.0/24')]);
  t.equal(made.tcp('client', 'server', [40_000, 80], SYN), NO_RULES, 'which needs a rule');
});

t.test('[SG-10] an ICMP error passes when it is about a tracked flow', async (t) => {
  const { made } = bench([{ protocol: 'udp', ports: [33_434, 33_434], cidr: '10.0.1.0/24' }], []);
  const request = udpFrame(made.between('client', 'server'), [5, 33_434]);
  const error = (quote: Uint8Array): string => {
    const repr = { kind: 'unreachable', code: 3, nextHopMtu: 0, pointer: 0, quote } as const;
    return made.inject('server', icmpFrame(made.between('server', 'client'), repr)).counter;
  };
  t.equal(error(request.subarray(14)), NO_RULES, 'before the packet');
  t.equal(made.inject('client', request).counter, FORWARDED);
  t.equal(error(request.subarray(14)), FORWARDED);
  const other = udpFrame(made.between('client', 'server'), [6, 33_434]);
  t.equal(error(other.subarray(14)), NO_RULES, 'about another flow');
  t.equal(error(request.subarray(14, 30)), NO_RULES, 'a quote that is too short');
});

t.test('[SG-10] an ICMPv6 error is about no flow of IPv4', async (t) => {
  const made = new FilterBench();
  const block = made.ipv6();
  made.subnet('a', '10.0.1.0/24', subnetBlock(block, 1));
  const web = ['10.0.1.0/24', '2001:db8:0:101::/64'].map((cidr) => tcp(80, cidr));
  const clients = made.group('clients', [], [ALL, ALL_6]);
  const servers = made.group('servers', web, [ALL, ALL_6]);
  const [source, target] = ['2001:db8:0:101::11', '2001:db8:0:101::20'] as const;
  made.host('client', 'a', '10.0.1.11', { groups: [clients], ipv6: [source] });
  made.host('server', 'a', '10.0.1.20', { groups: [servers], ipv6: [target] });
  const link = made.between('client', 'server');
  const error = (quote: Uint8Array) => {
    const way = { ...link, source: ip6(source), destination: ip6(target), hopLimit: 64 };
    const repr = { kind: 'unreachable', code: 1, parameter: 0, quote } as const;
    return made.inject('client', icmpv6Frame(way, repr)).counter;
  };
  made.connect('client', 'server', 80);
  const reply4 = tcpFrame(made.between('server', 'client'), [80, 40_000], SYN_ACK);
  t.equal(error(reply4.subarray(14)), DENIED, 'though the server has that connection');
  const request6 = ipv6Frame(link, source, target, {
    payload: tcpFrame(link, [40_000, 80], SYN).subarray(34),
    nextHeader: 6,
  });
  t.equal(made.inject('client', request6).counter, FORWARDED);
  const reply6 = ipv6Frame(made.between('server', 'client'), target, source, {
    payload: tcpFrame(link, [80, 40_000], SYN_ACK).subarray(34),
    nextHeader: 6,
  });
  t.equal(error(reply6.subarray(14)), FORWARDED);
});

t.test('[SG-11] groups filter within a subnet, by the real source address', async (t) => {
  const made = new FilterBench();
  made.subnet('a', '10.0.1.0/24');
  const open = made.group('open', [ALL]);
  const closed = made.group('closed', [{ protocol: '-1', cidr: '192.0.2.0/24' }]);
  made.host('one', 'a', '10.0.1.11', { groups: [open], sourceDestCheck: false });
  made.host('two', 'a', '10.0.1.12', { groups: [closed] });
  t.equal(made.udp('one', 'two', [1, 2]), DENIED);
  const forwarded = { ...made.between('one', 'two'), source: 0xc000_0201 };
  t.equal(
    made.inject('one', udpFrame(forwarded as Parameters<typeof udpFrame>[0])).counter,
    FORWARDED,
  );
});
