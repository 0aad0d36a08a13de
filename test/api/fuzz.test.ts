/** A short run of the fuzzer on the API; `npm run fuzz` runs it for longer. */
import t from 'tap';
import { apiTarget } from '../../scripts/fuzz-api.ts';
import { createRandom, mutate } from '../../scripts/mutate.ts';
import { ACTIONS } from '../../src/actions/table.ts';

const COUNT = 5000;

t.test('forms that are nearly right get an answer or a refusal, and no defect', async (t) => {
  const seed = Number(process.env['VPCLAB_TEST_SEED'] ?? Math.floor(Math.random() * 1e9));
  t.comment(`seed ${seed}`);
  const random = createRandom(seed);
  const { seeds = [], mutate: change = mutate, run } = apiTarget();
  const texts = seeds.map((form) => Buffer.from(form).toString());
  t.same(
    [...ACTIONS.keys()].filter((name) => !texts.some((text) => text.startsWith(`Action=${name}&`))),
    [],
    'every action is among the seeds',
  );
  for (let index = 0; index < COUNT; index++) {
    const form = change(seeds[index % seeds.length] ?? new Uint8Array(), random);
    try {
      run(form);
    } catch (error) {
      t.fail(Buffer.from(form).toString(), { seed, error });
    }
  }
});
