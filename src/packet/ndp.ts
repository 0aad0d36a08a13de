/**
 * Neighbour discovery messages, the bodies of ICMPv6 types 133 to 136.
 * Read first: RFC 4861 section 4; section 7.1 for the hop limit of 255, which the caller checks.
 */
import type { Ipv6Addr } from '../addr/ipv6.ts';
import type { MacAddr } from '../addr/mac.ts';
import {
  readIpv6,
  readMac,
  readU8,
  readU16,
  readU32,
  writeIpv6,
  writeMac,
  writeU8,
  writeU16,
  writeU32,
} from './bytes.ts';

export const NDP_ROUTER_SOLICITATION = 133;
export const NDP_ROUTER_ADVERTISEMENT = 134;
export const NDP_NEIGHBOR_SOLICITATION = 135;
export const NDP_NEIGHBOR_ADVERTISEMENT = 136;
/** Known by its type alone: nobody here sends or heeds one. */
export const NDP_REDIRECT = 137;

const OPTION_SOURCE_LINK = 1;
const OPTION_TARGET_LINK = 2;
const OPTION_PREFIX = 3;
const OPTION_MTU = 5;

const LINK_OPTION_SIZE = 8;
const PREFIX_OPTION_SIZE = 32;
const MTU_OPTION_SIZE = 8;

/** Sizes of the messages without options, from the ICMPv6 type. */
const ROUTER_SOLICITATION_SIZE = 8;
const ROUTER_ADVERTISEMENT_SIZE = 16;
const NEIGHBOR_SIZE = 24;

/** A prefix information option. */
export interface NdpPrefix {
  readonly prefix: Ipv6Addr;
  readonly prefixLength: number;
  readonly onLink: boolean;
  /** The A flag: hosts may make addresses of their own. */
  readonly autonomous: boolean;
  /** Seconds; 0xffffffff is forever. */
  readonly validSeconds: number;
  /** Seconds; 0xffffffff is forever. */
  readonly preferredSeconds: number;
}

export interface RouterSolicitationRepr {
  readonly kind: 'router-solicitation';
  readonly sourceLinkMac: MacAddr | null;
}

export interface RouterAdvertisementRepr {
  readonly kind: 'router-advertisement';
  readonly hopLimit: number;
  /** The M flag: addresses come from DHCPv6. */
  readonly managed: boolean;
  /** The O flag: the rest comes from DHCPv6. */
  readonly otherConfiguration: boolean;
  readonly lifetimeSeconds: number;
  readonly reachableMs: number;
  readonly retransmitMs: number;
  readonly sourceLinkMac: MacAddr | null;
  readonly mtu: number | null;
  readonly prefixes: readonly NdpPrefix[];
}

export interface NeighborSolicitationRepr {
  readonly kind: 'neighbor-solicitation';
  readonly target: Ipv6Addr;
  readonly sourceLinkMac: MacAddr | null;
}

export interface NeighborAdvertisementRepr {
  readonly kind: 'neighbor-advertisement';
  readonly router: boolean;
  readonly solicited: boolean;
  readonly override: boolean;
  readonly target: Ipv6Addr;
  readonly targetLinkMac: MacAddr | null;
}

export type NdpRepr =
  | RouterSolicitationRepr
  | RouterAdvertisementRepr
  | NeighborSolicitationRepr
  | NeighborAdvertisementRepr;

export function isNdpType(type: number): boolean {
  return type >= NDP_ROUTER_SOLICITATION && type <= NDP_NEIGHBOR_ADVERTISEMENT;
}

interface NdpOptions {
  readonly sourceLinkMac: MacAddr | null;
  readonly targetLinkMac: MacAddr | null;
  readonly mtu: number | null;
  readonly prefixes: readonly NdpPrefix[];
}

