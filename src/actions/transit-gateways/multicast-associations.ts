/** The actions on the subnets of multicast domains. A subnet is in one domain (MC-1). */
import type { SubnetId, TransitGatewayAttachmentId } from '../../model/ids.ts';
import { multicastAssociationsOf } from '../../model/lookups/transit-gateways.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { Draft } from '../../model/store.ts';
import type {
  MulticastAssociation,
  TransitGatewayMulticastDomain,
  VpcAttachment,
} from '../../model/transit-gateways.ts';
import type { ActionContext, ActionDefinition, ActionInput, ActionOutput } from '../action.ts';
import { type Filters, filterRows, PAGE_PARAMETERS, pageOf } from '../describe.ts';
import { stringOf, stringsOf } from '../input.ts';
import { findSubnet } from '../lookup.ts';
import { attachedResource, attachmentReference } from './attachment-shapes.ts';
import { attachmentOf, findMulticastDomain, findVpcAttachment } from './lookup-transit-gateways.ts';
import {
  inInvalidState,
  noSubnetOfVpc,
  notForKind,
  subnetInDomain,
  subnetNotInDomain,
} from './transit-gateway-errors.ts';

/** Stored are the first two. */
type ShownState = MulticastAssociation['state'] | 'associating' | 'disassociating' | 'rejected';

export function domainOf(snapshot: Snapshot, input: ActionInput): TransitGatewayMulticastDomain {
  return findMulticastDomain(snapshot, stringOf(input, 'TransitGatewayMulticastDomainId'));
}

function putDomain(draft: Draft, domain: TransitGatewayMulticastDomain): void {
  draft.put('transitGatewayMulticastDomains', domain.multicastDomainId, domain);
}

/** @throws UnsupportedOperation for what is not the attachment of a VPC. @source MC-4 */
function attachmentOfDomain(
  snapshot: Snapshot,
  domain: TransitGatewayMulticastDomain,
  input: ActionInput,
): VpcAttachment {
  const attachment = attachmentOf(snapshot, domain, input);
  const { attachmentId, kind } = attachment;
  if (kind !== 'vpc') throw notForKind(attachmentId, kind, 'Multicast is');
  return attachment;
}

/** @returns the members by which answers name the attachment, with its owner. */
function ownedReference(attachment: VpcAttachment, snapshot: Snapshot): ActionOutput {
  return {
    ...attachmentReference(attachment, snapshot),
    ResourceOwnerId: attachedResource(attachment, snapshot).ownerId,
  };
}

function associationsShape(
  { multicastDomainId }: TransitGatewayMulticastDomain,
  attachment: VpcAttachment,
  snapshot: Snapshot,
  subnetIds: readonly string[],
  state: ShownState,
): ActionOutput {
  return {
    Associations: {
      ...ownedReference(attachment, snapshot),
      TransitGatewayMulticastDomainId: multicastDomainId,
      Subnets: subnetIds.map((SubnetId) => ({ SubnetId, State: state })),
    },
  };
}

/** @throws InvalidSubnetID.NotFound for one of another VPC; Resource.AlreadyAssociated @source MC-1 */
function readNewSubnets(
  snapshot: Snapshot,
  { vpcId }: VpcAttachment,
  input: ActionInput,
): SubnetId[] {
  return [...new Set(stringsOf(input, 'SubnetIds'))].map((id) => {
    const subnet = findSubnet(snapshot, id);
    if (subnet.vpcId !== vpcId) throw noSubnetOfVpc(id);
    const domain = [...snapshot.transitGatewayMulticastDomains.values()].find((each) =>
      each.associations.some(({ subnetId }) => subnetId === id),
    );
    if (domain !== undefined) throw subnetInDomain(id, domain.multicastDomainId);
    return subnet.subnetId;
  });
}

function associate(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const { snapshot } = draft;
  const domain = domainOf(snapshot, input);
  const attachment = attachmentOfDomain(snapshot, domain, input);
  const { attachmentId, vpcOwnerId } = attachment;
  const subnetIds = readNewSubnets(snapshot, attachment, input);
  const isAccepted = vpcOwnerId === domain.ownerId || domain.autoAcceptSharedAssociations;
  const state = isAccepted ? 'associated' : 'pendingAcceptance';
  const added = subnetIds.map((subnetId) => ({ attachmentId, subnetId, state }) as const);
  putDomain(draft, { ...domain, associations: [...domain.associations, ...added] });
  const shown = isAccepted ? 'associating' : state;
  return associationsShape(domain, attachment, snapshot, subnetIds, shown);
}

/**
 * Reads the subnets of an attachment that are in the domain; all of them when none is named.
 * @throws InvalidTransitGatewayMulticastDomainAssociation.NotFound
 */
function readSubnets(
  snapshot: Snapshot,
  domain: TransitGatewayMulticastDomain,
  { attachmentId }: VpcAttachment,
  input: ActionInput,
): MulticastAssociation[] {
  const present = multicastAssociationsOf(snapshot, domain).filter(
    (each) => each.attachmentId === attachmentId,
  );
  const ids = [...new Set(stringsOf(input, 'SubnetIds'))];
  if (ids.length === 0) return present;
  return ids.map((id) => {
    const association = present.find(({ subnetId }) => subnetId === id);
    if (association === undefined) throw subnetNotInDomain(id, domain.multicastDomainId);
    return association;
  });
}

