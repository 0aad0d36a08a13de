/** The actions on transit gateways themselves. They are available at once; `pending` is only answered. */
import { type Cidr, formatCidr } from '../../addr/cidr.ts';
import type { TransitGatewayRouteTableId } from '../../model/ids.ts';
import { liveAttachmentsOf, multicastDomainsOf } from '../../model/lookups/transit-gateways.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { Draft } from '../../model/store.ts';
import type { TransitGateway, TransitGatewayAttachment } from '../../model/transit-gateways.ts';
import { stateOf } from '../../model/transitions.ts';
import type { ActionContext, ActionDefinition, ActionInput, ActionOutput } from '../action.ts';
import { type DescribeSpec, describe, PAGE_PARAMETERS } from '../describe.ts';
import { DEFAULT_AMAZON_ASN, readAmazonSideAsn } from '../edges/amazon-asn.ts';
import { optionalString, optionalStructure, stringOf } from '../input.ts';
import { TAG_SPECIFICATIONS, tagSet, tagsFor } from '../tag-set.ts';
import { begin } from '../transition.ts';
import { findSettledTransitGateway, findTransitRouteTable } from './lookup-transit-gateways.ts';
import { optionalSwitch, switchText } from './switches.ts';
import { addTransitCidrs, removeTransitCidrs } from './transit-cidrs.ts';
import {
  defaultTableConflict,
  hasNonDeleted,
  inInvalidState,
  tableOfOtherGateway,
  transitGatewayLimitExceeded,
} from './transit-gateway-errors.ts';
import { newTransitRouteTable } from './transit-route-tables.ts';

/** Stored ones are available; the others are told in answers, and as transitions. */
type TransitGatewayState = 'pending' | 'available' | 'modifying' | 'deleting';

/** What the refusals of a deletion call the attachments that are in the way. */
const ATTACHMENT_NAMES: Readonly<Record<TransitGatewayAttachment['kind'], string>> = {
  vpc: 'VPC Attachments',
  vpn: 'VPN Attachments',
  peering: 'Transit Gateway Cross Region Peering Attachments',
  connect: 'Connect Attachments',
};

function optionsShape(gateway: TransitGateway): ActionOutput {
  const { associationDefaultRouteTableId, propagationDefaultRouteTableId } = gateway;
  const blocks = gateway.cidrBlocks.map(formatCidr);
  return {
    AmazonSideAsn: gateway.amazonSideAsn,
    TransitGatewayCidrBlocks: blocks.length === 0 ? undefined : blocks,
    AutoAcceptSharedAttachments: switchText(gateway.autoAcceptSharedAttachments),
    DefaultRouteTableAssociation: switchText(associationDefaultRouteTableId !== null),
    AssociationDefaultRouteTableId: associationDefaultRouteTableId ?? undefined,
    DefaultRouteTablePropagation: switchText(propagationDefaultRouteTableId !== null),
    PropagationDefaultRouteTableId: propagationDefaultRouteTableId ?? undefined,
    VpnEcmpSupport: switchText(gateway.vpnEcmpSupport),
    DnsSupport: switchText(gateway.dnsSupport),
    SecurityGroupReferencingSupport: switchText(gateway.securityGroupReferencingSupport),
    MulticastSupport: switchText(gateway.multicastSupport),
  };
}

function gatewayState(
  { transitGatewayId }: TransitGateway,
  snapshot: Snapshot,
): TransitGatewayState {
  return stateOf<TransitGatewayState>(snapshot, transitGatewayId, 'available');
}

function gatewayShape(
  gateway: TransitGateway,
  { region }: Snapshot,
  state: TransitGatewayState,
): ActionOutput {
  const { transitGatewayId, ownerId } = gateway;
  return {
    TransitGatewayId: transitGatewayId,
    TransitGatewayArn: `arn:aws:ec2:${region}:${ownerId}:transit-gateway/${transitGatewayId}`,
    State: state,
    OwnerId: ownerId,
    Description: gateway.description,
    CreationTime: new Date(gateway.creationTimeMs).toISOString(),
    Options: optionsShape(gateway),
    Tags: tagSet(gateway.tags),
  };
}

