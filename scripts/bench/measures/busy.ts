/** CPU time of the whole machine: kernel threads and interrupts work for a contestant as well. */
import fs from 'node:fs';

const TICKS_PER_SECOND = 100;

/** @returns seconds that all processors together have worked since they started. */
export function busySeconds(): number {
  const [first = ''] = fs.readFileSync('/proc/stat', 'utf8').split('\n');
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = first
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return (user + nice + system + irq + softirq) / TICKS_PER_SECOND;
}
