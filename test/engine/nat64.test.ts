/** NAT64: guests that speak IPv6 only reach IPv4 behind 64:ff9b::/96 by a NAT gateway. */
import assert from 'node:assert/strict';
import t from 'tap';
import { formatIpv4 } from '../../src/addr/ipv4.ts';
import { ipv6FromWords } from '../../src/addr/ipv6.ts';
import { readFlowLogRows } from '../../src/dataplane/flow/flow-log-table.ts';
import { formatFlow } from '../../src/engine/flow-log-lines.ts';
import type { FlowLogField } from '../../src/model/flow-logs.ts';
import { readU16 } from '../../src/packet/bytes.ts';
import { addressSum6 } from '../../src/packet/checksum.ts';
import { emitIcmpv6, type Icmpv6Repr, icmpv6Size } from '../../src/packet/icmpv6.ts';
import {
  IPPROTO_ICMP,
  IPPROTO_ICMPV6,
  IPPROTO_TCP,
  IPPROTO_UDP,
  parseIpv4Header,
} from '../../src/packet/ipv4.ts';
import { IPPROTO_FRAGMENT, parseIpv6Header } from '../../src/packet/ipv6.ts';
import { NAT64_PREFIX_WORD } from '../../src/packet/siit-header.ts';
import { emitTcp, TCP_ACK, TCP_RST, TCP_SYN } from '../../src/packet/tcp.ts';
import { dissect } from '../packet/dissect.ts';
import { type Delivered, ip, type Outcome } from './bench.ts';
import { arrival } from './edge-bench.ts';
import { echoFrame, icmpFrame, ip6, ipv6Frame, tcpFrame, udpDatagram, udpFrame } from './frames.ts';
import { type NatBench, SERVER, sourcePort, THERE } from './nat-bench.ts';
import { GUEST, nat64Bench, SERVER_6 } from './nat64-bench.ts';
import { injectSuper, superFrameOn } from './super-frame.ts';

const IDLE_MS = 350_000;

interface SendOptions {
  readonly hopLimit?: number;
  readonly to?: string;
  readonly source?: string;
}

/** Sends from g1. @param make Makes the upper layer of the sum of both addresses. */
function send(
  made: NatBench,
  nextHeader: number,
  make: (sum: number) => Uint8Array,
  { hopLimit = 64, to = SERVER_6, source = GUEST }: SendOptions = {},
): Outcome {
  const link = { sourceMac: made.mac('g1'), destinationMac: made.routerMac('g1') };
  const payload = make(addressSum6(ip6(source), ip6(to)));
  return made.inject('g1', ipv6Frame(link, source, to, { nextHeader, payload, hopLimit }));
}

function udp(made: NatBench, size = 6, options: SendOptions = {}): Outcome {
  const payload = new Uint8Array(size).fill(7);
  return send(made, IPPROTO_UDP, (sum) => udpDatagram(THERE, payload, sum), options);
}

function tcp(made: NatBench, flags: number, options: SendOptions = {}): Outcome {
  const empty = new Uint8Array(0);
  const numbers = { sequence: 1, acknowledgement: 1, window: 1, urgentPointer: 0 };
  const [sourcePort, destinationPort] = THERE;
  const repr = { ...numbers, sourcePort, destinationPort, flags, options: empty, payload: empty };
  const make = (sum: number): Uint8Array => {
    const segment = new Uint8Array(20);
    emitTcp(repr, sum, segment, 0);
    return segment;
  };
  return send(made, IPPROTO_TCP, make, options);
}

function icmp(made: NatBench, message: Icmpv6Repr, options: SendOptions = {}): Outcome {
  const make = (sum: number): Uint8Array => {
    const bytes = new Uint8Array(icmpv6Size(message));
    emitIcmpv6(message, sum, bytes, 0);
    return bytes;
  };
  return send(made, IPPROTO_ICMPV6, make, options);
}

const PING: Icmpv6Repr = {
  kind: 'echo-request',
  identifier: 7,
  sequence: 1,
  payload: Buffer.from('vpclab'),
};

/** @returns the one frame by which the fabric has answered. */
function answerOf({ counter, delivered }: Outcome): Delivered & ReturnType<typeof dissect> {
  assert.equal(counter, 'answered');
  const [one] = delivered;
  assert(one !== undefined && delivered.length === 1);
  return { ...one, ...dissect(one.frame) };
}

const behindPrefix = (word: number) => ipv6FromWords(NAT64_PREFIX_WORD, 0, 0, word | 0);

