/**
 * The seam between the command line and the engine: how a lab is started and undone.
 * `run` and the hidden `__controller` call `startLab`; `down`, `up` and `wipe` call `removeLeftovers`.
 */
import fs from 'node:fs';
import { ApiServer } from '../api/server.ts';
import {
  livingController,
  removeDeadLabs,
  removeLeftovers,
  withHostLock,
} from '../engine/cleaning.ts';
import type { LabRuntime } from '../engine/control-api.ts';
import { ControlServer } from '../engine/control-server.ts';
import { LabController } from '../engine/controller.ts';
import type { HostFolders, LabPlace } from '../engine/lab-place.ts';
import { DEFAULT_QUOTAS, DEFAULT_SETTINGS } from '../model/settings.ts';
import type { RegionSettings } from '../model/store.ts';
import type { Lab } from '../scenario/lab.ts';
import { CliError, EXIT } from './exit-codes.ts';
import { explainRoutes } from './explain-question.ts';
import { requireUplink } from './host-checks.ts';
import { requirePrograms } from './lab-blueprints.ts';
import { changeLab, changeRoutes } from './lab-changes.ts';

const PROGRESS_MS = 200;

export interface StartOptions {
  readonly place: LabPlace;
  readonly folders: HostFolders;
  /** The lab file's absolute path, or `-`. */
  readonly labPath: string;
  /** No instances and no packets: only what the API knows. */
  readonly isRecords?: boolean;
  /** Whether the lab goes on with the accounts of a controller that was killed; else they are made anew. */
  readonly goesOn?: boolean;
  /** Gets a few words at each stage. */
  readonly onProgress: (words: string) => void;
  /** Ends the start: the lab is taken down again. */
  readonly signal?: AbortSignal;
}

export interface StartedLab {
  readonly runtime: LabRuntime;
  /** Settles when the lab is gone: by `close`, or by POST /down on its socket. */
  readonly closed: Promise<void>;
  /** Takes the lab down and removes all that it made. Further calls wait for the first. */
  close(): Promise<void>;
}

/**
 * Brings a lab up in this process; its socket answers when this settles.
 * What dead controllers left, of this lab and others, is removed first.
 * @throws CliError host when the host cannot do it; nothing is left behind then.
 */
export async function startLab(lab: Lab, options: StartOptions): Promise<StartedLab> {
  if (options.isRecords !== true) {
    requirePrograms(lab);
    requireUplink(lab);
  }
  const controller = await withHostLock(() => takePlace(lab, options, () => void close())).catch(
    async (error: unknown) => {
      // Half made, and this process's own.
      if (livingController(options.place)?.pid === process.pid)
        await removeLeftovers(options.place, { keepsAccounts: options.goesOn === true });
      throw error;
    },
  );
  let settleClosed: (gone: Promise<void>) => void;
  const closed = new Promise<void>((resolve) => {
    settleClosed = resolve;
  });
  const close = (how: { readonly keepsAccounts?: boolean } = {}): Promise<void> => {
    server.close();
    api.close();
    settleClosed(controller.close(how));
    return closed;
  };
  const api = new ApiServer(controller.api, reportDefect);
  const server = new ControlServer(
    controller,
    () => close(),
    new Map([...changeRoutes(controller), ...explainRoutes(controller)]),
  );
  try {
    const { signal } = options;
    options.onProgress('making networks and interfaces');
    await openServices(controller, api);
    await unlessAborted(signal, changeLab(controller, lab));
    await unlessAborted(signal, watchBoot(controller, lab.instances.size, options.onProgress));
    controller.apiUrl = await api.listen();
    await server.listen(options.place.socket);
  } catch (error) {
    await close({ keepsAccounts: controller.isRestored });
    throw error;
  }
  return { runtime: controller, closed, close: () => close() };
}

/** A guest may ask the API as soon as it boots. */
async function openServices(controller: LabController, api: ApiServer): Promise<void> {
  const open = await controller.openServices();
  if (open === null) return;
  const { services, authority } = open;
  await services.serveMetadata(reportDefect);
  await services.serveDns(reportDefect);
  services.serveTime((words) => process.stderr.write(`${words}\n`));
  await services.serveApi((isSecure) => api.guestServer(isSecure ? authority : null));
}

/** Into the log of the controller. */
function reportDefect(error: unknown): void {
  const words = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`a server failed: ${words}\n`);
}

/** @throws CliError interrupted as soon as the signal comes; what goes on is left to the end of the lab. */
function unlessAborted<R>(signal: AbortSignal | undefined, work: Promise<R>): Promise<R> {
  const aborted = new Promise<never>((_, reject) => {
    const onAbort = (): void =>
      reject(new CliError(EXIT.interrupted, 'Cannot go on starting: it was interrupted'));
    if (signal?.aborted === true) onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });
  });
  return Promise.race([work, aborted]);
}

/** @throws CliError usage when the lab has its place already. */
async function takePlace(
  lab: Lab,
  options: StartOptions,
  onFailure: () => void,
): Promise<LabController> {
  await removeDeadLabs(options.folders);
  if (livingController(options.place) !== null) {
    throw new CliError(
      EXIT.usage,
      `Cannot start lab "${lab.name}": it is starting or running already`,
    );
  }
  if (options.goesOn !== true) fs.rmSync(options.place.accounts, { force: true });
  return new LabController({
    place: options.place,
    labPath: options.labPath,
    accounts: {
      home: regionSettings(lab),
      hasDefaultVpc: lab.hasDefaultVpc,
      seed: lab.seed ?? lab.name,
    },
    isRecords: options.isRecords ?? false,
    hasUplink: lab.hasUplink,
    onFailure,
  });
}

/** @returns what the region of a lab is like before anything is made in it. */
export function regionSettings(lab: Lab): RegionSettings {
  return {
    ...lab.home,
    availabilityZones: lab.zones,
    rules: lab.rules,
    settings: { ...DEFAULT_SETTINGS, ...lab.settings },
    quotas: { ...DEFAULT_QUOTAS, ...lab.quotas },
  };
}

async function watchBoot(
  controller: LabController,
  count: number,
  onProgress: (words: string) => void,
): Promise<void> {
  const timer = setInterval(
    () => onProgress(`booting instances: ${count - controller.bootingCount} of ${count}`),
    PROGRESS_MS,
  );
  try {
    await controller.booted();
  } finally {
    clearInterval(timer);
  }
}
