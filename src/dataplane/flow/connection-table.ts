/**
 * Connections that security groups track, each at one interface: what one direction may, the other
 * may too (SG-1, SG-6). Bounded, in one typed array; nothing is allocated.
 *
 * Entries of one hash form a chain. Those that are not assured form a queue by age: when the table
 * is full the oldest of them gives way, so that a flood of new connections costs none that is
 * established. Each insertion also looks at a few slots in turn and frees those that ran out.
 */
import { finishHash, mixWord } from '../../addr/exact-map.ts';
import { queryClass, type TrackedPacket } from '../parse.ts';
import {
  CLOSED,
  ESTABLISHED,
  idleTimeoutMs,
  isAssured,
  NEW,
  nextState,
} from './connection-state.ts';

/** Of a packet, as its interface sees it. */
export const EGRESS = 0;
export const INGRESS = 1;

/** A packet is not tracked, or there is no entry. */
export const NO_CONNECTION = -1;

/** What `touch` finds. */
export const GONE = 0;
export const TOUCHED = 1;
export const CHANGES = 2;

const MAC_LOW = 0;
const MAC_HIGH_PROTOCOL = 1;
const NEAR = 2;
const FAR = 6;
const PORTS = 10;
const STATE = 11;
const ORIGIN = 12;
const LAST_USED = 13;
const TIMEOUT = 14;
/** Changes when the slot gets another connection; 0 is a free slot. */
const SERIAL = 15;
/** The next slot of the chain, or of the free ones. */
const NEXT = 16;
/** Neighbours in the queue of those that are not assured. */
const OLDER = 17;
const YOUNGER = 18;
const SLOT_WORDS = 19;

/** Slots that each insertion looks at for connections that ran out. */
const SWEEP = 2;
/** How many an insertion into a table full of assured connections looks at. */
const LONG_SWEEP = 256;

/** The interface of a connection, and for how long its idle flows are tracked, in milliseconds. */
export interface TrackingEni {
  macHigh: number;
  macLow: number;
  tcpTimeoutMs: number;
  udpTimeoutMs: number;
  udpStreamTimeoutMs: number;
}

export class ConnectionTable {
  readonly #slots: Int32Array;
  readonly #heads: Int32Array;
  readonly #headMask: number;
  readonly #capacity: number;
  #free = 0;
  #oldest = NO_CONNECTION;
  #youngest = NO_CONNECTION;
  #hand = 0;
  #nextSerial = 1;
  size = 0;
  /** Connections that gave way, and new ones that found no place. */
  evictions = 0;
  refusals = 0;

