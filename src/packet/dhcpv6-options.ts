/**
 * DHCPv6 options: codes, the option area, and typed values. An option may stand more than once.
 * Read first: RFC 8415 section 21; RFC 3646 for name servers and search domains.
 */
import type { Ipv6Addr } from '../addr/ipv6.ts';
import {
  EMPTY_BYTES,
  readIpv6,
  readU8,
  readU16,
  readU32,
  writeIpv6,
  writeU8,
  writeU16,
  writeU32,
} from './bytes.ts';

export const DHCPV6_CLIENT_ID = 1;
export const DHCPV6_SERVER_ID = 2;
export const DHCPV6_IA_NA = 3;
export const DHCPV6_IA_ADDRESS = 5;
export const DHCPV6_OPTION_REQUEST = 6;
export const DHCPV6_PREFERENCE = 7;
export const DHCPV6_ELAPSED_TIME = 8;
export const DHCPV6_STATUS_CODE = 13;
export const DHCPV6_RAPID_COMMIT = 14;
export const DHCPV6_DNS_SERVERS = 23;
export const DHCPV6_DOMAIN_SEARCH = 24;
export const DHCPV6_IA_PD = 25;
export const DHCPV6_IA_PREFIX = 26;

export const DHCPV6_SUCCESS = 0;
export const DHCPV6_NO_ADDRESSES = 2;
export const DHCPV6_NO_BINDING = 3;
export const DHCPV6_NOT_ON_LINK = 4;
export const DHCPV6_NO_PREFIX = 6;

const HEADER_SIZE = 4;
const ADDRESS_SIZE = 16;
/** IAID, T1 and T2. */
const IA_SIZE = 12;
/** Address and both lifetimes. */
const IA_ADDRESS_SIZE = 24;
/** Both lifetimes, the length and the prefix. */
const IA_PREFIX_SIZE = 25;
const MAX_LABEL_SIZE = 63;
const MAX_NAME_SIZE = 255;

export interface Dhcpv6Option {
  /** 16 bits. */
  readonly code: number;
  /** At most 65,535 bytes. */
  readonly value: Uint8Array;
}

/** An identity association for addresses or for prefixes: what a client binds under one number. */
export interface Dhcpv6Association {
  /** 32 bits, unsigned, of the client's choice. */
  readonly iaid: number;
  readonly renewSeconds: number;
  readonly rebindSeconds: number;
  readonly options: readonly Dhcpv6Option[];
}

/** Seconds; 0xffffffff is forever. */
export interface Dhcpv6Lifetimes {
  readonly preferredSeconds: number;
  readonly validSeconds: number;
}

export interface Dhcpv6Address extends Dhcpv6Lifetimes {
  readonly addr: Ipv6Addr;
  readonly options: readonly Dhcpv6Option[];
}

export interface Dhcpv6Prefix extends Dhcpv6Lifetimes {
  readonly prefix: Ipv6Addr;
  readonly prefixLength: number;
  readonly options: readonly Dhcpv6Option[];
}

export interface Dhcpv6Status {
  readonly code: number;
  readonly message: string;
}

/** @returns null when an option runs past the end. Values are views into `bytes`. */
export function parseDhcpv6Options(
  bytes: Uint8Array,
  offset: number,
  end: number,
): readonly Dhcpv6Option[] | null {
  const options: Dhcpv6Option[] = [];
  for (let at = offset; at < end; ) {
    if (at + HEADER_SIZE > end) return null;
    const next = at + HEADER_SIZE + readU16(bytes, at + 2);
    if (next > end) return null;
    options.push({ code: readU16(bytes, at), value: bytes.subarray(at + HEADER_SIZE, next) });
    at = next;
  }
  return options;
}

/** @returns the bytes `emitDhcpv6Options` writes. */
export function dhcpv6OptionsSize(options: readonly Dhcpv6Option[]): number {
  return options.reduce((size, { value }) => size + HEADER_SIZE + value.length, 0);
}

