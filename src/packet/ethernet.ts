/**
 * Ethernet II headers. A frame is a Uint8Array from the destination MAC; no FCS, no padding needed.
 * Read first: IEEE 802.3 clause 3, RFC 894.
 */
import type { MacAddr } from '../addr/mac.ts';
import { readI32, readMac, readU16, writeMac, writeU16 } from './bytes.ts';

export const ETHERNET_HEADER_SIZE = 14;

/** Offsets in the header. */
export const ETHERNET_DESTINATION = 0;
export const ETHERNET_SOURCE = 6;
export const ETHERNET_TYPE = 12;

export const ETHERTYPE_IPV4 = 0x0800;
export const ETHERTYPE_ARP = 0x0806;
export const ETHERTYPE_IPV6 = 0x86dd;

export interface EthernetRepr {
  readonly destination: MacAddr;
  readonly source: MacAddr;
  /** 0..65535; below 1536 it is an 802.3 length. */
  readonly etherType: number;
}

/** @returns the first two octets, as `macHigh16` gives them. */
export function ethernetDestinationHigh16(bytes: Uint8Array, offset: number): number {
  return readU16(bytes, offset + ETHERNET_DESTINATION);
}

/** @returns the last four octets as a signed word, as `macLow32` gives them. */
export function ethernetDestinationLow32(bytes: Uint8Array, offset: number): number {
  return readI32(bytes, offset + ETHERNET_DESTINATION + 2);
}

/** @returns the first two octets, as `macHigh16` gives them. */
export function ethernetSourceHigh16(bytes: Uint8Array, offset: number): number {
  return readU16(bytes, offset + ETHERNET_SOURCE);
}

/** @returns the last four octets as a signed word, as `macLow32` gives them. */
export function ethernetSourceLow32(bytes: Uint8Array, offset: number): number {
  return readI32(bytes, offset + ETHERNET_SOURCE + 2);
}

export function etherType(bytes: Uint8Array, offset: number): number {
  return readU16(bytes, offset + ETHERNET_TYPE);
}

/** @returns null when the header does not fit in `size` bytes. */
export function parseEthernet(
  bytes: Uint8Array,
  offset: number,
  size: number,
): EthernetRepr | null {
  if (size < ETHERNET_HEADER_SIZE) return null;
  return {
    destination: readMac(bytes, offset + ETHERNET_DESTINATION),
    source: readMac(bytes, offset + ETHERNET_SOURCE),
    etherType: etherType(bytes, offset),
  };
}

/** @returns the bytes written: 14. */
export function emitEthernet(repr: EthernetRepr, out: Uint8Array, offset: number): number {
  writeMac(out, offset + ETHERNET_DESTINATION, repr.destination);
  writeMac(out, offset + ETHERNET_SOURCE, repr.source);
  writeU16(out, offset + ETHERNET_TYPE, repr.etherType);
  return ETHERNET_HEADER_SIZE;
}
