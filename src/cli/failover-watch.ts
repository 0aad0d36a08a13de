/** The watching of `vpclab watch-failover`: shows each outage as it ends, and the sum of each flow. */
import { setTimeout as delay } from 'node:timers/promises';
import type { FlowState, Outage, ProbeFlow } from '../engine/control-api.ts';
import { Prober } from '../engine/probing/prober.ts';
import { formatEnd, type OutageReport, reportOutage } from '../scenario/play/outage-report.ts';
import type { ControlClient } from './control-client.ts';
import { describeOutage, milliseconds, timeOfDay } from './outage-words.ts';
import type { Output } from './output.ts';

/** A flow and the network namespace that it begins in. */
export type WatchedFlow = ProbeFlow & { readonly netns: string };

export interface WatchOptions {
  readonly json: boolean;
  /** Ends the watching. */
  readonly signal: AbortSignal;
  /** null: until the signal. */
  readonly forMs: number | null;
}

/** A timer that is longer fires at once. */
const LONGEST_TIMER_MS = 0x7fffffff;

/** @returns true when every flow is answered at the end. */
export async function watchFailover(
  output: Output,
  client: ControlClient,
  flows: readonly WatchedFlow[],
  options: WatchOptions,
): Promise<boolean> {
  const watch = new FailoverWatch(output, client, flows, options.json);
  const first = (await client.changes(0)).at(-1)?.number ?? 0;
  const prober = new Prober(flows, (flow, outage) => watch.add(flow, outage, first));
  try {
    await prober.begun;
    await wait(options);
  } finally {
    await prober.stop();
  }
  await watch.written;
  return watch.finish(prober.states);
}

async function wait({ forMs, signal }: WatchOptions): Promise<void> {
  try {
    await delay(Math.min(forMs ?? LONGEST_TIMER_MS, LONGEST_TIMER_MS), undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

class FailoverWatch {
  readonly #output: Output;
  readonly #client: ControlClient;
  readonly #flows: readonly WatchedFlow[];
  readonly #json: boolean;
  readonly #reports: OutageReport[][];
  /** Settles when all outages so far are shown. */
  written: Promise<void> = Promise.resolve();

  constructor(output: Output, client: ControlClient, flows: readonly WatchedFlow[], json: boolean) {
    this.#output = output;
    this.#client = client;
    this.#flows = flows;
    this.#json = json;
    this.#reports = flows.map(() => []);
  }

  /** @param since The number of the last change that there was before. */
  add(index: number, outage: Outage, since: number): void {
    this.written = this.written.then(async () => {
      const flow = this.#flows[index] as WatchedFlow;
      const changes = await this.#client.changes(since);
      const report = reportOutage(flow, outage, changes);
      this.#reports[index]?.push(report);
      if (this.#json) this.#output.json({ type: 'outage', ...report });
      else this.#output.line(`${this.#label(flow)}: ${describeOutage(report)}`);
    });
    // Whoever waits for `written` sees the failure.
    this.written.catch(() => undefined);
  }

  /** @returns true when no outage lasts. */
  finish(states: readonly FlowState[]): boolean {
    const sums = states.map((state, index) => this.#sum(state, index));
    if (this.#json) this.#output.json({ type: 'summary', flows: sums });
    else for (const [index, sum] of sums.entries()) this.#showSum(index, sum);
    return sums.every(({ outSince }) => outSince === null);
  }

  #sum({ sent, answered, outSinceMs, error }: FlowState, index: number): FlowSum {
    const flow = this.#flows[index] as WatchedFlow;
    const reports = this.#reports[index] ?? [];
    return {
      from: flow.instance,
      to: formatEnd(flow),
      protocol: flow.protocol,
      sent,
      answered,
      outages: reports.length,
      longestMs: Math.max(0, ...reports.map(({ outageMs }) => outageMs)),
      outSince: outSinceMs === null ? null : new Date(outSinceMs).toISOString(),
      error,
    };
  }

  #showSum(index: number, sum: FlowSum): void {
    const { sent, answered, outages, longestMs, outSince, error } = sum;
    const longest = outages === 0 ? '' : `, the longest ${milliseconds(longestMs)}`;
    const why = error === null ? '' : ` (${error})`;
    const lasts = outSince === null ? '' : `; no answer since ${timeOfDay(outSince)}${why}`;
    const count = `${outages} ${outages === 1 ? 'outage' : 'outages'}`;
    this.#output.line(
      `${this.#label(this.#flows[index] as WatchedFlow)}: ${sent} probes, ${answered} answered, ${count}${longest}${lasts}`,
    );
  }

  #label(flow: WatchedFlow): string {
    return `${flow.instance} -> ${formatEnd(flow)} ${flow.protocol}`;
  }
}

/** What the last line of `--json` holds for each flow. */
interface FlowSum {
  readonly from: string;
  readonly to: string;
  readonly protocol: string;
  readonly sent: number;
  readonly answered: number;
  readonly outages: number;
  readonly longestMs: number;
  /** ISO 8601; null: no outage lasts. */
  readonly outSince: string | null;
  /** Why the kernel did not send the last probe; null: it did. */
  readonly error: string | null;
}
