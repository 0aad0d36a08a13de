/** Which of the records become a lab file: those of the VPCs that are wanted, in one region. */
import { isOpenRegion } from '../../model/zones.ts';
import type { ImportContext, LeftOut } from './context.ts';
import { usablePrefixLists } from './prefix-lists.ts';
import type { AwsRecords } from './records.ts';
import { selectGateways } from './select-gateways.ts';

const REGION = /^[a-z]{2}(?:-[a-z]+)+-\d/;

/** @returns the region that most subnets are in; null when there are none. */
export function regionOf({ subnets }: AwsRecords): string | null {
  const counts = new Map<string, number>();
  for (const { AvailabilityZone } of subnets.values()) {
    const region = REGION.exec(AvailabilityZone)?.[0];
    if (region !== undefined) counts.set(region, (counts.get(region) ?? 0) + 1);
  }
  const [most] = [...counts].toSorted(([, a], [, b]) => b - a);
  return most?.[0] ?? null;
}

/** @returns the zones of the region that subnets are in, in order. */
export function zonesIn({ subnets }: AwsRecords, region: string): string[] {
  const zones = Array.from(subnets.values(), ({ AvailabilityZone }) => AvailabilityZone);
  return [...new Set(zones)].filter((zone) => REGION.exec(zone)?.[0] === region).toSorted();
}

/** @returns the region of each VPC that has a subnet, which alone tells it. */
export function regionsIn({ subnets }: AwsRecords): Map<string, string> {
  const regions = new Map<string, string>();
  for (const { VpcId, AvailabilityZone } of subnets.values()) {
    const region = REGION.exec(AvailabilityZone)?.[0];
    if (region !== undefined && !regions.has(VpcId)) regions.set(VpcId, region);
  }
  return regions;
}

/** Which regions become part of a lab file. */
export interface WantedRegions {
  /** That of the file. */
  readonly home: string;
  /** false: those of the other VPCs too. */
  readonly isOnly: boolean;
  /** Of VPCs, by their ids; those that are not there are at home. */
  readonly ofVpcs: ReadonlyMap<string, string>;
}

/** @returns why the VPC is no part of the file; null: it is. */
function whyNotThere(vpcId: string, { home, isOnly, ofVpcs }: WantedRegions): string | null {
  const region = ofVpcs.get(vpcId) ?? home;
  if (region === home) return null;
  if (isOnly) return `it is in ${region}, and the import is of ${home} only`;
  return isOpenRegion(region) ? null : `it is in ${region}, which a lab has not`;
}

/** Tells whether a VPC is a default one in which there is nothing. */
function isSpare({ vpcs, subnets, interfaces, instances }: AwsRecords, vpcId: string): boolean {
  if (vpcs.get(vpcId)?.IsDefault !== true) return false;
  return ![...interfaces.values(), ...instances.values()].some(
    ({ SubnetId = '' }) => subnets.get(SubnetId)?.VpcId === vpcId,
  );
}

/**
 * @param wanted Ids of VPCs; none: all.
 * @returns the records that a lab file can have; what is left out of other regions is told.
 */
export function selectRecords(
  records: AwsRecords,
  regions: WantedRegions,
  wanted: readonly string[],
  leftOut: LeftOut[],
): ImportContext['records'] {
  const chosen = [...records.vpcs].filter(([id]) => wanted.length === 0 || wanted.includes(id));
  for (const [id] of chosen) {
    const reason = whyNotThere(id, regions);
    if (reason !== null) leftOut.push({ what: 'VPC', id, reason });
  }
  const spare = wanted.length === 0 ? chosen.filter(([id]) => isSpare(records, id)) : [];
  for (const [id] of spare) {
    const reason = 'nothing is in it, and a lab has one of its own';
    leftOut.push({ what: 'the default VPC', id, reason });
  }
  const vpcs = new Map(
    chosen.filter((row) => whyNotThere(row[0], regions) === null && !spare.includes(row)),
  );
  const own = <R extends { readonly VpcId: string }>(
    rows: ReadonlyMap<string, R>,
    what: string,
  ): Map<string, R> => {
    for (const [id, { VpcId }] of rows) {
      // In one of AWS's answers all VPCs are there; without that answer nothing can be built.
      if (records.vpcs.has(VpcId) || (wanted.length > 0 && !wanted.includes(VpcId))) continue;
      const reason = VpcId === '' ? 'it is in no VPC' : `its VPC ${VpcId} is not in the input`;
      leftOut.push({ what, id, reason });
    }
    return new Map([...rows].filter(([, { VpcId }]) => vpcs.has(VpcId)));
  };
  const subnets = [...own(records.subnets, 'subnet')].filter(
    ([id, { VpcId, AvailabilityZone }]) => {
      const region = regions.ofVpcs.get(VpcId) ?? regions.home;
      if (new RegExp(`^${region}[a-z]$`).test(AvailabilityZone)) return true;
      const reason = `it is in ${AvailabilityZone}, and a lab has the zones of its regions only`;
      leftOut.push({ what: 'subnet', id, reason });
      return false;
    },
  );
  const isElsewhere = (subnetId: string | undefined) => {
    const VpcId = records.subnets.get(subnetId ?? '')?.VpcId;
    return VpcId !== undefined && !vpcs.has(VpcId);
  };
  const isNear = ([, each]: readonly [string, { readonly SubnetId?: string | undefined }]) =>
    !isElsewhere(each.SubnetId);
  const resources = new Set([
    ...vpcs.keys(),
    ...subnets.map(([id]) => id),
    ...[...records.interfaces].filter(isNear).map(([id]) => id),
  ]);
  const logs = [...records.flowLogs].filter(
    ([, { ResourceId }]) => wanted.length === 0 || resources.has(ResourceId),
  );
  return {
    ...records,
    vpcs,
    subnets: new Map(subnets),
    interfaces: new Map([...records.interfaces].filter(isNear)),
    instances: new Map([...records.instances].filter(isNear)),
    routeTables: own(records.routeTables, 'route table'),
    securityGroups: own(records.securityGroups, 'security group'),
    networkAcls: own(records.networkAcls, 'network ACL'),
    prefixLists: usablePrefixLists(records, leftOut),
    flowLogs: new Map(logs),
    ...selectGateways(records, vpcs, wanted, leftOut),
  };
}
