/** The interfaces of interface and Gateway Load Balancer endpoints: one in a zone, AWS's to change. */
import type { EndpointAddressType, VpcEndpoint } from '../../model/endpoints.ts';
import { enisOfEndpoint, ownServiceNamed, zonesOfService } from '../../model/lookups/endpoints.ts';
import type { Eni, Subnet } from '../../model/records.ts';
import { isIpv6Only } from '../../model/subnets.ts';
import type { ActionContext, ActionInput } from '../action.ts';
import { differentNetworks, noIpv4Block, unknownId } from '../errors.ts';
import { optionalString, stringOf } from '../input.ts';
import { newEni } from '../interfaces/new-eni.ts';
import { chooseIpv6 } from '../interfaces/subnet-addresses.ts';
import { findSubnet, subnetOf } from '../lookup.ts';
import { endpointParameter, zoneHasEndpoint, zoneNotServed } from './endpoint-errors.ts';

/**
 * Makes an interface in each of the subnets.
 * @param configurations Those of `SubnetConfigurations`, which name addresses.
 * @throws DuplicateSubnetsInSameZone; the refusals of `new-eni.ts`; InvalidParameter when a subnet
 *   does not have the addresses that the endpoint is for, or is in a zone that the service is not in.
 */
export function addInterfaces(
  context: ActionContext,
  endpoint: VpcEndpoint,
  subnetIds: readonly string[],
  configurations: readonly ActionInput[],
): void {
  for (const id of new Set(subnetIds)) {
    const { snapshot } = context.draft;
    const subnet = findSubnet(snapshot, id);
    if (subnet.vpcId !== endpoint.vpcId) {
      throw differentNetworks(`subnet ${id}`, `vpc endpoint ${endpoint.vpcEndpointId}`);
    }
    checkAddressType(subnet, endpoint.addressType);
    const service = ownServiceNamed(snapshot, endpoint.serviceName);
    const isServed =
      service === undefined || zonesOfService(snapshot, service).includes(subnet.availabilityZone);
    if (!isServed) throw zoneNotServed(endpoint.serviceName, id);
    const isTaken = enisOfEndpoint(snapshot, endpoint.vpcEndpointId).some(
      (eni) => subnetOf(snapshot, eni).availabilityZone === subnet.availabilityZone,
    );
    if (isTaken) throw zoneHasEndpoint(id);
    const wish = configurations.find((each) => optionalString(each, 'SubnetId') === id) ?? {};
    addInterface(context, endpoint, subnet, wish);
  }
}

function addInterface(
  context: ActionContext,
  endpoint: VpcEndpoint,
  subnet: Subnet,
  wish: ActionInput,
): void {
  const { vpcEndpointId, groupIds, addressType } = endpoint;
  const ipv6 = optionalString(wish, 'Ipv6');
  const ipv6Wish =
    ipv6 === undefined
      ? { Ipv6AddressCount: addressType === 'ipv4' ? 0 : 1 }
      : { Ipv6Addresses: [{ Ipv6Address: ipv6 }] };
  const request = {
    Description: `VPC Endpoint Interface ${vpcEndpointId}`,
    PrivateIpAddress: optionalString(wish, 'Ipv4'),
    ...ipv6Wish,
  };
  const eni = newEni(request, context, subnet, new Map());
  context.draft.put('enis', eni.eniId, { ...eni, madeFor: vpcEndpointId, groupIds });
}

/** @throws InvalidParameter, InvalidParameterValue */
function checkAddressType(subnet: Subnet, addressType: EndpointAddressType): void {
  const isOnlyIpv6 = isIpv6Only(subnet);
  if (addressType === 'ipv6' && !isOnlyIpv6) {
    throw endpointParameter(
      `The subnet ${subnet.subnetId} is not IPv6-only, which the IP address type ipv6 needs.`,
    );
  }
  if (addressType !== 'ipv6' && isOnlyIpv6) throw noIpv4Block(subnet.subnetId);
}

/** Gives the interfaces the addresses of the type, and takes the others away. */
export function changeAddressType(
  context: ActionContext,
  { vpcEndpointId }: VpcEndpoint,
  addressType: EndpointAddressType,
): void {
  const { draft } = context;
  for (const eni of enisOfEndpoint(draft.snapshot, vpcEndpointId)) {
    const subnet = subnetOf(draft.snapshot, eni);
    checkAddressType(subnet, addressType);
    const kept = addressType === 'ipv4' ? [] : eni.ipv6Addresses;
    const isShort = addressType !== 'ipv4' && kept.length === 0;
    const ipv6Addresses = isShort ? chooseIpv6(context, subnet, 1) : kept;
    draft.put('enis', eni.eniId, { ...eni, ipv6Addresses });
  }
}

/** Removes the interfaces in the subnets. @throws InvalidSubnetID.NotFound when one has none. */
export function removeInterfaces(
  { draft }: ActionContext,
  { vpcEndpointId }: VpcEndpoint,
  subnetIds: readonly string[],
): void {
  for (const id of new Set(subnetIds)) {
    const eni = enisOfEndpoint(draft.snapshot, vpcEndpointId).find(
      ({ subnetId }) => subnetId === id,
    );
    if (eni === undefined) throw unknownId('subnet', id);
    draft.delete('enis', eni.eniId);
  }
}

/** The interfaces have the groups of their endpoint. */
export function regroupInterfaces({ draft }: ActionContext, endpoint: VpcEndpoint): void {
  for (const eni of enisOfEndpoint(draft.snapshot, endpoint.vpcEndpointId)) {
    const changed: Eni = { ...eni, groupIds: endpoint.groupIds };
    draft.put('enis', eni.eniId, changed);
  }
}

/** @returns the subnets of `SubnetIds` and of `SubnetConfigurations`. */
export function subnetIdsOf(
  subnetIds: readonly string[],
  configurations: readonly ActionInput[],
): string[] {
  return [...subnetIds, ...configurations.map((each) => stringOf(each, 'SubnetId'))];
}
