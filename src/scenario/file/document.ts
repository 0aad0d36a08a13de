/** Reads the YAML of a lab file and remembers where each key and value stands. */
import {
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
} from 'yaml';
import type { Path, Position } from './problems.ts';

/** A parsed text; `value` is plain maps, lists and scalars. */
export interface SourceDocument {
  readonly value: unknown;
  /** What is wrong with the YAML itself. */
  readonly problems: readonly (Position & { readonly message: string })[];
  /** True when so much is wrong that the value means nothing. */
  readonly broken: boolean;
  /** @param offset A character of the text that is the value. */
  readonly locate: (path: Path, part: 'key' | 'value', offset?: number) => Position;
}

const START: Position = { line: 1, column: 1 };

/** Parses YAML 1.2 with merge keys. Never throws: a broken text is a document with problems. */
export function readDocument(text: string): SourceDocument {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: true });
  const positionOf = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return line === 0 ? START : { line, column: col };
  };
  // Behind one token that is out of place, all that follows is.
  const firstUnexpected = document.errors.find(({ code }) => code === 'UNEXPECTED_TOKEN');
  const telling = [...document.errors, ...document.warnings].filter(
    (problem) => problem.code !== 'UNEXPECTED_TOKEN' || problem === firstUnexpected,
  );
  const problems = telling.map((problem) => ({
    ...positionOf(problem.pos[0]),
    message:
      problem.code === 'DUPLICATE_KEY'
        ? `Cannot read "${keyText(text, problem.pos[0])}": found it twice, wanted each key once`
        : `Cannot read the file: ${asClause(problem.message)}, wanted valid YAML`,
  }));
  let broken = document.errors.some((problem) => problem.code !== 'DUPLICATE_KEY');
  let value: unknown;
  try {
    value = broken ? undefined : document.toJS();
  } catch (cause) {
    // The only cause: aliases that unfold to an enormous value.
    const reason = asClause(cause instanceof Error ? cause.message : String(cause));
    problems.push({ ...START, message: `Cannot read the file: ${reason}, wanted fewer aliases` });
    broken = true;
  }
  const locate = (path: Path, part: 'key' | 'value', offset = 0) => {
    const start = offsetOf(document, path, part) ?? 0;
    return positionOf(offset === 0 ? start : characterOf(document, text, path, start, offset));
  };
  return { value, problems, broken, locate };
}

function keyText(text: string, offset: number): string {
  return (
    /^[^:\n]*/
      .exec(text.slice(offset))?.[0]
      .trim()
      .replaceAll(/^["']|["']$/g, '') ?? ''
  );
}

/** Makes the parser's sentence fit into ours: one line, no capital at the start, no full stop. */
function asClause(sentence: string): string {
  const line = sentence.split('\n')[0] ?? '';
  return `${line.slice(0, 1).toLowerCase()}${line.slice(1)}`.replace(/[.:]$/, '');
}

/** @returns the offset of the deepest part of the path that exists; a missing field blames its owner's key. */
function offsetOf(document: Document, path: Path, part: 'key' | 'value'): number | undefined {
  let node: unknown = document.contents;
  let offset = startOf(node);
  for (const [depth, step] of path.entries()) {
    const last = depth === path.length - 1;
    const found = child(isAlias(node) ? node.resolve(document) : node, step);
    if (found === null) return offset;
    const keyOffset = startOf(found.key);
    node = found.value;
    const valueOffset = isScalar(node) || isAlias(node) ? startOf(node) : undefined;
    // Blocks are best found by their key; flow collections stand on the same line anyway.
    offset =
      (last && part === 'key' ? undefined : valueOffset) ?? keyOffset ?? startOf(node) ?? offset;
  }
  return offset;
}

/** @returns the place of a character of a text; of one that is folded or escaped, the start of the text. */
function characterOf(
  document: Document,
  text: string,
  path: Path,
  start: number,
  offset: number,
): number {
  const node = nodeAt(document, path);
  const value = isScalar(node) ? node.value : undefined;
  if (typeof value !== 'string') return start;
  const quotes = text.startsWith(value, start) ? 0 : 1;
  return text.startsWith(value, start + quotes) ? start + quotes + offset : start;
}

function nodeAt(document: Document, path: Path): unknown {
  let node: unknown = document.contents;
  for (const step of path) {
    node = child(isAlias(node) ? node.resolve(document) : node, step)?.value;
  }
  return node;
}

function child(node: unknown, step: string | number): { key: unknown; value: unknown } | null {
  if (isSeq(node)) {
    const item: unknown = node.items[Number(step)];
    return item === undefined ? null : { key: null, value: item };
  }
  if (!isMap(node)) return null;
  for (const pair of node.items) {
    if (!isPair(pair)) continue;
    const key: unknown = isScalar(pair.key) ? pair.key.value : pair.key;
    if (String(key) === String(step)) return { key: pair.key, value: pair.value };
  }
  return null;
}

function startOf(node: unknown): number | undefined {
  const range = (node as { range?: readonly number[] | null } | null | undefined)?.range;
  return range?.[0];
}
