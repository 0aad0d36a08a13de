/**
 * The largest packet that a link takes. Inside the VPC a larger one is lost without a word; a gateway
 * cuts it in pieces or has the router tell the sender. Rules: MTU-1 to MTU-6.
 */
import { DROP } from '../drop-reason.ts';
import { VPC_MTU } from '../program.ts';
import { PUNT_TOO_BIG } from '../verdict.ts';
import { type Layer, type LayerContext, NO_ROW } from './context.ts';

/** What the interface itself cannot send reaches nobody, not even the router. */
export const interfaceMtuLayer: Layer = {
  name: 'interface-mtu',
  run(context: LayerContext): boolean {
    if (context.packetSize <= VPC_MTU) return true;
    // Other packets of the flow may be smaller.
    context.isFiltered = true;
    return context.drop(DROP.MTU_EXCEEDED);
  },
};

export const mtuLayer: Layer = {
  name: 'mtu',
  run(context: LayerContext): boolean {
    const { program, frame, route } = context;
    const mtu = mtuOf(context);
    context.mtu = Math.min(context.mtu, mtu);
    if (context.packetSize <= mtu) return true;
    if (route === NO_ROW || program.routeTargets.reportsTooBig[route] === 0) {
      return context.drop(DROP.MTU_EXCEEDED);
    }
    if (!frame.mayFragment) {
      context.verdict.mtu = mtu;
      return context.punt(PUNT_TOO_BIG);
    }
    context.fragmentTo = context.mtu;
    return true;
  },
};

/** @returns the MTU of the way that the packet takes; without a route it stays in the subnet. */
export function mtuOf({ program, route }: LayerContext): number {
  return route === NO_ROW ? VPC_MTU : (program.routeTargets.mtu[route] as number);
}
