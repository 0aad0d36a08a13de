/** What is attached to a transit gateway, and which routes its tables have. */
import { type Cidr, formatCidr } from '../../addr/cidr.ts';
import { entriesInForce } from '../filters.ts';
import type {
  PrefixListId,
  TransitGatewayAttachmentId,
  TransitGatewayId,
  TransitGatewayRouteTableId,
  VpcId,
} from '../ids.ts';
import type { Eni } from '../records.ts';
import type { Fabric } from '../snapshot.ts';
import type {
  ConnectAttachment,
  MulticastAssociation,
  MulticastMembership,
  TransitGatewayAttachment,
  TransitGatewayConnectPeer,
  TransitGatewayMulticastDomain,
  TransitGatewayRouteTable,
  VpcAttachment,
} from '../transit-gateways.ts';

/** A route as a table of a transit gateway has it in force. */
export interface TransitGatewayRoute {
  readonly destination: Cidr;
  readonly type: 'static' | 'propagated';
  /** null drops. */
  readonly attachmentId: TransitGatewayAttachmentId | null;
  /** The list that the route is out of. */
  readonly prefixListId: PrefixListId | null;
}

/** @returns false for an attachment that is over. */
export function isLiveAttachment({ state }: Pick<TransitGatewayAttachment, 'state'>): boolean {
  return state === 'available' || state === 'pendingAcceptance';
}

/** @returns the attachments of the transit gateway that are not over. */
export function liveAttachmentsOf(
  snapshot: Fabric,
  transitGatewayId: TransitGatewayId,
): TransitGatewayAttachment[] {
  return [...snapshot.transitGatewayAttachments.values()].filter(
    (each) => each.transitGatewayId === transitGatewayId && isLiveAttachment(each),
  );
}

/** @returns the attachments of the VPC that are not over. */
export function vpcAttachmentsOf(snapshot: Fabric, vpcId: VpcId): VpcAttachment[] {
  return [...snapshot.transitGatewayAttachments.values()].filter(
    (each): each is VpcAttachment =>
      each.kind === 'vpc' && each.vpcId === vpcId && isLiveAttachment(each),
  );
}

/** @returns true when packets of the VPC can enter the transit gateway. @source TGW-1 */
export function isAttached(
  snapshot: Fabric,
  transitGatewayId: TransitGatewayId,
  vpcId: VpcId,
): boolean {
  return vpcAttachmentsOf(snapshot, vpcId).some(
    (each) => each.transitGatewayId === transitGatewayId && each.state === 'available',
  );
}

/** @returns the Connect attachments that are carried by the attachment and not over. */
export function connectsOver(
  snapshot: Fabric,
  attachmentId: TransitGatewayAttachmentId,
): ConnectAttachment[] {
  return [...snapshot.transitGatewayAttachments.values()].filter(
    (each): each is ConnectAttachment =>
      each.kind === 'connect' &&
      each.transportAttachmentId === attachmentId &&
      isLiveAttachment(each),
  );
}

export function connectPeersOf(
  snapshot: Fabric,
  attachmentId: TransitGatewayAttachmentId,
): TransitGatewayConnectPeer[] {
  return [...snapshot.transitGatewayConnectPeers.values()].filter(
    (each) => each.attachmentId === attachmentId,
  );
}

/** @returns the interfaces of the attachment of a VPC. @source TGW-1 */
export function enisOfAttachment(
  snapshot: Fabric,
  attachmentId: TransitGatewayAttachmentId,
): Eni[] {
  return [...snapshot.enis.values()].filter((eni) => eni.madeFor === attachmentId);
}

export function routeTablesOf(
  snapshot: Fabric,
  transitGatewayId: TransitGatewayId,
): TransitGatewayRouteTable[] {
  return [...snapshot.transitGatewayRouteTables.values()].filter(
    (each) => each.transitGatewayId === transitGatewayId,
  );
}

/** @returns the attachments whose traffic the table routes. @source TGW-2 */
export function associatedAttachments(
  snapshot: Fabric,
  routeTableId: TransitGatewayRouteTableId,
): TransitGatewayAttachment[] {
  return [...snapshot.transitGatewayAttachments.values()].filter(
    (each) => each.routeTableId === routeTableId,
  );
}

/**
 * Selects the routes in force, at most one for each destination: static before those of prefix
 * lists before propagated ones, and of two VPCs with the same block the one that came first.
 * @source TGW-3, TGW-4
 */
export function routesInForce(
  snapshot: Fabric,
  table: TransitGatewayRouteTable,
): TransitGatewayRoute[] {
  const fixed = table.routes.map(
    (route): TransitGatewayRoute => ({ ...route, type: 'static', prefixListId: null }),
  );
  const winners = new Map<string, TransitGatewayRoute>();
  for (const route of [
    ...fixed,
    ...listedRoutes(snapshot, table),
    ...propagated(snapshot, table),
  ]) {
    const key = formatCidr(route.destination);
    if (!winners.has(key)) winners.set(key, route);
  }
  return [...winners.values()];
}

function listedRoutes(
  { prefixLists }: Fabric,
  table: TransitGatewayRouteTable,
): TransitGatewayRoute[] {
  return table.prefixListReferences.flatMap(({ prefixListId, attachmentId }) =>
    [prefixLists.get(prefixListId)]
      .flatMap((list) => (list === undefined ? [] : entriesInForce(list)))
      .map(({ cidr }) => ({ destination: cidr, type: 'static', attachmentId, prefixListId })),
  );
}

/** Only VPCs have routes to propagate: there are no tunnels, and so no BGP, yet. */
function propagated(snapshot: Fabric, table: TransitGatewayRouteTable): TransitGatewayRoute[] {
  return table.propagatingAttachmentIds.flatMap((attachmentId) => {
    const attachment = snapshot.transitGatewayAttachments.get(attachmentId);
    if (attachment?.kind !== 'vpc') return [];
    const vpc = snapshot.vpcs.get(attachment.vpcId);
    const ipv6 = attachment.ipv6Support ? vpc?.ipv6Cidrs : undefined;
    return [...(vpc?.cidrs ?? []), ...(ipv6 ?? [])].map(
      ({ cidr }): TransitGatewayRoute => ({
        destination: cidr,
        type: 'propagated',
        attachmentId,
        prefixListId: null,
      }),
    );
  });
}

export function multicastDomainsOf(
  snapshot: Fabric,
  transitGatewayId: TransitGatewayId,
): TransitGatewayMulticastDomain[] {
  return [...snapshot.transitGatewayMulticastDomains.values()].filter(
    (each) => each.transitGatewayId === transitGatewayId,
  );
}

/** @returns the subnets of the domain that are still there. */
export function multicastAssociationsOf(
  { subnets }: Fabric,
  domain: TransitGatewayMulticastDomain,
): MulticastAssociation[] {
  return domain.associations.filter(({ subnetId }) => subnets.has(subnetId));
}

/** @returns the members and sources of the domain whose interfaces are still there. */
export function multicastMembershipsOf(
  { enis }: Fabric,
  domain: TransitGatewayMulticastDomain,
): MulticastMembership[] {
  return domain.memberships.filter(({ eniId }) => enis.has(eniId));
}
