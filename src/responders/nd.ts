/**
 * Neighbour discovery as the fabric does it, by analogy with ARP: solicitations are answered on the
 * owners' behalf and reach no guest, so nothing a guest says can change what another one knows.
 * Router solicitations are in `ra.ts`.
 * Read first: facts ND-1 and ND-2, RFC 4861 sections 4 and 7.2, RFC 4862 section 5.4.
 */
import { type Ipv6Addr, isLinkLocal, parseIpv6 } from '../addr/ipv6.ts';
import { type MacAddr, macFromWords } from '../addr/mac.ts';
import { icmpv6Type } from '../packet/icmpv6.ts';
import {
  NDP_REDIRECT,
  type NeighborAdvertisementRepr,
  type NeighborSolicitationRepr,
} from '../packet/ndp.ts';
import { CONSUMED, drop, type ResponderAnswer, reply } from './answer.ts';
import {
  type Ipv6Packet,
  icmpv6Frame,
  parseIcmpv6Message,
  parseIpv6Frame,
} from './icmpv6-frame.ts';
import { answerRouterSolicitation, type RaView } from './ra.ts';

/** What the orchestration system knows, as seen from one ENI. */
export interface NdView extends RaView {
  /** @returns true for the ENI's addresses and its prefixes; link-local ones are not known. */
  eniOwns(addr: Ipv6Addr): boolean;
  /** Off: the interface may ask in the name of any address, as appliances do (CHK-3). */
  readonly sourceDestCheck: boolean;
  /** The address that the fabric itself asks for; null when it does so by ARP (ARP-9). */
  readonly checkedAddr: Ipv6Addr | null;
  /** @returns true for the addresses of the subnet's router (SUB-10). */
  isRouter(addr: Ipv6Addr): boolean;
  /**
   * @returns who answers for an address in the ENI's subnet: an ENI's MAC, the router's for its own
   *   addresses, or null for silence.
   */
  macOf(addr: Ipv6Addr): MacAddr | null;
}

const UNSPECIFIED = 0n as Ipv6Addr;
/** No router passes a packet on with this hop limit, so it comes from the link. @source RFC 4861 3.1 */
const HOP_LIMIT = 255;
const ALL_NODES = parseIpv6('ff02::1') as Ipv6Addr;
const ALL_NODES_MAC = macFromWords(0x3333, 1);
const MULTICAST = 0xffn;
/** The group of an address is this and its last 24 bits. @source RFC 4291 2.7.1 */
const SOLICITED_NODE = parseIpv6('ff02::1:ff00:0') as bigint;

function isRedirect(frame: Uint8Array, offset: number): boolean {
  return offset < frame.length && icmpv6Type(frame, offset) === NDP_REDIRECT;
}

/**
 * Answers one neighbour discovery frame, wherever the guest sent it: a probe of a known neighbour
 * goes to that neighbour's MAC and is answered here all the same.
 * @param frame Bytes from the destination MAC.
 * @param checksumPending True when the guest left the checksum to its device.
 * @source ND-1, ND-2, RA-2
 */
export function answerNd(
  frame: Uint8Array,
  view: NdView,
  checksumPending: boolean,
): ResponderAnswer {
  const packet = parseIpv6Frame(frame);
  if (packet === null || packet.ip.hopLimit !== HOP_LIMIT) return drop('ND_MALFORMED');
  const message = parseIcmpv6Message(frame, packet, checksumPending);
  switch (message?.kind) {
    case 'neighbor-solicitation':
      return answerSolicitation(packet, message, view);
    case 'neighbor-advertisement':
      return acceptAdvertisement(packet, message, view);
    case 'router-solicitation':
      return answerRouterSolicitation(packet.ip.source, message, view);
    case 'router-advertisement':
      return drop('ND_ROUTER_ONLY');
    default:
      return drop(isRedirect(frame, packet.upper.offset) ? 'ND_ROUTER_ONLY' : 'ND_MALFORMED');
  }
}

/** Only the answer to the fabric's own solicitation means something (ARP-9). */
function acceptAdvertisement(
  { ip, sourceMac }: Ipv6Packet,
  { solicited, target }: NeighborAdvertisementRepr,
  view: NdView,
): ResponderAnswer {
  const isAnswer = solicited && target === view.checkedAddr && ip.destination === view.routerAddr;
  return isAnswer && sourceMac === view.eniMac ? CONSUMED : drop('ND_UNSOLICITED_ADVERTISEMENT');
}

/**
 * Makes the instance status check's question where there is no ARP: who has the address, tell the router.
 * The guest's answer comes back as `consumed`.
 * @source ARP-9
 */
export function statusCheckSolicitation(target: Ipv6Addr, view: RaView): Uint8Array {
  return solicitation(target, view.routerMac, view.routerAddr);
}

/** Makes the question who has the address, to the group of its last bits. @source RFC 4861 7.2.2 */
export function solicitation(target: Ipv6Addr, sourceMac: MacAddr, source: Ipv6Addr): Uint8Array {
  const low = Number(target & 0xffffffn);
  const way = {
    sourceMac,
    destinationMac: macFromWords(0x3333, 0xff000000 | low),
    source,
    destination: (SOLICITED_NODE | BigInt(low)) as Ipv6Addr,
    hopLimit: HOP_LIMIT,
  };
  return icmpv6Frame(way, { kind: 'neighbor-solicitation', target, sourceLinkMac: sourceMac });
}

/**
 * The sender must be the ENI: by its MAC in the option, and by an own or a link-local address, of
 * which nobody but the guest knows. An ENI without source/destination check may ask under any address.
 */
function answerSolicitation(
  { ip, sourceMac }: Ipv6Packet,
  { target, sourceLinkMac }: NeighborSolicitationRepr,
  view: NdView,
): ResponderAnswer {
  const isProbe = ip.source === UNSPECIFIED;
  if (target >> 120n === MULTICAST || (isProbe && sourceLinkMac !== null)) {
    return drop('ND_MALFORMED');
  }
  const ownsMac = sourceMac === view.eniMac && (sourceLinkMac ?? view.eniMac) === view.eniMac;
  const mayUseAddr =
    isProbe ||
    view.eniOwns(ip.source) ||
    (isLinkLocal(ip.source) ? !view.isRouter(ip.source) : !view.sourceDestCheck);
  if (!ownsMac || !mayUseAddr) return drop('ND_SPOOFED_SENDER');
  const isForRouter = view.isRouter(target);
  if (isProbe && (view.eniOwns(target) || (isLinkLocal(target) && !isForRouter))) {
    return drop('ND_PROBE_OF_OWN_ADDRESS');
  }
  const mac = view.macOf(target);
  if (mac === null) return drop('ND_ADDRESS_NOT_ASSIGNED');
  const way = {
    sourceMac: mac,
    destinationMac: isProbe ? ALL_NODES_MAC : view.eniMac,
    source: target,
    destination: isProbe ? ALL_NODES : ip.source,
    hopLimit: HOP_LIMIT,
  };
  return reply(
    icmpv6Frame(way, {
      kind: 'neighbor-advertisement',
      router: isForRouter,
      solicited: !isProbe,
      override: true,
      target,
      targetLinkMac: mac,
    }),
  );
}
