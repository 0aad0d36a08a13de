/** `vpclab capture`: frames of a running lab as pcap or pcapng, to a file or a pipe. */
import { once } from 'node:events';
import fs from 'node:fs';
import type { IncomingMessage } from 'node:http';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { type Command, Option } from 'commander';
import { type CaptureFormat, CaptureRecords } from '../capture-records.ts';
import {
  type CliContext,
  clientOf,
  type LabFlags,
  labChoice,
  nameOption,
  positiveNumber,
  topoOption,
} from '../context.ts';
import { CliError, EXIT } from '../exit-codes.ts';

interface CaptureFlags extends LabFlags {
  readonly write?: string;
  readonly format: CaptureFormat;
  readonly count?: number;
  readonly seconds?: number;
  readonly segment?: boolean;
}

export function addCapture(program: Command, context: CliContext): void {
  program
    .command('capture')
    .description('capture frames, each with its verdict')
    .argument('[interfaces...]', 'instances, or single interfaces such as r1.eth0; default: all')
    .option('-w, --write <file>', 'the file, or - for standard output')
    .addOption(
      new Option('--format <format>', 'the file format')
        .choices(['pcap', 'pcapng'])
        .default('pcapng'),
    )
    .option('-c, --count <frames>', 'end after so many frames', positiveNumber)
    .option('--seconds <seconds>', 'end after this time', positiveNumber)
    .option('--segment', 'write super-frames as the segments that a network card would send')
    .addOption(topoOption())
    .addOption(nameOption())
    .addHelpText('after', '\nLive in Wireshark: vpclab capture r1 -w - | wireshark -k -i -')
    .action(async (interfaces: readonly string[], flags: CaptureFlags) => {
      await capture(context, interfaces, flags);
    });
}

async function capture(
  context: CliContext,
  interfaces: readonly string[],
  flags: CaptureFlags,
): Promise<void> {
  const { output } = context;
  const target = flags.write ?? '-';
  if (target === '-' && output.isTerminal) {
    throw new CliError(
      EXIT.usage,
      'Cannot write a capture to "-": it is a terminal, wanted -w FILE or a pipe',
    );
  }
  const query = new URLSearchParams({ format: flags.format });
  for (const name of interfaces) query.append('interface', name);
  if (flags.count !== undefined) query.set('count', String(flags.count));
  if (flags.seconds !== undefined) query.set('seconds', String(flags.seconds));
  if (flags.segment === true) query.set('segment', '1');
  const client = await clientOf(context, labChoice(undefined, flags));
  const frames = await client.capture(query);
  await saveFrames(
    frames,
    target === '-' ? output.stdout : fs.createWriteStream(target),
    flags.format,
  );
}

/** Ctrl-C is how a capture is ended: what came so far is kept, up to the last whole frame. */
async function saveFrames(
  frames: IncomingMessage,
  sink: Writable,
  format: CaptureFormat,
): Promise<void> {
  const records = new CaptureRecords(format);
  let ended = false;
  const end = () => {
    ended = true;
    frames.destroy();
  };
  process.once('SIGINT', end);
  // The reader of a pipe may go first, as Wireshark does.
  sink.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') end();
    else frames.destroy(error);
  });
  try {
    for await (const chunk of frames as AsyncIterable<Buffer>) {
      if (!sink.write(records.push(chunk))) await once(sink, 'drain');
    }
  } catch (error) {
    if (!ended) throw error;
  } finally {
    process.off('SIGINT', end);
  }
  if (sink instanceof fs.WriteStream) {
    sink.end();
    await finished(sink);
  }
}
