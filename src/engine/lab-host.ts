/**
 * The part of a lab that is on this host: instances, interfaces and the dataplane follow the model.
 * `settle` is called after each change; changes that come meanwhile are settled together.
 */
import path from 'node:path';
import type { Observer } from '../actions/action.ts';
import { Compiler } from '../compile/compile.ts';
import { NO_UPLINK, type Program } from '../dataplane/program.ts';
import { UplinkNamespace, type UplinkState } from '../gateways/uplink/uplink-namespace.ts';
import { createCgroup } from '../host/cgroup.ts';
import { Journal } from '../host/journal.ts';
import { mountTmpfs } from '../host/mounts.ts';
import type { Blueprint } from '../instances/blueprint.ts';
import { TrustLayers } from '../instances/trust-layers.ts';
import type { InstanceHealth } from '../model/compute.ts';
import type { EniId, ImageId, InstanceId } from '../model/ids.ts';
import { instanceName } from '../model/instance-names.ts';
import type { Fabric } from '../model/snapshot.ts';
import { type Authority, makeAuthority } from '../services/authority.ts';
import { Captures } from './captures.ts';
import { ChangeLog } from './change-log.ts';
import { withHostLock } from './cleaning.ts';
import type { ExecResult, ProbeFlow, Probing, RunningCommand, StatsReport } from './control-api.ts';
import { Dataplane } from './dataplane.ts';
import { type ExplainQuestion, explain } from './explain/explain.ts';
import type { Explanation } from './explain/explanation.ts';
import { findPath } from './explain/finding.ts';
import { FlowLogFiles } from './flow-log-files.ts';
import { BalancerNodes } from './health/nodes.ts';
import { TargetHealth, type TargetModel } from './health/target-health.ts';
import { readInstanceLogs } from './instance-logs.ts';
import { type LabPlace, labCgroup, uplinkNetnsName } from './lab-place.ts';
import { type Machine, Machines } from './machines.ts';
import { type PluggedPort, PortLog } from './port-log.ts';
import { type OutageListener, Prober } from './probing/prober.ts';
import { LabServices } from './services.ts';
import { machineHealth } from './status.ts';

export interface HostSetup {
  readonly place: LabPlace;
  /** Whether what nobody in the lab has goes on to the real network. */
  readonly hasUplink: boolean;
  /** What there is to be now. */
  readonly fabric: () => Fabric;
  readonly blueprints: ReadonlyMap<ImageId, Blueprint>;
  readonly targets: TargetModel;
  /** Called when the dataplane fails: the lab must be closed. */
  readonly onFailure: (error: Error) => void;
}

export class LabHost {
  readonly #place: LabPlace;
  readonly #fabric: () => Fabric;
  readonly #compiler = new Compiler();
  readonly #dataplane: Dataplane;
  readonly #machines: Machines;
  readonly #nodes: BalancerNodes;
  readonly #targetHealth: TargetHealth;
  readonly #portLog: PortLog;
  readonly captures: Captures;
  readonly services: LabServices;
  /** null: the lab has none. */
  readonly #uplink: UplinkNamespace | null;
  #uplinkPort = NO_UPLINK;
  readonly changes = new ChangeLog();
  readonly #flowLogs: FlowLogFiles;
  #generation = 1;
  /** The end of the settling that goes on, and the one that will follow it. */
  #settling: Promise<void> = Promise.resolve();
  #nextSettling: Promise<void> | null = null;
  #isRemoved = false;
  #trust: TrustLayers | null = null;

