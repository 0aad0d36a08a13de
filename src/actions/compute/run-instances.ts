/** RunInstances: makes instances with their interfaces, as one reservation. */
import type { EniId } from '../../model/ids.ts';
import type { Instance, Subnet, Tags } from '../../model/records.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { isIpv6Only } from '../../model/subnets.ts';
import type { ActionContext, ActionDefinition, ActionInput, ActionOutput } from '../action.ts';
import {
  invalidValue,
  noDefaultVpc,
  notInIpv6Only,
  parameterCombination,
  parameterValue,
} from '../errors.ts';
import {
  integerOf,
  optionalBoolean,
  optionalString,
  stringOf,
  stringsOf,
  structuresOf,
} from '../input.ts';
import { attachEni } from '../interfaces/network-interfaces.ts';
import { NEW_ENI_PARAMETERS, newEni } from '../interfaces/new-eni.ts';
import { findEni, findImage, findSubnet, subnetOf } from '../lookup.ts';
import { TAG_SPECIFICATIONS, tagSpecifications } from '../tag-set.ts';
import { begin } from '../transition.ts';
import { instanceShape, reservationShape } from './instance-shapes.ts';
import { isNitro } from './instance-types.ts';

const DEFAULT_INSTANCE_TYPE = 'm5.large';
const INSTANCE_TYPE = /^[a-z0-9-]+\.[a-z0-9-]+$/;

/** One interface of the request, at its device index. */
interface InterfaceRequest {
  readonly deviceIndex: number;
  readonly subnet: Subnet;
  /** null: one is to be made from `parameters`. */
  readonly eniId: EniId | null;
  readonly deleteOnTermination: boolean;
  readonly parameters: ActionInput;
}

/** @returns the requests by device index; the first has index 0. */
function readInterfaces(
  input: ActionInput,
  snapshot: Snapshot,
): readonly [InterfaceRequest, ...InterfaceRequest[]] {
  const subnetId = optionalString(input, 'SubnetId');
  const address = optionalString(input, 'PrivateIpAddress');
  const ipv6 = {
    Ipv6Addresses: input['Ipv6Addresses'],
    Ipv6AddressCount: input['Ipv6AddressCount'],
  };
  const hasIpv6 = Object.values(ipv6).some((each) => each !== undefined);
  const entries = structuresOf(input, 'NetworkInterfaces');
  if (entries.length === 0) {
    if (subnetId === undefined) throw noDefaultVpc();
    return [
      {
        deviceIndex: 0,
        subnet: findSubnet(snapshot, subnetId),
        eniId: null,
        deleteOnTermination: true,
        parameters: { PrivateIpAddress: address, ...ipv6, Groups: input['SecurityGroupIds'] },
      },
    ];
  }
  if (subnetId !== undefined || address !== undefined || hasIpv6) {
    const ofAddress = address === undefined ? 'IPv6 address' : 'private address';
    const what = subnetId === undefined ? ofAddress : 'subnet ID';
    throw parameterCombination(
      `Network interfaces and an instance-level ${what} may not be specified on the same request`,
    );
  }
  if (input['SecurityGroupIds'] !== undefined) {
    throw parameterCombination(
      'Network interfaces and an instance-level security groups may not be specified on the same request',
    );
  }
  const requests = entries.map((entry) => readInterface(entry, snapshot));
  requests.sort((a, b) => a.deviceIndex - b.deviceIndex);
  const indexes = new Set(requests.map((request) => request.deviceIndex));
  if (indexes.size < requests.length) {
    throw parameterValue('Each network interface requires a unique device index.');
  }
  const [primary, ...others] = requests;
  if (primary === undefined || primary.deviceIndex !== 0) {
    throw parameterValue('A network interface with device index 0 is required.');
  }
  return [primary, ...others];
}

/** @throws InvalidParameterCombination or VPCIdNotSpecified: groups are named in a default VPC only. */
function refuseGroupNames(input: ActionInput): void {
  if (stringsOf(input, 'SecurityGroups').length === 0) return;
  if (input['SubnetId'] === undefined) throw noDefaultVpc();
  throw parameterCombination('The parameter groupName cannot be used with the parameter subnet');
}

