/** Plans the rules of security groups: those that are missing and those that are too many, one by one. */
import type { ActionInput } from '../../actions/action.ts';
import { hasIcmpTypes, hasPorts, protocolName } from '../../actions/filters/traffic.ts';
import { type Cidr, formatCidr } from '../../addr/cidr.ts';
import type { RulePeer, Traffic } from '../../model/filters.ts';
import { type LabRulePeer, type LabSecurityGroup, rulesOfNewGroup } from '../lab-filters.ts';
import { formatTraffic } from '../traffic-words.ts';
import { hasIpv6, type PlanContext, realmOf } from './context.ts';
import { rulesOnceIpv6 } from './ipv6-filters.ts';
import { isOwned } from './owned.ts';
import { planDefaultMark } from './planned-action.ts';
import { groupIdOf, keptGroup, prefixListIdOf } from './references.ts';

/** A rule as the actions take it. */
interface PlannedRule {
  readonly traffic: Traffic;
  readonly peer: PlannedPeer;
}

interface PlannedPeer {
  readonly kind: keyof typeof PEER_MEMBERS;
  /** A block, or the id of a group or of a prefix list, or a reference that stands for it. */
  readonly value: string;
  /** For people. */
  readonly text: string;
}

/** Of a permission: the list that a peer is in, and its member there. */
const PEER_MEMBERS = {
  ipv4: ['IpRanges', 'CidrIp'],
  ipv6: ['Ipv6Ranges', 'CidrIpv6'],
  group: ['UserIdGroupPairs', 'GroupId'],
  'prefix-list': ['PrefixListIds', 'PrefixListId'],
} as const;

const DIRECTIONS = {
  ingress: { isEgress: false, word: 'from', suffix: 'Ingress' },
  egress: { isEgress: true, word: 'to', suffix: 'Egress' },
} as const;

type Direction = keyof typeof DIRECTIONS;

/** What is to be done about the rules of one direction of a group. */
interface RuleChange {
  readonly group: LabSecurityGroup;
  readonly direction: Direction;
  readonly missing: readonly PlannedRule[];
  readonly extra: readonly PlannedRule[];
}

/** Rules go before others come, as a group may be full. */
export function planRules(context: PlanContext): void {
  const { lab, plan } = context;
  const changes: RuleChange[] = [];
  plan.nextStage();
  for (const group of lab.securityGroups.values()) {
    const now = keptGroup(context, group.key);
    const isMarked = now !== undefined && isOwned(lab.name, now);
    // A default group that the file never spoke of is left alone.
    if (!group.isDeclared && !isMarked) continue;
    const subject = subjectOf(group);
    planDefaultMark(plan, lab.name, {
      ...group,
      id: groupIdOf(context, group.key),
      isMarked,
      realm: realmOf(context, group.vpc),
      subject,
    });
    changes.push(changeOf(context, group, 'ingress'), changeOf(context, group, 'egress'));
  }
  for (const change of changes) addAction(context, 'Revoke', change, change.extra);
  plan.nextStage();
  for (const change of changes) addAction(context, 'Authorize', change, change.missing);
}

function subjectOf({ key }: LabSecurityGroup): string {
  return `security group ${key}`;
}

function addAction(
  context: PlanContext,
  verb: 'Authorize' | 'Revoke',
  { group, direction }: RuleChange,
  rules: readonly PlannedRule[],
): void {
  if (rules.length === 0) return;
  const { word, suffix } = DIRECTIONS[direction];
  const texts = rules.map(({ traffic, peer }) => `${formatTraffic(traffic)} ${word} ${peer.text}`);
  const state = verb === 'Revoke' ? 'not in the lab file any more' : 'not there yet';
  const input = {
    GroupId: groupIdOf(context, group.key),
    IpPermissions: rules.map(permissionOf),
  };
  const about = {
    realm: realmOf(context, group.vpc),
    subject: subjectOf(group),
    reason: `${texts.join(', ')} ${state}`,
  };
  context.plan.add(`${verb}SecurityGroup${suffix}`, input, about);
}

function permissionOf({ traffic, peer }: PlannedRule): ActionInput {
  const { protocol, fromPort, toPort } = traffic;
  const [list, member] = PEER_MEMBERS[peer.kind];
  const range =
    hasPorts(protocol) || hasIcmpTypes(protocol) ? { FromPort: fromPort, ToPort: toPort } : {};
  return { IpProtocol: protocolName(protocol), ...range, [list]: [{ [member]: peer.value }] };
}

function changeOf(context: PlanContext, group: LabSecurityGroup, direction: Direction): RuleChange {
  const wanted = group[direction].map((rule) => wantedRule(context, rule));
  const now = rulesNow(context, group, direction);
  const [wantedKeys, nowKeys] = [new Set(wanted.map(keyOf)), new Set(now.map(keyOf))];
  return {
    group,
    direction,
    missing: wanted.filter((rule) => !nowKeys.has(keyOf(rule))),
    extra: now.filter((rule) => !wantedKeys.has(keyOf(rule))),
  };
}

function keyOf({ traffic, peer }: PlannedRule): string {
  return `${traffic.protocol} ${traffic.fromPort} ${traffic.toPort} ${peer.value}`;
}

/** @returns the rules as they are once the group is made and the VPC has its blocks. */
function rulesNow(
  context: PlanContext,
  group: LabSecurityGroup,
  direction: Direction,
): PlannedRule[] {
  const now = keptGroup(context, group.key);
  if (now === undefined) {
    const made = rulesOfNewGroup(group.key, hasIpv6(context, group.vpc))[direction];
    return made.map((rule) => wantedRule(context, rule));
  }
  return rulesOnceIpv6(context, group.vpc, now)
    .filter(({ isEgress }) => isEgress === DIRECTIONS[direction].isEgress)
    .map(({ traffic, peer }) => ({ traffic, peer: peerNow(context, peer) }));
}

function wantedRule(
  context: PlanContext,
  { traffic, peer }: { readonly traffic: Traffic; readonly peer: LabRulePeer },
): PlannedRule {
  return { traffic, peer: wantedPeer(context, peer) };
}

function wantedPeer(context: PlanContext, peer: LabRulePeer): PlannedPeer {
  switch (peer.kind) {
    case 'cidr':
      return blockPeer(peer.cidr);
    case 'group':
      return { kind: 'group', value: groupIdOf(context, peer.key), text: `group ${peer.key}` };
    case 'prefix-list': {
      const { kind, name } = peer;
      return { kind, value: prefixListIdOf(context, name), text: `prefix list ${name}` };
    }
    default:
      return peer satisfies never;
  }
}

function peerNow({ current }: PlanContext, peer: RulePeer): PlannedPeer {
  switch (peer.kind) {
    case 'cidr':
      return blockPeer(peer.cidr);
    case 'group':
    case 'peered-group': {
      const { groupId: value } = peer;
      const known = [...current.securityGroups].find(([, each]) => each.groupId === value);
      return { kind: 'group', value, text: `group ${known?.[0] ?? value}` };
    }
    case 'prefix-list': {
      const { kind, prefixListId: value } = peer;
      const known = [...current.prefixLists].find(([, each]) => each.prefixListId === value);
      return { kind, value, text: `prefix list ${known?.[0] ?? value}` };
    }
    default:
      return peer satisfies never;
  }
}

function blockPeer(cidr: Cidr): PlannedPeer {
  const value = formatCidr(cidr);
  return { kind: cidr.family === 4 ? 'ipv4' : 'ipv6', value, text: value };
}
