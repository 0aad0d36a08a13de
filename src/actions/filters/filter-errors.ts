/** The refusals of security groups, network ACLs, prefix lists and flow logs: AWS's codes and texts, one small function each. */
import { ApiError } from '../api-error.ts';
import {
  incorrectState,
  invalidValue,
  limitExceeded,
  parameterValue,
  unknownId,
} from '../errors.ts';

const NAME_CHARACTERS = 'a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*';

/** @param what Such as `security group description`; the text names its plural too. */
export function invalidText(what: string): ApiError {
  const plural = `${what.split(' ').at(-1) ?? what}s`;
  return parameterValue(
    `Invalid ${what}. Valid ${plural} are strings less than 256 characters from the following set:  ${NAME_CHARACTERS}`,
  );
}

export function groupNameLikeId(name: string): ApiError {
  return invalidValue('GroupName', name, 'Group names may not be in the format sg-*.');
}

export function reservedGroupName(name: string): ApiError {
  return parameterValue(`Cannot use reserved security group name: ${name}`);
}

export function groupExists(name: string, vpcId: string): ApiError {
  return new ApiError(
    'InvalidGroup.Duplicate',
    `The security group '${name}' already exists for VPC '${vpcId}'`,
  );
}

/** An interface has the group, or a rule of another group refers to it. */
export function groupInUse(groupId: string): ApiError {
  return new ApiError('DependencyViolation', `resource ${groupId} has a dependent object`);
}

export function defaultGroupStays(groupId: string): ApiError {
  return new ApiError(
    'CannotDelete',
    `the specified group: "${groupId}" name: "default" cannot be deleted by a user`,
  );
}

/** A group of an interface that is to be made or changed. */
export function unknownInterfaceGroup(groupId: string): ApiError {
  const refusal = unknownId('sg', groupId);
  if (refusal.code !== 'InvalidGroup.NotFound') return refusal;
  return new ApiError(
    'InvalidSecurityGroupID.NotFound',
    `The securityGroup ID '${groupId}' does not exist`,
  );
}

export function groupOutsideVpc(): ApiError {
  return new ApiError(
    'InvalidGroup.NotFound',
    'You have specified two resources that belong to different networks.',
  );
}

export function groupOutsideSubnet(groupId: string, subnetId: string): ApiError {
  return new ApiError(
    'InvalidParameter',
    `Security group ${groupId} and subnet ${subnetId} belong to different networks.`,
  );
}

export const groupLimitExceeded = (): ApiError =>
  limitExceeded('SecurityGroupLimitExceeded', 'security groups');
export const interfaceGroupLimitExceeded = (): ApiError =>
  limitExceeded('SecurityGroupsPerInterfaceLimitExceeded', 'security groups per interface');
export const ruleLimitExceeded = (): ApiError =>
  limitExceeded('RulesPerSecurityGroupLimitExceeded', 'rules per security group');

/** @param rule Such as `peer: 0.0.0.0/0, TCP, from port: 22, to port: 22, ALLOW`. */
export function ruleExists(rule: string): ApiError {
  return new ApiError('InvalidPermission.Duplicate', `the specified rule "${rule}" already exists`);
}

export function ruleRepeated(): ApiError {
  return parameterValue('The same permission must not appear multiple times');
}

export function ruleNotFound(): ApiError {
  return new ApiError(
    'InvalidPermission.NotFound',
    'The specified rule does not exist in this security group.',
  );
}

/** A rule keeps its kind of peer. @param parameter The one that was given, such as `CidrIpv6`. */
export function rulePeerKind(ruleId: string, parameter: string, kind: string): ApiError {
  return parameterValue(
    `Invalid rule type for security group rule '${ruleId}'. You may not specify ${parameter} for an existing ${kind} rule.`,
  );
}

export function malformedCidr(text: string): ApiError {
  return parameterValue(`CIDR block ${text} is malformed`);
}

