/**
 * Control groups: the one hold on every process of an instance, whatever it forked.
 * Read first: Linux Documentation/admin-guide/cgroup-v2.rst, `cgroup.kill` and `cgroup.events`.
 */
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 5;

/** @returns where version 2 is mounted, also on hosts that mount both versions; null when nowhere. */
export function cgroupRoot(): string | null {
  for (const line of fs.readFileSync('/proc/self/mounts', 'utf8').split('\n')) {
    const [, target, type] = line.split(' ');
    if (type === 'cgroup2' && target !== undefined) return target;
  }
  return null;
}

export function createCgroup(folder: string): void {
  fs.mkdirSync(folder, { recursive: true });
}

/** @returns the processes of the group, not those of groups below it. */
export function cgroupProcesses(folder: string): readonly number[] {
  if (!fs.existsSync(folder)) return [];
  const text = fs.readFileSync(path.join(folder, 'cgroup.procs'), 'utf8');
  return text.split('\n').filter(Boolean).map(Number);
}

/**
 * Ends every process of the group and of all groups below it, and waits until they are gone.
 * @throws Error when some are left after the deadline.
 */
export async function killCgroup(folder: string, deadlineMs: number): Promise<void> {
  if (!fs.existsSync(folder)) return;
  fs.writeFileSync(path.join(folder, 'cgroup.kill'), '1');
  const end = performance.now() + deadlineMs;
  while (fs.readFileSync(path.join(folder, 'cgroup.events'), 'utf8').includes('populated 1')) {
    if (performance.now() > end)
      throw new Error(`Cannot end the processes of "${folder}": they are still there`);
    await delay(POLL_MS);
  }
}

/**
 * Ends every process of the group and of all groups below it, and removes them all.
 * @throws Error when processes, or new ones, are still there after the deadline.
 */
export async function removeCgroup(folder: string, deadlineMs: number): Promise<void> {
  const end = performance.now() + deadlineMs;
  while (fs.existsSync(folder)) {
    await killCgroup(folder, end - performance.now());
    try {
      removeTree(folder);
    } catch (error) {
      // A process came in between, as one that just starts may.
      const isBusy = error instanceof Error && 'code' in error && error.code === 'EBUSY';
      if (!isBusy || performance.now() > end) throw error;
      await delay(POLL_MS);
    }
  }
}

function removeTree(folder: string): void {
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) removeTree(path.join(folder, entry.name));
  }
  fs.rmdirSync(folder);
}
