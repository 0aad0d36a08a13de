/** The ARP responder, row by row of the facts, with frames of real clients where there are any. */
import t from 'tap';
import { createRandom, mutate } from '../../scripts/mutate.ts';
import { type Ipv4Addr, parseIpv4 } from '../../src/addr/ipv4.ts';
import { MAC_BROADCAST, type MacAddr, parseMac } from '../../src/addr/mac.ts';
import type { DropCode } from '../../src/dataplane/drop-reason.ts';
import {
  ARP_REPLY,
  ARP_REQUEST,
  ARP_SIZE,
  type ArpRepr,
  emitArp,
  parseArp,
} from '../../src/packet/arp.ts';
import {
  ETHERNET_HEADER_SIZE,
  ETHERTYPE_ARP,
  ETHERTYPE_IPV4,
  emitEthernet,
  parseEthernet,
} from '../../src/packet/ethernet.ts';
import type { ResponderAnswer } from '../../src/responders/answer.ts';
import { type ArpView, answerArp, statusCheckRequest } from '../../src/responders/arp.ts';
import { readVector } from '../packet/hex-file.ts';

const ip = (text: string) => parseIpv4(text) as Ipv4Addr;
const mac = (text: string) => parseMac(text) as MacAddr;

const ENI_MAC = mac('02:ab:cd:00:00:0b');
const PEER_MAC = mac('02:ab:cd:00:00:14');
const ROUTER_MAC = mac('02:04:7a:86:55:c1');
const OWN = ip('10.0.1.11');
const OWN_SECONDARY = ip('10.0.1.12');
const PEER = ip('10.0.1.20');
const PEER_SECONDARY = ip('10.0.1.21');
const ROUTER = ip('10.0.1.1');
const NOBODY = ip('10.0.1.99');

const OWNERS = new Map<Ipv4Addr, MacAddr>([
  [OWN, ENI_MAC],
  [OWN_SECONDARY, ENI_MAC],
  [PEER, PEER_MAC],
  [PEER_SECONDARY, PEER_MAC],
  [ROUTER, ROUTER_MAC],
  [ip('169.254.169.254'), ROUTER_MAC],
  [ip('169.254.169.253'), ROUTER_MAC],
  [ip('10.0.0.2'), ROUTER_MAC],
]);

const VIEW: ArpView = {
  eniMac: ENI_MAC,
  eniOwns: (addr) => addr === OWN || addr === OWN_SECONDARY,
  sourceDestCheck: true,
  eniPrimary: OWN,
  routerMac: ROUTER_MAC,
  routerAddr: ROUTER,
  macOf: (addr) => OWNERS.get(addr) ?? null,
};

const REQUEST: ArpRepr = {
  operation: ARP_REQUEST,
  senderMac: ENI_MAC,
  senderAddr: OWN,
  targetMac: 0 as MacAddr,
  targetAddr: PEER,
};

interface Link {
  readonly destination?: MacAddr;
  readonly source?: MacAddr;
  readonly etherType?: number;
}

function frameOf(fields: Partial<ArpRepr>, link: Link = {}): Uint8Array {
  const frame = new Uint8Array(ETHERNET_HEADER_SIZE + ARP_SIZE);
  const { destination = MAC_BROADCAST, source = ENI_MAC, etherType = ETHERTYPE_ARP } = link;
  emitEthernet({ destination, source, etherType }, frame, 0);
  emitArp({ ...REQUEST, ...fields }, frame, ETHERNET_HEADER_SIZE);
  return frame;
}

function answer(fields: Partial<ArpRepr>, link: Link = {}): ResponderAnswer {
  return answerArp(frameOf(fields, link), VIEW);
}

function decode(given: ResponderAnswer) {
  if (given.kind !== 'reply') return given;
  return {
    ethernet: parseEthernet(given.frame, 0, given.frame.length),
    arp: parseArp(given.frame, ETHERNET_HEADER_SIZE, ARP_SIZE),
  };
}

/** The reply in which `owner` says that it has `target`. */
function saying(target: Ipv4Addr, owner: MacAddr, asker: Ipv4Addr = OWN) {
  return {
    ethernet: { destination: ENI_MAC, source: owner, etherType: ETHERTYPE_ARP },
    arp: {
      operation: ARP_REPLY,
      senderMac: owner,
      senderAddr: target,
      targetMac: ENI_MAC,
      targetAddr: asker,
    },
  };
}

