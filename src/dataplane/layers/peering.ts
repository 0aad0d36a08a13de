/**
 * A peering: between the addresses of two VPCs, and for nobody else's; so nothing passes through a VPC to
 * a third one, to its gateways or its appliances. Rules: PCX-1, PCX-5, RT-17.
 */
import { DROP } from '../drop-reason.ts';
import { isInVpc } from '../edges.ts';
import { PATH_PEERING, PATH_PEERING_OF_REGIONS } from '../flow/flow-log-table.ts';
import { eniByAddress, VPC_MTU } from '../program.ts';
import type { Layer, LayerContext } from './context.ts';

export const peeringLayer: Layer = {
  name: 'peering',
  run(context: LayerContext): boolean {
    const { frame, program, vpc } = context;
    const { family, s0, s1, s2, s3, d0, d1, d2, d3 } = frame;
    const peer = program.routeTargets.gateway[context.route] as number;
    const isBetween =
      isInVpc(program.edges, vpc, family, s0, s1, s2, s3) &&
      isInVpc(program.edges, peer, family, d0, d1, d2, d3);
    if (!isBetween) return context.drop(DROP.PCX_REQUIRES_ADDRESS_IN_VPC_CIDR);
    const staysInRegion = program.routeTargets.mtu[context.route] === VPC_MTU;
    context.leaveBy(staysInRegion ? PATH_PEERING : PATH_PEERING_OF_REGIONS);
    context.leave(peer);
    return context.arriveAt(eniByAddress(program, peer, family, d0, d1, d2, d3));
  },
};
