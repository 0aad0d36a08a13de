/** The actions on target groups: the appliances of a Gateway Load Balancer, which speak Geneve. */

import { GENEVE_PORT, NEW_TARGET_GROUP, type TargetGroup } from '../../model/load-balancers.ts';
import { balancersOfGroup, targetsOf } from '../../model/lookups/load-balancers.ts';
import type { Vpc } from '../../model/records.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { ActionContext, ActionDefinition, ActionInput, ActionOutput } from '../action.ts';
import { optionalInteger, optionalString, stringOf, stringsOf } from '../input.ts';
import { hasPrefix } from '../lookup.ts';
import { TAG_LIST } from '../tag-set.ts';
import {
  checkName,
  findLoadBalancer,
  findTargetGroup,
  isTargetGroupArn,
  newTargetGroupArn,
} from './arns.ts';
import {
  duplicateTargetGroup,
  invalidConfiguration,
  malformedArn,
  targetGroupInUse,
  targetGroupsNotFound,
  tooMany,
  validationError,
} from './balancing-errors.ts';
import { readBalancingTags } from './balancing-tags.ts';
import { HEALTH_CHECK_PARAMETERS, healthCheckShape, readHealthCheck } from './health-checks.ts';
import { PAGE_PARAMETERS, pageOf } from './pages.ts';

function groupShape(group: TargetGroup, snapshot: Snapshot): ActionOutput {
  const { targetGroupArn, name, vpcId, targetType, healthCheck } = group;
  return {
    TargetGroupArn: targetGroupArn,
    TargetGroupName: name,
    Protocol: 'GENEVE',
    Port: GENEVE_PORT,
    VpcId: vpcId,
    ...healthCheckShape(healthCheck),
    LoadBalancerArns: balancersOfGroup(snapshot, targetGroupArn).map(
      ({ loadBalancerArn }) => loadBalancerArn,
    ),
    TargetType: targetType,
    IpAddressType: 'ipv4',
  };
}

/** @throws ValidationError, InvalidConfigurationRequest */
function checkProtocol(input: ActionInput): void {
  const protocol = optionalString(input, 'Protocol');
  if (protocol === undefined) throw validationError('A protocol must be specified');
  if (protocol !== 'GENEVE') {
    throw invalidConfiguration(`Protocol '${protocol}' is not supported: a lab has GENEVE`);
  }
  const port = optionalInteger(input, 'Port');
  if (port === undefined) throw validationError('A port must be specified');
  if (port !== GENEVE_PORT) {
    throw invalidConfiguration(`Port '${port}' must be ${GENEVE_PORT} with protocol GENEVE`);
  }
  if (optionalString(input, 'ProtocolVersion') !== undefined) {
    throw invalidConfiguration('A protocol version is not supported with protocol GENEVE');
  }
  const addressType = optionalString(input, 'IpAddressType') ?? 'ipv4';
  if (addressType !== 'ipv4') {
    throw invalidConfiguration(
      `IP address type '${addressType}' is not supported with protocol GENEVE`,
    );
  }
}

/** @throws ValidationError */
function readVpc(input: ActionInput, { vpcs }: Snapshot): Vpc {
  const id = optionalString(input, 'VpcId');
  if (id === undefined) throw validationError('A VPC ID must be specified');
  const vpc = hasPrefix(id, 'vpc') ? vpcs.get(id) : undefined;
  if (vpc === undefined) throw validationError(`The VPC ID '${id}' is not found`);
  return vpc;
}

function readTargetType(input: ActionInput): TargetGroup['targetType'] {
  const type = optionalString(input, 'TargetType') ?? 'instance';
  if (type !== 'instance' && type !== 'ip') {
    throw invalidConfiguration(`Target type '${type}' is not supported with protocol GENEVE`);
  }
  return type;
}

/** Whether a request that comes again asks for what there is. */
function isSame(present: TargetGroup, wanted: TargetGroup): boolean {
  const settingsOf = ({ vpcId, targetType, healthCheck, tags }: TargetGroup): string =>
    JSON.stringify([vpcId, targetType, healthCheck, [...tags].toSorted()]);
  return settingsOf(present) === settingsOf(wanted);
}

