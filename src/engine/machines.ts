/**
 * Makes the host agree with the model: an instance for each that runs, an interface for each
 * attachment, a port for each interface. `settle` is called with each new snapshot, one at a time.
 */
import path from 'node:path';
import { ipv4FromWord } from '../addr/ipv4.ts';
import { INTERNET_MTU, VPC_MTU } from '../dataplane/program.ts';
import type { Journal } from '../host/journal.ts';
import type { Blueprint } from '../instances/blueprint.ts';
import type { BootInterface } from '../instances/boot-script.ts';
import { NamespaceInstance } from '../instances/namespace.ts';
import { TRUST_ENVIRONMENT } from '../instances/trust-layers.ts';
import { readUserData } from '../instances/user-data.ts';
import type { EniId, ImageId, InstanceId } from '../model/ids.ts';
import { instanceName } from '../model/instance-names.ts';
import { imageFor } from '../model/lookups/images.ts';
import { isInternet } from '../model/realm.ts';
import type { Eni, Instance, Subnet } from '../model/records.ts';
import type { Fabric } from '../model/snapshot.ts';
import type { Dataplane } from './dataplane.ts';
import { type LabPlace, labCgroup, netnsName } from './lab-place.ts';
import type { PluggedPort, PortLog } from './port-log.ts';

/** Instances that boot at the same time; more only wait for the same processors. */
const BOOTS_AT_ONCE = 8;

/** An instance on this host. */
export interface Machine {
  readonly instanceId: InstanceId;
  readonly host: NamespaceInstance;
  readonly ports: Map<EniId, PluggedPort>;
  readonly madeMs: number;
  /** Settles when it has booted; rejects when it could not. */
  booted: Promise<void>;
}

export class Machines {
  readonly #lab: LabPlace;
  readonly #journal: Journal;
  readonly #dataplane: Dataplane;
  readonly #portLog: PortLog;
  readonly #blueprints: ReadonlyMap<ImageId, Blueprint>;
  readonly #trustAbove: (blueprint: Blueprint) => string;
  readonly #machines = new Map<InstanceId, Machine>();
  readonly #enisByPort = new Map<number, EniId>();
  readonly #bootQueue: (() => Promise<void>)[] = [];
  #booting = 0;

  /** @param trustAbove Gives the folder that makes an instance of a blueprint trust the lab. */
  constructor(
    lab: LabPlace,
    journal: Journal,
    dataplane: Dataplane,
    portLog: PortLog,
    blueprints: ReadonlyMap<ImageId, Blueprint>,
    trustAbove: (blueprint: Blueprint) => string,
  ) {
    this.#lab = lab;
    this.#journal = journal;
    this.#dataplane = dataplane;
    this.#portLog = portLog;
    this.#blueprints = blueprints;
    this.#trustAbove = trustAbove;
  }

  get all(): ReadonlyMap<InstanceId, Machine> {
    return this.#machines;
  }

  /** @returns the port of each interface that is plugged in. */
  get ports(): ReadonlyMap<EniId, number> {
    const ports = new Map<EniId, number>();
    for (const machine of this.#machines.values()) {
      for (const { eniId, port } of machine.ports.values()) ports.set(eniId, port);
    }
    return ports;
  }

  /** @returns the interface that is plugged into a port. */
  eniOfPort(port: number): EniId | undefined {
    return this.#enisByPort.get(port);
  }

