/** What the filters know of an interface: its security groups, and how long its flows are tracked. */
import type { SecurityGroup } from '../../model/filters.ts';
import type { SecurityGroupId } from '../../model/ids.ts';
import { defaultGroupOf } from '../../model/lookups/filters.ts';
import type { ConnectionTracking, Eni, Subnet } from '../../model/records.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { ActionInput, ActionOutput, ParameterType } from '../action.ts';
import { missingParameter } from '../errors.ts';
import {
  groupOutsideSubnet,
  groupOutsideVpc,
  interfaceGroupLimitExceeded,
  timeoutOutOfRange,
} from '../filters/filter-errors.ts';
import { optionalInteger, optionalStructure, stringsOf } from '../input.ts';
import { findInterfaceGroup, findSecurityGroup } from '../lookup.ts';

/** The groups of a request by their ids. @throws InvalidSecurityGroupID.NotFound */
function readGroups(input: ActionInput, snapshot: Snapshot): SecurityGroup[] {
  return [...new Set(stringsOf(input, 'Groups'))].map((id) => findInterfaceGroup(snapshot, id));
}

/** @throws SecurityGroupsPerInterfaceLimitExceeded @source SG-4 */
function idsOf(groups: readonly SecurityGroup[], snapshot: Snapshot): SecurityGroupId[] {
  if (groups.length > snapshot.quotas.securityGroupsPerEni) throw interfaceGroupLimitExceeded();
  return groups.map((group) => group.groupId);
}

/**
 * Reads `Groups` of an interface that is to be made; without any it gets the default group.
 * @throws InvalidSecurityGroupID.NotFound, or InvalidParameter for a group of another VPC.
 * @source SG-2, SG-4
 */
export function groupsOfNewEni(
  input: ActionInput,
  snapshot: Snapshot,
  subnet: Subnet,
): SecurityGroupId[] {
  const groups = readGroups(input, snapshot);
  const stranger = groups.find((group) => group.vpcId !== subnet.vpcId);
  if (stranger !== undefined) throw groupOutsideSubnet(stranger.groupId, subnet.subnetId);
  if (groups.length === 0) return [defaultGroupOf(snapshot, subnet.vpcId).groupId];
  return idsOf(groups, snapshot);
}

/**
 * Reads the `Groups` that are to replace those of an interface.
 * @throws MissingParameter when the list is empty: an interface has at least one group.
 * @throws InvalidSecurityGroupID.NotFound, or InvalidGroup.NotFound for a group of another VPC.
 */
export function replacedGroups(
  input: ActionInput,
  snapshot: Snapshot,
  eni: Eni,
): SecurityGroupId[] {
  const groups = readGroups(input, snapshot);
  if (groups.length === 0) throw missingParameter('Groups');
  if (groups.some((group) => group.vpcId !== eni.vpcId)) throw groupOutsideVpc();
  return idsOf(groups, snapshot);
}

/** @returns the names of the groups, by which filters look for the interface. */
export function groupNames(eni: Eni, snapshot: Snapshot): string[] {
  return eni.groupIds.map((groupId) => findSecurityGroup(snapshot, groupId).name);
}

/** AWS's members, the fields of the record, and the seconds that each may be (SG-8). */
const TIMEOUTS = [
  { member: 'TcpEstablishedTimeout', field: 'tcpEstablishedTimeoutS', min: 60, max: 432_000 },
  { member: 'UdpTimeout', field: 'udpTimeoutS', min: 30, max: 60 },
  { member: 'UdpStreamTimeout', field: 'udpStreamTimeoutS', min: 60, max: 180 },
] as const;

export const CONNECTION_TRACKING = {
  TcpEstablishedTimeout: 'integer',
  UdpTimeout: 'integer',
  UdpStreamTimeout: 'integer',
} as const satisfies ParameterType;

/** AWS's own timeouts. */
export const DEFAULT_TRACKING: ConnectionTracking = {
  tcpEstablishedTimeoutS: null,
  udpTimeoutS: null,
  udpStreamTimeoutS: null,
};

/**
 * Reads `ConnectionTrackingSpecification`.
 * @param present What stays of a timeout that is not given.
 * @throws InvalidParameterValue when a timeout is too short or too long.
 * @source SG-8
 */
export function readConnectionTracking(
  input: ActionInput,
  present: ConnectionTracking,
): ConnectionTracking {
  const given = optionalStructure(input, 'ConnectionTrackingSpecification') ?? {};
  const changes: Partial<Record<keyof ConnectionTracking, number>> = {};
  for (const { member, field, min, max } of TIMEOUTS) {
    const seconds = optionalInteger(given, member);
    if (seconds === undefined) continue;
    if (seconds < min || seconds > max) throw timeoutOutOfRange(member, seconds, min, max);
    changes[field] = seconds;
  }
  return { ...present, ...changes };
}

/** @returns AWS's shape of the timeouts that were set; undefined when none was. */
export function trackingShape(tracking: ConnectionTracking): ActionOutput | undefined {
  const set = TIMEOUTS.filter(({ field }) => tracking[field] !== null);
  if (set.length === 0) return undefined;
  return Object.fromEntries(set.map(({ member, field }) => [member, tracking[field]]));
}
