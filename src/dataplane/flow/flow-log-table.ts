/**
 * What passed each logged interface in the current window: flows with their sums, for the records of
 * flow logs. Bounded, in typed arrays; nothing is allocated until a window is taken. Rows stand in
 * the order of their first packet, found by open addressing. When there is no room for a flow, its
 * interface gets a mark instead, in room that is kept for that. Rules: FL-3, FL-5.
 */
import { finishHash, mixWord } from '../../addr/exact-map.ts';
import { type Ipv4Addr, ipv4FromWord } from '../../addr/ipv4.ts';
import { type Ipv6Addr, ipv6FromWords } from '../../addr/ipv6.ts';
import { type MacAddr, macFromWords } from '../../addr/mac.ts';
import { IPPROTO_TCP, IPPROTO_UDP } from '../../packet/ipv4.ts';
import { TCP_ACK, TCP_FIN, TCP_RST, TCP_SYN } from '../../packet/tcp.ts';
import type { ParsedFrame } from '../parse.ts';

export const FLOW_ACCEPTED = 0;
export const FLOW_REJECTED = 1;
/** No flow: the mark of an interface of which flows were left out. */
const FLOWS_SKIPPED = 2;

/** The way of a packet, in the numbers of AWS (FL-6); 0: not known, or the packet came in. */
export const PATH_NONE = 0;
export const PATH_SAME_VPC = 1;

/** Words of a row: the MAC of the interface and what kind of row it is, addresses, ports. */
const KIND = 0;
const MAC_LOW = 1;
const SOURCE = 2;
const DESTINATION = 6;
const PORTS = 10;
const KEY_WORDS = 11;
const FLAGS_PATH = KEY_WORDS;
const ROW_WORDS = KEY_WORDS + 1;

/** Bits of the first word: the MAC's upper half and the protocol stand above them. */
const IS_INGRESS = 1;
const ACTION_SHIFT = 1;
const IS_IPV6 = 8;
const PROTOCOL_SHIFT = 8;

/** Sums of a row: packets, bytes, and the milliseconds of the first and the last packet. */
const PACKETS = 0;
const BYTES = 1;
const FIRST_MS = 2;
const LAST_MS = 3;
const ROW_SUMS = 4;

/** Interfaces that can have a mark. */
const MARKS = 8192;

/** The rows of a window, as they go from the worker to the controller. */
export interface FlowLogRows {
  readonly words: Int32Array;
  readonly sums: Float64Array;
}

/** One flow at one interface. */
export interface LoggedFlow {
  readonly isSkipped: false;
  readonly mac: MacAddr;
  readonly direction: 'ingress' | 'egress';
  readonly action: 'ACCEPT' | 'REJECT';
  readonly source: Ipv4Addr | Ipv6Addr;
  readonly destination: Ipv4Addr | Ipv6Addr;
  readonly family: 4 | 6;
  /** 0 unless TCP or UDP (FL-5). */
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly protocol: number;
  readonly packets: number;
  /** Of IP packets with their headers. */
  readonly bytes: number;
  /** Milliseconds since the epoch of the first and the last packet. */
  readonly startMs: number;
  readonly endMs: number;
  /** OR-ed as AWS does (FL-5). */
  readonly tcpFlags: number;
  /** `PATH_*`. */
  readonly path: number;
}

/** The flows of an interface that found no room. */
export interface SkippedFlows {
  readonly isSkipped: true;
  readonly mac: MacAddr;
}

export class FlowLogTable {
  readonly #capacity: number;
  readonly #words: Int32Array;
  readonly #sums: Float64Array;
  /** Row plus one by hash; 0 is free. */
  readonly #index: Int32Array;
  readonly #mask: number;
  readonly #key = new Int32Array(KEY_WORDS);
  #size = 0;

  /** @param capacity Flows of one window. */
  constructor(capacity: number) {
    this.#capacity = capacity;
    const rows = capacity + MARKS;
    this.#words = new Int32Array(rows * ROW_WORDS);
    this.#sums = new Float64Array(rows * ROW_SUMS);
    let slots = 1;
    while (slots < 2 * rows) slots *= 2;
    this.#index = new Int32Array(slots);
    this.#mask = slots - 1;
  }

