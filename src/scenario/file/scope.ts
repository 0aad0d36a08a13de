/**
 * The names that a lab file declares, and how references to them are resolved.
 * Names count as declared even when their objects are wrong, so that one mistake is reported once.
 */
import type { ActionDefinition } from '../../actions/action.ts';
import { DEFAULT } from '../lab-filters.ts';
import { addName, type NameTable, splitProperty } from '../names.ts';
import { addGatewayNames, declaredGateways, type GatewayNames } from './gateway-names.ts';
import { type Path, type Reporter, wantedName } from './problems.ts';
import { type Regions, regionsOf } from './regions.ts';

/** What a lab file is read with. */
export interface LoadOptions {
  /** As messages show it: a path, or `-`. */
  readonly file: string;
  /** What the sources of `files:` are relative to. */
  readonly folder: string;
  /** The images that `image:` may name. */
  readonly images: ReadonlySet<string>;
  /** The drop reasons that steps may name. */
  readonly dropReasons: ReadonlySet<string>;
  readonly actions: ReadonlyMap<string, ActionDefinition>;
}

export interface Scope {
  readonly options: LoadOptions;
  readonly report: Reporter;
  readonly regions: Regions;
  readonly gateways: GatewayNames;
  /** `vpc/subnet`. */
  readonly subnets: ReadonlySet<string>;
  /** `vpc/table`. */
  readonly routeTables: ReadonlySet<string>;
  /** `vpc/group`; every VPC has a default one. */
  readonly securityGroups: ReadonlySet<string>;
  /** `vpc/acl`; every VPC has a default one. */
  readonly networkAcls: ReadonlySet<string>;
  readonly prefixLists: ReadonlySet<string>;
  readonly roles: ReadonlySet<string>;
  readonly interfaces: ReadonlySet<string>;
  /** All instances and public hosts; those of `count:` by their own names. */
  readonly instances: ReadonlySet<string>;
  /** Those of the instances that are in no VPC of the file. */
  readonly hosts: ReadonlySet<string>;
  /** Names with `count:` to the instances they stand for. */
  readonly groups: ReadonlyMap<string, readonly string[]>;
  /** Interface to the place where the file attaches it; the device may be left to us. */
  readonly attachments: ReadonlyMap<string, { readonly instance: string; readonly device: number }>;
  /** `r1.eth1` to the interface that is attached there. */
  readonly devices: ReadonlyMap<string, string>;
  /** All spellings of variables, to what kind of object they name; null: several. */
  readonly variables: NameTable<string>;
}

/** @param value The file as it was read, of any shape. */
export function declaredNames(value: unknown, report: Reporter, options: LoadOptions): Scope {
  const subnets = new Set<string>();
  const routeTables = new Set<string>();
  const securityGroups = new Set<string>();
  const networkAcls = new Set<string>();
  const instances = new Set<string>();
  const groups = new Map<string, readonly string[]>();
  const variables: NameTable<string> = new Map();
  for (const [vpc, fields] of Object.entries(member(value, 'vpcs'))) {
    addName(variables, 'vpc', vpc, `vpc ${vpc}`);
    for (const name of Object.keys(member(fields, 'subnets'))) subnets.add(`${vpc}/${name}`);
    for (const name of Object.keys(member(fields, 'routeTables')))
      routeTables.add(`${vpc}/${name}`);
    for (const name of [DEFAULT, ...Object.keys(member(fields, 'securityGroups'))])
      securityGroups.add(`${vpc}/${name}`);
    for (const name of [DEFAULT, ...Object.keys(member(fields, 'networkAcls'))])
      networkAcls.add(`${vpc}/${name}`);
  }
  for (const [name, fields] of Object.entries(member(value, 'instances'))) {
    const names = instanceNames(name, count(fields));
    if (names[0] !== name) groups.set(name, names);
    for (const each of names) instances.add(each);
  }
  const roles = new Set(Object.keys(member(value, 'roles')));
  const hosts = new Set(Object.keys(member(member(value, 'internet'), 'hosts')));
  for (const name of hosts) instances.add(name);
  const interfaces = new Set(Object.keys(member(value, 'interfaces')));
  const prefixLists = new Set(Object.keys(member(value, 'prefixLists')));
  for (const key of subnets) addName(variables, 'subnet', key, `subnet ${key}`);
  for (const key of routeTables) addName(variables, 'routeTable', key, `table ${key}`);
  for (const key of securityGroups) addName(variables, 'securityGroup', key, `group ${key}`);
  for (const key of networkAcls) addName(variables, 'networkAcl', key, `acl ${key}`);
  for (const name of prefixLists) addName(variables, 'prefixList', name, `prefix list ${name}`);
  for (const name of interfaces) addName(variables, 'interface', name, `interface ${name}`);
  for (const name of instances) addName(variables, 'instance', name, `instance ${name}`);
  const gateways = declaredGateways(value);
  addGatewayNames(variables, gateways, value);
  const attachments = declaredAttachments(member(value, 'interfaces'));
  const devices = new Map(
    Array.from(attachments, ([name, { instance, device }]) => [`${instance}.eth${device}`, name]),
  );
  return {
    options,
    report,
    regions: regionsOf({
      region: (value as Record<string, unknown> | null | undefined)?.['region'],
      vpcs: member(value, 'vpcs'),
      prefixLists: member(value, 'prefixLists'),
      elasticAddresses: member(value, 'elasticAddresses'),
    }),
    gateways,
    subnets,
    routeTables,
    securityGroups,
    networkAcls,
    prefixLists,
    roles,
    interfaces,
    instances,
    hosts,
    groups,
    attachments,
    devices,
    variables,
  };
}

