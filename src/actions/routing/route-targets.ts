/**
 * The targets of routes, as a request names them: an interface, given by its id or by its instance,
 * or a gateway; never an address (RT-13).
 */
import { type Cidr, cidrEquals, parseIpv6Cidr } from '../../addr/cidr.ts';
import type { EdgeGatewayId, GatewayTarget } from '../../model/gateways.ts';
import { isAttached } from '../../model/lookups/transit-gateways.ts';
import type { RouteTable, RouteTarget } from '../../model/records.ts';
import { isGatewayTarget } from '../../model/routes.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { ActionInput } from '../action.ts';
import { egressOnlyFamily, natFamily, unknownGateway } from '../edges/gateway-errors.ts';
import {
  findAvailableNatGateway,
  findCarrierGateway,
  findEgressOnlyGateway,
  findLivePeering,
} from '../edges/lookup-gateways.ts';
import { noRouteToEndpoint } from '../endpoints/endpoint-errors.ts';
import { findVpcEndpoint } from '../endpoints/lookup-endpoints.ts';
import {
  differentNetworks,
  type IdPrefix,
  incorrectInstanceState,
  invalidValue,
  missingOneOf,
  parameterCombination,
  unknownId,
} from '../errors.ts';
import { stringOf } from '../input.ts';
import { singleEni } from '../interfaces/single-eni.ts';
import { findEni, findInstance } from '../lookup.ts';
import { findTransitGateway } from '../transit-gateways/lookup-transit-gateways.ts';
import { noAttachmentOfVpc } from '../transit-gateways/transit-gateway-errors.ts';

type TargetReader = (snapshot: Snapshot, table: RouteTable, id: string) => RouteTarget;

/** The targets that do not exist here yet. */
function absent(prefix: IdPrefix): TargetReader {
  return (_snapshot, _table, id) => {
    throw unknownId(prefix, id);
  };
}

const READERS: Readonly<Record<string, TargetReader>> = {
  GatewayId: gatewayTarget,
  EgressOnlyInternetGatewayId: (snapshot, table, id) => {
    const { egressOnlyGatewayId, vpcId } = findEgressOnlyGateway(snapshot, id);
    checkNetwork(table, vpcId, `egress-only internet gateway ${id}`);
    return { kind: 'egress-only-gateway', gatewayId: egressOnlyGatewayId };
  },
  NatGatewayId: (snapshot, table, id) => {
    const { natGatewayId, vpcId } = findAvailableNatGateway(snapshot, id);
    checkNetwork(table, vpcId, `nat gateway ${id}`);
    return { kind: 'nat-gateway', gatewayId: natGatewayId };
  },
  TransitGatewayId: (snapshot, table, id) => {
    const { transitGatewayId } = findTransitGateway(snapshot, id);
    if (!isAttached(snapshot, transitGatewayId, table.vpcId)) throw noAttachmentOfVpc(id);
    return { kind: 'transit-gateway', gatewayId: transitGatewayId };
  },
  VpcPeeringConnectionId: (snapshot, table, id) => {
    const { peeringId, requester, accepter } = findLivePeering(snapshot, id);
    const ends: readonly string[] = [requester.vpcId, accepter.vpcId];
    const vpcId = ends.includes(table.vpcId) ? table.vpcId : null;
    checkNetwork(table, vpcId, `vpc peering connection ${id}`);
    return { kind: 'peering', gatewayId: peeringId };
  },
  VpcEndpointId: (snapshot, table, id) => {
    const { vpcEndpointId, vpcId, type } = findVpcEndpoint(snapshot, id);
    if (type !== 'GatewayLoadBalancer') throw noRouteToEndpoint();
    checkNetwork(table, vpcId, `vpc endpoint ${id}`);
    return { kind: 'vpc-endpoint', gatewayId: vpcEndpointId };
  },
  LocalGatewayId: absent('lgw'),
  CarrierGatewayId: (snapshot, table, id) => {
    const { carrierGatewayId, vpcId } = findCarrierGateway(snapshot, id);
    checkNetwork(table, vpcId, `carrier gateway ${id}`);
    return { kind: 'carrier-gateway', gatewayId: carrierGatewayId };
  },
  NetworkInterfaceId: (snapshot, table, id) => {
    const { eniId, vpcId } = findEni(snapshot, id);
    checkNetwork(table, vpcId, `interface ${eniId}`);
    return { kind: 'eni', eniId };
  },
  InstanceId: instanceTarget,
};

/** The parameters that name a target. */
export const TARGETS: readonly string[] = Object.keys(READERS);

