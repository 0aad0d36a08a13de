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
import { type Fabric, isSameRealm, type Realm, type Snapshot } from '../model/snapshot.ts';
import { emptySnapshot, type RegionSettings } from '../model/store.ts';
import { World } from '../model/world.ts';
import { isOpenRegion, zonesOf } from '../model/zones.ts';
import { AccountFile } from './account-file.ts';
import { actionEnvironment } from './action-environment.ts';

export interface AccountsSetup {
  /** The region of the lab file; rules, settings and quotas are those of every region. */
  readonly home: RegionSettings;
  /** false: as if the account had deleted its default VPC at home. */
  readonly hasDefaultVpc: boolean;
  /** Makes ids and addresses repeat. */
  readonly seed: string;
}

export class LabAccounts {
  readonly #setup: AccountsSetup;
  readonly #observer: () => Observer;
  readonly #file: AccountFile;
  readonly #world: World;
  readonly #blueprints: Map<ImageId, Blueprint>;
  readonly #ids = new Map<string, IdSource>();

  /** @param path The file; what it holds is where the accounts go on from. */
  constructor(setup: AccountsSetup, path: string, observer: () => Observer) {
    this.#setup = setup;
    this.#observer = observer;
    this.#file = new AccountFile(path, (realm) => {
      const settings = this.#regionSettings(realm);
      return settings === null ? null : emptySnapshot(settings);
    });
    this.#blueprints = new Map([...builtInBlueprints(), ...this.#file.kept.images]);
    this.#world = new World(
      {
        home: setup.home,
        found: (realm) => this.#found(realm),
        onCommit: (drafts) => this.#file.recordChanges(drafts),
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

  /** Makes images known to RunInstances at home, beside those known already. */
  addImages(blueprints: ReadonlyMap<ImageId, Blueprint>): void {
    this.#world.editor(this.#setup.home).edit((draft) => {
      for (const [imageId, blueprint] of blueprints) {
        this.#blueprints.set(imageId, blueprint);
        this.#file.recordImage(imageId, blueprint);
        draft.put('images', imageId, ownImage(imageId, blueprint.image));
      }
    });
  }

  /** @param realm Of a region that there is. @throws ApiError with AWS's code: nothing has changed then. */
  perform(action: string, input: ActionInput, realm: Realm): ActionOutput {
    if (this.#file.isOvergrown) this.#file.rewrite(this.#world.snapshots);
    return performAction(this.#world.editor(realm), action, input, this.#environment(realm));
  }

  /** Puts all accounts and regions back to what AWS gives to new ones; images of the lab file stay. */
  reset(): void {
    this.#file.rewrite([]);
    this.#world.reset();
    const builtIn = builtInBlueprints();
    this.addImages(new Map([...this.#blueprints].filter(([imageId]) => !builtIn.has(imageId))));
  }

  close(): void {
    this.#file.close();
  }

  #found(realm: Realm): Snapshot | null {
    const settings = this.#regionSettings(realm);
    if (settings === null) return null;
    const hasDefaultVpc = this.#setup.hasDefaultVpc || !isSameRealm(realm, this.#setup.home);
    const made = newRegion(settings, this.#environment(realm), { hasDefaultVpc });
    this.#file.recordRegion(made);
    return made;
  }

  /** @returns null for a region that AWS has not, or that an account must ask for first. */
  #regionSettings(realm: Realm): RegionSettings | null {
    const { home } = this.#setup;
    const { accountId, region } = realm;
    if (region === home.region) return { ...home, accountId };
    if (!isOpenRegion(region)) return null;
    return { ...home, accountId, region, availabilityZones: zonesOf(region) };
  }

  #environment(realm: Realm): ActionEnvironment {
    return actionEnvironment(this.#idsOf(realm), Date.now(), this.#observer());
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
