/** Plans network ACLs: their entries, one by one, and which subnet has which. */
import type { ActionInput } from '../../actions/action.ts';
import { hasIcmpTypes, hasPorts } from '../../actions/filters/traffic.ts';
import { formatCidr } from '../../addr/cidr.ts';
import type { NetworkAclEntry } from '../../model/filters.ts';
import { networkAclOfSubnet } from '../../model/lookups/filters.ts';
import { DEFAULT, entriesOfNewAcl, type LabNetworkAcl } from '../lab-filters.ts';
import { formatTraffic } from '../traffic-words.ts';
import { hasIpv6, kept, type PlanContext, realmOf } from './context.ts';
import { entriesOnceIpv6, sameEntry } from './ipv6-filters.ts';
import { isOwned } from './owned.ts';
import { planDefaultMark, reference, tagSpecifications } from './planned-action.ts';
import { aclIdOf, keptAcl } from './references.ts';

export function planNetworkAcls(context: PlanContext): void {
  const { lab, plan } = context;
  plan.nextStage();
  for (const acl of lab.networkAcls.values()) {
    if (acl.name === DEFAULT || keptAcl(context, acl.key) !== undefined) continue;
    plan.add(
      'CreateNetworkAcl',
      {
        VpcId: reference('vpc', acl.vpc),
        ...tagSpecifications('network-acl', acl.name, lab.name),
      },
      { realm: realmOf(context, acl.vpc), subject: subjectOf(acl), reason: 'not there yet' },
      [{ name: `networkAcl:${acl.key}`, at: ['NetworkAcl', 'NetworkAclId'] }],
    );
  }
  planEntries(context);
  planAssociations(context);
}

function subjectOf({ key }: LabNetworkAcl): string {
  return `network ACL ${key}`;
}

interface EntryChange {
  readonly acl: LabNetworkAcl;
  readonly now: readonly NetworkAclEntry[];
}

/** Entries go before others come, as an ACL may be full. */
function planEntries(context: PlanContext): void {
  const { lab, plan } = context;
  const changes: EntryChange[] = [];
  plan.nextStage();
  for (const acl of lab.networkAcls.values()) {
    const existing = keptAcl(context, acl.key);
    const isMarked = existing !== undefined && isOwned(lab.name, existing);
    // A default ACL that the file never spoke of is left alone.
    if (!acl.isDeclared && !isMarked) continue;
    const subject = subjectOf(acl);
    const realm = realmOf(context, acl.vpc);
    const id = aclIdOf(context, acl.key);
    planDefaultMark(plan, lab.name, { ...acl, id, isMarked, realm, subject });
    changes.push({ acl, now: entriesNow(context, acl) });
  }
  for (const change of changes) deleteEntries(context, change);
  plan.nextStage();
  for (const change of changes) writeEntries(context, change);
}

const LAST_RULE_NUMBER = 32_766;

function entriesNow(context: PlanContext, acl: LabNetworkAcl): readonly NetworkAclEntry[] {
  const existing = keptAcl(context, acl.key);
  if (existing === undefined) {
    return entriesOfNewAcl(acl.key, hasIpv6(context, acl.vpc));
  }
  const own = existing.entries.filter(({ ruleNumber }) => ruleNumber <= LAST_RULE_NUMBER);
  return entriesOnceIpv6(context, acl.key, own);
}

function isAt(place: NetworkAclEntry): (entry: NetworkAclEntry) => boolean {
  return ({ isEgress, ruleNumber }) =>
    isEgress === place.isEgress && ruleNumber === place.ruleNumber;
}

function deleteEntries(context: PlanContext, { acl, now }: EntryChange): void {
  for (const entry of now) {
    if (acl.entries.some(isAt(entry))) continue;
    const input = {
      NetworkAclId: aclIdOf(context, acl.key),
      RuleNumber: entry.ruleNumber,
      Egress: entry.isEgress,
    };
    const reason = `${textOf(entry)} is not in the lab file any more`;
    const realm = realmOf(context, acl.vpc);
    context.plan.add('DeleteNetworkAclEntry', input, { realm, subject: subjectOf(acl), reason });
  }
}

function writeEntries(context: PlanContext, { acl, now }: EntryChange): void {
  const NetworkAclId = aclIdOf(context, acl.key);
  const subject = subjectOf(acl);
  const realm = realmOf(context, acl.vpc);
  for (const entry of acl.entries) {
    const existing = now.find(isAt(entry));
    if (existing !== undefined && sameEntry(existing, entry)) continue;
    const input = { NetworkAclId, ...inputOf(entry) };
    if (existing === undefined) {
      const reason = `${textOf(entry)} is not there yet`;
      context.plan.add('CreateNetworkAclEntry', input, { realm, subject, reason });
    } else {
      const reason = `${textOf(existing)} changed to ${textOf(entry)}`;
      context.plan.add('ReplaceNetworkAclEntry', input, { realm, subject, reason });
    }
  }
}

function inputOf({ ruleNumber, isEgress, action, traffic, cidr }: NetworkAclEntry): ActionInput {
  const { protocol, fromPort, toPort } = traffic;
  return {
    RuleNumber: ruleNumber,
    Egress: isEgress,
    RuleAction: action,
    Protocol: `${protocol}`,
    [cidr.family === 4 ? 'CidrBlock' : 'Ipv6CidrBlock']: formatCidr(cidr),
    ...(hasPorts(protocol) ? { PortRange: { From: fromPort, To: toPort } } : {}),
    ...(hasIcmpTypes(protocol) ? { IcmpTypeCode: { Type: fromPort, Code: toPort } } : {}),
  };
}

function textOf({ ruleNumber, isEgress, action, traffic, cidr }: NetworkAclEntry): string {
  const [direction, word] = isEgress ? ['egress', 'to'] : ['ingress', 'from'];
  const sentence = `${action} ${formatTraffic(traffic)} ${word} ${formatCidr(cidr)}`;
  return `${direction} ${ruleNumber} (${sentence})`;
}

/** Every subnet is associated from its first moment, so an association is only ever replaced (ACL-3). */
function planAssociations(context: PlanContext): void {
  const { lab, current, departures, plan } = context;
  plan.nextStage();
  for (const subnet of lab.subnets.values()) {
    const key = `${subnet.vpc}/${subnet.networkAcl}`;
    const NetworkAclId = aclIdOf(context, key);
    const existing = kept(current.subnets, departures.subnets, subnet.key);
    const now =
      existing === undefined || current.fabric === null
        ? null
        : networkAclOfSubnet(current.fabric, existing.subnetId);
    if (now === null ? subnet.networkAcl === DEFAULT : now.networkAclId === NetworkAclId) continue;
    const association = now?.associations.find((each) => each.subnetId === existing?.subnetId);
    const AssociationId =
      association?.associationId ?? reference('networkAclAssociation', subnet.key);
    plan.add(
      'ReplaceNetworkAclAssociation',
      { AssociationId, NetworkAclId },
      {
        realm: realmOf(context, subnet.vpc),
        subject: `subnet ${subnet.key}`,
        reason: `its network ACL is not ${key} yet`,
      },
    );
  }
}