/** Options of other types are skipped. @source RFC 4861 4.6 */
function parseOptions(bytes: Uint8Array, offset: number, end: number): NdpOptions | null {
  let sourceLinkMac: MacAddr | null = null;
  let targetLinkMac: MacAddr | null = null;
  let mtu: number | null = null;
  const prefixes: NdpPrefix[] = [];
  for (let at = offset; at < end; ) {
    const size = at + 1 < end ? readU8(bytes, at + 1) << 3 : 0;
    if (size === 0 || at + size > end) return null;
    const type = readU8(bytes, at);
    if (type === OPTION_SOURCE_LINK) sourceLinkMac = readMac(bytes, at + 2);
    else if (type === OPTION_TARGET_LINK) targetLinkMac = readMac(bytes, at + 2);
    else if (type === OPTION_MTU) mtu = readU32(bytes, at + 4);
    else if (type === OPTION_PREFIX) {
      const prefix = size === PREFIX_OPTION_SIZE ? parsePrefix(bytes, at) : null;
      if (prefix === null) return null;
      prefixes.push(prefix);
    }
    at += size;
  }
  return { sourceLinkMac, targetLinkMac, mtu, prefixes };
}

function parsePrefix(bytes: Uint8Array, offset: number): NdpPrefix | null {
  const prefixLength = readU8(bytes, offset + 2);
  if (prefixLength > 128) return null;
  const flags = readU8(bytes, offset + 3);
  return {
    prefix: readIpv6(bytes, offset + 16),
    prefixLength,
    onLink: (flags & 0x80) !== 0,
    autonomous: (flags & 0x40) !== 0,
    validSeconds: readU32(bytes, offset + 4),
    preferredSeconds: readU32(bytes, offset + 8),
  };
}

/**
 * @param offset Of the ICMPv6 type.
 * @param size Of the whole ICMPv6 message.
 * @returns null when the message is short, of another type, or its options are broken.
 */
export function parseNdp(bytes: Uint8Array, offset: number, size: number): NdpRepr | null {
  const type = size > 0 ? readU8(bytes, offset) : 0;
  const bodySize = isNdpType(type) ? ndpBodySize(type) : Number.POSITIVE_INFINITY;
  if (size < bodySize) return null;
  const options = parseOptions(bytes, offset + bodySize, offset + size);
  if (options === null) return null;
  const { sourceLinkMac, targetLinkMac, mtu, prefixes } = options;
  if (type === NDP_ROUTER_SOLICITATION) return { kind: 'router-solicitation', sourceLinkMac };
  if (type === NDP_NEIGHBOR_SOLICITATION) {
    return { kind: 'neighbor-solicitation', target: readIpv6(bytes, offset + 8), sourceLinkMac };
  }
  if (type === NDP_NEIGHBOR_ADVERTISEMENT) {
    const flags = readU8(bytes, offset + 4);
    return {
      kind: 'neighbor-advertisement',
      router: (flags & 0x80) !== 0,
      solicited: (flags & 0x40) !== 0,
      override: (flags & 0x20) !== 0,
      target: readIpv6(bytes, offset + 8),
      targetLinkMac,
    };
  }
  const flags = readU8(bytes, offset + 5);
  return {
    kind: 'router-advertisement',
    hopLimit: readU8(bytes, offset + 4),
    managed: (flags & 0x80) !== 0,
    otherConfiguration: (flags & 0x40) !== 0,
    lifetimeSeconds: readU16(bytes, offset + 6),
    reachableMs: readU32(bytes, offset + 8),
    retransmitMs: readU32(bytes, offset + 12),
    sourceLinkMac,
    mtu,
    prefixes,
  };
}

function ndpBodySize(type: number): number {
  if (type === NDP_ROUTER_SOLICITATION) return ROUTER_SOLICITATION_SIZE;
  return type === NDP_ROUTER_ADVERTISEMENT ? ROUTER_ADVERTISEMENT_SIZE : NEIGHBOR_SIZE;
}

function linkOptionSize(mac: MacAddr | null): number {
  return mac === null ? 0 : LINK_OPTION_SIZE;
}

/** @returns the size of the whole ICMPv6 message. */
export function ndpSize(repr: NdpRepr): number {
  switch (repr.kind) {
    case 'router-solicitation':
      return ROUTER_SOLICITATION_SIZE + linkOptionSize(repr.sourceLinkMac);
    case 'neighbor-solicitation':
      return NEIGHBOR_SIZE + linkOptionSize(repr.sourceLinkMac);
    case 'neighbor-advertisement':
      return NEIGHBOR_SIZE + linkOptionSize(repr.targetLinkMac);
    case 'router-advertisement':
      return (
        ROUTER_ADVERTISEMENT_SIZE +
        linkOptionSize(repr.sourceLinkMac) +
        (repr.mtu === null ? 0 : MTU_OPTION_SIZE) +
        repr.prefixes.length * PREFIX_OPTION_SIZE
      );
    default:
      return repr satisfies never;
  }
}

