/** What a layer of the dataplane went by, in terms of the model: rows and indexes become objects. */
import { formatCidr } from '../../addr/cidr.ts';
import { formatIpv4, ipv4FromWord } from '../../addr/ipv4.ts';
import { formatMac, macFromWords } from '../../addr/mac.ts';
import { routeOfRow } from '../../compile/routes.ts';
import { ruleOfRow } from '../../compile/rule-order.ts';
import { NO_CONNECTION } from '../../dataplane/flow/connection-table.ts';
import { type LayerContext, NO_ROW } from '../../dataplane/layers/context.ts';
import { mtuOf } from '../../dataplane/layers/mtu.ts';
import { VPC_MTU } from '../../dataplane/program.ts';
import { REWRITE_DESTINATION, REWRITE_SOURCE } from '../../dataplane/verdict.ts';
import { gatewayRecord, internetGatewayOf } from '../../model/lookups/gateways.ts';
import type { Eni, RouteTarget } from '../../model/records.ts';
import { isGatewayTarget, routeState, routeTableOfSubnet } from '../../model/routes.ts';
import type { Fabric } from '../../model/snapshot.ts';
import type { Decision, ObjectView } from './explanation.ts';
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
  'destination-mac': ({ frame, target }, { snapshot, enis }) => {
    const eni = enis[target];
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
  'internet-gateway-egress': (context, origins) => internetDecision(context, origins, true),
  'internet-gateway-ingress': (context, origins) => internetDecision(context, origins, false),
  'gateway-route-table': (context, { snapshot }) =>
    context.route === NO_ROW ? NOTHING : takenRoute(context.route, snapshot),
  peering: ({ route }, { snapshot }) => {
    const { target } = routeOfRow(snapshot, route).route;
    const gateway = isGatewayTarget(target) ? target.gatewayId : '';
    const record = isGatewayTarget(target) ? gatewayRecord(snapshot, target) : undefined;
    return { ...passedGateway, gateway: objectView(gateway, record) };
  },
  mtu: (context) => ({ kind: 'size', packet: context.packetSize, mtu: mtuOf(context) }),
  'network-acl-ingress': aclDecision,
  'destination-check': ({ target }, origins) => checkDecision(target, origins),
  'security-groups-ingress': (context, origins) => groupDecision(context, origins, false),
  delivery: ({ target }, origins) => instanceDecision(target, origins),
};

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
  const groups = eni.groupIds.map((groupId) => {
    const group = snapshot.securityGroups.get(groupId);
    return objectView(groupId, group, group?.name);
  });
  return { kind: 'no-group-rule', interface: interfaceView(snapshot, eni), groups, isEgress };
}

function routeDecision(context: LayerContext, { snapshot, enis }: Origins): Decision {
  if (!context.toRouter) return NOTHING;
  if (context.route === NO_ROW) {
    const subnet = snapshot.subnets.get(eniAt(enis, context.eni).subnetId);
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

/** A gateway that leaves addresses as they are. */
const passedGateway = { kind: 'gateway', source: null, destination: null } as const;

/** The gateway puts a public address for a private one on the way out, and the other way on the way in. */
function internetDecision(
  { frame, vpc, translation }: LayerContext,
  { snapshot }: Origins,
  isEgress: boolean,
): Decision {
  const vpcId = [...snapshot.vpcs.keys()][vpc];
  const gateway = vpcId === undefined ? undefined : internetGatewayOf(snapshot, vpcId);
  const bit = isEgress ? REWRITE_SOURCE : REWRITE_DESTINATION;
  const isTranslated = (translation.rewrite & bit) !== 0;
  return {
    kind: 'gateway',
    gateway: gateway === undefined ? null : objectView(gateway.internetGatewayId, gateway),
    source: isTranslated && isEgress ? formatIpv4(ipv4FromWord(frame.s3)) : null,
    destination: isTranslated && !isEgress ? formatIpv4(ipv4FromWord(frame.d3)) : null,
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