function readInterface(entry: ActionInput, snapshot: Snapshot): InterfaceRequest {
  const ofNewEni = ([name]: readonly [string, unknown]): boolean =>
    Object.hasOwn(NEW_ENI_PARAMETERS, name);
  const parameters = Object.fromEntries(Object.entries(entry).filter(ofNewEni));
  const deviceIndex = integerOf(entry, 'DeviceIndex');
  if (deviceIndex < 0) throw invalidValue('deviceIndex', String(deviceIndex));
  const eniId = optionalString(entry, 'NetworkInterfaceId');
  const asked = optionalBoolean(entry, 'DeleteOnTermination');
  if (eniId === undefined) {
    const subnet = findSubnet(snapshot, stringOf(entry, 'SubnetId'));
    const deleteOnTermination = asked ?? deviceIndex === 0;
    return { deviceIndex, subnet, eniId: null, deleteOnTermination, parameters };
  }
  const eni = findEni(snapshot, eniId);
  if (entry['SubnetId'] !== undefined || Object.keys(parameters).length > 0) {
    throw parameterCombination(
      'A network interface may not specify both a network interface ID and attributes of a new interface',
    );
  }
  return {
    deviceIndex,
    subnet: subnetOf(snapshot, eni),
    eniId: eni.eniId,
    deleteOnTermination: asked ?? false,
    parameters: {},
  };
}

function readCount(input: ActionInput): number {
  const min = integerOf(input, 'MinCount');
  const max = integerOf(input, 'MaxCount');
  if (min < 1) throw invalidValue('minCount', String(min), 'Must be a positive integer.');
  if (max < min) {
    throw invalidValue('maxCount', String(max), 'Must not be less than minCount.');
  }
  return max;
}

function launch(
  instance: Instance,
  requests: readonly InterfaceRequest[],
  eniTags: Tags,
  context: ActionContext,
): void {
  const { draft } = context;
  draft.put('instances', instance.instanceId, instance);
  for (const { eniId, subnet, deviceIndex, deleteOnTermination, parameters } of requests) {
    const eni =
      eniId === null
        ? newEni(parameters, context, subnet, eniTags)
        : findEni(draft.snapshot, eniId);
    attachEni(context, eni, instance, deviceIndex, deleteOnTermination);
  }
}

/** The stored state is `running` at once, as the guest boots at once; AWS says `pending` first. */
function runInstances(input: ActionInput, context: ActionContext): ActionOutput {
  const { draft, newId, nowMs } = context;
  const tags = tagSpecifications(input, ['instance', 'network-interface']);
  refuseGroupNames(input);
  const count = readCount(input);
  const { imageId } = findImage(draft.snapshot, stringOf(input, 'ImageId'));
  const instanceType = optionalString(input, 'InstanceType') ?? DEFAULT_INSTANCE_TYPE;
  if (!INSTANCE_TYPE.test(instanceType)) throw invalidValue('instanceType', instanceType);
  const requests = readInterfaces(input, draft.snapshot);
  if (!isNitro(instanceType) && requests.some(({ subnet }) => isIpv6Only(subnet))) {
    throw notInIpv6Only(instanceType);
  }
  const { subnetId, vpcId } = requests[0].subnet;
  const instances: Instance[] = [];
  for (let index = 0; index < count; index++) {
    const instance: Instance = {
      instanceId: newId('i'),
      imageId,
      instanceType,
      subnetId,
      vpcId,
      state: 'running',
      launchTimeMs: nowMs,
      tags: tags.get('instance') ?? new Map(),
    };
    launch(instance, requests, tags.get('network-interface') ?? new Map(), context);
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
    ImageId: 'string',
    MinCount: 'integer',
    MaxCount: 'integer',
    InstanceType: 'string',
    SubnetId: 'string',
    PrivateIpAddress: 'string',
    SecurityGroupIds: ['string'],
    SecurityGroups: ['string'],
    Ipv6Addresses: NEW_ENI_PARAMETERS.Ipv6Addresses,
    Ipv6AddressCount: NEW_ENI_PARAMETERS.Ipv6AddressCount,
    NetworkInterfaces: [
      {
        ...NEW_ENI_PARAMETERS,
        DeviceIndex: 'integer',
        NetworkInterfaceId: 'string',
        SubnetId: 'string',
        DeleteOnTermination: 'boolean',
      },
    ],
    ClientToken: 'string',
    TagSpecifications: TAG_SPECIFICATIONS,
  },
  required: ['ImageId', 'MinCount', 'MaxCount'],
  perform: runInstances,
};
