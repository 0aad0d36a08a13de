/**
 * Addresses of a subnet: which are reserved, which are taken, and how a free one is chosen.
 * AWS chooses without an order, so a free address is looked for from a random place on.
 */
import {
  type Cidr,
  cidrContains,
  cidrsOverlap,
  formatCidr,
  type Ipv4Cidr,
  type Ipv6Cidr,
  ipv4Cidr,
  ipv4Contains,
  ipv6Cidr,
  ipv6Contains,
  lastIpv4,
  parseIpv4Cidr,
  parseIpv6Cidr,
} from '../../addr/cidr.ts';
import { type Ipv4Addr, ipv4FromWord, parseIpv4 } from '../../addr/ipv4.ts';
import {
  formatIpv6,
  type Ipv6Addr,
  ipv6FromWords,
  ipv6ToWords,
  parseIpv6,
} from '../../addr/ipv6.ts';
import type { Eni, Subnet } from '../../model/records.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { ActionContext } from '../action.ts';
import {
  addressInUse,
  addressOutside,
  addressReserved,
  invalidAddress,
  invalidCidr,
  noFreePrefix,
  noIpv4Block,
  noIpv6Block,
  subnetFull,
} from '../errors.ts';
import { enisOfSubnet } from '../lookup.ts';

/** Network, router, DNS and future use; the broadcast address comes on top (SUB-2). */
const RESERVED_AT_START = 4;
const RESERVED_COUNT = RESERVED_AT_START + 1;
/** The size of a delegated IPv4 prefix (ENI-11). */
const DELEGATED_PREFIX_LENGTH = 28;
const DELEGATED_IPV6_PREFIX_LENGTH = 80;
const ADDRESSES_PER_DELEGATED_PREFIX = 16;

/** @throws InvalidParameterValue when the subnet is IPv6-only. */
function ipv4BlockOf(subnet: Subnet): Ipv4Cidr {
  if (subnet.cidr === null) throw noIpv4Block(subnet.subnetId);
  return subnet.cidr;
}

/** @returns true for the five addresses that nobody can have. @source SUB-2, SUB-3 */
function isReservedIpv4(block: Ipv4Cidr, addr: Ipv4Addr): boolean {
  return addr < block.addr + RESERVED_AT_START || addr === lastIpv4(block);
}

/** @returns the interface that has the address, alone or in a delegated prefix. */
export function ownerOfIpv4(snapshot: Snapshot, subnet: Subnet, addr: Ipv4Addr): Eni | undefined {
  return enisOfSubnet(snapshot, subnet.subnetId).find(
    (eni) =>
      eni.addresses.includes(addr) ||
      eni.prefixes.some((prefix) => prefix.family === 4 && ipv4Contains(prefix, addr)),
  );
}

/**
 * Reads an address of the subnet, taken or not.
 * @throws InvalidParameterValue when it is no address, lies outside, or is reserved (SUB-2).
 */
export function parseSubnetIpv4(subnet: Subnet, text: string): Ipv4Addr {
  const block = ipv4BlockOf(subnet);
  const addr = parseIpv4(text);
  if (addr === null) throw invalidAddress(text);
  if (!ipv4Contains(block, addr)) throw addressOutside(text);
  if (isReservedIpv4(block, addr)) throw addressReserved(text);
  return addr;
}

/**
 * Reads a free address of the subnet.
 * @throws InvalidIPAddress.InUse when an interface has it.
 * @throws InvalidParameterValue as `parseSubnetIpv4`.
 */
export function parseFreeIpv4(snapshot: Snapshot, subnet: Subnet, text: string): Ipv4Addr {
  const addr = parseSubnetIpv4(subnet, text);
  if (ownerOfIpv4(snapshot, subnet, addr) !== undefined) throw addressInUse(text);
  return addr;
}

/**
 * Chooses free addresses; those in a CIDR reservation are never chosen (SUB-11).
 * @param taken Addresses that the same request has already given.
 * @throws InsufficientFreeAddressesInSubnet when fewer than `count` are left.
 */
export function chooseIpv4(
  { draft, random }: ActionContext,
  subnet: Subnet,
  count: number,
  taken: readonly Ipv4Addr[],
): Ipv4Addr[] {
  const block = ipv4BlockOf(subnet);
  const used = new Set(taken);
  const barred: Ipv4Cidr[] = [];
  for (const eni of enisOfSubnet(draft.snapshot, subnet.subnetId)) {
    for (const addr of eni.addresses) used.add(addr);
    for (const prefix of eni.prefixes) if (prefix.family === 4) barred.push(prefix);
  }
  for (const { cidr } of subnet.reservations) if (cidr.family === 4) barred.push(cidr);
  const size = usableCount(block);
  const chosen: Ipv4Addr[] = [];
  for (let index = 0, at = random(size); index < size && chosen.length < count; index++, at++) {
    const addr = ipv4FromWord(block.addr + RESERVED_AT_START + (at % size));
    if (used.has(addr) || barred.some((cidr) => ipv4Contains(cidr, addr))) continue;
    chosen.push(addr);
  }
  if (chosen.length < count) throw subnetFull();
  return chosen;
}

