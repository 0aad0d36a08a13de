/** Instances in AWS's shape, alone and in their reservations. */
import { formatIpv4 } from '../../addr/ipv4.ts';
import { formatIpv6 } from '../../addr/ipv6.ts';
import type { InstanceProfile } from '../../model/compute.ts';
import { volumesOfInstance } from '../../model/lookups/compute.ts';
import { eniDnsName } from '../../model/names.ts';
import type { Instance, InstanceState, Reservation } from '../../model/records.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { stateOf } from '../../model/transitions.ts';
import type { ActionOutput } from '../action.ts';
import { associationShape } from '../edges/association-shapes.ts';
import { groupIdentifiers } from '../filters/security-group-shapes.ts';
import { instanceEniShape } from '../interfaces/eni-shapes.ts';
import { enisOfInstance, subnetOf } from '../lookup.ts';
import { tagSet } from '../tag-set.ts';
import { hostnameOptions } from '../vpcs/subnet-shapes.ts';
import { coresOf, findInstanceType } from './instance-types.ts';
import { metadataShape } from './launch-options.ts';
import { deviceMappingShapes, rootDeviceName } from './root-volumes.ts';

/** The numbers that AWS gives with the names. */
const STATE_CODES: Readonly<Record<InstanceState, number>> = {
  pending: 0,
  running: 16,
  'shutting-down': 32,
  terminated: 48,
  stopping: 64,
  stopped: 80,
};

/** @returns the state that is told of the instance. */
export function instanceState({ instanceId, state }: Instance, snapshot: Snapshot): InstanceState {
  return stateOf(snapshot, instanceId, state);
}

export function stateCode(state: InstanceState): number {
  return STATE_CODES[state];
}

export function stateShape(state: InstanceState): ActionOutput {
  return { Code: STATE_CODES[state], Name: state };
}

/**
 * AWS's `Instance`. A terminated one has lost its interfaces, and with them its place in a subnet.
 * @param launchIndex Its place in the reservation.
 */
export function instanceShape(
  instance: Instance,
  launchIndex: number,
  snapshot: Snapshot,
  state: InstanceState,
): ActionOutput {
  const enis = enisOfInstance(snapshot, instance);
  const primary = enis[0];
  const association = primary && associationShape(snapshot, primary, primary.addresses[0]);
  return {
    InstanceId: instance.instanceId,
    ImageId: instance.imageId,
    InstanceType: instance.instanceType,
    State: stateShape(state),
    StateTransitionReason: '',
    AmiLaunchIndex: launchIndex,
    LaunchTime: new Date(instance.launchTimeMs).toISOString(),
    Placement: { AvailabilityZone: zoneOf(instance, snapshot), GroupName: '', Tenancy: 'default' },
    ...optionShapes(instance),
    ...machineShapes(instance, snapshot),
    SecurityGroups: groupIdentifiers(snapshot, primary?.groupIds ?? []),
    PublicDnsName: association?.PublicDnsName ?? '',
    PublicIpAddress: association?.PublicIp,
    PrivateDnsName: primary === undefined ? '' : (eniDnsName(snapshot.region, primary) ?? ''),
    PrivateDnsNameOptions: primary && hostnameOptions(subnetOf(snapshot, primary)),
    PrivateIpAddress: primary?.addresses.slice(0, 1).map(formatIpv4)[0],
    Ipv6Address: primary?.ipv6Addresses.slice(0, 1).map(formatIpv6)[0],
    SubnetId: primary?.subnetId,
    VpcId: primary?.vpcId,
    SourceDestCheck: primary?.sourceDestCheck,
    NetworkInterfaces: enis.map((eni) => instanceEniShape(eni, snapshot)),
    Tags: instance.tags.size === 0 ? undefined : tagSet(instance.tags),
  };
}

/** What follows from the type, and from the volumes. */
function machineShapes({ instanceId, instanceType }: Instance, snapshot: Snapshot): ActionOutput {
  const type = findInstanceType(instanceType);
  const volumes = volumesOfInstance(snapshot, instanceId);
  return {
    Architecture: type.architecture,
    CpuOptions: { CoreCount: coresOf(type), ThreadsPerCore: type.vcpus / coresOf(type) },
    Hypervisor: 'xen',
    VirtualizationType: 'hvm',
    RootDeviceType: 'ebs',
    RootDeviceName: rootDeviceName(volumes),
    BlockDeviceMappings: deviceMappingShapes(volumes),
    EnaSupport: true,
    PlatformDetails: 'Linux/UNIX',
    UsageOperation: 'RunInstances',
    CurrentInstanceBootMode: 'legacy-bios',
    ProductCodes: [],
  };
}

/** What the launch said besides the network. */
function optionShapes({ options }: Instance): ActionOutput {
  return {
    ClientToken: options.clientToken,
    KeyName: options.keyName ?? undefined,
    Monitoring: { State: monitoringState(options.monitoring) },
    EbsOptimized: options.ebsOptimized,
    IamInstanceProfile: options.profile === null ? undefined : profileShape(options.profile),
    MetadataOptions: metadataShape(options.metadata),
    EnclaveOptions: { Enabled: false },
    HibernationOptions: { Configured: false },
    MaintenanceOptions: { AutoRecovery: 'default' },
    CapacityReservationSpecification: { CapacityReservationPreference: 'open' },
  };
}

/** AWS's `IamInstanceProfile`. */
export function profileShape({ arn, id }: InstanceProfile): ActionOutput {
  return { Arn: arn, Id: id };
}

export function monitoringState(monitoring: boolean): 'enabled' | 'disabled' {
  return monitoring ? 'enabled' : 'disabled';
}

/** @returns the zone; none when the subnet of a terminated instance was deleted. */
export function zoneOf(instance: Instance, snapshot: Snapshot): string | undefined {
  return instance.state === 'terminated'
    ? snapshot.subnets.get(instance.subnetId)?.availabilityZone
    : subnetOf(snapshot, instance).availabilityZone;
}

/** AWS's `Reservation`, with those of its instances that are asked for. */
export function reservationShape(
  reservation: Reservation,
  instances: readonly ActionOutput[],
  snapshot: Snapshot,
): ActionOutput {
  return {
    ReservationId: reservation.reservationId,
    OwnerId: snapshot.accountId,
    Groups: [],
    Instances: instances,
  };
}
