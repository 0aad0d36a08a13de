/**
 * DHCP options: codes, the option area with pads, splits and overload, and typed values.
 * Read first: RFC 2132; RFC 3396 for options longer than 255 bytes; RFC 3046 for option 82.
 */
import { type Ipv4Addr, ipv4FromWord } from '../addr/ipv4.ts';
import { readI32, readU8, readU16, readU32, writeU8, writeU16, writeU32 } from './bytes.ts';

export const DHCP_PAD = 0;
export const DHCP_SUBNET_MASK = 1;
export const DHCP_ROUTER = 3;
export const DHCP_DNS_SERVERS = 6;
export const DHCP_HOST_NAME = 12;
export const DHCP_DOMAIN_NAME = 15;
export const DHCP_INTERFACE_MTU = 26;
export const DHCP_BROADCAST_ADDRESS = 28;
export const DHCP_NTP_SERVERS = 42;
export const DHCP_NETBIOS_NAME_SERVERS = 44;
export const DHCP_NETBIOS_NODE_TYPE = 46;
export const DHCP_REQUESTED_ADDRESS = 50;
export const DHCP_LEASE_SECONDS = 51;
export const DHCP_OVERLOAD = 52;
export const DHCP_MESSAGE_TYPE = 53;
export const DHCP_SERVER_IDENTIFIER = 54;
export const DHCP_PARAMETER_REQUEST_LIST = 55;
export const DHCP_MAX_MESSAGE_SIZE = 57;
export const DHCP_RENEWAL_SECONDS = 58;
export const DHCP_REBINDING_SECONDS = 59;
export const DHCP_CLIENT_IDENTIFIER = 61;
/** Relay agent information; always the last option before the end. @source RFC 3046 2.1 */
export const DHCP_RELAY_AGENT = 82;
export const DHCP_END = 255;

const MAX_PART_SIZE = 255;

/** One option, its parts joined; its meaning is up to the typed readers below. */
export interface DhcpOption {
  /** 1..254. */
  readonly code: number;
  readonly value: Uint8Array;
}

/** Value parts by code, in the order of first appearance. */
export type DhcpOptionParts = Map<number, Uint8Array[]>;

/**
 * Reads one option area into `parts`; a missing end option is forgiven.
 * @returns false when an option runs past the area.
 */
export function collectDhcpOptions(
  bytes: Uint8Array,
  offset: number,
  end: number,
  parts: DhcpOptionParts,
): boolean {
  for (let at = offset; at < end; ) {
    const code = readU8(bytes, at);
    if (code === DHCP_END) return true;
    if (code === DHCP_PAD) {
      at += 1;
      continue;
    }
    const size = at + 1 < end ? readU8(bytes, at + 1) : MAX_PART_SIZE;
    const next = at + 2 + size;
    if (next > end) return false;
    const part = bytes.subarray(at + 2, next);
    const earlier = parts.get(code);
    if (earlier === undefined) parts.set(code, [part]);
    else earlier.push(part);
    at = next;
  }
  return true;
}

/** Joins the parts of each option. @source RFC 3396 7 */
export function joinDhcpOptions(parts: DhcpOptionParts): DhcpOption[] {
  return [...parts].map(([code, values]) => {
    const [first = new Uint8Array(0)] = values;
    return { code, value: values.length === 1 ? first : concat(values) };
  });
}

function concat(values: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(values.reduce((size, value) => size + value.length, 0));
  let at = 0;
  for (const value of values) {
    whole.set(value, at);
    at += value.length;
  }
  return whole;
}

/** @returns the bytes `emitDhcpOptions` writes. */
export function dhcpOptionsSize(options: readonly DhcpOption[]): number {
  let size = 1;
  for (const { value } of options) size += 2 * partCount(value) + value.length;
  return size;
}

/** An empty value still takes one part. */
function partCount(value: Uint8Array): number {
  return Math.max(1, Math.ceil(value.length / MAX_PART_SIZE));
}

/**
 * Writes the options and the end option, long values in parts, option 82 last.
 * @returns the bytes written: `dhcpOptionsSize(options)`.
 */
