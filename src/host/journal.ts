/**
 * What a lab made on the host, written down before it is made: so that anybody can undo it later,
 * and nothing else is ever touched.
 */
import fs from 'node:fs';

/**
 * `cgroup` and `mount` name folders, `netns` a name below /run/netns. Of the host's own network: `link`
 * names an interface, `nft-table` a table of nftables of the family inet.
 */
export type OwnedKind = 'cgroup' | 'netns' | 'mount' | 'link' | 'nft-table';

export interface Owned {
  readonly kind: OwnedKind;
  readonly name: string;
}

const KINDS: ReadonlySet<string> = new Set(['cgroup', 'netns', 'mount', 'link', 'nft-table']);

export class Journal {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** Call it before the thing is made. */
  record(kind: OwnedKind, name: string): void {
    fs.appendFileSync(this.#path, `${kind} ${name}\n`);
  }

  /** @returns all that was recorded, oldest first, each once. A line cut short by a crash is left out. */
  entries(): readonly Owned[] {
    if (!fs.existsSync(this.#path)) return [];
    const seen = new Map<string, Owned>();
    for (const line of fs.readFileSync(this.#path, 'utf8').split('\n').slice(0, -1)) {
      const space = line.indexOf(' ');
      const kind = line.slice(0, space);
      if (KINDS.has(kind)) seen.set(line, { kind: kind as OwnedKind, name: line.slice(space + 1) });
    }
    return [...seen.values()];
  }
}
