/** `vpclab stats`: the ledger of every port, and the flow table. */
import type { Command } from 'commander';
import type { PortStats } from '../../engine/control-api.ts';
import {
  type CliContext,
  clientOf,
  type JsonFlag,
  jsonOption,
  type LabFlags,
  labChoice,
  nameOption,
  topoOption,
} from '../context.ts';

export function addStats(program: Command, context: CliContext): void {
  program
    .command('stats')
    .description('show what became of the frames of each interface')
    .argument('[lab]', 'a folder, a lab file or the name of a lab')
    .addOption(topoOption())
    .addOption(nameOption())
    .addOption(jsonOption())
    .action(async (lab: string | undefined, flags: LabFlags & JsonFlag) => {
      const { output } = context;
      const report = await (await clientOf(context, labChoice(lab, flags))).stats();
      if (flags.json === true) {
        output.json(report);
        return;
      }
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
      if (output.isTerminal) {
        const { entries, hits, misses, evictions } = report.flows;
        output.note(
          `generation ${report.generation}; flows: ${entries} entries, ${hits} hits, ${misses} misses, ${evictions} evictions`,
        );
      }
    });
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
