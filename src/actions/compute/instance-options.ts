/** The options of a launch that have actions of their own: monitoring, metadata, credits, profiles. */
import type { InstanceOptions, InstanceProfile } from '../../model/compute.ts';
import type { Instance } from '../../model/records.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { Draft } from '../../model/store.ts';
import type { ActionContext, ActionDefinition, ActionInput, ActionOutput } from '../action.ts';
import { FILTERS, type Filters, filterRows, PAGE_PARAMETERS, pageOf } from '../describe.ts';
import { incorrectInstanceState, missingParameter, unknownId } from '../errors.ts';
import { optionalStructure, stringOf, stringsOf, structuresOf } from '../input.ts';
import { findInstance, findRows } from '../lookup.ts';
import { profileAssociated } from './compute-errors.ts';
import { profileShape } from './instance-shapes.ts';
import { findInstanceType } from './instance-types.ts';
import {
  METADATA_OPTIONS,
  metadataShape,
  PROFILE,
  readCredits,
  readMetadata,
  readProfile,
} from './launch-options.ts';

function put(draft: Draft, instance: Instance, options: Partial<InstanceOptions>): void {
  draft.put('instances', instance.instanceId, {
    ...instance,
    options: { ...instance.options, ...options },
  });
}

/** @throws IncorrectInstanceState for an instance that was terminated. */
function findLiving(snapshot: Snapshot, id: string): Instance {
  const instance = findInstance(snapshot, id);
  if (instance.state === 'terminated') throw incorrectInstanceState(id, 'modified');
  return instance;
}

function setMonitoring(
  input: ActionInput,
  { draft }: ActionContext,
  monitoring: boolean,
): ActionOutput {
  const ids = stringsOf(input, 'InstanceIds');
  const instances = findRows(draft.snapshot.instances, 'i', ids);
  for (const instance of instances) put(draft, instance, { monitoring });
  const State = monitoring ? 'pending' : 'disabling';
  return {
    InstanceMonitorings: instances.map(({ instanceId }) => ({
      InstanceId: instanceId,
      Monitoring: { State },
    })),
  };
}

function modifyMetadataOptions(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const instance = findLiving(draft.snapshot, stringOf(input, 'InstanceId'));
  const metadata = readMetadata(input, instance.options.metadata);
  put(draft, instance, { metadata });
  return {
    InstanceId: instance.instanceId,
    InstanceMetadataOptions: { ...metadataShape(metadata), State: 'pending' },
  };
}

const CREDIT_FILTERS: Filters<Instance> = { 'instance-id': ({ instanceId }) => [instanceId] };

/** Of all burstable instances, unless some are named. */
function describeCredits(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const { instances } = draft.snapshot;
  const ids = stringsOf(input, 'InstanceIds');
  const chosen = ids.length === 0 ? [...instances.values()] : findRows(instances, 'i', ids);
  const burstable = chosen.filter(
    ({ state, options }) => state !== 'terminated' && options.cpuCredits !== null,
  );
  const matching = filterRows(burstable, CREDIT_FILTERS, input, draft.snapshot);
  const { rows, nextToken } = pageOf(matching, input);
  const shapes = rows.map(({ instanceId, options }) => ({
    InstanceId: instanceId,
    CpuCredits: options.cpuCredits,
  }));
  return { InstanceCreditSpecifications: shapes, NextToken: nextToken };
}

function modifyCredits(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const done: ActionOutput[] = [];
  for (const entry of structuresOf(input, 'InstanceCreditSpecifications')) {
    const instance = findLiving(draft.snapshot, stringOf(entry, 'InstanceId'));
    const { InstanceId, ...credits } = entry;
    put(draft, instance, {
      cpuCredits: readCredits(credits, findInstanceType(instance.instanceType)),
    });
    done.push({ InstanceId });
  }
  return {
    SuccessfulInstanceCreditSpecifications: done,
    UnsuccessfulInstanceCreditSpecifications: [],
  };
}

interface ProfileRow {
  readonly instance: Instance;
  readonly profile: InstanceProfile;
}

function profileRows(snapshot: Snapshot): ProfileRow[] {
  return [...snapshot.instances.values()].flatMap((instance) => {
    const { profile } = instance.options;
    return profile === null || instance.state === 'terminated' ? [] : [{ instance, profile }];
  });
}

/** AWS's `IamInstanceProfileAssociation`. */
function associationShape({ instance, profile }: ProfileRow, state = 'associated'): ActionOutput {
  return {
    AssociationId: profile.associationId,
    InstanceId: instance.instanceId,
    IamInstanceProfile: profileShape(profile),
    State: state,
  };
}

