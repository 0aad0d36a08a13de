/** What every command gets: where to write, where the labs are, and whom to tell the exit code. */
import { InvalidArgumentError, Option } from 'commander';
import type { HostFolders, LabPlace } from '../engine/lab-place.ts';
import { ControlClient } from './control-client.ts';
import { EXIT } from './exit-codes.ts';
import { findLab, type LabChoice } from './lab-argument.ts';
import type { Output } from './output.ts';

export interface CliContext {
  readonly output: Output;
  readonly folders: HostFolders;
  readonly currentFolder: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Set by a command that ends otherwise than good. */
  exitCode: number;
}

export function newContext(parts: Omit<CliContext, 'exitCode'>): CliContext {
  return { ...parts, exitCode: EXIT.good };
}

/** `-t/--topo` and `-n/--name`, as other lab tools have them. */
export interface LabFlags {
  readonly topo?: string;
  readonly name?: string;
}

export interface JsonFlag {
  readonly json?: boolean;
}

export function topoOption(): Option {
  return new Option('-t, --topo <lab>', 'the lab, instead of the argument LAB');
}

export function nameOption(): Option {
  return new Option('-n, --name <name>', 'the lab of that name');
}

export function jsonOption(): Option {
  return new Option('--json', 'write JSON');
}

/** @param lab The argument LAB; it goes before `--topo`. */
export function labChoice(lab: string | undefined, flags: LabFlags): LabChoice {
  return { lab: lab ?? flags.topo, name: flags.name };
}

/** @throws CliError when no lab, or more than one, is meant. */
export function placeOf(context: CliContext, choice: LabChoice): Promise<LabPlace> {
  return findLab(choice, context.currentFolder, context.folders);
}

/** @throws CliError when no lab, or more than one, is meant. */
export async function clientOf(context: CliContext, choice: LabChoice): Promise<ControlClient> {
  return new ControlClient(await placeOf(context, choice));
}

/** Reads the argument of a flag. @throws InvalidArgumentError, which commander shows with the flag. */
export function positiveNumber(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('wanted a number above 0');
  return value;
}
