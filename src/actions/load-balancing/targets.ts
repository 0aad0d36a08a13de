/**
 * The actions on targets: how appliances join and leave a group, and what is told of their health.
 * States: initial, from the registration until the first checks have ended; healthy and unhealthy, as
 * checks find (`other-services/target-health.ts`); draining, from the deregistration of a target in use
 * until its delay is over. Unused is told, and follows from the rest of the model.
 */

import { ipv4Contains } from '../../addr/cidr.ts';
import { formatIpv4, type Ipv4Addr, parseIpv4 } from '../../addr/ipv4.ts';
import type { TargetGroupArn, TargetKey } from '../../model/ids.ts';
import { GENEVE_PORT, type Target, type TargetGroup } from '../../model/load-balancers.ts';
import { eniOfTarget, targetsOf, whyUnused, zoneOf } from '../../model/lookups/load-balancers.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { Draft } from '../../model/store.ts';
import type {
  ActionContext,
  ActionDefinition,
  ActionInput,
  ActionOutput,
  ParameterType,
} from '../action.ts';
import { instanceState } from '../compute/instance-shapes.ts';
import { isWellFormed } from '../errors.ts';
import { optionalInteger, optionalString, stringOf, structuresOf } from '../input.ts';
import { hasPrefix } from '../lookup.ts';
import { findTargetGroup } from './arns.ts';
import {
  invalidTarget,
  LOAD_BALANCING_SERVICE,
  tooMany,
  validationError,
} from './balancing-errors.ts';

/** AWS's sentences for its reasons. */
const DESCRIPTIONS: Readonly<Record<string, string>> = {
  'Elb.RegistrationInProgress': 'Target registration is in progress',
  'Elb.InitialHealthChecking': 'Initial health checks in progress',
  'Target.ResponseCodeMismatch': 'Health checks failed with another code than wanted',
  'Target.Timeout': 'Request timed out',
  'Target.FailedHealthChecks': 'Health checks failed',
  'Target.NotRegistered': 'Target is not registered to the target group',
  'Target.NotInUse': 'Target group is not configured to receive traffic from the load balancer',
  'Target.DeregistrationInProgress': 'Target deregistration is in progress',
  'Target.InvalidState': 'Target is in the stopped state',
  'Target.IpUnusable': 'Target IP address is reserved for use by a load balancer',
};

export function targetKeyOf({ targetGroupArn }: TargetGroup, targetId: string): TargetKey {
  return `${targetGroupArn} ${targetId}`;
}

/** The checks of all targets of the group begin from the beginning; what drains goes on. */
export function checkFromAnew(draft: Draft, arn: TargetGroupArn, nowMs: number): void {
  for (const target of targetsOf(draft.snapshot, arn)) {
    if (target.state !== 'draining')
      draft.put('targets', target.targetKey, asInitial(target, nowMs));
  }
}

function asInitial(
  target: Omit<Target, 'state' | 'stateTimeMs' | 'reason'>,
  nowMs: number,
): Target {
  return { ...target, state: 'initial', stateTimeMs: nowMs, reason: 'Elb.RegistrationInProgress' };
}

/**
 * Reads the ids of the targets of a request, which are instances or addresses as the group wants them.
 * @throws ValidationError
 */
function readTargetIds(input: ActionInput, { targetType }: TargetGroup): readonly string[] {
  const ids = structuresOf(input, 'Targets').map((target) => {
    const id = optionalString(target, 'Id');
    if (id === undefined) throw LOAD_BALANCING_SERVICE.refusals.missing('Targets.Id');
    const port = optionalInteger(target, 'Port') ?? GENEVE_PORT;
    if (port !== GENEVE_PORT) {
      throw validationError(
        `Port '${port}' of target '${id}' must be ${GENEVE_PORT} with protocol GENEVE`,
      );
    }
    if (targetType === 'ip') {
      const addr = parseIpv4(id);
      if (addr === null)
        throw validationError(`The IP address '${id}' is not a valid IPv4 address`);
      return formatIpv4(addr);
    }
    if (optionalString(target, 'AvailabilityZone') !== undefined) {
      throw validationError(
        `An Availability Zone cannot be specified for targets of type 'instance': '${id}'`,
      );
    }
    if (!hasPrefix(id, 'i') || !isWellFormed(id)) {
      throw validationError(`Instance ID '${id}' is not valid`);
    }
    return id;
  });
  return [...new Set(ids)];
}

/** @throws InvalidTarget unless it is a running instance of the VPC, or an address of the VPC. */
function checkTarget({ targetType, vpcId }: TargetGroup, id: string, snapshot: Snapshot): void {
  if (targetType === 'ip') {
    const addr = parseIpv4(id);
    if (addr !== null && isInVpc(snapshot, vpcId, addr)) return;
    throw invalidTarget(
      `The following targets are not in the target group VPC '${vpcId}': '${id}'`,
    );
  }
  const instance = hasPrefix(id, 'i') ? snapshot.instances.get(id) : undefined;
  if (instance === undefined) throw invalidTarget(`The following targets do not exist: '${id}'`);
  if (instance.vpcId !== vpcId) {
    throw invalidTarget(
      `The following targets are not in the target group VPC '${vpcId}': '${id}'`,
    );
  }
  if (instanceState(instance, snapshot) !== 'running') {
    throw invalidTarget(
      `The following targets are not in a running state and cannot be registered: '${id}'`,
    );
  }
}

