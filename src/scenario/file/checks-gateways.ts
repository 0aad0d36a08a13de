/** What the shape of a lab file cannot say about gateways, peerings, endpoints and public addresses. */
import { cidrsOverlap, formatCidr, ipv4Contains, lastIpv4 } from '../../addr/cidr.ts';
import { formatIpv4 } from '../../addr/ipv4.ts';
import { DEFAULT_SETTINGS } from '../../model/settings.ts';
import type { LabInstance, LabInterface, LabVpc } from '../lab.ts';
import type { LabNatGateway } from '../lab-gateways.ts';
import { IPV6_ONLY } from './checks-ipv6.ts';
import type { Path, Reporter } from './problems.ts';
import type { Topology } from './resolve.ts';

export function checkGateways(lab: Topology, report: Reporter): void {
  checkElasticAddresses(lab, report);
  checkOwners(lab, report);
  checkPublicAddresses(lab, report);
  checkPeerings(lab, report);
  checkEndpoints(lab, report);
}

/** They are of the pool, and no two are the same. */
function checkElasticAddresses(lab: Topology, report: Reporter): void {
  const pool = lab.settings.elasticAddressPool ?? DEFAULT_SETTINGS.elasticAddressPool;
  const seen = new Map<number, string>();
  for (const { name, address, path } of lab.elasticAddresses.values()) {
    if (address === null) continue;
    const at = path[0] === 'elasticAddresses' ? [...path, 'address'] : path;
    const text = formatIpv4(address);
    const other = seen.get(address);
    const isEnd = address === pool.addr || address === lastIpv4(pool);
    if (isEnd || !ipv4Contains(pool, address)) {
      report.at(
        at,
        `Cannot allocate "${text}": found it outside of the pool, wanted one of ${formatCidr(pool)} but the first and the last`,
      );
    } else if (other !== undefined) {
      report.at(at, `Cannot allocate "${text}": found it at "${other}", wanted another one`);
    }
    seen.set(address, name);
  }
}

/** An address has one owner, and its VPC an internet gateway. */
function checkOwners(lab: Topology, report: Reporter): void {
  const owners = new Map<string, string>();
  const gateways = new Set([...lab.internetGateways.values()].map(({ vpc }) => vpc));
  const check = (
    owner: LabInstance | LabInterface | LabNatGateway,
    field: 'address' | 'elasticAddress',
  ) => {
    const { elasticAddress, name, subnet } = owner;
    if (elasticAddress === null) return;
    const path: Path = [...owner.path, field];
    const other = owners.get(elasticAddress);
    if (other !== undefined) {
      report.at(
        path,
        `Cannot give "${elasticAddress}" to "${name}": found it at "${other}", wanted another elastic address`,
      );
    }
    owners.set(elasticAddress, name);
    const { vpc = '', cidr = null } = lab.subnets.get(subnet) ?? {};
    if (cidr === null && lab.subnets.has(subnet)) {
      report.at(
        path,
        `Cannot give an elastic address to "${name}": found ${IPV6_ONLY}, wanted one with cidr`,
      );
    }
    if (gateways.has(vpc) || !lab.vpcs.has(vpc)) return;
    report.at(
      field === 'address' ? owner.path : path,
      `Cannot give an elastic address to "${name}": found VPC "${vpc}" without an internet gateway, wanted internetGateway in it`,
    );
  };
  for (const nat of lab.natGateways.values()) check(nat, 'address');
  for (const each of lab.interfaces.values()) check(each, 'elasticAddress');
  for (const each of lab.instances.values()) check(each, 'elasticAddress');
}

/** AWS gives one by itself only to an instance that is launched with one interface. */
function checkPublicAddresses(lab: Topology, report: Reporter): void {
  const several = new Set([...lab.interfaces.values()].map(({ attach }) => attach?.instance));
  for (const { name, publicAddress, subnet, path } of lab.instances.values()) {
    if (publicAddress !== 'auto') continue;
    const isIpv6Only = lab.subnets.get(subnet)?.cidr === null;
    const state = several.has(name) ? 'it with several interfaces' : isIpv6Only ? IPV6_ONLY : null;
    if (state === null) continue;
    const wanted = isIpv6Only ? 'one with cidr' : 'one interface, or an elastic address';
    report.at(
      [...path, 'publicAddress'],
      `Cannot give a public address to "${name}": found ${state}, wanted ${wanted}`,
    );
  }
}

/** PCX-2. */
function checkPeerings(lab: Topology, report: Reporter): void {
  const pairs = new Map<string, string>();
  for (const { name, from, to, path } of lab.peerings.values()) {
    const pair = [from, to].toSorted().join(' ');
    const other = pairs.get(pair);
    if (other !== undefined) {
      report.atKey(
        path,
        `Cannot peer "${from}" and "${to}": found "${other}" between them, wanted one peering`,
      );
    }
    pairs.set(pair, name);
    if (from === to) {
      report.at([...path, 'to'], `Cannot peer "${from}" with itself: found one VPC, wanted two`);
      continue;
    }
    const [one, two] = [lab.vpcs.get(from), lab.vpcs.get(to)];
    const overlap = one === undefined || two === undefined ? null : overlapOf(one, two);
    if (overlap === null) continue;
    report.at(
      [...path, 'to'],
      `Cannot peer "${from}" and "${to}": found ${overlap}, wanted VPCs whose blocks are apart`,
    );
  }
}

function overlapOf(one: LabVpc, two: LabVpc): string | null {
  const blocks = ({ cidrs, ipv6 }: LabVpc) => (ipv6 === null ? cidrs : [...cidrs, ipv6]);
  for (const cidr of blocks(one)) {
    const other = blocks(two).find((each) => cidrsOverlap(cidr, each));
    if (other !== undefined) return `an overlap of ${formatCidr(cidr)} and ${formatCidr(other)}`;
  }
  return null;
}

/** A table has one route to a service. */
function checkEndpoints(lab: Topology, report: Reporter): void {
  const used = new Map<string, string>();
  for (const { name, service, routeTables, path } of lab.endpoints.values()) {
    for (const [index, key] of routeTables.entries()) {
      const other = used.get(`${service} ${key}`);
      used.set(`${service} ${key}`, name);
      if (other === undefined) continue;
      report.at(
        [...path, 'routeTables', index],
        `Cannot route to "${name}": found "${other}" for ${service} in route table "${key}", wanted one endpoint`,
      );
    }
  }
}
