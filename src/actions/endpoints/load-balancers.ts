/**
 * What a request says of the load balancers behind a service of one's own: their ARNs. Gateway Load Balancers
 * of the region must be there; others are taken as text.
 */
import type { EndpointService, ServiceAddressType } from '../../model/endpoints.ts';
import type { LoadBalancerArn } from '../../model/ids.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { ActionInput } from '../action.ts';
import { invalidValue } from '../errors.ts';
import { stringsOf } from '../input.ts';
import { endpointParameter } from './endpoint-errors.ts';

const KINDS = {
  NetworkLoadBalancerArns: 'net',
  GatewayLoadBalancerArns: 'gwy',
} as const;

/**
 * Reads a list of ARNs.
 * @param prefix `Add`, `Remove` or nothing, before the name of the parameter.
 * @throws InvalidParameter for what is no ARN of such a load balancer.
 */
export function readBalancers(
  input: ActionInput,
  kind: keyof typeof KINDS,
  prefix: 'Add' | 'Remove' | '' = '',
): string[] {
  const arns = [...new Set(stringsOf(input, `${prefix}${kind}`))];
  const arn = new RegExp(
    `^arn:aws[\\w-]*:elasticloadbalancing:[a-z0-9-]+:\\d{12}:loadbalancer/${KINDS[kind]}/[\\w-]+/[0-9a-f]+$`,
  );
  const bad = arns.find((each) => !arn.test(each));
  if (bad !== undefined) throw endpointParameter(`Invalid load balancer ARN: ${bad}`);
  return arns;
}

/** @throws InvalidParameter for a Gateway Load Balancer of the region that is not there. */
export function checkKnown(
  arns: readonly string[],
  { loadBalancers, region, accountId }: Snapshot,
): void {
  const ownPlace = `:${region}:${accountId}:loadbalancer/gwy/`;
  const unknown = arns.find(
    (arn) => arn.includes(ownPlace) && !loadBalancers.has(arn as LoadBalancerArn),
  );
  if (unknown !== undefined) throw endpointParameter(`Load balancer ARN not found: ${unknown}`);
}

/** @throws InvalidParameter unless a service has load balancers, of one kind. */
export function checkBalancers(
  service: Pick<EndpointService, 'networkLoadBalancerArns' | 'gatewayLoadBalancerArns'>,
): void {
  const { networkLoadBalancerArns, gatewayLoadBalancerArns } = service;
  const kinds = [networkLoadBalancerArns, gatewayLoadBalancerArns].filter(
    (arns) => arns.length > 0,
  );
  if (kinds.length === 1) return;
  throw endpointParameter(
    'An endpoint service needs Network Load Balancers or Gateway Load Balancers, not both.',
  );
}

/** @throws InvalidParameterValue */
export function readServiceAddressTypes(input: ActionInput, name: string): ServiceAddressType[] {
  return stringsOf(input, name).map((text) => {
    if (text !== 'ipv4' && text !== 'ipv6') throw invalidValue('supportedIpAddressTypes', text);
    return text;
  });
}
