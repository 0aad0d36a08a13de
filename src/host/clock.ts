/** The clock that all processes of this host share, whatever is done to the time of day. */

/** @returns milliseconds of CLOCK_MONOTONIC, with a fraction. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** @returns the time of day of a moment of `monotonicMs`: milliseconds since the epoch. */
export function epochMs(atMs: number): number {
  return Date.now() - monotonicMs() + atMs;
}
