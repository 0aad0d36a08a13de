/**
 * Lab and what there is of it to a plan: the actions, in order, that make the one into the other.
 * Nothing is done here; `apply.ts` does it, and `vpclab plan` shows it.
 *
 * Order: what must go first (its addresses and blocks may be wanted again), then networks, filters
 * and gateways, interfaces and instances with their public addresses, load balancers in front of
 * them, then routes, which point at instances, gateways and endpoints; last what nothing uses any more.
 */
import type { LabFabric } from '../../model/snapshot.ts';
import type { Lab } from '../lab.ts';
import type { PlanContext } from './context.ts';
import { currentLab } from './current.ts';
import { planDeletions, planLastDeletions } from './deletions.ts';
import { planAddressAssociations, planElasticAddresses } from './elastic-addresses.ts';
import { planFlowLogs } from './flow-logs.ts';
import { FreeAddresses } from './free-addresses.ts';
import {
  planEdgeTables,
  planEndpoints,
  planNatGateways,
  planPeerings,
  planVpcGateways,
} from './gateways.ts';
import { planHostedZones } from './hosted-zones.ts';
import { planInstances, planInterfaces } from './instances.ts';
import { planIpv6Addresses } from './ipv6.ts';
import { planLoadBalancing } from './load-balancing.ts';
import { planNetworkAcls } from './network-acls.ts';
import { type PlannedAction, PlanWriter } from './planned-action.ts';
import { planPrefixLists } from './prefix-lists.ts';
import { findDepartures } from './replacements.ts';
import { planInstanceRoles, planRoles } from './roles.ts';
import { planRoutes, planRouteTables } from './routes.ts';
import { planSecurityGroups } from './security-groups.ts';
import { planSubnets, planVpcs } from './vpcs.ts';

/**
 * @param fabric null: nothing was made yet.
 * @param imageIdOf The image to launch a lab instance from; an id that differs from that of the
 *   running instance says that its launch settings changed.
 */
export function planLab(
  lab: Lab,
  fabric: LabFabric | null,
  imageIdOf: (instance: string) => string,
): PlannedAction[] {
  const current = currentLab(lab.name, fabric);
  const departures = findDepartures(lab, current, imageIdOf);
  const free = new FreeAddresses(lab, current);
  const plan = new PlanWriter();
  const context: PlanContext = { lab, current, departures, free, imageIdOf, plan };
  planDeletions(context);
  planVpcs(context);
  planVpcGateways(context);
  planHostedZones(context);
  planPrefixLists(context);
  planSecurityGroups(context);
  planSubnets(context);
  planNetworkAcls(context);
  planRouteTables(context);
  planEdgeTables(context);
  planElasticAddresses(context);
  planNatGateways(context);
  planEndpoints(context);
  planPeerings(context);
  planInterfaces(context);
  planRoles(context);
  planInstances(context);
  planInstanceRoles(context);
  planIpv6Addresses(context);
  planAddressAssociations(context);
  planLoadBalancing(context);
  planRoutes(context);
  planFlowLogs(context);
  planLastDeletions(context);
  return plan.actions;
}
