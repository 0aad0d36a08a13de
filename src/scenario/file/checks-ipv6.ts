/** What the shape of a lab file cannot say about IPv6: blocks inside blocks, reserved and doubled addresses. */
import {
  cidrContains,
  cidrsOverlap,
  formatCidr,
  type Ipv6Cidr,
  ipv6Contains,
} from '../../addr/cidr.ts';
import { formatIpv6, type Ipv6Addr } from '../../addr/ipv6.ts';
import { isInternet, type Realm } from '../../model/realm.ts';
import type { LabInstance, LabInterface, LabSubnet } from '../lab.ts';
import { SUBNET_PREFIX_LENGTH, VPC_PREFIX_LENGTH } from './ipv6-blocks.ts';
import type { Path, Reporter } from './problems.ts';
import type { Topology } from './resolve.ts';

/** Addresses at the start of a subnet that nobody can have (SUB-10). */
const RESERVED_COUNT = 4n;

/** What messages call a subnet without `cidr`. */
export const IPV6_ONLY = 'an IPv6-only subnet';

export function checkIpv6(lab: Topology, report: Reporter): void {
  checkVpcs(lab, report);
  checkSubnets(lab, report);
  checkAddresses(lab, report);
}

function checkVpcs(lab: Topology, report: Reporter): void {
  const earlier: { readonly name: string; readonly cidr: Ipv6Cidr; readonly realm: Realm }[] = [];
  for (const { name, path, ipv6, realm } of lab.vpcs.values()) {
    if (ipv6 === null) continue;
    const at = [...path, 'ipv6'];
    checkSize(ipv6, VPC_PREFIX_LENGTH, at, report);
    const other = earlier.find(({ cidr }) => cidrsOverlap(cidr, ipv6));
    // That of two blocks of the internet was told where the blocks were made.
    if (other !== undefined && !(isInternet(realm) && isInternet(other.realm))) {
      report.at(at, overlap(ipv6, other.cidr, `VPC "${other.name}"`));
    }
    earlier.push({ name, cidr: ipv6, realm });
  }
}

function checkSubnets(lab: Topology, report: Reporter): void {
  const earlier: LabSubnet[] = [];
  for (const subnet of lab.subnets.values()) {
    const { ipv6 } = subnet;
    if (ipv6 === null) {
      checkHasBlock(subnet, report);
      continue;
    }
    const at = [...subnet.path, 'ipv6'];
    const block = lab.vpcs.get(subnet.vpc)?.ipv6 ?? null;
    if (block !== null && !cidrContains(block, ipv6)) {
      report.at(
        at,
        `Cannot use "${formatCidr(ipv6)}": found it outside of the VPC, wanted a block inside ${formatCidr(block)}`,
      );
    } else {
      checkSize(ipv6, SUBNET_PREFIX_LENGTH, at, report);
    }
    const other = earlier.find((each) => each.ipv6 !== null && cidrsOverlap(each.ipv6, ipv6));
    if (other !== undefined && other.ipv6 !== null) {
      report.at(at, overlap(ipv6, other.ipv6, `subnet "${other.name}"`));
    }
    earlier.push(subnet);
  }
}

/** SUB-5: a subnet has an IPv4 block, an IPv6 block, or both. */
function checkHasBlock({ cidr, name, path }: LabSubnet, report: Reporter): void {
  if (cidr !== null) return;
  report.atKey(path, `Cannot make "${name}": found neither cidr nor ipv6, wanted one of them`);
}

/** SUB-9. */
function checkSize(cidr: Ipv6Cidr, wanted: number, path: Path, report: Reporter): void {
  if (cidr.prefixLength === wanted) return;
  report.at(
    path,
    `Cannot use "${formatCidr(cidr)}": found a /${cidr.prefixLength}, wanted a /${wanted}`,
  );
}

function overlap(cidr: Ipv6Cidr, other: Ipv6Cidr, owner: string): string {
  return `Cannot use "${formatCidr(cidr)}": found an overlap with ${formatCidr(other)} of ${owner}, wanted a block apart from it`;
}

function checkAddresses(lab: Topology, report: Reporter): void {
  const owners = new Map<Ipv6Addr, string>();
  for (const owner of [...lab.interfaces.values(), ...lab.instances.values()]) {
    const subnet = lab.subnets.get(owner.subnet);
    const block = subnet?.ipv6 ?? null;
    if (subnet?.cidr === null && owner.ipv6Addresses?.length === 0) {
      const state = `Cannot give no address to "${owner.name}": found ${IPV6_ONLY}`;
      report.at([...owner.path, 'ipv6Addresses'], `${state}, wanted an IPv6 address`);
    }
    for (const [index, address] of (owner.ipv6Addresses ?? []).entries()) {
      const state =
        block === null
          ? 'a subnet without IPv6'
          : (addressState(block, address) ?? takenBy(owners.get(address)));
      const wanted = block === null ? 'one with ipv6' : `a free one of ${formatCidr(block)}`;
      if (state !== null) {
        const text = `Cannot use "${formatIpv6(address)}": found ${state}, wanted ${wanted}`;
        report.at(addressPath(owner, index), text);
      }
      if (!owners.has(address)) owners.set(address, owner.name);
    }
  }
}

function addressPath(owner: LabInstance | LabInterface, index: number): Path {
  return owner.ipv6Field === 'ipv6Address'
    ? [...owner.path, 'ipv6Address']
    : [...owner.path, 'ipv6Addresses', index];
}

function takenBy(holder: string | undefined): string | null {
  return holder === undefined ? null : `it taken by "${holder}"`;
}

function addressState(block: Ipv6Cidr, address: Ipv6Addr): string | null {
  if (!ipv6Contains(block, address)) return `it outside of the subnet (${formatCidr(block)})`;
  return isReservedIpv6(block, address) ? 'a reserved address' : null;
}

/** @returns true for the first four and the last address of the block (SUB-10). */
export function isReservedIpv6(block: Ipv6Cidr, address: bigint): boolean {
  const host = address - block.addr;
  return host < RESERVED_COUNT || host === (1n << BigInt(128 - block.prefixLength)) - 1n;
}
