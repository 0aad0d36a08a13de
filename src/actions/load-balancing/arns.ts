/** The names of what Elastic Load Balancing has, and finding it by them. */
import type { ListenerArn, LoadBalancerArn, TargetGroupArn } from '../../model/ids.ts';
import type { GatewayLoadBalancer, Listener, TargetGroup } from '../../model/load-balancers.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { ActionContext } from '../action.ts';
import {
  listenerNotFound,
  loadBalancerNotFound,
  malformedArn,
  targetGroupNotFound,
  validationError,
} from './balancing-errors.ts';

const PLACE = 'arn:aws[\\w-]*:elasticloadbalancing:[a-z0-9-]+:\\d{12}';
const ID = '[0-9a-f]{8,16}';
const LOAD_BALANCER = new RegExp(`^${PLACE}:loadbalancer/(?:gwy|net|app)/[\\w-]+/${ID}$`);
const LISTENER = new RegExp(`^${PLACE}:listener/(?:gwy|net|app)/[\\w-]+/${ID}/${ID}$`);
const TARGET_GROUP = new RegExp(`^${PLACE}:targetgroup/[\\w-]+/${ID}$`);

const NAME = /^[A-Za-z0-9-]+$/;
const MAX_NAME_LENGTH = 32;

function placeOf({ region, accountId }: Snapshot): `arn:${string}` {
  return `arn:aws:elasticloadbalancing:${region}:${accountId}`;
}

/** @returns 16 hexadecimal digits. */
function newDigits({ newId }: ActionContext): string {
  return newId('elb').slice('elb-0'.length);
}

export function newBalancerArn(context: ActionContext, name: string): LoadBalancerArn {
  return `${placeOf(context.draft.snapshot)}:loadbalancer/gwy/${name}/${newDigits(context)}`;
}

/** It begins as the ARN of its load balancer, but for the kind. */
export function newListenerArn(
  context: ActionContext,
  { loadBalancerArn }: GatewayLoadBalancer,
): ListenerArn {
  const [, tail] = loadBalancerArn.split(':loadbalancer/gwy/');
  return `${placeOf(context.draft.snapshot)}:listener/gwy/${tail}/${newDigits(context)}`;
}

export function newTargetGroupArn(context: ActionContext, name: string): TargetGroupArn {
  return `${placeOf(context.draft.snapshot)}:targetgroup/${name}/${newDigits(context)}`;
}

/** @param noun `Load balancer` or `Target group`. @throws ValidationError */
export function checkName(name: string, noun: string): void {
  const what = `${noun} name '${name}'`;
  if (name.length > MAX_NAME_LENGTH) {
    throw validationError(`${what} cannot be longer than '${MAX_NAME_LENGTH}' characters`);
  }
  if (!NAME.test(name)) {
    throw validationError(
      `${what} can only contain characters that are alphanumeric characters or hyphens(-)`,
    );
  }
  if (name.startsWith('-') || name.endsWith('-')) {
    throw validationError(`${what} cannot begin or end with a hyphen(-)`);
  }
}

export function isLoadBalancerArn(arn: string): arn is LoadBalancerArn {
  return LOAD_BALANCER.test(arn);
}

export function isTargetGroupArn(arn: string): arn is TargetGroupArn {
  return TARGET_GROUP.test(arn);
}

export function isListenerArn(arn: string): arn is ListenerArn {
  return LISTENER.test(arn);
}

/** @throws ValidationError, LoadBalancerNotFound */
export function findLoadBalancer(snapshot: Snapshot, arn: string): GatewayLoadBalancer {
  if (!isLoadBalancerArn(arn)) throw malformedArn(arn, 'load balancer');
  const balancer = snapshot.loadBalancers.get(arn);
  if (balancer === undefined) throw loadBalancerNotFound(arn);
  return balancer;
}

/** @throws ValidationError, TargetGroupNotFound */
export function findTargetGroup(snapshot: Snapshot, arn: string): TargetGroup {
  if (!isTargetGroupArn(arn)) throw malformedArn(arn, 'target group');
  const group = snapshot.targetGroups.get(arn);
  if (group === undefined) throw targetGroupNotFound(arn);
  return group;
}

export interface FoundListener {
  readonly balancer: GatewayLoadBalancer;
  readonly listener: Listener;
}

/** @returns those of the region, in the order of their load balancers. */
export function listenersOf({ loadBalancers }: Snapshot): FoundListener[] {
  return [...loadBalancers.values()].flatMap((balancer) =>
    balancer.listener === null ? [] : [{ balancer, listener: balancer.listener }],
  );
}

/** @throws ValidationError, ListenerNotFound */
export function findListener(snapshot: Snapshot, arn: string): FoundListener {
  if (!isListenerArn(arn)) throw malformedArn(arn, 'listener');
  const found = listenersOf(snapshot).find(({ listener }) => listener.listenerArn === arn);
  if (found === undefined) throw listenerNotFound(arn);
  return found;
}
