/** What a layer of the dataplane went by, in terms of the model: rows and indexes become objects. */
import { formatCidr } from '../../addr/cidr.ts';
import { formatMac, macFromWords } from '../../addr/mac.ts';
import { routeOfRow } from '../../compile/routes.ts';
import { ruleOfRow } from '../../compile/rule-order.ts';
import { NO_CONNECTION } from '../../dataplane/flow/connection-table.ts';
import { type LayerContext, NO_ROW } from '../../dataplane/layers/context.ts';
import { mtuOf } from '../../dataplane/layers/mtu.ts';
import { TO_NAT_ADDRESS, TO_UPLINK, VPC_MTU } from '../../dataplane/program.ts';
import { gatewayRecord } from '../../model/lookups/gateways.ts';
import type { Eni, RouteTarget } from '../../model/records.ts';
import { isGatewayTarget, routeState, routeTableOfSubnet } from '../../model/routes.ts';
import type { Fabric } from '../../model/snapshot.ts';
import type { Decision, ObjectView } from './explanation.ts';
import {
  balancedDecision,
  fromInternetDecision,
  natDecision,
  nodeDecision,
  routedDecision,
  toInternetDecision,
} from './gateway-decisions.ts';
import { interfaceName, interfaceView, objectView, ruleDecision } from './views.ts';

/** The snapshot that the program was compiled from, with its interfaces by index. */
export interface Origins {
  readonly snapshot: Fabric;
  readonly enis: readonly Eni[];
}

type Reader = (context: LayerContext, origins: Origins) => Decision;

const NOTHING: Decision = { kind: 'nothing' };

/** By the names of the layers. */
const READERS: Readonly<Record<string, Reader>> = {
  'destination-mac': (context, { snapshot, enis }) => {
    const { frame } = context;
    const eni = enis[neighbourOf(context)];
    return {
      kind: 'link',
      mac: formatMac(macFromWords(frame.destHigh, frame.destLow)),
      interface: eni === undefined ? null : interfaceView(snapshot, eni),
    };
  },
  'source-check': ({ eni }, origins) => checkDecision(eni, origins),
  'security-groups-egress': (context, origins) => groupDecision(context, origins, true),
  route: routeDecision,
  'network-acl-egress': aclDecision,
  'interface-mtu': ({ packetSize }) => ({ kind: 'size', packet: packetSize, mtu: VPC_MTU }),
  'internet-gateway-egress': (context, { snapshot }) => toInternetDecision(context, snapshot),
  'internet-gateway-ingress': (context, { snapshot }) =>
    context.gateway === TO_UPLINK ? NOTHING : fromInternetDecision(context, snapshot),
  uplink: () => ({ kind: 'uplink' }),
  'nat-gateway-egress': (context, { snapshot }) => natDecision(context, snapshot),
  'nat-gateway-ingress': (context, { snapshot }) => natDecision(context, snapshot),
  'egress-only-gateway': (context, { snapshot }) => natDecision(context, snapshot),
  'gateway-endpoint': (context, { snapshot }) => routedDecision(context, snapshot),
  'load-balancer-endpoint': (context, { snapshot }) => balancedDecision(context, snapshot),
  'load-balancer-node': (context, { snapshot }) => nodeDecision(context, snapshot),
  'stateful-gateway-ingress': (context, { snapshot }) => natDecision(context, snapshot),
  'gateway-route-table': (context, { snapshot }) =>
    context.route === NO_ROW ? NOTHING : takenRoute(context.route, snapshot),
  peering: (context, { snapshot }) => routedDecision(context, snapshot),
  mtu: (context) => ({ kind: 'size', packet: context.packetSize, mtu: mtuOf(context) }),
  'network-acl-ingress': aclDecision,
  'destination-check': ({ target }, origins) => checkDecision(target, origins),
  'security-groups-ingress': (context, origins) => groupDecision(context, origins, false),
  delivery: ({ target }, origins) => instanceDecision(target, origins),
};

