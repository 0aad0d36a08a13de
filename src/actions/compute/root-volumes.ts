/** The root volume of an instance: recorded as a request and its image say, shown, and never a disk. */
import type { Volume } from '../../model/compute.ts';
import { volumesOfInstance } from '../../model/lookups/compute.ts';
import type { Instance } from '../../model/records.ts';
import type { Draft } from '../../model/store.ts';
import type { Tags } from '../../model/tags.ts';
import type { ActionContext, ActionInput, ActionOutput, ParameterType } from '../action.ts';
import { ApiError } from '../api-error.ts';
import {
  choiceOf,
  optionalBoolean,
  optionalInteger,
  optionalStructure,
  stringOf,
} from '../input.ts';

export const ROOT_DEVICE = '/dev/xvda';
/** What the root device is called in images of some distributions. */
const ROOT_DEVICES: readonly string[] = [ROOT_DEVICE, '/dev/sda1'];
/** Of every image. */
const IMAGE_GIB = 8;
const MAX_GIB = 16_384;
const VOLUME_TYPES = ['gp3', 'gp2', 'io1', 'io2', 'standard'] as const;
/** The baseline of gp3; of gp2, three for each GiB between these. */
const GP3 = { iops: 3000, throughput: 125 };
const GP2_IOPS = { least: 100, perGib: 3, most: 16_000 };

export const BLOCK_DEVICE_MAPPINGS = [
  {
    DeviceName: 'string',
    Ebs: {
      DeleteOnTermination: 'boolean',
      VolumeSize: 'integer',
      VolumeType: 'string',
      Iops: 'integer',
      Throughput: 'integer',
      Encrypted: 'boolean',
    },
  },
] as const satisfies ParameterType;

interface RootVolumeRequest
  extends Pick<Volume, 'sizeGib' | 'type' | 'iops' | 'throughput' | 'encrypted'> {
  readonly device: string;
  readonly deleteOnTermination: boolean;
}

function badMapping(message: string): ApiError {
  return new ApiError('InvalidBlockDeviceMapping', message);
}

/**
 * Reads `BlockDeviceMappings`, which may speak of the root device only.
 * @throws InvalidBlockDeviceMapping for another device, or a volume smaller than its image.
 */
export function rootVolumeRequest(entries: readonly ActionInput[]): RootVolumeRequest {
  const [entry = { DeviceName: ROOT_DEVICE }, other] = entries;
  const device = stringOf(entry, 'DeviceName');
  const stranger = ROOT_DEVICES.includes(device) ? other && stringOf(other, 'DeviceName') : device;
  if (stranger !== undefined) throw badMapping(`Invalid device name ${stranger}`);
  const ebs = optionalStructure(entry, 'Ebs') ?? {};
  const sizeGib = optionalInteger(ebs, 'VolumeSize') ?? IMAGE_GIB;
  if (sizeGib < IMAGE_GIB || sizeGib > MAX_GIB) {
    throw badMapping(`Volume of size ${sizeGib}GB is not possible, expect size >= ${IMAGE_GIB}GB`);
  }
  const type = choiceOf(ebs, 'VolumeType', VOLUME_TYPES);
  return {
    device,
    deleteOnTermination: optionalBoolean(ebs, 'DeleteOnTermination') ?? true,
    sizeGib,
    type,
    iops: optionalInteger(ebs, 'Iops') ?? defaultIops(type, sizeGib),
    throughput: optionalInteger(ebs, 'Throughput') ?? (type === 'gp3' ? GP3.throughput : null),
    encrypted: optionalBoolean(ebs, 'Encrypted') ?? false,
  };
}

/** @throws MissingParameter for a type whose operations have to be named. */
function defaultIops(type: (typeof VOLUME_TYPES)[number], sizeGib: number): number | null {
  const { least, perGib, most } = GP2_IOPS;
  switch (type) {
    case 'gp3':
      return GP3.iops;
    case 'gp2':
      return Math.min(Math.max(perGib * sizeGib, least), most);
    case 'standard':
      return null;
    default:
      throw new ApiError(
        'MissingParameter',
        `The parameter iops must be specified for ${type} volumes.`,
      );
  }
}

export function makeRootVolume(
  { draft, newId, nowMs }: ActionContext,
  { instanceId }: Instance,
  { device, deleteOnTermination, ...volume }: RootVolumeRequest,
  availabilityZone: string,
  tags: Tags,
): void {
  const volumeId = newId('vol');
  draft.put('volumes', volumeId, {
    volumeId,
    ...volume,
    availabilityZone,
    createTimeMs: nowMs,
    attachment: { instanceId, device, deleteOnTermination, attachTimeMs: nowMs },
    tags,
  });
}

/** Deletes the volumes that go with the instance and detaches the others. */
export function releaseVolumes(draft: Draft, { instanceId }: Instance): void {
  for (const volume of volumesOfInstance(draft.snapshot, instanceId)) {
    if (volume.attachment?.deleteOnTermination === true) draft.delete('volumes', volume.volumeId);
    else draft.put('volumes', volume.volumeId, { ...volume, attachment: null });
  }
}

/** @returns what the root device is called, also when its volume is gone. */
export function rootDeviceName([root]: readonly Volume[]): string {
  return root?.attachment?.device ?? ROOT_DEVICE;
}

/** AWS's `InstanceBlockDeviceMapping`. */
export function deviceMappingShapes(volumes: readonly Volume[]): ActionOutput[] {
  return volumes.flatMap(({ volumeId, attachment }) =>
    attachment === null
      ? []
      : [
          {
            DeviceName: attachment.device,
            Ebs: {
              VolumeId: volumeId,
              Status: 'attached',
              AttachTime: new Date(attachment.attachTimeMs).toISOString(),
              DeleteOnTermination: attachment.deleteOnTermination,
            },
          },
        ],
  );
}
