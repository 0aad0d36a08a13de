/**
 * Within a subnet a frame goes by its destination MAC; nothing floods or learns.
 * Rules: L2-1, L2-3 to L2-6, L2-17; ARP, neighbour discovery and DHCP go to responders.
 */
import { ipv6ToWords } from '../../addr/ipv6.ts';
import { DHCPV4_SERVER_PORT } from '../../packet/dhcpv4.ts';
import { DHCPV6_SERVER_PORT, DHCPV6_SERVERS } from '../../packet/dhcpv6.ts';
import { ETHERTYPE_ARP } from '../../packet/ethernet.ts';
import { IPPROTO_ICMPV6, IPPROTO_UDP } from '../../packet/ipv4.ts';
import { NDP_REDIRECT, NDP_ROUTER_SOLICITATION } from '../../packet/ndp.ts';
import { DROP } from '../drop-reason.ts';
import { FRAGMENT_LATER, type ParsedFrame } from '../parse.ts';
import { carriesFamily, eniByMac } from '../program.ts';
import { PUNT_ARP, PUNT_DHCPV4, PUNT_DHCPV6, PUNT_ND } from '../verdict.ts';
import type { Layer, LayerContext } from './context.ts';

const DHCPV6_SERVERS_WORDS = ipv6ToWords(DHCPV6_SERVERS);

export const destinationMacLayer: Layer = {
  name: 'destination-mac',
  run(context: LayerContext): boolean {
    const { frame, program, subnet } = context;
    if (frame.etherType === ETHERTYPE_ARP) {
      return carriesFamily(program, subnet, 4)
        ? context.punt(PUNT_ARP)
        : context.drop(DROP.IPV4_NOT_IN_SUBNET);
    }
    if (frame.family === 0) return context.drop(DROP.ETHERTYPE_NOT_FORWARDED);
    if (!carriesFamily(program, subnet, frame.family)) {
      return isDhcpv4Broadcast(frame) ? context.punt(PUNT_DHCPV4) : context.dropFamily();
    }
    // Also what goes to a neighbour's own MAC: no discovery message passes between guests (ND-1).
    if (isDiscovery(frame)) return context.punt(PUNT_ND);
    if (isBroadcast(frame)) return runBroadcast(context);
    if ((frame.destHigh & 0x0100) !== 0) return runMulticast(context);
    context.toRouter =
      frame.destHigh === program.subnets.routerMacHigh[subnet] &&
      frame.destLow === program.subnets.routerMacLow[subnet];
    if (context.toRouter) return true;
    const neighbour = eniByMac(program, subnet, frame.destHigh, frame.destLow);
    if (neighbour === -1) return context.drop(DROP.UNKNOWN_DESTINATION_MAC);
    return context.arriveAt(neighbour);
  },
};

function isDiscovery(frame: ParsedFrame): boolean {
  const type = frame.sport >>> 8;
  return (
    frame.family === 6 &&
    frame.protocol === IPPROTO_ICMPV6 &&
    frame.fragment !== FRAGMENT_LATER &&
    type >= NDP_ROUTER_SOLICITATION &&
    type <= NDP_REDIRECT
  );
}

/** Of all multicasts only DHCPv6 and discovery reach anybody, and that is the fabric (L2-6). */
function runMulticast(context: LayerContext): false {
  const { frame } = context;
  const isDhcp =
    frame.family === 6 &&
    frame.protocol === IPPROTO_UDP &&
    frame.dport === DHCPV6_SERVER_PORT &&
    frame.d0 === DHCPV6_SERVERS_WORDS[0] &&
    frame.d1 === 0 &&
    frame.d2 === 0 &&
    frame.d3 === DHCPV6_SERVERS_WORDS[3];
  return isDhcp ? context.punt(PUNT_DHCPV6) : context.drop(DROP.MULTICAST_NOT_FORWARDED);
}

/** Of all broadcasts only DHCP reaches anybody, and that is the fabric (L2-6). */
function runBroadcast(context: LayerContext): false {
  return isDhcpv4Broadcast(context.frame)
    ? context.punt(PUNT_DHCPV4)
    : context.drop(DROP.BROADCAST_NOT_FORWARDED);
}

function isBroadcast(frame: ParsedFrame): boolean {
  return frame.destHigh === 0xffff && frame.destLow === -1;
}

/** It is answered in every subnet, also in one without IPv4 (DHCP-10). */
function isDhcpv4Broadcast(frame: ParsedFrame): boolean {
  const isDhcp = frame.protocol === IPPROTO_UDP && frame.dport === DHCPV4_SERVER_PORT;
  return isDhcp && frame.family === 4 && isBroadcast(frame);
}
