/** What a request says of a VPC endpoint: policy, groups, addresses and names. */
import type {
  EndpointAddressType,
  EndpointType,
  ServiceAddressType,
  VpcEndpoint,
} from '../../model/endpoints.ts';
import type { SecurityGroupId } from '../../model/ids.ts';
import { defaultGroupOf } from '../../model/lookups/filters.ts';
import type { Vpc } from '../../model/records.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { ActionInput, ParameterType } from '../action.ts';
import { invalidValue } from '../errors.ts';
import { groupOutsideVpc, interfaceGroupLimitExceeded } from '../filters/filter-errors.ts';
import {
  isStructure,
  optionalBoolean,
  optionalString,
  optionalStructure,
  stringsOf,
} from '../input.ts';
import { findInterfaceGroup } from '../lookup.ts';
import {
  endpointParameter,
  inboundResolverNeedsGateway,
  invalidPolicy,
  noPrivateDnsName,
  notOfEndpointType,
  privateDnsConflict,
  privateDnsNeedsVpc,
} from './endpoint-errors.ts';
import { type OfferedService, serviceOfEndpoint } from './offered-services.ts';

/** Everybody may do everything. */
export const DEFAULT_POLICY =
  '{"Version":"2008-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}';

const ADDRESS_TYPES: readonly EndpointAddressType[] = ['ipv4', 'ipv6', 'dualstack'];

export const DNS_OPTIONS = {
  DnsRecordIpType: 'string',
  PrivateDnsOnlyForInboundResolverEndpoint: 'boolean',
} as const satisfies ParameterType;

/** The parameters that one kind of endpoint takes, or two. */
const OF_TYPES: Readonly<Record<string, readonly EndpointType[]>> = {
  RouteTableIds: ['Gateway'],
  AddRouteTableIds: ['Gateway'],
  RemoveRouteTableIds: ['Gateway'],
  SubnetIds: ['Interface', 'GatewayLoadBalancer'],
  AddSubnetIds: ['Interface', 'GatewayLoadBalancer'],
  RemoveSubnetIds: ['Interface'],
  SubnetConfigurations: ['Interface', 'GatewayLoadBalancer'],
  SecurityGroupIds: ['Interface'],
  AddSecurityGroupIds: ['Interface'],
  RemoveSecurityGroupIds: ['Interface'],
  PrivateDnsEnabled: ['Interface'],
};

/** @throws InvalidParameter for what the kind of the endpoint does not have. */
export function checkEndpointParameters(input: ActionInput, type: EndpointType): void {
  for (const [name, types] of Object.entries(OF_TYPES)) {
    // Clients say `false` of what there is not.
    const isGiven = input[name] !== undefined && input[name] !== false;
    if (isGiven && !types.includes(type)) throw notOfEndpointType(name, types.join(' and '));
  }
}

/**
 * Reads `PolicyDocument`.
 * @returns undefined when it was not given.
 * @throws InvalidPolicyDocument when it is no JSON object; InvalidParameter when the service takes none.
 */
export function readPolicy(input: ActionInput, takesPolicy: boolean): string | undefined {
  const text = optionalString(input, 'PolicyDocument');
  if (text === undefined || text === '') return undefined;
  if (!takesPolicy) throw endpointParameter('The service does not support VPC endpoint policies.');
  if (!isJsonObject(text)) throw invalidPolicy();
  return text;
}

function isJsonObject(text: string): boolean {
  try {
    return isStructure(JSON.parse(text));
  } catch {
    return false;
  }
}

/** @returns true for a service whose endpoints have policies: those of AWS. */
export function takesPolicy({ own }: OfferedService): boolean {
  return own === null;
}

/** @throws InvalidSecurityGroupID.NotFound, InvalidGroup.NotFound for a group of another VPC. */
export function readEndpointGroups(
  input: ActionInput,
  name: string,
  snapshot: Snapshot,
  vpcId: Vpc['vpcId'],
): SecurityGroupId[] {
  return [...new Set(stringsOf(input, name))].map((id) => {
    const group = findInterfaceGroup(snapshot, id);
    if (group.vpcId !== vpcId) throw groupOutsideVpc();
    return group.groupId;
  });
}

