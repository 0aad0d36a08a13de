/** Instance metadata against requests that nobody would send: a part of what `npm run fuzz` does at length. */
import t from 'tap';
import { metadataTarget } from '../../scripts/fuzz-metadata.ts';
import { createRandom, mutate } from '../../scripts/mutate.ts';
import { readCorpus } from '../packet/hex-file.ts';

const seed = Number(process.env['SEED'] ?? Date.now() % 0x7fffffff);
const COUNT = 5000;

t.test('every request is answered, and tells nobody what is another’s', async (t) => {
  t.comment(`seed ${seed}`);
  const random = createRandom(seed);
  const { corpus, seeds = [], mutate: change = mutate, run } = metadataTarget();
  const origins = [...readCorpus(corpus), ...seeds];
  for (let index = 0; index < COUNT; index++) {
    const origin = origins[index % origins.length] ?? new Uint8Array(0);
    run(index < origins.length ? origin : change(origin, random));
  }
  t.ok(origins.length > 0);
});
