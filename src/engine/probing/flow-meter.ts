/**
 * From the probes of one flow and their answers to its outages.
 *
 * An outage is a run of probes that were sent and not answered, so it is measured by when probes
 * were sent: a prober that gets no processor for a while sends none, and sees no outage. Answers come
 * in the order of the probes; one to an older probe than the last answered is no news.
 * Times: milliseconds of one clock.
 */
import type { Outage } from '../control-api.ts';

/** The time of day is not its business. */
export type MeasuredOutage = Omit<Outage, 'beganMs'>;

/** Probes that can be on their way; more than a second of them. */
const REMEMBERED = 4096;
/** An answer that takes longer is none. */
const ANSWER_WITHIN_MS = 1000;
/** A probe is missing when it has not been answered for so long. */
const MISSING_AFTER_MS = 100;

export class FlowMeter {
  sent = 0;
  answered = 0;
  /** Probes that were answered in a row, up to the last answer. */
  steady = 0;
  readonly #sentAtMs = new Float64Array(REMEMBERED);
  #lastAnswered = -1;
  #lastAnsweredMs = Number.NaN;
  /** When the oldest probe that may still be answered was sent; NaN: there is none. */
  #waitingSinceMs = Number.NaN;

  /** @param nowMs Just before it is sent. @returns the number of the probe: 0, 1, … */
  send(nowMs: number): number {
    const sequence = this.sent++;
    this.#sentAtMs[sequence % REMEMBERED] = nowMs;
    if (Number.isNaN(this.#waitingSinceMs)) this.#waitingSinceMs = nowMs;
    return sequence;
  }

  /** @returns the outage that this answer ends, or null. */
  answer(sequence: number, nowMs: number): MeasuredOutage | null {
    if (sequence <= this.#lastAnswered || sequence >= this.sent) return null;
    if (sequence < this.sent - REMEMBERED) return null;
    const sentMs = this.#sentAt(sequence);
    if (nowMs - sentMs > ANSWER_WITHIN_MS) return null;
    const lost = sequence - this.#lastAnswered - 1;
    const outage = lost === 0 ? null : this.#outageUntil(sequence, lost, nowMs);
    this.answered++;
    this.steady = lost === 0 ? this.steady + 1 : 1;
    this.#lastAnswered = sequence;
    this.#lastAnsweredMs = sentMs;
    this.#waitingSinceMs = sequence + 1 < this.sent ? this.#sentAt(sequence + 1) : Number.NaN;
    return outage;
  }

  /** @returns since when probes are not answered; NaN while they are. */
  outSinceMs(nowMs: number): number {
    return nowMs - this.#waitingSinceMs > MISSING_AFTER_MS ? this.#waitingSinceMs : Number.NaN;
  }

  #outageUntil(sequence: number, lost: number, heardMs: number): MeasuredOutage {
    const fromMs = this.#waitingSinceMs;
    const toMs = this.#sentAt(sequence);
    // It began after the last answered probe, and ended after the last lost one.
    const beforeMs = Number.isNaN(this.#lastAnsweredMs) ? fromMs : this.#lastAnsweredMs;
    const errorMs = Math.max(fromMs - beforeMs, toMs - this.#sentAt(sequence - 1));
    return { fromMs, toMs, heardMs, lost, errorMs };
  }

  #sentAt(sequence: number): number {
    return this.#sentAtMs[sequence % REMEMBERED] as number;
  }
}
