/** The zones that AWS makes for a VPC: of private names, public names and addresses. */
import { ipv4Contains } from '../../addr/cidr.ts';
import { type Ipv4Addr, parseIpv4 } from '../../addr/ipv4.ts';
import { METADATA } from '../../addr/service-addresses.ts';
import type { RecordValue } from '../../model/dns-records.ts';
import type { InstanceId } from '../../model/ids.ts';
import { eniDnsName, privateDnsName, publicDomain, regionDomain } from '../../model/names.ts';
import type { Eni, Vpc } from '../../model/records.ts';
import type { Fabric } from '../../model/snapshot.ts';
import { isIpv6Only } from '../../model/subnets.ts';
import { indexOf } from './address-index.ts';
import {
  addressOfReverse4,
  isAboveReverse4,
  reverseZone6,
  reverseZones4,
} from './reverse-names.ts';
import { awsSoa, TTL } from './soa.ts';
import { hasNames, type VisibleVpc } from './visible-vpcs.ts';
import type { Zone } from './zone.ts';

/** What instance metadata is called, in front of the domain of the region. */
export const METADATA_NAME = 'instance-data';
const IP_NAME = /^ip-(\d+-\d+-\d+-\d+)$/;
const PUBLIC_NAME = /^ec2-(\d+-\d+-\d+-\d+)$/;
const RESOURCE_NAME = /^i-[0-9a-f]+$/;

/**
 * The private names of a region: `ip-10-0-0-5` for every address of the blocks, whether an interface
 * has it or not, and `i-…` for instances. @source DNS-2
 */
export function privateZone(fabric: Fabric, region: string, vpcs: readonly Vpc[]): Zone {
  const apex = regionDomain(region);
  return {
    apex,
    soa: awsSoa(apex),
    recordsAt: (name) => {
      const host = hostIn(apex, name);
      if (host === METADATA_NAME) return [addressRecord(METADATA.ipv4)];
      const addr = addressOf(IP_NAME, host);
      if (addr !== null) return isIn(vpcs, addr) ? [addressRecord(addr)] : null;
      return RESOURCE_NAME.test(host) ? resourceRecords(fabric, vpcs, host as InstanceId) : null;
    },
  };
}

/** What an instance's resource name stands for: by default AWS gives an address where there is no IPv4. */
function resourceRecords(
  fabric: Fabric,
  vpcs: readonly Vpc[],
  instanceId: InstanceId,
): RecordValue[] | null {
  const eni = indexOf(fabric).primaryEnis.get(instanceId);
  const subnet = eni && fabric.subnets.get(eni.subnetId);
  const isSeen = vpcs.some(({ vpcId }) => vpcId === eni?.vpcId);
  if (eni === undefined || subnet === undefined || !isSeen || !isIpv6Only(subnet)) return null;
  return eni.ipv6Addresses.map((addr) => ({ ttl: TTL, data: { type: 'AAAA', addr } }));
}

/**
 * The public names of a region. @param vpcs Those of which private addresses are given. @source DNS-4
 */
export function publicZone(fabric: Fabric, region: string, vpcs: readonly VisibleVpc[]): Zone {
  const apex = publicDomain(region);
  return {
    apex,
    soa: awsSoa(apex),
    recordsAt: (name) => {
      const addr = addressOf(PUBLIC_NAME, hostIn(apex, name));
      const found = addr === null ? undefined : indexOf(fabric).publicAddresses.get(addr);
      const vpc = found && fabric.vpcs.get(found.eni.vpcId);
      if (addr === null || vpc === undefined || !hasNames(vpc)) return null;
      if (found === undefined || vpc.realm.region !== region) return null;
      const isInside = vpcs.some((each) => each.isInside && each.vpc.vpcId === vpc.vpcId);
      return [addressRecord(isInside ? found.privateAddr : addr)];
    },
  };
}

/** The names of all IPv4 addresses of a VPC, whether an interface has them or not. @source DNS-3 */
export function reverseZonesOf(fabric: Fabric, vpc: Vpc): Zone[] {
  const { region } = vpc.realm;
  const zones4 = vpc.cidrs
    .flatMap(({ cidr }) => reverseZones4(cidr))
    .map((apex) => pointerZone(apex, (name) => pointersOfReverse4(region, name)));
  const enis = indexOf(fabric).reverse6.get(vpc.vpcId) ?? new Map<string, Eni>();
  const zones6 = vpc.ipv6Cidrs.map(({ cidr }) =>
    pointerZone(reverseZone6(cidr), (name) => {
      const eni = enis.get(name);
      if (eni !== undefined) return [eniDnsName(region, eni)].filter((each) => each !== null);
      return [...enis.keys()].some((each) => each.endsWith(`.${name}`)) ? [] : null;
    }),
  );
  return [...zones4, ...zones6];
}

function pointersOfReverse4(region: string, name: string): string[] | null {
  const addr = addressOfReverse4(name);
  if (addr !== null) return [privateDnsName(region, addr)];
  return isAboveReverse4(name) ? [] : null;
}

/** A zone of PTR records. @param pointersOf Gives what a name points to; null for no name. */
export function pointerZone(
  apex: string,
  pointersOf: (name: string) => readonly string[] | null,
): Zone {
  return {
    apex,
    soa: awsSoa(apex),
    recordsAt: (name) =>
      pointersOf(name)?.map((target) => ({ ttl: TTL, data: { type: 'PTR', target } })) ?? null,
  };
}

/** @returns the one label in front of a zone's name; '' when there are more, or none. */
function hostIn(apex: string, name: string): string {
  const host = name.slice(0, -apex.length - 1);
  return host.includes('.') ? '' : host;
}

/** @returns the address that a label spells, in the one way that there is. */
function addressOf(pattern: RegExp, label: string): Ipv4Addr | null {
  const [, spelled] = pattern.exec(label) ?? [];
  return spelled === undefined ? null : parseIpv4(spelled.replaceAll('-', '.'));
}

function isIn(vpcs: readonly Vpc[], addr: Ipv4Addr): boolean {
  return vpcs.some(({ cidrs }) => cidrs.some(({ cidr }) => ipv4Contains(cidr, addr)));
}

function addressRecord(addr: Ipv4Addr): RecordValue {
  return { ttl: TTL, data: { type: 'A', addr } };
}
