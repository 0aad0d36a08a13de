/** The actions on the rules of security groups: allowances in and out (SG-1). */
import {
  isGroupPeer,
  type RulePeer,
  type SecurityGroup,
  type SecurityGroupRule,
} from '../../model/filters.ts';
import type { SecurityGroupRuleId } from '../../model/ids.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { Draft } from '../../model/store.ts';
import type { Tagged, Tags } from '../../model/tags.ts';
import type {
  ActionContext,
  ActionDefinition,
  ActionInput,
  ActionOutput,
  ParameterType,
} from '../action.ts';
import { type DescribeSpec, describe, PAGE_PARAMETERS } from '../describe.ts';
import { missingOneOf, missingParameter, parameterCombination, unknownId } from '../errors.ts';
import { optionalStructure, stringOf, stringsOf, structuresOf } from '../input.ts';
import { findSecurityGroup } from '../lookup.ts';
import { TAG_SPECIFICATIONS, tagsFor } from '../tag-set.ts';
import { ruleExists, ruleNotFound, rulePeerKind } from './filter-errors.ts';
import { groupPeer, newPairPeer, pairPeerOfRule } from './group-peers.ts';
import {
  hasPermissions,
  IP_PERMISSIONS,
  ipv4Peer,
  ipv6Peer,
  PERMISSION_PARAMETERS,
  prefixListPeer,
  type RuleSpec,
  readDescription,
  readPermissions,
  readTraffic,
  ruleKey,
  ruleText,
} from './permissions.ts';
import { checkRuleQuota } from './rule-quota.ts';
import { revokedRuleShape, ruleShape } from './security-group-shapes.ts';
import { groupOfRequest } from './security-groups.ts';

/** Puts a group with other rules. @throws RulesPerSecurityGroupLimitExceeded */
function putRules(
  { draft }: ActionContext,
  group: SecurityGroup,
  rules: readonly SecurityGroupRule[],
): void {
  const changed: SecurityGroup = { ...group, rules };
  checkRuleQuota(draft.snapshot, changed);
  draft.put('securityGroups', group.groupId, changed);
}

function findByKey(group: SecurityGroup, spec: RuleSpec): SecurityGroupRule | undefined {
  const key = ruleKey(spec);
  return group.rules.find((rule) => ruleKey(rule) === key);
}

function authorize(input: ActionInput, context: ActionContext, isEgress: boolean): ActionOutput {
  const { draft, newId } = context;
  const tags = tagsFor(input, 'security-group-rule');
  const group = groupOfRequest(input, draft.snapshot);
  const specs = readPermissions(input, group, isEgress, { context, readPair: newPairPeer });
  for (const spec of specs) {
    if (findByKey(group, spec) !== undefined) throw ruleExists(ruleText(spec));
  }
  const rules = specs.map((spec) => ({ ...spec, ruleId: newId('sgr'), tags }));
  putRules(context, group, [...group.rules, ...rules]);
  return {
    Return: true,
    SecurityGroupRules: rules.map((rule) => ruleShape(rule, group, context)),
  };
}

/** @throws InvalidSecurityGroupRuleId.NotFound unless the group has the rule. */
function findRule(group: SecurityGroup, ruleId: string): SecurityGroupRule {
  const rule = group.rules.find((each) => each.ruleId === ruleId);
  if (rule === undefined) throw unknownId('sgr', ruleId);
  return rule;
}

/** @throws InvalidPermission.NotFound unless the group has every rule, as in any VPC that is not a default one. */
function findGivenRules(
  input: ActionInput,
  group: SecurityGroup,
  isEgress: boolean,
  context: ActionContext,
): SecurityGroupRule[] {
  const peers = { context, readPair: pairPeerOfRule };
  return readPermissions(input, group, isEgress, peers).map((spec) => {
    const rule = findByKey(group, spec);
    if (rule === undefined) throw ruleNotFound();
    return rule;
  });
}

function findRulesToRevoke(
  input: ActionInput,
  group: SecurityGroup,
  isEgress: boolean,
  context: ActionContext,
): SecurityGroupRule[] {
  const ids = stringsOf(input, 'SecurityGroupRuleIds');
  if (ids.length === 0) return findGivenRules(input, group, isEgress, context);
  if (hasPermissions(input)) {
    throw parameterCombination(
      'The parameters SecurityGroupRuleIds and IpPermissions cannot be used together',
    );
  }
  return ids.map((id) => {
    const rule = findRule(group, id);
    if (rule.isEgress !== isEgress) throw unknownId('sgr', id);
    return rule;
  });
}

