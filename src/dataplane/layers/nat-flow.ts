/** Which flow of the gateway at hand a packet is of; an ICMP error is of the flow that it is about. */
import { NO_NAT_FLOW } from '../flow/nat-table.ts';
import { isIcmpErrorFrame } from '../parse.ts';
import type { LayerContext } from './context.ts';
import { readQuote } from './quote.ts';

/** @returns the slot of the flow that a packet from inside belongs to or begins, or as `NatTable.outbound`. */
export function outboundFlow(context: LayerContext): number {
  const { frame, natFlows, nowMs } = context;
  const gateway = context.enterNat();
  if (!isIcmpErrorFrame(frame)) return natFlows.outbound(gateway, frame, nowMs);
  if (!readQuote(context)) return NO_NAT_FLOW;
  return natFlows.outboundError(gateway, context.quoted, nowMs);
}

/** @returns the slot of the flow that a packet from outside belongs to, or `NO_NAT_FLOW`. */
export function inboundFlow(context: LayerContext): number {
  const { frame, natFlows, nowMs } = context;
  const gateway = context.enterNat();
  if (!isIcmpErrorFrame(frame)) return natFlows.inbound(gateway, frame, nowMs);
  if (!readQuote(context)) return NO_NAT_FLOW;
  return natFlows.inboundError(gateway, context.quoted, nowMs);
}
