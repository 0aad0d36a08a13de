/** What a launch says besides the network: read from a request or a template, checked as AWS does. */
import {
  DEFAULT_METADATA_OPTIONS,
  type InstanceOptions,
  type InstanceProfile,
  type MetadataOptions,
} from '../../model/compute.ts';
import type { InstanceType } from '../../model/instance-type-table.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { ActionContext, ActionInput, ActionOutput, ParameterType } from '../action.ts';
import { invalidValue, parameterCombination } from '../errors.ts';
import {
  choiceOf,
  optionalBoolean,
  optionalInteger,
  optionalString,
  optionalStructure,
} from '../input.ts';
import { malformedUserData, noCreditSpecification, userDataTooLong } from './compute-errors.ts';
import { findKeyPairByName } from './key-pairs.ts';

const MAX_USER_DATA_BYTES = 16 * 1024;
const MAX_HOPS = 64;
const PROFILE_ARN = /^arn:aws[a-z-]*:iam::\d{12}:instance-profile\/[\w+=,.@/-]{1,128}$/;
const PROFILE_NAME = /^[\w+=,.@-]{1,128}$/;

export const METADATA_OPTIONS = {
  HttpTokens: 'string',
  HttpPutResponseHopLimit: 'integer',
  HttpEndpoint: 'string',
  HttpProtocolIpv6: 'string',
  InstanceMetadataTags: 'string',
} as const satisfies ParameterType;

export const PROFILE = { Arn: 'string', Name: 'string' } as const satisfies ParameterType;

/** The parameters of RunInstances, and of a launch template's data, that are read here. */
export const OPTION_PARAMETERS = {
  KeyName: 'string',
  UserData: 'string',
  DisableApiTermination: 'boolean',
  DisableApiStop: 'boolean',
  InstanceInitiatedShutdownBehavior: 'string',
  Monitoring: { Enabled: 'boolean' },
  EbsOptimized: 'boolean',
  CreditSpecification: { CpuCredits: 'string' },
  MetadataOptions: METADATA_OPTIONS,
  IamInstanceProfile: PROFILE,
} as const satisfies Readonly<Record<string, ParameterType>>;

/** @throws the refusals of AWS; InvalidKeyPair.NotFound. */
export function readOptions(
  input: ActionInput,
  context: ActionContext,
  type: InstanceType,
): InstanceOptions {
  const { snapshot } = context.draft;
  const keyName = optionalString(input, 'KeyName');
  const keyPair = keyName === undefined ? null : findKeyPairByName(snapshot, keyName);
  const profile = optionalStructure(input, 'IamInstanceProfile');
  const monitoring = optionalStructure(input, 'Monitoring') ?? {};
  return {
    keyName: keyPair?.name ?? null,
    publicKey: keyPair?.publicKey ?? null,
    userData: checkUserData(optionalString(input, 'UserData')),
    disableApiTermination: optionalBoolean(input, 'DisableApiTermination') ?? false,
    disableApiStop: optionalBoolean(input, 'DisableApiStop') ?? false,
    shutdownBehavior: choiceOf(input, 'InstanceInitiatedShutdownBehavior', ['stop', 'terminate']),
    monitoring: optionalBoolean(monitoring, 'Enabled') ?? false,
    ebsOptimized: optionalBoolean(input, 'EbsOptimized') ?? false,
    cpuCredits: readCredits(optionalStructure(input, 'CreditSpecification'), type),
    metadata: readMetadata(
      optionalStructure(input, 'MetadataOptions') ?? {},
      DEFAULT_METADATA_OPTIONS,
    ),
    profile: profile === undefined ? null : readProfile(profile, context),
    clientToken: optionalString(input, 'ClientToken') ?? '',
  };
}

/**
 * @returns null for none, or for an empty text.
 * @throws InvalidUserData.Malformed, or InvalidParameterValue when it is too long.
 */
