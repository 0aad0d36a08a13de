/**
 * DHCPv6 messages between client and server; a relay's messages have another header and are
 * malformed here.
 * Read first: RFC 8415 sections 7 and 8; the options are in `dhcpv6-options.ts`.
 */
import { type Ipv6Addr, parseIpv6 } from '../addr/ipv6.ts';
import type { MacAddr } from '../addr/mac.ts';
import { readU8, readU32, writeMac, writeU8, writeU16, writeU32 } from './bytes.ts';
import {
  type Dhcpv6Option,
  dhcpv6OptionsSize,
  emitDhcpv6Options,
  parseDhcpv6Options,
} from './dhcpv6-options.ts';

export const DHCPV6_CLIENT_PORT = 546;
export const DHCPV6_SERVER_PORT = 547;
/** All relay agents and servers. @source RFC 8415 7.1 */
export const DHCPV6_SERVERS = parseIpv6('ff02::1:2') as Ipv6Addr;

export const DHCPV6_SOLICIT = 1;
export const DHCPV6_ADVERTISE = 2;
export const DHCPV6_REQUEST = 3;
export const DHCPV6_CONFIRM = 4;
export const DHCPV6_RENEW = 5;
export const DHCPV6_REBIND = 6;
export const DHCPV6_REPLY = 7;
export const DHCPV6_RELEASE = 8;
export const DHCPV6_DECLINE = 9;
export const DHCPV6_RECONFIGURE = 10;
export const DHCPV6_INFORMATION_REQUEST = 11;

const HEADER_SIZE = 4;
const DUID_LINK_LAYER = 3;
const HARDWARE_ETHERNET = 1;
const DUID_LINK_LAYER_SIZE = 10;

export interface Dhcpv6Repr {
  /** 1..11, of the DHCPV6_ constants. */
  readonly messageType: number;
  /** 24 bits. */
  readonly transactionId: number;
  /** In the order of the message. */
  readonly options: readonly Dhcpv6Option[];
}

/** @returns null when the message is malformed or a relay's. Option values are views into `bytes`. */
export function parseDhcpv6(bytes: Uint8Array, offset: number, size: number): Dhcpv6Repr | null {
  if (size < HEADER_SIZE) return null;
  const messageType = readU8(bytes, offset);
  if (messageType < DHCPV6_SOLICIT || messageType > DHCPV6_INFORMATION_REQUEST) return null;
  const options = parseDhcpv6Options(bytes, offset + HEADER_SIZE, offset + size);
  if (options === null) return null;
  return { messageType, transactionId: readU32(bytes, offset) & 0xffffff, options };
}

/** @returns the bytes `emitDhcpv6` writes. */
export function dhcpv6Size(repr: Dhcpv6Repr): number {
  return HEADER_SIZE + dhcpv6OptionsSize(repr.options);
}

/** @returns the bytes written: `dhcpv6Size(repr)`. */
export function emitDhcpv6(repr: Dhcpv6Repr, out: Uint8Array, offset: number): number {
  writeU32(out, offset, repr.transactionId);
  writeU8(out, offset, repr.messageType);
  return HEADER_SIZE + emitDhcpv6Options(repr.options, out, offset + HEADER_SIZE);
}

/** Makes the identifier of a host that is known by its MAC address: a DUID-LL. @source RFC 8415 11.4 */
export function linkLayerDuid(mac: MacAddr): Uint8Array {
  const duid = new Uint8Array(DUID_LINK_LAYER_SIZE);
  writeU16(duid, 0, DUID_LINK_LAYER);
  writeU16(duid, 2, HARDWARE_ETHERNET);
  writeMac(duid, 4, mac);
  return duid;
}