export function unknownProtocol(text: string): ApiError {
  return parameterValue(`Invalid value '${text}' for IP protocol. Unknown protocol.`);
}

/** @param protocols `TCP/UDP` or `ICMP`. */
export function portRangeMissing(protocols: string): ApiError {
  return parameterValue(
    `Invalid value for portRange. Must specify both from and to ports with ${protocols}.`,
  );
}

function malformedPermission(message: string): ApiError {
  return new ApiError('InvalidPermission.Malformed', message);
}

export function portOutOfRange(port: number): ApiError {
  return malformedPermission(`TCP/UDP port (${port}) out of range`);
}

export function portsReversed(from: number, to: number): ApiError {
  return parameterValue(`Invalid TCP/UDP port range (${from}:${to})`);
}

/** @param part `type` or `code`. */
export function icmpOutOfRange(part: string, value: number): ApiError {
  return malformedPermission(`ICMP ${part} (${value}) out of range`);
}

export function icmpTypeNeedsCode(code: number): ApiError {
  return malformedPermission(`ICMP code (${code}) must be -1 when the ICMP type is -1`);
}

export function defaultAclStays(networkAclId: string): ApiError {
  return parameterValue(`cannot delete default network ACL ${networkAclId}`);
}

export const aclLimitExceeded = (): ApiError =>
  limitExceeded('NetworkAclLimitExceeded', 'network ACLs');
export const aclEntryLimitExceeded = (): ApiError =>
  limitExceeded('NetworkAclEntryLimitExceeded', 'network acl entries');

export function aclEntryExists(ruleNumber: number): ApiError {
  return new ApiError(
    'NetworkAclEntryAlreadyExists',
    `The network acl entry identified by ${ruleNumber} already exists.`,
  );
}

export function aclEntryNotFound(ruleNumber: number, isEgress: boolean): ApiError {
  const direction = isEgress ? 'egress' : 'ingress';
  return new ApiError(
    'InvalidNetworkAclEntry.NotFound',
    `no ${direction} entry with number ${ruleNumber}`,
  );
}

export const listLimitExceeded = (): ApiError =>
  limitExceeded('PrefixListLimitExceeded', 'prefix lists');
export const listEntryLimitExceeded = (): ApiError =>
  limitExceeded('PrefixListMaxEntriesExceeded', 'entries for the prefix list');

/** @param state Such as `modify-in-progress`. */
export function listBusy(prefixListId: string, state: string): ApiError {
  return incorrectState(
    `The request cannot be completed while the prefix list (${prefixListId}) is in the current state (${state}).`,
  );
}

export function listVersionMismatch(): ApiError {
  return new ApiError(
    'PrefixListVersionMismatch',
    'The prefix list has the incorrect version number.',
  );
}

export function listEntriesPerRequest(limit: number): ApiError {
  return parameterValue(`The number of entries per request cannot exceeds limit (${limit}).`);
}

/** @param what Such as `does not exist`. */
export function listModification(cidr: string, what: string): ApiError {
  return new ApiError('InvalidPrefixListModification', `The entry with CIDR ${cidr} ${what}.`);
}

/** Parameters of a flow log that do not go together. */
export function flowLogParameter(message: string): ApiError {
  return new ApiError('InvalidParameter', message);
}

export function invalidLogFormat(format: string): ApiError {
  return parameterValue(
    `1 validation error detected: Value '${format}' at 'logFormat' has an invalid format`,
  );
}

export function flowLogExists(): ApiError {
  return new ApiError(
    'FlowLogAlreadyExists',
    'Error. There is an existing Flow Log with the same configuration and log destination.',
  );
}

/** @param parameter Such as `UdpTimeout`. */
export function timeoutOutOfRange(
  parameter: string,
  value: number,
  min: number,
  max: number,
): ApiError {
  return invalidValue(parameter, String(value), `Must be between ${min} and ${max} seconds.`);
}
