/**
 * All zones that a VPC sees. The zone that a name belongs to is the one that begins nearest above it;
 * where two begin at the same name, a private hosted zone goes before what AWS makes.
 * @source AWS: Resolver goes by the most specific domain name, then private hosted zones, then autodefined rules
 */
import { METADATA } from '../../addr/service-addresses.ts';
import type { VpcId } from '../../model/ids.ts';
import { publicDnsName, regionDomain } from '../../model/names.ts';
import type { Vpc } from '../../model/records.ts';
import type { Fabric } from '../../model/snapshot.ts';
import { REGION_NAMES } from '../../model/zones.ts';
import { indexOf } from './address-index.ts';
import { FIXED_ZONES } from './fixed-names.ts';
import { zoneOfHosted } from './hosted-zone.ts';
import { reverseName4 } from './reverse-names.ts';
import { ROOT_SOA } from './soa.ts';
import { hasNames, visibleVpcs } from './visible-vpcs.ts';
import {
  METADATA_NAME,
  pointerZone,
  privateZone,
  publicZone,
  reverseZonesOf,
} from './vpc-names.ts';
import { parentOf, suffixesOf } from './wire.ts';
import type { Zone } from './zone.ts';

/** Blocks of private addresses, which nobody else is asked about. @source AWS: autodefined rules of Resolver */
const PRIVATE_REVERSE = [
  '10.in-addr.arpa',
  ...Array.from({ length: 16 }, (_, place) => `${16 + place}.172.in-addr.arpa`),
  '168.192.in-addr.arpa',
];

export class ZoneTable {
  readonly #zones: ReadonlyMap<string, Zone>;
  readonly #root: Zone;

  /** @param zones Later ones replace earlier ones of the same name. */
  constructor(zones: readonly Zone[]) {
    this.#zones = new Map(zones.map((zone) => [zone.apex, zone]));
    this.#root = rootOf(zones);
  }

  /** @returns the zone of a name; the root when the name is in no other. */
  zoneOf(name: string): Zone {
    for (const suffix of suffixesOf(name)) {
      const zone = this.#zones.get(suffix);
      if (zone !== undefined) return zone;
    }
    return this.#root;
  }

  /** @returns true when nothing but the internet could know the name. */
  isUnknown(name: string): boolean {
    return this.zoneOf(name) === this.#root && this.#root.recordsAt(name) === null;
  }
}

/** The root has nothing but the names above those of other zones. */
function rootOf(zones: readonly Zone[]): Zone {
  const above = new Set(zones.flatMap(({ apex }) => [...suffixesOf(parentOf(apex))]));
  return {
    apex: '',
    soa: ROOT_SOA,
    recordsAt: (name) => (above.has(name) ? [] : null),
  };
}

const tables = new WeakMap<Fabric, Map<VpcId, ZoneTable>>();

/** @returns what a VPC sees at the moment; the same object until the fabric changes. */
export function zoneTableOf(fabric: Fabric, vpc: Vpc): ZoneTable {
  const ofFabric = tables.get(fabric) ?? new Map<VpcId, ZoneTable>();
  tables.set(fabric, ofFabric);
  const known = ofFabric.get(vpc.vpcId);
  if (known !== undefined) return known;
  const table = new ZoneTable([
    ...FIXED_ZONES,
    ...publicReverseZones(fabric),
    ...namesOf(fabric, vpc),
  ]);
  ofFabric.set(vpc.vpcId, table);
  return table;
}

function namesOf(fabric: Fabric, vpc: Vpc): Zone[] {
  const visible = visibleVpcs(fabric, vpc);
  const publicZones = REGION_NAMES.map((region) => publicZone(fabric, region, visible));
  if (!hasNames(vpc)) return publicZones;
  const vpcs = visible.map((each) => each.vpc);
  const regions = new Set(vpcs.map(({ realm }) => realm.region));
  return [
    ...publicZones,
    ...PRIVATE_REVERSE.map((apex) => pointerZone(apex, () => null)),
    metadataReverseZone(vpc.realm.region),
    ...[...regions].map((region) =>
      privateZone(
        fabric,
        region,
        vpcs.filter(({ realm }) => realm.region === region),
      ),
    ),
    ...vpcs.flatMap((each) => reverseZonesOf(fabric, each)),
    ...[...fabric.hostedZones.values()]
      .filter(({ vpcIds }) => vpcIds.includes(vpc.vpcId))
      .map(zoneOfHosted),
  ];
}

function metadataReverseZone(region: string): Zone {
  const target = `${METADATA_NAME}.${regionDomain(region)}`;
  const apex = reverseName4(METADATA.ipv4);
  return pointerZone(apex, (name) => (name === apex ? [target] : null));
}

/** The reverse names of elastic addresses are the internet's: whoever asks sees them. */
function publicReverseZones(fabric: Fabric): Zone[] {
  const { publicAddresses } = indexOf(fabric);
  const given = [...fabric.elasticAddresses.values()].flatMap(({ publicAddr, ptrRecord }) =>
    ptrRecord === null ? [] : ([[publicAddr, ptrRecord.replace(/\.$/, '').toLowerCase()]] as const),
  );
  const made = [...publicAddresses].flatMap(([addr, { eni }]) => {
    const vpc = fabric.vpcs.get(eni.vpcId);
    return vpc !== undefined && hasNames(vpc)
      ? ([[addr, publicDnsName(vpc.realm.region, addr)]] as const)
      : [];
  });
  return [...new Map([...made, ...given])].map(([addr, target]) => {
    const apex = reverseName4(addr);
    return pointerZone(apex, (name) => (name === apex ? [target] : null));
  });
}
