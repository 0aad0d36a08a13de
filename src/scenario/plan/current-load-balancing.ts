/** What of a lab's Gateway Load Balancers exists already, by name. */
import type { EndpointService, VpcEndpoint } from '../../model/endpoints.ts';
import type { LoadBalancerArn, VpcId } from '../../model/ids.ts';
import type { GatewayLoadBalancer, TargetGroup } from '../../model/load-balancers.ts';
import type { LabFabric } from '../../model/snapshot.ts';
import { owned } from './owned.ts';

export interface CurrentLoadBalancing {
  /** By `vpc/name`, as those below. */
  readonly loadBalancers: ReadonlyMap<string, GatewayLoadBalancer>;
  readonly targetGroups: ReadonlyMap<string, TargetGroup>;
  /** By the name of its balancer. */
  readonly endpointServices: ReadonlyMap<string, EndpointService>;
  /** Those of Gateway Load Balancers. */
  readonly balancerEndpoints: ReadonlyMap<string, VpcEndpoint>;
}

/** @param inVpc Gives `vpc/`; null for a VPC of somebody else. */
export function currentLoadBalancing(
  lab: string,
  fabric: LabFabric | null,
  inVpc: (object: { readonly vpcId: VpcId }) => string | null,
): CurrentLoadBalancing {
  return {
    loadBalancers: owned(lab, fabric?.loadBalancers, inVpc),
    targetGroups: owned(lab, fabric?.targetGroups, inVpc),
    endpointServices: owned(lab, fabric?.endpointServices, ({ gatewayLoadBalancerArns }) => {
      const [arn] = gatewayLoadBalancerArns;
      const balancer = fabric?.loadBalancers.get(arn as LoadBalancerArn);
      return balancer === undefined ? null : inVpc(balancer);
    }),
    balancerEndpoints: owned(lab, fabric?.vpcEndpoints, (endpoint) =>
      endpoint.type === 'GatewayLoadBalancer' ? inVpc(endpoint) : null,
    ),
  };
}
