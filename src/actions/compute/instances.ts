/**
 * The actions on instances after their launch.
 * Stored states: running, stopped, terminated, since the guest is started or stopped at once. Those
 * between them are told in answers, and as transitions. Start: stopped to running. Stop: running to
 * stopped. Terminate: any to terminated, for good; the interfaces go.
 */

import type { Instance, InstanceState } from '../../model/records.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { Draft } from '../../model/store.ts';
import type { TransitionKind } from '../../model/timing.ts';
import type { ActionContext, ActionDefinition, ActionInput, ActionOutput } from '../action.ts';
import { freeElasticAddresses } from '../edges/elastic-associations.ts';
import { releasePublicAddress, renewPublicAddress } from '../edges/public-addresses.ts';
import { incorrectInstanceState } from '../errors.ts';
import { showForAWhile } from '../gone.ts';
import { stringsOf } from '../input.ts';
import { enisOfInstance, findRows } from '../lookup.ts';
import { begin } from '../transition.ts';
import { protectedInstance } from './compute-errors.ts';
import { DESCRIBE_INSTANCE_ACTIONS } from './describe-instances.ts';
import { INSTANCE_ATTRIBUTE_ACTIONS } from './instance-attributes.ts';
import { INSTANCE_OPTION_ACTIONS } from './instance-options.ts';
import { instanceState, stateShape } from './instance-shapes.ts';
import { INSTANCE_STATUS_ACTIONS } from './instance-status.ts';
import { releaseVolumes } from './root-volumes.ts';
import { RUN_INSTANCES } from './run-instances.ts';

/** One of the actions that change the state of instances. */
interface Transition {
  readonly name: string;
  /** The answer's member. */
  readonly member: string;
  readonly parameters: ActionDefinition['parameters'];
  /** What the answer says of an instance that changes. */
  readonly passing: InstanceState;
  readonly to: InstanceState;
  /** The state that it begins in, and the word of the refusal in any other; null: none is refused. */
  readonly from: { readonly state: InstanceState; readonly verb: string } | null;
  readonly kind: TransitionKind;
  readonly apply: (instance: Instance, context: ActionContext) => void;
}

const TRANSITIONS: readonly Transition[] = [
  {
    name: 'StartInstances',
    member: 'StartingInstances',
    parameters: { InstanceIds: ['string'] },
    passing: 'pending',
    to: 'running',
    from: { state: 'stopped', verb: 'started' },
    kind: 'startInstance',
    apply: start,
  },
  {
    name: 'StopInstances',
    member: 'StoppingInstances',
    parameters: { InstanceIds: ['string'], Force: 'boolean' },
    passing: 'stopping',
    to: 'stopped',
    from: { state: 'running', verb: 'stopped' },
    kind: 'stopInstance',
    apply: stop,
  },
  {
    name: 'TerminateInstances',
    member: 'TerminatingInstances',
    parameters: { InstanceIds: ['string'] },
    passing: 'shutting-down',
    to: 'terminated',
    from: null,
    kind: 'terminateInstance',
    apply: terminate,
  },
];

function setState(draft: Draft, instance: Instance, state: InstanceState): void {
  draft.put('instances', instance.instanceId, { ...instance, state });
}

function start(instance: Instance, context: ActionContext): void {
  const { draft, nowMs } = context;
  setState(draft, { ...instance, launchTimeMs: nowMs }, 'running');
  for (const { eniId } of enisOfInstance(draft.snapshot, instance)) {
    renewPublicAddress(context, eniId);
  }
}

/** @throws OperationNotPermitted for an instance that is protected. */
function stop(instance: Instance, { draft }: ActionContext): void {
  const { instanceId, options } = instance;
  if (options.disableApiStop) throw protectedInstance(instanceId, 'stopped', 'disableApiStop');
  for (const { eniId } of enisOfInstance(draft.snapshot, instance)) {
    releasePublicAddress(draft, eniId);
  }
  setState(draft, instance, 'stopped');
}

/** @throws OperationNotPermitted for an instance that is protected. */
function terminate(instance: Instance, { draft, nowMs }: ActionContext): void {
  const { instanceId, options } = instance;
  if (options.disableApiTermination) {
    throw protectedInstance(instanceId, 'terminated', 'disableApiTermination');
  }
  releaseEnis(draft, instance);
  releaseVolumes(draft, instance);
  setState(draft, instance, 'terminated');
  showForAWhile(draft, nowMs, 'instances', instanceId);
}

/** Deletes the interfaces that go with the instance and detaches the others; a terminated one frees its elastic addresses. */
function releaseEnis(draft: Draft, instance: Instance): void {
  for (const eni of enisOfInstance(draft.snapshot, instance)) {
    freeElasticAddresses(draft, eni.eniId, eni.addresses);
    if (eni.attachment?.deleteOnTermination === true) draft.delete('enis', eni.eniId);
    else draft.put('enis', eni.eniId, { ...eni, attachment: null, autoPublicAddress: null });
  }
}

function transit(transition: Transition, input: ActionInput, context: ActionContext): ActionOutput {
  const { snapshot } = context.draft;
  const instances = findRows(snapshot.instances, 'i', stringsOf(input, 'InstanceIds'));
  const shapes = instances.map((instance) => {
    const { instanceId } = instance;
    const state = instanceState(instance, snapshot);
    const { to, from, passing, kind } = transition;
    const shape = { InstanceId: instanceId, PreviousState: stateShape(state) };
    if (state === to || state === passing) return { ...shape, CurrentState: stateShape(state) };
    if (from !== null && state !== from.state) throw incorrectInstanceState(instanceId, from.verb);
    transition.apply(instance, context);
    const holds = to === 'terminated' ? holdsOf(instance, snapshot) : [];
    begin(context, instanceId, passing, kind, { holds });
    return { ...shape, CurrentState: stateShape(passing) };
  });
  return { [transition.member]: shapes };
}

/** @returns what cannot be deleted before an instance is gone: its subnets and groups. */
function holdsOf(instance: Instance, snapshot: Snapshot): string[] {
  return enisOfInstance(snapshot, instance).flatMap((eni) => [eni.subnetId, ...eni.groupIds]);
}

/** The guest is restarted by the engine; the model stays as it is. */
function rebootInstances(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const ids = stringsOf(input, 'InstanceIds');
  for (const instance of findRows(draft.snapshot.instances, 'i', ids)) {
    if (instanceState(instance, draft.snapshot) !== 'running') {
      throw incorrectInstanceState(instance.instanceId, 'rebooted');
    }
  }
  return {};
}

export const INSTANCE_ACTIONS: readonly ActionDefinition[] = [
  RUN_INSTANCES,
  ...TRANSITIONS.map(
    (transition): ActionDefinition => ({
      name: transition.name,
      parameters: transition.parameters,
      required: ['InstanceIds'],
      perform: (input, context) => transit(transition, input, context),
    }),
  ),
  {
    name: 'RebootInstances',
    parameters: { InstanceIds: ['string'] },
    required: ['InstanceIds'],
    perform: rebootInstances,
  },
  ...DESCRIBE_INSTANCE_ACTIONS,
  ...INSTANCE_ATTRIBUTE_ACTIONS,
  ...INSTANCE_OPTION_ACTIONS,
  ...INSTANCE_STATUS_ACTIONS,
];