/** @returns the domain without the subnets, and without the interfaces in them. */
function withoutSubnets(
  { enis }: Snapshot,
  domain: TransitGatewayMulticastDomain,
  left: readonly MulticastAssociation[],
): TransitGatewayMulticastDomain {
  const subnetIds = new Set(left.map(({ subnetId }) => subnetId));
  return {
    ...domain,
    associations: domain.associations.filter(({ subnetId }) => !subnetIds.has(subnetId)),
    memberships: domain.memberships.filter(({ eniId }) => {
      const eni = enis.get(eniId);
      return eni !== undefined && !subnetIds.has(eni.subnetId);
    }),
  };
}

function disassociate(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const { snapshot } = draft;
  const domain = domainOf(snapshot, input);
  const attachment = attachmentOfDomain(snapshot, domain, input);
  const left = readSubnets(snapshot, domain, attachment, input);
  putDomain(draft, withoutSubnets(snapshot, domain, left));
  const ids = left.map(({ subnetId }) => subnetId);
  return associationsShape(domain, attachment, snapshot, ids, 'disassociating');
}

/** Takes the subnets of an attachment that ends out of the domains. */
export function leaveDomains(draft: Draft, attachmentId: TransitGatewayAttachmentId): void {
  for (const domain of draft.snapshot.transitGatewayMulticastDomains.values()) {
    const left = domain.associations.filter((each) => each.attachmentId === attachmentId);
    if (left.length > 0) putDomain(draft, withoutSubnets(draft.snapshot, domain, left));
  }
}

/** @throws IncorrectState for a subnet that does not wait for an answer. */
function pendingSubnets(input: ActionInput, snapshot: Snapshot) {
  const domain = domainOf(snapshot, input);
  const attachment = attachmentOfDomain(snapshot, domain, input);
  const subnets = readSubnets(snapshot, domain, attachment, input);
  for (const { subnetId, state } of subnets) {
    if (state !== 'pendingAcceptance') throw inInvalidState(subnetId);
  }
  return { domain, attachment, subnets, ids: subnets.map(({ subnetId }) => subnetId) };
}

function acceptAssociations(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const { snapshot } = draft;
  const { domain, attachment, subnets, ids } = pendingSubnets(input, snapshot);
  const associations = domain.associations.map(
    (each): MulticastAssociation =>
      subnets.includes(each) ? { ...each, state: 'associated' } : each,
  );
  putDomain(draft, { ...domain, associations });
  return associationsShape(domain, attachment, snapshot, ids, 'associating');
}

function rejectAssociations(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const { snapshot } = draft;
  const { domain, attachment, subnets, ids } = pendingSubnets(input, snapshot);
  putDomain(draft, withoutSubnets(snapshot, domain, subnets));
  return associationsShape(domain, attachment, snapshot, ids, 'rejected');
}

const ASSOCIATION_FILTERS: Filters<MulticastAssociation> = {
  'resource-id': ({ attachmentId }, snapshot) => [findVpcAttachment(snapshot, attachmentId).vpcId],
  'resource-type': () => ['vpc'],
  state: ({ state }) => [state],
  'subnet-id': ({ subnetId }) => [subnetId],
  'transit-gateway-attachment-id': ({ attachmentId }) => [attachmentId],
};

function getAssociations(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const { snapshot } = draft;
  const associations = multicastAssociationsOf(snapshot, domainOf(snapshot, input));
  const matching = filterRows(associations, ASSOCIATION_FILTERS, input, snapshot);
  const { rows, nextToken } = pageOf(matching, input);
  return {
    MulticastDomainAssociations: rows.map(({ attachmentId, subnetId, state }) => ({
      ...ownedReference(findVpcAttachment(snapshot, attachmentId), snapshot),
      Subnet: { SubnetId: subnetId, State: state },
    })),
    NextToken: nextToken,
  };
}

const SUBNETS = {
  TransitGatewayMulticastDomainId: 'string',
  TransitGatewayAttachmentId: 'string',
  SubnetIds: ['string'],
} as const;
const REQUIRED = ['TransitGatewayMulticastDomainId', 'TransitGatewayAttachmentId'];

export const MULTICAST_ASSOCIATION_ACTIONS: readonly ActionDefinition[] = [
  {
    name: 'AssociateTransitGatewayMulticastDomain',
    parameters: SUBNETS,
    required: [...REQUIRED, 'SubnetIds'],
    perform: associate,
  },
  {
    name: 'DisassociateTransitGatewayMulticastDomain',
    parameters: SUBNETS,
    required: [...REQUIRED, 'SubnetIds'],
    perform: disassociate,
  },
  {
    name: 'AcceptTransitGatewayMulticastDomainAssociations',
    parameters: SUBNETS,
    required: REQUIRED,
    perform: acceptAssociations,
  },
  {
    name: 'RejectTransitGatewayMulticastDomainAssociations',
    parameters: SUBNETS,
    required: REQUIRED,
    perform: rejectAssociations,
  },
  {
    name: 'GetTransitGatewayMulticastDomainAssociations',
    parameters: { ...PAGE_PARAMETERS, TransitGatewayMulticastDomainId: 'string' },
    required: ['TransitGatewayMulticastDomainId'],
    perform: getAssociations,
  },
];
