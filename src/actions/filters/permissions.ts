/**
 * The permissions of a request, read as rules: what Authorize, Revoke and the others are told.
 * A permission speaks of one kind of traffic and of several peers; each peer is one rule.
 */
import { formatCidr, parseIpv4Cidr, parseIpv6Cidr } from '../../addr/cidr.ts';
import type { RulePeer, SecurityGroup, SecurityGroupRule, Traffic } from '../../model/filters.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { ActionContext, ActionInput, ParameterType } from '../action.ts';
import { missingOneOf, missingParameter, noDefaultVpc, parameterCombination } from '../errors.ts';
import { optionalInteger, optionalString, stringOf, structuresOf } from '../input.ts';
import { findPrefixList } from '../lookup.ts';
import { invalidText, malformedCidr, portRangeMissing, ruleRepeated } from './filter-errors.ts';
import {
  anyTraffic,
  hasIcmpTypes,
  hasPorts,
  icmpTraffic,
  isIcmpv6,
  parseProtocol,
  portTraffic,
  protocolName,
} from './traffic.ts';

/** A rule before it has an id. */
export type RuleSpec = Omit<SecurityGroupRule, 'ruleId' | 'tags'>;

/** How the peers of permissions are read. */
export interface PeerReading {
  readonly context: ActionContext;
  /** Reads one of `UserIdGroupPairs`. */
  readonly readPair: (pair: ActionInput, group: SecurityGroup, context: ActionContext) => RulePeer;
}

/** The parameter that takes permissions in full. */
export const IP_PERMISSIONS: ParameterType = [
  {
    IpProtocol: 'string',
    FromPort: 'integer',
    ToPort: 'integer',
    IpRanges: [{ CidrIp: 'string', Description: 'string' }],
    Ipv6Ranges: [{ CidrIpv6: 'string', Description: 'string' }],
    PrefixListIds: [{ PrefixListId: 'string', Description: 'string' }],
    UserIdGroupPairs: [
      {
        GroupId: 'string',
        GroupName: 'string',
        UserId: 'string',
        VpcId: 'string',
        VpcPeeringConnectionId: 'string',
        PeeringStatus: 'string',
        Description: 'string',
      },
    ],
  },
];

/** A single permission, its members given one by one. */
const FLAT_PARAMETERS: Readonly<Record<string, ParameterType>> = {
  IpProtocol: 'string',
  FromPort: 'integer',
  ToPort: 'integer',
  CidrIp: 'string',
  SourceSecurityGroupName: 'string',
  SourceSecurityGroupOwnerId: 'string',
};

export const PERMISSION_PARAMETERS: Readonly<Record<string, ParameterType>> = {
  IpPermissions: IP_PERMISSIONS,
  ...FLAT_PARAMETERS,
};

