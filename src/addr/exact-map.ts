/**
 * Exact-match map from a few 32-bit words to a number >= 0, in one typed array.
 * Built once by `compile/`, then only read; nothing is allocated on a lookup.
 */

export interface ExactMap {
  /** Words of a key. */
  readonly keyWords: number;
  /** Slots of `keyWords + 1` words: the key, then value + 1; 0 is an empty slot. */
  readonly slots: Int32Array;
  /** Slot count minus one; the count is a power of two. */
  readonly mask: number;
}

/** @param entries Keys of `keyWords` words; a later entry replaces an earlier one of the same key. */
export function buildExactMap(
  keyWords: number,
  entries: readonly (readonly [key: readonly number[], value: number])[],
): ExactMap {
  let slotCount = 4;
  while (slotCount < entries.length * 2) slotCount *= 2;
  const stride = keyWords + 1;
  const slots = new Int32Array(slotCount * stride);
  const mask = slotCount - 1;
  for (const [key, value] of entries) {
    let hash = 0;
    for (let word = 0; word < keyWords; word++) hash = mixWord(hash, key[word] ?? 0);
    let slot = finishHash(hash) & mask;
    while (slots[slot * stride + keyWords] !== 0 && !sameKey(slots, slot * stride, key)) {
      slot = (slot + 1) & mask;
    }
    for (let word = 0; word < keyWords; word++) slots[slot * stride + word] = key[word] ?? 0;
    slots[slot * stride + keyWords] = value + 1;
  }
  return { keyWords, slots, mask };
}

function sameKey(slots: Int32Array, base: number, key: readonly number[]): boolean {
  return key.every((word, index) => slots[base + index] === (word | 0));
}

/** Adds one word to a hash. */
export function mixWord(hash: number, word: number): number {
  const mixed = Math.imul(hash ^ word, 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
}

/** Spreads a hash over all its bits. */
export function finishHash(hash: number): number {
  const mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return mixed ^ (mixed >>> 13);
}

/** Looks a key of three words up. @returns the value, or -1. */
export function lookupExact3(map: ExactMap, w0: number, w1: number, w2: number): number {
  const { slots, mask } = map;
  let slot = finishHash(mixWord(mixWord(mixWord(0, w0), w1), w2)) & mask;
  for (;;) {
    const base = slot * 4;
    const value = slots[base + 3] as number;
    if (value === 0) return -1;
    if (slots[base] === w0 && slots[base + 1] === w1 && slots[base + 2] === w2) return value - 1;
    slot = (slot + 1) & mask;
  }
}

/** Looks a key of five words up. @returns the value, or -1. */
export function lookupExact5(
  map: ExactMap,
  w0: number,
  w1: number,
  w2: number,
  w3: number,
  w4: number,
): number {
  const { slots, mask } = map;
  const hash = mixWord(mixWord(mixWord(mixWord(mixWord(0, w0), w1), w2), w3), w4);
  let slot = finishHash(hash) & mask;
  for (;;) {
    const base = slot * 6;
    const value = slots[base + 5] as number;
    if (value === 0) return -1;
    if (
      slots[base] === w0 &&
      slots[base + 1] === w1 &&
      slots[base + 2] === w2 &&
      slots[base + 3] === w3 &&
      slots[base + 4] === w4
    ) {
      return value - 1;
    }
    slot = (slot + 1) & mask;
  }
}
