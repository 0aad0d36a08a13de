/**
 * The door through which the clients of the API come: what AWS does to a request before, or instead
 * of, what the action does. Without settings of the lab it does nothing.
 */
import type { ActionInput, ActionOutput } from '../actions/action.ts';
import { ApiError } from '../actions/api-error.ts';
import { createIdSource } from '../actions/ids.ts';
import { authorize } from '../actions/other-services/permissions.ts';
import type { Realm } from '../model/realm.ts';
import type { RoleSession } from '../model/roles.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { OwnedCredentials, RoleCredentials } from '../services/role-credentials.ts';
import type { LabAccounts } from './lab-accounts.ts';
import { isReading, Throttle } from './throttle.ts';

/** What is behind the door. */
export interface GatedLab {
  readonly snapshot: Snapshot;
  regionOf(realm: Realm): Snapshot | null;
  perform(action: string, input: ActionInput, realm: Realm): Promise<ActionOutput>;
  reset(): Promise<void>;
}

/** Milliseconds since the epoch. */
export type NowMs = () => number;

interface GateSetup {
  readonly lab: GatedLab;
  readonly accounts: LabAccounts;
  /** null: a lab without instances gives out none. */
  readonly credentials: RoleCredentials | null;
  /** Makes the ages of what is seen repeat. */
  readonly seed: string;
  readonly nowMs?: NowMs;
}

export class ApiGate {
  readonly #lab: GatedLab;
  readonly #accounts: LabAccounts;
  readonly #credentials: RoleCredentials | null;
  readonly #nowMs: NowMs;
  readonly #throttle = new Throttle();
  readonly #random: (limit: number) => number;

  constructor({ lab, accounts, credentials, seed, nowMs = Date.now }: GateSetup) {
    this.#lab = lab;
    this.#accounts = accounts;
    this.#credentials = credentials;
    this.#nowMs = nowMs;
    this.#random = createIdSource(`${seed}/api`).random;
  }

  get snapshot(): Snapshot {
    return this.#lab.snapshot;
  }

  regionOf(realm: Realm): Snapshot | null {
    return this.#lab.regionOf(realm);
  }

  /** @returns whose credentials they are, expired or not; null for what the lab has not given out. */
  findKey(accessKeyId: string, token: string): OwnedCredentials | null {
    return this.#credentials?.find(accessKeyId, token) ?? null;
  }

  reset(): Promise<void> {
    return this.#lab.reset();
  }

  /**
   * @param session Who asks; null: somebody who may do everything.
   * @throws ApiError RequestLimitExceeded, UnauthorizedOperation, and NotFound for what the request does not see yet.
   */
  async perform(
    action: string,
    input: ActionInput,
    realm: Realm = this.snapshot,
    session: RoleSession | null = null,
  ): Promise<ActionOutput> {
    const { throttling, eventualConsistencyMs } = this.snapshot.settings;
    if (throttling === 'aws') this.#throttle.take(realm, action, input, this.#nowMs());
    if (session !== null) authorize(this.#accounts.fabric, session, action);
    if (eventualConsistencyMs > 0) {
      const timeMs = this.#nowMs() - this.#random(eventualConsistencyMs + 1);
      const seen = (): ActionOutput => this.#accounts.performInPast(action, input, realm, timeMs);
      if (isReading(action)) return seen();
      refuseUnseen(seen);
    }
    return this.#lab.perform(action, input, realm);
  }
}

/** A change is made to the newest state, but what was not there in the past is not found. */
function refuseUnseen(seen: () => ActionOutput): void {
  try {
    seen();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.code.endsWith('NotFound')) throw error;
  }
}
