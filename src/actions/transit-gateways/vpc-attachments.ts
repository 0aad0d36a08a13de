/**
 * The actions on attachments of VPCs. One to a transit gateway of one's own is available at once;
 * another's has to be accepted, unless it accepts by itself. `pending` and its like are told in answers,
 * and as transitions.
 */
import type { VpcId } from '../../model/ids.ts';
import {
  connectsOver,
  enisOfAttachment,
  isLiveAttachment,
  vpcAttachmentsOf,
} from '../../model/lookups/transit-gateways.ts';
import type { Subnet } from '../../model/records.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { isIpv6Only } from '../../model/subnets.ts';
import type { TransitGateway, VpcAttachment } from '../../model/transit-gateways.ts';
import { isInTransition } from '../../model/transitions.ts';
import type { ActionContext, ActionDefinition, ActionInput, ActionOutput } from '../action.ts';
import { type DescribeSpec, describe, PAGE_PARAMETERS } from '../describe.ts';
import { noIpv4Block } from '../errors.ts';
import { optionalStructure, stringOf, stringsOf } from '../input.ts';
import { newManagedEni } from '../interfaces/new-eni.ts';
import { chooseIpv6 } from '../interfaces/subnet-addresses.ts';
import { findSubnet, findVpc, subnetOf } from '../lookup.ts';
import { TAG_SPECIFICATIONS, tagsFor } from '../tag-set.ts';
import { begin } from '../transition.ts';
import {
  checkAttachmentQuota,
  endAttachment,
  makeAvailable,
  newAttachment,
} from './attachment-life.ts';
import {
  ATTACHMENT_FILTERS,
  attachmentHead,
  attachmentState,
  attachmentsOfKind,
  type ShownAttachmentState,
} from './attachment-shapes.ts';
import { findSettledTransitGateway, findVpcAttachment } from './lookup-transit-gateways.ts';
import { leaveDomains } from './multicast-associations.ts';
import { optionalSwitch, switchText } from './switches.ts';
import {
  attachmentLimitExceeded,
  duplicateVpcAttachment,
  hasNonDeleted,
  inInvalidState,
  insufficientSubnets,
  noSubnetOfVpc,
  subnetNotAttached,
  subnetsInSameZone,
} from './transit-gateway-errors.ts';

type VpcAttachmentOptions = Pick<
  VpcAttachment,
  'dnsSupport' | 'securityGroupReferencingSupport' | 'ipv6Support' | 'applianceModeSupport'
>;

const DEFAULT_OPTIONS: VpcAttachmentOptions = {
  dnsSupport: true,
  securityGroupReferencingSupport: true,
  ipv6Support: false,
  applianceModeSupport: false,
};

function readOptions(input: ActionInput, current: VpcAttachmentOptions): VpcAttachmentOptions {
  const options = optionalStructure(input, 'Options') ?? {};
  return {
    dnsSupport: optionalSwitch(options, 'DnsSupport') ?? current.dnsSupport,
    securityGroupReferencingSupport:
      optionalSwitch(options, 'SecurityGroupReferencingSupport') ??
      current.securityGroupReferencingSupport,
    ipv6Support: optionalSwitch(options, 'Ipv6Support') ?? current.ipv6Support,
    applianceModeSupport:
      optionalSwitch(options, 'ApplianceModeSupport') ?? current.applianceModeSupport,
  };
}

function attachmentShape(attachment: VpcAttachment, state: ShownAttachmentState): ActionOutput {
  return {
    ...attachmentHead(attachment, state),
    TransitGatewayId: attachment.transitGatewayId,
    VpcId: attachment.vpcId,
    VpcOwnerId: attachment.vpcOwnerId,
    SubnetIds: attachment.subnetIds,
    Options: {
      DnsSupport: switchText(attachment.dnsSupport),
      SecurityGroupReferencingSupport: switchText(attachment.securityGroupReferencingSupport),
      Ipv6Support: switchText(attachment.ipv6Support),
      ApplianceModeSupport: switchText(attachment.applianceModeSupport),
    },
  };
}

/**
 * Adds the subnets of a parameter, one in a zone.
 * @throws InvalidSubnetID.NotFound for one of another VPC, too; DuplicateSubnetsInSameZone;
 *   InvalidParameterValue for an IPv6-only subnet.
 * @source TGW-1
 */
function addSubnets(
  snapshot: Snapshot,
  vpcId: VpcId,
  present: readonly Subnet[],
  input: ActionInput,
  name: string,
): Subnet[] {
  const subnets = [...present];
  for (const id of stringsOf(input, name)) {
    const subnet = findSubnet(snapshot, id);
    if (subnet.vpcId !== vpcId) throw noSubnetOfVpc(id);
    if (isIpv6Only(subnet)) throw noIpv4Block(id);
    if (subnets.some((each) => each.availabilityZone === subnet.availabilityZone)) {
      throw subnetsInSameZone();
    }
    subnets.push(subnet);
  }
  return subnets;
}

