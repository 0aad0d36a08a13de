/** The actions on virtual private gateways, and on the routes that they put into tables. */
import type { VpnGateway } from '../../model/gateways.ts';
import { connectionsOf, vpnGatewayOf } from '../../model/lookups/gateways.ts';
import { isEdgeTable } from '../../model/routes.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { isInTransition, stateOf } from '../../model/transitions.ts';
import type { ActionContext, ActionDefinition, ActionInput, ActionOutput } from '../action.ts';
import { type DescribeSpec, FILTERS, selectRows } from '../describe.ts';
import { stringOf } from '../input.ts';
import { findRouteTable, findVpc } from '../lookup.ts';
import { leaveEdgeTable } from '../routing/edge-associations.ts';
import { propagateRoutes } from '../routing/propagation.ts';
import { TAG_SPECIFICATIONS, tagSet, tagsFor } from '../tag-set.ts';
import { begin } from '../transition.ts';
import { DEFAULT_AMAZON_ASN, readAmazonSideAsn } from './amazon-asn.ts';
import { checkVpnType, IPSEC } from './customer-gateways.ts';
import {
  edgePropagation,
  gatewayNotAttached,
  inUse,
  noVpnAttachment,
  vpcHasVpnGateway,
  vpnGatewayAttachmentLimit,
  vpnGatewayBusy,
  vpnGatewayLimitExceeded,
} from './gateway-errors.ts';
import { findVpnGateway } from './lookup-gateways.ts';

function attachmentState({ vpnGatewayId }: VpnGateway, snapshot: Snapshot): string {
  return stateOf(snapshot, vpnGatewayId, 'attached');
}

function vpnGatewayShape(gateway: VpnGateway, snapshot: Snapshot): ActionOutput {
  const { vpcId } = gateway;
  const State = attachmentState(gateway, snapshot);
  return {
    VpnGatewayId: gateway.vpnGatewayId,
    State: 'available',
    Type: IPSEC,
    AmazonSideAsn: gateway.amazonSideAsn,
    VpcAttachments: vpcId === null ? [] : [{ State, VpcId: vpcId }],
    Tags: tagSet(gateway.tags),
  };
}

function createVpnGateway(input: ActionInput, { draft, newId }: ActionContext): ActionOutput {
  const { vpnGateways, quotas } = draft.snapshot;
  const tags = tagsFor(input, 'vpn-gateway');
  checkVpnType(input);
  const amazonSideAsn = readAmazonSideAsn(input) ?? DEFAULT_AMAZON_ASN;
  if (vpnGateways.size >= quotas.vpnGatewaysPerRegion) throw vpnGatewayLimitExceeded();
  const gateway: VpnGateway = { vpnGatewayId: newId('vgw'), vpcId: null, amazonSideAsn, tags };
  draft.put('vpnGateways', gateway.vpnGatewayId, gateway);
  return { VpnGateway: vpnGatewayShape(gateway, draft.snapshot) };
}

function deleteVpnGateway(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const { snapshot } = draft;
  const { vpnGatewayId, vpcId } = findVpnGateway(snapshot, stringOf(input, 'VpnGatewayId'));
  const hasConnections = connectionsOf(snapshot, vpnGatewayId).length > 0;
  if (vpcId !== null || hasConnections) throw inUse('VPN gateway');
  draft.delete('vpnGateways', vpnGatewayId);
  return {};
}

/** @source VGW-1 */
function attachVpnGateway(input: ActionInput, context: ActionContext): ActionOutput {
  const { draft } = context;
  const { snapshot } = draft;
  const gateway = findVpnGateway(snapshot, stringOf(input, 'VpnGatewayId'));
  const { vpcId } = findVpc(snapshot, stringOf(input, 'VpcId'));
  const { vpnGatewayId } = gateway;
  if (gateway.vpcId !== null && gateway.vpcId !== vpcId) {
    throw vpnGatewayAttachmentLimit(vpnGatewayId, gateway.vpcId);
  }
  const present = vpnGatewayOf(snapshot, vpcId);
  if (present !== undefined && present !== gateway) throw vpcHasVpnGateway(vpcId);
  draft.put('vpnGateways', vpnGatewayId, { ...gateway, vpcId });
  propagateRoutes(draft);
  const State = begin(context, vpnGatewayId, 'attaching', 'attachVpnGateway');
  return { VpcAttachment: { State, VpcId: vpcId } };
}

