/**
 * The one holder of the current snapshot. An action edits a draft; the draft replaces the snapshot
 * whole or, when the action throws, not at all.
 */

import type { DhcpOptionsId } from './ids.ts';
import { builtInImages } from './images.ts';
import type { FabricSettings, Quotas, RuleSet } from './settings.ts';
import type { Snapshot } from './snapshot.ts';

/** The tables of a snapshot: its maps. */
export type TableName = {
  [K in keyof Snapshot]: Snapshot[K] extends ReadonlyMap<infer _Id, infer _Row> ? K : never;
}[keyof Snapshot];

type IdOf<T extends TableName> = Snapshot[T] extends ReadonlyMap<infer Id, infer _Row> ? Id : never;
type RowOf<T extends TableName> =
  Snapshot[T] extends ReadonlyMap<infer _Id, infer Row> ? Row : never;

export interface RegionSettings {
  readonly region: string;
  readonly availabilityZones: readonly string[];
  readonly accountId: string;
  readonly rules: RuleSet;
  readonly settings: FabricSettings;
  readonly quotas: Quotas;
}

/** @returns a region in which nothing was made yet. */
export function emptySnapshot(settings: RegionSettings): Snapshot {
  return {
    ...settings,
    revision: 0,
    defaultDhcpOptionsId: null,
    vpcs: new Map(),
    subnets: new Map(),
    enis: new Map(),
    instances: new Map(),
    reservations: new Map(),
    images: builtInImages(),
    keyPairs: new Map(),
    launchTemplates: new Map(),
    volumes: new Map(),
    answeredRequests: new Map(),
    routeTables: new Map(),
    dhcpOptions: new Map(),
    securityGroups: new Map(),
    networkAcls: new Map(),
    prefixLists: new Map(),
    flowLogs: new Map(),
    elasticAddresses: new Map(),
    internetGateways: new Map(),
    egressOnlyGateways: new Map(),
    natGateways: new Map(),
    customerGateways: new Map(),
    vpnGateways: new Map(),
    vpnConnections: new Map(),
    peerings: new Map(),
  };
}

/** A copy-on-write edit of a snapshot: a table is copied at its first change. */
export class Draft {
  #snapshot: Snapshot;
  readonly #copied = new Set<TableName>();

  constructor(base: Snapshot) {
    this.#snapshot = { ...base, revision: base.revision + 1 };
  }

  /** Whether anything was edited. */
  get changed(): boolean {
    return this.#copied.size > 0;
  }

  /** The state with all edits so far. */
  get snapshot(): Snapshot {
    return this.#snapshot;
  }

  /** Adds the row, or replaces the one of that id in its place. */
  put<T extends TableName>(table: T, id: IdOf<T>, row: RowOf<T>): void {
    this.#table(table).set(id, row);
  }

  delete<T extends TableName>(table: T, id: IdOf<T>): void {
    this.#table(table).delete(id);
  }

  /** Names the option set that new VPCs of the region get. */
  setDefaultDhcpOptions(id: DhcpOptionsId | null): void {
    this.#snapshot = { ...this.#snapshot, defaultDhcpOptionsId: id };
  }

  #table<T extends TableName>(table: T): Map<IdOf<T>, RowOf<T>> {
    if (!this.#copied.has(table)) {
      const copy = new Map(this.#snapshot[table] as ReadonlyMap<unknown, unknown>);
      this.#snapshot = { ...this.#snapshot, [table]: copy };
      this.#copied.add(table);
    }
    return this.#snapshot[table] as unknown as Map<IdOf<T>, RowOf<T>>;
  }
}

export class Store {
  #snapshot: Snapshot;

  constructor(initial: Snapshot) {
    this.#snapshot = initial;
  }

  get snapshot(): Snapshot {
    return this.#snapshot;
  }

  /** Runs an edit; one that throws or changes nothing leaves the snapshot as it was. */
  edit<R>(change: (draft: Draft) => R): R {
    const draft = new Draft(this.#snapshot);
    const result = change(draft);
    if (draft.changed) this.#snapshot = draft.snapshot;
    return result;
  }
}
