/**
 * The accounts of a lab: all that its API knows, changed by actions only, kept in a file (`account-file.ts`).
 * Everything here is done at once: whoever asks next sees it whole.
 */
import { newRegion } from '../actions/account/new-region.ts';
import type { ActionEnvironment, ActionInput, ActionOutput, Observer } from '../actions/action.ts';
import { createIdSource, type IdSource } from '../actions/ids.ts';
import { performAction } from '../actions/table.ts';
import type { Blueprint } from '../instances/blueprint.ts';
import { builtInBlueprints } from '../instances/images.ts';
import type { ImageId } from '../model/ids.ts';
import { ownImage } from '../model/images.ts';
import { isInternet, isSameRealm, type Realm } from '../model/realm.ts';
import type { Fabric, LabFabric, Snapshot } from '../model/snapshot.ts';
import { Draft, emptySnapshot, type RegionSettings } from '../model/store.ts';
import { World } from '../model/world.ts';
import { AccountFile } from './account-file.ts';
import { actionEnvironment } from './action-environment.ts';
import { Past } from './past.ts';
import { settingsOfRegion } from './region-settings.ts';

export interface AccountsSetup {
  /** The region of the lab file; rules, settings and quotas are those of every region. */
  readonly home: RegionSettings;
  /** false: as if the account had deleted its default VPC at home. */
  readonly hasDefaultVpc: boolean;
  /** Makes ids and addresses repeat. */
  readonly seed: string;
}

/** All regions of all accounts; whoever may call can make one up, so there must be an end. */
const MAX_REGIONS = 1000;

export class LabAccounts {
  readonly #setup: AccountsSetup;
  readonly #observer: () => Observer;
  readonly #file: AccountFile;
  readonly #world: World;
  readonly #blueprints: Map<ImageId, Blueprint>;
  readonly #ids = new Map<string, IdSource>();
  readonly #past: Past;
  readonly #nowMs: () => number;

