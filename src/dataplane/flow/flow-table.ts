/**
 * Flows remember what the layers decided: an exact-match cache, bounded, in one typed array.
 *
 * A slot is empty (generation 0), current (generation of the program) or stale (any other). A
 * lookup gives current slots only; an insert takes, in the set of its hash, an empty or stale slot,
 * else the one unused for longest. So a flood of new flows evicts what nobody uses, set by set.
 */
import { finishHash, mixWord } from '../../addr/exact-map.ts';
import type { ParsedFrame } from '../parse.ts';
import { REWRITE_MACS, type Verdict, WRAP } from '../verdict.ts';

/** Slots that one hash can use. */
const WAYS = 4;
const KEY_WORDS = 12;
/** A multiple of 16: a slot shares no cache line with another. */
const SLOT_WORDS = 32;

const GENERATION = KEY_WORDS;
const KIND = KEY_WORDS + 1;
const ARGUMENT = KEY_WORDS + 2;
/** From the lowest bits: eight that say how to rewrite, sixteen of the MTU, and four of each path. */
const REWRITE_MTU_PATHS = KEY_WORDS + 3;
const DEST_LOW = KEY_WORDS + 4;
const SOURCE_LOW = KEY_WORDS + 5;
const MAC_HIGHS = KEY_WORDS + 6;
const LAST_USED = KEY_WORDS + 7;
const EGRESS_CONNECTION = KEY_WORDS + 8;
const EGRESS_SERIAL = KEY_WORDS + 9;
const INGRESS_CONNECTION = KEY_WORDS + 10;
const INGRESS_SERIAL = KEY_WORDS + 11;
/** When both connections were last touched; and whether that may wait. */
const TOUCHED = KEY_WORDS + 12;
const SETTLED = KEY_WORDS + 13;
const SOURCE_WORD = KEY_WORDS + 14;
const DESTINATION_WORD = KEY_WORDS + 15;
const PORTS = KEY_WORDS + 16;
/** Of an answer negative; 0: none. Of a `WRAP` the flow is one of the load balancer. */
const NAT_SLOT = KEY_WORDS + 17;
const NAT_SERIAL = KEY_WORDS + 18;

export class FlowTable {
  readonly #slots: Int32Array;
  readonly #setMask: number;
  #generation = 1;
  /** What the last lookup found. */
  #last = 0;
  hits = 0;
  misses = 0;
  evictions = 0;

  /** @param capacity Flows; rounded up to a power of two, at least 4. */
  constructor(capacity: number) {
    let sets = 1;
    while (sets * WAYS < capacity) sets *= 2;
    this.#slots = new Int32Array(sets * WAYS * SLOT_WORDS);
    this.#setMask = sets - 1;
  }

  /** Makes all flows stale but those of this generation. @param generation >= 1. */
  use(generation: number): void {
    this.#generation = generation;
  }

