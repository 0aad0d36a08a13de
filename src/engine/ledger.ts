/**
 * The counters of all ports in shared memory: the worker adds, the controller reads.
 * Every frame that a port sent is in exactly one of forwarded, answered, punted and the drops.
 */
import { DROP_CODES } from '../dataplane/drop-reason.ts';

export const RECEIVED_FRAMES = 0;
export const RECEIVED_BYTES = 1;
export const SENT_FRAMES = 2;
export const SENT_BYTES = 3;
export const FORWARDED = 4;
export const ANSWERED = 5;
export const PUNTED = 6;
/** When the guest last answered the status check; milliseconds since the epoch, 0 is never. */
export const STATUS_ANSWER_MS = 7;
const DROPS = 8;
const STRIDE = DROPS + DROP_CODES.length;

/** The counters of the flow table, then of the connections that are tracked; in shared memory in this order. */
export const FLOW_COUNTER_NAMES = [
  'entries',
  'hits',
  'misses',
  'evictions',
  'connections',
  'connectionEvictions',
  'connectionRefusals',
] as const;

export type FlowCounters = Readonly<Record<(typeof FLOW_COUNTER_NAMES)[number], number>>;

export class Ledger {
  /** Goes to the worker. */
  readonly shared: SharedArrayBuffer;
  readonly #counters: Float64Array;

  /** @param shared The memory of a ledger made elsewhere. */
  constructor(portCount: number, shared = new SharedArrayBuffer(portCount * STRIDE * 8)) {
    this.shared = shared;
    this.#counters = new Float64Array(shared);
  }

  add(port: number, counter: number, amount: number): void {
    const at = port * STRIDE + counter;
    this.#counters[at] = (this.#counters[at] as number) + amount;
  }

  set(port: number, counter: number, value: number): void {
    this.#counters[port * STRIDE + counter] = value;
  }

  get(port: number, counter: number): number {
    return this.#counters[port * STRIDE + counter] ?? 0;
  }

  /** @param reason Index of the drop reason. */
  drop(port: number, reason: number): void {
    this.add(port, DROPS + reason, 1);
  }

  /** @returns drop code to frames, only those that are not zero. */
  drops(port: number): Record<string, number> {
    const found: Record<string, number> = {};
    DROP_CODES.forEach((code, index) => {
      const frames = this.get(port, DROPS + index);
      if (frames > 0) found[code] = frames;
    });
    return found;
  }

  /** Starts the account of a port again. */
  clear(port: number): void {
    this.#counters.fill(0, port * STRIDE, (port + 1) * STRIDE);
  }
}