/** @returns the bytes written: `dhcpv6OptionsSize(options)`. */
export function emitDhcpv6Options(
  options: readonly Dhcpv6Option[],
  out: Uint8Array,
  offset: number,
): number {
  let at = offset;
  for (const { code, value } of options) {
    writeU16(out, at, code);
    writeU16(out, at + 2, value.length);
    out.set(value, at + HEADER_SIZE);
    at += HEADER_SIZE + value.length;
  }
  return at - offset;
}

/** @returns the first option of the code, or null. */
export function findDhcpv6Option(
  options: readonly Dhcpv6Option[],
  code: number,
): Uint8Array | null {
  return options.find((option) => option.code === code)?.value ?? null;
}

/** @returns the values of all options of the code, in their order. */
export function allDhcpv6Options(
  options: readonly Dhcpv6Option[],
  code: number,
): readonly Uint8Array[] {
  return options.filter((option) => option.code === code).map(({ value }) => value);
}

/** @param value Of an IA_NA or IA_PD. @returns null when it is short or its options are broken. */
export function parseDhcpv6Association(value: Uint8Array): Dhcpv6Association | null {
  if (value.length < IA_SIZE) return null;
  const options = parseDhcpv6Options(value, IA_SIZE, value.length);
  if (options === null) return null;
  return {
    iaid: readU32(value, 0),
    renewSeconds: readU32(value, 4),
    rebindSeconds: readU32(value, 8),
    options,
  };
}

/** @param code `DHCPV6_IA_NA` or `DHCPV6_IA_PD`. */
export function dhcpv6AssociationOption(code: number, ia: Dhcpv6Association): Dhcpv6Option {
  const value = new Uint8Array(IA_SIZE + dhcpv6OptionsSize(ia.options));
  writeU32(value, 0, ia.iaid);
  writeU32(value, 4, ia.renewSeconds);
  writeU32(value, 8, ia.rebindSeconds);
  emitDhcpv6Options(ia.options, value, IA_SIZE);
  return { code, value };
}

/** @param value Of an IAADDR. @returns null when it is short or its options are broken. */
export function parseDhcpv6Address(value: Uint8Array): Dhcpv6Address | null {
  if (value.length < IA_ADDRESS_SIZE) return null;
  const options = parseDhcpv6Options(value, IA_ADDRESS_SIZE, value.length);
  if (options === null) return null;
  return {
    addr: readIpv6(value, 0),
    preferredSeconds: readU32(value, 16),
    validSeconds: readU32(value, 20),
    options,
  };
}

export function dhcpv6AddressOption(address: Dhcpv6Address): Dhcpv6Option {
  const value = new Uint8Array(IA_ADDRESS_SIZE + dhcpv6OptionsSize(address.options));
  writeIpv6(value, 0, address.addr);
  writeU32(value, 16, address.preferredSeconds);
  writeU32(value, 20, address.validSeconds);
  emitDhcpv6Options(address.options, value, IA_ADDRESS_SIZE);
  return { code: DHCPV6_IA_ADDRESS, value };
}

/** @param value Of an IAPREFIX. @returns null when it is short, no prefix, or its options are broken. */
export function parseDhcpv6Prefix(value: Uint8Array): Dhcpv6Prefix | null {
  if (value.length < IA_PREFIX_SIZE || readU8(value, 8) > 128) return null;
  const options = parseDhcpv6Options(value, IA_PREFIX_SIZE, value.length);
  if (options === null) return null;
  return {
    preferredSeconds: readU32(value, 0),
    validSeconds: readU32(value, 4),
    prefixLength: readU8(value, 8),
    prefix: readIpv6(value, 9),
    options,
  };
}

