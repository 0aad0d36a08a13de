/** Names for what AWS knows by ids: those of tags, made legal and unique. */
import { NAME_PATTERN } from '../file/schema-parts.ts';
import { NAME_TAG } from '../names.ts';
import type { AwsTags } from './aws-shapes.ts';

const MOST_CHARACTERS = 32;

/** An object that wants a name. */
export interface Nameless {
  readonly id: string;
  /** What it is called in AWS; null: nothing. */
  readonly wish: string | null;
}

/** @returns the Name tag; null when there is none, or an empty one. */
export function nameTag(tags: AwsTags): string | null {
  return tags.find(({ Key }) => Key === NAME_TAG)?.Value || null;
}

/**
 * Names objects that share a space of names. Those whose names are legal keep them; of the others
 * the first one goes without a number.
 * @param taken Names that nobody may have; those that are given are added.
 * @param isTaken What else makes a name useless.
 * @returns names by id.
 */
export function nameAll(
  objects: readonly Nameless[],
  taken: Set<string> = new Set(),
  isTaken: (name: string) => boolean = () => false,
): Map<string, string> {
  const isFree = (name: string) => !taken.has(name) && !isTaken(name);
  const given = new Map<string, string>();
  const give = (id: string, name: string) => {
    taken.add(name);
    given.set(id, name);
  };
  for (const { id, wish } of objects) {
    if (wish !== null && NAME_PATTERN.test(wish) && isFree(wish)) give(id, wish);
  }
  for (const { id, wish } of objects) {
    if (given.has(id)) continue;
    const base = legalName(wish ?? id, id);
    for (let number = 1; !given.has(id); number++) {
      const suffix = number === 1 ? '' : `-${number}`;
      const name = `${trimEnd(base.slice(0, MOST_CHARACTERS - suffix.length))}${suffix}`;
      if (isFree(name)) give(id, name);
    }
  }
  // In the order of the objects, which is that of the file.
  return new Map(objects.flatMap(({ id }) => (given.has(id) ? [[id, given.get(id) ?? id]] : [])));
}

/** @param otherwise The id, for texts of which nothing is left. */
export function legalName(text: string, otherwise: string): string {
  const plain = text
    .normalize('NFKD')
    .replaceAll(/\p{Mark}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
  if (plain === '') return legalName(otherwise, 'x');
  const name = /^[a-z]/.test(plain) ? plain : `x-${plain}`;
  return trimEnd(name.slice(0, MOST_CHARACTERS));
}

function trimEnd(name: string): string {
  return name.replace(/-+$/, '');
}
