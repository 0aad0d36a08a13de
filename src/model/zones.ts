/** Availability zones: names, which differ from account to account, and ids, which do not. */
import type { Realm } from './realm.ts';
import { REGIONS } from './region-table.ts';

/** Of all regions, those that an account must ask for as well. */
export const REGION_NAMES: readonly string[] = Object.keys(REGIONS);

/** The regions that every account can use without asking for them. */
export const OPEN_REGIONS: readonly string[] = Object.entries(REGIONS)
  .filter(([, { isOptIn }]) => isOptIn !== true)
  .map(([region]) => region);

/** @returns true for a region that every account can use without asking for it. */
export function isOpenRegion(region: string): boolean {
  return OPEN_REGIONS.includes(region);
}

/** @returns the zones that an account sees; three, when AWS has no such region. */
export function zonesOf(region: string): string[] {
  const letters = REGIONS[region]?.letters ?? 'abc';
  return Array.from(letters, (letter) => `${region}${letter}`);
}

/** Regions of the first generation, whose zone names each account has in an order of its own. */
const SHUFFLED = ['us-east-1', 'us-west-1', 'us-west-2', 'ap-northeast-1', 'sa-east-1'];

/**
 * Gives the place behind the name of a zone: the same id is the same place in every account.
 * In the oldest regions the names are dealt out anew for each account, in the others a is az1.
 * @param zone A zone of the region.
 * @returns such as `use1-az4`.
 */
export function zoneId({ accountId, region }: Realm, zone: string): string {
  const prefix = REGIONS[region]?.zonePrefix ?? region.replaceAll('-', '');
  const zones = zonesOf(region);
  const place = Math.max(0, zones.indexOf(zone));
  const shift = SHUFFLED.includes(region) ? Number(accountId) % zones.length : 0;
  return `${prefix}-az${((place + shift) % zones.length) + 1}`;
}
