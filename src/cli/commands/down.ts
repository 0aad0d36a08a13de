/** `vpclab down` and `vpclab wipe`: labs go, and the host is as before. */
import type { Command } from 'commander';
import { knownLabs } from '../../engine/cleaning.ts';
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
import { takeDown } from '../lab-ending.ts';

interface DownFlags extends LabFlags, JsonFlag {
  readonly all?: boolean;
}

export function addDown(program: Command, context: CliContext): void {
  program
    .command('down')
    .alias('destroy')
    .description('take a lab down and remove all that it made')
    .argument('[lab]', 'a folder, a lab file or the name of a lab')
    .option('-a, --all', 'take all labs down')
    .addOption(topoOption())
    .addOption(nameOption())
    .addOption(jsonOption())
    .action(async (lab: string | undefined, flags: DownFlags) => {
      const places =
        flags.all === true
          ? knownLabs(context.folders)
          : [await placeOf(context, labChoice(lab, flags))];
      await takeAllDown(context, places, flags);
    });
  program
    .command('wipe')
    .description('remove everything of vpclab on this host, except the program itself')
    .addOption(jsonOption())
    .action((flags: JsonFlag) => takeAllDown(context, knownLabs(context.folders), flags));
}

/** One after the other: each is bound by the kernel's work, not by waiting. */
async function takeAllDown(
  context: CliContext,
  places: readonly LabPlace[],
  flags: JsonFlag,
): Promise<void> {
  const { output } = context;
  for (const place of places) {
    const startMs = performance.now();
    await output.progress(`taking ${place.name} down`, () => takeDown(place));
    const ms = Math.round(performance.now() - startMs);
    if (flags.json === true) output.json({ type: 'down', lab: place.name, ms });
    else output.note(`${place.name} is down (${ms} ms)`);
  }
}
