/**
 * Names to ids, and the `$variables` of steps: `$r1` (instance), `$r1.eth0` (its interface),
 * `$r1.eth0.mac`, `$r1.eth0.address`, `$r1.eth0.public`, `$r1.eth0.attachment`, and the names of VPCs, subnets,
 * route tables, security groups, network ACLs, prefix lists, interfaces, gateways and peerings.
 * `${main/clients}` and `${routeTable:clients}` tell apart what has the same name.
 */
import { formatIpv4, type Ipv4Addr } from '../addr/ipv4.ts';
import { formatIpv6 } from '../addr/ipv6.ts';
import { formatMac } from '../addr/mac.ts';
import type { EniId, LoadBalancerArn, VpcId } from '../model/ids.ts';
import { isOpen } from '../model/peerings.ts';
import type { Eni } from '../model/records.ts';
import type { Fabric } from '../model/snapshot.ts';
import type { Tagged } from '../model/tags.ts';
import { DEFAULT } from './lab-filters.ts';

export type NamedKind =
  | 'vpc'
  | 'subnet'
  | 'routeTable'
  | 'securityGroup'
  | 'networkAcl'
  | 'prefixList'
  | 'interface'
  | 'instance'
  | 'dhcpOptions'
  | 'internetGateway'
  | 'egressOnlyInternetGateway'
  | 'natGateway'
  | 'vpcEndpoint'
  | 'vpcPeeringConnection'
  | 'loadBalancer'
  | 'listener'
  | 'targetGroup'
  | 'endpointService'
  | 'elasticAddress';

/** The tag that holds an object's name, as in the AWS console. */
export const NAME_TAG = 'Name';

/** @returns true for a key that AWS, or a lab, has for itself. */
export function isTakenTag(key: string): boolean {
  return key === NAME_TAG || /^(?:aws:|vpclab:)/i.test(key);
}

/** All spellings of names; null: several objects share it. */
export type NameTable<T> = Map<string, T | null>;

/**
 * Enters an object under each of its spellings.
 * @param key Its name; `vpc/name` for what is named within a VPC.
 */
export function addName<T>(table: NameTable<T>, kind: NamedKind, key: string, value: T): void {
  const short = key.slice(key.indexOf('/') + 1);
  const bare = needsKind(kind, short) ? [] : [key, short];
  for (const spelling of new Set([...bare, `${kind}:${key}`, `${kind}:${short}`])) {
    const known = table.get(spelling);
    table.set(spelling, known === undefined || known === value ? value : null);
  }
}

/** What has the name of its owner. */
const BESIDE: ReadonlySet<NamedKind> = new Set([
  ...(['dhcpOptions', 'elasticAddress', 'listener', 'endpointService'] as const),
]);

/**
 * DHCP options, elastic addresses, listeners and endpoint services have the names of their owners, and every VPC
 * has default filters: such names alone say nothing.
 */
function needsKind(kind: NamedKind, name: string): boolean {
  const isFilter = kind === 'securityGroup' || kind === 'networkAcl';
  return BESIDE.has(kind) || (isFilter && name === DEFAULT);
}

/** What names stand for. */
export interface NameIndex {
  readonly fabric: Fabric;
  readonly ids: NameTable<string>;
}

type EnterName = (
  kind: NamedKind,
  object: Tagged,
  id: string,
  vpc: Tagged | undefined,
  otherwise?: string | null,
) => void;

