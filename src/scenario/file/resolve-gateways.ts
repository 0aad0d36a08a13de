/** The gateways, endpoints and peerings of a lab file and its public addresses, names resolved. */
import { type Ipv4Addr, parseIpv4 } from '../../addr/ipv4.ts';
import type { Realm } from '../../model/realm.ts';
import type { LabSubnet } from '../lab.ts';
import type {
  LabEgressOnlyGateway,
  LabElasticAddress,
  LabGatewayEndpoint,
  LabGateways,
  LabInternetGateway,
  LabNatGateway,
  LabPeering,
} from '../lab-gateways.ts';
import { AUTO } from './gateway-names.ts';
import { type Path, wantedName } from './problems.ts';
import { checkRegion } from './regions.ts';
import type { LabFile } from './schema.ts';
import type { LabFileNatGateway, LabFilePeering } from './schema-gateways.ts';
import type { LabFileVpc } from './schema-network.ts';
import { instanceNames, resolveSubnet, type Scope, shortName } from './scope.ts';

export function resolveGateways(
  file: LabFile,
  subnets: ReadonlyMap<string, LabSubnet>,
  scope: Scope,
): LabGateways {
  const internetGateways = new Map<string, LabInternetGateway>();
  const egressOnlyGateways = new Map<string, LabEgressOnlyGateway>();
  const natGateways = new Map<string, LabNatGateway>();
  const endpoints = new Map<string, LabGatewayEndpoint>();
  const elasticAddresses = new Map<string, LabElasticAddress>();
  for (const [name, { address }] of Object.entries(file.elasticAddresses ?? {})) {
    const path = ['elasticAddresses', name];
    const realm = scope.regions.elasticAddresses.get(name) ?? scope.regions.home;
    checkRegion(realm, scope.regions.home, [...path, 'region'], scope.report);
    const addr = address === undefined ? null : addressOf(address);
    elasticAddresses.set(name, { name, path, realm, address: addr });
  }
  const addOwn = (name: string, path: Path, realm: Realm, address: Ipv4Addr | null) => {
    if (elasticAddresses.has(name)) {
      scope.report.at(
        path,
        `Cannot give an elastic address of its own to "${name}": found one of that name in elasticAddresses, wanted its name here`,
      );
    } else elasticAddresses.set(name, { name, path, realm, address });
  };
  for (const [vpc, fields] of Object.entries(file.vpcs ?? {})) {
    const realm = scope.regions.vpcs.get(vpc) ?? scope.regions.home;
    const igw = resolveInternetGateway(vpc, fields, scope);
    if (igw !== null) internetGateways.set(igw.key, igw);
    const egressOnly = scope.gateways.egressOnlyGateways.get(vpc);
    if (egressOnly !== undefined && fields.egressOnlyInternetGateway !== undefined) {
      const key = `${vpc}/${egressOnly}`;
      const path = ['vpcs', vpc, 'egressOnlyInternetGateway'];
      egressOnlyGateways.set(key, { name: egressOnly, vpc, key, path });
    }
    for (const [name, each] of Object.entries(fields.natGateways ?? {})) {
      const nat = resolveNatGateway(vpc, name, each, scope);
      if (nat === null) continue;
      natGateways.set(nat.key, nat);
      const given = each.address ?? AUTO;
      const addr = given === AUTO ? null : parseIpv4(given);
      const isOwn = given === AUTO || addr !== null;
      if (nat.elasticAddress !== null && isOwn)
        addOwn(nat.key, [...nat.path, 'address'], realm, addr);
    }
    for (const endpoint of resolveEndpoints(vpc, fields, scope))
      endpoints.set(endpoint.key, endpoint);
  }
  for (const kind of ['instances', 'interfaces'] as const) {
    for (const [name, each] of Object.entries(file[kind] ?? {})) {
      if (each.elasticAddress !== true) continue;
      const count = 'count' in each ? (each.count ?? null) : null;
      // A subnet that is not there was reported already.
      const vpc = [...subnets.values()].find(
        ({ key }) => key === each.subnet || shortName(key) === each.subnet,
      )?.vpc;
      const realm = scope.regions.vpcs.get(vpc ?? '') ?? scope.regions.home;
      for (const owner of instanceNames(name, count))
        addOwn(owner, [kind, name, 'elasticAddress'], realm, null);
    }
  }
  const peerings = resolvePeerings(file.peerings ?? {}, scope);
  return {
    internetGateways,
    egressOnlyGateways,
    natGateways,
    endpoints,
    peerings,
    elasticAddresses,
  };
}

function resolveInternetGateway(
  vpc: string,
  { internetGateway: fields }: LabFileVpc,
  scope: Scope,
): LabInternetGateway | null {
  const name = scope.gateways.internetGateways.get(vpc);
  if (name === undefined || fields === undefined) return null;
  const path = ['vpcs', vpc, 'internetGateway'];
  const table = typeof fields === 'object' ? fields.routeTable : undefined;
  const routeTable =
    table === undefined ? null : resolveTable(vpc, table, [...path, 'routeTable'], scope);
  return { name, vpc, key: `${vpc}/${name}`, path, routeTable };
}

