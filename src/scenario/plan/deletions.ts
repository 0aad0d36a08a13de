/** Plans what must go: before anything is made, and, for what is still in use then, at the end. */
import { cidrEquals, formatCidr } from '../../addr/cidr.ts';
import { isLocalRoute, isMainTable } from '../../model/routes.ts';
import { leavingInstances, type PlanContext, realmNow, realmOf } from './context.ts';
import { realmOfRow } from './current.ts';
import { REMOVED } from './departing.ts';
import { planAddressLosses, planReleases } from './elastic-addresses.ts';
import { planFiltersOfVpcs, planLastFilterDeletions } from './filter-deletions.ts';
import { planFlowLogDeletions } from './flow-logs.ts';
import { planGatewayDeletions, planWayDeletions } from './gateway-deletions.ts';
import { planHostedZoneDeletions } from './hosted-zones.ts';
import { planBalancingDeletions, planLastGroupDeletions } from './load-balancing.ts';
import { prefixListIdOf } from './references.ts';
import { planRoleDeletions } from './roles.ts';
import { isOwnRoute } from './route-targets.ts';
import { destinationOf, keptTable, routesToDelete } from './routes.ts';

export function planDeletions(context: PlanContext): void {
  planFlowLogDeletions(context);
  planHostedZoneDeletions(context);
  planRouteDeletions(context);
  planWayDeletions(context);
  planBalancingDeletions(context);
  planAddressLosses(context);
  planInstanceDeletions(context);
  planGatewayDeletions(context);
  planReleases(context);
  planNetworkDeletions(context);
}

function planRouteDeletions(context: PlanContext): void {
  const { lab, plan } = context;
  for (const table of lab.routeTables.values()) {
    const now = keptTable(context, table.key);
    for (const route of now === undefined ? [] : routesToDelete(context, now, table.routes)) {
      const input = { RouteTableId: now?.routeTableId, ...destinationOf(route) };
      const about = {
        realm: realmOf(context, table.key),
        subject: `route table ${table.key}`,
        reason: `the route to ${formatCidr(route.destination)} is not in the lab file any more`,
      };
      if (isLocalRoute(route)) plan.add('ReplaceRoute', { ...input, LocalTarget: true }, about);
      else plan.add('DeleteRoute', input, about);
    }
    const wanted = new Set(
      table.prefixListRoutes.map(({ prefixList }) => prefixListIdOf(context, prefixList)),
    );
    for (const route of now?.prefixListRoutes ?? []) {
      const { prefixListId } = route;
      if (wanted.has(prefixListId) || !isOwnRoute(context, route)) continue;
      const input = { RouteTableId: now?.routeTableId, DestinationPrefixListId: prefixListId };
      const reason = `the route to ${prefixListId} is not in the lab file any more`;
      const realm = realmOf(context, table.key);
      plan.add('DeleteRoute', input, { realm, subject: `route table ${table.key}`, reason });
    }
  }
}

function planInstanceDeletions(context: PlanContext): void {
  const { current, departures, plan } = context;
  const leaving = leavingInstances(context);
  plan.nextStage();
  for (const [name, reason] of departures.instances) {
    const instance = current.instances.get(name);
    if (instance === undefined) continue;
    const input = { InstanceIds: [instance.instanceId] };
    const realm = realmNow(context, instance);
    plan.add('TerminateInstances', input, { realm, subject: `instance ${name}`, reason });
  }
  plan.nextStage();
  for (const [name, reason] of departures.interfaces) {
    const eni = current.interfaces.get(name);
    // Termination detaches; what hangs on an instance that stays must be taken off.
    const attachment = eni?.attachment ?? null;
    if (attachment === null || leaving.has(attachment.instanceId)) continue;
    const input = { AttachmentId: attachment.attachmentId, Force: true };
    const realm = realmNow(context, eni);
    plan.add('DetachNetworkInterface', input, { realm, subject: `interface ${name}`, reason });
  }
  plan.nextStage();
  for (const [name, reason] of departures.interfaces) {
    const eni = current.interfaces.get(name);
    const realm = realmNow(context, eni);
    const input = { NetworkInterfaceId: eni?.eniId };
    plan.add('DeleteNetworkInterface', input, { realm, subject: `interface ${name}`, reason });
  }
}

function planNetworkDeletions(context: PlanContext): void {
  const { lab, current, departures, plan } = context;
  plan.nextStage();
  for (const [key, reason] of departures.subnets) {
    const subnet = current.subnets.get(key);
    const realm = realmNow(context, subnet);
    plan.add(
      'DeleteSubnet',
      { SubnetId: subnet?.subnetId },
      { realm, subject: `subnet ${key}`, reason },
    );
  }
  plan.nextStage();
  for (const [name, reason] of departures.vpcs) {
    const vpc = current.vpcs.get(name);
    // The main table goes with its VPC, all others must go before.
    for (const table of vpc === undefined ? [] : (current.tablesOfVpc.get(vpc.vpcId) ?? [])) {
      if (isMainTable(table)) continue;
      const input = { RouteTableId: table.routeTableId };
      const realm = realmNow(context, table);
      plan.add('DeleteRouteTable', input, { realm, subject: `VPC ${name}`, reason });
    }
  }
  planFiltersOfVpcs(context);
  plan.nextStage();
  for (const [name, reason] of departures.vpcs) {
    const vpc = current.vpcs.get(name);
    const realm = realmNow(context, vpc);
    plan.add('DeleteVpc', { VpcId: vpc?.vpcId }, { realm, subject: `VPC ${name}`, reason });
  }
  for (const vpc of lab.vpcs.values()) {
    const now = departures.vpcs.has(vpc.name) ? undefined : current.vpcs.get(vpc.name);
    for (const { associationId, cidr } of now?.cidrs.slice(1) ?? []) {
      if (vpc.cidrs.some((wanted) => cidrEquals(wanted, cidr))) continue;
      const reason = `block ${formatCidr(cidr)} is not in the lab file any more`;
      const input = { AssociationId: associationId };
      const { realm } = vpc;
      plan.add('DisassociateVpcCidrBlock', input, { realm, subject: `VPC ${vpc.name}`, reason });
    }
  }
}

/** Route tables, DHCP options, filters and roles that nothing is associated with any more. */
export function planLastDeletions(context: PlanContext): void {
  const { lab, current, departures, plan } = context;
  plan.nextStage();
  for (const [key, table] of current.routeTables) {
    if (lab.routeTables.has(key) || keptTable(context, key) === undefined) continue;
    const input = { RouteTableId: table.routeTableId };
    const realm = realmNow(context, table);
    plan.add('DeleteRouteTable', input, { realm, subject: `route table ${key}`, reason: REMOVED });
  }
  for (const [name, options] of current.dhcpOptions) {
    const id = options.dhcpOptionsId;
    const stillUsed = !plan.actions.some(
      ({ action, subject }) => action === 'AssociateDhcpOptions' && subject === `VPC ${name}`,
    );
    if (stillUsed && lab.vpcs.has(name) && !departures.vpcs.has(name)) continue;
    const subject = `DHCP options of VPC ${name}`;
    const realm = realmOfRow(current, 'dhcpOptions', id, lab.home);
    const reason = 'no VPC uses them any more';
    plan.add('DeleteDhcpOptions', { DhcpOptionsId: id }, { realm, subject, reason });
  }
  planLastGroupDeletions(context);
  planLastFilterDeletions(context);
  planRoleDeletions(context);
}
