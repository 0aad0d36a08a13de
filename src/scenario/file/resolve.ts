/** A lab file with names resolved and defaults filled in; all but its steps. */

import type { Realm } from '../../model/realm.ts';
import type { FabricSettings, Quotas } from '../../model/settings.ts';
import { zonesOf } from '../../model/zones.ts';
import type { Lab, LabRouteTable, LabSubnet, LabVpc } from '../lab.ts';
import type { LabNetworkAcl, LabSecurityGroup } from '../lab-filters.ts';
import { parseDuration } from './durations.ts';
import { vpcIpv6Blocks } from './ipv6-blocks.ts';
import { zonesOfRealm } from './regions.ts';
import {
  resolveNetworkAcls,
  resolvePrefixLists,
  resolveSecurityGroups,
} from './resolve-filters.ts';
import { resolveFlowLogs } from './resolve-flow-logs.ts';
import { resolveGateways } from './resolve-gateways.ts';
import { resolveHostedZones } from './resolve-hosted-zones.ts';
import { resolveAllInstances, resolveInterfaces } from './resolve-instances.ts';
import { resolveInternet } from './resolve-internet.ts';
import { resolveLoadBalancing } from './resolve-load-balancing.ts';
import { resolveRouteTables, resolveSubnets, resolveVpc } from './resolve-network.ts';
import { resolveRoles } from './resolve-roles.ts';
import type { LabFile } from './schema.ts';
import type { LabFileSettings } from './schema-filters.ts';
import type { Scope } from './scope.ts';

/** All of a lab but its steps. */
export type Topology = Omit<Lab, 'steps'>;

export function resolveTopology(file: LabFile, scope: Scope): Topology {
  const { home } = scope.regions;
  const zones = resolveZones(file, home, scope);
  const vpcs = new Map<string, LabVpc>();
  const subnets = new Map<string, LabSubnet>();
  const routeTables = new Map<string, LabRouteTable>();
  const securityGroups = new Map<string, LabSecurityGroup>();
  const networkAcls = new Map<string, LabNetworkAcl>();
  const ipv6Blocks = vpcIpv6Blocks(file);
  for (const [name, fields] of Object.entries(file.vpcs ?? {})) {
    const ipv6 = ipv6Blocks.get(name) ?? null;
    const vpc = { ...resolveVpc(name, fields, scope), ipv6 };
    vpcs.set(name, vpc);
    const zonesThere = zonesOfRealm(vpc.realm, home, zones);
    for (const subnet of resolveSubnets(name, fields, zonesThere, ipv6, scope))
      subnets.set(subnet.key, subnet);
    for (const table of resolveRouteTables(vpc, fields, scope)) routeTables.set(table.key, table);
    const hasIpv6 = ipv6 !== null;
    for (const group of resolveSecurityGroups(name, fields, hasIpv6, scope))
      securityGroups.set(group.key, group);
    for (const acl of resolveNetworkAcls(name, fields, hasIpv6, scope))
      networkAcls.set(acl.key, acl);
  }
  const gateways = resolveGateways(file, subnets, scope);
  const instances = resolveAllInstances(file.instances ?? {}, subnets, scope);
  const taken = new Set([...instances.keys(), ...scope.groups.keys()]);
  const internet = resolveInternet(file.internet?.hosts ?? {}, taken, scope);
  return {
    name: file.name,
    description: file.description ?? '',
    file: scope.options.file,
    folder: scope.options.folder,
    home,
    zones,
    rules: file.rules === 'current' ? 'current' : '2020',
    hasDefaultVpc: file.defaultVpc ?? true,
    seed: file.seed === undefined ? null : String(file.seed),
    quotas: definedOf<Quotas>(file.quotas ?? {}),
    settings: resolveSettings(file.settings ?? {}),
    hasUplink: file.internet?.uplink === 'host',
    vpcs: joined(vpcs, internet.vpcs),
    subnets: joined(subnets, internet.subnets),
    routeTables: joined(routeTables, internet.routeTables),
    securityGroups: joined(securityGroups, internet.securityGroups),
    networkAcls: joined(networkAcls, internet.networkAcls),
    prefixLists: resolvePrefixLists(file.prefixLists ?? {}, scope),
    roles: resolveRoles(file.roles ?? {}, scope),
    interfaces: resolveInterfaces(file.interfaces ?? {}, subnets, scope),
    instances: joined(instances, internet.instances),
    flowLogs: resolveFlowLogs(file, scope),
    ...gateways,
    ...resolveLoadBalancing(file, scope),
    internetGateways: joined(gateways.internetGateways, internet.internetGateways),
    hostedZones: resolveHostedZones(file, scope),
  };
}

function joined<Row>(
  one: ReadonlyMap<string, Row>,
  other: ReadonlyMap<string, Row>,
): ReadonlyMap<string, Row> {
  return new Map([...one, ...other]);
}

function resolveSettings({
  fragments,
  tcpEstablishedTimeout,
  flowLogInterval,
  amis,
  packetDelay,
  eventualConsistency,
  ...others
}: LabFileSettings): Partial<FabricSettings> {
  const msOf = (text: string | undefined): number | undefined =>
    text === undefined ? undefined : (parseDuration(text) ?? 0);
  const secondsOf = (text: string | undefined): number | undefined =>
    text === undefined ? undefined : (parseDuration(text) ?? 0) / 1000;
  return definedOf<FabricSettings>({
    fragments,
    tcpEstablishedTimeoutS: secondsOf(tcpEstablishedTimeout),
    flowLogIntervalS: secondsOf(flowLogInterval),
    amis:
      amis === undefined
        ? undefined
        : new Map(
            Object.entries(amis).map(([id, image]) => [
              id === '*' ? id : (`ami-${id.slice('ami-'.length)}` as const),
              image,
            ]),
          ),
    packetDelayMs: msOf(packetDelay),
    eventualConsistencyMs: msOf(eventualConsistency),
    ...others,
  });
}

function definedOf<R>(fields: { readonly [K in keyof R]?: R[K] | undefined }): Partial<R> {
  const defined = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(defined) as Partial<R>;
}

function resolveZones(file: LabFile, { region }: Realm, scope: Scope): readonly string[] {
  const zones = file.zones ?? zonesOf(region);
  for (const [index, zone] of zones.entries()) {
    if (/^[a-z]$/.test(zone.slice(region.length)) && zone.startsWith(region)) continue;
    scope.report.at(
      ['zones', index],
      `Cannot use "${zone}": found a zone outside of the region, wanted one such as ${region}a`,
    );
  }
  return zones;
}
