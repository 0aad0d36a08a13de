/**
 * Checks a lab file against the schema and says in our words what is wrong.
 * What is wrong is then left out, so that the rest can still be checked: all errors come at once.
 */
import type { z } from 'zod';
import { describe, formatPath, nearest, type Path, type Reporter, wantedName } from './problems.ts';
import { type LabFile, labFileSchema } from './schema.ts';

type Issue = z.core.$ZodIssue;

/** The part of a file that has the right shape. */
export interface Shaped {
  /** null: nothing is left. */
  readonly file: LabFile | null;
  /** Turns a path in `file` into the path in the source; they differ when a list lost elements. */
  readonly sourcePath: (path: Path) => Path;
}

/** @param value Plain maps, lists and scalars; not changed. */
export function checkShape(value: unknown, report: Reporter): Shaped {
  const pruned = new PrunedValue(value);
  const sourcePath = (path: Path) => pruned.sourcePath(path);
  for (let round = 0; ; round++) {
    const result = labFileSchema.safeParse(pruned.value);
    if (result.success) return { file: result.data, sourcePath };
    const issues = result.error.issues.flatMap((issue) => concrete(issue, []));
    // Later rounds only find what the removals of the first one left behind.
    if (round === 0) {
      const explained = explainedPaths(issues);
      for (const issue of issues) {
        const isExplained = explained.has(JSON.stringify(issue.path));
        if (issue.code === 'unrecognized_keys' || !isExplained) {
          reportIssue(issue, pruned.value, report);
        }
      }
    }
    if (!pruned.removeAll(unique(issues.flatMap(wrongPaths)))) return { file: null, sourcePath };
  }
}

/** Replaces a failed union by what is wrong with the alternative that was most probably meant. */
function concrete(issue: Issue, above: Path): Issue[] {
  const path = [...above, ...(issue.path as (string | number)[])];
  if (issue.code !== 'invalid_union') return [{ ...issue, path }];
  const meant = issue.errors.filter((errors) => !errors.some(isMismatch));
  const [best, second] = meant.toSorted((a, b) => weight(a) - weight(b));
  // When no alternative stands out, the union itself says what was wanted.
  const isTie = best !== undefined && second !== undefined && weight(best) === weight(second);
  if (best === undefined || isTie) return [{ ...issue, path }];
  return best.flatMap((inner) => concrete(inner as Issue, path));
}

/** @returns true when the value is of another kind than the alternative asks for. */
function isMismatch(issue: z.core.$ZodIssue): boolean {
  if (issue.path.length > 0 || issue.code === 'unrecognized_keys') return false;
  return issue.code !== 'invalid_union' || issue.errors.every((errors) => errors.some(isMismatch));
}

function weight(errors: readonly z.core.$ZodIssue[]): number {
  return errors.reduce((sum, issue) => sum + weightOf(issue), 0);
}

function weightOf(issue: z.core.$ZodIssue): number {
  if (issue.code === 'unrecognized_keys') return issue.keys.length;
  return issue.code === 'invalid_union' ? Math.min(...issue.errors.map(weight)) : 1;
}

/** @returns what is wrong or missing only because the name of a field is misspelt. */
function explainedPaths(issues: readonly Issue[]): Set<string> {
  const paths = new Set<string>();
  for (const issue of issues) {
    if (issue.code !== 'unrecognized_keys') continue;
    paths.add(JSON.stringify(issue.path));
    for (const key of issue.keys) {
      const field = nearest(key, issue.message.split(' '));
      if (field !== null) paths.add(JSON.stringify([...issue.path, field]));
    }
  }
  return paths;
}