/** Enters every object that has a Name tag, and the interfaces of instances as `r1.eth0`. */
export function indexNames(fabric: Fabric): NameIndex {
  const ids: NameTable<string> = new Map();
  const enter: EnterName = (kind, object, id, vpc, otherwise = null) => {
    const name = nameOf(object) ?? otherwise;
    if (name === null) return;
    const vpcName = vpc === undefined ? null : nameOf(vpc);
    addName(ids, kind, vpcName === null ? name : `${vpcName}/${name}`, id);
  };
  for (const [id, vpc] of fabric.vpcs) enter('vpc', vpc, id, undefined);
  for (const [id, subnet] of fabric.subnets) {
    enter('subnet', subnet, id, fabric.vpcs.get(subnet.vpcId));
  }
  for (const [id, table] of fabric.routeTables) {
    enter('routeTable', table, id, fabric.vpcs.get(table.vpcId));
  }
  enterFilters(fabric, enter);
  enterGateways(fabric, enter);
  enterBalancers(fabric, enter);
  for (const [id, options] of fabric.dhcpOptions) enter('dhcpOptions', options, id, undefined);
  const instanceNames = new Map<string, string>();
  for (const [id, instance] of fabric.instances) {
    const name = nameOf(instance);
    if (name === null || instance.state === 'terminated' || instance.state === 'shutting-down')
      continue;
    enter('instance', instance, id, undefined);
    instanceNames.set(id, name);
  }
  for (const [id, eni] of fabric.enis) {
    enter('interface', eni, id, undefined);
    const owner =
      eni.attachment === null ? undefined : instanceNames.get(eni.attachment.instanceId);
    if (owner !== undefined) {
      addName(ids, 'interface', `${owner}.eth${eni.attachment?.deviceIndex}`, id);
    }
  }
  return { fabric, ids };
}

/** Groups and prefix lists have names of their own, which serve when there is no tag. */
function enterFilters(fabric: Fabric, enter: EnterName): void {
  for (const [id, group] of fabric.securityGroups) {
    enter('securityGroup', group, id, fabric.vpcs.get(group.vpcId), group.name);
  }
  for (const [id, acl] of fabric.networkAcls) {
    const otherwise = acl.isDefault ? DEFAULT : null;
    enter('networkAcl', acl, id, fabric.vpcs.get(acl.vpcId), otherwise);
  }
  for (const [id, list] of fabric.prefixLists) enter('prefixList', list, id, undefined, list.name);
}

/** Of what AWS shows for a while after its end, only what is still there. */
function enterGateways(fabric: Fabric, enter: EnterName): void {
  const vpcOf = (vpcId: VpcId | null) => fabric.vpcs.get(vpcId ?? 'vpc-');
  for (const [id, igw] of fabric.internetGateways)
    enter('internetGateway', igw, id, vpcOf(igw.vpcId));
  for (const [id, gateway] of fabric.egressOnlyGateways)
    enter('egressOnlyInternetGateway', gateway, id, vpcOf(gateway.vpcId));
  for (const [id, nat] of fabric.natGateways)
    if (nat.state === 'available') enter('natGateway', nat, id, vpcOf(nat.vpcId));
  for (const [id, endpoint] of fabric.vpcEndpoints)
    enter('vpcEndpoint', endpoint, id, vpcOf(endpoint.vpcId));
  for (const [id, peering] of fabric.peerings)
    if (isOpen(peering)) enter('vpcPeeringConnection', peering, id, undefined);
  for (const [id, address] of fabric.elasticAddresses)
    enter('elasticAddress', address, id, undefined);
}

/** A listener has the name of its balancer, as has the endpoint service that a lab file makes for it. */
function enterBalancers(fabric: Fabric, enter: EnterName): void {
  for (const [arn, balancer] of fabric.loadBalancers) {
    const vpc = fabric.vpcs.get(balancer.vpcId);
    enter('loadBalancer', balancer, arn, vpc, balancer.name);
    if (balancer.listener !== null)
      enter('listener', balancer, balancer.listener.listenerArn, vpc, balancer.name);
  }
  for (const [arn, group] of fabric.targetGroups)
    enter('targetGroup', group, arn, fabric.vpcs.get(group.vpcId), group.name);
  for (const [id, service] of fabric.endpointServices) {
    const [arn] = service.gatewayLoadBalancerArns;
    const balancer = fabric.loadBalancers.get(arn as LoadBalancerArn);
    enter('endpointService', service, id, balancer && fabric.vpcs.get(balancer.vpcId));
  }
}

export function nameOf(object: Tagged): string | null {
  return object.tags.get(NAME_TAG) ?? null;
}

type InterfaceProperty = 'mac' | 'address' | 'attachment' | 'ipv6' | 'public';

const PROPERTY = /^(.+)\.(?:mac|address|attachment|ipv6|public)$/;

