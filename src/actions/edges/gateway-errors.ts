/** The refusals of gateways, elastic addresses, VPN and peerings: AWS's codes and texts, one small function each. */
import { ApiError } from '../api-error.ts';
import {
  dependencyViolation,
  incorrectState,
  invalidValue,
  limitExceeded,
  operationNotPermitted,
  parameterCombination,
  parameterValue,
  unknownId,
} from '../errors.ts';

/** A `GatewayId` that is neither of an internet gateway nor of a virtual private gateway. */
export function unknownGateway(id: string): ApiError {
  if (/^(?:igw|vgw)-(?:[0-9a-f]{8}|[0-9a-f]{17})$/.test(id)) {
    return new ApiError('InvalidGatewayID.NotFound', `The gateway ID '${id}' does not exist`);
  }
  const isOne = id.startsWith('igw-') || id.startsWith('vgw-');
  const hint = isOne ? '' : ' (expecting "igw-...")';
  return new ApiError('InvalidGatewayID.Malformed', `Invalid id: "${id}"${hint}`);
}

export const internetGatewayLimitExceeded = (): ApiError =>
  limitExceeded('InternetGatewayLimitExceeded', 'internet gateways');
export const egressOnlyLimitExceeded = (): ApiError =>
  limitExceeded('EgressOnlyInternetGatewayLimitExceeded', 'egress only internet gateways');
export const addressLimitExceeded = (): ApiError =>
  limitExceeded('AddressLimitExceeded', 'addresses');
export const customerGatewayLimitExceeded = (): ApiError =>
  limitExceeded('CustomerGatewayLimitExceeded', 'customer gateways');
export const vpnGatewayLimitExceeded = (): ApiError =>
  limitExceeded('VpnGatewayLimitExceeded', 'virtual private gateways');
export const vpnConnectionLimitExceeded = (): ApiError =>
  limitExceeded('VpnConnectionLimitExceeded', 'VPN connections');
export const pendingPeeringLimitExceeded = (): ApiError =>
  limitExceeded(
    'OutstandingVpcPeeringConnectionLimitExceeded',
    'outstanding VPC peering connection requests',
  );
export const activePeeringLimitExceeded = (): ApiError =>
  limitExceeded(
    'ActiveVpcPeeringConnectionPerVpcLimitExceeded',
    'active VPC peering connections for the VPC',
  );

export function natGatewayLimitExceeded(limit: number): ApiError {
  return new ApiError(
    'NatGatewayLimitExceeded',
    `Performing this operation would exceed the limit of ${limit} NAT gateways`,
  );
}

/** @source NAT-1 */
export function natAddressLimitExceeded(limit: number): ApiError {
  return new ApiError(
    'NatGatewayAddressLimitExceeded',
    `A NAT gateway can have at most ${limit} IP addresses.`,
  );
}

export function gatewayAttached(gatewayId: string, vpcId: string): ApiError {
  return new ApiError(
    'Resource.AlreadyAssociated',
    `resource ${gatewayId} is already attached to network ${vpcId}`,
  );
}

/** @param kind Such as `internet gateway`. */
export function networkHasGateway(vpcId: string, kind: string): ApiError {
  return parameterValue(
    `Network ${vpcId} already has ${kind.startsWith('c') ? 'a' : 'an'} ${kind} attached`,
  );
}

export function gatewayNotAttached(gatewayId: string, vpcId: string): ApiError {
  return new ApiError(
    'Gateway.NotAttached',
    `resource ${gatewayId} is not attached to network ${vpcId}`,
  );
}

/** Nothing of a VPC has a public address unless it has an internet gateway. */
export function networkNotAttached(vpcId: string): ApiError {
  return new ApiError(
    'Gateway.NotAttached',
    `Network ${vpcId} is not attached to any internet gateway`,
  );
}

/** @source IGW-5 */
export function mappedAddresses(vpcId: string): ApiError {
  return new ApiError(
    'DependencyViolation',
    `Network ${vpcId} has some mapped public address(es). Please unmap those public address(es) before detaching the gateway.`,
  );
}

export function internetGatewayInUse(gatewayId: string): ApiError {
  return dependencyViolation('internetGateway', gatewayId);
}

export function noSuchAddress(text: string): ApiError {
  return new ApiError('InvalidAddress.NotFound', `Address '${text}' not found.`);
}

export function addressPoolEmpty(): ApiError {
  return new ApiError(
    'InsufficientAddressCapacity',
    'There are not enough free addresses in the pool to satisfy the request.',
  );
}

/** @param what `an allocation id when releasing` or `an association id when unmapping`. */
export function vpcAddressById(what: string): ApiError {
  return parameterValue(`You must specify ${what} a VPC elastic IP address`);
}

/** @param resource The allocation or the interface. */
export function addressAssociated(resource: string, associationId: string): ApiError {
  return new ApiError(
    'Resource.AlreadyAssociated',
    `resource ${resource} is already associated with associate-id ${associationId}`,
  );
}

/** An interface or an address that AWS keeps for itself, such as that of a NAT gateway. */
export function notYours(): ApiError {
  return new ApiError(
    'AuthFailure',
    'You do not have permission to access the specified resource.',
  );
}

export function egressOnlyFamily(gatewayId: string): ApiError {
  return parameterValue(
    `The egress only internet gateway ${gatewayId} can be the target of IPv6 routes only`,
  );
}

