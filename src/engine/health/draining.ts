/** Targets that have left their group: they are forgotten after its deregistration delay (GWLB-7). */
import type { Target } from '../../model/load-balancers.ts';
import type { Fabric } from '../../model/snapshot.ts';
import type { Alarm } from '../late-changes.ts';

export class Draining {
  readonly #newest: () => Fabric;
  readonly #forget: (target: Target) => void;
  readonly #alarm: Alarm;
  #callOff: () => void = () => undefined;

  /**
   * @param newest The model as it is, which may be ahead of what `follow` was given.
   * @param alarm Its clock tells milliseconds since the epoch.
   */
  constructor(newest: () => Fabric, forget: (target: Target) => void, alarm: Alarm) {
    this.#newest = newest;
    this.#forget = forget;
    this.#alarm = alarm;
  }

  /** Call it with each new state of the model, which is without those that were forgotten. */
  follow(fabric: Fabric): void {
    this.close();
    const leaving = [...fabric.targets.values()].filter(({ state }) => state === 'draining');
    if (leaving.length === 0) return;
    const firstMs = Math.min(...leaving.map((target) => endMs(fabric, target)));
    this.#callOff = this.#alarm.after(Math.max(0, firstMs - this.#alarm.nowMs()), () => {
      for (const target of leaving) if (endMs(fabric, target) <= firstMs) this.#end(target);
    });
  }

  /** It may have been registered again meanwhile. */
  #end({ targetKey }: Target): void {
    const now = this.#newest().targets.get(targetKey);
    if (now?.state === 'draining') this.#forget(now);
  }

  close(): void {
    this.#callOff();
  }
}

/** A group that is gone leaves nothing to wait for. */
function endMs({ targetGroups }: Fabric, { targetGroupArn, stateTimeMs }: Target): number {
  const delaySeconds = targetGroups.get(targetGroupArn)?.deregistrationDelaySeconds ?? 0;
  return stateTimeMs + delaySeconds * 1000;
}
