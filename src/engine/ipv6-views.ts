/** What the IPv6 responders may know of a program, as seen from one interface. */
import { type Ipv6Cidr, ipv6Contains } from '../addr/cidr.ts';
import {
  type Ipv6Addr,
  ipv6FromWords,
  ipv6ToWords,
  isLinkLocal,
  linkLocalOf,
  parseIpv6,
} from '../addr/ipv6.ts';
import { type MacAddr, macFromWords } from '../addr/mac.ts';
import { isServiceIpv6 } from '../addr/service-addresses.ts';
import {
  carriesFamily,
  ENI_SOURCE_DEST_CHECK,
  eniByAddress,
  type Program,
} from '../dataplane/program.ts';
import type { Dhcpv6View } from '../responders/dhcpv6.ts';
import type { NdView } from '../responders/nd.ts';

/** Every router has it (RA-4). */
const ROUTER_ALIAS = parseIpv6('fe80:ec2::1') as Ipv6Addr;

/** @returns the IPv6 blocks of the subnet of an interface. */
export function subnetPrefixes(program: Program, eni: number): readonly Ipv6Cidr[] {
  return program.subnetCidrs6[program.enis.subnet[eni] as number] ?? [];
}

/** @param eni The interface that sent the frame, or that is to be told. */
export function ndView(program: Program, eni: number): NdView {
  const { enis, subnets } = program;
  const subnet = enis.subnet[eni] as number;
  const vpc = subnets.vpc[subnet] as number;
  const prefixes = subnetPrefixes(program, eni);
  const leases = program.eniLeases6[eni];
  const routerMac = macFromWords(
    subnets.routerMacHigh[subnet] as number,
    subnets.routerMacLow[subnet] as number,
  );
  const routerAddr = linkLocalOf(routerMac);
  const isRouter = (addr: Ipv6Addr): boolean =>
    addr === routerAddr ||
    addr === ROUTER_ALIAS ||
    prefixes.some((prefix) => addr === prefix.addr + 1n);
  return {
    eniMac: program.eniMac[eni] as MacAddr,
    routerMac,
    routerAddr,
    prefixes,
    sourceDestCheck: ((enis.flags[eni] as number) & ENI_SOURCE_DEST_CHECK) !== 0,
    checkedAddr: carriesFamily(program, subnet, 4) ? null : (leases?.addresses[0] ?? null),
    isRouter,
    eniOwns: (addr) => holderOf(program, vpc, addr) === eni,
    macOf(addr) {
      if (isRouter(addr) || isServiceIpv6(...ipv6ToWords(addr))) return routerMac;
      if (isLinkLocal(addr) || !prefixes.some((prefix) => ipv6Contains(prefix, addr))) return null;
      const holder = holderOf(program, vpc, addr);
      const answers = holder !== -1 && enis.subnet[holder] === subnet && enis.port[holder] !== -1;
      return answers ? (program.eniMac[holder] as MacAddr) : null;
    },
  };
}

/** @returns the router's address to one who sends beyond the subnet: the global one, if it has one. */
export function routerAddrForRouted(program: Program, eni: number): Ipv6Addr {
  const [prefix] = subnetPrefixes(program, eni);
  if (prefix === undefined) return ndView(program, eni).routerAddr;
  return ipv6FromWords(...ipv6ToWords(prefix.addr + 1n));
}

/** @returns the interface that has the address itself or in a delegated prefix, or -1 (ENI-11). */
function holderOf(program: Program, vpc: number, addr: Ipv6Addr): number {
  return eniByAddress(program, vpc, 6, ...ipv6ToWords(addr));
}

/** Where there is IPv4, DHCPv6 names neither servers nor a domain (DHCP-12). */
export function dhcpv6View(program: Program, eni: number): Dhcpv6View {
  const { eniMac, routerMac, routerAddr } = ndView(program, eni);
  const subnet = program.enis.subnet[eni] as number;
  const options = program.dhcp[subnet];
  const leases = program.eniLeases6[eni];
  const isOnlyIpv6 = !carriesFamily(program, subnet, 4);
  if (options === undefined || leases === undefined) {
    throw new RangeError(`interface ${eni} has no DHCP options`);
  }
  return {
    eniMac,
    routerMac,
    routerAddr,
    ...leases,
    preferredSeconds: options.preferredSeconds,
    dnsServers: isOnlyIpv6 ? options.dnsServers6 : [],
    domainName: isOnlyIpv6 ? options.domainName : null,
  };
}
