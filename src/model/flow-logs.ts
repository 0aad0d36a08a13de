/** The records of flow logs: who wants to see which traffic, in what form (FL-1 to FL-8). */
import type { EniId, SubnetId, Tagged, VpcId } from './records.ts';

export type FlowLogId = `fl-${string}`;

export interface FlowLog extends Tagged {
  readonly flowLogId: FlowLogId;
  /** An interface, or all interfaces of a subnet or VPC, now and later. */
  readonly resourceId: EniId | SubnetId | VpcId;
  readonly trafficType: 'ACCEPT' | 'REJECT' | 'ALL';
  readonly destinationType: 'cloud-watch-logs' | 's3';
  /** The name of a log group, or the ARN of a bucket with an optional folder. */
  readonly destination: string;
  /** Names of fields in their order, such as `srcaddr` (FL-1). */
  readonly fields: readonly string[];
  /** Seconds over which a flow is summed up (FL-2). */
  readonly aggregationIntervalS: 60 | 600;
  /** Milliseconds since the epoch. */
  readonly creationTimeMs: number;
}
