/** Launch templates as requests name them, and a launch that takes one. */
import type { LaunchTemplate, LaunchTemplateVersion } from '../../model/compute.ts';
import { launchTemplateNamed } from '../../model/lookups/compute.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { ActionInput, ParameterType } from '../action.ts';
import { missingOneOf, parameterCombination } from '../errors.ts';
import {
  isStructure,
  optionalString,
  optionalStructure,
  stringOf,
  structuresOf,
} from '../input.ts';
import { findLaunchTemplate } from '../lookup.ts';
import { noTemplateOfName, noTemplateVersion } from './compute-errors.ts';

export const LAUNCH_TEMPLATE = {
  LaunchTemplateId: 'string',
  LaunchTemplateName: 'string',
  Version: 'string',
} as const satisfies ParameterType;

/**
 * Finds the template that `LaunchTemplateId` or `LaunchTemplateName` names.
 * @throws MissingParameter or InvalidParameterCombination unless exactly one is given.
 */
export function findTemplate(input: ActionInput, snapshot: Snapshot): LaunchTemplate {
  const id = optionalString(input, 'LaunchTemplateId');
  const name = optionalString(input, 'LaunchTemplateName');
  if (id !== undefined && name !== undefined) {
    throw parameterCombination(
      'The parameters launchTemplateId and launchTemplateName cannot be used together',
    );
  }
  if (id !== undefined) return findLaunchTemplate(snapshot, id);
  if (name === undefined) throw missingOneOf(['launchTemplateId', 'launchTemplateName']);
  const template = launchTemplateNamed(snapshot, name);
  if (template === undefined) throw noTemplateOfName();
  return template;
}

/**
 * @param text A number, `$Default` or `$Latest`.
 * @throws InvalidLaunchTemplateId.VersionNotFound
 */
export function findVersion(template: LaunchTemplate, text: string): LaunchTemplateVersion {
  const words: Readonly<Record<string, number>> = {
    $Default: template.defaultVersion,
    $Latest: template.latestVersion,
  };
  const number = words[text] ?? (/^\d{1,9}$/.test(text) ? Number(text) : Number.NaN);
  const version = template.versions.find((each) => each.versionNumber === number);
  if (version === undefined) throw noTemplateVersion(template.launchTemplateId, text);
  return version;
}

/**
 * @returns the parameters of the template under those of the request, which win one by one; tags are
 *   put together, resource type by resource type.
 */
export function withTemplate(request: ActionInput, snapshot: Snapshot): ActionInput {
  const named = optionalStructure(request, 'LaunchTemplate');
  if (named === undefined) return request;
  const template = findTemplate(named, snapshot);
  const { data } = findVersion(template, optionalString(named, 'Version') ?? '$Default');
  const { LaunchTemplate: _named, ...given } = request;
  const TagSpecifications = mergedTags([
    ...structuresOf(data, 'TagSpecifications'),
    ...structuresOf(given, 'TagSpecifications'),
  ]);
  return { ...data, ...given, TagSpecifications };
}

/** @returns one specification for each resource type; the last value of a key stays. */
function mergedTags(specifications: readonly ActionInput[]): ActionInput[] {
  const byType = new Map<string, Map<string, unknown>>();
  for (const specification of specifications) {
    const type = stringOf(specification, 'ResourceType');
    const tags = byType.get(type) ?? new Map<string, unknown>();
    for (const tag of structuresOf(specification, 'Tags')) tags.set(stringOf(tag, 'Key'), tag);
    byType.set(type, tags);
  }
  return [...byType].map(([ResourceType, tags]) => ({
    ResourceType,
    Tags: [...tags.values()].filter(isStructure),
  }));
}
