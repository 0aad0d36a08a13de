/** `vpclab exec` and `vpclab shell`: a command in an instance, on this terminal. */
import fs from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import type { InstanceStatus } from '../../engine/control-api.ts';
import { runAttached } from '../../host/attached.ts';
import { cgroupRoot } from '../../host/cgroup.ts';
import { type CliContext, type LabFlags, nameOption, topoOption } from '../context.ts';
import { CliError, EXIT } from '../exit-codes.ts';
import { findRunningInstance } from '../instance-argument.ts';

/** Joins the control group first, so that the command ends with the instance; `$0` is its folder. */
const JOIN = 'echo $$ >"$0/cgroup.procs" && exec "$@"';

export function addExec(program: Command, context: CliContext): void {
  program
    .command('exec')
    .description('run a command in an instance; its exit code is passed through')
    .argument('<instance>', 'an instance, or LAB/INSTANCE')
    .argument('<command...>', 'the command, after --')
    .addOption(topoOption())
    .addOption(nameOption())
    .passThroughOptions()
    .action(async (instance: string, command: readonly string[], flags: LabFlags) => {
      context.exitCode = await runInside(context, instance, flags, withoutDashes(command));
    });
  program
    .command('shell')
    .alias('connect')
    .description('open a shell in an instance')
    .argument('<instance>', 'an instance, or LAB/INSTANCE')
    .addOption(topoOption())
    .addOption(nameOption())
    .action(async (instance: string, flags: LabFlags) => {
      context.exitCode = await runInside(context, instance, flags, ['bash', '-l']);
    });
}

/** Commander leaves the `--` between an instance and its command in place. */
function withoutDashes(command: readonly string[]): [string, ...string[]] {
  const [first, ...rest] = command[0] === '--' ? command.slice(1) : command;
  if (first !== undefined) return [first, ...rest];
  throw new CliError(
    EXIT.usage,
    'Cannot run a command in an instance: it is missing, wanted one after --',
  );
}

async function runInside(
  context: CliContext,
  argument: string,
  flags: LabFlags,
  command: readonly [string, ...string[]],
): Promise<number> {
  const { instance, pid } = await findRunningInstance(context, argument, flags);
  return runAttached(enterArguments(pid, command), instanceEnvironment(instance, pid, context));
}

function enterArguments(pid: number, command: readonly string[]): [string, ...string[]] {
  const namespaces = ['--mount', '--uts', '--net', '--pid', '--cgroup'];
  const enter = ['nsenter', '--target', String(pid), ...namespaces, '--', ...command];
  return ['sh', '-c', JOIN, cgroupFolder(pid), ...enter];
}

/** @throws CliError notFound when the process has ended meanwhile. */
function cgroupFolder(pid: number): string {
  const line = readProcess(pid, 'cgroup')
    .split('\n')
    .find((candidate) => candidate.startsWith('0::'));
  return path.join(cgroupRoot() ?? '/sys/fs/cgroup', line?.slice('0::'.length) ?? '');
}

/** What the instance's own processes have, with this terminal's type. */
function instanceEnvironment(
  instance: InstanceStatus,
  pid: number,
  context: CliContext,
): Record<string, string> {
  const entries = readProcess(pid, 'environ')
    .split('\0')
    .filter(Boolean)
    .map((entry): [string, string] => {
      const equals = entry.indexOf('=');
      return [entry.slice(0, equals), entry.slice(equals + 1)];
    });
  return {
    ...Object.fromEntries(entries),
    TERM: context.environment['TERM'] ?? 'dumb',
    VPCLAB_INSTANCE: instance.name,
  };
}

function readProcess(pid: number, file: 'cgroup' | 'environ'): string {
  try {
    return fs.readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch (error) {
    throw new CliError(EXIT.notFound, `Cannot enter process ${pid}: ${String(error)}`);
  }
}
