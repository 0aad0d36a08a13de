/**
 * Geneve as Gateway Load Balancers speak it: a fixed header of 40 bytes with three options of class
 * 0x0108, in front of a bare IP packet. Read first: RFC 8926 section 3.4. Rules: GWLB-1, GWLB-2.
 */
import { readI32, readU8, readU16, writeU16, writeU32 } from './bytes.ts';

export const GENEVE_PORT = 6081;
/** With the three options. */
export const GENEVE_HEADER_SIZE = 40;

/** Version 0, and the length of the options in words of four bytes. */
const FIRST_BYTE = 8;
const OPTIONS_CLASS = 0x0108;
/** Where each option starts: endpoint, attachment, flow cookie. */
const ENDPOINT = 8;
const ATTACHMENT = 20;
const COOKIE = 32;
const ENDPOINT_TYPE = 1;
const ATTACHMENT_TYPE = 2;
const COOKIE_TYPE = 3;
/** Of the value, in words of four bytes. */
const ID_WORDS = 2;
const COOKIE_WORDS = 1;

/** What the options say; ids are 64 bits in two signed words. One reused record. */
export class GeneveOptions {
  endpointHigh = 0;
  endpointLow = 0;
  attachmentHigh = 0;
  attachmentLow = 0;
  cookie = 0;
}

/** @param etherType Of the packet inside. */
export function writeGeneve(
  bytes: Uint8Array,
  at: number,
  etherType: number,
  options: GeneveOptions,
): void {
  writeU16(bytes, at, FIRST_BYTE << 8);
  writeU16(bytes, at + 2, etherType);
  writeU32(bytes, at + 4, 0);
  writeOption(bytes, at + ENDPOINT, ENDPOINT_TYPE, ID_WORDS);
  writeU32(bytes, at + ENDPOINT + 4, options.endpointHigh);
  writeU32(bytes, at + ENDPOINT + 8, options.endpointLow);
  writeOption(bytes, at + ATTACHMENT, ATTACHMENT_TYPE, ID_WORDS);
  writeU32(bytes, at + ATTACHMENT + 4, options.attachmentHigh);
  writeU32(bytes, at + ATTACHMENT + 8, options.attachmentLow);
  writeOption(bytes, at + COOKIE, COOKIE_TYPE, COOKIE_WORDS);
  writeU32(bytes, at + COOKIE + 4, options.cookie);
}

/**
 * Reads a header that must be as `writeGeneve` writes it, since appliances send it back unchanged.
 * @param size Bytes from `at` to the end of the datagram.
 * @returns the EtherType of the packet inside, or -1.
 */
export function readGeneve(
  bytes: Uint8Array,
  at: number,
  size: number,
  options: GeneveOptions,
): number {
  const isWhole =
    size >= GENEVE_HEADER_SIZE &&
    readU16(bytes, at) === FIRST_BYTE << 8 &&
    readI32(bytes, at + 4) === 0 &&
    isOption(bytes, at + ENDPOINT, ENDPOINT_TYPE, ID_WORDS) &&
    isOption(bytes, at + ATTACHMENT, ATTACHMENT_TYPE, ID_WORDS) &&
    isOption(bytes, at + COOKIE, COOKIE_TYPE, COOKIE_WORDS);
  if (!isWhole) return -1;
  options.endpointHigh = readI32(bytes, at + ENDPOINT + 4);
  options.endpointLow = readI32(bytes, at + ENDPOINT + 8);
  options.attachmentHigh = readI32(bytes, at + ATTACHMENT + 4);
  options.attachmentLow = readI32(bytes, at + ATTACHMENT + 8);
  options.cookie = readI32(bytes, at + COOKIE + 4);
  return readU16(bytes, at + 2);
}

function writeOption(bytes: Uint8Array, at: number, type: number, words: number): void {
  writeU16(bytes, at, OPTIONS_CLASS);
  writeU16(bytes, at + 2, (type << 8) | words);
}

function isOption(bytes: Uint8Array, at: number, type: number, words: number): boolean {
  return (
    readU16(bytes, at) === OPTIONS_CLASS &&
    readU8(bytes, at + 2) === type &&
    readU8(bytes, at + 3) === words
  );
}
