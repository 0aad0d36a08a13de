/**
 * DHCP messages for IPv4 over Ethernet; plain BOOTP, without a message type, is malformed here.
 * Read first: RFC 2131 sections 2 and 3; the options are in `dhcpv4-options.ts`.
 */
import type { Ipv4Addr } from '../addr/ipv4.ts';
import type { MacAddr } from '../addr/mac.ts';
import {
  readIpv4,
  readMac,
  readU8,
  readU16,
  readU32,
  writeMac,
  writeU8,
  writeU16,
  writeU32,
} from './bytes.ts';
import {
  collectDhcpOptions,
  DHCP_MESSAGE_TYPE,
  DHCP_OVERLOAD,
  type DhcpOption,
  type DhcpOptionParts,
  dhcpOptionsSize,
  dhcpU8,
  dhcpU8Option,
  emitDhcpOptions,
  joinDhcpOptions,
} from './dhcpv4-options.ts';

export const DHCPV4_SERVER_PORT = 67;
export const DHCPV4_CLIENT_PORT = 68;

export const DHCP_DISCOVER = 1;
export const DHCP_OFFER = 2;
export const DHCP_REQUEST = 3;
export const DHCP_DECLINE = 4;
export const DHCP_ACK = 5;
export const DHCP_NAK = 6;
export const DHCP_RELEASE = 7;
export const DHCP_INFORM = 8;

export const BOOTREQUEST = 1;
export const BOOTREPLY = 2;

const HARDWARE_ETHERNET = 1;
const MAC_SIZE = 6;
const BROADCAST_FLAG = 0x8000;
const MAGIC_COOKIE = 0x63825363;

const SERVER_NAME = 44;
const SERVER_NAME_SIZE = 64;
const BOOT_FILE = 108;
const BOOT_FILE_SIZE = 128;
const COOKIE = 236;
const OPTIONS = 240;

/** BOOTP's size: some clients and relays refuse shorter messages. @source RFC 1542 2.1 */
const MIN_SIZE = 300;

/** Bits of option 52: which header fields hold options. @source RFC 2132 9.3 */
const FILE_HOLDS_OPTIONS = 1;
const SERVER_NAME_HOLDS_OPTIONS = 2;

export interface Dhcpv4Repr {
  readonly operation: typeof BOOTREQUEST | typeof BOOTREPLY;
  /** 1..8, of the DHCP_ constants, or a later extension's. */
  readonly messageType: number;
  readonly hops: number;
  /** 32 bits, unsigned. */
  readonly transactionId: number;
  /** Since the client began. */
  readonly seconds: number;
  readonly broadcast: boolean;
  /** `ciaddr`: the address the client uses already. */
  readonly clientAddr: Ipv4Addr;
  /** `yiaddr`: the address the client is given. */
  readonly yourAddr: Ipv4Addr;
  /** `siaddr`: where to boot from. */
  readonly nextServerAddr: Ipv4Addr;
  /** `giaddr`: the relay. */
  readonly relayAddr: Ipv4Addr;
  /** `chaddr`. */
  readonly clientMac: MacAddr;
  /** `sname`, at most 64 Latin-1 characters; empty when it held options. */
  readonly serverName: string;
  /** `file`, at most 128 Latin-1 characters; empty when it held options. */
  readonly bootFile: string;
  /** Each code once, without the message type and option 52. */
  readonly options: readonly DhcpOption[];
}

/** @returns null when the message is malformed. Option values may be views into `bytes`. */
export function parseDhcpv4(bytes: Uint8Array, offset: number, size: number): Dhcpv4Repr | null {
  if (size < OPTIONS || readU32(bytes, offset + COOKIE) !== MAGIC_COOKIE) return null;
  const operation = readU8(bytes, offset);
  if (operation !== BOOTREQUEST && operation !== BOOTREPLY) return null;
  if (readU8(bytes, offset + 1) !== HARDWARE_ETHERNET) return null;
  if (readU8(bytes, offset + 2) !== MAC_SIZE) return null;
  const area = parseOptionAreas(bytes, offset, size);
  const messageType = area === null ? null : dhcpU8(area.options, DHCP_MESSAGE_TYPE);
  if (area === null || messageType === null) return null;
  const { overload } = area;
  return {
    operation,
    messageType,
    hops: readU8(bytes, offset + 3),
    transactionId: readU32(bytes, offset + 4),
    seconds: readU16(bytes, offset + 8),
    broadcast: (readU16(bytes, offset + 10) & BROADCAST_FLAG) !== 0,
    clientAddr: readIpv4(bytes, offset + 12),
    yourAddr: readIpv4(bytes, offset + 16),
    nextServerAddr: readIpv4(bytes, offset + 20),
    relayAddr: readIpv4(bytes, offset + 24),
    clientMac: readMac(bytes, offset + 28),
    serverName:
      (overload & SERVER_NAME_HOLDS_OPTIONS) === 0
        ? readText(bytes, offset + SERVER_NAME, SERVER_NAME_SIZE)
        : '',
    bootFile:
      (overload & FILE_HOLDS_OPTIONS) === 0
        ? readText(bytes, offset + BOOT_FILE, BOOT_FILE_SIZE)
        : '',
    options: area.options.filter(
      ({ code }) => code !== DHCP_MESSAGE_TYPE && code !== DHCP_OVERLOAD,
    ),
  };
}