t.test(
  '[NAT-8] TCP and UDP go out as IPv4 of the gateway, and their answers as IPv6',
  async (t) => {
    const { made, nat } = nat64Bench();
    for (const flow of ['decided', 'remembered']) {
      const out = arrival(udp(made));
      t.match(
        out,
        { to: 'server', ip: { source: nat.outside, destination: SERVER, ttl: 63 } },
        flow,
      );
      t.match(out.upper, { destinationPort: 80, payload: { length: 6 } });
      const port = sourcePort({ counter: 'forwarded', delivered: [out] });
      const answer = udpFrame(made.from('server', SERVER, nat.outside), [80, port], { ttl: 9 });
      const back = arrival(made.inject('server', answer));
      const ends = { source: ip6(SERVER_6), destination: ip6(GUEST) };
      t.match(back, { to: 'g1', ip: { ...ends, hopLimit: 8, flowLabel: 0 } }, flow);
      t.match(back.ethernet, { source: made.routerMac('g1'), destination: made.mac('g1') });
      t.match(back.upper, { sourcePort: 80, destinationPort: THERE[0] });
    }
    const syn = arrival(tcp(made, TCP_SYN));
    t.match(syn, { to: 'server', upper: { flags: TCP_SYN } });
    const port = sourcePort({ counter: 'forwarded', delivered: [syn] });
    const ends = made.from('server', SERVER, nat.outside);
    const answer = made.inject('server', tcpFrame(ends, [80, port], TCP_SYN | TCP_ACK));
    t.match(arrival(answer), { to: 'g1', upper: { destinationPort: THERE[0] } });
    t.match(made.inject('server', tcpFrame(ends, [81, port], TCP_SYN)), {
      counter: 'NAT_GATEWAY_NO_CONNECTION',
    });
  },
);

t.test('[NAT-8] an echo goes there and back, and a flow remembers it', async (t) => {
  const { made, nat } = nat64Bench();
  for (const flow of ['decided', 'remembered']) {
    const out = arrival(icmp(made, PING));
    t.match(out, { to: 'server', ip: { source: nat.outside }, upper: { kind: 'echo-request' } });
    const { upper } = out;
    assert(upper !== null && 'identifier' in upper);
    const reply = echoFrame(
      made.from('server', SERVER, nat.outside),
      'echo-reply',
      upper.identifier,
    );
    const back = arrival(made.inject('server', reply));
    t.match(back.upper, { kind: 'echo-reply', identifier: 7, payload: PING.payload }, flow);
    t.match(back.ip, { source: ip6(SERVER_6), destination: ip6(GUEST) }, flow);
  }
  t.ok(made.state.flows.hits >= 4, 'both forms, both ways');
});

t.test('[NAT-8] private IPv4 is reached in the VPC, and not by an internet gateway', async (t) => {
  const { made, nat } = nat64Bench();
  const near = arrival(udp(made, 6, { to: '64:ff9b::10.0.1.21' }));
  t.match(near, { to: 'p1', ip: { source: nat.inside, destination: ip('10.0.1.21') } });
  const drops = [
    ['64:ff9b::10.9.9.9', 'IGW_DESTINATION_ADDRESS_NOT_IN_RFC1918_EGRESS'],
    ['64:ff9b::192.168.0.1', 'IGW_DESTINATION_ADDRESS_NOT_IN_RFC1918_EGRESS'],
    ['64:ff9b::100.64.0.1', 'IGW_DESTINATION_ADDRESS_NOT_IN_RFC6598_EGRESS'],
    ['64:ff9b::224.0.0.1', 'MULTICAST_NOT_FORWARDED'],
  ] as const;
  for (const flow of ['decided', 'remembered']) {
    for (const [to, counter] of drops) t.match(udp(made, 6, { to }), { counter }, `${flow} ${to}`);
  }
});