/** @throws InvalidAssociationID.NotFound */
function findAssociation(snapshot: Snapshot, id: string): ProfileRow {
  const row = profileRows(snapshot).find(({ profile }) => profile.associationId === id);
  if (row === undefined) throw unknownId('iip-assoc', id);
  return row;
}

const ASSOCIATION_FILTERS: Filters<ProfileRow> = {
  'instance-id': ({ instance }) => [instance.instanceId],
  state: () => ['associated'],
};

function describeAssociations(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const { snapshot } = draft;
  const ids = stringsOf(input, 'AssociationIds');
  const chosen =
    ids.length === 0
      ? profileRows(snapshot)
      : [...new Set(ids)].map((id) => findAssociation(snapshot, id));
  const matching = filterRows(chosen, ASSOCIATION_FILTERS, input, snapshot);
  const { rows, nextToken } = pageOf(matching, input);
  const shapes = rows.map((row) => associationShape(row));
  return { IamInstanceProfileAssociations: shapes, NextToken: nextToken };
}

/** @throws MissingParameter without a profile. */
function readGivenProfile(input: ActionInput, context: ActionContext): InstanceProfile {
  const given = optionalStructure(input, 'IamInstanceProfile') ?? {};
  if (Object.keys(given).length === 0) throw missingParameter('IamInstanceProfile');
  return readProfile(given, context);
}

function associateProfile(input: ActionInput, context: ActionContext): ActionOutput {
  const { draft } = context;
  const instance = findLiving(draft.snapshot, stringOf(input, 'InstanceId'));
  if (instance.options.profile !== null) throw profileAssociated(instance.instanceId);
  const profile = readGivenProfile(input, context);
  put(draft, instance, { profile });
  return { IamInstanceProfileAssociation: associationShape({ instance, profile }, 'associating') };
}

function replaceProfile(input: ActionInput, context: ActionContext): ActionOutput {
  const { draft } = context;
  const { instance } = findAssociation(draft.snapshot, stringOf(input, 'AssociationId'));
  const profile = readGivenProfile(input, context);
  put(draft, instance, { profile });
  return { IamInstanceProfileAssociation: associationShape({ instance, profile }, 'associating') };
}

function disassociateProfile(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const row = findAssociation(draft.snapshot, stringOf(input, 'AssociationId'));
  put(draft, row.instance, { profile: null });
  return { IamInstanceProfileAssociation: associationShape(row, 'disassociating') };
}

const PROFILE_ACTIONS: readonly ActionDefinition[] = [
  {
    name: 'DescribeIamInstanceProfileAssociations',
    parameters: { ...PAGE_PARAMETERS, AssociationIds: ['string'] },
    required: [],
    perform: describeAssociations,
  },
  {
    name: 'AssociateIamInstanceProfile',
    parameters: { InstanceId: 'string', IamInstanceProfile: PROFILE },
    required: ['InstanceId', 'IamInstanceProfile'],
    perform: associateProfile,
  },
  {
    name: 'ReplaceIamInstanceProfileAssociation',
    parameters: { AssociationId: 'string', IamInstanceProfile: PROFILE },
    required: ['AssociationId', 'IamInstanceProfile'],
    perform: replaceProfile,
  },
  {
    name: 'DisassociateIamInstanceProfile',
    parameters: { AssociationId: 'string' },
    required: ['AssociationId'],
    perform: disassociateProfile,
  },
];

export const INSTANCE_OPTION_ACTIONS: readonly ActionDefinition[] = [
  {
    name: 'MonitorInstances',
    parameters: { InstanceIds: ['string'] },
    required: ['InstanceIds'],
    perform: (input, context) => setMonitoring(input, context, true),
  },
  {
    name: 'UnmonitorInstances',
    parameters: { InstanceIds: ['string'] },
    required: ['InstanceIds'],
    perform: (input, context) => setMonitoring(input, context, false),
  },
  {
    name: 'ModifyInstanceMetadataOptions',
    parameters: { InstanceId: 'string', ...METADATA_OPTIONS },
    required: ['InstanceId'],
    perform: modifyMetadataOptions,
  },
  {
    name: 'DescribeInstanceCreditSpecifications',
    parameters: { ...PAGE_PARAMETERS, Filters: FILTERS, InstanceIds: ['string'] },
    required: [],
    perform: describeCredits,
  },
  {
    name: 'ModifyInstanceCreditSpecification',
    parameters: {
      InstanceCreditSpecifications: [{ InstanceId: 'string', CpuCredits: 'string' }],
      ClientToken: 'string',
    },
    required: ['InstanceCreditSpecifications'],
    perform: modifyCredits,
  },
  ...PROFILE_ACTIONS,
];
