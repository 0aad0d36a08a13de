/**
 * The rules of nftables at both ends of an uplink. In its namespace all public addresses of the lab
 * become one; on the host that one becomes the host's own. At both ends only answers come in.
 * Read first: nft(8).
 */
import type { Link } from './link.ts';

/** Program to Debian package. */
export const UPLINK_PROGRAMS = { nft: 'nftables' };

/** What is no destination on the internet: RFC 6890. */
const NOT_PUBLIC =
  '0.0.0.0/8, 10.0.0.0/8, 100.64.0.0/10, 127.0.0.0/8, 169.254.0.0/16, 172.16.0.0/12, 192.168.0.0/16, 224.0.0.0/3';
const PUBLIC_IPV6 = '2000::/3';

/**
 * For the host: a table of the lab's own, which drops and never accepts, so that what others drop
 * stays dropped.
 */
export function hostRules(table: string, { host, lab }: Link): string {
  const comesIn = `iifname "${host.device}"`;
  return `
add table inet ${table}
delete table inet ${table}
table inet ${table} {
  chain input {
    type filter hook input priority filter; policy accept;
    ${comesIn} drop comment "the lab reaches no service of the host"
  }
  chain forward {
    type filter hook forward priority filter; policy accept;
    ${comesIn} ct state invalid drop
    ${comesIn} ct status dnat drop comment "nor one behind a port of the host"
    ${comesIn} ip saddr != ${lab.ipv4} drop
    ${comesIn} ip daddr { ${NOT_PUBLIC} } drop
    ${comesIn} ip6 saddr != ${lab.ipv6} drop
    ${comesIn} ip6 daddr != ${PUBLIC_IPV6} drop
    oifname "${host.device}" ct state != { established, related } drop
  }
  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    ip saddr ${lab.ipv4} masquerade
    ip6 saddr ${lab.ipv6} masquerade
  }
}
`;
}

interface NftChain {
  readonly family: string;
  readonly table: string;
  readonly name: string;
  readonly hook?: string;
  readonly policy?: string;
}

/**
 * @param listed What `nft --json list chains` prints.
 * @returns the chains that drop what the host forwards unless one of their rules lets it pass.
 */
export function closedChains(listed: string): string[] {
  const { nftables } = JSON.parse(listed) as { readonly nftables: { readonly chain?: NftChain }[] };
  return nftables
    .flatMap(({ chain }) => chain ?? [])
    .filter(({ hook, policy }) => hook === 'forward' && policy === 'drop')
    .map(({ family, table, name }) => `${family} ${table} ${name}`);
}

/** For the namespace. @param fabric The interface behind which the dataplane is. */
export function namespaceRules(fabric: string, { lab }: Link): string {
  const goesOut = `iifname "${fabric}" oifname "${lab.device}"`;
  return `
table inet uplink {
  chain input {
    type filter hook input priority filter; policy drop;
  }
  chain forward {
    type filter hook forward priority filter; policy drop;
    ct state invalid drop
    ${goesOut} ip daddr { ${NOT_PUBLIC} } drop
    ${goesOut} ip6 daddr != ${PUBLIC_IPV6} drop
    ${goesOut} accept
    iifname "${lab.device}" oifname "${fabric}" ct state { established, related } accept
  }
  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    oifname "${lab.device}" masquerade
  }
}
`;
}
