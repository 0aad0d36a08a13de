/** Where frames leave the fabric: each one that a port took is counted, and shown to whoever captures. */
import type { Verdict } from '../dataplane/verdict.ts';
import { ETHERNET_HEADER_SIZE } from '../packet/ethernet.ts';
import { VNET_HEADER_SIZE } from '../packet/vnet-header.ts';
import { Cutter, type TakePiece } from './cutter.ts';
import { type Ledger, SENT_BYTES, SENT_FRAMES } from './ledger.ts';

/** A super-frame of the largest IP packet. */
export const MAX_FRAME = 65_535 + ETHERNET_HEADER_SIZE;

/** What the fabric writes frames to. Both ways give false when the port did not take the frame. */
export interface FrameSink {
  /** For frames that the fabric makes of the one that is being handled; all zero before a frame. */
  readonly room: Uint8Array;
  /**
   * Writes a frame with the virtio header before it: the one that is being handled, or one in `room`.
   * @param bytes Its buffer. @param start Of the destination MAC.
   */
  forward(port: number, bytes: Uint8Array, start: number, size: number): boolean;
  /** Writes a frame of the fabric's own. */
  send(port: number, frame: Uint8Array): boolean;
}

/** Sees every frame and its end; set while somebody captures. */
export interface FrameObserver {
  /** Called before the frame is changed. */
  received(port: number, bytes: Uint8Array, start: number, size: number): void;
  /** Called once the frame has met its end. */
  decided(port: number, verdict: Verdict): void;
  /** Called for each frame that a port took. */
  sent(port: number, bytes: Uint8Array, start: number, size: number): void;
}

export class Outlet {
  readonly #ledger: Ledger;
  readonly #sink: FrameSink;
  readonly #cutter = new Cutter(MAX_FRAME);
  observer: FrameObserver | null = null;

  constructor(ledger: Ledger, sink: FrameSink) {
    this.#ledger = ledger;
    this.#sink = sink;
  }

  /** As of the sink. */
  get room(): Uint8Array {
    return this.#sink.room;
  }

  /** Writes a frame as `FrameSink.forward` does. @returns false when the port did not take it. */
  forward(port: number, bytes: Uint8Array, start: number, size: number): boolean {
    if (!this.#sink.forward(port, bytes, start, size)) return false;
    this.#ledger.add(port, SENT_FRAMES, 1);
    this.#ledger.add(port, SENT_BYTES, size);
    this.observer?.sent(port, bytes, start, size);
    return true;
  }

  /** Writes a frame of the fabric's own. @returns false when the port did not take it. */
  send(port: number, frame: Uint8Array): boolean {
    if (!this.#sink.send(port, frame)) return false;
    this.#ledger.add(port, SENT_FRAMES, 1);
    this.#ledger.add(port, SENT_BYTES, frame.length);
    this.observer?.sent(port, frame, 0, frame.length);
    return true;
  }

  /** Writes a frame in pieces of `fragmentTo` bytes. @returns how many the port took. */
  sendPieces(
    { argument: port, fragmentTo }: Verdict,
    bytes: Uint8Array,
    start: number,
    size: number,
  ): number {
    let sent = 0;
    this.cut(bytes, start, size, fragmentTo, (piece) => {
      if (!this.send(port, piece)) return false;
      sent++;
      return true;
    });
    return sent;
  }

  /** As `Cutter.cut`; the virtio header stands before the frame. */
  cut(bytes: Uint8Array, start: number, size: number, mtu: number, take: TakePiece): void {
    this.#cutter.cut(bytes, start - VNET_HEADER_SIZE, start, size, mtu, take);
  }
}