t.test('[NAT-1][NAT-3][NAT-6] the rules of the gateway hold for IPv6 too', async (t) => {
  const { made } = nat64Bench();
  const sctp = send(made, 132, () => new Uint8Array(12));
  t.equal(sctp.counter, 'NAT_GATEWAY_PROTOCOL_NOT_SUPPORTED');
  const icmpv4 = send(made, IPPROTO_ICMP, () => new Uint8Array(12));
  t.equal(icmpv4.counter, 'NAT_GATEWAY_PROTOCOL_NOT_SUPPORTED');
  const fragment = (protocol: number, more: Uint8Array) =>
    send(made, IPPROTO_FRAGMENT, () => Uint8Array.from([protocol, 0, 0, 1, 0, 0, 0, 9, ...more]));
  const first = fragment(IPPROTO_TCP, new Uint8Array(24));
  t.equal(first.counter, 'NAT_GATEWAY_FRAGMENT');
  const datagram = udpDatagram(THERE, new Uint8Array(24), addressSum6(ip6(GUEST), ip6(SERVER_6)));
  const piece = arrival(fragment(IPPROTO_UDP, datagram.subarray(0, 16)));
  t.match(piece.ip, { identification: 9, moreFragments: true, dontFragment: false });
  // A routing header: the packet is still to visit another place.
  const routed = Uint8Array.from([IPPROTO_UDP, 2, 2, 1, ...new Uint8Array(20), ...datagram]);
  t.equal(send(made, 43, () => routed).counter, 'NAT64_NO_OTHER_FORM');
  made.checkOff(made.eni('g1').eniId);
  const stranger = udp(made, 6, { source: '2001:db8:9::1' });
  t.equal(stranger.counter, 'NGW_REQUIRES_SOURCE_IN_VPC');
});

t.test('[NAT-8][MTU-4] a guest of MTU 9001 is told how much gets through', async (t) => {
  const { made } = nat64Bench();
  for (const flow of ['decided', 'remembered']) {
    for (const size of [8000, 1473]) {
      const told = answerOf(udp(made, size));
      t.equal(told.to, 'g1', flow);
      // From the router of the gateway's subnet, by way of the gateway.
      const ends = { source: behindPrefix(ip('10.0.1.1')), destination: ip6(GUEST) };
      t.match(told.ip, { ...ends, hopLimit: 63 }, flow);
      t.match(told.upper, { kind: 'packet-too-big', parameter: 1520 }, flow);
      const { upper } = told;
      assert(upper !== null && 'quote' in upper);
      const start = new Uint8Array(48 + size);
      start.set(upper.quote);
      const wanted = { source: ip6(GUEST), destination: ip6(SERVER_6), payloadSize: 8 + size };
      t.match(parseIpv6Header(start, 0, start.length), wanted, 'it quotes what the guest has sent');
      t.equal(readU16(upper.quote, 40), THERE[0]);
    }
    const full = arrival(udp(made, 1472));
    t.match(full.ip, { dontFragment: true, payloadSize: 1480 }, flow);
    t.equal(full.frame.length, 14 + 1500);
  }
  const [guest, router] = [made.mac('g1'), made.routerMac('g1')];
  t.match(answerOf(udp(made, 8500)).upper, { parameter: 8500 }, 'the router before the gateway');
  t.match(answerOf(udp(made, 8500)).ethernet, { source: router, destination: guest });
});

t.test('[NAT-5][NAT-8] the gateway is a hop, and shows behind the prefix', async (t) => {
  const { made, nat } = nat64Bench();
  for (const flow of ['decided', 'remembered']) {
    for (const hopLimit of [0, 1]) {
      for (const probe of [udp(made, 6, { hopLimit }), icmp(made, PING, { hopLimit })]) {
        const told = answerOf(probe);
        t.match(told.ip, { source: behindPrefix(nat.inside), destination: ip6(GUEST) }, flow);
        t.match(told.upper, { kind: 'time-exceeded', code: 0 }, flow);
      }
    }
    t.match(arrival(udp(made, 6, { hopLimit: 2 })), { to: 'server', ip: { ttl: 1 } }, flow);
    t.match(arrival(icmp(made, PING, { hopLimit: 2 })), { to: 'server', ip: { ttl: 1 } }, flow);
  }
});

