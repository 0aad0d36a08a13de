/** A lab in memory only: its file and the actions that `up` would do, with every instance plugged in. */
import { newRegion } from '../actions/account/new-region.ts';
import { createIdSource } from '../actions/ids.ts';
import { performAction } from '../actions/table.ts';
import { Compiler } from '../compile/compile.ts';
import { NO_UPLINK } from '../dataplane/program.ts';
import { actionEnvironment } from '../engine/action-environment.ts';
import { explain } from '../engine/explain/explain.ts';
import type { Explanation } from '../engine/explain/explanation.ts';
import { settingsOfRegion } from '../engine/region-settings.ts';
import type { EniId } from '../model/ids.ts';
import { ownImage } from '../model/images.ts';
import { isSameRealm, type Realm } from '../model/realm.ts';
import type { Fabric, Snapshot } from '../model/snapshot.ts';
import { World } from '../model/world.ts';
import type { Lab } from '../scenario/lab.ts';
import { type ApplyRuntime, applyPlan } from '../scenario/plan/apply.ts';
import { questionOf } from './explain-question.ts';
import type { ExplainRequest } from './explain-request.ts';
import { labBlueprints } from './lab-blueprints.ts';
import { CLOCK, planChanges } from './lab-changes.ts';
import { regionSettings } from './lab-controller.ts';

/** @throws ApplyError when AWS would refuse the lab; CliError notFound as `questionOf`. */
export async function explainOnPaper(lab: Lab, request: ExplainRequest): Promise<Explanation> {
  const fabric = await paperFabric(lab);
  const ports = paperPorts(fabric);
  const uplink = lab.hasUplink ? { uplinkPort: ports.size + 1, uplinkHasIpv6: true } : NO_UPLINK;
  const program = new Compiler().compile(fabric, ports, 1, ports.size, uplink);
  return explain(fabric, program, questionOf(request, fabric));
}

async function paperFabric(lab: Lab): Promise<Fabric> {
  const images = [...labBlueprints(lab).byImage].map(
    ([imageId, { image }]) => [imageId, ownImage(imageId, image)] as const,
  );
  const environment = actionEnvironment(createIdSource(lab.seed ?? lab.name), Date.now());
  const home = regionSettings(lab);
  const found = (realm: Realm): Snapshot | null => {
    const settings = settingsOfRegion(home, realm);
    if (settings === null) return null;
    const hasDefaultVpc = lab.hasDefaultVpc && isSameRealm(realm, home);
    const empty = newRegion(settings, environment, { hasDefaultVpc });
    return { ...empty, images: new Map([...empty.images, ...images]) };
  };
  const world = new World({ home, found });
  const runtime: ApplyRuntime = {
    name: lab.name,
    get fabric() {
      return world.own;
    },
    perform: async (action, input, realm = home) =>
      performAction(world.editor(realm), action, input, { ...environment, isInstant: true }),
  };
  await applyPlan(planChanges(lab, null), runtime, { clock: CLOCK });
  return world.own;
}

function paperPorts(fabric: Fabric): ReadonlyMap<EniId, number> {
  const plugged = [...fabric.enis.values()].filter(
    ({ attachment }) =>
      attachment !== null && fabric.instances.get(attachment.instanceId)?.state === 'running',
  );
  return new Map(plugged.map(({ eniId }, port) => [eniId, port]));
}
