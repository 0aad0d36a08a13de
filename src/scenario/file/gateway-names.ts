/** The names of the gateways, peerings and public addresses that a lab file declares. */
import { parseIpv4 } from '../../addr/ipv4.ts';
import { addName, type NameTable } from '../names.ts';

/** What `internetGateway: true` and `egressOnlyInternetGateway: true` are called; good as targets of routes anyway. */
export const INTERNET_GATEWAY = 'igw';
export const EGRESS_ONLY_GATEWAY = 'egress-only';

export interface GatewayNames {
  /** By VPC; a VPC has one at most, as below. */
  readonly internetGateways: ReadonlyMap<string, string>;
  readonly egressOnlyGateways: ReadonlyMap<string, string>;
  /** `vpc/name`, as below. */
  readonly natGateways: ReadonlySet<string>;
  readonly endpoints: ReadonlySet<string>;
  /** Endpoints of Gateway Load Balancers. */
  readonly balancerEndpoints: ReadonlySet<string>;
  readonly loadBalancers: ReadonlySet<string>;
  readonly targetGroups: ReadonlySet<string>;
  /** To their VPCs, as far as the file says them. */
  readonly peerings: ReadonlyMap<string, readonly unknown[]>;
  /** Those that are written down; an owner may also ask for one of its own. */
  readonly elasticAddresses: ReadonlySet<string>;
}

type Members = Readonly<Record<string, unknown>>;

/** @param file As it was read, of any shape. */
export function declaredGateways(file: unknown): GatewayNames {
  const internetGateways = new Map<string, string>();
  const egressOnlyGateways = new Map<string, string>();
  const natGateways = new Set<string>();
  const endpoints = new Set<string>();
  const balancerEndpoints = new Set<string>();
  const loadBalancers = new Set<string>();
  const targetGroups = new Set<string>();
  for (const [vpc, fields] of Object.entries(membersOf(file, 'vpcs'))) {
    const { internetGateway, egressOnlyInternetGateway } = membersIn(fields);
    const igw = nameIn(internetGateway, INTERNET_GATEWAY);
    const egressOnly = nameIn(egressOnlyInternetGateway, EGRESS_ONLY_GATEWAY);
    if (igw !== null) internetGateways.set(vpc, igw);
    if (egressOnly !== null) egressOnlyGateways.set(vpc, egressOnly);
    for (const name of Object.keys(membersOf(fields, 'natGateways')))
      natGateways.add(`${vpc}/${name}`);
    for (const [name, endpoint] of Object.entries(membersOf(fields, 'endpoints'))) {
      const isBalanced = membersIn(endpoint)['gatewayLoadBalancer'] !== undefined;
      (isBalanced ? balancerEndpoints : endpoints).add(`${vpc}/${name}`);
    }
    for (const name of Object.keys(membersOf(fields, 'gatewayLoadBalancers')))
      loadBalancers.add(`${vpc}/${name}`);
    for (const name of Object.keys(membersOf(fields, 'targetGroups')))
      targetGroups.add(`${vpc}/${name}`);
  }
  const peerings = Object.entries(membersOf(file, 'peerings')).map(([name, fields]) => {
    const { from, to } = membersIn(fields);
    return [name, [from, to]] as const;
  });
  return {
    internetGateways,
    egressOnlyGateways,
    natGateways,
    endpoints,
    balancerEndpoints,
    loadBalancers,
    targetGroups,
    peerings: new Map(peerings),
    elasticAddresses: new Set(Object.keys(membersOf(file, 'elasticAddresses'))),
  };
}

/** @returns the name of a gateway; null when the VPC has none. */
function nameIn(value: unknown, otherwise: string): string | null {
  if (typeof value === 'string') return value;
  if (value === true) return otherwise;
  const name = membersIn(value)['name'];
  if (typeof name === 'string') return name;
  return typeof value === 'object' && value !== null ? otherwise : null;
}

function membersIn(value: unknown): Members {
  const isMap = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isMap ? (value as Members) : {};
}

function membersOf(value: unknown, key: string): Members {
  return membersIn(membersIn(value)[key]);
}

/** Enters them as variables. @param file As it was read, of any shape. */
export function addGatewayNames(
  variables: NameTable<string>,
  names: GatewayNames,
  file: unknown,
): void {
  for (const [vpc, name] of names.internetGateways)
    addName(variables, 'internetGateway', `${vpc}/${name}`, `internet gateway ${vpc}/${name}`);
  for (const [vpc, name] of names.egressOnlyGateways) {
    const key = `${vpc}/${name}`;
    addName(variables, 'egressOnlyInternetGateway', key, `egress-only gateway ${key}`);
  }
  for (const key of names.natGateways) addName(variables, 'natGateway', key, `nat ${key}`);
  for (const key of [...names.endpoints, ...names.balancerEndpoints])
    addName(variables, 'vpcEndpoint', key, `endpoint ${key}`);
  for (const key of names.targetGroups) addName(variables, 'targetGroup', key, `group ${key}`);
  for (const key of names.loadBalancers) {
    addName(variables, 'loadBalancer', key, `balancer ${key}`);
    addName(variables, 'listener', key, `listener ${key}`);
    addName(variables, 'endpointService', key, `service ${key}`);
  }
  for (const name of names.peerings.keys())
    addName(variables, 'vpcPeeringConnection', name, `peering ${name}`);
  for (const name of [...names.elasticAddresses, ...ownAddresses(file)])
    addName(variables, 'elasticAddress', name, `elastic address ${name}`);
}

/** @returns the names of the elastic addresses that owners ask for without naming one. */
function ownAddresses(file: unknown): string[] {
  const owners = (kind: string) =>
    Object.entries(membersOf(file, kind)).flatMap(([name, fields]) =>
      membersIn(fields)['elasticAddress'] === true ? [name] : [],
    );
  const nats = Object.entries(membersOf(file, 'vpcs')).flatMap(([vpc, fields]) =>
    Object.entries(membersOf(fields, 'natGateways')).flatMap(([name, nat]) => {
      const { address = AUTO, connectivity } = membersIn(nat);
      const isOwn =
        address === AUTO || (typeof address === 'string' && parseIpv4(address) !== null);
      return connectivity !== 'private' && isOwn ? [`${vpc}/${name}`] : [];
    }),
  );
  return [...owners('instances'), ...owners('interfaces'), ...nats];
}

/** An elastic address of its own, whichever. */
export const AUTO = 'auto';
