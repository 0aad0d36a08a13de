/** The last layer, which leaves a verdict: port and rewrite. Rules: ARP-5, ENI-3, L2-12, RT-14, SUB-5. */
import { DROP } from '../drop-reason.ts';
import { carriesFamily } from '../program.ts';
import { REWRITE_MACS, REWRITE_NONE } from '../verdict.ts';
import type { Layer, LayerContext } from './context.ts';

export const deliveryLayer: Layer = {
  name: 'delivery',
  run(context: LayerContext): boolean {
    const { frame, program, verdict, target } = context;
    const port = program.enis.port[target] as number;
    if (port === -1) return context.drop(DROP.TARGET_NOT_RUNNING);
    const subnet = program.enis.subnet[target] as number;
    // A route may point at an interface of a subnet that lacks the family.
    if (!carriesFamily(program, subnet, frame.family)) return context.dropFamily();
    forwardTo(context, port);
    if (context.toRouter) {
      verdict.destHigh = program.enis.macHigh[target] as number;
      verdict.destLow = program.enis.macLow[target] as number;
      verdict.sourceHigh = program.subnets.routerMacHigh[subnet] as number;
      verdict.sourceLow = program.subnets.routerMacLow[subnet] as number;
    }
    return true;
  },
};

/** Leaves a verdict with all that was decided on the way, but for MAC addresses and connections. */
export function forwardTo(context: LayerContext, port: number): void {
  const { verdict, translation, toRouter } = context;
  verdict.forward(port, toRouter ? REWRITE_MACS | translation.rewrite : REWRITE_NONE);
  context.conclude();
}
