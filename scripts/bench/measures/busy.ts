/** CPU time of the whole machine: kernel threads and interrupts work for a contestant as well. */
import fs from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

const TICKS_PER_SECOND = 100;
const LOOK_MS = 100;
/** Of one CPU. */
const QUIET_SHARE = 0.3;
const PATIENCE_MS = 1000;

/** @returns seconds that all processors together have worked since they started. */
export function busySeconds(): number {
  const [first = ''] = fs.readFileSync('/proc/stat', 'utf8').split('\n');
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = first
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return (user + nice + system + irq + softirq) / TICKS_PER_SECOND;
}

/** Waits until nobody else works here, but not for long: on a busy machine all rounds are alike. */
export async function quiet(): Promise<void> {
  const endMs = performance.now() + PATIENCE_MS;
  while (performance.now() < endMs) {
    const before = busySeconds();
    await delay(LOOK_MS);
    if ((busySeconds() - before) * 1000 < LOOK_MS * QUIET_SHARE) return;
  }
}
