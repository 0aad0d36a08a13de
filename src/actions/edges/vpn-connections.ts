/** The actions on VPN connections and their static routes. Records only: there are no tunnels. */
import { cidrEquals, formatCidr, type Ipv4Cidr, parseIpv4Cidr } from '../../addr/cidr.ts';
import type { VpnConnection } from '../../model/gateways.ts';
import { connectionsOf } from '../../model/lookups/gateways.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { stateOf } from '../../model/transitions.ts';
import type { ActionContext, ActionDefinition, ActionInput, ActionOutput } from '../action.ts';
import { type DescribeSpec, FILTERS, selectRows } from '../describe.ts';
import { invalidCidr, missingOneOf } from '../errors.ts';
import { optionalBoolean, optionalString, optionalStructure, stringOf } from '../input.ts';
import { propagateRoutes } from '../routing/propagation.ts';
import { TAG_SPECIFICATIONS, tagSet, tagsFor } from '../tag-set.ts';
import { findSettledTransitGateway } from '../transit-gateways/lookup-transit-gateways.ts';
import { attachVpn, detachVpn } from '../transit-gateways/vpn-attachments.ts';
import { begin } from '../transition.ts';
import { checkVpnType, IPSEC } from './customer-gateways.ts';
import {
  noStaticRoutes,
  noVpnRoute,
  vpnConnectionLimitExceeded,
  vpnConnectionPending,
} from './gateway-errors.ts';
import { findCustomerGateway, findVpnConnection, findVpnGateway } from './lookup-gateways.ts';

type VpnConnectionState = 'pending' | 'available';

function connectionState(
  { vpnConnectionId }: VpnConnection,
  snapshot: Snapshot,
): VpnConnectionState {
  return stateOf<VpnConnectionState>(snapshot, vpnConnectionId, 'available');
}

function vpnConnectionShape(connection: VpnConnection, state: VpnConnectionState): ActionOutput {
  return {
    VpnConnectionId: connection.vpnConnectionId,
    CustomerGatewayId: connection.customerGatewayId,
    VpnGatewayId: connection.vpnGatewayId ?? undefined,
    TransitGatewayId: connection.transitGatewayId ?? undefined,
    Category: 'VPN',
    State: state,
    Type: IPSEC,
    GatewayAssociationState: 'associated',
    Options: { EnableAcceleration: false, StaticRoutesOnly: connection.staticRoutesOnly },
    Routes: connection.staticRoutes.map((cidr) => ({
      DestinationCidrBlock: formatCidr(cidr),
      Source: 'Static',
      State: 'available',
    })),
    VgwTelemetry: [],
    Tags: tagSet(connection.tags),
  };
}

/**
 * Reads Amazon's end of a new connection.
 * @throws MissingParameter unless it is one gateway; NotFound.
 */
function readAmazonEnd(
  input: ActionInput,
  snapshot: Snapshot,
): Pick<VpnConnection, 'vpnGatewayId' | 'transitGatewayId'> {
  const vpnGateway = optionalString(input, 'VpnGatewayId');
  const transitGateway = optionalString(input, 'TransitGatewayId');
  if ((vpnGateway === undefined) === (transitGateway === undefined)) {
    throw missingOneOf(['vpnGatewayId', 'transitGatewayId']);
  }
  if (vpnGateway !== undefined) {
    const { vpnGatewayId } = findVpnGateway(snapshot, vpnGateway);
    return { vpnGatewayId, transitGatewayId: null };
  }
  const { transitGatewayId } = findSettledTransitGateway(snapshot, transitGateway ?? '');
  return { vpnGatewayId: null, transitGatewayId };
}

/** @throws VpnConnectionLimitExceeded */
function checkQuotas(snapshot: Snapshot, vpnGatewayId: VpnConnection['vpnGatewayId']): void {
  const { vpnConnections, quotas } = snapshot;
  const ofGateway = vpnGatewayId === null ? 0 : connectionsOf(snapshot, vpnGatewayId).length;
  if (
    vpnConnections.size >= quotas.vpnConnectionsPerRegion ||
    ofGateway >= quotas.vpnConnectionsPerVpnGateway
  ) {
    throw vpnConnectionLimitExceeded();
  }
}

function createVpnConnection(input: ActionInput, context: ActionContext): ActionOutput {
  const { draft, newId } = context;
  const { snapshot } = draft;
  const tags = tagsFor(input, 'vpn-connection');
  checkVpnType(input);
  const customer = findCustomerGateway(snapshot, stringOf(input, 'CustomerGatewayId'));
  const end = readAmazonEnd(input, snapshot);
  checkQuotas(snapshot, end.vpnGatewayId);
  const options = optionalStructure(input, 'Options') ?? {};
  const connection: VpnConnection = {
    vpnConnectionId: newId('vpn'),
    customerGatewayId: customer.customerGatewayId,
    ...end,
    staticRoutesOnly: optionalBoolean(options, 'StaticRoutesOnly') ?? false,
    staticRoutes: [],
    tags,
  };
  draft.put('vpnConnections', connection.vpnConnectionId, connection);
  if (end.transitGatewayId !== null) attachVpn(context, end.transitGatewayId, connection);
  const state = begin(context, connection.vpnConnectionId, 'pending', 'createVpnConnection');
  return { VpnConnection: vpnConnectionShape(connection, state) };
}

