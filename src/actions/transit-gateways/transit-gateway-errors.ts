/** The refusals of transit gateways: AWS's codes and texts, one small function each. */
import { ApiError } from '../api-error.ts';
import { incorrectState, limitExceeded, parameterCombination, parameterValue } from '../errors.ts';

export const transitGatewayLimitExceeded = (): ApiError =>
  limitExceeded('TransitGatewayLimitExceeded', 'transit gateways');
/** @param where `the transit gateway` or `the VPC`. */
export const attachmentLimitExceeded = (where: string): ApiError =>
  limitExceeded('TransitGatewayAttachmentLimitExceeded', `transit gateway attachments of ${where}`);
export const transitRouteTableLimitExceeded = (): ApiError =>
  limitExceeded('TransitGatewayRouteTableLimitExceeded', 'route tables of the transit gateway');
export const transitRouteLimitExceeded = (): ApiError =>
  limitExceeded('RouteLimitExceeded', 'static routes of the transit gateway');
export const transitPeeringLimitExceeded = (): ApiError =>
  limitExceeded(
    'TransitGatewayPeeringAttachmentLimitExceeded',
    'peering attachments of the transit gateway',
  );
export const policyTableLimitExceeded = (): ApiError =>
  limitExceeded('TransitGatewayPolicyTableLimitExceeded', 'policy tables of the transit gateway');
export const connectPeerLimitExceeded = (): ApiError =>
  limitExceeded(
    'TransitGatewayConnectPeerLimitExceeded',
    'Connect peers of the Connect attachment',
  );
export const multicastDomainLimitExceeded = (): ApiError =>
  limitExceeded(
    'TransitGatewayMulticastDomainLimitExceeded',
    'multicast domains of the transit gateway',
  );
/** @param things `members of the group`, … */
export const multicastLimitExceeded = (things: string): ApiError =>
  limitExceeded('TransitGatewayMulticastGroupLimitExceeded', things);

/** A route of a VPC to a transit gateway that the VPC is not attached to. */
export function noAttachmentOfVpc(transitGatewayId: string): ApiError {
  return new ApiError(
    'InvalidTransitGatewayID.NotFound',
    `The transitGateway ID '${transitGatewayId}' does not exist.`,
  );
}

/** What is pending, rejected or deleted cannot be worked with. */
export function inInvalidState(id: string): ApiError {
  return incorrectState(`${id} is in invalid state`);
}

/** @param things Such as `VPC Attachments`. */
export function hasNonDeleted(id: string, things: string, ids: readonly string[]): ApiError {
  return incorrectState(`${id} has non-deleted ${things}: ${ids.join(', ')}.`);
}

/** @param flag `DefaultRouteTableAssociation` or `DefaultRouteTablePropagation`. */
export function defaultTableConflict(
  value: 'enable' | 'disable',
  flag: string,
  idName: string,
  id: string | null,
): ApiError {
  return parameterCombination(`${value} ${flag} conflicts with ${idName} ${id}`);
}

export function tableOfOtherGateway(routeTableId: string, transitGatewayId: string): ApiError {
  return new ApiError(
    'InvalidRouteTableID.NotFound',
    `Transit Gateway Route Table ${routeTableId} was deleted or does not exist in Transit Gateway ${transitGatewayId}.`,
  );
}

export function badTransitCidr(text: string): ApiError {
  return parameterValue(
    `All Transit Gateway CIDR blocks must be a valid IPv4 or IPv6 CIDR and align with the first address in the block. Invalid block: ${text}`,
  );
}

/** @source TGWC-3 */
export function transitCidrSize(text: string): ApiError {
  return parameterValue(
    `Transit Gateway CIDR blocks must be a size /24 or larger for IPv4, or a size /64 or larger for IPv6. Invalid block: ${text}`,
  );
}

export function transitCidrOverlap(text: string, other: string): ApiError {
  return parameterValue(`The Transit Gateway CIDR block ${text} overlaps ${other}`);
}

export function transitCidrCount(limit: number): ApiError {
  return new ApiError(
    'CidrLimitExceeded',
    `A transit gateway can have at most ${limit} CIDR blocks.`,
  );
}

export function noSuchTransitCidr(text: string): ApiError {
  return parameterValue(`The Transit Gateway CIDR block ${text} does not exist`);
}

export function duplicateVpcAttachment(transitGatewayId: string): ApiError {
  return new ApiError(
    'DuplicateTransitGatewayAttachment',
    `${transitGatewayId} has non-deleted Transit Gateway Attachments with same VPC ID.`,
  );
}

export function duplicatePeering(transitGatewayId: string, peerId: string): ApiError {
  return new ApiError(
    'DuplicateTransitGatewayAttachment',
    `${transitGatewayId} has non-deleted Transit Gateway Peering Attachments with ${peerId}.`,
  );
}

/** @source TGW-1 */
export function subnetsInSameZone(): ApiError {
  return new ApiError('DuplicateSubnetsInSameZone', 'Duplicate Subnets for same AZ');
}

/** A subnet of another VPC does not exist either. */
export function noSubnetOfVpc(subnetId: string): ApiError {
  return new ApiError(
    'InvalidSubnetID.NotFound',
    `Subnet ${subnetId} was deleted or does not exist.`,
  );
}

export function subnetNotAttached(subnetId: string): ApiError {
  return new ApiError(
    'InvalidSubnetID.NotFound',
    `${subnetId} is not attached but supplied in RemoveSubnets`,
  );
}

export function insufficientSubnets(): ApiError {
  return new ApiError('InsufficientSubnetsException', 'Insufficient Subnets');
}

