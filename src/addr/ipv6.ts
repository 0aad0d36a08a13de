/** IPv6 addresses as bigints in the model and as four 32-bit words in tables. */
import { Address6 } from 'ip-address';
import { type MacAddr, macHigh16, macLow32 } from './mac.ts';

export type Ipv6Addr = bigint & { readonly __brand: 'Ipv6Addr' };

/** Four signed 32-bit words, most significant first. */
export type Ipv6Words = readonly [number, number, number, number];

/** @returns null when the text is no plain IPv6 address (a zone or a prefix length is not plain). */
export function parseIpv6(text: string): Ipv6Addr | null {
  if (text.includes('%') || text.includes('/') || !Address6.isValid(text)) return null;
  return new Address6(text).bigInt() as Ipv6Addr;
}

/** @returns the RFC 5952 text. */
export function formatIpv6(addr: bigint): string {
  return Address6.fromBigInt(addr).correctForm();
}

export function ipv6ToWords(addr: bigint): Ipv6Words {
  return [
    Number((addr >> 96n) & 0xffffffffn) | 0,
    Number((addr >> 64n) & 0xffffffffn) | 0,
    Number((addr >> 32n) & 0xffffffffn) | 0,
    Number(addr & 0xffffffffn) | 0,
  ];
}

export function ipv6FromWords(w0: number, w1: number, w2: number, w3: number): Ipv6Addr {
  return ((BigInt(w0 >>> 0) << 96n) |
    (BigInt(w1 >>> 0) << 64n) |
    (BigInt(w2 >>> 0) << 32n) |
    BigInt(w3 >>> 0)) as Ipv6Addr;
}

/** fe80::/64 with the interface identifier that a MAC address gives. @source RFC 4291 appendix A */
export function linkLocalOf(mac: MacAddr): Ipv6Addr {
  const high = macHigh16(mac) ^ 0x0200;
  const low = macLow32(mac);
  return ipv6FromWords(
    0xfe800000,
    0,
    (high << 16) | ((low >>> 24) << 8) | 0xff,
    0xfe000000 | (low & 0xffffff),
  );
}

/** @param addr Any address. @returns true for fe80::/10. */
export function isLinkLocal(addr: bigint): boolean {
  return addr >> 118n === 0x3fan;
}