/** With a table that is the default one of both uses, unless neither is wanted. */
function createTransitGateway(input: ActionInput, context: ActionContext): ActionOutput {
  const { draft, newId, nowMs } = context;
  const { snapshot } = draft;
  const tags = tagsFor(input, 'transit-gateway');
  const options = optionalStructure(input, 'Options') ?? {};
  const { transitGateways, quotas, accountId } = snapshot;
  if (transitGateways.size >= quotas.transitGatewaysPerRegion) throw transitGatewayLimitExceeded();
  const associates = optionalSwitch(options, 'DefaultRouteTableAssociation') ?? true;
  const propagates = optionalSwitch(options, 'DefaultRouteTablePropagation') ?? true;
  const gateway: TransitGateway = {
    transitGatewayId: newId('tgw'),
    ownerId: accountId,
    description: optionalString(input, 'Description') ?? '',
    amazonSideAsn: readAmazonSideAsn(options) ?? DEFAULT_AMAZON_ASN,
    cidrBlocks: addTransitCidrs(snapshot, [], [], options, 'TransitGatewayCidrBlocks'),
    autoAcceptSharedAttachments: optionalSwitch(options, 'AutoAcceptSharedAttachments') ?? false,
    vpnEcmpSupport: optionalSwitch(options, 'VpnEcmpSupport') ?? true,
    dnsSupport: optionalSwitch(options, 'DnsSupport') ?? true,
    securityGroupReferencingSupport:
      optionalSwitch(options, 'SecurityGroupReferencingSupport') ?? false,
    multicastSupport: optionalSwitch(options, 'MulticastSupport') ?? false,
    associationDefaultRouteTableId: null,
    propagationDefaultRouteTableId: null,
    creationTimeMs: nowMs,
    tags,
  };
  const { transitGatewayId } = gateway;
  draft.put('transitGateways', transitGatewayId, gateway);
  const state = begin(context, transitGatewayId, 'pending', 'createTransitGateway');
  if (!associates && !propagates) {
    return { TransitGateway: gatewayShape(gateway, snapshot, state) };
  }
  const { routeTableId } = newTransitRouteTable(context, transitGatewayId, new Map());
  const withTable: TransitGateway = {
    ...gateway,
    associationDefaultRouteTableId: associates ? routeTableId : null,
    propagationDefaultRouteTableId: propagates ? routeTableId : null,
  };
  draft.put('transitGateways', transitGatewayId, withTable);
  return { TransitGateway: gatewayShape(withTable, snapshot, state) };
}

/**
 * Reads a default table: it is there exactly when its use is enabled.
 * @throws InvalidParameterCombination when the flag and the table disagree;
 *   InvalidRouteTableID.NotFound for a table of another transit gateway.
 */
function readDefaultTable(
  snapshot: Snapshot,
  { transitGatewayId }: TransitGateway,
  options: ActionInput,
  use: 'Association' | 'Propagation',
  current: TransitGatewayRouteTableId | null,
): TransitGatewayRouteTableId | null {
  const flag = `DefaultRouteTable${use}`;
  const idName = `${use}DefaultRouteTableId`;
  const id = optionalString(options, idName);
  if (!(optionalSwitch(options, flag) ?? current !== null)) {
    if (id !== undefined) throw defaultTableConflict('disable', flag, idName, id);
    return null;
  }
  if (id === undefined) {
    if (current === null) throw defaultTableConflict('enable', flag, idName, null);
    return current;
  }
  const table = findTransitRouteTable(snapshot, id);
  if (table.transitGatewayId !== transitGatewayId) throw tableOfOtherGateway(id, transitGatewayId);
  return table.routeTableId;
}

/** The ASN of a transit gateway with BGP stays. @throws IncorrectState */
function readNewAsn(snapshot: Snapshot, gateway: TransitGateway, options: ActionInput): number {
  const asn = readAmazonSideAsn(options) ?? gateway.amazonSideAsn;
  const hasBgp = liveAttachmentsOf(snapshot, gateway.transitGatewayId).some(
    ({ kind }) => kind === 'vpn' || kind === 'connect',
  );
  if (hasBgp && asn !== gateway.amazonSideAsn) throw inInvalidState(gateway.transitGatewayId);
  return asn;
}

