/** The actions on images: those of Amazon, which are everybody's, and the account's own. */
import type { Image } from '../../model/compute.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { ActionContext, ActionDefinition, ActionInput, ActionOutput } from '../action.ts';
import { type Filters, filterRows, PAGE_PARAMETERS, pageOf, tagFilters } from '../describe.ts';
import { invalidValue, parameterCombination, unknownIds } from '../errors.ts';
import { optionalString, optionalStructure, stringOf, stringsOf, structuresOf } from '../input.ts';
import { asImageId, findImage, knownImage } from '../lookup.ts';
import { tagSet } from '../tag-set.ts';
import { imageNotYours } from './compute-errors.ts';
import { ROOT_DEVICE, rootVolumeRequest } from './root-volumes.ts';

/** Amazon's account, as `OwnerId` shows it. @source the EC2 user guide, "Find an AMI" */
const AMAZON_ACCOUNT = '137112412989';
const AMAZON = 'amazon';
/** The images are as old as the lab's world. */
const CREATION_DATE = '2024-01-01T00:00:00.000Z';

function ownerOf(image: Image, { accountId }: Snapshot): string {
  return image.isBuiltIn ? AMAZON_ACCOUNT : accountId;
}

/** AWS's name, which no two images of an owner share. */
function nameOf(image: Image): string {
  return image.isBuiltIn ? `vpclab/${image.name}` : `${image.name}-${image.imageId.slice(4)}`;
}

function isPublic(image: Image): boolean {
  return image.launchPermissions.includes('all');
}

/** AWS's `Image`. @param imageId Another id than the image's own, when it stands in for that one. */
function imageShape(image: Image, snapshot: Snapshot, imageId: string): ActionOutput {
  const owner = ownerOf(image, snapshot);
  const { sizeGib, type } = rootVolumeRequest([]);
  return {
    ImageId: imageId,
    Name: nameOf(image),
    ImageLocation: `${image.isBuiltIn ? AMAZON : owner}/${nameOf(image)}`,
    Description: image.description,
    OwnerId: owner,
    ImageOwnerAlias: image.isBuiltIn ? AMAZON : undefined,
    Public: isPublic(image),
    State: 'available',
    CreationDate: CREATION_DATE,
    ImageType: 'machine',
    Architecture: 'x86_64',
    PlatformDetails: 'Linux/UNIX',
    UsageOperation: 'RunInstances',
    RootDeviceType: 'ebs',
    RootDeviceName: ROOT_DEVICE,
    BlockDeviceMappings: [
      {
        DeviceName: ROOT_DEVICE,
        Ebs: {
          DeleteOnTermination: true,
          VolumeSize: sizeGib,
          VolumeType: type,
          Encrypted: false,
        },
      },
    ],
    VirtualizationType: 'hvm',
    Hypervisor: 'xen',
    EnaSupport: true,
    SriovNetSupport: 'simple',
    BootMode: 'legacy-bios',
    Tags: tagSet(image.tags),
  };
}

const IMAGE_FILTERS: Filters<Image> = {
  architecture: () => ['x86_64'],
  'block-device-mapping.delete-on-termination': () => [true],
  'block-device-mapping.device-name': () => [ROOT_DEVICE],
  'block-device-mapping.encrypted': () => [false],
  'block-device-mapping.volume-size': () => [rootVolumeRequest([]).sizeGib],
  'block-device-mapping.volume-type': () => [rootVolumeRequest([]).type],
  'creation-date': () => [CREATION_DATE],
  description: (image) => [image.description],
  'ena-support': () => [true],
  hypervisor: () => ['xen'],
  'image-id': (image) => [image.imageId],
  'image-type': () => ['machine'],
  'is-public': (image) => [isPublic(image)],
  'kernel-id': () => [],
  'manifest-location': (image, snapshot) => [
    `${image.isBuiltIn ? AMAZON : ownerOf(image, snapshot)}/${nameOf(image)}`,
  ],
  name: (image) => [nameOf(image)],
  'owner-alias': (image) => (image.isBuiltIn ? [AMAZON] : []),
  'owner-id': (image, snapshot) => [ownerOf(image, snapshot)],
  platform: () => [],
  'product-code': () => [],
  'product-code.type': () => [],
  'ramdisk-id': () => [],
  'root-device-name': () => [ROOT_DEVICE],
  'root-device-type': () => ['ebs'],
  state: () => ['available'],
  'state-reason-code': () => [],
  'state-reason-message': () => [],
  'sriov-net-support': () => ['simple'],
  'virtualization-type': () => ['hvm'],
};

