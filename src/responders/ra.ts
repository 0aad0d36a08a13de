/**
 * Router advertisements: the default route and the prefix that is on link. Addresses come from
 * DHCPv6, so M is set and A is not; the current hop limit is left unspecified.
 * Read first: RFC 4861 sections 4.2 and 6.2, facts RA-1 to RA-4.
 */
import type { Ipv6Cidr } from '../addr/cidr.ts';
import { type Ipv6Addr, isLinkLocal, parseIpv6 } from '../addr/ipv6.ts';
import { type MacAddr, macFromWords } from '../addr/mac.ts';
import type { RouterAdvertisementRepr, RouterSolicitationRepr } from '../packet/ndp.ts';
import { drop, type ResponderAnswer, reply } from './answer.ts';
import { icmpv6Frame } from './icmpv6-frame.ts';

export interface RaView {
  readonly eniMac: MacAddr;
  readonly routerMac: MacAddr;
  /** Link-local, from the router's MAC (RA-1). */
  readonly routerAddr: Ipv6Addr;
  /** The blocks of the subnet. */
  readonly prefixes: readonly Ipv6Cidr[];
}

const LIFETIME_SECONDS = 1800;
const FOREVER = 0xffffffff;
const HOP_LIMIT = 255;
const UNSPECIFIED = 0n as Ipv6Addr;
const ALL_NODES = parseIpv6('ff02::1') as Ipv6Addr;
const ALL_NODES_MAC = macFromWords(0x3333, 1);

/**
 * Answers a router solicitation to its sender alone, or to all nodes, which is the ENI, when the
 * sender has no address yet.
 * @source RA-2
 */
export function answerRouterSolicitation(
  source: Ipv6Addr,
  { sourceLinkMac }: RouterSolicitationRepr,
  view: RaView,
): ResponderAnswer {
  const isUnspecified = source === UNSPECIFIED;
  if (isUnspecified && sourceLinkMac !== null) return drop('ND_MALFORMED');
  const ownsMac = (sourceLinkMac ?? view.eniMac) === view.eniMac;
  const ownsAddr = isUnspecified || (isLinkLocal(source) && source !== view.routerAddr);
  if (!ownsMac || !ownsAddr) return drop('ND_SPOOFED_SENDER');
  return isUnspecified
    ? reply(routerAdvertisement(view))
    : reply(advertisementTo(view.eniMac, source, view));
}

/** Makes the periodic advertisement; the multicast reaches the one ENI it is made for. @source RA-2 */
export function routerAdvertisement(view: RaView): Uint8Array {
  return advertisementTo(ALL_NODES_MAC, ALL_NODES, view);
}

/** @source RA-1, RA-3 */
function advertisementTo(destinationMac: MacAddr, destination: Ipv6Addr, view: RaView): Uint8Array {
  const message: RouterAdvertisementRepr = {
    kind: 'router-advertisement',
    hopLimit: 0,
    managed: true,
    otherConfiguration: false,
    lifetimeSeconds: LIFETIME_SECONDS,
    reachableMs: 0,
    retransmitMs: 0,
    sourceLinkMac: view.routerMac,
    mtu: null,
    prefixes: view.prefixes.map(({ addr, prefixLength }) => ({
      prefix: addr,
      prefixLength,
      onLink: true,
      autonomous: false,
      validSeconds: FOREVER,
      preferredSeconds: FOREVER,
    })),
  };
  const way = { sourceMac: view.routerMac, destinationMac, source: view.routerAddr, destination };
  return icmpv6Frame({ ...way, hopLimit: HOP_LIMIT }, message);
}
