/** The compiled command line, as its user calls it. */
import { execa } from 'execa';

/** @param input What goes to standard input. @returns the wall time in milliseconds. */
export async function vpclab(argv: readonly string[], input = ''): Promise<number> {
  const startMs = performance.now();
  await execa(process.execPath, ['dist/cli/main.js', ...argv], { input });
  return performance.now() - startMs;
}

/** @returns what the command writes with `--json`. */
export async function vpclabJson(argv: readonly string[]): Promise<unknown> {
  const { stdout } = await execa(process.execPath, ['dist/cli/main.js', ...argv, '--json']);
  return JSON.parse(stdout);
}
