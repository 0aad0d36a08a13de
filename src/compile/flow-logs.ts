/** Which interfaces the dataplane keeps flows of, for the flow logs that they are in. */
import { ENI_FLOW_LOG } from '../dataplane/program.ts';
import { flowLogsOf } from '../model/lookups/flow-logs.ts';
import type { Eni } from '../model/records.ts';
import type { Fabric } from '../model/snapshot.ts';

/** @returns the bit of `EniTable.flags`, or 0. */
export function flowLogFlag(snapshot: Fabric, eni: Eni): number {
  return flowLogsOf(snapshot, eni).length > 0 ? ENI_FLOW_LOG : 0;
}

/** @returns the milliseconds of a window (FL-2); 0 when nothing is logged. */
export function flowLogWindowMs({ flowLogs, settings }: Fabric): number {
  return flowLogs.size === 0 ? 0 : settings.flowLogIntervalS * 1000;
}
