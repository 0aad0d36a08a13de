/** Programs of the host that run to their end, with what they wrote. */
import { execa } from 'execa';

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