/** @param verb `accept` or `reject`. */
export function sourceOfPeering(verb: string, attachmentId: string): ApiError {
  return parameterValue(`Cannot ${verb} ${attachmentId} as the source of the peering request.`);
}

export function defaultTable(
  routeTableId: string,
  use: 'association' | 'propagation',
  transitGatewayId: string,
): ApiError {
  return incorrectState(
    `${routeTableId} is set as default ${use} route table for ${transitGatewayId}`,
  );
}

export function hasAssociations(tableId: string): ApiError {
  return incorrectState(`${tableId} has associated attachments`);
}

/** @param kind `route` or `policy`. */
export function attachmentAssociated(attachmentId: string, kind: string): ApiError {
  return new ApiError(
    'Resource.AlreadyAssociated',
    `Transit Gateway Attachment ${attachmentId} is already associated to a ${kind} table.`,
  );
}

export function notAssociated(attachmentId: string, tableId: string): ApiError {
  return new ApiError(
    'InvalidAssociation.NotFound',
    `Transit Gateway Attachment ${attachmentId} is not associated with ${tableId}.`,
  );
}

export function noPolicyAssociation(attachmentId: string, tableId: string): ApiError {
  return new ApiError(
    'InvalidTransitGatewayPolicyTableAssociation.NotFound',
    `Transit Gateway Attachment ${attachmentId} is not associated with ${tableId}.`,
  );
}

export function duplicatePropagation(attachmentId: string, routeTableId: string): ApiError {
  return new ApiError(
    'TransitGatewayRouteTablePropagation.Duplicate',
    `Propagation ${attachmentId} already exists in Transit Gateway Route Table ${routeTableId}.`,
  );
}

export function noPropagation(attachmentId: string, routeTableId: string): ApiError {
  return new ApiError(
    'TransitGatewayRouteTablePropagation.NotFound',
    `Propagation ${attachmentId} does not exist in Transit Gateway Route Table ${routeTableId}.`,
  );
}

/** @param kind Such as `peering`. @source TGW-4, TGWC-2 */
export function notForKind(attachmentId: string, kind: string, what: string): ApiError {
  return new ApiError(
    'UnsupportedOperation',
    `${what} not supported for the ${kind} attachment ${attachmentId}.`,
  );
}

export function transitRouteExists(destination: string, routeTableId: string): ApiError {
  return new ApiError(
    'RouteAlreadyExists',
    `Route ${destination} already exists in Transit Gateway Route Table ${routeTableId}.`,
  );
}

export function noTransitRoute(destination: string, routeTableId: string): ApiError {
  return new ApiError(
    'InvalidRoute.NotFound',
    `The route ${destination} does not exist in Transit Gateway Route Table ${routeTableId}.`,
  );
}

export function referenceExists(prefixListId: string, routeTableId: string): ApiError {
  return new ApiError(
    'RouteAlreadyExists',
    `Prefix list reference ${prefixListId} already exists in Transit Gateway Route Table ${routeTableId}.`,
  );
}

export function noReference(prefixListId: string, routeTableId: string): ApiError {
  return new ApiError(
    'InvalidPrefixListId.NotFound',
    `Prefix list reference ${prefixListId} does not exist in Transit Gateway Route Table ${routeTableId}.`,
  );
}

/** A blackhole has no attachment, and all else has one. */
export function blackholeOrAttachment(isBlackhole: boolean): ApiError {
  return parameterCombination(
    isBlackhole
      ? 'The parameters blackhole and transitGatewayAttachmentId cannot be used together'
      : 'Either transitGatewayAttachmentId or blackhole must be specified',
  );
}

export function noExport(): ApiError {
  return new ApiError(
    'UnsupportedOperation',
    'The routes cannot be exported: a lab has no S3. Use SearchTransitGatewayRoutes.',
  );
}

/** @param why Such as `It must be a /29 of 169.254.0.0/16.` */
export function badInsideCidr(text: string, why: string): ApiError {
  return parameterValue(`Value (${text}) for parameter insideCidrBlocks is invalid. ${why}`);
}

export function noTransitCidr(transitGatewayId: string, family: 4 | 6): ApiError {
  return incorrectState(`${transitGatewayId} has no free address in an IPv${family} CIDR block`);
}

export function noMulticast(transitGatewayId: string): ApiError {
  return incorrectState(`Multicast support is not enabled on ${transitGatewayId}`);
}

/** @source MC-1 */
export function subnetInDomain(subnetId: string, multicastDomainId: string): ApiError {
  return new ApiError(
    'Resource.AlreadyAssociated',
    `Subnet ${subnetId} is already associated with Transit Gateway Multicast Domain ${multicastDomainId}.`,
  );
}

export function subnetNotInDomain(subnetId: string, multicastDomainId: string): ApiError {
  return new ApiError(
    'InvalidTransitGatewayMulticastDomainAssociation.NotFound',
    `Subnet ${subnetId} is not associated with Transit Gateway Multicast Domain ${multicastDomainId}.`,
  );
}

export function eniNotInDomain(eniId: string, multicastDomainId: string): ApiError {
  return parameterValue(
    `The subnet of ${eniId} is not associated with Transit Gateway Multicast Domain ${multicastDomainId}.`,
  );
}

/** @source MC-1 */
export function noStaticSources(multicastDomainId: string): ApiError {
  return new ApiError(
    'UnsupportedOperation',
    `StaticSourcesSupport is not enabled on ${multicastDomainId}.`,
  );
}

export function registered(eniId: string, role: string, group: string): ApiError {
  return parameterValue(`${eniId} is already registered as a ${role} of ${group}.`);
}

export function notRegistered(eniId: string, role: string): ApiError {
  return parameterValue(`${eniId} is not registered as a ${role}.`);
}
