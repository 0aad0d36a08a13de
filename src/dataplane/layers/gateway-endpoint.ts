/**
 * A gateway endpoint: the way from the interfaces of a VPC to a service of AWS, which sees their private
 * addresses; and back, for what has gone that way. Rules: GWEP-1, GWEP-2.
 */
import { ICMP_ECHO_REQUEST } from '../../packet/icmp.ts';
import { IPPROTO_ICMP, IPPROTO_TCP } from '../../packet/ipv4.ts';
import { DROP } from '../drop-reason.ts';
import { mayBeBehindEndpoint } from '../edges.ts';
import { PATH_ENDPOINT } from '../flow/flow-log-table.ts';
import { isIcmpErrorFrame, type ParsedFrame } from '../parse.ts';
import { eniByAddress, FROM_INTERNET } from '../program.ts';
import type { Layer, LayerContext } from './context.ts';
import { inboundFlow, outboundFlow } from './nat-flow.ts';

export const gatewayEndpointLayer: Layer = {
  name: 'gateway-endpoint',
  run(context: LayerContext): boolean {
    const { frame, program, vpc } = context;
    const { family, s0, s1, s2, s3 } = frame;
    if (eniByAddress(program, vpc, family, s0, s1, s2, s3) === -1) {
      return context.drop(DROP.VPCE_GATEWAY_EGRESS_SOURCE_ADDRESS_RESTRICTION);
    }
    if (!isCarried(frame)) return context.drop(DROP.VPCE_GATEWAY_PROTOCOL_RESTRICTION);
    context.leaveBy(PATH_ENDPOINT);
    context.nat = program.routeTargets.gateway[context.route] as number;
    const slot = outboundFlow(context);
    if (slot < 0) return context.drop(DROP.VPCE_GATEWAY_NO_FLOW);
    context.followNat(slot, false);
    context.leave(vpc);
    return context.goOn(FROM_INTERNET);
  },
};

/** An error may be about either. */
function isCarried(frame: ParsedFrame): boolean {
  const { protocol, sport } = frame;
  const isEcho = protocol === IPPROTO_ICMP && sport >>> 8 === ICMP_ECHO_REQUEST;
  return protocol === IPPROTO_TCP || isEcho || isIcmpErrorFrame(frame);
}

/**
 * Leads an answer of a service back to the VPC that asked, or an error about what has gone that way.
 * @returns false when it is none: nobody has asked the sender from that address.
 */
export function takesEndpointAnswer(context: LayerContext): boolean {
  const { frame, program } = context;
  if (!mayBeBehindEndpoint(program.edges, frame.d3)) return false;
  for (const row of program.edges.endpoints) {
    context.nat = row;
    const slot = inboundFlow(context);
    if (slot < 0) continue;
    context.followNat(slot, true);
    context.leave(program.edges.nat.vpc[row] as number);
    return true;
  }
  return false;
}
