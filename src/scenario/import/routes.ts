/** Route tables from AWS's answers: the routes to instances, interfaces and gateways. */
import { EGRESS_ONLY_GATEWAY, INTERNET_GATEWAY } from '../file/gateway-names.ts';
import type { LabFileVpc } from '../file/schema-network.ts';
import type { AwsRoute, AwsRouteTable } from './aws-shapes.ts';
import { blockText, type ImportContext, splitKey } from './context.ts';
import type { ImportedInterfaces } from './interfaces.ts';
import { nameTag } from './names.ts';

type LabFileRouteTable = NonNullable<LabFileVpc['routeTables']>[string];

/** @returns the tables of a VPC by name, without those that change nothing. */
export function importRouteTables(
  vpcId: string,
  interfaces: ImportedInterfaces,
  context: ImportContext,
): Record<string, LabFileRouteTable> {
  const { records, names, leftOut, ids } = context;
  const tables: Record<string, LabFileRouteTable> = {};
  for (const [id, table] of records.routeTables) {
    const key = names.routeTables.get(id);
    if (table.VpcId !== vpcId || key === undefined) continue;
    const [vpc, name] = splitKey(key);
    const isMain = table.Associations.some(({ Main }) => Main);
    const routes = routesOf(table, key, interfaces, context);
    tellOfGateways(table, key, context);
    const isUsed = table.Associations.some(
      ({ SubnetId = '', GatewayId = '' }) =>
        names.subnets.has(SubnetId) || names.internetGateways.has(GatewayId),
    );
    if (!isUsed && Object.keys(routes).length === 0 && nameTag(table.Tags) === null) {
      if (isMain) continue;
      const reason = 'no subnet uses it, and it has no route that a lab file can have';
      leftOut.push({ what: `route table ${key}`, id, reason });
      continue;
    }
    tables[name] = {
      ...(isMain ? { main: true } : {}),
      ...(Object.keys(routes).length === 0 ? {} : { routes }),
    };
    ids.set(['vpcs', vpc, 'routeTables', name].join('.'), id);
  }
  return tables;
}

/** @returns the name of the table that a subnet is associated with; null: the main one. */
export function routeTableOf(subnetId: string, { records, names }: ImportContext): string | null {
  for (const [id, { Associations }] of records.routeTables) {
    if (!Associations.some(({ SubnetId }) => SubnetId === subnetId)) continue;
    const key = names.routeTables.get(id);
    return key === undefined ? null : splitKey(key)[1];
  }
  return null;
}

function routesOf(
  table: AwsRouteTable,
  key: string,
  interfaces: ImportedInterfaces,
  context: ImportContext,
): Record<string, string> {
  const routes: Record<string, string> = {};
  const gateways = gatewaysOf(splitKey(key)[0], context);
  for (const route of table.Routes) {
    const { GatewayId = '' } = route;
    // AWS makes those of gateway endpoints by itself.
    if (GatewayId === 'local' || isGatewayEndpoint(GatewayId, context)) continue;
    const to = destinationOf(route, context);
    const target =
      targetOf(route, interfaces, gateways) ?? gatewayTarget(route, gateways, interfaces);
    const reason =
      to === null
        ? 'the prefix list is not in the lab file'
        : target === null
          ? whyNot(route)
          : null;
    if (to !== null && target !== null) routes[to] = target;
    if (reason === null) continue;
    const shown = to ?? route.DestinationPrefixListId ?? 'nothing';
    const what = `route to ${shown} of route table ${key}`;
    context.leftOut.push({ what, id: table.RouteTableId, reason });
  }
  return routes;
}

function destinationOf(route: AwsRoute, { names }: ImportContext): string | null {
  const text = route.DestinationCidrBlock ?? route.DestinationIpv6CidrBlock;
  if (text !== undefined) return blockText(text);
  return names.prefixLists.get(route.DestinationPrefixListId ?? '') ?? null;
}