/** Gives each interface that names no device the lowest free one of its instance. */
function declaredAttachments(interfaces: Record<string, unknown>): Scope['attachments'] {
  const attachments = new Map<string, { instance: string; device: number }>();
  const used = new Map<string, Set<number>>();
  const open: { name: string; instance: string }[] = [];
  for (const [name, fields] of Object.entries(interfaces)) {
    const attach = (fields as Record<string, unknown> | null)?.['attach'];
    const { instance, device } = (
      typeof attach === 'string' ? { instance: attach } : (attach ?? {})
    ) as {
      instance?: unknown;
      device?: unknown;
    };
    if (typeof instance !== 'string') continue;
    const taken = used.get(instance) ?? new Set([0]);
    used.set(instance, taken);
    if (typeof device === 'number') {
      taken.add(device);
      attachments.set(name, { instance, device });
    } else {
      open.push({ name, instance });
    }
  }
  for (const { name, instance } of open) {
    const taken = used.get(instance) ?? new Set([0]);
    let device = 1;
    while (taken.has(device)) device += 1;
    taken.add(device);
    attachments.set(name, { instance, device });
  }
  return attachments;
}

/** @param howMany null: one, by its plain name. */
export function instanceNames(name: string, howMany: number | null): string[] {
  if (howMany === null) return [name];
  return Array.from({ length: howMany }, (_, index) => `${name}-${index + 1}`);
}

const MOST_INSTANCES = 1000;

function count(fields: unknown): number | null {
  const value = (fields as Record<string, unknown> | null | undefined)?.['count'];
  return typeof value === 'number' && value >= 1 && value <= MOST_INSTANCES
    ? Math.floor(value)
    : null;
}

function member(value: unknown, key: string): Record<string, unknown> {
  const found = (value as Record<string, unknown> | null | undefined)?.[key];
  return typeof found === 'object' && found !== null && !Array.isArray(found)
    ? (found as Record<string, unknown>)
    : {};
}

/** @param who What refers to the subnet. @returns `vpc/subnet`, or null when that was reported. */
export function resolveSubnet(
  scope: Scope,
  reference: string,
  path: Path,
  who: string,
): string | null {
  if (scope.subnets.has(reference)) return reference;
  const matches = [...scope.subnets].filter((key) => shortName(key) === reference);
  const [only, second] = matches;
  if (only !== undefined && second === undefined) return only;
  const state =
    only === undefined ? `unknown subnet "${reference}"` : `subnet "${reference}" in several VPCs`;
  const wanted =
    only === undefined
      ? wantedName(reference, subnetSpellings(scope), 'a subnet')
      : `one of ${matches.join(', ')}`;
  scope.report.at(path, `Cannot place "${who}": found ${state}, wanted ${wanted}`);
  return null;
}

