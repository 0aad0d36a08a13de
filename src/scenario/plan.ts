/**
 * Lab and snapshot to a plan: the EC2 actions, in order, that make the one into the other.
 * Nothing is done here; `apply.ts` does it, and `vpclab plan` shows it.
 *
 * Order: what must go first (its addresses and blocks may be wanted again), then networks,
 * interfaces and instances, then routes, which point at instances; last what nothing uses any more.
 */
import type { Snapshot } from '../model/records.ts';
import { currentLab } from './current.ts';
import { FreeAddresses } from './free-addresses.ts';
import type { Lab } from './lab.ts';
import type { PlanContext } from './plan-context.ts';
import { planDeletions, planLastDeletions } from './plan-deletions.ts';
import { planInstances, planInterfaces } from './plan-instances.ts';
import { planIpv6Addresses } from './plan-ipv6.ts';
import { planRoutes, planRouteTables } from './plan-routes.ts';
import { type PlannedAction, PlanWriter } from './plan-types.ts';
import { planSubnets, planVpcs } from './plan-vpcs.ts';
import { findDepartures } from './replacements.ts';

/**
 * @param snapshot null: nothing was made yet.
 * @param imageIdOf The image to launch a lab instance from; an id that differs from that of the
 *   running instance says that its launch settings changed.
 */
export function planLab(
  lab: Lab,
  snapshot: Snapshot | null,
  imageIdOf: (instance: string) => string,
): PlannedAction[] {
  const current = currentLab(lab.name, snapshot);
  const departures = findDepartures(lab, current, imageIdOf);
  const free = new FreeAddresses(lab, current);
  const plan = new PlanWriter();
  const context: PlanContext = { lab, current, departures, free, imageIdOf, plan };
  planDeletions(context);
  planVpcs(context);
  planSubnets(context);
  planRouteTables(context);
  planInterfaces(context);
  planInstances(context);
  planIpv6Addresses(context);
  planRoutes(context);
  planLastDeletions(context);
  return plan.actions;
}
