/** Instances as they are listed: AWS's filters, and reservations of those that match. */
import { formatIpv4 } from '../../addr/ipv4.ts';
import { formatIpv6 } from '../../addr/ipv6.ts';
import { formatMac } from '../../addr/mac.ts';
import type { VolumeAttachment } from '../../model/compute.ts';
import { volumesOfInstance } from '../../model/lookups/compute.ts';
import { eniDnsName } from '../../model/names.ts';
import type { Eni, EniAttachment, Instance } from '../../model/records.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { ActionContext, ActionDefinition, ActionInput, ActionOutput } from '../action.ts';
import { type Filters, PAGE_PARAMETERS, selectRows } from '../describe.ts';
import { associationShape, byAssociation } from '../edges/association-shapes.ts';
import { groupNames } from '../interfaces/eni-groups.ts';
import { eniStatus } from '../interfaces/eni-shapes.ts';
import { enisOfInstance, subnetOf } from '../lookup.ts';
import {
  instanceShape,
  instanceState,
  monitoringState,
  reservationShape,
  stateCode,
  zoneOf,
} from './instance-shapes.ts';
import { findInstanceType } from './instance-types.ts';
import { rootDeviceName } from './root-volumes.ts';

type FilterOf = (instance: Instance, snapshot: Snapshot) => readonly (string | number | boolean)[];

/** A filter on every interface of the instance. */
function byEni(
  pick: (eni: Eni, snapshot: Snapshot) => readonly (string | number | boolean)[],
): FilterOf {
  return (instance, snapshot) =>
    enisOfInstance(snapshot, instance).flatMap((eni) => pick(eni, snapshot));
}

/** A filter on the primary interface of the instance. */
function byPrimaryEni(
  pick: (eni: Eni, snapshot: Snapshot) => string | boolean | null | undefined,
): FilterOf {
  return (instance, snapshot) =>
    enisOfInstance(snapshot, instance)
      .slice(0, 1)
      .flatMap((eni) => pick(eni, snapshot) ?? []);
}

/** A filter on the groups of the instance, which are those of its primary interface. */
function byGroup(pick: (eni: Eni, snapshot: Snapshot) => readonly string[]): FilterOf {
  return (instance, snapshot) =>
    enisOfInstance(snapshot, instance)
      .slice(0, 1)
      .flatMap((eni) => pick(eni, snapshot));
}

/** A filter on the attachment of every interface of the instance. */
function byAttachment(pick: (attachment: EniAttachment) => string | number | boolean): FilterOf {
  return byEni(({ attachment }) => (attachment === null ? [] : [pick(attachment)]));
}

/** A filter on the volumes of the instance. */
function byVolume(
  pick: (attachment: VolumeAttachment, volumeId: string) => string | boolean,
): FilterOf {
  return ({ instanceId }, snapshot) =>
    volumesOfInstance(snapshot, instanceId).flatMap(({ attachment, volumeId }) =>
      attachment === null ? [] : [pick(attachment, volumeId)],
    );
}

/** What an instance of the lab never has: nothing matches. */
const NEVER: FilterOf = () => [];

const MACHINE_FILTERS: Filters<Instance> = {
  affinity: NEVER,
  architecture: ({ instanceType }) => [findInstanceType(instanceType).architecture],
  'block-device-mapping.attach-time': byVolume((each) => new Date(each.attachTimeMs).toISOString()),
  'block-device-mapping.delete-on-termination': byVolume((each) => each.deleteOnTermination),
  'block-device-mapping.device-name': byVolume((each) => each.device),
  'block-device-mapping.status': byVolume(() => 'attached'),
  'block-device-mapping.volume-id': byVolume((_each, volumeId) => volumeId),
  'capacity-reservation-id': NEVER,
  'client-token': ({ options }) => [options.clientToken],
  'current-instance-boot-mode': () => ['legacy-bios'],
  'hibernation-options.configured': () => [false],
  'host-id': NEVER,
  hypervisor: () => ['xen'],
  'iam-instance-profile.arn': ({ options: { profile } }) => (profile === null ? [] : [profile.arn]),
  'iam-instance-profile.id': ({ options: { profile } }) => (profile === null ? [] : [profile.id]),
  'instance-lifecycle': NEVER,
  'kernel-id': NEVER,
  'key-name': ({ options: { keyName } }) => (keyName === null ? [] : [keyName]),
  'metadata-options.http-endpoint': ({ options }) => [options.metadata.httpEndpoint],
  'metadata-options.http-put-response-hop-limit': ({ options }) => [
    options.metadata.httpPutResponseHopLimit,
  ],
  'metadata-options.http-tokens': ({ options }) => [options.metadata.httpTokens],
  'monitoring-state': ({ options }) => [monitoringState(options.monitoring)],
  'outpost-arn': NEVER,
  'placement-group-name': NEVER,
  'placement-partition-number': NEVER,
  platform: NEVER,
  'platform-details': () => ['Linux/UNIX'],
  'product-code': NEVER,
  'product-code.type': NEVER,
  'ramdisk-id': NEVER,
  reason: NEVER,
  'requester-id': NEVER,
  'root-device-name': ({ instanceId }, snapshot) => [
    rootDeviceName(volumesOfInstance(snapshot, instanceId)),
  ],
  'root-device-type': () => ['ebs'],
  'spot-instance-request-id': NEVER,
  'state-reason-code': NEVER,
  'state-reason-message': NEVER,
  tenancy: () => ['default'],
  'usage-operation': () => ['RunInstances'],
  'virtualization-type': () => ['hvm'],
};

