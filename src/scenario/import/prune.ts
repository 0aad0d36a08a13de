/**
 * The last check of an imported lab file: what loading it refuses is taken out and told, until
 * nothing is left that is wrong. So whatever AWS's answers say, the file is a good one.
 */
import { isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument } from 'yaml';
import { loadLab } from '../file/load.ts';
import { formatPath, LabFileError, type Path, type Problem } from '../file/problems.ts';
import type { OpenLabFile } from '../file/schema.ts';
import type { LoadOptions } from '../file/scope.ts';
import type { Lab } from '../lab.ts';
import type { LeftOut } from './context.ts';

/**
 * Takes out of the file what cannot be loaded.
 * @param render The text of the file as it is.
 * @returns the text at last, and the lab that it is.
 */
export function pruneLabFile(
  file: OpenLabFile,
  render: () => string,
  options: LoadOptions,
  leftOut: LeftOut[],
): { readonly text: string; readonly lab: Lab } {
  for (;;) {
    const text = render();
    try {
      return { text, lab: loadLab(text, options) };
    } catch (error) {
      if (!(error instanceof LabFileError)) throw error;
      const removed = removeBlamed(file, text, error.problems, leftOut);
      // What cannot be taken out is a defect of the import, and this error tells it best.
      if (!removed) throw error;
    }
  }
}

/** @returns false when nothing could be taken out. */
function removeBlamed(
  file: OpenLabFile,
  text: string,
  problems: readonly Problem[],
  leftOut: LeftOut[],
): boolean {
  const lines = new LineCounter();
  const { contents } = parseDocument(text, { lineCounter: lines });
  const blamed = new Map<string, Path>();
  for (const { line, column, message } of problems) {
    const offset = (lines.lineStarts[line - 1] ?? 0) + column - 1;
    const path = pathAt(contents, offset);
    if (path.length < 2 || blamed.has(formatPath(path))) continue;
    blamed.set(formatPath(path), path);
    leftOut.push({ what: formatPath(path), id: null, reason: message });
  }
  // Of a list the last ones first, so that the places of the others stay right.
  for (const path of [...blamed.values()].toReversed()) remove(file, path);
  return blamed.size > 0;
}

/** @returns the path of the deepest key or item that the offset is in. */
function pathAt(node: unknown, offset: number): (string | number)[] {
  if (isMap(node)) {
    const pair = node.items.find((each) => isWithin(each, offset));
    if (pair === undefined || !isScalar(pair.key)) return [];
    return [String(pair.key.value), ...pathAt(pair.value, offset)];
  }
  if (!isSeq(node)) return [];
  const index = node.items.findIndex((item) => isIn(item as Node, offset));
  return index === -1 ? [] : [index, ...pathAt(node.items[index], offset)];
}

function isWithin({ key, value }: Pair, offset: number): boolean {
  return isIn(key as Node, offset) || isIn(value as Node | null, offset);
}

function isIn(node: Node | null | undefined, offset: number): boolean {
  const range = node?.range ?? null;
  return range !== null && offset >= range[0] && offset < Math.max(range[1], range[0] + 1);
}

function remove(file: OpenLabFile, path: Path): void {
  const last = path.at(-1);
  let owner: unknown = file;
  for (const step of path.slice(0, -1)) owner = (owner as Record<string | number, unknown>)?.[step];
  if (Array.isArray(owner)) owner.splice(Number(last), 1);
  else if (typeof owner === 'object' && owner !== null) Reflect.deleteProperty(owner, last ?? '');
}
