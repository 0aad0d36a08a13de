/**
 * From a parsed frame to a verdict: the checks that no flow may skip, the flow table, the layers.
 * This file is the order of AWS's decisions; each layer is one rule of it.
 */
import { DROP } from './drop-reason.ts';
import type { FlowTable } from './flow/flow-table.ts';
import { type Layer, LayerContext } from './layers/context.ts';
import { deliveryLayer } from './layers/delivery.ts';
import { destinationMacLayer } from './layers/destination-mac.ts';
import { fabricServicesLayer } from './layers/fabric-services.ts';
import { routeLayer } from './layers/route.ts';
import { destinationCheckLayer, sourceCheckLayer } from './layers/source-destination-check.ts';
import { PARSED, parseFrame } from './parse.ts';
import { eniOfPort, type Program } from './program.ts';
import { PUNT, type Verdict } from './verdict.ts';

/** Egress of the sender, then ingress of the target. */
export const LAYERS: readonly Layer[] = [
  destinationMacLayer,
  fabricServicesLayer,
  sourceCheckLayer,
  routeLayer,
  destinationCheckLayer,
  deliveryLayer,
];

export class Pipeline {
  readonly #context = new LayerContext();
  readonly #flows: FlowTable;

  constructor(flows: FlowTable) {
    this.#flows = flows;
  }

  get program(): Program {
    return this.#context.program;
  }

  /** The interface that sent the last frame; -1 when its port holds none. */
  get ingressEni(): number {
    return this.#context.eni;
  }

  /** Replaces the program whole; flows of other generations are decided again. */
  swap(program: Program): void {
    this.#context.program = program;
    this.#flows.use(program.generation);
  }

  /**
   * Decides on one frame. The verdict is reused by the next call.
   * @param start Offset of the destination MAC in `bytes`. @param size Bytes of the frame.
   * @param nowMs Signed 32-bit milliseconds of any origin.
   */
  decide(port: number, bytes: Uint8Array, start: number, size: number, nowMs: number): Verdict {
    const context = this.#context;
    const { frame, verdict } = context;
    context.eni = eniOfPort(context.program, port);
    const malformed = parseFrame(bytes, start, size, frame);
    const refused = malformed === PARSED ? this.#checkSender() : malformed;
    if (refused !== PARSED) {
      verdict.discard(refused);
      return verdict;
    }
    if (frame.family !== 0 && this.#flows.lookup(port, frame, nowMs, verdict)) return verdict;
    this.#runLayers();
    if (frame.family !== 0 && verdict.kind !== PUNT)
      this.#flows.insert(port, frame, nowMs, verdict);
    return verdict;
  }

  /** @returns `PARSED`, or the reason why this port may not send such a frame at all (L2-7, L2-8). */
  #checkSender(): number {
    const { frame, program, eni } = this.#context;
    if (eni === -1) return DROP.PORT_NOT_ATTACHED;
    const own =
      frame.sourceHigh === program.enis.macHigh[eni] &&
      frame.sourceLow === program.enis.macLow[eni];
    return own ? PARSED : DROP.SPOOFED_MAC;
  }

  #runLayers(): void {
    const context = this.#context;
    context.subnet = context.program.enis.subnet[context.eni] as number;
    context.vpc = context.program.subnets.vpc[context.subnet] as number;
    context.toRouter = false;
    context.target = -1;
    for (const layer of LAYERS) {
      if (!layer.run(context)) return;
    }
  }
}
