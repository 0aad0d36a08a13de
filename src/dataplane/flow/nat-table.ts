/**
 * The flows of all NAT gateways and egress-only gateways of a lab: who asked whom, and under which
 * address and port. Rules: NAT-1, NAT-2, NAT-4, EIGW-1. Bounded; nothing is allocated for a packet.
 * A flow costs 104 to 140 bytes: its slot, its hash heads, and its part in what counts ports.
 *
 * Each new flow first frees a few that ran out. A full table gives up the flow that was closed first,
 * else the unanswered one that is idle for longest. Answered flows are never given up: when there
 * are no others, a new flow is refused.
 *
 * A flow has not the port of its guest, but, as observed of AWS, a random one of its own: the first
 * free one of a sequence that the hash of the flow begins. With 55,000 of 64,512 in use a try fails
 * less than 6 times of 7, so that a few are enough.
 */
import { finishHash, mixWord } from '../../addr/exact-map.ts';
import { IPPROTO_TCP } from '../../packet/ipv4.ts';
import type { TrackedPacket } from '../parse.ts';
import { NatCounters } from './nat-counters.ts';
import { MAPPED_WORD, type NatGateway, NatKey } from './nat-key.ts';
import {
  GATEWAY,
  hashOfKey,
  INSIDE,
  LAST_USED,
  NatSlots,
  NEAR,
  NEAR_WORDS,
  NO_SLOT,
  OUTSIDE,
  PORT_USE,
  PORTS,
  PROTOCOL,
  SERIAL,
  SLOT_WORDS,
  STATE,
} from './nat-slots.ts';
import {
  ANSWERED_FLOW,
  CLOSED_FLOW,
  NAT_FLOW_KINDS,
  NAT_NEW,
  natFlowKind,
  natTimeoutMs,
  nextNatState,
  opensConnection,
  UNANSWERED_FLOW,
} from './nat-state.ts';
import { PortUse } from './port-use.ts';

/** The packet is of no flow, and begins none. A TCP segment from inside is reset (NAT-2). */
export const NO_NAT_FLOW = -1;
/** No address of the gateway has a port left for the destination (NAT-1). */
export const NO_NAT_PORT = -2;
/** The table is full. */
export const NO_NAT_ROOM = -3;

/** Flows to one destination from one address. @source NAT-1 */
const PORT_LIMIT = 55_000;
const FIRST_PORT = 1024;
const PORT_COUNT = 65_536 - FIRST_PORT;
/** That so many fail by chance does not happen: (55,000 / 64,512) ^ 512 is below 10 ^ -35. */
const MAX_PORT_TRIES = 512;

/** Flows that ran out, freed by each new one, and by one that finds no port or no room. */
const SWEEP = 8;
const LONG_SWEEP = 4096;

export class NatTable {
  readonly #slots: NatSlots;
  readonly #portUse: PortUse;
  readonly #counters = new Map<number, NatCounters>();
  /** Of the packet at hand; and of the outside of a flow that begins. */
  readonly #key = new NatKey();
  readonly #outside = new NatKey();
  /** Flows that gave way to others before their time. */
  evictions = 0;

  /** @param capacity Flows, >= 1. @param portLimit To one destination from one address. */
  constructor(capacity: number, portLimit = PORT_LIMIT) {
    this.#slots = new NatSlots(capacity, NAT_FLOW_KINDS);
    // A new flow claims a port before an old one gives way.
    this.#portUse = new PortUse(capacity + 1, portLimit);
  }

  /** Flows, some of which may have run out. */
  get size(): number {
    return this.#slots.size;
  }

  /** @param gateway Its id. @returns its counters; they count on. */
  countersOf(gateway: number): NatCounters {
    let counters = this.#counters.get(gateway);
    if (counters === undefined) {
      counters = new NatCounters();
      this.#counters.set(gateway, counters);
    }
    return counters;
  }

  /** @param slot > 0. @returns the number by which a known flow tells that the slot still holds its state. */
  serialOf(slot: number): number {
    return this.#slots.words[slot * SLOT_WORDS + SERIAL] as number;
  }

