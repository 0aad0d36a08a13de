/**
 * What first fragments told of their packets, so that later ones, which have no ports, go the same
 * way (MTU-7). Bounded: a fragment takes the place of what its slot remembered before.
 * Read first: RFC 791 3.2, RFC 8200 4.5, RFC 5722.
 */
import { finishHash, mixWord } from '../../addr/exact-map.ts';
import type { ParsedFrame } from '../parse.ts';

const PORT = 0;
const ID = 1;
const PROTOCOL_FAMILY = 2;
const ADDRESSES = 3;
const PORTS = 11;
/** Where the first fragment ended; 0 is a free slot. */
const FIRST_END = 12;
const SEEN = 13;
/** What the first fragment carries, behind all extension headers. */
const UPPER_PROTOCOL = 14;
const SLOT_WORDS = 15;

/** For how long the other fragments of a packet may come (RFC 8200 4.5: a minute; Linux: half). */
const PATIENCE_MS = 30_000;

/** The first fragment was not seen. */
export const FIRST_UNKNOWN = 0;
export const FOLLOWS_FIRST = 1;
/** The fragment would overwrite a part of the first one. */
export const OVERLAPS_FIRST = 2;

export class FragmentTable {
  readonly #slots: Int32Array;
  readonly #mask: number;

  /** @param capacity Packets in pieces; rounded up to a power of two. */
  constructor(capacity: number) {
    let count = 1;
    while (count < capacity) count *= 2;
    this.#slots = new Int32Array(count * SLOT_WORDS);
    this.#mask = count - 1;
  }

  /** Remembers the ports of a first fragment. @param port Of the dataplane. */
  remember(port: number, frame: ParsedFrame, nowMs: number): void {
    const slots = this.#slots;
    const base = this.#base(port, frame);
    slots[base + PORT] = port;
    slots[base + ID] = frame.fragmentId;
    slots[base + PROTOCOL_FAMILY] = frame.fragmentProtocol | (frame.family << 8);
    slots[base + ADDRESSES] = frame.s0;
    slots[base + ADDRESSES + 1] = frame.s1;
    slots[base + ADDRESSES + 2] = frame.s2;
    slots[base + ADDRESSES + 3] = frame.s3;
    slots[base + ADDRESSES + 4] = frame.d0;
    slots[base + ADDRESSES + 5] = frame.d1;
    slots[base + ADDRESSES + 6] = frame.d2;
    slots[base + ADDRESSES + 7] = frame.d3;
    slots[base + PORTS] = (frame.sport << 16) | frame.dport;
    slots[base + FIRST_END] = frame.fragmentEnd;
    slots[base + SEEN] = nowMs;
    slots[base + UPPER_PROTOCOL] = frame.protocol;
  }

  /** Gives a later fragment protocol and ports of its first one. @returns one of the constants above. */
  recall(port: number, frame: ParsedFrame, nowMs: number): number {
    const slots = this.#slots;
    const base = this.#base(port, frame);
    const ageMs = (nowMs - (slots[base + SEEN] as number)) | 0;
    const firstEnd = slots[base + FIRST_END] as number;
    if (firstEnd === 0 || ageMs > PATIENCE_MS || !isSamePacket(slots, base, port, frame)) {
      return FIRST_UNKNOWN;
    }
    if (frame.fragmentOffset < firstEnd) return OVERLAPS_FIRST;
    const ports = slots[base + PORTS] as number;
    frame.sport = ports >>> 16;
    frame.dport = ports & 0xffff;
    frame.protocol = slots[base + UPPER_PROTOCOL] as number;
    return FOLLOWS_FIRST;
  }

  #base(port: number, frame: ParsedFrame): number {
    let hash = mixWord(
      mixWord(port, frame.fragmentId),
      frame.fragmentProtocol | (frame.family << 8),
    );
    hash = mixWord(mixWord(hash, frame.s3), frame.d3);
    hash = mixWord(mixWord(hash, frame.s2 ^ frame.s1), frame.d2 ^ frame.d1);
    return (finishHash(hash) & this.#mask) * SLOT_WORDS;
  }
}

function isSamePacket(slots: Int32Array, base: number, port: number, frame: ParsedFrame): boolean {
  const at = base + ADDRESSES;
  return (
    slots[base + PORT] === port &&
    slots[base + ID] === frame.fragmentId &&
    slots[base + PROTOCOL_FAMILY] === (frame.fragmentProtocol | (frame.family << 8)) &&
    slots[at + 3] === frame.s3 &&
    slots[at + 7] === frame.d3 &&
    slots[at] === frame.s0 &&
    slots[at + 1] === frame.s1 &&
    slots[at + 2] === frame.s2 &&
    slots[at + 4] === frame.d0 &&
    slots[at + 5] === frame.d1 &&
    slots[at + 6] === frame.d2
  );
}