const silence = (reason: DropCode) => ({ kind: 'drop', reason });

t.test('[ARP-1] answerArp answers for an ENI of the subnet with its real MAC', async (t) => {
  t.same(decode(answer({})), saying(PEER, PEER_MAC));
  const unicast = answer({ targetMac: PEER_MAC }, { destination: PEER_MAC });
  t.same(decode(unicast), saying(PEER, PEER_MAC), 'a unicast request never reaches the target');
});

t.test('[ARP-2] answerArp answers for secondary addresses', async (t) => {
  t.same(decode(answer({ targetAddr: PEER_SECONDARY })), saying(PEER_SECONDARY, PEER_MAC));
  const fromSecondary = answer({ senderAddr: OWN_SECONDARY });
  t.same(decode(fromSecondary), saying(PEER, PEER_MAC, OWN_SECONDARY), 'and to them');
});

t.test('[ARP-4] answerArp answers for the router with the router MAC', async (t) => {
  t.same(decode(answer({ targetAddr: ROUTER })), saying(ROUTER, ROUTER_MAC));
});

t.test('[ARP-5] answerArp is silent about unassigned addresses', async (t) => {
  t.same(answer({ targetAddr: NOBODY }), silence('ARP_ADDRESS_NOT_ASSIGNED'));
});

t.test('[ARP-6] answerArp answers for link-local services with the router MAC', async (t) => {
  for (const service of ['169.254.169.254', '169.254.169.253']) {
    t.same(decode(answer({ targetAddr: ip(service) })), saying(ip(service), ROUTER_MAC), service);
  }
});

t.test(
  '[ARP-7] answerArp answers for the resolver where the view does, else is silent',
  async (t) => {
    t.same(decode(answer({ targetAddr: ip('10.0.0.2') })), saying(ip('10.0.0.2'), ROUTER_MAC));
    for (const reserved of ['10.0.1.2', '10.0.1.3', '10.0.1.255']) {
      t.same(answer({ targetAddr: ip(reserved) }), silence('ARP_ADDRESS_NOT_ASSIGNED'), reserved);
    }
  },
);

t.test('[ARP-8] answerArp does no proxy ARP beyond the subnet', async (t) => {
  t.same(answer({ targetAddr: ip('10.0.2.20') }), silence('ARP_ADDRESS_NOT_ASSIGNED'));
  t.same(answer({ targetAddr: ip('8.8.8.8') }), silence('ARP_ADDRESS_NOT_ASSIGNED'));
});

t.test(
  '[ARP-9] statusCheckRequest asks for the primary address, and its answer is consumed',
  async (t) => {
    const frame = statusCheckRequest(VIEW);
    t.same(decode({ kind: 'reply', frame }), {
      ethernet: { destination: MAC_BROADCAST, source: ROUTER_MAC, etherType: ETHERTYPE_ARP },
      arp: {
        operation: ARP_REQUEST,
        senderMac: ROUTER_MAC,
        senderAddr: ROUTER,
        targetMac: 0,
        targetAddr: OWN,
      },
    });
    const toRouter = { operation: ARP_REPLY, targetMac: ROUTER_MAC, targetAddr: ROUTER } as const;
    t.same(answer(toRouter, { destination: ROUTER_MAC }), { kind: 'consumed' });
    t.same(answer({ ...toRouter, senderAddr: NOBODY }), silence('ARP_SPOOFED_SENDER'));
  },
);

t.test('[ARP-10] answerArp swallows announcements in both forms', async (t) => {
  t.same(answerArp(readVector('arp-announce-dhcpcd'), VIEW), silence('ARP_GRATUITOUS'));
  const form = { targetAddr: OWN, targetMac: MAC_BROADCAST };
  t.same(answer(form), silence('ARP_GRATUITOUS'), 'request form');
  t.same(answer({ ...form, operation: ARP_REPLY }), silence('ARP_GRATUITOUS'), 'reply form');
  const foreign = { senderAddr: NOBODY, targetAddr: NOBODY };
  t.same(answer(foreign), silence('ARP_GRATUITOUS'), 'of an address that is not its own');
});

