/** Which gateway is a VPC's, and whether packets can leave by it. */
import type {
  GatewayTarget,
  InternetGateway,
  NatGateway,
  VpnConnection,
  VpnGateway,
} from '../gateways.ts';
import type { EniId, VpcId, VpnGatewayId } from '../ids.ts';
import type { RouteTable } from '../records.ts';
import type { Fabric } from '../snapshot.ts';
import type { Tagged } from '../tags.ts';
import { isAttached, vpcAttachmentsOf } from './transit-gateways.ts';

/** @returns the gateway; undefined when it is gone. */
export function gatewayRecord(snapshot: Fabric, target: GatewayTarget): Tagged | undefined {
  switch (target.kind) {
    case 'internet-gateway':
      return snapshot.internetGateways.get(target.gatewayId);
    case 'vpn-gateway':
      return snapshot.vpnGateways.get(target.gatewayId);
    case 'egress-only-gateway':
      return snapshot.egressOnlyGateways.get(target.gatewayId);
    case 'nat-gateway':
      return snapshot.natGateways.get(target.gatewayId);
    case 'peering':
      return snapshot.peerings.get(target.gatewayId);
    case 'transit-gateway':
      return snapshot.transitGateways.get(target.gatewayId);
    case 'carrier-gateway':
      return snapshot.carrierGateways.get(target.gatewayId);
    case 'vpc-endpoint':
      return snapshot.vpcEndpoints.get(target.gatewayId);
    default:
      return target satisfies never;
  }
}

/** @returns the NAT gateway that works by this interface. */
export function natOfInterface({ natGateways }: Fabric, eniId: EniId): NatGateway | undefined {
  return [...natGateways.values()].find((nat) => nat.eniId === eniId && nat.state === 'available');
}

/** @returns the tables that `isUsable` looks at. */
export function gatewayTables(snapshot: Fabric): readonly object[] {
  const { internetGateways, vpnGateways, egressOnlyGateways, natGateways, peerings } = snapshot;
  const { carrierGateways, vpcEndpoints, transitGatewayAttachments } = snapshot;
  const attached = [internetGateways, vpnGateways, egressOnlyGateways, carrierGateways];
  return [...attached, natGateways, peerings, vpcEndpoints, transitGatewayAttachments];
}

/**
 * Tells whether packets of the table's VPC can leave by the gateway.
 * @returns false when it is gone, detached, attached to another VPC, a peering that is not active, or
 *   an endpoint that was not accepted.
 * @source RT-11, PCX-3, TGW-1
 */
export function isUsable(
  snapshot: Fabric,
  { vpcId }: Pick<RouteTable, 'vpcId'>,
  target: GatewayTarget,
): boolean {
  switch (target.kind) {
    case 'internet-gateway':
      return snapshot.internetGateways.get(target.gatewayId)?.vpcId === vpcId;
    case 'vpn-gateway':
      return snapshot.vpnGateways.get(target.gatewayId)?.vpcId === vpcId;
    case 'egress-only-gateway':
      return snapshot.egressOnlyGateways.get(target.gatewayId)?.vpcId === vpcId;
    case 'nat-gateway':
      return snapshot.natGateways.get(target.gatewayId)?.state === 'available';
    case 'peering':
      return snapshot.peerings.get(target.gatewayId)?.status.code === 'active';
    case 'transit-gateway':
      return isAttached(snapshot, target.gatewayId, vpcId);
    case 'carrier-gateway':
      return snapshot.carrierGateways.get(target.gatewayId)?.vpcId === vpcId;
    case 'vpc-endpoint':
      return snapshot.vpcEndpoints.get(target.gatewayId)?.state === 'available';
    default:
      return target satisfies never;
  }
}

/** @returns the gateway that is attached to the VPC. */
export function internetGatewayOf(snapshot: Fabric, vpcId: VpcId): InternetGateway | undefined {
  return [...snapshot.internetGateways.values()].find((gateway) => gateway.vpcId === vpcId);
}

/** @returns the virtual private gateway that is attached to the VPC. */
export function vpnGatewayOf(snapshot: Fabric, vpcId: VpcId): VpnGateway | undefined {
  return [...snapshot.vpnGateways.values()].find((gateway) => gateway.vpcId === vpcId);
}

/** @returns true when the VPC has a gateway or an endpoint; NAT gateways are in its subnets. */
export function hasGateway(snapshot: Fabric, vpcId: VpcId): boolean {
  const { internetGateways, egressOnlyGateways, vpnGateways } = snapshot;
  const { carrierGateways, vpcEndpoints } = snapshot;
  if (vpcAttachmentsOf(snapshot, vpcId).length > 0) return true;
  return [internetGateways, egressOnlyGateways, vpnGateways, carrierGateways, vpcEndpoints].some(
    (gateways) => [...gateways.values()].some((gateway) => gateway.vpcId === vpcId),
  );
}

/** @returns the VPN connections of a virtual private gateway. */
export function connectionsOf(snapshot: Fabric, vpnGatewayId: VpnGatewayId): VpnConnection[] {
  return [...snapshot.vpnConnections.values()].filter((each) => each.vpnGatewayId === vpnGatewayId);
}
