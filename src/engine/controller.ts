/**
 * A running lab: the model, the actions on it, the dataplane and the instances that follow it.
 *
 * An action changes the model at once, whole or not at all; its answer waits until the host and the
 * dataplane agree with the model. Actions that arrive meanwhile are settled together.
 */

import fs from 'node:fs';
import path from 'node:path';
import type { ActionInput, ActionOutput, Observer } from '../actions/action.ts';
import { createIdSource, type IdSource } from '../actions/ids.ts';
import { performAction } from '../actions/table.ts';
import { Compiler } from '../compile/compile.ts';
import { createCgroup } from '../host/cgroup.ts';
import { Journal } from '../host/journal.ts';
import { mountTmpfs } from '../host/mounts.ts';
import type { Blueprint } from '../instances/blueprint.ts';
import { builtInBlueprints } from '../instances/images.ts';
import type { ImageId, InstanceId } from '../model/ids.ts';
import { ownImage } from '../model/images.ts';
import { instanceName } from '../model/instance-names.ts';
import { imageFor } from '../model/lookups/images.ts';
import type { Snapshot } from '../model/snapshot.ts';

import { Store } from '../model/store.ts';
import { actionEnvironment } from './action-environment.ts';
import { Captures } from './captures.ts';
import { claimLab, removeLeftovers } from './cleaning.ts';
import type {
  ExecResult,
  LabRuntime,
  LabStatus,
  RunningCommand,
  StatsReport,
} from './control-api.ts';
import { Dataplane } from './dataplane.ts';
import { type ExplainQuestion, explain } from './explain/explain.ts';
import type { Explanation } from './explain/explanation.ts';
import { FlowLogFiles } from './flow-log-files.ts';
import { readInstanceLogs } from './instance-logs.ts';
import { type LabPlace, labCgroup } from './lab-place.ts';
import { type Machine, Machines } from './machines.ts';
import { type PluggedPort, PortLog } from './port-log.ts';
import { recordedOnly } from './recorded-only.ts';
import { instanceHealth, instanceStatuses } from './status.ts';

export interface ControllerSetup {
  readonly place: LabPlace;
  /** The lab file's path, or `-`. */
  readonly labPath: string;
  /** What the region starts with. */
  readonly initial: Snapshot;
  /** Makes ids and addresses repeat. */
  readonly seed: string;
  /** Called when the dataplane fails: the lab must be closed. */
  readonly onFailure: (error: Error) => void;
}

export class LabController implements LabRuntime {
  readonly #place: LabPlace;
  readonly #labPath: string;
  readonly #store: Store;
  readonly #ids: IdSource;
  readonly #blueprints = new Map<ImageId, Blueprint>(builtInBlueprints());
  readonly #compiler = new Compiler();
  readonly #dataplane: Dataplane;
  readonly #machines: Machines;
  readonly #portLog: PortLog;
  readonly captures: Captures;
  readonly #flowLogs: FlowLogFiles;
  readonly #startedMs = Date.now();
  /** Where the EC2 API of the lab answers; whoever serves it says so. */
  apiUrl: string | null = null;
  #generation = 1;
  /** The end of the settling that goes on, and the one that will follow it. */
  #settling: Promise<void> = Promise.resolve();
  #nextSettling: Promise<void> | null = null;
  #closing: Promise<void> | null = null;

