/**
 * What AWS writes into filters of its own accord when a VPC gets its first IPv6 block: groups and
 * default ACLs that nobody changed allow for IPv6 what they allow for IPv4 (SG-2, ACL-3).
 * A plan that gives a VPC its block has to know, or it would ask for what is there already.
 */
import { cidrEquals } from '../../addr/cidr.ts';
import type { NetworkAcl, NetworkAclEntry, SecurityGroup } from '../../model/filters.ts';
import { entriesOfNewAcl, type LabRule, rulesOfNewGroup } from '../lab-filters.ts';
import { hasIpv6, kept, type PlanContext } from './context.ts';

type RuleNow = Pick<SecurityGroup['rules'][number], 'isEgress' | 'traffic' | 'peer'>;

/** @returns the rules of the group as they are when its VPC has the blocks of the lab file. */
export function rulesOnceIpv6(
  context: PlanContext,
  vpc: string,
  { rules }: SecurityGroup,
): readonly RuleNow[] {
  if (!getsIpv6(context, vpc)) return rules;
  const [only, ...others] = rules.filter(({ isEgress }) => isEgress);
  const [ipv4, ipv6] = rulesOfNewGroup(vpc, true).egress;
  const isUntouched = only !== undefined && others.length === 0 && isSame(only, ipv4);
  if (!isUntouched || ipv6?.peer.kind !== 'cidr') return rules;
  return [...rules, { isEgress: true, traffic: ipv6.traffic, peer: ipv6.peer }];
}

function getsIpv6(context: PlanContext, vpc: string): boolean {
  const now = kept(context.current.vpcs, context.departures.vpcs, vpc);
  return now?.ipv6Cidrs.length === 0 && hasIpv6(context, vpc);
}

function isSame({ traffic, peer }: RuleNow, wanted: LabRule | undefined): boolean {
  if (wanted?.peer.kind !== 'cidr' || peer.kind !== 'cidr') return false;
  return traffic.protocol === wanted.traffic.protocol && cidrEquals(peer.cidr, wanted.peer.cidr);
}

/** As `rulesOnceIpv6`, for the entries of an ACL, without the final denials. */
export function entriesOnceIpv6(
  context: PlanContext,
  key: string,
  entries: NetworkAcl['entries'],
): NetworkAcl['entries'] {
  const vpc = key.slice(0, key.indexOf('/'));
  if (!getsIpv6(context, vpc)) return entries;
  const before = entriesOfNewAcl(key, false);
  const added = entriesOfNewAcl(key, true).filter(({ isEgress, cidr }) => {
    const own = entries.filter((each) => each.isEgress === isEgress);
    const made = before.find((each) => each.isEgress === isEgress);
    const [first, ...others] = own;
    const isUntouched = first !== undefined && others.length === 0 && made !== undefined;
    return cidr.family === 6 && isUntouched && sameEntry(first, made);
  });
  return [...entries, ...added];
}

/** @returns true when two entries say the same in the same place. */
export function sameEntry(a: NetworkAclEntry, b: NetworkAclEntry): boolean {
  return (
    a.isEgress === b.isEgress &&
    a.ruleNumber === b.ruleNumber &&
    a.action === b.action &&
    a.traffic.protocol === b.traffic.protocol &&
    a.traffic.fromPort === b.traffic.fromPort &&
    a.traffic.toPort === b.traffic.toPort &&
    cidrEquals(a.cidr, b.cidr)
  );
}
