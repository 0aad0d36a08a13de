/**
 * Which lab a command means: a folder, a file, `-` (standard input), the name of a lab, or by default
 * the lab of the current folder or the only one running.
 */
import fs from 'node:fs';
import path from 'node:path';
import { knownLabs, labPathOf } from '../engine/cleaning.ts';
import type { HostFolders, LabPlace } from '../engine/lab-place.ts';
import { statusIfRunning } from './control-client.ts';
import { CliError, EXIT } from './exit-codes.ts';

export const LAB_FILE_ENDING = '.vpclab.yml';
export const STANDARD_INPUT = '-';

/** What the arguments and flags say; all absent: the default. */
export interface LabChoice {
  /** The argument LAB, or `-t/--topo`. */
  readonly lab?: string | undefined;
  /** `-n/--name`. */
  readonly name?: string | undefined;
}

/**
 * Finds the lab file that `up`, `run`, `validate` and `plan` read.
 * @returns an absolute path, or `-`.
 * @throws CliError usage when there is none, or more than one.
 */
export function findLabFile(lab: string | undefined, currentFolder: string): string {
  if (lab === STANDARD_INPUT) return lab;
  const target = path.resolve(currentFolder, lab ?? '.');
  if (!fs.existsSync(target)) {
    throw new CliError(EXIT.usage, `Cannot read lab "${lab}": there is no such file or folder`);
  }
  if (!fs.statSync(target).isDirectory()) return target;
  const files = labFilesOf(target);
  const [file] = files;
  if (files.length === 1 && file !== undefined) return file;
  const state = files.length === 0 ? 'it has no lab file' : `it has ${files.length} lab files`;
  throw new CliError(
    EXIT.usage,
    `Cannot choose a lab in "${lab ?? '.'}": ${state}, wanted one *${LAB_FILE_ENDING}`,
  );
}

/** @returns true when `up` and the others would find a lab file there. */
export function hasLabFile(folder: string): boolean {
  return labFilesOf(folder).length > 0;
}

/**
 * Finds the lab that a command about running labs means. Its controller may be dead.
 * @throws CliError notFound when no lab fits, usage when several do.
 */
export async function findLab(
  choice: LabChoice,
  currentFolder: string,
  folders: HostFolders,
): Promise<LabPlace> {
  const labs = knownLabs(folders);
  if (choice.name !== undefined) return byName(labs, choice.name);
  if (choice.lab !== undefined) {
    if (!fs.existsSync(path.resolve(currentFolder, choice.lab))) return byName(labs, choice.lab);
    const file = findLabFile(choice.lab, currentFolder);
    const place = byFile(labs, file);
    if (place !== undefined) return place;
    throw new CliError(EXIT.notFound, `Cannot find lab "${choice.lab}": no lab of that file is up`);
  }
  const [here] = labFilesOf(currentFolder)
    .map((file) => byFile(labs, file))
    .filter((place) => place !== undefined);
  return here ?? (await onlyRunning(labs));
}

function byName(labs: readonly LabPlace[], name: string): LabPlace {
  const place = labs.find((lab) => lab.name === name);
  if (place !== undefined) return place;
  const names = labs.map((lab) => lab.name).join(', ');
  throw new CliError(
    EXIT.notFound,
    `Cannot find lab "${name}": ${names === '' ? 'no lab is up' : `these labs are up: ${names}`}`,
  );
}

function byFile(labs: readonly LabPlace[], file: string): LabPlace | undefined {
  return labs.find((lab) => labPathOf(lab) === file);
}

async function onlyRunning(labs: readonly LabPlace[]): Promise<LabPlace> {
  const statuses = await Promise.all(labs.map(statusIfRunning));
  const running = labs.filter((_, index) => statuses[index] !== null);
  // Labs whose controller died count when nothing runs: `down` has to reach them.
  const candidates = running.length > 0 ? running : labs;
  const [only] = candidates;
  if (only === undefined) throw new CliError(EXIT.notFound, 'Cannot choose a lab: no lab is up');
  if (candidates.length === 1) return only;
  throw new CliError(
    EXIT.usage,
    `Cannot choose a lab: ${candidates.map((lab) => `"${lab.name}"`).join(', ')} are up, wanted --name`,
  );
}

function labFilesOf(folder: string): string[] {
  return fs
    .readdirSync(folder)
    .filter((name) => name.endsWith(LAB_FILE_ENDING))
    .toSorted()
    .map((name) => path.join(folder, name));
}