/** A request that comes again changes nothing. */
function createTargetGroup(input: ActionInput, context: ActionContext): ActionOutput {
  const { draft } = context;
  const { targetGroups, quotas } = draft.snapshot;
  const name = stringOf(input, 'Name');
  checkName(name, 'Target group');
  checkProtocol(input);
  const group: TargetGroup = {
    targetGroupArn: newTargetGroupArn(context, name),
    name,
    vpcId: readVpc(input, draft.snapshot).vpcId,
    targetType: readTargetType(input),
    ...NEW_TARGET_GROUP,
    healthCheck: readHealthCheck(input, NEW_TARGET_GROUP.healthCheck),
    tags: readBalancingTags(input),
  };
  const present = [...targetGroups.values()].find((each) => each.name === name);
  if (present !== undefined) {
    if (!isSame(present, group)) throw duplicateTargetGroup(name);
    return { TargetGroups: [groupShape(present, draft.snapshot)] };
  }
  if (targetGroups.size >= quotas.geneveTargetGroupsPerRegion) {
    throw tooMany('TooManyTargetGroups', 'target groups');
  }
  draft.put('targetGroups', group.targetGroupArn, group);
  return { TargetGroups: [groupShape(group, draft.snapshot)] };
}

/** One that is not there is as good as deleted. Its targets go with it. */
function deleteTargetGroup(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const { snapshot } = draft;
  const arn = stringOf(input, 'TargetGroupArn');
  if (!isTargetGroupArn(arn)) throw malformedArn(arn, 'target group');
  if (!snapshot.targetGroups.has(arn)) return {};
  if (balancersOfGroup(snapshot, arn).length > 0) throw targetGroupInUse(arn);
  for (const { targetKey } of targetsOf(snapshot, arn)) draft.delete('targets', targetKey);
  draft.delete('targetGroups', arn);
  return {};
}

function modifyTargetGroup(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const group = findTargetGroup(draft.snapshot, stringOf(input, 'TargetGroupArn'));
  const changed = { ...group, healthCheck: readHealthCheck(input, group.healthCheck) };
  draft.put('targetGroups', group.targetGroupArn, changed);
  return { TargetGroups: [groupShape(changed, draft.snapshot)] };
}

/** @throws LoadBalancerNotFound, TargetGroupNotFound when an ARN or a name is none's. */
function chosenGroups(input: ActionInput, snapshot: Snapshot): readonly TargetGroup[] {
  const all = [...snapshot.targetGroups.values()];
  const balancerArn = optionalString(input, 'LoadBalancerArn');
  const arns = stringsOf(input, 'TargetGroupArns');
  const names = stringsOf(input, 'Names');
  const ways = [balancerArn !== undefined, arns.length > 0, names.length > 0];
  if (ways.filter(Boolean).length > 1) {
    throw validationError(
      'Target group names, target group ARNs and a load balancer ARN cannot be specified together',
    );
  }
  if (balancerArn !== undefined) {
    const { listener } = findLoadBalancer(snapshot, balancerArn);
    return all.filter(({ targetGroupArn }) => targetGroupArn === listener?.targetGroupArn);
  }
  const malformed = arns.find((arn) => !isTargetGroupArn(arn));
  if (malformed !== undefined) throw malformedArn(malformed, 'target group');
  if (arns.length + names.length === 0) return all;
  const chosen = all.filter(
    ({ targetGroupArn, name }) => arns.includes(targetGroupArn) || names.includes(name),
  );
  if (chosen.length < new Set([...arns, ...names]).size) throw targetGroupsNotFound();
  return chosen;
}

function describeTargetGroups(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const { rows, nextMarker } = pageOf(chosenGroups(input, draft.snapshot), input);
  return {
    TargetGroups: rows.map((group) => groupShape(group, draft.snapshot)),
    NextMarker: nextMarker,
  };
}

export const TARGET_GROUP_ACTIONS: readonly ActionDefinition[] = [
  {
    name: 'CreateTargetGroup',
    parameters: {
      Name: 'string',
      Protocol: 'string',
      ProtocolVersion: 'string',
      Port: 'integer',
      VpcId: 'string',
      ...HEALTH_CHECK_PARAMETERS,
      TargetType: 'string',
      Tags: TAG_LIST,
      IpAddressType: 'string',
    },
    required: ['Name'],
    perform: createTargetGroup,
  },
  {
    name: 'DeleteTargetGroup',
    parameters: { TargetGroupArn: 'string' },
    required: ['TargetGroupArn'],
    perform: deleteTargetGroup,
  },
  {
    name: 'ModifyTargetGroup',
    parameters: { TargetGroupArn: 'string', ...HEALTH_CHECK_PARAMETERS },
    required: ['TargetGroupArn'],
    perform: modifyTargetGroup,
  },
  {
    name: 'DescribeTargetGroups',
    parameters: {
      ...PAGE_PARAMETERS,
      LoadBalancerArn: 'string',
      TargetGroupArns: ['string'],
      Names: ['string'],
    },
    required: [],
    perform: describeTargetGroups,
  },
];
