/**
 * What gateways on its way make of the addresses and ports of a packet. The layers behind see the frame
 * with them; the flow is remembered by what the guest sent, so the walk puts that back when it ends.
 */
import { IPPROTO_ICMP } from '../packet/ipv4.ts';
import type { QuotedPacket } from '../packet/quoted-packet.ts';
import { isIcmpErrorFrame, type ParsedFrame, type TrackedPacket } from './parse.ts';
import {
  REWRITE_DESTINATION,
  REWRITE_DESTINATION_PORT,
  REWRITE_NONE,
  REWRITE_SOURCE,
  REWRITE_SOURCE_PORT,
  REWRITE_TTL,
} from './verdict.ts';

export class Translation {
  /** `REWRITE_*` bits, and how many times `REWRITE_TTL`. */
  rewrite = REWRITE_NONE;
  /** Of either bit for ports. */
  #sourcePort = 0;
  #destinationPort = 0;
  /** As the guest sent them: last words of IPv4 addresses, ports. */
  #sentSource = 0;
  #sentDestination = 0;
  #sentSport = 0;
  #sentDport = 0;
  /** Of the packet that an ICMP error quotes: which addresses are others now, by the same bits, and which. */
  #quote = REWRITE_NONE;
  #quotedSource = 0;
  #quotedDestination = 0;

  clear(): void {
    this.rewrite = REWRITE_NONE;
    this.#quote = REWRITE_NONE;
  }

  /** For `Verdict.ports`. */
  get ports(): number {
    return (this.#sourcePort << 16) | this.#destinationPort;
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

  /** @param port In place of the source port; of an ICMP query it is the identifier. */
  setSourcePort(frame: ParsedFrame, port: number): void {
    this.#keepPorts(frame);
    this.rewrite |= REWRITE_SOURCE_PORT;
    this.#sourcePort = port;
    // The flow of an error was found by its quote, and any router may complain of that.
    if (isIcmpErrorFrame(frame)) this.setQuotedDestination(frame.s3);
    else if (frame.protocol === IPPROTO_ICMP) frame.dport = port;
    else frame.sport = port;
  }

  setDestinationPort(frame: ParsedFrame, port: number): void {
    this.#keepPorts(frame);
    this.rewrite |= REWRITE_DESTINATION_PORT;
    this.#destinationPort = port;
    if (isIcmpErrorFrame(frame)) this.setQuotedSource(frame.d3);
    else frame.dport = port;
  }

  /** @param word The address that stands for the source in the quote from here on; signed. */
  setQuotedSource(word: number): void {
    this.#quote |= REWRITE_SOURCE;
    this.#quotedSource = word;
  }

  setQuotedDestination(word: number): void {
    this.#quote |= REWRITE_DESTINATION;
    this.#quotedDestination = word;
  }

  /** @returns the address that is to stand on one side of the quote. @param otherwise When no gateway has said. */
  quotedWord(isSource: boolean, otherwise: number): number {
    const bit = isSource ? REWRITE_SOURCE : REWRITE_DESTINATION;
    if ((this.#quote & bit) === 0) return otherwise;
    return isSource ? this.#quotedSource : this.#quotedDestination;
  }

  /** The packet passes a router that shows. */
  takeHop(): void {
    this.rewrite += REWRITE_TTL;
  }

  /** Routers that show, and that the packet has passed. */
  get hops(): number {
    return (this.rewrite / REWRITE_TTL) | 0;
  }

  /** An ICMP error quotes what its receiver sent: ports stand on the other side there. */
  applyToQuoted(quoted: QuotedPacket): void {
    const { rewrite } = this;
    quoted.s3 = this.quotedWord(true, quoted.s3);
    quoted.d3 = this.quotedWord(false, quoted.d3);
    if ((rewrite & REWRITE_SOURCE_PORT) !== 0) setFarPort(quoted, this.#sourcePort);
    if ((rewrite & REWRITE_DESTINATION_PORT) !== 0) setNearPort(quoted, this.#destinationPort);
  }

  /** Puts back what the guest sent. */
  undo(frame: ParsedFrame): void {
    const { rewrite } = this;
    if ((rewrite & REWRITE_SOURCE) !== 0) frame.s3 = this.#sentSource;
    if ((rewrite & REWRITE_DESTINATION) !== 0) frame.d3 = this.#sentDestination;
    if ((rewrite & (REWRITE_SOURCE_PORT | REWRITE_DESTINATION_PORT)) === 0) return;
    frame.sport = this.#sentSport;
    frame.dport = this.#sentDport;
  }

  #keepPorts({ sport, dport }: ParsedFrame): void {
    if ((this.rewrite & (REWRITE_SOURCE_PORT | REWRITE_DESTINATION_PORT)) !== 0) return;
    this.#sentSport = sport;
    this.#sentDport = dport;
    this.#sourcePort = 0;
    this.#destinationPort = 0;
  }
}

function setNearPort(quoted: TrackedPacket, port: number): void {
  if (quoted.protocol === IPPROTO_ICMP) quoted.dport = port;
  else quoted.sport = port;
}

function setFarPort(quoted: TrackedPacket, port: number): void {
  quoted.dport = port;
}
