/**
 * 48-bit MAC addresses as numbers; text only at the edges.
 * Read first: IEEE 802 addressing (unicast/group bit, local bit).
 */

/** A MAC address as an unsigned 48-bit number; split it with `macHigh16`/`macLow32` for bit work. */
export type MacAddr = number & { readonly __brand: 'MacAddr' };

export const MAC_BROADCAST = 0xffffffffffff as MacAddr;

const MAC_TEXT = /^[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}$/i;

/** Parses `02:04:7a:86:55:c1`. @returns null when the text is no MAC address. */
export function parseMac(text: string): MacAddr | null {
  if (!MAC_TEXT.test(text)) return null;
  return Number.parseInt(text.replaceAll(/[:-]/g, ''), 16) as MacAddr;
}

/** @returns lower-case, colon-separated text. */
export function formatMac(mac: MacAddr): string {
  const hex = mac.toString(16).padStart(12, '0');
  return `${hex.slice(0, 2)}:${hex.slice(2, 4)}:${hex.slice(4, 6)}:${hex.slice(6, 8)}:${hex.slice(8, 10)}:${hex.slice(10, 12)}`;
}

/** @returns the first two octets, 0..65535. */
export function macHigh16(mac: MacAddr): number {
  return Math.floor(mac / 0x1_0000_0000);
}

/** @returns the last four octets as a signed 32-bit word, the form used on the frame path. */
export function macLow32(mac: MacAddr): number {
  return mac | 0;
}

/** Joins the two words of the frame path. @param low32 Signed or unsigned. */
export function macFromWords(high16: number, low32: number): MacAddr {
  return (high16 * 0x1_0000_0000 + (low32 >>> 0)) as MacAddr;
}

/** @returns true for broadcast and multicast addresses (the group bit). */
export function isGroupMac(mac: MacAddr): boolean {
  return (macHigh16(mac) & 0x0100) !== 0;
}
