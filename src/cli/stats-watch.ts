/** `vpclab stats --watch`: a terminal is redrawn, a pipe gets a block or a JSON object each time. */
import { setTimeout as delay } from 'node:timers/promises';
import type { ControlClient } from './control-client.ts';
import type { Output } from './output.ts';
import {
  ratesBetween,
  ratesTable,
  ratesTitle,
  type Sample,
  type StatsRates,
} from './stats-rates.ts';
import { alignTable } from './tables.ts';

export interface WatchOptions {
  readonly intervalMs: number;
  readonly json: boolean;
}

/** Settles when the user ends it or nobody reads any more. @throws CliError notFound when the lab ends. */
export async function watchStats(
  output: Output,
  client: ControlClient,
  { intervalMs, json }: WatchOptions,
): Promise<void> {
  const ending = new AbortController();
  const end = (): void => ending.abort();
  process.once('SIGINT', end);
  output.stdout.once('error', end);
  try {
    let before = await sample(client);
    while (await hasWaited(intervalMs, ending.signal)) {
      const after = await sample(client);
      const rates = ratesBetween(before, after);
      if (json) output.json(rates);
      else showRates(output, rates);
      before = after;
    }
  } finally {
    process.off('SIGINT', end);
    output.stdout.off('error', end);
  }
}

async function sample(client: ControlClient): Promise<Sample> {
  return { report: await client.stats(), timeMs: Date.now() };
}

/** A longer one would fire at once. */
const LONGEST_TIMER_MS = 0x7fffffff;

/** @returns false when the signal came first. */
async function hasWaited(ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    await delay(Math.min(ms, LONGEST_TIMER_MS), undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  return !signal.aborted;
}

/** The title and the headers, and the line that the cursor stays on. */
const LINES_AROUND = 3;

function showRates(output: Output, rates: StatsRates): void {
  if (!output.isTerminal) {
    output.line(ratesTitle(rates));
    output.table(ratesTable(rates));
    output.line('');
    return;
  }
  const room = Math.max(1, output.rows - LINES_AROUND);
  const table = alignTable(ratesTable(rates, room));
  output.redraw(`${output.paint('bold', ratesTitle(rates))}\n${table}`);
}
