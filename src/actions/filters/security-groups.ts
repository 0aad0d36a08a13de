/** The actions on security groups; those on their rules are in `security-group-rules.ts`. */
import type { SecurityGroup } from '../../model/filters.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { isHeld } from '../../model/transitions.ts';
import type { ActionContext, ActionDefinition, ActionInput, ActionOutput } from '../action.ts';
import { type DescribeSpec, describe, PAGE_PARAMETERS } from '../describe.ts';
import { missingOneOf, noDefaultVpc } from '../errors.ts';
import { optionalString, stringOf, stringsOf } from '../input.ts';
import { findSecurityGroup, findVpc } from '../lookup.ts';
import { TAG_SPECIFICATIONS, tagSet, tagsFor } from '../tag-set.ts';
import { allOutbound } from './default-filters.ts';
import {
  defaultGroupStays,
  groupExists,
  groupInUse,
  groupLimitExceeded,
  groupNameLikeId,
  invalidText,
  reservedGroupName,
} from './filter-errors.ts';
import { checkText } from './permissions.ts';
import { groupArn, groupShape, permissionFilters } from './security-group-shapes.ts';

/** @throws InvalidParameterValue for a name that no group of one's own can have. */
function checkName(name: string): void {
  if (name.startsWith('sg-')) throw groupNameLikeId(name);
  if (name.toLowerCase() === 'default') throw reservedGroupName(name);
  if (checkText(name, 'security group name') === '') throw invalidText('security group name');
}

function createSecurityGroup(input: ActionInput, context: ActionContext): ActionOutput {
  const { draft, newId } = context;
  const { snapshot } = draft;
  const tags = tagsFor(input, 'security-group');
  const name = stringOf(input, 'GroupName').trimEnd();
  checkName(name);
  const description = checkText(stringOf(input, 'Description'), 'security group description');
  const vpcId = optionalString(input, 'VpcId');
  if (vpcId === undefined) throw noDefaultVpc();
  const vpc = findVpc(snapshot, vpcId);
  const isTaken = [...snapshot.securityGroups.values()].some(
    (each) => each.vpcId === vpc.vpcId && each.name.toLowerCase() === name.toLowerCase(),
  );
  if (isTaken) throw groupExists(name, vpc.vpcId);
  if (snapshot.securityGroups.size >= snapshot.quotas.securityGroupsPerRegion) {
    throw groupLimitExceeded();
  }
  const groupId = newId('sg');
  draft.put('securityGroups', groupId, {
    groupId,
    vpcId: vpc.vpcId,
    name,
    description,
    rules: allOutbound(context, vpc),
    tags,
  });
  return {
    GroupId: groupId,
    SecurityGroupArn: groupArn(snapshot, groupId),
    Tags: tags.size === 0 ? undefined : tagSet(tags),
  };
}

/**
 * Finds the group that a request is about.
 * @throws VPCIdNotSpecified when it is named: names are for groups of a default VPC.
 */
export function groupOfRequest(input: ActionInput, snapshot: Snapshot): SecurityGroup {
  const groupId = optionalString(input, 'GroupId');
  if (groupId !== undefined) return findSecurityGroup(snapshot, groupId);
  if (input['GroupName'] !== undefined) throw noDefaultVpc();
  throw missingOneOf(['groupName', 'groupId']);
}

/** A rule of a peered VPC does not keep a group from going (PCX-4). */
function isInUse(snapshot: Snapshot, group: SecurityGroup): boolean {
  const refersToIt = (other: SecurityGroup): boolean =>
    other !== group &&
    other.rules.some(({ peer }) => peer.kind === 'group' && peer.groupId === group.groupId);
  return (
    [...snapshot.enis.values(), ...snapshot.vpcEndpoints.values()].some(({ groupIds }) =>
      groupIds.includes(group.groupId),
    ) || [...snapshot.securityGroups.values()].some(refersToIt)
  );
}

function deleteSecurityGroup(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const group = groupOfRequest(input, draft.snapshot);
  if (group.name === 'default') throw defaultGroupStays(group.groupId);
  if (isInUse(draft.snapshot, group) || isHeld(draft.snapshot, group.groupId))
    throw groupInUse(group.groupId);
  draft.delete('securityGroups', group.groupId);
  return { Return: true, GroupId: group.groupId };
}

function groupsIn(context: ActionContext): DescribeSpec<'sg', SecurityGroup> {
  return {
    member: 'SecurityGroups',
    idsParameter: 'GroupIds',
    prefix: 'sg',
    rows: (snapshot) => snapshot.securityGroups,
    shape: (group) => groupShape(group, context),
    filters: {
      ...permissionFilters('ip-permission', false, context),
      ...permissionFilters('egress.ip-permission', true, context),
      description: (group) => [group.description],
      'group-id': (group) => [group.groupId],
      'group-name': (group) => [group.name],
      'owner-id': (_group, snapshot) => [snapshot.accountId],
      'vpc-id': (group) => [group.vpcId],
    },
  };
}

function describeSecurityGroups(input: ActionInput, context: ActionContext): ActionOutput {
  if (stringsOf(input, 'GroupNames').length > 0) throw noDefaultVpc();
  return describe(groupsIn(context), input, context.draft.snapshot);
}

export const SECURITY_GROUP_ACTIONS: readonly ActionDefinition[] = [
  {
    name: 'CreateSecurityGroup',
    parameters: {
      GroupName: 'string',
      Description: 'string',
      VpcId: 'string',
      TagSpecifications: TAG_SPECIFICATIONS,
    },
    required: ['GroupName', 'Description'],
    perform: createSecurityGroup,
  },
  {
    name: 'DeleteSecurityGroup',
    parameters: { GroupId: 'string', GroupName: 'string' },
    required: [],
    perform: deleteSecurityGroup,
  },
  {
    name: 'DescribeSecurityGroups',
    parameters: { ...PAGE_PARAMETERS, GroupIds: ['string'], GroupNames: ['string'] },
    required: [],
    perform: describeSecurityGroups,
  },
];
