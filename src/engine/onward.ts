/**
 * Frames that a gateway sends on in another form: into Geneve and out of it, from one IP version into the
 * other. Each is decided on once more, until it leaves or is lost. See docs/decisions/0017.
 */
import { DROP } from '../dataplane/drop-reason.ts';
import type { FlowLogTable } from '../dataplane/flow/flow-log-table.ts';
import { recordFlow } from '../dataplane/flow-log.ts';
import type { LayerContext } from '../dataplane/layers/context.ts';
import type { Pipeline } from '../dataplane/pipeline.ts';
import { eniByAddress, isThere } from '../dataplane/program.ts';
import { RESHAPE_ROOM, Reshaper } from '../dataplane/reshape.ts';
import { rewriteFrame } from '../dataplane/rewrite.ts';
import { FORWARD, PUNT, type Verdict, WRAP } from '../dataplane/verdict.ts';
import { copyBytes } from '../packet/bytes.ts';
import type { PieceSink } from '../packet/piece-sink.ts';
import { forEachSegment } from '../packet/segment.ts';
import { VNET_HEADER_SIZE } from '../packet/vnet-header.ts';
import { answer } from './answers.ts';
import { MAX_FRAME, type Outlet } from './outlet.ts';

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

export class Onward {
  readonly #pipeline: Pipeline;
  readonly #flowLogs: FlowLogTable;
  readonly #outlet: Outlet;
  readonly #first = new Reshaper();
  /** For what has changed its form already. */
  readonly #further = new Reshaper();
  readonly #pieces: PieceSink = {
    piece: (_bytes, at, size) => {
      this.#sendOn(this.#first, at, size);
      return true;
    },
  };
  /** Of the frame at hand: when it came, and how many frames have left of it. */
  #nowMs = 0;
  #sent = 0;
  /** A flow log wants some of the flows. */
  isLogged = false;

  constructor(pipeline: Pipeline, flowLogs: FlowLogTable, outlet: Outlet) {
    this.#pipeline = pipeline;
    this.#flowLogs = flowLogs;
    this.#outlet = outlet;
  }

  /**
   * Sends a frame on in the form that the last verdict says, each segment of a super-frame by itself. The
   * verdict is the last segment's then: what one could not do the next one cannot.
   * @param nowMs Signed 32-bit milliseconds. @returns how many frames have left of it.
   */
  send(bytes: Uint8Array, start: number, size: number, nowMs: number): number {
    const { context } = this.#pipeline;
    const { room } = this.#outlet;
    const { fragmentTo } = context.verdict;
    const header = start - VNET_HEADER_SIZE;
    this.#nowMs = nowMs;
    this.#sent = 0;
    rewriteFrame(context, start);
    this.#first.take(context, start);
    if (fragmentTo === 0) {
      forEachSegment(bytes, header, start, size, room, PIECE_START, this.#pieces);
    } else {
      this.#outlet.cut(bytes, start, size, fragmentTo, (piece) => {
        copyBytes(piece, 0, piece.length, room, PIECE_START);
        return this.#pieces.piece(room, PIECE_START, piece.length);
      });
    }
    return this.#sent;
  }

  /** Sees one piece, in `room`, to its end, through as many forms as it takes. */
  #sendOn(first: Reshaper, at: number, pieceSize: number): void {
    const { room } = this.#outlet;
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
      if (this.isLogged) recordFlow(this.#flowLogs, context, 0);
      if (verdict.kind < WRAP) break;
      if (forms === MAX_FORMS || start < FORM_START) {
        verdict.discard(DROP.GATEWAYS_IN_A_CIRCLE);
        break;
      }
      rewriteFrame(context, start);
      reshaper = this.#further;
      reshaper.take(context, start);
    }
    if (verdict.kind === PUNT) this.#answerSource(room, start, size, verdict);
    else if (verdict.kind === FORWARD) this.#forward(room, start, size, verdict);
  }

  #forward(room: Uint8Array, start: number, size: number, verdict: Verdict): void {
    rewriteFrame(this.#pipeline.context, start);
    if (verdict.fragmentTo !== 0) {
      this.#sent += this.#outlet.sendPieces(verdict, room, start, size);
    } else if (this.#outlet.forward(verdict.argument, room, start, size)) {
      this.#sent++;
    }
    if (this.#sent === 0) verdict.discard(DROP.PORT_NOT_READY);
  }

  /** A router beyond a gateway tells whoever the packet is from, which is not who has sent this form of it. */
  #answerSource(room: Uint8Array, start: number, size: number, verdict: Verdict): void {
    const { enis, edges } = this.#pipeline.program;
    const eni = eniOfSource(this.#pipeline.context);
    if (eni === -1 || !isThere(this.#pipeline.program, eni)) {
      verdict.discard(DROP.NO_POSSIBLE_DESTINATION);
      return;
    }
    const reply = answer(
      this.#pipeline.program,
      eni,
      verdict,
      room.slice(start, start + size),
      false,
    );
    if (reply.kind === 'drop') verdict.discard(DROP[reply.reason]);
    if (reply.kind !== 'reply') return;
    if (edges.natOfEni[eni] !== -1) this.#answerThrough(eni, reply.frame);
    else this.#outlet.send(enis.port[eni] as number, reply.frame);
  }

  /** The packet had the address of a NAT gateway, which passes the answer on to the one behind it. */
  #answerThrough(eni: number, frame: Uint8Array): void {
    const { room } = this.#outlet;
    const { context } = this.#pipeline;
    const size = frame.length;
    const sent = this.#sent;
    room.fill(0, PIECE_START - VNET_HEADER_SIZE, PIECE_START);
    copyBytes(frame, 0, size, room, PIECE_START);
    const verdict = this.#pipeline.decideAtGateway(eni, room, PIECE_START, size, this.#nowMs);
    if (verdict.kind === FORWARD) {
      this.#forward(room, PIECE_START, size, verdict);
    } else if (verdict.kind >= WRAP) {
      rewriteFrame(context, PIECE_START);
      this.#further.take(context, PIECE_START);
      this.#sendOn(this.#further, PIECE_START, size);
    }
    // An answer is none of the frames that the one at hand has become.
    this.#sent = sent;
  }
}

/** @returns the interface that has the source address, in the VPC where the packet is sent on; or -1. */
function eniOfSource({ program, frame, eni }: LayerContext): number {
  const vpc = program.subnets.vpc[program.enis.subnet[eni] as number] as number;
  return eniByAddress(program, vpc, frame.family, frame.s0, frame.s1, frame.s2, frame.s3);
}
