/** The VPCs, interfaces and instances of a lab file, with names resolved and defaults filled in. */
import { accessSync, constants, statSync } from 'node:fs';
import { resolve as resolvePath } from 'node:path';
import { type Ipv4Cidr, type Ipv6Cidr, parseCidr, parseIpv4Cidr } from '../../addr/cidr.ts';
import { type Ipv4Addr, parseIpv4 } from '../../addr/ipv4.ts';
import { parseIpv6 } from '../../addr/ipv6.ts';
import type { Quotas } from '../../model/records.ts';
import type {
  Lab,
  LabInstance,
  LabInstanceFile,
  LabInterface,
  LabRoute,
  LabRouteTable,
  LabRouteTarget,
  LabSubnet,
  LabVpc,
} from '../lab.ts';
import { ipv6AddressOf, subnetIpv6Blocks, vpcIpv6Blocks } from './ipv6-blocks.ts';
import { type Path, wantedName } from './problems.ts';
import { resolveDhcpOptions } from './resolve-dhcp.ts';
import type { LabFile, LabFileInstance, LabFileInterface, LabFileVpc } from './schema.ts';
import { instanceNames, resolveInstance, resolveSubnet, type Scope, splitDevice } from './scope.ts';

const DEFAULT_REGION = 'us-east-1';
/** Regions with more than three zones. */
const ZONE_LETTERS: Readonly<Record<string, string>> = {
  'us-east-1': 'abcdef',
  'us-west-2': 'abcd',
};

/** Instances of a count cannot share them. */
const ADDRESS_FIELDS = ['address', 'secondaryAddresses', 'ipv6Address', 'ipv6Addresses'] as const;

/** All of a lab but its steps. */
export type Topology = Omit<Lab, 'steps'>;

interface Region {
  readonly region: string;
  readonly zones: readonly string[];
}

export function resolveTopology(file: LabFile, scope: Scope): Topology {
  const region = resolveRegion(file, scope);
  const vpcs = new Map<string, LabVpc>();
  const subnets = new Map<string, LabSubnet>();
  const routeTables = new Map<string, LabRouteTable>();
  const ipv6Blocks = vpcIpv6Blocks(file);
  for (const [name, fields] of Object.entries(file.vpcs)) {
    const ipv6 = ipv6Blocks.get(name) ?? null;
    vpcs.set(name, { ...resolveVpc(name, fields), ipv6 });
    for (const subnet of resolveSubnets(name, fields, region, ipv6, scope))
      subnets.set(subnet.key, subnet);
    for (const table of resolveRouteTables(name, fields, scope)) routeTables.set(table.key, table);
  }
  const instances = new Map<string, LabInstance>();
  for (const [name, fields] of Object.entries(file.instances)) {
    for (const instance of resolveInstanceGroup(name, fields, subnets, scope)) {
      if (instances.has(instance.name))
        reportTwice(scope, 'instance', instance.name, instance.path);
      instances.set(instance.name, instance);
    }
  }
  return {
    name: file.name,
    description: file.description ?? '',
    file: scope.options.file,
    folder: scope.options.folder,
    ...region,
    rules: file.rules === 'current' ? 'current' : '2020',
    seed: file.seed === undefined ? null : String(file.seed),
    quotas: definedOf(file.quotas ?? {}),
    vpcs,
    subnets,
    routeTables,
    interfaces: resolveInterfaces(file.interfaces ?? {}, subnets, scope),
    instances,
  };
}

function definedOf(quotas: { readonly [K in keyof Quotas]?: number | undefined }): Partial<Quotas> {
  return Object.fromEntries(Object.entries(quotas).filter(([, value]) => value !== undefined));
}

