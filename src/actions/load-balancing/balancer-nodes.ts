/** The nodes of Gateway Load Balancers: an interface in each of its subnets, AWS's to change. */

import type { GatewayLoadBalancer } from '../../model/load-balancers.ts';
import { nodesOf } from '../../model/lookups/load-balancers.ts';
import type { Subnet } from '../../model/records.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { isIpv6Only } from '../../model/subnets.ts';
import type { ActionContext, ActionInput, ActionOutput, ParameterType } from '../action.ts';
import { ApiError } from '../api-error.ts';
import { isWellFormed } from '../errors.ts';
import { optionalString, stringsOf, structuresOf } from '../input.ts';
import { newManagedEni } from '../interfaces/new-eni.ts';
import { hasPrefix } from '../lookup.ts';
import {
  invalidConfiguration,
  LOAD_BALANCING_SERVICE,
  notOfGateway,
  subnetNotFound,
  subnetOutOfAddresses,
  subnetWithoutIpv4,
  validationError,
} from './balancing-errors.ts';

export const SUBNET_PARAMETERS: Readonly<Record<string, ParameterType>> = {
  Subnets: ['string'],
  SubnetMappings: [
    {
      SubnetId: 'string',
      AllocationId: 'string',
      PrivateIPv4Address: 'string',
      IPv6Address: 'string',
    },
  ],
};

/**
 * Reads the subnets of a request.
 * @returns at least one: of one VPC, and each of another zone.
 * @throws ValidationError, SubnetNotFound, InvalidSubnet, InvalidConfigurationRequest
 */
export function readSubnets(input: ActionInput, snapshot: Snapshot): [Subnet, ...Subnet[]] {
  const [first, ...others] = [...readSubnetIds(input)].map((id) => findSubnet(snapshot, id));
  if (first === undefined) throw validationError('At least one subnet must be specified');
  const subnets: [Subnet, ...Subnet[]] = [first, ...others];
  if (subnets.some(({ vpcId }) => vpcId !== first.vpcId)) {
    throw invalidConfiguration('All subnets must belong to the same VPC');
  }
  const zones = new Set(subnets.map(({ availabilityZone }) => availabilityZone));
  if (zones.size < subnets.length) {
    throw invalidConfiguration(
      'A load balancer cannot be attached to multiple subnets in the same Availability Zone',
    );
  }
  return subnets;
}

function readSubnetIds(input: ActionInput): Set<string> {
  const ids = stringsOf(input, 'Subnets');
  const mappings = structuresOf(input, 'SubnetMappings');
  if (ids.length > 0 && mappings.length > 0) {
    throw validationError('You can specify either subnets or subnet mappings, but not both');
  }
  const mapped = mappings.map(({ SubnetId, ...addresses }) => {
    if (Object.keys(addresses).length > 0) throw notOfGateway('Addresses of subnet mappings');
    const id = optionalString({ SubnetId }, 'SubnetId');
    if (id === undefined) throw LOAD_BALANCING_SERVICE.refusals.missing('SubnetMappings.SubnetId');
    return id;
  });
  return new Set([...ids, ...mapped]);
}

function findSubnet({ subnets }: Snapshot, id: string): Subnet {
  if (!hasPrefix(id, 'subnet') || !isWellFormed(id)) {
    throw validationError(`The subnet ID '${id}' is not valid`);
  }
  const subnet = subnets.get(id);
  if (subnet === undefined) throw subnetNotFound(id);
  if (isIpv6Only(subnet)) throw subnetWithoutIpv4(id);
  return subnet;
}

/** Makes the nodes that the balancer does not have yet. @throws InvalidSubnet when a subnet is full. */
export function addNodes(
  context: ActionContext,
  { loadBalancerArn }: GatewayLoadBalancer,
  subnets: readonly Subnet[],
): void {
  const present = nodesOf(context.draft.snapshot, loadBalancerArn);
  // `gwy/NAME/ID`
  const [, tail] = loadBalancerArn.split(':loadbalancer/');
  const request = { Description: `ELB ${tail}`, Ipv6AddressCount: 0 };
  for (const subnet of subnets) {
    if (present.some(({ subnetId }) => subnetId === subnet.subnetId)) continue;
    try {
      newManagedEni(request, context, subnet, loadBalancerArn);
    } catch (error) {
      const isFull =
        error instanceof ApiError && error.code === 'InsufficientFreeAddressesInSubnet';
      throw isFull ? subnetOutOfAddresses(subnet.subnetId) : error;
    }
  }
}

export function removeNodes(
  { draft }: ActionContext,
  { loadBalancerArn }: GatewayLoadBalancer,
): void {
  for (const { eniId } of nodesOf(draft.snapshot, loadBalancerArn)) draft.delete('enis', eniId);
}

/** AWS's list of `AvailabilityZone`s. */
export function zoneShapes(
  { subnetIds }: GatewayLoadBalancer,
  { subnets }: Snapshot,
): ActionOutput[] {
  return subnetIds.map((SubnetId) => ({
    ZoneName: subnets.get(SubnetId)?.availabilityZone,
    SubnetId,
    LoadBalancerAddresses: [],
  }));
}
