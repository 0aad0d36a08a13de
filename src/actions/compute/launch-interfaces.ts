/** Where a launch puts its instances: the interfaces of the request, or one in its subnet. */
import type { EniId } from '../../model/ids.ts';
import { defaultSubnet, defaultVpc } from '../../model/lookups/default-network.ts';
import type { Subnet } from '../../model/records.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { isIpv6Only } from '../../model/subnets.ts';
import type { ActionInput, ParameterType } from '../action.ts';
import { ApiError } from '../api-error.ts';
import {
  invalidValue,
  invalidZone,
  noDefaultVpc,
  noIpv4Block,
  parameterCombination,
  parameterValue,
} from '../errors.ts';
import {
  integerOf,
  optionalBoolean,
  optionalInteger,
  optionalString,
  optionalStructure,
  stringsOf,
  structuresOf,
} from '../input.ts';
import { NEW_ENI_PARAMETERS } from '../interfaces/new-eni.ts';
import { findEni, findSubnet, subnetOf } from '../lookup.ts';
import { zoneOfSubnet } from './compute-errors.ts';

/** `NetworkInterfaces`, of RunInstances and of a launch template's data. */
export const LAUNCH_INTERFACES = [
  {
    ...NEW_ENI_PARAMETERS,
    DeviceIndex: 'integer',
    NetworkCardIndex: 'integer',
    InterfaceType: 'string',
    NetworkInterfaceId: 'string',
    SubnetId: 'string',
    DeleteOnTermination: 'boolean',
    AssociatePublicIpAddress: 'boolean',
  },
] as const satisfies ParameterType;

/** One interface of the request, at its device index. */
export interface InterfaceRequest {
  readonly deviceIndex: number;
  readonly subnet: Subnet;
  /** null: one is to be made from `parameters`. */
  readonly eniId: EniId | null;
  readonly deleteOnTermination: boolean;
  /** It is to have a public address while its instance runs. */
  readonly hasPublicAddress: boolean;
  readonly parameters: ActionInput;
}

/** @returns the requests by device index; the first has index 0. */
export function readInterfaces(
  input: ActionInput,
  snapshot: Snapshot,
): readonly [InterfaceRequest, ...InterfaceRequest[]] {
  const entries = structuresOf(input, 'NetworkInterfaces');
  const zone = readZone(input, snapshot);
  if (entries.length === 0) return [readInstanceLevel(input, snapshot, zone)];
  refuseInstanceLevel(input);
  const requests = entries.map((entry) => readInterface(entry, snapshot, zone));
  requests.sort((a, b) => a.deviceIndex - b.deviceIndex);
  const indexes = new Set(requests.map((request) => request.deviceIndex));
  if (indexes.size < requests.length) {
    throw parameterValue('Each network interface requires a unique device index.');
  }
  const [primary, ...others] = requests;
  if (primary === undefined || primary.deviceIndex !== 0) {
    throw parameterValue('A network interface with device index 0 is required.');
  }
  if (others.length === 0) return [primary];
  refusePublicAddresses(entries);
  return [{ ...primary, hasPublicAddress: false }, ...others];
}

/** @throws InvalidParameterValue for a zone that the region has not. */
function readZone(input: ActionInput, { availabilityZones }: Snapshot): string | undefined {
  const zone = optionalString(optionalStructure(input, 'Placement') ?? {}, 'AvailabilityZone');
  if (zone !== undefined && !availabilityZones.includes(zone)) {
    throw invalidZone(zone, availabilityZones);
  }
  return zone;
}

/** What stands beside `NetworkInterfaces` says the same in another place. */
function refuseInstanceLevel(input: ActionInput): void {
  const words = {
    SubnetId: 'subnet ID',
    PrivateIpAddress: 'private address',
    Ipv6Addresses: 'IPv6 address',
    Ipv6AddressCount: 'IPv6 address',
    SecurityGroupIds: 'security groups',
    SecurityGroups: 'security groups',
  };
  for (const [name, what] of Object.entries(words)) {
    if (input[name] === undefined) continue;
    throw parameterCombination(
      `Network interfaces and an instance-level ${what} may not be specified on the same request`,
    );
  }
}

function readInstanceLevel(
  input: ActionInput,
  snapshot: Snapshot,
  zone: string | undefined,
): InterfaceRequest {
  const subnet = readSubnet(input, snapshot, zone);
  return {
    deviceIndex: 0,
    subnet,
    eniId: null,
    deleteOnTermination: true,
    hasPublicAddress: subnet.mapPublicIpOnLaunch,
    parameters: {
      PrivateIpAddress: input['PrivateIpAddress'],
      Ipv6Addresses: input['Ipv6Addresses'],
      Ipv6AddressCount: input['Ipv6AddressCount'],
      Groups: [...stringsOf(input, 'SecurityGroupIds'), ...groupsByName(input, snapshot, subnet)],
    },
  };
}

