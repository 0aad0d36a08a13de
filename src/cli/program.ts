/** The commands together, and how their ends become exit codes. */
import { Command, CommanderError } from 'commander';
import { LabFileError } from '../scenario/file/problems.ts';
import { addAws } from './commands/aws.ts';
import { addCapture } from './commands/capture.ts';
import { addCompletion } from './commands/completion.ts';
import { addController } from './commands/controller.ts';
import { addDoctor } from './commands/doctor.ts';
import { addDown } from './commands/down.ts';
import { addExec } from './commands/exec.ts';
import { addExplain } from './commands/explain.ts';
import { addExport } from './commands/export.ts';
import { addFlowLogs } from './commands/flow-logs.ts';
import { addImport } from './commands/import.ts';
import { addLogs } from './commands/logs.ts';
import { addPs } from './commands/ps.ts';
import { addRun } from './commands/run.ts';
import { addStats } from './commands/stats.ts';
import { addUp } from './commands/up.ts';
import { addValidate } from './commands/validate.ts';
import { addWatchFailover } from './commands/watch-failover.ts';
import { type CliContext, newContext } from './context.ts';
import { applyEnvironment, describeEnvironment } from './environment.ts';
import { CliError, EXIT } from './exit-codes.ts';

/** @returns the commands, ready to parse. */
export function newProgram(context: CliContext, version: string): Command {
  const program = new Command('vpclab')
    .description('An AWS VPC on one Linux machine: real network stacks, the rules of AWS')
    .version(version)
    .enablePositionalOptions()
    .showHelpAfterError('(see vpclab --help)')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.output.stdout.write(text),
      writeErr: (text) => context.output.note(text.trimEnd()),
    });
  // In the order of the help.
  const families = [addRun, addUp, addDown, addPs, addExec, addLogs, addValidate, addStats];
  for (const add of [
    ...families,
    addExplain,
    addCapture,
    addFlowLogs,
    addWatchFailover,
    addExport,
    addImport,
    addAws,
    addDoctor,
    addCompletion,
    addController,
  ]) {
    add(program, context);
  }
  for (const command of program.commands) {
    command.copyInheritedSettings(program);
    describeEnvironment(command);
  }
  program.hook('preAction', (_, command) => applyEnvironment(command, context.environment));
  return program;
}

/** Runs one command line. @param argv Without the program. @returns the exit code. */
export async function runCli(
  argv: readonly string[],
  version: string,
  parts: Omit<CliContext, 'exitCode'>,
): Promise<number> {
  const context = newContext(parts);
  try {
    await newProgram(context, version).parseAsync(argv, { from: 'user' });
    return context.exitCode;
  } catch (error) {
    return reportFailure(context, error);
  }
}

function reportFailure(context: CliContext, error: unknown): number {
  const { output } = context;
  if (error instanceof CommanderError) {
    // Commander has written its message; help and version are no failures.
    return error.exitCode === 0 ? EXIT.good : EXIT.usage;
  }
  if (error instanceof LabFileError) {
    output.note(error.message);
    return EXIT.usage;
  }
  if (error instanceof CliError) {
    output.note(error.message);
    if (error.hint !== null) output.note(error.hint);
    return error.exitCode;
  }
  // A defect of vpclab: the stack is what a report of it needs.
  output.note(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return EXIT.checkFailed;
}
