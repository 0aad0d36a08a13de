/**
 * The public hosts of a lab file. They are instances of a realm that no client of the API can name:
 * in VPCs of public blocks, each with a subnet, an internet gateway and groups that let everything in.
 */
import {
  formatCidr,
  type Ipv4Cidr,
  type Ipv6Cidr,
  ipv4Contains,
  ipv6Cidr,
} from '../../addr/cidr.ts';
import { type Ipv4Addr, parseIpv4 } from '../../addr/ipv4.ts';
import { formatIpv6, type Ipv6Addr, parseIpv6 } from '../../addr/ipv6.ts';
import { DEFAULT_METADATA_OPTIONS } from '../../model/compute.ts';
import { INTERNET } from '../../model/realm.ts';
import { DEFAULT_SETTINGS } from '../../model/settings.ts';
import type { LabInstance, LabRouteTable, LabSubnet, LabVpc } from '../lab.ts';
import {
  anywhere,
  DEFAULT,
  entriesOfNewAcl,
  type LabNetworkAcl,
  type LabSecurityGroup,
  rulesOfNewGroup,
} from '../lab-filters.ts';
import type { LabInternetGateway } from '../lab-gateways.ts';
import { ALL_TRAFFIC } from '../traffic-words.ts';
import { blocksAround, DEFAULT_BLOCK, ipv6Beside } from './internet-blocks.ts';
import { ipv6AddressOf, SUBNET_PREFIX_LENGTH, VPC_PREFIX_LENGTH } from './ipv6-blocks.ts';
import type { Path, Reporter } from './problems.ts';
import { notPublic, notPublicIpv6 } from './public-addresses.ts';
import { checkWord } from './resolve-instances.ts';
import { resolveSoftware } from './resolve-software.ts';
import type { LabFileHost } from './schema-internet.ts';
import type { Scope } from './scope.ts';

export interface LabInternet {
  readonly vpcs: ReadonlyMap<string, LabVpc>;
  readonly subnets: ReadonlyMap<string, LabSubnet>;
  readonly routeTables: ReadonlyMap<string, LabRouteTable>;
  readonly securityGroups: ReadonlyMap<string, LabSecurityGroup>;
  readonly networkAcls: ReadonlyMap<string, LabNetworkAcl>;
  readonly internetGateways: ReadonlyMap<string, LabInternetGateway>;
  readonly instances: ReadonlyMap<string, LabInstance>;
}

/** A host with what its addresses say. */
interface Host {
  readonly name: string;
  readonly path: Path;
  readonly fields: LabFileHost;
  /** null: any free one. */
  readonly address: Ipv4Addr | null;
  /** As it is written: whole, or its last part. */
  readonly ipv6: Ipv6Addr | null;
  readonly block: Ipv4Cidr;
}

/** @param taken The names of instances. */
export function resolveInternet(
  fields: Readonly<Record<string, LabFileHost>>,
  taken: ReadonlySet<string>,
  scope: Scope,
): LabInternet {
  const hosts = hostsOf(fields, taken, scope);
  const networks = networksOf(hosts);
  checkShared(networks, scope.report);
  const parts = networks.map((network) => partsOf(network));
  const instances = hosts.map((host) => {
    const network = networks.find(({ block }) => block === host.block);
    return [host.name, instanceOf(host, network?.ipv6 ?? null, scope)] as const;
  });
  const byKey = <Row extends { readonly key: string }>(rows: readonly Row[]) =>
    new Map(rows.map((row) => [row.key, row]));
  return {
    vpcs: new Map(parts.map(({ vpc }) => [vpc.name, vpc])),
    subnets: byKey(parts.map(({ subnet }) => subnet)),
    routeTables: byKey(parts.map(({ routeTable }) => routeTable)),
    securityGroups: byKey(parts.map(({ securityGroup }) => securityGroup)),
    networkAcls: byKey(parts.map(({ networkAcl }) => networkAcl)),
    internetGateways: byKey(parts.map(({ internetGateway }) => internetGateway)),
    instances: new Map(instances),
  };
}

function hostsOf(
  fields: Readonly<Record<string, LabFileHost>>,
  taken: ReadonlySet<string>,
  { report }: Scope,
): Host[] {
  const hosts = Object.entries(fields).map(([name, each]) => {
    const path = ['internet', 'hosts', name];
    checkWord(name, path, report);
    if (taken.has(name)) {
      report.atKey(
        path,
        `Cannot name public host "${name}": found an instance of that name, wanted another name`,
      );
    }
    const refuse = (field: 'address' | 'ipv6Address', state: string, example: string) => {
      const wanted = `a public one such as ${example}`;
      report.at([...path, field], `Cannot use "${each[field]}": found ${state}, wanted ${wanted}`);
    };
    const address = parseIpv4(each.address ?? '');
    const ipv6 = parseIpv6(each.ipv6Address ?? '');
    const pool = DEFAULT_SETTINGS.elasticAddressPool;
    const wrong = address === null ? null : notPublic(address, pool);
    const wrongIpv6 = ipv6 === null || isLastPart(ipv6) ? null : notPublicIpv6(ipv6);
    if (wrong !== null) refuse('address', wrong, '198.51.100.10');
    if (wrongIpv6 !== null) refuse('ipv6Address', wrongIpv6, '2001:db8::10');
    return {
      name,
      path,
      fields: each,
      address: wrong === null ? address : null,
      ipv6: wrongIpv6 === null ? ipv6 : null,
    };
  });
  const blocks = blocksAround(hosts.map(({ address }) => address ?? DEFAULT_BLOCK.addr));
  return hosts.map((host) => {
    const address = host.address ?? DEFAULT_BLOCK.addr;
    const block = blocks.find((each) => ipv4Contains(each, address)) ?? DEFAULT_BLOCK;
    return { ...host, block };
  });
}

