/** The compiled command line, as its user calls it. */
import { execa } from 'execa';

/** The exit code for a lab that is not there. */
const NO_SUCH_LAB = 4;

/**
 * @param input What goes to standard input. @param env Besides the environment there is.
 * @returns the wall time in milliseconds.
 */
export async function vpclab(
  argv: readonly string[],
  input = '',
  env: Readonly<Record<string, string>> = {},
): Promise<number> {
  const startMs = performance.now();
  await execa(process.execPath, ['dist/cli/main.js', ...argv], { input, env: { ...env } });
  return performance.now() - startMs;
}

/** Takes a lab down; nothing happens when it is down already. */
export async function takeDown(lab: string): Promise<void> {
  const argv = ['dist/cli/main.js', 'down', '-n', lab];
  const { exitCode, stderr } = await execa(process.execPath, argv, { reject: false });
  if (exitCode !== 0 && exitCode !== NO_SUCH_LAB) throw new Error(stderr);
}

/** @returns what the command writes with `--json`. */
export async function vpclabJson(argv: readonly string[]): Promise<unknown> {
  const { stdout } = await execa(process.execPath, ['dist/cli/main.js', ...argv, '--json']);
  return JSON.parse(stdout);
}