/** @throws MissingParameter or InvalidParameterCombination unless exactly one of them is given. */
export function theOneGiven(input: ActionInput, names: readonly string[]): string {
  const [name, ...others] = names.filter((each) => input[each] !== undefined);
  if (name === undefined) throw missingOneOf(names);
  if (others.length > 0) {
    throw parameterCombination(
      `The parameters ${[name, ...others].join(' and ')} cannot be used together`,
    );
  }
  return name;
}

/**
 * Reads the target of a route.
 * @throws InvalidInstanceID when an instance has several interfaces (RT-13).
 * @throws NotFound; InvalidParameterValue when it is of another VPC.
 */
export function readTarget(snapshot: Snapshot, table: RouteTable, input: ActionInput): RouteTarget {
  const name = theOneGiven(input, TARGETS);
  const read = READERS[name] ?? absent('eni');
  return read(snapshot, table, stringOf(input, name));
}

/** @throws InvalidParameterValue unless the target is of the table's VPC. */
function checkNetwork(table: RouteTable, vpcId: string | null, target: string): void {
  if (vpcId === table.vpcId) return;
  throw differentNetworks(`route table ${table.routeTableId}`, target);
}

/** @throws InvalidGatewayID for what is neither an internet nor a virtual private gateway. */
function gatewayTarget(snapshot: Snapshot, table: RouteTable, id: string): GatewayTarget {
  if (id === 'local') throw localElsewhere();
  const gatewayId = findEdgeGateway(snapshot, table, id);
  return isInternetGateway(gatewayId)
    ? { kind: 'internet-gateway', gatewayId }
    : { kind: 'vpn-gateway', gatewayId };
}

function isInternetGateway(id: EdgeGatewayId): id is `igw-${string}` {
  return id.startsWith('igw-');
}

/**
 * Finds an internet gateway or a virtual private gateway that is attached to the table's VPC.
 * @throws InvalidGatewayID.NotFound, InvalidGatewayID.Malformed; InvalidParameterValue when it is
 *   attached elsewhere or to nothing.
 */
export function findEdgeGateway(snapshot: Snapshot, table: RouteTable, id: string): EdgeGatewayId {
  const { internetGateways, vpnGateways } = snapshot;
  const internetGateway = internetGateways.get(id as `igw-${string}`);
  const vpnGateway = vpnGateways.get(id as `vgw-${string}`);
  const gateway = internetGateway ?? vpnGateway;
  if (gateway === undefined) throw unknownGateway(id);
  checkNetwork(table, gateway.vpcId, `network gateway ${id}`);
  return 'internetGatewayId' in gateway ? gateway.internetGatewayId : gateway.vpnGatewayId;
}

export function localElsewhere(): Error {
  return invalidValue('gatewayId', 'local', 'Only a local route can have the target local.');
}

function instanceTarget(snapshot: Snapshot, table: RouteTable, id: string): RouteTarget {
  const instance = findInstance(snapshot, id);
  const { instanceId, state } = instance;
  if (state === 'terminated') throw incorrectInstanceState(instanceId, 'the target of a route');
  const { eniId, vpcId } = singleEni(snapshot, instance);
  checkNetwork(table, vpcId, `interface ${eniId}`);
  return { kind: 'instance', instanceId, eniId };
}

export function sameTarget(a: RouteTarget, b: RouteTarget): boolean {
  if (isGatewayTarget(a)) return isGatewayTarget(b) && a.gatewayId === b.gatewayId;
  if (a.kind === 'local') return b.kind === 'local';
  return 'eniId' in b && a.eniId === b.eniId;
}

/** @returns true for what a packet inside the VPC can be steered to. @source RT-2, RT-5 */
export function canSteer({ kind }: RouteTarget): boolean {
  return kind === 'eni' || kind === 'instance' || kind === 'nat-gateway' || kind === 'vpc-endpoint';
}

/** The only IPv6 that a NAT gateway takes (NAT-8). */
const NAT64_PREFIX = parseIpv6Cidr('64:ff9b::/96');

/**
 * Checks that the gateway takes packets of the destination's family.
 * @param destination null for a prefix list, of which the family is told.
 * @throws InvalidParameterValue
 * @source EIGW-1, RT-13, NAT-8
 */
export function checkFamily(target: RouteTarget, family: 4 | 6, destination: Cidr | null): void {
  if (target.kind === 'egress-only-gateway' && family === 4) {
    throw egressOnlyFamily(target.gatewayId);
  }
  if (target.kind !== 'nat-gateway' || family === 4) return;
  const isNat64 =
    destination !== null && NAT64_PREFIX !== null && cidrEquals(destination, NAT64_PREFIX);
  if (!isNat64) throw natFamily(target.gatewayId);
}