  /** @param capacity >= 1. */
  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#slots = new Int32Array(capacity * SLOT_WORDS);
    let heads = 1;
    while (heads < capacity) heads *= 2;
    this.#heads = new Int32Array(heads).fill(NO_CONNECTION);
    this.#headMask = heads - 1;
    for (let slot = 0; slot < capacity; slot++) {
      this.#slots[slot * SLOT_WORDS + NEXT] = slot + 1 < capacity ? slot + 1 : NO_CONNECTION;
    }
  }

  /** @returns the number by which a flow knows that the slot still holds its connection. */
  serialOf(slot: number): number {
    return slot === NO_CONNECTION ? 0 : (this.#slots[slot * SLOT_WORDS + SERIAL] as number);
  }

  /** @returns true for no connection too: there is nothing that could change. */
  isEstablished(slot: number): boolean {
    return slot === NO_CONNECTION || this.#slots[slot * SLOT_WORDS + STATE] === ESTABLISHED;
  }

  /**
   * Looks for the connection of a packet.
   * @param direction `EGRESS` or `INGRESS` of the packet at the interface.
   * @returns its slot, or `NO_CONNECTION`. One that ran out or is being opened anew is forgotten.
   */
  find(eni: TrackingEni, direction: number, frame: TrackedPacket, nowMs: number): number {
    const slots = this.#slots;
    const ports = portsWord(frame, direction);
    let slot = this.#heads[this.#bucket(eni, direction, frame, ports)] as number;
    while (slot !== NO_CONNECTION) {
      const base = slot * SLOT_WORDS;
      if (sameConnection(slots, base, eni, direction, frame, ports)) break;
      slot = slots[base + NEXT] as number;
    }
    if (slot === NO_CONNECTION) return NO_CONNECTION;
    const isDead = this.#isIdle(slot, nowMs) || this.#reopens(slot, direction, frame);
    if (!isDead) return slot;
    this.#remove(slot);
    return NO_CONNECTION;
  }

  /**
   * Counts a packet of a known flow that changes nothing.
   * @returns `TOUCHED`; `CHANGES` when the packet changes the state, and `advance` has to count it;
   *   `GONE` when it is of no connection, or opens another one.
   */
  touch(
    slot: number,
    serial: number,
    direction: number,
    frame: TrackedPacket,
    nowMs: number,
  ): number {
    const slots = this.#slots;
    const base = slot * SLOT_WORDS;
    if (slots[base + SERIAL] !== serial || this.#isIdle(slot, nowMs)) return GONE;
    const state = slots[base + STATE] as number;
    const isReply = slots[base + ORIGIN] !== direction;
    const next = nextState(frame.protocol, state, isReply, frame.tcpFlags);
    if (next !== state) return next === NEW ? GONE : CHANGES;
    if (state !== CLOSED) slots[base + LAST_USED] = nowMs;
    return TOUCHED;
  }

  /** Counts a packet of the connection in the slot, whatever it changes. */
  advance(
    slot: number,
    eni: TrackingEni,
    direction: number,
    frame: TrackedPacket,
    nowMs: number,
  ): void {
    const slots = this.#slots;
    const base = slot * SLOT_WORDS;
    const state = slots[base + STATE] as number;
    const isReply = slots[base + ORIGIN] !== direction;
    const next = nextState(frame.protocol, state, isReply, frame.tcpFlags);
    if (next === state) {
      if (state !== CLOSED) slots[base + LAST_USED] = nowMs;
      return;
    }
    slots[base + LAST_USED] = nowMs;
    this.#enter(slot, eni, frame.protocol, next);
    if (isAssured(state) && !isAssured(next)) this.#enqueue(slot);
    if (!isAssured(state) && isAssured(next)) this.#dequeue(slot);
  }

  /**
   * Begins to track a connection that `find` did not find.
   * @returns its slot, or `NO_CONNECTION` when all slots hold assured connections.
   */
  insert(eni: TrackingEni, direction: number, frame: TrackedPacket, nowMs: number): number {
    this.expire(SWEEP, nowMs);
    const slot = this.#take(nowMs);
    if (slot === NO_CONNECTION) {
      this.refusals++;
      return NO_CONNECTION;
    }
    const slots = this.#slots;
    const base = slot * SLOT_WORDS;
    const ports = portsWord(frame, direction);
    const near = direction === EGRESS ? NEAR : FAR;
    const far = direction === EGRESS ? FAR : NEAR;
    slots[base + MAC_LOW] = eni.macLow;
    slots[base + MAC_HIGH_PROTOCOL] = macHighProtocol(eni, frame);
    slots[base + near] = frame.s0;
    slots[base + near + 1] = frame.s1;
    slots[base + near + 2] = frame.s2;
    slots[base + near + 3] = frame.s3;
    slots[base + far] = frame.d0;
    slots[base + far + 1] = frame.d1;
    slots[base + far + 2] = frame.d2;
    slots[base + far + 3] = frame.d3;
    slots[base + PORTS] = ports;
    slots[base + ORIGIN] = direction;
    slots[base + LAST_USED] = nowMs;
    slots[base + SERIAL] = this.#newSerial();
    this.#enter(slot, eni, frame.protocol, NEW);
    const bucket = this.#bucket(eni, direction, frame, ports);
    slots[base + NEXT] = this.#heads[bucket] as number;
    this.#heads[bucket] = slot;
    this.#enqueue(slot);
    this.size++;
    return slot;
  }

  /** Looks at the next few slots, and frees those whose connections ran out. */
  expire(count: number, nowMs: number): void {
    for (let looked = 0; looked < count; looked++) {
      this.#hand = this.#hand + 1 < this.#capacity ? this.#hand + 1 : 0;
      const isUsed = this.#slots[this.#hand * SLOT_WORDS + SERIAL] !== 0;
      if (isUsed && this.#isIdle(this.#hand, nowMs)) this.#remove(this.#hand);
    }
  }

  /** Forgets the connections of interfaces that are gone. Off the frame path. */
  retain(isKnown: (macHigh: number, macLow: number) => boolean): void {
    const slots = this.#slots;
    for (let slot = 0; slot < this.#capacity; slot++) {
      const base = slot * SLOT_WORDS;
      if (slots[base + SERIAL] === 0) continue;
      const macHigh = (slots[base + MAC_HIGH_PROTOCOL] as number) >>> 16;
      if (!isKnown(macHigh, slots[base + MAC_LOW] as number)) this.#remove(slot);
    }
  }

  #enter(slot: number, eni: TrackingEni, protocol: number, state: number): void {
    const base = slot * SLOT_WORDS;
    this.#slots[base + STATE] = state;
    this.#slots[base + TIMEOUT] = idleTimeoutMs(
      protocol,
      state,
      eni.tcpTimeoutMs,
      eni.udpTimeoutMs,
      eni.udpStreamTimeoutMs,
    );
  }

  #newSerial(): number {
    const serial = this.#nextSerial;
    this.#nextSerial = (serial + 1) | 0 || 1;
    return serial;
  }

  #isIdle(slot: number, nowMs: number): boolean {
    const base = slot * SLOT_WORDS;
    const idleMs = (nowMs - (this.#slots[base + LAST_USED] as number)) | 0;
    return idleMs > (this.#slots[base + TIMEOUT] as number);
  }

  /** A new handshake with the ports of a closed connection. */
  #reopens(slot: number, direction: number, frame: TrackedPacket): boolean {
    const base = slot * SLOT_WORDS;
    const state = this.#slots[base + STATE] as number;
    const isReply = this.#slots[base + ORIGIN] !== direction;
    return state === CLOSED && nextState(frame.protocol, state, isReply, frame.tcpFlags) === NEW;
  }

  /** @returns a slot out of all lists, or `NO_CONNECTION`. */
  #take(nowMs: number): number {
    if (this.#free === NO_CONNECTION) {
      if (this.#oldest === NO_CONNECTION) this.expire(LONG_SWEEP, nowMs);
      else {
        this.#remove(this.#oldest);
        this.evictions++;
      }
    }
    const slot = this.#free;
    if (slot !== NO_CONNECTION) this.#free = this.#slots[slot * SLOT_WORDS + NEXT] as number;
    return slot;
  }

  #remove(slot: number): void {
    const slots = this.#slots;
    const base = slot * SLOT_WORDS;
    this.#unchain(slot);
    if (!isAssured(slots[base + STATE] as number)) this.#dequeue(slot);
    slots[base + SERIAL] = 0;
    slots[base + NEXT] = this.#free;
    this.#free = slot;
    this.size--;
  }

  #unchain(slot: number): void {
    const slots = this.#slots;
    const bucket = hashOfSlot(slots, slot * SLOT_WORDS) & this.#headMask;
    const next = slots[slot * SLOT_WORDS + NEXT] as number;
    let at = this.#heads[bucket] as number;
    if (at === slot) {
      this.#heads[bucket] = next;
      return;
    }
    while (slots[at * SLOT_WORDS + NEXT] !== slot) at = slots[at * SLOT_WORDS + NEXT] as number;
    slots[at * SLOT_WORDS + NEXT] = next;
  }

  #enqueue(slot: number): void {
    const slots = this.#slots;
    slots[slot * SLOT_WORDS + OLDER] = this.#youngest;
    slots[slot * SLOT_WORDS + YOUNGER] = NO_CONNECTION;
    if (this.#youngest === NO_CONNECTION) this.#oldest = slot;
    else slots[this.#youngest * SLOT_WORDS + YOUNGER] = slot;
    this.#youngest = slot;
  }

  #dequeue(slot: number): void {
    const slots = this.#slots;
    const older = slots[slot * SLOT_WORDS + OLDER] as number;
    const younger = slots[slot * SLOT_WORDS + YOUNGER] as number;
    if (older === NO_CONNECTION) this.#oldest = younger;
    else slots[older * SLOT_WORDS + YOUNGER] = younger;
    if (younger === NO_CONNECTION) this.#youngest = older;
    else slots[younger * SLOT_WORDS + OLDER] = older;
  }

  #bucket(eni: TrackingEni, direction: number, frame: TrackedPacket, ports: number): number {
    const source = frame.s1 ^ frame.s2 ^ frame.s3;
    const destination = frame.d1 ^ frame.d2 ^ frame.d3;
    // Both directions of a connection have one hash: the near address first.
    const near = direction === EGRESS ? source : destination;
    const far = direction === EGRESS ? destination : source;
    return hashOf(eni.macLow, macHighProtocol(eni, frame), ports, near, far) & this.#headMask;
  }
}

