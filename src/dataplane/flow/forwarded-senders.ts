/**
 * Whom a guest forwards for when it sends to the services under an address that is not its own (IMDS-8):
 * such addresses get numbers, by interface, so that answers find back. Bounded; the oldest give way.
 */
import { FORWARDED_PEERS } from '../../addr/service-addresses.ts';

/** Places that are looked at for one address. */
const PROBES = 8;

/** The senders behind one interface. */
class Senders {
  /** Signed words; 0: no sender. */
  readonly words = new Int32Array(FORWARDED_PEERS);
  /** When each was last looked up by address. */
  readonly usedMs = new Int32Array(FORWARDED_PEERS);
}

export class ForwardedSenders {
  readonly #byPort: (Senders | undefined)[] = [];

  /**
   * Looks a sender up, or gives it a number.
   * @param word Its IPv4 address, signed. @param nowMs Signed 32-bit milliseconds of any origin.
   * @returns 0 <= index < `FORWARDED_PEERS`.
   */
  indexOf(port: number, word: number, nowMs: number): number {
    const senders = this.#byPort[port] ?? new Senders();
    this.#byPort[port] = senders;
    const { words, usedMs } = senders;
    const start = hash(word);
    let oldest = start;
    for (let probe = 0; probe < PROBES; probe++) {
      const index = (start + probe) & (FORWARDED_PEERS - 1);
      if (words[index] === word || words[index] === 0) {
        oldest = index;
        break;
      }
      if ((((usedMs[index] as number) - (usedMs[oldest] as number)) | 0) < 0) oldest = index;
    }
    words[oldest] = word;
    usedMs[oldest] = nowMs;
    return oldest;
  }

  /** @returns the address of a sender, a signed word; 0 for none. */
  wordOf(port: number, index: number): number {
    return this.#byPort[port]?.words[index] ?? 0;
  }
}

/** Neighbouring addresses get places that are far apart (Knuth's multiplicative hash). */
function hash(word: number): number {
  return Math.imul(word, 0x9e3779b1) >>> 22;
}
