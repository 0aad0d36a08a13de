/**
 * The fabric: takes a frame from a port, lets the pipeline decide, and sees it to its one end.
 * Everything of the dataplane but system calls: the worker gives it frames and a sink, tests do too.
 */
import { DROP } from '../dataplane/drop-reason.ts';
import type { FlowState } from '../dataplane/flow/flow-state.ts';
import { recordFlow } from '../dataplane/flow-log.ts';
import type { LayerContext } from '../dataplane/layers/context.ts';
import { Pipeline } from '../dataplane/pipeline.ts';
import { eniByAddress, isThere, type Program } from '../dataplane/program.ts';
import { RESHAPE_ROOM, Reshaper } from '../dataplane/reshape.ts';
import { rewriteFrame } from '../dataplane/rewrite.ts';
import {
  DISCARD,
  FORWARD,
  PUNT,
  PUNT_NAT_RESET,
  PUNT_TIME_EXCEEDED,
  PUNT_TOO_BIG,
  type Punt,
  type Verdict,
  WRAP,
} from '../dataplane/verdict.ts';
import { copyBytes } from '../packet/bytes.ts';
import { ETHERNET_HEADER_SIZE } from '../packet/ethernet.ts';
import type { PieceSink } from '../packet/piece-sink.ts';
import { forEachSegment } from '../packet/segment.ts';
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
import { Cutter } from './cutter.ts';
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

/** A super-frame of the largest IP packet. */
const MAX_FRAME = 65_535 + ETHERNET_HEADER_SIZE;

/**
 * Where a frame in `FrameSink.room` may begin that is to change its form once more: before it are its virtio
 * header, which asks for nothing, and what may be put in front. A piece begins with room for two forms.
 */
const FORM_START = VNET_HEADER_SIZE + RESHAPE_ROOM;
const PIECE_START = FORM_START + RESHAPE_ROOM;

/** A packet that has changed its form so many times goes in a circle. */
const MAX_FORMS = 8;

/** Bytes of `FrameSink.room`. */
export const ROOM_SIZE = PIECE_START + MAX_FRAME;

/** Where frames leave the fabric. Both give false when the port did not take the frame. */
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

