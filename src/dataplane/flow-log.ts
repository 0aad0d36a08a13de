/**
 * From the verdict on a frame to the sums of flow logs: at the interface that sent it and at the one
 * that gets it, accepted or rejected by its groups or the ACL of its subnet. What the fabric answers or
 * refuses before any filter has looked is in no flow log. Rules: FL-3, FL-5, FL-8.
 */
import { EGRESS, INGRESS } from './flow/connection-table.ts';
import {
  FLOW_ACCEPTED,
  FLOW_REJECTED,
  type FlowLogTable,
  PATH_NONE,
  PATH_SAME_VPC,
} from './flow/flow-log-table.ts';
import type { LayerContext } from './layers/context.ts';
import { superFrameHeaderSize } from './parse.ts';
import { ENI_FLOW_LOG, eniOfPort } from './program.ts';
import { FORWARD } from './verdict.ts';

/**
 * Counts a frame that was decided, before anything else becomes of it.
 * @param segmentSize Payload bytes of each segment of a super-frame, else 0.
 */
export function recordFlow(table: FlowLogTable, context: LayerContext, segmentSize: number): void {
  const { program, verdict, eni, isFiltered, rejectedBy } = context;
  if (verdict.kind === FORWARD) {
    const target = eniOfPort(program, verdict.argument);
    recordAt(table, context, eni, false, FLOW_ACCEPTED, PATH_SAME_VPC, segmentSize);
    recordAt(table, context, target, true, FLOW_ACCEPTED, PATH_NONE, segmentSize);
  } else if (isFiltered) {
    const action = rejectedBy === EGRESS ? FLOW_REJECTED : FLOW_ACCEPTED;
    recordAt(table, context, eni, false, action, PATH_NONE, segmentSize);
    if (rejectedBy === INGRESS) {
      recordAt(table, context, context.target, true, FLOW_REJECTED, PATH_NONE, segmentSize);
    }
  }
}

function recordAt(
  table: FlowLogTable,
  context: LayerContext,
  eni: number,
  isIngress: boolean,
  action: number,
  path: number,
  segmentSize: number,
): void {
  const { program, frame, bytes, nowMs } = context;
  const { enis } = program;
  // An interface without a running instance sees nothing, and a log of it would tell nothing.
  if (((enis.flags[eni] as number) & ENI_FLOW_LOG) === 0 || enis.port[eni] === -1) return;
  let packets = 1;
  let size = frame.packetSize;
  if (segmentSize !== 0) {
    const headers = superFrameHeaderSize(frame, bytes);
    packets = Math.max(1, Math.ceil((size - headers) / segmentSize));
    size += (packets - 1) * headers;
  }
  const macHigh = enis.macHigh[eni] as number;
  const macLow = enis.macLow[eni] as number;
  table.add(macHigh, macLow, isIngress, action, path, frame, packets, size, nowMs);
}
