/** Plans route tables, their associations and their routes. */
import type { ActionInput } from '../../actions/action.ts';
import { type Cidr, cidrEquals, formatCidr } from '../../addr/cidr.ts';
import type { SubnetId } from '../../model/ids.ts';
import type { Route, RouteTable } from '../../model/records.ts';
import { isMainTable, isPropagatedRoute } from '../../model/routes.ts';
import type { LabRoute, LabRouteTarget, LabVpc } from '../lab.ts';
import { kept, keptInVpc, type PlanContext, realmOf } from './context.ts';
import { reference, tagSpecifications } from './planned-action.ts';
import { prefixListIdOf } from './references.ts';
import { effectiveTarget, isOwnRoute, pointsTo, targetName, targetOf } from './route-targets.ts';

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
    // Every table has them from its first moment.
    const locals = new Set(blocksOf(lab.vpcs.get(table.vpc)).map(formatCidr));
    const existing = new Map<string, Pick<Route, 'target'>>();
    for (const route of now?.routes ?? []) existing.set(formatCidr(route.destination), route);
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
      const isThere = present !== undefined || locals.has(key);
      const action = isThere ? 'ReplaceRoute' : 'CreateRoute';
      const reason = isThere
        ? `the target of ${text} changed to ${targetName(target)}`
        : `no route to ${text} yet`;
      const RouteTableId = reference('routeTable', table.key);
      const full = { RouteTableId, ...input, ...targetOf(target) };
      const realm = realmOf(context, table.vpc);
      plan.add(action, full, { realm, subject: `route table ${table.key}`, reason });
    }
  }
}

function blocksOf(vpc: LabVpc | undefined): readonly Cidr[] {
  if (vpc === undefined) return [];
  return vpc.ipv6 === null ? vpc.cidrs : [...vpc.cidrs, vpc.ipv6];
}

/** A route of the lab file, with its destination as actions take it and as people read it. */
interface WantedRoute {
  /** A block, or the id of a prefix list. */
  readonly key: string;
  readonly text: string;
  readonly input: ActionInput;
  readonly target: LabRouteTarget;
}

export function destinationOf({
  destination,
}: Pick<LabRoute, 'destination'>): Record<string, string> {
  const name = destination.family === 4 ? 'DestinationCidrBlock' : 'DestinationIpv6CidrBlock';
  return { [name]: formatCidr(destination) };
}

/**
 * Which routes of a table that stays the lab file made and does not have any more; of local ones,
 * those that are to be local again. A route carries no mark, but a lab file routes to its own
 * instances, interfaces and gateways only: routes that gateways propagate, and those to what the API
 * made, are somebody else's.
 */
export function routesToDelete(
  context: PlanContext,
  table: RouteTable,
  wanted: readonly LabRoute[],
): Route[] {
  return table.routes.filter(
    (route) =>
      !isPropagatedRoute(route) &&
      isOwnRoute(context, route) &&
      !wanted.some(({ destination }) => cidrEquals(destination, route.destination)),
  );
}
