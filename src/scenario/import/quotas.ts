/** What a lab needs more of than AWS gives without being asked. */
import { DEFAULT_QUOTAS, type Quotas } from '../../model/settings.ts';
import type { Lab } from '../lab.ts';

/** @returns the quotas that the lab is beyond, with what it needs. */
export function neededQuotas(lab: Lab): Partial<Quotas> {
  const perVpc = (rows: ReadonlyMap<string, { readonly vpc: string }>) =>
    most(Array.from(lab.vpcs.keys(), (vpc) => count(rows.values(), (row) => row.vpc === vpc)));
  const sizeOf = (name: string) => lab.prefixLists.get(name)?.maxEntries ?? 1;
  const groups = [...lab.securityGroups.values()];
  const rules = groups.flatMap(({ ingress, egress }) =>
    [ingress, egress].flatMap((list) =>
      ([4, 6] as const).map((family) =>
        sum(
          list.map(({ peer }) => {
            if (peer.kind === 'prefix-list') return sizeOf(peer.name);
            return peer.kind === 'cidr' && peer.cidr.family !== family ? 0 : 1;
          }),
        ),
      ),
    ),
  );
  const routes = Array.from(
    lab.routeTables.values(),
    (table) =>
      table.routes.length + sum(table.prefixListRoutes.map(({ prefixList }) => sizeOf(prefixList))),
  );
  const owners = [...lab.instances.values(), ...lab.interfaces.values()];
  const entries = Array.from(lab.networkAcls.values(), (acl) =>
    most(
      [true, false].flatMap((isEgress) =>
        ([4, 6] as const).map((family) =>
          count(acl.entries, (each) => each.isEgress === isEgress && each.cidr.family === family),
        ),
      ),
    ),
  );
  const needed: Partial<Quotas> = {
    vpcsPerRegion: largestRegion(lab, lab.vpcs.keys()),
    subnetsPerVpc: perVpc(lab.subnets),
    enisPerRegion: owners.length,
    // The main table and the default ACL, and the final denial, count too.
    routeTablesPerVpc: perVpc(lab.routeTables) + 1,
    routesPerTable: most(routes),
    ipv4CidrsPerVpc: most(Array.from(lab.vpcs.values(), ({ cidrs }) => cidrs.length)),
    securityGroupsPerRegion: groups.length,
    rulesPerSecurityGroup: most(rules),
    securityGroupsPerEni: most(owners.map(({ securityGroups }) => securityGroups.length)),
    networkAclsPerVpc: perVpc(lab.networkAcls),
    entriesPerNetworkAcl: most(entries) + 1,
    prefixListsPerRegion: lab.prefixLists.size,
    ...neededOfGateways(lab),
  };
  const beyond = Object.entries(needed).filter(
    ([name, value]) => value > DEFAULT_QUOTAS[name as keyof Quotas],
  );
  return Object.fromEntries(beyond) as Partial<Quotas>;
}

function neededOfGateways(lab: Lab): Partial<Quotas> {
  const inRegions = (keys: Iterable<string>) => largestRegion(lab, keys);
  const peerings = Array.from(lab.vpcs.keys(), (vpc) =>
    count(lab.peerings.values(), ({ from, to }) => from === vpc || to === vpc),
  );
  const natZones = Array.from(
    lab.natGateways.values(),
    ({ subnet }) => lab.subnets.get(subnet)?.zone ?? '',
  );
  return {
    elasticAddressesPerRegion: lab.elasticAddresses.size,
    // That of the default VPC counts too.
    internetGatewaysPerRegion: inRegions(lab.internetGateways.keys()) + 1,
    egressOnlyGatewaysPerRegion: inRegions(lab.egressOnlyGateways.keys()),
    natGatewaysPerZone: mostAlike(natZones),
    activePeeringsPerVpc: most(peerings),
    gatewayEndpointsPerRegion: inRegions(lab.endpoints.keys()),
    interfaceEndpointsPerVpc: mostAlike(
      Array.from(lab.balancerEndpoints.values(), ({ vpc }) => vpc),
    ),
    gatewayLoadBalancersPerRegion: inRegions(lab.loadBalancers.keys()),
    geneveTargetGroupsPerRegion: inRegions(lab.targetGroups.keys()),
    targetsPerGeneveTargetGroup: most(
      Array.from(lab.targetGroups.values(), ({ targets }) => targets.length),
    ),
  };
}

/** @param key Of a VPC, or `vpc/name`. */
function inRegion(lab: Lab, key: string): string {
  return lab.vpcs.get(key.split('/')[0] ?? '')?.realm.region ?? lab.home.region;
}

/** @returns how many are in the region with most of them. */
function largestRegion(lab: Lab, keys: Iterable<string>): number {
  return mostAlike(Array.from(keys, (key) => inRegion(lab, key)));
}

function mostAlike(words: readonly string[]): number {
  return most(words.map((word) => words.filter((each) => each === word).length));
}

function most(counts: readonly number[]): number {
  return Math.max(0, ...counts);
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, each) => total + each, 0);
}

function count<R>(rows: Iterable<R>, test: (row: R) => boolean): number {
  let found = 0;
  for (const row of rows) if (test(row)) found += 1;
  return found;
}
