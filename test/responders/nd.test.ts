/** Neighbour discovery, router advertisements and ping over IPv6, with frames of a real kernel. */
import t from 'tap';
import { createRandom, mutate } from '../../scripts/mutate.ts';
import { type Ipv6Addr, linkLocalOf } from '../../src/addr/ipv6.ts';
import type { MacAddr } from '../../src/addr/mac.ts';
import type { DropCode } from '../../src/dataplane/drop-reason.ts';
import type { Icmpv6Repr } from '../../src/packet/icmpv6.ts';
import type { ResponderAnswer } from '../../src/responders/answer.ts';
import { answerIcmpv6Echo } from '../../src/responders/icmpv6.ts';
import { icmpv6Frame } from '../../src/responders/icmpv6-frame.ts';
import { answerNd, type NdView } from '../../src/responders/nd.ts';
import { routerAdvertisement } from '../../src/responders/ra.ts';
import { dissect } from '../packet/dissect.ts';
import { readVector } from '../packet/hex-file.ts';
import {
  block6,
  ENI_LINK_LOCAL,
  ENI_MAC,
  ip6,
  mac,
  ND_VIEW,
  OWN,
  PEER,
  PEER_MAC,
  ROUTER,
  ROUTER_MAC,
} from './ipv6-views.ts';

const ALL_NODES = { mac: mac('33:33:00:00:00:01'), addr: ip6('ff02::1') };
const UNSPECIFIED = 0n as Ipv6Addr;

interface Sent {
  readonly source?: Ipv6Addr;
  readonly sourceMac?: MacAddr;
  readonly linkMac?: MacAddr | null;
  readonly hopLimit?: number;
}

function frameOf(message: Icmpv6Repr, sent: Sent = {}): Uint8Array {
  return icmpv6Frame(
    {
      sourceMac: sent.sourceMac ?? ENI_MAC,
      destinationMac: mac('33:33:ff:00:00:01'),
      source: sent.source ?? OWN,
      destination: ip6('ff02::1:ff00:1'),
      hopLimit: sent.hopLimit ?? 255,
    },
    message,
  );
}

function ask(target: Ipv6Addr, sent: Sent = {}, view: NdView = ND_VIEW): ResponderAnswer {
  const linkMac = sent.linkMac === undefined ? ENI_MAC : sent.linkMac;
  const message = { kind: 'neighbor-solicitation', target, sourceLinkMac: linkMac } as const;
  return answerNd(frameOf(message, sent), view, false);
}

const probe = (target: Ipv6Addr): ResponderAnswer =>
  ask(target, { source: UNSPECIFIED, linkMac: null });

function decode(answer: ResponderAnswer) {
  return answer.kind === 'reply' ? dissect(answer.frame) : answer;
}

const dropped = (reason: DropCode) => ({ kind: 'drop', reason });

t.test('[ND-1] a neighbour is answered for with its own MAC, as if it spoke itself', async (t) => {
  t.match(decode(ask(PEER)), {
    ethernet: { source: PEER_MAC, destination: ENI_MAC },
    ip: { source: PEER, destination: OWN, hopLimit: 255 },
    upper: {
      kind: 'neighbor-advertisement',
      router: false,
      solicited: true,
      override: true,
      target: PEER,
      targetLinkMac: PEER_MAC,
    },
  });
});

t.test('[ND-1][RA-4][SUB-10] the router is answered for at all its addresses', async (t) => {
  for (const target of [ROUTER, ip6('fe80:ec2::1'), ip6('2001:db8:1:101::1')]) {
    t.match(decode(ask(target)), {
      ethernet: { source: ROUTER_MAC },
      upper: { router: true, target, targetLinkMac: ROUTER_MAC },
    });
  }
  const captured = answerNd(readVector('nd-unicast-solicitation-linux'), ND_VIEW, false);
  t.match(decode(captured), { upper: { target: ROUTER, targetLinkMac: ROUTER_MAC } });
});

t.test('[ND-1] what nobody of the subnet has gets silence', async (t) => {
  for (const target of ['2001:db8:1:101::99', '2001:db8:1:102::c', '2001:db8:1:102::1']) {
    t.same(ask(ip6(target)), dropped('ND_ADDRESS_NOT_ASSIGNED'), target);
  }
  t.same(ask(linkLocalOf(PEER_MAC)), dropped('ND_ADDRESS_NOT_ASSIGNED'), 'a link-local neighbour');
});

