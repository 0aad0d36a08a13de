/**
 * The address that DHCPv4 gives in an IPv6-only subnet: link-local, and good for nothing but itself.
 * Read first: facts DHCP-10, docs/decisions/0006-ipv6-only-subnets.md.
 */
import { type Ipv4Addr, ipv4FromWord, parseIpv4 } from '../addr/ipv4.ts';
import { type MacAddr, macLow32 } from '../addr/mac.ts';
import type { Dhcpv4View } from '../responders/dhcpv4.ts';

type Lease = Pick<Dhcpv4View, 'address' | 'prefixLength' | 'routerAddr' | 'gateway'>;

/** 169.254.1.0, the first that a host may have. @source RFC 3927 2.1 */
const FIRST = 0xa9fe0100;
/** 169.254.168.0/22 is of services (LL-1), 169.254.255.0/24 of nobody. */
const SERVICES_START = 0xa9fea800;
const SERVICES_SIZE = 0x400;
const COUNT = 0xfe00 - SERVICES_SIZE;
const SERVER = parseIpv4('169.254.0.1') as Ipv4Addr;

/** @returns the lease of an interface; it follows from the MAC address. @source DHCP-10 */
export function linkLocalLease(mac: MacAddr): Lease {
  const addr = FIRST + ((macLow32(mac) >>> 0) % COUNT);
  return {
    address: ipv4FromWord(addr < SERVICES_START ? addr : addr + SERVICES_SIZE),
    prefixLength: 32,
    routerAddr: SERVER,
    gateway: null,
  };
}
