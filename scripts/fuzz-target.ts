/** What is fuzzed: a parser, a responder, or the whole fabric. */
import type { Random } from './mutate.ts';

export interface FuzzTarget {
  readonly name: string;
  /** A folder of `test/corpus/`. */
  readonly corpus: string;
  /** Seeds beside those of the corpus. */
  readonly seeds?: readonly Uint8Array[];
  /** Changes a copy of a seed; bytes here and there when absent. */
  mutate?(seed: Uint8Array, random: Random): Uint8Array;
  /** Throws when the input breaks a promise; it may change the bytes. */
  run(bytes: Uint8Array): void;
}
