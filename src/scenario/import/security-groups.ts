/** Security groups from AWS's answers: their rules as sentences. */
import { formatCidr } from '../../addr/cidr.ts';
import type { LabFileSecurityGroup } from '../file/schema-filters.ts';
import { anywhere, DEFAULT, type LabRule, rulesOfNewGroup } from '../lab-filters.ts';
import { formatTraffic } from '../traffic-words.ts';
import type { AwsPermission, AwsSecurityGroup } from './aws-shapes.ts';
import { blockText, type ImportContext, isMarked, splitKey } from './context.ts';
import { readTraffic } from './traffic.ts';

type Direction = 'ingress' | 'egress';
const WORDS = { ingress: 'from', egress: 'to' } as const;

/** @returns the groups of a VPC by name; the default one only where it is not as AWS makes it. */
export function importSecurityGroups(
  vpcId: string,
  context: ImportContext,
): Record<string, LabFileSecurityGroup> {
  const { records, names, ids } = context;
  const groups: Record<string, LabFileSecurityGroup> = {};
  for (const [id, group] of records.securityGroups) {
    const key = names.securityGroups.get(id);
    if (group.VpcId !== vpcId || key === undefined) continue;
    const [vpc, name] = splitKey(key);
    const isMade = name === DEFAULT && !isMarked(group.Tags);
    const made = rulesOfNewGroup(key, context.ipv6.vpcs.has(vpcId));
    const ingress = sentences(group, 'ingress', key, context);
    const egress = sentences(group, 'egress', key, context);
    const isSameIngress = isSame(ingress, sentencesOfNew(made.ingress, 'ingress', context, vpcId));
    const isSameEgress = isSame(egress, sentencesOfNew(made.egress, 'egress', context, vpcId));
    if (isMade && isSameIngress && isSameEgress) continue;
    const isDescribed = name !== DEFAULT && group.Description !== '' && group.Description !== name;
    groups[name] = {
      ...(isDescribed ? { description: group.Description } : {}),
      ...(isSameIngress ? {} : { ingress }),
      ...(isSameEgress ? {} : { egress }),
    };
    ids.set(['vpcs', vpc, 'securityGroups', name].join('.'), id);
  }
  return groups;
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.toSorted().join('\n') === b.toSorted().join('\n');
}

/** @returns the rules that AWS makes a group with, in the words of `sentences`. */
function sentencesOfNew(
  rules: readonly LabRule[],
  direction: Direction,
  { ipv6 }: ImportContext,
  vpcId: string,
): string[] {
  const texts = rules.map(({ traffic, peer }) => {
    const to = peer.kind === 'cidr' ? formatCidr(peer.cidr) : 'itself';
    return [formatTraffic(traffic), to] as const;
  });
  return texts.length === 0 ? [] : joined(texts, direction, ipv6.vpcs.has(vpcId));
}

function sentences(
  group: AwsSecurityGroup,
  direction: Direction,
  key: string,
  context: ImportContext,
): string[] {
  const permissions = direction === 'ingress' ? group.IpPermissions : group.IpPermissionsEgress;
  const rules: (readonly [traffic: string, peer: string])[] = [];
  for (const permission of permissions) {
    const { IpProtocol, FromPort, ToPort } = permission;
    const range = FromPort === undefined ? null : ([FromPort, ToPort ?? FromPort] as const);
    const traffic = readTraffic(IpProtocol, range);
    if (traffic === null) {
      const what = `${direction} rules of security group ${key}`;
      const reason = `protocol ${IpProtocol} has no number`;
      context.leftOut.push({ what, id: group.GroupId, reason });
      continue;
    }
    const words = formatTraffic(traffic);
    for (const peer of peersOf(
      permission,
      group,
      `${direction} rule ${words} of security group ${key}`,
      key,
      context,
    )) {
      rules.push([words, peer]);
    }
  }
  return joined(rules, direction, context.ipv6.vpcs.has(group.VpcId));
}

/** @returns the sentences; what goes to all blocks that `anywhere` stands for is one. */
function joined(
  rules: readonly (readonly [traffic: string, peer: string])[],
  direction: Direction,
  hasIpv6: boolean,
): string[] {
  const texts = new Set(rules.map(([traffic, peer]) => `${traffic} ${WORDS[direction]} ${peer}`));
  for (const [traffic] of rules) {
    const start = `${traffic} ${WORDS[direction]}`;
    const family = traffic.startsWith('icmp')
      ? readTraffic(traffic.split(' ')[0] ?? '', null)
      : null;
    const blocks = anywhere(family ?? { protocol: -1, fromPort: -1, toPort: -1 }, hasIpv6);
    const all = blocks.map((cidr) => `${start} ${formatCidr(cidr)}`);
    if (!all.every((text) => texts.has(text))) continue;
    for (const text of all) texts.delete(text);
    texts.add(`${start} anywhere`);
  }
  return [...texts];
}

/** @returns whom the permission names, in the words of a lab file. */
function peersOf(
  permission: AwsPermission,
  group: AwsSecurityGroup,
  what: string,
  key: string,
  { names, leftOut }: ImportContext,
): string[] {
  const leave = (peer: string, reason: string): [] => {
    leftOut.push({ what: `${what}, ${peer}`, id: group.GroupId, reason });
    return [];
  };
  const groups = permission.UserIdGroupPairs.flatMap(({ GroupId = '' }) => {
    if (GroupId === group.GroupId) return ['itself'];
    const [vpc, name] = splitKey(names.securityGroups.get(GroupId) ?? '/');
    if (vpc === splitKey(key)[0]) return [`group ${name}`];
    return leave(GroupId, 'the group is not in the VPC of the lab file');
  });
  const lists = permission.PrefixListIds.flatMap(({ PrefixListId: id }) => {
    const name = names.prefixLists.get(id);
    return name === undefined
      ? leave(id, 'the prefix list is not in the lab file')
      : [`prefix list ${name}`];
  });
  return [
    ...permission.IpRanges.map(({ CidrIp }) => blockText(CidrIp)),
    ...permission.Ipv6Ranges.map(({ CidrIpv6 }) => blockText(CidrIpv6)),
    ...groups,
    ...lists,
  ];
}
