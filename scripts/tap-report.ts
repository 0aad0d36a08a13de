/**
 * Reads a TAP report: which tests ran and how each ended.
 * Read first: the TAP 14 specification (test points, subtests, directives).
 */

export interface TestPoint {
  /** 0: a test file; 1: a test of a file; 2 and more: subtests and assertions. */
  readonly depth: number;
  readonly title: string;
  readonly outcome: 'passed' | 'failed' | 'skipped';
}

export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const INDENT = 4;
const TEST_POINT = /^( *)(not ok|ok)\b(?: \d+)?(?: - | )?(.*)$/;
const DIRECTIVE = / # (SKIP|TODO)\b.*$/i;
const TIME_AND_BRACE = /(?: # time=[\d.]+ms)?(?: \{)?$/;

/** @param report The text that `tap run --output-file` wrote. */
export function parseTapReport(report: string): TestPoint[] {
  const points: TestPoint[] = [];
  let diagnosticEnd: string | null = null;
  for (const line of report.split('\n')) {
    if (diagnosticEnd !== null) {
      if (line === diagnosticEnd) diagnosticEnd = null;
      continue;
    }
    if (/^ *---$/.test(line)) {
      diagnosticEnd = line.replace('---', '...');
      continue;
    }
    const point = parseTestPoint(line);
    if (point !== null) points.push(point);
  }
  return points;
}

function parseTestPoint(line: string): TestPoint | null {
  const match = TEST_POINT.exec(line);
  if (match === null) return null;
  const [, indent = '', status, rest = ''] = match;
  const skipped = DIRECTIVE.test(rest);
  const title = rest
    .replace(TIME_AND_BRACE, '')
    .replace(DIRECTIVE, '')
    .replaceAll(/\\([#\\])/g, '$1');
  const outcome = skipped ? 'skipped' : status === 'ok' ? 'passed' : 'failed';
  return { depth: indent.length / INDENT, title: title.trim(), outcome };
}

/**
 * Counts the tests of all files. A file that failed though none of its tests did (it crashed, or
 * ended without a test) counts as one failed test, so that it cannot get lost.
 */
export function countTests(points: readonly TestPoint[]): TestCounts {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  let failedInFile = 0;
  for (const point of points) {
    if (point.depth === 1) {
      counts[point.outcome] += 1;
      if (point.outcome === 'failed') failedInFile += 1;
    } else if (point.depth === 0) {
      // The point of a file follows those of its tests.
      if (point.outcome === 'failed' && failedInFile === 0) counts.failed += 1;
      if (point.outcome === 'skipped') counts.skipped += 1;
      failedInFile = 0;
    }
  }
  return counts;
}

/** Lines that say nothing about how a file or a test ended: passed assertions, plans, blanks. */
const NOT_SHOWN = /^(?: {8,}ok\b.*| *\d+\.\.\d+.*| *# Subtest: .*| +# time=.*|\s*)$/;

/** @returns true for the lines of a report that a log of the run should have. */
export function isWorthShowing(line: string): boolean {
  return !NOT_SHOWN.test(line);
}
