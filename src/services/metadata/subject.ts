/** The instance that asks, with what its metadata is computed from. */
import type { Ipv4Addr } from '../../addr/ipv4.ts';
import { elasticAddressAt } from '../../model/lookups/elastic-addresses.ts';
import { eniHostName, publicDnsName, regionDomain } from '../../model/names.ts';
import type { Realm } from '../../model/realm.ts';
import type { Eni, Instance, Vpc } from '../../model/records.ts';
import type { Fabric } from '../../model/snapshot.ts';
import type { Caller } from '../caller.ts';

export interface Subject {
  readonly instance: Instance;
  readonly fabric: Fabric;
  /** Of the instance: an interface may be another account's. */
  readonly realm: Realm;
  /** All of them, by device; the primary one first (IMDS-7). */
  readonly enis: readonly Eni[];
  readonly primary: Eni;
}

export function subjectOf({ instance, fabric, eni, vpc }: Caller): Subject {
  const enis = [...fabric.enis.values()].filter(
    ({ attachment }) => attachment?.instanceId === instance.instanceId,
  );
  enis.sort((one, other) => deviceOf(one) - deviceOf(other));
  const { realm } = fabric.vpcs.get(instance.vpcId) ?? vpc;
  return { instance, fabric, realm, enis, primary: enis[0] ?? eni };
}

export function deviceOf({ attachment }: Eni): number {
  return attachment?.deviceIndex ?? 0;
}

export function vpcOf({ fabric }: Subject, { vpcId }: Eni): Vpc {
  const vpc = fabric.vpcs.get(vpcId);
  if (vpc === undefined) throw new Error(`the snapshot names "${vpcId}", which it has not`);
  return vpc;
}

/**
 * The name in the domain that DHCP tells the instance.
 * @returns null when the interface has none.
 * @source DHCP-3, DHCP-8, DNS-2
 */
export function localHostname(subject: Subject, eni: Eni): string | null {
  const { dhcpOptionsId, realm } = vpcOf(subject, eni);
  const options =
    dhcpOptionsId === 'default' ? undefined : subject.fabric.dhcpOptions.get(dhcpOptionsId);
  const host = eniHostName(eni);
  return host === null ? null : `${host}.${options?.domainName ?? regionDomain(realm.region)}`;
}

/** A public address and the private one that it is mapped to. */
interface PublicMapping {
  readonly publicAddr: Ipv4Addr;
  readonly privateAddr: Ipv4Addr;
}

/** @returns those of the interface, that of its primary address first. @source ENI-10 */
export function publicMappings({ fabric }: Subject, eni: Eni): readonly PublicMapping[] {
  return eni.addresses.flatMap((privateAddr, place) => {
    const elastic = elasticAddressAt(fabric, eni.eniId, privateAddr)?.publicAddr;
    const publicAddr = elastic ?? (place === 0 ? eni.autoPublicAddress?.publicAddr : null);
    return publicAddr == null ? [] : [{ publicAddr, privateAddr }];
  });
}

/** @returns none while the VPC gives no DNS hostnames. @source DNS-2 */
export function publicHostnames(subject: Subject, eni: Eni): readonly string[] {
  const { enableDnsHostnames, enableDnsSupport, realm } = vpcOf(subject, eni);
  if (!enableDnsHostnames || !enableDnsSupport) return [];
  return publicMappings(subject, eni).map(({ publicAddr }) =>
    publicDnsName(realm.region, publicAddr),
  );
}
