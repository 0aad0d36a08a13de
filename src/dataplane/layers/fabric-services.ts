/**
 * What the router of a subnet answers itself: DHCP renewals and echo on its own address, nothing more.
 * Before every filter (UNF-1). Rules: DHCP-1, L2-15, L2-16, LL-1.
 */
import { ipv4Mask } from '../../addr/cidr.ts';
import { lookupLpm4 } from '../../addr/lpm.ts';
import { DHCPV4_SERVER_PORT } from '../../packet/dhcpv4.ts';
import { ICMP_ECHO_REQUEST } from '../../packet/icmp.ts';
import { IPPROTO_ICMP, IPPROTO_UDP } from '../../packet/ipv4.ts';
import { DROP } from '../drop-reason.ts';
import { PUNT_DHCPV4, PUNT_ICMP_ECHO } from '../verdict.ts';
import type { Layer, LayerContext } from './context.ts';

/** 169.254.168.0/22, the range of link-local services. */
const SERVICE_NETWORK = 0xa9fea800 | 0;
const SERVICE_MASK = ipv4Mask(22);

export const fabricServicesLayer: Layer = {
  name: 'fabric-services',
  run(context: LayerContext): boolean {
    const { frame, program, subnet } = context;
    if (!context.toRouter || frame.family !== 4) return true;
    if (frame.d3 === (program.subnets.network[subnet] as number) + 1) return runRouter(context);
    if (
      ((frame.d3 & SERVICE_MASK) | 0) === SERVICE_NETWORK ||
      frame.d3 === program.vpcResolver[context.vpc]
    ) {
      return context.drop(DROP.LINK_LOCAL_SERVICE_ABSENT);
    }
    const other = lookupLpm4(program.subnetByAddr[context.vpc] as Int32Array, frame.d3);
    if (other !== -1 && frame.d3 === (program.subnets.network[other] as number) + 1) {
      return context.drop(DROP.ROUTER_OF_ANOTHER_SUBNET);
    }
    return true;
  },
};

function runRouter(context: LayerContext): false {
  const { frame } = context;
  if (frame.protocol === IPPROTO_UDP && frame.dport === DHCPV4_SERVER_PORT) {
    return context.punt(PUNT_DHCPV4);
  }
  if (frame.protocol === IPPROTO_ICMP && frame.sport >>> 8 === ICMP_ECHO_REQUEST) {
    return context.punt(PUNT_ICMP_ECHO);
  }
  return context.drop(DROP.ROUTER_HAS_NO_SERVICE);
}
