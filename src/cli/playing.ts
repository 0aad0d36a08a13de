/** Plays the steps of a lab until the last one, or until Ctrl-C. */
import { setTimeout as delay } from 'node:timers/promises';
import type { LabRuntime } from '../engine/control-api.ts';
import type { Lab } from '../scenario/lab.ts';
import { playSteps, type StepReport } from '../scenario/play/steps.ts';

export interface PlayOptions {
  /** Ends the play; the step that goes on is not reported. */
  readonly signal: AbortSignal;
  /** Called as each step ends. */
  readonly onStep: (step: StepReport) => void;
}

/** Failed steps do not end the play: later ones may tell why. */
export async function playLab(lab: Lab, runtime: LabRuntime, options: PlayOptions): Promise<void> {
  const { signal, onStep } = options;
  const clock = {
    nowMs: () => performance.now(),
    // Wakes up at Ctrl-C, so that a step that waits for something ends.
    sleep: (ms: number) => delay(ms, undefined, { signal }),
  };
  const aborted = new Promise<null>((resolve) => {
    if (signal.aborted) resolve(null);
    signal.addEventListener('abort', () => resolve(null), { once: true });
  });
  const steps = playSteps(lab, runtime, clock);
  for (;;) {
    const next = await Promise.race([aborted, steps.next()]);
    if (next === null || next.done === true) return;
    onStep(next.value);
  }
}
