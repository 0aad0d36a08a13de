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
/** Through a peering, within a region and between two. */
export const PATH_PEERING = 4;
export const PATH_PEERING_OF_REGIONS = 5;
/** Through a gateway endpoint, or an internet gateway, of an instance on Nitro. */
export const PATH_ENDPOINT = 7;
export const PATH_INTERNET = 8;

/** Words of a row: the MAC of the interface and what kind of row it is, addresses, ports. */
const KIND = 0;
const MAC_LOW = 1;
const SOURCE = 2;
const DESTINATION = 6;
const PORTS = 10;
const KEY_WORDS = 11;
const FLAGS_PATH = KEY_WORDS;
/** When the first and the last packet came: signed 32-bit milliseconds, as the frame path has them. */
const FIRST_MS = KEY_WORDS + 1;
const LAST_MS = KEY_WORDS + 2;
const ROW_WORDS = KEY_WORDS + 3;

/** Bits of the first word: the MAC's upper half and the protocol stand above them. */
const IS_INGRESS = 1;
const ACTION_SHIFT = 1;
const IS_IPV6 = 8;
const PROTOCOL_SHIFT = 8;

/** Sums of a row; a window may carry more than 32 bits of bytes. */
const PACKETS = 0;
const BYTES = 1;
const ROW_SUMS = 2;

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
   * @param nowMs Signed 32-bit milliseconds since the epoch.
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
    this.#words[words + LAST_MS] = nowMs;
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
    let slot = hashOf(key) & this.#mask;
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
    this.#words[row * ROW_WORDS + FIRST_MS] = nowMs;
    this.#sums[row * ROW_SUMS + PACKETS] = 0;
    this.#sums[row * ROW_SUMS + BYTES] = 0;
    return row;
  }

  #isRow(row: number): boolean {
    const base = row * ROW_WORDS;
    const words = this.#words;
    const key = this.#key;
    // The words that differ most come last.
    for (let word = KEY_WORDS - 1; word >= 0; word--) {
      if (words[base + word] !== key[word]) return false;
    }
    return true;
  }
}

function hashOf(key: Int32Array): number {
  const kind = key[KIND] as number;
  let hash = mixWord(mixWord(kind, key[MAC_LOW] as number), key[PORTS] as number);
  hash = mixWord(mixWord(hash, key[SOURCE + 3] as number), key[DESTINATION + 3] as number);
  if ((kind & IS_IPV6) !== 0) {
    for (let word = 0; word < 3; word++) {
      hash = mixWord(
        mixWord(hash, key[SOURCE + word] as number),
        key[DESTINATION + word] as number,
      );
    }
  }
  return finishHash(hash);
}

/** FIN, SYN and RST count; ACK only where it answers a SYN (FL-5). */
function loggedFlags({ tcpFlags }: ParsedFrame): number {
  const isSynAck = (tcpFlags & (TCP_SYN | TCP_ACK)) === (TCP_SYN | TCP_ACK);
  return (tcpFlags & (TCP_FIN | TCP_SYN | TCP_RST)) | (isSynAck ? TCP_ACK : 0);
}

/**
 * Reads rows as records. Off the frame path.
 * @param takenMs Milliseconds since the epoch when they were taken; packets came in the days before.
 */
export function readFlowLogRows(
  { words, sums }: FlowLogRows,
  takenMs: number,
): (LoggedFlow | SkippedFlows)[] {
  return Array.from({ length: words.length / ROW_WORDS }, (_, row) =>
    readRow(
      words.subarray(row * ROW_WORDS, (row + 1) * ROW_WORDS),
      sums.subarray(row * ROW_SUMS, (row + 1) * ROW_SUMS),
      takenMs,
    ),
  );
}

function readRow(
  words: Int32Array,
  sums: Float64Array,
  takenMs: number,
): LoggedFlow | SkippedFlows {
  const at = (word: number): number => words[word] ?? 0;
  const sum = (place: number): number => sums[place] ?? 0;
  const epochMs = (word: number): number => takenMs - (((takenMs | 0) - at(word)) | 0);
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
    startMs: epochMs(FIRST_MS),
    endMs: epochMs(LAST_MS),
    tcpFlags: at(FLAGS_PATH) & 0xff,
    path: at(FLAGS_PATH) >>> 8,
  };
}
