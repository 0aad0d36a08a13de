/**
 * The state of a running lab on its way out: what the AWS CLI would print of it, and what AWS's
 * answers have no words for. The controller answers it whole, of one moment.
 */
import { createIdSource } from '../actions/ids.ts';
import { API_ACTIONS, performAction } from '../actions/table.ts';
import { formatIpv4 } from '../addr/ipv4.ts';
import { formatIpv6 } from '../addr/ipv6.ts';
import { type AwsDocument, describeRegion } from '../api/documents.ts';
import { actionEnvironment } from '../engine/action-environment.ts';
import type { ControlRoutes } from '../engine/control-server.ts';
import type { LabController } from '../engine/controller.ts';
import type { HostedZone } from '../model/hosted-zones.ts';
import { isInternet, isSameRealm } from '../model/realm.ts';
import type { Role } from '../model/roles.ts';
import {
  DEFAULT_QUOTAS,
  DEFAULT_SETTINGS,
  type FabricSettings,
  type Quotas,
  type RuleSet,
} from '../model/settings.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { Store } from '../model/store.ts';
import { EXPORT_PATH } from './lab-source.ts';

/** A region with what AWS's answers do not tell of it. */
export interface RegionExport {
  readonly region: string;
  readonly documents: readonly AwsDocument[];
  readonly vpcIds: readonly string[];
}

/** A public host, which no answer of AWS's tells of. */
export interface ExportedHost {
  readonly name: string;
  readonly imageId: string;
  readonly address: string;
  readonly ipv6Address: string | null;
}

export interface LabExport {
  /** Of the region at home. */
  readonly documents: readonly AwsDocument[];
  /** Of the other regions that are in use. */
  readonly others: readonly RegionExport[];
  readonly hosts: readonly ExportedHost[];
  readonly region: string;
  readonly zones: readonly string[];
  readonly rules: RuleSet;
  /** Those that are not AWS's own. */
  readonly quotas: Partial<Quotas>;
  readonly settings: Partial<FabricSettings>;
  readonly hostedZones: readonly HostedZone[];
  readonly roles: readonly Role[];
  /** Ids of images to their names. */
  readonly images: Readonly<Record<string, string>>;
}

export function exportRoutes(
  controller: Pick<LabController, 'snapshot' | 'fabric'>,
): ControlRoutes {
  return new Map([
    [EXPORT_PATH, async () => exportOf(controller.snapshot, controller.fabric.regions)],
  ]);
}

/** @param regions All that the lab has to do with; those that only have what AWS gives are left out. */
export function exportOf(snapshot: Snapshot, regions: readonly Snapshot[]): LabExport {
  const others = regions.filter(
    (each) => !isSameRealm(each, snapshot) && !isInternet(each) && isUsed(each),
  );
  const { region, availabilityZones: zones, rules } = snapshot;
  return {
    documents: documentsOf(snapshot),
    others: others.map((each) => ({
      region: each.region,
      documents: documentsOf(each),
      vpcIds: [...each.vpcs.keys()],
    })),
    hosts: regions.filter(isInternet).flatMap(hostsOf),
    region,
    zones,
    rules,
    quotas: changedOf(snapshot.quotas, DEFAULT_QUOTAS),
    settings: changedOf(snapshot.settings, DEFAULT_SETTINGS),
    hostedZones: [...snapshot.hostedZones.values()],
    roles: [...snapshot.roles.values()],
    images: Object.fromEntries(Array.from(snapshot.images, ([id, { name }]) => [id, name])),
  };
}

function isUsed({ vpcs, enis }: Snapshot): boolean {
  return enis.size > 0 || [...vpcs.values()].some(({ isDefault }) => !isDefault);
}

function documentsOf(snapshot: Snapshot): AwsDocument[] {
  // Describing draws no ids and no numbers.
  const environment = actionEnvironment(createIdSource('export'), Date.now());
  return describeRegion(snapshot, API_ACTIONS.values(), (action, input) =>
    performAction(new Store(snapshot), action, input, environment),
  );
}

function hostsOf({ instances, enis }: Snapshot): ExportedHost[] {
  return [...enis.values()].flatMap(({ attachment, addresses, ipv6Addresses }) => {
    const instance = instances.get(attachment?.instanceId ?? 'i-');
    const name = instance?.tags.get('Name');
    const [address] = addresses.map(formatIpv4);
    const [ipv6Address = null] = ipv6Addresses.map(formatIpv6);
    if (instance === undefined || name === undefined || address === undefined) return [];
    return [{ name, imageId: instance.imageId, address, ipv6Address }];
  });
}

function changedOf<R extends object>(now: R, usual: R): Partial<R> {
  const defaults = new Map<string, unknown>(Object.entries(usual));
  const changed = Object.entries(now).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(defaults.get(name)),
  );
  return Object.fromEntries(changed) as Partial<R>;
}
