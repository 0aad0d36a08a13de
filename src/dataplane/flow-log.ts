/**
 * From the verdict on a frame to the sums of flow logs: at the interface that sent it, at those of the NAT
 * gateways on its way, and at the one that gets it, accepted or rejected by its groups or the ACL of its
 * subnet. What the fabric answers or refuses before any filter has looked is in no flow log.
 * Rules: FL-3, FL-5, FL-6, FL-8.
 */
import { EGRESS, INGRESS } from './flow/connection-table.ts';
import {
  FLOW_ACCEPTED,
  FLOW_REJECTED,
  type FlowLogTable,
  PATH_NONE,
} from './flow/flow-log-table.ts';
import type { LayerContext } from './layers/context.ts';
import type { PacketEnds } from './nat-passages.ts';
import { packetCount, superFrameHeaderSize } from './parse.ts';
import { ENI_FLOW_LOG, eniOfPort, isThere } from './program.ts';
import {
  FORWARD,
  REWRITE_DESTINATION,
  REWRITE_DESTINATION_PORT,
  REWRITE_SOURCE,
  REWRITE_SOURCE_PORT,
  WRAP,
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
    recordGateways(table, context, segmentSize);
    recordArrival(table, context, target, FLOW_ACCEPTED, verdict.rewrite, segmentSize);
  } else if (verdict.kind >= WRAP) {
    // In its other form it is recorded where it arrives.
    recordAt(table, context, eni, false, FLOW_ACCEPTED, verdict.path, segmentSize);
    recordGateways(table, context, segmentSize);
  } else if (isFiltered) {
    const action = rejectedBy === EGRESS ? FLOW_REJECTED : FLOW_ACCEPTED;
    recordAt(table, context, eni, false, action, PATH_NONE, segmentSize);
    recordGateways(table, context, segmentSize);
    if (rejectedBy === INGRESS) {
      const { rewrite } = context.translation;
      recordArrival(table, context, context.target, FLOW_REJECTED, rewrite, segmentSize);
    }
  }
}

/** At the interfaces of the NAT gateways that the packet came to: as it came, and as it left. */
function recordGateways(table: FlowLogTable, context: LayerContext, segmentSize: number): void {
  const { program, verdict, passages } = context;
  const isDelivered = verdict.kind === FORWARD || verdict.kind >= WRAP;
  if (passages.count === 0 && isDelivered && verdict.natSlot !== 0) {
    recordKnownGateway(table, context, segmentSize);
  }
  for (let index = 0; index < passages.count; index++) {
    const eni = program.edges.nat.eni[passages.nat(index)] as number;
    const came = passages.isLetIn(index) ? FLOW_ACCEPTED : FLOW_REJECTED;
    const arrival = passages.arrival(index);
    recordAs(table, context, arrival, eni, true, came, PATH_NONE, segmentSize);
    if (!passages.hasLeft(index)) continue;
    const left = passages.isLetOut(index) ? FLOW_ACCEPTED : FLOW_REJECTED;
    const path = isDelivered ? passages.path(index) : PATH_NONE;
    recordAs(table, context, passages.departure(index), eni, false, left, path, segmentSize);
  }
  // The next frame may be of a known flow, which has no walk.
  passages.clear();
}

/** The same from what a known flow remembers. */
function recordKnownGateway(table: FlowLogTable, context: LayerContext, segmentSize: number): void {
  const { program, verdict, natFlows, frame } = context;
  const { natSlot, isNatReply, natPath } = verdict;
  // Its touch may wait for a second, in which the slot can get another flow.
  if (natFlows.serialOf(natSlot) !== verdict.natSerial) return;
  const { nat } = program.edges;
  const eni = nat.eni[nat.id.indexOf(natFlows.gatewayOf(natSlot))] as number;
  if (eni === -1) return;
  const outside = natFlows.outsideWord(natSlot);
  const outsidePort = natFlows.outsidePort(natSlot);
  if (isNatReply) {
    const source = (verdict.rewrite & REWRITE_SOURCE) === 0 ? frame.s3 : verdict.sourceWord;
    see(source, outside, frame.sport, outsidePort);
    recordAs(table, context, SEEN, eni, true, FLOW_ACCEPTED, PATH_NONE, segmentSize);
    see(source, natFlows.insideWord(natSlot, 3), frame.sport, natFlows.insidePort(natSlot));
  } else {
    see(frame.s3, frame.d3, frame.sport, frame.dport);
    recordAs(table, context, SEEN, eni, true, FLOW_ACCEPTED, PATH_NONE, segmentSize);
    see(outside, frame.d3, outsidePort, frame.dport);
  }
  // In its other form it is recorded as what the gateway sends.
  if (verdict.kind >= WRAP) return;
  recordAs(table, context, SEEN, eni, false, FLOW_ACCEPTED, natPath, segmentSize);
}

/** What the interface at hand sees of the packet; reused. */
const SEEN: PacketEnds = { source: 0, destination: 0, ports: 0 };

function see(source: number, destination: number, sport: number, dport: number): void {
  SEEN.source = source;
  SEEN.destination = destination;
  SEEN.ports = (sport << 16) | dport;
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
  see(
    (rewrite & REWRITE_SOURCE) === 0 ? frame.s3 : verdict.sourceWord,
    (rewrite & REWRITE_DESTINATION) === 0 ? frame.d3 : verdict.destinationWord,
    (rewrite & REWRITE_SOURCE_PORT) === 0 ? frame.sport : verdict.ports >>> 16,
    (rewrite & REWRITE_DESTINATION_PORT) === 0 ? frame.dport : verdict.ports & 0xffff,
  );
  recordAs(table, context, SEEN, target, true, action, PATH_NONE, segmentSize);
}

/** Counts the packet as an interface sees it, which is not as the frame has it. */
function recordAs(
  table: FlowLogTable,
  context: LayerContext,
  { source, destination, ports }: PacketEnds,
  eni: number,
  isIngress: boolean,
  action: number,
  path: number,
  segmentSize: number,
): void {
  const { frame } = context;
  const { s3, d3, sport, dport } = frame;
  frame.s3 = source;
  frame.d3 = destination;
  frame.sport = ports >>> 16;
  frame.dport = ports & 0xffff;
  recordAt(table, context, eni, isIngress, action, path, segmentSize);
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
  if (((enis.flags[eni] as number) & ENI_FLOW_LOG) === 0 || !isThere(program, eni)) return;
  const packets = packetCount(frame, bytes, segmentSize);
  const more = packets === 1 ? 0 : (packets - 1) * superFrameHeaderSize(frame, bytes);
  const size = frame.packetSize + more;
  const macHigh = enis.macHigh[eni] as number;
  const macLow = enis.macLow[eni] as number;
  table.add(macHigh, macLow, isIngress, action, path, frame, packets, size, nowMs);
}
