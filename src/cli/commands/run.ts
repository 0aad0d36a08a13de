/** `vpclab run`: brings a lab up, plays its steps, reports, and takes it down. */
import type { Command } from 'commander';
import { labPlace } from '../../engine/lab-place.ts';
import type { Lab } from '../../scenario/lab.ts';
import { type CliContext, type JsonFlag, jsonOption, topoOption } from '../context.ts';
import { statusIfRunning } from '../control-client.ts';
import { CliError, EXIT } from '../exit-codes.ts';
import { requireHost } from '../host-checks.ts';
import { type StartedLab, startLab } from '../lab-controller.ts';
import { parseLab } from '../lab-loading.ts';
import { readLabSource } from '../lab-reading.ts';
import { playLab } from '../playing.ts';
import { RunReport } from '../run-report.ts';
import { tellOfUplink } from '../uplink-words.ts';

interface RunFlags extends JsonFlag {
  readonly topo?: string;
  readonly junit?: string;
  readonly keep?: boolean;
}

export function addRun(program: Command, context: CliContext): void {
  program
    .command('run')
    .description('bring a lab up, play its steps, report, take it down')
    .argument('[lab]', 'a folder, a lab file or - for standard input')
    .option('--junit <file>', 'write the report as JUnit XML as well')
    .option('--keep', 'leave the lab up after the steps, until Ctrl-C or vpclab down')
    .addOption(topoOption())
    .addOption(jsonOption())
    .action(async (argument: string | undefined, flags: RunFlags) => {
      const source = await readLabSource(argument ?? flags.topo, context.currentFolder);
      const lab = parseLab(source);
      requireHost();
      context.exitCode = await runLab(context, lab, source.file, flags);
    });
}

async function runLab(
  context: CliContext,
  lab: Lab,
  labPath: string,
  flags: RunFlags,
): Promise<number> {
  const interrupt = watchInterrupts(context);
  try {
    const started = await start(context, lab, labPath, interrupt.signal);
    tellOfUplink(context.output, started.runtime.status());
    const report = new RunReport(context.output, {
      lab: lab.name,
      json: flags.json === true,
      junit: flags.junit ?? null,
    });
    try {
      await playLab(lab, started.runtime, {
        signal: interrupt.signal,
        onStep: (step) => report.add(step),
      });
      if (flags.keep === true && !interrupt.signal.aborted) {
        await keep(context, lab, started, interrupt.signal);
      }
    } finally {
      await context.output.progress(`taking ${lab.name} down`, () => started.close());
    }
    report.finish(lab.steps);
    if (interrupt.signal.aborted && flags.keep !== true) return EXIT.interrupted;
    return report.allGood ? EXIT.good : EXIT.checkFailed;
  } finally {
    interrupt.end();
  }
}

/** @throws CliError usage when the lab is up already. */
async function start(
  context: CliContext,
  lab: Lab,
  labPath: string,
  signal: AbortSignal,
): Promise<StartedLab> {
  const place = labPlace(lab.name, context.folders);
  if ((await statusIfRunning(place)) !== null) {
    throw new CliError(
      EXIT.usage,
      `Cannot run lab "${lab.name}": it is up already, wanted vpclab down first`,
    );
  }
  const { folders } = context;
  return context.output.progress(`bringing ${lab.name} up`, (show) =>
    startLab(lab, { place, folders, labPath, signal, onProgress: show }),
  );
}

async function keep(
  context: CliContext,
  lab: Lab,
  started: StartedLab,
  signal: AbortSignal,
): Promise<void> {
  context.output.note(`${lab.name} stays up; Ctrl-C or vpclab down -n ${lab.name} takes it down`);
  const interrupted = new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  await Promise.race([started.closed, interrupted]);
}

/** Ctrl-C ends the play, never the clean-up: every further one is only told that it goes on. */
function watchInterrupts(context: CliContext): { signal: AbortSignal; end: () => void } {
  const controller = new AbortController();
  const onSignal = () => {
    context.output.note(
      controller.signal.aborted ? 'Still taking the lab down' : 'Interrupted, taking the lab down',
    );
    controller.abort();
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const name of signals) process.on(name, onSignal);
  return {
    signal: controller.signal,
    end: () => {
      for (const name of signals) process.off(name, onSignal);
    },
  };
}
