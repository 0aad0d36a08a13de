/**
 * What is wrong with a lab file, and where: `file:line:column: Cannot <act> "<what>": found X, wanted Y`.
 * All problems of a file are collected before one error carries them.
 */

export interface Position {
  /** Counted from 1. */
  readonly line: number;
  /** Counted from 1. */
  readonly column: number;
}

export interface Problem extends Position {
  readonly file: string;
  readonly message: string;
}

/** A place in a lab file: keys and list indexes from the root. */
export type Path = readonly (string | number)[];

/** Takes problems as they are found. */
export interface Reporter {
  /**
   * Blames the value at the path, or what stands nearest above it when it is missing.
   * @param offset Which character of a text is wrong.
   */
  readonly at: (path: Path, message: string, offset?: number) => void;
  /** Blames the key at the end of the path. */
  readonly atKey: (path: Path, message: string) => void;
}

/** A lab file that cannot be used; its message is the list of all problems, one a line. */
export class LabFileError extends Error {
  override readonly name = 'LabFileError';
  /** In the order of the file. */
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(formatProblem).join('\n'));
    this.problems = problems;
  }
}

/** @returns `file:line:column: message`, which editors and terminals make a link of. */
export function formatProblem(problem: Problem): string {
  return `${problem.file}:${problem.line}:${problem.column}: ${problem.message}`;
}

/** @returns the path as it is written in messages: `steps[0].expect.on`. */
export function formatPath(path: Path): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else text += text === '' ? part : `.${part}`;
  }
  return text;
}

const SHOWN_TEXT = 60;

/** Says in words what stands in the file. */
export function describe(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (typeof value === 'string') {
    return value.length > SHOWN_TEXT ? `"${value.slice(0, SHOWN_TEXT)}…"` : `"${value}"`;
  }
  if (typeof value === 'number') return `the number ${value}`;
  if (typeof value === 'boolean') return `${value}`;
  if (!Array.isArray(value)) return 'a map';
  return value.length === 0 ? 'an empty list' : 'a list';
}

const SHOWN_CANDIDATES = 8;

/**
 * Says what could have been meant.
 * @param kind What the candidates are, such as `an instance`; used when none is near.
 * @returns the nearest candidate in quotes when the word looks misspelt, else a list of candidates.
 */
export function wantedName(word: string, candidates: Iterable<string>, kind: string): string {
  const all = [...candidates];
  const near = nearest(word, all);
  if (near !== null) return `"${near}"`;
  if (all.length === 0) return `${kind}, and there is none`;
  const shown = all.slice(0, SHOWN_CANDIDATES).join(', ');
  const more = all.length > SHOWN_CANDIDATES ? ', …' : '';
  return all.length === 1 ? `${kind}: ${shown}` : `${kind}, one of ${shown}${more}`;
}

/** @returns the candidate with the fewest edits when the word looks misspelt, else null. */
export function nearest(word: string, candidates: Iterable<string>): string | null {
  let best: string | null = null;
  let bestEdits = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) >= bestEdits) continue;
    const edits = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (edits < bestEdits) {
      best = candidate;
      bestEdits = edits;
    }
  }
  return best;
}

/** Levenshtein's distance, where two neighbours that changed places count as one edit. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let edits = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, substitution);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        edits = Math.min(edits, (beforeLast[j - 2] ?? 0) + 1);
      }
      row.push(edits);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}
