/**
 * The compiled form of a snapshot: typed arrays that the layers read. Swapped whole; each flow
 * carries the generation that made it. Structured-cloneable, since it goes to the worker.
 * An index names a row of a table here; -1 is none. Addresses and MACs are signed 32-bit words.
 */
import type { Ipv6Cidr } from '../addr/cidr.ts';
import { buildExactMap, type ExactMap, lookupExact3, lookupExact5 } from '../addr/exact-map.ts';
import type { Ipv4Addr } from '../addr/ipv4.ts';
import type { Ipv6Addr } from '../addr/ipv6.ts';
import { lookupLpm4, lookupLpm6 } from '../addr/lpm.ts';
import type { MacAddr } from '../addr/mac.ts';
import { IPPROTO_UDP } from '../packet/ipv4.ts';
import { type EdgeTable, emptyEdges } from './edges.ts';
import { emptyLoadBalancers, type LoadBalancerTable } from './load-balancers.ts';

/** Third word of an IPv4 address in a table of 128-bit addresses (RFC 4291 2.5.5.2). */
export const IPV4_MAPPED_WORD = 0xffff;

/** Bits of `EniTable.flags`. */
export const ENI_SOURCE_DEST_CHECK = 1;
/** A flow log wants to know what passes the interface (FL-1). */
export const ENI_FLOW_LOG = 2;

export interface EniTable {
  readonly macHigh: Int32Array;
  readonly macLow: Int32Array;
  readonly subnet: Int32Array;
  readonly flags: Uint8Array;
  /** The port on which a running instance holds the interface, or -1. */
  readonly port: Int32Array;
  /** The primary IPv4 address; 0 in an IPv6-only subnet. */
  readonly primaryAddr: Int32Array;
  /** The security groups of interface n: `groups[groupsFrom[n]]` up to `groupsFrom[n + 1]`. */
  readonly groupsFrom: Int32Array;
  readonly groups: Int32Array;
  /** For how long an idle flow is tracked; milliseconds (SG-8). */
  readonly tcpTimeoutMs: Int32Array;
  readonly udpTimeoutMs: Int32Array;
  readonly udpStreamTimeoutMs: Int32Array;
}

export interface SubnetTable {
  readonly vpc: Int32Array;
  /** The IPv4 block; 0 without one. */
  readonly network: Int32Array;
  readonly prefixLength: Int32Array;
  readonly routerMacHigh: Int32Array;
  readonly routerMacLow: Int32Array;
  /** 1 when the subnet has a block of the family (SUB-5). */
  readonly hasIpv4: Uint8Array;
  readonly hasIpv6: Uint8Array;
  /** Index into `routes4` and `routes6`. */
  readonly routeTable: Int32Array;
  /** Index into the rows of `filters.acls`. */
  readonly networkAcl: Int32Array;
  /** The first word of the IPv6 block; 0 without one. */
  readonly network6: Int32Array;
}

/** Words of a row of `FilterTable.groups` and `acls`. */
export const FILTER_RANGE_WORDS = 4;

/** @returns the bit of a group that opens all ports of TCP or UDP in a direction to everybody (SG-5). */
export function openBit(isEgress: boolean, protocol: number, family: number): number {
  return 1 << ((isEgress ? 4 : 0) | (protocol === IPPROTO_UDP ? 2 : 0) | (family === 6 ? 1 : 0));
}

export interface FilterTable {
  /** Rows of `filter-rules.ts`. */
  readonly rules: Int32Array;
  /** By security group: first ingress rule, first egress rule, the row behind the last, and `openBit`s. */
  readonly groups: Int32Array;
  /** By security group: its VPC. */
  readonly groupVpc: Int32Array;
  /** By network ACL, as `groups`. */
  readonly acls: Int32Array;
  /** Tries of the entries of each prefix list. */
  readonly prefixLists: readonly Int32Array[];
}

/** What becomes of later fragments (MTU-7). */
export const FRAGMENTS_FOLLOW_FIRST = 0;
export const FRAGMENTS_BY_ADDRESS = 1;
export const FRAGMENTS_DROPPED = 2;

export const ROUTE_LOCAL = 0;
export const ROUTE_ENI = 1;
export const ROUTE_BLACKHOLE = 2;
/** Out of the VPC by a gateway that is recorded only. */
export const ROUTE_GATEWAY = 3;
export const ROUTE_INTERNET_GATEWAY = 4;
export const ROUTE_PEERING = 5;
export const ROUTE_NAT_GATEWAY = 6;
export const ROUTE_EGRESS_ONLY_GATEWAY = 7;
export const ROUTE_GATEWAY_ENDPOINT = 8;
export const ROUTE_LOAD_BALANCER_ENDPOINT = 9;