function revoke(input: ActionInput, context: ActionContext, isEgress: boolean): ActionOutput {
  const group = groupOfRequest(input, context.draft.snapshot);
  const revoked = new Set(findRulesToRevoke(input, group, isEgress, context));
  putRules(
    context,
    group,
    group.rules.filter((rule) => !revoked.has(rule)),
  );
  return {
    Return: true,
    RevokedSecurityGroupRules: [...revoked].map((rule) => revokedRuleShape(rule, group)),
  };
}

function updateDescriptions(
  input: ActionInput,
  context: ActionContext,
  isEgress: boolean,
): ActionOutput {
  const group = groupOfRequest(input, context.draft.snapshot);
  const byId = structuresOf(input, 'SecurityGroupRuleDescriptions');
  if (byId.length > 0 === (input['IpPermissions'] !== undefined)) {
    throw missingOneOf(['IpPermissions', 'SecurityGroupRuleDescriptions']);
  }
  const descriptions = new Map<SecurityGroupRule, string | null>();
  for (const entry of byId) {
    const rule = findRule(group, stringOf(entry, 'SecurityGroupRuleId'));
    if (rule.isEgress !== isEgress) throw unknownId('sgr', rule.ruleId);
    descriptions.set(rule, readDescription(entry));
  }
  const specs =
    byId.length > 0
      ? []
      : readPermissions(input, group, isEgress, { context, readPair: pairPeerOfRule });
  for (const spec of specs) {
    const rule = findByKey(group, spec);
    if (rule === undefined) throw ruleNotFound();
    descriptions.set(rule, spec.description);
  }
  const rules = group.rules.map((rule) => {
    const description = descriptions.get(rule);
    return description === undefined ? rule : { ...rule, description };
  });
  putRules(context, group, rules);
  return { Return: true };
}

/** The members that name the peer of a rule, and what AWS calls a rule with such a peer. */
const PEERS: Readonly<
  Record<
    string,
    {
      readonly kind: string;
      readonly read: (text: string, group: SecurityGroup, context: ActionContext) => RulePeer;
    }
  >
> = {
  CidrIpv4: { kind: 'IPv4 CIDR', read: ipv4Peer },
  CidrIpv6: { kind: 'IPv6 CIDR', read: ipv6Peer },
  ReferencedGroupId: { kind: 'security group', read: groupPeer },
  PrefixListId: {
    kind: 'prefix list',
    read: (text, _group, { draft }) => prefixListPeer(text, draft.snapshot),
  },
};

function peerKind(peer: RulePeer): string {
  if (peer.kind === 'cidr') return peer.cidr.family === 4 ? 'IPv4 CIDR' : 'IPv6 CIDR';
  return isGroupPeer(peer) ? 'security group' : 'prefix list';
}

/** A rule keeps its id, its direction and its kind of peer; all else is given anew. */
function modifiedRule(
  rule: SecurityGroupRule,
  change: ActionInput,
  group: SecurityGroup,
  context: ActionContext,
): SecurityGroupRule {
  const names = Object.keys(PEERS).filter((name) => change[name] !== undefined);
  const [name, ...others] = names;
  const reader = name === undefined ? undefined : PEERS[name];
  if (name === undefined || reader === undefined || others.length > 0) {
    throw missingOneOf(Object.keys(PEERS));
  }
  const kind = peerKind(rule.peer);
  if (reader.kind !== kind) throw rulePeerKind(rule.ruleId, name, kind);
  return {
    ...rule,
    traffic: readTraffic(change),
    peer: reader.read(stringOf(change, name), group, context),
    description: readDescription(change),
  };
}

function modifyRules(input: ActionInput, context: ActionContext): ActionOutput {
  const group = findSecurityGroup(context.draft.snapshot, stringOf(input, 'GroupId'));
  const changed = new Map<SecurityGroupRule, SecurityGroupRule>();
  for (const entry of structuresOf(input, 'SecurityGroupRules')) {
    const rule = findRule(group, stringOf(entry, 'SecurityGroupRuleId'));
    const change = optionalStructure(entry, 'SecurityGroupRule');
    if (change === undefined) throw missingParameter('SecurityGroupRule');
    changed.set(rule, modifiedRule(rule, change, group, context));
  }
  const rules = group.rules.map((rule) => changed.get(rule) ?? rule);
  const keys = new Set<string>();
  for (const rule of rules) {
    if (keys.has(ruleKey(rule))) throw ruleExists(ruleText(rule));
    keys.add(ruleKey(rule));
  }
  putRules(context, group, rules);
  return { Return: true };
}

