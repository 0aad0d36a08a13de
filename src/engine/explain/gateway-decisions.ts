/** Which gateway a packet passed or was dropped at, and what that made of its addresses and ports. */
import { formatIpv4, ipv4FromWord } from '../../addr/ipv4.ts';
import { formatIpv6 } from '../../addr/ipv6.ts';
import { gatewayEndpointsOf, natGatewaysOf } from '../../compile/edges.ts';
import { routeOfRow } from '../../compile/routes.ts';
import type { LayerContext } from '../../dataplane/layers/context.ts';
import { FROM_STATEFUL_GATEWAY } from '../../dataplane/program.ts';
import {
  REWRITE_DESTINATION,
  REWRITE_DESTINATION_PORT,
  REWRITE_SOURCE,
  REWRITE_SOURCE_PORT,
  WRAP,
} from '../../dataplane/verdict.ts';
import type { LoadBalancerArn } from '../../model/ids.ts';
import { gatewayRecord, internetGatewayOf } from '../../model/lookups/gateways.ts';
import { isGatewayTarget } from '../../model/routes.ts';
import type { Fabric } from '../../model/snapshot.ts';
import type { Decision, ObjectView } from './explanation.ts';
import { insideAddr6 } from './other-version.ts';
import { objectView } from './views.ts';

type GatewayDecision = Extract<Decision, { kind: 'gateway' }>;

/** Of a gateway that the route leads to: a peering or a gateway endpoint. */
export function routedDecision({ route }: LayerContext, snapshot: Fabric): GatewayDecision {
  const { target } = routeOfRow(snapshot, route).route;
  const gateway = isGatewayTarget(target) ? target.gatewayId : '';
  const record = isGatewayTarget(target) ? gatewayRecord(snapshot, target) : undefined;
  return { ...UNCHANGED, gateway: objectView(gateway, record) };
}

/** Of the endpoint of a load balancer: the appliance that gets the packet, if there is one. */
export function balancedDecision(context: LayerContext, snapshot: Fabric): GatewayDecision {
  const { verdict, balancedFlows } = context;
  const decision = routedDecision(context, snapshot);
  if (verdict.kind !== WRAP) return decision;
  const appliance = balancedFlows.targetOf(verdict.balancerSlot);
  return { ...decision, destination: formatIpv4(ipv4FromWord(appliance)) };
}

/** Of the node of a load balancer that an appliance sends to. */
export function nodeDecision({ node, program }: LayerContext, snapshot: Fabric): GatewayDecision {
  const eni = [...snapshot.enis.values()][program.loadBalancers.nodeEni[node] as number];
  const balancer = snapshot.loadBalancers.get(eni?.madeFor as LoadBalancerArn);
  if (balancer === undefined) return { ...UNCHANGED, gateway: null };
  return { ...UNCHANGED, gateway: objectView(balancer.loadBalancerArn, balancer, balancer.name) };
}

/** The gateway puts a public address for a private one on the way out. */
export function toInternetDecision(context: LayerContext, snapshot: Fabric): GatewayDecision {
  const { frame, vpc, translation, gateway, eni, program } = context;
  // The answer of a service is in the VPC of the endpoint already.
  const sender = program.subnets.vpc[program.enis.subnet[eni] as number] as number;
  // A NAT gateway before it has changed the source, too.
  const isTranslated = (translation.rewrite & REWRITE_SOURCE) !== 0;
  return {
    ...UNCHANGED,
    gateway: internetGatewayView(gateway === FROM_STATEFUL_GATEWAY ? sender : vpc, snapshot),
    source: isTranslated ? formatIpv4(ipv4FromWord(frame.s3)) : null,
  };
}

/** And the other way on the way in, where answers also come by an egress-only gateway. */
export function fromInternetDecision(context: LayerContext, snapshot: Fabric): GatewayDecision {
  const { frame, vpc, translation, program } = context;
  const isTranslated = (translation.rewrite & REWRITE_DESTINATION) !== 0;
  const internet = internetGatewayView(vpc, snapshot);
  const egressOnly = vpc === -1 ? -1 : (program.edges.egressOnly[vpc] as number);
  const isAnswer = context.isNatReply && context.natSlot !== 0 && context.nat === egressOnly;
  const other = egressOnly === -1 ? null : statefulView(egressOnly, snapshot);
  return {
    ...UNCHANGED,
    gateway: isAnswer ? other : (internet ?? other),
    destination: isTranslated ? formatIpv4(ipv4FromWord(frame.d3)) : null,
  };
}

/** Of a NAT gateway or an egress-only one, or of a gateway endpoint that gets an answer. */
export function natDecision(context: LayerContext, snapshot: Fabric): GatewayDecision {
  const { frame, nat, natFlows, natSlot, translation } = context;
  const gateway = statefulView(nat, snapshot);
  const { rewrite } = translation;
  const hasSource = (rewrite & REWRITE_SOURCE_PORT) !== 0;
  const hasDestination = (rewrite & REWRITE_DESTINATION_PORT) !== 0;
  if (natSlot === 0) return { ...UNCHANGED, gateway };
  if (isNat64(context)) return { ...UNCHANGED, gateway, ...versionDecision(context) };
  return {
    ...UNCHANGED,
    gateway,
    ...(hasSource
      ? { source: formatIpv4(ipv4FromWord(frame.s3)), sourcePort: natFlows.outsidePort(natSlot) }
      : {}),
    ...(hasDestination
      ? {
          destination: formatIpv4(ipv4FromWord(frame.d3)),
          destinationPort: natFlows.insidePort(natSlot),
        }
      : {}),
  };
}

/** Egress-only gateways have IPv6 inside too, and leave it so. */
function isNat64({ program, nat, natFlows, natSlot }: LayerContext): boolean {
  return program.edges.nat.eni[nat] !== -1 && natFlows.hasIpv6Inside(natSlot);
}

/** The near end as it is in the other IP version. */
function versionDecision({ natFlows, natSlot, isNatReply }: LayerContext) {
  return isNatReply
    ? {
        destination: formatIpv6(insideAddr6(natFlows, natSlot)),
        destinationPort: natFlows.insidePort(natSlot),
      }
    : {
        source: formatIpv4(ipv4FromWord(natFlows.outsideWord(natSlot))),
        sourcePort: natFlows.outsidePort(natSlot),
      };
}

/** A gateway that leaves addresses and ports as they are. */
const UNCHANGED = {
  kind: 'gateway',
  source: null,
  sourcePort: null,
  destination: null,
  destinationPort: null,
} as const;

/** @param vpc A row of the program, or -1. @returns null for a VPC without a gateway. */
function internetGatewayView(vpc: number, snapshot: Fabric): ObjectView | null {
  const vpcId = [...snapshot.vpcs.keys()][vpc];
  const gateway = vpcId === undefined ? undefined : internetGatewayOf(snapshot, vpcId);
  return gateway === undefined ? null : objectView(gateway.internetGatewayId, gateway);
}

/** @param row Of `edges.nat`. */
function statefulView(row: number, snapshot: Fabric): ObjectView | null {
  const views = [
    ...natGatewaysOf(snapshot).map((nat) => objectView(nat.natGatewayId, nat)),
    ...[...snapshot.egressOnlyGateways].map(([id, gateway]) => objectView(id, gateway)),
    ...gatewayEndpointsOf(snapshot).map((each) => objectView(each.vpcEndpointId, each)),
  ];
  return views[row] ?? null;
}
