/**
 * From what the AWS CLI prints to a lab file. Of a running lab the same documents are exported, so
 * there is one way from a VPC to a file.
 */
import { DEFAULT_QUOTAS, type Quotas } from '../../model/settings.ts';
import { zonesOf } from '../../model/zones.ts';
import { DEFAULT_REGION } from '../file/regions.ts';
import type { OpenLabFile } from '../file/schema.ts';
import type { LoadOptions } from '../file/scope.ts';
import type { Lab } from '../lab.ts';
import {
  type ImportContext,
  type ImportFacts,
  type LeftOut,
  legalLabName,
  nameRecords,
} from './context.ts';
import { importFlowLogs } from './flow-logs.ts';
import { importElasticAddresses, importGateways, importPeerings } from './gateways.ts';
import { importHostedZones } from './hosted-zones.ts';
import { type ImportedInterfaces, importInterfaces } from './interfaces.ts';
import { chooseIpv6 } from './ipv6.ts';
import { importLoadBalancing } from './load-balancing.ts';
import { importNetworkAcls } from './network-acls.ts';
import { leaveOthers } from './others.ts';
import { importPrefixLists } from './prefix-lists.ts';
import { pruneLabFile } from './prune.ts';
import { neededQuotas } from './quotas.ts';
import type { AwsRecords } from './records.ts';
import { renderLabFile } from './render.ts';
import { importRoles } from './roles.ts';
import { importRouteTables } from './routes.ts';
import { importSecurityGroups } from './security-groups.ts';
import { regionOf, regionsIn, selectRecords, zonesIn } from './select.ts';
import { tellInGeneral } from './unsaid.ts';
import { importVpc } from './vpcs.ts';

export interface ImportOptions {
  /** The lab's name; made legal. */
  readonly name: string;
  /** The first lines of the file. */
  readonly header: string;
  /** Ids of VPCs; none: all. */
  readonly vpcs: readonly string[];
  /** Only this one; null: all, and the file is of the one that most subnets are in. */
  readonly region: string | null;
  /** What a running lab tells beside its documents. */
  readonly facts?: Partial<ImportFacts>;
  readonly load: LoadOptions;
}

export interface ImportedLab {
  readonly text: string;
  /** What the text is when it is loaded. */
  readonly lab: Lab;
  readonly leftOut: readonly LeftOut[];
}

/** @returns a lab file that can be loaded, whatever the records say. */
export function importLab(given: AwsRecords, options: ImportOptions): ImportedLab {
  const leftOut: LeftOut[] = [];
  const region = options.region ?? options.facts?.region ?? regionOf(given) ?? DEFAULT_REGION;
  const ofVpcs = new Map([...regionsIn(given), ...(options.facts?.regionOfVpc ?? [])]);
  const regions = { home: region, isOnly: options.region !== null, ofVpcs };
  const records = selectRecords(given, regions, options.vpcs, leftOut);
  const facts = { ...factsOf(records, region, options), regionOfVpc: ofVpcs };
  const names = nameRecords(records, Object.keys(facts.hosts));
  const ipv6 = chooseIpv6({ records, names, leftOut });
  const context: ImportContext = { records, facts, names, ipv6, leftOut, ids: new Map() };
  const interfaces = importInterfaces(context);
  const file = buildFile(interfaces, context);
  leftOut.push(...leaveOthers(given, records));
  tellInGeneral(context, interfaces, options.facts?.contentOf === undefined);
  const render = () => renderLabFile({ file, header: options.header, ids: context.ids, leftOut });
  const pruned = pruneLabFile(file, render, options.load, leftOut);
  const quotas = { ...facts.quotas, ...largest(facts.quotas, neededQuotas(pruned.lab)) };
  if (Object.keys(quotas).length === 0) return { ...pruned, leftOut };
  addQuotas(file, quotas);
  return { ...pruneLabFile(file, render, options.load, leftOut), leftOut };
}

