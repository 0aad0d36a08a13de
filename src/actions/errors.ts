/**
 * Every refusal of an action: AWS's error code and message text, one small function each.
 * Clients match on both, so the texts keep AWS's own spelling, capitals and full stops.
 */
import { ApiError } from './api-error.ts';
import { ID_KINDS } from './id-kinds.ts';

export type IdPrefix = keyof typeof ID_KINDS;

/** AWS's two lengths of ids. */
const ID_TAIL = /^(?:[0-9a-f]{8}|[0-9a-f]{17})$/;

/** @returns true when what follows the prefix of an id is as AWS makes it. */
export function isWellFormed(id: string): boolean {
  return ID_TAIL.test(id.slice(id.indexOf('-') + 1));
}

/** The refusal of an id that names nothing: malformed or not found. */
export function unknownId(prefix: IdPrefix, id: string): ApiError {
  const { malformed, notFound } = ID_KINDS[prefix];
  if (!id.startsWith(`${prefix}-`)) {
    return new ApiError(malformed, `Invalid id: "${id}" (expecting "${prefix}-...")`);
  }
  if (!ID_TAIL.test(id.slice(prefix.length + 1))) {
    return new ApiError(malformed, `Invalid id: "${id}"`);
  }
  return new ApiError(notFound, notFoundText(prefix, [id]));
}

/** The refusal of a list of ids that name nothing; one that cannot be an id comes first. */
export function unknownIds(prefix: IdPrefix, ids: readonly [string, ...string[]]): ApiError {
  const { notFound } = ID_KINDS[prefix];
  const refusals = ids.map((id) => unknownId(prefix, id));
  const malformed = refusals.find(({ code }) => code !== notFound);
  return malformed ?? new ApiError(notFound, notFoundText(prefix, ids));
}

function notFoundText(prefix: IdPrefix, ids: readonly [string, ...string[]]): string {
  const { noun, wording } = ID_KINDS[prefix];
  if (wording === 'was-deleted') return `${noun} ${ids[0]} was deleted or does not exist.`;
  if (wording === 'total-count') {
    return `${noun} are not found: [TotalCount: ${ids.length}] ${ids.join(' ')}`;
  }
  const shown = prefix === 'ami' ? `[${ids.join(', ')}]` : ids.join(', ');
  return ids.length === 1
    ? `The ${noun} '${shown}' does not exist`
    : `The ${noun}s '${shown}' do not exist`;
}

/** An id of no kind that can be tagged. */
export function invalidId(id: string): ApiError {
  return new ApiError('InvalidID', `The ID '${id}' is not valid`);
}

export function invalidAction(name: string): ApiError {
  return new ApiError('InvalidAction', `The action ${name} is not valid for this web service.`);
}

export function unknownParameter(name: string): ApiError {
  return new ApiError('UnknownParameter', `The parameter ${name} is not recognized`);
}

export function missingParameter(name: string): ApiError {
  return new ApiError('MissingParameter', `The request must contain the parameter ${name}`);
}

/** None of several parameters was given. */
export function missingOneOf(names: readonly string[]): ApiError {
  const text = `${names.slice(0, -1).join(', ')} or ${names.at(-1) ?? ''}`;
  return new ApiError('MissingParameter', `The request must contain exactly one of ${text}`);
}

/** A network or subnet without the block that its kind needs. */
export function missingBlock(block: string, pool: string): ApiError {
  return new ApiError('MissingParameter', `Either '${block}' or '${pool}' should be provided.`);
}

export function parameterCombination(message: string): ApiError {
  return new ApiError('InvalidParameterCombination', message);
}

export function dryRunOperation(): ApiError {
  const message = 'Request would have succeeded, but DryRun flag is set.';
  return new ApiError('DryRunOperation', message, 412);
}

/** @param parameter In the API's lower camel case. */
export function invalidValue(parameter: string, value: string, reason = ''): ApiError {
  const tail = reason === '' ? '' : ` ${reason}`;
  return parameterValue(`Value (${value}) for parameter ${parameter} is invalid.${tail}`);
}

/** A value that is refused with a sentence of its own. */
export function parameterValue(message: string): ApiError {
  return new ApiError('InvalidParameterValue', message);
}

export function invalidCidr(parameter: string, text: string): ApiError {
  return invalidValue(parameter, text, 'This is not a valid CIDR block.');
}

export function invalidAddress(text: string): ApiError {
  return parameterValue(`Invalid IP address '${text}'`);
}

export function invalidFilter(name: string): ApiError {
  return parameterValue(`The filter '${name}' is invalid`);
}

export function filterLimitExceeded(limit: number): ApiError {
  return new ApiError(
    'FilterLimitExceeded',
    `The maximum number of filter values specified on a single call is ${limit}`,
  );
}

/** Unlike elsewhere, AWS puts spaces round the value here. */
export function tooFewResults(limit: number, least: number): ApiError {
  return parameterValue(
    `Value ( ${limit} ) for parameter maxResults is invalid. Expecting a value greater than ${least}.`,
  );
}

