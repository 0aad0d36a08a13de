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
} from './flow/flow-log-table.ts';
import type { LayerContext } from './layers/context.ts';
import { packetCount, superFrameHeaderSize } from './parse.ts';
import { ENI_FLOW_LOG, eniOfPort } from './program.ts';
import {
  FORWARD,
  REWRITE_DESTINATION,
  REWRITE_DESTINATION_PORT,
  REWRITE_SOURCE,
  REWRITE_SOURCE_PORT,
} from './verdict.ts';

/**
 * Counts a frame that was decided, before anything else becomes of it.
 * @param segmentSize Payload bytes of each segment of a super-frame, else 0.
 */
export function recordFlow(table: FlowLogTable, context: LayerContext, segmentSize: number): void {
  const { program, verdict, port, eni, isFiltered, rejectedBy } = context;
  if (verdict.kind === FORWARD) {
    const { servicesPort } = program;
    // From or to the services of the fabric (FL-8).
    if (port === servicesPort || verdict.argument === servicesPort) return;
    const target = eniOfPort(program, verdict.argument);
    recordAt(table, context, eni, false, FLOW_ACCEPTED, verdict.path, segmentSize);
    recordArrival(table, context, target, FLOW_ACCEPTED, verdict.rewrite, segmentSize);
  } else if (isFiltered) {
    const action = rejectedBy === EGRESS ? FLOW_REJECTED : FLOW_ACCEPTED;
    recordAt(table, context, eni, false, action, PATH_NONE, segmentSize);
    if (rejectedBy === INGRESS) {
      const { rewrite } = context.translation;
      recordArrival(table, context, context.target, FLOW_REJECTED, rewrite, segmentSize);
    }
  }
}

/** The one that gets the packet sees the addresses and ports that gateways on its way have made. */
function recordArrival(
  table: FlowLogTable,
  context: LayerContext,
  target: number,
  action: number,
  rewrite: number,
  segmentSize: number,
): void {
  const { frame, verdict } = context;
  const { s3, d3, sport, dport } = frame;
  if ((rewrite & REWRITE_SOURCE) !== 0) frame.s3 = verdict.sourceWord;
  if ((rewrite & REWRITE_DESTINATION) !== 0) frame.d3 = verdict.destinationWord;
  if ((rewrite & REWRITE_SOURCE_PORT) !== 0) frame.sport = verdict.ports >>> 16;
  if ((rewrite & REWRITE_DESTINATION_PORT) !== 0) frame.dport = verdict.ports & 0xffff;
  recordAt(table, context, target, true, action, PATH_NONE, segmentSize);
  frame.s3 = s3;
  frame.d3 = d3;
  frame.sport = sport;
  frame.dport = dport;
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
  // The uplink of the host is no interface.
  if (eni === -1) return;
  // An interface without a running instance sees nothing, and a log of it would tell nothing.
  if (((enis.flags[eni] as number) & ENI_FLOW_LOG) === 0 || enis.port[eni] === -1) return;
  const packets = packetCount(frame, bytes, segmentSize);
  const more = packets === 1 ? 0 : (packets - 1) * superFrameHeaderSize(frame, bytes);
  const size = frame.packetSize + more;
  const macHigh = enis.macHigh[eni] as number;
  const macLow = enis.macLow[eni] as number;
  table.add(macHigh, macLow, isIngress, action, path, frame, packets, size, nowMs);
}
