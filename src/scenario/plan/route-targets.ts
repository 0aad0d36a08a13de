/** What the routes of a lab file lead to: as actions take it, as people read it, and as it is now. */
import { gatewayRecord } from '../../model/lookups/gateways.ts';
import type { Route } from '../../model/records.ts';
import { isGatewayTarget } from '../../model/routes.ts';
import type { InterfaceRef, LabRouteTarget } from '../lab.ts';
import type { GatewayRef } from '../lab-gateways.ts';
import type { NamedKind } from '../names.ts';
import { kept, type PlanContext } from './context.ts';
import { isOwned } from './owned.ts';
import { reference } from './planned-action.ts';

/** The parameter of routes that takes a gateway, and what its references are called. */
const GATEWAYS: Readonly<Record<GatewayRef['kind'], readonly [member: string, kind: NamedKind]>> = {
  'internet-gateway': ['GatewayId', 'internetGateway'],
  'egress-only-gateway': ['EgressOnlyInternetGatewayId', 'egressOnlyInternetGateway'],
  'nat-gateway': ['NatGatewayId', 'natGateway'],
  peering: ['VpcPeeringConnectionId', 'vpcPeeringConnection'],
  'vpc-endpoint': ['VpcEndpointId', 'vpcEndpoint'],
};

/** AWS takes an instance as target only while it has a single interface (RT-13). */
export function effectiveTarget(
  target: LabRouteTarget,
  several: ReadonlySet<string>,
): LabRouteTarget {
  if (target.kind !== 'instance' || !several.has(target.instance)) return target;
  return { kind: 'primary', instance: target.instance };
}

function isGateway(target: LabRouteTarget): target is GatewayRef {
  return Object.hasOwn(GATEWAYS, target.kind);
}

/** @returns the parameter that names the target. */
export function targetOf(target: LabRouteTarget): Record<string, string> {
  if (isGateway(target)) {
    const [member, kind] = GATEWAYS[target.kind];
    return { [member]: reference(kind, target.name) };
  }
  if (target.kind === 'instance') return { InstanceId: reference('instance', target.instance) };
  return { NetworkInterfaceId: reference('interface', interfaceName(target)) };
}

export function targetName(target: LabRouteTarget): string {
  if (isGateway(target)) return target.name;
  return target.kind === 'instance' ? target.instance : interfaceName(target);
}

function interfaceName(target: InterfaceRef): string {
  return target.kind === 'named' ? target.name : `${target.instance}.eth0`;
}

/**
 * An instance and its first interface are one target (RT-13): AWS shows both alike.
 * @returns true when the route leads there already and the target stays.
 */
export function pointsTo(
  context: PlanContext,
  { target: now }: Pick<Route, 'target'>,
  target: LabRouteTarget,
): boolean {
  const { current, departures } = context;
  if (isGateway(target))
    return isGatewayTarget(now) && now.gatewayId === gatewayId(context, target);
  if (now.kind !== 'eni' && now.kind !== 'instance') return false;
  if (target.kind === 'named') {
    return now.eniId === kept(current.interfaces, departures.interfaces, target.name)?.eniId;
  }
  const instance = kept(current.instances, departures.instances, target.instance);
  if (instance === undefined) return false;
  return now.eniId === current.primaryEnis.get(instance.instanceId)?.eniId;
}

/** @returns the id of a gateway that stays. */
function gatewayId({ current, departures }: PlanContext, { kind, name }: GatewayRef) {
  switch (kind) {
    case 'internet-gateway':
      return kept(current.internetGateways, departures.internetGateways, name)?.internetGatewayId;
    case 'egress-only-gateway': {
      const { egressOnlyGateways } = departures;
      return kept(current.egressOnlyGateways, egressOnlyGateways, name)?.egressOnlyGatewayId;
    }
    case 'nat-gateway':
      return kept(current.natGateways, departures.natGateways, name)?.natGatewayId;
    case 'peering':
      return kept(current.peerings, departures.peerings, name)?.peeringId;
    case 'vpc-endpoint': {
      const { balancerEndpoints } = departures;
      return kept(current.balancerEndpoints, balancerEndpoints, name)?.vpcEndpointId;
    }
    default:
      return kind satisfies never;
  }
}

/** @returns true when the lab file made what the route leads to; AWS alone routes to gateway endpoints. */
export function isOwnRoute(
  { lab, current: { fabric } }: Pick<PlanContext, 'lab' | 'current'>,
  { target }: Pick<Route, 'target'>,
): boolean {
  if (target.kind === 'local' || fabric === null) return false;
  if (target.kind === 'vpc-endpoint') {
    const endpoint = fabric.vpcEndpoints.get(target.gatewayId);
    return endpoint?.type === 'GatewayLoadBalancer' && isOwned(lab.name, endpoint);
  }
  if (isGatewayTarget(target)) {
    const gateway = gatewayRecord(fabric, target);
    return gateway !== undefined && isOwned(lab.name, gateway);
  }
  const eni = fabric.enis.get(target.eniId);
  const owner = eni?.attachment?.instanceId;
  const instance = owner === undefined ? undefined : fabric.instances.get(owner);
  return [eni, instance].some((each) => each !== undefined && isOwned(lab.name, each));
}
