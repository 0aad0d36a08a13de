/** Programs that take over the terminal of the command line: shells and commands in an instance. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/** Ctrl-C and Ctrl-\ reach both processes; only the program decides what they mean. */
const LEFT_TO_PROGRAM = ['SIGINT', 'SIGQUIT'] as const;

/**
 * Runs a program on this process's own standard input, output and error.
 * @returns its exit code; 128 and the number of the signal that ended it, as shells count.
 * @throws Error when it cannot be started.
 */
export async function runAttached(
  argv: readonly [string, ...string[]],
  env: Readonly<Record<string, string>>,
): Promise<number> {
  const [file, ...args] = argv;
  const ignore = () => undefined;
  for (const signal of LEFT_TO_PROGRAM) process.on(signal, ignore);
  try {
    return await new Promise<number>((resolve, reject) => {
      const child = spawn(file, args, { stdio: 'inherit', env: { ...env } });
      child.once('error', reject);
      child.once('exit', (code, signal) =>
        resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])),
      );
    });
  } finally {
    for (const signal of LEFT_TO_PROGRAM) process.off(signal, ignore);
  }
}
