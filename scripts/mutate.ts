/**
 * Seeded mutation of byte strings: the same seed gives the same inputs on every machine.
 * Read first: Marsaglia, "Xorshift RNGs" (2003), for the generator.
 */

/** @returns an unsigned 32-bit number, or one below `bound` when it is given. */
export type Random = (bound?: number) => number;

/** Makes a 32-bit xorshift generator. @param seed Any integer; 0 stands for 1. */
export function createRandom(seed: number): Random {
  let state = seed | 0 || 1;
  return (bound) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    const word = state >>> 0;
    return bound === undefined ? word : word % bound;
  };
}

/** Values that sit on the edges of length and count fields. */
const EDGES: readonly number[] = [0, 1, 2, 4, 5, 6, 8, 0x0f, 0x7f, 0x80, 0xfe, 0xff];

type Mutation = (bytes: Uint8Array, random: Random) => Uint8Array;

const MUTATIONS: readonly Mutation[] = [
  flipBit,
  replaceByte,
  setEdge,
  replaceWord,
  truncate,
  deleteRange,
  repeatRange,
  append,
];

/** Applies one to four mutations to a copy. @param seed Bytes that are left as they are. */
export function mutate(seed: Uint8Array, random: Random): Uint8Array {
  let bytes: Uint8Array = Uint8Array.from(seed);
  for (let count = 1 + random(4); count > 0; count--) {
    const mutation = MUTATIONS[random(MUTATIONS.length)] ?? flipBit;
    bytes = bytes.length === 0 ? append(bytes, random) : mutation(bytes, random);
  }
  return bytes;
}

function flipBit(bytes: Uint8Array, random: Random): Uint8Array {
  const at = random(bytes.length);
  bytes[at] = (bytes[at] ?? 0) ^ (1 << random(8));
  return bytes;
}

function replaceByte(bytes: Uint8Array, random: Random): Uint8Array {
  bytes[random(bytes.length)] = random(256);
  return bytes;
}

function setEdge(bytes: Uint8Array, random: Random): Uint8Array {
  bytes[random(bytes.length)] = EDGES[random(EDGES.length)] ?? 0;
  return bytes;
}

function replaceWord(bytes: Uint8Array, random: Random): Uint8Array {
  const at = random(bytes.length);
  for (let index = at; index < at + 4; index++) bytes[index] = random(256);
  return bytes;
}

function truncate(bytes: Uint8Array, random: Random): Uint8Array {
  return bytes.slice(0, random(bytes.length));
}

function deleteRange(bytes: Uint8Array, random: Random): Uint8Array {
  const from = random(bytes.length);
  return splice(bytes, from, Math.min(bytes.length, from + 1 + random(8)), new Uint8Array(0));
}

function repeatRange(bytes: Uint8Array, random: Random): Uint8Array {
  const from = random(bytes.length);
  const at = random(bytes.length);
  return splice(bytes, at, at, bytes.slice(from, from + 1 + random(16)));
}

function append(bytes: Uint8Array, random: Random): Uint8Array {
  const tail = Uint8Array.from({ length: 1 + random(8) }, () => random(256));
  return splice(bytes, bytes.length, bytes.length, tail);
}

/** Replaces `from..to` by `middle`. */
function splice(bytes: Uint8Array, from: number, to: number, middle: Uint8Array): Uint8Array {
  const out = new Uint8Array(bytes.length - (to - from) + middle.length);
  out.set(bytes.subarray(0, from), 0);
  out.set(middle, from);
  out.set(bytes.subarray(to), from + middle.length);
  return out;
}
