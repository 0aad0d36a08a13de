/** What follows from the blocks of a subnet: IPv4-only, dual-stack or IPv6-only (SUB-5). */
import type { Cidr } from '../addr/cidr.ts';
import type { Subnet } from './records.ts';

/** @returns the IPv4 block, if the subnet has one, then the IPv6 blocks. */
export function subnetBlocks(subnet: Pick<Subnet, 'cidr' | 'ipv6Cidrs'>): readonly Cidr[] {
  const ipv6 = subnet.ipv6Cidrs.map((association) => association.cidr);
  return subnet.cidr === null ? ipv6 : [subnet.cidr, ...ipv6];
}

/** @returns true when nobody in the subnet has an IPv4 address. @source SUB-5 */
export function isIpv6Only(subnet: Pick<Subnet, 'cidr'>): boolean {
  return subnet.cidr === null;
}
