/** The Gateway Load Balancers of a lab, their appliances and the endpoints that lead to them. Names are resolved. */
import type { HealthCheck, Stickiness, TargetGroup } from '../model/load-balancers.ts';
import type { InVpc } from './lab-gateways.ts';

export interface LabTargetGroup extends InVpc {
  /** Instances of its VPC. */
  readonly targets: readonly string[];
  readonly healthCheck: HealthCheck;
  readonly stickiness: Stickiness;
  readonly failover: TargetGroup['failover'];
  readonly deregistrationDelaySeconds: number;
}

/** With an endpoint service that has its name, and accepts whoever comes. */
export interface LabGatewayLoadBalancer extends InVpc {
  /** `vpc/subnet`, one in each zone. */
  readonly subnets: readonly string[];
  /** `vpc/group` */
  readonly targetGroup: string;
  readonly isCrossZone: boolean;
  readonly tcpIdleSeconds: number;
}

/** An endpoint of a Gateway Load Balancer: what routes lead to. */
export interface LabBalancerEndpoint extends InVpc {
  /** `vpc/balancer`, of the same region. */
  readonly balancer: string;
  /** `vpc/subnet` */
  readonly subnet: string;
}

export interface LabLoadBalancing {
  /** By `vpc/name`, as those below. */
  readonly targetGroups: ReadonlyMap<string, LabTargetGroup>;
  readonly loadBalancers: ReadonlyMap<string, LabGatewayLoadBalancer>;
  readonly balancerEndpoints: ReadonlyMap<string, LabBalancerEndpoint>;
}
