/** The actions on network ACLs, their entries, and which of them a subnet is under (ACL-1, ACL-3). */
import { type Cidr, formatCidr, parseIpv4Cidr, parseIpv6Cidr } from '../../addr/cidr.ts';
import type {
  NetworkAcl,
  NetworkAclAssociation,
  NetworkAclEntry,
  Traffic,
} from '../../model/filters.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type {
  ActionContext,
  ActionDefinition,
  ActionInput,
  ActionOutput,
  ParameterType,
} from '../action.ts';
import { type DescribeSpec, describe, PAGE_PARAMETERS } from '../describe.ts';
import {
  dependencyViolation,
  differentNetworks,
  invalidCidr,
  invalidValue,
  missingOneOf,
  missingParameter,
  unknownId,
} from '../errors.ts';
import {
  booleanOf,
  integerOf,
  optionalInteger,
  optionalString,
  optionalStructure,
  stringOf,
} from '../input.ts';
import { findNetworkAcl, findVpc } from '../lookup.ts';
import { TAG_SPECIFICATIONS, tagSet, tagsFor } from '../tag-set.ts';
import { finalDenials, joinNetworkAcl, leaveNetworkAcl, sortEntries } from './default-filters.ts';
import {
  aclEntryExists,
  aclEntryLimitExceeded,
  aclEntryNotFound,
  aclLimitExceeded,
  defaultAclStays,
} from './filter-errors.ts';
import {
  anyTraffic,
  hasIcmpTypes,
  hasPorts,
  isIcmpPair,
  isIcmpv6,
  isPort,
  parseProtocol,
} from './traffic.ts';

/** The numbers that entries of one's own can have; the final denials have higher ones. */
const MAX_RULE_NUMBER = 32_766;

function aclShape(acl: NetworkAcl, snapshot: Snapshot): ActionOutput {
  return {
    NetworkAclId: acl.networkAclId,
    VpcId: acl.vpcId,
    IsDefault: acl.isDefault,
    OwnerId: snapshot.accountId,
    Entries: acl.entries.map(entryShape),
    Associations: acl.associations.map((each) => ({
      NetworkAclAssociationId: each.associationId,
      NetworkAclId: acl.networkAclId,
      SubnetId: each.subnetId,
    })),
    Tags: tagSet(acl.tags),
  };
}

function entryShape({ cidr, traffic, ...entry }: NetworkAclEntry): ActionOutput {
  const { protocol, fromPort, toPort } = traffic;
  return {
    RuleNumber: entry.ruleNumber,
    Protocol: String(protocol),
    RuleAction: entry.action,
    Egress: entry.isEgress,
    CidrBlock: cidr.family === 4 ? formatCidr(cidr) : undefined,
    Ipv6CidrBlock: cidr.family === 6 ? formatCidr(cidr) : undefined,
    PortRange: hasPorts(protocol) ? { From: fromPort, To: toPort } : undefined,
    IcmpTypeCode: hasIcmpTypes(protocol) ? { Type: fromPort, Code: toPort } : undefined,
  };
}

function createNetworkAcl(input: ActionInput, { draft, newId }: ActionContext): ActionOutput {
  const { snapshot } = draft;
  const tags = tagsFor(input, 'network-acl');
  const vpc = findVpc(snapshot, stringOf(input, 'VpcId'));
  const count = [...snapshot.networkAcls.values()].filter(
    (each) => each.vpcId === vpc.vpcId,
  ).length;
  if (count >= snapshot.quotas.networkAclsPerVpc) throw aclLimitExceeded();
  const acl: NetworkAcl = {
    networkAclId: newId('acl'),
    vpcId: vpc.vpcId,
    isDefault: false,
    entries: finalDenials(vpc),
    associations: [],
    tags,
  };
  draft.put('networkAcls', acl.networkAclId, acl);
  return { NetworkAcl: aclShape(acl, snapshot) };
}

