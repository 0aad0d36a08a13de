/** The hosted zones of a running lab, which no document of EC2 tells of. */
import type { HostedZone } from '../../model/hosted-zones.ts';
import type { LabFileHostedZone, LabFileHostedZones } from '../file/schema-dns.ts';
import type { ImportContext } from './context.ts';

type LabFileRecords = NonNullable<LabFileHostedZone['records']>;

/** Zones of VPCs that are not in the file are left out. */
export function importHostedZones({ facts, names, leftOut }: ImportContext): LabFileHostedZones {
  const zones: LabFileHostedZones = {};
  for (const zone of facts.hostedZones) {
    const { callerReference: key, name, hostedZoneId: id } = zone;
    const vpcs = zone.vpcIds.flatMap((vpcId) => names.vpcs.get(vpcId) ?? []);
    if (vpcs.length === 0) {
      const reason = 'its VPCs are not in the lab file';
      leftOut.push({ what: `hosted zone ${key}`, id, reason });
      continue;
    }
    const records = recordsOf(zone);
    zones[key] = {
      ...(key === name ? {} : { name }),
      vpcs,
      ...(Object.keys(records).length === 0 ? {} : { records }),
    };
  }
  return zones;
}

/** All records of a name have one TTL in a lab file, as they were put by one. */
function recordsOf({ name: zone, recordSets }: HostedZone): LabFileRecords {
  const records: LabFileRecords = {};
  for (const { name, type, ttl, values } of recordSets) {
    const owner = name === zone ? '@' : name.slice(0, -zone.length - 1);
    const [first = ''] = values;
    const value = values.length === 1 ? first : [...values];
    records[owner] = { ttl, ...records[owner], [type]: value };
  }
  return records;
}
