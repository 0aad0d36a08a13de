/**
 * What lies at the edges of VPCs, in a program: internet gateways, and who has which public address.
 * Addresses are signed 32-bit words; an index names a row of the program, -1 is none.
 */

import { ipv4Mask } from '../addr/cidr.ts';
import { buildExactMap, type ExactMap, lookupExact3 } from '../addr/exact-map.ts';
import { buildLpm, lookupLpm4, lookupLpm6 } from '../addr/lpm.ts';

/** Gateways that keep state of flows, row by row: NAT gateways; egress-only gateways and gateway endpoints, which have no address. */
export interface NatGatewayTable {
  /** Of all programs of a lab the same for the same gateway. */
  readonly id: Int32Array;
  readonly vpc: Int32Array;
  /** Of a NAT gateway; else -1. */
  readonly subnet: Int32Array;
  /** The interface of a NAT gateway; else -1. */
  readonly eni: Int32Array;
  /** The addresses of gateway n: `addresses[addressFrom[n]]` up to `addressFrom[n + 1]`. */
  readonly addresses: Int32Array;
  readonly addressFrom: Int32Array;
}

export interface EdgeTable {
  readonly nat: NatGatewayTable;
  /** By interface: the NAT gateway that it was made for, or -1. */
  readonly natOfEni: Int32Array;
  /** By VPC: its egress-only gateway, a row of `nat`, or -1. */
  readonly egressOnly: Int32Array;
  /** The gateway endpoints, rows of `nat`. */
  readonly endpoints: Int32Array;
  /** A trie of the IPv4 blocks of all VPCs that have one. */
  readonly endpointBlocks4: Int32Array;
  /** By VPC: 1 when an internet gateway is attached. */
  readonly hasInternetGateway: Uint8Array;
  /** By VPC: the route table that steers what enters by its internet gateway, or -1 (EDGE-1). */
  readonly internetRouteTable: Int32Array;
  /** By VPC: 1 for one of the internet itself, whose addresses are public as they are. */
  readonly isInternet: Uint8Array;
  /** By mapping: a public IPv4 address, and the private one of an interface that it stands for (IGW-1). */
  readonly publicWord: Int32Array;
  readonly privateWord: Int32Array;
  readonly publicEni: Int32Array;
  /** (public address, 0, 0) to mapping. */
  readonly byPublic: ExactMap;
  /** (VPC, private address, 0) to mapping. */
  readonly byPrivate: ExactMap;
  /** By VPC: tries of its blocks. */
  readonly blocks4: readonly Int32Array[];
  readonly blocks6: readonly Int32Array[];
  /** The blocks of the internet's own VPCs, and IPv6 blocks of all that have an internet gateway, to VPC. */
  readonly internet4: Int32Array;
  readonly internet6: Int32Array;
  /** Public addresses that the lab gives to its own, used or not: nobody outside has them. */
  readonly own4: Int32Array;
  readonly own6: Int32Array;
}

export function emptyEdges(): EdgeTable {
  const none = new Int32Array(0);
  const noBytes = new Uint8Array(0);
  return {
    nat: { id: none, vpc: none, subnet: none, eni: none, addresses: none, addressFrom: none },
    natOfEni: none,
    egressOnly: none,
    endpoints: none,
    endpointBlocks4: buildLpm([]),
    hasInternetGateway: noBytes,
    internetRouteTable: none,
    isInternet: noBytes,
    publicWord: none,
    privateWord: none,
    publicEni: none,
    byPublic: buildExactMap(3, []),
    byPrivate: buildExactMap(3, []),
    blocks4: [],
    blocks6: [],
    internet4: buildLpm([]),
    internet6: buildLpm([]),
    own4: buildLpm([]),
    own6: buildLpm([]),
  };
}

/** @returns the mapping of a public address, or -1. */
export function mappingOfPublic({ byPublic }: EdgeTable, word: number): number {
  return lookupExact3(byPublic, word, 0, 0);
}

/** @returns the mapping of a private address of the VPC, or -1. */
export function mappingOfPrivate({ byPrivate }: EdgeTable, vpc: number, word: number): number {
  return lookupExact3(byPrivate, vpc, word, 0);
}

/** @returns true for an IPv4 address of a VPC with a gateway endpoint: most of what a server sends goes elsewhere. */
export function mayBeBehindEndpoint({ endpointBlocks4 }: EdgeTable, word: number): boolean {
  return lookupLpm4(endpointBlocks4, word) !== -1;
}

/** @returns the VPC that has a public address as its own, or -1; signed words. */
export function vpcOnInternet(
  { internet4, internet6 }: EdgeTable,
  family: number,
  w0: number,
  w1: number,
  w2: number,
  w3: number,
): number {
  return family === 4 ? lookupLpm4(internet4, w3) : lookupLpm6(internet6, w0, w1, w2, w3);
}

/** @returns true for an address of the blocks of the VPC, whether somebody has it or not; signed words. */
export function isInVpc(
  { blocks4, blocks6 }: EdgeTable,
  vpc: number,
  family: number,
  w0: number,
  w1: number,
  w2: number,
  w3: number,
): boolean {
  if (family === 4) return lookupLpm4(blocks4[vpc] as Int32Array, w3) !== -1;
  return lookupLpm6(blocks6[vpc] as Int32Array, w0, w1, w2, w3) !== -1;
}

/** 10.0.0.0/8, 172.16.0.0/12 and 192.168.0.0/16. @source IGW-3 */
export function isRfc1918(word: number): boolean {
  return word >>> 24 === 10 || word >>> 20 === 0xac1 || (word & ipv4Mask(16)) >>> 16 === 0xc0a8;
}

/** 100.64.0.0/10, shared by carriers. @source IGW-3 */
export function isRfc6598(word: number): boolean {
  return word >>> 22 === 0x191;
}
