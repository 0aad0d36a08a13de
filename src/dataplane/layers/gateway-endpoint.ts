/**
 * A gateway endpoint: the way from the interfaces of a VPC to a service of AWS, which sees their private
 * addresses; and back, for what has gone that way. Rules: GWEP-1, GWEP-2.
 */
import { ICMP_ECHO_REQUEST } from '../../packet/icmp.ts';
import { IPPROTO_ICMP, IPPROTO_TCP } from '../../packet/ipv4.ts';
import { DROP } from '../drop-reason.ts';
import { PATH_ENDPOINT } from '../flow/flow-log-table.ts';
import { eniByAddress, FROM_INTERNET } from '../program.ts';
import type { Layer, LayerContext } from './context.ts';

export const gatewayEndpointLayer: Layer = {
  name: 'gateway-endpoint',
  run(context: LayerContext): boolean {
    const { frame, program, vpc, natFlows, nowMs } = context;
    const { family, protocol, sport, s0, s1, s2, s3 } = frame;
    if (eniByAddress(program, vpc, family, s0, s1, s2, s3) === -1) {
      return context.drop(DROP.VPCE_GATEWAY_EGRESS_SOURCE_ADDRESS_RESTRICTION);
    }
    const isEcho = protocol === IPPROTO_ICMP && sport >>> 8 === ICMP_ECHO_REQUEST;
    if (protocol !== IPPROTO_TCP && !isEcho) {
      return context.drop(DROP.VPCE_GATEWAY_PROTOCOL_RESTRICTION);
    }
    context.leaveBy(PATH_ENDPOINT);
    context.nat = program.routeTargets.gateway[context.route] as number;
    const slot = natFlows.outbound(context.enterNat(), frame, nowMs);
    if (slot < 0) return context.drop(DROP.VPCE_GATEWAY_NO_FLOW);
    context.followNat(slot, false);
    context.leave(vpc);
    return context.goOn(FROM_INTERNET);
  },
};

/**
 * Leads an answer of a service back to the VPC that asked.
 * @returns false when it is none: nobody has asked the sender from that address.
 */
export function takesEndpointAnswer(context: LayerContext): boolean {
  const { frame, program, natFlows, nowMs } = context;
  for (const row of program.edges.endpoints) {
    context.nat = row;
    const slot = natFlows.inbound(context.enterNat(), frame, nowMs);
    if (slot < 0) continue;
    context.followNat(slot, true);
    context.leave(program.edges.nat.vpc[row] as number);
    return true;
  }
  return false;
}
