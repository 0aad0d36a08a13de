/**
 * The NAT gateways that a packet comes to on its walk, one after the other: what it was when it came and
 * when it left, for the flow logs of their interfaces. Reused; nothing is allocated. Rules: FL-3, FL-6.
 */
import { PATH_SAME_VPC } from './flow/flow-log-table.ts';
import type { ParsedFrame } from './parse.ts';

/** More than a walk has, which ends when it goes in a circle. */
const MAX_PASSAGES = 32;

const NAT = 0;
const CAME = 1;
const LEFT = 4;
/** How far the packet has come: `ARRIVED` to `LEAVING_REJECTED`. */
const FATE = 7;
const PATH = 8;
const PASSAGE_WORDS = 9;

/** The ACL of the gateway's subnet has let it in, or has not; what the gateway itself thinks of it is not said. */
const ARRIVED = 0;
const ARRIVAL_REJECTED = 1;
/** The gateway has sent it on, and the ACL has let it out, or has not. */
const GONE = 2;
const LEAVING_REJECTED = 3;

/** What a gateway sees of a packet: last words of IPv4 addresses, and ports. */
export interface PacketEnds {
  source: number;
  destination: number;
  /** The source port in the high half, the destination port in the low one. */
  ports: number;
}

export class NatPassages {
  readonly #words = new Int32Array(MAX_PASSAGES * PASSAGE_WORDS);
  readonly #ends: PacketEnds = { source: 0, destination: 0, ports: 0 };
  count = 0;

  clear(): void {
    this.count = 0;
  }

  /** @param nat A row of `edges.nat`. @param frame As it comes there. */
  arrive(nat: number, frame: ParsedFrame): void {
    const base = this.count * PASSAGE_WORDS;
    this.count++;
    this.#words[base + NAT] = nat;
    this.#words[base + FATE] = ARRIVED;
    this.#words[base + PATH] = PATH_SAME_VPC;
    this.#keep(base + CAME, frame);
  }

  /** The gateway that it came to last sends it on. @param frame As the gateway has made it. */
  leave(frame: ParsedFrame): void {
    const base = (this.count - 1) * PASSAGE_WORDS;
    this.#words[base + FATE] = GONE;
    this.#keep(base + LEFT, frame);
  }

  /** By what way it leaves the VPC behind the last one; `PATH_*`. */
  leaveBy(path: number): void {
    this.#words[(this.count - 1) * PASSAGE_WORDS + PATH] = path;
  }

  /** The ACL of the last one's subnet rejects it, on the way in or out. */
  reject(): void {
    const base = (this.count - 1) * PASSAGE_WORDS;
    this.#words[base + FATE] =
      this.#words[base + FATE] === GONE ? LEAVING_REJECTED : ARRIVAL_REJECTED;
  }

  /** @param index 0..count. @returns a row of `edges.nat`. */
  nat(index: number): number {
    return this.#words[index * PASSAGE_WORDS + NAT] as number;
  }

  isLetIn(index: number): boolean {
    return this.#words[index * PASSAGE_WORDS + FATE] !== ARRIVAL_REJECTED;
  }

  /** @returns true when the gateway has sent the packet on. */
  hasLeft(index: number): boolean {
    return (this.#words[index * PASSAGE_WORDS + FATE] as number) >= GONE;
  }

  isLetOut(index: number): boolean {
    return this.#words[index * PASSAGE_WORDS + FATE] === GONE;
  }

  path(index: number): number {
    return this.#words[index * PASSAGE_WORDS + PATH] as number;
  }

  /** @returns what the packet was when it came; reused. */
  arrival(index: number): PacketEnds {
    return this.#read(index * PASSAGE_WORDS + CAME);
  }

  /** @returns what it was when it left; reused. */
  departure(index: number): PacketEnds {
    return this.#read(index * PASSAGE_WORDS + LEFT);
  }

  #keep(at: number, { s3, d3, sport, dport }: ParsedFrame): void {
    this.#words[at] = s3;
    this.#words[at + 1] = d3;
    this.#words[at + 2] = (sport << 16) | dport;
  }

  #read(at: number): PacketEnds {
    this.#ends.source = this.#words[at] as number;
    this.#ends.destination = this.#words[at + 1] as number;
    this.#ends.ports = this.#words[at + 2] as number;
    return this.#ends;
  }
}