function resolveRegion(file: LabFile, scope: Scope): Region {
  const region = file.region ?? DEFAULT_REGION;
  const letters = ZONE_LETTERS[region] ?? 'abc';
  const zones = file.zones ?? Array.from(letters, (letter) => `${region}${letter}`);
  for (const [index, zone] of zones.entries()) {
    if (/^[a-z]$/.test(zone.slice(region.length)) && zone.startsWith(region)) continue;
    scope.report.at(
      ['zones', index],
      `Cannot use "${zone}": found a zone outside of the region, wanted one such as ${region}a`,
    );
  }
  return { region, zones };
}

function resolveVpc(name: string, fields: LabFileVpc): Omit<LabVpc, 'ipv6'> {
  const cidrs = typeof fields.cidr === 'string' ? [fields.cidr] : fields.cidr;
  return {
    name,
    path: ['vpcs', name],
    cidrs: cidrs.map(blockOf),
    dhcpOptions: resolveDhcpOptions(fields),
    enableDnsSupport: fields.enableDnsSupport ?? true,
    enableDnsHostnames: fields.enableDnsHostnames ?? false,
  };
}

function resolveSubnets(
  vpc: string,
  fields: LabFileVpc,
  region: Region,
  block: Ipv6Cidr | null,
  scope: Scope,
): LabSubnet[] {
  const ipv6Blocks = block === null ? new Map<string, Ipv6Cidr>() : subnetIpv6Blocks(fields, block);
  return Object.entries(fields.subnets).map(([name, subnet]) => {
    const path = ['vpcs', vpc, 'subnets', name];
    const zone = subnet.zone ?? region.zones[0] ?? '';
    if (!region.zones.includes(zone)) {
      const wanted = wantedName(zone, region.zones, 'a zone');
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
      reservations: (subnet.reservations ?? []).map(({ cidr, type }) => ({
        cidr: blockOf(cidr),
        type,
      })),
    };
  });
}

function resolveRouteTables(vpc: string, fields: LabFileVpc, scope: Scope): LabRouteTable[] {
  return Object.entries(fields.routeTables ?? {}).map(([name, table]) => {
    const path = ['vpcs', vpc, 'routeTables', name];
    const routes: LabRoute[] = [];
    for (const [block, target] of Object.entries(table.routes ?? {})) {
      const routePath = [...path, 'routes', block];
      const destination = parseCidr(block);
      const resolved = resolveTarget(scope, block, target, routePath);
      if (destination !== null && resolved !== null) {
        routes.push({ destination, target: resolved, path: routePath });
      }
    }
    return { name, vpc, key: `${vpc}/${name}`, path, main: table.main ?? false, routes };
  });
}

function resolveTarget(
  scope: Scope,
  block: string,
  target: string,
  path: Path,
): LabRouteTarget | null {
  if (parseIpv4(target) !== null || parseIpv6(target) !== null) {
    scope.report.at(
      path,
      `Cannot route "${block}": found the address ${target}, wanted an instance or an interface, as next hops in a VPC are never addresses`,
    );
    return null;
  }
  if (scope.instances.has(target)) return { kind: 'instance', instance: target };
  if (scope.interfaces.has(target)) return { kind: 'named', name: target };
  const device = splitDevice(target);
  if (device?.device === 0 && scope.instances.has(device.instance)) {
    return { kind: 'primary', instance: device.instance };
  }
  if (device !== null && scope.instances.has(device.instance)) {
    const name = scope.devices.get(target);
    if (name !== undefined) return { kind: 'named', name };
  }
  const candidates = [...scope.instances, ...scope.interfaces, ...scope.devices.keys()];
  const wanted = wantedName(target, candidates, 'an instance or an interface');
  scope.report.at(
    path,
    `Cannot route "${block}": found unknown target "${target}", wanted ${wanted}`,
  );
  return null;
}