/** @returns the name within the VPC, or null when it was reported. */
function resolveTable(vpc: string, name: string, path: Path, scope: Scope): string | null {
  if (scope.routeTables.has(`${vpc}/${name}`)) return name;
  const tables = [...scope.routeTables].filter((key) => key.startsWith(`${vpc}/`)).map(shortName);
  const wanted = wantedName(name, tables, 'a route table');
  scope.report.at(path, `Cannot use "${name}": found an unknown route table, wanted ${wanted}`);
  return null;
}

function resolveNatGateway(
  vpc: string,
  name: string,
  fields: LabFileNatGateway,
  scope: Scope,
): LabNatGateway | null {
  const path = ['vpcs', vpc, 'natGateways', name];
  const key = `${vpc}/${name}`;
  const own = scope.subnets.has(`${vpc}/${fields.subnet}`);
  const reference = own ? `${vpc}/${fields.subnet}` : fields.subnet;
  const subnet = resolveSubnet(scope, reference, [...path, 'subnet'], name);
  if (subnet === null) return null;
  if (!subnet.startsWith(`${vpc}/`)) {
    scope.report.at(
      [...path, 'subnet'],
      `Cannot place "${name}": found subnet "${subnet}", wanted one of VPC "${vpc}"`,
    );
  }
  const { connectivity = 'public', privateAddress } = fields;
  if (connectivity === 'private' && fields.address !== undefined) {
    scope.report.atKey(
      [...path, 'address'],
      `Cannot give "${fields.address}" to "${name}": found a private NAT gateway, wanted none, or connectivity: public`,
    );
  }
  return {
    name,
    vpc,
    key,
    path,
    subnet,
    connectivity,
    elasticAddress: connectivity === 'private' ? null : natAddress(key, fields, path, scope),
    privateAddress: privateAddress === undefined ? null : addressOf(privateAddress),
  };
}

/** @returns the name of its elastic address: that of its own has the key of the gateway. */
function natAddress(
  key: string,
  { address = AUTO }: LabFileNatGateway,
  path: Path,
  scope: Scope,
): string {
  if (address === AUTO || parseIpv4(address) !== null) return key;
  const [vpc = ''] = key.split('/');
  resolveElasticAddress(address, vpc, [...path, 'address'], scope);
  return address;
}

/**
 * Reports a name that no elastic address has, or one of another region than the VPC's.
 * @returns the name, or null when that was reported.
 */
export function resolveElasticAddress(
  name: string,
  vpc: string,
  path: Path,
  { gateways, regions, report }: Scope,
): string | null {
  if (!gateways.elasticAddresses.has(name)) {
    const wanted = wantedName(name, gateways.elasticAddresses, 'an elastic address');
    report.at(path, `Cannot use "${name}": found an unknown elastic address, wanted ${wanted}`);
    return null;
  }
  const { region } = regions.elasticAddresses.get(name) ?? regions.home;
  const { region: wanted } = regions.vpcs.get(vpc) ?? regions.home;
  if (region === wanted) return name;
  report.at(
    path,
    `Cannot use "${name}": found an elastic address of ${region}, wanted one of ${wanted}, the region of VPC "${vpc}"`,
  );
  return null;
}

function resolveEndpoints(vpc: string, fields: LabFileVpc, scope: Scope): LabGatewayEndpoint[] {
  return Object.entries(fields.endpoints ?? {}).flatMap(([name, each]) => {
    const { service, routeTables = [], gatewayLoadBalancer, subnet } = each;
    if (gatewayLoadBalancer !== undefined) return [];
    const path = ['vpcs', vpc, 'endpoints', name];
    if (subnet !== undefined) {
      scope.report.atKey(
        [...path, 'subnet'],
        `Cannot place "${name}": found a gateway endpoint, which is in no subnet, wanted routeTables, or gatewayLoadBalancer`,
      );
    }
    // The schema has let through no other.
    if (service === undefined) return [];
    const tables = routeTables.flatMap((table, index) => {
      const known = resolveTable(vpc, table, [...path, 'routeTables', index], scope);
      return known === null ? [] : [`${vpc}/${known}`];
    });
    return [{ name, vpc, key: `${vpc}/${name}`, path, service, routeTables: tables }];
  });
}

function resolvePeerings(
  fields: Readonly<Record<string, LabFilePeering>>,
  scope: Scope,
): Map<string, LabPeering> {
  const peerings = new Map<string, LabPeering>();
  for (const [name, { from, to, accept = true, dns = false }] of Object.entries(fields)) {
    const path = ['peerings', name];
    const wrong = [
      ['from', from],
      ['to', to],
    ] as const;
    const unknown = wrong.filter(([, vpc]) => !scope.regions.vpcs.has(vpc));
    for (const [field, vpc] of unknown) {
      const wanted = wantedName(vpc, scope.regions.vpcs.keys(), 'a VPC');
      scope.report.at(
        [...path, field],
        `Cannot peer "${vpc}": found an unknown VPC, wanted ${wanted}`,
      );
    }
    if (dns && !accept) {
      scope.report.at(
        [...path, 'dns'],
        `Cannot resolve names over "${name}": found it without accept, wanted a peering that is active`,
      );
    }
    if (unknown.length > 0) continue;
    peerings.set(name, { name, path, from, to, isAccepted: accept, resolvesDns: dns });
  }
  return peerings;
}

/** The schema has let through only texts that parse. */
function addressOf(text: string): Ipv4Addr {
  const address = parseIpv4(text);
  if (address === null) throw new TypeError(`no IPv4 address: ${text}`);
  return address;
}
