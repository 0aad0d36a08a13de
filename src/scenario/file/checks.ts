/**
 * What the shape of a lab file cannot say about addresses: blocks inside blocks, no overlaps,
 * no reserved or doubled addresses, attachments that AWS allows.
 */
import {
  cidrContains,
  cidrsOverlap,
  formatCidr,
  type Ipv4Cidr,
  ipv4Contains,
  lastIpv4,
} from '../../addr/cidr.ts';
import { formatIpv4, type Ipv4Addr } from '../../addr/ipv4.ts';
import type { LabInstance, LabInterface, LabSubnet, LabVpc } from '../lab.ts';
import type { LabNatGateway } from '../lab-gateways.ts';
import { checkGateways } from './checks-gateways.ts';
import { checkIpv6, IPV6_ONLY } from './checks-ipv6.ts';
import { checkLoadBalancing } from './checks-load-balancing.ts';
import { checkRoutes } from './checks-routes.ts';
import type { Path, Reporter } from './problems.ts';
import { RESERVED_COUNT, reservedReason } from './reserved-addresses.ts';
import type { Topology } from './resolve.ts';

export function checkAddressing(lab: Topology, report: Reporter): void {
  for (const vpc of lab.vpcs.values()) checkVpc(lab, vpc, report);
  checkRoutes(lab, report);
  checkAddresses(lab, report);
  checkAttachments(lab, report);
  checkIpv6(lab, report);
  checkGateways(lab, report);
  checkLoadBalancing(lab, report);
}

/** A block, what it belongs to, and where the file says so. */
interface Block {
  readonly cidr: Ipv4Cidr;
  readonly owner: string;
  readonly path: Path;
}

function checkVpc(lab: Topology, vpc: LabVpc, report: Reporter): void {
  const blocks = vpc.cidrs.map((cidr, index): Block => {
    const path = [...vpc.path, 'cidr', ...(vpc.cidrs.length > 1 ? [index] : [])];
    return { cidr, owner: `VPC "${vpc.name}"`, path };
  });
  for (const block of blocks) checkSize(block, report);
  checkOverlaps(blocks, report);
  const subnets = [...lab.subnets.values()].filter((subnet) => subnet.vpc === vpc.name);
  const subnetBlocks = subnets.flatMap(({ cidr, name, path }): Block[] =>
    cidr === null ? [] : [{ cidr, owner: `subnet "${name}"`, path: [...path, 'cidr'] }],
  );
  for (const block of subnetBlocks) {
    if (vpc.cidrs.some((cidr) => cidrContains(cidr, block.cidr))) {
      checkSize(block, report);
      continue;
    }
    const wanted = vpc.cidrs.map(formatCidr).join(' or ');
    report.at(
      block.path,
      `Cannot use "${formatCidr(block.cidr)}": found it outside of the VPC, wanted a block inside ${wanted}`,
    );
  }
  checkOverlaps(subnetBlocks, report);
  for (const subnet of subnets) checkReservations(subnet, report);
  checkMainTables(lab, vpc, report);
}

const LARGEST_PREFIX = 16;
const SMALLEST_PREFIX = 28;

/** SUB-1. */
function checkSize({ cidr, path }: Block, report: Reporter): void {
  if (cidr.prefixLength >= LARGEST_PREFIX && cidr.prefixLength <= SMALLEST_PREFIX) return;
  report.at(
    path,
    `Cannot use "${formatCidr(cidr)}": found a /${cidr.prefixLength}, wanted /${LARGEST_PREFIX} to /${SMALLEST_PREFIX}`,
  );
}

/** Blames, of two blocks that overlap, the one that stands later in the file (SUB-5). */
function checkOverlaps(blocks: readonly Block[], report: Reporter): void {
  const order = new Map(blocks.map((block, index) => [block, index]));
  const sorted = blocks.toSorted(
    (a, b) => a.cidr.addr - b.cidr.addr || a.cidr.prefixLength - b.cidr.prefixLength,
  );
  let outer: Block | undefined;
  for (const block of sorted) {
    // Blocks either nest or are apart, so only the last one that was not inside another matters.
    if (outer === undefined || !cidrsOverlap(outer.cidr, block.cidr)) {
      outer = block;
      continue;
    }
    const isLater = (order.get(block) ?? 0) > (order.get(outer) ?? 0);
    const [earlier, later] = isLater ? [outer, block] : [block, outer];
    report.at(
      later.path,
      `Cannot use "${formatCidr(later.cidr)}": found an overlap with ${formatCidr(earlier.cidr)} of ${earlier.owner}, wanted a block apart from it`,
    );
  }
}