/** @returns true when one of AWS's words for owners, or an account id, fits the image. */
function isOwnedBy(image: Image, owners: readonly string[], snapshot: Snapshot): boolean {
  const own = image.isBuiltIn ? [AMAZON] : ['self'];
  return [...own, ownerOf(image, snapshot)].some((each) => owners.includes(each));
}

/** `self` and account ids have launch permissions of their own; `all` are the public images. */
function isExecutableBy(image: Image, users: readonly string[], snapshot: Snapshot): boolean {
  const permissions = image.launchPermissions;
  return users.some((user) => permissions.includes(user === 'self' ? snapshot.accountId : user));
}

function describeImages(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const { snapshot } = draft;
  const owners = stringsOf(input, 'Owners');
  const users = stringsOf(input, 'ExecutableUsers');
  const filters = { ...tagFilters<Image>(input), ...IMAGE_FILTERS };
  const chosen = chosenImages(input, snapshot).filter(
    (image) =>
      (owners.length === 0 || isOwnedBy(image, owners, snapshot)) &&
      (users.length === 0 || isExecutableBy(image, users, snapshot)),
  );
  const { rows, nextToken } = pageOf(filterRows(chosen, filters, input, snapshot), input);
  const shapes = rows.map((image) => imageShape(image, snapshot, image.imageId));
  return { Images: shapes, NextToken: nextToken };
}

/** @returns the images that are asked for; one that stands in for another id has that id. */
function chosenImages(input: ActionInput, snapshot: Snapshot): readonly Image[] {
  const ids = [...new Set(stringsOf(input, 'ImageIds'))];
  if (ids.length === 0) return [...snapshot.images.values()];
  const [first, ...others] = ids.filter((id) => knownImage(snapshot, id) === undefined);
  if (first !== undefined) throw unknownIds('ami', [first, ...others]);
  return ids.map((id) => ({ ...findImage(snapshot, id), imageId: asImageId(id) }));
}

/** @throws AuthFailure for an image of Amazon. */
function findOwnImage(input: ActionInput, snapshot: Snapshot): Image {
  const id = stringOf(input, 'ImageId');
  const image = findImage(snapshot, id);
  if (image.isBuiltIn) throw imageNotYours(id);
  return image;
}

function describeImageAttribute(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const attribute = stringOf(input, 'Attribute');
  const id = stringOf(input, 'ImageId');
  const image = findImage(draft.snapshot, id);
  const ImageId = id;
  switch (attribute) {
    case 'description':
      return { ImageId, Description: { Value: image.description } };
    case 'blockDeviceMapping':
      return {
        ImageId,
        BlockDeviceMappings: imageShape(image, draft.snapshot, id)['BlockDeviceMappings'],
      };
    case 'launchPermission':
      if (image.isBuiltIn) throw imageNotYours(id);
      return { ImageId, LaunchPermissions: image.launchPermissions.map(permissionShape) };
    case 'bootMode':
      return { ImageId, BootMode: { Value: 'legacy-bios' } };
    case 'sriovNetSupport':
      return { ImageId, SriovNetSupport: { Value: 'simple' } };
    case 'productCodes':
      return { ImageId, ProductCodes: [] };
    case 'kernel':
      return { ImageId, KernelId: {} };
    case 'ramdisk':
      return { ImageId, RamdiskId: {} };
    default:
      throw invalidValue('attribute', attribute, 'Unknown attribute.');
  }
}