t.test(
  '[NAT-8] errors of routers and hosts outside reach the guest, its own reach them',
  async (t) => {
    const { made, nat } = nat64Bench();
    const out = arrival(udp(made));
    const sent = out.frame.subarray(14);
    const router = ip('198.51.100.77');
    const ends = made.from('server', SERVER, nat.outside);
    const quote = { nextHopMtu: 0, pointer: 0, quote: sent };
    const told = arrival(
      made.inject('server', icmpFrame(ends, { ...quote, kind: 'unreachable', code: 3 })),
    );
    t.match(told.ip, { source: ip6(SERVER_6), destination: ip6(GUEST) });
    t.match(told.upper, { kind: 'unreachable', code: 4 });
    const { upper } = told;
    assert(upper !== null && 'quote' in upper);
    const wanted = { source: ip6(GUEST), destination: ip6(SERVER_6) };
    t.match(parseIpv6Header(upper.quote, 0, upper.quote.length), wanted);
    t.equal(readU16(upper.quote, 40), THERE[0], 'with its own port');
    made.internet.act('ModifyNetworkInterfaceAttribute', {
      NetworkInterfaceId: made.eni('server').eniId,
      SourceDestCheck: { Value: false },
    });
    made.publish();
    const hop = made.from('server', router, nat.outside);
    const exceeded = made.inject(
      'server',
      icmpFrame(hop, { ...quote, kind: 'time-exceeded', code: 0 }),
    );
    t.match(arrival(exceeded), { ip: { source: behindPrefix(router) } }, 'a router on the way');
    const big = { ...quote, kind: 'unreachable', code: 4, nextHopMtu: 1400 } as const;
    t.match(arrival(made.inject('server', icmpFrame(ends, big))).upper, { parameter: 1420 });
    const port = sourcePort({ counter: 'forwarded', delivered: [out] });
    const answer = made.inject('server', udpFrame(ends, [80, port]));
    const got = arrival(answer).frame.subarray(14);
    const own = icmp(made, { kind: 'unreachable', code: 4, parameter: 0, quote: got });
    t.match(arrival(own), { to: 'server', ip: { source: nat.outside } });
    const { upper: said } = dissect(arrival(own).frame);
    assert(said !== null && 'quote' in said);
    t.match(said, { kind: 'unreachable', code: 3 });
    const back = { source: SERVER, destination: nat.outside };
    t.match(
      parseIpv4Header(said.quote, 0, said.quote.length),
      back,
      'it quotes what the server sent',
    );
    t.equal(readU16(said.quote, 22), port);
  },
);

t.test('[NAT-2][NAT-8] a connection that was idle for too long is reset', async (t) => {
  const { made } = nat64Bench();
  arrival(tcp(made, TCP_SYN));
  t.match(arrival(tcp(made, TCP_ACK)), { to: 'server' });
  made.nowMs += IDLE_MS;
  const reset = answerOf(tcp(made, TCP_ACK));
  t.match(reset.ip, { source: ip6(SERVER_6), destination: ip6(GUEST) });
  t.match(reset.upper, { sourcePort: 80, destinationPort: THERE[0], flags: TCP_RST, sequence: 1 });
  t.equal(tcp(made, TCP_ACK | TCP_RST).counter, 'NAT_GATEWAY_NO_CONNECTION');
});

t.test('[NAT-8] each segment of a super-frame goes by itself, both ways', async (t) => {
  const { made, nat } = nat64Bench();
  const port = sourcePort(tcp(made, TCP_SYN));
  const way = { sourceMac: made.mac('g1'), destinationMac: made.routerMac('g1') };
  const ends = {
    ipv4: [SERVER, nat.outside] as const,
    ipv6: [ip6(GUEST), ip6(SERVER_6)] as const,
  };
  const header = { sequence: 2, acknowledgement: 1, flags: TCP_ACK, window: 9, urgentPointer: 0 };
  const ports = { sourcePort: THERE[0], destinationPort: 80, options: new Uint8Array(0) };
  const payload = Uint8Array.from({ length: 4000 }, (_, place) => place & 0xff);
  const parts = { tcp: { ...header, ...ports }, payload, gsoSize: 1440 };
  const out = injectSuper(made, 'g1', superFrameOn({ ...way, ...ends }, { ...parts, family: 6 }));
  t.equal(out.counter, 'forwarded');
  const payloads = (outcome: Outcome) =>
    outcome.delivered.map(({ frame }) => {
      const { upper } = dissect(frame);
      assert(upper !== null && 'payload' in upper);
      return upper.payload;
    });
  t.same(
    out.delivered.map(({ to }) => to),
    ['server', 'server', 'server'],
  );
  t.same(Buffer.concat(payloads(out)), Buffer.from(payload));
  const link = { sourceMac: made.mac('server'), destinationMac: made.routerMac('server') };
  const tcpBack = { ...header, ...ports, sourcePort: 80, destinationPort: port };
  const answer = superFrameOn({ ...link, ...ends }, { ...parts, tcp: tcpBack, family: 4 });
  const back = injectSuper(made, 'server', answer);
  t.same(
    back.delivered.map(({ to }) => to),
    ['g1', 'g1', 'g1'],
  );
  t.same(Buffer.concat(payloads(back)), Buffer.from(payload));
  const large = superFrameOn({ ...way, ...ends }, { ...parts, family: 6, gsoSize: 2000 });
  t.equal(injectSuper(made, 'g1', large).counter, 'answered', 'its segments are too big');
});