interface OptionAreas {
  readonly options: readonly DhcpOption[];
  /** The value of option 52. */
  readonly overload: number;
}

/** Parts are joined across areas in this order: options, file, sname. @source RFC 3396 5 */
function parseOptionAreas(bytes: Uint8Array, offset: number, size: number): OptionAreas | null {
  const parts: DhcpOptionParts = new Map();
  if (!collectDhcpOptions(bytes, offset + OPTIONS, offset + size, parts)) return null;
  const overload = parts.has(DHCP_OVERLOAD) ? dhcpU8(joinDhcpOptions(parts), DHCP_OVERLOAD) : 0;
  if (overload === null || overload > (FILE_HOLDS_OPTIONS | SERVER_NAME_HOLDS_OPTIONS)) return null;
  if ((overload & FILE_HOLDS_OPTIONS) !== 0) {
    const at = offset + BOOT_FILE;
    if (!collectDhcpOptions(bytes, at, at + BOOT_FILE_SIZE, parts)) return null;
  }
  if ((overload & SERVER_NAME_HOLDS_OPTIONS) !== 0) {
    const at = offset + SERVER_NAME;
    if (!collectDhcpOptions(bytes, at, at + SERVER_NAME_SIZE, parts)) return null;
  }
  return { options: joinDhcpOptions(parts), overload };
}

/** Reads text that ends at the first NUL or with its field. */
function readText(bytes: Uint8Array, offset: number, size: number): string {
  const nul = bytes.indexOf(0, offset);
  const end = nul === -1 ? offset + size : Math.min(nul, offset + size);
  return String.fromCharCode(...bytes.subarray(offset, end));
}

/** @returns the bytes `emitDhcpv4` writes. */
export function dhcpv4Size(repr: Dhcpv4Repr): number {
  return Math.max(MIN_SIZE, OPTIONS + dhcpOptionsSize(withMessageType(repr)));
}

function withMessageType(repr: Dhcpv4Repr): readonly DhcpOption[] {
  return [dhcpU8Option(DHCP_MESSAGE_TYPE, repr.messageType), ...repr.options];
}

/** @returns the bytes written: `dhcpv4Size(repr)`, at least 300. */
export function emitDhcpv4(repr: Dhcpv4Repr, out: Uint8Array, offset: number): number {
  const size = dhcpv4Size(repr);
  out.fill(0, offset, offset + size);
  writeU8(out, offset, repr.operation);
  writeU8(out, offset + 1, HARDWARE_ETHERNET);
  writeU8(out, offset + 2, MAC_SIZE);
  writeU8(out, offset + 3, repr.hops);
  writeU32(out, offset + 4, repr.transactionId);
  writeU16(out, offset + 8, repr.seconds);
  writeU16(out, offset + 10, repr.broadcast ? BROADCAST_FLAG : 0);
  writeU32(out, offset + 12, repr.clientAddr);
  writeU32(out, offset + 16, repr.yourAddr);
  writeU32(out, offset + 20, repr.nextServerAddr);
  writeU32(out, offset + 24, repr.relayAddr);
  writeMac(out, offset + 28, repr.clientMac);
  out.set(Buffer.from(repr.serverName, 'latin1'), offset + SERVER_NAME);
  out.set(Buffer.from(repr.bootFile, 'latin1'), offset + BOOT_FILE);
  writeU32(out, offset + COOKIE, MAGIC_COOKIE);
  emitDhcpOptions(withMessageType(repr), out, offset + OPTIONS);
  return size;
}