/** @param near The low words of the near address, folded. @param far Of the far one. */
function hashOf(
  macLow: number,
  macHighProtocol: number,
  ports: number,
  near: number,
  far: number,
): number {
  const hash = mixWord(mixWord(mixWord(mixWord(macLow, ports), near), far), macHighProtocol);
  return finishHash(hash);
}

/** The hash of a connection that is in the table. */
function hashOfSlot(slots: Int32Array, base: number): number {
  return hashOf(
    slots[base + MAC_LOW] as number,
    slots[base + MAC_HIGH_PROTOCOL] as number,
    slots[base + PORTS] as number,
    foldAddress(slots, base + NEAR),
    foldAddress(slots, base + FAR),
  );
}

function foldAddress(slots: Int32Array, at: number): number {
  return (slots[at + 1] as number) ^ (slots[at + 2] as number) ^ (slots[at + 3] as number);
}

function macHighProtocol(eni: TrackingEni, frame: TrackedPacket): number {
  return (eni.macHigh << 16) | frame.protocol | (frame.family << 8);
}

/**
 * The ports of a connection, the same for both directions: the near one first. For ICMP the request
 * type, the identifier and which side asks, so that only a reply comes back; for protocols without
 * ports 0 (SG-7).
 */
function portsWord(frame: TrackedPacket, direction: number): number {
  const { sport, dport } = frame;
  const query = queryClass(frame);
  if (query !== -1) {
    const isRequest = sport >>> 8 === query;
    const nearAsks = isRequest === (direction === EGRESS);
    return (nearAsks ? 1 << 31 : 0) | (query << 16) | dport;
  }
  return direction === EGRESS ? (sport << 16) | dport : (dport << 16) | sport;
}

function sameConnection(
  slots: Int32Array,
  base: number,
  eni: TrackingEni,
  direction: number,
  frame: TrackedPacket,
  ports: number,
): boolean {
  const source = base + (direction === EGRESS ? NEAR : FAR);
  const destination = base + (direction === EGRESS ? FAR : NEAR);
  return (
    slots[base + PORTS] === ports &&
    slots[source + 3] === frame.s3 &&
    slots[destination + 3] === frame.d3 &&
    slots[base + MAC_LOW] === eni.macLow &&
    slots[base + MAC_HIGH_PROTOCOL] === macHighProtocol(eni, frame) &&
    slots[source] === frame.s0 &&
    slots[source + 1] === frame.s1 &&
    slots[source + 2] === frame.s2 &&
    slots[destination] === frame.d0 &&
    slots[destination + 1] === frame.d1 &&
    slots[destination + 2] === frame.d2
  );
}
