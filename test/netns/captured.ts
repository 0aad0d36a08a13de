/** Captures of a lab made by the command line, and what tshark reads in them. */
import fs from 'node:fs';
import path from 'node:path';
import { execa } from 'execa';
import type { Test } from 'tap';
import { startVpclab, type TestLab, until } from './test-lab.ts';

const READY_MS = 10_000;
/** tshark says so to every root. */
const ROOT_WARNING = /^Running as user "root" and group "root"\. This could be dangerous\.\n/;

export interface SharkResult {
  readonly exitCode: number;
  /** One array of fields a frame. */
  readonly rows: readonly (readonly string[])[];
  /** Without the warning about root. */
  readonly stderr: string;
}

/** Reads a capture. @param fields Names of tshark's fields, such as `ip.src`. */
export async function tshark(
  file: string,
  filter: string,
  fields: readonly string[],
  preferences: readonly string[] = [],
): Promise<SharkResult> {
  const result = await execa(
    'tshark',
    [
      '-n',
      '-r',
      file,
      '-Y',
      filter,
      '-T',
      'fields',
      ...fields.flatMap((field) => ['-e', field]),
      ...preferences.flatMap((preference) => ['-o', preference]),
    ],
    { reject: false },
  );
  return {
    exitCode: result.exitCode ?? 128,
    rows: result.stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.split('\t')),
    stderr: `${result.stderr}\n`.replace(ROOT_WARNING, '').trim(),
  };
}

/**
 * Captures while `use` runs and until the file holds what is wanted.
 * @param options.enough A tshark filter and the number of frames that it must find.
 * @returns the file.
 */
export async function captureWhile(
  t: Test,
  lab: TestLab,
  options: {
    readonly argv: readonly string[];
    readonly enough: { readonly filter: string; readonly frames: number };
  },
  use: () => Promise<void>,
): Promise<string> {
  const file = path.join(t.testdir({}), 'frames');
  const capture = startVpclab(['capture', '-n', lab.name, '-w', file, ...options.argv]);
  await until(
    'the capture begins',
    READY_MS,
    () => fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0,
    (size) => size > 0,
  );
  await use();
  const { filter, frames } = options.enough;
  await until(
    `the capture has ${frames} of "${filter}"`,
    READY_MS,
    async () => (await tshark(file, filter, ['frame.number'])).rows.length,
    (count) => count >= frames,
  );
  capture.kill('SIGINT');
  const { exitCode, stderr } = await capture;
  t.equal(exitCode, 0, `capture ends well at Ctrl-C ${stderr}`);
  return file;
}