export class Fabric {
  readonly #pipeline: Pipeline;
  readonly #ledger: Ledger;
  readonly #sink: FrameSink;
  readonly #cutter = new Cutter(MAX_FRAME);
  readonly #reshaper = new Reshaper();
  /** For what has changed its form already. */
  readonly #furtherReshaper = new Reshaper();
  readonly #state: FlowState;
  readonly #onward: PieceSink = {
    piece: (_bytes, at, size) => {
      this.#sendOnward(this.#reshaper, at, size);
      return true;
    },
  };
  /** Of the frame that is being sent on: when it came, and how many frames have left of it. */
  #nowMs = 0;
  #sent = 0;
  /** A flow log wants some of the flows. */
  #isLogged = false;
  observer: FrameObserver | null = null;

  constructor(state: FlowState, ledger: Ledger, sink: FrameSink) {
    this.#state = state;
    this.#pipeline = new Pipeline(state);
    this.#ledger = ledger;
    this.#sink = sink;
  }

  get program(): Program {
    return this.#pipeline.program;
  }

  swap(program: Program): void {
    this.#pipeline.swap(program);
    this.#isLogged = program.flowLogWindowMs > 0;
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
    this.observer?.received(port, bytes, start, size);
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
      this.#reshape(port, bytes, start, size, nowMs);
    } else if (verdict.kind === DISCARD) {
      ledger.drop(port, verdict.argument);
    } else {
      this.#punt(port, bytes, start, size, verdict, nowMs);
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
    rewriteFrame(this.#pipeline.context, start);
    if (verdict.fragmentTo !== 0) {
      this.#forwardPieces(port, bytes, start, size, verdict);
      return;
    }
    if (!this.#sink.forward(target, bytes, start, size)) {
      verdict.discard(DROP.PORT_NOT_READY);
      ledger.drop(port, DROP.PORT_NOT_READY);
      return;
    }
    ledger.add(port, FORWARDED, 1);
    ledger.add(target, SENT_FRAMES, 1);
    ledger.add(target, SENT_BYTES, size);
    this.observer?.sent(target, bytes, start, size);
  }

  /**
   * Sends a frame on in the form that the verdict says, each segment of a super-frame by itself; one frame
   * came and is counted as such. What one segment could not do the next one cannot: the last one tells.
   */
  #reshape(port: number, bytes: Uint8Array, start: number, size: number, nowMs: number): void {
    const { context } = this.#pipeline;
    const { verdict } = context;
    const { room } = this.#sink;
    const { fragmentTo } = verdict;
    const header = start - VNET_HEADER_SIZE;
    this.#nowMs = nowMs | 0;
    this.#sent = 0;
    rewriteFrame(context, start);
    this.#reshaper.take(context, start);
    if (fragmentTo === 0) {
      forEachSegment(bytes, header, start, size, room, PIECE_START, this.#onward);
    } else {
      this.#cutter.cut(bytes, header, start, size, fragmentTo, (piece) => {
        copyBytes(piece, 0, piece.length, room, PIECE_START);
        return this.#onward.piece(room, PIECE_START, piece.length);
      });
    }
    if (this.#sent > 0) this.#ledger.add(port, FORWARDED, 1);
    else if (verdict.kind === DISCARD) this.#ledger.drop(port, verdict.argument);
    else this.#ledger.add(port, ANSWERED, 1);
  }

  /** Sees one piece, in `room`, to its end, through as many forms as it takes. */
  #sendOnward(first: Reshaper, at: number, pieceSize: number): void {
    const { room } = this.#sink;
    const { context } = this.#pipeline;
    const { verdict } = context;
    let reshaper = first;
    let start = at;
    let size = pieceSize;
    for (let forms = 1; ; forms++) {
      this.#pipeline.decideOnward(reshaper, room, start, size, this.#nowMs);
      start = reshaper.start;
      size = reshaper.size;
      room.fill(0, start - VNET_HEADER_SIZE, start);
      if (this.#isLogged) recordFlow(this.#state.flowLogs, context, 0);
      if (verdict.kind < WRAP) break;
      if (forms === MAX_FORMS || start < FORM_START) {
        verdict.discard(DROP.GATEWAYS_IN_A_CIRCLE);
        break;
      }
      rewriteFrame(context, start);
      reshaper = this.#furtherReshaper;
      reshaper.take(context, start);
    }
    if (verdict.kind === PUNT) this.#answerSource(room, start, size, verdict);
    else if (verdict.kind === FORWARD) this.#forwardOnward(room, start, size, verdict);
  }

  #forwardOnward(room: Uint8Array, start: number, size: number, verdict: Verdict): void {
    rewriteFrame(this.#pipeline.context, start);
    if (verdict.fragmentTo !== 0) {
      this.#sent += this.#sendPieces(room, start, size, verdict);
    } else if (this.#sink.forward(verdict.argument, room, start, size)) {
      this.#sent++;
      this.#ledger.add(verdict.argument, SENT_FRAMES, 1);
      this.#ledger.add(verdict.argument, SENT_BYTES, size);
      this.observer?.sent(verdict.argument, room, start, size);
    }
    if (this.#sent === 0) verdict.discard(DROP.PORT_NOT_READY);
  }

  /** A router beyond a gateway tells whoever the packet is from, which is not who has sent this form of it. */
  #answerSource(room: Uint8Array, start: number, size: number, verdict: Verdict): void {
    const { enis, edges } = this.program;
    const eni = eniOfSource(this.#pipeline.context);
    if (eni === -1 || !isThere(this.program, eni)) {
      verdict.discard(DROP.NO_POSSIBLE_DESTINATION);
      return;
    }
    const reply = answer(this.program, eni, verdict, room.slice(start, start + size), false);
    if (reply.kind === 'drop') verdict.discard(DROP[reply.reason]);
    if (reply.kind !== 'reply') return;
    if (edges.natOfEni[eni] !== -1) this.#answerThrough(eni, reply.frame);
    else this.originate(enis.port[eni] as number, reply.frame);
  }

  /** The packet had the address of a NAT gateway, which passes the answer on to the one behind it. */
  #answerThrough(eni: number, frame: Uint8Array): void {
    const { room } = this.#sink;
    const { context } = this.#pipeline;
    const size = frame.length;
    const sent = this.#sent;
    room.fill(0, PIECE_START - VNET_HEADER_SIZE, PIECE_START);
    copyBytes(frame, 0, size, room, PIECE_START);
    const verdict = this.#pipeline.decideAtGateway(eni, room, PIECE_START, size, this.#nowMs);
    if (verdict.kind === FORWARD) {
      this.#forwardOnward(room, PIECE_START, size, verdict);
    } else if (verdict.kind >= WRAP) {
      rewriteFrame(context, PIECE_START);
      this.#furtherReshaper.take(context, PIECE_START);
      this.#sendOnward(this.#furtherReshaper, PIECE_START, size);
    }
    // An answer is none of the frames that the one at hand has become.
    this.#sent = sent;
  }

  /** One frame came and is counted as such, though many leave. */
  #forwardPieces(
    port: number,
    bytes: Uint8Array,
    start: number,
    size: number,
    verdict: Verdict,
  ): void {
    if (this.#sendPieces(bytes, start, size, verdict) > 0) this.#ledger.add(port, FORWARDED, 1);
    else {
      verdict.discard(DROP.PORT_NOT_READY);
      this.#ledger.drop(port, DROP.PORT_NOT_READY);
    }
  }

  /** @returns how many pieces the port took. */
  #sendPieces(bytes: Uint8Array, start: number, size: number, verdict: Verdict): number {
    const { argument: target, fragmentTo } = verdict;
    let sent = 0;
    this.#cutter.cut(bytes, start - VNET_HEADER_SIZE, start, size, fragmentTo, (piece) => {
      if (!this.originate(target, piece)) return false;
      sent++;
      return true;
    });
    return sent;
  }

  /** @returns a copy of the frame; for a router on the way as a link carries it, the first one of a super-frame. */
  #puntedFrame(bytes: Uint8Array, start: number, size: number, to: Punt): Uint8Array {
    let punted = bytes.slice(start, start + size);
    if (to === PUNT_TOO_BIG || to === PUNT_TIME_EXCEEDED || to === PUNT_NAT_RESET) {
      this.#cutter.cut(bytes, start - VNET_HEADER_SIZE, start, size, 0, (piece) => {
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

/** @returns the interface that has the source address, in the VPC where the packet is sent on; or -1. */
function eniOfSource({ program, frame, eni }: LayerContext): number {
  const vpc = program.subnets.vpc[program.enis.subnet[eni] as number] as number;
  return eniByAddress(program, vpc, frame.family, frame.s0, frame.s1, frame.s2, frame.s3);
}

/** @returns payload bytes of each segment of a super-frame; 0 for any other frame. */
function segmentSizeOf(bytes: Uint8Array, header: number): number {
  return vnetGsoType(bytes, header) === VNET_GSO_NONE ? 0 : vnetGsoSize(bytes, header);
}
