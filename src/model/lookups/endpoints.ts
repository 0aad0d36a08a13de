/** What belongs to a VPC endpoint, and which service it reaches. */
import type { EndpointService, EndpointType, VpcEndpoint } from '../endpoints.ts';
import type { VpcEndpointId } from '../ids.ts';
import type { Eni, RouteTable } from '../records.ts';
import type { Snapshot } from '../snapshot.ts';

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

/** @returns the endpoints that reach the service, accepted or not. */
export function endpointsOfService(snapshot: Snapshot, service: EndpointService): VpcEndpoint[] {
  const name = ownServiceName(snapshot, service);
  return [...snapshot.vpcEndpoints.values()].filter(({ serviceName }) => serviceName === name);
}
