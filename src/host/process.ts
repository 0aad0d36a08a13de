/** Programs of the host: run to their end, or started and watched. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { execa } from 'execa';
import { insideNetns } from './netns.ts';

export interface ProgramResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Exit code of a program that outlived its time, as timeout(1) gives it. */
export const EXIT_TIMEOUT = 124;

/** A program that was started. */
export interface StartedProgram {
  /** Settles when the program and all its output have ended. */
  readonly ended: Promise<ProgramResult>;
  /** Signals the program and its children; those in a namespace below are reached as well. */
  signal(signal: NodeJS.Signals): void;
}

/** Starts a program in a process group of its own. */
export function startProgram(
  argv: readonly [string, ...string[]],
  env?: Readonly<Record<string, string>>,
): StartedProgram {
  const [file, ...args] = argv;
  const running = execa(file, args, {
    reject: false,
    stdin: 'ignore',
    stripFinalNewline: false,
    detached: true,
    cleanup: false,
    cwd: '/',
    ...(env === undefined ? {} : { env, extendEnv: false }),
  });
  return {
    ended: running.then((result) => ({
      exitCode: result.exitCode ?? 128,
      stdout: result.stdout,
      stderr:
        result.exitCode === undefined
          ? `${result.stderr}${result.shortMessage ?? ''}`
          : result.stderr,
    })),
    signal(signal) {
      if (running.pid === undefined || running.exitCode !== null) return;
      try {
        process.kill(-running.pid, signal);
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
      }
    },
  };
}

/** Runs a program and waits for it. @param options.timeoutMs Then it is killed: exit code 124. */
export async function runProgram(
  argv: readonly [string, ...string[]],
  options: { readonly timeoutMs: number; readonly env?: Readonly<Record<string, string>> },
): Promise<ProgramResult> {
  const program = startProgram(argv, options.env);
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    program.signal('SIGKILL');
  }, options.timeoutMs);
  try {
    const result = await program.ended;
    return timedOut ? { ...result, exitCode: EXIT_TIMEOUT } : result;
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Starts a program whose output goes to a file and whose descriptor 3 is a pipe of lines to here.
 * @param onLine Called for each line on descriptor 3. @param onEnd Called when the pipe closes.
 */
export function startReporting(
  argv: readonly [string, ...string[]],
  options: {
    /** The network namespace that it begins in; that of this process when absent. */
    readonly netns?: string;
    readonly env: Readonly<Record<string, string>>;
    readonly logPath: string;
    readonly onLine: (line: string) => void;
    readonly onEnd: () => void;
  },
): ChildProcess {
  const [file, ...args] = argv;
  const log = fs.openSync(options.logPath, 'a', 0o644);
  try {
    const start = (): ChildProcess =>
      spawn(file, args, {
        env: { ...options.env },
        stdio: ['ignore', log, log, 'pipe'],
        detached: true,
        cwd: '/',
      });
    const child = options.netns === undefined ? start() : insideNetns(options.netns, start);
    let rest = '';
    const pipe = child.stdio[3] as NodeJS.ReadableStream;
    pipe.setEncoding('utf8');
    pipe.on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) options.onLine(line);
    });
    pipe.on('close', options.onEnd);
    child.on('error', options.onEnd);
    return child;
  } finally {
    fs.closeSync(log);
  }
}

/** Kills a child of this process, and waits until it has ended; nothing happens when it has. */
export async function killChild(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

/** @returns the full path of a program of the host, or null. */
export function findProgram(name: string): string | null {
  const folders = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/sbin', '/usr/lib/frr'];
  for (const folder of folders) {
    const path = `${folder}/${name}`;
    if (folder !== '' && fs.existsSync(path)) return path;
  }
  return null;
}

/** @returns when a process began, in the kernel's ticks; null when it is not there or only waits to be reaped. */
export function processStart(pid: number): string | null {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold spaces; fields count from behind it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? null : (fields[19] ?? null);
  } catch {
    return null;
  }
}