function deleteNetworkAcl(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const acl = findNetworkAcl(draft.snapshot, stringOf(input, 'NetworkAclId'));
  if (acl.isDefault) throw defaultAclStays(acl.networkAclId);
  if (acl.associations.length > 0) throw dependencyViolation('networkAcl', acl.networkAclId);
  draft.delete('networkAcls', acl.networkAclId);
  return {};
}

function readCidr(input: ActionInput): Cidr {
  const ipv4 = optionalString(input, 'CidrBlock');
  const ipv6 = optionalString(input, 'Ipv6CidrBlock');
  if (ipv4 !== undefined && ipv6 === undefined) {
    const cidr = parseIpv4Cidr(ipv4);
    if (cidr === null) throw invalidCidr('cidrBlock', ipv4);
    return cidr;
  }
  if (ipv4 === undefined && ipv6 !== undefined) {
    const cidr = parseIpv6Cidr(ipv6);
    if (cidr === null) throw invalidCidr('ipv6CidrBlock', ipv6);
    return cidr;
  }
  throw missingOneOf(['cidrBlock', 'ipv6CidrBlock']);
}

/** Ports and types that the protocol does not have are ignored, as AWS does. */
function readTraffic(input: ActionInput, cidr: Cidr): Traffic {
  const protocol = parseProtocol(stringOf(input, 'Protocol'));
  if (hasPorts(protocol)) return readPorts(input, protocol);
  const isTyped = hasIcmpTypes(protocol) && !(isIcmpv6(protocol) && cidr.family === 4);
  return isTyped ? readIcmp(input, protocol) : anyTraffic(protocol);
}

/** @throws MissingParameter without a range; InvalidParameterValue when it is none. */
function readPorts(input: ActionInput, protocol: number): Traffic {
  const [fromPort, toPort] = readPair(input, 'PortRange', ['From', 'To']);
  if (!isPort(fromPort) || !isPort(toPort) || fromPort > toPort) {
    throw invalidValue('portRange', `${fromPort}-${toPort}`);
  }
  return { protocol, fromPort, toPort };
}

/** @throws MissingParameter without type and code; InvalidParameterValue when they are none. */
function readIcmp(input: ActionInput, protocol: number): Traffic {
  const [type, code] = readPair(input, 'IcmpTypeCode', ['Type', 'Code']);
  if (!isIcmpPair(type, code)) throw invalidValue('icmpTypeCode', `${type}, ${code}`);
  return { protocol, fromPort: type, toPort: code };
}

function readPair(
  input: ActionInput,
  name: string,
  members: readonly [string, string],
): readonly [number, number] {
  const pair = optionalStructure(input, name) ?? {};
  const first = optionalInteger(pair, members[0]);
  const second = optionalInteger(pair, members[1]);
  if (first === undefined || second === undefined) throw missingParameter(name);
  return [first, second];
}

/** @throws MissingParameter or InvalidParameterValue when it is no entry that AWS would take. */
function readEntry(input: ActionInput): NetworkAclEntry {
  const action = stringOf(input, 'RuleAction');
  if (action !== 'allow' && action !== 'deny') throw invalidValue('ruleAction', action);
  const cidr = readCidr(input);
  return {
    ruleNumber: readRuleNumber(input),
    isEgress: booleanOf(input, 'Egress'),
    action,
    traffic: readTraffic(input, cidr),
    cidr,
  };
}

function readRuleNumber(input: ActionInput): number {
  const ruleNumber = integerOf(input, 'RuleNumber');
  if (ruleNumber < 1 || ruleNumber > MAX_RULE_NUMBER) {
    throw invalidValue('ruleNumber', String(ruleNumber), `Must be 1 to ${MAX_RULE_NUMBER}.`);
  }
  return ruleNumber;
}

function isAt(entry: Pick<NetworkAclEntry, 'ruleNumber' | 'isEgress'>) {
  return (other: NetworkAclEntry): boolean =>
    other.ruleNumber === entry.ruleNumber && other.isEgress === entry.isEgress;
}

