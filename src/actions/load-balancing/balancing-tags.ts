/** Tags in requests to Elastic Load Balancing, and the actions on them. */
import type { Tags } from '../../model/tags.ts';
import type { ActionContext, ActionDefinition, ActionInput, ActionOutput } from '../action.ts';
import { ApiError } from '../api-error.ts';
import { optionalString, stringsOf, structuresOf } from '../input.ts';
import { addTags, readTags, TAG_LIST, tagSet } from '../tag-set.ts';
import {
  findListener,
  findLoadBalancer,
  findTargetGroup,
  isListenerArn,
  isTargetGroupArn,
} from './arns.ts';
import {
  duplicateTagKeys,
  LOAD_BALANCING_SERVICE,
  tooMany,
  validationError,
} from './balancing-errors.ts';

/** @throws DuplicateTagKeys, ValidationError */
export function readBalancingTags(input: ActionInput): Tags {
  const seen = new Set<string>();
  for (const tag of structuresOf(input, 'Tags')) {
    const key = optionalString(tag, 'Key');
    if (key === undefined) throw LOAD_BALANCING_SERVICE.refusals.missing('Tags.Key');
    if (seen.has(key)) throw duplicateTagKeys(key);
    seen.add(key);
  }
  return inWordsOfBalancing(() => readTags(input, 'Tags'));
}

/** The rules of tags are EC2's, their codes are not. @throws ApiError */
function inWordsOfBalancing(read: () => Tags): Tags {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    throw error.code === 'TagLimitExceeded'
      ? tooMany('TooManyTags', 'tags for a resource')
      : validationError(error.message);
  }
}

/** Something that has tags, and how it gets others. */
interface TaggedResource {
  readonly tags: Tags;
  readonly put: (tags: Tags) => void;
}

/** @throws ValidationError; LoadBalancerNotFound, TargetGroupNotFound, ListenerNotFound */
function resourceOf({ draft }: ActionContext, arn: string): TaggedResource {
  const { snapshot } = draft;
  if (isTargetGroupArn(arn)) {
    const group = findTargetGroup(snapshot, arn);
    return {
      tags: group.tags,
      put: (tags) => draft.put('targetGroups', group.targetGroupArn, { ...group, tags }),
    };
  }
  if (isListenerArn(arn)) {
    const { balancer, listener } = findListener(snapshot, arn);
    return {
      tags: listener.tags,
      put: (tags) => {
        const changed = { ...balancer, listener: { ...listener, tags } };
        draft.put('loadBalancers', balancer.loadBalancerArn, changed);
      },
    };
  }
  const balancer = findLoadBalancer(snapshot, arn);
  return {
    tags: balancer.tags,
    put: (tags) => draft.put('loadBalancers', balancer.loadBalancerArn, { ...balancer, tags }),
  };
}

function addResourceTags(input: ActionInput, context: ActionContext): ActionOutput {
  const added = readBalancingTags(input);
  for (const arn of new Set(stringsOf(input, 'ResourceArns'))) {
    const { tags, put } = resourceOf(context, arn);
    put(inWordsOfBalancing(() => addTags(tags, added)));
  }
  return {};
}

function removeResourceTags(input: ActionInput, context: ActionContext): ActionOutput {
  const keys = stringsOf(input, 'TagKeys');
  for (const arn of new Set(stringsOf(input, 'ResourceArns'))) {
    const { tags, put } = resourceOf(context, arn);
    put(new Map([...tags].filter(([key]) => !keys.includes(key))));
  }
  return {};
}

function describeResourceTags(input: ActionInput, context: ActionContext): ActionOutput {
  return {
    TagDescriptions: stringsOf(input, 'ResourceArns').map((arn) => ({
      ResourceArn: arn,
      Tags: tagSet(resourceOf(context, arn).tags),
    })),
  };
}

export const BALANCING_TAG_ACTIONS: readonly ActionDefinition[] = [
  {
    name: 'AddTags',
    parameters: { ResourceArns: ['string'], Tags: TAG_LIST },
    required: ['ResourceArns', 'Tags'],
    perform: addResourceTags,
  },
  {
    name: 'RemoveTags',
    parameters: { ResourceArns: ['string'], TagKeys: ['string'] },
    required: ['ResourceArns', 'TagKeys'],
    perform: removeResourceTags,
  },
  {
    name: 'DescribeTags',
    parameters: { ResourceArns: ['string'] },
    required: ['ResourceArns'],
    perform: describeResourceTags,
  },
];
