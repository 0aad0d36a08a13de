/** RunInstances: makes instances with their interfaces, as one reservation. */
import type { ImageId } from '../../model/ids.ts';
import type { InstanceType } from '../../model/instance-type-table.ts';
import type { Eni, Instance } from '../../model/records.ts';
import { isIpv6Only } from '../../model/subnets.ts';
import type { Tags } from '../../model/tags.ts';
import type { ActionContext, ActionDefinition, ActionInput, ActionOutput } from '../action.ts';
import { renewPublicAddress } from '../edges/public-addresses.ts';
import { invalidValue, missingParameter, notInIpv6Only } from '../errors.ts';
import { integerOf, optionalString, optionalStructure, structuresOf } from '../input.ts';
import { attachEni } from '../interfaces/network-interfaces.ts';
import { NEW_ENI_PARAMETERS, newEni } from '../interfaces/new-eni.ts';
import { asImageId, findEni, findImage } from '../lookup.ts';
import { TAG_SPECIFICATIONS, tagSpecifications } from '../tag-set.ts';
import { begin } from '../transition.ts';
import { architectureMismatch } from './compute-errors.ts';
import { instanceShape, reservationShape } from './instance-shapes.ts';
import { findInstanceType } from './instance-types.ts';
import { type InterfaceRequest, LAUNCH_INTERFACES, readInterfaces } from './launch-interfaces.ts';
import { OPTION_PARAMETERS, readOptions } from './launch-options.ts';
import { LAUNCH_TEMPLATE, withTemplate } from './launch-template-use.ts';
import { BLOCK_DEVICE_MAPPINGS, makeRootVolume, rootVolumeRequest } from './root-volumes.ts';

const DEFAULT_INSTANCE_TYPE = 'm5.large';

function readCount(input: ActionInput): number {
  const min = integerOf(input, 'MinCount');
  const max = integerOf(input, 'MaxCount');
  if (min < 1) throw invalidValue('minCount', String(min), 'Must be a positive integer.');
  if (max < min) {
    throw invalidValue('maxCount', String(max), 'Must not be less than minCount.');
  }
  return max;
}

/** @throws InvalidParameterValue for a tenancy that the lab has not. */
function checkPlacement(input: ActionInput): void {
  const tenancy = optionalString(optionalStructure(input, 'Placement') ?? {}, 'Tenancy');
  if (tenancy !== undefined && tenancy !== 'default') throw invalidValue('tenancy', tenancy);
}

/**
 * Reads the image, and the type that runs it. What an image is for that stands in for another one
 * nobody knows, so it runs on any type.
 * @throws InvalidAMIID.NotFound, InvalidParameterValue
 */
function readMachine(
  input: ActionInput,
  { draft }: ActionContext,
): { readonly imageId: ImageId; readonly type: InstanceType } {
  const asked = optionalString(input, 'ImageId');
  if (asked === undefined) throw missingParameter('ImageId');
  const image = findImage(draft.snapshot, asked);
  const type = findInstanceType(optionalString(input, 'InstanceType') ?? DEFAULT_INSTANCE_TYPE);
  if (image.imageId === asked && type.architecture !== 'x86_64') {
    throw architectureMismatch(type.architecture, 'x86_64');
  }
  return { imageId: asImageId(asked), type };
}

function launch(
  instance: Instance,
  requests: readonly InterfaceRequest[],
  eniTags: Tags,
  context: ActionContext,
): void {
  const { draft } = context;
  draft.put('instances', instance.instanceId, instance);
  for (const request of requests) {
    const { eniId, subnet, deviceIndex, deleteOnTermination, parameters } = request;
    const eni: Eni =
      eniId === null
        ? newEni(parameters, context, subnet, eniTags)
        : findEni(draft.snapshot, eniId);
    const autoPublicAddress = request.hasPublicAddress ? { publicAddr: null } : null;
    attachEni(context, { ...eni, autoPublicAddress }, instance, deviceIndex, deleteOnTermination);
    renewPublicAddress(context, eni.eniId);
  }
}

/** The stored state is `running` at once, as the guest boots at once; AWS says `pending` first. */
function runInstances(request: ActionInput, context: ActionContext): ActionOutput {
  const { draft, newId, nowMs } = context;
  const input = withTemplate(request, draft.snapshot);
  const tags = tagSpecifications(input, ['instance', 'network-interface', 'volume']);
  const tagsOf = (kind: 'instance' | 'network-interface' | 'volume'): Tags =>
    tags.get(kind) ?? new Map();
  const count = readCount(input);
  const { imageId, type } = readMachine(input, context);
  checkPlacement(input);
  const requests = readInterfaces(input, draft.snapshot);
  if (type.hypervisor === 'xen' && requests.some(({ subnet }) => isIpv6Only(subnet))) {
    throw notInIpv6Only(type.name);
  }
  const { subnetId, vpcId, availabilityZone } = requests[0].subnet;
  const volume = rootVolumeRequest(structuresOf(input, 'BlockDeviceMappings'));
  const instances: Instance[] = [];
  for (let index = 0; index < count; index++) {
    const instance: Instance = {
      instanceId: newId('i'),
      imageId,
      instanceType: type.name,
      subnetId,
      vpcId,
      state: 'running',
      launchTimeMs: nowMs,
      options: readOptions(input, context, type),
      tags: tagsOf('instance'),
    };
    launch(instance, requests, tagsOf('network-interface'), context);
    makeRootVolume(context, instance, volume, availabilityZone, tagsOf('volume'));
    instances.push(instance);
  }
  const reservation = {
    reservationId: newId('r'),
    instanceIds: instances.map((instance) => instance.instanceId),
  };
  draft.put('reservations', reservation.reservationId, reservation);
  const shapes = instances.map((instance, index) =>
    instanceShape(
      instance,
      index,
      draft.snapshot,
      begin(context, instance.instanceId, 'pending', 'runInstance'),
    ),
  );
  return reservationShape(reservation, shapes, draft.snapshot);
}

export const RUN_INSTANCES: ActionDefinition = {
  name: 'RunInstances',
  parameters: {
    ...OPTION_PARAMETERS,
    ImageId: 'string',
    MinCount: 'integer',
    MaxCount: 'integer',
    InstanceType: 'string',
    Placement: { AvailabilityZone: 'string', Tenancy: 'string' },
    SubnetId: 'string',
    PrivateIpAddress: 'string',
    SecurityGroupIds: ['string'],
    SecurityGroups: ['string'],
    Ipv6Addresses: NEW_ENI_PARAMETERS.Ipv6Addresses,
    Ipv6AddressCount: NEW_ENI_PARAMETERS.Ipv6AddressCount,
    NetworkInterfaces: LAUNCH_INTERFACES,
    BlockDeviceMappings: BLOCK_DEVICE_MAPPINGS,
    LaunchTemplate: LAUNCH_TEMPLATE,
    ClientToken: 'string',
    TagSpecifications: TAG_SPECIFICATIONS,
  },
  required: ['MinCount', 'MaxCount'],
  perform: runInstances,
};
