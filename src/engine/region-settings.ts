/** What the regions of a lab are like before anything is made in them, by what that of the lab file is like. */
import { isInternet, type Realm } from '../model/realm.ts';
import type { RegionSettings } from '../model/store.ts';
import { isOpenRegion, zonesOf } from '../model/zones.ts';

/** Every block of public hosts is a VPC, and AWS's quotas are not those of the internet. */
const INTERNET_VPCS = 1000;

/**
 * @param home The region of the lab file; rules, settings and quotas are those of every region.
 * @returns null for a region that AWS has not, or that an account must ask for first.
 */
export function settingsOfRegion(home: RegionSettings, realm: Realm): RegionSettings | null {
  const { accountId, region } = realm;
  if (isInternet(realm)) {
    const vpcsPerRegion = INTERNET_VPCS;
    const quotas = { ...home.quotas, vpcsPerRegion, internetGatewaysPerRegion: vpcsPerRegion };
    return { ...home, accountId, region, availabilityZones: [region], quotas };
  }
  if (region === home.region) return { ...home, accountId };
  if (!isOpenRegion(region)) return null;
  return { ...home, accountId, region, availabilityZones: zonesOf(region) };
}
