/** The names that addresses have, and the zones that blocks of them are. @source RFC 1035 3.5, RFC 3596 2.5 */
import { type Ipv4Cidr, type Ipv6Cidr, ipv4Cidr, lastIpv4 } from '../../addr/cidr.ts';
import { formatIpv4, type Ipv4Addr, parseIpv4 } from '../../addr/ipv4.ts';
import type { Ipv6Addr } from '../../addr/ipv6.ts';

const ARPA4 = '.in-addr.arpa';
const ARPA6 = '.ip6.arpa';
const NIBBLES = 32;

/** @returns such as `5.0.0.10.in-addr.arpa`. */
export function reverseName4(addr: Ipv4Addr): string {
  return reversed(formatIpv4(addr).split('.')) + ARPA4;
}

/** @returns the address of a name; null for a name that is none of a whole address. */
export function addressOfReverse4(name: string): Ipv4Addr | null {
  if (!name.endsWith(ARPA4)) return null;
  return parseIpv4(reversed(name.slice(0, -ARPA4.length).split('.')));
}

/** @returns true for a name that names of addresses are below, such as `0.10.in-addr.arpa`. */
export function isAboveReverse4(name: string): boolean {
  const labels = name.slice(0, -ARPA4.length).split('.');
  return labels.length < 4 && parseIpv4([...labels, '0', '0', '0'].slice(0, 4).join('.')) !== null;
}

/** @returns 32 nibbles below `ip6.arpa`. */
export function reverseName6(addr: Ipv6Addr): string {
  return reversed([...nibbles(addr)]) + ARPA6;
}

/**
 * Gives the zones that cover a block and nothing else: one where its edge is between two labels,
 * else those of the next label, such as two for a /23. @source AWS: autodefined rules of Resolver
 */
export function reverseZones4(cidr: Ipv4Cidr): string[] {
  const octets = Math.ceil(cidr.prefixLength / 8);
  const size = 2 ** (32 - octets * 8);
  const zones: string[] = [];
  for (let addr: number = cidr.addr; addr <= lastIpv4(cidr); addr += size) {
    const { addr: first } = ipv4Cidr(addr, octets * 8);
    zones.push(reversed(formatIpv4(first).split('.').slice(0, octets)) + ARPA4);
  }
  return zones;
}

/** As `reverseZones4`; blocks of VPCs end between two nibbles. */
export function reverseZone6({ addr, prefixLength }: Ipv6Cidr): string {
  return reversed([...nibbles(addr).slice(0, prefixLength / 4)]) + ARPA6;
}

function nibbles(addr: bigint): string {
  return addr.toString(16).padStart(NIBBLES, '0');
}

function reversed(labels: readonly string[]): string {
  return labels.toReversed().join('.');
}
