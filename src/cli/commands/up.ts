/**
 * `vpclab up`: starts the controller of a lab and waits until the lab is up; or, when the lab is up
 * already, changes it to what its file says now.
 */
import { type Command, InvalidArgumentError } from 'commander';
import type { LabStatus } from '../../engine/control-api.ts';
import { type LabPlace, labPlace } from '../../engine/lab-place.ts';
import type { Lab } from '../../scenario/lab.ts';
import {
  type CliContext,
  type JsonFlag,
  jsonOption,
  type LabFlags,
  nameOption,
  topoOption,
} from '../context.ts';
import { ControlClient, statusIfRunning } from '../control-client.ts';
import { startController } from '../controller-start.ts';
import { CliError, EXIT } from '../exit-codes.ts';
import { requireHost, timeCheck } from '../host-checks.ts';
import { hasLabFile } from '../lab-argument.ts';
import { takeDown } from '../lab-ending.ts';
import { emptyAccount, labNameOf, readLabSource } from '../lab-reading.ts';
import type { LabSource } from '../lab-source.ts';
import type { Output } from '../output.ts';
import { tellOfUplink } from '../uplink-words.ts';

interface UpFlags extends LabFlags, JsonFlag {
  readonly region?: string;
  readonly records?: boolean;
  readonly timeout: number;
  readonly reconfigure?: boolean;
}

const DEFAULT_TIMEOUT_S = 120;
/** The name of a lab that has no file. */
const DEFAULT_LAB = 'aws';

export function addUp(program: Command, context: CliContext): void {
  program
    .command('up')
    .alias('deploy')
    .description('bring a lab up and leave it running')
    .argument('[lab]', 'a folder, a lab file or - for standard input')
    .option('-d, --detach', 'return when the lab is up, which is always so')
    .option(
      '--records',
      'only what the API knows: no instance runs, no packet passes, no root needed',
    )
    .option('--region <region>', 'without a lab file: the region that the account is at home in')
    .option('-c, --reconfigure', 'when the lab is up, take it down first instead of changing it')
    .option('--timeout <seconds>', 'give up after this time', seconds, DEFAULT_TIMEOUT_S)
    .addOption(topoOption())
    .addOption(nameOption())
    .addOption(jsonOption())
    .action(async (argument: string | undefined, flags: UpFlags) => {
      const source = await readUpSource(context, argument ?? flags.topo, flags);
      if (flags.records !== true) requireHost();
      // The controller reads the whole file; here it would only hold up its start.
      const name = labNameOf(source) ?? (await loadLab(source)).name;
      const place = labPlace(name, context.folders);
      const status = await statusIfRunning(place);
      if (flags.reconfigure === true) {
        // A file that is wrong must not cost what is up, nor what a dead controller has left.
        await loadLab(source);
        await takeDown(place);
      } else if (status !== null) {
        await change(context, await loadLab(source), source, status, flags);
        return;
      }
      await bringUp(context, place, source, flags);
    });
}

/** @throws LabFileError with all problems. */
async function loadLab(source: LabSource): Promise<Lab> {
  const { parseLab } = await import('../lab-loading.ts');
  return parseLab(source);
}

/** Without a lab file there is an account as AWS gives it, under the name that the flags say. */
async function readUpSource(
  context: CliContext,
  argument: string | undefined,
  { name, region }: UpFlags,
): Promise<LabSource> {
  const { currentFolder } = context;
  const flag = Object.entries({ name, region }).find(([, value]) => value !== undefined)?.[0];
  if (argument === undefined) {
    const isOwn = flag === undefined && hasLabFile(currentFolder);
    if (isOwn) return readLabSource(argument, currentFolder);
    return emptyAccount({ name: name ?? DEFAULT_LAB, region }, currentFolder);
  }
  if (flag === undefined) return readLabSource(argument, currentFolder);
  throw new CliError(
    EXIT.usage,
    `Cannot take --${flag} with lab "${argument}": its file says it, wanted no lab file or no --${flag}`,
  );
}

/** @throws CliError usage when the file says what cannot be changed while the lab runs. */
async function change(
  context: CliContext,
  lab: Lab,
  source: LabSource,
  status: LabStatus,
  flags: UpFlags,
): Promise<void> {
  if (status.isRecords !== (flags.records ?? false)) {
    const mode = status.isRecords ? 'with' : 'without';
    throw new CliError(
      EXIT.usage,
      `Cannot change lab "${lab.name}": it is up ${mode} --records, wanted --reconfigure`,
    );
  }
  const wanted = { region: lab.home.region, rules: lab.rules };
  for (const setting of ['region', 'rules'] as const) {
    if (wanted[setting] === status[setting]) continue;
    throw new CliError(
      EXIT.usage,
      `Cannot change ${setting} of lab "${lab.name}": it is up with ${status[setting]}, wanted --reconfigure`,
    );
  }
  if (lab.hasUplink !== (status.uplink !== null)) {
    const mode = lab.hasUplink ? 'without' : 'with';
    throw new CliError(
      EXIT.usage,
      `Cannot change the uplink of lab "${lab.name}": it is up ${mode} one, wanted --reconfigure`,
    );
  }
  const { output } = context;
  const client = new ControlClient(labPlace(lab.name, context.folders));
  const done = await output.progress(`changing ${lab.name}`, () => client.apply(source));
  const { planEntries, planLines } = await import('../plan-lines.ts');
  if (flags.json === true) {
    output.json({ type: 'changed', lab: lab.name, actions: planEntries(done, lab.home) });
    return;
  }
  for (const line of planLines(done, lab.home, output)) output.note(line);
  output.note(`${lab.name} is as its file says: ${done.length} actions`);
  warnOfRecordedOnly(output, await client.status());
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
    startController(
      context,
      place,
      { source, isRecords: flags.records ?? false },
      { timeoutS: flags.timeout, onProgress: show },
    ),
  );
  const ms = Math.round(performance.now() - startMs);
  const status = await statusIfRunning(place);
  const count = status?.instances.length ?? 0;
  const api = status?.apiUrl ?? null;
  if (flags.json === true) {
    output.json({
      type: 'up',
      lab: place.name,
      pid: status?.pid ?? null,
      instances: count,
      api,
      ms,
    });
  } else {
    output.note(`${place.name} is up: ${count} instances (${ms} ms)`);
    if (api !== null) output.note(`its EC2 API: ${api}, --region ${status?.region}`);
    if (status !== null) tellOfUplink(output, status);
    warnOfRecordedOnly(output, status);
    if (flags.records !== true) warnOfNoTime(output);
  }
}

function warnOfNoTime(output: Output): void {
  const { ok, found, mend } = timeCheck();
  if (!ok) output.note(`instances are not told the time: ${found} on this host, ${mend}`);
}

function warnOfRecordedOnly(output: Output, status: LabStatus | null): void {
  const count = status?.recordedOnly.length ?? 0;
  if (count === 0) return;
  output.note(
    `${count} gateways and addresses are recorded only, no packet passes: see vpclab ps -a`,
  );
}

function seconds(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('wanted a number of seconds above 0');
  return value;
}
