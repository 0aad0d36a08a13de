/** Where the objects of a lab file are: in the region of the file, or in the one that they name. */
import { LAB_ACCOUNT_ID, type Realm } from '../../model/realm.ts';
import { isOpenRegion, OPEN_REGIONS, zonesOf } from '../../model/zones.ts';
import { type Path, type Reporter, wantedName } from './problems.ts';
import { REGION_PATTERN } from './schema-parts.ts';

export const DEFAULT_REGION = 'us-east-1';

/** By name. What is no region at all counts as not said; the shape tells of it. */
export interface Regions {
  readonly home: Realm;
  readonly vpcs: ReadonlyMap<string, Realm>;
  readonly prefixLists: ReadonlyMap<string, Realm>;
  readonly elasticAddresses: ReadonlyMap<string, Realm>;
}

type Members = Readonly<Record<string, unknown>>;

/** @param file As it was read, of any shape. */
export function regionsOf(file: {
  readonly region: unknown;
  readonly vpcs: Members;
  readonly prefixLists: Members;
  readonly elasticAddresses: Members;
}): Regions {
  const home = realmIn(file.region, { accountId: LAB_ACCOUNT_ID, region: DEFAULT_REGION });
  const each = (fields: Members) =>
    new Map(Object.entries(fields).map(([name, value]) => [name, realmIn(regionIn(value), home)]));
  return {
    home,
    vpcs: each(file.vpcs),
    prefixLists: each(file.prefixLists),
    elasticAddresses: each(file.elasticAddresses),
  };
}

function regionIn(fields: unknown): unknown {
  return (fields as Members | null | undefined)?.['region'];
}

function realmIn(region: unknown, otherwise: Realm): Realm {
  return typeof region === 'string' && REGION_PATTERN.test(region)
    ? { ...otherwise, region }
    : otherwise;
}

/** Reports a region that no account can use without asking; at home any name will do. */
export function checkRegion({ region }: Realm, home: Realm, path: Path, report: Reporter): void {
  if (region === home.region || isOpenRegion(region)) return;
  const wanted = wantedName(region, OPEN_REGIONS, 'a region');
  report.at(path, `Cannot use "${region}": found an unknown region, wanted ${wanted}`);
}

/** @param zonesAtHome Those that the file says, or all of its region. */
export function zonesOfRealm(
  { region }: Realm,
  home: Realm,
  zonesAtHome: readonly string[],
): readonly string[] {
  return region === home.region ? zonesAtHome : zonesOf(region);
}

/** Reports a prefix list that is in another region than the VPC that names it. @returns true for one that is not. */
export function checkListRegion(
  { vpcs, prefixLists, home }: Regions,
  list: string,
  vpc: string,
  report: (message: string) => void,
): boolean {
  const { region } = prefixLists.get(list) ?? home;
  const { region: wanted } = vpcs.get(vpc) ?? home;
  if (region === wanted) return true;
  report(
    `Cannot use "${list}": found a prefix list of ${region}, wanted one of ${wanted}, the region of VPC "${vpc}"`,
  );
  return false;
}
