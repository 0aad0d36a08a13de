/** Tags in requests and answers: the rules of keys and values, and AWS's shape of a tag set. */
import type { Draft } from '../model/store.ts';
import type { Tags } from '../model/tags.ts';
import type { ActionInput, ActionOutput, ParameterType } from './action.ts';
import { parameterValue, tagLimitExceeded } from './errors.ts';
import { optionalString, stringOf, structuresOf } from './input.ts';

/** Changes the tags of one resource. */
export type Retag = (draft: Draft, id: string, change: (tags: Tags) => Tags) => void;

const TAGS: ParameterType = [{ Key: 'string', Value: 'string' }];

/** The parameter by which a creating action takes tags. */
export const TAG_SPECIFICATIONS: ParameterType = [{ ResourceType: 'string', Tags: TAGS }];

export const TAG_LIST = TAGS;

const MAX_TAGS = 50;
const MAX_KEY_LENGTH = 128;
const MAX_VALUE_LENGTH = 256;

/**
 * Reads `TagSpecifications`.
 * @param creates The resource types that the action makes.
 * @returns the tags for each of them.
 * @throws InvalidParameterValue when the action makes no resource of a given type, or a tag is bad.
 */
export function tagSpecifications<T extends string>(
  input: ActionInput,
  creates: readonly T[],
): ReadonlyMap<T, Tags> {
  const tags = new Map<T, Tags>(creates.map((type) => [type, new Map()]));
  for (const specification of structuresOf(input, 'TagSpecifications')) {
    const given = stringOf(specification, 'ResourceType');
    const type = creates.find((each) => each === given);
    if (type === undefined) {
      throw parameterValue(`'${given}' is not a valid taggable resource type for this operation.`);
    }
    const added = readTags(specification, 'Tags');
    if (added.size === 0) throw parameterValue('Tag specification must have at least one tag');
    tags.set(type, addTags(tags.get(type) ?? new Map(), added));
  }
  return tags;
}

/** Reads the tags for the one type of resource that the action makes. */
export function tagsFor(input: ActionInput, resourceType: string): Tags {
  return tagSpecifications(input, [resourceType]).get(resourceType) ?? new Map();
}

/** @throws InvalidParameterValue when a key or value is too long, reserved or given twice. */
export function readTags(input: ActionInput, name: string): Tags {
  const tags = new Map<string, string>();
  for (const tag of structuresOf(input, name)) {
    const key = stringOf(tag, 'Key');
    const value = optionalString(tag, 'Value') ?? '';
    if (key === '' || key.length > MAX_KEY_LENGTH) {
      throw parameterValue(`Tag key exceeds the maximum length of ${MAX_KEY_LENGTH} characters`);
    }
    if (value.length > MAX_VALUE_LENGTH) {
      throw parameterValue(
        `Tag value exceeds the maximum length of ${MAX_VALUE_LENGTH} characters`,
      );
    }
    if (key.toLowerCase().startsWith('aws:')) {
      throw parameterValue("Tag keys starting with 'aws:' are reserved for internal use");
    }
    if (tags.has(key)) throw parameterValue(`Duplicate tag key '${key}' specified.`);
    tags.set(key, value);
  }
  return tags;
}

/** @throws TagLimitExceeded when the resource would have more than 50 tags. */
export function addTags(tags: Tags, added: Tags): Tags {
  const result = new Map([...tags, ...added]);
  if (result.size > MAX_TAGS) throw tagLimitExceeded();
  return result;
}

export function tagSet(tags: Tags): ActionOutput[] {
  return [...tags].map(([Key, Value]) => ({ Key, Value }));
}