/** @returns the interface of the subnet that the frame goes to, which may be that of a NAT gateway; or -1. */
function neighbourOf({ target, gateway, nat, program }: LayerContext): number {
  return gateway === TO_NAT_ADDRESS ? (program.edges.nat.eni[nat] as number) : target;
}

/** @param context As the layer has left it, with a `rule` that is the layer's own. */
export function readDecision(layer: string, context: LayerContext, origins: Origins): Decision {
  return READERS[layer]?.(context, origins) ?? NOTHING;
}

/** @param index Of an interface. */
export function instanceDecision(index: number, { snapshot, enis }: Origins): Decision {
  const eni = eniAt(enis, index);
  const { attachment } = eni;
  const instance = attachment === null ? undefined : snapshot.instances.get(attachment.instanceId);
  return {
    kind: 'instance',
    interface: interfaceView(snapshot, eni),
    state: instance?.state ?? null,
  };
}

function checkDecision(index: number, { snapshot, enis }: Origins): Decision {
  const eni = eniAt(enis, index);
  return { kind: 'check', interface: interfaceView(snapshot, eni), isOn: eni.sourceDestCheck };
}

function groupDecision(
  context: LayerContext,
  { snapshot, enis }: Origins,
  isEgress: boolean,
): Decision {
  const side = isEgress ? context.egress : context.ingress;
  if (side.connection !== NO_CONNECTION) return { kind: 'connection' };
  if (context.rule !== NO_ROW) return ruleDecision(snapshot, ruleOfRow(snapshot, context.rule));
  const eni = eniAt(enis, isEgress ? context.eni : context.target);
  if (eni.groupIds.length === 0) return NOTHING;
  const groups = eni.groupIds.map((groupId) => {
    const group = snapshot.securityGroups.get(groupId);
    return objectView(groupId, group, group?.name);
  });
  return { kind: 'no-group-rule', interface: interfaceView(snapshot, eni), groups, isEgress };
}

/** Of the sender's subnet, or of that of a NAT gateway. */
function routeDecision(context: LayerContext, { snapshot }: Origins): Decision {
  if (!context.toRouter) return NOTHING;
  if (context.route === NO_ROW) {
    const subnet = [...snapshot.subnets.values()][context.subnet];
    if (subnet === undefined) return NOTHING;
    const table = routeTableOfSubnet(snapshot, subnet);
    return { kind: 'no-route', table: objectView(table.routeTableId, table) };
  }
  return takenRoute(context.route, snapshot);
}

function takenRoute(row: number, snapshot: Fabric): Decision {
  const { table, route } = routeOfRow(snapshot, row);
  return {
    kind: 'route',
    table: objectView(table.routeTableId, table),
    destination: formatCidr(route.destination),
    target: targetView(snapshot, route.target),
    state: routeState(snapshot, table, route),
  };
}

/** An interface or a gateway that is gone has no name any more. */
function targetView(snapshot: Fabric, target: RouteTarget): 'local' | ObjectView {
  if (target.kind === 'local') return 'local';
  if (isGatewayTarget(target)) {
    return objectView(target.gatewayId, gatewayRecord(snapshot, target));
  }
  const eni = snapshot.enis.get(target.eniId);
  return { id: target.eniId, name: eni === undefined ? null : interfaceName(snapshot, eni) };
}

/** The ACL has not been asked when there is no row: its last entries speak of every packet (ACL-1). */
function aclDecision(context: LayerContext, { snapshot }: Origins): Decision {
  return context.rule === NO_ROW
    ? NOTHING
    : ruleDecision(snapshot, ruleOfRow(snapshot, context.rule));
}

function eniAt(enis: readonly Eni[], index: number): Eni {
  const eni = enis[index];
  if (eni === undefined) throw new RangeError(`the program has no interface ${index}`);
  return eni;
}
