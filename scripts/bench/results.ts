/** All that a run has measured; a part that was not chosen is null. */
import os from 'node:os';
import type { ApiCosts } from './api/measure.ts';
import type { Comparison } from './comparison.ts';
import type { DnsCosts } from './dns.ts';
import type { LabResult } from './labs.ts';
import type { MetadataCosts } from './metadata/measure.ts';
import type { CompileCosts } from './micro/compile.ts';
import type { FrameCosts } from './micro/frames.ts';
import type { MemoryCost } from './micro/memory.ts';
import type { Growth } from './micro/scaling.ts';

export interface Results {
  readonly machine: Machine;
  readonly comparison: Comparison;
  readonly frames: FrameCosts | null;
  readonly growth: readonly Growth[];
  readonly memory: readonly MemoryCost[];
  readonly compile: CompileCosts | null;
  readonly labs: readonly LabResult[];
  readonly api: ApiCosts | null;
  readonly metadata: MetadataCosts | null;
  readonly dns: DnsCosts | null;
}

/** Where and when it was measured. */
export interface Machine {
  /** `YYYY-MM-DD`. */
  readonly date: string;
  readonly cpu: string;
  readonly cpus: number;
  readonly kernel: string;
  readonly node: string;
  /** Processes that wanted a CPU before the run, over the last minute. */
  readonly load: number;
}

export function thisMachine(date: string): Machine {
  const cpus = os.cpus();
  return {
    date,
    cpu: cpus[0]?.model ?? 'unknown',
    cpus: cpus.length,
    kernel: os.release(),
    node: process.version,
    load: os.loadavg()[0] ?? Number.NaN,
  };
}
