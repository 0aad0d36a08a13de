/** The actions on instance types, and the limits that a type sets. */

import { INSTANCE_TYPES, type InstanceType } from '../../model/instance-type-table.ts';
import type { Eni, Instance } from '../../model/records.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { ActionContext, ActionDefinition, ActionInput, ActionOutput } from '../action.ts';
import { type Filters, filterRows, PAGE_PARAMETERS, pageOf } from '../describe.ts';
import { invalidValue } from '../errors.ts';
import { optionalString, stringsOf } from '../input.ts';
import {
  attachmentLimitExceeded,
  privateAddressLimitExceeded,
  unknownInstanceType,
  unknownInstanceTypes,
} from './compute-errors.ts';

/** @throws InvalidParameterValue for a name that is no type's. */
export function findInstanceType(name: string): InstanceType {
  const type = INSTANCE_TYPES.get(name);
  if (type === undefined) throw unknownInstanceType(name);
  return type;
}

/** Checks that the instance may have this many interfaces. @throws AttachmentLimitExceeded */
export function checkInterfaceCount({ instanceType }: Instance, count: number): void {
  if (count > findInstanceType(instanceType).maxInterfaces) {
    throw attachmentLimitExceeded(count, instanceType);
  }
}

/**
 * Checks that the interface has no more addresses than its instance's type lets it have; a prefix
 * counts as an address.
 * @throws PrivateIpAddressLimitExceeded
 * @source ENI-11
 */
export function checkAddressCount(snapshot: Snapshot, eni: Eni): void {
  const instance = snapshot.instances.get(eni.attachment?.instanceId ?? 'i-');
  if (instance === undefined) return;
  const prefixes = eni.prefixes.filter(({ family }) => family === 4);
  const limit = findInstanceType(instance.instanceType).ipv4PerInterface;
  if (eni.addresses.length + prefixes.length > limit) throw privateAddressLimitExceeded();
}

/** @returns the cores; a type of two threads a core has half as many as vCPUs. */
export function coresOf({ vcpus, architecture, name }: InstanceType): number {
  const isOneThread = architecture === 'arm64' || vcpus === 1 || /^[cmr]7a\.|^t2\./.test(name);
  return isOneThread ? vcpus : vcpus / 2;
}

/** AWS's `InstanceTypeInfo`. */
function typeShape(type: InstanceType): ActionOutput {
  const { vcpus, maxInterfaces, ipv4PerInterface, hypervisor } = type;
  const isNitro = hypervisor === 'nitro';
  return {
    InstanceType: type.name,
    CurrentGeneration: type.isCurrent,
    FreeTierEligible: type.name === 't2.micro' || type.name === 't3.micro',
    SupportedUsageClasses: ['on-demand', 'spot'],
    SupportedRootDeviceTypes: ['ebs'],
    SupportedVirtualizationTypes: ['hvm'],
    BareMetal: type.isBareMetal,
    Hypervisor: type.isBareMetal ? undefined : hypervisor,
    ProcessorInfo: { SupportedArchitectures: [type.architecture] },
    VCpuInfo: {
      DefaultVCpus: vcpus,
      DefaultCores: coresOf(type),
      DefaultThreadsPerCore: vcpus / coresOf(type),
    },
    MemoryInfo: { SizeInMiB: type.memoryMib },
    InstanceStorageSupported: type.hasLocalDisk,
    EbsInfo: {
      EbsOptimizedSupport: isNitro ? 'default' : 'unsupported',
      EncryptionSupport: 'supported',
      NvmeSupport: isNitro ? 'required' : 'unsupported',
    },
    NetworkInfo: {
      MaximumNetworkInterfaces: maxInterfaces,
      MaximumNetworkCards: 1,
      DefaultNetworkCardIndex: 0,
      NetworkCards: [{ NetworkCardIndex: 0, MaximumNetworkInterfaces: maxInterfaces }],
      Ipv4AddressesPerInterface: ipv4PerInterface,
      Ipv6AddressesPerInterface: ipv4PerInterface,
      Ipv6Supported: true,
      EnaSupport: isNitro ? 'required' : 'supported',
      EfaSupported: false,
    },
    BurstablePerformanceSupported: type.isBurstable,
    DedicatedHostsSupported: !type.isBurstable,
    HibernationSupported: false,
    AutoRecoverySupported: !type.isBareMetal,
    SupportedBootModes: isNitro ? ['legacy-bios', 'uefi'] : ['legacy-bios'],
  };
}

