/** `vpclab flow-logs`: the records of the flow logs of a lab, as they were written. */
import fs from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import type { LabPlace } from '../../engine/lab-place.ts';
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
import { ControlClient } from '../control-client.ts';
import { CliError, EXIT } from '../exit-codes.ts';
import { tailFiles } from '../tail.ts';

interface FlowLogsFlags extends LabFlags, JsonFlag {
  readonly follow?: boolean;
}

export function addFlowLogs(program: Command, context: CliContext): void {
  program
    .command('flow-logs')
    .description('show the records of flow logs')
    .argument('[interface]', 'an instance, an interface such as r1.eth0, or an id; default: all')
    .option('-f, --follow', 'go on as more is written, to the last record of a lab that goes down')
    .addOption(topoOption())
    .addOption(nameOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nOf one interface it shows the streams of log groups, not the objects of buckets.',
    )
    .action(async (chosen: string | undefined, flags: FlowLogsFlags) => {
      const place = await placeOf(context, labChoice(undefined, flags));
      if (flags.follow !== true && !fs.existsSync(place.flowLogs)) {
        throw new CliError(
          EXIT.notFound,
          `Cannot show flow logs: lab "${place.name}" has none, wanted "flowLogs" in its file or CreateFlowLogs`,
        );
      }
      const enis = chosen === undefined ? null : await enisOf(place, chosen);
      const { output } = context;
      await tailFiles({
        files: () => streams(place.flowLogs, enis),
        show: (file, line) => {
          const log = path.relative(place.flowLogs, file);
          if (flags.json === true) output.json({ log, line });
          else output.line(line);
        },
        // The folder goes when the lab does.
        goesOn: () => flags.follow === true && fs.existsSync(place.state),
      });
    });
}

/** @param enis The interfaces that are wanted; null: all files. */
function streams(folder: string, enis: readonly string[] | null): string[] {
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.log'))
    .filter((name) => enis?.some((id) => path.basename(name).startsWith(`${id}-`)) ?? true)
    .toSorted()
    .map((name) => path.join(folder, name));
}

/** @throws CliError notFound when the lab has no such interface. */
async function enisOf(place: LabPlace, chosen: string): Promise<readonly string[]> {
  // The records of an interface that is gone are still there, and its lab may be dead.
  if (/^eni-[0-9a-f]+$/.test(chosen)) return [chosen];
  const { instances } = await new ControlClient(place).status();
  const found = instances.flatMap(({ name, interfaces }) =>
    interfaces.filter(({ device }) => name === chosen || `${name}.${device}` === chosen),
  );
  if (found.length > 0) return found.map(({ eniId }) => eniId);
  const names = instances.map(({ name }) => name).join(', ');
  throw new CliError(
    EXIT.notFound,
    `Cannot find interface "${chosen}": lab "${place.name}" has ${names || 'no instances'}`,
  );
}
