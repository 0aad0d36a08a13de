/**
 * Where the flows of NAT gateways are kept: one typed array of 96 bytes a flow, bounded. It is made
 * at the first flow and all zero, so that the system gives memory to what is used only.
 *
 * A flow is in two hash chains: by its inside, as guests send, and by its outside, as answers come.
 * It is also in one of a few queues by last use.
 */
import { finishHash, mixWord } from '../../addr/exact-map.ts';
import type { NatKey } from './nat-key.ts';

/** Slots count from 1, so that arrays are right as they are made. */
export const NO_SLOT = 0;

/** The two sides of a flow. */
export const INSIDE = 0;
export const OUTSIDE = 1;

export const GATEWAY = 0;
export const PROTOCOL = 1;
/** The near address of the inside, then that of the outside. */
export const NEAR = 2;
export const NEAR_WORDS = 4;
const FAR = 10;
/** Of the inside, then of the outside: the near port in the high half, and the far one. */
export const PORTS = 14;
export const STATE = 16;
export const LAST_USED = 17;
/** Changes when the slot gets another flow; 0 is a free slot. */
export const SERIAL = 18;
/** What `PortUse` counts the flow by; 0: nothing. */
export const PORT_USE = 19;
/** The next slot of each chain; of a free slot the next free one. */
const NEXT = 20;
/** Neighbours in a queue. */
const OLDER = 22;
const YOUNGER = 23;
export const SLOT_WORDS = 24;

export class NatSlots {
  readonly #capacity: number;
  readonly #oldest: Int32Array;
  readonly #youngest: Int32Array;
  /** Of the inside, then of the outside. */
  #heads = new Int32Array(0);
  #headMask = 0;
  #free = NO_SLOT;
  #nextSerial = 1;
  words = new Int32Array(0);
  size = 0;
  /** The slots up to this one have been used. */
  used = 0;

  /** @param capacity Flows, >= 1. @param queues How many there are. */
  constructor(capacity: number, queues: number) {
    this.#capacity = capacity;
    this.#oldest = new Int32Array(queues);
    this.#youngest = new Int32Array(queues);
  }

  get isFull(): boolean {
    return this.size >= this.#capacity;
  }

  /** @returns the slot of the flow that a key names on one side, or `NO_SLOT`. */
  find(key: NatKey, side: number): number {
    const { words } = this;
    if (this.size === 0) return NO_SLOT;
    let slot = this.#heads[this.#bucket(hashOfKey(key), side)] as number;
    while (slot !== NO_SLOT && !sameFlow(words, slot * SLOT_WORDS, key, side)) {
      slot = words[slot * SLOT_WORDS + NEXT + side] as number;
    }
    return slot;
  }

  /**
   * Adds a flow that is not there; its words from `STATE` to `PORT_USE` are for the caller to set, but
   * the serial. @param outside With the far end of `inside`. @returns its slot; there must be one free.
   */
  add(inside: NatKey, outside: NatKey): number {
    if (this.words.length === 0) this.#allocate();
    const slot = this.#take();
    const { words } = this;
    const base = slot * SLOT_WORDS;
    words[base + GATEWAY] = inside.gateway;
    words[base + PROTOCOL] = inside.protocol;
    words[base + FAR] = inside.far0;
    words[base + FAR + 1] = inside.far1;
    words[base + FAR + 2] = inside.far2;
    words[base + FAR + 3] = inside.far3;
    words[base + SERIAL] = this.#newSerial();
    this.#chain(slot, inside, INSIDE);
    this.#chain(slot, outside, OUTSIDE);
    this.size++;
    return slot;
  }

  /** Forgets a flow, which is in no queue. */
  remove(slot: number): void {
    const { words } = this;
    const base = slot * SLOT_WORDS;
    this.#unchain(slot, INSIDE);
    this.#unchain(slot, OUTSIDE);
    words[base + SERIAL] = 0;
    words[base + NEXT] = this.#free;
    this.#free = slot;
    this.size--;
  }

  oldest(queue: number): number {
    return this.#oldest[queue] as number;
  }

  youngest(queue: number): number {
    return this.#youngest[queue] as number;
  }

  enqueue(slot: number, queue: number): void {
    const { words } = this;
    const youngest = this.#youngest[queue] as number;
    words[slot * SLOT_WORDS + OLDER] = youngest;
    words[slot * SLOT_WORDS + YOUNGER] = NO_SLOT;
    if (youngest === NO_SLOT) this.#oldest[queue] = slot;
    else words[youngest * SLOT_WORDS + YOUNGER] = slot;
    this.#youngest[queue] = slot;
  }