/** A rule with the group that it is part of. */
interface RuleRow extends Tagged {
  readonly rule: SecurityGroupRule;
  readonly group: SecurityGroup;
}

/** @returns the rules of all groups. */
export function ruleRows(snapshot: Snapshot): ReadonlyMap<SecurityGroupRuleId, RuleRow> {
  const rows = new Map<SecurityGroupRuleId, RuleRow>();
  for (const group of snapshot.securityGroups.values()) {
    for (const rule of group.rules) rows.set(rule.ruleId, { rule, group, tags: rule.tags });
  }
  return rows;
}

/** Changes the tags of a rule. @throws InvalidSecurityGroupRuleId.NotFound */
export function retagRule(draft: Draft, ruleId: string, change: (tags: Tags) => Tags): void {
  const row = [...ruleRows(draft.snapshot).values()].find((each) => each.rule.ruleId === ruleId);
  if (row === undefined) throw unknownId('sgr', ruleId);
  const { group, rule } = row;
  const rules = group.rules.map((each) =>
    each === rule ? { ...rule, tags: change(rule.tags) } : each,
  );
  draft.put('securityGroups', group.groupId, { ...group, rules });
}

function rulesIn(context: ActionContext): DescribeSpec<'sgr', RuleRow> {
  return {
    member: 'SecurityGroupRules',
    idsParameter: 'SecurityGroupRuleIds',
    prefix: 'sgr',
    rows: ruleRows,
    shape: ({ rule, group }) => ruleShape(rule, group, context),
    filters: {
      'group-id': ({ group }) => [group.groupId],
      'security-group-rule-id': ({ rule }) => [rule.ruleId],
    },
  };
}

const GROUP_PARAMETERS = {
  GroupId: 'string',
  GroupName: 'string',
} as const satisfies Readonly<Record<string, ParameterType>>;

/** @returns the three actions that each direction has for itself. */
function directedActions(direction: 'Ingress' | 'Egress'): readonly ActionDefinition[] {
  const isEgress = direction === 'Egress';
  const target = isEgress
    ? { parameters: { GroupId: GROUP_PARAMETERS.GroupId }, required: ['GroupId'] }
    : { parameters: GROUP_PARAMETERS, required: [] };
  return [
    {
      name: `AuthorizeSecurityGroup${direction}`,
      parameters: {
        ...target.parameters,
        ...PERMISSION_PARAMETERS,
        TagSpecifications: TAG_SPECIFICATIONS,
      },
      required: target.required,
      perform: (input, context) => authorize(input, context, isEgress),
    },
    {
      name: `RevokeSecurityGroup${direction}`,
      parameters: {
        ...target.parameters,
        ...PERMISSION_PARAMETERS,
        SecurityGroupRuleIds: ['string'],
      },
      required: target.required,
      perform: (input, context) => revoke(input, context, isEgress),
    },
    {
      name: `UpdateSecurityGroupRuleDescriptions${direction}`,
      parameters: {
        ...GROUP_PARAMETERS,
        IpPermissions: IP_PERMISSIONS,
        SecurityGroupRuleDescriptions: [{ SecurityGroupRuleId: 'string', Description: 'string' }],
      },
      required: [],
      perform: (input, context) => updateDescriptions(input, context, isEgress),
    },
  ];
}

export const SECURITY_GROUP_RULE_ACTIONS: readonly ActionDefinition[] = [
  ...directedActions('Ingress'),
  ...directedActions('Egress'),
  {
    name: 'ModifySecurityGroupRules',
    parameters: {
      GroupId: 'string',
      SecurityGroupRules: [
        {
          SecurityGroupRuleId: 'string',
          SecurityGroupRule: {
            IpProtocol: 'string',
            FromPort: 'integer',
            ToPort: 'integer',
            CidrIpv4: 'string',
            CidrIpv6: 'string',
            PrefixListId: 'string',
            ReferencedGroupId: 'string',
            Description: 'string',
          },
        },
      ],
    },
    required: ['GroupId', 'SecurityGroupRules'],
    perform: modifyRules,
  },
  {
    name: 'DescribeSecurityGroupRules',
    parameters: { ...PAGE_PARAMETERS, SecurityGroupRuleIds: ['string'] },
    required: [],
    perform: (input, context) => describe(rulesIn(context), input, context.draft.snapshot),
  },
];
