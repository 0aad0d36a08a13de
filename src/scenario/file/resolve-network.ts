/** The VPCs of a lab file with their subnets and route tables, names resolved and defaults filled in. */
import {
  type Cidr,
  type Ipv4Cidr,
  type Ipv6Cidr,
  parseCidr,
  parseIpv4Cidr,
} from '../../addr/cidr.ts';
import type { LabPrefixListRoute, LabRoute, LabRouteTable, LabSubnet, LabVpc } from '../lab.ts';
import { subnetIpv6Blocks } from './ipv6-blocks.ts';
import { wantedName } from './problems.ts';
import { checkListRegion, checkRegion } from './regions.ts';
import { resolveDhcpOptions } from './resolve-dhcp.ts';
import { resolveAclName } from './resolve-filters.ts';
import { resolveTarget } from './route-targets.ts';
import type { LabFileVpc } from './schema-network.ts';
import type { Scope } from './scope.ts';

export function resolveVpc(
  name: string,
  fields: LabFileVpc,
  { regions, report }: Scope,
): Omit<LabVpc, 'ipv6'> {
  const realm = regions.vpcs.get(name) ?? regions.home;
  checkRegion(realm, regions.home, ['vpcs', name, 'region'], report);
  const cidrs = typeof fields.cidr === 'string' ? [fields.cidr] : fields.cidr;
  return {
    name,
    realm,
    path: ['vpcs', name],
    cidrs: cidrs.map(blockOf),
    dhcpOptions: resolveDhcpOptions(fields),
    enableDnsSupport: fields.enableDnsSupport ?? true,
    enableDnsHostnames: fields.enableDnsHostnames ?? false,
  };
}

export function resolveSubnets(
  vpc: string,
  fields: LabFileVpc,
  zones: readonly string[],
  block: Ipv6Cidr | null,
  scope: Scope,
): LabSubnet[] {
  const ipv6Blocks = block === null ? new Map<string, Ipv6Cidr>() : subnetIpv6Blocks(fields, block);
  return Object.entries(fields.subnets).map(([name, subnet]) => {
    const path = ['vpcs', vpc, 'subnets', name];
    const zone = subnet.zone ?? zones[0] ?? '';
    if (!zones.includes(zone)) {
      const wanted = wantedName(zone, zones, 'a zone');
      scope.report.at(
        [...path, 'zone'],
        `Cannot place "${name}": found unknown zone "${zone}", wanted ${wanted}`,
      );
    }
    if (block === null && subnet.ipv6 !== undefined && subnet.ipv6 !== false) {
      scope.report.at(
        [...path, 'ipv6'],
        `Cannot give IPv6 to "${name}": found VPC "${vpc}" without it, wanted ipv6 in the VPC`,
      );
    }
    const { routeTable } = subnet;
    if (routeTable !== undefined && !scope.routeTables.has(`${vpc}/${routeTable}`)) {
      const wanted = wantedName(routeTable, Object.keys(fields.routeTables ?? {}), 'a route table');
      scope.report.at(
        [...path, 'routeTable'],
        `Cannot use "${routeTable}": found an unknown route table, wanted ${wanted}`,
      );
    }
    return {
      name,
      vpc,
      key: `${vpc}/${name}`,
      path,
      cidr: subnet.cidr === undefined ? null : blockOf(subnet.cidr),
      ipv6: ipv6Blocks.get(name) ?? null,
      zone,
      routeTable: routeTable ?? null,
      networkAcl: resolveAclName(subnet.networkAcl, vpc, [...path, 'networkAcl'], scope),
      mapPublicIpOnLaunch: subnet.mapPublicIpOnLaunch ?? false,
      dns64: subnet.dns64 ?? false,
      reservations: (subnet.reservations ?? []).map(({ cidr, type }) => ({
        cidr: blockOf(cidr),
        type,
      })),
    };
  });
}

/** What stands for every block of the VPC as the destination of a route. */
const LOCAL = 'local';

/** @param vpc With its blocks. */
export function resolveRouteTables(
  { name: vpc, cidrs, ipv6 }: LabVpc,
  fields: LabFileVpc,
  scope: Scope,
): LabRouteTable[] {
  const blocks: readonly Cidr[] = ipv6 === null ? cidrs : [...cidrs, ipv6];
  return Object.entries(fields.routeTables ?? {}).map(([name, table]) => {
    const path = ['vpcs', vpc, 'routeTables', name];
    const routes: LabRoute[] = [];
    const prefixListRoutes: LabPrefixListRoute[] = [];
    for (const [to, targetName] of Object.entries(table.routes ?? {})) {
      const routePath = [...path, 'routes', to];
      const destination = parseCidr(to);
      const target = resolveTarget(scope, vpc, to, targetName, routePath);
      if (to === LOCAL) {
        if (target === null) continue;
        routes.push(...blocks.map((block) => ({ destination: block, target, path: routePath })));
      } else if (destination === null && !scope.prefixLists.has(to)) {
        const wanted = wantedName(
          to,
          scope.prefixLists,
          'a block such as 192.0.2.0/24 or a prefix list',
        );
        scope.report.atKey(
          routePath,
          `Cannot route "${to}": found an unknown prefix list, wanted ${wanted}`,
        );
      } else if (target !== null) {
        if (destination === null) {
          const tell = (message: string) => scope.report.atKey(routePath, message);
          if (checkListRegion(scope.regions, to, vpc, tell))
            prefixListRoutes.push({ prefixList: to, target, path: routePath });
        } else routes.push({ destination, target, path: routePath });
      }
    }
    const main = table.main ?? false;
    return { name, vpc, key: `${vpc}/${name}`, path, main, routes, prefixListRoutes };
  });
}

/** The schema has let through only texts that parse. */
function blockOf(text: string): Ipv4Cidr {
  const block = parseIpv4Cidr(text);
  if (block === null) throw new TypeError(`no IPv4 block: ${text}`);
  return block;
}
