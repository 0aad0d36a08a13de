/** Which Gateway Load Balancers and endpoints of a running lab cannot be changed into what the lab file says. */
import type { Lab } from '../lab.ts';
import type { CurrentLab } from './current.ts';
import { changed, leaving } from './departing.ts';

/** Why one must go, by its name; those that stay are not in the maps. */
export interface LoadBalancingDepartures {
  readonly loadBalancers: ReadonlyMap<string, string>;
  readonly targetGroups: ReadonlyMap<string, string>;
  /** By the names of their balancers. */
  readonly endpointServices: ReadonlyMap<string, string>;
  readonly balancerEndpoints: ReadonlyMap<string, string>;
}

/** What goes with its VPC or its subnet. */
interface Grounds {
  readonly vpcs: ReadonlyMap<string, string>;
  readonly subnets: ReadonlyMap<string, string>;
}

export function findLoadBalancingDepartures(
  lab: Lab,
  current: CurrentLab,
  { vpcs, subnets }: Grounds,
): LoadBalancingDepartures {
  const groundOf = (vpc: string, keys: readonly string[]): string | null => {
    if (vpcs.has(vpc)) return `VPC ${vpc} is made again`;
    const again = keys.find((key) => subnets.has(key) && current.subnets.has(key));
    return again === undefined ? null : `subnet ${again} is made again`;
  };
  const loadBalancers = leaving(current.loadBalancers, lab.loadBalancers, (now, wanted) => {
    const ground = groundOf(wanted.vpc, wanted.subnets);
    if (ground !== null) return ground;
    const keys = now.subnetIds.map((id) => current.subnetKeys.get(id) ?? id);
    const lost = keys.find((key) => !wanted.subnets.includes(key));
    return lost === undefined ? null : `it cannot leave subnet ${lost}`;
  });
  const endpointServices = leaving(
    current.endpointServices,
    lab.loadBalancers,
    (_, { key }) => loadBalancers.get(key) ?? null,
  );
  const balancerEndpoints = leaving(
    current.balancerEndpoints,
    lab.balancerEndpoints,
    ({ vpcEndpointId, serviceName }, wanted) => {
      const ground = groundOf(wanted.vpc, [wanted.subnet]);
      if (ground !== null) return ground;
      const { balancer } = wanted;
      const service = endpointServices.has(balancer)
        ? undefined
        : current.endpointServices.get(balancer);
      const isSame = service !== undefined && serviceName.endsWith(`.${service.serviceId}`);
      if (!isSame) return `it leads to another service of ${balancer} now`;
      const eni = [...(current.fabric?.enis.values() ?? [])].find(
        ({ madeFor }) => madeFor === vpcEndpointId,
      );
      const subnet = eni && (current.subnetKeys.get(eni.subnetId) ?? eni.subnetId);
      return subnet === undefined || subnet === wanted.subnet
        ? null
        : changed('subnet', subnet, wanted.subnet);
    },
  );
  return {
    loadBalancers,
    targetGroups: leaving(current.targetGroups, lab.targetGroups, (_, { vpc }) =>
      groundOf(vpc, []),
    ),
    endpointServices,
    balancerEndpoints,
  };
}