  /**
   * Makes instances and interfaces as the snapshot has them, then publishes, then boots what is new.
   * @param publish Gives the dataplane the program for `ports`.
   */
  async settle(snapshot: Fabric, publish: () => Promise<void>): Promise<void> {
    await Promise.all(
      [...this.#machines.values()]
        .filter(({ instanceId }) => snapshot.instances.get(instanceId)?.state !== 'running')
        .map((machine) => this.#remove(machine, snapshot)),
    );
    const wanted = attachmentsByInstance(snapshot);
    for (const machine of this.#machines.values()) {
      await this.#unplugOthers(machine, wanted.get(machine.instanceId) ?? []);
    }
    const fresh: Machine[] = [];
    for (const instance of snapshot.instances.values()) {
      if (instance.state !== 'running') continue;
      const enis = wanted.get(instance.instanceId) ?? [];
      const machine = this.#machines.get(instance.instanceId);
      if (machine === undefined) fresh.push(await this.#make(snapshot, instance, enis));
      else await this.#plugNew(machine, snapshot, enis);
    }
    await publish();
    for (const machine of fresh) this.#boot(machine, bootInterfaces(snapshot, machine, wanted));
  }

  /** Turns instances off behind the model's back; the next `settle` makes those that should run. */
  async powerOff(ids: readonly InstanceId[], snapshot: Fabric): Promise<void> {
    const machines = [...this.#machines.values()].filter(({ instanceId }) =>
      ids.includes(instanceId),
    );
    await Promise.all(machines.map((machine) => this.#remove(machine, snapshot)));
  }

  /** Ends all instances; the lab is going away, so their files are left to it. */
  async removeAll(): Promise<void> {
    for (const machine of this.#machines.values()) {
      for (const { port } of machine.ports.values()) await this.#dataplane.removePort(port);
    }
    const machines = [...this.#machines.values()];
    // From here on nothing boots any more.
    this.#machines.clear();
    await Promise.all(machines.map(({ host }) => host.remove({ keepDisk: true })));
  }

  async #make(snapshot: Fabric, instance: Instance, enis: readonly Eni[]): Promise<Machine> {
    const image = imageFor(snapshot, instance.imageId);
    const blueprint = image && this.#blueprints.get(image.imageId);
    if (blueprint === undefined)
      throw new Error(`Cannot make an instance of "${instance.imageId}": no image has that id`);
    const name = instanceName(snapshot, instance);
    const userData = blueprint.cloudInit
      ? null
      : readUserData(instance.instanceId, instance.options.userData);
    const netns = netnsName(this.#lab.name, name);
    const places = {
      netns,
      cgroup: path.join(labCgroup(this.#lab.name), name),
      overlay: path.join(this.#lab.overlays, instance.instanceId),
      logs: path.join(this.#lab.logs, name),
      trust: this.#trustAbove(blueprint),
    };
    const machine: Machine = {
      instanceId: instance.instanceId,
      host: new NamespaceInstance(
        name,
        {
          ...blueprint,
          env: { ...TRUST_ENVIRONMENT, ...blueprint.env },
        },
        userData,
        places,
        this.#journal,
      ),
      ports: new Map(),
      madeMs: Date.now(),
      booted: Promise.resolve(),
    };
    this.#machines.set(instance.instanceId, machine);
    for (const eni of enis) await this.#plug(machine, eni);
    return machine;
  }

  async #remove(machine: Machine, snapshot: Fabric): Promise<void> {
    await machine.host.halt();
    for (const plugged of [...machine.ports.values()]) await this.#unplug(machine, plugged);
    const state = snapshot.instances.get(machine.instanceId)?.state;
    const isGone = state === undefined || state === 'terminated';
    await machine.host.remove({ keepDisk: !isGone });
    this.#machines.delete(machine.instanceId);
  }

  async #unplugOthers(machine: Machine, wanted: readonly Eni[]): Promise<void> {
    const keep = new Map(wanted.map((eni) => [eni.eniId, deviceOf(eni)]));
    for (const plugged of [...machine.ports.values()]) {
      if (keep.get(plugged.eniId) === plugged.device) continue;
      await this.#unplug(machine, plugged);
      machine.host.detach(plugged.device);
    }
  }

  async #unplug(machine: Machine, plugged: PluggedPort): Promise<void> {
    machine.ports.delete(plugged.eniId);
    this.#enisByPort.delete(plugged.port);
    await this.#dataplane.removePort(plugged.port);
    this.#portLog.close(machine.host.name, plugged);
  }

  async #plugNew(machine: Machine, snapshot: Fabric, wanted: readonly Eni[]): Promise<void> {
    for (const eni of wanted) {
      if (machine.ports.has(eni.eniId)) continue;
      await this.#plug(machine, eni);
      const nic = bootInterface(snapshot, eni);
      machine.booted = machine.booted.then(() => machine.host.configure(nic));
      // Whoever waits for the instance sees the failure; nobody has to.
      machine.booted.catch(() => undefined);
    }
  }

  async #plug(machine: Machine, eni: Eni): Promise<void> {
    const device = deviceOf(eni);
    const port = await this.#dataplane.addPort(machine.host.attach(device, eni.mac));
    machine.ports.set(eni.eniId, { port, eniId: eni.eniId, device });
    this.#enisByPort.set(port, eni.eniId);
  }

  #boot(machine: Machine, interfaces: readonly BootInterface[]): void {
    machine.booted = new Promise((resolve, reject) => {
      this.#bootQueue.push(async () => {
        try {
          await this.#bootIfThere(machine, interfaces);
          resolve();
        } catch (error) {
          reject(error);
        }
      });
    });
    // Whoever waits for the instance sees the failure; nobody has to.
    machine.booted.catch(() => undefined);
    this.#bootNext();
  }

  /** @throws Error when the instance was removed before its turn came, or could not boot. */
  async #bootIfThere(machine: Machine, interfaces: readonly BootInterface[]): Promise<void> {
    if (this.#machines.get(machine.instanceId) !== machine) {
      throw new Error(`Cannot boot "${machine.host.name}": it was removed meanwhile`);
    }
    await machine.host.boot(interfaces);
  }

  #bootNext(): void {
    while (this.#booting < BOOTS_AT_ONCE) {
      const boot = this.#bootQueue.shift();
      if (boot === undefined) return;
      this.#booting++;
      void boot().finally(() => {
        this.#booting--;
        this.#bootNext();
      });
    }
  }
}