function deleteVpnConnection(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const id = stringOf(input, 'VpnConnectionId');
  const { vpnConnectionId } = findVpnConnection(draft.snapshot, id);
  draft.delete('vpnConnections', vpnConnectionId);
  detachVpn(draft, vpnConnectionId);
  propagateRoutes(draft);
  return {};
}

function readDestination(input: ActionInput): Ipv4Cidr {
  const text = stringOf(input, 'DestinationCidrBlock');
  const cidr = parseIpv4Cidr(text);
  if (cidr === null) throw invalidCidr('destinationCidrBlock', text);
  return cidr;
}

function setStaticRoutes(
  { draft }: ActionContext,
  connection: VpnConnection,
  staticRoutes: readonly Ipv4Cidr[],
): void {
  draft.put('vpnConnections', connection.vpnConnectionId, { ...connection, staticRoutes });
  propagateRoutes(draft);
}

/** @throws InvalidVpnConnection.InvalidState while it is pending. */
function findAvailable(input: ActionInput, { draft }: ActionContext): VpnConnection {
  const connection = findVpnConnection(draft.snapshot, stringOf(input, 'VpnConnectionId'));
  if (connectionState(connection, draft.snapshot) !== 'available') throw vpnConnectionPending();
  return connection;
}

/** The same route again is no error. Those behind a transit gateway are in its tables. */
function createVpnConnectionRoute(input: ActionInput, context: ActionContext): ActionOutput {
  const connection = findAvailable(input, context);
  const id = connection.vpnConnectionId;
  const cidr = readDestination(input);
  const { staticRoutes, staticRoutesOnly, transitGatewayId } = connection;
  if (!staticRoutesOnly || transitGatewayId !== null) throw noStaticRoutes(id);
  if (staticRoutes.some((each) => cidrEquals(each, cidr))) return {};
  setStaticRoutes(context, connection, [...staticRoutes, cidr]);
  return {};
}

function deleteVpnConnectionRoute(input: ActionInput, context: ActionContext): ActionOutput {
  const connection = findAvailable(input, context);
  const id = connection.vpnConnectionId;
  const cidr = readDestination(input);
  const others = connection.staticRoutes.filter((each) => !cidrEquals(each, cidr));
  if (others.length === connection.staticRoutes.length) throw noVpnRoute(formatCidr(cidr), id);
  setStaticRoutes(context, connection, others);
  return {};
}

const VPN_CONNECTIONS: Omit<DescribeSpec<'vpn', VpnConnection>, 'member' | 'shape'> = {
  idsParameter: 'VpnConnectionIds',
  prefix: 'vpn',
  rows: (snapshot) => snapshot.vpnConnections,
  filters: {
    'bgp-asn': ({ customerGatewayId }, { customerGateways }) =>
      [customerGateways.get(customerGatewayId)].flatMap((each) => each?.bgpAsn ?? []),
    'customer-gateway-id': (connection) => [connection.customerGatewayId],
    'option.static-routes-only': (connection) => [connection.staticRoutesOnly],
    'route.destination-cidr-block': (connection) => connection.staticRoutes.map(formatCidr),
    state: (connection, snapshot) => [connectionState(connection, snapshot)],
    type: () => [IPSEC],
    'vpn-connection-id': (connection) => [connection.vpnConnectionId],
    'transit-gateway-id': ({ transitGatewayId }) =>
      transitGatewayId === null ? [] : [transitGatewayId],
    'vpn-gateway-id': ({ vpnGatewayId }) => (vpnGatewayId === null ? [] : [vpnGatewayId]),
  },
};

/** Without pages, as on AWS. */
function describeVpnConnections(input: ActionInput, { draft }: ActionContext): ActionOutput {
  const { snapshot } = draft;
  const { rows } = selectRows(VPN_CONNECTIONS, input, snapshot);
  const shapes = rows.map((each) => vpnConnectionShape(each, connectionState(each, snapshot)));
  return { VpnConnections: shapes };
}

const ROUTE_PARAMETERS = { VpnConnectionId: 'string', DestinationCidrBlock: 'string' } as const;

export const VPN_CONNECTION_ACTIONS: readonly ActionDefinition[] = [
  {
    name: 'CreateVpnConnection',
    parameters: {
      Type: 'string',
      CustomerGatewayId: 'string',
      VpnGatewayId: 'string',
      TransitGatewayId: 'string',
      Options: { StaticRoutesOnly: 'boolean' },
      TagSpecifications: TAG_SPECIFICATIONS,
    },
    required: ['Type', 'CustomerGatewayId'],
    perform: createVpnConnection,
  },
  {
    name: 'DeleteVpnConnection',
    parameters: { VpnConnectionId: 'string' },
    required: ['VpnConnectionId'],
    perform: deleteVpnConnection,
  },
  {
    name: 'CreateVpnConnectionRoute',
    parameters: ROUTE_PARAMETERS,
    required: ['VpnConnectionId', 'DestinationCidrBlock'],
    perform: createVpnConnectionRoute,
  },
  {
    name: 'DeleteVpnConnectionRoute',
    parameters: ROUTE_PARAMETERS,
    required: ['VpnConnectionId', 'DestinationCidrBlock'],
    perform: deleteVpnConnectionRoute,
  },
  {
    name: 'DescribeVpnConnections',
    parameters: { Filters: FILTERS, VpnConnectionIds: ['string'] },
    required: [],
    perform: describeVpnConnections,
  },
];
