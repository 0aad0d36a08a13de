/** The egress-only gateway of a VPC: IPv6 goes out as it is, and only answers come in. Rule: EIGW-1. */
import { DROP } from '../drop-reason.ts';
import { PATH_INTERNET } from '../flow/flow-log-table.ts';
import { eniByAddress, FROM_INTERNET } from '../program.ts';
import type { Layer, LayerContext } from './context.ts';
import { inboundFlow, outboundFlow } from './nat-flow.ts';

export const egressOnlyLayer: Layer = {
  name: 'egress-only-gateway',
  run(context: LayerContext): boolean {
    const { frame, program, vpc } = context;
    const { s0, s1, s2, s3 } = frame;
    if (eniByAddress(program, vpc, 6, s0, s1, s2, s3) === -1) {
      return context.drop(DROP.GATEWAY_REJECTS_SPOOFED_TRAFFIC);
    }
    context.leaveBy(PATH_INTERNET);
    context.nat = program.routeTargets.gateway[context.route] as number;
    const slot = outboundFlow(context);
    if (slot < 0) return context.drop(DROP.EGRESS_ONLY_GATEWAY_NO_FLOW);
    context.followNat(slot, false);
    context.leave(vpc);
    return context.goOn(FROM_INTERNET);
  },
};

/**
 * @returns true for an answer to what has left by the gateway; it may enter though the VPC has no other.
 *   Any other packet needs an internet gateway.
 */
export function isEgressOnlyAnswer(context: LayerContext, gateway: number): boolean {
  if (gateway === -1) return false;
  context.nat = gateway;
  const slot = inboundFlow(context);
  if (slot < 0) return false;
  context.followNat(slot, true);
  return true;
}