/** Splits `r1.eth0.mac`. @returns null when the variable names an object itself. */
export function splitProperty(
  variable: string,
): { base: string; property: InterfaceProperty } | null {
  const [, base] = PROPERTY.exec(variable) ?? [];
  if (base === undefined) return null;
  return { base, property: variable.slice(base.length + 1) as InterfaceProperty };
}

/** @param variable Without `$`. @returns null when nothing, or more than one object, has that name. */
export function lookupVariable(index: NameIndex, variable: string): string | null {
  const split = splitProperty(variable);
  if (split === null) return index.ids.get(variable) ?? null;
  const eni = eniOf(index, split.base);
  return eni === null ? null : propertyOf(eni, split.property, index.fabric);
}

/** @returns null when the interface is not attached, or has no address of the family. */
function propertyOf(eni: Eni, property: InterfaceProperty, fabric: Fabric): string | null {
  switch (property) {
    case 'mac':
      return formatMac(eni.mac);
    case 'address':
      return eni.addresses.slice(0, 1).map(formatIpv4)[0] ?? null;
    case 'ipv6':
      return eni.ipv6Addresses.slice(0, 1).map(formatIpv6)[0] ?? null;
    case 'public': {
      const addr = publicAddressOf(fabric, eni);
      return addr === null ? null : formatIpv4(addr);
    }
    case 'attachment':
      return eni.attachment?.attachmentId ?? null;
    default:
      return property satisfies never;
  }
}

/** @returns the public address of the primary one. */
function publicAddressOf({ elasticAddresses }: Fabric, eni: Eni): Ipv4Addr | null {
  const elastic = [...elasticAddresses.values()].find(
    ({ association }) =>
      association?.eniId === eni.eniId && association.privateAddr === eni.addresses[0],
  );
  return elastic?.publicAddr ?? eni.autoPublicAddress?.publicAddr ?? null;
}

/** @param variable `r1.eth0` or the name of an interface. */
export function eniOf(index: NameIndex, variable: string): Eni | null {
  const id = index.ids.get(`interface:${variable}`) ?? index.ids.get(variable);
  return index.fabric.enis.get(id as EniId) ?? null;
}

const VARIABLE =
  /\$(?:\{([a-z][A-Za-z0-9:/.-]*)\}|([a-z](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z][a-z0-9]*)*))/g;

/** @returns the variables of a text in which every `$` is ours. */
export function variablesIn(text: string): string[] {
  return Array.from(text.matchAll(VARIABLE), ([, braced, bare]) => braced ?? bare ?? '');
}

/** @throws Error for a variable that stands for nothing. */
export function expandVariables(text: string, index: NameIndex): string {
  return text.replaceAll(VARIABLE, (_, braced?: string, bare?: string) => {
    const variable = braced ?? bare ?? '';
    const value = lookupVariable(index, variable);
    if (value === null) {
      const state = index.ids.has(variable) ? 'found several objects' : 'found nothing';
      throw new Error(`Cannot resolve "$${variable}": ${state}, wanted one object of that name`);
    }
    return value;
  });
}

/** Expands what the lab knows and leaves all else to the shell: `$r1.log` is `$r1` and `.log`. */
export function expandShellVariables(text: string, index: NameIndex): string {
  return text.replaceAll(VARIABLE, (whole: string, braced?: string, bare?: string) => {
    if (braced !== undefined) return lookupVariable(index, braced) ?? whole;
    const parts = (bare ?? '').split('.');
    for (let used = parts.length; used > 0; used--) {
      const value = lookupVariable(index, parts.slice(0, used).join('.'));
      if (value !== null) return [value, ...parts.slice(used)].join('.');
    }
    return whole;
  });
}

/** Expands every text inside decoded parameters. @throws Error for a variable that stands for nothing. */
export function expandInput<T>(input: T, index: NameIndex): T {
  const expand = (value: unknown): unknown => {
    if (typeof value === 'string') return expandVariables(value, index);
    if (Array.isArray(value)) return value.map(expand);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, expand(inner)]));
  };
  return expand(input) as T;
}