/** @returns how many addresses can be assigned in an empty subnet of this size. @source SUB-2 */
function usableCount(block: Ipv4Cidr): number {
  return 2 ** (32 - block.prefixLength) - RESERVED_COUNT;
}

/** @returns the count that DescribeSubnets shows; IPv6 addresses do not count. */
export function availableIpv4Count(snapshot: Snapshot, subnet: Subnet): number {
  if (subnet.cidr === null) return 0;
  let used = 0;
  for (const { subnetId, addresses, prefixes } of snapshot.enis.values()) {
    if (subnetId !== subnet.subnetId) continue;
    used += addresses.length;
    for (const { family } of prefixes) if (family === 4) used += ADDRESSES_PER_DELEGATED_PREFIX;
  }
  return usableCount(subnet.cidr) - used;
}

/**
 * Reads a /28 of the subnet that can be delegated.
 * @throws InvalidParameterValue when it is no /28 of the subnet or holds a reserved address.
 * @throws InvalidIPAddress.InUse when an interface has an address or prefix in it.
 */
export function parseFreeIpv4Prefix(snapshot: Snapshot, subnet: Subnet, text: string): Ipv4Cidr {
  const block = ipv4BlockOf(subnet);
  const prefix = parseIpv4Cidr(text);
  if (prefix === null || formatCidr(prefix) !== text) throw invalidCidr('ipv4Prefix', text);
  if (prefix.prefixLength !== DELEGATED_PREFIX_LENGTH) throw invalidCidr('ipv4Prefix', text);
  if (!cidrContains(block, prefix)) throw addressOutside(text);
  const reserved = [block.addr, lastIpv4(block)];
  if (reserved.some((addr) => ipv4Contains(prefix, addr))) throw addressReserved(text);
  if (overlapsIpv4(snapshot, subnet, prefix)) throw addressInUse(text);
  return prefix;
}

function overlapsIpv4(snapshot: Snapshot, subnet: Subnet, prefix: Ipv4Cidr): boolean {
  return enisOfSubnet(snapshot, subnet.subnetId).some(
    (eni) =>
      eni.addresses.some((addr) => ipv4Contains(prefix, addr)) ||
      eni.prefixes.some((other) => cidrsOverlap(other, prefix)),
  );
}

/**
 * Draws a free /28 of the subnet, none of an explicit reservation (SUB-11).
 * @throws InsufficientCidrBlocks when none is left.
 */
export function chooseIpv4Prefix({ draft, random }: ActionContext, subnet: Subnet): Ipv4Cidr {
  const block = ipv4BlockOf(subnet);
  // The first holds the router's address, the last the broadcast address.
  const count = 2 ** Math.max(0, DELEGATED_PREFIX_LENGTH - block.prefixLength) - 2;
  for (let index = 0, at = count > 0 ? random(count) : 0; index < count; index++, at++) {
    const place = 1 + (at % count);
    const addr = block.addr + place * ADDRESSES_PER_DELEGATED_PREFIX;
    const prefix = ipv4Cidr(addr, DELEGATED_PREFIX_LENGTH);
    if (!isSetAside(subnet, prefix) && !overlapsIpv4(draft.snapshot, subnet, prefix)) return prefix;
  }
  throw noFreePrefix();
}

/** @returns true for what AWS may not give away by itself, prefixes included (SUB-11). */
function isSetAside(subnet: Subnet, prefix: Cidr): boolean {
  return subnet.reservations.some(
    ({ cidr, type }) => type === 'explicit' && cidrsOverlap(cidr, prefix),
  );
}

/**
 * Reads a free IPv6 address of the subnet.
 * @throws InvalidParameterValue when it is no address, lies outside, or is reserved (SUB-10).
 * @throws InvalidIPAddress.InUse when an interface has it.
 */
export function parseFreeIpv6(snapshot: Snapshot, subnet: Subnet, text: string): Ipv6Addr {
  const addr = parseIpv6(text);
  if (addr === null) throw invalidAddress(text);
  const block = subnet.ipv6Cidrs.find(({ cidr }) => ipv6Contains(cidr, addr));
  if (block === undefined) throw addressOutside(text);
  const isFirst = addr < block.cidr.addr + BigInt(RESERVED_AT_START);
  if (isFirst || addr === lastIpv6(block.cidr)) {
    throw addressReserved(formatIpv6(addr));
  }
  if (isUsedIpv6(snapshot, subnet, addr)) throw addressInUse(formatIpv6(addr));
  return addr;
}

