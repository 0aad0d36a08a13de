/**
 * The fabric: takes a frame from a port, lets the pipeline decide, and sees it to its one end.
 * Everything of the dataplane but system calls: the worker gives it frames and a sink, tests do too.
 */
import { DROP } from '../dataplane/drop-reason.ts';
import type { FlowState } from '../dataplane/flow/flow-state.ts';
import { recordFlow } from '../dataplane/flow-log.ts';
import { Pipeline } from '../dataplane/pipeline.ts';
import type { Program } from '../dataplane/program.ts';
import { rewriteFrame } from '../dataplane/rewrite.ts';
import {
  DISCARD,
  FORWARD,
  PUNT_NAT_RESET,
  PUNT_TIME_EXCEEDED,
  PUNT_TOO_BIG,
  type Punt,
  type Verdict,
  WRAP,
} from '../dataplane/verdict.ts';
import { checkVnetHeader } from '../packet/super-frame.ts';
import {
  VNET_GSO_NONE,
  VNET_HEADER_SIZE,
  vnetGsoSize,
  vnetGsoType,
  vnetIsPlain,
  vnetNeedsChecksum,
} from '../packet/vnet-header.ts';
import { answer } from './answers.ts';
import {
  ANSWERED,
  FORWARDED,
  type Ledger,
  PUNTED,
  RECEIVED_BYTES,
  RECEIVED_FRAMES,
  STATUS_ANSWER_MS,
} from './ledger.ts';
import { Onward } from './onward.ts';
import { type FrameObserver, type FrameSink, Outlet } from './outlet.ts';

export class Fabric {
  readonly #pipeline: Pipeline;
  readonly #ledger: Ledger;
  readonly #state: FlowState;
  readonly #outlet: Outlet;
  readonly #onward: Onward;
  /** A flow log wants some of the flows. */
  #isLogged = false;

  constructor(state: FlowState, ledger: Ledger, sink: FrameSink) {
    this.#state = state;
    this.#pipeline = new Pipeline(state);
    this.#ledger = ledger;
    this.#outlet = new Outlet(ledger, sink);
    this.#onward = new Onward(this.#pipeline, state.flowLogs, this.#outlet);
  }

  /** Whoever captures, or null. */
  set observer(observer: FrameObserver | null) {
    this.#outlet.observer = observer;
  }

  get program(): Program {
    return this.#pipeline.program;
  }

  swap(program: Program): void {
    this.#pipeline.swap(program);
    this.#isLogged = program.flowLogWindowMs > 0;
    this.#onward.isLogged = this.#isLogged;
  }

  /**
   * Handles one frame to its end.
   * @param start Offset of the destination MAC in `bytes`; its virtio header stands before it.
   * @param size Bytes of the frame.
   * @param nowMs Milliseconds since the epoch.
   */
  onFrame(port: number, bytes: Uint8Array, start: number, size: number, nowMs: number): void {
    const ledger = this.#ledger;
    const header = start - VNET_HEADER_SIZE;
    ledger.add(port, RECEIVED_FRAMES, 1);
    ledger.add(port, RECEIVED_BYTES, size);
    this.#outlet.observer?.received(port, bytes, start, size);
    const isSound =
      vnetIsPlain(bytes, header) || checkVnetHeader(bytes, header, start, size) === null;
    const segmentSize = segmentSizeOf(bytes, header);
    const verdict = isSound
      ? this.#pipeline.decide(port, bytes, start, size, segmentSize, nowMs | 0)
      : this.#pipeline.refuse(port, DROP.BAD_VIRTIO_HEADER);
    if (this.#isLogged) recordFlow(this.#state.flowLogs, this.#pipeline.context, segmentSize);
    if (verdict.kind === FORWARD) {
      this.#forward(port, bytes, start, size, verdict);
    } else if (verdict.kind >= WRAP) {
      this.#sendOnward(port, bytes, start, size, verdict, nowMs);
    } else if (verdict.kind === DISCARD) {
      ledger.drop(port, verdict.argument);
    } else {
      this.#punt(port, bytes, start, size, verdict, nowMs);
    }
    this.#outlet.observer?.decided(port, verdict);
  }

  /**
   * Sends a frame that the fabric itself makes, such as the status check.
   * @returns false when the port did not take it.
   */
  originate(port: number, frame: Uint8Array): boolean {
    return this.#outlet.send(port, frame);
  }

  #forward(port: number, bytes: Uint8Array, start: number, size: number, verdict: Verdict): void {
    rewriteFrame(this.#pipeline.context, start);
    // One frame came and is counted as such, though many pieces leave.
    const hasLeft =
      verdict.fragmentTo === 0
        ? this.#outlet.forward(verdict.argument, bytes, start, size)
        : this.#outlet.sendPieces(verdict, bytes, start, size) > 0;
    if (!hasLeft) {
      verdict.discard(DROP.PORT_NOT_READY);
      this.#ledger.drop(port, DROP.PORT_NOT_READY);
      return;
    }
    this.#ledger.add(port, FORWARDED, 1);
  }

  #sendOnward(
    port: number,
    bytes: Uint8Array,
    start: number,
    size: number,
    verdict: Verdict,
    nowMs: number,
  ): void {
    const sent = this.#onward.send(bytes, start, size, nowMs | 0);
    if (sent > 0) this.#ledger.add(port, FORWARDED, 1);
    else if (verdict.kind === DISCARD) this.#ledger.drop(port, verdict.argument);
    else this.#ledger.add(port, ANSWERED, 1);
  }

  /** @returns a copy of the frame; for a router on the way as a link carries it, the first one of a super-frame. */
  #puntedFrame(bytes: Uint8Array, start: number, size: number, to: Punt): Uint8Array {
    let punted = bytes.slice(start, start + size);
    if (to === PUNT_TOO_BIG || to === PUNT_TIME_EXCEEDED || to === PUNT_NAT_RESET) {
      this.#outlet.cut(bytes, start, size, 0, (piece) => {
        punted = piece.slice();
        return false;
      });
    }
    return punted;
  }

  #punt(
    port: number,
    bytes: Uint8Array,
    start: number,
    size: number,
    verdict: Verdict,
    nowMs: number,
  ): void {
    const reply = answer(
      this.program,
      this.#pipeline.context.eni,
      verdict,
      this.#puntedFrame(bytes, start, size, verdict.responder),
      vnetNeedsChecksum(bytes, start - VNET_HEADER_SIZE),
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

/** @returns payload bytes of each segment of a super-frame; 0 for any other frame. */
function segmentSizeOf(bytes: Uint8Array, header: number): number {
  return vnetGsoType(bytes, header) === VNET_GSO_NONE ? 0 : vnetGsoSize(bytes, header);
}
