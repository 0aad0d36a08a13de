/** `vpclab watch-failover`: probes from instances, and how long they were not answered. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { PROBE_PROTOCOLS, type ProbeProtocol } from '../../engine/control-api.ts';
import { SystemCallError } from '../../host/ffi.ts';
import { parseDuration } from '../../scenario/file/durations.ts';
import {
  type CliContext,
  type JsonFlag,
  jsonOption,
  type LabFlags,
  nameOption,
  topoOption,
} from '../context.ts';
import { ControlClient } from '../control-client.ts';
import { CliError, EXIT } from '../exit-codes.ts';
import { type WatchedFlow, watchFailover } from '../failover-watch.ts';
import { type ChosenInstance, findRunningInstance } from '../instance-argument.ts';
import { readTarget } from '../probe-target.ts';

interface WatchFailoverFlags extends LabFlags, JsonFlag {
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly protocol: ProbeProtocol;
  /** Milliseconds. */
  readonly for?: number;
}

const NOTES = `
A probe a millisecond, of each --from to each --to. icmp: an echo request. tcp: a SYN; SYN-ACK or RST
answers it. udp: a datagram of 8 bytes; something at the port has to send each back.
An outage lasts from the first probe without an answer to the first that has one again.
Exit code 0: every flow is answered at the end; 1: one is not.`;

export function addWatchFailover(program: Command, context: CliContext): void {
  program
    .command('watch-failover')
    .description('probe at 1 kHz, and tell each outage with the call that ended it')
    .requiredOption('--from <instance...>', 'where the probes begin')
    .requiredOption('--to <address...>', 'where they go; with :port for tcp and udp')
    .addOption(
      new Option('--protocol <protocol>', 'what is sent')
        .choices(PROBE_PROTOCOLS)
        .default('icmp' satisfies ProbeProtocol),
    )
    .option('--for <duration>', 'such as 60s; default: until Ctrl-C', duration)
    .addOption(topoOption())
    .addOption(nameOption())
    .addOption(jsonOption())
    .addHelpText('after', NOTES)
    .action(async (flags: WatchFailoverFlags) => {
      const isGood = await watch(context, flags);
      context.exitCode = isGood ? EXIT.good : EXIT.checkFailed;
    });
}

async function watch(context: CliContext, flags: WatchFailoverFlags): Promise<boolean> {
  const targets = flags.to.map((text) => readTarget(text, flags.protocol));
  const begins: ChosenInstance[] = [];
  for (const name of flags.from) begins.push(await findRunningInstance(context, name, flags));
  const [{ place }] = begins as [ChosenInstance];
  const other = begins.find((begin) => begin.place.name !== place.name);
  if (other !== undefined) {
    throw new CliError(
      EXIT.usage,
      `Cannot watch labs "${place.name}" and "${other.place.name}" at once: wanted instances of one`,
    );
  }
  const flows = begins.flatMap(({ instance: { name, netns } }) =>
    targets.map((target): WatchedFlow => ({ ...target, instance: name, netns })),
  );
  const ending = new AbortController();
  const end = (): void => ending.abort();
  process.once('SIGINT', end);
  context.output.stdout.once('error', end);
  try {
    const options = { json: flags.json === true, forMs: flags.for ?? null, signal: ending.signal };
    return await watchFailover(context.output, new ControlClient(place), flows, options);
  } catch (error) {
    // Such as ENETUNREACH: the instance has no route there.
    if (error instanceof SystemCallError) throw new CliError(EXIT.checkFailed, error.message);
    throw error;
  } finally {
    process.off('SIGINT', end);
    context.output.stdout.off('error', end);
  }
}

/** @throws InvalidArgumentError, which commander shows with the flag. */
function duration(text: string): number {
  const ms = parseDuration(text);
  if (ms === null || ms === 0)
    throw new InvalidArgumentError('wanted one such as 500ms, 10s or 2m');
  return ms;
}
