/**
 * A running lab: its accounts, and the host that follows them.
 *
 * An action changes the accounts at once, whole or not at all; its answer waits until the host and
 * the dataplane agree with them, unless the lab has packets follow later (`late-changes.ts`). A lab of
 * records has no host, and answers at once.
 */
import fs from 'node:fs';
import type { ActionInput, ActionOutput } from '../actions/action.ts';
import { createIdSource } from '../actions/ids.ts';
import { monotonicMs } from '../host/clock.ts';
import type { Blueprint } from '../instances/blueprint.ts';
import type { ImageId, InstanceId } from '../model/ids.ts';
import type { Realm } from '../model/realm.ts';
import type { LabFabric, Snapshot } from '../model/snapshot.ts';
import type { Authority } from '../services/authority.ts';
import { NOBODY } from './action-environment.ts';
import { ApiGate } from './api-gate.ts';
import type { Captures } from './captures.ts';
import { claimLab, removeLeftovers } from './cleaning.ts';
import type {
  Change,
  ExecResult,
  LabRuntime,
  LabStatus,
  ProbeFlow,
  Probing,
  RunningCommand,
  StatsReport,
  UplinkStatus,
} from './control-api.ts';
import type { ExplainQuestion } from './explain/explain.ts';
import type { Explanation } from './explain/explanation.ts';
import type { TargetModel } from './health/target-health.ts';
import { type AccountsSetup, LabAccounts } from './lab-accounts.ts';
import { LabHost } from './lab-host.ts';
import type { LabPlace } from './lab-place.ts';
import { drawPacketDelayMs, LateChanges } from './late-changes.ts';
import type { PluggedPort } from './port-log.ts';
import type { OutageListener } from './probing/prober.ts';
import { recordedOnly } from './recorded-only.ts';
import type { LabServices } from './services.ts';
import { instanceStatuses } from './status.ts';

export interface ControllerSetup {
  readonly place: LabPlace;
  /** The lab file's path, or `-`. */
  readonly labPath: string;
  readonly accounts: AccountsSetup;
  /** No instances and no packets: only what the API knows. */
  readonly isRecords: boolean;
  /** Whether the lab reaches the real network by the host. */
  readonly hasUplink: boolean;
  /** Called when the dataplane fails: the lab must be closed. */
  readonly onFailure: (error: Error) => void;
}

export interface OpenServices {
  readonly services: LabServices;
  readonly authority: Authority;
}

/** The uplink of a lab of records. */
const ON_PAPER: UplinkStatus = { device: '', hasIpv6: false, closedChains: [] };

export class LabController implements LabRuntime {
  readonly #place: LabPlace;
  readonly #labPath: string;
  readonly #hasUplink: boolean;
  readonly #accounts: LabAccounts;
  /** null: a lab of records. */
  readonly #host: LabHost | null;
  readonly #lateChanges: LateChanges;
  readonly #random: (limit: number) => number;
  /** The lab as the clients of its API find it. */
  readonly api: ApiGate;
  readonly #startedMs = Date.now();
  /** Where the EC2 API of the lab answers; whoever serves it says so. */
  apiUrl: string | null = null;
  #closing: Promise<void> | null = null;

