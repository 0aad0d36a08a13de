/**
 * The next-generation capture file: one interface block an ENI, the verdict as packet comment.
 * A section header comes first; an interface block before the first packet that uses it.
 * Read first: https://www.ietf.org/archive/id/draft-ietf-opsawg-pcapng-02.html
 */
import { LINKTYPE_ETHERNET, SNAP_LENGTH } from './pcap.ts';

const SECTION_HEADER = 0x0a0d0d0a;
const INTERFACE_DESCRIPTION = 1;
const ENHANCED_PACKET = 6;
const BYTE_ORDER_MAGIC = 0x1a2b3c4d;

/** Block type, size before and size behind. */
const FRAMING_SIZE = 12;

const OPT_COMMENT = 1;
const SHB_USERAPPL = 4;
const IF_NAME = 2;
const IF_DESCRIPTION = 3;
const IF_TSRESOL = 9;
const EPB_FLAGS = 2;

/** Time stamps count nanoseconds: 10 to the power of minus 9. */
const NANOSECONDS = 9;

export type CaptureDirection = 'inbound' | 'outbound';
const DIRECTION_FLAGS: Readonly<Record<CaptureDirection, number>> = { inbound: 1, outbound: 2 };

export interface PcapngInterface {
  /** Such as `r1.eth0`. */
  readonly name: string;
  /** The id of the ENI. */
  readonly description: string;
}

export interface PcapngPacket {
  /** Counts the interface blocks of the file, from 0. */
  readonly interfaceIndex: number;
  /** Nanoseconds since the epoch. */
  readonly timestampNs: bigint;
  /** What was kept of the frame, from the destination MAC. */
  readonly frame: Uint8Array;
  /** Bytes of the frame on the wire; >= those kept. */
  readonly originalSize: number;
  /** As the instance sees it: outbound is what it sent. */
  readonly direction: CaptureDirection;
  /** What became of the frame; an empty text is left out. */
  readonly comment: string;
}

type Option = readonly [code: number, value: Uint8Array];

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** @param application What wrote the file. @returns the section header, which begins a file. */
export function pcapngHeader(application = 'vpclab'): Uint8Array {
  const body = new Uint8Array(16);
  const view = new DataView(body.buffer);
  view.setUint32(0, BYTE_ORDER_MAGIC, true);
  view.setUint16(4, 1, true);
  // The size of the section is not known while it is written.
  view.setBigInt64(8, -1n, true);
  return block(SECTION_HEADER, body, [[SHB_USERAPPL, encoder.encode(application)]]);
}

/** @returns the description of the next interface; the first one has index 0. */
export function pcapngInterface({ name, description }: PcapngInterface): Uint8Array {
  const body = new Uint8Array(8);
  const view = new DataView(body.buffer);
  view.setUint16(0, LINKTYPE_ETHERNET, true);
  view.setUint32(4, SNAP_LENGTH, true);
  return block(INTERFACE_DESCRIPTION, body, [
    [IF_NAME, encoder.encode(name)],
    [IF_DESCRIPTION, encoder.encode(description)],
    [IF_TSRESOL, Uint8Array.of(NANOSECONDS)],
  ]);
}

export function pcapngPacket(packet: PcapngPacket): Uint8Array {
  const { interfaceIndex, timestampNs, frame, originalSize, direction, comment } = packet;
  const body = new Uint8Array(20 + padded(frame.length));
  const view = new DataView(body.buffer);
  view.setUint32(0, interfaceIndex, true);
  view.setUint32(4, Number((timestampNs >> 32n) & 0xffffffffn), true);
  view.setUint32(8, Number(timestampNs & 0xffffffffn), true);
  view.setUint32(12, frame.length, true);
  view.setUint32(16, originalSize, true);
  body.set(frame, 20);
  const flags = new Uint8Array(4);
  new DataView(flags.buffer).setUint32(0, DIRECTION_FLAGS[direction], true);
  const options: Option[] = [[EPB_FLAGS, flags]];
  if (comment !== '') options.push([OPT_COMMENT, encoder.encode(comment)]);
  return block(ENHANCED_PACKET, body, options);
}

function padded(size: number): number {
  return (size + 3) & ~3;
}

