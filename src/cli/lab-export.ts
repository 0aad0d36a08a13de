/**
 * The state of a running lab on its way out: what the AWS CLI would print of it, and what AWS's
 * answers have no words for. The controller answers it whole, of one moment.
 */
import { createIdSource } from '../actions/ids.ts';
import { ACTIONS, performAction } from '../actions/table.ts';
import { type AwsDocument, describeRegion } from '../api/documents.ts';
import { actionEnvironment } from '../engine/action-environment.ts';
import type { ControlRoutes } from '../engine/control-server.ts';
import type { LabController } from '../engine/controller.ts';
import type { HostedZone } from '../model/hosted-zones.ts';
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

export interface LabExport {
  readonly documents: readonly AwsDocument[];
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

export function exportRoutes(controller: Pick<LabController, 'snapshot'>): ControlRoutes {
  return new Map([[EXPORT_PATH, async () => exportOf(controller.snapshot)]]);
}

export function exportOf(snapshot: Snapshot): LabExport {
  // Describing draws no ids and no numbers.
  const environment = actionEnvironment(createIdSource('export'), Date.now());
  const documents = describeRegion(snapshot, ACTIONS.values(), (action, input) =>
    performAction(new Store(snapshot), action, input, environment),
  );
  const { region, availabilityZones: zones, rules } = snapshot;
  return {
    documents,
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

function changedOf<R extends object>(now: R, usual: R): Partial<R> {
  const defaults = new Map<string, unknown>(Object.entries(usual));
  const changed = Object.entries(now).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(defaults.get(name)),
  );
  return Object.fromEntries(changed) as Partial<R>;
}
