/** How a lab ends that another process may hold: its controller is asked; what is left is removed. */
import { setTimeout as delay } from 'node:timers/promises';
import {
  type ControllerProcess,
  isAlive,
  livingController,
  removeLeftovers,
} from '../engine/cleaning.ts';
import type { LabPlace } from '../engine/lab-place.ts';
import { ControlClient } from './control-client.ts';

/** A controller that was asked to end and does not is killed after this time. */
const CONTROLLER_GRACE_MS = 20_000;
const POLL_MS = 10;

/** Takes a lab down whether its controller lives or not. Nothing of the lab is left afterwards. */
export async function takeDown(place: LabPlace): Promise<void> {
  const controller = livingController(place);
  if (controller !== null) await endController(place, controller);
  await removeLeftovers(place);
}

/** Settles when the process is gone: the lab's files alone do not tell, it removes them first. */
async function endController(place: LabPlace, controller: ControllerProcess): Promise<void> {
  const endMs = performance.now() + CONTROLLER_GRACE_MS;
  let refused = false;
  new ControlClient(place).down().catch(() => {
    // It refuses, breaks off or listens no more: what it leaves is removed once it is gone.
    refused = true;
  });
  while (isAlive(controller) && performance.now() < endMs && !refused) await delay(POLL_MS);
  if (isAlive(controller)) process.kill(controller.pid, 'SIGKILL');
  while (isAlive(controller)) await delay(POLL_MS);
}
