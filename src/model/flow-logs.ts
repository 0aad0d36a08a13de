/** The records of flow logs: who wants to see which traffic, in what form (FL-1 to FL-8). */
import type { EniId, FlowLogId, SubnetId, VpcId } from './ids.ts';
import type { Tagged } from './tags.ts';

/**
 * The fields of a record, to the version of the format that brought them; AWS's order in each.
 * @source FL-1, FL-4, FL-5, FL-6
 */
export const FLOW_LOG_FIELDS = {
  version: 2,
  'account-id': 2,
  'interface-id': 2,
  srcaddr: 2,
  dstaddr: 2,
  srcport: 2,
  dstport: 2,
  protocol: 2,
  packets: 2,
  bytes: 2,
  start: 2,
  end: 2,
  action: 2,
  'log-status': 2,
  'vpc-id': 3,
  'subnet-id': 3,
  'instance-id': 3,
  'tcp-flags': 3,
  type: 3,
  'pkt-srcaddr': 3,
  'pkt-dstaddr': 3,
  region: 4,
  'az-id': 4,
  'sublocation-type': 4,
  'sublocation-id': 4,
  'pkt-src-aws-service': 5,
  'pkt-dst-aws-service': 5,
  'flow-direction': 5,
  'traffic-path': 5,
} as const satisfies Readonly<Record<string, 2 | 3 | 4 | 5>>;

export type FlowLogField = keyof typeof FLOW_LOG_FIELDS;

/** What a flow log without a format of its own has: all of version 2. @source FL-1 */
export const DEFAULT_FLOW_LOG_FIELDS: readonly FlowLogField[] = Object.keys(FLOW_LOG_FIELDS)
  .filter(isFlowLogField)
  .filter((field) => FLOW_LOG_FIELDS[field] === 2);

export function isFlowLogField(name: string): name is FlowLogField {
  return Object.hasOwn(FLOW_LOG_FIELDS, name);
}

export interface FlowLog extends Tagged {
  readonly flowLogId: FlowLogId;
  /** An interface, or all interfaces of a subnet or VPC, now and later. */
  readonly resourceId: EniId | SubnetId | VpcId;
  readonly trafficType: 'ACCEPT' | 'REJECT' | 'ALL';
  readonly destinationType: 'cloud-watch-logs' | 's3';
  /** The name of a log group, or the ARN of a bucket with an optional folder. */
  readonly destination: string;
  /** The role that AWS would write with; shown, and not used. */
  readonly deliverLogsPermissionArn: string | null;
  /** In their order. */
  readonly fields: readonly [FlowLogField, ...FlowLogField[]];
  /** Seconds over which a flow is summed up (FL-2). */
  readonly aggregationIntervalS: 60 | 600;
  /** Milliseconds since the epoch. */
  readonly creationTimeMs: number;
}
