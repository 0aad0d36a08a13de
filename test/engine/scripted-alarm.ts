import type { Alarm } from '../../src/engine/late-changes.ts';

/** A clock that goes when it is told. */
export class ScriptedAlarm implements Alarm {
  #nowMs = 1000;
  readonly #calls = new Map<() => void, number>();

  nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, call: () => void): () => void {
    this.#calls.set(call, this.#nowMs + delayMs);
    return () => this.#calls.delete(call);
  }

  pass(ms: number): void {
    const endMs = this.#nowMs + ms;
    for (;;) {
      const [next] = [...this.#calls].sort(([, one], [, other]) => one - other);
      if (next === undefined || next[1] > endMs) break;
      const [call, dueMs] = next;
      this.#calls.delete(call);
      this.#nowMs = Math.max(this.#nowMs, dueMs);
      call();
    }
    this.#nowMs = endMs;
  }
}