/** What the characters of a group's name, description and rule descriptions may be. */
const ALLOWED_TEXT = /^[a-zA-Z0-9. _\-:/()#,@[\]+=&;{}!$*]{0,255}$/;

/** @param what Such as `rule description`. @throws InvalidParameterValue for other characters. */
export function checkText(text: string, what: string): string {
  if (!ALLOWED_TEXT.test(text)) throw invalidText(what);
  return text;
}

/** Tells whether a request speaks of permissions at all. */
export function hasPermissions(input: ActionInput): boolean {
  return Object.keys(PERMISSION_PARAMETERS).some((name) => input[name] !== undefined);
}

/**
 * Reads the rules of `IpPermissions`, or the one rule of the single members.
 * @throws MissingParameter when there is none, or a permission has no peer.
 * @throws InvalidParameterValue when one is given twice, or for a bad value.
 */
export function readPermissions(
  input: ActionInput,
  group: SecurityGroup,
  isEgress: boolean,
  peers: PeerReading,
): RuleSpec[] {
  const flat = Object.keys(FLAT_PARAMETERS).filter((name) => input[name] !== undefined);
  const permissions = structuresOf(input, 'IpPermissions');
  const [first] = flat;
  if (first === undefined && permissions.length === 0) throw missingParameter('IpPermissions');
  if (first !== undefined && permissions.length > 0) {
    throw parameterCombination(`The parameters IpPermissions and ${first} cannot be used together`);
  }
  const given = first === undefined ? permissions : [flatPermission(input)];
  const specs = given.flatMap((permission) => readPermission(permission, group, isEgress, peers));
  const keys = new Set(specs.map(ruleKey));
  if (keys.size < specs.length) throw ruleRepeated();
  return specs;
}

/** A group can be named in a default VPC only, and there is none here. */
function flatPermission(input: ActionInput): ActionInput {
  const { CidrIp, SourceSecurityGroupName, SourceSecurityGroupOwnerId } = input;
  if (SourceSecurityGroupName !== undefined || SourceSecurityGroupOwnerId !== undefined) {
    throw noDefaultVpc();
  }
  return {
    IpProtocol: input['IpProtocol'],
    FromPort: input['FromPort'],
    ToPort: input['ToPort'],
    IpRanges: CidrIp === undefined ? [] : [{ CidrIp }],
  };
}

function readPermission(
  permission: ActionInput,
  group: SecurityGroup,
  isEgress: boolean,
  { context, readPair }: PeerReading,
): RuleSpec[] {
  const traffic = readTraffic(permission);
  const ruleOf = (peer: RulePeer, entry: ActionInput): RuleSpec => ({
    isEgress,
    traffic,
    peer,
    description: readDescription(entry),
  });
  const rules = [
    ...structuresOf(permission, 'IpRanges').map((each) =>
      ruleOf(ipv4Peer(stringOf(each, 'CidrIp')), each),
    ),
    ...structuresOf(permission, 'Ipv6Ranges').map((each) =>
      ruleOf(ipv6Peer(stringOf(each, 'CidrIpv6')), each),
    ),
    ...structuresOf(permission, 'UserIdGroupPairs').map((each) =>
      ruleOf(readPair(each, group, context), each),
    ),
    ...structuresOf(permission, 'PrefixListIds').map((each) =>
      ruleOf(prefixListPeer(stringOf(each, 'PrefixListId'), context.draft.snapshot), each),
    ),
  ];
  if (rules.length === 0) {
    throw missingOneOf(['IpRanges', 'Ipv6Ranges', 'UserIdGroupPairs', 'PrefixListIds']);
  }
  return rules;
}

/** @returns null when there is none. @throws InvalidParameterValue for characters it may not have. */
export function readDescription(entry: ActionInput): string | null {
  const text = optionalString(entry, 'Description');
  return text === undefined ? null : checkText(text, 'rule description');
}

/**
 * Reads `IpProtocol`, `FromPort` and `ToPort`; of ICMP they are type and code.
 * Ports of a protocol that has none are ignored, as AWS does.
 * @throws InvalidParameterValue or InvalidPermission.Malformed when they fit no packet.
 */
export function readTraffic(permission: ActionInput): Traffic {
  const protocol = parseProtocol(stringOf(permission, 'IpProtocol'));
  const from = optionalInteger(permission, 'FromPort');
  const to = optionalInteger(permission, 'ToPort');
  if (hasPorts(protocol)) {
    if (from === undefined || to === undefined) throw portRangeMissing('TCP/UDP');
    return portTraffic(protocol, from, to);
  }
  if (!hasIcmpTypes(protocol)) return anyTraffic(protocol);
  if (isIcmpv6(protocol) && from === undefined && to === undefined) return anyTraffic(protocol);
  if (from === undefined || to === undefined) throw portRangeMissing('ICMP');
  return icmpTraffic(protocol, from, to);
}

/** Clears the host bits. @throws InvalidParameterValue when the text is no IPv4 block. */
export function ipv4Peer(text: string): RulePeer {
  const cidr = parseIpv4Cidr(text);
  if (cidr === null) throw malformedCidr(text);
  return { kind: 'cidr', cidr };
}

/** Clears the host bits. @throws InvalidParameterValue when the text is no IPv6 block. */
export function ipv6Peer(text: string): RulePeer {
  const cidr = parseIpv6Cidr(text);
  if (cidr === null) throw malformedCidr(text);
  return { kind: 'cidr', cidr };
}

export function prefixListPeer(text: string, snapshot: Snapshot): RulePeer {
  return { kind: 'prefix-list', prefixListId: findPrefixList(snapshot, text).prefixListId };
}

/** @returns the peer as the API writes it: a block or an id. */
export function peerText(peer: RulePeer): string {
  switch (peer.kind) {
    case 'cidr':
      return formatCidr(peer.cidr);
    case 'group':
    case 'peered-group':
      return peer.groupId;
    case 'prefix-list':
      return peer.prefixListId;
    default:
      return peer satisfies never;
  }
}

/** @returns a text that two rules share when they allow the same; descriptions do not matter. */
export function ruleKey({ isEgress, traffic, peer }: RuleSpec): string {
  const { protocol, fromPort, toPort } = traffic;
  return `${isEgress} ${protocol} ${fromPort} ${toPort} ${peerText(peer)}`;
}

/** @returns the rule as the refusal of a duplicate tells it. */
export function ruleText({ traffic, peer }: RuleSpec): string {
  return `peer: ${peerText(peer)}, ${trafficText(traffic)}, ALLOW`;
}

function trafficText({ protocol, fromPort, toPort }: Traffic): string {
  const name = protocolName(protocol).toUpperCase();
  const orAll = (value: number): string => (value === -1 ? 'ALL' : String(value));
  if (hasPorts(protocol)) return `${name}, from port: ${fromPort}, to port: ${toPort}`;
  if (hasIcmpTypes(protocol)) return `${name}, type: ${orAll(fromPort)}, code: ${orAll(toPort)}`;
  return protocol === -1 ? 'ALL' : `protocol: ${protocol}`;
}