export function checkUserData(text: string | undefined): string | null {
  if (text === undefined || text === '') return null;
  const bare = text.replaceAll(/\s|=+$/g, '');
  const data = Buffer.from(bare, 'base64');
  if (data.toString('base64').replaceAll('=', '') !== bare) throw malformedUserData();
  if (data.length > MAX_USER_DATA_BYTES) throw userDataTooLong(MAX_USER_DATA_BYTES);
  return text;
}

/** Standard for t2, unlimited for the later burstable types. @throws InvalidParameterCombination */
export function readCredits(
  given: ActionInput | undefined,
  { isBurstable, name }: InstanceType,
): InstanceOptions['cpuCredits'] {
  if (!isBurstable) {
    if (given !== undefined) throw noCreditSpecification(name);
    return null;
  }
  const isFirst = name.startsWith('t2.');
  return choiceOf<'standard' | 'unlimited'>(
    given ?? {},
    'CpuCredits',
    isFirst ? ['standard', 'unlimited'] : ['unlimited', 'standard'],
  );
}

/** @param present What stays of an option that is not given. */
export function readMetadata(input: ActionInput, present: MetadataOptions): MetadataOptions {
  const hops = optionalInteger(input, 'HttpPutResponseHopLimit');
  if (hops !== undefined && (hops < 1 || hops > MAX_HOPS)) {
    throw invalidValue('HttpPutResponseHopLimit', String(hops));
  }
  const states = ['enabled', 'disabled'] as const;
  const read = <T extends string>(name: string, choices: readonly [T, ...T[]], stays: T): T =>
    input[name] === undefined ? stays : choiceOf(input, name, choices);
  return {
    httpTokens: read('HttpTokens', ['optional', 'required'], present.httpTokens),
    httpPutResponseHopLimit: hops ?? present.httpPutResponseHopLimit,
    httpEndpoint: read('HttpEndpoint', states, present.httpEndpoint),
    httpProtocolIpv6: read('HttpProtocolIpv6', states, present.httpProtocolIpv6),
    instanceMetadataTags: read('InstanceMetadataTags', states, present.instanceMetadataTags),
  };
}

/** AWS's `InstanceMetadataOptionsResponse`. */
export function metadataShape(options: MetadataOptions): ActionOutput {
  return {
    State: 'applied',
    HttpTokens: options.httpTokens,
    HttpPutResponseHopLimit: options.httpPutResponseHopLimit,
    HttpEndpoint: options.httpEndpoint,
    HttpProtocolIpv6: options.httpProtocolIpv6,
    InstanceMetadataTags: options.instanceMetadataTags,
  };
}

/**
 * Reads the name or the ARN of a profile. There is no IAM here, so any profile is taken to be there.
 * @throws InvalidParameterValue for what can be no profile's.
 */
export function readProfile(
  input: ActionInput,
  { draft, newId, random }: Pick<ActionContext, 'draft' | 'newId' | 'random'>,
): InstanceProfile {
  const arn = optionalString(input, 'Arn');
  const name = optionalString(input, 'Name');
  if (arn !== undefined && name !== undefined) {
    throw parameterCombination(
      'The parameter iamInstanceProfile.name cannot be used with the parameter iamInstanceProfile.arn',
    );
  }
  if (arn !== undefined && !PROFILE_ARN.test(arn)) {
    throw invalidValue('iamInstanceProfile.arn', arn, 'Invalid IAM Instance Profile ARN');
  }
  if (arn === undefined && !PROFILE_NAME.test(name ?? '')) {
    throw invalidValue('iamInstanceProfile.name', name ?? '', 'Invalid IAM Instance Profile name');
  }
  return {
    associationId: newId('iip-assoc'),
    arn: arn ?? profileArn(draft.snapshot, name ?? ''),
    id: profileId(random),
  };
}

function profileArn({ accountId }: Snapshot, name: string): string {
  return `arn:aws:iam::${accountId}:instance-profile/${name}`;
}

const ID_LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

function profileId(random: (limit: number) => number): string {
  const letters = Array.from({ length: 17 }, () => ID_LETTERS[random(ID_LETTERS.length)]);
  return `AIPA${letters.join('')}`;
}
