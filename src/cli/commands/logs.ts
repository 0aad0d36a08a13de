/** `vpclab logs`: what the start-up and the daemons of an instance wrote. */
import fs from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import {
  type CliContext,
  type JsonFlag,
  jsonOption,
  type LabFlags,
  labChoice,
  nameOption,
  placeOf,
  topoOption,
} from '../context.ts';
import { CliError, EXIT } from '../exit-codes.ts';
import { tailFiles } from '../tail.ts';

interface LogsFlags extends LabFlags, JsonFlag {
  readonly follow?: boolean;
}

export function addLogs(program: Command, context: CliContext): void {
  program
    .command('logs')
    .description('show what the start-up and the daemons of an instance wrote')
    .argument('<instance>', 'an instance')
    .option('-f, --follow', 'go on as more is written')
    .addOption(topoOption())
    .addOption(nameOption())
    .addOption(jsonOption())
    .action(async (instance: string, flags: LogsFlags) => {
      const place = await placeOf(context, labChoice(undefined, flags));
      // Read from the files: the logs of a lab whose controller died are wanted most.
      const folder = path.join(place.logs, instance);
      if (!fs.existsSync(folder)) {
        throw new CliError(
          EXIT.notFound,
          `Cannot show the logs of "${instance}": lab "${place.name}" has no such instance`,
        );
      }
      await showLogs(context, folder, flags);
    });
}

async function showLogs(context: CliContext, folder: string, flags: LogsFlags): Promise<void> {
  const { output } = context;
  await tailFiles({
    files: () => logFiles(folder),
    show: (file, line) => {
      const log = path.basename(file, '.log');
      if (flags.json === true) output.json({ log, line });
      else output.line(`${output.paint('dim', `${log} |`)} ${line}`);
    },
    // The folder goes when the lab does.
    goesOn: () => flags.follow === true && fs.existsSync(folder),
  });
}

function logFiles(folder: string): string[] {
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder)
    .filter((name) => name.endsWith('.log'))
    .toSorted()
    .map((name) => path.join(folder, name));
}
