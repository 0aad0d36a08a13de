/**
 * NAT gateways: from inside they put their own address and a port for those of the guest, and let in
 * what answers. Of IPv6 to the prefix of NAT64 they make IPv4, and back of the answers.
 * Read first: RFC 5382, RFC 4787, RFC 5508, RFC 6146. Rules: NAT-1 to NAT-8.
 */
import { readI32, readU8 } from '../../packet/bytes.ts';
import {
  IPPROTO_ICMP,
  IPPROTO_ICMPV6,
  IPPROTO_TCP,
  IPPROTO_UDP,
  IPV4_DESTINATION,
  IPV4_TTL,
} from '../../packet/ipv4.ts';
import { IPV6_HOP_LIMIT } from '../../packet/ipv6.ts';
import { TCP_RST } from '../../packet/tcp.ts';
import { DROP } from '../drop-reason.ts';
import { isInVpc } from '../edges.ts';
import { NO_NAT_FLOW, NO_NAT_PORT } from '../flow/nat-table.ts';
import { FRAGMENT_NONE } from '../parse.ts';
import { PUNT_NAT_RESET, PUNT_TIME_EXCEEDED, TO_IPV4, TO_IPV6 } from '../verdict.ts';
import type { Layer, LayerContext } from './context.ts';
import { inboundFlow, outboundFlow } from './nat-flow.ts';

/** From a guest to the gateway that its route names. */
export const natEgressLayer: Layer = {
  name: 'nat-gateway-egress',
  run(context: LayerContext): boolean {
    const { frame, program, vpc } = context;
    const { family, s0, s1, s2, s3 } = frame;
    context.passages.arrive(context.nat, frame);
    if (!isInVpc(program.edges, vpc, family, s0, s1, s2, s3)) {
      return context.drop(DROP.NGW_REQUIRES_SOURCE_IN_VPC);
    }
    const { addresses, addressFrom } = program.edges.nat;
    // The guests know its private address.
    context.hopWord = addresses[addressFrom[context.nat] as number] as number;
    if (!canTranslate(context)) return false;
    const slot = outboundFlow(context);
    if (slot < 0) return refuse(context, slot);
    // No other IPv6 route than that of the prefix leads here.
    if (family === 6) return changeVersion(context, TO_IPV4, slot);
    context.followNat(slot, false);
    return true;
  },
};

/** From outside to an address of the gateway: only answers pass. */
export const natIngressLayer: Layer = {
  name: 'nat-gateway-ingress',
  run(context: LayerContext): boolean {
    const { frame, bytes, natFlows } = context;
    context.passages.arrive(context.nat, frame);
    // Whoever sends from outside knows the address that it sends to.
    context.hopWord = readI32(bytes, frame.ipStart + IPV4_DESTINATION);
    if (!canTranslate(context)) return false;
    const slot = inboundFlow(context);
    if (slot < 0) return context.drop(DROP.NAT_GATEWAY_NO_CONNECTION);
    if (natFlows.hasIpv6Inside(slot)) return changeVersion(context, TO_IPV6, slot);
    context.followNat(slot, true);
    return true;
  },
};

/** Ends the walk: the gateway sends the packet on in the other IP version (NAT-8). */
function changeVersion(context: LayerContext, kind: number, slot: number): false {
  context.takeNat(slot, kind === TO_IPV6);
  context.translation.takeHop();
  return context.reshape(kind, context.nat);
}

/** @returns false when the packet is none for a gateway, which has been said then. */
function canTranslate(context: LayerContext): boolean {
  const { family, protocol, fragment } = context.frame;
  const hasPorts = protocol === IPPROTO_TCP || protocol === IPPROTO_UDP;
  if (!hasPorts && protocol !== (family === 4 ? IPPROTO_ICMP : IPPROTO_ICMPV6)) {
    return context.drop(DROP.NAT_GATEWAY_PROTOCOL_NOT_SUPPORTED);
  }
  if (fragment !== FRAGMENT_NONE && protocol !== IPPROTO_UDP) {
    return context.drop(DROP.NAT_GATEWAY_FRAGMENT);
  }
  const hopsBefore = context.translation.hops;
  return hasHopsLeft(context, hopsBefore + 1) || context.punt(PUNT_TIME_EXCEEDED);
}

/** The gateway is a router that shows, and takes one from the TTL (NAT-5). */
export function hasHopsLeft({ bytes, frame }: LayerContext, hops: number): boolean {
  return readU8(bytes, frame.ipStart + (frame.family === 4 ? IPV4_TTL : IPV6_HOP_LIMIT)) > hops;
}

function refuse(context: LayerContext, slot: number): false {
  const { protocol, tcpFlags } = context.frame;
  if (slot === NO_NAT_PORT) return context.drop(DROP.NAT_GATEWAY_NO_PORT);
  if (slot !== NO_NAT_FLOW) return context.drop(DROP.NAT_GATEWAY_FULL);
  // A connection that was idle for too long is told so, never by an answer to a reset (NAT-2).
  const isReset = protocol === IPPROTO_TCP && (tcpFlags & TCP_RST) === 0;
  return isReset ? context.punt(PUNT_NAT_RESET) : context.drop(DROP.NAT_GATEWAY_NO_CONNECTION);
}