t.test('[ARP-11] answerArp lets duplicate detection pass', async (t) => {
  for (const vector of ['arp-probe-dhcpcd', 'arp-probe-arping']) {
    t.same(answerArp(readVector(vector), VIEW), silence('ARP_PROBE_OF_OWN_ADDRESS'), vector);
  }
  const probe = { senderAddr: ip('0.0.0.0') };
  const taken = decode(answer(probe));
  t.same(taken, saying(PEER, PEER_MAC, ip('0.0.0.0')), 'an address of another ENI is taken');
  t.same(answer({ ...probe, targetAddr: NOBODY }), silence('ARP_ADDRESS_NOT_ASSIGNED'));
});

t.test('[ARP-12] answerArp drops senders that are not the ENI', async (t) => {
  const rows: readonly [title: string, fields: Partial<ArpRepr>, link: Link][] = [
    ['another sender IP', { senderAddr: NOBODY }, {}],
    ['the router as sender IP', { senderAddr: ROUTER }, {}],
    ['another sender MAC', { senderMac: PEER_MAC }, {}],
    ['a VRRP MAC as sender MAC', { senderMac: mac('00:00:5e:00:01:0a') }, {}],
    ['another source MAC on the frame', {}, { source: PEER_MAC }],
    ['a reply without a sender IP', { operation: ARP_REPLY, senderAddr: ip('0.0.0.0') }, {}],
    [
      'a reply on behalf of another ENI',
      { operation: ARP_REPLY, senderAddr: PEER, targetAddr: NOBODY },
      {},
    ],
  ];
  for (const [title, fields, link] of rows) {
    t.same(answer(fields, link), silence('ARP_SPOOFED_SENDER'), title);
  }
});

t.test(
  '[CHK-3][ARP-12] without the check a request may name any sender IP, a reply may not',
  async (t) => {
    const appliance = { ...VIEW, sourceDestCheck: false };
    const asked = decode(answerArp(frameOf({ senderAddr: NOBODY }), appliance));
    t.same(asked, saying(PEER, PEER_MAC, NOBODY));
    const spoofed = frameOf({ senderAddr: NOBODY, senderMac: PEER_MAC });
    t.same(answerArp(spoofed, appliance), silence('ARP_SPOOFED_SENDER'));
    const reply = frameOf({ senderAddr: NOBODY, operation: ARP_REPLY });
    t.same(answerArp(reply, appliance), silence('ARP_SPOOFED_SENDER'));
  },
);

t.test('answerArp drops replies that nobody asked for', async (t) => {
  const rows: readonly [title: string, fields: Partial<ArpRepr>][] = [
    ['to another ENI', { targetMac: PEER_MAC }],
    ["to the router's MAC with another IP", { targetMac: ROUTER_MAC }],
    ["to the router's IP with another MAC", { targetMac: PEER_MAC, targetAddr: ROUTER }],
  ];
  for (const [title, fields] of rows) {
    t.same(answer({ operation: ARP_REPLY, ...fields }), silence('ARP_UNSOLICITED_REPLY'), title);
  }
});

t.test('answerArp drops what is no ARP', async (t) => {
  const cut = frameOf({}).subarray(0, ETHERNET_HEADER_SIZE + ARP_SIZE - 1);
  t.same(answerArp(cut, VIEW), silence('ARP_MALFORMED'));
  t.same(answerArp(new Uint8Array(0), VIEW), silence('ARP_MALFORMED'));
  t.same(answer({}, { etherType: ETHERTYPE_IPV4 }), silence('ARP_MALFORMED'));
  const padded = new Uint8Array(60);
  padded.set(frameOf({}));
  t.same(decode(answerArp(padded, VIEW)), saying(PEER, PEER_MAC), 'padding is no harm');
});

t.test('answerArp never says anything but what the view says, whatever comes', async (t) => {
  const seed = Number(process.env['SEED'] ?? Date.now() % 0x7fffffff);
  t.comment(`seed ${seed}`);
  const random = createRandom(seed);
  const seeds = [frameOf({}), frameOf({ targetAddr: ROUTER }), frameOf({ operation: ARP_REPLY })];
  for (let count = 0; count < 20_000; count++) {
    const given = answerArp(mutate(seeds[random(seeds.length)] ?? frameOf({}), random), VIEW);
    if (given.kind !== 'reply') continue;
    const said = parseArp(given.frame, ETHERNET_HEADER_SIZE, ARP_SIZE);
    if (said === null || OWNERS.get(said.senderAddr) !== said.senderMac) t.fail(`case ${count}`);
    if (said?.targetMac !== ENI_MAC) t.fail(`case ${count} answers somebody else`);
  }
  t.pass('no case failed');
});
