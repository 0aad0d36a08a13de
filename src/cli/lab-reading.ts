/** The text of the lab that a command is given, and its name; what the text means is for `lab-loading.ts`. */
import fs from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { parse } from 'yaml';
import { LAB_NAME_PATTERN } from '../scenario/lab-name.ts';
import { findLabFile, STANDARD_INPUT } from './lab-argument.ts';
import type { LabSource } from './lab-source.ts';

/** @throws CliError usage when there is no such file. */
export async function readLabSource(
  lab: string | undefined,
  currentFolder: string,
): Promise<LabSource> {
  const file = findLabFile(lab, currentFolder);
  if (file === STANDARD_INPUT) {
    return { file, shown: file, folder: currentFolder, text: await text(process.stdin) };
  }
  return {
    file,
    shown: path.relative(currentFolder, file),
    folder: path.dirname(file),
    text: fs.readFileSync(file, 'utf8'),
  };
}

/** @returns a lab with nothing of its own: an account as AWS gives it. */
export function emptyAccount(
  { name, region }: { readonly name: string; readonly region: string | undefined },
  currentFolder: string,
): LabSource {
  const text = JSON.stringify({ name, region });
  return { file: STANDARD_INPUT, shown: 'the flags', folder: currentFolder, text };
}

/** @returns the name that the text gives; null when it gives none, whatever else is wrong with it. */
export function labNameOf({ text: yaml }: LabSource): string | null {
  try {
    const { name } = parse(yaml) as { readonly name?: unknown };
    return typeof name === 'string' && LAB_NAME_PATTERN.test(name) ? name : null;
  } catch {
    // Whoever reads the whole text says what is wrong.
    return null;
  }
}