/** Its routes leave the tables; static routes to it stay, as blackholes (RT-11). */
function detachVpnGateway(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const gateway = findVpnGateway(draft.snapshot, stringOf(input, 'VpnGatewayId'));
  const { vpcId } = findVpc(draft.snapshot, stringOf(input, 'VpcId'));
  const { vpnGatewayId } = gateway;
  if (gateway.vpcId !== vpcId) throw noVpnAttachment(vpnGatewayId, vpcId);
  if (isInTransition(draft.snapshot, vpnGatewayId)) throw vpnGatewayBusy();
  leaveEdgeTable(draft, vpnGatewayId);
  for (const table of draft.snapshot.routeTables.values()) {
    setPropagation(draft, table.routeTableId, vpnGatewayId, false);
  }
  draft.put('vpnGateways', vpnGatewayId, { ...gateway, vpcId: null });
  propagateRoutes(draft);
  return {};
}

function setPropagation(
  draft: ActionContext['draft'],
  routeTableId: string,
  gatewayId: VpnGateway['vpnGatewayId'],
  isOn: boolean,
): void {
  const table = findRouteTable(draft.snapshot, routeTableId);
  if (table.propagatingVpnGatewayIds.includes(gatewayId) === isOn) return;
  const others = table.propagatingVpnGatewayIds.filter((each) => each !== gatewayId);
  const propagatingVpnGatewayIds = isOn ? [...others, gatewayId] : others;
  draft.put('routeTables', table.routeTableId, { ...table, propagatingVpnGatewayIds });
}

/** @throws Gateway.NotAttached when the gateway is not attached to the VPC of the table, or not yet. */
function enablePropagation(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const table = findRouteTable(draft.snapshot, stringOf(input, 'RouteTableId'));
  const { vpnGatewayId, vpcId } = findVpnGateway(draft.snapshot, stringOf(input, 'GatewayId'));
  if (vpcId !== table.vpcId || isInTransition(draft.snapshot, vpnGatewayId)) {
    throw gatewayNotAttached(vpnGatewayId, table.vpcId);
  }
  if (isEdgeTable(table)) throw edgePropagation(table.routeTableId);
  setPropagation(draft, table.routeTableId, vpnGatewayId, true);
  propagateRoutes(draft);
  return {};
}

function disablePropagation(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const { routeTableId } = findRouteTable(draft.snapshot, stringOf(input, 'RouteTableId'));
  const { vpnGatewayId } = findVpnGateway(draft.snapshot, stringOf(input, 'GatewayId'));
  setPropagation(draft, routeTableId, vpnGatewayId, false);
  propagateRoutes(draft);
  return {};
}

const VPN_GATEWAYS: Omit<DescribeSpec<'vgw', VpnGateway>, 'member' | 'shape'> = {
  idsParameter: 'VpnGatewayIds',
  prefix: 'vgw',
  rows: (snapshot) => snapshot.vpnGateways,
  filters: {
    'amazon-side-asn': (gateway) => [gateway.amazonSideAsn],
    'attachment.state': (gateway, snapshot) =>
      gateway.vpcId === null ? [] : [attachmentState(gateway, snapshot)],
    'attachment.vpc-id': ({ vpcId }) => (vpcId === null ? [] : [vpcId]),
    state: () => ['available'],
    type: () => [IPSEC],
    'vpn-gateway-id': (gateway) => [gateway.vpnGatewayId],
  },
};

/** Without pages, as on AWS. */
function describeVpnGateways(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const { rows } = selectRows(VPN_GATEWAYS, input, draft.snapshot);
  return { VpnGateways: rows.map((each) => vpnGatewayShape(each, draft.snapshot)) };
}

export const VPN_GATEWAY_ACTIONS: readonly ActionDefinition[] = [
  {
    name: 'CreateVpnGateway',
    parameters: {
      Type: 'string',
      AvailabilityZone: 'string',
      AmazonSideAsn: 'integer',
      TagSpecifications: TAG_SPECIFICATIONS,
    },
    required: ['Type'],
    perform: createVpnGateway,
  },
  {
    name: 'DeleteVpnGateway',
    parameters: { VpnGatewayId: 'string' },
    required: ['VpnGatewayId'],
    perform: deleteVpnGateway,
  },
  ...(
    [
      ['AttachVpnGateway', attachVpnGateway],
      ['DetachVpnGateway', detachVpnGateway],
    ] as const
  ).map(
    ([name, perform]): ActionDefinition => ({
      name,
      parameters: { VpnGatewayId: 'string', VpcId: 'string' },
      required: ['VpnGatewayId', 'VpcId'],
      perform,
    }),
  ),
  ...(
    [
      ['EnableVgwRoutePropagation', enablePropagation],
      ['DisableVgwRoutePropagation', disablePropagation],
    ] as const
  ).map(
    ([name, perform]): ActionDefinition => ({
      name,
      parameters: { GatewayId: 'string', RouteTableId: 'string' },
      required: ['GatewayId', 'RouteTableId'],
      perform,
    }),
  ),
  {
    name: 'DescribeVpnGateways',
    parameters: { Filters: FILTERS, VpnGatewayIds: ['string'] },
    required: [],
    perform: describeVpnGateways,
  },
];