  /** @throws Error when the host refuses; `removeLeftovers` undoes what was made. */
  constructor({ place, hasUplink, fabric, blueprints, targets, onFailure }: HostSetup) {
    this.#place = place;
    this.#fabric = fabric;
    const journal = new Journal(place.journal);
    journal.record('cgroup', labCgroup(place.name));
    createCgroup(labCgroup(place.name));
    journal.record('mount', place.overlays);
    mountTmpfs(`vpclab-${place.name}`, place.overlays);
    this.#flowLogs = new FlowLogFiles(place.flowLogs);
    this.#dataplane = new Dataplane(onFailure, (window) => this.#flowLogs.write(window));
    this.#portLog = new PortLog(this.#dataplane.ledger);
    this.captures = new Captures(
      this.#dataplane,
      () => this.plugged(),
      () => ({ ...this.#uplinkPort, servicesPort: this.services.port }),
    );
    this.#machines = new Machines(
      place,
      journal,
      this.#dataplane,
      this.#portLog,
      blueprints,
      (blueprint) => this.#trustAbove(blueprint),
    );
    this.#nodes = new BalancerNodes(place.name, journal, this.#dataplane);
    this.#targetHealth = new TargetHealth(place.name, targets);
    const eniOfPort = (port: number) => this.#machines.eniOfPort(port);
    this.services = new LabServices(place, journal, { fabric, eniOfPort });
    this.#uplink = hasUplink
      ? new UplinkNamespace(place.name, uplinkNetnsName(place.name), journal)
      : null;
  }

  /**
   * Makes the services reachable; call it before instances are made.
   * @returns what the servers need to be trusted by the instances.
   */
  async openServices(): Promise<Authority> {
    const [authority] = await Promise.all([
      makeAuthority(this.#place.authority, this.#place.name),
      this.services.open(this.#dataplane),
    ]);
    this.#trust = new TrustLayers(this.#place.trust, authority);
    return authority;
  }

  /** Connects the lab to the real network, if it is to be; call it before instances are made. */
  async openUplink(): Promise<void> {
    const uplink = this.#uplink;
    if (uplink === null) return;
    await withHostLock(() => uplink.open());
    const uplinkPort = await this.#dataplane.addPort(uplink.fd);
    this.#uplinkPort = { uplinkPort, uplinkHasIpv6: uplink.state.hasIpv6 };
  }

  /** null: the lab has none. */
  get uplink(): UplinkState | null {
    return this.#uplink?.state ?? null;
  }

  /** Settles when instances, interfaces and packets follow the model of now. */
  settle(): Promise<void> {
    this.#nextSettling ??= this.#settling.then(() => {
      this.#nextSettling = null;
      if (this.#isRemoved)
        throw new Error(`Cannot change lab "${this.#place.name}": it is going down`);
      const settled = this.#follow(this.#fabric());
      this.#settling = settled.catch(() => undefined);
      return settled;
    });
    return this.#nextSettling;
  }

  /** Turns instances off; the next settling makes them anew. */
  powerOff(ids: readonly InstanceId[]): Promise<void> {
    const off = this.#settling.then(() => this.#machines.powerOff(ids, this.#fabric()));
    this.#settling = off.catch(() => undefined);
    return off;
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

  get machines(): ReadonlyMap<InstanceId, Machine> {
    return this.#machines.all;
  }

  healthOf(machine: Machine): InstanceHealth {
    return machineHealth(machine, this.#dataplane.ledger);
  }

  stats(): StatsReport {
    return {
      generation: this.#generation,
      flows: this.#dataplane.flows,
      ports: this.#portLog.report(this.plugged()),
    };
  }

  /** Tells what becomes of a packet, by the model and the ports of now. Nothing is sent. */
  async explain(question: ExplainQuestion): Promise<Explanation> {
    await this.#settling;
    const fabric = this.#fabric();
    return explain(fabric, this.#compile(fabric), question);
  }

  /** @returns every interface that is plugged into an instance. */
  plugged(): readonly (readonly [instance: string, plugged: PluggedPort])[] {
    return [...this.#machines.all.values()].flatMap(({ host, ports }) =>
      [...ports.values()].map((plugged) => [host.name, plugged] as const),
    );
  }

  /** @throws Error when no instance of that name runs. */
  async exec(instance: string, command: string, timeoutMs: number): Promise<ExecResult> {
    const machine = this.#machine(instance);
    await machine.booted;
    return machine.host.run(command, timeoutMs);
  }

  /** @throws Error when no instance of that name runs. */
  start(instance: string, command: string): RunningCommand {
    const program = this.#machine(instance).host.start(command);
    return {
      stop() {
        program.signal('SIGINT');
        return program.ended;
      },
    };
  }

  /** @throws Error when no instance of that name runs, or it has no route there. */
  probe(flows: readonly ProbeFlow[], onOutage: OutageListener): Probing {
    const begins = flows.map((flow) => ({
      ...flow,
      netns: this.#machine(flow.instance).host.netns,
    }));
    return new Prober(begins, onOutage);
  }

  /** @param instance Its name. */
  readLog(instance: string): string {
    return readInstanceLogs(path.join(this.#place.logs, instance));
  }

  /** What actions ask about instances. */
  get observer(): Observer {
    return {
      health: (instanceId) => {
        const machine = this.#machines.all.get(instanceId);
        return machine === undefined ? 'not-applicable' : this.healthOf(machine);
      },
      consoleOutput: (instanceId) => {
        const instance = this.#fabric().instances.get(instanceId);
        if (instance === undefined) return '';
        const host = this.#machines.all.get(instanceId)?.host;
        return this.readLog(host?.name ?? instanceName(this.#fabric(), instance));
      },
      findPath: (question) => {
        const fabric = this.#fabric();
        return findPath(fabric, this.#compile(fabric), question);
      },
    };
  }

  readFlowLogs(instance: string): string {
    const { ports } = this.#machine(instance);
    return this.#flowLogs.read([...ports.keys()]);
  }

  kill(instance: string): Promise<void> {
    return this.#machine(instance).host.crash();
  }

  /** Ends all instances and the dataplane; what they leave is for `removeLeftovers`. */
  async remove(): Promise<void> {
    this.#isRemoved = true;
    // What waits for its turn to settle finds the lab closing.
    await this.#settling;
    this.#targetHealth.close();
    try {
      await this.#machines.removeAll();
    } finally {
      await this.#dataplane.stop();
      this.#nodes.close();
      await this.services.close();
      this.#uplink?.close();
    }
  }

  async #follow(fabric: Fabric): Promise<void> {
    await this.#nodes.settle(fabric);
    await this.#machines.settle(fabric, () => this.#publish());
    this.#targetHealth.follow(this.#nodes.ports);
  }

  /** Of all that is plugged in. */
  get #ports(): ReadonlyMap<EniId, number> {
    return new Map([...this.#machines.ports, ...this.#nodes.ports]);
  }

  async #publish(): Promise<void> {
    this.#generation++;
    const fabric = this.#fabric();
    const atMs = await this.#dataplane.swap(this.#compile(fabric), this.#flowLogs.mustCut(fabric));
    this.changes.setInForce(fabric.revision, atMs);
    this.#flowLogs.use(fabric, this.#ports);
    await this.captures.refresh();
  }

  #trustAbove(blueprint: Blueprint): string {
    if (this.#trust === null) throw new Error('Cannot make an instance before the services');
    return this.#trust.above(blueprint);
  }

  #compile(fabric: Fabric): Program {
    const ports = this.#ports;
    const servicesPort = this.services.port;
    return this.#compiler.compile(fabric, ports, this.#generation, servicesPort, this.#uplinkPort);
  }

  #machine(name: string): Machine {
    for (const machine of this.#machines.all.values()) {
      if (machine.host.name === name) return machine;
    }
    throw new Error(`Cannot find a running instance "${name}"`);
  }
}
