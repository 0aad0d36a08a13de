/** The instances and interfaces of a lab file, names resolved and defaults filled in. */
import { type Ipv4Addr, parseIpv4 } from '../../addr/ipv4.ts';
import { isInternet } from '../../model/realm.ts';
import type { ConnectionTracking } from '../../model/records.ts';
import type { InstanceSoftware, LabInstance, LabInterface, LabSubnet } from '../lab.ts';
import { DEFAULT } from '../lab-filters.ts';
import { BUILT_IN_ROLE, NO_ROLE } from '../lab-roles.ts';
import { parseDuration } from './durations.ts';
import { ipv6AddressOf } from './ipv6-blocks.ts';
import type { Path, Reporter } from './problems.ts';
import { unreadable } from './readable.ts';
import { resolveGroupName } from './resolve-filters.ts';
import { resolveElasticAddress } from './resolve-gateways.ts';
import { resolveLaunch } from './resolve-launch.ts';
import { resolveRole } from './resolve-roles.ts';
import { resolveSoftware } from './resolve-software.ts';
import type { LabFileInstance, LabFileInterface } from './schema-instances.ts';
import { instanceNames, resolveInstance, resolveSubnet, type Scope } from './scope.ts';

/** Instances of a count cannot share them. */
const ADDRESS_FIELDS = ['address', 'secondaryAddresses', 'ipv6Address', 'ipv6Addresses'] as const;

/** `count:` is spread out: one entry for each instance. */
export function resolveAllInstances(
  fields: Readonly<Record<string, LabFileInstance>>,
  subnets: ReadonlyMap<string, LabSubnet>,
  scope: Scope,
): Map<string, LabInstance> {
  const instances = new Map<string, LabInstance>();
  for (const [name, each] of Object.entries(fields)) {
    for (const instance of resolveInstanceGroup(name, each, subnets, scope)) {
      if (instances.has(instance.name))
        reportTwice(scope, 'instance', instance.name, instance.path);
      instances.set(instance.name, instance);
    }
  }
  return instances;
}

export function resolveInterfaces(
  fields: Readonly<Record<string, LabFileInterface>>,
  subnets: ReadonlyMap<string, LabSubnet>,
  scope: Scope,
): Map<string, LabInterface> {
  const interfaces = new Map<string, LabInterface>();
  for (const [name, each] of Object.entries(fields)) {
    const path = ['interfaces', name];
    if (scope.instances.has(name) || scope.groups.has(name))
      reportTwice(scope, 'interface', name, path);
    const subnet = resolveSubnet(scope, each.subnet, [...path, 'subnet'], name);
    if (subnet === null) continue;
    const attachPath = [
      ...path,
      'attach',
      ...(typeof each.attach === 'object' ? ['instance'] : []),
    ];
    const instance = typeof each.attach === 'object' ? each.attach.instance : each.attach;
    const owner = instance === undefined ? null : resolveInstance(scope, instance, attachPath);
    const device = scope.attachments.get(name)?.device ?? 1;
    const attach = owner === null ? null : { instance: owner, device };
    interfaces.set(name, {
      name,
      path,
      subnet,
      ...addressingOf(each, path, subnets.get(subnet), scope),
      attach,
    });
  }
  return interfaces;
}

function resolveInstanceGroup(
  name: string,
  fields: LabFileInstance,
  subnets: ReadonlyMap<string, LabSubnet>,
  scope: Scope,
): LabInstance[] {
  const path = ['instances', name];
  const software = resolveSoftware(name, fields, path, scope);
  checkWord(name, path, scope.report);
  for (const field of ADDRESS_FIELDS) {
    if (fields.count === undefined || fields[field] === undefined) continue;
    scope.report.atKey(
      [...path, field],
      `Cannot use "${field}": found it with a count, wanted instances that are written one by one`,
    );
  }
  const subnet = resolveSubnet(scope, fields.subnet, [...path, 'subnet'], name);
  const launch = resolveLaunch(fields, path, scope);
  if (fields.cloudInit === true) checkCloudInit(name, software, path, scope);
  const role = roleOf(fields, subnet, path, scope);
  if (subnet === null) return [];
  const addressing = addressingOf(fields, path, subnets.get(subnet), scope);
  return instanceNames(name, fields.count ?? null).map((each) => ({
    name: each,
    path,
    subnet,
    ...addressing,
    ...(fields.elasticAddress === true ? { elasticAddress: each } : {}),
    publicAddress: fields.publicAddress ?? null,
    ...launch,
    ...software,
    cloudInit: fields.cloudInit ?? false,
    role,
    type: fields.type ?? null,
  }));
}

