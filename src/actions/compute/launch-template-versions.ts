/** The actions on the versions of launch templates. */
import type { LaunchTemplate, LaunchTemplateVersion } from '../../model/compute.ts';
import { volumesOfInstance } from '../../model/lookups/compute.ts';
import type { Eni } from '../../model/records.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { ActionContext, ActionDefinition, ActionInput, ActionOutput } from '../action.ts';
import { type Filters, filterRows, PAGE_PARAMETERS, pageOf } from '../describe.ts';
import { missingOneOf, parameterCombination } from '../errors.ts';
import { optionalString, optionalStructure, stringOf, stringsOf } from '../input.ts';
import { enisOfInstance, findInstance } from '../lookup.ts';
import { tagSet } from '../tag-set.ts';
import { emptyTemplate } from './compute-errors.ts';
import { zoneOf } from './instance-shapes.ts';
import { TEMPLATE_DATA, versionShape } from './launch-template-shapes.ts';
import { findTemplate, findVersion } from './launch-template-use.ts';

/** The data of `SourceVersion` stays where the request says nothing else. */
function createVersion(input: ActionInput, { draft, nowMs }: ActionContext): ActionOutput {
  const template = findTemplate(input, draft.snapshot);
  const source = optionalString(input, 'SourceVersion');
  const data = {
    ...(source === undefined ? {} : findVersion(template, source).data),
    ...optionalStructure(input, 'LaunchTemplateData'),
  };
  if (Object.keys(data).length === 0) throw emptyTemplate();
  const version: LaunchTemplateVersion = {
    versionNumber: template.latestVersion + 1,
    description: optionalString(input, 'VersionDescription') ?? null,
    createTimeMs: nowMs,
    data,
  };
  const changed: LaunchTemplate = {
    ...template,
    latestVersion: version.versionNumber,
    versions: [...template.versions, version],
  };
  draft.put('launchTemplates', template.launchTemplateId, changed);
  return { LaunchTemplateVersion: versionShape(changed, version, draft.snapshot) };
}

interface VersionRow {
  readonly template: LaunchTemplate;
  readonly version: LaunchTemplateVersion;
}

function ofData(pick: (data: LaunchTemplateVersion['data']) => unknown) {
  return ({ version }: VersionRow): (string | boolean)[] => {
    const value = pick(version.data);
    return typeof value === 'string' || typeof value === 'boolean' ? [value] : [];
  };
}

const VERSION_FILTERS: Filters<VersionRow> = {
  'create-time': ({ version }) => [new Date(version.createTimeMs).toISOString()],
  'ebs-optimized': ofData((data) => data['EbsOptimized']),
  'http-endpoint': ofData((data) => optionalStructure(data, 'MetadataOptions')?.['HttpEndpoint']),
  'http-protocol-ipv6': ofData(
    (data) => optionalStructure(data, 'MetadataOptions')?.['HttpProtocolIpv6'],
  ),
  'http-tokens': ofData((data) => optionalStructure(data, 'MetadataOptions')?.['HttpTokens']),
  'iam-instance-profile': ofData((data) => optionalStructure(data, 'IamInstanceProfile')?.['Arn']),
  'image-id': ofData((data) => data['ImageId']),
  'instance-type': ofData((data) => data['InstanceType']),
  'is-default-version': ({ template, version }) => [
    version.versionNumber === template.defaultVersion,
  ],
  'kernel-id': () => [],
  'network-card-index': () => [],
  'ram-disk-id': () => [],
};

/**
 * Without a template, `$Latest` and `$Default` of all of them; else all versions of the one, or those
 * that are named or lie between `MinVersion` and `MaxVersion`.
 */
function chosenVersions(input: ActionInput, snapshot: Snapshot): VersionRow[] {
  const named = stringsOf(input, 'Versions');
  const isOne =
    input['LaunchTemplateId'] !== undefined || input['LaunchTemplateName'] !== undefined;
  if (!isOne && named.length === 0) {
    throw missingOneOf(['launchTemplateId', 'launchTemplateName', 'versions']);
  }
  if (!isOne && named.some((text) => text !== '$Latest' && text !== '$Default')) {
    throw missingOneOf(['launchTemplateId', 'launchTemplateName']);
  }
  const templates = isOne
    ? [findTemplate(input, snapshot)]
    : [...snapshot.launchTemplates.values()];
  return templates.flatMap((template) => {
    const versions =
      named.length === 0 ? template.versions : named.map((text) => findVersion(template, text));
    return [...new Set(versions)].map((version) => ({ template, version }));
  });
}

/** @returns a test of numbers. @throws InvalidParameterCombination beside `Versions`. */
function readRange(input: ActionInput): (row: VersionRow) => boolean {
  const min = optionalString(input, 'MinVersion');
  const max = optionalString(input, 'MaxVersion');
  if ((min ?? max) !== undefined && stringsOf(input, 'Versions').length > 0) {
    throw parameterCombination(
      'You cannot specify both a list of versions and a range of versions.',
    );
  }
  return ({ template, version: { versionNumber } }) =>
    (min === undefined || versionNumber >= findVersion(template, min).versionNumber) &&
    (max === undefined || versionNumber <= findVersion(template, max).versionNumber);
}