  /**
   * Counts packets of a flow at one interface.
   * @param isIngress As the interface sees it. @param action `FLOW_*`. @param path `PATH_*`.
   * @param nowMs Milliseconds since the epoch.
   */
  add(
    macHigh: number,
    macLow: number,
    isIngress: boolean,
    action: number,
    path: number,
    frame: ParsedFrame,
    packets: number,
    bytes: number,
    nowMs: number,
  ): void {
    this.#describe(macHigh, macLow, isIngress, action, frame);
    const row = this.#place(this.#capacity, nowMs);
    if (row === -1) {
      this.#key.fill(0);
      this.#key[KIND] = (macHigh << 16) | (FLOWS_SKIPPED << ACTION_SHIFT);
      this.#key[MAC_LOW] = macLow;
      this.#place(this.#capacity + MARKS, nowMs);
      return;
    }
    const words = row * ROW_WORDS;
    const sums = row * ROW_SUMS;
    this.#words[words + FLAGS_PATH] =
      (this.#words[words + FLAGS_PATH] as number) | loggedFlags(frame) | (path << 8);
    this.#sums[sums + PACKETS] = (this.#sums[sums + PACKETS] as number) + packets;
    this.#sums[sums + BYTES] = (this.#sums[sums + BYTES] as number) + bytes;
    this.#sums[sums + LAST_MS] = nowMs;
  }

  /** @returns a copy of all rows; the table is empty then. */
  take(): FlowLogRows {
    const rows = {
      words: this.#words.slice(0, this.#size * ROW_WORDS),
      sums: this.#sums.slice(0, this.#size * ROW_SUMS),
    };
    this.#index.fill(0);
    this.#size = 0;
    return rows;
  }

  #describe(
    macHigh: number,
    macLow: number,
    isIngress: boolean,
    action: number,
    frame: ParsedFrame,
  ): void {
    const key = this.#key;
    key[KIND] =
      (macHigh << 16) |
      (frame.protocol << PROTOCOL_SHIFT) |
      (frame.family === 6 ? IS_IPV6 : 0) |
      (action << ACTION_SHIFT) |
      (isIngress ? IS_INGRESS : 0);
    key[MAC_LOW] = macLow;
    key[SOURCE] = frame.s0;
    key[SOURCE + 1] = frame.s1;
    key[SOURCE + 2] = frame.s2;
    key[SOURCE + 3] = frame.s3;
    key[DESTINATION] = frame.d0;
    key[DESTINATION + 1] = frame.d1;
    key[DESTINATION + 2] = frame.d2;
    key[DESTINATION + 3] = frame.d3;
    const hasPorts = frame.protocol === IPPROTO_TCP || frame.protocol === IPPROTO_UDP;
    key[PORTS] = hasPorts ? (frame.sport << 16) | frame.dport : 0;
  }

  /** @param room Rows that may be in use. @returns the row of `#key`, an old or a new one; -1 without room. */
  #place(room: number, nowMs: number): number {
    const key = this.#key;
    let hash = 0;
    for (let word = 0; word < KEY_WORDS; word++) hash = mixWord(hash, key[word] as number);
    let slot = finishHash(hash) & this.#mask;
    for (;;) {
      const row = (this.#index[slot] as number) - 1;
      if (row === -1) break;
      if (this.#isRow(row)) return row;
      slot = (slot + 1) & this.#mask;
    }
    if (this.#size >= room) return -1;
    const row = this.#size++;
    this.#index[slot] = row + 1;
    this.#words.set(key, row * ROW_WORDS);
    this.#words[row * ROW_WORDS + FLAGS_PATH] = 0;
    this.#sums.fill(0, row * ROW_SUMS, (row + 1) * ROW_SUMS);
    this.#sums[row * ROW_SUMS + FIRST_MS] = nowMs;
    return row;
  }

  #isRow(row: number): boolean {
    const base = row * ROW_WORDS;
    for (let word = 0; word < KEY_WORDS; word++) {
      if (this.#words[base + word] !== this.#key[word]) return false;
    }
    return true;
  }
}

/** FIN, SYN and RST count; ACK only where it answers a SYN (FL-5). */
function loggedFlags({ tcpFlags }: ParsedFrame): number {
  const isSynAck = (tcpFlags & (TCP_SYN | TCP_ACK)) === (TCP_SYN | TCP_ACK);
  return (tcpFlags & (TCP_FIN | TCP_SYN | TCP_RST)) | (isSynAck ? TCP_ACK : 0);
}

/** @returns the rows as records. Off the frame path. */
export function readFlowLogRows({ words, sums }: FlowLogRows): (LoggedFlow | SkippedFlows)[] {
  return Array.from({ length: words.length / ROW_WORDS }, (_, row) =>
    readRow(
      words.subarray(row * ROW_WORDS, (row + 1) * ROW_WORDS),
      sums.subarray(row * ROW_SUMS, (row + 1) * ROW_SUMS),
    ),
  );
}

function readRow(words: Int32Array, sums: Float64Array): LoggedFlow | SkippedFlows {
  const at = (word: number): number => words[word] ?? 0;
  const sum = (place: number): number => sums[place] ?? 0;
  const kind = at(KIND);
  const mac = macFromWords(kind >>> 16, at(MAC_LOW));
  const action = (kind >>> ACTION_SHIFT) & 3;
  if (action === FLOWS_SKIPPED) return { isSkipped: true, mac };
  const isIpv6 = (kind & IS_IPV6) !== 0;
  const address = (from: number): Ipv4Addr | Ipv6Addr =>
    isIpv6
      ? ipv6FromWords(at(from), at(from + 1), at(from + 2), at(from + 3))
      : ipv4FromWord(at(from + 3));
  return {
    isSkipped: false,
    mac,
    direction: (kind & IS_INGRESS) !== 0 ? 'ingress' : 'egress',
    action: action === FLOW_REJECTED ? 'REJECT' : 'ACCEPT',
    source: address(SOURCE),
    destination: address(DESTINATION),
    family: isIpv6 ? 6 : 4,
    sourcePort: at(PORTS) >>> 16,
    destinationPort: at(PORTS) & 0xffff,
    protocol: (kind >>> PROTOCOL_SHIFT) & 0xff,
    packets: sum(PACKETS),
    bytes: sum(BYTES),
    startMs: sum(FIRST_MS),
    endMs: sum(LAST_MS),
    tcpFlags: at(FLAGS_PATH) & 0xff,
    path: at(FLAGS_PATH) >>> 8,
  };
}
