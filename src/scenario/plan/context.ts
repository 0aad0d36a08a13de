/** What the parts of the planner share. */
import type { VpcId } from '../../model/ids.ts';
import type { Realm } from '../../model/realm.ts';
import type { Lab } from '../lab.ts';
import type { CurrentLab } from './current.ts';
import type { FreeAddresses } from './free-addresses.ts';
import type { PlanWriter } from './planned-action.ts';
import type { Departures } from './replacements.ts';

export interface PlanContext {
  readonly lab: Lab;
  readonly current: CurrentLab;
  readonly departures: Departures;
  readonly free: FreeAddresses;
  readonly imageIdOf: (instance: string) => string;
  readonly plan: PlanWriter;
}

/** @returns the object that exists and stays, or undefined. */
export function kept<Row>(
  now: ReadonlyMap<string, Row>,
  leaving: ReadonlyMap<string, string>,
  name: string,
): Row | undefined {
  return leaving.has(name) ? undefined : now.get(name);
}

/** @param key `vpc/name`. @returns the object when it exists and its VPC stays. */
export function keptInVpc<Row>(
  { departures }: PlanContext,
  now: ReadonlyMap<string, Row>,
  key: string,
): Row | undefined {
  return departures.vpcs.has(key.slice(0, key.indexOf('/'))) ? undefined : now.get(key);
}

/** @returns true when the VPC has an IPv6 block once the plan is done. */
export function hasIpv6({ lab }: PlanContext, vpc: string): boolean {
  return (lab.vpcs.get(vpc)?.ipv6 ?? null) !== null;
}

/** @param key Of a VPC of the lab file, or `vpc/name`. @returns where the file has it. */
export function realmOf({ lab }: Pick<PlanContext, 'lab'>, key: string): Realm {
  const [vpc = ''] = key.split('/');
  return lab.vpcs.get(vpc)?.realm ?? lab.home;
}

/** @returns where something is that is in a VPC. */
export function realmNow(
  { lab, current }: Pick<PlanContext, 'lab' | 'current'>,
  object: { readonly vpcId: VpcId } | undefined,
): Realm {
  const vpc = object === undefined ? undefined : current.fabric?.vpcs.get(object.vpcId);
  return vpc?.realm ?? lab.home;
}

/** @param leaving Why an object of that name goes, when one does. */
export function creationReason(leaving: ReadonlyMap<string, string>, name: string): string {
  return leaving.get(name) ?? 'not there yet';
}

/** @returns the ids of the instances that will be terminated. */
export function leavingInstances({ current, departures }: PlanContext): ReadonlySet<string> {
  const names = [...departures.instances.keys()];
  return new Set(names.flatMap((name) => current.instances.get(name)?.instanceId ?? []));
}
