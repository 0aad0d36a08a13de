/** The actions on the static members and sources of multicast groups. */
import { formatIpv4, type Ipv4Addr, parseIpv4 } from '../../addr/ipv4.ts';
import { formatIpv6, type Ipv6Addr, parseIpv6 } from '../../addr/ipv6.ts';
import {
  multicastAssociationsOf,
  multicastDomainsOf,
  multicastMembershipsOf,
} from '../../model/lookups/transit-gateways.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type {
  MulticastAssociation,
  MulticastMembership,
  TransitGatewayMulticastDomain,
} from '../../model/transit-gateways.ts';
import type { ActionContext, ActionDefinition, ActionInput, ActionOutput } from '../action.ts';
import { type Filters, filterRows, PAGE_PARAMETERS, pageOf } from '../describe.ts';
import { invalidAddress, invalidValue } from '../errors.ts';
import { optionalString, stringOf, stringsOf } from '../input.ts';
import { findEni } from '../lookup.ts';
import { attachedResource } from './attachment-shapes.ts';
import { findVpcAttachment } from './lookup-transit-gateways.ts';
import { domainOf } from './multicast-associations.ts';
import {
  eniNotInDomain,
  multicastLimitExceeded,
  noStaticSources,
  notRegistered,
  registered,
} from './transit-gateway-errors.ts';

type Role = MulticastMembership['role'];
type GroupAddr = Ipv4Addr | Ipv6Addr;

function formatGroup(addr: GroupAddr): string {
  return typeof addr === 'number' ? formatIpv4(addr) : formatIpv6(addr);
}

/** @throws InvalidParameterValue unless it is a multicast address of either family. */
function parseGroup(text: string): GroupAddr {
  const addr = parseIpv4(text) ?? parseIpv6(text);
  if (addr === null) throw invalidAddress(text);
  const isGroup = typeof addr === 'number' ? addr >>> 28 === 0xe : addr >> 120n === 0xffn;
  if (!isGroup) throw invalidValue('groupIpAddress', text, 'It must be a multicast address.');
  return addr;
}

/** @returns the subnet of the interface as the domain has it. @throws InvalidParameterValue */
function associationOf(
  snapshot: Snapshot,
  domain: TransitGatewayMulticastDomain,
  eniId: string,
): MulticastAssociation {
  const eni = findEni(snapshot, eniId);
  const association = multicastAssociationsOf(snapshot, domain).find(
    ({ subnetId, state }) => subnetId === eni.subnetId && state === 'associated',
  );
  if (association === undefined) throw eniNotInDomain(eniId, domain.multicastDomainId);
  return association;
}

/** @throws TransitGatewayMulticastGroupLimitExceeded @source MC-7 */
function checkQuotas(
  snapshot: Snapshot,
  domain: TransitGatewayMulticastDomain,
  role: Role,
  group: GroupAddr,
): void {
  const { quotas } = snapshot;
  const inGroup = multicastMembershipsOf(snapshot, domain).filter(
    (each) => each.role === role && each.groupAddr === group,
  );
  const limit =
    role === 'member' ? quotas.membersPerMulticastGroup : quotas.sourcesPerMulticastGroup;
  if (inGroup.length > limit) throw multicastLimitExceeded(`${role}s of the group`);
  const all = multicastDomainsOf(snapshot, domain.transitGatewayId).flatMap((each) =>
    multicastMembershipsOf(snapshot, each),
  );
  if (all.length > quotas.multicastMembershipsPerTransitGateway) {
    throw multicastLimitExceeded('members and sources of the transit gateway');
  }
}

/** The answer of a change. @param verb `Registered` or `Deregistered`. */
function changeShape(
  verb: string,
  role: Role,
  { multicastDomainId }: TransitGatewayMulticastDomain,
  eniIds: readonly string[],
  group: string | undefined,
): ActionOutput {
  const things = role === 'member' ? 'Members' : 'Sources';
  return {
    [`${verb}MulticastGroup${things}`]: {
      TransitGatewayMulticastDomainId: multicastDomainId,
      [`${verb}NetworkInterfaceIds`]: eniIds,
      GroupIpAddress: group,
    },
  };
}

/** @throws UnsupportedOperation for a source in a domain without static sources. @source MC-1 */
function register(role: Role, input: ActionInput, { draft }: ActionContext): ActionOutput {
  const { snapshot } = draft;
  const domain = domainOf(snapshot, input);
  const { multicastDomainId } = domain;
  if (role === 'source' && !domain.staticSourcesSupport) throw noStaticSources(multicastDomainId);
  const text = stringOf(input, 'GroupIpAddress');
  const groupAddr = parseGroup(text);
  const added = [...new Set(stringsOf(input, 'NetworkInterfaceIds'))].map((id) => {
    const { eniId } = findEni(snapshot, id);
    associationOf(snapshot, domain, id);
    const isIn = (each: MulticastMembership): boolean =>
      each.eniId === id && each.role === role && each.groupAddr === groupAddr;
    if (domain.memberships.some(isIn)) throw registered(id, role, text);
    return { groupAddr, eniId, role };
  });
  const changed = { ...domain, memberships: [...domain.memberships, ...added] };
  draft.put('transitGatewayMulticastDomains', multicastDomainId, changed);
  checkQuotas(draft.snapshot, changed, role, groupAddr);
  const ids = added.map(({ eniId }) => eniId);
  return changeShape('Registered', role, domain, ids, text);
}