/**
 * Writes type, code and body; the checksum field is left zero for `emitIcmpv6`.
 * @returns the bytes written: `ndpSize(repr)`.
 */
export function emitNdp(repr: NdpRepr, out: Uint8Array, offset: number): number {
  out.fill(0, offset, offset + ndpSize(repr));
  switch (repr.kind) {
    case 'router-solicitation':
      writeU8(out, offset, NDP_ROUTER_SOLICITATION);
      return emitLink(OPTION_SOURCE_LINK, repr.sourceLinkMac, out, offset + 8) - offset;
    case 'neighbor-solicitation':
      writeU8(out, offset, NDP_NEIGHBOR_SOLICITATION);
      writeIpv6(out, offset + 8, repr.target);
      return emitLink(OPTION_SOURCE_LINK, repr.sourceLinkMac, out, offset + NEIGHBOR_SIZE) - offset;
    case 'neighbor-advertisement': {
      const flags =
        (repr.router ? 0x80 : 0) | (repr.solicited ? 0x40 : 0) | (repr.override ? 0x20 : 0);
      writeU8(out, offset, NDP_NEIGHBOR_ADVERTISEMENT);
      writeU8(out, offset + 4, flags);
      writeIpv6(out, offset + 8, repr.target);
      return emitLink(OPTION_TARGET_LINK, repr.targetLinkMac, out, offset + NEIGHBOR_SIZE) - offset;
    }
    case 'router-advertisement':
      return emitRouterAdvertisement(repr, out, offset);
    default:
      return repr satisfies never;
  }
}

/** @returns the offset behind the option, which is absent for null. */
function emitLink(type: number, mac: MacAddr | null, out: Uint8Array, offset: number): number {
  if (mac === null) return offset;
  writeU8(out, offset, type);
  writeU8(out, offset + 1, LINK_OPTION_SIZE >>> 3);
  writeMac(out, offset + 2, mac);
  return offset + LINK_OPTION_SIZE;
}

function emitRouterAdvertisement(
  repr: RouterAdvertisementRepr,
  out: Uint8Array,
  offset: number,
): number {
  writeU8(out, offset, NDP_ROUTER_ADVERTISEMENT);
  writeU8(out, offset + 4, repr.hopLimit);
  writeU8(out, offset + 5, (repr.managed ? 0x80 : 0) | (repr.otherConfiguration ? 0x40 : 0));
  writeU16(out, offset + 6, repr.lifetimeSeconds);
  writeU32(out, offset + 8, repr.reachableMs);
  writeU32(out, offset + 12, repr.retransmitMs);
  let at = offset + ROUTER_ADVERTISEMENT_SIZE;
  at = emitLink(OPTION_SOURCE_LINK, repr.sourceLinkMac, out, at);
  if (repr.mtu !== null) {
    writeU8(out, at, OPTION_MTU);
    writeU8(out, at + 1, MTU_OPTION_SIZE >>> 3);
    writeU32(out, at + 4, repr.mtu);
    at += MTU_OPTION_SIZE;
  }
  for (const prefix of repr.prefixes) at = emitPrefix(prefix, out, at);
  return at - offset;
}

/** @returns the offset behind the option. */
function emitPrefix(prefix: NdpPrefix, out: Uint8Array, offset: number): number {
  writeU8(out, offset, OPTION_PREFIX);
  writeU8(out, offset + 1, PREFIX_OPTION_SIZE >>> 3);
  writeU8(out, offset + 2, prefix.prefixLength);
  writeU8(out, offset + 3, (prefix.onLink ? 0x80 : 0) | (prefix.autonomous ? 0x40 : 0));
  writeU32(out, offset + 4, prefix.validSeconds);
  writeU32(out, offset + 8, prefix.preferredSeconds);
  writeIpv6(out, offset + 16, prefix.prefix);
  return offset + PREFIX_OPTION_SIZE;
}