/** @returns the blocks of the VPCs that are attached. */
function attachedBlocks(snapshot: Snapshot, { transitGatewayId }: TransitGateway): Cidr[] {
  return liveAttachmentsOf(snapshot, transitGatewayId).flatMap((attachment) => {
    const vpc = attachment.kind === 'vpc' ? snapshot.vpcs.get(attachment.vpcId) : undefined;
    return [...(vpc?.cidrs ?? []), ...(vpc?.ipv6Cidrs ?? [])].map(({ cidr }) => cidr);
  });
}

function readNewBlocks(
  snapshot: Snapshot,
  gateway: TransitGateway,
  options: ActionInput,
): readonly Cidr[] {
  const { transitGatewayId, cidrBlocks } = gateway;
  const removed = 'RemoveTransitGatewayCidrBlocks';
  const rest = removeTransitCidrs(snapshot, transitGatewayId, cidrBlocks, options, removed);
  const inTheWay = attachedBlocks(snapshot, gateway);
  return addTransitCidrs(snapshot, rest, inTheWay, options, 'AddTransitGatewayCidrBlocks');
}

/** What there is already is not touched: options are for attachments to come. */
function modifyTransitGateway(input: ActionInput, context: ActionContext): ActionOutput {
  const { draft } = context;
  const { snapshot } = draft;
  const gateway = findSettledTransitGateway(snapshot, stringOf(input, 'TransitGatewayId'));
  const options = optionalStructure(input, 'Options') ?? {};
  const switched = (name: string, current: boolean) => optionalSwitch(options, name) ?? current;
  const defaultTable = (use: 'Association' | 'Propagation', current: typeof association) =>
    readDefaultTable(snapshot, gateway, options, use, current);
  const association = gateway.associationDefaultRouteTableId;
  const changed: TransitGateway = {
    ...gateway,
    description: optionalString(input, 'Description') ?? gateway.description,
    amazonSideAsn: readNewAsn(snapshot, gateway, options),
    cidrBlocks: readNewBlocks(snapshot, gateway, options),
    autoAcceptSharedAttachments: switched(
      'AutoAcceptSharedAttachments',
      gateway.autoAcceptSharedAttachments,
    ),
    vpnEcmpSupport: switched('VpnEcmpSupport', gateway.vpnEcmpSupport),
    dnsSupport: switched('DnsSupport', gateway.dnsSupport),
    securityGroupReferencingSupport: switched(
      'SecurityGroupReferencingSupport',
      gateway.securityGroupReferencingSupport,
    ),
    associationDefaultRouteTableId: defaultTable('Association', association),
    propagationDefaultRouteTableId: defaultTable(
      'Propagation',
      gateway.propagationDefaultRouteTableId,
    ),
  };
  draft.put('transitGateways', changed.transitGatewayId, changed);
  const state = begin(context, changed.transitGatewayId, 'modifying', 'createTransitGateway');
  return { TransitGateway: gatewayShape(changed, snapshot, state) };
}

/** @throws IncorrectState while something is attached to it or made for it. */
function checkDeletable(snapshot: Snapshot, { transitGatewayId }: TransitGateway): void {
  const attachments = liveAttachmentsOf(snapshot, transitGatewayId);
  const [first] = attachments;
  if (first !== undefined) {
    const same = attachments.filter(({ kind }) => kind === first.kind);
    const ids = same.map(({ attachmentId }) => attachmentId);
    throw hasNonDeleted(transitGatewayId, ATTACHMENT_NAMES[first.kind], ids);
  }
  const domains = multicastDomainsOf(snapshot, transitGatewayId);
  if (domains.length > 0) {
    const ids = domains.map(({ multicastDomainId }) => multicastDomainId);
    throw hasNonDeleted(transitGatewayId, 'Transit Gateway Multicast Domains', ids);
  }
}

/** Its tables go with it. */
function deleteTransitGateway(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const { snapshot } = draft;
  const gateway = findSettledTransitGateway(snapshot, stringOf(input, 'TransitGatewayId'));
  checkDeletable(snapshot, gateway);
  deleteTables(draft, gateway);
  draft.delete('transitGateways', gateway.transitGatewayId);
  return { TransitGateway: gatewayShape(gateway, snapshot, 'deleting') };
}