/** @param body A multiple of four bytes. */
function block(type: number, body: Uint8Array, options: readonly Option[]): Uint8Array {
  // Each option has a code and a size; an empty one ends the list.
  const optionsSize = options.reduce((sum, [, value]) => sum + 4 + padded(value.length), 4);
  const size = FRAMING_SIZE + body.length + optionsSize;
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, type, true);
  view.setUint32(4, size, true);
  bytes.set(body, 8);
  let at = 8 + body.length;
  for (const [code, value] of options) {
    view.setUint16(at, code, true);
    view.setUint16(at + 2, value.length, true);
    bytes.set(value, at + 4);
    at += 4 + padded(value.length);
  }
  view.setUint32(size - 4, size, true);
  return bytes;
}

/** What a file holds. */
export interface PcapngFile {
  readonly interfaces: readonly PcapngInterface[];
  readonly packets: readonly PcapngPacket[];
}

/** Reads a little-endian file of the blocks above; others are skipped. @returns null when it is malformed. */
export function readPcapng(bytes: Uint8Array): PcapngFile | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const interfaces: PcapngInterface[] = [];
  const packets: PcapngPacket[] = [];
  for (let at = 0; at < bytes.length; ) {
    if (at + FRAMING_SIZE > bytes.length) return null;
    const size = view.getUint32(at + 4, true);
    const end = at + size;
    if (size < FRAMING_SIZE || size % 4 !== 0 || end > bytes.length) return null;
    if (view.getUint32(end - 4, true) !== size) return null;
    const body = new DataView(bytes.buffer, bytes.byteOffset + at + 8, size - FRAMING_SIZE);
    const ok = readBlock(view.getUint32(at, true), body, interfaces, packets);
    if (!ok || (at === 0 && view.getUint32(0, true) !== SECTION_HEADER)) return null;
    at = end;
  }
  return { interfaces, packets };
}

function readBlock(
  type: number,
  body: DataView,
  interfaces: PcapngInterface[],
  packets: PcapngPacket[],
): boolean {
  if (type === SECTION_HEADER)
    return body.byteLength >= 16 && body.getUint32(0, true) === BYTE_ORDER_MAGIC;
  if (type === INTERFACE_DESCRIPTION) {
    const options = readOptions(body, 8);
    if (options === null) return false;
    const text = (code: number) => decoder.decode(options.get(code) ?? new Uint8Array());
    interfaces.push({ name: text(IF_NAME), description: text(IF_DESCRIPTION) });
    return true;
  }
  if (type !== ENHANCED_PACKET) return true;
  const packet = readPacket(body);
  if (packet === null) return false;
  packets.push(packet);
  return true;
}

function readPacket(body: DataView): PcapngPacket | null {
  if (body.byteLength < 20) return null;
  const size = body.getUint32(12, true);
  // The size itself first: rounding up is done in 32 bits.
  if (size > body.byteLength || 20 + padded(size) > body.byteLength) return null;
  const options = readOptions(body, 20 + padded(size));
  if (options === null) return null;
  const flags = options.get(EPB_FLAGS)?.[0];
  return {
    interfaceIndex: body.getUint32(0, true),
    timestampNs: (BigInt(body.getUint32(4, true)) << 32n) | BigInt(body.getUint32(8, true)),
    frame: new Uint8Array(body.buffer, body.byteOffset + 20, size).slice(),
    originalSize: body.getUint32(16, true),
    direction: flags === DIRECTION_FLAGS.outbound ? 'outbound' : 'inbound',
    comment: decoder.decode(options.get(OPT_COMMENT) ?? new Uint8Array()),
  };
}

function readOptions(body: DataView, start: number): Map<number, Uint8Array> | null {
  const options = new Map<number, Uint8Array>();
  for (let at = start; at + 4 <= body.byteLength; ) {
    const code = body.getUint16(at, true);
    const size = body.getUint16(at + 2, true);
    if (code === 0) return options;
    if (at + 4 + size > body.byteLength) return null;
    options.set(code, new Uint8Array(body.buffer, body.byteOffset + at + 4, size));
    at += 4 + padded(size);
  }
  return start <= body.byteLength ? options : null;
}