function deviceOf(eni: Eni): string {
  return `eth${eni.attachment?.deviceIndex ?? 0}`;
}

/** @returns the interfaces of each instance, by device. */
function attachmentsByInstance(snapshot: Fabric): Map<InstanceId, Eni[]> {
  const found = new Map<InstanceId, Eni[]>();
  for (const eni of snapshot.enis.values()) {
    if (eni.attachment === null) continue;
    const enis = found.get(eni.attachment.instanceId) ?? [];
    enis.push(eni);
    found.set(eni.attachment.instanceId, enis);
  }
  for (const enis of found.values()) {
    enis.sort((a, b) => (a.attachment?.deviceIndex ?? 0) - (b.attachment?.deviceIndex ?? 0));
  }
  return found;
}

function bootInterfaces(
  snapshot: Fabric,
  machine: Machine,
  wanted: ReadonlyMap<InstanceId, readonly Eni[]>,
): readonly BootInterface[] {
  return (wanted.get(machine.instanceId) ?? []).map((eni) => bootInterface(snapshot, eni));
}

function bootInterface(snapshot: Fabric, eni: Eni): BootInterface {
  const subnet = snapshot.subnets.get(eni.subnetId);
  const vpc = snapshot.vpcs.get(eni.vpcId);
  if (subnet === undefined || vpc === undefined)
    throw new Error(`the snapshot names "${eni.subnetId}", which it has not`);
  return {
    device: deviceOf(eni),
    mtu: isInternet(vpc.realm) ? INTERNET_MTU : VPC_MTU,
    ipv4: bootIpv4(subnet, eni),
    ipv6Addresses: eni.ipv6Addresses,
  };
}

/** @returns null in an IPv6-only subnet. */
function bootIpv4({ cidr }: Subnet, { addresses: [address] }: Eni): BootInterface['ipv4'] {
  if (cidr === null || address === undefined) return null;
  return { address, prefixLength: cidr.prefixLength, router: ipv4FromWord(cidr.addr + 1) };
}
