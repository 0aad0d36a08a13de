/** What belongs to a VPC endpoint, and which service it reaches. */
import type { EndpointService, EndpointType, VpcEndpoint } from '../endpoints.ts';
import type { LoadBalancerArn, VpcEndpointId } from '../ids.ts';
import type { Eni, RouteTable } from '../records.ts';
import type { Snapshot } from '../snapshot.ts';
import { zoneOf } from './load-balancers.ts';

/** @returns the interfaces that were made for the endpoint. */
export function enisOfEndpoint(snapshot: Snapshot, vpcEndpointId: VpcEndpointId): Eni[] {
  return [...snapshot.enis.values()].filter(({ madeFor }) => madeFor === vpcEndpointId);
}

/** @returns the tables whose route to the service's prefix list leads to the endpoint. @source GWEP-1 */
export function tablesOfEndpoint(snapshot: Snapshot, vpcEndpointId: VpcEndpointId): RouteTable[] {
  return [...snapshot.routeTables.values()].filter(({ prefixListRoutes }) =>
    prefixListRoutes.some(
      ({ target }) => target.kind === 'vpc-endpoint' && target.gatewayId === vpcEndpointId,
    ),
  );
}

/** @returns the name by which endpoints ask for a service of one's own. */
export function ownServiceName({ region }: Snapshot, { serviceId }: EndpointService): string {
  return `com.amazonaws.vpce.${region}.${serviceId}`;
}

export function ownServiceNamed(snapshot: Snapshot, name: string): EndpointService | undefined {
  return [...snapshot.endpointServices.values()].find(
    (service) => ownServiceName(snapshot, service) === name,
  );
}

export function ownServiceType({ gatewayLoadBalancerArns }: EndpointService): EndpointType {
  return gatewayLoadBalancerArns.length > 0 ? 'GatewayLoadBalancer' : 'Interface';
}

/**
 * @returns the zones in which endpoints can reach the service: those that its Gateway Load Balancers have
 *   nodes in, and all for load balancers that the region does not know.
 */
export function zonesOfService(
  snapshot: Snapshot,
  { gatewayLoadBalancerArns }: EndpointService,
): readonly string[] {
  const { availabilityZones, loadBalancers } = snapshot;
  const balancers = gatewayLoadBalancerArns.map((arn) => loadBalancers.get(arn as LoadBalancerArn));
  if (balancers.length === 0 || balancers.includes(undefined)) return availabilityZones;
  const subnetIds = balancers.flatMap((balancer) => balancer?.subnetIds ?? []);
  const served = new Set(subnetIds.map((subnetId) => zoneOf(snapshot, subnetId)));
  return availabilityZones.filter((zone) => served.has(zone));
}

/** @returns the endpoints that reach the service, accepted or not. */
export function endpointsOfService(snapshot: Snapshot, service: EndpointService): VpcEndpoint[] {
  const name = ownServiceName(snapshot, service);
  return [...snapshot.vpcEndpoints.values()].filter(({ serviceName }) => serviceName === name);
}
