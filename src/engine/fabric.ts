/**
 * The fabric: takes a frame from a port, lets the pipeline decide, and sees it to its one end.
 * Everything of the dataplane but system calls: the worker gives it frames and a sink, tests do too.
 */
import { DROP } from '../dataplane/drop-reason.ts';
import type { FlowTable } from '../dataplane/flow/flow-table.ts';
import { Pipeline } from '../dataplane/pipeline.ts';
import type { Program } from '../dataplane/program.ts';
import { DISCARD, FORWARD, rewriteFrame, type Verdict } from '../dataplane/verdict.ts';
import { answer } from './answers.ts';
import {
  ANSWERED,
  FORWARDED,
  type Ledger,
  PUNTED,
  RECEIVED_BYTES,
  RECEIVED_FRAMES,
  SENT_BYTES,
  SENT_FRAMES,
  STATUS_ANSWER_MS,
} from './ledger.ts';

/** Where frames leave the fabric. Both give false when the port did not take the frame. */
export interface FrameSink {
  /** Writes the frame that is being handled, with its virtio header, from the worker's buffer. */
  forward(port: number, size: number): boolean;
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

export class Fabric {
  readonly #pipeline: Pipeline;
  readonly #ledger: Ledger;
  readonly #sink: FrameSink;
  observer: FrameObserver | null = null;

  constructor(flows: FlowTable, ledger: Ledger, sink: FrameSink) {
    this.#pipeline = new Pipeline(flows);
    this.#ledger = ledger;
    this.#sink = sink;
  }

  get program(): Program {
    return this.#pipeline.program;
  }

  swap(program: Program): void {
    this.#pipeline.swap(program);
  }

  /**
   * Handles one frame to its end.
   * @param start Offset of the destination MAC in `bytes`. @param size Bytes of the frame.
   * @param checksumPending The guest left the transport checksum to the device.
   * @param nowMs Milliseconds since the epoch.
   */
  onFrame(
    port: number,
    bytes: Uint8Array,
    start: number,
    size: number,
    checksumPending: boolean,
    nowMs: number,
  ): void {
    const ledger = this.#ledger;
    ledger.add(port, RECEIVED_FRAMES, 1);
    ledger.add(port, RECEIVED_BYTES, size);
    this.observer?.received(port, bytes, start, size);
    const verdict = this.#pipeline.decide(port, bytes, start, size, nowMs | 0);
    if (verdict.kind === FORWARD) {
      this.#forward(port, bytes, start, size, verdict);
    } else if (verdict.kind === DISCARD) {
      ledger.drop(port, verdict.argument);
    } else {
      this.#punt(port, bytes.slice(start, start + size), checksumPending, verdict, nowMs);
    }
    this.observer?.decided(port, verdict);
  }

  /**
   * Sends a frame that the fabric itself makes, such as the status check.
   * @returns false when the port did not take it.
   */
  originate(port: number, frame: Uint8Array): boolean {
    if (!this.#sink.send(port, frame)) return false;
    this.#ledger.add(port, SENT_FRAMES, 1);
    this.#ledger.add(port, SENT_BYTES, frame.length);
    this.observer?.sent(port, frame, 0, frame.length);
    return true;
  }

  #forward(port: number, bytes: Uint8Array, start: number, size: number, verdict: Verdict): void {
    const ledger = this.#ledger;
    const target = verdict.argument;
    rewriteFrame(bytes, start, verdict);
    if (!this.#sink.forward(target, size)) {
      verdict.discard(DROP.PORT_NOT_READY);
      ledger.drop(port, DROP.PORT_NOT_READY);
      return;
    }
    ledger.add(port, FORWARDED, 1);
    ledger.add(target, SENT_FRAMES, 1);
    ledger.add(target, SENT_BYTES, size);
    this.observer?.sent(target, bytes, start, size);
  }

  #punt(
    port: number,
    frame: Uint8Array,
    checksumPending: boolean,
    verdict: Verdict,
    nowMs: number,
  ): void {
    const reply = answer(
      this.program,
      this.#pipeline.ingressEni,
      verdict.argument,
      frame,
      checksumPending,
    );
    switch (reply.kind) {
      case 'reply':
        this.#ledger.add(port, ANSWERED, 1);
        this.originate(port, reply.frame);
        return;
      case 'consumed':
        this.#ledger.add(port, PUNTED, 1);
        this.#ledger.set(port, STATUS_ANSWER_MS, nowMs);
        return;
      case 'drop':
        verdict.discard(DROP[reply.reason]);
        this.#ledger.drop(port, DROP[reply.reason]);
        return;
      default:
        reply satisfies never;
    }
  }
}
