/** What DHCP tells the guests of a subnet: the option set of the VPC in terms of addresses (DHCP-8 to DHCP-10). */
import type { Ipv4Addr } from '../addr/ipv4.ts';
import type { Ipv6Addr } from '../addr/ipv6.ts';
import { RESOLVER } from '../addr/service-addresses.ts';
import type { SubnetDhcp } from '../dataplane/program.ts';
import { DEFAULT_IPV6_LEASE_TIME_S } from '../model/dhcp.ts';
import type { Subnet } from '../model/records.ts';
import type { Fabric } from '../model/snapshot.ts';
import { isIpv6Only } from '../model/subnets.ts';
import { resolverOf } from './rows.ts';

/** The resolver on the link is named where no other can be: without an option set, or without IPv4 (DHCP-10). */
export function compileDhcp(snapshot: Fabric, subnet: Subnet): SubnetDhcp {
  const vpc = snapshot.vpcs.get(subnet.vpcId);
  if (vpc === undefined) throw new Error(`the snapshot names "${subnet.vpcId}", which it has not`);
  const options =
    vpc.dhcpOptionsId === 'default' ? undefined : snapshot.dhcpOptions.get(vpc.dhcpOptionsId);
  if (options === undefined) {
    return {
      domainName: null,
      dnsServers: [RESOLVER.ipv4],
      dnsServers6: [RESOLVER.ipv6],
      ntpServers: [],
      netbiosNameServers: [],
      netbiosNodeType: null,
      preferredSeconds: DEFAULT_IPV6_LEASE_TIME_S,
    };
  }
  return {
    domainName: options.domainName,
    dnsServers: isIpv6Only(subnet)
      ? [RESOLVER.ipv4]
      : ipv4Of(
          options.domainNameServers.map((server) =>
            server === 'AmazonProvidedDNS' ? resolverOf(vpc) : server,
          ),
        ),
    dnsServers6: ipv6Of(
      options.domainNameServers.map((server) =>
        server === 'AmazonProvidedDNS' ? RESOLVER.ipv6 : server,
      ),
    ),
    ntpServers: ipv4Of(options.ntpServers),
    netbiosNameServers: options.netbiosNameServers,
    netbiosNodeType: options.netbiosNodeType,
    preferredSeconds: options.ipv6PreferredLeaseTimeS,
  };
}

/** DHCPv4 carries the IPv4 servers of an option set only. */
function ipv4Of(addresses: readonly (Ipv4Addr | Ipv6Addr)[]): readonly Ipv4Addr[] {
  return addresses.filter((addr): addr is Ipv4Addr => typeof addr === 'number');
}

/** DHCPv6 carries the IPv6 ones. */
function ipv6Of(addresses: readonly (Ipv4Addr | Ipv6Addr)[]): readonly Ipv6Addr[] {
  return addresses.filter((addr): addr is Ipv6Addr => typeof addr === 'bigint');
}
