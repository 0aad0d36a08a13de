/**
 * From a lab file to a lab that runs: what has to change, and the change. The first start is the
 * change from nothing; `up` on a running lab and `plan` ask its controller through `changeRoutes`.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { ControlRoutes } from '../engine/control-server.ts';
import type { LabController } from '../engine/controller.ts';
import type { LabFabric } from '../model/snapshot.ts';
import type { Lab } from '../scenario/lab.ts';
import { type ApplyRuntime, applyPlan } from '../scenario/plan/apply.ts';
import { planLab } from '../scenario/plan/plan.ts';
import type { PlannedAction } from '../scenario/plan/planned-action.ts';
import { labBlueprints, requirePrograms } from './lab-blueprints.ts';
import { exportRoutes } from './lab-export.ts';
import { parseLab } from './lab-loading.ts';
import { APPLY_PATH, type LabSource, PLAN_PATH } from './lab-source.ts';

/** Of the process. */
export const CLOCK = { nowMs: () => performance.now(), sleep: (ms: number) => delay(ms) };

/** @param fabric null: the lab does not run. @returns the actions that make the lab as its file says. */
export function planChanges(lab: Lab, fabric: LabFabric | null): readonly PlannedAction[] {
  const { imageOf } = labBlueprints(lab);
  return planLab(lab, fabric, (instance) => imageOf.get(instance) ?? '');
}

/** Makes a running lab as its file says. @returns what was done. @throws ApplyError */
export async function changeLab(
  controller: LabController,
  lab: Lab,
): Promise<readonly PlannedAction[]> {
  const plan = planChanges(lab, controller.fabric);
  controller.addImages(labBlueprints(lab).byImage);
  await controller.settle();
  await applyPlan(plan, atOnce(controller), { clock: CLOCK });
  return plan;
}

/** What a lab file asks for is there when it is done. */
function atOnce(controller: LabController): ApplyRuntime {
  return {
    name: controller.name,
    get fabric() {
      return controller.fabric;
    },
    perform: (action, input, realm = controller.snapshot) =>
      controller.performAtOnce(action, input, realm),
  };
}

/** The body of both routes is a `LabSource`, the answer a list of planned actions. */
export function changeRoutes(controller: LabController): ControlRoutes {
  return new Map([
    ...exportRoutes(controller),
    [PLAN_PATH, async (body) => planChanges(parseLab(body as LabSource), controller.fabric)],
    [
      APPLY_PATH,
      async (body) => {
        const lab = parseLab(body as LabSource);
        if (!controller.status().isRecords) requirePrograms(lab);
        const done = await changeLab(controller, lab);
        await controller.booted();
        return done;
      },
    ],
  ]);
}
