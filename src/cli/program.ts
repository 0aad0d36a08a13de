/** The commands together, and how their ends become exit codes. */
import { Command, CommanderError } from 'commander';
import { LabFileError } from '../scenario/file/problems.ts';
import { type CliContext, newContext } from './context.ts';
import { applyEnvironment, describeEnvironment } from './environment.ts';
import { CliError, EXIT } from './exit-codes.ts';
import { CONTROLLER_COMMAND } from './lab-source.ts';

/** Commands that stand in one file, by all their names; each program loads only what it needs. */
interface Family {
  readonly names: readonly string[];
  readonly load: () => Promise<(program: Command, context: CliContext) => void>;
}

/** In the order of the help. */
const FAMILIES: readonly Family[] = [
  { names: ['run'], load: async () => (await import('./commands/run.ts')).addRun },
  { names: ['up', 'deploy'], load: async () => (await import('./commands/up.ts')).addUp },
  {
    names: ['down', 'destroy', 'wipe'],
    load: async () => (await import('./commands/down.ts')).addDown,
  },
  { names: ['ps', 'inspect'], load: async () => (await import('./commands/ps.ts')).addPs },
  {
    names: ['exec', 'shell', 'connect'],
    load: async () => (await import('./commands/exec.ts')).addExec,
  },
  { names: ['logs'], load: async () => (await import('./commands/logs.ts')).addLogs },
  {
    names: ['validate', 'plan'],
    load: async () => (await import('./commands/validate.ts')).addValidate,
  },
  { names: ['stats'], load: async () => (await import('./commands/stats.ts')).addStats },
  { names: ['explain'], load: async () => (await import('./commands/explain.ts')).addExplain },
  { names: ['capture'], load: async () => (await import('./commands/capture.ts')).addCapture },
  { names: ['flow-logs'], load: async () => (await import('./commands/flow-logs.ts')).addFlowLogs },
  {
    names: ['watch-failover'],
    load: async () => (await import('./commands/watch-failover.ts')).addWatchFailover,
  },
  { names: ['export'], load: async () => (await import('./commands/export.ts')).addExport },
  { names: ['import'], load: async () => (await import('./commands/import.ts')).addImport },
  { names: ['aws'], load: async () => (await import('./commands/aws.ts')).addAws },
  { names: ['doctor'], load: async () => (await import('./commands/doctor.ts')).addDoctor },
  // It lists all the others, so it is not here by name.
  { names: [], load: async () => (await import('./commands/completion.ts')).addCompletion },
  {
    names: [CONTROLLER_COMMAND],
    load: async () => (await import('./commands/controller.ts')).addController,
  },
];

/** @returns the commands that the words may mean: one family, or all when the first word names none. */
async function newProgram(
  context: CliContext,
  version: string,
  [first = '']: readonly string[],
): Promise<Command> {
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
  const meant = FAMILIES.filter(({ names }) => names.includes(first));
  const families = meant.length > 0 ? meant : FAMILIES;
  for (const add of await Promise.all(families.map(({ load }) => load()))) add(program, context);
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
    const program = await newProgram(context, version, argv);
    await program.parseAsync(argv, { from: 'user' });
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
