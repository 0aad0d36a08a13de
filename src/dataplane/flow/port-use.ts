/**
 * How many flows each destination has from each address of a NAT gateway (NAT-1).
 * Bounded, in typed arrays, which are made when the first flow comes.
 */
import { finishHash, mixWord } from '../../addr/exact-map.ts';

const GATEWAY = 0;
const ADDRESS = 1;
const FAR = 2;
const PORT_PROTOCOL = 3;
const COUNT = 4;
/** The next slot of the chain, or of the free ones. */
const NEXT = 5;
const SLOT_WORDS = 6;

/** No slot: slots count from 1, so that arrays are right as they are made. */
const NONE = 0;

export class PortUse {
  readonly #capacity: number;
  readonly #limit: number;
  #slots = new Int32Array(0);
  #heads = new Int32Array(0);
  #free = NONE;
  /** The slots up to this one have been used. */
  #used = 0;

  /** @param capacity Destinations, >= 1; the caller claims no more. @param limit Flows of each, >= 1. */
  constructor(capacity: number, limit: number) {
    this.#capacity = capacity;
    this.#limit = limit;
  }

  /**
   * Counts one more flow to a destination.
   * @param gateway Its id. @param address NAT address, a word. @param far Destination address, a word.
   * @param portProtocol The destination port, and the protocol in the high half.
   * @returns a number > 0 to release the flow by, or 0 when the destination has as many as it may.
   */
  claim(gateway: number, address: number, far: number, portProtocol: number): number {
    if (this.#used === 0) this.#allocate();
    const slots = this.#slots;
    const bucket = this.#bucket(gateway, address, far, portProtocol);
    let slot = this.#heads[bucket] as number;
    while (slot !== NONE) {
      const base = slot * SLOT_WORDS;
      if (
        slots[base + FAR] === far &&
        slots[base + PORT_PROTOCOL] === portProtocol &&
        slots[base + ADDRESS] === address &&
        slots[base + GATEWAY] === gateway
      ) {
        const count = slots[base + COUNT] as number;
        if (count >= this.#limit) return NONE;
        slots[base + COUNT] = count + 1;
        return slot;
      }
      slot = slots[base + NEXT] as number;
    }
    slot = this.#take();
    const base = slot * SLOT_WORDS;
    slots[base + GATEWAY] = gateway;
    slots[base + ADDRESS] = address;
    slots[base + FAR] = far;
    slots[base + PORT_PROTOCOL] = portProtocol;
    slots[base + COUNT] = 1;
    slots[base + NEXT] = this.#heads[bucket] as number;
    this.#heads[bucket] = slot;
    return slot;
  }

  /** Counts one flow less. @param slot From `claim`. */
  release(slot: number): void {
    const slots = this.#slots;
    const base = slot * SLOT_WORDS;
    const count = (slots[base + COUNT] as number) - 1;
    slots[base + COUNT] = count;
    if (count > 0) return;
    this.#unchain(slot);
    slots[base + NEXT] = this.#free;
    this.#free = slot;
  }

  #allocate(): void {
    let heads = 1;
    while (heads < this.#capacity) heads *= 2;
    this.#heads = new Int32Array(heads);
    this.#slots = new Int32Array((this.#capacity + 1) * SLOT_WORDS);
  }

  #take(): number {
    const slot = this.#free;
    if (slot === NONE) return ++this.#used;
    this.#free = this.#slots[slot * SLOT_WORDS + NEXT] as number;
    return slot;
  }

  #unchain(slot: number): void {
    const slots = this.#slots;
    const base = slot * SLOT_WORDS;
    const bucket = this.#bucket(
      slots[base + GATEWAY] as number,
      slots[base + ADDRESS] as number,
      slots[base + FAR] as number,
      slots[base + PORT_PROTOCOL] as number,
    );
    const next = slots[base + NEXT] as number;
    let at = this.#heads[bucket] as number;
    if (at === slot) {
      this.#heads[bucket] = next;
      return;
    }
    while (slots[at * SLOT_WORDS + NEXT] !== slot) at = slots[at * SLOT_WORDS + NEXT] as number;
    slots[at * SLOT_WORDS + NEXT] = next;
  }

  #bucket(gateway: number, address: number, far: number, portProtocol: number): number {
    const hash = mixWord(mixWord(mixWord(mixWord(gateway, address), far), portProtocol), 0);
    return finishHash(hash) & (this.#heads.length - 1);
  }
}
