/** `vpclab validate` and `vpclab plan`: what is wrong with a lab file, and what `up` would make of it. */
import type { Command } from 'commander';
import { labPlace } from '../../engine/lab-place.ts';
import { LabFileError } from '../../scenario/file/problems.ts';
import type { Lab } from '../../scenario/lab.ts';
import type { PlannedAction } from '../../scenario/plan/planned-action.ts';
import { type CliContext, type JsonFlag, jsonOption, topoOption } from '../context.ts';
import { ControlClient, statusIfRunning } from '../control-client.ts';
import { EXIT } from '../exit-codes.ts';
import { planChanges } from '../lab-changes.ts';
import { parseLab } from '../lab-loading.ts';
import { readLabSource } from '../lab-reading.ts';
import { planEntries, planLines } from '../plan-lines.ts';

interface FileFlags extends JsonFlag {
  readonly topo?: string;
}

export function addValidate(program: Command, context: CliContext): void {
  program
    .command('validate')
    .description('check a lab file; all that is wrong is told at once')
    .argument('[lab]', 'a folder, a lab file or - for standard input')
    .addOption(topoOption())
    .addOption(jsonOption())
    .action(async (argument: string | undefined, flags: FileFlags) => {
      const source = await readLabSource(argument ?? flags.topo, context.currentFolder);
      try {
        showGood(context, parseLab(source), source.shown, flags);
      } catch (error) {
        if (flags.json !== true || !(error instanceof LabFileError)) throw error;
        context.output.json({ file: source.shown, ok: false, problems: error.problems });
        context.exitCode = EXIT.usage;
      }
    });
  program
    .command('plan')
    .description('show the EC2 actions that up would do, as commands of the AWS CLI with reasons')
    .argument('[lab]', 'a folder, a lab file or - for standard input')
    .addOption(topoOption())
    .addOption(jsonOption())
    .action(async (argument: string | undefined, flags: FileFlags) => {
      const source = await readLabSource(argument ?? flags.topo, context.currentFolder);
      const lab = parseLab(source);
      const place = labPlace(lab.name, context.folders);
      const running = (await statusIfRunning(place)) !== null;
      const plan = running ? await new ControlClient(place).plan(source) : planChanges(lab, null);
      showPlan(context, lab, plan, flags);
    });
}

function showGood(context: CliContext, lab: Lab, file: string, flags: JsonFlag): void {
  const counts = { instances: lab.instances.size, steps: lab.steps.length };
  if (flags.json === true) {
    context.output.json({ file, ok: true, lab: lab.name, ...counts });
  } else {
    const { instances, steps } = counts;
    context.output.line(
      `${file}: lab "${lab.name}" is good: ${instances} instances, ${steps} steps`,
    );
  }
}

function showPlan(
  context: CliContext,
  lab: Lab,
  actions: readonly PlannedAction[],
  flags: JsonFlag,
): void {
  if (flags.json === true) {
    context.output.json(planEntries(actions, lab.home));
    return;
  }
  if (actions.length === 0) {
    context.output.line(`Nothing to change: lab "${lab.name}" is as its file says`);
    return;
  }
  for (const line of planLines(actions, lab.home, context.output)) context.output.line(line);
}
