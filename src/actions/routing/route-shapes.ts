/** Routes in AWS's shape. */
import { formatCidr } from '../../addr/cidr.ts';
import type { PrefixListRoute, Route, RouteTable } from '../../model/records.ts';
import { isGatewayTarget, routeState } from '../../model/routes.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { ActionOutput } from '../action.ts';

/** The members of a route that name its target. */
export interface TargetShape {
  readonly GatewayId?: string;
  readonly EgressOnlyInternetGatewayId?: string;
  readonly NatGatewayId?: string;
  readonly VpcPeeringConnectionId?: string;
  readonly TransitGatewayId?: string;
  readonly CarrierGatewayId?: string;
  readonly NetworkInterfaceId?: string;
  readonly InstanceId?: string;
  readonly InstanceOwnerId?: string;
}

const GATEWAY_MEMBERS = {
  'internet-gateway': 'GatewayId',
  'vpn-gateway': 'GatewayId',
  'egress-only-gateway': 'EgressOnlyInternetGatewayId',
  'nat-gateway': 'NatGatewayId',
  peering: 'VpcPeeringConnectionId',
  'transit-gateway': 'TransitGatewayId',
  'carrier-gateway': 'CarrierGatewayId',
  'vpc-endpoint': 'GatewayId',
} as const satisfies Record<string, keyof TargetShape>;

/** An interface's route shows the instance that the interface is attached to at the time. */
export function targetShape({ target }: Pick<Route, 'target'>, snapshot: Snapshot): TargetShape {
  if (isGatewayTarget(target)) return { [GATEWAY_MEMBERS[target.kind]]: target.gatewayId };
  switch (target.kind) {
    case 'local':
      return { GatewayId: 'local' };
    case 'eni': {
      const attachment = snapshot.enis.get(target.eniId)?.attachment ?? null;
      const instance =
        attachment === null
          ? {}
          : { InstanceId: attachment.instanceId, InstanceOwnerId: snapshot.accountId };
      return { NetworkInterfaceId: target.eniId, ...instance };
    }
    case 'instance':
      return {
        NetworkInterfaceId: target.eniId,
        InstanceId: target.instanceId,
        InstanceOwnerId: snapshot.accountId,
      };
    default:
      return target satisfies never;
  }
}

/** @source RT-11, RT-12 */
export function routeShape(table: RouteTable, route: Route, snapshot: Snapshot): ActionOutput {
  const { destination } = route;
  const text = formatCidr(destination);
  return {
    ...(destination.family === 4
      ? { DestinationCidrBlock: text }
      : { DestinationIpv6CidrBlock: text }),
    ...targetShape(route, snapshot),
    Origin: route.origin,
    State: routeState(snapshot, table, route),
  };
}

export function listRouteShape(
  table: RouteTable,
  route: PrefixListRoute,
  snapshot: Snapshot,
): ActionOutput {
  return {
    DestinationPrefixListId: route.prefixListId,
    ...targetShape(route, snapshot),
    Origin: 'CreateRoute',
    State: routeState(snapshot, table, route),
  };
}