/** Where a packet is that has left a VPC, beside the gateways of `ROUTE_*`. */
export const FROM_INTERNET = 16;
export const FROM_INTERNET_GATEWAY = 17;
export const TO_NAT_ADDRESS = 18;
/** An answer comes into the VPC by the gateway endpoint or the egress-only gateway that the question left by. */
export const FROM_STATEFUL_GATEWAY = 19;
/** An appliance sends to a node of a Gateway Load Balancer. */
export const TO_LOAD_BALANCER = 20;
/** Nobody in the lab has the destination, and the host is connected to others. */
export const TO_UPLINK = 21;

/** The largest IP packet that leaves a region, by an internet gateway or a peering, in bytes (MTU-1). */
export const INTERNET_MTU = 1500;
/** The largest that NAT gateways and endpoints take. @source AWS's documentation of each, GWLB-5 */
export const GATEWAY_MTU = 8500;

/** The largest IP packet between two interfaces of one VPC, in bytes (MTU-1). */
export const VPC_MTU = 9001;

export interface RouteTargets {
  /** `ROUTE_*`. */
  readonly kind: Uint8Array;
  /** The interface of a `ROUTE_ENI`, else -1. */
  readonly eni: Int32Array;
  /**
   * Of a `ROUTE_PEERING` the other VPC, of gateways that keep state the row of `edges.nat`, of a
   * `ROUTE_LOAD_BALANCER_ENDPOINT` the endpoint; else -1.
   */
  readonly gateway: Int32Array;
  /** The largest IP packet that goes this way, in bytes (MTU-1). */
  readonly mtu: Int32Array;
  /** 1 when the router tells the sender of a packet that is too big, 0 when it is silent (MTU-4, MTU-6). */
  readonly reportsTooBig: Uint8Array;
}

/** What the DHCP responders tell the guests of a subnet. */
export interface SubnetDhcp {
  readonly domainName: string | null;
  readonly dnsServers: readonly Ipv4Addr[];
  /** For DHCPv6, in IPv6-only subnets (DHCP-12). */
  readonly dnsServers6: readonly Ipv6Addr[];
  readonly ntpServers: readonly Ipv4Addr[];
  readonly netbiosNameServers: readonly Ipv4Addr[];
  readonly netbiosNodeType: number | null;
  /** Of the leases of IPv6 addresses; seconds (DHCP-13). */
  readonly preferredSeconds: number;
}

/** The IPv6 addresses and delegated prefixes of an interface. */
export interface EniLeases6 {
  readonly addresses: readonly Ipv6Addr[];
  readonly prefixes: readonly Ipv6Cidr[];
}

/** The way out of the lab. */
export interface UplinkPort {
  /** The port that leads to the uplink of the host; -1: the lab has none. */
  readonly uplinkPort: number;
  readonly uplinkHasIpv6: boolean;
}

export const NO_UPLINK: UplinkPort = { uplinkPort: -1, uplinkHasIpv6: false };

export interface Program extends UplinkPort {
  /** Grows with each swap. */
  readonly generation: number;
  readonly enis: EniTable;
  readonly subnets: SubnetTable;
  /** First address of the resolver of each VPC: the base of its primary block, plus two (DNS-1). */
  readonly vpcResolver: Int32Array;
  /** 1 when the resolver of the VPC answers (DNS-5). */
  readonly vpcHasDns: Uint8Array;
  /** Port to interface; shorter than the number of ports when the last ports hold none. */
  readonly portEni: Int32Array;
  /** The port that leads to the services namespace, or -1. */
  readonly servicesPort: number;
  /** (VPC, 128-bit address) to interface: primary, secondary and IPv6 addresses. */
  readonly addresses: ExactMap;
  /** (subnet, MAC high, MAC low) to interface. */
  readonly macs: ExactMap;
  /** Per VPC: delegated prefixes to interface (ENI-11). */
  readonly prefixes4: readonly Int32Array[];
  readonly prefixes6: readonly Int32Array[];
  /** (VPC, 128-bit address) to subnet: the global IPv6 addresses of its routers (SUB-10). */
  readonly routers6: ExactMap;
  /** Per VPC: IPv4 blocks of its subnets to subnet. */
  readonly subnetByAddr: readonly Int32Array[];
  /** Per route table: longest-prefix tries to a row of `routeTargets`. */
  readonly routes4: readonly Int32Array[];
  readonly routes6: readonly Int32Array[];
  readonly routeTargets: RouteTargets;
  readonly edges: EdgeTable;
  readonly loadBalancers: LoadBalancerTable;
  readonly filters: FilterTable;
  /** `FRAGMENTS_*`. */
  readonly fragments: number;
  /** For how long the flows of flow logs are summed up (FL-2); 0: no interface is logged. */
  readonly flowLogWindowMs: number;
  readonly dhcp: readonly SubnetDhcp[];
  /** By subnet: its IPv6 blocks. */
  readonly subnetCidrs6: readonly (readonly Ipv6Cidr[])[];
  /** By interface, for the responders. */
  readonly eniMac: readonly MacAddr[];
  /** By interface: what DHCPv6 gives. */
  readonly eniLeases6: readonly EniLeases6[];
  /** By interface: the host name that DHCP gives (DHCP-3). */
  readonly eniHostName: readonly string[];
}

