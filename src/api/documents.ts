/**
 * The state of a region as the AWS CLI prints it: one JSON document for each Describe action, and one
 * for each object that an action has to be asked for by its id.
 */
import type { ActionDefinition, ActionInput, ActionOutput } from '../actions/action.ts';
import { ApiError } from '../actions/api-error.ts';
import { toKebab } from '../actions/cli-name.ts';
import { isStructure } from '../actions/input.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { membersOf, wireAction } from './model.ts';
import { serviceOfAction } from './wire-services.ts';
import type { WireModel, WireType } from './wire-types.ts';

/** What one command of the AWS CLI prints. */
export interface AwsDocument {
  /** The command, such as `describe-vpcs`; what else it was asked with follows. */
  readonly name: string;
  readonly action: string;
  readonly input: ActionInput;
  /** As `--output json` has it. */
  readonly body: Readonly<Record<string, unknown>>;
}

type Perform = (action: string, input: ActionInput) => ActionOutput;

/** An action that describes one object at a time. */
interface Question {
  readonly action: string;
  readonly input: ActionInput;
  /** What tells its document from others of the action. */
  readonly about: readonly string[];
}

/**
 * @param perform Over the snapshot; it changes nothing.
 * @returns the documents of all Describe actions, then those of single objects.
 */
export function describeRegion(
  snapshot: Snapshot,
  actions: Iterable<ActionDefinition>,
  perform: Perform,
): AwsDocument[] {
  const general = [...actions]
    .filter(({ name, required }) => name.startsWith('Describe') && required.length === 0)
    .map(({ name }): Question => ({ action: name, input: {}, about: [] }));
  return [...general, ...questionsOf(snapshot)].flatMap(({ action, input, about }) => {
    const output = answerOf(perform, action, input);
    if (output === null) return [];
    const name = [toKebab(action), ...about].join('-');
    return [{ name, action, input, body: documentOf(action, output) }];
  });
}

/** @returns null for an action that wants to be asked about one object after all. */
function answerOf(perform: Perform, action: string, input: ActionInput): ActionOutput | null {
  try {
    return perform(action, input);
  } catch (error) {
    if (error instanceof ApiError && error.code === 'MissingParameter') return null;
    throw error;
  }
}

const VPC_ATTRIBUTES = ['enableDnsSupport', 'enableDnsHostnames'] as const;

function questionsOf(snapshot: Snapshot): Question[] {
  return [
    ...[...snapshot.vpcs.keys()].flatMap((VpcId) =>
      VPC_ATTRIBUTES.map((Attribute) => ({
        action: 'DescribeVpcAttribute',
        input: { VpcId, Attribute },
        about: [VpcId, toKebab(Attribute)],
      })),
    ),
    ...[...snapshot.prefixLists.keys()].map((PrefixListId) => ({
      action: 'GetManagedPrefixListEntries',
      input: { PrefixListId },
      about: [PrefixListId],
    })),
    ...[...snapshot.launchTemplates.keys()].map((LaunchTemplateId) => ({
      action: 'DescribeLaunchTemplateVersions',
      input: { LaunchTemplateId },
      about: [LaunchTemplateId],
    })),
    ...[...snapshot.subnets.values()]
      .filter(({ reservations }) => reservations.length > 0)
      .map(({ subnetId: SubnetId }) => ({
        action: 'GetSubnetCidrReservations',
        input: { SubnetId },
        about: [SubnetId],
      })),
  ];
}

/** @returns the answer in the types and the order of AWS's model; pages are together, so there is no token. */
function documentOf(action: string, output: ActionOutput): Record<string, unknown> {
  const { service, name } = serviceOfAction(action);
  const structure = wireAction(service.model, name)?.output ?? null;
  if (structure === null) return {};
  const { NextToken: _token, ...members } = output;
  return structureOf(service.model, members, structure);
}

function structureOf(
  model: WireModel,
  output: ActionOutput,
  structure: string,
): Record<string, unknown> {
  const entries = Object.entries(membersOf(model, structure)).flatMap(([name, [type]]) => {
    const value = output[name];
    return value === undefined ? [] : [[name, typedValue(model, value, type)] as const];
  });
  return Object.fromEntries(entries);
}

function typedValue(model: WireModel, value: unknown, type: WireType): unknown {
  if (typeof type === 'string') {
    if (type === 'number') return Number(value);
    return type === 'boolean' ? value === true || value === 'true' : String(value);
  }
  if ('enum' in type) return String(value);
  if ('structure' in type)
    return isStructure(value) ? structureOf(model, value, type.structure) : {};
  return Array.isArray(value) ? value.map((item) => typedValue(model, item, type.list)) : [];
}
