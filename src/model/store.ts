/**
 * The holder of the current snapshot of a region. An action edits a draft; the draft replaces the
 * snapshot whole or, when the action throws, not at all.
 */
import type { DhcpOptionsId } from './ids.ts';
import { builtInImages } from './images.ts';
import { isSameRealm, type Realm } from './realm.ts';
import type { FabricSettings, Quotas, RuleSet } from './settings.ts';
import type { Snapshot } from './snapshot.ts';

/** The tables of a snapshot: its maps. */
export type TableName = {
  [K in keyof Snapshot]: Snapshot[K] extends ReadonlyMap<infer _Id, infer _Row> ? K : never;
}[keyof Snapshot];

/** @returns the names of the tables. */
export function tableNames(snapshot: Snapshot): TableName[] {
  return Object.entries(snapshot)
    .filter(([, value]) => value instanceof Map)
    .map(([name]) => name as TableName);
}

/** One row that an edit has changed. */
export interface RowChange {
  readonly table: TableName;
  readonly id: string;
}

type IdOf<T extends TableName> =
  Snapshot[T] extends ReadonlyMap<infer Id extends string, infer _Row> ? Id : never;
type RowOf<T extends TableName> =
  Snapshot[T] extends ReadonlyMap<infer _Id, infer Row> ? Row : never;

export interface RegionSettings extends Realm {
  readonly availabilityZones: readonly string[];
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
    eniPermissions: new Map(),
    instances: new Map(),
    roles: new Map(),
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
    transitGateways: new Map(),
    transitGatewayAttachments: new Map(),
    transitGatewayRouteTables: new Map(),
    transitGatewayPolicyTables: new Map(),
    transitGatewayConnectPeers: new Map(),
    transitGatewayMulticastDomains: new Map(),
    carrierGateways: new Map(),
    vpcEndpoints: new Map(),
    endpointServices: new Map(),
    connectionNotifications: new Map(),
    loadBalancers: new Map(),
    targetGroups: new Map(),
    targets: new Map(),
    hostedZones: new Map(),
    networkInsightsPaths: new Map(),
    networkInsightsAnalyses: new Map(),
    transitions: new Map(),
    gone: new Map(),
  };
}

/** A copy-on-write edit of a snapshot: a table is copied at its first change. */
export class Draft {
  #snapshot: Snapshot;
  readonly #changes = new Map<TableName, Set<string>>();

  constructor(base: Snapshot) {
    this.#snapshot = { ...base, revision: base.revision + 1 };
  }

  /** Whether anything was edited. */
  get changed(): boolean {
    return this.#changes.size > 0;
  }

  /** The rows that were put or deleted, each once. */
  get changes(): RowChange[] {
    return [...this.#changes].flatMap(([table, ids]) => [...ids].map((id) => ({ table, id })));
  }

  /** The state with all edits so far. */
  get snapshot(): Snapshot {
    return this.#snapshot;
  }

  /** Adds the row, or replaces the one of that id in its place. */
  put<T extends TableName>(table: T, id: IdOf<T>, row: RowOf<T>): void {
    this.#change(table, id).set(id, row);
  }

  delete<T extends TableName>(table: T, id: IdOf<T>): void {
    this.#change(table, id).delete(id);
  }

  /** Leaves out the transitions that are over. This is no change: they tell nothing any more. */
  endTransitions(nowMs: number): void {
    const { transitions } = this.#snapshot;
    const live = [...transitions].filter(([, { untilMs }]) => untilMs > nowMs);
    if (live.length === transitions.size) return;
    this.#snapshot = { ...this.#snapshot, transitions: new Map(live) };
  }

  /** Names the option set that new VPCs of the region get. */
  setDefaultDhcpOptions(id: DhcpOptionsId | null): void {
    this.#snapshot = { ...this.#snapshot, defaultDhcpOptionsId: id };
  }

  #change<T extends TableName>(table: T, id: IdOf<T>): Map<IdOf<T>, RowOf<T>> {
    let ids = this.#changes.get(table);
    if (ids === undefined) {
      const copy = new Map(this.#snapshot[table] as ReadonlyMap<unknown, unknown>);
      this.#snapshot = { ...this.#snapshot, [table]: copy };
      ids = new Set();
      this.#changes.set(table, ids);
    }
    ids.add(id);
    return this.#snapshot[table] as unknown as Map<IdOf<T>, RowOf<T>>;
  }
}

/** Gives the draft of another region in the same edit; null where there is no such region. */
export type DraftOf = (realm: Realm) => Draft | null;

/** What actions are performed on: one region, and whatever it can reach. */
export interface Editor {
  readonly snapshot: Snapshot;
  /** Runs an edit; one that throws or changes nothing leaves all snapshots as they were. */
  edit<R>(change: (draft: Draft, draftOf: DraftOf) => R): R;
}

/** A region alone. */
export class Store implements Editor {
  #snapshot: Snapshot;

  constructor(initial: Snapshot) {
    this.#snapshot = initial;
  }

  get snapshot(): Snapshot {
    return this.#snapshot;
  }

  edit<R>(change: (draft: Draft, draftOf: DraftOf) => R): R {
    const draft = new Draft(this.#snapshot);
    const result = change(draft, (realm) => (isSameRealm(realm, draft.snapshot) ? draft : null));
    if (draft.changed) this.#snapshot = draft.snapshot;
    return result;
  }
}
