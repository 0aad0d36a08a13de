/**
 * Cuts a pcap or pcapng stream at the ends of its records, so that a capture that is broken off
 * anywhere is still a whole file.
 * Read first: the pcap and pcapng drafts of the IETF opsawg (record header, block total length).
 */

export type CaptureFormat = 'pcap' | 'pcapng';

const PCAP_FILE_HEADER_BYTES = 24;
const PCAP_RECORD_HEADER_BYTES = 16;
/** Of the captured length, in a record header. */
const PCAP_LENGTH_OFFSET = 8;
/** Type, total length, and the magic of a section header. */
const PCAPNG_BLOCK_HEADER_BYTES = 12;
const PCAPNG_MAGIC_LITTLE_ENDIAN = 0x1a2b3c4d;
const PCAP_MAGICS_LITTLE_ENDIAN: ReadonlySet<number> = new Set([0xa1b2c3d4, 0xa1b23c4d]);

export class CaptureRecords {
  readonly #format: CaptureFormat;
  #rest: Buffer = Buffer.alloc(0);
  #littleEndian: boolean | null = null;

  constructor(format: CaptureFormat) {
    this.#format = format;
  }

  /** Takes bytes as they come. @returns those that end a record; may be empty. */
  push(bytes: Uint8Array): Buffer {
    const all = Buffer.concat([this.#rest, bytes]);
    let end = 0;
    for (let size = this.#recordBytes(all, end); size > 0; size = this.#recordBytes(all, end)) {
      if (end + size > all.length) break;
      end += size;
    }
    this.#rest = all.subarray(end);
    return all.subarray(0, end);
  }

  /** @returns the size of the record at an offset; 0 when too little of it is there to tell. */
  #recordBytes(all: Buffer, offset: number): number {
    const there = all.length - offset;
    if (this.#format === 'pcapng') {
      if (there < PCAPNG_BLOCK_HEADER_BYTES) return 0;
      this.#littleEndian ??= all.readUInt32LE(8) === PCAPNG_MAGIC_LITTLE_ENDIAN;
      return this.#uint32(all, offset + 4);
    }
    if (this.#littleEndian === null) {
      if (there < PCAP_FILE_HEADER_BYTES) return 0;
      this.#littleEndian = PCAP_MAGICS_LITTLE_ENDIAN.has(all.readUInt32LE(0));
      return PCAP_FILE_HEADER_BYTES;
    }
    if (there < PCAP_RECORD_HEADER_BYTES) return 0;
    return PCAP_RECORD_HEADER_BYTES + this.#uint32(all, offset + PCAP_LENGTH_OFFSET);
  }

  #uint32(all: Buffer, offset: number): number {
    return this.#littleEndian === true ? all.readUInt32LE(offset) : all.readUInt32BE(offset);
  }
}