/** Makes the interface of the attachment in a subnet. @source TGW-1 */
function addInterface(context: ActionContext, attachment: VpcAttachment, subnet: Subnet): void {
  const { attachmentId, ipv6Support } = attachment;
  const request = {
    Description: `Network Interface for Transit Gateway Attachment ${attachmentId}`,
    Ipv6AddressCount: ipv6Support ? 1 : 0,
  };
  newManagedEni(request, context, subnet, attachmentId);
}

function settle(context: ActionContext, attachment: VpcAttachment): void {
  const { draft } = context;
  makeAvailable(draft, attachment);
  for (const id of attachment.subnetIds) {
    addInterface(context, attachment, findSubnet(draft.snapshot, id));
  }
}

/** @throws DuplicateTransitGatewayAttachment; TransitGatewayAttachmentLimitExceeded @source TGW-11 */
function checkAttachable(snapshot: Snapshot, gateway: TransitGateway, vpcId: VpcId): void {
  const { transitGatewayId } = gateway;
  const ofVpc = vpcAttachmentsOf(snapshot, vpcId);
  if (ofVpc.some((each) => each.transitGatewayId === transitGatewayId)) {
    throw duplicateVpcAttachment(transitGatewayId);
  }
  checkAttachmentQuota(snapshot, gateway);
  if (ofVpc.length >= snapshot.quotas.transitGatewaysPerVpc)
    throw attachmentLimitExceeded('the VPC');
}

function createVpcAttachment(input: ActionInput, context: ActionContext): ActionOutput {
  const { draft } = context;
  const { snapshot } = draft;
  const tags = tagsFor(input, 'transit-gateway-attachment');
  const gateway = findSettledTransitGateway(snapshot, stringOf(input, 'TransitGatewayId'));
  const { vpcId } = findVpc(snapshot, stringOf(input, 'VpcId'));
  checkAttachable(snapshot, gateway, vpcId);
  const subnets = addSubnets(snapshot, vpcId, [], input, 'SubnetIds');
  const vpcOwnerId = snapshot.accountId;
  const attachment: VpcAttachment = {
    ...newAttachment(context, gateway),
    ...readOptions(input, DEFAULT_OPTIONS),
    kind: 'vpc',
    vpcId,
    vpcOwnerId,
    subnetIds: subnets.map(({ subnetId }) => subnetId),
    tags,
  };
  draft.put('transitGatewayAttachments', attachment.attachmentId, attachment);
  const isAccepted = gateway.ownerId === vpcOwnerId || gateway.autoAcceptSharedAttachments;
  if (isAccepted) settle(context, attachment);
  const state = isAccepted
    ? begin(context, attachment.attachmentId, 'pending', 'createTransitGatewayAttachment')
    : 'pendingAcceptance';
  return { TransitGatewayVpcAttachment: attachmentShape(attachment, state) };
}

/** @throws IncorrectState unless the attachment waits for an answer. */
function pendingAttachment(input: ActionInput, snapshot: Snapshot): VpcAttachment {
  const attachment = findVpcAttachment(snapshot, stringOf(input, 'TransitGatewayAttachmentId'));
  if (attachment.state !== 'pendingAcceptance') throw inInvalidState(attachment.attachmentId);
  return attachment;
}

function acceptVpcAttachment(input: ActionInput, context: ActionContext): ActionOutput {
  const attachment = pendingAttachment(input, context.draft.snapshot);
  settle(context, attachment);
  const state = begin(
    context,
    attachment.attachmentId,
    'pending',
    'createTransitGatewayAttachment',
  );
  return { TransitGatewayVpcAttachment: attachmentShape(attachment, state) };
}

function rejectVpcAttachment(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const attachment = pendingAttachment(input, draft.snapshot);
  endAttachment(draft, attachment, 'rejected');
  return { TransitGatewayVpcAttachment: attachmentShape(attachment, 'rejecting') };
}

/** @returns the subnets that stay. @throws InvalidSubnetID.NotFound for one that is not there. */
function removeSubnets(
  snapshot: Snapshot,
  { subnetIds }: VpcAttachment,
  input: ActionInput,
): Subnet[] {
  const removed = stringsOf(input, 'RemoveSubnetIds');
  const present: readonly string[] = subnetIds;
  const stranger = removed.find((id) => !present.includes(id));
  if (stranger !== undefined) throw subnetNotAttached(stranger);
  return subnetIds
    .filter((id) => !removed.includes(id))
    .map((subnetId) => subnetOf(snapshot, { subnetId }));
}

/** Makes the interfaces those of the subnets, with IPv6 addresses while that is supported. */
function updateInterfaces(context: ActionContext, attachment: VpcAttachment): void {
  const { draft } = context;
  const { attachmentId, subnetIds, ipv6Support } = attachment;
  const present = enisOfAttachment(draft.snapshot, attachmentId);
  for (const eni of present) {
    if (!subnetIds.includes(eni.subnetId)) draft.delete('enis', eni.eniId);
    else if (eni.ipv6Addresses.length > 0 !== ipv6Support) {
      const subnet = subnetOf(draft.snapshot, eni);
      const ipv6Addresses = ipv6Support ? chooseIpv6(context, subnet, 1) : [];
      draft.put('enis', eni.eniId, { ...eni, ipv6Addresses });
    }
  }
  for (const subnetId of subnetIds) {
    if (present.some((eni) => eni.subnetId === subnetId)) continue;
    addInterface(context, attachment, subnetOf(draft.snapshot, { subnetId }));
  }
}

