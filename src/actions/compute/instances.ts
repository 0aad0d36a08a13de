/**
 * The actions on instances after their launch.
 * Stored states: running, stopped, terminated, since the guest is started or stopped at once. Those
 * between them are told in answers, and as transitions. Start: stopped to running. Stop: running to
 * stopped. Terminate: any to terminated, for good; the interfaces go.
 */

import { formatIpv4 } from '../../addr/ipv4.ts';
import { formatMac } from '../../addr/mac.ts';
import { eniDnsName } from '../../model/names.ts';
import type { Eni, Instance, InstanceState } from '../../model/records.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { Draft } from '../../model/store.ts';
import type { TransitionKind } from '../../model/timing.ts';
import type { ActionContext, ActionDefinition, ActionInput, ActionOutput } from '../action.ts';
import { PAGE_PARAMETERS, selectRows } from '../describe.ts';
import { associationShape, byAssociation } from '../edges/association-shapes.ts';
import { freeElasticAddresses } from '../edges/elastic-associations.ts';
import {
  incorrectInstanceState,
  invalidValue,
  multipleInterfaces,
  noInterface,
  parameterCombination,
} from '../errors.ts';
import { groupIdentifiers } from '../filters/security-group-shapes.ts';
import { optionalBoolean, stringOf, stringsOf } from '../input.ts';
import { groupNames, replacedGroups } from '../interfaces/eni-groups.ts';
import { enisOfInstance, findInstance, findRows } from '../lookup.ts';
import { begin } from '../transition.ts';
import {
  instanceShape,
  instanceState,
  reservationShape,
  stateCode,
  stateShape,
  zoneOf,
} from './instance-shapes.ts';
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
    apply: (instance, { draft, nowMs }) =>
      setState(draft, { ...instance, launchTimeMs: nowMs }, 'running'),
  },
  {
    name: 'StopInstances',
    member: 'StoppingInstances',
    parameters: { InstanceIds: ['string'], Force: 'boolean' },
    passing: 'stopping',
    to: 'stopped',
    from: { state: 'running', verb: 'stopped' },
    kind: 'stopInstance',
    apply: (instance, { draft }) => setState(draft, instance, 'stopped'),
  },
  {
    name: 'TerminateInstances',
    member: 'TerminatingInstances',
    parameters: { InstanceIds: ['string'] },
    passing: 'shutting-down',
    to: 'terminated',
    from: null,
    kind: 'terminateInstance',
    apply: (instance, { draft }) => {
      releaseEnis(draft, instance);
      setState(draft, instance, 'terminated');
    },
  },
];

function setState(draft: Draft, instance: Instance, state: InstanceState): void {
  draft.put('instances', instance.instanceId, { ...instance, state });
}

