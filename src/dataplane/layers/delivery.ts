/** The last layer, which leaves a verdict: the port of the target and the rewrite. Rules: ARP-5, ENI-3, L2-12, RT-14. */
import { DROP } from '../drop-reason.ts';
import { REWRITE_MACS, REWRITE_NONE } from '../verdict.ts';
import type { Layer, LayerContext } from './context.ts';
import { mtuOf } from './mtu.ts';

export const deliveryLayer: Layer = {
  name: 'delivery',
  run(context: LayerContext): boolean {
    const { program, verdict, target } = context;
    const port = program.enis.port[target] as number;
    if (port === -1) return context.drop(DROP.TARGET_NOT_RUNNING);
    verdict.forward(port, context.toRouter ? REWRITE_MACS : REWRITE_NONE);
    verdict.mtu = mtuOf(context);
    verdict.fragmentTo = context.fragmentTo;
    if (context.toRouter) {
      const subnet = program.enis.subnet[target] as number;
      verdict.destHigh = program.enis.macHigh[target] as number;
      verdict.destLow = program.enis.macLow[target] as number;
      verdict.sourceHigh = program.subnets.routerMacHigh[subnet] as number;
      verdict.sourceLow = program.subnets.routerMacLow[subnet] as number;
    }
    return true;
  },
};
