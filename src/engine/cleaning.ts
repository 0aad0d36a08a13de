/**
 * Undoes what a lab made, by its journal: after its controller ended, however it ended.
 * Works again and again with the same result, and touches nothing that the journal does not name.
 */
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { killCgroup, removeCgroup } from '../host/cgroup.ts';
import { Journal, type Owned } from '../host/journal.ts';
import { unmount } from '../host/mounts.ts';
import { deleteNetns } from '../host/netns.ts';
import { processStart } from '../host/process.ts';
import { HOST_FOLDERS, type HostFolders, type LabPlace, labPlace } from './lab-place.ts';

const KILL_MS = 10_000;

/** Who runs a lab: a process number alone may belong to another process by now. */
interface ControllerRecord {
  readonly pid: number;
  readonly start: string;
  /** Absolute path of the lab file, or `-`. */
  readonly labPath: string;
}

/** Writes down that this process runs the lab. @param labPath Absolute, or `-`. */
export function claimLab(place: LabPlace, labPath: string): void {
  const start = processStart(process.pid);
  if (start === null) throw new Error('Cannot find this process in /proc');
  const record: ControllerRecord = { pid: process.pid, start, labPath };
  fs.writeFileSync(place.controller, JSON.stringify(record));
}

/** @returns the file that the lab came from; null when it left no record, or half of one. */
export function labPathOf(place: LabPlace): string | null {
  return readRecord(place)?.labPath ?? null;
}

/** @returns the living process that runs the lab, or null. */
export function controllerPid(place: LabPlace): number | null {
  const record = readRecord(place);
  return record !== null && processStart(record.pid) === record.start ? record.pid : null;
}

function readRecord(place: LabPlace): ControllerRecord | null {
  try {
    return JSON.parse(fs.readFileSync(place.controller, 'utf8')) as ControllerRecord;
  } catch {
    // Absent, or half written by a process that died meanwhile: nobody runs the lab by it.
    return null;
  }
}

/** @returns every lab that left a trace on this host, by name. */
export function knownLabs(folders: HostFolders = HOST_FOLDERS): readonly LabPlace[] {
  const names = [folders.run, folders.state]
    .filter((folder) => fs.existsSync(folder))
    .flatMap((folder) =>
      fs
        .readdirSync(folder, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map((entry) => entry.name),
    );
  return [...new Set(names)].sort().map((name) => labPlace(name, folders));
}

/** Ends a controller that does not go by itself, by force. */
export async function endController(place: LabPlace): Promise<void> {
  const pid = controllerPid(place);
  if (pid === null) return;
  process.kill(pid, 'SIGKILL');
  while (controllerPid(place) !== null) await delay(10);
}

/**
 * Removes all that the journal of a lab names, and the lab's folders.
 * @throws Error when processes do not end; calling it again goes on from there.
 */
export async function removeLeftovers(place: LabPlace): Promise<void> {
  const owned = new Journal(place.journal).entries();
  for (const kind of ['cgroup', 'netns', 'mount', 'folder'] as const) {
    for (const entry of owned) {
      if (entry.kind === kind) await undo(entry);
    }
  }
  fs.rmSync(place.run, { recursive: true, force: true });
  fs.rmSync(place.state, { recursive: true, force: true });
  for (const folder of [path.dirname(place.run), path.dirname(place.state)]) removeIfEmpty(folder);
}

async function undo({ kind, name }: Owned): Promise<void> {
  switch (kind) {
    case 'cgroup':
      await killCgroup(name, KILL_MS);
      removeCgroup(name);
      removeIfEmpty(path.dirname(name));
      return;
    case 'netns':
      deleteNetns(name);
      return;
    case 'mount':
      unmount(name);
      return;
    case 'folder':
      fs.rmSync(name, { recursive: true, force: true });
      return;
    default:
      kind satisfies never;
  }
}

/** Removes what dead controllers left, of every lab. @returns the names of those labs. */
export async function removeDeadLabs(
  folders: HostFolders = HOST_FOLDERS,
): Promise<readonly string[]> {
  const removed: string[] = [];
  for (const place of knownLabs(folders)) {
    if (controllerPid(place) !== null) continue;
    await removeLeftovers(place);
    removed.push(place.name);
  }
  return removed;
}

function removeIfEmpty(folder: string): void {
  try {
    fs.rmdirSync(folder);
  } catch (error) {
    // Others use it, or it is gone already: both are fine.
    if (
      !(
        error instanceof Error &&
        'code' in error &&
        /^(?:ENOTEMPTY|ENOENT|EBUSY|EEXIST)$/.test(String(error.code))
      )
    ) {
      throw error;
    }
  }
}