/**
 * @returns the subnet that is named, or the default one of the zone.
 * @throws VPCIdNotSpecified without a default VPC, MissingInput when it has no subnet for this.
 */
function readSubnet(input: ActionInput, snapshot: Snapshot, zone: string | undefined): Subnet {
  const subnetId = optionalString(input, 'SubnetId');
  if (subnetId !== undefined) {
    const subnet = findSubnet(snapshot, subnetId);
    checkZone(subnet, zone);
    return subnet;
  }
  const vpc = defaultVpc(snapshot);
  if (vpc === undefined) throw noDefaultVpc();
  const subnet = defaultSubnet(snapshot, zone);
  if (subnet !== undefined) return subnet;
  throw new ApiError(
    'MissingInput',
    zone === undefined
      ? `No subnets found for the default VPC '${vpc.vpcId}'. Please specify a subnet.`
      : `No default subnet for availability zone: '${zone}'.`,
  );
}

function checkZone({ subnetId, availabilityZone }: Subnet, zone: string | undefined): void {
  if (zone !== undefined && zone !== availabilityZone) {
    throw zoneOfSubnet(zone, subnetId, availabilityZone);
  }
}

/**
 * Groups are named in the default VPC only.
 * @throws InvalidParameterCombination beside a subnet, InvalidGroup.NotFound for an unknown name.
 */
function groupsByName(input: ActionInput, snapshot: Snapshot, { vpcId }: Subnet): string[] {
  const names = stringsOf(input, 'SecurityGroups');
  if (names.length > 0 && input['SubnetId'] !== undefined) {
    throw parameterCombination('The parameter groupName cannot be used with the parameter subnet');
  }
  return names.map((name) => {
    const group = [...snapshot.securityGroups.values()].find(
      (each) => each.vpcId === vpcId && each.name === name,
    );
    if (group !== undefined) return group.groupId;
    throw new ApiError(
      'InvalidGroup.NotFound',
      `The security group '${name}' does not exist in default VPC '${vpcId}'`,
    );
  });
}

function readInterface(
  entry: ActionInput,
  snapshot: Snapshot,
  zone: string | undefined,
): InterfaceRequest {
  const ofNewEni = ([name]: readonly [string, unknown]): boolean =>
    Object.hasOwn(NEW_ENI_PARAMETERS, name);
  const parameters = Object.fromEntries(Object.entries(entry).filter(ofNewEni));
  const deviceIndex = integerOf(entry, 'DeviceIndex');
  if (deviceIndex < 0) throw invalidValue('deviceIndex', String(deviceIndex));
  checkPlainInterface(entry);
  const eniId = optionalString(entry, 'NetworkInterfaceId');
  const asked = optionalBoolean(entry, 'DeleteOnTermination');
  const isPublic = optionalBoolean(entry, 'AssociatePublicIpAddress');
  if (eniId === undefined) {
    const subnet = readSubnet(entry, snapshot, zone);
    if (isPublic === true && isIpv6Only(subnet)) throw noIpv4Block(subnet.subnetId);
    return {
      deviceIndex,
      subnet,
      eniId: null,
      deleteOnTermination: asked ?? deviceIndex === 0,
      hasPublicAddress: isPublic ?? subnet.mapPublicIpOnLaunch,
      parameters,
    };
  }
  const eni = findEni(snapshot, eniId);
  const isNew = entry['SubnetId'] !== undefined || isPublic !== undefined;
  if (isNew || Object.keys(parameters).length > 0) {
    throw parameterCombination(
      'A network interface may not specify both a network interface ID and attributes of a new interface',
    );
  }
  const subnet = subnetOf(snapshot, eni);
  checkZone(subnet, zone);
  return {
    deviceIndex,
    subnet,
    eniId: eni.eniId,
    deleteOnTermination: asked ?? false,
    hasPublicAddress: false,
    parameters: {},
  };
}

/** Every type has one network card, and interfaces are of the one kind. */
function checkPlainInterface(entry: ActionInput): void {
  const card = optionalInteger(entry, 'NetworkCardIndex') ?? 0;
  if (card !== 0) throw invalidValue('networkCardIndex', String(card));
  const kind = optionalString(entry, 'InterfaceType') ?? 'interface';
  if (kind !== 'interface') throw invalidValue('interfaceType', kind);
}

/** @throws InvalidParameterCombination when one of several interfaces is to have a public address. */
function refusePublicAddresses(entries: readonly ActionInput[]): void {
  if (entries.every((entry) => optionalBoolean(entry, 'AssociatePublicIpAddress') !== true)) return;
  throw parameterCombination(
    'The associatePublicIPAddress parameter cannot be specified when launching with multiple network interfaces.',
  );
}