/** A NAT gateway of the actions on it; routes have `InvalidNatGatewayID.NotFound`. */
export function unknownNatGateway(id: string): ApiError {
  const refusal = unknownId('nat', id);
  if (refusal.code !== 'InvalidNatGatewayID.NotFound') return refusal;
  return new ApiError('NatGatewayNotFound', `NAT gateway ${id} was not found`);
}

export function natFamily(gatewayId: string): ApiError {
  return parameterValue(
    `The NAT gateway ${gatewayId} can be the target of IPv4 routes and of 64:ff9b::/96 only`,
  );
}

/** @source RT-2 */
export function localRouteTarget(destination: string, routeTableId: string): ApiError {
  return parameterValue(
    `cannot replace local route ${destination} in route table ${routeTableId}. Its target can only be local, a network interface, a NAT gateway or a Gateway Load Balancer endpoint`,
  );
}

export function mainTableAtEdge(routeTableId: string): ApiError {
  return parameterValue(`The main route table ${routeTableId} cannot be associated with a gateway`);
}

/** @source EDGE-2 */
export function edgeDestination(routeTableId: string, destination: string): ApiError {
  return parameterValue(
    `Route table ${routeTableId} is for a gateway: the destination ${destination} is not the CIDR block of the VPC or of one of its subnets`,
  );
}

/** @source EDGE-3 */
export function edgeTarget(routeTableId: string, destination: string): ApiError {
  return parameterValue(
    `Route table ${routeTableId} is for a gateway: the route ${destination} can only lead to local, to a network interface or to a Gateway Load Balancer endpoint`,
  );
}

/** @source EDGE-2 */
export function edgePrefixList(routeTableId: string): ApiError {
  return parameterValue(
    `Route table ${routeTableId} is for a gateway: it cannot have routes to prefix lists`,
  );
}

/** @source EDGE-2 */
export function edgePropagation(routeTableId: string): ApiError {
  return parameterValue(
    `Route table ${routeTableId} is for a gateway: it cannot have propagated routes`,
  );
}

/** @param name In the API's lower camel case. */
export function onlyValue(name: string, value: string, allowed: string): ApiError {
  return invalidValue(name, value, `It must be ${allowed}.`);
}

export function notTogether(one: string, other: string): ApiError {
  return parameterCombination(`The parameters ${one} and ${other} cannot be used together`);
}

/** @param thing `customer gateway` or `VPN gateway`. */
export function inUse(thing: string): ApiError {
  return incorrectState(`The ${thing} is in use.`);
}

/** @source VGW-1 */
export function vpnGatewayAttachmentLimit(vpnGatewayId: string, vpcId: string): ApiError {
  return new ApiError(
    'VpnGatewayAttachmentLimitExceeded',
    `The vpnGateway ID '${vpnGatewayId}' is already attached to the VPC '${vpcId}'`,
  );
}

/** @source VGW-1 */
export function vpcHasVpnGateway(vpcId: string): ApiError {
  return new ApiError(
    'InvalidVpcState',
    `The VPC '${vpcId}' already has a virtual private gateway attached to it.`,
  );
}

export function noVpnAttachment(vpnGatewayId: string, vpcId: string): ApiError {
  return new ApiError(
    'InvalidVpnGatewayAttachment.NotFound',
    `The attachment with vpn gateway ID '${vpnGatewayId}' and vpc ID '${vpcId}' does not exist`,
  );
}

export function noStaticRoutes(vpnConnectionId: string): ApiError {
  return new ApiError(
    'UnsupportedOperation',
    `The VPN connection '${vpnConnectionId}' does not support static routes`,
  );
}

export function peeringExists(): ApiError {
  return new ApiError(
    'VpcPeeringConnectionAlreadyExists',
    'A VPC peering connection between the VPCs already exists.',
  );
}

export function peeringTransition(peeringId: string, from: string, to: string): ApiError {
  return new ApiError(
    'InvalidStateTransition',
    `Invalid state transition for ${peeringId}, attempted to transition from ${from} to ${to}`,
  );
}

export function peeringNotActive(peeringId: string): ApiError {
  return operationNotPermitted(
    `Peering ${peeringId} is not active. Peering options can be added only to active peerings.`,
  );
}

export function noVpnRoute(destination: string, vpnConnectionId: string): ApiError {
  return new ApiError(
    'InvalidRoute.NotFound',
    `The route ${destination} of the VPN connection '${vpnConnectionId}' does not exist`,
  );
}

export function peeringPending(vpcId: string, peeringId: string): ApiError {
  return new ApiError(
    'OperationNotPermitted',
    `The CIDR blocks of ${vpcId} cannot be added to while its request ${peeringId} is pending`,
  );
}

/** Only the account of the accepter can answer a request. */
export function peeringNotYours(accountId: string, peeringId: string): ApiError {
  return operationNotPermitted(`User ${accountId} cannot accept peering ${peeringId}`);
}

/** Only the region of the accepter can answer a request. */
export function peeringElsewhere(region: string, peeringId: string, wanted: string): ApiError {
  return operationNotPermitted(
    `Incorrect region (${region}) specified for this request.VPC peering connection ${peeringId} must be accepted in region ${wanted}`,
  );
}

/** An end can set its own options only. */
export function peeringOptionsNotYours(accountId: string): ApiError {
  return operationNotPermitted(
    `User ${accountId} cannot modify the peering options of the other VPC of the connection`,
  );
}
