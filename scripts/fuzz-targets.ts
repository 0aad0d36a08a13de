/**
 * What the fuzzer runs: one row a target, which names its seeds and its promise.
 * A target must neither throw nor break its promise, whatever the bytes.
 */

import { type Ipv4Addr, ipv4FromWord } from '../src/addr/ipv4.ts';
import { ipv6ToWords } from '../src/addr/ipv6.ts';
import { MAC_BROADCAST, type MacAddr, macFromWords } from '../src/addr/mac.ts';
import { API, peerIpv4, peerIpv6 } from '../src/addr/service-addresses.ts';
import { EMPTY_BYTES, writeMac, writeU16, writeU32 } from '../src/packet/bytes.ts';
import { checksum } from '../src/packet/checksum.ts';
import { dhcpv4Size, emitDhcpv4, parseDhcpv4 } from '../src/packet/dhcpv4.ts';
import { dhcpv6Size, emitDhcpv6, parseDhcpv6 } from '../src/packet/dhcpv6.ts';
import {
  ETHERNET_HEADER_SIZE,
  ETHERTYPE_IPV4,
  ETHERTYPE_IPV6,
  etherType,
} from '../src/packet/ethernet.ts';
import { forEachFragment } from '../src/packet/fragment.ts';
import {
  checkIpv4Header,
  IPV4_CHECKSUM,
  IPV4_HEADER_SIZE,
  IPV4_SOURCE,
  ipv4HeaderSize,
} from '../src/packet/ipv4.ts';
import { IPV6_HEADER_SIZE, IPV6_SOURCE } from '../src/packet/ipv6.ts';
import { QuotedPacket, readQuotedPacket } from '../src/packet/quoted-packet.ts';
import { forEachSegment } from '../src/packet/segment.ts';
import { checkVnetHeader } from '../src/packet/super-frame.ts';
import { findTcpOption, TCP_OPTION_MSS, tcpHeaderFits } from '../src/packet/tcp.ts';
import {
  completeChecksum,
  parseVnetHeader,
  VNET_GSO_NONE,
  VNET_HEADER_SIZE,
  vnetGsoType,
} from '../src/packet/vnet-header.ts';
import type { ResponderAnswer } from '../src/responders/answer.ts';
import { answerArp } from '../src/responders/arp.ts';
import { answerDhcpv4 } from '../src/responders/dhcpv4.ts';
import { answerDhcpv6 } from '../src/responders/dhcpv6.ts';
import { answerIcmpEcho } from '../src/responders/icmp.ts';
import { answerIcmpv6Echo } from '../src/responders/icmpv6.ts';
import { answerNd } from '../src/responders/nd.ts';
import { answerTooBig, type TooBigView } from '../src/responders/too-big.ts';
import { Bench, subnetBlock } from '../test/engine/bench.ts';
import { dissect, reassemble } from '../test/packet/dissect.ts';
import { ENI_MAC as CLIENT_MAC, ND_VIEW, OWN, ROUTER } from '../test/responders/ipv6-views.ts';
import { apiTarget } from './fuzz-api.ts';
import { dnsTargets } from './fuzz-dns.ts';
import { loadBalancerTarget, nat64Target } from './fuzz-gateways.ts';
import { metadataTarget } from './fuzz-metadata.ts';
import type { FuzzTarget } from './fuzz-target.ts';

const ENI_MAC = macFromWords(0x02ab, 0xcd00000b);
const ROUTER_MAC = macFromWords(0x0204, 0x7a8655c1);
const ENI_ADDR = ipv4FromWord(0x0a00010b);
const ROUTER_ADDR = ipv4FromWord(0x0a000101);

const ARP_VIEW = {
  eniMac: ENI_MAC,
  eniOwns: (addr: Ipv4Addr) => addr === ENI_ADDR,
  sourceDestCheck: true,
  eniPrimary: ENI_ADDR,
  routerMac: ROUTER_MAC,
  routerAddr: ROUTER_ADDR,
  macOf: (addr: Ipv4Addr): MacAddr | null => (addr % 2 === 1 ? ROUTER_MAC : null),
};

const DHCPV4_VIEW = {
  eniMac: ENI_MAC,
  address: ENI_ADDR,
  prefixLength: 24,
  routerMac: ROUTER_MAC,
  routerAddr: ROUTER_ADDR,
  gateway: ROUTER_ADDR,
  hostName: 'ip-10-0-1-11',
  domainName: 'ec2.internal',
  dnsServers: [ipv4FromWord(0x0a000002)],
  ntpServers: [],
  netbiosNameServers: [],
  netbiosNodeType: null,
  mtu: 9001,
  leaseSeconds: 3600,
};

