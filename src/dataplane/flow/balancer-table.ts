/**
 * Which appliance each flow through a Gateway Load Balancer is with: both directions of a flow are one.
 * Bounded: a new flow takes, in the set of its hash, a slot that is free or idle for too long, else the one
 * that was unused for longest. A flow that has lost its slot goes to the appliance of its hash.
 * Rules: GWLB-3, GWLB-4.
 */
import { finishHash, mixWord } from '../../addr/exact-map.ts';
import { IPPROTO_ICMP, IPPROTO_ICMPV6, IPPROTO_TCP } from '../../packet/ipv4.ts';
import { STICKS_TO_FIVE_TUPLE, STICKS_TO_TWO_TUPLE } from '../load-balancers.ts';
import type { TrackedPacket } from '../parse.ts';

/** Slots that one hash can use. */
const WAYS = 8;
const KEY_WORDS = 11;
const SERIAL = KEY_WORDS;
const TARGET = KEY_WORDS + 1;
const LAST_USED = KEY_WORDS + 2;
const IDLE_MS = KEY_WORDS + 3;
const SLOT_WORDS = 16;

/** No flow: slots count from 1. */
export const NO_BALANCED_FLOW = 0;

/** Of all but TCP; milliseconds (GWLB-4). */
const OTHER_IDLE_MS = 120_000;

/** Orders the ends of a flow, so that its packets have one key whichever way they go. */
class BalancerKey {
  readonly words = new Int32Array(KEY_WORDS);

  /** @param endpoint 32 bits of its id. @param stickiness `STICKS_TO_*`. */
  read(endpoint: number, stickiness: number, packet: TrackedPacket): void {
    const { words } = this;
    const { protocol, s0, s1, s2, s3, d0, d1, d2, d3 } = packet;
    const hasPorts = stickiness === STICKS_TO_FIVE_TUPLE;
    const isIcmp = protocol === IPPROTO_ICMP || protocol === IPPROTO_ICMPV6;
    // The type differs between a request and its reply; the identifier is of both.
    const near = hasPorts && !isIcmp ? packet.sport : 0;
    const far = hasPorts ? packet.dport : 0;
    const order = s0 - d0 || s1 - d1 || s2 - d2 || s3 - d3 || (isIcmp ? 0 : near - far);
    words[0] = endpoint;
    words[1] = packet.family | (stickiness === STICKS_TO_TWO_TUPLE ? 0 : protocol << 8);
    const isOrdered = order <= 0;
    words[2] = isOrdered ? s0 : d0;
    words[3] = isOrdered ? s1 : d1;
    words[4] = isOrdered ? s2 : d2;
    words[5] = isOrdered ? s3 : d3;
    words[6] = isOrdered ? d0 : s0;
    words[7] = isOrdered ? d1 : s1;
    words[8] = isOrdered ? d2 : s2;
    words[9] = isOrdered ? d3 : s3;
    words[10] = isOrdered || isIcmp ? (near << 16) | far : (far << 16) | near;
  }

  get hash(): number {
    let hash = 0;
    for (let word = 0; word < KEY_WORDS; word++) hash = mixWord(hash, this.words[word] as number);
    return finishHash(hash);
  }
}

export class BalancerTable {
  readonly #words: Int32Array;
  readonly #setMask: number;
  readonly #key = new BalancerKey();
  #hash = 0;
  #nextSerial = 1;

  /** @param capacity Flows; rounded up to a power of two, at least 8. */
  constructor(capacity: number) {
    let sets = 1;
    while (sets * WAYS < capacity) sets *= 2;
    this.#words = new Int32Array(sets * WAYS * SLOT_WORDS);
    this.#setMask = sets - 1;
  }

