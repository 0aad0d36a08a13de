/**
 * What the health checks of a lab find out about targets. On AWS the nodes of load balancers know it, and
 * no API takes it. Codes are those of Elastic Load Balancing.
 */
import type { Target, TargetState } from '../../model/load-balancers.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { ActionContext, ActionDefinition, ActionInput, ActionOutput } from '../action.ts';
import { choiceOf, optionalString, stringOf } from '../input.ts';
import { findTargetGroup } from '../load-balancing/arns.ts';
import { invalidTarget } from '../load-balancing/balancing-errors.ts';
import { targetKeyOf } from '../load-balancing/targets.ts';

/** The reason of a state, when the checks give none. */
const REASONS: Readonly<Record<TargetState, string | null>> = {
  initial: 'Elb.InitialHealthChecking',
  healthy: null,
  unhealthy: 'Target.FailedHealthChecks',
  draining: null,
};

/** @throws ValidationError, TargetGroupNotFound; InvalidTarget for what is not registered. */
function findTarget(input: ActionInput, snapshot: Snapshot): Target {
  const group = findTargetGroup(snapshot, stringOf(input, 'TargetGroupArn'));
  const id = stringOf(input, 'TargetId');
  const target = snapshot.targets.get(targetKeyOf(group, id));
  if (target === undefined) {
    throw invalidTarget(`The following targets are not registered: '${id}'`);
  }
  return target;
}

/** A target that drains keeps draining, whatever a check has found meanwhile. */
function putTargetHealth(input: ActionInput, { draft, nowMs }: ActionContext): ActionOutput {
  const target = findTarget(input, draft.snapshot);
  const state = choiceOf(input, 'State', ['healthy', 'unhealthy', 'initial']);
  const reason = optionalString(input, 'Reason') ?? REASONS[state];
  const isKnown = target.state === state && target.reason === reason;
  if (!isKnown && target.state !== 'draining') {
    draft.put('targets', target.targetKey, { ...target, state, reason, stateTimeMs: nowMs });
  }
  return {};
}

/** Ends a target whose draining is over. @throws InvalidTarget for one that is registered again. */
function forgetTarget(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const { targetKey, targetId, state } = findTarget(input, draft.snapshot);
  if (state !== 'draining') {
    throw invalidTarget(`The following targets are not being deregistered: '${targetId}'`);
  }
  draft.delete('targets', targetKey);
  return {};
}

export const TARGET_HEALTH_ACTIONS: readonly ActionDefinition[] = [
  {
    name: 'PutTargetHealth',
    parameters: {
      TargetGroupArn: 'string',
      TargetId: 'string',
      State: 'string',
      Reason: 'string',
    },
    required: ['TargetGroupArn', 'TargetId', 'State'],
    perform: putTargetHealth,
  },
  {
    name: 'ForgetTarget',
    parameters: { TargetGroupArn: 'string', TargetId: 'string' },
    required: ['TargetGroupArn', 'TargetId'],
    perform: forgetTarget,
  },
];