t.test('[ND-2] duplicate address detection of own addresses gets no answer', async (t) => {
  t.same(probe(OWN), dropped('ND_PROBE_OF_OWN_ADDRESS'));
  for (const vector of ['nd-probe-link-local-linux', 'nd-probe-global-linux']) {
    t.same(
      answerNd(readVector(vector), ND_VIEW, false),
      dropped('ND_PROBE_OF_OWN_ADDRESS'),
      vector,
    );
  }
});

t.test('[ND-2] that of an address of another is answered to all nodes', async (t) => {
  for (const [target, owner] of [
    [PEER, PEER_MAC],
    [ROUTER, ROUTER_MAC],
  ] as const) {
    t.match(decode(probe(target)), {
      ethernet: { destination: ALL_NODES.mac, source: owner },
      ip: { destination: ALL_NODES.addr },
      upper: { solicited: false, targetLinkMac: owner },
    });
  }
});

t.test('[ND-1] a sender that is not the interface is dropped', async (t) => {
  t.same(ask(PEER, { source: PEER }), dropped('ND_SPOOFED_SENDER'), 'another address');
  t.same(ask(PEER, { source: ROUTER }), dropped('ND_SPOOFED_SENDER'), 'the router');
  t.same(ask(PEER, { linkMac: PEER_MAC }), dropped('ND_SPOOFED_SENDER'), 'another MAC');
  t.same(ask(PEER, { sourceMac: PEER_MAC }), dropped('ND_SPOOFED_SENDER'), 'another frame');
  t.equal(ask(PEER, { source: ENI_LINK_LOCAL }).kind, 'reply', 'an own link-local address');
  t.equal(ask(PEER, { linkMac: null }).kind, 'reply', 'no option');
});

t.test(
  '[ND-1] an appliance may ask in the name of an overlay address, not of the router',
  async (t) => {
    const appliance = { ...ND_VIEW, sourceDestCheck: false };
    t.equal(ask(PEER, { source: ip6('2001:db8:ffff::1') }, appliance).kind, 'reply');
    t.same(ask(PEER, { source: ROUTER }, appliance), dropped('ND_SPOOFED_SENDER'));
  },
);

t.test('[ND-1] advertisements of guests are swallowed, asked for or not', async (t) => {
  const advertisement = {
    kind: 'neighbor-advertisement',
    router: false,
    solicited: false,
    override: true,
    target: OWN,
    targetLinkMac: ENI_MAC,
  } as const;
  for (const target of [OWN, PEER]) {
    const frame = frameOf({ ...advertisement, target });
    t.same(answerNd(frame, ND_VIEW, false), dropped('ND_UNSOLICITED_ADVERTISEMENT'));
  }
});

t.test('[RA-1] only the router advertises and redirects', async (t) => {
  const rogue = routerAdvertisement({ ...ND_VIEW, routerMac: ENI_MAC, routerAddr: ENI_LINK_LOCAL });
  t.same(answerNd(rogue, ND_VIEW, false), dropped('ND_ROUTER_ONLY'));
  const redirect = Uint8Array.from(rogue);
  redirect[54] = 137;
  t.same(answerNd(redirect, ND_VIEW, true), dropped('ND_ROUTER_ONLY'));
});

t.test(
  'discovery that a router could have forwarded, or that is broken, is malformed',
  async (t) => {
    t.same(ask(PEER, { hopLimit: 254 }), dropped('ND_MALFORMED'));
    t.same(ask(PEER, { source: UNSPECIFIED }), dropped('ND_MALFORMED'), 'a probe with a MAC');
    t.same(ask(ip6('ff02::1')), dropped('ND_MALFORMED'), 'a multicast target');
    const wrong = frameOf({ kind: 'router-solicitation', sourceLinkMac: null });
    wrong[57] = (wrong[57] ?? 0) ^ 1;
    t.same(answerNd(wrong, ND_VIEW, false), dropped('ND_MALFORMED'), 'a wrong checksum');
  },
);

