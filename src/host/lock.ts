/**
 * A lock between processes on a folder that is there anyway: nothing has to be made for it, and the
 * kernel lets go of it when its holder dies. Read first: flock(2).
 */
import { setTimeout as delay } from 'node:timers/promises';
import { checked, close, flock, O_CLOEXEC, open } from './ffi.ts';

const LOCK_EXCLUSIVE_NOW = 2 | 4;
const POLL_MS = 5;

/** Runs `use` while no other process, nor another call here, holds the folder. Calls must not nest. */
export async function withFolderLock<R>(folder: string, use: () => R | Promise<R>): Promise<R> {
  const fd = checked(open(folder, O_CLOEXEC), `open "${folder}"`);
  try {
    while (flock(fd, LOCK_EXCLUSIVE_NOW) !== 0) await delay(POLL_MS);
    return await use();
  } finally {
    close(fd);
  }
}
