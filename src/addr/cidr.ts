/** CIDR blocks of both families, as plain records. */
import { formatIpv4, type Ipv4Addr, parseIpv4 } from './ipv4.ts';
import { formatIpv6, type Ipv6Addr, parseIpv6 } from './ipv6.ts';

export interface Ipv4Cidr {
  readonly family: 4;
  /** The network address; host bits are zero. */
  readonly addr: Ipv4Addr;
  readonly prefixLength: number;
}

export interface Ipv6Cidr {
  readonly family: 6;
  /** The network address; host bits are zero. */
  readonly addr: Ipv6Addr;
  readonly prefixLength: number;
}

export type Cidr = Ipv4Cidr | Ipv6Cidr;

const PREFIX_TEXT = /^(?:0|[1-9]\d{0,2})$/;

/** Parses `a.b.c.d/n` and clears the host bits (SUB-4). @returns null when the text is no IPv4 block. */
export function parseIpv4Cidr(text: string): Ipv4Cidr | null {
  const [address = '', prefix = '', ...rest] = text.split('/');
  const addr = parseIpv4(address);
  const prefixLength = Number(prefix);
  if (addr === null || rest.length > 0 || !PREFIX_TEXT.test(prefix) || prefixLength > 32)
    return null;
  return ipv4Cidr(addr, prefixLength);
}

/** Parses `x::/n` and clears the host bits. @returns null when the text is no IPv6 block. */
export function parseIpv6Cidr(text: string): Ipv6Cidr | null {
  const [address = '', prefix = '', ...rest] = text.split('/');
  const addr = parseIpv6(address);
  const prefixLength = Number(prefix);
  if (addr === null || rest.length > 0 || !PREFIX_TEXT.test(prefix) || prefixLength > 128)
    return null;
  return ipv6Cidr(addr, prefixLength);
}

export function parseCidr(text: string): Cidr | null {
  return parseIpv4Cidr(text) ?? parseIpv6Cidr(text);
}

/** Makes the block of this size that holds the address. */
export function ipv4Cidr(addr: number, prefixLength: number): Ipv4Cidr {
  return { family: 4, addr: ((addr & ipv4Mask(prefixLength)) >>> 0) as Ipv4Addr, prefixLength };
}

/** Makes the block of this size that holds the address. */
export function ipv6Cidr(addr: bigint, prefixLength: number): Ipv6Cidr {
  const hostBits = BigInt(128 - prefixLength);
  return { family: 6, addr: ((addr >> hostBits) << hostBits) as Ipv6Addr, prefixLength };
}

/** @returns the netmask as an unsigned word. */
export function ipv4Mask(prefixLength: number): number {
  return prefixLength === 0 ? 0 : (0xffffffff << (32 - prefixLength)) >>> 0;
}

export function formatCidr(cidr: Cidr): string {
  const addr = cidr.family === 4 ? formatIpv4(cidr.addr) : formatIpv6(cidr.addr);
  return `${addr}/${cidr.prefixLength}`;
}

/** @returns the first address behind the block, as a bigint. */
function cidrEnd(cidr: Cidr): bigint {
  const bits = cidr.family === 4 ? 32 : 128;
  return BigInt(cidr.addr) + (1n << BigInt(bits - cidr.prefixLength));
}

/** @returns the last address of the block: the broadcast address of an IPv4 subnet. */
export function lastIpv4(cidr: Ipv4Cidr): Ipv4Addr {
  return ((cidr.addr | ~ipv4Mask(cidr.prefixLength)) >>> 0) as Ipv4Addr;
}

export function ipv4Contains(cidr: Ipv4Cidr, addr: number): boolean {
  return (addr & ipv4Mask(cidr.prefixLength)) >>> 0 === cidr.addr;
}

export function ipv6Contains(cidr: Ipv6Cidr, addr: bigint): boolean {
  return ipv6Cidr(addr, cidr.prefixLength).addr === cidr.addr;
}

/** @returns true when `inner` lies wholly within `outer`, or equals it. */
export function cidrContains(outer: Cidr, inner: Cidr): boolean {
  if (outer.family !== inner.family || outer.prefixLength > inner.prefixLength) return false;
  return outer.family === 4
    ? ipv4Contains(outer, Number(inner.addr))
    : ipv6Contains(outer, BigInt(inner.addr));
}

export function cidrEquals(a: Cidr, b: Cidr): boolean {
  return a.family === b.family && a.addr === b.addr && a.prefixLength === b.prefixLength;
}

export function cidrsOverlap(a: Cidr, b: Cidr): boolean {
  if (a.family !== b.family) return false;
  return BigInt(a.addr) < cidrEnd(b) && BigInt(b.addr) < cidrEnd(a);
}