t.test('[RA-1][RA-2][RA-3] a solicitation is answered with the route and the prefix', async (t) => {
  const answer = answerNd(readVector('nd-router-solicitation-linux'), ND_VIEW, false);
  t.match(decode(answer), {
    ethernet: { source: ROUTER_MAC, destination: ENI_MAC },
    ip: { source: ROUTER, destination: ENI_LINK_LOCAL, hopLimit: 255 },
    upper: {
      kind: 'router-advertisement',
      hopLimit: 0,
      managed: true,
      otherConfiguration: false,
      lifetimeSeconds: 1800,
      sourceLinkMac: ROUTER_MAC,
      mtu: null,
      prefixes: [
        {
          prefix: block6('2001:db8:1:101::/64').addr,
          prefixLength: 64,
          onLink: true,
          autonomous: false,
          validSeconds: 0xffffffff,
        },
      ],
    },
  });
});

t.test('[RA-2] a sender without an address, and the timer, make one for all nodes', async (t) => {
  const solicitation = { kind: 'router-solicitation', sourceLinkMac: null } as const;
  const answer = answerNd(frameOf(solicitation, { source: UNSPECIFIED }), ND_VIEW, false);
  const periodic = routerAdvertisement(ND_VIEW);
  t.same(answer, { kind: 'reply', frame: periodic });
  t.match(dissect(periodic), {
    ethernet: { destination: ALL_NODES.mac },
    ip: { source: ROUTER, destination: ALL_NODES.addr },
  });
  const named = { ...solicitation, sourceLinkMac: ENI_MAC };
  const broken = answerNd(frameOf(named, { source: UNSPECIFIED }), ND_VIEW, false);
  t.same(broken, dropped('ND_MALFORMED'));
  for (const source of [OWN, ROUTER]) {
    t.same(answerNd(frameOf(named, { source }), ND_VIEW, false), dropped('ND_SPOOFED_SENDER'));
  }
});

t.test('[L2-15] the router answers ping at its addresses, and nothing else', async (t) => {
  const echo = {
    kind: 'echo-request',
    identifier: 7,
    sequence: 1,
    payload: Buffer.from('vpclab'),
  } as const;
  const to = (destination: Ipv6Addr, message: Icmpv6Repr) =>
    icmpv6Frame(
      { sourceMac: ENI_MAC, destinationMac: ROUTER_MAC, source: OWN, destination, hopLimit: 1 },
      message,
    );
  const target = ip6('2001:db8:1:101::1');
  t.match(decode(answerIcmpv6Echo(to(target, echo), ND_VIEW, false)), {
    ethernet: { source: ROUTER_MAC, destination: ENI_MAC },
    ip: { source: target, destination: OWN, hopLimit: 64 },
    upper: { ...echo, kind: 'echo-reply' },
  });
  const rows: readonly [frame: Uint8Array, reason: DropCode][] = [
    [to(PEER, echo), 'ICMP_NOT_FOR_ROUTER'],
    [to(target, { ...echo, kind: 'echo-reply' }), 'ICMP_NOT_ECHO_REQUEST'],
    [to(target, echo).subarray(0, 40), 'ICMP_MALFORMED'],
  ];
  for (const [frame, reason] of rows) {
    t.same(answerIcmpv6Echo(frame, ND_VIEW, false), dropped(reason));
  }
  const wrong = to(target, echo);
  wrong[60] = 9;
  t.same(answerIcmpv6Echo(wrong, ND_VIEW, false), dropped('ICMP_MALFORMED'));
  t.equal(answerIcmpv6Echo(wrong, ND_VIEW, true).kind, 'reply', 'the device makes the checksum');
});

t.test('mutated frames never make the responders throw', async (t) => {
  const seed = Number(process.env['SEED'] ?? Date.now() % 0x7fffffff);
  t.comment(`seed ${seed}`);
  const random = createRandom(seed);
  for (const vector of ['nd-router-solicitation-linux', 'nd-unicast-solicitation-linux']) {
    for (let turn = 0; turn < 2000; turn++) {
      const frame = mutate(readVector(vector), random);
      answerNd(frame, ND_VIEW, true);
      answerIcmpv6Echo(frame, ND_VIEW, true);
    }
  }
});
