/** The DNS names of a region, as DHCP, the resolver and the API give them. */
import { formatIpv4, type Ipv4Addr } from '../addr/ipv4.ts';
import type { Eni } from './records.ts';

/** @returns the domain of private names: `ec2.internal` in us-east-1. @source DHCP-8, DNS-2 */
export function regionDomain(region: string): string {
  return region === 'us-east-1' ? 'ec2.internal' : `${region}.compute.internal`;
}

/** @returns the domain of public names: `compute-1.amazonaws.com` in us-east-1. @source DNS-4 */
export function publicDomain(region: string): string {
  return `${region === 'us-east-1' ? 'compute-1' : `${region}.compute`}.amazonaws.com`;
}

/** @returns the public DNS name, such as `ec2-198-18-0-5.compute-1.amazonaws.com`. @source DNS-4 */
export function publicDnsName(region: string, addr: Ipv4Addr): string {
  return `ec2-${formatIpv4(addr).replaceAll('.', '-')}.${publicDomain(region)}`;
}

/** @returns the host name without a domain, such as `ip-10-0-0-5`. @source DHCP-3 */
function privateHostName(addr: Ipv4Addr): string {
  return `ip-${formatIpv4(addr).replaceAll('.', '-')}`;
}

/** @returns the private DNS name, such as `ip-10-0-0-5.ec2.internal`. @source DNS-2 */
export function privateDnsName(region: string, addr: Ipv4Addr): string {
  return `${privateHostName(addr)}.${regionDomain(region)}`;
}

/**
 * Gives the host name of an interface: of its primary IPv4 address, or else of its instance.
 * @returns null for an interface without IPv4 that is attached to nothing.
 * @source DHCP-3, DNS-2
 */
export function eniHostName({ addresses, attachment }: Eni): string | null {
  const [primary] = addresses;
  return primary === undefined ? (attachment?.instanceId ?? null) : privateHostName(primary);
}

/** @returns the private DNS name of an interface; null when it has none. @source DNS-2 */
export function eniDnsName(region: string, eni: Eni): string | null {
  const host = eniHostName(eni);
  return host === null ? null : `${host}.${regionDomain(region)}`;
}
