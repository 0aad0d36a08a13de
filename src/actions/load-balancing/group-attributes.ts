/** The attributes of target groups of appliances. */
import type { StickinessType, TargetGroup } from '../../model/load-balancers.ts';
import type { ActionContext, ActionDefinition, ActionInput, ActionOutput } from '../action.ts';
import { stringOf } from '../input.ts';
import { findTargetGroup } from './arns.ts';
import {
  ATTRIBUTE_LIST,
  type Attribute,
  type Attributes,
  attributeShapes,
  readAttributes,
  secondsOf,
  switchOf,
  withAttributes,
  wordOf,
} from './attributes.ts';
import { invalidConfiguration } from './balancing-errors.ts';

const DELAY = 'deregistration_delay.timeout_seconds';
const DELAYS = { least: 0, most: 3600 };
const STICKY = 'stickiness.enabled';
const STICKINESS_TYPE = 'stickiness.type';
const ON_DEREGISTRATION = 'target_failover.on_deregistration';
const ON_UNHEALTHY = 'target_failover.on_unhealthy';

const STICKINESS_TYPES: readonly StickinessType[] = [
  'source_ip_dest_ip',
  'source_ip_dest_ip_proto',
];
const FAILOVERS: readonly TargetGroup['failover'][] = ['rebalance', 'no_rebalance'];

function withStickiness(group: TargetGroup, isSticky: boolean, type: StickinessType): TargetGroup {
  return { ...group, stickinessType: type, stickiness: isSticky ? type : 'five_tuple' };
}

function isSticky({ stickiness }: TargetGroup): boolean {
  return stickiness !== 'five_tuple';
}

function failover(key: string): Attribute<TargetGroup> {
  return {
    read: (group) => group.failover,
    write: (group, value) => ({ ...group, failover: wordOf(key, value, FAILOVERS) }),
  };
}

/** @source GWLB-3, GWLB-7; "Target group attributes", Gateway Load Balancers guide */
const GROUP_ATTRIBUTES: Attributes<TargetGroup> = {
  [STICKY]: {
    read: (group) => String(isSticky(group)),
    write: (group, value) => withStickiness(group, switchOf(STICKY, value), group.stickinessType),
  },
  [DELAY]: {
    read: ({ deregistrationDelaySeconds }) => String(deregistrationDelaySeconds),
    write: (group, value) => ({
      ...group,
      deregistrationDelaySeconds: secondsOf(DELAY, value, DELAYS),
    }),
  },
  [STICKINESS_TYPE]: {
    read: ({ stickinessType }) => stickinessType,
    write: (group, value) =>
      withStickiness(group, isSticky(group), wordOf(STICKINESS_TYPE, value, STICKINESS_TYPES)),
  },
  [ON_DEREGISTRATION]: failover(ON_DEREGISTRATION),
  [ON_UNHEALTHY]: failover(ON_UNHEALTHY),
};

/** @throws InvalidConfigurationRequest: one of the two cannot be set without the other. */
function checkFailover(given: ReadonlyMap<string, string>): void {
  if (given.get(ON_DEREGISTRATION) !== given.get(ON_UNHEALTHY)) {
    throw invalidConfiguration(
      `'${ON_DEREGISTRATION}' and '${ON_UNHEALTHY}' must be set together, to the same value`,
    );
  }
}

function modifyAttributes(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const group = findTargetGroup(draft.snapshot, stringOf(input, 'TargetGroupArn'));
  const given = readAttributes(input);
  const changed = withAttributes(GROUP_ATTRIBUTES, group, given);
  checkFailover(given);
  draft.put('targetGroups', group.targetGroupArn, changed);
  return { Attributes: attributeShapes(GROUP_ATTRIBUTES, changed) };
}

function describeAttributes(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const group = findTargetGroup(draft.snapshot, stringOf(input, 'TargetGroupArn'));
  return { Attributes: attributeShapes(GROUP_ATTRIBUTES, group) };
}

export const GROUP_ATTRIBUTE_ACTIONS: readonly ActionDefinition[] = [
  {
    name: 'ModifyTargetGroupAttributes',
    parameters: { TargetGroupArn: 'string', Attributes: ATTRIBUTE_LIST },
    required: ['TargetGroupArn', 'Attributes'],
    perform: modifyAttributes,
  },
  {
    name: 'DescribeTargetGroupAttributes',
    parameters: { TargetGroupArn: 'string' },
    required: ['TargetGroupArn'],
    perform: describeAttributes,
  },
];