export function invalidNextToken(token: string): ApiError {
  return new ApiError('InvalidNextToken', `The token '${token}' is invalid`);
}

export function invalidZone(zone: string, zones: readonly string[]): ApiError {
  return invalidValue(
    'availabilityZone',
    zone,
    `Subnets can currently only be created in the following availability zones: ${zones.join(', ')}.`,
  );
}

export function unknownZones(zones: readonly string[]): ApiError {
  return parameterValue(`Invalid availability zones: [${zones.join(', ')}]`);
}

/** @param noun `vpc`, `subnet`, `routeTable`, … */
export function dependencyViolation(noun: string, id: string): ApiError {
  return new ApiError(
    'DependencyViolation',
    `The ${noun} '${id}' has dependencies and cannot be deleted.`,
  );
}

/** A quota is used up. @param code Such as `VpcLimitExceeded`. @param things Such as `VPCs`. */
export function limitExceeded(code: string, things: string): ApiError {
  return new ApiError(code, `The maximum number of ${things} has been reached.`);
}

export const vpcLimitExceeded = (): ApiError => limitExceeded('VpcLimitExceeded', 'VPCs');
export const subnetLimitExceeded = (): ApiError => limitExceeded('SubnetLimitExceeded', 'subnets');
export const eniLimitExceeded = (): ApiError =>
  limitExceeded('NetworkInterfaceLimitExceeded', 'network interfaces');
export const routeTableLimitExceeded = (): ApiError =>
  limitExceeded('RouteTableLimitExceeded', 'route tables');
export const routeLimitExceeded = (): ApiError => limitExceeded('RouteLimitExceeded', 'routes');
export const tagLimitExceeded = (): ApiError =>
  limitExceeded('TagLimitExceeded', 'Tags for a resource');

export function cidrLimitExceeded(network: string, limit: number): ApiError {
  return new ApiError(
    'CidrLimitExceeded',
    `This network '${network}' has met its maximum number of allowed CIDRs: ${limit}`,
  );
}

export function vpcRange(cidr: string): ApiError {
  return new ApiError('InvalidVpc.Range', `The CIDR '${cidr}' is invalid.`);
}

export function vpcRestrictedRange(cidr: string): ApiError {
  return new ApiError(
    'InvalidVpc.Range',
    `The CIDR '${cidr}' is restricted. Use a CIDR from the same private address range as the current VPC CIDR, or use a publicly-routable CIDR. For additional restrictions, see https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html`,
  );
}

export function vpcCidrConflict(cidr: string, other: string): ApiError {
  return new ApiError('InvalidVpc.Conflict', `The CIDR '${cidr}' conflicts with ${other}`);
}

export function vpcCidrInUse(vpcId: string, cidr: string): ApiError {
  return new ApiError(
    'InvalidCidrBlock.InUse',
    `The vpc ${vpcId} currently has a subnet within CIDR block ${cidr}`,
  );
}

export function subnetCidrInUse(subnetId: string, cidr: string): ApiError {
  return new ApiError(
    'InvalidCidrBlock.InUse',
    `The subnet ${subnetId} currently has a network interface with an address in CIDR block ${cidr}`,
  );
}

/** A subnet keeps its IPv6 block while it gives addresses out of it by itself. */
export function subnetAssignsIpv6(associationId: string): ApiError {
  return new ApiError(
    'InvalidCidrBlock.InUse',
    `The subnet IPv6 CIDR block with association ID ${associationId} may not be disassociated, because its subnet has assign-ipv6-address-on-creation set to true.`,
  );
}

/** Nothing to assign without an IPv6 block; nothing else to assign in an IPv6-only subnet. */
export function assignIpv6Fixed(subnetId: string, value: boolean): ApiError {
  const reason = value
    ? `unless the subnet (${subnetId}) has an IPv6 CIDR block associated with it`
    : `because the subnet (${subnetId}) is IPv6-only`;
  const name = 'assign-ipv6-address-on-creation';
  return parameterValue(
    `Invalid value '${value}' for ${name}. Cannot set ${name} to ${value} ${reason}.`,
  );
}

export function subnetRange(cidr: string): ApiError {
  return new ApiError('InvalidSubnet.Range', `The CIDR '${cidr}' is invalid.`);
}

export function subnetConflict(cidr: string): ApiError {
  return new ApiError('InvalidSubnet.Conflict', `The CIDR '${cidr}' conflicts with another subnet`);
}

export function addressReserved(address: string): ApiError {
  return parameterValue(`Address ${address} is in subnet's reserved address range`);
}

export function addressOutside(address: string): ApiError {
  return parameterValue(`Address ${address} does not fall within the subnet's address range`);
}

/** An IPv6-only subnet has no IPv4 address to give. */
export function noIpv4Block(subnetId: string): ApiError {
  return parameterValue(`The subnet '${subnetId}' does not have an IPv4 CIDR block`);
}

