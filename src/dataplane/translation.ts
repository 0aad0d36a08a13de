/**
 * What gateways on its way make of the addresses of a packet. The layers behind see the frame with them;
 * the flow is remembered by what the guest sent, so the walk puts that back when it ends.
 */
import type { QuotedPacket } from '../packet/quoted-packet.ts';
import type { ParsedFrame } from './parse.ts';
import { REWRITE_DESTINATION, REWRITE_NONE, REWRITE_SOURCE } from './verdict.ts';

export class Translation {
  /** `REWRITE_SOURCE` and `REWRITE_DESTINATION` bits. */
  rewrite = REWRITE_NONE;
  /** Last words of IPv4 addresses, as the guest sent them. */
  #sentSource = 0;
  #sentDestination = 0;

  clear(): void {
    this.rewrite = REWRITE_NONE;
  }

  /** @param word The IPv4 address that stands for the source from here on; signed. */
  setSource(frame: ParsedFrame, word: number): void {
    if ((this.rewrite & REWRITE_SOURCE) === 0) this.#sentSource = frame.s3;
    this.rewrite |= REWRITE_SOURCE;
    frame.s3 = word;
  }

  setDestination(frame: ParsedFrame, word: number): void {
    if ((this.rewrite & REWRITE_DESTINATION) === 0) this.#sentDestination = frame.d3;
    this.rewrite |= REWRITE_DESTINATION;
    frame.d3 = word;
  }

  /** An ICMP error quotes what its receiver sent: the addresses stand on the other side there. */
  applyToQuoted(frame: ParsedFrame, quoted: QuotedPacket): void {
    if ((this.rewrite & REWRITE_SOURCE) !== 0 && quoted.d3 === this.#sentSource) {
      quoted.d3 = frame.s3;
    }
    if ((this.rewrite & REWRITE_DESTINATION) !== 0 && quoted.s3 === this.#sentDestination) {
      quoted.s3 = frame.d3;
    }
  }

  /** Puts back what the guest sent. */
  undo(frame: ParsedFrame): void {
    if ((this.rewrite & REWRITE_SOURCE) !== 0) frame.s3 = this.#sentSource;
    if ((this.rewrite & REWRITE_DESTINATION) !== 0) frame.d3 = this.#sentDestination;
  }
}
