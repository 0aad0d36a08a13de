/**
 * ARP for IPv4 over Ethernet; every other hardware or protocol type is malformed here.
 * Read first: RFC 826, then RFC 5227 for probes and announcements.
 */
import type { Ipv4Addr } from '../addr/ipv4.ts';
import type { MacAddr } from '../addr/mac.ts';
import {
  readI32,
  readIpv4,
  readMac,
  readU8,
  readU16,
  writeMac,
  writeU8,
  writeU16,
  writeU32,
} from './bytes.ts';
import { ETHERTYPE_IPV4 } from './ethernet.ts';

export const ARP_SIZE = 28;

/** Offsets in the packet. */
export const ARP_OPERATION = 6;
export const ARP_SENDER_MAC = 8;
export const ARP_SENDER_ADDR = 14;
export const ARP_TARGET_MAC = 18;
export const ARP_TARGET_ADDR = 24;

export const ARP_REQUEST = 1;
export const ARP_REPLY = 2;

const HARDWARE_ETHERNET = 1;
const MAC_SIZE = 6;
const IPV4_ADDR_SIZE = 4;

export interface ArpRepr {
  readonly operation: typeof ARP_REQUEST | typeof ARP_REPLY;
  readonly senderMac: MacAddr;
  readonly senderAddr: Ipv4Addr;
  readonly targetMac: MacAddr;
  readonly targetAddr: Ipv4Addr;
}

export function arpOperation(bytes: Uint8Array, offset: number): number {
  return readU16(bytes, offset + ARP_OPERATION);
}

/** @returns a signed word. */
export function arpSenderAddr(bytes: Uint8Array, offset: number): number {
  return readI32(bytes, offset + ARP_SENDER_ADDR);
}

/** @returns a signed word. */
export function arpTargetAddr(bytes: Uint8Array, offset: number): number {
  return readI32(bytes, offset + ARP_TARGET_ADDR);
}

/** @returns null when the bytes are no ARP request or reply for IPv4 over Ethernet. */
export function parseArp(bytes: Uint8Array, offset: number, size: number): ArpRepr | null {
  if (size < ARP_SIZE) return null;
  if (readU16(bytes, offset) !== HARDWARE_ETHERNET) return null;
  if (readU16(bytes, offset + 2) !== ETHERTYPE_IPV4) return null;
  if (readU8(bytes, offset + 4) !== MAC_SIZE) return null;
  if (readU8(bytes, offset + 5) !== IPV4_ADDR_SIZE) return null;
  const operation = arpOperation(bytes, offset);
  if (operation !== ARP_REQUEST && operation !== ARP_REPLY) return null;
  return {
    operation,
    senderMac: readMac(bytes, offset + ARP_SENDER_MAC),
    senderAddr: readIpv4(bytes, offset + ARP_SENDER_ADDR),
    targetMac: readMac(bytes, offset + ARP_TARGET_MAC),
    targetAddr: readIpv4(bytes, offset + ARP_TARGET_ADDR),
  };
}

/** @returns the bytes written: 28. */
export function emitArp(repr: ArpRepr, out: Uint8Array, offset: number): number {
  writeU16(out, offset, HARDWARE_ETHERNET);
  writeU16(out, offset + 2, ETHERTYPE_IPV4);
  writeU8(out, offset + 4, MAC_SIZE);
  writeU8(out, offset + 5, IPV4_ADDR_SIZE);
  writeU16(out, offset + ARP_OPERATION, repr.operation);
  writeMac(out, offset + ARP_SENDER_MAC, repr.senderMac);
  writeU32(out, offset + ARP_SENDER_ADDR, repr.senderAddr);
  writeMac(out, offset + ARP_TARGET_MAC, repr.targetMac);
  writeU32(out, offset + ARP_TARGET_ADDR, repr.targetAddr);
  return ARP_SIZE;
}
