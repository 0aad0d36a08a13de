/**
 * The `namespace` instance: processes in network, mount, pid, uts and cgroup namespaces of their own,
 * on an overlay of the host's root.
 *
 * States: made (namespace, no process) > booting > running > ended. `boot` needs made; `halt` and
 * `crash` work in any state and leave it ended; `remove` undoes all that was made.
 */
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { MacAddr } from '../addr/mac.ts';
import { cgroupProcesses, createCgroup, killCgroup, removeCgroup } from '../host/cgroup.ts';
import { killChild, startReporting } from '../host/child.ts';
import type { Journal } from '../host/journal.ts';
import { deleteNetns } from '../host/netns.ts';
import { createOwnedNetns } from '../host/owned-netns.ts';
import {
  type ProgramResult,
  runProgram,
  type StartedProgram,
  startProgram,
} from '../host/process.ts';
import { bringLoopbackUp, openTap, type TapPort } from '../host/tap.ts';
import type { Blueprint } from './blueprint.ts';
import {
  type BootInterface,
  bootCommand,
  bootMounts,
  configureCommand,
  shellQuote,
} from './boot-script.ts';
import { LOG_FOLDER } from './log-folder.ts';
import { InstanceOverlay } from './overlay.ts';
import { type UserData, userDataFiles } from './user-data.ts';

/** How long processes may take to end after a request, before they are killed. */
const GRACE_MS = 1500;
const KILL_MS = 5000;
const CONFIGURE_MS = 30_000;
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/lib/frr';

/** Folders that every root needs, for what is mounted there. */
const ROOT_FOLDERS = ['/proc', '/sys', '/dev', '/run', '/tmp', LOG_FOLDER];

export interface NamespacePlaces {
  readonly netns: string;
  readonly cgroup: string;
  readonly overlay: string;
  readonly logs: string;
  /** The folder that makes it trust its lab, above its root. */
  readonly trust: string;
}

export interface DaemonState {
  readonly name: string;
  readonly exitCode: number | null;
}

export class NamespaceInstance {
  readonly name: string;
  readonly #blueprint: Blueprint;
  readonly #userData: UserData | null;
  readonly #places: NamespacePlaces;
  readonly #taps = new Map<string, TapPort>();
  readonly #overlay: InstanceOverlay;
  readonly #exits = new Map<string, number>();
  /** What `boot` started; the first process is below it. */
  #process: ReturnType<typeof startReporting> | null = null;
  #pid: number | null = null;
  #isReady = false;

  /** Makes the namespaces and folders; nothing runs yet. */
  constructor(
    name: string,
    blueprint: Blueprint,
    userData: UserData | null,
    places: NamespacePlaces,
    journal: Journal,
  ) {
    this.name = name;
    this.#blueprint = blueprint;
    this.#userData = userData;
    this.#places = places;
    createOwnedNetns(places.netns, journal, {
      what: `instance "${name}"`,
      wanted: 'another name of the lab or the instance',
    });
    bringLoopbackUp(places.netns);
    createCgroup(places.cgroup);
    fs.mkdirSync(places.logs, { recursive: true });
    this.#overlay = new InstanceOverlay(places.overlay, blueprint, places.trust);
    this.#layFiles();
  }

  /** The first process, in the host's numbers; null when nothing runs. */
  get pid(): number | null {
    return this.#pid;
  }

  /** True once `boot` has settled. */
  get isReady(): boolean {
    return this.#isReady;
  }

  get netns(): string {
    return this.#places.netns;
  }

