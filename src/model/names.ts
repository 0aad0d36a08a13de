/** The private DNS names of a region, as DHCP, the resolver and the API give them. */
import { formatIpv4, type Ipv4Addr } from '../addr/ipv4.ts';

/** @returns the domain of private names: `ec2.internal` in us-east-1. @source DHCP-8, DNS-2 */
export function regionDomain(region: string): string {
  return region === 'us-east-1' ? 'ec2.internal' : `${region}.compute.internal`;
}

/** @returns the host name without a domain, such as `ip-10-0-0-5`. @source DHCP-3 */
export function privateHostName(addr: Ipv4Addr): string {
  return `ip-${formatIpv4(addr).replaceAll('.', '-')}`;
}

/** @returns the private DNS name, such as `ip-10-0-0-5.ec2.internal`. @source DNS-2 */
export function privateDnsName(region: string, addr: Ipv4Addr): string {
  return `${privateHostName(addr)}.${regionDomain(region)}`;
}
