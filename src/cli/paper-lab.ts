/** A lab in memory only: its file and the actions that `up` would do, with every instance plugged in. */
import { newRegion } from '../actions/account/new-region.ts';
import { createIdSource } from '../actions/ids.ts';
import { performAction } from '../actions/table.ts';
import { Compiler } from '../compile/compile.ts';
import { actionEnvironment } from '../engine/action-environment.ts';
import { explain } from '../engine/explain/explain.ts';
import type { Explanation } from '../engine/explain/explanation.ts';
import type { EniId } from '../model/ids.ts';
import { ownImage } from '../model/images.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { Store } from '../model/store.ts';
import type { Lab } from '../scenario/lab.ts';
import { type ApplyRuntime, applyPlan } from '../scenario/plan/apply.ts';
import { questionOf } from './explain-question.ts';
import type { ExplainRequest } from './explain-request.ts';
import { labBlueprints } from './lab-blueprints.ts';
import { CLOCK, planChanges } from './lab-changes.ts';
import { regionSettings } from './lab-controller.ts';

/** @throws ApplyError when AWS would refuse the lab; CliError notFound as `questionOf`. */
export async function explainOnPaper(lab: Lab, request: ExplainRequest): Promise<Explanation> {
  const snapshot = await paperSnapshot(lab);
  const ports = paperPorts(snapshot);
  const program = new Compiler().compile(snapshot, ports, 1, ports.size);
  return explain(snapshot, program, questionOf(request, snapshot));
}

async function paperSnapshot(lab: Lab): Promise<Snapshot> {
  const images = [...labBlueprints(lab).byImage].map(
    ([imageId, { image }]) => [imageId, ownImage(imageId, image)] as const,
  );
  const environment = actionEnvironment(createIdSource(lab.seed ?? lab.name), Date.now());
  const empty = newRegion(regionSettings(lab), environment, lab);
  const store = new Store({ ...empty, images: new Map([...empty.images, ...images]) });
  const runtime: ApplyRuntime = {
    name: lab.name,
    get snapshot() {
      return store.snapshot;
    },
    perform: async (action, input) =>
      performAction(store, action, input, { ...environment, isInstant: true }),
  };
  await applyPlan(planChanges(lab, null), runtime, { clock: CLOCK });
  return store.snapshot;
}

function paperPorts(snapshot: Snapshot): ReadonlyMap<EniId, number> {
  const plugged = [...snapshot.enis.values()].filter(
    ({ attachment }) =>
      attachment !== null && snapshot.instances.get(attachment.instanceId)?.state === 'running',
  );
  return new Map(plugged.map(({ eniId }, port) => [eniId, port]));
}