function deleteTables(draft: Draft, { transitGatewayId }: TransitGateway): void {
  const { transitGatewayRouteTables, transitGatewayPolicyTables } = draft.snapshot;
  for (const [id, table] of transitGatewayRouteTables) {
    if (table.transitGatewayId === transitGatewayId) draft.delete('transitGatewayRouteTables', id);
  }
  for (const [id, table] of transitGatewayPolicyTables) {
    if (table.transitGatewayId === transitGatewayId) draft.delete('transitGatewayPolicyTables', id);
  }
}

const DESCRIBE_TRANSIT_GATEWAYS: DescribeSpec<'tgw', TransitGateway> = {
  member: 'TransitGateways',
  idsParameter: 'TransitGatewayIds',
  prefix: 'tgw',
  rows: (snapshot) => snapshot.transitGateways,
  shape: (gateway, snapshot) => gatewayShape(gateway, snapshot, gatewayState(gateway, snapshot)),
  filters: {
    'options.amazon-side-asn': (gateway) => [gateway.amazonSideAsn],
    'options.association-default-route-table-id': (gateway) =>
      gateway.associationDefaultRouteTableId === null
        ? []
        : [gateway.associationDefaultRouteTableId],
    'options.auto-accept-shared-attachments': (gateway) => [
      switchText(gateway.autoAcceptSharedAttachments),
    ],
    'options.default-route-table-association': (gateway) => [
      switchText(gateway.associationDefaultRouteTableId !== null),
    ],
    'options.default-route-table-propagation': (gateway) => [
      switchText(gateway.propagationDefaultRouteTableId !== null),
    ],
    'options.dns-support': (gateway) => [switchText(gateway.dnsSupport)],
    'options.propagation-default-route-table-id': (gateway) =>
      gateway.propagationDefaultRouteTableId === null
        ? []
        : [gateway.propagationDefaultRouteTableId],
    'options.vpn-ecmp-support': (gateway) => [switchText(gateway.vpnEcmpSupport)],
    'owner-id': (gateway) => [gateway.ownerId],
    state: (gateway, snapshot) => [gatewayState(gateway, snapshot)],
    'transit-gateway-id': (gateway) => [gateway.transitGatewayId],
  },
};

/** What both CreateTransitGateway and ModifyTransitGateway take. */
const OPTIONS = {
  AmazonSideAsn: 'integer',
  AutoAcceptSharedAttachments: 'string',
  DefaultRouteTableAssociation: 'string',
  DefaultRouteTablePropagation: 'string',
  VpnEcmpSupport: 'string',
  DnsSupport: 'string',
  SecurityGroupReferencingSupport: 'string',
} as const;

export const TRANSIT_GATEWAY_ACTIONS: readonly ActionDefinition[] = [
  {
    name: 'CreateTransitGateway',
    parameters: {
      Description: 'string',
      Options: {
        ...OPTIONS,
        MulticastSupport: 'string',
        TransitGatewayCidrBlocks: ['string'],
      },
      TagSpecifications: TAG_SPECIFICATIONS,
    },
    required: [],
    perform: createTransitGateway,
  },
  {
    name: 'ModifyTransitGateway',
    parameters: {
      TransitGatewayId: 'string',
      Description: 'string',
      Options: {
        ...OPTIONS,
        AddTransitGatewayCidrBlocks: ['string'],
        RemoveTransitGatewayCidrBlocks: ['string'],
        AssociationDefaultRouteTableId: 'string',
        PropagationDefaultRouteTableId: 'string',
      },
    },
    required: ['TransitGatewayId'],
    perform: modifyTransitGateway,
  },
  {
    name: 'DeleteTransitGateway',
    parameters: { TransitGatewayId: 'string' },
    required: ['TransitGatewayId'],
    perform: deleteTransitGateway,
  },
  {
    name: 'DescribeTransitGateways',
    parameters: { ...PAGE_PARAMETERS, TransitGatewayIds: ['string'] },
    required: [],
    perform: (input, { draft }) => describe(DESCRIBE_TRANSIT_GATEWAYS, input, draft.snapshot),
  },
];