t.test('[NAT-8] an answer never goes the way of the flow that came after its own', async (t) => {
  const { made, nat } = nat64Bench({ natCapacity: 1 });
  const port = sourcePort(tcp(made, TCP_SYN));
  const ends = made.from('server', SERVER, nat.outside);
  const answer = (flags: number) => made.inject('server', tcpFrame(ends, [80, port], flags));
  t.match(arrival(answer(TCP_SYN | TCP_ACK)), { to: 'g1' });
  t.match(arrival(answer(TCP_ACK)), { to: 'g1' });
  t.match(arrival(tcp(made, TCP_RST)), { to: 'server' }, 'its flow ends');
  t.match(arrival(udp(made, 6, { to: '64:ff9b::10.0.1.21' })), { to: 'p1' }, 'in its place');
  t.equal(answer(TCP_ACK).counter, 'NAT_GATEWAY_NO_CONNECTION');
});

t.test('[NAT-8][FL-6] the guest logs IPv6, the other end IPv4, the gateway both', async (t) => {
  const { made, nat } = nat64Bench();
  made.lab.flowLog(made.vpcId);
  const [abroad] = made.internet.snapshot.vpcs.keys();
  made.internet.flowLog(abroad ?? '');
  made.publish();
  const fields: readonly FlowLogField[] = [
    ...(['flow-direction', 'action', 'pkt-srcaddr', 'pkt-dstaddr', 'packets'] as const),
    ...(['srcport', 'dstport', 'traffic-path'] as const),
  ];
  const records = () =>
    readFlowLogRows(made.state.flowLogs.take(), made.nowMs).map((row) => {
      const eni = [...made.fabric.enis.values()].find(({ mac }) => mac === row.mac);
      assert(eni !== undefined && !row.isSkipped);
      const host = ['g1', 'server'].find((name) => made.mac(name) === row.mac) ?? 'nat';
      const { accountId, region } = made.lab.snapshot;
      return `${host} ${formatFlow(fields, { eni, accountId, region }, row)}`;
    });
  const world = formatIpv4(nat.outside);
  for (const flow of ['decided', 'remembered']) {
    const port = sourcePort(udp(made));
    const toServer = [
      `g1 egress ACCEPT ${GUEST} 64:ff9b::c633:640a 1 40000 80 1`,
      `nat ingress ACCEPT ${GUEST} 64:ff9b::c633:640a 1 40000 80 -`,
      `nat egress ACCEPT 10.0.1.50 198.51.100.10 1 ${port} 80 8`,
      `server ingress ACCEPT ${world} 198.51.100.10 1 ${port} 80 -`,
    ];
    t.same(records(), toServer, flow);
    made.inject('server', udpFrame(made.from('server', SERVER, nat.outside), [80, port]));
    const toGuest = [
      `server egress ACCEPT 198.51.100.10 ${world} 1 80 ${port} 8`,
      `nat ingress ACCEPT 198.51.100.10 10.0.1.50 1 80 ${port} -`,
      `nat egress ACCEPT 64:ff9b::c633:640a ${GUEST} 1 80 40000 1`,
      `g1 ingress ACCEPT 64:ff9b::c633:640a ${GUEST} 1 80 40000 -`,
    ];
    t.same(records(), toGuest, flow);
  }
  const acl = made.acl('public');
  const sent = `g1 egress ACCEPT ${GUEST} 64:ff9b::c633:640a 1 40000 80`;
  const came = (action: string) => `nat ingress ${action} ${GUEST} 64:ff9b::c633:640a 1 40000 80 -`;
  t.equal(udp(made).counter, 'SUBNET_ACL_RESTRICTION', 'on the way in');
  t.same(records(), [`${sent} -`, came('REJECT')]);
  made.act('CreateNetworkAclEntry', {
    ...{ NetworkAclId: acl, RuleNumber: 100, RuleAction: 'allow', Egress: false },
    ...{ Protocol: '-1', Ipv6CidrBlock: '::/0' },
  });
  t.equal(udp(made).counter, 'SUBNET_ACL_RESTRICTION', 'on the way out');
  const [guest, arrived, left = ''] = records();
  t.same([guest, arrived], [`${sent} 1`, came('ACCEPT')]);
  t.match(left, /^nat egress REJECT 10\.0\.1\.50 198\.51\.100\.10 1 \d+ 80 -$/);
});
