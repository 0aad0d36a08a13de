/** IPv4 addresses as unsigned 32-bit numbers; text only at the edges. */

export type Ipv4Addr = number & { readonly __brand: 'Ipv4Addr' };

const IPV4_TEXT = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;

/** Parses dotted decimal without leading zeros. @returns null when the text is no IPv4 address. */
export function parseIpv4(text: string): Ipv4Addr | null {
  const match = IPV4_TEXT.exec(text);
  if (match === null) return null;
  let value = 0;
  for (let index = 1; index <= 4; index++) {
    const part = match[index] ?? '';
    const octet = Number(part);
    if (octet > 255 || (part.length > 1 && part.startsWith('0'))) return null;
    value = value * 256 + octet;
  }
  return value as Ipv4Addr;
}

/** @param addr Signed or unsigned 32 bits. */
export function formatIpv4(addr: number): string {
  return `${(addr >>> 24) & 255}.${(addr >>> 16) & 255}.${(addr >>> 8) & 255}.${addr & 255}`;
}

/** Makes an address from any 32-bit word. */
export function ipv4FromWord(word: number): Ipv4Addr {
  return (word >>> 0) as Ipv4Addr;
}
