/** What the dataplane forgets when a new program lacks what it is about. Off the frame path. */
import type { NatGatewayTable } from './edges.ts';
import type { ConnectionTable } from './flow/connection-table.ts';
import type { FlowState } from './flow/flow-state.ts';
import type { EniTable, Program } from './program.ts';

/** Forgets the connections of interfaces that are gone, and the flows of gateways and addresses that are. */
export function forgetGone(
  { connections, natFlows }: FlowState,
  before: Program,
  after: Program,
): void {
  forgetMissing(connections, before.enis, after.enis);
  if (!isSameNat(before.edges.nat, after.edges.nat)) {
    natFlows.retain(addressesOfGateways(after.edges.nat));
  }
}

/** Most programs differ elsewhere, and to forget walks all flows. */
function isSameNat(one: NatGatewayTable, other: NatGatewayTable): boolean {
  return (
    isSameWords(one.id, other.id) &&
    isSameWords(one.addressFrom, other.addressFrom) &&
    isSameWords(one.addresses, other.addresses)
  );
}

function isSameWords(one: Int32Array, other: Int32Array): boolean {
  return one.length === other.length && one.every((word, index) => word === other[index]);
}

/** @returns the addresses of each gateway that keeps state, by its id. */
function addressesOfGateways(nat: NatGatewayTable): Map<number, ReadonlySet<number>> {
  const { id, addresses, addressFrom } = nat;
  return new Map(
    Array.from(id, (each, row) => {
      const held = addresses.subarray(addressFrom[row] as number, addressFrom[row + 1] as number);
      return [each, new Set(held)];
    }),
  );
}

/** Forgets the connections of interfaces that the new program has no more. */
function forgetMissing(connections: ConnectionTable, before: EniTable, after: EniTable): void {
  const macs = new Set<number>();
  const macOf = (high: number, low: number): number => high * 0x1_0000_0000 + (low >>> 0);
  after.macLow.forEach((low, eni) => {
    macs.add(macOf(after.macHigh[eni] as number, low));
  });
  const isMissing = (low: number, eni: number): boolean =>
    !macs.has(macOf(before.macHigh[eni] as number, low));
  if (before.macLow.some(isMissing)) {
    connections.retain((high, low) => macs.has(macOf(high, low)));
  }
}
