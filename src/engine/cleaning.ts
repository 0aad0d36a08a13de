/**
 * Undoes what a lab made, by its journal: after its controller ended, however it ended.
 * Works again and again with the same result, and touches nothing that the journal does not name.
 */
import fs from 'node:fs';
import path from 'node:path';
import { cgroupRoot, removeCgroup } from '../host/cgroup.ts';
import { Journal, type Owned } from '../host/journal.ts';
import { removeLink, removeNftTable } from '../host/links.ts';
import { withFolderLock } from '../host/lock.ts';
import { unmount } from '../host/mounts.ts';
import { deleteNetns } from '../host/netns.ts';
import { processStart } from '../host/proc.ts';
import { HOST_FOLDERS, type HostFolders, type LabPlace, labCgroup, labPlace } from './lab-place.ts';

const KILL_MS = 10_000;

/** A process that runs a lab: a number alone may belong to another process by now. */
export interface ControllerProcess {
  readonly pid: number;
  readonly start: string;
}

interface ControllerRecord extends ControllerProcess {
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
export function livingController(place: LabPlace): ControllerProcess | null {
  const record = readRecord(place);
  return record !== null && isAlive(record) ? record : null;
}

export function isAlive({ pid, start }: ControllerProcess): boolean {
  return processStart(pid) === start;
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

/**
 * Keeps other labs of the host from coming and going meanwhile. Whoever takes a lab's place does it
 * under this lock, so that nobody sees the place half made and takes it for that of a dead lab.
 */
export function withHostLock<R>(use: () => R | Promise<R>): Promise<R> {
  return withFolderLock('/run', use);
}

/**
 * Removes all that the journal of a lab names, and the lab's folders.
 * @param keepsAccounts What the accounts hold stays, for a controller that goes on with it.
 * @throws Error when processes do not end; calling it again goes on from there.
 */
export async function removeLeftovers(
  place: LabPlace,
  { keepsAccounts = false } = {},
): Promise<void> {
  await undoJournal(place);
  await withHostLock(() => removeFolders(place, keepsAccounts));
}

/**
 * Removes what dead controllers left on the host, of every lab. What their accounts hold stays until
 * the lab is started again or taken down. Call it under the lock of the host.
 */
export async function removeDeadLabs(folders: HostFolders): Promise<void> {
  for (const place of knownLabs(folders)) {
    if (livingController(place) !== null) continue;
    await undoJournal(place);
    removeFolders(place, true);
  }
}

/** @returns true when a controller that died has left accounts to go on with. */
export function hasAccounts(place: LabPlace): boolean {
  return fs.existsSync(place.accounts);
}

async function undoJournal(place: LabPlace): Promise<void> {
  const owned = new Journal(place.journal).entries();
  for (const kind of ['cgroup', 'link', 'nft-table', 'netns', 'mount'] as const) {
    for (const entry of owned) {
      if (entry.kind === kind) await undo(entry);
    }
  }
}

/** The folders that all labs share go with the last lab. */
function removeFolders(place: LabPlace, keepsAccounts: boolean): void {
  removeStaleStarts(path.dirname(place.state));
  fs.rmSync(place.run, { recursive: true, force: true });
  for (const name of keepsAccounts && hasAccounts(place) ? fs.readdirSync(place.state) : []) {
    const file = path.join(place.state, name);
    if (file !== place.accounts) fs.rmSync(file, { recursive: true, force: true });
  }
  if (!hasAccounts(place) || !keepsAccounts)
    fs.rmSync(place.state, { recursive: true, force: true });
  const groups = cgroupRoot() === null ? [] : [labCgroup(place.name)];
  for (const folder of [place.run, place.state, ...groups]) removeIfEmpty(path.dirname(folder));
}

async function undo({ kind, name }: Owned): Promise<void> {
  switch (kind) {
    case 'cgroup':
      await removeCgroup(name, KILL_MS);
      return;
    case 'netns':
      deleteNetns(name);
      return;
    case 'link':
      await removeLink(name);
      return;
    case 'nft-table':
      await removeNftTable(name);
      return;
    case 'mount':
      unmount(name);
      return;
    default:
      kind satisfies never;
  }
}

/**
 * @returns the file of that kind for a lab that this process starts. It stands beside the folders of
 *   the labs, and goes with the next lab when its process dies too early to remove it.
 */
export function startFile(place: LabPlace, kind: 'source' | 'log'): string {
  return path.join(path.dirname(place.state), `.${place.name}.${process.pid}.${kind}`);
}

const START_FILE = /^\..*\.(\d+)\.(?:source|log)$/;

function removeStaleStarts(folder: string): void {
  if (!fs.existsSync(folder)) return;
  for (const name of fs.readdirSync(folder)) {
    const pid = START_FILE.exec(name)?.[1];
    if (pid !== undefined && processStart(Number(pid)) === null) {
      fs.rmSync(path.join(folder, name), { force: true });
    }
  }
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
        /^(?:ENOTEMPTY|ENOENT|EBUSY|EEXIST|EACCES|EPERM)$/.test(String(error.code))
      )
    ) {
      throw error;
    }
  }
}