  /**
   * Takes the lab's place on the host; call it under the lock of the host. Accounts that another
   * controller has left there are gone on with.
   * @throws Error when the host refuses; `removeLeftovers` undoes what was made.
   */
  constructor({ place, labPath, accounts, isRecords, hasUplink, onFailure }: ControllerSetup) {
    this.#place = place;
    this.#labPath = labPath;
    this.#hasUplink = hasUplink;
    for (const folder of [place.run, place.state]) fs.mkdirSync(folder, { recursive: true });
    claimLab(place, labPath);
    this.#accounts = new LabAccounts(
      accounts,
      place.accounts,
      () => this.#host?.observer ?? NOBODY,
    );
    const { blueprints } = this.#accounts;
    const fabric = () => this.#lateChanges.fabric;
    this.#lateChanges = new LateChanges(
      () => this.#accounts.fabric,
      () => void this.#host?.settle().catch(onFailure),
    );
    this.#random = createIdSource(`${accounts.seed}/packets`).random;
    const targets: TargetModel = {
      fabric: () => this.#accounts.fabric,
      perform: (...request) => void this.#performOwn(...request).catch(onFailure),
    };
    this.#host = isRecords
      ? null
      : new LabHost({ place, hasUplink, fabric, blueprints, targets, onFailure });
    const credentials = this.#host?.services.credentials ?? null;
    this.api = new ApiGate({
      lab: this,
      accounts: this.#accounts,
      credentials,
      seed: accounts.seed,
    });
  }

  /**
   * Makes the services and the real network reachable; call it before instances are made.
   * @returns what guests reach on their link, and what makes it trusted; null in a lab of records.
   */
  async openServices(): Promise<OpenServices | null> {
    if (this.#host === null) return null;
    await this.#host.openUplink();
    return { authority: await this.#host.openServices(), services: this.#host.services };
  }

  get name(): string {
    return this.#place.name;
  }

  /** The region of the lab file. */
  get snapshot(): Snapshot {
    return this.#accounts.home;
  }

  get fabric(): LabFabric {
    return this.#accounts.own;
  }

  /** Whether the lab goes on from where another controller was killed. */
  get isRestored(): boolean {
    return this.#accounts.isRestored;
  }

  regionOf(realm: Realm): Snapshot | null {
    return this.#accounts.regionOf(realm);
  }

  /** Makes images known to RunInstances, beside those known already. */
  addImages(blueprints: ReadonlyMap<ImageId, Blueprint>): void {
    this.#accounts.addImages(blueprints);
  }

  async perform(
    action: string,
    input: ActionInput,
    realm: Realm = this.snapshot,
  ): Promise<ActionOutput> {
    const askedMs = monotonicMs();
    const before = this.#accounts.fabric;
    const output = this.#accounts.perform(action, input, realm);
    if (action === 'RebootInstances') {
      await this.#host?.powerOff(input['InstanceIds'] as readonly InstanceId[]);
    } else {
      if (this.#accounts.fabric === before) return output;
      const { settings } = this.snapshot;
      this.#lateChanges.put(before, drawPacketDelayMs(settings, action, this.#random));
    }
    const { revision } = this.#accounts.fabric;
    const isLate = this.#lateChanges.isLate && action !== 'RebootInstances';
    const host = this.#host;
    const settled = host === null || isLate ? Promise.resolve() : host.settle();
    await host?.changes.follow({ action, input, revision, askedMs }, settled);
    return output;
  }

  /**
   * Does an action without AWS's delays, and ends those that go on: for what a lab file asks for.
   * @throws ApiError with AWS's code.
   */
  async performAtOnce(action: string, input: ActionInput, realm: Realm): Promise<ActionOutput> {
    const output = this.#accounts.perform(action, input, realm, true);
    await this.settle();
    return output;
  }

  /** Does an action that nobody has asked for; a lab that goes down needs it no more. */
  async #performOwn(action: string, input: ActionInput, realm: Realm): Promise<void> {
    try {
      await this.perform(action, input, realm);
    } catch (error) {
      if (this.#closing === null) throw error;
    }
  }

  /** Makes the host as the accounts are now, whatever was to follow later. */
  async settle(): Promise<void> {
    this.#lateChanges.clear();
    await this.#host?.settle();
  }

  /** Puts all accounts and regions back to defaults; instances are gone when it settles. */
  async reset(): Promise<void> {
    this.#accounts.reset();
    await this.settle();
  }

  /** Settles when every instance has booted. @throws Error of the first that could not. */
  async booted(): Promise<void> {
    await this.#host?.booted();
  }

  /** @returns the number of instances that have not booted yet. */
  get bootingCount(): number {
    return this.#host?.bootingCount ?? 0;
  }

  status(): LabStatus {
    const { fabric } = this.#accounts;
    const { region, rules } = this.snapshot;
    return {
      name: this.name,
      pid: process.pid,
      region,
      rules,
      isRecords: this.#host === null,
      uplink: this.#hasUplink ? (this.#host?.uplink ?? ON_PAPER) : null,
      labPath: this.#labPath,
      apiUrl: this.apiUrl,
      startedMs: this.#startedMs,
      memoryBytes: process.memoryUsage.rss(),
      instances: instanceStatuses(fabric, this.#host),
      recordedOnly: recordedOnly(fabric),
    };
  }

  async stats(): Promise<StatsReport> {
    return this.#packets.stats();
  }

  /** Tells what becomes of a packet, by the model and the ports of now. Nothing is sent. */
  explain(question: ExplainQuestion): Promise<Explanation> {
    return this.#packets.explain(question);
  }

  get captures(): Captures {
    return this.#packets.captures;
  }

  /** @returns every interface that is plugged into an instance. */
  plugged(): readonly (readonly [instance: string, plugged: PluggedPort])[] {
    return this.#packets.plugged();
  }

  exec(
    instance: string,
    command: string,
    { timeoutMs }: { readonly timeoutMs: number },
  ): Promise<ExecResult> {
    return this.#packets.exec(instance, command, timeoutMs);
  }

  start(instance: string, command: string): RunningCommand {
    return this.#packets.start(instance, command);
  }

  probe(flows: readonly ProbeFlow[], onOutage: OutageListener): Probing {
    return this.#packets.probe(flows, onOutage);
  }

  changes(since: number): readonly Change[] {
    return this.#host?.changes.since(since) ?? [];
  }

  async readLog(instance: string): Promise<string> {
    return this.#packets.readLog(instance);
  }

  async readFlowLogs(instance: string): Promise<string> {
    return this.#packets.readFlowLogs(instance);
  }

  kill(instance: string): Promise<void> {
    return this.#packets.kill(instance);
  }

  /**
   * Takes the lab down and removes all that it made.
   * @param keepsAccounts For a start that failed: what the accounts hold stays for the next one.
   */
  close({ keepsAccounts = false } = {}): Promise<void> {
    this.#closing ??= this.#remove(keepsAccounts);
    return this.#closing;
  }

  async #remove(keepsAccounts: boolean): Promise<void> {
    this.#lateChanges.clear();
    try {
      await this.#host?.remove();
    } finally {
      this.#accounts.close();
      await removeLeftovers(this.#place, { keepsAccounts });
    }
  }

  /** @throws Error in a lab of records. */
  get #packets(): LabHost {
    if (this.#host === null)
      throw new Error(
        `Cannot look into lab "${this.name}": it is of records only, no packet passes`,
      );
    return this.#host;
  }
}
