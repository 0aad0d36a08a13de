/** What a route of a lab file leads to: an instance, an interface, or a gateway, by its name. */
import { parseIpv4 } from '../../addr/ipv4.ts';
import { parseIpv6 } from '../../addr/ipv6.ts';
import type { LabRouteTarget } from '../lab.ts';
import { EGRESS_ONLY_GATEWAY, INTERNET_GATEWAY } from './gateway-names.ts';
import { type Path, wantedName } from './problems.ts';
import { type Scope, splitDevice } from './scope.ts';

/** Something that a route may lead to. */
interface Candidate {
  /** As variables have it, for names that several things have: `natGateway:out`. */
  readonly spelling: string;
  /** What else it is called. */
  readonly words: readonly string[];
  readonly what: string;
  readonly target: LabRouteTarget;
}

/**
 * @param vpc Of the route table.
 * @param to The destination, for messages.
 * @returns null when what is wrong with it was reported.
 */
export function resolveTarget(
  scope: Scope,
  vpc: string,
  to: string,
  text: string,
  path: Path,
): LabRouteTarget | null {
  const refuse = (state: string, wanted: string): null => {
    scope.report.at(path, `Cannot route "${to}": found ${state}, wanted ${wanted}`);
    return null;
  };
  if (parseIpv4(text) !== null || parseIpv6(text) !== null) {
    const wanted = 'an instance or an interface, as next hops in a VPC are never addresses';
    return refuse(`the address ${text}`, wanted);
  }
  if (scope.hosts.has(text)) {
    return refuse(
      `the public host "${text}"`,
      `a target in VPC "${vpc}", such as its internet gateway`,
    );
  }
  const candidates = candidatesOf(scope, vpc);
  const meant = candidates.filter(
    ({ spelling, words }) => spelling === text || words.includes(text),
  );
  const [only, second] = meant;
  if (only !== undefined && second === undefined) return only.target;
  if (only !== undefined) {
    const things = meant.map(({ what }) => what).join(' and ');
    return refuse(
      `"${text}", which is ${things}`,
      meant.map(({ spelling }) => spelling).join(' or '),
    );
  }
  const elsewhere = ownerOf(scope, vpc, text);
  if (elsewhere !== null) return refuse(`"${text}" of ${elsewhere}`, `a target in VPC "${vpc}"`);
  const endpoint = scope.gateways.endpoints.has(`${vpc}/${text}`);
  if (endpoint) {
    return refuse(
      `the gateway endpoint "${text}"`,
      'its routeTables, as AWS makes its routes by itself',
    );
  }
  const known = candidates.flatMap(({ words }) => words);
  const wanted = wantedName(text, known, 'an instance, an interface or a gateway');
  return refuse(`unknown target "${text}"`, wanted);
}

function candidatesOf(scope: Scope, vpc: string): Candidate[] {
  const { internetGateways, egressOnlyGateways, natGateways, peerings, balancerEndpoints } =
    scope.gateways;
  const candidates: Candidate[] = [];
  const add = (
    kind: string,
    what: string,
    name: string,
    target: LabRouteTarget,
    ...others: string[]
  ) => {
    const words = [...new Set([name, ...others])];
    candidates.push({ spelling: `${kind}:${name}`, words, what, target });
  };
  for (const instance of scope.instances) {
    if (scope.hosts.has(instance)) continue;
    add('instance', 'an instance', instance, { kind: 'instance', instance });
    add('interface', 'an interface', `${instance}.eth0`, { kind: 'primary', instance });
  }
  for (const name of scope.interfaces) {
    // One that is called like an instance was reported already.
    if (!scope.instances.has(name)) add('interface', 'an interface', name, { kind: 'named', name });
  }
  for (const [device, name] of scope.devices) {
    const owner = splitDevice(device)?.instance ?? '';
    if (scope.instances.has(owner))
      add('interface', 'an interface', device, { kind: 'named', name });
  }
  const igw = internetGateways.get(vpc);
  if (igw !== undefined) {
    const target = { kind: 'internet-gateway', name: `${vpc}/${igw}` } as const;
    const words = [INTERNET_GATEWAY, 'internet-gateway'];
    add('internetGateway', 'an internet gateway', igw, target, ...words);
  }
  const egressOnly = egressOnlyGateways.get(vpc);
  if (egressOnly !== undefined) {
    const target = { kind: 'egress-only-gateway', name: `${vpc}/${egressOnly}` } as const;
    const what = 'an egress-only internet gateway';
    add('egressOnlyInternetGateway', what, egressOnly, target, EGRESS_ONLY_GATEWAY);
  }
  for (const key of natGateways) {
    const [owner, name = ''] = key.split('/');
    if (owner === vpc) add('natGateway', 'a NAT gateway', name, { kind: 'nat-gateway', name: key });
  }
  for (const key of balancerEndpoints) {
    const [owner, name = ''] = key.split('/');
    const what = 'an endpoint of a Gateway Load Balancer';
    if (owner === vpc) add('vpcEndpoint', what, name, { kind: 'vpc-endpoint', name: key });
  }
  for (const [name, ends] of peerings) {
    if (ends.includes(vpc))
      add('vpcPeeringConnection', 'a peering', name, { kind: 'peering', name });
  }
  return candidates;
}

/** @returns whose gateway has the name, when it is none of the VPC. */
function ownerOf({ gateways }: Scope, vpc: string, text: string): string | null {
  const name = text.slice(text.indexOf(':') + 1);
  const inVpcs = [...gateways.natGateways, ...gateways.balancerEndpoints];
  const found = inVpcs.find((key) => key.endsWith(`/${name}`));
  if (found !== undefined) return `VPC "${found.split('/')[0]}"`;
  for (const owners of [gateways.internetGateways, gateways.egressOnlyGateways]) {
    const owner = [...owners].find(([, each]) => each === name);
    if (owner !== undefined && owner[0] !== vpc) return `VPC "${owner[0]}"`;
  }
  const ends = gateways.peerings.get(name);
  return ends === undefined ? null : `VPCs "${ends.join('" and "')}"`;
}