/** Deletes the interfaces that go with the instance and detaches the others; a terminated one frees its elastic addresses. */
function releaseEnis(draft: Draft, instance: Instance): void {
  for (const eni of enisOfInstance(draft.snapshot, instance)) {
    freeElasticAddresses(draft, eni.eniId, eni.addresses);
    if (eni.attachment?.deleteOnTermination === true) draft.delete('enis', eni.eniId);
    else draft.put('enis', eni.eniId, { ...eni, attachment: null });
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

/**
 * The single interface of an instance, for which the instance stands in a request.
 * @throws InvalidInstanceID when there are several, or none.
 * @source RT-13, CHK-4
 */
export function singleEni(snapshot: Snapshot, instance: Instance): Eni {
  const [eni, ...others] = enisOfInstance(snapshot, instance);
  if (others.length > 0) throw multipleInterfaces(instance.instanceId);
  if (eni === undefined) throw noInterface(instance.instanceId);
  return eni;
}

function modifyInstanceAttribute(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const instance = findInstance(draft.snapshot, stringOf(input, 'InstanceId'));
  const sourceDestCheck = optionalBoolean(input, 'SourceDestCheck');
  const { Groups } = input;
  if (sourceDestCheck === undefined && Groups === undefined) {
    throw parameterCombination('No attributes specified.');
  }
  if (sourceDestCheck !== undefined && Groups !== undefined) {
    throw parameterCombination('Fields for multiple attribute types specified');
  }
  const { instanceId, state } = instance;
  if (state === 'terminated') throw incorrectInstanceState(instanceId, 'modified');
  const eni = singleEni(draft.snapshot, instance);
  draft.put('enis', eni.eniId, {
    ...eni,
    sourceDestCheck: sourceDestCheck ?? eni.sourceDestCheck,
    groupIds: Groups === undefined ? eni.groupIds : replacedGroups(input, draft.snapshot, eni),
  });
  return {};
}

function describeInstanceAttribute(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const instance = findInstance(draft.snapshot, stringOf(input, 'InstanceId'));
  const attribute = stringOf(input, 'Attribute');
  const { instanceId } = instance;
  switch (attribute) {
    case 'sourceDestCheck': {
      const { sourceDestCheck } = singleEni(draft.snapshot, instance);
      return { InstanceId: instanceId, SourceDestCheck: { Value: sourceDestCheck } };
    }
    case 'groupSet': {
      const { groupIds } = singleEni(draft.snapshot, instance);
      return { InstanceId: instanceId, Groups: groupIdentifiers(draft.snapshot, groupIds) };
    }
    default:
      throw invalidValue('attribute', attribute, 'Unknown attribute.');
  }
}

type FilterOf = (instance: Instance, snapshot: Snapshot) => readonly (string | number | boolean)[];

/** A filter on every interface of the instance. */
function byEni(
  pick: (eni: Eni, snapshot: Snapshot) => readonly (string | number | boolean)[],
): FilterOf {
  return (instance, snapshot) =>
    enisOfInstance(snapshot, instance).flatMap((eni) => pick(eni, snapshot));
}

/** A filter on the primary interface of the instance. */
function byPrimaryEni(
  pick: (eni: Eni, snapshot: Snapshot) => string | boolean | null | undefined,
): FilterOf {
  return (instance, snapshot) =>
    enisOfInstance(snapshot, instance)
      .slice(0, 1)
      .flatMap((eni) => pick(eni, snapshot) ?? []);
}

/** A filter on the groups of the instance, which are those of its primary interface. */
function byGroup(pick: (eni: Eni, snapshot: Snapshot) => readonly string[]): FilterOf {
  return (instance, snapshot) =>
    enisOfInstance(snapshot, instance)
      .slice(0, 1)
      .flatMap((eni) => pick(eni, snapshot));
}

const FILTERS: Readonly<Record<string, FilterOf>> = {
  'availability-zone': (instance, snapshot) => [zoneOf(instance, snapshot) ?? ''],
  'dns-name': byPrimaryEni(
    (eni, snapshot) => associationShape(snapshot, eni, eni.addresses[0])?.PublicDnsName,
  ),
  'image-id': (instance) => [instance.imageId],
  'instance.group-id': byGroup((eni) => eni.groupIds),
  'instance.group-name': byGroup(groupNames),
  'instance-id': (instance) => [instance.instanceId],
  'instance-state-code': (instance, snapshot) => [stateCode(instanceState(instance, snapshot))],
  'instance-state-name': (instance, snapshot) => [instanceState(instance, snapshot)],
  'instance-type': (instance) => [instance.instanceType],
  'ip-address': byPrimaryEni(
    (eni, snapshot) => associationShape(snapshot, eni, eni.addresses[0])?.PublicIp,
  ),
  'launch-time': (instance) => [new Date(instance.launchTimeMs).toISOString()],
  'network-interface.addresses.primary': byEni((eni) => eni.addresses.map((_, i) => i === 0)),
  'network-interface.addresses.private-ip-address': byEni((eni) => eni.addresses.map(formatIpv4)),
  'network-interface.association.ip-owner-id': byEni(byAssociation('IpOwnerId')),
  'network-interface.association.public-ip': byEni(byAssociation('PublicIp')),
  'network-interface.attachment.attachment-id': byEni((eni) =>
    eni.attachment === null ? [] : [eni.attachment.attachmentId],
  ),
  'network-interface.attachment.device-index': byEni((eni) =>
    eni.attachment === null ? [] : [eni.attachment.deviceIndex],
  ),
  'network-interface.description': byEni((eni) => [eni.description]),
  'network-interface.group-id': byEni((eni) => eni.groupIds),
  'network-interface.group-name': byEni(groupNames),
  'network-interface.mac-address': byEni((eni) => [formatMac(eni.mac)]),
  'network-interface.network-interface-id': byEni((eni) => [eni.eniId]),
  'network-interface.source-dest-check': byEni((eni) => [eni.sourceDestCheck]),
  'network-interface.subnet-id': byEni((eni) => [eni.subnetId]),
  'network-interface.vpc-id': byEni((eni) => [eni.vpcId]),
  'owner-id': (_instance, snapshot) => [snapshot.accountId],
  'private-dns-name': byPrimaryEni((eni, { region }) => eniDnsName(region, eni)),
  'private-ip-address': byPrimaryEni((eni) => eni.addresses.slice(0, 1).map(formatIpv4)[0]),
  'reservation-id': ({ instanceId }, snapshot) =>
    [...snapshot.reservations.values()]
      .filter((reservation) => reservation.instanceIds.includes(instanceId))
      .map((reservation) => reservation.reservationId),
  'source-dest-check': byPrimaryEni((eni) => eni.sourceDestCheck),
  'subnet-id': byPrimaryEni((eni) => eni.subnetId),
  'vpc-id': byPrimaryEni((eni) => eni.vpcId),
};

function describeInstances(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const { snapshot } = draft;
  const { rows, nextToken } = selectRows(
    {
      idsParameter: 'InstanceIds',
      prefix: 'i',
      rows: () => snapshot.instances,
      filters: FILTERS,
    },
    input,
    snapshot,
  );
  const chosen = new Map(rows.map((instance) => [instance.instanceId, instance]));
  const reservations: ActionOutput[] = [];
  for (const reservation of snapshot.reservations.values()) {
    const shapes = reservation.instanceIds.flatMap((instanceId, index) => {
      const instance = chosen.get(instanceId);
      if (instance === undefined) return [];
      return [instanceShape(instance, index, snapshot, instanceState(instance, snapshot))];
    });
    if (shapes.length > 0) reservations.push(reservationShape(reservation, shapes, snapshot));
  }
  return { Reservations: reservations, NextToken: nextToken };
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
  {
    name: 'DescribeInstances',
    parameters: { ...PAGE_PARAMETERS, InstanceIds: ['string'] },
    required: [],
    perform: describeInstances,
  },
  {
    name: 'ModifyInstanceAttribute',
    parameters: {
      InstanceId: 'string',
      SourceDestCheck: 'attributeBoolean',
      Groups: ['string'],
    },
    required: ['InstanceId'],
    perform: modifyInstanceAttribute,
  },
  {
    name: 'DescribeInstanceAttribute',
    parameters: { InstanceId: 'string', Attribute: 'string' },
    required: ['InstanceId', 'Attribute'],
    perform: describeInstanceAttribute,
  },
];
