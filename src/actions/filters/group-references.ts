/** The actions that tell who names a group across a peering, and which rules name what is gone (PCX-4). */
import { isGroupPeer, type SecurityGroup, type SecurityGroupRule } from '../../model/filters.ts';
import type { ActionContext, ActionDefinition, ActionInput, ActionOutput } from '../action.ts';
import { pageOf } from '../describe.ts';
import { peersInRegion } from '../edges/peering-sides.ts';
import { stringOf, stringsOf } from '../input.ts';
import { findRows, findVpc } from '../lookup.ts';
import { groupOfPeer, isStale, referencedGroupShape } from './group-peers.ts';
import { rulesByTraffic, trafficShape } from './security-group-shapes.ts';

/** One item for each VPC at the other end of an active peering with a rule that names the group. */
function describeReferences(input: ActionInput, context: ActionContext): ActionOutput {
  const { securityGroups } = context.draft.snapshot;
  const groups = findRows(securityGroups, 'sg', stringsOf(input, 'GroupId'));
  const references = groups.flatMap(({ groupId, vpcId }) =>
    peersInRegion(context, vpcId)
      .filter((peer) =>
        [...peer.snapshot.securityGroups.values()].some(
          (other) =>
            other.vpcId === peer.vpcId &&
            other.rules.some((rule) => isGroupPeer(rule.peer) && rule.peer.groupId === groupId),
        ),
      )
      .map((peer) => ({
        GroupId: groupId,
        ReferencingVpcId: peer.vpcId,
        VpcPeeringConnectionId: peer.peeringId,
      })),
  );
  return { SecurityGroupReferenceSet: references };
}

/** A rule with what is gone stays until somebody takes it out. */
function describeStaleGroups(input: ActionInput, context: ActionContext): ActionOutput {
  const { snapshot } = context.draft;
  const { vpcId } = findVpc(snapshot, stringOf(input, 'VpcId'));
  const shapes = [...snapshot.securityGroups.values()].flatMap((group) => {
    const stale = group.rules.filter(({ peer }) => isStale(peer, group, context));
    if (group.vpcId !== vpcId || stale.length === 0) return [];
    const shapesOf = (isEgress: boolean): ActionOutput[] =>
      rulesByTraffic(stale.filter((rule) => rule.isEgress === isEgress)).map((rules) => ({
        ...trafficShape(rules[0]),
        UserIdGroupPairs: rules.flatMap((rule) => stalePairShapes(rule, group, context)),
      }));
    return [
      {
        GroupId: group.groupId,
        GroupName: group.name,
        Description: group.description,
        VpcId: vpcId,
        StaleIpPermissions: shapesOf(false),
        StaleIpPermissionsEgress: shapesOf(true),
      },
    ];
  });
  const { rows, nextToken } = pageOf(shapes, input);
  return { StaleSecurityGroupSet: rows, NextToken: nextToken };
}

/** Only here does AWS tell the name of a group that is there. */
function stalePairShapes(
  { peer, description }: SecurityGroupRule,
  group: SecurityGroup,
  context: ActionContext,
): ActionOutput[] {
  if (!isGroupPeer(peer)) return [];
  return [
    {
      ...referencedGroupShape(peer, group, context),
      GroupName: groupOfPeer(peer, context)?.name,
      Description: description ?? undefined,
    },
  ];
}

export const GROUP_REFERENCE_ACTIONS: readonly ActionDefinition[] = [
  {
    name: 'DescribeSecurityGroupReferences',
    parameters: { GroupId: ['string'] },
    required: ['GroupId'],
    perform: describeReferences,
  },
  {
    name: 'DescribeStaleSecurityGroups',
    parameters: { VpcId: 'string', MaxResults: 'integer', NextToken: 'string' },
    required: ['VpcId'],
    perform: describeStaleGroups,
  },
];