function permissionShape(permission: string): ActionOutput {
  return permission === 'all' ? { Group: permission } : { UserId: permission };
}

/** One of the lists of `LaunchPermission`. @throws InvalidParameterValue for another group than `all`. */
function readPermissions(change: ActionInput, member: 'Add' | 'Remove'): string[] {
  return structuresOf(change, member).map((entry) => {
    const group = optionalString(entry, 'Group');
    if (group !== undefined && group !== 'all') throw invalidValue('group', group);
    return group ?? stringOf(entry, 'UserId');
  });
}

/** AWS takes the description or the permissions, and the latter in two ways. */
function modifyImageAttribute(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const image = findOwnImage(input, draft.snapshot);
  const description = optionalStructure(input, 'Description');
  const { added, removed } = permissionChanges(input);
  const isPermission = added.length + removed.length > 0;
  if (description === undefined && !isPermission) {
    throw parameterCombination('No attributes specified.');
  }
  if (description !== undefined && isPermission) {
    throw parameterCombination('Fields for multiple attribute types specified');
  }
  const kept = image.launchPermissions.filter((each) => !removed.includes(each));
  draft.put('images', image.imageId, {
    ...image,
    description: description === undefined ? image.description : stringOf(description, 'Value'),
    launchPermissions: [...new Set([...kept, ...added])],
  });
  return {};
}

function permissionChanges(input: ActionInput): {
  readonly added: readonly string[];
  readonly removed: readonly string[];
} {
  const change = optionalStructure(input, 'LaunchPermission');
  if (change !== undefined) {
    return { added: readPermissions(change, 'Add'), removed: readPermissions(change, 'Remove') };
  }
  const attribute = optionalString(input, 'Attribute') ?? 'launchPermission';
  if (attribute !== 'launchPermission') throw invalidValue('attribute', attribute);
  const named = [...stringsOf(input, 'UserIds'), ...stringsOf(input, 'UserGroups')];
  const operation = optionalString(input, 'OperationType') ?? 'add';
  return operation === 'add' ? { added: named, removed: [] } : { added: [], removed: named };
}

function resetImageAttribute(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const image = findOwnImage(input, draft.snapshot);
  const attribute = stringOf(input, 'Attribute');
  if (attribute !== 'launchPermission') throw invalidValue('attribute', attribute);
  draft.put('images', image.imageId, { ...image, launchPermissions: [] });
  return {};
}

const PERMISSIONS = [{ UserId: 'string', Group: 'string' }] as const;

export const IMAGE_ACTIONS: readonly ActionDefinition[] = [
  {
    name: 'DescribeImages',
    parameters: {
      ...PAGE_PARAMETERS,
      ImageIds: ['string'],
      Owners: ['string'],
      ExecutableUsers: ['string'],
      IncludeDeprecated: 'boolean',
      IncludeDisabled: 'boolean',
    },
    required: [],
    perform: describeImages,
  },
  {
    name: 'DescribeImageAttribute',
    parameters: { ImageId: 'string', Attribute: 'string' },
    required: ['ImageId', 'Attribute'],
    perform: describeImageAttribute,
  },
  {
    name: 'ModifyImageAttribute',
    parameters: {
      ImageId: 'string',
      Attribute: 'string',
      OperationType: 'string',
      UserIds: ['string'],
      UserGroups: ['string'],
      Description: { Value: 'string' },
      LaunchPermission: { Add: PERMISSIONS, Remove: PERMISSIONS },
    },
    required: ['ImageId'],
    perform: modifyImageAttribute,
  },
  {
    name: 'ResetImageAttribute',
    parameters: { ImageId: 'string', Attribute: 'string' },
    required: ['ImageId', 'Attribute'],
    perform: resetImageAttribute,
  },
];
