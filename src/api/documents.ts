/**
 * The state of a region as the AWS CLI prints it: one JSON document for each Describe action, and one
 * for each object that an action has to be asked for by its id.
 */
import type { ActionDefinition, ActionInput, ActionOutput } from '../actions/action.ts';
import { actionNamed, partsOfAction } from '../actions/action-names.ts';
import { ApiError } from '../actions/api-error.ts';
import { CLI_SERVICES, toKebab } from '../actions/cli-name.ts';
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
    .filter(({ name, required }) => isDescribing(name) && required.length === 0)
    .map(({ name }): Question => ({ action: name, input: {}, about: [] }));
  return [...general, ...questionsOf(snapshot)].flatMap(({ action, input, about }) => {
    const output = answerOf(perform, action, input);
    if (output === null) return [];
    const name = [documentName(action), ...about].join('-');
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

/** Listeners are asked for by their load balancers. */
function isDescribing(action: string): boolean {
  const { name } = partsOfAction(action);
  return name.startsWith('Describe') && name !== 'DescribeListeners';
}

/** @returns the command; with its service unless that is EC2, as names are not of one service. */
function documentName(action: string): string {
  const { service, name } = partsOfAction(action);
  const command = toKebab(name);
  return service === 'ec2' ? command : `${CLI_SERVICES[service]}-${command}`;
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
    ...questionsOfBalancing(snapshot),
  ];
}

/** Their answers do not say what was asked for: the last part of its ARN does, in the name of the document. */
function questionsOfBalancing({ loadBalancers, targetGroups }: Snapshot): Question[] {
  const ask = (name: string, input: ActionInput, arn: string): Question => ({
    action: actionNamed({ service: 'elasticloadbalancing', name }),
    input,
    about: [arn.slice(arn.lastIndexOf('/') + 1)],
  });
  return [
    ...[...loadBalancers.values()].flatMap(({ loadBalancerArn: LoadBalancerArn, listener }) => [
      ask('DescribeLoadBalancerAttributes', { LoadBalancerArn }, LoadBalancerArn),
      ask('DescribeListeners', { LoadBalancerArn }, LoadBalancerArn),
      ...(listener === null
        ? []
        : [
            ask(
              'DescribeListenerAttributes',
              { ListenerArn: listener.listenerArn },
              listener.listenerArn,
            ),
          ]),
    ]),
    ...[...targetGroups.keys()].flatMap((TargetGroupArn) => [
      ask('DescribeTargetGroupAttributes', { TargetGroupArn }, TargetGroupArn),
      ask('DescribeTargetHealth', { TargetGroupArn }, TargetGroupArn),
    ]),
  ];
}

/** @returns the answer in the types and the order of AWS's model; pages are together, so there is no token. */
function documentOf(action: string, output: ActionOutput): Record<string, unknown> {
  const { service, name } = serviceOfAction(action);
  const structure = wireAction(service.model, name)?.output ?? null;
  if (structure === null) return {};
  const { NextToken: _token, NextMarker: _marker, ...members } = output;
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