  /**
   * @param path The file; what it holds is where the accounts go on from.
   * @param nowMs Milliseconds since the epoch.
   */
  constructor(
    setup: AccountsSetup,
    path: string,
    observer: () => Observer,
    nowMs: () => number = Date.now,
  ) {
    this.#setup = setup;
    this.#observer = observer;
    this.#nowMs = nowMs;
    this.#past = new Past(setup.home.settings.eventualConsistencyMs);
    this.#file = new AccountFile(path, (realm) => {
      const settings = settingsOfRegion(setup.home, realm);
      return settings === null ? null : emptySnapshot(settings);
    });
    this.#blueprints = new Map([...builtInBlueprints(), ...this.#file.kept.images]);
    this.#world = new World(
      {
        home: setup.home,
        found: (realm) => this.#found(realm),
        onCommit: (drafts) => this.#record(drafts),
      },
      this.#file.kept.regions,
    );
  }

  /** The region of the lab file. */
  get home(): Snapshot {
    return this.#world.home;
  }

  /** All regions of all accounts: the same object until something changes. */
  get fabric(): Fabric {
    return this.#world.fabric;
  }

  /** Those regions that the lab file has to do with; the same object until something changes. */
  get own(): LabFabric {
    return this.#world.own;
  }

  /** Whether they go on from where another controller was killed. */
  get isRestored(): boolean {
    return this.#file.kept.starts > 0;
  }

  get blueprints(): ReadonlyMap<ImageId, Blueprint> {
    return this.#blueprints;
  }

  /** @returns the region, made now if need be; null when the account cannot use it. */
  regionOf(realm: Realm): Snapshot | null {
    return this.#world.snapshotOf(realm);
  }

  /** Makes images known to RunInstances of the lab's own account in all regions, beside those known already. */
  addImages(blueprints: ReadonlyMap<ImageId, Blueprint>): void {
    for (const [imageId, blueprint] of blueprints) {
      this.#blueprints.set(imageId, blueprint);
      this.#file.recordImage(imageId, blueprint);
    }
    for (const region of this.#world.own.regions)
      this.#world.editor(region).edit((draft) => putImages(draft, blueprints));
  }

  /**
   * @param realm Of a region that there is.
   * @param isInstant Whatever the timing of the lab is, nothing takes time and nothing is under way.
   * @throws ApiError with AWS's code: nothing has changed then.
   */
  perform(action: string, input: ActionInput, realm: Realm, isInstant = false): ActionOutput {
    if (this.#file.isOvergrown) this.#file.rewrite(this.#world.snapshots);
    const environment = { ...this.#environment(realm), isInstant };
    return performAction(this.#world.editor(realm), action, input, environment);
  }

  /**
   * Tells what an action would have answered. Nothing changes.
   * @param timeMs Milliseconds since the epoch, within the lab's `eventualConsistencyMs`.
   * @throws ApiError with AWS's code.
   */
  performInPast(action: string, input: ActionInput, realm: Realm, timeMs: number): ActionOutput {
    const regions = this.#world.snapshots.map((each) => this.#past.at(each, timeMs) ?? each);
    const past = new World({ home: realm, found: () => null }, regions);
    // What is drawn there is thrown away, and must not be missed here.
    const ids = createIdSource(`${timeMs}`);
    const environment = actionEnvironment(ids, this.#nowMs(), this.#observer());
    return performAction(past.editor(realm), action, input, environment);
  }

  /** Puts all accounts and regions back to what AWS gives to new ones; images of the lab file stay. */
  reset(): void {
    this.#file.rewrite([]);
    this.#world.reset();
    this.#past.clear();
  }

  close(): void {
    this.#file.close();
  }

  #record(drafts: readonly Draft[]): void {
    this.#file.recordChanges(drafts);
    for (const { snapshot } of drafts) {
      const replaced = this.#world.snapshotOf(snapshot);
      if (replaced !== null) this.#past.record(replaced, this.#nowMs());
    }
  }

  #found(realm: Realm): Snapshot | null {
    const settings = settingsOfRegion(this.#setup.home, realm);
    if (settings === null || this.#ids.size >= MAX_REGIONS) return null;
    const draft = new Draft(this.#newRegion(settings));
    if (isInternet(realm) || realm.accountId === this.#setup.home.accountId)
      putImages(draft, this.#ownBlueprints());
    this.#file.recordRegion(draft.snapshot);
    return draft.snapshot;
  }

  #newRegion(settings: RegionSettings): Snapshot {
    const isHome = isSameRealm(settings, this.#setup.home);
    const hasDefaultVpc = isHome ? this.#setup.hasDefaultVpc : !isInternet(settings);
    return newRegion(settings, this.#environment(settings), { hasDefaultVpc });
  }

  /** Those of the lab file. */
  #ownBlueprints(): ReadonlyMap<ImageId, Blueprint> {
    const builtIn = builtInBlueprints();
    return new Map([...this.#blueprints].filter(([imageId]) => !builtIn.has(imageId)));
  }

  #environment(realm: Realm): ActionEnvironment {
    const environment = actionEnvironment(this.#idsOf(realm), this.#nowMs(), this.#observer());
    return { ...environment, fabric: () => this.#world.fabric };
  }

  /** A region has a source of its own, so that its ids do not depend on what other regions do. */
  #idsOf(realm: Realm): IdSource {
    const { seed, home } = this.#setup;
    const { starts } = this.#file.kept;
    const place = isSameRealm(realm, home) ? '' : `/${realm.accountId}/${realm.region}`;
    const known = this.#ids.get(place);
    if (known !== undefined) return known;
    // What was drawn before a restart must not be drawn again.
    const made = createIdSource(`${seed}${place}${starts === 0 ? '' : `#${starts}`}`);
    this.#ids.set(place, made);
    return made;
  }
}

function putImages(draft: Draft, blueprints: ReadonlyMap<ImageId, Blueprint>): void {
  for (const [imageId, { image }] of blueprints)
    draft.put('images', imageId, ownImage(imageId, image));
}
