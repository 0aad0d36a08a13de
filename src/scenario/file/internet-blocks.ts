/**
 * The blocks that public hosts are in, as their addresses ask for them: each is a VPC of the internet.
 * Blocks are apart from each other, and nobody's address is one that AWS keeps for itself.
 */
import {
  cidrContains,
  cidrEquals,
  type Ipv4Cidr,
  type Ipv6Cidr,
  ipv4Cidr,
  ipv4Contains,
  ipv6Cidr,
  parseIpv4Cidr,
} from '../../addr/cidr.ts';
import type { Ipv4Addr } from '../../addr/ipv4.ts';
import { VPC_PREFIX_LENGTH } from './ipv6-blocks.ts';
import { reservedReason } from './reserved-addresses.ts';

/** Of hosts without an address. */
export const DEFAULT_BLOCK = blockOf('198.51.100.0/24');
/** RFC 5737. */
const DOCUMENTATION = [blockOf('192.0.2.0/24'), DEFAULT_BLOCK, blockOf('203.0.113.0/24')];

const SMALLEST = 24;
/** SUB-1. */
const LARGEST = 16;

/** @returns the blocks, in the order of the addresses. */
export function blocksAround(addresses: readonly Ipv4Addr[]): Ipv4Cidr[] {
  let blocks = addresses.map((address) => known(address) ?? ipv4Cidr(address, SMALLEST));
  for (;;) {
    const apart = blocks.filter((block, at) => !isInsideOther(block, at, blocks));
    // A block that grows takes others in, and may keep for itself what they did not.
    blocks = addresses.flatMap((address) => {
      const block = apart.find((each) => ipv4Contains(each, address));
      return block === undefined ? [] : [grownFor(address, block)];
    });
    if (blocks.every((block) => apart.some((each) => cidrEquals(each, block)))) return apart;
  }
}

function isInsideOther(block: Ipv4Cidr, at: number, blocks: readonly Ipv4Cidr[]): boolean {
  return blocks.some((other, index) =>
    cidrEquals(other, block) ? index < at : cidrContains(other, block),
  );
}

/** @returns the block, or one of twice its size when the address cannot be given to anybody there. */
function grownFor(address: Ipv4Addr, block: Ipv4Cidr): Ipv4Cidr {
  const { prefixLength } = block;
  const isFixed = known(address) !== null && prefixLength === SMALLEST;
  if (isFixed || prefixLength === LARGEST || reservedReason(block, address) === null) return block;
  return ipv4Cidr(address, prefixLength - 1);
}

function known(address: Ipv4Addr): Ipv4Cidr | null {
  return DOCUMENTATION.find((block) => ipv4Contains(block, address)) ?? null;
}

/** 2001:db8::/32, of which each block of IPv4 has the part with its own network number. */
const DOCUMENTATION_IPV6 = 0x2001_0db8n << 96n;

/** @returns the IPv6 block that goes with a block of IPv4. */
export function ipv6Beside({ addr }: Ipv4Cidr): Ipv6Cidr {
  return ipv6Cidr(DOCUMENTATION_IPV6 | (BigInt(addr) << 64n), VPC_PREFIX_LENGTH);
}

function blockOf(text: string): Ipv4Cidr {
  const block = parseIpv4Cidr(text);
  if (block === null) throw new TypeError(`no IPv4 block: ${text}`);
  return block;
}