/** @returns a program of an empty region. */
export function emptyProgram(): Program {
  const none = new Int32Array(0);
  const noBytes = new Uint8Array(0);
  return {
    generation: 0,
    enis: {
      macHigh: none,
      macLow: none,
      subnet: none,
      flags: noBytes,
      port: none,
      primaryAddr: none,
      groupsFrom: none,
      groups: none,
      tcpTimeoutMs: none,
      udpTimeoutMs: none,
      udpStreamTimeoutMs: none,
    },
    subnets: {
      vpc: none,
      network: none,
      prefixLength: none,
      routerMacHigh: none,
      routerMacLow: none,
      hasIpv4: noBytes,
      hasIpv6: noBytes,
      routeTable: none,
      networkAcl: none,
      network6: none,
    },
    vpcResolver: none,
    vpcHasDns: noBytes,
    portEni: none,
    servicesPort: -1,
    ...NO_UPLINK,
    addresses: buildExactMap(5, []),
    macs: buildExactMap(3, []),
    routers6: buildExactMap(5, []),
    prefixes4: [],
    prefixes6: [],
    subnetByAddr: [],
    routes4: [],
    routes6: [],
    routeTargets: { kind: noBytes, eni: none, gateway: none, mtu: none, reportsTooBig: noBytes },
    edges: emptyEdges(),
    loadBalancers: emptyLoadBalancers(),
    filters: { rules: none, groups: none, groupVpc: none, acls: none, prefixLists: [] },
    fragments: FRAGMENTS_FOLLOW_FIRST,
    flowLogWindowMs: 0,
    dhcp: [],
    subnetCidrs6: [],
    eniMac: [],
    eniLeases6: [],
    eniHostName: [],
  };
}

/** @returns the interface that a running or stopped instance, or none, holds; -1 for an empty port. */
export function eniOfPort(program: Program, port: number): number {
  return port < program.portEni.length ? (program.portEni[port] as number) : -1;
}

/** @returns true when a running instance holds the interface, or a NAT gateway, which is always there. */
export function isThere({ enis, edges }: Program, eni: number): boolean {
  return enis.port[eni] !== -1 || edges.natOfEni[eni] !== -1;
}

/** @returns true when the subnet has a block of the family, so that its packets go there. @source SUB-5 */
export function carriesFamily(program: Program, subnet: number, family: number): boolean {
  const { hasIpv4, hasIpv6 } = program.subnets;
  return (family === 4 ? hasIpv4 : hasIpv6)[subnet] === 1;
}

/** @returns the interface of the subnet with this MAC address, or -1. */
export function eniByMac(program: Program, subnet: number, high: number, low: number): number {
  return lookupExact3(program.macs, subnet, high, low);
}

/** @returns the interface of the VPC that has this address, itself or in a prefix (ENI-11); or -1. */
export function eniByAddress(
  program: Program,
  vpc: number,
  family: number,
  w0: number,
  w1: number,
  w2: number,
  w3: number,
): number {
  const own = lookupExact5(program.addresses, vpc, w0, w1, w2, w3);
  if (own !== -1) return own;
  if (family === 4) return lookupLpm4(program.prefixes4[vpc] as Int32Array, w3);
  return lookupLpm6(program.prefixes6[vpc] as Int32Array, w0, w1, w2, w3);
}

/** @returns the interface of the VPC that has this IPv4 address, itself or in a prefix; or -1. */
export function eniByIpv4(program: Program, vpc: number, addr: number): number {
  return eniByAddress(program, vpc, 4, 0, 0, IPV4_MAPPED_WORD, addr);
}
