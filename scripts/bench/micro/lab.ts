/** Models of any size, made by the same actions as a lab's: a lab file, planned and applied in memory. */
import { Compiler } from '../../../src/compile/compile.ts';
import type { Program } from '../../../src/dataplane/program.ts';
import type { EniId } from '../../../src/model/ids.ts';
import type { Snapshot } from '../../../src/model/snapshot.ts';
import { loadLab } from '../../../src/scenario/file/load.ts';
import { applyPlan } from '../../../src/scenario/plan/apply.ts';
import { planLab } from '../../../src/scenario/plan/plan.ts';
import { LAB_OPTIONS } from '../../../test/scenario/lab-options.ts';
import { ModelRuntime } from '../../../test/scenario/model-runtime.ts';

export async function modelOf(text: string): Promise<ModelRuntime> {
  const lab = loadLab(text, LAB_OPTIONS);
  const runtime = new ModelRuntime(lab);
  const plan = planLab(lab, null, (instance) => runtime.imageIdOf(instance));
  await applyPlan(plan, runtime, { clock: runtime.clock });
  return runtime;
}

/** @returns a port for each interface, in the order of their creation. */
export function portsOf(snapshot: Snapshot): Map<EniId, number> {
  return new Map([...snapshot.enis.keys()].map((eniId, port) => [eniId, port]));
}

export function programOf(snapshot: Snapshot): Program {
  return new Compiler().compile(snapshot, portsOf(snapshot), 1);
}
