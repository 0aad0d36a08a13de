/** Private hosted zones, which on AWS are Route 53's: names of one's own, for the VPCs that one says. */
import type { RecordData } from './dns-records.ts';
import type { HostedZoneId, VpcId } from './ids.ts';

/** All records of one name and type. */
export interface RecordSet {
  /** In the zone; the first label may be `*`. */
  readonly name: string;
  readonly type: RecordData['type'];
  /** Seconds. */
  readonly ttl: number;
  /** As zone files have them; `record-values.ts` reads them. */
  readonly values: readonly string[];
}

export interface HostedZone {
  readonly hostedZoneId: HostedZoneId;
  /** What whoever made it calls it; no two zones have the same. */
  readonly callerReference: string;
  readonly name: string;
  readonly vpcIds: readonly VpcId[];
  readonly recordSets: readonly RecordSet[];
}
