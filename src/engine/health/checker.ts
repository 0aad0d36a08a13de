/**
 * Checks targets, each at its own interval, for as long as it is told to. It says what it finds when
 * that has changed; nothing here waits for anybody.
 */
import type { TargetKey } from '../../model/ids.ts';
import type { Target } from '../../model/load-balancers.ts';
import type { Alarm } from '../late-changes.ts';
import {
  type Finding,
  type Health,
  healthAfter,
  nextProbeMs,
  UNKNOWN_HEALTH,
} from './health-state.ts';
import type { WatchedTarget } from './watched-targets.ts';

interface CheckerSetup {
  /** Asks once. @param signal Ends it early. */
  readonly probe: (watched: WatchedTarget, signal: AbortSignal) => Promise<Finding>;
  /** Takes what a target has come to be. */
  readonly report: (target: Target, health: Health) => void;
  readonly alarm: Alarm;
}

/** The checks of one target. */
interface Check {
  readonly watched: WatchedTarget;
  health: Health;
  callOff: () => void;
  readonly end: AbortController;
}

export class Checker {
  readonly #setup: CheckerSetup;
  readonly #checks = new Map<TargetKey, Check>();

  constructor(setup: CheckerSetup) {
    this.#setup = setup;
  }

  /** Checks these targets from now on, and no others; those that are new at once. */
  follow(watched: readonly WatchedTarget[]): void {
    const wanted = new Map(watched.map((each) => [each.target.targetKey, each]));
    for (const [key, check] of this.#checks) if (!wanted.has(key)) this.#end(check);
    for (const each of wanted.values()) this.#followOne(each);
  }

  close(): void {
    this.follow([]);
  }

  #followOne(watched: WatchedTarget): void {
    const check = this.#checks.get(watched.target.targetKey);
    const isKnown = check !== undefined && isSameTarget(check, watched);
    if (isKnown && isSameWay(check.watched, watched)) return;
    if (check !== undefined) this.#end(check);
    // Another way to ask the same target leaves standing what is known of it.
    const health = isKnown ? { ...check.health, streak: 0 } : UNKNOWN_HEALTH;
    if (watched.target.state !== health.state) this.#setup.report(watched.target, health);
    this.#begin(watched, health);
  }

  #begin(watched: WatchedTarget, health: Health): void {
    const check = { watched, health, callOff: () => undefined, end: new AbortController() };
    this.#checks.set(watched.target.targetKey, check);
    void this.#probe(check);
  }

  #end(check: Check): void {
    this.#checks.delete(check.watched.target.targetKey);
    check.callOff();
    check.end.abort();
  }

  async #probe(check: Check): Promise<void> {
    const { probe, report, alarm } = this.#setup;
    const { watched, end, health } = check;
    const startedMs = alarm.nowMs();
    const finding = await probe(watched, end.signal);
    if (end.signal.aborted) return;
    check.health = healthAfter(health, finding, watched.check);
    const nowMs = alarm.nowMs();
    const waitMs = nextProbeMs(startedMs, nowMs, watched.check) - nowMs;
    check.callOff = alarm.after(waitMs, () => void this.#probe(check));
    if (check.health.state !== health.state) report(watched.target, check.health);
  }
}

/** It is another when somebody has put it back to where nothing is known, as by a registration. */
function isSameTarget({ health, watched }: Check, { address, target }: WatchedTarget): boolean {
  const isForgotten = target.state === 'initial' && health.state !== 'initial';
  return watched.address === address && !isForgotten;
}

function isSameWay(one: WatchedTarget, other: WatchedTarget): boolean {
  return one.nodeId === other.nodeId && one.check === other.check;
}
