/** What of a lab filters or records traffic: names resolved, defaults filled in, rules parsed. */
import { type Cidr, ipv4Cidr, ipv6Cidr } from '../addr/cidr.ts';
import type { NetworkAclEntry, Traffic } from '../model/filters.ts';
import type { Realm } from '../model/realm.ts';
import type { Path } from './file/problems.ts';
import { ALL_TRAFFIC, familyOf } from './traffic-words.ts';

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
  /** false: the default group as AWS makes it, which the file says nothing of. */
  readonly isDeclared: boolean;
  readonly ingress: readonly LabRule[];
  readonly egress: readonly LabRule[];
}

export interface LabNetworkAcl extends Placed {
  readonly name: string;
  readonly vpc: string;
  /** `vpc/acl`. */
  readonly key: string;
  /** false: the default ACL as AWS makes it, which the file says nothing of. */
  readonly isDeclared: boolean;
  /** Without the final denials. */
  readonly entries: readonly NetworkAclEntry[];
}

export interface LabPrefixList extends Placed {
  readonly name: string;
  readonly realm: Realm;
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
  readonly logGroup: string;
}

const ANY_IPV4: Cidr = ipv4Cidr(0, 0);
const ANY_IPV6: Cidr = ipv6Cidr(0n, 0);

/** @returns the blocks that `anywhere` stands for; ICMP is of one family, whatever the VPC has. */
export function anywhere({ protocol }: Traffic, hasIpv6: boolean): readonly [Cidr, ...Cidr[]] {
  const family = familyOf(protocol);
  if (family !== null) return [family === 4 ? ANY_IPV4 : ANY_IPV6];
  return hasIpv6 ? [ANY_IPV4, ANY_IPV6] : [ANY_IPV4];
}

/** @param key `vpc/group`. @returns the rules that AWS makes a group with (SG-2). */
export function rulesOfNewGroup(
  key: string,
  hasIpv6: boolean,
): Pick<LabSecurityGroup, 'ingress' | 'egress'> {
  const isDefault = key.endsWith(`/${DEFAULT}`);
  return {
    ingress: isDefault ? [{ traffic: ALL_TRAFFIC, peer: { kind: 'group', key } }] : [],
    egress: anywhere(ALL_TRAFFIC, hasIpv6).map((cidr) => ({
      traffic: ALL_TRAFFIC,
      peer: { kind: 'cidr', cidr },
    })),
  };
}

const DEFAULT_ALLOW_NUMBERS = { 4: 100, 6: 101 } as const;

/** @returns the entries that AWS makes an ACL with, without the final denials (ACL-3). */
export function entriesOfNewAcl(key: string, hasIpv6: boolean): readonly NetworkAclEntry[] {
  if (!key.endsWith(`/${DEFAULT}`)) return [];
  return anywhere(ALL_TRAFFIC, hasIpv6).flatMap((cidr) =>
    [false, true].map((isEgress) => ({
      ruleNumber: DEFAULT_ALLOW_NUMBERS[cidr.family],
      isEgress,
      action: 'allow' as const,
      traffic: ALL_TRAFFIC,
      cidr,
    })),
  );
}