const TYPE_FILTERS: Filters<InstanceType> = {
  'auto-recovery-supported': (type) => [!type.isBareMetal],
  'bare-metal': (type) => [type.isBareMetal],
  'burstable-performance-supported': (type) => [type.isBurstable],
  'current-generation': (type) => [type.isCurrent],
  'dedicated-hosts-supported': (type) => [!type.isBurstable],
  'ebs-info.ebs-optimized-support': ({ hypervisor }) => [
    hypervisor === 'nitro' ? 'default' : 'unsupported',
  ],
  'ebs-info.encryption-support': () => ['supported'],
  'ebs-info.nvme-support': ({ hypervisor }) => [
    hypervisor === 'nitro' ? 'required' : 'unsupported',
  ],
  'free-tier-eligible': ({ name }) => [name === 't2.micro' || name === 't3.micro'],
  'hibernation-supported': () => [false],
  hypervisor: (type) => (type.isBareMetal ? [] : [type.hypervisor]),
  'instance-storage-supported': (type) => [type.hasLocalDisk],
  'instance-type': (type) => [type.name],
  'memory-info.size-in-mib': (type) => [type.memoryMib],
  'network-info.efa-supported': () => [false],
  'network-info.ena-support': ({ hypervisor }) => [
    hypervisor === 'nitro' ? 'required' : 'supported',
  ],
  'network-info.ipv4-addresses-per-interface': (type) => [type.ipv4PerInterface],
  'network-info.ipv6-addresses-per-interface': (type) => [type.ipv4PerInterface],
  'network-info.ipv6-supported': () => [true],
  'network-info.maximum-network-cards': () => [1],
  'network-info.maximum-network-interfaces': (type) => [type.maxInterfaces],
  'processor-info.supported-architecture': (type) => [type.architecture],
  'supported-root-device-type': () => ['ebs'],
  'supported-usage-class': () => ['on-demand', 'spot'],
  'supported-virtualization-type': () => ['hvm'],
  'vcpu-info.default-cores': (type) => [coresOf(type)],
  'vcpu-info.default-threads-per-core': (type) => [type.vcpus / coresOf(type)],
  'vcpu-info.default-vcpus': (type) => [type.vcpus],
};

function describeInstanceTypes(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const names = [...new Set(stringsOf(input, 'InstanceTypes'))];
  const unknown = names.filter((name) => !INSTANCE_TYPES.has(name));
  if (unknown.length > 0) throw unknownInstanceTypes(unknown);
  const chosen = names.length === 0 ? [...INSTANCE_TYPES.values()] : names.map(findInstanceType);
  const { rows, nextToken } = pageOf(
    filterRows(chosen, TYPE_FILTERS, input, draft.snapshot),
    withDefaultPage(input),
  );
  return { InstanceTypes: rows.map(typeShape), NextToken: nextToken };
}

/** These two actions cut pages though nobody asks for them. */
function withDefaultPage(input: ActionInput): ActionInput {
  return { MaxResults: 100, ...input };
}

interface Offering {
  readonly type: string;
  readonly location: string;
}

/** The places where a type is had, by kind. */
function locationsOf(kind: string, { region, availabilityZones }: Snapshot): readonly string[] {
  switch (kind) {
    case 'region':
      return [region];
    case 'availability-zone':
      return availabilityZones;
    default:
      throw invalidValue('locationType', kind);
  }
}

/** Every zone has every type. */
function describeOfferings(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const kind = optionalString(input, 'LocationType') ?? 'region';
  const offerings = locationsOf(kind, draft.snapshot).flatMap((location) =>
    [...INSTANCE_TYPES.keys()].map((type): Offering => ({ type, location })),
  );
  const filters: Filters<Offering> = {
    'instance-type': ({ type }) => [type],
    location: ({ location }) => [location],
  };
  const { rows, nextToken } = pageOf(
    filterRows(offerings, filters, input, draft.snapshot),
    withDefaultPage(input),
  );
  const shapes = rows.map(({ type, location }) => ({
    InstanceType: type,
    LocationType: kind,
    Location: location,
  }));
  return { InstanceTypeOfferings: shapes, NextToken: nextToken };
}

export const INSTANCE_TYPE_ACTIONS: readonly ActionDefinition[] = [
  {
    name: 'DescribeInstanceTypes',
    parameters: { ...PAGE_PARAMETERS, InstanceTypes: ['string'] },
    required: [],
    perform: describeInstanceTypes,
  },
  {
    name: 'DescribeInstanceTypeOfferings',
    parameters: { ...PAGE_PARAMETERS, LocationType: 'string' },
    required: [],
    perform: describeOfferings,
  },
];
