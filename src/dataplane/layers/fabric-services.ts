/**
 * What the router of a subnet answers itself, which is DHCP renewals and echo on its own addresses, and
 * what it hands to the link-local services. Before every filter (UNF-1).
 * Rules: DHCP-1, L2-15, L2-16, LL-1, SUB-10, ND-1.
 */
import { ipv4Mask } from '../../addr/cidr.ts';
import { lookupExact5 } from '../../addr/exact-map.ts';
import { lookupLpm4 } from '../../addr/lpm.ts';
import { DHCPV4_SERVER_PORT } from '../../packet/dhcpv4.ts';
import { ICMP_ECHO_REQUEST } from '../../packet/icmp.ts';
import { ICMPV6_ECHO_REQUEST } from '../../packet/icmpv6.ts';
import { IPPROTO_ICMP, IPPROTO_ICMPV6, IPPROTO_UDP } from '../../packet/ipv4.ts';
import { DROP } from '../drop-reason.ts';
import { PUNT_DHCPV4, PUNT_ICMP_ECHO, PUNT_ICMPV6_ECHO } from '../verdict.ts';
import type { Layer, LayerContext } from './context.ts';
import { runToServices } from './link-local-services.ts';
import { LINK_LOCAL_PREFIX } from './source-destination-check.ts';

/** 169.254.168.0/22 and fd00:ec2::/32, the ranges of link-local services. */
const SERVICE_NETWORK = 0xa9fea800 | 0;
const SERVICE_MASK = ipv4Mask(22);
const SERVICE_NETWORK6 = 0xfd000ec2 | 0;

export const fabricServicesLayer: Layer = {
  name: 'fabric-services',
  run(context: LayerContext): boolean {
    const { frame, program, subnet } = context;
    if (!context.toRouter) return true;
    if (frame.family === 6) return runIpv6(context);
    if (frame.d3 === (program.subnets.network[subnet] as number) + 1) return runRouter(context);
    if (
      ((frame.d3 & SERVICE_MASK) | 0) === SERVICE_NETWORK ||
      frame.d3 === program.vpcResolver[context.vpc]
    ) {
      return runToServices(context);
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

/** fe80:ec2::1, the router's link-local address in every subnet (RA-4). */
const ROUTER_ALIAS = [0xfe800ec2 | 0, 0, 0, 1] as const;

function runIpv6(context: LayerContext): boolean {
  const { frame, program, subnet, vpc } = context;
  if (frame.d0 >>> 24 === 0xff) return context.drop(DROP.MULTICAST_NOT_FORWARDED);
  if (frame.d0 === SERVICE_NETWORK6) return runToServices(context);
  const router = lookupExact5(program.routers6, vpc, frame.d0, frame.d1, frame.d2, frame.d3);
  if (router === subnet || isLinkLocalOfRouter(context)) return runRouterIpv6(context);
  if (router !== -1) return context.drop(DROP.ROUTER_OF_ANOTHER_SUBNET);
  const isRouted = frame.d0 >>> 22 !== LINK_LOCAL_PREFIX && frame.s0 >>> 22 !== LINK_LOCAL_PREFIX;
  return isRouted || context.drop(DROP.LINK_LOCAL_NOT_ROUTED);
}

/** The address that the router's MAC gives (RA-1), or the one that every router has. */
function isLinkLocalOfRouter({ frame, program, subnet }: LayerContext): boolean {
  const { d0, d1, d2, d3 } = frame;
  if (d1 !== 0) return false;
  if (d0 === ROUTER_ALIAS[0]) return d2 === ROUTER_ALIAS[2] && d3 === ROUTER_ALIAS[3];
  const high = (program.subnets.routerMacHigh[subnet] as number) ^ 0x0200;
  const low = program.subnets.routerMacLow[subnet] as number;
  return (
    d0 === (0xfe800000 | 0) &&
    d2 === ((high << 16) | ((low >>> 24) << 8) | 0xff) &&
    d3 === (0xfe000000 | (low & 0xffffff))
  );
}

function runRouterIpv6(context: LayerContext): false {
  const { frame } = context;
  if (frame.protocol === IPPROTO_ICMPV6 && frame.sport >>> 8 === ICMPV6_ECHO_REQUEST) {
    return context.punt(PUNT_ICMPV6_ECHO);
  }
  return context.drop(DROP.ROUTER_HAS_NO_SERVICE);
}
