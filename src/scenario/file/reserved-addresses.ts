/** Which IPv4 addresses of a subnet AWS keeps for itself (SUB-2). */
import { type Ipv4Cidr, lastIpv4 } from '../../addr/cidr.ts';

/** Why an address of a subnet cannot be given to anybody (SUB-2), by its place in the subnet. */
const RESERVED: readonly string[] = [
  'the network address',
  'the address of the router',
  'the address reserved for DNS',
  'an address reserved for future use',
];

/** Those at the start of a subnet. */
export const RESERVED_COUNT = RESERVED.length;

/** @returns why the address is reserved, or null. */
export function reservedReason(cidr: Ipv4Cidr, address: number): string | null {
  if (address === lastIpv4(cidr)) return 'the broadcast address';
  return RESERVED[address - cidr.addr] ?? null;
}