/** Short names where they are unique, else `vpc/name`. */
function subnetSpellings(scope: Scope): string[] {
  const uses = new Map<string, number>();
  for (const key of scope.subnets) uses.set(shortName(key), (uses.get(shortName(key)) ?? 0) + 1);
  return Array.from(scope.subnets, (key) =>
    uses.get(shortName(key)) === 1 ? shortName(key) : key,
  );
}

/** @param key `vpc/name`. */
export function shortName(key: string): string {
  return key.slice(key.indexOf('/') + 1);
}

/** @returns the instance's name, or null when that was reported. */
export function resolveInstance(scope: Scope, reference: string, path: Path): string | null {
  if (scope.instances.has(reference)) return reference;
  const group = scope.groups.get(reference);
  const state =
    group === undefined ? 'an unknown instance' : `${group.length} instances of that name`;
  const wanted =
    group === undefined
      ? wantedName(reference, [...scope.instances, ...scope.groups.keys()], 'an instance')
      : `one of them, such as "${group[0]}"`;
  scope.report.at(path, `Cannot use "${reference}": found ${state}, wanted ${wanted}`);
  return null;
}

/** Resolves one name or a list of names; a name with `count:` stands for all its instances. */
export function resolveInstances(
  scope: Scope,
  references: string | readonly string[],
  path: Path,
): string[] {
  if (typeof references !== 'string') {
    return references.flatMap((reference, index) =>
      resolveInstances(scope, reference, [...path, index]),
    );
  }
  const group = scope.groups.get(references);
  if (group !== undefined) return [...group];
  const instance = resolveInstance(scope, references, path);
  return instance === null ? [] : [instance];
}

const DEVICE = /^(.+)\.eth(\d{1,2})$/;

/** Splits `r1.eth1`. @returns null when the text names no device. */
export function splitDevice(reference: string): { instance: string; device: number } | null {
  const [, instance, device] = DEVICE.exec(reference) ?? [];
  return instance === undefined ? null : { instance, device: Number(device) };
}

/**
 * Resolves `r1` (its first interface), `r1.eth1` or the name of an interface.
 * @returns the variable that stands for it, or null when that was reported.
 */
export function resolveInterface(scope: Scope, reference: string, path: Path): string | null {
  if (scope.interfaces.has(reference)) return reference;
  if (scope.instances.has(reference)) return `${reference}.eth0`;
  const device = splitDevice(reference);
  if (device !== null && scope.instances.has(device.instance)) return reference;
  const candidates = [...scope.interfaces, ...scope.instances];
  const wanted =
    device === null
      ? wantedName(reference, candidates, 'an interface')
      : wantedName(device.instance, scope.instances, 'an instance');
  scope.report.at(path, `Cannot use "${reference}": found an unknown interface, wanted ${wanted}`);
  return null;
}

/** Checks that a variable will stand for something. @param made Names that earlier steps make. */
export function checkVariable(
  scope: Scope,
  variable: string,
  made: ReadonlySet<string>,
  path: Path,
): void {
  const base = splitProperty(variable)?.base ?? variable;
  const device = splitDevice(base);
  if (device !== null && scope.instances.has(device.instance)) return;
  const kind = scope.variables.get(base);
  const isInterface = scope.interfaces.has(base.replace('interface:', ''));
  if (made.has(base) || (typeof kind === 'string' && (base === variable || isInterface))) return;
  if (kind === null) {
    scope.report.at(
      path,
      `Cannot resolve "$${variable}": found several objects of that name, wanted \${KIND:${base}} or \${VPC/${base}}`,
    );
    return;
  }
  const devices = Array.from(scope.instances, (name) => `${name}.eth0`);
  const candidates = [...scope.instances, ...devices, ...scope.interfaces, ...plainNames(scope)];
  const wanted = wantedName(base, candidates, 'the name of an object');
  scope.report.at(
    path,
    `Cannot resolve "$${variable}": found nothing of that name, wanted ${wanted}`,
  );
}

function plainNames(scope: Scope): string[] {
  return [...scope.variables.keys()].filter((name) => !name.includes(':') && !name.includes('/'));
}
