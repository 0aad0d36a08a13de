/** The refusals of VPC endpoints and endpoint services: AWS's codes and texts, one small function each. */
import type { EndpointType } from '../../model/endpoints.ts';
import { ApiError } from '../api-error.ts';
import { limitExceeded, parameterValue } from '../errors.ts';

/** Parameters that do not go together, or not with the kind of the endpoint. */
export function endpointParameter(message: string): ApiError {
  return new ApiError('InvalidParameter', message);
}

export function unknownService(name: string): ApiError {
  return new ApiError('InvalidServiceName', `The Vpc Endpoint Service '${name}' does not exist`);
}

export function endpointTypeMismatch(type: EndpointType, offered: readonly string[]): ApiError {
  return endpointParameter(
    `Endpoint type (${type}) does not match available service types ([${offered.join(', ')}]).`,
  );
}

/** @param parameter Such as `SecurityGroupIds`. @param types Such as `Interface`. */
export function notOfEndpointType(parameter: string, types: string): ApiError {
  return endpointParameter(`${parameter} can only be specified for ${types} VPC endpoints.`);
}

export function invalidPolicy(): ApiError {
  return new ApiError(
    'InvalidPolicyDocument',
    'The specified policy document is not a valid JSON policy document.',
  );
}

/** A gateway endpoint puts its routes into the tables by itself. @source GWEP-1 */
export function noRouteToEndpoint(): ApiError {
  return parameterValue('Cannot create or replace a prefix list route targeting a VPC Endpoint.');
}

/** @source GWEP-1 */
export function endpointRouteStays(destination: string, routeTableId: string): ApiError {
  return parameterValue(
    `cannot remove VPC endpoint route ${destination} in route table ${routeTableId}`,
  );
}

export function tableHasListRoute(routeTableId: string, prefixListId: string): ApiError {
  return new ApiError(
    'RouteAlreadyExists',
    `route table ${routeTableId} already has a route with destination-prefix-list-id ${prefixListId}`,
  );
}

export function zoneHasEndpoint(subnetId: string): ApiError {
  return new ApiError(
    'DuplicateSubnetsInSameZone',
    `Found another VPC endpoint subnet in the availability zone of ${subnetId}. VPC endpoint subnets should be in different availability zones supported by the VPC endpoint service.`,
  );
}

export function zoneNotServed(serviceName: string, subnetId: string): ApiError {
  return endpointParameter(
    `The VPC endpoint service ${serviceName} does not support the availability zone of the subnet: ${subnetId}.`,
  );
}

export function privateDnsNeedsVpc(vpcId: string): ApiError {
  return endpointParameter(
    `Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true for ${vpcId}`,
  );
}

export function noPrivateDnsName(serviceName: string): ApiError {
  return endpointParameter(
    `Private DNS can't be enabled because the service ${serviceName} does not provide a private DNS name.`,
  );
}

export function privateDnsConflict(domain: string, vpcId: string): ApiError {
  return endpointParameter(
    `private-dns-enabled cannot be set because there is already a conflicting DNS domain for ${domain} in the VPC ${vpcId}`,
  );
}

export function inboundResolverNeedsGateway(vpcId: string): ApiError {
  return endpointParameter(
    `To set PrivateDnsOnlyForInboundResolverEndpoint to true, the VPC ${vpcId} must have a Gateway endpoint for the service.`,
  );
}

export const endpointLimitExceeded = (): ApiError =>
  limitExceeded('VpcEndpointLimitExceeded', 'VPC endpoints');

export function serviceInUse(serviceId: string): ApiError {
  return new ApiError(
    'ExistingVpcEndpointConnections',
    `Service ${serviceId} has existing active VPC Endpoint connections!`,
  );
}

/** @param action `accept` or `reject`. */
export function connectionState(vpcEndpointId: string, state: string, action: string): ApiError {
  return new ApiError(
    'InvalidState',
    `The VPC endpoint connection ${vpcEndpointId} is ${state}: it cannot be ${action}ed.`,
  );
}

export function invalidPrincipal(principal: string): ApiError {
  return new ApiError('InvalidPrincipal', `Invalid principal: ${principal}`);
}
