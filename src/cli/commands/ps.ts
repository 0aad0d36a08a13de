/** `vpclab ps`: the instances of a lab, or of all labs, with their state and health. */
import type { Command } from 'commander';
import { knownLabs } from '../../engine/cleaning.ts';
import type { InstanceStatus, LabStatus } from '../../engine/control-api.ts';
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
import { statusIfRunning } from '../control-client.ts';
import type { Output, Style } from '../output.ts';

interface PsFlags extends LabFlags, JsonFlag {
  readonly all?: boolean;
}

const COLOURS: Readonly<Record<string, Style>> = {
  running: 'green',
  ok: 'green',
  impaired: 'red',
  initializing: 'yellow',
  pending: 'yellow',
  stopped: 'dim',
  terminated: 'dim',
};

export function addPs(program: Command, context: CliContext): void {
  program
    .command('ps')
    .alias('inspect')
    .description('show the instances of a lab')
    .argument('[lab]', 'a folder, a lab file or the name of a lab')
    .option('-a, --all', 'show the instances of all labs, and what is recorded only')
    .addOption(topoOption())
    .addOption(nameOption())
    .addOption(jsonOption())
    .action(async (lab: string | undefined, flags: PsFlags) => {
      const statuses =
        flags.all === true
          ? await runningLabs(context)
          : [await (await clientOf(context, labChoice(lab, flags))).status()];
      if (flags.json === true) {
        context.output.json(Object.fromEntries(statuses.map((status) => [status.name, status])));
      } else {
        showInstances(context.output, statuses, flags.all === true);
        if (flags.all === true) showRecordedOnly(context.output, statuses);
      }
    });
}

async function runningLabs(context: CliContext): Promise<LabStatus[]> {
  const statuses = await Promise.all(knownLabs(context.folders).map(statusIfRunning));
  return statuses.filter((status) => status !== null);
}

function showInstances(output: Output, statuses: readonly LabStatus[], all: boolean): void {
  const hasIpv6 = statuses.some(({ instances }) =>
    instances.some((each) => addressCell(each, 6) !== '-'),
  );
  const ipv6Header = hasIpv6 ? ['IPv6'] : [];
  const headers = [
    'Name',
    'Image',
    'State',
    'Health',
    'Zone',
    'IPv4',
    ...ipv6Header,
    'MAC',
    'Daemons',
  ];
  output.table({
    headers: all ? ['Lab', ...headers, 'API', 'Lab path'] : headers,
    rows: statuses.flatMap((status) =>
      status.instances.map((instance) => {
        const cells = instanceCells(output, instance, hasIpv6);
        return all ? [status.name, ...cells, status.apiUrl ?? '-', status.labPath] : cells;
      }),
    ),
  });
  const [only] = statuses;
  if (!all && only?.apiUrl) output.note(`EC2 API: ${only.apiUrl}`);
}

/** What the labs have that no packet passes yet. */
function showRecordedOnly(output: Output, statuses: readonly LabStatus[]): void {
  const rows = statuses.flatMap((status) =>
    status.recordedOnly.map(({ kind, id, name }) => [status.name, kind, id, name ?? '-']),
  );
  if (rows.length === 0) return;
  output.line('');
  output.line('recorded only:');
  output.table({ headers: ['Lab', 'Kind', 'Id', 'Name'], rows });
}

function addressCell({ interfaces }: InstanceStatus, family: 4 | 6): string {
  const cells = interfaces.map(({ addresses }) =>
    addresses.filter((address) => address.includes(':') === (family === 6)).join(','),
  );
  return cells.filter((cell) => cell !== '').join(' ') || '-';
}

function instanceCells(output: Output, instance: InstanceStatus, hasIpv6: boolean): string[] {
  const paint = (word: string) => {
    const colour = COLOURS[word];
    return colour === undefined ? word : output.paint(colour, word);
  };
  return [
    instance.name,
    instance.image,
    paint(instance.state),
    paint(instance.health),
    instance.zone,
    addressCell(instance, 4),
    ...(hasIpv6 ? [addressCell(instance, 6)] : []),
    instance.interfaces.map(({ mac }) => mac).join(' ') || '-',
    instance.daemons.map(({ name, state }) => `${name}:${state}`).join(' ') || '-',
  ];
}
