/**
 * Gateway Load Balancers: the endpoint gives a packet to the appliance of its flow, by way of the node of
 * its zone; what an appliance sends back to the node goes on from the endpoint. Rules: GWLB-2 to GWLB-8.
 */
import { DROP } from '../drop-reason.ts';
import { NO_BALANCED_FLOW } from '../flow/balancer-table.ts';
import { chooseTarget, placeOfTarget, TARGET_KEEPS, TARGET_TAKES } from '../load-balancers.ts';
import { FRAGMENT_NONE } from '../parse.ts';
import { UNWRAP, WRAP } from '../verdict.ts';
import type { Layer, LayerContext } from './context.ts';

export const loadBalancerEndpointLayer: Layer = {
  name: 'load-balancer-endpoint',
  run(context: LayerContext): boolean {
    const { endpoint, eni, program, balancedFlows, verdict } = context;
    const { loadBalancers } = program;
    // An endpoint whose own subnet leads back to it would never be rid of the packet (GWLB-8).
    if (loadBalancers.endpointEni[endpoint] === eni) return context.drop(DROP.GWLB_ENDPOINT_LOOP);
    const node = loadBalancers.endpointNode[endpoint] as number;
    if (node === -1) return context.drop(DROP.GWLB_NO_NODE);
    const slot = flowOf(context, node);
    if (slot === NO_BALANCED_FLOW) return context.drop(DROP.GWLB_NO_TARGET);
    verdict.balancerSlot = slot;
    verdict.balancerSerial = balancedFlows.serialOf(slot);
    return context.reshape(WRAP, endpoint);
  },
};

/** From an appliance to the Geneve port of a node. */
export const loadBalancerNodeLayer: Layer = {
  name: 'load-balancer-node',
  run(context: LayerContext): boolean {
    if (context.frame.fragment !== FRAGMENT_NONE) return context.drop(DROP.GENEVE_FRAGMENT);
    return context.reshape(UNWRAP, context.node);
  },
};

/** @returns the slot of the flow that the packet is of, on a target that may have it; or `NO_BALANCED_FLOW`. */
function flowOf(context: LayerContext, node: number): number {
  const { program, frame, balancedFlows, nowMs } = context;
  const { loadBalancers } = program;
  const known = findFlow(context, node);
  if (known !== NO_BALANCED_FLOW) {
    const target = balancedFlows.targetOf(known);
    const stays = placeOfTarget(loadBalancers, node, target, TARGET_TAKES | TARGET_KEEPS) !== -1;
    if (stays) return known;
  }
  const place = chooseTarget(loadBalancers, node, balancedFlows.hash);
  if (place === -1) return NO_BALANCED_FLOW;
  const target = loadBalancers.targets[place] as number;
  return balancedFlows.put(frame, target, loadBalancers.nodeTcpIdleMs[node] as number, nowMs);
}

function findFlow({ endpoint, program, frame, balancedFlows, nowMs }: LayerContext, node: number) {
  const { endpointIdLow, nodeStickiness } = program.loadBalancers;
  const id = endpointIdLow[endpoint] as number;
  return balancedFlows.find(id, nodeStickiness[node] as number, frame, nowMs);
}

/**
 * @param context With the packet that an appliance has sent back to the node of `context.endpoint`.
 * @param appliance Its address, a word. @param cookie That came with the packet.
 * @returns true when the packet is of a flow that the appliance was given (GWLB-2).
 */
export function isOfGivenFlow(context: LayerContext, appliance: number, cookie: number): boolean {
  const { balancedFlows, program, endpoint } = context;
  const node = program.loadBalancers.endpointNode[endpoint] as number;
  const slot = findFlow(context, node);
  return (
    slot !== NO_BALANCED_FLOW &&
    balancedFlows.targetOf(slot) === appliance &&
    balancedFlows.cookieOf(slot) === cookie
  );
}
