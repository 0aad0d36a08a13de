/** What the AWS CLI would print of a snapshot, and imports of it. */
import { createIdSource } from '../../src/actions/ids.ts';
import { API_ACTIONS, performAction } from '../../src/actions/table.ts';
import { type AwsDocument, describeRegion } from '../../src/api/documents.ts';
import { DROP_CODES } from '../../src/dataplane/drop-reason.ts';
import { actionEnvironment } from '../../src/engine/action-environment.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';
import { Store } from '../../src/model/store.ts';
import type { LoadOptions } from '../../src/scenario/file/scope.ts';
import {
  type ImportedLab,
  type ImportOptions,
  importLab,
} from '../../src/scenario/import/import-lab.ts';
import { type AwsSource, readRecords } from '../../src/scenario/import/records.ts';
import type { Lab } from '../../src/scenario/lab.ts';
import { applyPlan } from '../../src/scenario/plan/apply.ts';
import { planLab } from '../../src/scenario/plan/plan.ts';
import { LAB_OPTIONS } from './lab-options.ts';
import { ModelRuntime } from './model-runtime.ts';

/** With all drop reasons, which the scenarios name. */
export const LOAD: LoadOptions = { ...LAB_OPTIONS, dropReasons: new Set<string>(DROP_CODES) };

/** Makes the lab in a model. */
export async function made(lab: Lab): Promise<ModelRuntime> {
  const runtime = new ModelRuntime(lab);
  await applyPlan(planLab(lab, null, runtime.imageIdOf), runtime, { clock: runtime.clock });
  return runtime;
}

export function documentsOf(snapshot: Snapshot): AwsDocument[] {
  const environment = actionEnvironment(createIdSource('documents'), 0);
  return describeRegion(snapshot, API_ACTIONS.values(), (action, input) =>
    performAction(new Store(snapshot), action, input, environment),
  );
}

export function imported(
  sources: readonly AwsSource[],
  options: Partial<ImportOptions> = {},
): ImportedLab {
  const usual = { name: 'imported', header: 'Written by a test.', vpcs: [], region: null };
  return importLab(readRecords(sources), { ...usual, load: LOAD, ...options });
}

export function sourcesOf(snapshot: Snapshot): AwsSource[] {
  return documentsOf(snapshot).map(({ name, body }) => ({
    file: `${name}.json`,
    text: JSON.stringify(body),
  }));
}
