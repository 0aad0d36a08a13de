/** What a lab says about names. */
import type { RecordSet } from '../model/hosted-zones.ts';

export interface LabHostedZone {
  /** What it is called in the file, which is the domain where that says nothing else. */
  readonly key: string;
  /** The domain. */
  readonly name: string;
  /** Names of VPCs. */
  readonly vpcs: readonly string[];
  /** By name and type; all names absolute. */
  readonly recordSets: readonly RecordSet[];
}