/** @returns the groups, or the default one when there are none. @source SG-2, SG-4 */
export function endpointGroups(
  groupIds: readonly SecurityGroupId[],
  snapshot: Snapshot,
  vpcId: Vpc['vpcId'],
): readonly SecurityGroupId[] {
  if (groupIds.length > snapshot.quotas.securityGroupsPerEni) throw interfaceGroupLimitExceeded();
  return groupIds.length > 0 ? groupIds : [defaultGroupOf(snapshot, vpcId).groupId];
}

/** @throws InvalidParameter when the service is not reached by such addresses. */
export function readAddressType(
  input: ActionInput,
  { addressTypes, serviceName }: OfferedService,
): EndpointAddressType | undefined {
  const type = ADDRESS_TYPES.find((each) => each === input['IpAddressType']);
  if (type === undefined) {
    const text = optionalString(input, 'IpAddressType');
    if (text === undefined) return undefined;
    throw invalidValue('ipAddressType', text);
  }
  const needed: readonly ServiceAddressType[] = type === 'dualstack' ? ['ipv4', 'ipv6'] : [type];
  if (needed.every((each) => addressTypes.includes(each))) return type;
  throw endpointParameter(
    `The service ${serviceName} does not support the IP address type ${type}.`,
  );
}

type DnsOptions = Pick<VpcEndpoint, 'dnsRecordType' | 'privateDnsOnlyForInboundResolver'>;

/** Reads `DnsOptions`. @returns what was given. @throws InvalidParameter, InvalidParameterValue */
export function readDnsOptions(
  input: ActionInput,
  snapshot: Snapshot,
  { type, vpcId, serviceName }: Pick<VpcEndpoint, 'type' | 'vpcId' | 'serviceName'>,
): Partial<DnsOptions> {
  const given = optionalStructure(input, 'DnsOptions') ?? {};
  const text = optionalString(given, 'DnsRecordIpType');
  const record = [...ADDRESS_TYPES, 'service-defined' as const].find((each) => each === text);
  if (text !== undefined && record === undefined) throw invalidValue('dnsRecordIpType', text);
  const onlyInbound = optionalBoolean(given, 'PrivateDnsOnlyForInboundResolverEndpoint');
  if (onlyInbound !== undefined && type !== 'Interface') {
    throw endpointParameter(
      'DnsOptions PrivateDnsOnlyForInboundResolverEndpoint is applicable only to Interface VPC Endpoints.',
    );
  }
  const hasGateway = [...snapshot.vpcEndpoints.values()].some(
    (each) => each.type === 'Gateway' && each.vpcId === vpcId && each.serviceName === serviceName,
  );
  if (onlyInbound === true && !hasGateway) throw inboundResolverNeedsGateway(vpcId);
  return {
    ...(record === undefined ? {} : { dnsRecordType: record }),
    ...(onlyInbound === undefined ? {} : { privateDnsOnlyForInboundResolver: onlyInbound }),
  };
}

/**
 * Checks that the private name of the service can lead to an endpoint of the VPC.
 * @param self The endpoint itself, which has the name already.
 * @throws InvalidParameter
 */
export function checkPrivateDns(
  snapshot: Snapshot,
  { vpcId, enableDnsSupport, enableDnsHostnames }: Vpc,
  { serviceName, privateDnsName }: OfferedService,
  self: VpcEndpoint | null,
): void {
  if (privateDnsName === null) throw noPrivateDnsName(serviceName);
  if (!enableDnsSupport || !enableDnsHostnames) throw privateDnsNeedsVpc(vpcId);
  const hasName = (other: VpcEndpoint): boolean =>
    other.vpcEndpointId !== self?.vpcEndpointId &&
    other.vpcId === vpcId &&
    other.privateDnsEnabled &&
    serviceOfEndpoint(snapshot, other)?.privateDnsName === privateDnsName;
  if ([...snapshot.vpcEndpoints.values()].some(hasName)) {
    throw privateDnsConflict(privateDnsName, vpcId);
  }
}
