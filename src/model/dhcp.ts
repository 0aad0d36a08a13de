/** Seconds for which DHCPv6 prefers an address when no option set says otherwise (DHCP-13). */
export const DEFAULT_IPV6_LEASE_TIME_S = 140;
