/** Lab file, model, AWS's documents, and back to a lab file that is the same lab. */

import fs from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { createIdSource } from '../../src/actions/ids.ts';
import { ACTIONS, performAction } from '../../src/actions/table.ts';
import { type AwsDocument, describeRegion } from '../../src/api/documents.ts';
import { DROP_CODES } from '../../src/dataplane/drop-reason.ts';
import { actionEnvironment } from '../../src/engine/action-environment.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';
import { Store } from '../../src/model/store.ts';
import { loadLab } from '../../src/scenario/file/load.ts';
import { type ImportedLab, importLab } from '../../src/scenario/import/import-lab.ts';
import { readRecords } from '../../src/scenario/import/records.ts';
import type { Lab } from '../../src/scenario/lab.ts';
import { applyPlan } from '../../src/scenario/plan/apply.ts';
import { planLab } from '../../src/scenario/plan/plan.ts';
import { LAB_OPTIONS as OPTIONS } from './lab-options.ts';
import { ModelRuntime } from './model-runtime.ts';

const LAB_OPTIONS = { ...OPTIONS, dropReasons: new Set<string>(DROP_CODES) };

async function made(lab: Lab): Promise<ModelRuntime> {
  const runtime = new ModelRuntime(lab);
  await applyPlan(planLab(lab, null, runtime.imageIdOf), runtime, { clock: runtime.clock });
  return runtime;
}

function documentsOf(snapshot: Snapshot): AwsDocument[] {
  const environment = actionEnvironment(createIdSource('documents'), 0);
  return describeRegion(snapshot, ACTIONS.values(), (action, input) =>
    performAction(new Store(snapshot), action, input, environment),
  );
}

function imported(documents: readonly AwsDocument[], name: string): ImportedLab {
  const sources = documents.map((each) => ({
    file: `${each.name}.json`,
    text: JSON.stringify(each.body),
  }));
  const options = { name, header: 'Written by a test.', vpcs: [], region: null, load: LAB_OPTIONS };
  return importLab(readRecords(sources), options);
}

/** Makes the lab, writes it down, and checks that what was written is the same lab. */
async function checkRoundTrip(t: Test, lab: Lab): Promise<ImportedLab> {
  const runtime = await made(lab);
  const result = imported(documentsOf(runtime.snapshot), lab.name);
  const plan = planLab(result.lab, runtime.snapshot, runtime.imageIdOf);
  t.strictSame(
    plan.map(({ action, subject, reason }) => `${action} ${subject}: ${reason}`),
    [],
    `${lab.name} is the same lab`,
  );
  const again = await made(result.lab);
  const second = imported(documentsOf(again.snapshot), lab.name);
  t.equal(withoutIds(second.text), withoutIds(result.text), 'and stays so');
  return result;
}

function withoutIds(text: string): string {
  return text.replaceAll(/-0[0-9a-f]{16}/g, '');
}

const SCENARIOS = path.resolve(import.meta.dirname, '../../scenarios');

for (const scenario of fs.readdirSync(SCENARIOS)) {
  t.test(`the lab of scenario ${scenario} comes back`, async (t) => {
    const folder = path.join(SCENARIOS, scenario);
    const text = fs.readFileSync(path.join(folder, 'lab.vpclab.yml'), 'utf8');
    await checkRoundTrip(t, loadLab(text, { ...LAB_OPTIONS, folder }));
  });
}
