/**
 * The classic capture file: a header and one record a frame.
 * Read first: https://www.ietf.org/archive/id/draft-ietf-opsawg-pcap-03.html
 */

/** Link type of Ethernet frames (LINKTYPE_ETHERNET). */
export const LINKTYPE_ETHERNET = 1;
/** The largest frame that is written whole; a super-frame is below it. */
export const SNAP_LENGTH = 262_144;

export type PcapResolution = 'microseconds' | 'nanoseconds';

const MAGIC: Readonly<Record<PcapResolution, number>> = {
  microseconds: 0xa1b2c3d4,
  nanoseconds: 0xa1b23c4d,
};
const NS_PER_UNIT: Readonly<Record<PcapResolution, bigint>> = {
  microseconds: 1000n,
  nanoseconds: 1n,
};
const NS_PER_SECOND = 1_000_000_000n;
const HEADER_SIZE = 24;
const RECORD_HEADER_SIZE = 16;

/** @returns the 24 bytes that begin a file; little-endian. */
export function pcapHeader(resolution: PcapResolution = 'microseconds'): Uint8Array {
  const bytes = new Uint8Array(HEADER_SIZE);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC[resolution], true);
  view.setUint16(4, 2, true);
  view.setUint16(6, 4, true);
  view.setUint32(16, SNAP_LENGTH, true);
  view.setUint32(20, LINKTYPE_ETHERNET, true);
  return bytes;
}

export interface PcapRecord {
  /** Nanoseconds since the epoch. */
  readonly timestampNs: bigint;
  /** What was kept of the frame, from the destination MAC. */
  readonly frame: Uint8Array;
  /** Bytes of the frame on the wire; >= those kept. */
  readonly originalSize: number;
}

/** @param resolution That of the header. @returns the record with its frame. */
export function pcapRecord(
  record: PcapRecord,
  resolution: PcapResolution = 'microseconds',
): Uint8Array {
  const { timestampNs, frame, originalSize } = record;
  const bytes = new Uint8Array(RECORD_HEADER_SIZE + frame.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, Number(timestampNs / NS_PER_SECOND), true);
  view.setUint32(4, Number((timestampNs % NS_PER_SECOND) / NS_PER_UNIT[resolution]), true);
  view.setUint32(8, frame.length, true);
  view.setUint32(12, originalSize, true);
  bytes.set(frame, RECORD_HEADER_SIZE);
  return bytes;
}

/** What a file holds. */
export interface PcapFile {
  readonly resolution: PcapResolution;
  readonly linkType: number;
  readonly records: readonly PcapRecord[];
}

/** Reads a little-endian file. @returns null when it is none or ends inside a record. */
export function readPcap(bytes: Uint8Array): PcapFile | null {
  if (bytes.length < HEADER_SIZE) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const magic = view.getUint32(0, true);
  const resolution = (['microseconds', 'nanoseconds'] as const).find(
    (each) => MAGIC[each] === magic,
  );
  if (resolution === undefined) return null;
  const records: PcapRecord[] = [];
  for (let at = HEADER_SIZE; at < bytes.length; ) {
    if (at + RECORD_HEADER_SIZE > bytes.length) return null;
    const size = view.getUint32(at + 8, true);
    const start = at + RECORD_HEADER_SIZE;
    if (start + size > bytes.length) return null;
    const fraction = BigInt(view.getUint32(at + 4, true)) * NS_PER_UNIT[resolution];
    records.push({
      timestampNs: BigInt(view.getUint32(at, true)) * NS_PER_SECOND + fraction,
      frame: bytes.slice(start, start + size),
      originalSize: view.getUint32(at + 12, true),
    });
    at = start + size;
  }
  return { resolution, linkType: view.getUint32(20, true), records };
}
