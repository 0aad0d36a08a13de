/** The windows of flow logs, one after the other: when each ends, and what passed in it (FL-2). */
import type { FlowLogRows, FlowLogTable } from '../dataplane/flow/flow-log-table.ts';

export interface FlowLogWindow {
  /** Milliseconds since the epoch. */
  readonly startMs: number;
  readonly endMs: number;
  /** False when it ended before its time, since what is logged has changed. */
  readonly isWhole: boolean;
  readonly rows: FlowLogRows;
}

export class FlowLogClock {
  readonly #table: FlowLogTable;
  /** Null while nothing is logged. */
  #startMs: number | null = null;

  constructor(table: FlowLogTable) {
    this.#table = table;
  }

  /**
   * Begins the first window, or ends one that is over.
   * @param lengthMs Of a window; 0: nothing is logged.
   * @returns the window that has ended, or null.
   */
  tick(lengthMs: number, nowMs: number): FlowLogWindow | null {
    if (lengthMs === 0) {
      this.#startMs = null;
      return null;
    }
    this.#startMs ??= nowMs;
    return nowMs - this.#startMs >= lengthMs ? this.#next(this.#startMs, nowMs, true) : null;
  }

  /** Ends the window before its time. @returns null when there was none. */
  cut(nowMs: number): FlowLogWindow | null {
    if (this.#startMs === null) return null;
    const window = this.#next(this.#startMs, nowMs, false);
    this.#startMs = null;
    return window;
  }

  #next(startMs: number, nowMs: number, isWhole: boolean): FlowLogWindow {
    this.#startMs = nowMs;
    return { startMs, endMs: nowMs, isWhole, rows: this.#table.take() };
  }
}
