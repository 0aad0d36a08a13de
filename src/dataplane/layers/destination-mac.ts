/**
 * Within a subnet a frame goes by its destination MAC; nothing floods or learns.
 * Rules: L2-1, L2-3 to L2-6, L2-17, ARP handled by a responder.
 */
import { DHCPV4_SERVER_PORT } from '../../packet/dhcpv4.ts';
import { ETHERTYPE_ARP } from '../../packet/ethernet.ts';
import { IPPROTO_UDP } from '../../packet/ipv4.ts';
import { DROP } from '../drop-reason.ts';
import { eniByMac } from '../program.ts';
import { PUNT_ARP, PUNT_DHCPV4 } from '../verdict.ts';
import type { Layer, LayerContext } from './context.ts';

export const destinationMacLayer: Layer = {
  name: 'destination-mac',
  run(context: LayerContext): boolean {
    const { frame, program, subnet } = context;
    if (frame.etherType === ETHERTYPE_ARP) return context.punt(PUNT_ARP);
    if (frame.family === 0) return context.drop(DROP.ETHERTYPE_NOT_FORWARDED);
    if (frame.family === 6 && program.subnets.hasIpv6[subnet] === 0) {
      return context.drop(DROP.IPV6_NOT_IN_SUBNET);
    }
    if (frame.destHigh === 0xffff && frame.destLow === -1) return runBroadcast(context);
    if ((frame.destHigh & 0x0100) !== 0) return context.drop(DROP.MULTICAST_NOT_FORWARDED);
    context.toRouter =
      frame.destHigh === program.subnets.routerMacHigh[subnet] &&
      frame.destLow === program.subnets.routerMacLow[subnet];
    if (context.toRouter) return true;
    context.target = eniByMac(program, subnet, frame.destHigh, frame.destLow);
    return context.target !== -1 || context.drop(DROP.UNKNOWN_DESTINATION_MAC);
  },
};

/** Of all broadcasts only DHCP reaches anybody, and that is the fabric (L2-6). */
function runBroadcast(context: LayerContext): false {
  const { frame } = context;
  const isDhcp =
    frame.family === 4 && frame.protocol === IPPROTO_UDP && frame.dport === DHCPV4_SERVER_PORT;
  return isDhcp ? context.punt(PUNT_DHCPV4) : context.drop(DROP.BROADCAST_NOT_FORWARDED);
}