const DHCPV6_VIEW = {
  eniMac: CLIENT_MAC,
  routerMac: ND_VIEW.routerMac,
  routerAddr: ROUTER,
  addresses: [OWN],
  prefixes: ND_VIEW.prefixes,
  preferredSeconds: 140,
  dnsServers: [OWN],
  domainName: 'ec2.internal',
};

const TOO_BIG_VIEW: TooBigView = {
  eniMac: ENI_MAC,
  routerMac: ROUTER_MAC,
  routerAddr: ROUTER_ADDR,
  routerAddr6: ROUTER,
  mtu: 1500,
  silence: 'NO_POSSIBLE_DESTINATION',
};

/** A header of 60 bytes and eight more. */
const FRAGMENT_MTU = 68;
/** Enough of a super-frame whose segments are a byte each. */
const MAX_SEGMENTS = 64;

/** Of a frame that a port takes: a header of 14 bytes and an IPv6 packet. */
const MAX_FRAME_SIZE = 14 + 65_575;

export const FUZZ_TARGETS: readonly FuzzTarget[] = [
  { name: 'codecs', corpus: 'frame', run: runCodecs },
  { name: 'fabric', corpus: 'frame', run: fabricTarget() },
  { name: 'fabric-hostile', corpus: 'hostile', run: behindHeader(fabricTarget()) },
  { name: 'services', corpus: 'frame', run: servicesTarget() },
  { name: 'services-hostile', corpus: 'hostile', run: behindHeader(servicesTarget()) },
  { name: 'load-balancer', corpus: 'frame', run: loadBalancerTarget() },
  { name: 'nat64', corpus: 'frame', run: nat64Target() },
  { name: 'segment', corpus: 'hostile', run: runSegment },
  { name: 'fragment', corpus: 'frame', run: runFragment },
  { name: 'quoted-packet', corpus: 'frame', run: runQuotedPacket },
  {
    name: 'too-big-responder',
    corpus: 'frame',
    run: (bytes) => {
      repairIpv4Checksum(bytes);
      demandFits(answerTooBig(bytes, TOO_BIG_VIEW));
    },
  },
  { name: 'vnet-header', corpus: 'vnet', run: runVnetHeader },
  { name: 'dhcpv4', corpus: 'dhcpv4', run: runDhcpv4 },
  { name: 'dhcpv6', corpus: 'dhcpv6', run: runDhcpv6 },
  {
    name: 'dhcpv6-responder',
    corpus: 'dhcpv6-responder',
    run: (bytes) => demandFits(answerDhcpv6(bytes, DHCPV6_VIEW, true)),
  },
  {
    name: 'nd-responder',
    corpus: 'nd-responder',
    run: (bytes) => demandFits(answerNd(bytes, ND_VIEW, true)),
  },
  {
    name: 'icmpv6-responder',
    corpus: 'icmpv6-responder',
    run: (bytes) => demandFits(answerIcmpv6Echo(bytes, { ...ND_VIEW, isRouter: () => true }, true)),
  },
  {
    name: 'arp-responder',
    corpus: 'arp-responder',
    run: (bytes) => void answerArp(bytes, ARP_VIEW),
  },
  {
    name: 'dhcpv4-responder',
    corpus: 'dhcpv4-responder',
    run: (bytes) => {
      repairIpv4Checksum(bytes);
      answerDhcpv4(bytes, DHCPV4_VIEW, true);
    },
  },
  {
    name: 'icmp-responder',
    corpus: 'icmp-responder',
    run: (bytes) => {
      repairIpv4Checksum(bytes);
      answerIcmpEcho(
        bytes,
        { eniMac: ENI_MAC, routerMac: ROUTER_MAC, routerAddr: ROUTER_ADDR },
        true,
      );
    },
  },
  apiTarget(),
  metadataTarget(),
  ...dnsTargets(),
];

/** Without this hardly a mutant would pass the header's checksum. */
function repairIpv4Checksum(frame: Uint8Array): void {
  const at = ETHERNET_HEADER_SIZE;
  if (frame.length < at + IPV4_HEADER_SIZE || etherType(frame, 0) !== ETHERTYPE_IPV4) return;
  const size = ipv4HeaderSize(frame, at);
  if (size < IPV4_HEADER_SIZE || at + size > frame.length) return;
  writeU16(frame, at + IPV4_CHECKSUM, 0);
  writeU16(frame, at + IPV4_CHECKSUM, checksum(frame, at, size));
}

