/** The tree that metadata is: what a path leads to, and how a directory is listed. */

export type Content = string | Uint8Array;

export interface Leaf {
  readonly kind: 'leaf';
  readonly read: () => Content | Promise<Content>;
}

/** One that has nothing in it is not there (IMDS-6). */
export interface Directory {
  readonly kind: 'directory';
  readonly entries: readonly Entry[];
}

export type Node = Leaf | Directory;

export interface Entry {
  readonly name: string;
  /** The first version that has it; versions sort as texts. */
  readonly since: string;
  /** Its line in a listing; absent: the name, with a slash behind that of a directory. */
  readonly line?: string;
  /** @returns null for what is not there. */
  readonly node: () => Node | null;
}

/** What the first version has, and what AWS does not say the version of. */
export const FIRST_VERSION = '1.0';

/** @param value null: it is not there. */
export function text(name: string, value: () => string | null, since = FIRST_VERSION): Entry {
  const node = (): Leaf | null => {
    const content = value();
    return content === null ? null : { kind: 'leaf', read: () => content };
  };
  return { name, since, node };
}

/** @param values One a line; none: it is not there. */
export function lines(name: string, values: () => readonly string[], since?: string): Entry {
  return text(name, () => values().join('\n') || null, since);
}

export function directory(
  name: string,
  entries: () => readonly Entry[],
  since = FIRST_VERSION,
): Entry {
  return { name, since, node: () => ({ kind: 'directory', entries: entries() }) };
}

/** @param path Names from the root. @returns null when nothing is there in the version. */
export function nodeAt(root: Directory, path: readonly string[], version: string): Node | null {
  let node: Node | null = root;
  for (const name of path) {
    if (node?.kind !== 'directory') return null;
    node = node.entries.find((each) => each.name === name && each.since <= version)?.node() ?? null;
  }
  return node === null || isEmpty(node, version) ? null : node;
}

/** @returns the children, one a line, without an end of the last (IMDS-5). */
export function listing({ entries }: Directory, version: string): string {
  return entries.flatMap((entry) => lineOf(entry, version) ?? []).join('\n');
}

function isEmpty(node: Node, version: string): boolean {
  return (
    node.kind === 'directory' && !node.entries.some((entry) => lineOf(entry, version) !== null)
  );
}

/** @returns null for what is not there. */
function lineOf({ name, since, line, node }: Entry, version: string): string | null {
  const child = since <= version ? node() : null;
  if (child === null || isEmpty(child, version)) return null;
  return line ?? (child.kind === 'directory' ? `${name}/` : name);
}