  /**
   * Takes the lab's place on the host; call it under the lock of the host.
   * @throws Error when the host refuses; `removeLeftovers` undoes what was made.
   */
  constructor(setup: ControllerSetup) {
    const { place } = setup;
    this.#place = place;
    this.#labPath = setup.labPath;
    this.#store = new Store(setup.initial);
    this.#ids = createIdSource(setup.seed);
    fs.mkdirSync(place.state, { recursive: true });
    claimLab(place, setup.labPath);
    const journal = new Journal(place.journal);
    journal.record('cgroup', labCgroup(place.name));
    createCgroup(labCgroup(place.name));
    journal.record('mount', place.overlays);
    mountTmpfs(`vpclab-${place.name}`, place.overlays);
    this.#flowLogs = new FlowLogFiles(place.flowLogs);
    this.#dataplane = new Dataplane(setup.onFailure, (window) => this.#flowLogs.write(window));
    this.#portLog = new PortLog(this.#dataplane.ledger);
    this.captures = new Captures(this.#dataplane, () => this.plugged());
    this.#machines = new Machines(place, journal, this.#dataplane, this.#portLog, this.#blueprints);
  }

  get name(): string {
    return this.#place.name;
  }

  get snapshot(): Snapshot {
    return this.#store.snapshot;
  }

  /** Makes images known to RunInstances, beside those known already. */
  addImages(blueprints: ReadonlyMap<ImageId, Blueprint>): void {
    this.#store.edit((draft) => {
      for (const [imageId, blueprint] of blueprints) {
        this.#blueprints.set(imageId, blueprint);
        draft.put('images', imageId, ownImage(imageId, blueprint.image));
      }
    });
  }

  async perform(action: string, input: ActionInput): Promise<ActionOutput> {
    const before = this.snapshot;
    const environment = actionEnvironment(this.#ids, Date.now(), this.#observer);
    const output = performAction(this.#store, action, input, environment);
    if (action === 'RebootInstances')
      await this.#powerOff(input['InstanceIds'] as readonly InstanceId[]);
    else if (this.snapshot === before) return output;
    await this.#settle();
    return output;
  }

  /** Settles when every instance has booted. @throws Error of the first that could not. */
  async booted(): Promise<void> {
    await this.#settling;
    await Promise.all([...this.#machines.all.values()].map((machine) => machine.booted));
  }

  /** @returns the number of instances that have not booted yet. */
  get bootingCount(): number {
    return [...this.#machines.all.values()].filter(({ host }) => !host.isReady).length;
  }

  status(): LabStatus {
    return {
      name: this.name,
      pid: process.pid,
      region: this.snapshot.region,
      rules: this.snapshot.rules,
      labPath: this.#labPath,
      apiUrl: this.apiUrl,
      startedMs: this.#startedMs,
      memoryBytes: process.memoryUsage.rss(),
      instances: instanceStatuses(
        this.snapshot,
        this.#machines.all,
        this.#dataplane.ledger,
        this.#imageName,
      ),
      recordedOnly: recordedOnly(this.snapshot),
    };
  }

  async stats(): Promise<StatsReport> {
    return {
      generation: this.#generation,
      flows: this.#dataplane.flows,
      ports: this.#portLog.report(this.plugged()),
    };
  }

  /** Tells what becomes of a packet, by the model and the ports of now. Nothing is sent. */
  async explain(question: ExplainQuestion): Promise<Explanation> {
    await this.#settling;
    const program = this.#compiler.compile(this.snapshot, this.#machines.ports, this.#generation);
    return explain(this.snapshot, program, question);
  }

  /** @returns every interface that is plugged into an instance. */
  plugged(): readonly (readonly [instance: string, plugged: PluggedPort])[] {
    return [...this.#machines.all.values()].flatMap(({ host, ports }) =>
      [...ports.values()].map((plugged) => [host.name, plugged] as const),
    );
  }

  async exec(
    instance: string,
    command: string,
    { timeoutMs }: { readonly timeoutMs: number },
  ): Promise<ExecResult> {
    const machine = this.#machine(instance);
    await machine.booted;
    return machine.host.run(command, timeoutMs);
  }

  start(instance: string, command: string): RunningCommand {
    const program = this.#machine(instance).host.start(command);
    return {
      stop() {
        program.signal('SIGINT');
        return program.ended;
      },
    };
  }

  async readLog(instance: string): Promise<string> {
    return readInstanceLogs(path.join(this.#place.logs, instance));
  }

  async readFlowLogs(instance: string): Promise<string> {
    const { ports } = this.#machine(instance);
    return this.#flowLogs.read([...ports.keys()]);
  }

  kill(instance: string): Promise<void> {
    return this.#machine(instance).host.crash();
  }

  /** Takes the lab down and removes all that it made. */
  close(): Promise<void> {
    this.#closing ??= this.#remove();
    return this.#closing;
  }

  async #remove(): Promise<void> {
    // What waits for its turn to settle finds the lab closing.
    await this.#settling;
    try {
      await this.#machines.removeAll();
    } finally {
      await this.#dataplane.stop();
      await removeLeftovers(this.#place);
    }
  }

  #settle(): Promise<void> {
    this.#nextSettling ??= this.#settling.then(() => {
      this.#nextSettling = null;
      if (this.#closing !== null)
        throw new Error(`Cannot change lab "${this.name}": it is going down`);
      const settled = this.#machines.settle(this.snapshot, () => this.#publish());
      this.#settling = settled.catch(() => undefined);
      return settled;
    });
    return this.#nextSettling;
  }

  async #publish(): Promise<void> {
    this.#generation++;
    const { snapshot } = this;
    const { ports } = this.#machines;
    const program = this.#compiler.compile(snapshot, ports, this.#generation);
    await this.#dataplane.swap(program, this.#flowLogs.mustCut(snapshot));
    this.#flowLogs.use(snapshot, ports);
    await this.captures.refresh();
  }

  /** The instances are made anew by the next settling. */
  #powerOff(ids: readonly InstanceId[]): Promise<void> {
    const off = this.#settling.then(() => this.#machines.powerOff(ids, this.snapshot));
    this.#settling = off.catch(() => undefined);
    return off;
  }

  #machine(name: string): Machine {
    for (const machine of this.#machines.all.values()) {
      if (machine.host.name === name) return machine;
    }
    throw new Error(`Cannot find a running instance "${name}"`);
  }

  readonly #imageName = (imageId: ImageId): string =>
    imageFor(this.snapshot, imageId)?.name ?? imageId;

  /** What actions ask about instances that run. */
  readonly #observer: Observer = {
    health: (instanceId) =>
      instanceHealth(this.#machines.all.get(instanceId), this.#dataplane.ledger),
    consoleOutput: (instanceId) => {
      const instance = this.snapshot.instances.get(instanceId);
      if (instance === undefined) return '';
      const host = this.#machines.all.get(instanceId)?.host;
      const name = host?.name ?? instanceName(this.snapshot, instance);
      return readInstanceLogs(path.join(this.#place.logs, name));
    },
  };
}