export function emitDhcpOptions(
  options: readonly DhcpOption[],
  out: Uint8Array,
  offset: number,
): number {
  let at = offset;
  const last = options.filter((option) => option.code === DHCP_RELAY_AGENT);
  const others = options.filter((option) => option.code !== DHCP_RELAY_AGENT);
  for (const { code, value } of [...others, ...last]) {
    for (let part = 0; part < partCount(value); part++) {
      const bytes = value.subarray(part * MAX_PART_SIZE, (part + 1) * MAX_PART_SIZE);
      writeU8(out, at, code);
      writeU8(out, at + 1, bytes.length);
      out.set(bytes, at + 2);
      at += 2 + bytes.length;
    }
  }
  writeU8(out, at, DHCP_END);
  return at + 1 - offset;
}

/** @returns the sub-options of option 82, or null when one runs past the end. @source RFC 3046 2 */
export function parseRelayAgent(value: Uint8Array): readonly DhcpOption[] | null {
  const found: DhcpOption[] = [];
  for (let at = 0; at < value.length; ) {
    const next = at + 2 + (at + 1 < value.length ? readU8(value, at + 1) : MAX_PART_SIZE);
    if (next > value.length) return null;
    found.push({ code: readU8(value, at), value: value.subarray(at + 2, next) });
    at = next;
  }
  return found;
}

export function findDhcpOption(options: readonly DhcpOption[], code: number): Uint8Array | null {
  return options.find((option) => option.code === code)?.value ?? null;
}

/** @returns null when the option is absent or not one octet. */
export function dhcpU8(options: readonly DhcpOption[], code: number): number | null {
  const value = findDhcpOption(options, code);
  return value?.length === 1 ? readU8(value, 0) : null;
}

/** @returns null when the option is absent or not two octets. */
export function dhcpU16(options: readonly DhcpOption[], code: number): number | null {
  const value = findDhcpOption(options, code);
  return value?.length === 2 ? readU16(value, 0) : null;
}

/** @returns null when the option is absent or not four octets. */
export function dhcpU32(options: readonly DhcpOption[], code: number): number | null {
  const value = findDhcpOption(options, code);
  return value?.length === 4 ? readU32(value, 0) : null;
}

/** @returns null when the option is absent or no whole, non-empty list of addresses. */
export function dhcpAddrs(
  options: readonly DhcpOption[],
  code: number,
): readonly Ipv4Addr[] | null {
  const value = findDhcpOption(options, code);
  if (value === null || value.length === 0 || value.length % 4 !== 0) return null;
  const count = value.length >>> 2;
  return Array.from({ length: count }, (_, index) => ipv4FromWord(readI32(value, index * 4)));
}

/** @returns null when the option is absent or not one address. */
export function dhcpAddr(options: readonly DhcpOption[], code: number): Ipv4Addr | null {
  const word = dhcpU32(options, code);
  return word === null ? null : ipv4FromWord(word);
}

/** @returns the text without the NULs some clients append; null when the option is absent. */
export function dhcpText(options: readonly DhcpOption[], code: number): string | null {
  const value = findDhcpOption(options, code);
  return value === null ? null : Buffer.from(value).toString('latin1').replace(/\0+$/, '');
}

export function dhcpU8Option(code: number, number: number): DhcpOption {
  return { code, value: Uint8Array.of(number) };
}

export function dhcpU16Option(code: number, number: number): DhcpOption {
  const value = new Uint8Array(2);
  writeU16(value, 0, number);
  return { code, value };
}

/** @param number Signed or unsigned 32 bits: seconds, a mask, an address. */
export function dhcpU32Option(code: number, number: number): DhcpOption {
  const value = new Uint8Array(4);
  writeU32(value, 0, number);
  return { code, value };
}

export function dhcpAddrsOption(code: number, addrs: readonly Ipv4Addr[]): DhcpOption {
  const value = new Uint8Array(addrs.length * 4);
  addrs.forEach((addr, index) => {
    writeU32(value, index * 4, addr);
  });
  return { code, value };
}

export function dhcpTextOption(code: number, text: string): DhcpOption {
  return { code, value: Uint8Array.from(Buffer.from(text, 'latin1')) };
}
