/** What of a lab filters or records traffic: names resolved, defaults filled in, rules parsed. */
import type { Cidr } from '../addr/cidr.ts';
import type { NetworkAclEntry, Traffic } from '../model/filters.ts';
import type { Path } from './file/problems.ts';

interface Placed {
  readonly path: Path;
}

export type LabRulePeer =
  | { readonly kind: 'cidr'; readonly cidr: Cidr }
  /** `vpc/group`. */
  | { readonly kind: 'group'; readonly key: string }
  | { readonly kind: 'prefix-list'; readonly name: string };

export interface LabRule {
  readonly traffic: Traffic;
  readonly peer: LabRulePeer;
}

/** The name of the group and of the ACL that a VPC is made with. */
export const DEFAULT = 'default';

export interface LabSecurityGroup extends Placed {
  readonly name: string;
  readonly vpc: string;
  /** `vpc/group`. */
  readonly key: string;
  readonly description: string;
  readonly ingress: readonly LabRule[];
  readonly egress: readonly LabRule[];
}

export interface LabNetworkAcl extends Placed {
  readonly name: string;
  readonly vpc: string;
  /** `vpc/acl`. */
  readonly key: string;
  /** Without the final denials. */
  readonly entries: readonly NetworkAclEntry[];
}

export interface LabPrefixList extends Placed {
  readonly name: string;
  readonly family: 4 | 6;
  readonly maxEntries: number;
  readonly entries: readonly Cidr[];
}

export interface LabFlowLog extends Placed {
  readonly resource:
    | { readonly kind: 'vpc'; readonly name: string }
    /** `vpc/subnet`. */
    | { readonly kind: 'subnet'; readonly name: string }
    /** `floating`, or `r1.eth0`. */
    | { readonly kind: 'interface'; readonly name: string };
  readonly trafficType: 'ACCEPT' | 'REJECT' | 'ALL';
  /** null: AWS's own format. */
  readonly fields: readonly string[] | null;
  readonly aggregationIntervalS: 60 | 600;
}