const INSTANCE_FILTERS: Filters<Instance> = {
  ...MACHINE_FILTERS,
  'availability-zone': (instance, snapshot) => [zoneOf(instance, snapshot) ?? ''],
  'dns-name': byPrimaryEni(
    (eni, snapshot) => associationShape(snapshot, eni, eni.addresses[0])?.PublicDnsName,
  ),
  'group-id': byGroup((eni) => eni.groupIds),
  'group-name': byGroup(groupNames),
  'image-id': (instance) => [instance.imageId],
  'instance.group-id': byGroup((eni) => eni.groupIds),
  'instance.group-name': byGroup(groupNames),
  'instance-id': (instance) => [instance.instanceId],
  'instance-state-code': (instance, snapshot) => [stateCode(instanceState(instance, snapshot))],
  'instance-state-name': (instance, snapshot) => [instanceState(instance, snapshot)],
  'instance-type': (instance) => [instance.instanceType],
  'ip-address': byPrimaryEni(
    (eni, snapshot) => associationShape(snapshot, eni, eni.addresses[0])?.PublicIp,
  ),
  'launch-index': ({ instanceId }, snapshot) =>
    [...snapshot.reservations.values()]
      .map((reservation) => reservation.instanceIds.indexOf(instanceId))
      .filter((index) => index >= 0),
  'launch-time': (instance) => [new Date(instance.launchTimeMs).toISOString()],
  'network-interface.addresses.primary': byEni((eni) => eni.addresses.map((_, i) => i === 0)),
  'network-interface.addresses.private-ip-address': byEni((eni) => eni.addresses.map(formatIpv4)),
  'network-interface.addresses.association.ip-owner-id': byEni(byAssociation('IpOwnerId')),
  'network-interface.addresses.association.public-ip': byEni(byAssociation('PublicIp')),
  'network-interface.association.allocation-id': byEni(byAssociation('AllocationId')),
  'network-interface.association.association-id': byEni(byAssociation('AssociationId')),
  'network-interface.association.ip-owner-id': byEni(byAssociation('IpOwnerId')),
  'network-interface.association.public-ip': byEni(byAssociation('PublicIp')),
  'network-interface.attachment.attachment-id': byAttachment((each) => each.attachmentId),
  'network-interface.attachment.delete-on-termination': byAttachment(
    (each) => each.deleteOnTermination,
  ),
  'network-interface.attachment.device-index': byAttachment((each) => each.deviceIndex),
  'network-interface.attachment.instance-id': byAttachment((each) => each.instanceId),
  'network-interface.attachment.instance-owner-id': byEni((_eni, { accountId }) => [accountId]),
  'network-interface.attachment.status': byAttachment(() => 'attached'),
  'network-interface.availability-zone': byEni((eni, snapshot) => [
    subnetOf(snapshot, eni).availabilityZone,
  ]),
  'network-interface.description': byEni((eni) => [eni.description]),
  'network-interface.group-id': byEni((eni) => eni.groupIds),
  'network-interface.group-name': byEni(groupNames),
  'network-interface.mac-address': byEni((eni) => [formatMac(eni.mac)]),
  'network-interface.network-interface-id': byEni((eni) => [eni.eniId]),
  'network-interface.ipv6-addresses.ipv6-address': byEni((eni) =>
    eni.ipv6Addresses.map(formatIpv6),
  ),
  'network-interface.owner-id': byEni((_eni, { accountId }) => [accountId]),
  'network-interface.private-dns-name': byEni((eni, { region }) => [eniDnsName(region, eni) ?? '']),
  'network-interface.requester-managed': byEni(() => [false]),
  'network-interface.status': byEni((eni, snapshot) => [eniStatus(eni, snapshot)]),
  'network-interface.source-dest-check': byEni((eni) => [eni.sourceDestCheck]),
  'network-interface.subnet-id': byEni((eni) => [eni.subnetId]),
  'network-interface.vpc-id': byEni((eni) => [eni.vpcId]),
  'owner-id': (_instance, snapshot) => [snapshot.accountId],
  'private-dns-name': byPrimaryEni((eni, { region }) => eniDnsName(region, eni)),
  'private-ip-address': byPrimaryEni((eni) => eni.addresses.slice(0, 1).map(formatIpv4)[0]),
  'reservation-id': ({ instanceId }, snapshot) =>
    [...snapshot.reservations.values()]
      .filter((reservation) => reservation.instanceIds.includes(instanceId))
      .map((reservation) => reservation.reservationId),
  'source-dest-check': byPrimaryEni((eni) => eni.sourceDestCheck),
  'subnet-id': byPrimaryEni((eni) => eni.subnetId),
  'vpc-id': byPrimaryEni((eni) => eni.vpcId),
};

function describeInstances(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const { snapshot } = draft;
  const { rows, nextToken } = selectRows(
    {
      idsParameter: 'InstanceIds',
      prefix: 'i',
      rows: () => snapshot.instances,
      filters: INSTANCE_FILTERS,
    },
    input,
    snapshot,
  );
  const chosen = new Map(rows.map((instance) => [instance.instanceId, instance]));
  const reservations: ActionOutput[] = [];
  for (const reservation of snapshot.reservations.values()) {
    const shapes = reservation.instanceIds.flatMap((instanceId, index) => {
      const instance = chosen.get(instanceId);
      if (instance === undefined) return [];
      return [instanceShape(instance, index, snapshot, instanceState(instance, snapshot))];
    });
    if (shapes.length > 0) reservations.push(reservationShape(reservation, shapes, snapshot));
  }
  return { Reservations: reservations, NextToken: nextToken };
}

export const DESCRIBE_INSTANCE_ACTIONS: readonly ActionDefinition[] = [
  {
    name: 'DescribeInstances',
    parameters: { ...PAGE_PARAMETERS, InstanceIds: ['string'] },
    required: [],
    perform: describeInstances,
  },
];