  dequeue(slot: number, queue: number): void {
    const { words } = this;
    const older = words[slot * SLOT_WORDS + OLDER] as number;
    const younger = words[slot * SLOT_WORDS + YOUNGER] as number;
    if (older === NO_SLOT) this.#oldest[queue] = younger;
    else words[older * SLOT_WORDS + YOUNGER] = younger;
    if (younger === NO_SLOT) this.#youngest[queue] = older;
    else words[younger * SLOT_WORDS + OLDER] = older;
  }

  #allocate(): void {
    let heads = 1;
    while (heads < this.#capacity) heads *= 2;
    this.#headMask = heads - 1;
    this.#heads = new Int32Array(2 * heads);
    this.words = new Int32Array((this.#capacity + 1) * SLOT_WORDS);
  }

  #take(): number {
    const slot = this.#free;
    if (slot === NO_SLOT) return ++this.used;
    this.#free = this.words[slot * SLOT_WORDS + NEXT] as number;
    return slot;
  }

  #newSerial(): number {
    const serial = this.#nextSerial;
    this.#nextSerial = (serial + 1) | 0 || 1;
    return serial;
  }

  #chain(slot: number, key: NatKey, side: number): void {
    const { words } = this;
    const base = slot * SLOT_WORDS;
    const near = base + NEAR + side * NEAR_WORDS;
    words[near] = key.near0;
    words[near + 1] = key.near1;
    words[near + 2] = key.near2;
    words[near + 3] = key.near3;
    words[base + PORTS + side] = (key.nearPort << 16) | key.farPort;
    const bucket = this.#bucket(hashOfKey(key), side);
    words[base + NEXT + side] = this.#heads[bucket] as number;
    this.#heads[bucket] = slot;
  }

  #unchain(slot: number, side: number): void {
    const { words } = this;
    const next = NEXT + side;
    const bucket = this.#bucket(hashOfSlot(words, slot * SLOT_WORDS, side), side);
    const after = words[slot * SLOT_WORDS + next] as number;
    let at = this.#heads[bucket] as number;
    if (at === slot) {
      this.#heads[bucket] = after;
      return;
    }
    while (words[at * SLOT_WORDS + next] !== slot) at = words[at * SLOT_WORDS + next] as number;
    words[at * SLOT_WORDS + next] = after;
  }

  #bucket(hash: number, side: number): number {
    return (hash & this.#headMask) + side * (this.#headMask + 1);
  }
}

export function hashOfKey(key: NatKey): number {
  return hashOf(
    key.gateway,
    key.protocol,
    key.near0 ^ key.near1 ^ key.near2 ^ key.near3,
    key.far0 ^ key.far1 ^ key.far2 ^ key.far3,
    (key.nearPort << 16) | key.farPort,
  );
}

/** The hash of a flow that has a slot. */
function hashOfSlot(words: Int32Array, base: number, side: number): number {
  return hashOf(
    words[base + GATEWAY] as number,
    words[base + PROTOCOL] as number,
    foldAddress(words, base + NEAR + side * NEAR_WORDS),
    foldAddress(words, base + FAR),
    words[base + PORTS + side] as number,
  );
}

function foldAddress(words: Int32Array, at: number): number {
  return (
    (words[at] as number) ^
    (words[at + 1] as number) ^
    (words[at + 2] as number) ^
    (words[at + 3] as number)
  );
}

/** @param near The words of the near address, folded. @param far Of the far one. */
function hashOf(
  gateway: number,
  protocol: number,
  near: number,
  far: number,
  ports: number,
): number {
  return finishHash(
    mixWord(mixWord(mixWord(mixWord(mixWord(gateway, protocol), near), far), ports), 0),
  );
}

function sameFlow(words: Int32Array, base: number, key: NatKey, side: number): boolean {
  const near = base + NEAR + side * NEAR_WORDS;
  const far = base + FAR;
  return (
    words[base + PORTS + side] === ((key.nearPort << 16) | key.farPort) &&
    words[near + 3] === key.near3 &&
    words[far + 3] === key.far3 &&
    words[base + GATEWAY] === key.gateway &&
    words[base + PROTOCOL] === key.protocol &&
    words[near] === key.near0 &&
    words[near + 1] === key.near1 &&
    words[near + 2] === key.near2 &&
    words[far] === key.far0 &&
    words[far + 1] === key.far1 &&
    words[far + 2] === key.far2
  );
}