function isInVpc({ vpcs }: Snapshot, vpcId: TargetGroup['vpcId'], addr: Ipv4Addr): boolean {
  return vpcs.get(vpcId)?.cidrs.some(({ cidr }) => ipv4Contains(cidr, addr)) === true;
}

/** One that is registered stays as it is; one that drains comes back. */
function registerTargets(input: ActionInput, { draft, nowMs }: ActionContext): ActionOutput {
  const { snapshot } = draft;
  const group = findTargetGroup(snapshot, stringOf(input, 'TargetGroupArn'));
  const { targetGroupArn } = group;
  for (const targetId of readTargetIds(input, group)) {
    checkTarget(group, targetId, snapshot);
    const targetKey = targetKeyOf(group, targetId);
    const present = snapshot.targets.get(targetKey);
    if (present !== undefined && present.state !== 'draining') continue;
    draft.put('targets', targetKey, asInitial({ targetKey, targetGroupArn, targetId }, nowMs));
  }
  const count = targetsOf(draft.snapshot, targetGroupArn).length;
  if (count > snapshot.quotas.targetsPerGeneveTargetGroup) {
    throw tooMany('TooManyTargets', 'targets of a target group');
  }
  return {};
}

/** A target that no load balancer uses goes at once; one that is not there is as good as gone. */
function deregisterTargets(input: ActionInput, { draft, nowMs }: ActionContext): ActionOutput {
  const { snapshot } = draft;
  const group = findTargetGroup(snapshot, stringOf(input, 'TargetGroupArn'));
  for (const targetId of readTargetIds(input, group)) {
    const targetKey = targetKeyOf(group, targetId);
    const target = snapshot.targets.get(targetKey);
    if (target === undefined || target.state === 'draining') continue;
    const goesAtOnce = group.deregistrationDelaySeconds === 0;
    if (goesAtOnce || whyUnused(snapshot, group, target) !== null)
      draft.delete('targets', targetKey);
    else {
      const draining = { ...target, state: 'draining', stateTimeMs: nowMs, reason: null } as const;
      draft.put('targets', targetKey, draining);
    }
  }
  return {};
}

/** AWS's `TargetHealth`. */
function healthShape(
  group: TargetGroup,
  target: Target | undefined,
  snapshot: Snapshot,
): ActionOutput {
  if (target === undefined) return toldHealth('unused', 'Target.NotRegistered');
  if (target.state === 'draining') return toldHealth('draining', 'Target.DeregistrationInProgress');
  const unused = whyUnused(snapshot, group, target);
  return unused === null ? toldHealth(target.state, target.reason) : toldHealth('unused', unused);
}

function toldHealth(State: string, reason: string | null): ActionOutput {
  return reason === null ? { State } : { State, Reason: reason, Description: DESCRIPTIONS[reason] };
}

function targetShape(group: TargetGroup, target: Target, snapshot: Snapshot): ActionOutput {
  const eni = group.targetType === 'ip' ? eniOfTarget(snapshot, group, target) : undefined;
  return {
    Id: target.targetId,
    Port: GENEVE_PORT,
    AvailabilityZone: eni && zoneOf(snapshot, eni.subnetId),
  };
}

/** Of a target that is asked for and not registered it is told that it is unused. */
function describeTargetHealth(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const { snapshot } = draft;
  const group = findTargetGroup(snapshot, stringOf(input, 'TargetGroupArn'));
  const asked = readTargetIds(input, group);
  const ids =
    asked.length > 0
      ? asked
      : targetsOf(snapshot, group.targetGroupArn).map(({ targetId }) => targetId);
  return {
    TargetHealthDescriptions: ids.map((id) => {
      const target = snapshot.targets.get(targetKeyOf(group, id));
      return {
        Target: target === undefined ? { Id: id } : targetShape(group, target, snapshot),
        HealthCheckPort: target && String(group.healthCheck.port),
        TargetHealth: healthShape(group, target, snapshot),
      };
    }),
  };
}

const TARGETS: ParameterType = [{ Id: 'string', Port: 'integer', AvailabilityZone: 'string' }];

export const TARGET_ACTIONS: readonly ActionDefinition[] = [
  {
    name: 'RegisterTargets',
    parameters: { TargetGroupArn: 'string', Targets: TARGETS },
    required: ['TargetGroupArn', 'Targets'],
    perform: registerTargets,
  },
  {
    name: 'DeregisterTargets',
    parameters: { TargetGroupArn: 'string', Targets: TARGETS },
    required: ['TargetGroupArn', 'Targets'],
    perform: deregisterTargets,
  },
  {
    name: 'DescribeTargetHealth',
    parameters: { TargetGroupArn: 'string', Targets: TARGETS },
    required: ['TargetGroupArn'],
    perform: describeTargetHealth,
  },
];