/** What is understood once is understood again after it was written anew. */
function runCodecs(bytes: Uint8Array): void {
  repairIpv4Checksum(bytes);
  const parts = dissect(bytes, { skipChecksum: true });
  const offset = ETHERNET_HEADER_SIZE + IPV4_HEADER_SIZE;
  if (tcpHeaderFits(bytes, offset, bytes.length - offset)) {
    findTcpOption(bytes, offset, TCP_OPTION_MSS);
  }
  if (parts.upper === null && parts.arp === null) return;
  const emitted = reassemble(parts);
  const again = dissect(emitted);
  demand(parts.arp === null || again.arp !== null, 'an emitted ARP packet does not parse');
  // What no record keeps, such as link padding, leaves the packet shorter than its header says.
  const isWhole = parts.upper !== null && emitted.length === bytes.length;
  demand(!isWhole || again.upper !== null, 'an emitted packet does not parse');
}

function runVnetHeader(bytes: Uint8Array): void {
  if (parseVnetHeader(bytes, 0, bytes.length) === null) return;
  const before = bytes.length;
  completeChecksum(bytes, 0, VNET_HEADER_SIZE, bytes.length - VNET_HEADER_SIZE);
  demand(bytes.length === before, 'the frame changed its size');
}

/** What passes the check is cut, and nothing else is; each segment is a frame that needs no more. */
function runSegment(bytes: Uint8Array): void {
  if (bytes.length < VNET_HEADER_SIZE) return;
  repairIpv4Checksum(bytes.subarray(VNET_HEADER_SIZE));
  const size = bytes.length - VNET_HEADER_SIZE;
  const fault = checkVnetHeader(bytes, 0, VNET_HEADER_SIZE, size);
  const isSuper = vnetGsoType(bytes, 0) !== VNET_GSO_NONE;
  let count = 0;
  const sink = {
    piece(out: Uint8Array, offset: number, pieceSize: number) {
      count++;
      demand(pieceSize <= size, 'a segment is longer than its super-frame');
      if (isSuper) {
        const { upper } = dissect(out, { offset, size: pieceSize });
        demand(upper !== null, 'a segment does not parse');
      }
      return count < MAX_SEGMENTS;
    },
  };
  const cut = forEachSegment(bytes, 0, VNET_HEADER_SIZE, size, new Uint8Array(size), 0, sink);
  demand(cut === fault, 'cutting finds another fault than checking');
  demand(count > 0 === (fault === null), 'a refused frame was cut, or a good one was not');
}

/** Fragments fit, and only the last is not a multiple of eight bytes. */
function runFragment(bytes: Uint8Array): void {
  repairIpv4Checksum(bytes);
  const sink = {
    piece(out: Uint8Array, offset: number, size: number) {
      const ip = offset + ETHERNET_HEADER_SIZE;
      const room = size - ETHERNET_HEADER_SIZE;
      demand(room <= FRAGMENT_MTU, 'a fragment does not fit');
      demand(checkIpv4Header(out, ip, room) === null, 'a fragment does not parse');
      return true;
    },
  };
  const out = new Uint8Array(bytes.length);
  forEachFragment(bytes, 0, bytes.length, FRAGMENT_MTU, out, 0, sink);
}

function runQuotedPacket(bytes: Uint8Array): void {
  const quote = new QuotedPacket();
  const size = bytes.length - ETHERNET_HEADER_SIZE;
  if (!readQuotedPacket(bytes, ETHERNET_HEADER_SIZE, size, quote)) return;
  demand(quote.transport <= bytes.length, 'the transport header lies behind the quote');
}

function runDhcpv4(bytes: Uint8Array): void {
  const message = parseDhcpv4(bytes, 0, bytes.length);
  if (message === null) return;
  const out = new Uint8Array(dhcpv4Size(message));
  demand(emitDhcpv4(message, out, 0) === out.length, 'the size is not the size written');
  const again = parseDhcpv4(out, 0, out.length);
  demand(again?.options.length === message.options.length, 'options are lost');
}

/** Options are kept as bytes, so what is read is written as it was. */
function runDhcpv6(bytes: Uint8Array): void {
  const message = parseDhcpv6(bytes, 0, bytes.length);
  if (message === null) return;
  const out = new Uint8Array(dhcpv6Size(message));
  demand(emitDhcpv6(message, out, 0) === out.length, 'the size is not the size written');
  demand(Buffer.compare(out, bytes) === 0, 'the message changed');
}

