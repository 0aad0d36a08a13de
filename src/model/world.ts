/**
 * All regions of all accounts of a lab. A region is made when it is first used; what packets go by
 * is the union of all (`fabric`), in which no two objects have the same id.
 */
import { isInternet, type Realm } from './realm.ts';
import type { Fabric, LabFabric, Snapshot } from './snapshot.ts';
import { Draft, type DraftOf, type Editor, type TableName, tableNames } from './store.ts';

export interface WorldSetup {
  /** The region that the lab file is of. */
  readonly home: Realm;
  /** Makes the region as AWS gives it to a new account; null when AWS has none of that name. */
  readonly found: (realm: Realm) => Snapshot | null;
  /** Is told of each edit that has changed something, before it takes effect; throwing undoes it. */
  readonly onCommit?: (drafts: readonly Draft[]) => void;
}

export class World {
  readonly #setup: WorldSetup;
  readonly #snapshots = new Map<string, Snapshot>();
  readonly #union = new Union();
  readonly #ownUnion = new Union();
  #fabric: Fabric | null = null;
  #own: LabFabric | null = null;

  /** @param kept The regions as they were left; those that are not in it are made anew. */
  constructor(setup: WorldSetup, kept: Iterable<Snapshot> = []) {
    this.#setup = setup;
    for (const snapshot of kept) this.#snapshots.set(keyOf(snapshot), snapshot);
    this.snapshotOf(setup.home);
  }

  get home(): Snapshot {
    return this.#require(this.#setup.home);
  }

  /** The regions that were used, in the order of their first use. */
  get snapshots(): readonly Snapshot[] {
    return [...this.#snapshots.values()];
  }

  /** The union of all regions: the same object until something changes, and so is each of its tables. */
  get fabric(): Fabric {
    this.#fabric ??= this.#union.of(this.home, this.snapshots);
    return this.#fabric;
  }

  /** What the lab file has to do with: the regions of the account at home, and the internet. */
  get own(): LabFabric {
    this.#own ??= this.#joinOwn();
    return this.#own;
  }

  /** @returns the region, made now if need be; null when AWS has none of that name. */
  snapshotOf(realm: Realm): Snapshot | null {
    const known = this.#snapshots.get(keyOf(realm));
    if (known !== undefined) return known;
    const made = this.#setup.found(realm);
    if (made !== null) this.#put(made);
    return made;
  }

  /** @param realm Of a region that there is. */
  editor(realm: Realm): Editor {
    const snapshotOf = (): Snapshot => this.#require(realm);
    return {
      get snapshot() {
        return snapshotOf();
      },
      edit: (change) => this.#edit(realm, change),
    };
  }

  /** Puts all regions back to what a new account has. */
  reset(): void {
    this.#snapshots.clear();
    this.#forgetUnions();
    this.snapshotOf(this.#setup.home);
  }

  #edit<R>(realm: Realm, change: (draft: Draft, draftOf: DraftOf) => R): R {
    const drafts = new Map<string, Draft>();
    const draftOf = (other: Realm): Draft | null => {
      const snapshot = this.snapshotOf(other);
      if (snapshot === null) return null;
      const draft = drafts.get(keyOf(other)) ?? new Draft(snapshot);
      drafts.set(keyOf(other), draft);
      return draft;
    };
    const own = new Draft(this.#require(realm));
    drafts.set(keyOf(realm), own);
    const result = change(own, draftOf);
    const changed = [...drafts].filter(([, { changed: isChanged }]) => isChanged);
    if (changed.length === 0) return result;
    this.#setup.onCommit?.(changed.map(([, draft]) => draft));
    for (const [, { snapshot }] of changed) this.#put(snapshot);
    return result;
  }

  #put(snapshot: Snapshot): void {
    this.#snapshots.set(keyOf(snapshot), snapshot);
    this.#forgetUnions();
  }

  #forgetUnions(): void {
    this.#fabric = null;
    this.#own = null;
  }

  #joinOwn(): LabFabric {
    const { accountId } = this.#setup.home;
    const regions = this.snapshots.filter(
      (each) => each.accountId === accountId || isInternet(each),
    );
    return { ...this.#ownUnion.of(this.home, regions), regions };
  }

  #require(realm: Realm): Snapshot {
    const snapshot = this.snapshotOf(realm);
    if (snapshot === null) throw new Error(`there is no region "${realm.region}"`);
    return snapshot;
  }
}

function keyOf({ accountId, region }: Realm): string {
  return `${accountId}/${region}`;
}

/** Joins the tables of regions, and keeps what it has joined for as long as the parts are the same. */
class Union {
  readonly #joined = new Map<
    TableName,
    { readonly parts: readonly Table[]; readonly table: Table }
  >();

  of(home: Snapshot, snapshots: readonly Snapshot[]): Fabric {
    if (snapshots.length === 1) return home;
    const tables = tableNames(home).map((name) => {
      const parts = snapshots.map((each): Table => each[name]).filter(({ size }) => size > 0);
      return [name, this.#join(name, parts, home[name])];
    });
    const revision = snapshots.reduce((sum, each) => sum + each.revision, 0);
    return { ...home, ...Object.fromEntries(tables), revision } as Fabric;
  }

  #join(name: TableName, parts: readonly Table[], empty: Table): Table {
    const [first = empty, ...others] = parts;
    if (others.length === 0) return first;
    const before = this.#joined.get(name);
    if (before !== undefined && isSameList(before.parts, parts)) return before.table;
    const table = new Map(parts.flatMap((part) => [...part]));
    this.#joined.set(name, { parts, table });
    return table;
  }
}

type Table = ReadonlyMap<string, unknown>;

function isSameList(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((each, place) => each === other[place]);
}
