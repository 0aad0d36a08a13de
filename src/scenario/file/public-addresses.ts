/** Which addresses a host of the internet may have. */
import { type Ipv4Cidr, ipv4Contains, parseIpv4Cidr } from '../../addr/cidr.ts';
import type { Ipv4Addr } from '../../addr/ipv4.ts';
import type { Ipv6Addr } from '../../addr/ipv6.ts';

/** @source RFC 6890 */
const SPECIAL: readonly (readonly [block: Ipv4Cidr | null, what: string])[] = [
  [parseIpv4Cidr('10.0.0.0/8'), 'a private address'],
  [parseIpv4Cidr('172.16.0.0/12'), 'a private address'],
  [parseIpv4Cidr('192.168.0.0/16'), 'a private address'],
  [parseIpv4Cidr('100.64.0.0/10'), 'an address of the shared space of carriers'],
  [parseIpv4Cidr('169.254.0.0/16'), 'a link-local address'],
  [parseIpv4Cidr('127.0.0.0/8'), 'a loopback address'],
  [parseIpv4Cidr('0.0.0.0/8'), 'an address that nobody has'],
  [parseIpv4Cidr('224.0.0.0/4'), 'a multicast address'],
  [parseIpv4Cidr('240.0.0.0/4'), 'an address that nobody has'],
  // Half of it is where elastic addresses are from, the other half may be a VPC's (SUB-8).
  [parseIpv4Cidr('198.18.0.0/15'), 'an address that AWS gives in a lab'],
];

/** @param pool Of elastic addresses. @returns what the address is instead; null: it is public. */
export function notPublic(address: Ipv4Addr, pool: Ipv4Cidr): string | null {
  if (ipv4Contains(pool, address)) return 'an address of the pool of elastic addresses';
  const special = SPECIAL.find(([block]) => block !== null && ipv4Contains(block, address));
  return special?.[1] ?? null;
}

/** What is global is in 2000::/3. @source RFC 4291 2.4 */
export function notPublicIpv6(address: Ipv6Addr): string | null {
  return address >> 125n === 1n ? null : 'an address that is not global';
}
