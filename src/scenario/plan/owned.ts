/** Which objects the lab file made. */
import type { Tagged } from '../../model/tags.ts';
import { nameOf } from '../names.ts';
import { LAB_TAG } from './planned-action.ts';

/** @returns true for what the lab file made, and for defaults that it changed. */
export function isOwned(lab: string, { tags }: Tagged): boolean {
  return tags.get(LAB_TAG) === lab;
}

/**
 * @param prefix What the name starts with; null: the object does not count.
 * @returns the objects of the lab file by their names.
 */
export function owned<Id, Row extends Tagged>(
  lab: string,
  rows: ReadonlyMap<Id, Row> | undefined,
  prefix: (row: Row) => string | null,
): Map<string, Row> {
  const found = new Map<string, Row>();
  for (const row of rows?.values() ?? []) {
    const name = nameOf(row);
    const before = isOwned(lab, row) ? prefix(row) : null;
    if (name !== null && before !== null) found.set(before + name, row);
  }
  return found;
}
