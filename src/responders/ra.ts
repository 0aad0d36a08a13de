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
    : reply(advertisementTo(view.eniMac, source, view, []));
}

/**
 * Makes the periodic advertisement; the multicast reaches the one ENI it is made for.
 * @param withdrawn Prefixes of earlier advertisements that the subnet has no more.
 * @source RA-2, RFC 4861 6.2.4
 */
export function routerAdvertisement(view: RaView, withdrawn: readonly Ipv6Cidr[] = []): Uint8Array {
  return advertisementTo(ALL_NODES_MAC, ALL_NODES, view, withdrawn);
}

/** Without a prefix left the router is no default router any more. @source RA-1, RA-3, RFC 4861 6.2.5 */
function advertisementTo(
  destinationMac: MacAddr,
  destination: Ipv6Addr,
  view: RaView,
  withdrawn: readonly Ipv6Cidr[],
): Uint8Array {
  const message: RouterAdvertisementRepr = {
    kind: 'router-advertisement',
    hopLimit: 0,
    managed: true,
    otherConfiguration: false,
    lifetimeSeconds: view.prefixes.length === 0 ? 0 : LIFETIME_SECONDS,
    reachableMs: 0,
    retransmitMs: 0,
    sourceLinkMac: view.routerMac,
    mtu: null,
    prefixes: [
      ...view.prefixes.map((prefix) => prefixOption(prefix, FOREVER)),
      ...withdrawn.map((prefix) => prefixOption(prefix, 0)),
    ],
  };
  const way = { sourceMac: view.routerMac, destinationMac, source: view.routerAddr, destination };
  return icmpv6Frame({ ...way, hopLimit: HOP_LIMIT }, message);
}

/** @param seconds Of both lifetimes; 0 makes the guest forget the prefix. @source RFC 4861 6.3.4 */
function prefixOption(
  { addr, prefixLength }: Ipv6Cidr,
  seconds: number,
): RouterAdvertisementRepr['prefixes'][number] {
  return {
    prefix: addr,
    prefixLength,
    onLink: true,
    autonomous: false,
    validSeconds: seconds,
    preferredSeconds: seconds,
  };
}