function demandFits(answer: ResponderAnswer): void {
  if (answer.kind !== 'reply') return;
  demand(answer.frame.length <= MAX_FRAME_SIZE, 'the answer fits no frame');
}

function demand(holds: boolean, broken: string): void {
  if (!holds) throw new Error(broken);
}

/** The fabric takes what stands behind a virtio header. */
function behindHeader(run: (bytes: Uint8Array) => void): (bytes: Uint8Array) => void {
  return (bytes) => run(bytes.slice(VNET_HEADER_SIZE));
}

/**
 * The whole dataplane: every frame must end in exactly one counter of the port that sent it, which
 * the bench asserts. Half of the frames get addresses that lead them past the first checks.
 */
function fabricTarget(): (bytes: Uint8Array) => void {
  const bench = new Bench();
  const block = bench.ipv6();
  bench.subnet('a', '10.0.1.0/24', subnetBlock(block, 1));
  bench.subnet('b', '10.0.2.0/24');
  bench.host('r1', 'a', '10.0.1.11', { sourceDestCheck: false });
  bench.host('r2', 'a', '10.0.1.12');
  bench.host('c', 'b', '10.0.2.20');
  const destinations = [bench.routerMac('r1'), bench.mac('r2'), MAC_BROADCAST];
  let turn = 0;
  return (bytes) => {
    turn++;
    if (turn % 2 === 0 && bytes.length >= ETHERNET_HEADER_SIZE) {
      writeMac(bytes, 0, destinations[turn % destinations.length] ?? MAC_BROADCAST);
      writeMac(bytes, 6, bench.mac('r1'));
      repairIpv4Checksum(bytes);
    }
    // Now and then the offloads that the guest asks for are noise too.
    const virtioHeader = turn % 5 === 0 ? bytes.slice(-VNET_HEADER_SIZE) : EMPTY_BYTES;
    bench.inject('r1', bytes, { virtioHeader });
  };
}

/**
 * Frames between a guest and the services, by turns: those with an IPv4 or IPv6 header get the
 * addresses of the way, so that most are rewritten. What is forwarded keeps its size.
 */
function servicesTarget(): (bytes: Uint8Array) => void {
  const bench = new Bench();
  bench.subnet('a', '10.0.1.0/24', subnetBlock(bench.ipv6(), 1));
  const { addresses, ipv6Addresses } = bench.host('r1', 'a', '10.0.1.11', {
    ipv6: ['2001:db8:0:101::11'],
  });
  bench.services();
  const [own4 = ipv4FromWord(0)] = addresses;
  const own6 = ipv6ToWords(ipv6Addresses[0] ?? 0n);
  const api6 = ipv6ToWords(API.ipv6);
  const peer4 = peerIpv4(bench.portOf('r1'), own4);
  const peer6 = [peerIpv6(bench.portOf('r1')), ...own6.slice(1)];
  let turn = 0;
  return (bytes) => {
    turn++;
    // More than the allowance of a second would take.
    bench.nowMs += 10;
    const isThere = turn % 2 === 0;
    if (bytes.length >= ETHERNET_HEADER_SIZE) {
      writeMac(bytes, 0, bench.routerMac('r1'));
      writeMac(bytes, 6, bench.mac('r1'));
    }
    const at = ETHERNET_HEADER_SIZE;
    const type = bytes.length < at ? 0 : etherType(bytes, 0);
    if (type === ETHERTYPE_IPV4 && bytes.length >= at + IPV4_HEADER_SIZE) {
      const ends = isThere ? [own4, API.ipv4] : [API.ipv4, peer4];
      ends.forEach((word, index) => {
        writeU32(bytes, at + IPV4_SOURCE + index * 4, word);
      });
      repairIpv4Checksum(bytes);
    } else if (type === ETHERTYPE_IPV6 && bytes.length >= at + IPV6_HEADER_SIZE) {
      const ends = isThere ? [...own6, ...api6] : [...api6, ...peer6];
      ends.forEach((word, index) => {
        writeU32(bytes, at + IPV6_SOURCE + index * 4, word);
      });
    }
    const virtioHeader = turn % 5 === 0 ? bytes.slice(-VNET_HEADER_SIZE) : EMPTY_BYTES;
    const { delivered } = bench.inject(isThere ? 'r1' : 'services', bytes, { virtioHeader });
    for (const { to, frame } of delivered) {
      const isAnswer = to === 'r1' && isThere;
      demand(isAnswer || frame.length === bytes.length, 'a rewritten frame has another size');
    }
  };
}
