/** Waiting for something to become true: by polling, against a deadline, on a given clock. */

export interface Clock {
  /** Milliseconds on any scale that only grows. */
  nowMs(): number;
  sleep(ms: number): Promise<void>;
}

const INTERVAL_MS = 100;

/**
 * Tries until the attempt succeeds or the time is over; tries at least once.
 * @param attempt Says what is still wrong, or null.
 * @returns null, or what was wrong with the last attempt.
 */
export async function poll(
  clock: Clock,
  withinMs: number,
  attempt: () => Promise<string | null>,
): Promise<string | null> {
  const deadline = clock.nowMs() + withinMs;
  for (;;) {
    const wrong = await attempt();
    const left = deadline - clock.nowMs();
    if (wrong === null || left <= 0) return wrong;
    await clock.sleep(Math.min(INTERVAL_MS, left));
  }
}