/** Without a group, of all groups; without interfaces, all of them. */
function deregister(role: Role, input: ActionInput, { draft }: ActionContext): ActionOutput {
  const { snapshot } = draft;
  const domain = domainOf(snapshot, input);
  const text = optionalString(input, 'GroupIpAddress');
  const group = text === undefined ? undefined : parseGroup(text);
  const ids = stringsOf(input, 'NetworkInterfaceIds');
  const leaving = multicastMembershipsOf(snapshot, domain).filter(
    (each) =>
      each.role === role &&
      (group ?? each.groupAddr) === each.groupAddr &&
      (ids.length === 0 || ids.some((id) => id === each.eniId)),
  );
  const stranger = ids.find((id) => !leaving.some(({ eniId }) => eniId === id));
  if (stranger !== undefined) throw notRegistered(stranger, role);
  const memberships = domain.memberships.filter((each) => !leaving.includes(each));
  draft.put('transitGatewayMulticastDomains', domain.multicastDomainId, { ...domain, memberships });
  const left = [...new Set(leaving.map(({ eniId }) => eniId))];
  return changeShape('Deregistered', role, domain, left, text);
}

/** What a search answers of one member or source. */
interface GroupRow {
  readonly membership: MulticastMembership;
  readonly association: MulticastAssociation;
}

function rowShape({ membership, association }: GroupRow, snapshot: Snapshot): ActionOutput {
  const attachment = findVpcAttachment(snapshot, association.attachmentId);
  const { id, ownerId } = attachedResource(attachment, snapshot);
  const isMember = membership.role === 'member';
  return {
    GroupIpAddress: formatGroup(membership.groupAddr),
    TransitGatewayAttachmentId: association.attachmentId,
    SubnetId: association.subnetId,
    ResourceId: id,
    ResourceType: attachment.kind,
    ResourceOwnerId: ownerId,
    NetworkInterfaceId: membership.eniId,
    GroupMember: isMember,
    GroupSource: !isMember,
    MemberType: isMember ? 'static' : undefined,
    SourceType: isMember ? undefined : 'static',
  };
}

const GROUP_FILTERS: Filters<GroupRow> = {
  'group-ip-address': ({ membership }) => [formatGroup(membership.groupAddr)],
  'is-group-member': ({ membership }) => [membership.role === 'member'],
  'is-group-source': ({ membership }) => [membership.role === 'source'],
  'member-type': ({ membership }) => (membership.role === 'member' ? ['static'] : []),
  'resource-id': ({ association }, snapshot) => [
    findVpcAttachment(snapshot, association.attachmentId).vpcId,
  ],
  'resource-type': () => ['vpc'],
  'source-type': ({ membership }) => (membership.role === 'source' ? ['static'] : []),
  'subnet-id': ({ association }) => [association.subnetId],
  'transit-gateway-attachment-id': ({ association }) => [association.attachmentId],
};

function searchGroups(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const { snapshot } = draft;
  const domain = domainOf(snapshot, input);
  const groups = multicastMembershipsOf(snapshot, domain).map(
    (membership): GroupRow => ({
      membership,
      association: associationOf(snapshot, domain, membership.eniId),
    }),
  );
  const { rows, nextToken } = pageOf(filterRows(groups, GROUP_FILTERS, input, snapshot), input);
  return { MulticastGroups: rows.map((row) => rowShape(row, snapshot)), NextToken: nextToken };
}

const GROUP = {
  TransitGatewayMulticastDomainId: 'string',
  GroupIpAddress: 'string',
  NetworkInterfaceIds: ['string'],
} as const;

/** The two actions of a role. */
function groupActions(role: Role): ActionDefinition[] {
  const things = role === 'member' ? 'Members' : 'Sources';
  return [
    {
      name: `RegisterTransitGatewayMulticastGroup${things}`,
      parameters: GROUP,
      required: ['TransitGatewayMulticastDomainId', 'GroupIpAddress', 'NetworkInterfaceIds'],
      perform: (input, context) => register(role, input, context),
    },
    {
      name: `DeregisterTransitGatewayMulticastGroup${things}`,
      parameters: GROUP,
      required: ['TransitGatewayMulticastDomainId'],
      perform: (input, context) => deregister(role, input, context),
    },
  ];
}

export const MULTICAST_GROUP_ACTIONS: readonly ActionDefinition[] = [
  ...groupActions('member'),
  ...groupActions('source'),
  {
    name: 'SearchTransitGatewayMulticastGroups',
    parameters: { ...PAGE_PARAMETERS, TransitGatewayMulticastDomainId: 'string' },
    required: ['TransitGatewayMulticastDomainId'],
    perform: searchGroups,
  },
];
