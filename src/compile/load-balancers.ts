/** Compiles Gateway Load Balancers: who of the targets takes flows, and where endpoints lead (GWLB-3, GWLB-7, GWLB-8). */
import { buildExactMap } from '../addr/exact-map.ts';
import {
  type LoadBalancerTable,
  STICKS_TO_FIVE_TUPLE,
  STICKS_TO_THREE_TUPLE,
  STICKS_TO_TWO_TUPLE,
  TARGET_KEEPS,
  TARGET_TAKES,
} from '../dataplane/load-balancers.ts';
import type { VpcEndpoint } from '../model/endpoints.ts';
import {
  DEFAULT_TCP_IDLE_SECONDS,
  type GatewayLoadBalancer,
  type Stickiness,
  type Target,
  type TargetGroup,
} from '../model/load-balancers.ts';
import {
  eniOfTarget,
  isServing,
  isTargetDown,
  nodeOfEndpoint,
  nodesOf,
  targetsOf,
  zoneOf,
} from '../model/lookups/load-balancers.ts';
import type { Eni } from '../model/records.ts';
import type { Fabric } from '../model/snapshot.ts';
import { type Indexes, indexIn } from './rows.ts';

const STICKINESS: Readonly<Record<Stickiness, number>> = {
  five_tuple: STICKS_TO_FIVE_TUPLE,
  source_ip_dest_ip_proto: STICKS_TO_THREE_TUPLE,
  source_ip_dest_ip: STICKS_TO_TWO_TUPLE,
};

interface Node {
  readonly eni: Eni;
  readonly balancer: GatewayLoadBalancer;
  readonly group: TargetGroup | undefined;
}

interface NodeTarget {
  readonly addr: number;
  readonly flags: number;
}

export function compileLoadBalancers(fabric: Fabric, indexes: Indexes): LoadBalancerTable {
  const nodes = nodesOfAll(fabric);
  const targets = nodes.map((node) => targetsOfNode(fabric, node));
  const endpoints = balancedEndpointsOf(fabric);
  const nodeOfEach = endpoints.map((endpoint) => {
    const found = nodeOfEndpoint(fabric, endpoint);
    return nodes.findIndex(({ eni }) => eni === found?.node);
  });
  const ids = endpoints.map(({ vpcEndpointId }) => idWords(vpcEndpointId));
  const enis = endpoints.map((endpoint) => eniOfEndpoint(fabric, endpoint));
  const attachments = enis.map(({ eniId }) => idWords(eniId));
  const targetsFrom = new Int32Array(nodes.length + 1);
  targets.forEach((held, node) => {
    targetsFrom[node + 1] = (targetsFrom[node] as number) + held.length;
  });
  return {
    nodeOfEni: Int32Array.from(fabric.enis.values(), (each) =>
      nodes.findIndex(({ eni }) => eni === each),
    ),
    nodeEni: Int32Array.from(nodes, ({ eni }) => indexIn(indexes.enis, eni.eniId)),
    nodeAddr: Int32Array.from(nodes, ({ eni }) => (eni.addresses[0] ?? 0) | 0),
    nodeStickiness: Uint8Array.from(nodes, ({ group }) =>
      group === undefined ? STICKS_TO_FIVE_TUPLE : STICKINESS[group.stickiness],
    ),
    nodeTcpIdleMs: Int32Array.from(
      nodes,
      ({ balancer: { listener } }) => 1000 * (listener?.tcpIdleSeconds ?? DEFAULT_TCP_IDLE_SECONDS),
    ),
    targets: Int32Array.from(targets.flat(), ({ addr }) => addr),
    targetsFrom,
    targetFlags: Uint8Array.from(targets.flat(), ({ flags }) => flags),
    endpointEni: Int32Array.from(enis, ({ eniId }) => indexIn(indexes.enis, eniId)),
    endpointNode: Int32Array.from(nodeOfEach),
    endpointIdHigh: Int32Array.from(ids, ([high]) => high),
    endpointIdLow: Int32Array.from(ids, ([, low]) => low),
    attachmentIdHigh: Int32Array.from(attachments, ([high]) => high),
    attachmentIdLow: Int32Array.from(attachments, ([, low]) => low),
    endpoints: buildExactMap(
      3,
      ids.map((words, row) => [[...words, nodeOfEach[row] as number], row]),
    ),
  };
}

/** @returns the endpoints by which packets can go, in the order of their rows. */
export function balancedEndpointsOf({ vpcEndpoints, enis }: Fabric): VpcEndpoint[] {
  const held = new Set(Array.from(enis.values(), ({ madeFor }) => madeFor));
  return [...vpcEndpoints.values()].filter(
    ({ type, state, vpcEndpointId }) =>
      type === 'GatewayLoadBalancer' && state === 'available' && held.has(vpcEndpointId),
  );
}

function eniOfEndpoint({ enis }: Fabric, { vpcEndpointId }: VpcEndpoint): Eni {
  const own = [...enis.values()].find(({ madeFor }) => madeFor === vpcEndpointId);
  if (own === undefined) throw new Error(`"${vpcEndpointId}" has no interface`);
  return own;
}

function nodesOfAll(fabric: Fabric): Node[] {
  return [...fabric.loadBalancers.values()].flatMap((balancer) => {
    const { loadBalancerArn, listener } = balancer;
    const group = listener === null ? undefined : fabric.targetGroups.get(listener.targetGroupArn);
    return nodesOf(fabric, loadBalancerArn).map((eni) => ({ eni, balancer, group }));
  });
}

/**
 * A node gives flows to healthy targets, of its own zone unless the balancer is for all; where none is
 * healthy, to any that is registered. What of the others stays with them the group says (GWLB-7).
 */
function targetsOfNode(fabric: Fabric, { eni, balancer, group }: Node): NodeTarget[] {
  if (group === undefined) return [];
  const keeps = group.failover === 'no_rebalance' ? TARGET_KEEPS : 0;
  const zone = zoneOf(fabric, eni.subnetId);
  const reachable = targetsOf(fabric, group.targetGroupArn).flatMap((target) => {
    const held = eniOfTarget(fabric, group, target);
    const [addr] = held?.addresses ?? [];
    if (held === undefined || addr === undefined) return [];
    const own = zoneOf(fabric, held.subnetId);
    const isNear = own === zone || (balancer.isCrossZone && isServing(fabric, balancer, own));
    return isNear ? [{ target, addr: addr | 0 }] : [];
  });
  const canTake = ({ target }: { readonly target: Target }): boolean =>
    target.state !== 'draining' && !isTargetDown(fabric, group, target);
  const healthy = reachable.filter((each) => canTake(each) && each.target.state === 'healthy');
  const takers = new Set(healthy.length > 0 ? healthy : reachable.filter(canTake));
  return reachable.map((each) => ({
    addr: each.addr,
    flags: keeps | (takers.has(each) ? TARGET_TAKES : 0),
  }));
}

/** @returns the 64 bits of an id: its last sixteen digits. */
function idWords(id: string): readonly [high: number, low: number] {
  const digits = id.slice(-16);
  return [Number.parseInt(digits.slice(0, 8), 16) | 0, Number.parseInt(digits.slice(8), 16) | 0];
}
