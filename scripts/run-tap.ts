/** Runs tap and keeps its raw report, which the closing line and the conformance table are made of. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  createWriteStream,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { isWorthShowing, parseTapReport, type TestPoint } from './tap-report.ts';

const TAP = join('node_modules', '.bin', 'tap');
const REPORT_FILE = join('.tap', 'report.tap');
/** Holds the .taprc that tap was last built for; goes when node_modules is installed anew. */
const BUILD_STAMP = join('node_modules', '.tap-build');

export interface TapRun {
  /** tap's own exit code; 1 when a signal ended it. */
  readonly exitCode: number;
  /** Empty when tap ended before it wrote a report. */
  readonly points: readonly TestPoint[];
}

/** @param args Test files and options for `tap run`; none: all tests. */
export async function runTap(args: readonly string[]): Promise<TapRun> {
  mkdirSync('.tap', { recursive: true });
  rmSync(REPORT_FILE, { force: true });
  const built = await buildPlugins();
  if (built !== 0) return { exitCode: built, points: [] };
  // tap's own display redraws the terminal, which makes a log unreadable.
  const exitCode = await (process.stdout.isTTY ? runOnTerminal(args) : runForLog(args));
  const points = existsSync(REPORT_FILE) ? parseTapReport(readFileSync(REPORT_FILE, 'utf8')) : [];
  return { exitCode, points };
}

/**
 * `tap run` builds tap's plugins too, but then goes on with the ones it had loaded before: the first
 * run after an installation would use the TypeScript loader that .taprc takes away.
 */
async function buildPlugins(): Promise<number> {
  const settings = readFileSync('.taprc', 'utf8');
  if (existsSync(BUILD_STAMP) && readFileSync(BUILD_STAMP, 'utf8') === settings) return 0;
  const exitCode = await exitCodeOf(spawn(TAP, ['build'], { stdio: 'inherit' }));
  if (exitCode === 0) writeFileSync(BUILD_STAMP, settings);
  return exitCode;
}

function runOnTerminal(args: readonly string[]): Promise<number> {
  const argv = ['run', `--output-file=${REPORT_FILE}`, ...args];
  return exitCodeOf(spawn(TAP, argv, { stdio: 'inherit' }));
}

async function runForLog(args: readonly string[]): Promise<number> {
  const argv = ['run', '--reporter=tap', ...args];
  const child = spawn(TAP, argv, { stdio: ['inherit', 'pipe', 'inherit'] });
  const ended = exitCodeOf(child);
  const report = createWriteStream(REPORT_FILE);
  for await (const line of createInterface({ input: child.stdout })) {
    report.write(`${line}\n`);
    if (isWorthShowing(line)) process.stdout.write(`${line}\n`);
  }
  report.end();
  await once(report, 'close');
  return ended;
}

function exitCodeOf(child: ReturnType<typeof spawn>): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}
