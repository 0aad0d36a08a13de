/** The hidden `vpclab __controller`: the process that holds a lab, from `up` to `down`. */
import type { Command } from 'commander';
import { labPlace } from '../../engine/lab-place.ts';
import type { CliContext } from '../context.ts';
import { ControllerReport, failureCode, takeOrder } from '../controller-protocol.ts';
import { CliError } from '../exit-codes.ts';
import { type StartedLab, startLab } from '../lab-controller.ts';
import { parseLab } from '../lab-loading.ts';
import { CONTROLLER_COMMAND } from '../lab-source.ts';

export function addController(program: Command, context: CliContext): void {
  program
    .command(CONTROLLER_COMMAND, { hidden: true })
    .argument('<order>', 'the file with the lab, as `up` wrote it')
    .action((order: string) => holdLab(context, order));
}

async function holdLab(context: CliContext, orderFile: string): Promise<void> {
  const report = new ControllerReport();
  try {
    const { source, isRecords } = takeOrder(orderFile);
    const lab = parseLab(source);
    const place = labPlace(lab.name, context.folders);
    const started = await startLab(lab, {
      place,
      folders: context.folders,
      labPath: source.file,
      isRecords,
      goesOn: true,
      onProgress: (text) => report.tell({ type: 'progress', text }),
    });
    const ended = Promise.race([started.closed, closeOnSignal(started)]);
    report.tell({ type: 'ready' });
    await ended;
  } catch (error) {
    report.tell({
      type: 'error',
      message: error instanceof Error ? error.message : String(error),
      hint: error instanceof CliError ? error.hint : null,
      exitCode: failureCode(error),
    });
    // The log of the controller keeps the stack.
    throw error;
  }
}

/** @returns a promise that rejects when the lab cannot be taken down; its end settles `closed`. */
function closeOnSignal(started: StartedLab): Promise<never> {
  return new Promise((_, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        started.close().catch(reject);
      });
    }
  });
}
