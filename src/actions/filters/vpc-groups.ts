/** The actions that look at the security groups of one VPC. */
import type { SecurityGroup } from '../../model/filters.ts';
import type { ActionContext, ActionDefinition, ActionInput, ActionOutput } from '../action.ts';
import { type Filters, filterRows, PAGE_PARAMETERS, pageOf, tagFilters } from '../describe.ts';
import { stringOf } from '../input.ts';
import { findVpc } from '../lookup.ts';
import { tagSet } from '../tag-set.ts';

const FILTERS: Filters<SecurityGroup> = {
  description: (group) => [group.description],
  'group-id': (group) => [group.groupId],
  'group-name': (group) => [group.name],
  'owner-id': (_group, snapshot) => [snapshot.accountId],
  'primary-vpc-id': (group) => [group.vpcId],
};

/** The groups that interfaces of the VPC can be in. */
function getGroupsForVpc(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const { snapshot } = draft;
  const { vpcId } = findVpc(snapshot, stringOf(input, 'VpcId'));
  const groups = [...snapshot.securityGroups.values()].filter((group) => group.vpcId === vpcId);
  const filters = { ...tagFilters<SecurityGroup>(input), ...FILTERS };
  const { rows, nextToken } = pageOf(filterRows(groups, filters, input, snapshot), input);
  return {
    SecurityGroupForVpcs: rows.map((group) => ({
      GroupId: group.groupId,
      GroupName: group.name,
      Description: group.description,
      OwnerId: snapshot.accountId,
      PrimaryVpcId: group.vpcId,
      Tags: tagSet(group.tags),
    })),
    NextToken: nextToken,
  };
}

export const VPC_GROUP_ACTIONS: readonly ActionDefinition[] = [
  {
    name: 'GetSecurityGroupsForVpc',
    parameters: { VpcId: 'string', ...PAGE_PARAMETERS },
    required: ['VpcId'],
    perform: getGroupsForVpc,
  },
];
