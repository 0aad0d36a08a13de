/**
 * IPv6 blocks of a lab file: which /56 a VPC has, which /64 a subnet, and what an address means that
 * is written without its network, such as `::11`.
 *
 * A lab file can say `ipv6: true` and still name addresses, so the block must be known before the VPC
 * is there: it is made of the names, out of the range that Amazon's blocks come from.
 */
import { createHash } from 'node:crypto';
import { cidrEquals, type Ipv6Cidr, ipv6Cidr, parseIpv6Cidr } from '../../addr/cidr.ts';
import { type Ipv6Addr, parseIpv6 } from '../../addr/ipv6.ts';
import type { LabFile } from './schema.ts';
import type { LabFileVpc } from './schema-network.ts';

/** 2600:1f00::/24 (SUB-9). */
const AMAZON_POOL = 0x26001fn << 104n;
export const VPC_PREFIX_LENGTH = 56;
export const SUBNET_PREFIX_LENGTH = 64;
const SUBNETS = 256;
const HOST_BITS = 64n;

/** @returns the IPv6 block of each VPC that has one, by name. */
export function vpcIpv6Blocks(file: LabFile): ReadonlyMap<string, Ipv6Cidr> {
  const blocks = new Map<string, Ipv6Cidr>();
  for (const [name, { ipv6 }] of Object.entries(file.vpcs ?? {})) {
    if (ipv6 === undefined || ipv6 === false) continue;
    if (typeof ipv6 === 'string') blocks.set(name, ipv6BlockOf(ipv6));
    else blocks.set(name, drawnBlock(`${file.name}/${name}`, [...blocks.values()]));
  }
  return blocks;
}

function drawnBlock(name: string, taken: readonly Ipv6Cidr[]): Ipv6Cidr {
  for (let turn = 0; ; turn++) {
    const digest = createHash('sha256').update(`${name}/${turn}`).digest();
    const cidr = ipv6Cidr(AMAZON_POOL | (BigInt(digest.readUInt32BE(0)) << 72n), VPC_PREFIX_LENGTH);
    if (!taken.some((each) => cidrEquals(each, cidr))) return cidr;
  }
}

/**
 * @param block Of the VPC.
 * @returns the block of each subnet that has one, by name; `true` takes the lowest that no other names.
 */
export function subnetIpv6Blocks(
  fields: LabFileVpc,
  block: Ipv6Cidr,
): ReadonlyMap<string, Ipv6Cidr> {
  const blocks = new Map<string, Ipv6Cidr>();
  const subnets = Object.entries(fields.subnets);
  for (const [name, { ipv6 }] of subnets) {
    if (typeof ipv6 === 'string') blocks.set(name, ipv6BlockOf(ipv6));
    if (typeof ipv6 === 'number') blocks.set(name, subnetBlock(block, ipv6));
  }
  let index = 0;
  for (const [name, { ipv6 }] of subnets) {
    if (ipv6 !== true) continue;
    const taken = [...blocks.values()];
    while (taken.some((each) => cidrEquals(each, subnetBlock(block, index)))) index++;
    // Of more than there are, the last ones overlap, and the checks say so.
    blocks.set(name, subnetBlock(block, Math.min(index, SUBNETS - 1)));
  }
  return blocks;
}

function subnetBlock(block: Ipv6Cidr, index: number): Ipv6Cidr {
  return ipv6Cidr(block.addr + (BigInt(index) << HOST_BITS), SUBNET_PREFIX_LENGTH);
}

/** @returns the address; one of 64 bits is meant within the block. */
export function ipv6AddressOf(text: string, block: Ipv6Cidr | null): Ipv6Addr {
  const addr = parseIpv6(text);
  if (addr === null) throw new TypeError(`no IPv6 address: ${text}`);
  return block !== null && addr >> HOST_BITS === 0n ? ((block.addr | addr) as Ipv6Addr) : addr;
}

/** The schema has let through only texts that parse. */
function ipv6BlockOf(text: string): Ipv6Cidr {
  const block = parseIpv6Cidr(text);
  if (block === null) throw new TypeError(`no IPv6 block: ${text}`);
  return block;
}
