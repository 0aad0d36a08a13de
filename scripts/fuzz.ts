/**
 * Seeded mutation fuzzing of everything that reads frames: `tsx scripts/fuzz.ts --seed N --count N`
 * gives each target N inputs. A target takes the seeds in `test/corpus/<corpus>/` and mutates them; an input that crashes a
 * target is written beside the seeds, and is a seed from then on.
 */

import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CORPUS, readCorpus } from '../test/packet/hex-file.ts';
import type { FuzzTarget } from './fuzz-target.ts';
import { FUZZ_TARGETS } from './fuzz-targets.ts';
import { createRandom, mutate, type Random } from './mutate.ts';

/** @returns the crash file's path, or null when `count` inputs were survived. */
function fuzz(target: FuzzTarget, count: number, random: Random, seed: number): string | null {
  const seeds = [...readCorpus(target.corpus), ...(target.seeds ?? [])];
  const change = target.mutate ?? mutate;
  for (let index = 0; index < count; index++) {
    const origin = seeds[index % seeds.length] ?? new Uint8Array(0);
    // Each seed runs once as it is, so that earlier crashes are replayed.
    const input = index < seeds.length ? Uint8Array.from(origin) : change(origin, random);
    const kept = Uint8Array.from(input);
    try {
      target.run(input);
    } catch (error) {
      return keepCrash(target, kept, error, seed);
    }
  }
  return null;
}

function keepCrash(target: FuzzTarget, bytes: Uint8Array, error: unknown, seed: number): string {
  const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 12);
  const path = join(CORPUS, target.corpus, `crash-${hash}.hex`);
  const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const lines =
    Buffer.from(bytes)
      .toString('hex')
      .match(/.{1,64}/g) ?? [];
  writeFileSync(path, [`# ${target.name}: ${reason} (seed ${seed})`, ...lines, ''].join('\n'));
  return path;
}

function main(): number {
  const { values } = parseArgs({
    options: { seed: { type: 'string' }, count: { type: 'string', default: '1000000' } },
  });
  const seed = Number(values.seed ?? Date.now() % 0x7fffffff);
  const count = Number(values.count);
  if (!Number.isInteger(seed) || !Number.isInteger(count) || count < 1) {
    console.error('usage: tsx scripts/fuzz.ts [--seed N] [--count N]');
    return 2;
  }
  const random = createRandom(seed);
  const start = performance.now();
  console.log(`seed ${seed}`);
  for (const target of FUZZ_TARGETS) {
    const began = performance.now();
    const crash = fuzz(target, count, random, seed);
    if (crash !== null) {
      console.error(`${target.name}: crashed, input kept in ${crash}`);
      return 1;
    }
    const ms = performance.now() - began;
    console.log(`${target.name}: ${count} inputs in ${Math.round(ms)} ms`);
  }
  const ms = performance.now() - start;
  const total = count * FUZZ_TARGETS.length;
  const rate = Math.round(total / (ms / 1000));
  console.log(`${total} inputs, seed ${seed}, ${Math.round(ms)} ms, ${rate} inputs a second`);
  return 0;
}

process.exitCode = main();