/**
 * Puts an ACL with other entries. The quota counts each direction and family by itself, and the
 * final denial with the others.
 * @throws NetworkAclEntryLimitExceeded
 * @source ACL-3
 */
function putEntries(
  { draft }: ActionContext,
  acl: NetworkAcl,
  entries: readonly NetworkAclEntry[],
  added: NetworkAclEntry,
): void {
  const used = entries.filter(
    (each) => each.isEgress === added.isEgress && each.cidr.family === added.cidr.family,
  ).length;
  if (used >= draft.snapshot.quotas.entriesPerNetworkAcl) throw aclEntryLimitExceeded();
  draft.put('networkAcls', acl.networkAclId, { ...acl, entries: sortEntries([...entries, added]) });
}

function createEntry(input: ActionInput, context: ActionContext): ActionOutput {
  const acl = findNetworkAcl(context.draft.snapshot, stringOf(input, 'NetworkAclId'));
  const entry = readEntry(input);
  if (acl.entries.some(isAt(entry))) throw aclEntryExists(entry.ruleNumber);
  putEntries(context, acl, acl.entries, entry);
  return {};
}

/** @returns the entries of an ACL without the one at this place. @throws InvalidNetworkAclEntry.NotFound */
function entriesWithout(
  acl: NetworkAcl,
  place: Pick<NetworkAclEntry, 'ruleNumber' | 'isEgress'>,
): NetworkAclEntry[] {
  const rest = acl.entries.filter((each) => !isAt(place)(each));
  if (rest.length === acl.entries.length) throw aclEntryNotFound(place.ruleNumber, place.isEgress);
  return rest;
}

function replaceEntry(input: ActionInput, context: ActionContext): ActionOutput {
  const acl = findNetworkAcl(context.draft.snapshot, stringOf(input, 'NetworkAclId'));
  const entry = readEntry(input);
  putEntries(context, acl, entriesWithout(acl, entry), entry);
  return {};
}

function deleteEntry(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const acl = findNetworkAcl(draft.snapshot, stringOf(input, 'NetworkAclId'));
  const place = { ruleNumber: readRuleNumber(input), isEgress: booleanOf(input, 'Egress') };
  draft.put('networkAcls', acl.networkAclId, { ...acl, entries: entriesWithout(acl, place) });
  return {};
}

/** @throws InvalidAssociationID.NotFound when no ACL has this association. */
function findAssociation(snapshot: Snapshot, id: string): NetworkAclAssociation {
  for (const acl of snapshot.networkAcls.values()) {
    const association = acl.associations.find((each) => each.associationId === id);
    if (association !== undefined) return association;
  }
  throw unknownId('aclassoc', id);
}

function replaceAssociation(input: ActionInput, context: ActionContext): ActionOutput {
  const { draft } = context;
  const { subnetId } = findAssociation(draft.snapshot, stringOf(input, 'AssociationId'));
  const { networkAclId, vpcId } = findNetworkAcl(draft.snapshot, stringOf(input, 'NetworkAclId'));
  if (draft.snapshot.subnets.get(subnetId)?.vpcId !== vpcId) {
    throw differentNetworks(`network acl ${networkAclId}`, `subnet ${subnetId}`);
  }
  leaveNetworkAcl(draft, subnetId);
  const acl = findNetworkAcl(draft.snapshot, networkAclId);
  return { NewAssociationId: joinNetworkAcl(context, acl, subnetId) };
}

/** @returns a filter on the entries. */
function byEntry(pick: (entry: NetworkAclEntry) => readonly (string | number | boolean)[]) {
  return (acl: NetworkAcl) => acl.entries.flatMap(pick);
}

const ofFamily = (family: 4 | 6) => (entry: NetworkAclEntry) =>
  entry.cidr.family === family ? [formatCidr(entry.cidr)] : [];
const ofPorts = (member: 'fromPort' | 'toPort') => (entry: NetworkAclEntry) =>
  hasPorts(entry.traffic.protocol) ? [entry.traffic[member]] : [];