/** An instance stands for its interface while it has only one (RT-13). */
function targetOf(
  { NetworkInterfaceId = '' }: AwsRoute,
  { interfaceNames, interfaces }: ImportedInterfaces,
  gateways: readonly Gateway[],
): string | null {
  const name = interfaceNames.get(NetworkInterfaceId) ?? null;
  const instance = /^(.+)\.eth0$/.exec(name ?? '')?.[1];
  const isTaken = (word: string) =>
    OTHER_WORDS.has(word) || gateways.some((gateway) => gateway.name === word);
  if (instance === undefined) return name !== null && isTaken(name) ? `interface:${name}` : name;
  const hasOthers = Object.values(interfaces).some(
    ({ attach }) => typeof attach === 'object' && attach.instance === instance,
  );
  if (hasOthers) return name;
  return isTaken(instance) ? `instance:${instance}` : instance;
}

/** A gateway that routes of a VPC can lead to. */
interface Gateway {
  readonly kind: string;
  readonly id: string;
  readonly name: string;
}

function isGatewayEndpoint(id: string, { records }: ImportContext): boolean {
  return records.endpoints.get(id)?.VpcEndpointType === 'Gateway';
}

function gatewaysOf(vpc: string, context: ImportContext): Gateway[] {
  const { names } = context;
  const inVpc = (kind: string, keys: ReadonlyMap<string, string>): Gateway[] =>
    [...keys].flatMap(([id, key]) => {
      const [owner, name] = splitKey(key);
      return owner === vpc ? [{ kind, id, name }] : [];
    });
  return [
    ...inVpc('internetGateway', names.internetGateways),
    ...inVpc('egressOnlyInternetGateway', names.egressOnlyGateways),
    ...inVpc('natGateway', names.natGateways),
    ...inVpc(
      'vpcEndpoint',
      new Map([...names.endpoints].filter(([id]) => !isGatewayEndpoint(id, context))),
    ),
    ...Array.from(names.peerings, ([id, name]) => ({ kind: 'vpcPeeringConnection', id, name })),
  ];
}

/** @returns the name of a gateway; with its kind where something else has it too. */
function gatewayTarget(
  route: AwsRoute,
  gateways: readonly Gateway[],
  { instances, interfaces }: ImportedInterfaces,
): string | null {
  const ids = new Set(Object.values(route).map(String));
  const found = gateways.find(({ id }) => ids.has(id));
  if (found === undefined) return null;
  const { kind, name } = found;
  const isTaken =
    Object.hasOwn(instances, name) ||
    Object.hasOwn(interfaces, name) ||
    (OTHER_WORDS.get(name) ?? kind) !== kind ||
    gateways.some((other) => other !== found && other.name === name);
  return isTaken ? `${kind}:${name}` : name;
}

/** What gateways are called whatever their names are, to their kinds. */
const OTHER_WORDS: ReadonlyMap<string, string> = new Map([
  [INTERNET_GATEWAY, 'internetGateway'],
  ['internet-gateway', 'internetGateway'],
  [EGRESS_ONLY_GATEWAY, 'egressOnlyInternetGateway'],
]);

/** Every member that names a target begins or ends with what it is. */
function whyNot(route: AwsRoute): string {
  if (route.NetworkInterfaceId !== undefined) {
    return `it leads to ${route.NetworkInterfaceId}, which is not in the lab file`;
  }
  const target = Object.entries(route).find(
    ([name, value]) =>
      /(?:Id|Arn)$/.test(name) && !name.startsWith('Destination') && typeof value === 'string',
  )?.[1];
  return target === undefined
    ? 'its target is gone'
    : `it leads to ${target}, which is not in the lab file`;
}

/** What gateways have to do with a table, beside routes. */
function tellOfGateways(
  table: AwsRouteTable,
  key: string,
  { names, leftOut }: ImportContext,
): void {
  const id = table.RouteTableId;
  const reason = 'it is not in the lab file';
  for (const { GatewayId } of table.PropagatingVgws) {
    leftOut.push({ what: `propagation of ${GatewayId} into route table ${key}`, id, reason });
  }
  for (const { GatewayId } of table.Associations) {
    if (GatewayId === undefined || names.internetGateways.has(GatewayId)) continue;
    leftOut.push({ what: `association of ${GatewayId} with route table ${key}`, id, reason });
  }
}
