/** Reads the lab that `up`, `run`, `validate` and `plan` are given. */
import fs from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { ACTIONS } from '../actions/table.ts';
import { DROP_CODES } from '../dataplane/drop-reason.ts';
import { BUILT_IN_IMAGES } from '../instances/images.ts';
import { loadLab } from '../scenario/file/load.ts';
import type { LoadOptions } from '../scenario/file/scope.ts';
import type { Lab } from '../scenario/lab.ts';
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

/** @throws LabFileError with all problems. */
export function parseLab(source: LabSource): Lab {
  return loadLab(source.text, loadOptions(source));
}

/** @returns what a lab file of that place is loaded with. */
export function loadOptions({ shown, folder }: Pick<LabSource, 'shown' | 'folder'>): LoadOptions {
  return {
    file: shown,
    folder,
    images: new Set(Object.keys(BUILT_IN_IMAGES)),
    dropReasons: new Set(DROP_CODES),
    actions: ACTIONS,
  };
}