function describeVersions(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const { snapshot } = draft;
  const chosen = chosenVersions(input, snapshot).filter(readRange(input));
  const { rows, nextToken } = pageOf(filterRows(chosen, VERSION_FILTERS, input, snapshot), input);
  const shapes = rows.map(({ template, version }) => versionShape(template, version, snapshot));
  return { LaunchTemplateVersions: shapes, NextToken: nextToken };
}

/** Each version is a success or a failure of its own; the default one always fails. */
function deleteVersions(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const template = findTemplate(input, draft.snapshot);
  const { launchTemplateId, name, versions, defaultVersion } = template;
  const named = [...new Set(stringsOf(input, 'Versions'))].map(Number);
  const shape = (VersionNumber: number): ActionOutput => ({
    LaunchTemplateId: launchTemplateId,
    LaunchTemplateName: name,
    VersionNumber,
  });
  const exists = (number: number): boolean =>
    versions.some((each) => each.versionNumber === number);
  const deleted = named.filter((number) => exists(number) && number !== defaultVersion);
  const failures = named.filter((number) => !deleted.includes(number));
  draft.put('launchTemplates', launchTemplateId, {
    ...template,
    versions: versions.filter(({ versionNumber }) => !deleted.includes(versionNumber)),
  });
  return {
    SuccessfullyDeletedLaunchTemplateVersions: deleted.map(shape),
    UnsuccessfullyDeletedLaunchTemplateVersions: failures.map((number) => ({
      ...shape(number),
      ResponseError: exists(number)
        ? {
            Code: 'unexpectedError',
            Message: `The default version ${number} of a launch template cannot be deleted.`,
          }
        : {
            Code: 'launchTemplateVersionDoesNotExist',
            Message: `The specified version ${number} does not exist.`,
          },
    })),
  };
}

function interfaceData(eni: Eni): ActionOutput {
  return {
    DeviceIndex: eni.attachment?.deviceIndex,
    NetworkCardIndex: 0,
    InterfaceType: 'interface',
    DeleteOnTermination: eni.attachment?.deleteOnTermination,
    AssociatePublicIpAddress: eni.autoPublicAddress === null ? undefined : true,
    Description: eni.description,
    Groups: eni.groupIds,
    SubnetId: eni.subnetId,
  };
}

/** @returns data with which RunInstances makes an instance like this one. */
function templateDataOf(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const { snapshot } = draft;
  const instance = findInstance(snapshot, stringOf(input, 'InstanceId'));
  const { options, tags } = instance;
  const { httpTokens, httpPutResponseHopLimit, httpEndpoint } = options.metadata;
  const volumes = volumesOfInstance(snapshot, instance.instanceId);
  const data = {
    ImageId: instance.imageId,
    InstanceType: instance.instanceType,
    KeyName: options.keyName ?? undefined,
    UserData: options.userData ?? undefined,
    DisableApiTermination: options.disableApiTermination,
    DisableApiStop: options.disableApiStop,
    InstanceInitiatedShutdownBehavior: options.shutdownBehavior,
    Monitoring: { Enabled: options.monitoring },
    EbsOptimized: options.ebsOptimized,
    CreditSpecification:
      options.cpuCredits === null ? undefined : { CpuCredits: options.cpuCredits },
    IamInstanceProfile: options.profile === null ? undefined : { Arn: options.profile.arn },
    Placement: { AvailabilityZone: zoneOf(instance, snapshot), Tenancy: 'default' },
    MetadataOptions: {
      HttpTokens: httpTokens,
      HttpPutResponseHopLimit: httpPutResponseHopLimit,
      HttpEndpoint: httpEndpoint,
    },
    NetworkInterfaces: enisOfInstance(snapshot, instance).map(interfaceData),
    BlockDeviceMappings: volumes.map((volume) => ({
      DeviceName: volume.attachment?.device,
      Ebs: {
        DeleteOnTermination: volume.attachment?.deleteOnTermination,
        VolumeSize: volume.sizeGib,
        VolumeType: volume.type,
        Encrypted: volume.encrypted,
      },
    })),
    TagSpecifications:
      tags.size === 0 ? undefined : [{ ResourceType: 'instance', Tags: tagSet(tags) }],
  };
  return { LaunchTemplateData: data };
}

const NAMED = { LaunchTemplateId: 'string', LaunchTemplateName: 'string' } as const;

export const LAUNCH_TEMPLATE_VERSION_ACTIONS: readonly ActionDefinition[] = [
  {
    name: 'CreateLaunchTemplateVersion',
    parameters: {
      ...NAMED,
      SourceVersion: 'string',
      VersionDescription: 'string',
      LaunchTemplateData: TEMPLATE_DATA,
      ClientToken: 'string',
    },
    required: ['LaunchTemplateData'],
    perform: createVersion,
  },
  {
    name: 'DescribeLaunchTemplateVersions',
    parameters: {
      ...PAGE_PARAMETERS,
      ...NAMED,
      Versions: ['string'],
      MinVersion: 'string',
      MaxVersion: 'string',
    },
    required: [],
    perform: describeVersions,
  },
  {
    name: 'DeleteLaunchTemplateVersions',
    parameters: { ...NAMED, Versions: ['string'] },
    required: ['Versions'],
    perform: deleteVersions,
  },
  {
    name: 'GetLaunchTemplateData',
    parameters: { InstanceId: 'string' },
    required: ['InstanceId'],
    perform: templateDataOf,
  },
];