  /** The daemons of the blueprint; an exit code tells that one has ended. */
  get daemons(): readonly DaemonState[] {
    return this.#blueprint.daemons.map(({ name }) => ({
      name,
      exitCode: this.#exits.get(name) ?? null,
    }));
  }

  /** Plugs an interface in. @returns its descriptor, for the dataplane. */
  attach(device: string, mac: MacAddr): number {
    const tap = openTap(this.#places.netns, device, mac);
    this.#taps.set(device, tap);
    return tap.fd;
  }

  /** Pulls an interface out; the dataplane must have let go of it. */
  detach(device: string): void {
    this.#taps.get(device)?.close();
    this.#taps.delete(device);
  }

  /** Starts the processes. @throws Error when the root or the network cannot be made. */
  boot(interfaces: readonly BootInterface[]): Promise<void> {
    const places = { ...this.#places, root: this.#overlay.root };
    const mountsFile = path.join(places.overlay, 'mounts');
    fs.writeFileSync(mountsFile, bootMounts(this.#overlay.mounts(), places));
    const argv = bootCommand(
      this.name,
      this.#blueprint,
      interfaces,
      places,
      mountsFile,
      this.#userData,
    );
    return new Promise((resolve, reject) => {
      let failure = `it ended before it was ready; see "${this.#places.logs}"`;
      this.#process = startReporting(argv, {
        netns: this.#places.netns,
        env: this.#environment(),
        logPath: path.join(this.#places.logs, 'boot.log'),
        onLine: (line) => {
          const [word = '', first = '', second = ''] = line.split(' ');
          if (word === 'pid') this.#pid = Number(first);
          if (word === 'network' && first === 'failed') {
            failure = `its network was not configured; see "${this.#places.logs}/network.log"`;
            reject(new Error(`Cannot boot "${this.name}": ${failure}`));
          }
          if (word === 'ready') {
            this.#isReady = true;
            resolve();
          }
          if (word === 'exit') this.#exits.set(first, Number(second));
        },
        onEnd: () => {
          this.#pid = null;
          // However it ended, a machine that is off has no link; its kernel part would go on answering.
          this.#takeLinksDown();
          reject(new Error(`Cannot boot "${this.name}": ${failure}`));
        },
      });
      this.#process.unref();
    });
  }

  /** Configures an interface that was plugged into a running instance. */
  async configure(nic: BootInterface): Promise<void> {
    const log = `${LOG_FOLDER}/network.log`;
    await this.run(
      `{ ${configureCommand(this.#blueprint.dhcp, nic)}\n} >>${log} 2>&1`,
      CONFIGURE_MS,
    );
  }

  /** Runs a shell command inside. */
  run(command: string, timeoutMs: number): Promise<ProgramResult> {
    return runProgram(this.#enter(command), { timeoutMs, env: this.#environment() });
  }

  /** Starts a shell command inside. */
  start(command: string): StartedProgram {
    return startProgram(this.#enter(command), { env: this.#environment() });
  }

  /** Ends the processes as a shutdown does: asked first, then killed. */
  async halt(): Promise<void> {
    // After a crash there is nobody to ask.
    if (this.#pid === null) return this.#killProcesses();
    const processes = cgroupProcesses(this.#places.cgroup).filter((pid) => pid !== this.#pid);
    for (const pid of processes) signalProcess(pid, 'SIGTERM');
    const end = performance.now() + GRACE_MS;
    // What stays is the first process, its `sleep` and the `unshare` above it.
    while (this.#livingDaemons() > 0 && performance.now() < end) await delay(10);
    await this.#killProcesses();
  }

  /** Ends every process and the link at once, as a power failure does; the interfaces stay. */
  async crash(): Promise<void> {
    await this.#killProcesses();
    this.#takeLinksDown();
  }

  /** Removes all that was made; processes first. The dataplane must have let go of the interfaces. */
  async remove(options: { readonly keepDisk: boolean }): Promise<void> {
    await this.#killProcesses();
    for (const tap of this.#taps.values()) tap.abandon();
    this.#taps.clear();
    deleteNetns(this.#places.netns);
    await removeCgroup(this.#places.cgroup, KILL_MS);
    if (!options.keepDisk) fs.rmSync(this.#places.overlay, { recursive: true, force: true });
  }

  async #killProcesses(): Promise<void> {
    // It may not have joined the control group yet.
    if (this.#process !== null) await killChild(this.#process);
    await killCgroup(this.#places.cgroup, KILL_MS);
    this.#pid = null;
  }

  #takeLinksDown(): void {
    for (const tap of this.#taps.values()) tap.down();
  }

  #livingDaemons(): number {
    return this.#blueprint.daemons.length - this.#exits.size;
  }

  #enter(command: string): [string, ...string[]] {
    if (this.#pid === null)
      throw new Error(`Cannot run a command in "${this.name}": it is not running`);
    const join = `echo $$ >${shellQuote(`${this.#places.cgroup}/cgroup.procs`)}`;
    const enter = `exec nsenter --target ${this.#pid} --mount --uts --net --pid --cgroup`;
    return ['sh', '-c', `${join}; ${enter} sh -c "$1"`, 'enter', command];
  }

  #environment(): Readonly<Record<string, string>> {
    return { PATH, HOME: '/root', TERM: 'dumb', LANG: 'C.UTF-8', ...this.#blueprint.env };
  }

  /** A second start finds its disk as it was; only `files` are laid again. */
  #layFiles(): void {
    for (const folder of ROOT_FOLDERS) this.#overlay.makeFolder(folder);
    const userData = this.#userData === null ? [] : userDataFiles(this.#userData);
    for (const file of [...this.#blueprint.files, ...userData]) this.#overlay.lay(file);
  }
}

function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // It has ended meanwhile, which is what was wanted.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
