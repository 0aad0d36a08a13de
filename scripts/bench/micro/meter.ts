/** Time and memory of one call of a function that is called very often. */
import { median } from '../statistics.ts';

const RUNS = 6;

export interface Cost {
  readonly nsPerFrame: number;
  readonly bytesPerFrame: number;
}

/**
 * Needs `node --expose-gc` and a young generation so large (`--min-semi-space-size`) that it takes
 * all that the runs allocate.
 * @param count Calls of a run. @param one Gets the number of the call within its run.
 * @returns the middle time of the runs and the least memory: in the first runs V8 compiles, and
 *   allocates for itself. A run in which garbage was collected after all tells nothing about memory.
 */
export function meter(count: number, one: (call: number) => void): Cost {
  globalThis.gc?.();
  const runs = Array.from({ length: RUNS }, () => run(count, one));
  const memory = runs.map((each) => each.bytesPerFrame).filter((bytes) => bytes >= 0);
  return {
    nsPerFrame: median(runs.map((each) => each.nsPerFrame)),
    bytesPerFrame: memory.length === 0 ? Number.NaN : Math.min(...memory),
  };
}

/** @returns what `meter` finds for a function that does nothing: the noise of measuring. */
export function noise(count: number): Cost {
  let sum = 0;
  return meter(count, (call) => {
    sum = (sum + call) | 0;
  });
}

/** @returns the CPU time of this process: others that use the CPU meanwhile do not count. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function run(count: number, one: (call: number) => void): Cost {
  const heapBefore = process.memoryUsage().heapUsed;
  const startMs = cpuMs();
  for (let call = 0; call < count; call++) one(call);
  const ms = cpuMs() - startMs;
  const bytes = process.memoryUsage().heapUsed - heapBefore;
  return { nsPerFrame: (ms * 1e6) / count, bytesPerFrame: bytes / count };
}
