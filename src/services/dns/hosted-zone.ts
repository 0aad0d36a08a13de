/** A private hosted zone as a zone of the resolver. */
import type { RecordValue } from '../../model/dns-records.ts';
import type { HostedZone, RecordSet } from '../../model/hosted-zones.ts';
import { parseRecordValue } from '../../model/record-values.ts';
import { listedZone, type Zone } from './zone.ts';

/** What Route 53 gives a private zone; there is nobody at these names. */
const NAME_SERVERS = [
  'ns-0.awsdns-00.com',
  'ns-512.awsdns-00.net',
  'ns-1024.awsdns-00.org',
  'ns-1536.awsdns-00.co.uk',
];
const NS_TTL_S = 172_800;
const SOA: Zone['soa'] = {
  ttl: 900,
  data: {
    type: 'SOA',
    primary: 'ns-1536.awsdns-00.co.uk',
    mailbox: 'awsdns-hostmaster.amazon.com',
    serial: 1,
    refresh: 7200,
    retry: 900,
    expire: 1_209_600,
    minimum: 86_400,
  },
};

const zones = new WeakMap<HostedZone, Zone>();

/** @returns the same object for the same zone, which never changes. */
export function zoneOfHosted(hosted: HostedZone): Zone {
  const known = zones.get(hosted);
  if (known !== undefined) return known;
  const zone = makeZone(hosted);
  zones.set(hosted, zone);
  return zone;
}

function makeZone({ name, recordSets }: HostedZone): Zone {
  const records = new Map<string, RecordValue[]>();
  for (const set of recordSets) {
    records.set(set.name, [...(records.get(set.name) ?? []), ...valuesOf(set)]);
  }
  const apex = records.get(name) ?? [];
  const soa = apex.find(isSoa) ?? SOA;
  const servers = apex.some(({ data }) => data.type === 'NS')
    ? []
    : NAME_SERVERS.map((target): RecordValue => ({ ttl: NS_TTL_S, data: { type: 'NS', target } }));
  records.set(name, [...apex.filter((each) => !isSoa(each)), ...servers, soa]);
  return listedZone({ apex: name, soa }, records);
}

function isSoa(value: RecordValue): value is Zone['soa'] {
  return value.data.type === 'SOA';
}

/** The action that put the zone has let nothing else in. */
function valuesOf({ type, ttl, values }: RecordSet): RecordValue[] {
  return values
    .map((text) => parseRecordValue(type, text))
    .flatMap((data) => ('wanted' in data ? [] : [{ ttl, data }]));
}
