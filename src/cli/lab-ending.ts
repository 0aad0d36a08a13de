/** How a lab ends that another process may hold: its controller is asked; what is left is removed. */
import { setTimeout as delay } from 'node:timers/promises';
import { controllerPid, endController, removeLeftovers } from '../engine/cleaning.ts';
import type { LabPlace } from '../engine/lab-place.ts';
import { ControlClient } from './control-client.ts';

/** A controller that was asked to end and does not is killed after this time. */
const CONTROLLER_GRACE_MS = 20_000;
const POLL_MS = 20;

/** Takes a lab down whether its controller lives or not. Nothing of the lab is left afterwards. */
export async function takeDown(place: LabPlace): Promise<void> {
  if (controllerPid(place) !== null) await askController(place);
  await endController(place);
  await removeLeftovers(place);
}

/** Settles when the controller is gone, refuses, or had its time. */
async function askController(place: LabPlace): Promise<void> {
  const endMs = performance.now() + CONTROLLER_GRACE_MS;
  const agreed = new ControlClient(place).down().then(
    () => true,
    // A controller that refuses or breaks off leaves its lab to `removeLeftovers`.
    () => false,
  );
  const late = delay(CONTROLLER_GRACE_MS, false, { ref: false });
  if (!(await Promise.race([agreed, late]))) return;
  while (controllerPid(place) !== null && performance.now() < endMs) await delay(POLL_MS);
}
