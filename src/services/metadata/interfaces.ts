/** `network/interfaces/macs/`: what the fabric knows of each interface of the instance. */
import { formatCidr } from '../../addr/cidr.ts';
import { formatIpv4 } from '../../addr/ipv4.ts';
import { formatIpv6 } from '../../addr/ipv6.ts';
import { formatMac } from '../../addr/mac.ts';
import type { Eni, Subnet } from '../../model/records.ts';
import {
  deviceOf,
  localHostname,
  publicHostnames,
  publicMappings,
  type Subject,
  vpcOf,
} from './subject.ts';
import { directory, type Entry, lines, text } from './tree.ts';

const SINCE = '2011-01-01';
const SINCE_IPV6 = '2016-06-30';
const SINCE_CARDS = '2020-11-01';

/** @source IMDS-6 */
export function networkCategory(subject: Subject): Entry {
  const macs = () =>
    subject.enis.map((eni) => directory(formatMac(eni.mac), () => categories(subject, eni)));
  const interfaces = () => [directory('macs', macs)];
  return directory('network', () => [directory('interfaces', interfaces)], SINCE);
}

function categories(subject: Subject, eni: Eni): readonly Entry[] {
  const vpc = vpcOf(subject, eni);
  return [
    text('device-number', () => String(deviceOf(eni)), SINCE),
    text('interface-id', () => eni.eniId, SINCE),
    ...addressCategories(subject, eni),
    text('mac', () => formatMac(eni.mac), SINCE),
    text('network-card', () => '0', SINCE_CARDS),
    text('owner-id', () => vpc.realm.accountId, SINCE),
    lines('public-hostname', () => publicHostnames(subject, eni), SINCE),
    lines('public-ipv4s', () => publicAddresses(subject, eni), SINCE),
    lines('security-group-ids', () => eni.groupIds, SINCE),
    lines('security-groups', () => groupNames(subject, eni), SINCE),
    ...subnetCategories(subject, eni),
    text('vpc-id', () => vpc.vpcId, SINCE),
    text('vpc-ipv4-cidr-block', () => formatCidr(vpc.cidrs[0].cidr), SINCE),
    lines('vpc-ipv4-cidr-blocks', () => blocks(vpc.cidrs), SINCE_IPV6),
    lines('vpc-ipv6-cidr-blocks', () => blocks(vpc.ipv6Cidrs), SINCE_IPV6),
  ];
}

function addressCategories(subject: Subject, eni: Eni): readonly Entry[] {
  const associations = () =>
    publicMappings(subject, eni).map(({ publicAddr, privateAddr }) =>
      text(formatIpv4(publicAddr), () => formatIpv4(privateAddr)),
    );
  const prefixes = (family: 4 | 6) => () =>
    eni.prefixes.filter((prefix) => prefix.family === family).map(formatCidr);
  return [
    directory('ipv4-associations', associations, SINCE),
    lines('ipv4-prefix', prefixes(4)),
    lines('ipv6-prefix', prefixes(6)),
    lines('ipv6s', () => eni.ipv6Addresses.map(formatIpv6), SINCE_IPV6),
    text('local-hostname', () => localHostname(subject, eni), SINCE),
    lines('local-ipv4s', () => eni.addresses.map(formatIpv4), SINCE),
  ];
}

function subnetCategories({ fabric }: Subject, { subnetId }: Eni): readonly Entry[] {
  const subnet: Subnet | undefined = fabric.subnets.get(subnetId);
  const cidr = subnet?.cidr ?? null;
  return [
    text('subnet-id', () => subnetId, SINCE),
    text('subnet-ipv4-cidr-block', () => (cidr === null ? null : formatCidr(cidr)), SINCE),
    lines('subnet-ipv6-cidr-blocks', () => blocks(subnet?.ipv6Cidrs ?? []), SINCE_IPV6),
  ];
}

function blocks(associations: readonly { readonly cidr: Parameters<typeof formatCidr>[0] }[]) {
  return associations.map(({ cidr }) => formatCidr(cidr));
}

export function publicAddresses(subject: Subject, eni: Eni): readonly string[] {
  return publicMappings(subject, eni).map(({ publicAddr }) => formatIpv4(publicAddr));
}

export function groupNames({ fabric }: Subject, { groupIds }: Eni): readonly string[] {
  return groupIds.flatMap((id) => fabric.securityGroups.get(id)?.name ?? []);
}
