/** What the tests of the IPv6 responders know of one ENI: that of the captured frames. */
import { type Ipv6Cidr, parseIpv6Cidr } from '../../src/addr/cidr.ts';
import { type Ipv6Addr, linkLocalOf, parseIpv6 } from '../../src/addr/ipv6.ts';
import { type MacAddr, parseMac } from '../../src/addr/mac.ts';
import type { NdView } from '../../src/responders/nd.ts';

export const ip6 = (text: string) => parseIpv6(text) as Ipv6Addr;
export const mac = (text: string) => parseMac(text) as MacAddr;
export const block6 = (text: string) => parseIpv6Cidr(text) as Ipv6Cidr;

export const ENI_MAC = mac('0a:04:a6:5b:7e:c4');
export const ENI_LINK_LOCAL = linkLocalOf(ENI_MAC);
export const PEER_MAC = mac('0e:99:ae:58:c3:3b');
export const ROUTER_MAC = mac('0e:fe:3b:b6:e0:63');
export const ROUTER = linkLocalOf(ROUTER_MAC);
export const OWN = ip6('2001:db8:1:101::b');
export const PEER = ip6('2001:db8:1:101::c');

const ROUTERS = new Set<bigint>([ROUTER, ip6('fe80:ec2::1'), ip6('2001:db8:1:101::1')]);
const OWNERS = new Map<bigint, MacAddr>([
  [OWN, ENI_MAC],
  [PEER, PEER_MAC],
  ...[...ROUTERS].map((addr): [bigint, MacAddr] => [addr, ROUTER_MAC]),
]);

export const ND_VIEW: NdView = {
  eniMac: ENI_MAC,
  routerMac: ROUTER_MAC,
  routerAddr: ROUTER,
  prefixes: [block6('2001:db8:1:101::/64')],
  sourceDestCheck: true,
  checkedAddr: null,
  isRouter: (addr) => ROUTERS.has(addr),
  eniOwns: (addr) => addr === OWN,
  macOf: (addr) => OWNERS.get(addr) ?? null,
};