  /**
   * Looks the flow of a packet up; it counts as used now.
   * @param endpoint 32 bits of the id of the endpoint. @param stickiness `STICKS_TO_*`.
   * @param nowMs Milliseconds, signed 32-bit, of any origin.
   * @returns its slot, or `NO_BALANCED_FLOW` when there is none or it was idle for too long.
   */
  find(endpoint: number, stickiness: number, packet: TrackedPacket, nowMs: number): number {
    const words = this.#words;
    this.#key.read(endpoint, stickiness, packet);
    this.#hash = this.#key.hash;
    const set = this.#setOf(this.#hash);
    for (let base = set; base < set + WAYS * SLOT_WORDS; base += SLOT_WORDS) {
      if (words[base + SERIAL] === 0 || !this.#matches(base)) continue;
      if (this.#isIdle(base, nowMs)) return NO_BALANCED_FLOW;
      words[base + LAST_USED] = nowMs;
      return base / SLOT_WORDS + 1;
    }
    return NO_BALANCED_FLOW;
  }

  /** Of the packet that `find` was last asked about: the same for all packets of its flow. */
  get hash(): number {
    return this.#hash;
  }

  /**
   * Puts the flow that `find` was last asked about to a target, instead of the one it had.
   * @param target Its IPv4 address, a word. @param tcpIdleMs How long a TCP flow may be idle.
   * @returns the slot of the flow.
   */
  put(packet: TrackedPacket, target: number, tcpIdleMs: number, nowMs: number): number {
    const words = this.#words;
    const base = this.#place(nowMs);
    for (let word = 0; word < KEY_WORDS; word++)
      words[base + word] = this.#key.words[word] as number;
    words[base + SERIAL] = this.#nextSerial;
    words[base + TARGET] = target;
    words[base + LAST_USED] = nowMs;
    words[base + IDLE_MS] = packet.protocol === IPPROTO_TCP ? tcpIdleMs : OTHER_IDLE_MS;
    this.#nextSerial = (this.#nextSerial + 1) | 0 || 1;
    return base / SLOT_WORDS + 1;
  }

  /** @returns the address of the target of a flow, a word. */
  targetOf(slot: number): number {
    return this.#words[(slot - 1) * SLOT_WORDS + TARGET] as number;
  }

  serialOf(slot: number): number {
    return this.#words[(slot - 1) * SLOT_WORDS + SERIAL] as number;
  }

  /** @returns what the packets of the flow carry, so that they are known again (GWLB-1). */
  cookieOf(slot: number): number {
    return finishHash(mixWord(this.serialOf(slot), slot));
  }

  /** The flow is in use. @returns false when the slot has another by now, or it was idle for too long. */
  touch(slot: number, serial: number, nowMs: number): boolean {
    const base = (slot - 1) * SLOT_WORDS;
    if (this.#words[base + SERIAL] !== serial || this.#isIdle(base, nowMs)) return false;
    this.#words[base + LAST_USED] = nowMs;
    return true;
  }

  #isIdle(base: number, nowMs: number): boolean {
    const idleMs = (nowMs - (this.#words[base + LAST_USED] as number)) | 0;
    return idleMs >= (this.#words[base + IDLE_MS] as number);
  }

  /** @returns the slot of the key, else one that a new flow may take. */
  #place(nowMs: number): number {
    const words = this.#words;
    const set = this.#setOf(this.#hash);
    let free = -1;
    let oldest = set;
    let oldestAge = -1;
    for (let base = set; base < set + WAYS * SLOT_WORDS; base += SLOT_WORDS) {
      if (words[base + SERIAL] === 0) {
        free = base;
        continue;
      }
      if (this.#matches(base)) return base;
      const age = (nowMs - (words[base + LAST_USED] as number)) | 0;
      if (age > oldestAge) {
        oldestAge = age;
        oldest = base;
      }
    }
    return free === -1 ? oldest : free;
  }

  #setOf(hash: number): number {
    return (hash & this.#setMask) * WAYS * SLOT_WORDS;
  }

  #matches(base: number): boolean {
    const words = this.#words;
    const key = this.#key.words;
    for (let word = 0; word < KEY_WORDS; word++) {
      if (words[base + word] !== key[word]) return false;
    }
    return true;
  }
}
