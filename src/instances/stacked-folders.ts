/** What is where in folders that an overlay is to show as one, before it does. */
import fs from 'node:fs';
import path from 'node:path';

export interface Found {
  /** Absolute inside the overlay, free of links as far as it is there. */
  readonly name: string;
  /** Where it is in the host's own tree; null: it is not there. */
  readonly source: string | null;
}

/** As the kernel's (path_resolution(7)). */
const MAX_LINKS = 40;

/**
 * Follows links as a program inside would, never out of the folders.
 * @param folders The top one first. @param name Absolute inside.
 * @returns also for what is not there, or leads in a circle.
 */
export function find(folders: readonly string[], name: string): Found {
  const rest = partsOf(name);
  let place = '/';
  let links = 0;
  for (let part = rest.shift(); part !== undefined; part = rest.shift()) {
    const next = path.join(place, part);
    const target = linkTarget(folders, next);
    if (target === null) {
      place = next;
      continue;
    }
    if (++links > MAX_LINKS) return { name, source: null };
    rest.unshift(...partsOf(target));
    if (target.startsWith('/')) place = '/';
  }
  return { name: place, source: topmost(folders, place) };
}

function partsOf(name: string): string[] {
  return name.split('/').filter((part) => part !== '' && part !== '.');
}

function topmost(folders: readonly string[], name: string): string | null {
  for (const folder of folders) {
    const source = path.join(folder, name);
    if (fs.lstatSync(source, { throwIfNoEntry: false }) !== undefined) return source;
  }
  return null;
}

function linkTarget(folders: readonly string[], name: string): string | null {
  const source = topmost(folders, name);
  return source !== null && fs.lstatSync(source).isSymbolicLink() ? fs.readlinkSync(source) : null;
}