function resolveInterfaces(
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
  const image = resolveImage(fields.image ?? 'linux', [...path, 'image'], name, scope);
  if (name === 'none') {
    scope.report.atKey(
      path,
      'Cannot name "none": found a word with a meaning of its own, wanted another name',
    );
  }
  for (const field of ADDRESS_FIELDS) {
    if (fields.count === undefined || fields[field] === undefined) continue;
    scope.report.atKey(
      [...path, field],
      `Cannot use "${field}": found it with a count, wanted instances that are written one by one`,
    );
  }
  const subnet = resolveSubnet(scope, fields.subnet, [...path, 'subnet'], name);
  const files = resolveFiles(fields, path, scope);
  if (subnet === null) return [];
  const addressing = addressingOf(fields, path, subnets.get(subnet), scope);
  return instanceNames(name, fields.count ?? null).map((each) => ({
    name: each,
    path,
    subnet,
    ...addressing,
    image,
    dhcp: fields.dhcp ?? 'dhclient',
    files,
    start: fields.start ?? null,
    daemons: Object.entries(fields.daemons ?? {}).map(([daemon, command]) => ({
      name: daemon,
      command,
    })),
    env: Object.fromEntries(
      Object.entries(fields.env ?? {}).map(([key, value]) => [key, String(value)]),
    ),
    type: fields.type ?? null,
  }));
}

/** @returns the name of a built-in image, or the absolute path of a folder that is the root. */
function resolveImage(image: string, path: Path, instance: string, scope: Scope): string {
  const { images, folder } = scope.options;
  if (image.includes('/')) {
    const root = resolvePath(folder, image);
    if (!statSync(root, { throwIfNoEntry: false })?.isDirectory()) {
      const found = `Cannot start "${instance}": found no folder "${image}"`;
      scope.report.at(path, `${found}, wanted a folder that can be its root`);
    }
    return root;
  }
  if (!images.has(image)) {
    const wanted = wantedName(image, images, 'an image');
    scope.report.at(
      path,
      `Cannot start "${instance}": found unknown image "${image}", wanted ${wanted}`,
    );
  }
  return image;
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
    sourceDestCheck: fields.sourceDestCheck ?? true,
  };
}

function resolveFiles(fields: LabFileInstance, path: Path, scope: Scope): LabInstanceFile[] {
  const { folder } = scope.options;
  return Object.entries(fields.files ?? {}).map(([target, file]) => {
    const mode = typeof file === 'string' || file.mode === undefined ? null : octal(file.mode);
    if (typeof file === 'object' && 'content' in file) {
      return { path: target, from: { content: file.content }, mode };
    }
    const name = typeof file === 'string' ? file : file.source;
    const source = resolvePath(folder, name);
    const state = unreadable(source);
    if (state !== null) {
      const at = [...path, 'files', target, ...(typeof file === 'string' ? [] : ['source'])];
      scope.report.at(at, `Cannot read "${name}": found ${state}, wanted a file in ${folder}`);
    }
    return { path: target, from: { source }, mode };
  });
}

/** @returns what keeps the file from being read, or null. */
function unreadable(path: string): string | null {
  try {
    if (!statSync(path).isFile()) return 'no regular file';
    accessSync(path, constants.R_OK);
    return null;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' ? 'no such file' : `a file that cannot be read (${code})`;
  }
}

/** YAML reads `0755` as the number 755; its digits are meant. */
function octal(mode: string | number): number {
  return Number.parseInt(String(mode), 8);
}

function reportTwice(scope: Scope, kind: string, name: string, path: Path): void {
  scope.report.atKey(
    path,
    `Cannot name ${kind} "${name}": found an instance of that name, wanted another name`,
  );
}

/** The schema has let through only texts that parse. */
function blockOf(text: string): Ipv4Cidr {
  const block = parseIpv4Cidr(text);
  if (block === null) throw new TypeError(`no IPv4 block: ${text}`);
  return block;
}

function addressOf(text: string): Ipv4Addr {
  const address = parseIpv4(text);
  if (address === null) throw new TypeError(`no IPv4 address: ${text}`);
  return address;
}
