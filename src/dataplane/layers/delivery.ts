/** The last layer, which leaves a verdict: port and rewrite. Rules: ARP-5, ENI-3, L2-12, RT-14, SUB-5. */
import { DROP } from '../drop-reason.ts';
import { PATH_NONE } from '../flow/flow-log-table.ts';
import { carriesFamily } from '../program.ts';
import { REWRITE_MACS, REWRITE_NONE } from '../verdict.ts';
import type { Layer, LayerContext } from './context.ts';

export const deliveryLayer: Layer = {
  name: 'delivery',
  run(context: LayerContext): boolean {
    const { frame, program, verdict, target, translation, passages } = context;
    const port = program.enis.port[target] as number;
    if (port === -1) return context.drop(DROP.TARGET_NOT_RUNNING);
    const subnet = program.enis.subnet[target] as number;
    // A route may point at an interface of a subnet that lacks the family.
    if (!carriesFamily(program, subnet, frame.family)) return context.dropFamily();
    verdict.forward(port, context.toRouter ? REWRITE_MACS | translation.rewrite : REWRITE_NONE);
    verdict.sourceWord = frame.s3;
    verdict.destinationWord = frame.d3;
    verdict.ports = translation.ports;
    verdict.path = context.path;
    verdict.natPath = passages.count === 0 ? PATH_NONE : passages.path(passages.count - 1);
    verdict.natSlot = context.natSlot;
    verdict.natSerial = context.natSerial;
    verdict.isNatReply = context.isNatReply;
    verdict.mtu = context.mtu;
    verdict.fragmentTo = context.fragmentTo;
    if (context.toRouter) {
      verdict.destHigh = program.enis.macHigh[target] as number;
      verdict.destLow = program.enis.macLow[target] as number;
      verdict.sourceHigh = program.subnets.routerMacHigh[subnet] as number;
      verdict.sourceLow = program.subnets.routerMacLow[subnet] as number;
    }
    return true;
  },
};
