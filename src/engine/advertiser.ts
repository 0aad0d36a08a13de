/**
 * When each port hears the router next: at once when it can hear at all, then every ten minutes.
 * Read first: RFC 4861 section 6.2.4, facts RA-2.
 */

/** The longest interval that the RFC has by default. */
const INTERVAL_MS = 600_000;

export class Advertiser {
  /** Milliseconds since the epoch; 0 is at once. */
  readonly #dueMs: Float64Array;

  constructor(portCount: number) {
    this.#dueMs = new Float64Array(portCount);
  }

  isDue(port: number, nowMs: number): boolean {
    return nowMs >= (this.#dueMs[port] as number);
  }

  /** The port took an advertisement. */
  sent(port: number, nowMs: number): void {
    this.#dueMs[port] = nowMs + INTERVAL_MS;
  }

  /** The port has another guest. */
  reset(port: number): void {
    this.#dueMs[port] = 0;
  }
}