const ofIcmp = (member: 'fromPort' | 'toPort') => (entry: NetworkAclEntry) =>
  hasIcmpTypes(entry.traffic.protocol) ? [entry.traffic[member]] : [];

const DESCRIBE_ACLS: DescribeSpec<'acl', NetworkAcl> = {
  member: 'NetworkAcls',
  idsParameter: 'NetworkAclIds',
  prefix: 'acl',
  rows: (snapshot) => snapshot.networkAcls,
  shape: aclShape,
  filters: {
    'association.association-id': (acl) => acl.associations.map((each) => each.associationId),
    'association.network-acl-id': (acl) => acl.associations.map(() => acl.networkAclId),
    'association.subnet-id': (acl) => acl.associations.map((each) => each.subnetId),
    default: (acl) => [acl.isDefault],
    'entry.cidr': byEntry(ofFamily(4)),
    'entry.egress': byEntry((entry) => [entry.isEgress]),
    'entry.icmp.code': byEntry(ofIcmp('toPort')),
    'entry.icmp.type': byEntry(ofIcmp('fromPort')),
    'entry.ipv6-cidr': byEntry(ofFamily(6)),
    'entry.port-range.from': byEntry(ofPorts('fromPort')),
    'entry.port-range.to': byEntry(ofPorts('toPort')),
    'entry.protocol': byEntry((entry) => [entry.traffic.protocol]),
    'entry.rule-action': byEntry((entry) => [entry.action]),
    'entry.rule-number': byEntry((entry) => [entry.ruleNumber]),
    'network-acl-id': (acl) => [acl.networkAclId],
    'owner-id': (_acl, snapshot) => [snapshot.accountId],
    'vpc-id': (acl) => [acl.vpcId],
  },
};

const ENTRY_PARAMETERS: Readonly<Record<string, ParameterType>> = {
  NetworkAclId: 'string',
  RuleNumber: 'integer',
  Protocol: 'string',
  RuleAction: 'string',
  Egress: 'boolean',
  CidrBlock: 'string',
  Ipv6CidrBlock: 'string',
  PortRange: { From: 'integer', To: 'integer' },
  IcmpTypeCode: { Type: 'integer', Code: 'integer' },
};

const ENTRY_REQUIRED = ['NetworkAclId', 'RuleNumber', 'Protocol', 'RuleAction', 'Egress'];

export const NETWORK_ACL_ACTIONS: readonly ActionDefinition[] = [
  {
    name: 'CreateNetworkAcl',
    parameters: { VpcId: 'string', ClientToken: 'string', TagSpecifications: TAG_SPECIFICATIONS },
    required: ['VpcId'],
    perform: createNetworkAcl,
  },
  {
    name: 'DeleteNetworkAcl',
    parameters: { NetworkAclId: 'string' },
    required: ['NetworkAclId'],
    perform: deleteNetworkAcl,
  },
  {
    name: 'DescribeNetworkAcls',
    parameters: { ...PAGE_PARAMETERS, NetworkAclIds: ['string'] },
    required: [],
    perform: (input, { draft }) => describe(DESCRIBE_ACLS, input, draft.snapshot),
  },
  {
    name: 'CreateNetworkAclEntry',
    parameters: ENTRY_PARAMETERS,
    required: ENTRY_REQUIRED,
    perform: createEntry,
  },
  {
    name: 'ReplaceNetworkAclEntry',
    parameters: ENTRY_PARAMETERS,
    required: ENTRY_REQUIRED,
    perform: replaceEntry,
  },
  {
    name: 'DeleteNetworkAclEntry',
    parameters: { NetworkAclId: 'string', RuleNumber: 'integer', Egress: 'boolean' },
    required: ['NetworkAclId', 'RuleNumber', 'Egress'],
    perform: deleteEntry,
  },
  {
    name: 'ReplaceNetworkAclAssociation',
    parameters: { AssociationId: 'string', NetworkAclId: 'string' },
    required: ['AssociationId', 'NetworkAclId'],
    perform: replaceAssociation,
  },
];