/** A block with its hosts and the IPv6 that they have. */
interface Network {
  /** With characters that no name of a lab file has. */
  readonly name: string;
  readonly path: Path;
  readonly block: Ipv4Cidr;
  /** Of the subnet; null: nobody has IPv6. */
  readonly ipv6: Ipv6Cidr | null;
}

function networksOf(hosts: readonly Host[]): Network[] {
  return [...new Set(hosts.map(({ block }) => block))].map((block) => {
    const own = hosts.filter((host) => host.block === block);
    const name = formatCidr(block).replace('/', '-');
    const first = own.find((host) => host.ipv6 !== null) ?? own[0];
    return { name, path: first?.path ?? [], block, ipv6: ipv6Of(own, block) };
  });
}

/** @returns the /64 of the first host that says a whole address; else that of the block. */
function ipv6Of(hosts: readonly Host[], block: Ipv4Cidr): Ipv6Cidr | null {
  const addresses = hosts.flatMap(({ ipv6 }) => ipv6 ?? []);
  const whole = addresses.find((addr) => !isLastPart(addr));
  if (addresses.length === 0) return null;
  return ipv6Cidr(whole ?? ipv6Beside(block).addr, SUBNET_PREFIX_LENGTH);
}

/** Hosts of one block share a /64, and no other block has one in its /56. */
function checkShared(networks: readonly Network[], report: Reporter): void {
  const blocks = new Map<bigint, Ipv4Cidr>();
  for (const { path, block, ipv6 } of networks) {
    if (ipv6 === null) continue;
    const cidr = ipv6Cidr(ipv6.addr, VPC_PREFIX_LENGTH);
    const other = blocks.get(cidr.addr);
    if (other === undefined) {
      blocks.set(cidr.addr, block);
      continue;
    }
    report.at(
      [...path, 'ipv6Address'],
      `Cannot place ${formatCidr(block)} in "${formatCidr(cidr)}": found the hosts of ${formatCidr(other)} there, wanted another /56, or only the last part of addresses such as ::10`,
    );
  }
}

function isLastPart(addr: Ipv6Addr): boolean {
  return addr >> BigInt(128 - SUBNET_PREFIX_LENGTH) === 0n;
}

/** All that a network has beside its hosts; everything is called like it. */
function partsOf({ name, path, block, ipv6 }: Network) {
  const inVpc = { name, vpc: name, key: `${name}/${name}`, path };
  const defaults = { name: DEFAULT, vpc: name, key: `${name}/${DEFAULT}`, path };
  const hasIpv6 = ipv6 !== null;
  const vpc: LabVpc = {
    name,
    realm: INTERNET,
    path,
    cidrs: [block],
    ipv6: ipv6 === null ? null : ipv6Cidr(ipv6.addr, VPC_PREFIX_LENGTH),
    dhcpOptions: null,
    enableDnsSupport: true,
    enableDnsHostnames: false,
  };
  const subnet: LabSubnet = {
    ...inVpc,
    cidr: block,
    ipv6,
    zone: INTERNET.region,
    routeTable: null,
    networkAcl: DEFAULT,
    mapPublicIpOnLaunch: false,
    dns64: false,
    reservations: [],
  };
  const everything = anywhere(ALL_TRAFFIC, hasIpv6);
  const routeTable: LabRouteTable = {
    ...inVpc,
    main: true,
    routes: everything.map((destination) => ({
      destination,
      target: { kind: 'internet-gateway', name: inVpc.key },
      path,
    })),
    prefixListRoutes: [],
  };
  const securityGroup: LabSecurityGroup = {
    ...defaults,
    description: '',
    isDeclared: true,
    egress: rulesOfNewGroup(defaults.key, hasIpv6).egress,
    ingress: everything.map((cidr) => ({ traffic: ALL_TRAFFIC, peer: { kind: 'cidr', cidr } })),
  };
  const networkAcl: LabNetworkAcl = {
    ...defaults,
    isDeclared: false,
    entries: entriesOfNewAcl(defaults.key, hasIpv6),
  };
  const internetGateway: LabInternetGateway = { ...inVpc, routeTable: null };
  return { vpc, subnet, routeTable, securityGroup, networkAcl, internetGateway };
}

function instanceOf(
  { name, path, fields, address, ipv6, block }: Host,
  ipv6Block: Ipv6Cidr | null,
  scope: Scope,
): LabInstance {
  const network = formatCidr(block).replace('/', '-');
  return {
    name,
    path,
    subnet: `${network}/${network}`,
    address,
    secondaryAddresses: [],
    ipv6Addresses: ipv6 === null ? [] : [ipv6AddressOf(formatIpv6(ipv6), ipv6Block)],
    ipv6Field: 'ipv6Address',
    elasticAddress: null,
    publicAddress: null,
    sourceDestCheck: true,
    securityGroups: [DEFAULT],
    connectionTracking: {
      tcpEstablishedTimeoutS: null,
      udpTimeoutS: null,
      udpStreamTimeoutS: null,
    },
    metadata: DEFAULT_METADATA_OPTIONS,
    userData: null,
    tags: null,
    ...resolveSoftware(name, fields, path, scope),
    cloudInit: false,
    role: null,
    type: null,
  };
}
