/** The DHCP options of a VPC in a lab file. */
import { formatIpv6, parseIpv6 } from '../../addr/ipv6.ts';
import { DEFAULT_IPV6_LEASE_TIME_S } from '../../model/dhcp.ts';
import type { LabDhcpOptions } from '../lab.ts';
import type { LabFileVpc } from './schema-network.ts';

/** @returns `default`: no option set; null: the file says nothing. */
export function resolveDhcpOptions(fields: LabFileVpc): LabDhcpOptions | 'default' | null {
  const options = fields.dhcpOptions;
  if (options === undefined) return null;
  if (options === 'default') return 'default';
  return {
    domainName: options.domainName ?? null,
    domainNameServers: (options.domainNameServers ?? []).map(canonical),
    ntpServers: (options.ntpServers ?? []).map(canonical),
    netbiosNameServers: options.netbiosNameServers ?? [],
    netbiosNodeType: options.netbiosNodeType ?? null,
    ipv6LeaseTimeS: options.ipv6AddressPreferredLeaseTime ?? DEFAULT_IPV6_LEASE_TIME_S,
  };
}

/** @returns the server as AWS spells it, so that it can be compared with what is there. */
function canonical(server: string): string {
  const addr = parseIpv6(server);
  return addr === null ? server : formatIpv6(addr);
}
