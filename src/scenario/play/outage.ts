/**
 * Measures an outage with the real ping: how long did replies stay away while a step was played?
 *
 * A ping of 100 requests a second writes to a file inside the instance. The step begins when its
 * replies are steady and ends when they are steady again; the largest gap between two replies that
 * follow each other is the outage. ping stamps replies itself (`-D`), so polling adds no error.
 */
import type { RunningCommand } from '../../engine/control-api.ts';
import { formatDuration } from '../file/durations.ts';
import type { LabOutage } from '../lab.ts';
import { expandVariables } from '../names.ts';
import { poll } from '../poll.ts';
import { describeExit, type StepRuntime } from './expectations.ts';

/** Half a second of replies without a gap. */
const STEADY_REPLIES = 50;
const STEADY_GAP_MS = 100;
const STEADY_WITHIN_MS = 15_000;
const EXEC_TIMEOUT_MS = 10_000;

export interface OutageResult {
  /** null: not measured, as replies never were steady. */
  readonly outageMs: number | null;
  /** What is wrong, or null. */
  readonly wrong: string | null;
}

export interface OutageMeasurement {
  /** Waits until replies are steady again and compares the gap with what was wanted. */
  finish(): Promise<OutageResult>;
  /** Ends the ping without a result. */
  abandon(): Promise<void>;
}

interface Reply {
  readonly sequence: number;
  /** Milliseconds since the epoch, with fractions. */
  readonly atMs: number;
}

const REPLY = /^\[(\d+\.\d+)\] \d+ bytes from .*icmp_seq=(\d+) /;

/** @returns the replies in the output of `ping -D`, in the order of arrival. */
export function parseReplies(output: string): Reply[] {
  return output.split('\n').flatMap((line) => {
    const [, seconds, sequence] = REPLY.exec(line) ?? [];
    return seconds === undefined
      ? []
      : [{ sequence: Number(sequence), atMs: Number(seconds) * 1000 }];
  });
}

/** @returns the largest time between two replies that follow each other; 0 with fewer than two. */
export function largestGapMs(replies: readonly Reply[]): number {
  let largest = 0;
  for (const [index, reply] of replies.entries()) {
    const before = replies[index - 1] ?? reply;
    largest = Math.max(largest, reply.atMs - before.atMs);
  }
  return largest;
}

/** Starts the ping and waits for steady replies. @returns the measurement, or what was wrong. */
export async function startOutage(
  outage: LabOutage,
  index: number,
  runtime: StepRuntime,
): Promise<OutageMeasurement | string> {
  const to = expandVariables(outage.to, runtime.names());
  const file = `/tmp/vpclab-outage-${index}.log`;
  // exec: the SIGINT that ends the command must reach ping itself.
  const ping = runtime.lab.start(outage.on, `exec ping -D -n -i 0.01 -W 1 ${to} >${file} 2>&1`);
  const wrong = await waitForSteady(outage, to, file, 0, STEADY_WITHIN_MS, runtime);
  const measurement = new PingMeasurement(outage, to, file, ping, runtime);
  if (wrong === null) return measurement;
  await measurement.abandon();
  return wrong;
}

/** A running ping. Ends with `finish` or `abandon`; both remove its file. */
class PingMeasurement implements OutageMeasurement {
  readonly #outage: LabOutage;
  readonly #to: string;
  readonly #file: string;
  readonly #ping: RunningCommand;
  readonly #runtime: StepRuntime;

  constructor(
    outage: LabOutage,
    to: string,
    file: string,
    ping: RunningCommand,
    runtime: StepRuntime,
  ) {
    this.#outage = outage;
    this.#to = to;
    this.#file = file;
    this.#ping = ping;
    this.#runtime = runtime;
  }

  async finish(): Promise<OutageResult> {
    const { on, withinMs } = this.#outage;
    const { replies: latest } = await readReplies(on, tailOf(this.#file, 1), this.#runtime);
    const last = latest.at(-1);
    const after = last?.sequence ?? 0;
    const wrong = await waitForSteady(
      this.#outage,
      this.#to,
      this.#file,
      after,
      withinMs,
      this.#runtime,
    );
    const replies = await this.#end();
    if (wrong !== null) return { outageMs: null, wrong };
    const outageMs = Math.round(largestGapMs(replies));
    return { outageMs, wrong: this.#compare(outageMs) };
  }

  async abandon(): Promise<void> {
    await this.#end();
  }

  async #end(): Promise<Reply[]> {
    await this.#ping.stop();
    const command = `cat ${this.#file}; rm -f ${this.#file}`;
    return (await readReplies(this.#outage.on, command, this.#runtime)).replies;
  }

  #compare(outageMs: number): string | null {
    const { belowMs, atLeastMs, on } = this.#outage;
    const act = `Cannot confirm the outage from "${on}" to ${this.#to}: found ${outageMs}ms`;
    if (belowMs !== null && outageMs >= belowMs)
      return `${act}, wanted less than ${formatDuration(belowMs)}`;
    if (atLeastMs !== null && outageMs < atLeastMs) {
      return `${act}, wanted at least ${formatDuration(atLeastMs)}`;
    }
    return null;
  }
}

/** @param after Only replies to later requests count. @returns null, or what was found instead. */
async function waitForSteady(
  { on }: LabOutage,
  to: string,
  file: string,
  after: number,
  withinMs: number,
  runtime: StepRuntime,
): Promise<string | null> {
  return poll(runtime.clock, withinMs, async () => {
    const read = await readReplies(on, tailOf(file, STEADY_REPLIES), runtime);
    const replies = read.replies.filter(({ sequence }) => sequence > after);
    if (replies.length >= STEADY_REPLIES && largestGapMs(replies) <= STEADY_GAP_MS) return null;
    const isError = read.lastLine !== '' && parseReplies(read.lastLine).length === 0;
    const none = isError ? `no reply ("${read.lastLine}")` : 'no reply';
    const state = replies.length === 0 ? none : `${replies.length} replies and no steady stream`;
    return `Cannot ping "${to}" from "${on}": found ${state}, wanted steady replies within ${formatDuration(withinMs)}`;
  });
}

/** The file may not be there yet when it is read for the first time. */
function tailOf(file: string, lines: number): string {
  return `tail -n ${lines} ${file} 2>/dev/null || :`;
}

async function readReplies(
  on: string,
  command: string,
  { lab }: StepRuntime,
): Promise<{ replies: Reply[]; lastLine: string }> {
  const result = await lab.exec(on, command, { timeoutMs: EXEC_TIMEOUT_MS });
  if (result.exitCode !== 0) {
    throw new Error(
      `Cannot read the replies on "${on}": found ${describeExit(result)}, wanted exit code 0`,
    );
  }
  const lastLine = result.stdout.trimEnd().split('\n').at(-1) ?? '';
  return { replies: parseReplies(result.stdout), lastLine };
}
