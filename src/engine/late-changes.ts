/**
 * When packets follow the model. A change of the model is answered at once, and packets go by it later:
 * each change at its own time, and none before those that were made before it (ENI-12).
 */
import type { FabricSettings } from '../model/settings.ts';
import type { Fabric } from '../model/snapshot.ts';
import { drawMs, packetDelayOf } from '../model/timing.ts';

/** Of the process, or of a test. */
export interface Alarm {
  /** Milliseconds; only differences count. */
  nowMs(): number;
  /** Calls once. @returns what calls it off. */
  after(delayMs: number, call: () => void): () => void;
}

/** The process's own. */
export const ALARM: Alarm = {
  nowMs: () => performance.now(),
  after(delayMs, call) {
    const timer = setTimeout(call, delayMs);
    return () => clearTimeout(timer);
  },
};

/** A change that is not in force yet. */
interface LateChange {
  /** What there was before it. */
  readonly before: Fabric;
  readonly dueMs: number;
}

export class LateChanges {
  readonly #newest: () => Fabric;
  readonly #alarm: Alarm;
  readonly #onDue: () => void;
  /** In the order of the answers, which is that of their times too. */
  readonly #changes: LateChange[] = [];
  #callOff: () => void = () => undefined;

  /**
   * @param newest The model with all changes.
   * @param onDue Called when `fabric` has come to be another.
   */
  constructor(newest: () => Fabric, onDue: () => void, alarm: Alarm = ALARM) {
    this.#newest = newest;
    this.#onDue = onDue;
    this.#alarm = alarm;
  }

  /** What packets are to go by now. */
  get fabric(): Fabric {
    return this.#changes[0]?.before ?? this.#newest();
  }

  /** Whether a change is not in force yet. */
  get isLate(): boolean {
    return this.#changes.length > 0;
  }

  /** Takes a change that was just made. @param before What there was before it. */
  put(before: Fabric, delayMs: number): void {
    if (delayMs === 0 && !this.isLate) return;
    const dueMs = this.#alarm.nowMs() + delayMs;
    const isFirst = !this.isLate;
    this.#changes.push({ before, dueMs: Math.max(dueMs, this.#changes.at(-1)?.dueMs ?? 0) });
    if (isFirst) this.#setAlarm();
  }

  /** All changes are in force from here on; whoever calls it sees to that. */
  clear(): void {
    this.#changes.length = 0;
    this.#callOff();
  }

  #setAlarm(): void {
    const [next] = this.#changes;
    if (next === undefined) return;
    this.#callOff = this.#alarm.after(Math.max(0, next.dueMs - this.#alarm.nowMs()), () => {
      const nowMs = this.#alarm.nowMs();
      // An alarm may be a little early.
      const first = this.#changes.findIndex(({ dueMs }) => dueMs > nowMs + 1);
      this.#changes.splice(0, first < 0 ? this.#changes.length : first);
      this.#setAlarm();
      this.#onDue();
    });
  }
}

/**
 * @param action AWS's name of one that has changed something.
 * @param random Gives a uniformly drawn integer, 0 <= n < limit.
 * @returns the time from its answer to the packets; milliseconds.
 */
export function drawPacketDelayMs(
  { timing, timingScale, packetDelayMs }: FabricSettings,
  action: string,
  random: (limit: number) => number,
): number {
  const range = packetDelayOf(action);
  const [, mostMs] = range;
  if (mostMs === 0) return 0;
  if (packetDelayMs !== null) return packetDelayMs;
  return timing === 'aws' ? drawMs(range, timingScale, random) : 0;
}
