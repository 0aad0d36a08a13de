/**
 * AWS's throttling of the EC2 API: buckets of tokens for each action of each account and region. A
 * request takes one token; those that start or stop instances take one of another bucket for each of
 * them. What AWS gives its console has no place here; of Elastic Load Balancing it tells no figures.
 * @source Amazon EC2 Developer Guide, "Request throttling for the Amazon EC2 API"
 */

import type { ActionInput } from '../actions/action.ts';
import { partsOfAction } from '../actions/action-names.ts';
import { ApiError } from '../actions/api-error.ts';
import type { Realm } from '../model/realm.ts';

/** The most tokens that it holds, and those that come back in a second. */
type Limit = readonly [capacity: number, perSecond: number];

const NON_MUTATING: Limit = [100, 20];
const UNFILTERED: Limit = [50, 10];
const MUTATING: Limit = [50, 5];

/** Those that have a smaller bucket for requests without filters and pages. */
const FULL_LISTS: ReadonlySet<string> = new Set([
  'DescribeInstances',
  'DescribeInstanceStatus',
  'DescribeNetworkInterfaces',
  'DescribeSecurityGroups',
  'DescribeSnapshots',
  'DescribeSpotInstanceRequests',
  'DescribeVolumes',
]);

/**
 * Actions with limits of their own. AWS's resource-intensive actions have those of all that mutate,
 * and so they need no row.
 */
const OWN_LIMITS: readonly (readonly [actions: string, limit: Limit])[] = [
  ['CreateDefaultSubnet CreateDefaultVpc DescribeInstanceTopology DescribeMovingAddresses', [1, 1]],
  ['MoveAddressToVpc RestoreAddressToClassic', [1, 1]],
  ['CreateVpcEndpoint DeleteVpcEndpoints ModifyVpcEndpoint', [4, 0.3]],
  ['CreateSubnetCidrReservation DeleteSubnetCidrReservation', [5, 1]],
  ['RunInstances StartInstances AuthorizeClientVpnIngress RevokeClientVpnIngress', [5, 2]],
  ['CreateNatGateway DeleteNatGateway AssociateNatGatewayAddress', [10, 1]],
  ['DisassociateNatGatewayAddress AssignPrivateNatGatewayAddress', [10, 1]],
  ['UnassignPrivateNatGatewayAddress', [10, 1]],
  ['AcceptVpcEndpointConnections RejectVpcEndpointConnections', [10, 1]],
  ['CreateVpcEndpointServiceConfiguration ModifyVpcEndpointServiceConfiguration', [10, 1]],
  ['DeleteVpcEndpointServiceConfigurations', [10, 1]],
  ['DescribeIdFormat DescribeAggregateIdFormat DescribePrincipalIdFormat', [10, 10]],
  ['DescribeSecurityGroupReferences DescribeStaleSecurityGroups', [20, 5]],
  ['ModifyInstanceMetadataDefaults', [2, 2]],
  ['CopyImage', [100, 1]],
  ['AssignIpv6Addresses AssignPrivateIpAddresses UnassignPrivateIpAddresses', [100, 5]],
  ['CreateNetworkInterface DeleteNetworkInterface ModifyNetworkInterfaceAttribute', [100, 5]],
  ['AssociateIamInstanceProfile DisassociateIamInstanceProfile', [100, 5]],
  ['CreateLaunchTemplateVersion ModifyLaunchTemplate TerminateInstances', [100, 5]],
  ['ModifyInstanceMetadataOptions ModifyImageAttribute DeregisterImage', [100, 5]],
  ['CreateVolume DeleteVolume CreateSnapshot CreateSnapshots DeleteSnapshot', [100, 5]],
  ['CreateTags DeleteTags', [100, 10]],
];

const LIMIT_OF: ReadonlyMap<string, Limit> = new Map(
  OWN_LIMITS.flatMap(([actions, limit]) => actions.split(' ').map((action) => [action, limit])),
);

/** A token for each instance. */
const INSTANCE_LIMITS: Readonly<Record<string, Limit>> = {
  RunInstances: [1000, 2],
  TerminateInstances: [1000, 20],
  StartInstances: [1000, 2],
  StopInstances: [1000, 20],
};

/** From here on, full buckets are dropped before a new one is made. */
const MANY_BUCKETS = 10_000;

interface Bucket {
  readonly limit: Limit;
  /** At the time of its last use. */
  readonly tokens: number;
  readonly usedMs: number;
}

export class Throttle {
  readonly #buckets = new Map<string, Bucket>();

  /**
   * Takes the tokens of a request; that it is refused later gives none back.
   * @param nowMs Of any clock that never goes back.
   * @throws ApiError RequestLimitExceeded (503), which SDKs try again by themselves.
   */
  take({ accountId, region }: Realm, action: string, input: ActionInput, nowMs: number): void {
    if (partsOfAction(action).service !== 'ec2') return;
    const place = `${accountId}/${region}/${action}`;
    const isFull = FULL_LISTS.has(action) && isUnfiltered(input);
    if (isFull) this.#takeFrom(`${place}/unfiltered`, UNFILTERED, 1, nowMs);
    else this.#takeFrom(place, limitOf(action), 1, nowMs);
    const instances = INSTANCE_LIMITS[action];
    if (instances === undefined || input['DryRun'] === true) return;
    this.#takeFrom(`${place}/instances`, instances, countOf(action, input), nowMs);
  }

  #takeFrom(key: string, limit: Limit, count: number, nowMs: number): void {
    const known = this.#buckets.get(key);
    if (known === undefined && this.#buckets.size >= MANY_BUCKETS) this.#dropFull(nowMs);
    const tokens = known === undefined ? limit[0] : tokensAt(known, nowMs);
    if (tokens < count) throw requestLimitExceeded();
    this.#buckets.set(key, { limit, tokens: tokens - count, usedMs: nowMs });
  }

  /** A full bucket is as good as none. */
  #dropFull(nowMs: number): void {
    for (const [key, bucket] of this.#buckets) {
      if (tokensAt(bucket, nowMs) >= bucket.limit[0]) this.#buckets.delete(key);
    }
  }
}

/** @returns true for an action that changes nothing. @param action As `performAction` takes it. */
export function isReading(action: string): boolean {
  return /^(?:Describe|List|Search|Get)/.test(partsOfAction(action).name);
}

function limitOf(action: string): Limit {
  return LIMIT_OF.get(action) ?? (isReading(action) ? NON_MUTATING : MUTATING);
}

function tokensAt({ limit: [capacity, perSecond], tokens, usedMs }: Bucket, nowMs: number): number {
  return Math.min(capacity, tokens + ((nowMs - usedMs) / 1000) * perSecond);
}

function isUnfiltered(input: ActionInput): boolean {
  return ['Filters', 'MaxResults', 'NextToken'].every((name) => input[name] === undefined);
}

/** @returns how many instances a request is about. */
function countOf(action: string, input: ActionInput): number {
  if (action === 'RunInstances') return Number(input['MaxCount'] ?? 1);
  const ids = input['InstanceIds'];
  return Array.isArray(ids) ? ids.length : 0;
}

function requestLimitExceeded(): ApiError {
  return new ApiError('RequestLimitExceeded', 'Request limit exceeded.', 503);
}
