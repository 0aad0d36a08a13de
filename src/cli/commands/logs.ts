/** `vpclab logs`: what the start-up and the daemons of an instance wrote. */
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
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

interface LogsFlags extends LabFlags, JsonFlag {
  readonly follow?: boolean;
}

/** A file of which the first bytes were shown. */
interface ShownLog {
  readonly file: string;
  readonly label: string;
  position: number;
  /** The start of a line whose end was not written yet. */
  rest: string;
}

const FOLLOW_EVERY_MS = 200;

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
  const shown = new Map<string, ShownLog>();
  const show = (log: string, line: string) => {
    if (flags.json === true) output.json({ log, line });
    else output.line(`${output.paint('dim', `${log} |`)} ${line}`);
  };
  const showNew = () => {
    for (const file of logFiles(folder)) {
      const log = shown.get(file) ?? newLog(file);
      shown.set(file, log);
      for (const line of newLines(log)) show(log.label, line);
    }
  };
  showNew();
  // The folder goes when the lab does.
  while (flags.follow === true && fs.existsSync(folder)) {
    await delay(FOLLOW_EVERY_MS);
    showNew();
  }
  for (const { label, rest } of shown.values()) if (rest !== '') show(label, rest);
}

function newLog(file: string): ShownLog {
  return { file, label: path.basename(file, '.log'), position: 0, rest: '' };
}

function logFiles(folder: string): string[] {
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder)
    .filter((name) => name.endsWith('.log'))
    .toSorted()
    .map((name) => path.join(folder, name));
}

/** @returns the whole lines that were written since the last call. */
function newLines(log: ShownLog): string[] {
  const size = fs.statSync(log.file).size;
  // A daemon that starts again may begin its file anew.
  if (size < log.position) log.position = 0;
  const bytes = Buffer.alloc(size - log.position);
  const descriptor = fs.openSync(log.file, 'r');
  try {
    log.position += fs.readSync(descriptor, bytes, 0, bytes.length, log.position);
  } finally {
    fs.closeSync(descriptor);
  }
  const lines = (log.rest + bytes.toString('utf8')).split('\n');
  log.rest = lines.pop() ?? '';
  return lines;
}
