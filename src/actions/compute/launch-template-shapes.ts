/** Launch templates and their versions in AWS's shape, and the data that they may hold. */
import type { LaunchTemplate, LaunchTemplateVersion } from '../../model/compute.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { ActionOutput, ParameterType } from '../action.ts';
import { TAG_SPECIFICATIONS, tagSet } from '../tag-set.ts';
import { LAUNCH_INTERFACES } from './launch-interfaces.ts';
import { OPTION_PARAMETERS } from './launch-options.ts';
import { BLOCK_DEVICE_MAPPINGS } from './root-volumes.ts';

/** `LaunchTemplateData`: what RunInstances takes and a template may say. */
export const TEMPLATE_DATA = {
  ...OPTION_PARAMETERS,
  ImageId: 'string',
  InstanceType: 'string',
  Placement: { AvailabilityZone: 'string', Tenancy: 'string' },
  SecurityGroupIds: ['string'],
  SecurityGroups: ['string'],
  NetworkInterfaces: LAUNCH_INTERFACES,
  BlockDeviceMappings: BLOCK_DEVICE_MAPPINGS,
  TagSpecifications: TAG_SPECIFICATIONS,
} as const satisfies ParameterType;

function createdBy({ accountId }: Snapshot): string {
  return `arn:aws:iam::${accountId}:root`;
}

/** AWS's `LaunchTemplate`. */
export function templateShape(template: LaunchTemplate, snapshot: Snapshot): ActionOutput {
  return {
    LaunchTemplateId: template.launchTemplateId,
    LaunchTemplateName: template.name,
    CreateTime: new Date(template.createTimeMs).toISOString(),
    CreatedBy: createdBy(snapshot),
    DefaultVersionNumber: template.defaultVersion,
    LatestVersionNumber: template.latestVersion,
    Tags: tagSet(template.tags),
  };
}

/** AWS's `LaunchTemplateVersion`. */
export function versionShape(
  template: LaunchTemplate,
  version: LaunchTemplateVersion,
  snapshot: Snapshot,
): ActionOutput {
  return {
    LaunchTemplateId: template.launchTemplateId,
    LaunchTemplateName: template.name,
    VersionNumber: version.versionNumber,
    VersionDescription: version.description ?? undefined,
    CreateTime: new Date(version.createTimeMs).toISOString(),
    CreatedBy: createdBy(snapshot),
    DefaultVersion: version.versionNumber === template.defaultVersion,
    LaunchTemplateData: version.data,
  };
}