  /** @returns the number of current flows; walks the table. */
  get size(): number {
    let count = 0;
    for (let base = 0; base < this.#slots.length; base += SLOT_WORDS) {
      if (this.#slots[base + GENERATION] === this.#generation) count++;
    }
    return count;
  }

  /**
   * Looks the flow of a frame up and fills the verdict.
   * @param nowMs Milliseconds, signed 32-bit, of any origin. @returns false on a miss.
   */
  lookup(port: number, frame: ParsedFrame, nowMs: number, verdict: Verdict): boolean {
    const slots = this.#slots;
    const generation = this.#generation;
    const set = (this.#hash(port, frame) & this.#setMask) * WAYS * SLOT_WORDS;
    for (let base = set; base < set + WAYS * SLOT_WORDS; base += SLOT_WORDS) {
      if (slots[base + GENERATION] === generation && matches(slots, base, port, frame)) {
        slots[base + LAST_USED] = nowMs;
        verdict.kind = slots[base + KIND] as number;
        verdict.argument = slots[base + ARGUMENT] as number;
        const packed = slots[base + REWRITE_MTU_PATHS] as number;
        verdict.rewrite = packed & 0xff;
        verdict.mtu = (packed >>> 8) & 0xffff;
        verdict.path = (packed >>> 24) & 0xf;
        verdict.natPath = packed >>> 28;
        verdict.fragmentTo = 0;
        verdict.destLow = slots[base + DEST_LOW] as number;
        verdict.sourceLow = slots[base + SOURCE_LOW] as number;
        const highs = slots[base + MAC_HIGHS] as number;
        verdict.destHigh = highs >>> 16;
        verdict.sourceHigh = highs & 0xffff;
        verdict.egressConnection = slots[base + EGRESS_CONNECTION] as number;
        verdict.egressSerial = slots[base + EGRESS_SERIAL] as number;
        verdict.ingressConnection = slots[base + INGRESS_CONNECTION] as number;
        verdict.ingressSerial = slots[base + INGRESS_SERIAL] as number;
        verdict.touchedMs = slots[base + TOUCHED] as number;
        verdict.isSettled = slots[base + SETTLED] === 1;
        if (verdict.rewrite > REWRITE_MACS) {
          verdict.sourceWord = slots[base + SOURCE_WORD] as number;
          verdict.destinationWord = slots[base + DESTINATION_WORD] as number;
          verdict.ports = slots[base + PORTS] as number;
        }
        const natSlot = slots[base + NAT_SLOT] as number;
        if (verdict.kind === WRAP) {
          verdict.natSlot = 0;
          verdict.balancerSlot = natSlot;
          verdict.balancerSerial = slots[base + NAT_SERIAL] as number;
        } else {
          verdict.isNatReply = natSlot < 0;
          verdict.natSlot = natSlot < 0 ? -natSlot : natSlot;
          verdict.natSerial = slots[base + NAT_SERIAL] as number;
        }
        this.#last = base;
        this.hits++;
        return true;
      }
    }
    this.misses++;
    return false;
  }

  /** Remembers a verdict for the flow of a frame, instead of the one before. */
  insert(port: number, frame: ParsedFrame, nowMs: number, verdict: Verdict): void {
    const slots = this.#slots;
    const base = this.#place(port, frame, nowMs);
    slots[base] = (port << 16) | frame.destHigh;
    slots[base + 1] = frame.destLow;
    slots[base + 2] = frame.s0;
    slots[base + 3] = frame.s1;
    slots[base + 4] = frame.s2;
    slots[base + 5] = frame.s3;
    slots[base + 6] = frame.d0;
    slots[base + 7] = frame.d1;
    slots[base + 8] = frame.d2;
    slots[base + 9] = frame.d3;
    slots[base + 10] = (frame.sport << 16) | frame.dport;
    slots[base + 11] = lastKeyWord(frame);
    slots[base + GENERATION] = this.#generation;
    slots[base + KIND] = verdict.kind;
    slots[base + ARGUMENT] = verdict.argument;
    slots[base + REWRITE_MTU_PATHS] =
      verdict.rewrite | (verdict.mtu << 8) | (verdict.path << 24) | (verdict.natPath << 28);
    slots[base + DEST_LOW] = verdict.destLow;
    slots[base + SOURCE_LOW] = verdict.sourceLow;
    slots[base + MAC_HIGHS] = (verdict.destHigh << 16) | verdict.sourceHigh;
    slots[base + LAST_USED] = nowMs;
    slots[base + EGRESS_CONNECTION] = verdict.egressConnection;
    slots[base + EGRESS_SERIAL] = verdict.egressSerial;
    slots[base + INGRESS_CONNECTION] = verdict.ingressConnection;
    slots[base + INGRESS_SERIAL] = verdict.ingressSerial;
    slots[base + TOUCHED] = nowMs;
    slots[base + SETTLED] = verdict.isSettled ? 1 : 0;
    slots[base + SOURCE_WORD] = verdict.sourceWord;
    slots[base + DESTINATION_WORD] = verdict.destinationWord;
    slots[base + PORTS] = verdict.ports;
    if (verdict.kind === WRAP) {
      slots[base + NAT_SLOT] = verdict.balancerSlot;
      slots[base + NAT_SERIAL] = verdict.balancerSerial;
    } else {
      slots[base + NAT_SLOT] = verdict.isNatReply ? -verdict.natSlot : verdict.natSlot;
      slots[base + NAT_SERIAL] = verdict.natSerial;
    }
  }

  /** Remembers that the connections of the flow that `lookup` found were touched, and how they are. */
  markTouched(nowMs: number, isSettled: boolean): void {
    this.#slots[this.#last + TOUCHED] = nowMs;
    this.#slots[this.#last + SETTLED] = isSettled ? 1 : 0;
  }

  /** @returns the slot that holds the flow, else one that a new flow may take. */
  #place(port: number, frame: ParsedFrame, nowMs: number): number {
    const slots = this.#slots;
    const set = (this.#hash(port, frame) & this.#setMask) * WAYS * SLOT_WORDS;
    let free = -1;
    let oldest = set;
    let oldestAge = -1;
    for (let base = set; base < set + WAYS * SLOT_WORDS; base += SLOT_WORDS) {
      if (slots[base + GENERATION] !== this.#generation) {
        // The first free one, so that a lookup in a table with room reads one slot.
        if (free === -1) free = base;
        continue;
      }
      if (matches(slots, base, port, frame)) return base;
      const age = (nowMs - (slots[base + LAST_USED] as number)) | 0;
      if (age > oldestAge) {
        oldestAge = age;
        oldest = base;
      }
    }
    if (free !== -1) return free;
    this.evictions++;
    return oldest;
  }

  #hash(port: number, frame: ParsedFrame): number {
    let hash = mixWord(port, frame.destLow ^ frame.destHigh);
    hash = mixWord(hash, frame.s3);
    hash = mixWord(hash, frame.d3);
    hash = mixWord(hash, (frame.sport << 16) | frame.dport);
    hash = mixWord(hash, lastKeyWord(frame));
    if (frame.family === 6) {
      hash = mixWord(mixWord(mixWord(hash, frame.s0), frame.s1), frame.s2);
      hash = mixWord(mixWord(mixWord(hash, frame.d0), frame.d1), frame.d2);
    }
    return finishHash(hash);
  }
}

function lastKeyWord(frame: ParsedFrame): number {
  return frame.protocol | (frame.family << 8) | (frame.fragment << 16);
}

function matches(slots: Int32Array, base: number, port: number, frame: ParsedFrame): boolean {
  return (
    slots[base + 10] === ((frame.sport << 16) | frame.dport) &&
    slots[base + 5] === frame.s3 &&
    slots[base + 9] === frame.d3 &&
    slots[base + 11] === lastKeyWord(frame) &&
    slots[base] === ((port << 16) | frame.destHigh) &&
    slots[base + 1] === frame.destLow &&
    slots[base + 2] === frame.s0 &&
    slots[base + 3] === frame.s1 &&
    slots[base + 4] === frame.s2 &&
    slots[base + 6] === frame.d0 &&
    slots[base + 7] === frame.d1 &&
    slots[base + 8] === frame.d2
  );
}
