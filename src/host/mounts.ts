/** Mounts that a lab makes on the host, and those that it finds there. */
import fs from 'node:fs';
import { checked, mount, umount2 } from './ffi.ts';

const MNT_DETACH = 2;
/** File systems that hold programs and files, not kernel objects. */
const STORAGE_TYPES = /^(?:ext[234]|xfs|btrfs|zfs|f2fs|overlay|squashfs|erofs|bcachefs)$/;

/** Mounts a file system in memory. @param source What `mount` shows as its device. */
export function mountTmpfs(source: string, target: string): void {
  fs.mkdirSync(target, { recursive: true });
  checked(mount(source, target, 'tmpfs', 0, 'mode=0755'), `mount "${target}"`);
}

/** Unmounts; nothing happens when nothing is mounted there. */
export function unmount(target: string): void {
  umount2(target, MNT_DETACH);
}

/** @returns mount points of storage below `/`, outer ones first: an overlay of `/` does not show them. */
export function storageMounts(): readonly string[] {
  const found = new Set<string>();
  for (const line of fs.readFileSync('/proc/self/mounts', 'utf8').split('\n')) {
    const [, target, type] = line.split(' ');
    if (target === undefined || type === undefined || !STORAGE_TYPES.test(type)) continue;
    if (
      target !== '/' &&
      /^\/(?:usr|opt|var|etc|srv|lib\w*|bin|sbin|root|home)(?:\/|$)/.test(target)
    ) {
      found.add(target);
    }
  }
  return [...found].filter((target) => !target.includes('\\')).sort();
}
