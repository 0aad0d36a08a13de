/** The zones that are the same for everybody: of the host itself, and of the lab's own API. */
import { parseIpv4 } from '../../addr/ipv4.ts';
import { parseIpv6 } from '../../addr/ipv6.ts';
import { API } from '../../addr/service-addresses.ts';
import type { RecordData } from '../../model/dns-records.ts';
import { REGION_NAMES } from '../../model/zones.ts';
import { reverseName4, reverseName6 } from './reverse-names.ts';
import { awsSoa, TTL } from './soa.ts';
import { listedZone, type Zone } from './zone.ts';

const LOOPBACK4 = parseIpv4('127.0.0.1') as NonNullable<ReturnType<typeof parseIpv4>>;
const LOOPBACK6 = parseIpv6('::1') as NonNullable<ReturnType<typeof parseIpv6>>;
const UNSPECIFIED6 = parseIpv6('::') as NonNullable<ReturnType<typeof parseIpv6>>;

const LOOPBACK: readonly RecordData[] = [
  { type: 'A', addr: LOOPBACK4 },
  { type: 'AAAA', addr: LOOPBACK6 },
];
const LOCALHOST: RecordData = { type: 'PTR', target: 'localhost' };

const API4: RecordData = { type: 'A', addr: API.ipv4 };
const API6: RecordData = { type: 'AAAA', addr: API.ipv6 };
const API_SERVICES = ['ec2', 'sts', 'elasticloadbalancing'];

/** @source RFC 6761 6.3, RFC 6303 4.2; AWS: autodefined rules of Resolver */
const HOST_ZONES: readonly Zone[] = [
  zoneOf('localhost', { localhost: LOOPBACK, '*.localhost': LOOPBACK }),
  zoneOf('localdomain', {}),
  zoneOf('127.in-addr.arpa', { [reverseName4(LOOPBACK4)]: [LOCALHOST] }),
  zoneOf(reverseName6(LOOPBACK6), { [reverseName6(LOOPBACK6)]: [LOCALHOST] }),
  zoneOf(reverseName6(UNSPECIFIED6), {}),
];

/** The names under which clients look for the API: of each region, and of none. */
const API_ZONES: readonly Zone[] = API_SERVICES.flatMap((service) => [
  zoneOfName(`${service}.amazonaws.com`, [API4]),
  ...REGION_NAMES.flatMap((region) => [
    zoneOfName(`${service}.${region}.amazonaws.com`, [API4]),
    zoneOfName(`${service}.${region}.api.aws`, [API4, API6]),
  ]),
]);

export const FIXED_ZONES: readonly Zone[] = [...HOST_ZONES, ...API_ZONES];

function zoneOfName(name: string, records: readonly RecordData[]): Zone {
  return zoneOf(name, { [name]: records });
}

function zoneOf(apex: string, records: Readonly<Record<string, readonly RecordData[]>>): Zone {
  const values = Object.entries(records).map(
    ([name, list]) => [name, list.map((data) => ({ ttl: TTL, data }))] as const,
  );
  return listedZone({ apex, soa: awsSoa(apex) }, new Map(values));
}
