/** Programs of the host that run to their end, with what they wrote. */
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

export interface ProgramOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** What its standard input holds. */
  readonly input?: string;
  /** The network namespace that it runs in; that of this process when absent. */
  readonly netns?: string;
}

/** Starts a program in a process group of its own. */
export function startProgram(
  argv: readonly [string, ...string[]],
  { env, input, netns }: ProgramOptions = {},
): StartedProgram {
  const [file, ...args] = argv;
  const start = () =>
    execa(file, args, {
      reject: false,
      ...(input === undefined ? { stdin: 'ignore' } : { input }),
      stripFinalNewline: false,
      detached: true,
      cleanup: false,
      cwd: '/',
      ...(env === undefined ? {} : { env, extendEnv: false }),
    });
  const running = netns === undefined ? start() : insideNetns(netns, start);
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
  options: ProgramOptions & { readonly timeoutMs: number },
): Promise<ProgramResult> {
  const program = startProgram(argv, options);
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
