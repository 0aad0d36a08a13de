/**
 * Gateway Load Balancers: they give each flow that comes by their endpoints to one appliance of a target
 * group, in Geneve, and take it back. Rules: GWLB-1 to GWLB-8.
 */
import type {
  ListenerArn,
  LoadBalancerArn,
  SubnetId,
  TargetGroupArn,
  TargetKey,
  VpcId,
} from './ids.ts';
import type { Tagged, Tags } from './tags.ts';

/** Where appliances take packets: the only port of their target groups. @source GWLB-1 */
export const GENEVE_PORT = 6081;

/** Of a listener that says nothing. @source GWLB-4 */
export const DEFAULT_TCP_IDLE_SECONDS = 350;

/** Who gets all packets; a balancer without one drops them. */
export interface Listener {
  readonly listenerArn: ListenerArn;
  readonly targetGroupArn: TargetGroupArn;
  /** How long an idle TCP flow stays with its appliance; 60 to 6000 (GWLB-4). */
  readonly tcpIdleSeconds: number;
  readonly tags: Tags;
}

/** Its nodes are the interfaces that are made for it, one in each of its subnets. */
export interface GatewayLoadBalancer extends Tagged {
  readonly loadBalancerArn: LoadBalancerArn;
  readonly name: string;
  readonly vpcId: VpcId;
  /** One in each of its zones. */
  readonly subnetIds: readonly SubnetId[];
  /** Else a node gives flows to the targets of its own zone only (GWLB-7). */
  readonly isCrossZone: boolean;
  readonly isDeletionProtected: boolean;
  readonly listener: Listener | null;
  /** Milliseconds since the epoch. */
  readonly createTimeMs: number;
}

/** How the nodes find out which targets work (GWLB-6). */
export interface HealthCheck {
  readonly protocol: 'TCP' | 'HTTP' | 'HTTPS';
  readonly port: number;
  /** Of HTTP and HTTPS. */
  readonly path: string;
  readonly intervalSeconds: number;
  readonly timeoutSeconds: number;
  /** Checks in a row until a target counts as healthy, or as unhealthy. */
  readonly healthyThreshold: number;
  readonly unhealthyThreshold: number;
  /** Of HTTP and HTTPS, as `200-399` or `200,301`. */
  readonly matcher: string;
}

/** What stickiness goes by, when it is on. */
export type StickinessType = 'source_ip_dest_ip_proto' | 'source_ip_dest_ip';

/** What of a packet decides on its appliance (GWLB-3). */
export type Stickiness = StickinessType | 'five_tuple';

export interface TargetGroup extends Tagged {
  readonly targetGroupArn: TargetGroupArn;
  readonly name: string;
  readonly vpcId: VpcId;
  readonly targetType: 'instance' | 'ip';
  readonly healthCheck: HealthCheck;
  readonly stickiness: Stickiness;
  /** Also while stickiness is off: it is told then, too, and holds when it is switched on. */
  readonly stickinessType: StickinessType;
  /** What becomes of flows whose target leaves or fails: they stay, or go to others (GWLB-7). */
  readonly failover: 'no_rebalance' | 'rebalance';
  readonly deregistrationDelaySeconds: number;
}

/** What a group is made with where nothing is said. @source GWLB-3, GWLB-6, GWLB-7 */
export const NEW_TARGET_GROUP = {
  healthCheck: {
    protocol: 'TCP',
    port: 80,
    path: '/',
    intervalSeconds: 10,
    timeoutSeconds: 5,
    healthyThreshold: 5,
    unhealthyThreshold: 2,
    matcher: '200-399',
  },
  stickiness: 'five_tuple',
  stickinessType: 'source_ip_dest_ip',
  failover: 'no_rebalance',
  deregistrationDelaySeconds: 300,
} as const satisfies Partial<TargetGroup>;

/**
 * What checks have found. A target is `initial` until the first have ended. `draining` ends flows only;
 * whether a target is used at all follows from the rest of the model.
 */
export type TargetState = 'initial' | 'healthy' | 'unhealthy' | 'draining';

export interface Target {
  readonly targetKey: TargetKey;
  readonly targetGroupArn: TargetGroupArn;
  /** An instance, or an IPv4 address in dotted form. */
  readonly targetId: string;
  readonly state: TargetState;
  /** Of the last change; milliseconds since the epoch. */
  readonly stateTimeMs: number;
  /** Why it is initial or unhealthy: AWS's code, such as `Target.FailedHealthChecks`; null otherwise. */
  readonly reason: string | null;
}
