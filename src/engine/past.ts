/** What the regions were like a moment ago, for requests that see an older state than the newest. */
import type { Realm } from '../model/realm.ts';
import type { Snapshot } from '../model/snapshot.ts';

/** Of a region; more changes than that in the time make it a little shorter. */
const MAX_SNAPSHOTS = 128;

interface PastSnapshot {
  readonly snapshot: Snapshot;
  /** When it came to be replaced. */
  readonly untilMs: number;
}

export class Past {
  readonly #keptMs: number;
  /** Oldest first. */
  readonly #regions = new Map<string, PastSnapshot[]>();

  /** @param keptMs How far back it goes; 0 keeps nothing. */
  constructor(keptMs: number) {
    this.#keptMs = keptMs;
  }

  /** Takes a snapshot that is replaced now. */
  record(snapshot: Snapshot, nowMs: number): void {
    if (this.#keptMs === 0) return;
    const key = keyOf(snapshot);
    const kept = this.#regions.get(key) ?? [];
    const young = kept.filter(({ untilMs }) => untilMs > nowMs - this.#keptMs);
    this.#regions.set(key, [...young.slice(1 - MAX_SNAPSHOTS), { snapshot, untilMs: nowMs }]);
  }

  /** @returns the region as it was at the time; null: as it is. */
  at(realm: Realm, timeMs: number): Snapshot | null {
    const kept = this.#regions.get(keyOf(realm)) ?? [];
    return kept.find(({ untilMs }) => untilMs > timeMs)?.snapshot ?? null;
  }

  clear(): void {
    this.#regions.clear();
  }
}

function keyOf({ accountId, region }: Realm): string {
  return `${accountId}/${region}`;
}