/** Removes before it adds. @throws InsufficientSubnetsException when no subnet is left. */
function modifyVpcAttachment(input: ActionInput, context: ActionContext): ActionOutput {
  const { draft } = context;
  const { snapshot } = draft;
  const attachment = findVpcAttachment(snapshot, stringOf(input, 'TransitGatewayAttachmentId'));
  if (attachmentState(attachment, snapshot) !== 'available') {
    throw inInvalidState(attachment.attachmentId);
  }
  const rest = removeSubnets(snapshot, attachment, input);
  const subnets = addSubnets(snapshot, attachment.vpcId, rest, input, 'AddSubnetIds');
  if (subnets.length === 0) throw insufficientSubnets();
  const changed: VpcAttachment = {
    ...attachment,
    ...readOptions(input, attachment),
    subnetIds: subnets.map(({ subnetId }) => subnetId),
  };
  draft.put('transitGatewayAttachments', changed.attachmentId, changed);
  updateInterfaces(context, changed);
  const state = begin(context, changed.attachmentId, 'modifying', 'createTransitGatewayAttachment');
  return { TransitGatewayVpcAttachment: attachmentShape(changed, state) };
}

/** Its interfaces go, and so does what multicast domains have of it. */
function deleteVpcAttachment(input: ActionInput, context: ActionContext): ActionOutput {
  const { draft } = context;
  const { snapshot } = draft;
  const attachment = findVpcAttachment(snapshot, stringOf(input, 'TransitGatewayAttachmentId'));
  const { attachmentId } = attachment;
  const isSettled = !isInTransition(snapshot, attachmentId);
  if (!isLiveAttachment(attachment) || !isSettled) throw inInvalidState(attachmentId);
  const connects = connectsOver(snapshot, attachmentId);
  if (connects.length > 0) {
    const ids = connects.map((each) => each.attachmentId);
    throw hasNonDeleted(attachmentId, 'Connect Attachments', ids);
  }
  for (const { eniId } of enisOfAttachment(snapshot, attachmentId)) draft.delete('enis', eniId);
  leaveDomains(draft, attachmentId);
  endAttachment(draft, attachment, 'deleted');
  const holds = attachment.subnetIds;
  const state = begin(context, attachmentId, 'deleting', 'deleteTransitGatewayAttachment', {
    holds,
  });
  return { TransitGatewayVpcAttachment: attachmentShape(attachment, state) };
}

const DESCRIBE_VPC_ATTACHMENTS: DescribeSpec<'tgw-attach', VpcAttachment> = {
  member: 'TransitGatewayVpcAttachments',
  idsParameter: 'TransitGatewayAttachmentIds',
  prefix: 'tgw-attach',
  rows: attachmentsOfKind('vpc'),
  shape: (attachment, snapshot) =>
    attachmentShape(attachment, attachmentState(attachment, snapshot)),
  filters: { ...ATTACHMENT_FILTERS, 'vpc-id': (attachment) => [attachment.vpcId] },
};

const OPTIONS = {
  DnsSupport: 'string',
  SecurityGroupReferencingSupport: 'string',
  Ipv6Support: 'string',
  ApplianceModeSupport: 'string',
} as const;

const ID_ONLY = {
  parameters: { TransitGatewayAttachmentId: 'string' },
  required: ['TransitGatewayAttachmentId'],
} as const;

export const VPC_ATTACHMENT_ACTIONS: readonly ActionDefinition[] = [
  {
    name: 'CreateTransitGatewayVpcAttachment',
    parameters: {
      TransitGatewayId: 'string',
      VpcId: 'string',
      SubnetIds: ['string'],
      Options: OPTIONS,
      TagSpecifications: TAG_SPECIFICATIONS,
    },
    required: ['TransitGatewayId', 'VpcId', 'SubnetIds'],
    perform: createVpcAttachment,
  },
  { name: 'AcceptTransitGatewayVpcAttachment', ...ID_ONLY, perform: acceptVpcAttachment },
  { name: 'RejectTransitGatewayVpcAttachment', ...ID_ONLY, perform: rejectVpcAttachment },
  {
    name: 'ModifyTransitGatewayVpcAttachment',
    parameters: {
      TransitGatewayAttachmentId: 'string',
      AddSubnetIds: ['string'],
      RemoveSubnetIds: ['string'],
      Options: OPTIONS,
    },
    required: ['TransitGatewayAttachmentId'],
    perform: modifyVpcAttachment,
  },
  { name: 'DeleteTransitGatewayVpcAttachment', ...ID_ONLY, perform: deleteVpcAttachment },
  {
    name: 'DescribeTransitGatewayVpcAttachments',
    parameters: { ...PAGE_PARAMETERS, TransitGatewayAttachmentIds: ['string'] },
    required: [],
    perform: (input, { draft }) => describe(DESCRIBE_VPC_ATTACHMENTS, input, draft.snapshot),
  },
];
