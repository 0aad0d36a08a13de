/** What the layers hand on to each other for one packet. Reused; nothing is allocated. */
import { DROP } from '../drop-reason.ts';
import { ParsedFrame } from '../parse.ts';
import { emptyProgram, type Program } from '../program.ts';
import { Verdict } from '../verdict.ts';

export class LayerContext {
  program: Program = emptyProgram();
  readonly frame = new ParsedFrame();
  readonly verdict = new Verdict();
  /** The interface that sent the frame, its subnet and VPC. */
  eni = -1;
  subnet = -1;
  vpc = -1;
  /** True when the frame goes to the MAC address of the subnet's router. */
  toRouter = false;
  /** The interface that will get the frame, once a layer has found it. */
  target = -1;

  /** Ends the walk: drops the packet. @param reason Index of the drop reason. @returns false. */
  drop(reason: number): false {
    this.verdict.discard(reason);
    return false;
  }

  /** Ends the walk: the sender's or the target's subnet has no block of the packet's family (SUB-5). */
  dropFamily(): false {
    return this.drop(this.frame.family === 4 ? DROP.IPV4_NOT_IN_SUBNET : DROP.IPV6_NOT_IN_SUBNET);
  }

  /** Ends the walk: a responder answers. @param to `PUNT_*`. @returns false. */
  punt(to: number): false {
    this.verdict.punt(to);
    return false;
  }
}

/** Decides, and returns false; or leaves the packet to the next layer, and returns true. */
export interface Layer {
  readonly name: string;
  readonly run: (context: LayerContext) => boolean;
}
