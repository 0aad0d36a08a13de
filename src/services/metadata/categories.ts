/**
 * All that an instance can learn of itself. Each category is computed from the model when it is
 * asked for, so a change by the API shows at once.
 * @source the EC2 user guide, instance metadata categories: what there is, and since which version
 */
import { formatIpv4 } from '../../addr/ipv4.ts';
import { formatIpv6 } from '../../addr/ipv6.ts';
import { formatMac } from '../../addr/mac.ts';
import { INSTANCE_TYPES } from '../../model/instance-type-table.ts';
import { zoneId } from '../../model/zones.ts';
import type { RoleCredentials } from '../role-credentials.ts';
import { type DocumentSigner, instanceIdentityCategory } from './identity.ts';
import { groupNames, networkCategory, publicAddresses } from './interfaces.ts';
import { iamCategory, identityCredentialsCategory } from './roles.ts';
import { localHostname, publicHostnames, type Subject } from './subject.ts';
import { type Directory, directory, type Entry, FIRST_VERSION, lines, text } from './tree.ts';

export interface MetadataSources {
  readonly credentials: RoleCredentials;
  readonly signer: DocumentSigner;
}

/** @returns what is below a version. */
export function metadataTree(subject: Subject, sources: MetadataSources): Directory {
  // As on AWS, the listing of a version has no slashes.
  const bare = (entry: Entry): Entry => ({ ...entry, line: entry.name });
  return {
    kind: 'directory',
    entries: [
      bare(directory('dynamic', () => dynamicData(subject, sources.signer), '2009-04-04')),
      bare(directory('meta-data', () => metadata(subject, sources))),
      userData(subject),
    ],
  };
}

function dynamicData(subject: Subject, signer: DocumentSigner): readonly Entry[] {
  const monitoring = () => (subject.instance.options.monitoring ? 'enabled' : 'disabled');
  return [
    directory('fws', () => [text('instance-monitoring', monitoring)]),
    instanceIdentityCategory(subject, signer),
  ];
}

/** Opaque bytes, as they were given. */
function userData({ instance: { options } }: Subject): Entry {
  return {
    name: 'user-data',
    since: FIRST_VERSION,
    node: () => {
      const { userData } = options;
      return userData === null
        ? null
        : { kind: 'leaf', read: () => Buffer.from(userData, 'base64') };
    },
  };
}

function metadata(subject: Subject, { credentials }: MetadataSources): readonly Entry[] {
  const { instance, primary } = subject;
  return [
    text('ami-id', () => instance.imageId),
    text('ami-launch-index', () => launch(subject)?.index ?? null),
    text('ami-manifest-path', () => '(unknown)'),
    blockDeviceCategory(subject),
    directory('events', maintenanceCategories, '2018-08-17'),
    text('hostname', () => localHostname(subject, primary)),
    iamCategory(subject, credentials),
    identityCredentialsCategory(subject, credentials),
    text('instance-action', () => 'none', '2008-09-01'),
    text('instance-id', () => instance.instanceId),
    text('instance-life-cycle', () => 'on-demand', '2019-10-01'),
    text('instance-type', () => instance.instanceType, '2007-08-29'),
    lines('ipv6', () => primary.ipv6Addresses.slice(0, 1).map(formatIpv6), '2021-01-03'),
    text('local-hostname', () => localHostname(subject, primary), '2007-01-19'),
    lines('local-ipv4', () => primary.addresses.slice(0, 1).map(formatIpv4)),
    text('mac', () => formatMac(primary.mac), '2011-01-01'),
    directory('metrics', () => [text('vhostmd', () => VHOSTMD)], '2011-05-01'),
    networkCategory(subject),
    placementCategory(subject),
    text('profile', () => 'default-hvm'),
    lines('public-hostname', () => publicHostnames(subject, primary).slice(0, 1), '2007-01-19'),
    lines('public-ipv4', () => publicAddresses(subject, primary).slice(0, 1), '2007-01-19'),
    publicKeysCategory(subject),
    text('reservation-id', () => launch(subject)?.reservationId ?? null),
    lines('security-groups', () => groupNames(subject, primary)),
    directory('services', serviceCategories),
    text(
      'system',
      () => INSTANCE_TYPES.get(instance.instanceType)?.hypervisor ?? null,
      '2022-09-24',
    ),
    tagsCategory(subject),
  ];
}

/** What is left of it: the metrics themselves are no longer given. */
const VHOSTMD = '<?xml version="1.0" encoding="UTF-8"?>';

/** @returns the launch that the instance is of, and its place in it. */
function launch({ fabric, instance }: Subject) {
  for (const { reservationId, instanceIds } of fabric.reservations.values()) {
    const index = instanceIds.indexOf(instance.instanceId);
    if (index >= 0) return { reservationId, index: String(index) };
  }
  return null;
}

function blockDeviceCategory({ fabric, instance }: Subject): Entry {
  const entries = (): readonly Entry[] => {
    const devices = [...fabric.volumes.values()].flatMap(({ attachment }) =>
      attachment?.instanceId === instance.instanceId ? [attachment.device] : [],
    );
    const [root, ...others] = devices;
    if (root === undefined) return [];
    return [
      text('ami', () => root),
      ...others.map((device, place) => text(`ebs${place + 1}`, () => device)),
      text('root', () => root),
    ];
  };
  return directory('block-device-mapping', entries, '2007-12-15');
}

/** Nobody maintains the host of a lab. */
function maintenanceCategories(): readonly Entry[] {
  const none = () => '[]';
  return [directory('maintenance', () => [text('history', none), text('scheduled', none)])];
}

function placementCategory({ fabric, instance, realm }: Subject): Entry {
  const entries = (): readonly Entry[] => {
    const zone = fabric.subnets.get(instance.subnetId)?.availabilityZone ?? null;
    const id = () => (zone === null ? null : zoneId(realm, zone));
    return [
      text('availability-zone', () => zone, '2008-02-01'),
      text('availability-zone-id', id, '2020-08-24'),
      text('region', () => realm.region, '2020-08-24'),
    ];
  };
  return directory('placement', entries, '2008-02-01');
}

/** An instance has one key at most. */
function publicKeysCategory({ instance: { options } }: Subject): Entry {
  const { keyName, publicKey } = options;
  const entries = (): readonly Entry[] => {
    if (keyName === null || publicKey === null) return [];
    // AWS writes the name of the pair where the comment stands.
    const key = `${publicKey.split(' ', 2).join(' ')} ${keyName}`;
    return [{ ...directory('0', () => [text('openssh-key', () => key)]), line: `0=${keyName}` }];
  };
  return directory('public-keys', entries);
}

function serviceCategories(): readonly Entry[] {
  return [
    text('domain', () => 'amazonaws.com', '2014-02-25'),
    text('partition', () => 'aws', '2015-10-20'),
  ];
}

function tagsCategory({ instance: { tags, options } }: Subject): Entry {
  const isOpen = options.metadata.instanceMetadataTags === 'enabled';
  const entries = () => (isOpen ? [...tags].map(([key, value]) => text(key, () => value)) : []);
  return directory('tags', () => [directory('instance', entries)], '2021-03-23');
}