/** Only instances of the Nitro system run in an IPv6-only subnet. */
export function notInIpv6Only(instanceType: string): ApiError {
  return new ApiError(
    'UnsupportedOperation',
    `IPv6-only subnets are not supported on ${instanceType}`,
  );
}

/** A subnet without an IPv6 block has no IPv6 address to give. */
export function noIpv6Block(subnetId: string): ApiError {
  return parameterValue(`The subnet '${subnetId}' does not have an IPv6 CIDR block`);
}

export function addressInUse(address: string): ApiError {
  return new ApiError('InvalidIPAddress.InUse', `Address ${address} is in use.`);
}

export function moveNotAllowed(address: string): ApiError {
  return parameterValue(`[${address}] assigned, but move is not allowed.`);
}

export function addressNotAssigned(eniId: string): ApiError {
  return parameterValue(`Some of the specified addresses are not assigned to interface ${eniId}`);
}

export function subnetFull(): ApiError {
  return new ApiError(
    'InsufficientFreeAddressesInSubnet',
    'The specified subnet does not have enough free addresses to satisfy the request.',
  );
}

/** No block of the size of a prefix is free. */
export function noFreePrefix(): ApiError {
  return new ApiError(
    'InsufficientCidrBlocks',
    'The specified subnet does not have enough free cidr blocks to satisfy the request.',
  );
}

/** Nothing to be the primary IPv6 address. */
export function noPrimaryIpv6(eniId: string): ApiError {
  return parameterValue(
    `The network interface ${eniId} does not have an IPv6 address that could be its primary one.`,
  );
}

export function primaryIpv6Stays(eniId: string): ApiError {
  return parameterValue(
    `The primary IPv6 address of the network interface ${eniId} cannot be disabled.`,
  );
}

/** AWS takes one way to ask for IPv6 when an interface is made. */
export function oneWayToIpv6(): ApiError {
  return parameterValue(
    'You can and can only specify one of ipv6-addresses or ipv6-addresses-count  ipv6-prefix and ipv6-prefix-count.',
  );
}

export function operationNotPermitted(message: string): ApiError {
  return new ApiError('OperationNotPermitted', message);
}

/** A network interface that is attached cannot be attached again. */
export function interfaceInUse(eniId: string): ApiError {
  return new ApiError('InvalidNetworkInterface.InUse', `Interface: [${eniId}] in use.`);
}

export function multipleInterfaces(instanceId: string): ApiError {
  return new ApiError(
    'InvalidInstanceID',
    `There are multiple interfaces attached to instance '${instanceId}'. Please specify an interface ID for the operation instead.`,
  );
}

export function noInterface(instanceId: string): ApiError {
  return new ApiError(
    'InvalidInstanceID',
    `The instance ID '${instanceId}' has no network interface attached to it.`,
  );
}

export function incorrectState(message: string): ApiError {
  return new ApiError('IncorrectState', message);
}

/** @param verb Such as `started`. */
export function incorrectInstanceState(instanceId: string, verb: string): ApiError {
  return new ApiError(
    'IncorrectInstanceState',
    `The instance '${instanceId}' is not in a state from which it can be ${verb}.`,
  );
}

export function noDefaultVpc(): ApiError {
  return new ApiError(
    'VPCIdNotSpecified',
    'No default VPC for this user. GroupName is only supported for EC2-Classic and default VPC.',
  );
}

export function defaultVpcExists(): ApiError {
  return new ApiError(
    'DefaultVpcAlreadyExists',
    'A Default VPC already exists for this account in this region.',
  );
}

export function defaultVpcMissing(): ApiError {
  return new ApiError(
    'DefaultVpcDoesNotExist',
    'No default VPC exists for this account in this region.',
  );
}

export function defaultSubnetExists(subnetId: string, zone: string): ApiError {
  return new ApiError(
    'DefaultSubnetAlreadyExistsInAvailabilityZone',
    `'${subnetId}' is already the default subnet in ${zone}.`,
  );
}

export function differentNetworks(one: string, other: string): ApiError {
  return parameterValue(`${one} and ${other} belong to different networks`);
}

export function alreadyAssociated(routeTableId: string): ApiError {
  return new ApiError(
    'Resource.AlreadyAssociated',
    `the specified association for route table ${routeTableId} conflicts with an existing association`,
  );
}

export function routeExists(destination: string): ApiError {
  return new ApiError(
    'RouteAlreadyExists',
    `The route identified by ${destination} already exists.`,
  );
}

/** @param destination A block, or the id of a prefix list. */
export function routeNotFound(destination: string, routeTableId: string): ApiError {
  const kind = destination.startsWith('pl-') ? 'prefix-list-id' : 'cidr-block';
  return new ApiError(
    'InvalidRoute.NotFound',
    `no route with destination-${kind} ${destination} in route table ${routeTableId}`,
  );
}

/** @param destination A block, or the id of a prefix list. */
export function noSuchRoute(destination: string): ApiError {
  return parameterValue(
    `There is no route defined for '${destination}' in the route table. Use CreateRoute instead.`,
  );
}
