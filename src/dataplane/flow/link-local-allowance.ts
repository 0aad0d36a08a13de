/** How much an interface may still send to the link-local services of this second (LL-2). */

/** Packets in a second to all services together. @source LL-2 */
const ALLOWANCE = 1024;
const WINDOW_MS = 1000;

export class LinkLocalAllowance {
  /** By port: when its second began, in signed milliseconds of any origin, and what was sent in it. */
  readonly #startedMs: Int32Array;
  readonly #sent: Int32Array;

  /** @param portCount Ports of the dataplane. */
  constructor(portCount: number) {
    this.#startedMs = new Int32Array(portCount);
    this.#sent = new Int32Array(portCount);
  }

  /** @returns false when the packets are too many, and do not count. */
  take(port: number, packets: number, nowMs: number): boolean {
    const ageMs = (nowMs - (this.#startedMs[port] as number)) | 0;
    if (ageMs < 0 || ageMs >= WINDOW_MS) {
      this.#startedMs[port] = nowMs;
      this.#sent[port] = 0;
    }
    const sent = (this.#sent[port] as number) + packets;
    if (sent > ALLOWANCE) return false;
    this.#sent[port] = sent;
    return true;
  }
}