/**
 * Draws free IPv6 addresses of the subnet's first block, none of a CIDR reservation (SUB-11).
 * @throws InvalidParameterValue when the subnet has no IPv6 block.
 */
export function chooseIpv6(
  { draft, random }: ActionContext,
  subnet: Subnet,
  count: number,
): Ipv6Addr[] {
  const [block] = subnet.ipv6Cidrs;
  if (count > 0 && block === undefined) throw noIpv6Block(subnet.subnetId);
  const reserved6 = subnet.reservations.flatMap(({ cidr }) => (cidr.family === 6 ? [cidr] : []));
  const chosen: Ipv6Addr[] = [];
  while (block !== undefined && chosen.length < count) {
    const [high, low] = ipv6ToWords(block.cidr.addr);
    const host = ipv6FromWords(0, 0, random(0x1_0000_0000), random(0x1_0000_0000));
    const [, , hostHigh, hostLow] = ipv6ToWords(host);
    const addr = ipv6FromWords(high, low, hostHigh, hostLow);
    const reserved =
      host < RESERVED_AT_START ||
      host === 0xffff_ffff_ffff_ffffn ||
      reserved6.some((cidr) => ipv6Contains(cidr, addr));
    if (reserved || chosen.includes(addr) || isUsedIpv6(draft.snapshot, subnet, addr)) continue;
    chosen.push(addr);
  }
  return chosen;
}

function isUsedIpv6(snapshot: Snapshot, subnet: Subnet, addr: Ipv6Addr): boolean {
  return enisOfSubnet(snapshot, subnet.subnetId).some(
    (eni) =>
      eni.ipv6Addresses.includes(addr) ||
      ipv6PrefixesOf(eni).some((prefix) => ipv6Contains(prefix, addr)),
  );
}

export function ipv6PrefixesOf(eni: Eni): Ipv6Cidr[] {
  return eni.prefixes.flatMap((prefix) => (prefix.family === 6 ? [prefix] : []));
}

/**
 * Reads a /80 of the subnet that can be delegated.
 * @throws InvalidParameterValue when it is no /80 of the subnet or holds a reserved address.
 * @throws InvalidIPAddress.InUse when an interface has an address or prefix in it.
 * @source ENI-11
 */
export function parseFreeIpv6Prefix(snapshot: Snapshot, subnet: Subnet, text: string): Ipv6Cidr {
  const prefix = parseIpv6Cidr(text);
  if (prefix === null || prefix.prefixLength !== DELEGATED_IPV6_PREFIX_LENGTH) {
    throw invalidCidr('ipv6Prefix', text);
  }
  const block = subnet.ipv6Cidrs.find(({ cidr }) => cidrContains(cidr, prefix))?.cidr;
  if (block === undefined) throw addressOutside(text);
  // The first holds the router's address, the last the last address of the subnet.
  const last = ipv6Cidr(lastIpv6(block), DELEGATED_IPV6_PREFIX_LENGTH);
  if (prefix.addr === block.addr || prefix.addr === last.addr) throw addressReserved(text);
  if (overlapsIpv6(snapshot, subnet, prefix)) throw addressInUse(text);
  return prefix;
}

function lastIpv6(block: Ipv6Cidr): bigint {
  return block.addr + (1n << BigInt(128 - block.prefixLength)) - 1n;
}

function overlapsIpv6(snapshot: Snapshot, subnet: Subnet, prefix: Ipv6Cidr): boolean {
  return enisOfSubnet(snapshot, subnet.subnetId).some(
    (eni) =>
      eni.ipv6Addresses.some((addr) => ipv6Contains(prefix, addr)) ||
      ipv6PrefixesOf(eni).some((other) => cidrsOverlap(other, prefix)),
  );
}

/** Draws a free /80 of the subnet's first block. @throws InvalidParameterValue when it has none. */
export function chooseIpv6Prefix({ draft, random }: ActionContext, subnet: Subnet): Ipv6Cidr {
  const [block] = subnet.ipv6Cidrs;
  if (block === undefined) throw noIpv6Block(subnet.subnetId);
  for (;;) {
    const index = BigInt(1 + random(0xfffe));
    const prefix = ipv6Cidr(block.cidr.addr | (index << 48n), DELEGATED_IPV6_PREFIX_LENGTH);
    if (!isSetAside(subnet, prefix) && !overlapsIpv6(draft.snapshot, subnet, prefix)) return prefix;
  }
}