function checkCloudInit(
  instance: string,
  { image, layers }: InstanceSoftware,
  path: Path,
  { report }: Scope,
): void {
  const roots = [...layers, image.startsWith('/') ? image : '/'];
  if (roots.some((root) => unreadable(`${root}/usr/bin/cloud-init`) === null)) return;
  const found = `Cannot boot "${instance}" with cloud-init: found no /usr/bin/cloud-init`;
  report.at([...path, 'cloudInit'], `${found}, wanted a layer that has it`);
}

/** Hosts of the internet have none unless they are given one: they are no instances of AWS. */
function roleOf(
  { role }: LabFileInstance,
  subnet: string | null,
  path: Path,
  scope: Scope,
): string | null {
  const [vpc = ''] = (subnet ?? '').split('/');
  const realm = scope.regions.vpcs.get(vpc) ?? scope.regions.home;
  const name = role ?? (isInternet(realm) ? NO_ROLE : BUILT_IN_ROLE);
  return resolveRole(name, [...path, 'role'], scope);
}

function addressingOf(
  fields: LabFileInterface | LabFileInstance,
  path: Path,
  subnet: LabSubnet | undefined,
  scope: Scope,
) {
  const { ipv6Address, ipv6Addresses } = fields;
  if (ipv6Address !== undefined && ipv6Addresses !== undefined) {
    scope.report.atKey(
      [...path, 'ipv6Address'],
      'Cannot use "ipv6Address": found ipv6Addresses beside it, wanted one of the two',
    );
  }
  const texts = ipv6Addresses ?? (ipv6Address === undefined ? null : [ipv6Address]);
  const block = subnet?.ipv6 ?? null;
  const ipv6Field: LabInterface['ipv6Field'] =
    ipv6Addresses === undefined ? 'ipv6Address' : 'ipv6Addresses';
  return {
    ipv6Addresses: texts?.map((text) => ipv6AddressOf(text, block)) ?? null,
    ipv6Field,
    address: fields.address === undefined ? null : addressOf(fields.address),
    secondaryAddresses: (fields.secondaryAddresses ?? []).map(addressOf),
    elasticAddress: elasticAddressOf(fields, path, subnet, scope),
    sourceDestCheck: fields.sourceDestCheck ?? true,
    securityGroups: groupsOf(fields, path, subnet, scope),
    connectionTracking: trackingOf(fields),
  };
}

/** @returns its name; one of its own has that of the owner. */
function elasticAddressOf(
  { elasticAddress }: LabFileInterface | LabFileInstance,
  path: Path,
  subnet: LabSubnet | undefined,
  scope: Scope,
): string | null {
  if (elasticAddress === undefined) return null;
  if (elasticAddress === true) return String(path.at(-1));
  return resolveElasticAddress(
    elasticAddress,
    subnet?.vpc ?? '',
    [...path, 'elasticAddress'],
    scope,
  );
}

function groupsOf(
  { securityGroups }: LabFileInterface | LabFileInstance,
  path: Path,
  subnet: LabSubnet | undefined,
  scope: Scope,
): string[] {
  if (securityGroups === undefined || subnet === undefined) return [DEFAULT];
  const at = [...path, 'securityGroups'];
  const isList = Array.isArray(securityGroups);
  const names = isList ? securityGroups : [securityGroups];
  const found = names.flatMap((name, index) => {
    return resolveGroupName(name, subnet.vpc, isList ? [...at, index] : at, scope) ?? [];
  });
  return [...new Set(found)];
}

function trackingOf({
  connectionTracking,
}: LabFileInterface | LabFileInstance): ConnectionTracking {
  const { tcpEstablished, udp, udpStream } = connectionTracking ?? {};
  return {
    tcpEstablishedTimeoutS: secondsOf(tcpEstablished),
    udpTimeoutS: secondsOf(udp),
    udpStreamTimeoutS: secondsOf(udpStream),
  };
}

function secondsOf(duration: string | undefined): number | null {
  const ms = duration === undefined ? null : parseDuration(duration);
  return ms === null ? null : ms / 1000;
}

/** Reports a name that means something else in steps. */
export function checkWord(name: string, path: Path, report: Reporter): void {
  if (name !== 'none') return;
  const state = 'found a word with a meaning of its own';
  report.atKey(path, `Cannot name "${name}": ${state}, wanted another name`);
}

function reportTwice(scope: Scope, kind: string, name: string, path: Path): void {
  scope.report.atKey(
    path,
    `Cannot name ${kind} "${name}": found an instance of that name, wanted another name`,
  );
}

/** The schema has let through only texts that parse. */
function addressOf(text: string): Ipv4Addr {
  const address = parseIpv4(text);
  if (address === null) throw new TypeError(`no IPv4 address: ${text}`);
  return address;
}
