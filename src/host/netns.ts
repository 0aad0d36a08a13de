/**
 * Network namespaces as `ip netns` keeps them: a bind mount on a file in /run/netns.
 * Made in-process: a `setns` of the calling thread, back again before anything else runs.
 */
import fs from 'node:fs';
import { checked, close, mount, O_CLOEXEC, open, setns, umount2, unshare } from './ffi.ts';

const CLONE_NEWNET = 0x40000000;
const MS_BIND = 0x1000;
const MS_REC = 0x4000;
const MS_SHARED = 0x100000;
const MNT_DETACH = 2;

const NETNS_FOLDER = '/run/netns';

/** @returns the file of a namespace, for `nsenter --net=`. */
export function netnsPath(name: string): string {
  return `${NETNS_FOLDER}/${name}`;
}

/** @returns true when the name is taken, by whomever. */
export function netnsExists(name: string): boolean {
  return fs.existsSync(netnsPath(name));
}

/** Makes a namespace. @throws SystemCallError; Error EEXIST when the name is taken. */
export function createNetns(name: string): void {
  shareNetnsFolder();
  const path = netnsPath(name);
  fs.closeSync(fs.openSync(path, 'wx', 0o444));
  const home = openNetns('/proc/thread-self/ns/net');
  try {
    checked(unshare(CLONE_NEWNET), `make network namespace "${name}"`);
    try {
      checked(
        mount('/proc/thread-self/ns/net', path, null, MS_BIND, null),
        `keep network namespace "${name}"`,
      );
    } finally {
      checked(setns(home, CLONE_NEWNET), 'return to the network namespace of the host');
    }
  } catch (error) {
    fs.rmSync(path, { force: true });
    throw error;
  } finally {
    close(home);
  }
}

/** Removes a namespace of that name; nothing happens when there is none. */
export function deleteNetns(name: string): void {
  const path = netnsPath(name);
  if (!fs.existsSync(path)) return;
  umount2(path, MNT_DETACH);
  fs.rmSync(path, { force: true });
}

/** Runs `use` with the calling thread inside a namespace. `use` must not wait for anything. */
export function insideNetns<R>(name: string, use: () => R): R {
  const home = openNetns('/proc/thread-self/ns/net');
  const there = openNetns(netnsPath(name));
  try {
    checked(setns(there, CLONE_NEWNET), `enter network namespace "${name}"`);
    try {
      return use();
    } finally {
      checked(setns(home, CLONE_NEWNET), 'return to the network namespace of the host');
    }
  } finally {
    close(there);
    close(home);
  }
}

function openNetns(path: string): number {
  return checked(open(path, O_CLOEXEC), `open "${path}"`);
}

/** iproute2 does the same at its first use: mounts below the folder then show in every mount namespace. */
function shareNetnsFolder(): void {
  fs.mkdirSync(NETNS_FOLDER, { recursive: true, mode: 0o755 });
  if (mount('', NETNS_FOLDER, 'none', MS_SHARED | MS_REC, null) === 0) return;
  checked(
    mount(NETNS_FOLDER, NETNS_FOLDER, 'none', MS_BIND | MS_REC, null),
    `mount "${NETNS_FOLDER}"`,
  );
  checked(mount('', NETNS_FOLDER, 'none', MS_SHARED | MS_REC, null), `share "${NETNS_FOLDER}"`);
}
