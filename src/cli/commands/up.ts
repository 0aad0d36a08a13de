/** `vpclab up`: starts the controller of a lab and waits until the lab is up. */
import { type Command, InvalidArgumentError } from 'commander';
import { type LabPlace, labPlace } from '../../engine/lab-place.ts';
import { type CliContext, type JsonFlag, jsonOption, topoOption } from '../context.ts';
import { statusIfRunning } from '../control-client.ts';
import { startController } from '../controller-start.ts';
import { CliError, EXIT } from '../exit-codes.ts';
import { requireHost } from '../host-checks.ts';
import { takeDown } from '../lab-ending.ts';
import { type LabSource, parseLab, readLabSource } from '../lab-loading.ts';

interface UpFlags extends JsonFlag {
  readonly topo?: string;
  readonly timeout: number;
  readonly reconfigure?: boolean;
}

const DEFAULT_TIMEOUT_S = 120;

export function addUp(program: Command, context: CliContext): void {
  program
    .command('up')
    .alias('deploy')
    .description('bring a lab up and leave it running')
    .argument('[lab]', 'a folder, a lab file or - for standard input')
    .option('-c, --reconfigure', 'take the lab down first when it is up')
    .option('--timeout <seconds>', 'give up after this time', seconds, DEFAULT_TIMEOUT_S)
    .addOption(topoOption())
    .addOption(jsonOption())
    .action(async (argument: string | undefined, flags: UpFlags) => {
      const source = await readLabSource(argument ?? flags.topo, context.currentFolder);
      const lab = parseLab(source);
      requireHost();
      const place = labPlace(lab.name, context.folders);
      await prepare(place, flags.reconfigure === true);
      await bringUp(context, place, source, flags);
    });
}

/** @throws CliError usage when the lab is up already. */
async function prepare(place: LabPlace, reconfigure: boolean): Promise<void> {
  if ((await statusIfRunning(place)) === null) return;
  if (!reconfigure) {
    throw new CliError(
      EXIT.usage,
      `Cannot bring lab "${place.name}" up: it is up already, wanted --reconfigure or vpclab down`,
    );
  }
  await takeDown(place);
}

async function bringUp(
  context: CliContext,
  place: LabPlace,
  source: LabSource,
  flags: UpFlags,
): Promise<void> {
  const { output } = context;
  const startMs = performance.now();
  await output.progress(`bringing ${place.name} up`, (show) =>
    startController(context, place, source, { timeoutS: flags.timeout, onProgress: show }),
  );
  const ms = Math.round(performance.now() - startMs);
  const status = await statusIfRunning(place);
  const count = status?.instances.length ?? 0;
  if (flags.json === true) {
    output.json({ type: 'up', lab: place.name, pid: status?.pid ?? null, instances: count, ms });
  } else {
    output.note(`${place.name} is up: ${count} instances (${ms} ms)`);
  }
}

function seconds(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('wanted a number of seconds above 0');
  return value;
}
