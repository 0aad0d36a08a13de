/** Which flow logs watch an interface. */
import type { FlowLog } from '../flow-logs.ts';
import type { Eni } from '../records.ts';
import type { Fabric } from '../snapshot.ts';

/** @returns the flow logs that an interface is in: its own, those of its subnet and of its VPC. */
export function flowLogsOf(snapshot: Fabric, { eniId, subnetId, vpcId }: Eni): FlowLog[] {
  return [...snapshot.flowLogs.values()].filter(
    ({ resourceId }) => resourceId === eniId || resourceId === subnetId || resourceId === vpcId,
  );
}
