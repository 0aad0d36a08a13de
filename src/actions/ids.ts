/**
 * The source of ids and random numbers of a lab: the same seed gives the same run.
 * The generator is sfc32, seeded with 32-bit FNV-1a hashes of the text.
 */

/** The part of an action's context that makes ids and numbers. */
export interface IdSource {
  readonly newId: <P extends string>(prefix: P) => `${P}-${string}`;
  readonly random: (limit: number) => number;
}

/** Rounds that mix the seed before the first draw. */
const WARM_UP_ROUNDS = 16;
/** 2^53: as many steps as a number between 0 and 1 has. */
const TWO_53 = 0x20_0000_0000_0000;

/**
 * Creates a deterministic source.
 * @param seed Any text, such as the lab's name.
 */
export function createIdSource(seed: string): IdSource {
  const nextWord = sfc32(fnv1a(`a${seed}`), fnv1a(`b${seed}`), fnv1a(`c${seed}`));
  const hexWord = (): string => nextWord().toString(16).padStart(8, '0');
  return {
    newId: (prefix) => `${prefix}-0${hexWord()}${hexWord()}`,
    random: (limit) => {
      const draw = (nextWord() >>> 5) * 0x400_0000 + (nextWord() >>> 6);
      return Math.floor((draw / TWO_53) * limit);
    },
  };
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) {
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return hash >>> 0;
}

/** @returns a generator of unsigned 32-bit words. */
function sfc32(seedA: number, seedB: number, seedC: number): () => number {
  let a = seedA | 0;
  let b = seedB | 0;
  let c = seedC | 0;
  let counter = 1;
  const next = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
  for (let round = 0; round < WARM_UP_ROUNDS; round++) next();
  return next;
}