function reportIssue(issue: Issue, value: unknown, report: Reporter): void {
  const path = issue.path as (string | number)[];
  if (issue.code === 'unrecognized_keys') {
    const fields = issue.message.split(' ');
    for (const key of issue.keys) {
      const at = [...path, key];
      const wanted = wantedName(key, fields, 'a field');
      report.atKey(at, `Cannot read "${formatPath(at)}": found an unknown field, wanted ${wanted}`);
    }
    return;
  }
  const what = path.length === 0 ? 'the file' : `"${formatPath(path)}"`;
  if (issue.code === 'invalid_key') {
    const wanted = issue.issues[0]?.message ?? '';
    report.atKey(path, `Cannot read ${what}: found ${describe(path.at(-1))}, wanted ${wanted}`);
  } else {
    const found = describe(valueAt(value, path));
    report.at(path, `Cannot read ${what}: found ${found}, wanted ${issue.message}`);
  }
}

/** @returns what must go for the rest to pass. */
function wrongPaths(issue: Issue): Path[] {
  const path = issue.path as (string | number)[];
  return issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...path, key]) : [path];
}

function valueAt(value: unknown, path: Path): unknown {
  let at = value;
  for (const step of path) at = (at as Record<string, unknown> | null | undefined)?.[step];
  return at;
}

/** A copy of the value from which parts are taken away. */
class PrunedValue {
  value: unknown;
  /** Of each list that lost elements, by its path in the source: the indexes that are left. */
  readonly #left = new Map<string, number[]>();

  constructor(value: unknown) {
    // Aliases share objects, and what goes from one place must stay in the other.
    this.value = JSON.parse(JSON.stringify(value ?? null));
  }

  sourcePath(path: Path): Path {
    const source: (string | number)[] = [];
    for (const step of path) {
      const left = typeof step === 'number' ? this.#left.get(JSON.stringify(source)) : undefined;
      source.push(left?.[step as number] ?? step);
    }
    return source;
  }

  /** @returns false when nothing is left. */
  removeAll(paths: readonly Path[]): boolean {
    const owners: Path[] = [];
    // From the back, so that indexes of what is still to be removed stay right.
    const ordered = paths.toSorted((a, b) => comparePaths(b, a));
    for (const path of ordered) {
      if (path.length === 0) return false;
      // A required field that is missing takes its owner along.
      const missing = valueAt(this.value, path) === undefined;
      const takesOwner = (missing && !isLabName(path)) || isSubnetBlock(path);
      if (takesOwner) owners.push(path.slice(0, -1));
      else this.#remove(path);
    }
    return owners.length === 0 || this.removeAll(unique(owners));
  }

  #remove(path: Path): void {
    const ownerPath = path.slice(0, -1);
    const owner = valueAt(this.value, ownerPath);
    const last = path.at(-1) ?? '';
    if (Array.isArray(owner)) {
      const key = JSON.stringify(this.sourcePath(ownerPath));
      const left = this.#left.get(key) ?? Array.from(owner, (_, index) => index);
      left.splice(Number(last), 1);
      this.#left.set(key, left);
      owner.splice(Number(last), 1);
      return;
    }
    // A lab without its name is still worth checking.
    if (isLabName(path)) this.value = { ...(owner as object), name: 'unnamed' };
    else delete (owner as Record<string, unknown>)[last];
  }
}

function isLabName(path: Path): boolean {
  return path.length === 1 && path[0] === 'name';
}

/** Without one of its blocks a subnet would be of another kind (SUB-5). */
function isSubnetBlock(path: Path): boolean {
  const [, , list, , field, ...more] = path;
  return list === 'subnets' && (field === 'cidr' || field === 'ipv6') && more.length === 0;
}

function unique(paths: readonly Path[]): Path[] {
  return [...new Map(paths.map((path) => [JSON.stringify(path), path])).values()];
}

function comparePaths(a: Path, b: Path): number {
  for (const [depth, step] of a.entries()) {
    const other = b[depth];
    if (other === undefined) return 1;
    if (step === other) continue;
    if (typeof step === 'number' && typeof other === 'number') return step - other;
    return String(step) < String(other) ? -1 : 1;
  }
  return a.length - b.length;
}