export function dhcpv6PrefixOption(prefix: Dhcpv6Prefix): Dhcpv6Option {
  const value = new Uint8Array(IA_PREFIX_SIZE + dhcpv6OptionsSize(prefix.options));
  writeU32(value, 0, prefix.preferredSeconds);
  writeU32(value, 4, prefix.validSeconds);
  writeU8(value, 8, prefix.prefixLength);
  writeIpv6(value, 9, prefix.prefix);
  emitDhcpv6Options(prefix.options, value, IA_PREFIX_SIZE);
  return { code: DHCPV6_IA_PREFIX, value };
}

/** @param value Of a status code. @returns null when it is short. */
export function parseDhcpv6Status(value: Uint8Array): Dhcpv6Status | null {
  if (value.length < 2) return null;
  return { code: readU16(value, 0), message: Buffer.from(value.subarray(2)).toString('utf8') };
}

export function dhcpv6StatusOption(code: number, message: string): Dhcpv6Option {
  const text = Buffer.from(message, 'utf8');
  const value = new Uint8Array(2 + text.length);
  writeU16(value, 0, code);
  value.set(text, 2);
  return { code: DHCPV6_STATUS_CODE, value };
}

/** @param value Of an option request. @returns the codes, or null when the value is no list of them. */
export function parseDhcpv6OptionRequest(value: Uint8Array): readonly number[] | null {
  if (value.length % 2 !== 0) return null;
  return Array.from({ length: value.length >>> 1 }, (_, index) => readU16(value, index * 2));
}

export function dhcpv6OptionRequest(codes: readonly number[]): Dhcpv6Option {
  const value = new Uint8Array(codes.length * 2);
  codes.forEach((code, index) => {
    writeU16(value, index * 2, code);
  });
  return { code: DHCPV6_OPTION_REQUEST, value };
}

/** @param value Of an option that lists addresses. @returns null when it holds no whole number of them. */
export function parseDhcpv6Addresses(value: Uint8Array): readonly Ipv6Addr[] | null {
  if (value.length === 0 || value.length % ADDRESS_SIZE !== 0) return null;
  const count = value.length / ADDRESS_SIZE;
  return Array.from({ length: count }, (_, index) => readIpv6(value, index * ADDRESS_SIZE));
}

export function dhcpv6AddressesOption(code: number, addrs: readonly Ipv6Addr[]): Dhcpv6Option {
  const value = new Uint8Array(addrs.length * ADDRESS_SIZE);
  addrs.forEach((addr, index) => {
    writeIpv6(value, index * ADDRESS_SIZE, addr);
  });
  return { code, value };
}

/**
 * Reads a list of domain names; compression is not allowed in them.
 * @returns names without the final dot, or null when a label is too long or runs past the end.
 * @source RFC 8415 10
 */
export function parseDhcpv6Names(value: Uint8Array): readonly string[] | null {
  const names: string[] = [];
  let labels: string[] = [];
  for (let at = 0; at < value.length; ) {
    const size = readU8(value, at);
    const next = at + 1 + size;
    if (size > MAX_LABEL_SIZE || next > value.length) return null;
    if (size > 0) labels.push(Buffer.from(value.subarray(at + 1, next)).toString('latin1'));
    else {
      names.push(labels.join('.'));
      labels = [];
    }
    at = next;
  }
  return labels.length === 0 ? names : null;
}

/** @param names Of labels of 1 to 63 Latin-1 characters; others are left out. */
export function dhcpv6NamesOption(code: number, names: readonly string[]): Dhcpv6Option {
  return { code, value: Uint8Array.from(Buffer.concat(names.map(nameBytes))) };
}

function nameBytes(name: string): Uint8Array {
  const labels = name.split('.').map((label) => Buffer.from(label, 'latin1'));
  const isLegal = labels.every(({ length }) => length > 0 && length <= MAX_LABEL_SIZE);
  const bytes = labels.flatMap((label) => [label.length, ...label]);
  return isLegal && bytes.length < MAX_NAME_SIZE ? Uint8Array.of(...bytes, 0) : EMPTY_BYTES;
}
