/** Plans route tables, their associations and their routes. */
import type { ActionInput } from '../../actions/action.ts';
import { cidrEquals, formatCidr } from '../../addr/cidr.ts';
import type { SubnetId } from '../../model/ids.ts';
import type { Route, RouteTable } from '../../model/records.ts';
import { isMainTable } from '../../model/routes.ts';
import type { InterfaceRef, LabRoute, LabRouteTarget } from '../lab.ts';
import { kept, keptInVpc, type PlanContext, realmOf } from './context.ts';
import { isOwned } from './current.ts';
import { reference, tagSpecifications } from './planned-action.ts';
import { prefixListIdOf } from './references.ts';

/** @returns the route table of that key when it exists and its VPC stays. */
export function keptTable(context: PlanContext, key: string): RouteTable | undefined {
  return keptInVpc(context, context.current.routeTables, key);
}

export function planRouteTables(context: PlanContext): void {
  const { lab, plan } = context;
  plan.nextStage();
  for (const table of lab.routeTables.values()) {
    if (keptTable(context, table.key) !== undefined) continue;
    plan.add(
      'CreateRouteTable',
      {
        VpcId: reference('vpc', table.vpc),
        ...tagSpecifications('route-table', table.name, lab.name),
      },
      {
        realm: realmOf(context, table.vpc),
        subject: `route table ${table.key}`,
        reason: 'not there yet',
      },
      [{ name: `routeTable:${table.key}`, at: ['RouteTable', 'RouteTableId'] }],
    );
  }
  plan.nextStage();
  planMainTables(context);
  planAssociations(context);
}

function planMainTables(context: PlanContext): void {
  const { lab, current, departures, plan } = context;
  for (const vpc of lab.vpcs.values()) {
    const { realm } = vpc;
    const wanted = [...lab.routeTables.values()].find((each) => each.vpc === vpc.name && each.main);
    const now = kept(current.vpcs, departures.vpcs, vpc.name);
    const tables = now === undefined ? [] : (current.tablesOfVpc.get(now.vpcId) ?? []);
    const main = tables.find(isMainTable);
    const AssociationId = reference('mainAssociation', vpc.name);
    if (
      wanted !== undefined &&
      (main === undefined || main !== current.routeTables.get(wanted.key))
    ) {
      plan.add(
        'ReplaceRouteTableAssociation',
        { AssociationId, RouteTableId: reference('routeTable', wanted.key) },
        { realm, subject: `route table ${wanted.key}`, reason: 'not the main route table yet' },
      );
    }
    // Without a main table in the lab file, the one that came with the VPC is it again.
    const owned = new Set(current.routeTables.values());
    const first = tables.find((table) => !owned.has(table));
    if (wanted === undefined && main !== undefined && owned.has(main) && first !== undefined) {
      plan.add(
        'ReplaceRouteTableAssociation',
        { AssociationId, RouteTableId: first.routeTableId },
        {
          realm,
          subject: `VPC ${vpc.name}`,
          reason: 'its main route table is not the main one any more',
        },
      );
    }
  }
}

function planAssociations(context: PlanContext): void {
  const { lab, current, departures, plan } = context;
  const bySubnet = new Map<SubnetId, { associationId: string; table: RouteTable }>();
  for (const table of current.fabric?.routeTables.values() ?? []) {
    for (const { associationId, subnetId } of table.associations) {
      if (subnetId !== null) bySubnet.set(subnetId, { associationId, table });
    }
  }
  for (const subnet of lab.subnets.values()) {
    const existing = kept(current.subnets, departures.subnets, subnet.key);
    const now = existing === undefined ? undefined : bySubnet.get(existing.subnetId);
    const subject = `subnet ${subnet.key}`;
    const realm = realmOf(context, subnet.vpc);
    if (subnet.routeTable === null) {
      if (now === undefined) continue;
      const reason = 'it uses the main route table again';
      const input = { AssociationId: now.associationId };
      plan.add('DisassociateRouteTable', input, { realm, subject, reason });
      continue;
    }
    const key = `${subnet.vpc}/${subnet.routeTable}`;
    const RouteTableId = reference('routeTable', key);
    if (now === undefined) {
      const SubnetId = reference('subnet', subnet.key);
      const reason = `it does not use route table ${key} yet`;
      plan.add('AssociateRouteTable', { SubnetId, RouteTableId }, { realm, subject, reason });
    } else if (now.table !== current.routeTables.get(key)) {
      const reason = `its route table changed to ${key}`;
      const input = { AssociationId: now.associationId, RouteTableId };
      plan.add('ReplaceRouteTableAssociation', input, { realm, subject, reason });
    }
  }
}

