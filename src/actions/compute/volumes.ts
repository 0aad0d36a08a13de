/** The actions on volumes, of which there are those that instances were launched with. */
import type { Volume, VolumeAttachment } from '../../model/compute.ts';
import type { ActionContext, ActionDefinition, ActionInput, ActionOutput } from '../action.ts';
import { type DescribeSpec, describe, PAGE_PARAMETERS } from '../describe.ts';
import { stringOf } from '../input.ts';
import { findVolume } from '../lookup.ts';
import { tagSet } from '../tag-set.ts';
import { volumeInUse } from './compute-errors.ts';

const stateOf = ({ attachment }: Volume): string => (attachment === null ? 'available' : 'in-use');
const timeText = (ms: number): string => new Date(ms).toISOString();

function attachmentShapes({ volumeId, attachment }: Volume): ActionOutput[] {
  if (attachment === null) return [];
  return [
    {
      VolumeId: volumeId,
      InstanceId: attachment.instanceId,
      Device: attachment.device,
      State: 'attached',
      AttachTime: timeText(attachment.attachTimeMs),
      DeleteOnTermination: attachment.deleteOnTermination,
    },
  ];
}

/** AWS's `Volume`. */
function volumeShape(volume: Volume): ActionOutput {
  return {
    VolumeId: volume.volumeId,
    AvailabilityZone: volume.availabilityZone,
    Size: volume.sizeGib,
    VolumeType: volume.type,
    Iops: volume.iops ?? undefined,
    Throughput: volume.throughput ?? undefined,
    Encrypted: volume.encrypted,
    State: stateOf(volume),
    SnapshotId: '',
    CreateTime: timeText(volume.createTimeMs),
    MultiAttachEnabled: false,
    Attachments: attachmentShapes(volume),
    Tags: tagSet(volume.tags),
  };
}

function attached<T extends string | boolean>(
  pick: (attachment: VolumeAttachment) => T,
): (volume: Volume) => T[] {
  return ({ attachment }) => (attachment === null ? [] : [pick(attachment)]);
}

const DESCRIBE_VOLUMES: DescribeSpec<'vol', Volume> = {
  member: 'Volumes',
  idsParameter: 'VolumeIds',
  prefix: 'vol',
  rows: (snapshot) => snapshot.volumes,
  shape: volumeShape,
  filters: {
    'attachment.attach-time': attached((each) => timeText(each.attachTimeMs)),
    'attachment.delete-on-termination': attached((each) => each.deleteOnTermination),
    'attachment.device': attached((each) => each.device),
    'attachment.instance-id': attached((each) => each.instanceId),
    'attachment.status': attached(() => 'attached'),
    'availability-zone': (volume) => [volume.availabilityZone],
    'create-time': (volume) => [timeText(volume.createTimeMs)],
    encrypted: (volume) => [volume.encrypted],
    'multi-attach-enabled': () => [false],
    size: (volume) => [volume.sizeGib],
    'snapshot-id': () => [''],
    status: (volume) => [stateOf(volume)],
    'volume-id': (volume) => [volume.volumeId],
    'volume-type': (volume) => [volume.type],
  },
};

function deleteVolume(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const { volumeId, attachment } = findVolume(draft.snapshot, stringOf(input, 'VolumeId'));
  if (attachment !== null) throw volumeInUse(volumeId, attachment.instanceId);
  draft.delete('volumes', volumeId);
  return {};
}

export const VOLUME_ACTIONS: readonly ActionDefinition[] = [
  {
    name: 'DescribeVolumes',
    parameters: { ...PAGE_PARAMETERS, VolumeIds: ['string'] },
    required: [],
    perform: (input, { draft }) => describe(DESCRIBE_VOLUMES, input, draft.snapshot),
  },
  {
    name: 'DeleteVolume',
    parameters: { VolumeId: 'string' },
    required: ['VolumeId'],
    perform: deleteVolume,
  },
];