function factsOf(records: AwsRecords, region: string, { name, facts }: ImportOptions): ImportFacts {
  const usual = zonesOf(region);
  const used = zonesIn(records, region);
  return {
    description: '',
    region,
    zones: used.every((zone) => usual.includes(zone)) ? usual : used,
    // AWS's own of today.
    rules: 'current',
    seed: null,
    quotas: {},
    settings: {},
    regionOfVpc: new Map(),
    hosts: {},
    uplink: null,
    hostedZones: [],
    roles: [],
    contentOf: () => ({ content: {}, lost: null }),
    ...facts,
    name: legalLabName(name),
  };
}

function rolesIn({ instances }: ImportedInterfaces): string[] {
  return Object.values(instances).flatMap(({ role }) => role ?? []);
}

function buildFile(interfaces: ImportedInterfaces, context: ImportContext): OpenLabFile {
  const { records, facts, names, ids } = context;
  const prefixLists = importPrefixLists(context);
  const file: OpenLabFile = {
    name: facts.name,
    ...(facts.description === '' ? {} : { description: facts.description }),
    ...(facts.region === DEFAULT_REGION ? {} : { region: facts.region }),
    ...(isSame(facts.zones, zonesOf(facts.region)) ? {} : { zones: [...facts.zones] }),
    ...(facts.rules === 'current' ? { rules: 'current' as const } : {}),
    ...(facts.seed === null ? {} : { seed: facts.seed }),
    ...orNothing('settings', facts.settings),
    ...orNothing('prefixLists', prefixLists),
    ...orNothing('elasticAddresses', importElasticAddresses(context)),
    ...orNothing('peerings', importPeerings(context)),
    vpcs: {},
    ...orNothing('hostedZones', importHostedZones(context)),
    ...orNothing('roles', importRoles(rolesIn(interfaces), context)),
    ...orNothing('internet', {
      ...(facts.uplink === null ? {} : { uplink: facts.uplink }),
      ...orNothing('hosts', facts.hosts),
    }),
    ...orNothing('interfaces', interfaces.interfaces),
    instances: interfaces.instances,
  };
  for (const [id, vpc] of records.vpcs) {
    const name = names.vpcs.get(id) ?? id;
    const region = facts.regionOfVpc.get(id) ?? facts.region;
    file.vpcs[name] = {
      ...(region === facts.region ? {} : { region }),
      ...importVpc(vpc, name, context),
      ...importGateways(id, context),
      ...importLoadBalancing(id, context),
      ...orNothing('routeTables', importRouteTables(id, interfaces, context)),
      ...orNothing('securityGroups', importSecurityGroups(id, context)),
      ...orNothing('networkAcls', importNetworkAcls(id, context)),
    };
    ids.set(`vpcs.${name}`, id);
  }
  importFlowLogs(file, interfaces, context);
  return file;
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.join(' ') === b.join(' ');
}

/** @returns the field, when there is something in it. */
function orNothing<K extends string, V extends object>(key: K, value: V): { [_ in K]?: V } {
  return Object.keys(value).length === 0 ? {} : ({ [key]: value } as { [_ in K]?: V });
}

function largest(given: Partial<Quotas>, needed: Partial<Quotas>): Partial<Quotas> {
  const entries = Object.entries(needed).map(([name, count]) => {
    const known = given[name as keyof Quotas] ?? DEFAULT_QUOTAS[name as keyof Quotas];
    return [name, Math.max(known, count)];
  });
  return Object.fromEntries(entries) as Partial<Quotas>;
}

/** After the name and what is like it, before the objects. */
function addQuotas(file: OpenLabFile, quotas: Partial<Quotas>): void {
  const { name, description, region, zones, rules, seed, ...rest } = file;
  const ordered = { name, description, region, zones, rules, seed, quotas, ...rest };
  for (const key of Object.keys(file)) Reflect.deleteProperty(file, key);
  const defined = Object.entries(ordered).filter(([, value]) => value !== undefined);
  Object.assign(file, Object.fromEntries(defined));
}
