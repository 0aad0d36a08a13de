/** Finding gateways, elastic addresses, VPN and peerings by the ids of a request. */
import type { ElasticAddress } from '../../model/elastic-addresses.ts';
import type {
  CarrierGateway,
  CustomerGateway,
  EgressOnlyGateway,
  InternetGateway,
  NatGateway,
  VpnConnection,
  VpnGateway,
} from '../../model/gateways.ts';
import type { Peering } from '../../model/peerings.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { stateOf } from '../../model/transitions.ts';
import { unknownId } from '../errors.ts';
import { findRow, hasPrefix } from '../lookup.ts';
import { unknownNatGateway } from './gateway-errors.ts';

export function findElasticAddress(snapshot: Snapshot, id: string): ElasticAddress {
  return findRow(snapshot.elasticAddresses, 'eipalloc', id);
}

export function findInternetGateway(snapshot: Snapshot, id: string): InternetGateway {
  return findRow(snapshot.internetGateways, 'igw', id);
}

export function findEgressOnlyGateway(snapshot: Snapshot, id: string): EgressOnlyGateway {
  return findRow(snapshot.egressOnlyGateways, 'eigw', id);
}

/** @throws NatGatewayNotFound, the code of the actions on NAT gateways. */
export function findNatGateway(snapshot: Snapshot, id: string): NatGateway {
  const gateway = hasPrefix(id, 'nat') ? snapshot.natGateways.get(id) : undefined;
  if (gateway === undefined) throw unknownNatGateway(id);
  return gateway;
}

/** @returns the state that is told of the gateway. */
export function natGatewayState(
  snapshot: Snapshot,
  { natGatewayId, state }: NatGateway,
): NatGateway['state'] | 'pending' | 'deleting' {
  return stateOf<NatGateway['state'] | 'pending' | 'deleting'>(snapshot, natGatewayId, state);
}

/** @throws InvalidNatGatewayID.NotFound for one that is pending, failed or was deleted, too. */
export function findAvailableNatGateway(snapshot: Snapshot, id: string): NatGateway {
  const gateway = findRow(snapshot.natGateways, 'nat', id);
  if (natGatewayState(snapshot, gateway) !== 'available') throw unknownId('nat', id);
  return gateway;
}

export function findCustomerGateway(snapshot: Snapshot, id: string): CustomerGateway {
  return findRow(snapshot.customerGateways, 'cgw', id);
}

export function findVpnGateway(snapshot: Snapshot, id: string): VpnGateway {
  return findRow(snapshot.vpnGateways, 'vgw', id);
}

export function findVpnConnection(snapshot: Snapshot, id: string): VpnConnection {
  return findRow(snapshot.vpnConnections, 'vpn', id);
}

export function findCarrierGateway(snapshot: Snapshot, id: string): CarrierGateway {
  return findRow(snapshot.carrierGateways, 'cagw', id);
}

export function findPeering(snapshot: Snapshot, id: string): Peering {
  return findRow(snapshot.peerings, 'pcx', id);
}

/** @throws InvalidVpcPeeringConnectionID.NotFound for one that is over, too. */
export function findLivePeering(snapshot: Snapshot, id: string): Peering {
  const peering = findPeering(snapshot, id);
  const { code } = peering.status;
  if (code !== 'active' && code !== 'pending-acceptance') throw unknownId('pcx', id);
  return peering;
}
