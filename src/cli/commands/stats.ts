/** `vpclab stats`: the ledger of every port, the flow table and the connections; once, or as rates. */
import type { Command } from 'commander';
import type { PortStats, StatsReport } from '../../engine/control-api.ts';
import {
  type CliContext,
  clientOf,
  type JsonFlag,
  jsonOption,
  type LabFlags,
  labChoice,
  nameOption,
  positiveNumber,
  topoOption,
} from '../context.ts';
import type { Output } from '../output.ts';
import { watchStats } from '../stats-watch.ts';

interface StatsFlags extends LabFlags, JsonFlag {
  readonly watch?: boolean;
  /** Seconds. */
  readonly interval: number;
}

export function addStats(program: Command, context: CliContext): void {
  program
    .command('stats')
    .description('show what became of the frames of each interface')
    .argument('[lab]', 'a folder, a lab file or the name of a lab')
    .option('--watch', 'show rates, until Ctrl-C')
    .option('--interval <seconds>', 'between two looks of --watch', positiveNumber, 1)
    .addOption(topoOption())
    .addOption(nameOption())
    .addOption(jsonOption())
    .action(async (lab: string | undefined, flags: StatsFlags) => {
      const client = await clientOf(context, labChoice(lab, flags));
      const json = flags.json === true;
      if (flags.watch === true) {
        await watchStats(context.output, client, { intervalMs: flags.interval * 1000, json });
      } else {
        const report = await client.stats();
        if (json) context.output.json(report);
        else showReport(context.output, report);
      }
    });
}

function showReport(output: Output, report: StatsReport): void {
  output.table({
    headers: [
      'Interface',
      'Received',
      'Forwarded',
      'Answered',
      'Punted',
      'Dropped',
      'Sent',
      'Drop reasons',
    ],
    rows: report.ports.map(portCells),
  });
  if (!output.isTerminal) return;
  const { entries, hits, misses, evictions } = report.flows;
  const { connections, connectionEvictions, connectionRefusals } = report.flows;
  output.note(
    `generation ${report.generation}; flows: ${entries} entries, ${hits} hits, ${misses} misses, ${evictions} evictions`,
  );
  output.note(
    `connections: ${connections} tracked, ${connectionEvictions} evictions, ${connectionRefusals} refusals`,
  );
}

function portCells(port: PortStats): string[] {
  const drops = Object.entries(port.drops).toSorted(([, a], [, b]) => b - a);
  const dropped = drops.reduce((sum, [, frames]) => sum + frames, 0);
  return [
    `${port.instance}.${port.device}`,
    String(port.received.frames),
    String(port.forwarded),
    String(port.answered),
    String(port.punted),
    String(dropped),
    String(port.sent.frames),
    drops.map(([reason, frames]) => `${reason}=${frames}`).join(' ') || '-',
  ];
}