export function planRoutes(context: PlanContext): void {
  const { lab, plan } = context;
  plan.nextStage();
  const several = new Set<string>();
  for (const { attach } of lab.interfaces.values()) {
    if (attach !== null) several.add(attach.instance);
  }
  for (const table of lab.routeTables.values()) {
    const now = keptTable(context, table.key);
    const existing = new Map<string, Pick<Route, 'target'>>();
    for (const route of now?.routes ?? []) {
      if (route.target.kind !== 'local') existing.set(formatCidr(route.destination), route);
    }
    for (const route of now?.prefixListRoutes ?? []) existing.set(route.prefixListId, route);
    const wanted: WantedRoute[] = [
      ...table.routes.map((route) => ({
        ...route,
        text: formatCidr(route.destination),
        key: formatCidr(route.destination),
        input: destinationOf(route),
      })),
      ...table.prefixListRoutes.map((route) => {
        const key = prefixListIdOf(context, route.prefixList);
        const text = `prefix list ${route.prefixList}`;
        return { ...route, text, key, input: { DestinationPrefixListId: key } };
      }),
    ];
    for (const { key, text, input, target: given } of wanted) {
      const target = effectiveTarget(given, several);
      const present = existing.get(key);
      if (present !== undefined && pointsTo(context, present, target)) continue;
      const action = present === undefined ? 'CreateRoute' : 'ReplaceRoute';
      const reason =
        present === undefined
          ? `no route to ${text} yet`
          : `the target of ${text} changed to ${targetName(target)}`;
      const RouteTableId = reference('routeTable', table.key);
      const full = { RouteTableId, ...input, ...targetOf(target) };
      const realm = realmOf(context, table.vpc);
      plan.add(action, full, { realm, subject: `route table ${table.key}`, reason });
    }
  }
}

/** A route of the lab file, with its destination as actions take it and as people read it. */
interface WantedRoute {
  /** A block, or the id of a prefix list. */
  readonly key: string;
  readonly text: string;
  readonly input: ActionInput;
  readonly target: LabRouteTarget;
}

/** AWS takes an instance as target only while it has a single interface (RT-13). */
function effectiveTarget(target: LabRouteTarget, several: ReadonlySet<string>): LabRouteTarget {
  if (target.kind !== 'instance' || !several.has(target.instance)) return target;
  return { kind: 'primary', instance: target.instance };
}

export function destinationOf({
  destination,
}: Pick<LabRoute, 'destination'>): Record<string, string> {
  const name = destination.family === 4 ? 'DestinationCidrBlock' : 'DestinationIpv6CidrBlock';
  return { [name]: formatCidr(destination) };
}

function targetOf(target: LabRouteTarget): Record<string, string> {
  if (target.kind === 'instance') return { InstanceId: reference('instance', target.instance) };
  return { NetworkInterfaceId: reference('interface', interfaceName(target)) };
}

function targetName(target: LabRouteTarget): string {
  return target.kind === 'instance' ? target.instance : interfaceName(target);
}

function interfaceName(target: InterfaceRef): string {
  return target.kind === 'named' ? target.name : `${target.instance}.eth0`;
}

/**
 * An instance and its first interface are one target (RT-13): AWS shows both alike.
 * @returns true when the route leads there already and the target stays.
 */
function pointsTo(
  { current, departures }: PlanContext,
  { target: now }: Pick<Route, 'target'>,
  target: LabRouteTarget,
): boolean {
  if (now.kind !== 'eni' && now.kind !== 'instance') return false;
  if (target.kind === 'named') {
    return now.eniId === kept(current.interfaces, departures.interfaces, target.name)?.eniId;
  }
  const instance = kept(current.instances, departures.instances, target.instance);
  if (instance === undefined) return false;
  return now.eniId === current.primaryEnis.get(instance.instanceId)?.eniId;
}

/**
 * Which routes of a table that stays the lab file made and does not have any more. A route carries
 * no mark, but a lab file routes to its own instances and interfaces only: routes to gateways, those
 * that gateways propagate, and those to what the API made are somebody else's.
 */
export function routesToDelete(
  context: PlanContext,
  table: RouteTable,
  wanted: readonly LabRoute[],
): Route[] {
  return table.routes.filter(
    (route) =>
      route.origin === 'CreateRoute' &&
      isOwnRoute(context, route) &&
      !wanted.some(({ destination }) => cidrEquals(destination, route.destination)),
  );
}

/** @returns true when the lab file made what the route leads to. */
export function isOwnRoute(
  { lab, current: { fabric } }: Pick<PlanContext, 'lab' | 'current'>,
  { target }: Pick<Route, 'target'>,
): boolean {
  if (target.kind !== 'eni' && target.kind !== 'instance') return false;
  const eni = fabric?.enis.get(target.eniId);
  const owner = eni?.attachment?.instanceId;
  const instance = owner === undefined ? undefined : fabric?.instances.get(owner);
  return [eni, instance].some((each) => each !== undefined && isOwned(lab.name, each));
}
