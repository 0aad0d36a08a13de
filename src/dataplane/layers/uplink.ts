/**
 * The uplink of the host: what nobody in the lab has goes on to the real network, and what answers it
 * comes back. Only what has a public address of the lab leaves, and only for public addresses of others.
 * Read first: docs/decisions/0015-uplink.md. Rule: IGW-3.
 */
import { lookupLpm4, lookupLpm6 } from '../../addr/lpm.ts';
import { macHigh16, macLow32 } from '../../addr/mac.ts';
import { UPLINK_MAC } from '../../addr/uplink-addresses.ts';
import { DROP } from '../drop-reason.ts';
import { isRfc1918, isRfc6598, mappingOfPublic, vpcOnInternet } from '../edges.ts';
import type { ParsedFrame } from '../parse.ts';
import { FROM_INTERNET } from '../program.ts';
import type { Layer, LayerContext } from './context.ts';
import { forwardTo } from './delivery.ts';

const UPLINK_MAC_HIGH = macHigh16(UPLINK_MAC);
const UPLINK_MAC_LOW = macLow32(UPLINK_MAC);

/** Out of the lab. */
export const uplinkLayer: Layer = {
  name: 'uplink',
  run(context: LayerContext): boolean {
    const { frame, program, verdict, eni } = context;
    // What comes from there does not go back, and what the lab gives out is nobody's outside.
    if (eni === -1 || isOfLab(context)) {
      return context.drop(DROP.IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS);
    }
    if (!hasPublicSource(context)) return context.drop(DROP.UPLINK_SOURCE_NOT_PUBLIC);
    if (frame.family === 6 && !program.uplinkHasIpv6) return context.drop(DROP.UPLINK_WITHOUT_IPV6);
    if (!isPublic(frame)) return context.drop(DROP.UPLINK_DESTINATION_NOT_PUBLIC);
    const subnet = program.enis.subnet[eni] as number;
    forwardTo(context, program.uplinkPort);
    verdict.destHigh = UPLINK_MAC_HIGH;
    verdict.destLow = UPLINK_MAC_LOW;
    verdict.sourceHigh = program.subnets.routerMacHigh[subnet] as number;
    verdict.sourceLow = program.subnets.routerMacLow[subnet] as number;
    return false;
  },
};

/** Into the lab. @returns false when the packet is none for the internet gateways. */
export function enterFromUplink(context: LayerContext): boolean {
  const { frame } = context;
  if (frame.family === 0) return context.drop(DROP.ETHERTYPE_NOT_FORWARDED);
  if (frame.family === 4 && isRfc1918(frame.s3)) {
    return context.drop(DROP.IGW_SOURCE_ADDRESS_NOT_IN_RFC1918_INGRESS);
  }
  if (frame.family === 4 && isRfc6598(frame.s3)) {
    return context.drop(DROP.IGW_SOURCE_ADDRESS_NOT_IN_RFC6598_INGRESS);
  }
  context.toRouter = true;
  return context.goOn(FROM_INTERNET);
}

/** An address that the lab gives to its own, whether somebody has it now or not. */
function isOfLab({ frame, program }: LayerContext): boolean {
  const { own4, own6 } = program.edges;
  const { family, d0, d1, d2, d3 } = frame;
  return (family === 4 ? lookupLpm4(own4, d3) : lookupLpm6(own6, d0, d1, d2, d3)) !== -1;
}

/** Behind gateway endpoints sources are private. */
function hasPublicSource({ frame, program }: LayerContext): boolean {
  const { edges } = program;
  const { family, s0, s1, s2, s3 } = frame;
  if (family === 4 && mappingOfPublic(edges, s3) !== -1) return true;
  return vpcOnInternet(edges, family, s0, s1, s2, s3) !== -1;
}

/** Not what is special to a host, a link or a site: RFC 6890; of IPv6 global unicast alone (RFC 4291 2.4). */
function isPublic({ family, d0, d3 }: ParsedFrame): boolean {
  if (family === 6) return d0 >>> 29 === 1;
  const first = d3 >>> 24;
  if (first === 0 || first === 127 || first >= 224 || d3 >>> 16 === 0xa9fe) return false;
  return !isRfc1918(d3) && !isRfc6598(d3);
}
