/**
 * What an EC2 action is: a function over a draft of the model, with AWS's parameter names.
 * The lab file, the steps and the API all end here; nothing else changes the model.
 */
import type { InstanceHealth, KeyPair } from '../model/compute.ts';
import type { InstanceId } from '../model/ids.ts';
import type { PathFinding, PathQuestion } from '../model/network-insights.ts';
import type { Fabric } from '../model/snapshot.ts';
import type { Draft, DraftOf } from '../model/store.ts';
import type { ApiError } from './api-error.ts';

/** How a parameter is given. A structure has parameters of its own. */
export type ParameterType =
  | 'string'
  | 'integer'
  | 'boolean'
  /** Base64. */
  | 'blob'
  /** `{ Value: boolean }` in the API; a bare switch in the AWS CLI. */
  | 'attributeBoolean'
  | readonly [ParameterType]
  | { readonly [member: string]: ParameterType };

/** What an action needs from outside the model: given, so that a run can be repeated. */
export interface ActionEnvironment {
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
  /** @returns an id such as `eni-0f3a…`: the prefix, a dash, `0` and 16 hexadecimal digits. */
  readonly newId: <P extends string>(prefix: P) => `${P}-${string}`;
  /** @returns a uniformly drawn integer, 0 <= n < limit. */
  readonly random: (limit: number) => number;
  /** Nothing takes time, whatever the lab's timing: for what a lab file asks for. */
  readonly isInstant?: boolean;
  /** @returns all that there is of all accounts and regions; absent: the region is all. */
  readonly fabric?: () => Fabric;
  readonly newKeyPair: (type: KeyPair['type']) => NewKeyPair;
  readonly observer: Observer;
}

/** A key pair that was just made. */
export interface NewKeyPair {
  /** PEM. */
  readonly privateKey: string;
  /** As in `authorized_keys`, without a comment. */
  readonly publicKey: string;
  /** As AWS shows it for a pair that it made. */
  readonly fingerprint: string;
}

/** What only the running lab knows. */
export interface Observer {
  health(instanceId: InstanceId): InstanceHealth;
  /** @returns what its start-up and its daemons wrote so far. */
  consoleOutput(instanceId: InstanceId): string;
  /**
   * Tells what becomes of a packet in the network as it is, beyond the region, too. Nothing is sent.
   * @returns null where there is no network to look at.
   */
  findPath(question: PathQuestion): PathFinding | null;
}

export interface ActionContext extends ActionEnvironment {
  readonly draft: Draft;
  /** For what spans two regions or accounts, such as a peering. */
  readonly draftOf: DraftOf;
}

/** Decoded parameters: AWS's member names to strings, numbers, booleans, lists and structures. */
export type ActionInput = Readonly<Record<string, unknown>>;
/** Decoded answer with AWS's member names; `undefined` members are absent, `[]` is empty. */
export type ActionOutput = Readonly<Record<string, unknown>>;

/** What a service says to requests whose parameters are not as it wants them. */
export interface ParameterRefusals {
  unknown(path: string): ApiError;
  missing(name: string): ApiError;
  /** @param wanted A type. */
  wrongType(path: string, value: unknown, wanted: string): ApiError;
  /** A text that is no word of an enumeration. */
  notOneOf(path: string, text: string, words: readonly string[]): ApiError;
  /** A text that no answer could carry. */
  unusableText(path: string): ApiError;
}

/** What the actions of a service have in common. */
export interface ActionService {
  /** The parameters that all of them take besides their own. */
  readonly common: Readonly<Record<string, ParameterType>>;
  readonly refusals: ParameterRefusals;
}

export interface ActionDefinition {
  /** AWS's name, such as `ReplaceRoute`; of another service than EC2 as `action-names.ts` has it. */
  readonly name: string;
  /** Absent: EC2's, or one of those that only the lab file asks for. */
  readonly service?: ActionService;
  readonly parameters: Readonly<Record<string, ParameterType>>;
  readonly required: readonly string[];
  /** @throws ApiError with AWS's code. The input has passed the table of parameters. */
  readonly perform: (input: ActionInput, context: ActionContext) => ActionOutput;
}