  /** @returns the id of the gateway. */
  gatewayOf(slot: number): number {
    return this.#slots.words[slot * SLOT_WORDS + GATEWAY] as number;
  }

  /** @param index 0..3. @returns a word of the guest's address, IPv4-mapped for family 4. */
  insideWord(slot: number, index: number): number {
    return this.#slots.words[slot * SLOT_WORDS + NEAR + index] as number;
  }

  /** @returns true when the guest speaks IPv6, which the gateway makes IPv4 of (NAT-8). */
  hasIpv6Inside(slot: number): boolean {
    return this.insideWord(slot, 2) !== MAPPED_WORD || this.insideWord(slot, 0) !== 0;
  }

  /** @returns the guest's port, or the identifier of its ICMP query. */
  insidePort(slot: number): number {
    return (this.#slots.words[slot * SLOT_WORDS + PORTS + INSIDE] as number) >>> 16;
  }

  /** @returns the NAT address of the flow, a word. */
  outsideWord(slot: number): number {
    return this.#slots.words[slot * SLOT_WORDS + NEAR + NEAR_WORDS + 3] as number;
  }

  /** @returns the port in the place of the guest's, or the identifier. */
  outsidePort(slot: number): number {
    return (this.#slots.words[slot * SLOT_WORDS + PORTS + OUTSIDE] as number) >>> 16;
  }

  /**
   * Counts a packet from inside, and begins its flow when it may.
   * @param packet As the guest sent it. @param nowMs Milliseconds, signed 32-bit, of any origin.
   * @returns its slot > 0, or `NO_NAT_FLOW`, `NO_NAT_PORT` or `NO_NAT_ROOM`, all < 0.
   */
  outbound(gateway: NatGateway, packet: TrackedPacket, nowMs: number): number {
    const key = this.#key;
    if (!key.readOutbound(gateway, packet)) return NO_NAT_FLOW;
    const slot = this.#find(key, INSIDE, nowMs);
    if (slot !== NO_SLOT) {
      this.#count(slot, false, packet.tcpFlags, nowMs);
      return slot;
    }
    if (key.protocol === IPPROTO_TCP && !opensConnection(packet.tcpFlags)) return NO_NAT_FLOW;
    return this.#begin(gateway, nowMs);
  }

  /** Counts a packet from outside. @returns its slot > 0, or `NO_NAT_FLOW`. */
  inbound(gateway: NatGateway, packet: TrackedPacket, nowMs: number): number {
    if (!this.#key.readInbound(gateway, packet)) return NO_NAT_FLOW;
    const slot = this.#find(this.#key, OUTSIDE, nowMs);
    if (slot === NO_SLOT) return NO_NAT_FLOW;
    this.#count(slot, true, packet.tcpFlags, nowMs);
    return slot;
  }

  /**
   * Finds the flow that an ICMP error from inside is about; the error does not count as its packet.
   * @param quoted As the guest got it. @returns its slot > 0, or `NO_NAT_FLOW`.
   */
  outboundError(gateway: NatGateway, quoted: TrackedPacket, nowMs: number): number {
    if (!this.#key.readInbound(gateway, quoted)) return NO_NAT_FLOW;
    return this.#find(this.#key, INSIDE, nowMs) || NO_NAT_FLOW;
  }

  /**
   * Finds the flow that an ICMP error from outside is about; the error does not count as its packet.
   * @param quoted As it left the gateway. @returns its slot > 0, or `NO_NAT_FLOW`.
   */
  inboundError(gateway: NatGateway, quoted: TrackedPacket, nowMs: number): number {
    if (!this.#key.readOutbound(gateway, quoted)) return NO_NAT_FLOW;
    return this.#find(this.#key, OUTSIDE, nowMs) || NO_NAT_FLOW;
  }

  /**
   * Counts a packet of a known flow.
   * @param isReply It comes from outside. @param tcpFlags 0 for other protocols.
   * @returns false when the slot holds another flow by now, or the flow ran out.
   */
  touch(slot: number, serial: number, isReply: boolean, tcpFlags: number, nowMs: number): boolean {
    if (this.serialOf(slot) !== serial || this.#isIdle(slot, nowMs)) return false;
    this.#count(slot, isReply, tcpFlags, nowMs);
    return true;
  }

  /** Frees flows that ran out. @param limit At most so many. @returns how many it freed. */
  expire(limit: number, nowMs: number): number {
    let count = 0;
    for (let kind = 0; kind < NAT_FLOW_KINDS; kind++) {
      let slot = this.#slots.oldest(kind);
      while (count < limit && slot !== NO_SLOT && this.#isIdle(slot, nowMs)) {
        this.#timeOut(slot);
        count++;
        slot = this.#slots.oldest(kind);
      }
    }
    return count;
  }

  /**
   * Forgets the flows of gateways that are gone, and of addresses that they lost. Off the frame path.
   * @param gateways Ids of all that there are, with the words of their NAT addresses.
   */
  retain(gateways: ReadonlyMap<number, ReadonlySet<number>>): void {
    const { words, used } = this.#slots;
    for (let slot = 1; slot <= used; slot++) {
      const base = slot * SLOT_WORDS;
      if (words[base + SERIAL] === 0) continue;
      const addresses = gateways.get(words[base + GATEWAY] as number);
      const isTranslated = words[base + PORT_USE] !== NO_SLOT;
      if (addresses === undefined || (isTranslated && !addresses.has(this.outsideWord(slot)))) {
        this.#remove(slot);
      }
    }
    for (const gateway of this.#counters.keys()) {
      if (!gateways.has(gateway)) this.#counters.delete(gateway);
    }
  }

  /** @returns the flow that a key names on a side, or `NO_SLOT`; one that ran out is forgotten. */
  #find(key: NatKey, side: number, nowMs: number): number {
    const slot = this.#slots.find(key, side);
    if (slot === NO_SLOT || !this.#isIdle(slot, nowMs)) return slot;
    this.#timeOut(slot);
    return NO_SLOT;
  }

  /** Begins the flow of the packet at hand. @returns as `outbound`. */
  #begin(gateway: NatGateway, nowMs: number): number {
    this.expire(SWEEP, nowMs);
    const counters = this.countersOf(gateway.id);
    const isTcp = this.#key.protocol === IPPROTO_TCP;
    if (isTcp) counters.connectionAttemptCount++;
    this.#outside.copy(this.#key);
    const use = gateway.addressCount === 0 ? NO_SLOT : this.#translate(gateway, nowMs);
    if (use === NO_NAT_PORT) {
      counters.errorPortAllocation++;
      return NO_NAT_PORT;
    }
    if (this.#slots.isFull && !this.#makeRoom(nowMs)) {
      if (use !== NO_SLOT) this.#portUse.release(use);
      counters.packetsDropCount++;
      return NO_NAT_ROOM;
    }
    const slot = this.#slots.add(this.#key, this.#outside);
    const { words } = this.#slots;
    const base = slot * SLOT_WORDS;
    words[base + STATE] = NAT_NEW;
    words[base + LAST_USED] = nowMs;
    words[base + PORT_USE] = use;
    this.#slots.enqueue(slot, UNANSWERED_FLOW);
    if (isTcp) counters.activeConnectionCount++;
    return slot;
  }

  /** Finds an address and a port for the outside. @returns what `PortUse` counts, or `NO_NAT_PORT`. */
  #translate(gateway: NatGateway, nowMs: number): number {
    const use = this.#claimPort(gateway, nowMs);
    if (use !== NO_NAT_PORT || this.expire(LONG_SWEEP, nowMs) === 0) return use;
    return this.#claimPort(gateway, nowMs);
  }

  /** The hash of the flow chooses the address; the others follow when it has no port left. */
  #claimPort(gateway: NatGateway, nowMs: number): number {
    const { id, addresses, addressStart, addressCount } = gateway;
    const outside = this.#outside;
    const hash = hashOfKey(this.#key);
    const first = (hash >>> 0) % addressCount;
    const portProtocol = (outside.protocol << 16) | outside.farPort;
    for (let turn = 0; turn < addressCount; turn++) {
      const address = addresses[addressStart + ((first + turn) % addressCount)] as number;
      const use = this.#portUse.claim(id, address, outside.far3, portProtocol);
      if (use === NO_SLOT) continue;
      for (let attempt = 0; attempt < MAX_PORT_TRIES; attempt++) {
        const port = FIRST_PORT + ((finishHash(mixWord(hash, attempt)) >>> 0) % PORT_COUNT);
        outside.translate(address, port);
        if (this.#find(outside, OUTSIDE, nowMs) === NO_SLOT) return use;
      }
      this.#portUse.release(use);
    }
    return NO_NAT_PORT;
  }

  /** Frees what ran out, else one that has to give way. @returns false when there is none. */
  #makeRoom(nowMs: number): boolean {
    if (this.expire(LONG_SWEEP, nowMs) > 0) return true;
    const victim = this.#slots.oldest(CLOSED_FLOW) || this.#slots.oldest(UNANSWERED_FLOW);
    if (victim === NO_SLOT) return false;
    this.#remove(victim);
    this.evictions++;
    return true;
  }

  #count(slot: number, isReply: boolean, tcpFlags: number, nowMs: number): void {
    const { words } = this.#slots;
    const base = slot * SLOT_WORDS;
    const state = words[base + STATE] as number;
    const next = nextNatState(state, isReply, tcpFlags);
    const kind = natFlowKind(state);
    const nextKind = natFlowKind(next);
    // Late packets do not keep what is closed.
    if (kind === CLOSED_FLOW && nextKind === CLOSED_FLOW) return;
    words[base + STATE] = next;
    words[base + LAST_USED] = nowMs;
    if (kind !== nextKind) this.#countChange(base, kind, nextKind);
    else if (this.#slots.youngest(kind) === slot) return;
    this.#slots.dequeue(slot, kind);
    this.#slots.enqueue(slot, nextKind);
  }

  #countChange(base: number, kind: number, nextKind: number): void {
    const { words } = this.#slots;
    if (words[base + PROTOCOL] !== IPPROTO_TCP) return;
    const counters = this.countersOf(words[base + GATEWAY] as number);
    if (nextKind === CLOSED_FLOW) counters.activeConnectionCount--;
    if (nextKind === ANSWERED_FLOW) counters.connectionEstablishedCount++;
    if (kind !== CLOSED_FLOW) return;
    counters.activeConnectionCount++;
    counters.connectionAttemptCount++;
  }

  #kindOf(slot: number): number {
    return natFlowKind(this.#slots.words[slot * SLOT_WORDS + STATE] as number);
  }

  #isIdle(slot: number, nowMs: number): boolean {
    const idleMs = (nowMs - (this.#slots.words[slot * SLOT_WORDS + LAST_USED] as number)) | 0;
    return idleMs >= natTimeoutMs(this.#kindOf(slot));
  }

  #timeOut(slot: number): void {
    const { words } = this.#slots;
    const base = slot * SLOT_WORDS;
    if (words[base + PROTOCOL] === IPPROTO_TCP && this.#kindOf(slot) !== CLOSED_FLOW) {
      this.countersOf(words[base + GATEWAY] as number).idleTimeoutCount++;
    }
    this.#remove(slot);
  }

  #remove(slot: number): void {
    const { words } = this.#slots;
    const base = slot * SLOT_WORDS;
    const kind = this.#kindOf(slot);
    if (words[base + PROTOCOL] === IPPROTO_TCP && kind !== CLOSED_FLOW) {
      this.countersOf(words[base + GATEWAY] as number).activeConnectionCount--;
    }
    this.#slots.dequeue(slot, kind);
    const use = words[base + PORT_USE] as number;
    if (use !== NO_SLOT) this.#portUse.release(use);
    this.#slots.remove(slot);
  }
}