function checkReservations(subnet: LabSubnet, report: Reporter): void {
  for (const [index, { cidr }] of subnet.reservations.entries()) {
    const block = subnet.cidr;
    if (block !== null && cidrContains(block, cidr)) continue;
    const state = block === null ? IPV6_ONLY : 'it outside of the subnet';
    const wanted = block === null ? 'one with cidr' : `a block inside ${formatCidr(block)}`;
    report.at(
      [...subnet.path, 'reservations', index, 'cidr'],
      `Cannot reserve "${formatCidr(cidr)}": found ${state}, wanted ${wanted}`,
    );
  }
}

function checkMainTables(lab: Topology, vpc: LabVpc, report: Reporter): void {
  const mains = [...lab.routeTables.values()].filter(
    (table) => table.vpc === vpc.name && table.main,
  );
  for (const table of mains.slice(1)) {
    report.at(
      [...table.path, 'main'],
      `Cannot make "${table.name}" the main route table: found "${mains[0]?.name}" as such, wanted one`,
    );
  }
}

function checkAddresses(lab: Topology, report: Reporter): void {
  /** `vpc/address` to who has it. */
  const owners = new Map<string, string>();
  for (const owner of [
    ...lab.interfaces.values(),
    ...lab.instances.values(),
    ...lab.natGateways.values(),
  ]) {
    const subnet = lab.subnets.get(owner.subnet);
    if (subnet === undefined) continue;
    for (const [address, path] of addressesOf(owner)) {
      const key = `${subnet.vpc}/${address}`;
      const state = addressState(subnet, address, owners.get(key));
      if (state !== null) {
        const wanted = subnet.cidr === null ? 'one with cidr' : freeRange(subnet.cidr);
        report.at(path, `Cannot use "${formatIpv4(address)}": found ${state}, wanted ${wanted}`);
      }
      if (!owners.has(key)) owners.set(key, owner.name);
    }
  }
}

function addressesOf(
  owner: LabInterface | LabInstance | LabNatGateway,
): readonly (readonly [Ipv4Addr, Path])[] {
  const { path } = owner;
  if ('privateAddress' in owner) {
    const { privateAddress } = owner;
    return privateAddress === null ? [] : [[privateAddress, [...path, 'privateAddress']]];
  }
  const first = owner.address === null ? [] : [[owner.address, [...path, 'address']] as const];
  const others = owner.secondaryAddresses.map(
    (address, index) => [address, [...path, 'secondaryAddresses', index]] as const,
  );
  return [...first, ...others];
}

function freeRange(cidr: Ipv4Cidr): string {
  const last = formatIpv4(lastIpv4(cidr) - 1);
  return `a free one of ${formatIpv4(cidr.addr + RESERVED_COUNT)} to ${last}`;
}

/** @returns what is wrong with the address, or null. */
function addressState(
  subnet: LabSubnet,
  address: Ipv4Addr,
  holder: string | undefined,
): string | null {
  const { cidr, name } = subnet;
  if (cidr === null) return IPV6_ONLY;
  if (!ipv4Contains(cidr, address)) return `it outside of subnet "${name}" (${formatCidr(cidr)})`;
  const taken = holder === undefined ? null : `it taken by "${holder}"`;
  return reservedReason(cidr, address) ?? taken;
}

function checkAttachments(lab: Topology, report: Reporter): void {
  const taken = new Map<string, string>();
  for (const each of lab.interfaces.values()) {
    if (each.attach === null) continue;
    const device = `${each.attach.instance}.eth${each.attach.device}`;
    const other = taken.get(device);
    if (other !== undefined) {
      report.at(
        [...each.path, 'attach'],
        `Cannot attach "${each.name}": found "${other}" as ${device}, wanted a free device`,
      );
    }
    taken.set(device, each.name);
    checkPlace(lab, each, each.attach.instance, report);
  }
}

/** ENI-2: an interface and its instance share the zone, and a VPC. */
function checkPlace(lab: Topology, each: LabInterface, instance: string, report: Reporter): void {
  const own = lab.subnets.get(each.subnet);
  const home = lab.subnets.get(lab.instances.get(instance)?.subnet ?? '');
  if (own === undefined || home === undefined) return;
  if (own.vpc === home.vpc && own.zone === home.zone) return;
  const place = (subnet: LabSubnet) => `VPC "${subnet.vpc}", zone ${subnet.zone}`;
  report.at(
    [...each.path, 'attach'],
    `Cannot attach "${each.name}": found it in ${place(own)}, wanted that of "${instance}": ${place(home)}`,
  );
}
