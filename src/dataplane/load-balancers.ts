/**
 * Gateway Load Balancers in a program: nodes, their targets, and the endpoints that lead to them.
 * Addresses and the halves of ids are signed 32-bit words; an index names a row of the program, -1 is none.
 */
import { buildExactMap, type ExactMap, lookupExact3 } from '../addr/exact-map.ts';

/** What of a packet makes its flow (GWLB-3). */
export const STICKS_TO_FIVE_TUPLE = 0;
export const STICKS_TO_THREE_TUPLE = 1;
export const STICKS_TO_TWO_TUPLE = 2;

/** Bits of `LoadBalancerTable.targetFlags`: the target gets new flows; it keeps those that it has (GWLB-7). */
export const TARGET_TAKES = 1;
export const TARGET_KEEPS = 2;

export interface LoadBalancerTable {
  /** By interface: the node that it was made for, or -1. */
  readonly nodeOfEni: Int32Array;
  /** By node. */
  readonly nodeEni: Int32Array;
  readonly nodeAddr: Int32Array;
  /** `STICKS_TO_*`. */
  readonly nodeStickiness: Uint8Array;
  /** How long an idle TCP flow stays with its target; milliseconds (GWLB-4). */
  readonly nodeTcpIdleMs: Int32Array;
  /** The addresses of the targets of node n: `targets[targetsFrom[n]]` up to `targetsFrom[n + 1]`. */
  readonly targets: Int32Array;
  readonly targetsFrom: Int32Array;
  readonly targetFlags: Uint8Array;
  /** By endpoint. */
  readonly endpointEni: Int32Array;
  /** -1: no balancer of its service is in its zone. */
  readonly endpointNode: Int32Array;
  readonly endpointIdHigh: Int32Array;
  readonly endpointIdLow: Int32Array;
  readonly attachmentIdHigh: Int32Array;
  readonly attachmentIdLow: Int32Array;
  /** (id high, id low, node) to endpoint. */
  readonly endpoints: ExactMap;
}

export function emptyLoadBalancers(): LoadBalancerTable {
  const none = new Int32Array(0);
  const noBytes = new Uint8Array(0);
  return {
    nodeOfEni: none,
    nodeEni: none,
    nodeAddr: none,
    nodeStickiness: noBytes,
    nodeTcpIdleMs: none,
    targets: none,
    targetsFrom: none,
    targetFlags: noBytes,
    endpointEni: none,
    endpointNode: none,
    endpointIdHigh: none,
    endpointIdLow: none,
    attachmentIdHigh: none,
    attachmentIdLow: none,
    endpoints: buildExactMap(3, []),
  };
}

/** @returns the endpoint that leads to the node, or -1. */
export function endpointOfNode(
  { endpoints }: LoadBalancerTable,
  idHigh: number,
  idLow: number,
  node: number,
): number {
  return lookupExact3(endpoints, idHigh, idLow, node);
}

/** @returns the place in `targets` of a target of the node that still has one of the flags, or -1. */
export function placeOfTarget(
  { targets, targetsFrom, targetFlags }: LoadBalancerTable,
  node: number,
  addr: number,
  flag: number,
): number {
  const end = targetsFrom[node + 1] as number;
  for (let place = targetsFrom[node] as number; place < end; place++) {
    if (targets[place] === addr && ((targetFlags[place] as number) & flag) !== 0) return place;
  }
  return -1;
}

/** @param hash Any word. @returns the place of the target that takes new flows of this hash, or -1. */
export function chooseTarget(
  { targetsFrom, targetFlags }: LoadBalancerTable,
  node: number,
  hash: number,
): number {
  const first = targetsFrom[node] as number;
  const end = targetsFrom[node + 1] as number;
  let count = 0;
  for (let place = first; place < end; place++) {
    if (((targetFlags[place] as number) & TARGET_TAKES) !== 0) count++;
  }
  if (count === 0) return -1;
  let skip = (hash >>> 0) % count;
  for (let place = first; place < end; place++) {
    if (((targetFlags[place] as number) & TARGET_TAKES) !== 0 && skip-- === 0) return place;
  }
  return -1;
}
